"""SageMaker script-mode handlers around Magika, a file-type classifier whose ONNX model its package ships.

One file in, one JSON object out. A tar archive with `Accept: application/jsonlines` gives one line for each file, as it is done.
"""

import io
import json
import tarfile
from collections.abc import Iterator

from magika import Magika

ARCHIVE = "application/x-tar"
MAX_FILES = 1000


def model_fn(_model_dir: str) -> Magika:
    """Load the classifier; its weights come with the package, so the model directory holds only this script."""
    return Magika()


def input_fn(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Take the file as it is."""
    return bytes(body), content_type


def predict_fn(data: tuple[bytes, str], model: Magika) -> dict[str, object] | Iterator[str]:
    """Classify one file, or, lazily, each file of an archive."""
    body, content_type = data
    if content_type != ARCHIVE:
        return describe(model, body)
    return each(model, body)


def each(model: Magika, body: bytes) -> Iterator[str]:
    """Give one line for each regular file of the archive."""
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        for count, member in enumerate(archive):
            file = archive.extractfile(member)
            if file is not None and count < MAX_FILES:
                yield json.dumps({"file": member.name, **describe(model, file.read())}) + "\n"


def describe(model: Magika, body: bytes) -> dict[str, object]:
    """Give the label, the media type and the model's confidence for a file's bytes."""
    result = model.identify_bytes(body)
    return {"label": result.output.label, "mime": result.output.mime_type, "score": round(float(result.score), 4)}


def output_fn(prediction: dict[str, object] | Iterator[str], _accept: str) -> str | Iterator[str]:
    """Write one answer as JSON; the lines of an archive are passed through."""
    return json.dumps(prediction) if isinstance(prediction, dict) else prediction

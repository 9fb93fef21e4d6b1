"""What the toolkit's contract makes of bodies, queries and results, without a process."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from stoker.modelserver.exchange import Context
from stoker.modelserver.hub.requests import read_request
from stoker.modelserver.hub.results import write_result
from stoker.modelserver.hub.sentences import Sentences
from stoker.modelserver.hub.surface import ToolkitSurface
from stoker.modelserver.hub.tasks import load_task
from stoker.modelserver.protocol import HttpError, Request
from stoker.modelserver.script import LoadError


def asked(body: bytes, content_type: str | None = "application/json", path: str = "/") -> Request:
    request = Request("POST", path, 1, {} if content_type is None else {"content-type": content_type})
    request.body = body
    return request


def picture(form: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGBA", (2, 3), "red").convert("RGB").save(out, format=form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("request_", "task", "expected"),
    [
        pytest.param(asked(b'{"inputs": 1, "more": 2}'), "", {"inputs": 1, "more": 2}, id="the whole body"),
        pytest.param(asked(b'{"inputs": 1}', "application/json; charset=utf-8"), "", {"inputs": 1}, id="type with a charset"),
        pytest.param(asked(b'{"instances": [1]}'), "", {"inputs": [1], "instances": [1]}, id="instances"),
        pytest.param(asked(b' {"inputs": 1}', None), "", {"inputs": 1}, id="no type"),
        pytest.param(
            asked(b'{"inputs": 1}', path="/predict?k=3&flag=true&not=false&word=a%20b"),
            "",
            {"inputs": 1, "parameters": {"k": 3, "flag": True, "not": False, "word": "a b"}},
            id="query",
        ),
        pytest.param(
            asked(b'{"inputs": 1, "parameters": {"k": 1}}', path="/?k=3"),
            "",
            {"inputs": 1, "parameters": {"k": 1}},
            id="body first",
        ),
        pytest.param(asked(b"sound", "audio/flac"), "", {"inputs": b"sound"}, id="sound"),
        pytest.param(asked(b"fLaCsound", None), "", {"inputs": b"fLaCsound"}, id="sniffed sound"),
        pytest.param(asked(b"RIFF1234WAVE", None), "", {"inputs": b"RIFF1234WAVE"}, id="sniffed waves"),
        pytest.param(asked(b"\0\1", None), "automatic-speech-recognition", {"inputs": b"\0\1"}, id="sound by the task"),
        pytest.param(asked(b'{"inputs": "AAE="}'), "audio-classification", {"inputs": b"\0\1"}, id="base64 of sound"),
        pytest.param(asked(b"{any", "application/octet-stream"), "file-type", {"inputs": b"{any"}, id="bytes"),
    ],
)
def test_a_body_is_read_as_the_toolkit_reads_it(request_: Request, task: str, expected: dict[str, object]) -> None:
    assert read_request(request_, task) == expected


@pytest.mark.parametrize(
    "request_", [asked(picture(), "image/png"), asked(picture(), None), asked(picture("JPEG"), "application/octet-stream")]
)
def test_a_picture_comes_as_one(request_: Request) -> None:
    inputs = read_request(request_, "")["inputs"]
    assert isinstance(inputs, Image.Image)
    assert (inputs.mode, inputs.size) == ("RGB", (2, 3))


@pytest.mark.parametrize(
    ("request_", "task", "said"),
    [
        pytest.param(asked(b'{"input": 1}'), "", 'Body needs to provide a inputs key, received: {"input": 1}', id="no inputs"),
        pytest.param(asked(b"[1]"), "", r"Body needs to provide a inputs key, received: \[1\]", id="no object"),
        pytest.param(asked(b"{"), "", "The body is not JSON", id="torn"),
        pytest.param(asked(b"[" * 100_000), "", "The body is not JSON", id="deep"),
        pytest.param(asked(b"hello", "text/plain"), "", 'Content type "text/plain" not supported', id="text"),
        pytest.param(asked(b"hello", None), "", "No content type provided", id="no type"),
        pytest.param(asked(b"hello", "image/png"), "", "The picture cannot be read", id="no picture"),
        pytest.param(asked(b'{"inputs": "/etc/passwd!"}'), "image-classification", "must be base64", id="a path for a picture"),
    ],
)
def test_what_cannot_be_read_is_a_400(request_: Request, task: str, said: str) -> None:
    with pytest.raises(HttpError, match=said) as caught:
        read_request(request_, task)
    assert caught.value.status == 400


def test_results_are_json_with_pictures_in_base64_or_a_picture() -> None:
    context = Context("/model", {})
    shown = Image.new("RGB", (2, 2))
    reply = write_result([{"label": "cat", "mask": shown}], "*/*", context)
    assert reply.content_type == "application/json"
    assert json.loads(reply.body)[0]["mask"].startswith("iVBOR")
    drawn = write_result(shown, "text/html, image/jpeg", context)
    assert (drawn.content_type, drawn.body[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    with pytest.raises(HttpError, match="needs a handler that gives a picture"):
        write_result([1], "image/png", context)
    with pytest.raises(HttpError, match='Accept type "text/csv" not supported'):
        write_result([1], "text/csv", context)


def test_every_error_of_a_handler_is_a_400_with_its_text() -> None:
    surface = ToolkitSurface(lambda: (1, 2))
    head, body = surface.error_reply(surface.error_of(KeyError("inputs")))
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body) == {"error": "'inputs'"}
    assert surface.error_of(ValueError()).message == "ValueError"


def test_the_toolkits_paths() -> None:
    surface = ToolkitSurface(lambda: (1, 2))
    for path in ("/", "/health", "/ping"):
        assert surface.page(Request("GET", path, 1, {}), healthy=True) == (200, "text/plain; charset=utf-8", b"Ok")
        loading = surface.page(Request("GET", path, 1, {}), healthy=False)
        assert loading is not None
        assert loading[0] == 503
    metrics = surface.page(Request("GET", "/metrics", 1, {}), healthy=False)
    assert metrics is not None
    assert metrics[2] == b"inf_batch_current_size 1\ninf_queue_size 2\n"
    for path in ("/", "/predict", "/invocations", "/predict/"):
        assert surface.unserved(Request("POST", path, 1, {})) is None
    for method, path, status in (("PUT", "/", 405), ("POST", "/health", 405), ("GET", "/predict", 405), ("POST", "/v1/x", 404)):
        refused = surface.unserved(Request(method, path, 1, {}))
        assert refused is not None
        assert refused.status == status


def test_tasks_of_sentences_are_over_any_vectors() -> None:
    def encode(texts: list[str]) -> NDArray[np.float32]:
        return np.array([[len(text), text.count("a")] for text in texts], dtype=np.float32)

    similar = Sentences(encode, "sentence-similarity", normal=False)
    assert similar({"source_sentence": "aa", "sentences": ["aaa", "bb"]}) == pytest.approx([1, 0.5**0.5])
    vectors = Sentences(encode, "feature-extraction", normal=False)
    assert vectors("bba") == [3, 1]
    assert vectors(["bba", "a"]) == [[3, 1], [1, 1]]
    assert vectors(["aa"], normalize=True) == [pytest.approx([0.5**0.5, 0.5**0.5])]
    assert Sentences(encode, "sentence-embeddings", normal=False)("a") == {"embeddings": [1, 1]}
    for wrong in (3, [3], []):
        with pytest.raises((TypeError, ValueError), match="inputs must"):
            vectors(wrong)


@pytest.mark.parametrize(
    ("files", "task", "said"),
    [
        pytest.param({}, "", "does not tell its task", id="nothing"),
        pytest.param({}, "guessing", "there is no task 'guessing'; known are", id="unknown task"),
        pytest.param({"model.gguf": ""}, "", "which the image hf/llamacpp serves", id="gguf"),
        pytest.param({"config.json": "[]"}, "", "config.json is not a JSON object", id="broken config"),
        pytest.param({"config.json": '{"architectures": ["BertForMaskedLM"]}'}, "", "task fill-mask needs", id="architecture"),
        pytest.param({"README.md": "---\npipeline_tag: summarization\n---\n"}, "", "task summarization needs", id="readme"),
        pytest.param({"model.onnx": "", "modules.json": "[]"}, "", "needs a tokenizer.json beside it", id="no tokenizer"),
        pytest.param({"modules.json": "[]"}, "", "sentence-similarity needs the package sentence_transformers", id="no vectors"),
        pytest.param({"config.min.json": "{}"}, "summarization", "has the task file-type", id="wrong task"),
    ],
)
def test_a_repository_that_cannot_be_served_says_why(tmp_path: Path, files: dict[str, str], task: str, said: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(LoadError, match=said):
        load_task(str(tmp_path), task)

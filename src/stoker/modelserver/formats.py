"""The default input and output formats: JSON, CSV, NumPy's .npy and plain bytes. Imported when first needed."""

from __future__ import annotations

import json

from stoker.modelserver.protocol import JSON, HttpError, main_type

CSV = "text/csv"
NPY = "application/x-npy"
BYTES = "application/octet-stream"


def decode(body: bytes | str, content_type: str) -> object:
    """Read a request body: JSON as its values, CSV as rows of numbers or text, .npy as an array, bytes as they are.

    Raises `HttpError` 415 for other types, and ValueError for a body that is not what its type says.
    """
    kind = main_type(content_type)
    if kind == JSON:
        return json.loads(body)
    if kind == CSV:
        return _read_csv(body if isinstance(body, str) else body.decode("utf-8"))
    raw = body.encode() if isinstance(body, str) else body
    if kind == BYTES:
        return raw
    if kind == NPY:
        return _read_npy(raw)
    message = f"The content type {kind[:100]!r} is not supported; served are {JSON}, {CSV}, {NPY} and {BYTES}."
    raise HttpError(415, message)


def encode(prediction: object, accept: str) -> tuple[bytes, str]:
    """Write a prediction as the first type of the Accept header that can be written; raises `HttpError` 406 if none can."""
    raw = bytes(prediction) if isinstance(prediction, (bytes, bytearray, memoryview)) else None
    for wanted in accept.split(","):
        kind = main_type(wanted)
        if raw is not None:
            if kind in {"*/*", "application/*", BYTES}:
                return raw, BYTES
        elif kind in {"*/*", "application/*", JSON}:
            return encode_json(prediction), JSON
        elif kind in {CSV, "text/*"}:
            return _write_csv(prediction), CSV
        elif kind == NPY:
            return _write_npy(prediction), NPY
    served = BYTES if raw is not None else f"{JSON}, {CSV} and {NPY}"
    message = f"None of the accepted types {accept[:200]!r} can be given; for this prediction they are {served}."
    raise HttpError(406, message)


def encode_json(value: object) -> bytes:
    """Write JSON; arrays and tensors by their `tolist`, scalars of such libraries by their `item`."""
    return json.dumps(value, default=_plain, ensure_ascii=False).encode("utf-8", "replace")


def _plain(value: object) -> object:
    for name in ("tolist", "item"):
        method = getattr(value, name, None)
        if callable(method):
            return method()
    if isinstance(value, (set, frozenset)):
        return list(value)
    message = f"a prediction holds {type(value).__name__}, which JSON cannot; write it in output_fn"
    raise TypeError(message)


def _read_csv(text: str) -> list[list[float | str]]:
    import csv  # noqa: PLC0415 - for the callers that send it

    return [[_cell(cell) for cell in row] for row in csv.reader(text.splitlines()) if row]


def _cell(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _write_csv(prediction: object) -> bytes:
    import csv  # noqa: PLC0415 - for the callers that ask for it
    from io import StringIO  # noqa: PLC0415

    values = getattr(prediction, "tolist", lambda: prediction)()
    rows = values if isinstance(values, (list, tuple)) else [values]
    if not any(isinstance(row, (list, tuple)) for row in rows):
        rows = [rows]
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(row if isinstance(row, (list, tuple)) else [row] for row in rows)
    return out.getvalue().encode()


def _read_npy(raw: bytes) -> object:
    from io import BytesIO  # noqa: PLC0415 - for the callers that send it

    try:
        import numpy  # noqa: ICN001, PLC0415 - the model's own, if it has one
    except ImportError:
        raise HttpError(415, f"The content type {NPY!r} needs numpy, which this model does not have.") from None
    return numpy.load(BytesIO(raw), allow_pickle=False)  # a pickle in a request would be a program in a request


def _write_npy(prediction: object) -> bytes:
    from io import BytesIO  # noqa: PLC0415 - for the callers that ask for it

    try:
        import numpy  # noqa: ICN001, PLC0415 - the model's own, if it has one
    except ImportError:
        raise HttpError(406, f"The type {NPY!r} needs numpy, which this model does not have.") from None
    out = BytesIO()
    numpy.save(out, numpy.asarray(prediction), allow_pickle=False)
    return out.getvalue()

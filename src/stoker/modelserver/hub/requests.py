"""Reads a request's body as the toolkit does: JSON with `inputs`, pictures, sound; by its type, or by how it begins."""

from __future__ import annotations

import json

from stoker.modelserver.protocol import JSON, HttpError, main_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stoker.modelserver.protocol import Request

FILE_TYPE = "file-type"
"""The task of those models that take any bytes."""
MOST_SHOWN = 512
_BYTES = frozenset(
    {"application/octet-stream", "application/x-www-form-urlencoded"}
)  # what clients call bytes they know nothing of
_PICTURE, _SOUND = "image", "audio"
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"BM", _PICTURE),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"ID3", _SOUND),
    (b"\xff\xfb", _SOUND),
    (b"\xff\xf3", _SOUND),
    (b"fLaC", _SOUND),
    (b"OggS", _SOUND),
    (b"#!AMR", _SOUND),
)
_SOUNDS = ("automatic-speech-recognition", "audio-", "zero-shot-audio")
_PICTURES = (
    "image-",
    "object-detection",
    "depth-estimation",
    "mask-generation",
    "zero-shot-image",
    "zero-shot-object",
    "visual-question-answering",
    "document-question-answering",
)
_SERVED = f"{JSON}, image/* and audio/*"


def read_request(request: Request, task: str) -> dict[str, object]:
    """Give the data for the handler, with `inputs`; raises `HttpError` 400, or ValueError, for what cannot be read."""
    data = _read_body(request.body, request.headers.get("content-type", ""), task)
    if request.query and "parameters" not in data:
        data["parameters"] = _from_query(request.query)
    return data


def _read_body(body: bytes, content_type: str, task: str) -> dict[str, object]:
    kind = main_type(content_type)
    if kind == JSON:
        return _read_json(body, task)
    if kind.startswith("image/"):
        return {"inputs": _picture(body)}
    if kind.startswith("audio/"):
        return {"inputs": body}
    if not kind or kind in _BYTES:
        return _sniffed(body, kind, task)
    raise HttpError(400, f'Content type "{content_type[:100]}" not supported. Supported content types are: {_SERVED}')


def _sniffed(body: bytes, kind: str, task: str) -> dict[str, object]:
    """Read a body whose type says nothing: by the task, else by its first bytes, else as JSON."""
    if task == FILE_TYPE:
        return {"inputs": body}
    medium = _medium_of(task) or _medium(body)
    if medium == _PICTURE:
        return {"inputs": _picture(body)}
    if medium == _SOUND:
        return {"inputs": body}
    if body.lstrip()[:1] in {b"{", b"["}:
        return _read_json(body, task)
    said = f'Content type "{kind}" not supported' if kind else "No content type provided, and the body does not show it"
    raise HttpError(400, f"{said}. Supported content types are: {_SERVED}")


def _medium_of(task: str) -> str:
    if task.startswith(_SOUNDS):
        return _SOUND
    return _PICTURE if task.startswith(_PICTURES) else ""


def _medium(body: bytes) -> str:
    for beginning, medium in _BEGINNINGS:
        if body.startswith(beginning):
            return medium
    if body[:4] == b"RIFF":
        return {b"WEBP": _PICTURE, b"WAVE": _SOUND}.get(body[8:12], "")
    return ""


def _read_json(body: bytes, task: str) -> dict[str, object]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HttpError(400, f"The body is not JSON: {error}") from error
    if not isinstance(data, dict) or not ("inputs" in data or "instances" in data):
        received = body.decode("utf-8", "replace")
        received = received if len(received) <= MOST_SHOWN else received[:MOST_SHOWN] + "…"
        raise HttpError(400, f"Body needs to provide a inputs key, received: {received}")
    if "inputs" not in data:
        data["inputs"] = data["instances"]
    inputs = data["inputs"]
    medium = _medium_of(task)
    # A pipeline given text here would open it as a path of this machine, or fetch it as a URL.
    if medium and isinstance(inputs, str):
        raw = _from_base64(inputs, task)
        data["inputs"] = _picture(raw) if medium == _PICTURE else raw
    return data


def _from_base64(text: str, task: str) -> bytes:
    from base64 import b64decode  # noqa: PLC0415 - for the tasks that need it

    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        message = f"'inputs' for task '{task}' must be base64 in a JSON body, or bytes with an audio/* or image/* content type"
        raise HttpError(400, message) from error


def _picture(body: bytes) -> object:
    from io import BytesIO  # noqa: PLC0415 - for the tasks that need it

    try:
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - the model's own, if it has it
    except ImportError:
        raise HttpError(400, "Pictures need the package pillow, which this server's environment does not have.") from None
    try:
        return Image.open(BytesIO(body)).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise HttpError(400, f"The picture cannot be read: {error}") from error


def _from_query(query: str) -> dict[str, object]:
    """Give a query's parameters, whole numbers and truth values as such."""
    from urllib.parse import parse_qsl  # noqa: PLC0415 - for the callers that use it

    words: dict[str, object] = {"true": True, "false": False}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise HttpError(400, f"The query cannot be read: {error}") from error
    return {name: int(text) if text.isdecimal() and len(text) < 20 else words.get(text, text) for name, text in pairs}

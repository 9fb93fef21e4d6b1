"""Writes what a handler gave: as JSON, with pictures in base64, or as a picture when that is what is accepted."""

from __future__ import annotations

from stoker.modelserver.formats import encode_json
from stoker.modelserver.protocol import JSON, HttpError, main_type
from stoker.modelserver.replies import Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    from PIL.Image import Image

    from stoker.modelserver.exchange import Context

_PICTURES = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/x-image": "PNG",
    "image/*": "PNG",
}


def write_result(result: object, accept: str, context: Context) -> Reply:
    """Give the reply in the first accepted type that there is; raises `HttpError` 400 if there is none."""
    for wanted in (accept or "*/*").split(","):
        kind = main_type(wanted)
        if kind in {"*/*", "application/*", "", JSON}:
            return Reply(encode_json(_plain(result)), context.content_type or JSON)
        form = _PICTURES.get(kind)
        if form is not None:
            if not _is_picture(result):
                raise HttpError(400, f'Accept type "{kind}" needs a handler that gives a picture; this one gave something else')
            return Reply(_drawn(result, form), kind if kind in _PICTURES and "*" not in kind else "image/png")
    raise HttpError(400, f'Accept type "{accept[:100]}" not supported. Supported accept types are: {JSON}, image/*')


def _is_picture(value: object) -> TypeGuard[Image]:
    """Tell a picture of pillow's without importing it."""
    return any(kind.__module__.startswith("PIL.") and kind.__name__ == "Image" for kind in type(value).__mro__)


def _drawn(picture: Image, form: str) -> bytes:
    from io import BytesIO  # noqa: PLC0415 - for the tasks that need it

    out = BytesIO()
    if form == "JPEG":
        picture = picture.convert("RGB")
    picture.save(out, format=form)
    return out.getvalue()


def _plain(value: object) -> object:
    """Put pictures as base64 of PNG into what is to be JSON."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value] if not _only_numbers(value) else value
    if _is_picture(value):
        from base64 import b64encode  # noqa: PLC0415 - for the tasks that need it

        return b64encode(_drawn(value, "PNG")).decode()
    return value


def _only_numbers(values: list[object] | tuple[object, ...]) -> bool:
    """Spare the walk through a vector; its first element tells."""
    return bool(values) and isinstance(values[0], (int, float))

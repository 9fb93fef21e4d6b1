"""Finds in a request's body which model it is for and whether its answer is to stream, and names the model otherwise.

Of JSON only these two members are taken out; of a form with files only the field `model`. All else stays as it came.
"""

import re
from typing import Final

import msgspec

from stoker.gateway.reasons import Reason, Refusal

MAX_MODEL: Final = 512
"""Letters of a model's name."""
MAX_PARTS: Final = 64
"""Parts of a form that are looked at."""
_BOUNDARY = re.compile(rb'multipart/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_FIELD = re.compile(rb'(?:^|\r\n)content-disposition\s*:[^\r\n]*;\s*name="?model"?\s*(?:;|\r\n|$)', re.IGNORECASE)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a body says. `model` is None where it names none; `place` is where in a form's bytes the name is."""

    model: str | None = None
    stream: bool = False
    place: tuple[int, int] | None = None


class Members(msgspec.Struct, frozen=True, gc=False):
    """The members that are read of a body in JSON."""

    model: str | None = None
    stream: bool | None = None


members_of: Final = msgspec.json.Decoder(Members).decode
"""Reads them. Raises `UNREADABLE`."""
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What is raised for a body that is no JSON, or has other values for these members."""
_TAKE_APART: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(kind: bytes, body: bytes) -> Asked | Refusal:
    """Read a body of a content type: a form, else JSON."""
    boundary = _BOUNDARY.match(kind)
    if boundary is not None:
        return _form(body, boundary[1] or boundary[2])
    try:
        members = members_of(body)
    except UNREADABLE as error:
        return unreadable(error)
    if members.model is not None and len(members.model) > MAX_MODEL:
        return Refusal(reason=Reason.INVALID, message=f"A model's name has at most {MAX_MODEL} letters.")
    return Asked(model=members.model, stream=bool(members.stream))


def unreadable(error: Exception) -> Refusal:
    """Say what is wrong with a body, by one of the errors that `UNREADABLE` names."""
    match error:
        case msgspec.ValidationError():
            message = f"The body is not as it should be: {error}."
        case UnicodeDecodeError():
            message = "The body is no JSON: it is not in UTF-8."
        case RecursionError():
            message = "The body is nested too deep."
        case _:
            message = f"The body is no JSON: {error}."
    return Refusal(reason=Reason.INVALID, message=message)


def is_form(kind: bytes) -> bool:
    """Tell whether a content type is that of a form with files."""
    return _BOUNDARY.match(kind) is not None


def renamed(asked: Asked, body: bytes, model: str) -> bytes:
    """Give the body with another name for the model; the bytes of every other value are what they were.

    Raises `UNREADABLE`, for what nobody looked at before: the names of other members.
    """
    if asked.place is not None:
        start, end = asked.place
        return body[:start] + model.encode() + body[end:]
    return renamed_member(body, model)


def renamed_member(body: bytes, model: str) -> bytes:
    """Give a body in JSON, which names a model, with another name for it. Raises `UNREADABLE`."""
    members = _TAKE_APART.decode(body)
    members["model"] = msgspec.Raw(msgspec.json.encode(model))
    return msgspec.json.encode(members)


def _form(body: bytes, boundary: bytes) -> Asked | Refusal:
    """Read a form's field `model`; whatever else it holds is the model server's to judge."""
    mark = b"--" + boundary
    at = body.find(mark)
    for _ in range(MAX_PARTS):
        start = at + len(mark)
        head_end = body.find(b"\r\n\r\n", start)
        if at < 0 or head_end < 0:
            break
        end = body.find(b"\r\n" + mark, head_end + 2)
        if end < 0:
            break
        first = head_end + 4
        if _FIELD.search(body[start:head_end]) is not None:
            if end - first > MAX_MODEL:
                return Refusal(reason=Reason.INVALID, message=f"A model's name has at most {MAX_MODEL} letters.")
            return Asked(model=body[first:end].decode("utf-8", "replace"), place=(first, end))
        at = end + 2
    return Asked()

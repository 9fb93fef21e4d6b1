"""Where a list goes on: opaque tokens that carry a place and are bound to the request they were given for.

A token is no secret, and is trusted with nothing: its digest finds mistakes, and a place that was made up on purpose gives a
page that nobody asked for, no more.
"""

import base64
import binascii
import hashlib
from typing import Final, TypeVar

import msgspec

from stoker.wire.aws.errors import FaultError
from stoker.wire.aws.protocols.json import encode

PlaceT = TypeVar("PlaceT")

MAX_CHARACTERS: Final = 65_536
DIGEST_BYTES: Final = 8


class _Content(msgspec.Struct, frozen=True, array_like=True):
    digest: bytes
    place: msgspec.Raw


def make(place: object, request: msgspec.Struct, *paging: str) -> str:
    """Give the token of a place in the answers to `request`; `paging` are its attributes that may differ between pages."""
    packed = msgspec.msgpack.encode(place)
    content = _Content(digest=_digest(packed, request, paging), place=msgspec.Raw(packed))
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(content)).decode()


def read(token: str | None, kind: type[PlaceT], request: msgspec.Struct, *paging: str, code: str) -> PlaceT | None:
    """Give the place in a token, None of no token. Raises the fault `code` for one that was not given for this request."""
    if token is None:
        return None
    try:
        content = msgspec.msgpack.decode(base64.b64decode(_bounded(token), altchars=b"-_", validate=True), type=_Content)
        place = msgspec.msgpack.decode(content.place, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise _invalid(code) from error
    if content.digest != _digest(bytes(content.place), request, paging):
        raise _invalid(code)
    return place


def _bounded(token: str) -> str:
    if len(token) > MAX_CHARACTERS:
        msg = "too long"
        raise ValueError(msg)
    return token


def _invalid(code: str) -> FaultError:
    return FaultError(code, "The NextToken is not one that was given for this request.")


def _digest(place: bytes, request: msgspec.Struct, paging: tuple[str, ...]) -> bytes:
    filters = msgspec.structs.replace(request, **dict.fromkeys(paging))
    return hashlib.blake2b(encode(filters) + place, digest_size=DIGEST_BYTES).digest()

"""What a client sent beyond what Stoker acts on: kept and given back, or refused because ignoring it would be a lie.

Members that change nothing here (roles, keys, network settings) are kept in the domain value's `echo` and described as they came.
Members that would change what the platform does, and that it does not do, are refused by name, all of them at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from stoker.errors import InvalidParameterError
from stoker.units import Instant
from stoker.wire.aws import times
from stoker.wire.aws.generated.sagemaker import Tag
from stoker.wire.aws.protocols.json import encode

DocumentT = TypeVar("DocumentT", bound=msgspec.Struct)

MAX_REASON = 1024
"""Characters of a FailureReason (the service model's limit)."""


def kept(given: msgspec.Struct) -> bytes:
    """Give the document of a generated struct, for the `echo` of a domain value."""
    return encode(given)


def echoed(kind: type[DocumentT], document: bytes) -> DocumentT:
    """Give the struct that was kept; an empty one when the document is not of this API."""
    try:
        return msgspec.json.decode(document, type=kind, dec_hook=times.decode_hook)
    except msgspec.DecodeError:
        return kind()


def when(instant: Instant) -> times.Timestamp:
    """Give an instant as the wire has it."""
    return times.Timestamp(instant)


def reason(failure: str) -> str | None:
    """Give a FailureReason, None for no failure."""
    return failure[:MAX_REASON] or None


def tag_map(tags: Sequence[Tag] | None) -> dict[str, str]:
    """Give tags as a mapping. Raises InvalidParameterError for a key that is there twice."""
    out: dict[str, str] = {}
    for tag in tags or ():
        if tag.key in out:
            raise InvalidParameterError(f"The tag key '{tag.key}' is given more than once.", field="Tags")
        out[tag.key] = tag.value
    return out


def unserved(path: str, **members: object) -> Iterator[str]:
    """Give the full names of the members that are given; `path` stands before each, keywords are the wire's names."""
    for name, value in members.items():
        if value is not None and value is not False:
            yield f"{path}{name}"


def not_served(names: Sequence[str]) -> InvalidParameterError:
    """Give the error that names everything a request asks for and Stoker does not do."""
    return InvalidParameterError(f"Stoker does not serve this yet: {', '.join(names)}.", field=names[0].partition("=")[0])


def refuse(names: Iterable[str]) -> None:
    """Raise `not_served` of the names, if there are any."""
    found = list(names)
    if found:
        raise not_served(found)


def required(value: object, field: str, why: str = "") -> None:
    """Raise InvalidParameterError when a member that this case needs is absent."""
    if value is None:
        raise InvalidParameterError(f"{field} is required{why}.", field=field)

"""List calls: which of the things there are a call asks for, in which order, and one page of them.

A `NextToken` names the last thing given, not a position, so that things made or deleted between two pages make no other
thing appear twice or be left out. It is bound to the filters and the order it was made for, not to the page's size.
"""

import base64
import binascii
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from stoker.errors import InvalidParameterError
from stoker.units import Instant

T = TypeVar("T")

DEFAULT_SIZE: Final = 10
"""Items on a page unless `MaxResults` says otherwise (SageMaker API reference, ListEndpoints)."""

DIGEST_BYTES: Final = 12

STALE: Final = "NextToken is not valid here: it must come from the last reply to the same call, with the same filters and order."


class Row(NamedTuple, Generic[T]):
    """One listed thing: what lists filter and sort by, and the thing itself."""

    item: T
    name: str
    created: Instant
    modified: Instant = 0
    status: str = ""
    endpoint: str = ""
    variant: str = ""


class Page(NamedTuple, Generic[T]):
    """One page, and the token of the next one; None on the last."""

    items: list[T]
    next_token: str | None


Key = tuple[int | str, str]
"""A thing's place in the order: the value sorted by, then its name."""

# Times are exclusive on both sides ("before the specified time", "after the specified time").
_FILTERS: Final[Mapping[str, Callable[[Row[Any], Any], bool]]] = {
    "name_contains": lambda row, text: text in row.name,
    "creation_time_before": lambda row, at: row.created < at,
    "creation_time_after": lambda row, at: row.created > at,
    "last_modified_time_before": lambda row, at: row.modified < at,
    "last_modified_time_after": lambda row, at: row.modified > at,
    "status_equals": lambda row, status: row.status == status,
    "endpoint_name_equals": lambda row, name: row.endpoint == name,
    "variant_name_equals": lambda row, name: row.variant == name,
}

_ORDERS: Final[Mapping[str, Callable[[Row[Any]], Key]]] = {
    "CreationTime": lambda row: (row.created, row.name),
    "Name": lambda row: (row.name, row.name),
    "Status": lambda row: (row.status, row.name),
}


class Thing(Protocol):
    """Whatever has a name and an age."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def created(self) -> Instant:
        """When it was made."""
        ...


ThingT = TypeVar("ThingT", bound=Thing)

_BY: Final[Mapping[str, Callable[[Any], Any]]] = {
    "CreationTime": attrgetter("created", "name"),
    "Name": attrgetter("name", "name"),
}
"""A thing's `Key` without its row, in the orders that need none."""

_token_decoder: Final = msgspec.json.Decoder(tuple[str, int | str, str])


def page(given: msgspec.Struct, rows: Iterable[Row[T]], *, order: str = "Descending") -> Page[T]:
    """Give the page that a generated List input asks for.

    The input's members are those of SageMaker's List calls; sorted by CreationTime, in `order`, unless it says otherwise.
    Raises InvalidParameterError for a token that was not made for this call.
    """
    asked: dict[str, Any] = {name: value for name, value in msgspec.structs.asdict(given).items() if value is not None}
    size: int = asked.pop("max_results", DEFAULT_SIZE)
    token: str | None = asked.pop("next_token", None)
    sort_by: str = asked.setdefault("sort_by", "CreationTime")
    descending = asked.setdefault("sort_order", order) == "Descending"
    digest = _digest(type(given).__name__, asked)
    key = _ORDERS[sort_by]
    tests = [(_FILTERS[name], value) for name, value in asked.items() if name in _FILTERS]
    found = (row for row in rows if all(test(row, value) for test, value in tests)) if tests else rows
    if token is not None:
        last = _read_token(token, digest, numeric=sort_by == "CreationTime")
        found = (row for row in found if (key(row) < last if descending else key(row) > last))
    chosen = sorted(found, key=key, reverse=descending)[: size + 1]
    more = len(chosen) > size
    chosen = chosen[:size]
    return Page([row.item for row in chosen], _write_token(digest, key(chosen[-1])) if more else None)


def page_of(given: msgspec.Struct, things: Sequence[ThingT], row: Callable[[ThingT], Row[ThingT]]) -> Page[ThingT]:
    """Give the page that a generated List input asks for, as `page` does, of many things that have a name and an age themselves.

    Rows are made of those only that may be on the page, unless filters or the order have to look at all.
    """
    asked: dict[str, Any] = {name: value for name, value in msgspec.structs.asdict(given).items() if value is not None}
    sort_by: str = asked.get("sort_by", "CreationTime")
    by = _BY.get(sort_by)
    if by is None or not _FILTERS.keys().isdisjoint(asked):
        return page(given, map(row, things))
    found, most = sorted(things, key=by), asked.get("max_results", DEFAULT_SIZE) + 1
    descending = asked.get("sort_order", "Descending") == "Descending"
    low, high = 0, len(found)
    if "next_token" in asked:
        _, *last = _decoded(asked["next_token"])
        if isinstance(last[0], int) != (sort_by == "CreationTime"):
            raise InvalidParameterError(STALE, field="NextToken")
        low, high = bisect_right(found, tuple(last), key=by), bisect_left(found, tuple(last), key=by)
    chosen = found[max(0, high - most) : high] if descending else found[low : low + most]
    return page(given, map(row, chosen))


def _digest(kind: str, asked: Mapping[str, object]) -> str:
    text = msgspec.json.encode([kind, sorted((name, str(value)) for name, value in asked.items())])
    return hashlib.sha256(text).hexdigest()[: 2 * DIGEST_BYTES]


def _write_token(digest: str, key: Key) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((digest, *key))).decode()


def _read_token(token: str, digest: str, *, numeric: bool) -> Key:
    made_for, value, name = _decoded(token)
    if made_for != digest or isinstance(value, int) != numeric:
        raise InvalidParameterError(STALE, field="NextToken")
    return value, name


def _decoded(token: str) -> tuple[str, int | str, str]:
    try:
        return _token_decoder.decode(base64.b64decode(token, altchars=b"-_", validate=True))
    except (msgspec.DecodeError, binascii.Error, ValueError) as error:
        raise InvalidParameterError(STALE, field="NextToken") from error

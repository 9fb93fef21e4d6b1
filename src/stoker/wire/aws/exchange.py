"""One HTTP request and one reply, as the codecs see them: whole bodies, headers by lower-case name."""

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import TypeAlias

import msgspec

HeaderPairs: TypeAlias = tuple[tuple[str, str], ...]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose body has been read.

    `path` and `query` are as they came, still percent-encoded; `pairs` are the headers in their order, `headers` the
    same by lower-case name, repeated ones joined by a comma. `body` is decompressed, `signed_body` is what was sent.
    """

    method: str
    path: str
    query: str
    pairs: HeaderPairs
    headers: Mapping[str, str]
    body: bytes
    signed_body: bytes


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply: `frames`, when there are any, follow `body` as they come."""

    status: int
    headers: HeaderPairs
    body: bytes = b""
    frames: AsyncIterable[bytes] | None = None


def by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give headers by lower-case name, repeated ones joined by a comma."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers

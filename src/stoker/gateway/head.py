"""The head of a request as the gateway sees it: parsed, checked, free of any meaning a face gives it."""

from http import HTTPStatus
from typing import Final

HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"content-length",
        b"expect",
    }
)
"""Headers that belong to one connection; a relay writes its own."""


class Head:
    """Request line and headers. `target` is as sent; `path` and `query` are its halves, still percent-encoded.

    `headers` holds (lower-case name, value) in the order they came, as latin-1 bytes.
    """

    __slots__ = ("_first", "headers", "keep_alive", "method", "path", "query", "target", "version")

    def __init__(self, *, method: str, target: bytes, version: str, headers: list[tuple[bytes, bytes]], keep_alive: bool) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.keep_alive = keep_alive
        path, _, query = target.decode("latin-1").partition("?")
        self.path = path
        self.query = query
        self._first: dict[bytes, bytes] | None = None

    def get(self, name: bytes) -> bytes | None:
        """Give the first value of the header with this lower-case name."""
        first = self._first
        if first is None:
            first = {}
            for key, value in self.headers:
                first.setdefault(key, value)
            self._first = first
        return first.get(name)

    def text(self, name: bytes) -> str:
        """Give the first value of a header as text, `""` when it is not there."""
        value = self.get(name)
        return "" if value is None else value.decode("latin-1")


def fault(head: Head) -> str:
    """Say what is wrong with a head that the parser let pass, `""` when nothing is.

    The parser (llhttp, strict) refuses folded headers, a length beside a transfer coding, repeated or malformed lengths.
    """
    if head.version not in ("1.1", "1.0"):
        return f"HTTP/{head.version} is not spoken here; use HTTP/1.1."
    hosts = codings = 0
    for name, value in head.headers:
        if name == b"host":
            hosts += 1
        elif name == b"transfer-encoding":
            codings += 1
            if value.lower() != b"chunked":
                return "Only the transfer coding chunked is served."
    if head.version == "1.1" and hosts != 1:
        return "An HTTP/1.1 request needs exactly one Host header."
    if hosts > 1:
        return "A request has at most one Host header."
    if codings and head.version == "1.0":
        return "HTTP/1.0 knows no transfer coding."
    if not head.target.startswith(b"/") and head.target != b"*":
        return "The request target must be a path."
    return ""


def _status_lines() -> dict[int, bytes]:
    return {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


_STATUS_LINES = _status_lines()


def status_line(status: int) -> bytes:
    """Give the status line of a reply, with its line end."""
    line = _STATUS_LINES.get(status)
    return line if line is not None else b"HTTP/1.1 %d \r\n" % status


def header_lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Give headers as lines, each with its line end."""
    return b"".join([b"%s: %s\r\n" % header for header in headers])

"""The head of a request as the gateway sees it: parsed, checked, free of any meaning a face gives it."""

import re
from collections.abc import Collection
from http import HTTPStatus
from typing import Final, NamedTuple

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
MAX_TARGET: Final = 8192
"""Bytes of a request target (RFC 9110, 4.1: at least 8000)."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
_WITH_CONTENT: Final = frozenset({"POST", "PUT", "PATCH"})
_ORDINARY: Final = frozenset({b"keep-alive", b"close"})
# A host (name, IPv4 or bracketed IP literal) and a port: RFC 3986, 3.2.2, without user information.
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+(?:%25[-\w.~%]+)?\]|[-\w.~!$&'()*+;=%]*)(?::[0-9]{0,5})?")
_ABSOLUTE = re.compile(rb"(https?)://([^/?]*)([/?].*)?", re.IGNORECASE)
_DEFAULT_PORTS: Final = {b"http": b":80", b"https": b":443"}
_KNOWN_HOSTS: set[bytes] = set()
_MAX_KNOWN_HOSTS: Final = 256


class Fault(NamedTuple):
    """Why a request cannot be served: the status of its reply, and a sentence for its sender."""

    status: int
    message: str


class Head:
    """Request line and headers. `target` is as sent; `path` and `query` are its halves, still percent-encoded.

    `headers` holds (lower-case name, value) in the order they came, as latin-1 bytes, and `first` the first value of each name
    (it may be given where it is known).
    """

    __slots__ = ("first", "headers", "keep_alive", "method", "path", "query", "target", "version")

    def __init__(
        self,
        *,
        method: str,
        target: bytes,
        version: str,
        headers: list[tuple[bytes, bytes]],
        keep_alive: bool,
        first: dict[bytes, bytes] | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.keep_alive = keep_alive
        path, _, query = target.decode("latin-1").partition("?")
        self.path = path
        self.query = query
        # Of the values of one name the last one put in stays, which is the one that came first.
        self.first = dict(headers[::-1]) if first is None else first

    def get(self, name: bytes) -> bytes | None:
        """Give the first value of the header with this lower-case name."""
        return self.first.get(name)

    def text(self, name: bytes) -> str:
        """Give the first value of a header as text, `""` when it is not there."""
        value = self.first.get(name)
        return "" if value is None else value.decode("latin-1")

    def without(self, names: Collection[bytes]) -> "Head":
        """Give this head without some headers, by their lower-case names."""
        return Head(
            method=self.method,
            target=self.target,
            version=self.version,
            headers=[one for one in self.headers if one[0] not in names],
            keep_alive=self.keep_alive,
        )


def fault(head: Head) -> Fault | None:
    """Say what is wrong with a head that the parser let pass.

    The parser (llhttp, strict) refuses folded headers, a length beside a transfer coding, repeated or malformed lengths, blanks
    before a colon, control characters, and lines that end otherwise than by CRLF. The target must be a path by now.
    """
    if head.version != "1.1":
        return _fault_of_version(head)
    first = head.first
    host = first.get(b"host")
    if host is None:
        return Fault(400, "An HTTP/1.1 request needs a Host header.")
    coding = first.get(b"transfer-encoding")
    if coding is not None and coding.lower() != b"chunked":
        return Fault(501, "Only the transfer coding chunked is served.")
    return _fault_of_words(head, host)


def _fault_of_version(head: Head) -> Fault | None:
    first = head.first
    if head.version != "1.0":
        return Fault(505, f"HTTP/{head.version} is not spoken here; use HTTP/1.1.")
    if first.get(b"transfer-encoding") is not None:
        return Fault(400, "HTTP/1.0 knows no transfer coding.")
    if head.method in _WITH_CONTENT and first.get(b"content-length") is None:
        return Fault(411, "An HTTP/1.0 request of this method needs a Content-Length.")
    return _fault_of_words(head, first.get(b"host"))


def _fault_of_words(head: Head, host: bytes | None) -> Fault | None:
    if host is not None and host not in _KNOWN_HOSTS and not _is_host(host):
        return Fault(400, "The Host header names no host.")
    if head.method not in _METHODS:
        return Fault(501, f"The method {head.method} is not served.")
    first = head.first
    if len(first) != len(head.headers) and sum(name == b"host" for name, _ in head.headers) > 1:
        return Fault(400, "A request has one Host header.")
    target = head.target
    if len(target) > MAX_TARGET:
        return Fault(414, f"The request target is longer than {MAX_TARGET} bytes.")
    if target[:1] != b"/" and not (target == b"*" and head.method == "OPTIONS"):
        return Fault(400, "The request target must be a path, or an absolute URL of the host that Host names.")
    if b"#" in target:
        return Fault(400, "A request target has no fragment.")
    expected = first.get(b"expect")
    if expected is not None and expected.lower() != b"100-continue":
        return Fault(417, "The only expectation that can be met is 100-continue.")
    return None


def _is_host(host: bytes) -> bool:
    if _HOST.fullmatch(host) is None:
        return False
    if len(_KNOWN_HOSTS) < _MAX_KNOWN_HOSTS:
        _KNOWN_HOSTS.add(host)
    return True


def origin_form(target: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """Give path and query of an absolute target whose authority is the Host header's; any other target as it is.

    RFC 9112 (3.2.2) has servers take it. Two names for one request are how caches and routers are misled, so they must agree.
    """
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        return target
    scheme, authority, rest = absolute.groups()
    port = _DEFAULT_PORTS[scheme.lower()]
    wanted = authority.lower().removesuffix(port)
    hosts = [value.lower().removesuffix(port) for name, value in headers if name == b"host"]
    if not wanted or hosts != [wanted]:
        return target
    if not rest:
        return b"/"
    return rest if rest.startswith(b"/") else b"/" + rest


def end_to_end(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Give the headers that are not meant for one connection only, by their name or by a Connection header that names them."""
    named: set[bytes] = set()
    for name, value in headers:
        if name == b"connection" and value.lower() not in _ORDINARY:
            named.update(word.strip() for word in value.lower().split(b","))
    named.discard(b"host")  # a client cannot have taken away what its request is about
    return [header for header in headers if header[0] not in HOP_BY_HOP and header[0] not in named]


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

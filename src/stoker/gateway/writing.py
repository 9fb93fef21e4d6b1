"""Writes one connection's replies: status line, framing of the body, and the end of it."""

import asyncio
from typing import Protocol

import msgspec

from stoker.gateway.head import status_line
from stoker.gateway.reading import Request

_JOIN_BELOW = 131_072
"""Bytes below which pieces are joined into one write: copying them costs less than a further system call."""

# What the body's end is told by.
_COUNTED = 0
_CHUNKED = 1
_CLOSED = 2
_NONE = 3


class Carrier(Protocol):
    """The connection that replies are written to."""

    transport: asyncio.Transport
    request: Request | None

    def reply_done(self, *, reusable: bool) -> None:
        """The reply is written whole."""
        ...


class Draining(Protocol):
    """Who decides whether connections are kept."""

    draining: bool


class ReplyWriter:
    """Writes replies in order. Between `start` and `end` pieces gather until `flush`, so that a small reply is one write."""

    __slots__ = ("_connection", "_framing", "_host", "_pieces", "_reusable", "_size", "started")

    def __init__(self, connection: Carrier, host: Draining) -> None:
        self._connection = connection
        self._host = host
        self._pieces: list[bytes] = []
        self._size = 0
        self._framing = _NONE
        self._reusable = True
        self.started = False

    def start(self, status: int, headers: bytes, length: int | None) -> None:
        """Begin a reply. `headers` are lines without those of framing; `length` of the body in bytes, None when not known."""
        request = self._connection.request
        self.started = True
        version, method, keep = "1.1", "POST", False
        if request is not None:
            head = request.head
            version, method = head.version, head.method
            keep = head.keep_alive and request.complete and not self._host.draining
        if method == "HEAD" or status in {204, 304}:
            self._framing = _NONE
            framing = b"" if length is None or status == 204 else b"content-length: %d\r\n" % length  # noqa: PLR2004 - No Content
        elif length is not None:
            self._framing = _COUNTED
            framing = b"content-length: %d\r\n" % length
        elif version == "1.0":
            self._framing = _CLOSED
            framing = b""
            keep = False
        else:
            self._framing = _CHUNKED
            framing = b"transfer-encoding: chunked\r\n"
        self._reusable = keep
        if not keep:
            framing += b"connection: close\r\n"
        elif version == "1.0":
            framing += b"connection: keep-alive\r\n"
        self._add(b"%s%s%s\r\n" % (status_line(status), headers, framing))

    def piece(self, data: bytes) -> None:
        """Add a piece of the body."""
        if not data or self._framing == _NONE:
            return
        if self._framing == _CHUNKED:
            self._add(b"%x\r\n%s\r\n" % (len(data), data))
        else:
            self._add(data)

    def flush(self) -> None:
        """Hand what has gathered to the transport."""
        pieces = self._pieces
        if not pieces:
            return
        self._pieces = []
        transport = self._connection.transport
        if len(pieces) == 1:
            transport.write(pieces[0])
        elif self._size < _JOIN_BELOW:
            transport.write(b"".join(pieces))
        else:
            transport.writelines(pieces)
        self._size = 0

    def end(self) -> bool:
        """End the reply; tell whether the connection can carry another. The caller then calls the connection's `reply_done`."""
        if self._framing == _CHUNKED:
            self._add(b"0\r\n\r\n")
        self.flush()
        self.started = False
        return self._reusable

    def whole(self, status: int, headers: bytes, body: bytes) -> None:
        """Write a whole reply and go on to the connection's next request."""
        self.start(status, headers, len(body))
        self.piece(body)
        self._connection.reply_done(reusable=self.end())

    def go_on(self, request: Request) -> None:
        """Tell a client that waits for it to send its body."""
        request.expects = False
        self._connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def farewell(self, status: int, message: str) -> None:
        """Write a small JSON reply outside any request, the connection's last; the caller closes it."""
        body = msgspec.json.encode({"message": message})
        lines = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self._connection.transport.write(status_line(status) + lines + body)

    def _add(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)

"""Turns a client's bytes into requests, with a bound on every part of them.

It judges form only; what a request means, and what is answered, is the connection's and the handlers' affair.
"""

import hashlib
from typing import TYPE_CHECKING, Protocol

import httptools

from stoker.gateway.head import Head, fault

if TYPE_CHECKING:
    from stoker.gateway.face import Face

MAX_HEADERS = 200
_BODY_OVERHEAD = 65_536
_CHUNK_OVERHEAD = 16
"""Wire bytes allowed for each byte of a chunked body: a one-byte chunk takes six, extensions some more."""


class Request:
    """One request while it is read and served. `size` counts the body's bytes so far, kept in `chunks` until taken."""

    __slots__ = ("chunks", "complete", "digest", "dispatched", "expects", "face", "head", "length", "limit", "size", "started_ns")

    def __init__(self, head: Head, started_ns: int) -> None:
        self.head = head
        self.started_ns = started_ns
        self.chunks: list[bytes] = []
        self.size = 0
        self.complete = False
        self.dispatched = False
        self.face: Face | None = None
        self.limit = 0
        self.length: int | None = None
        self.digest = hashlib.sha256()
        self.expects = False

    def take(self) -> bytes:
        """Give the body's bytes so far and forget them."""
        chunks = self.chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self.chunks = []
        return body


class RequestSink(Protocol):
    """Who wants the requests."""

    def head_read(self, request: Request) -> None:
        """Take a request whose head is complete and well-formed."""
        ...

    def body_read(self, request: Request, data: bytes) -> None:
        """Take a piece of a request's body."""
        ...

    def request_read(self, request: Request) -> None:
        """Take the news that a request is complete."""
        ...

    def reading_failed(self, status: int, message: str) -> None:
        """Take the news that no further request can be read, and why."""
        ...


class RequestReader:
    """Feeds httptools and keeps its limits; after a failure it ignores everything."""

    __slots__ = (
        "_fed",
        "_head_size",
        "_headers",
        "_max_head",
        "_now_ns",
        "_parser",
        "_request",
        "_sink",
        "_target",
        "_whole",
        "failed",
        "in_message",
    )

    def __init__(self, sink: RequestSink, max_head: int) -> None:
        self._sink = sink
        self._max_head = max_head
        self._parser = httptools.HttpRequestParser(self)
        self._request: Request | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._target = b""
        self._head_size = 0
        self._fed = 0
        self._now_ns = 0
        self._whole = 0
        self.in_message = False
        self.failed = False

    def feed(self, data: bytes, now_ns: int) -> None:
        """Take bytes; the sink is called for all that they complete. `now_ns` reads the machine's monotonic clock."""
        if self.failed:
            return
        self._now_ns = now_ns
        whole = self._whole
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(400, "Upgrades to other protocols are not served.")
            return
        except httptools.HttpParserCallbackError:
            self.failed = True
            raise  # a fault of ours, not of the bytes: the loop logs it and cuts this connection
        except httptools.HttpParserError as error:
            self._fail(400, f"The request is malformed: {error}.")
            return
        if self.in_message and whole == self._whole:  # all of the data belongs to the request being read
            self._fed += len(data)
            request = self._request
            if request is None:
                if self._fed > self._max_head:
                    self._fail(431, f"The request's head is larger than {self._max_head} bytes.")
            elif self._fed > self._max_head + _BODY_OVERHEAD + _CHUNK_OVERHEAD * request.size:
                self._fail(400, "The request's chunks carry more framing than content.")

    def on_message_begin(self) -> None:
        """Begin a request (parser callback)."""
        self.in_message = True
        self._request = None
        self._headers = []
        self._target = b""
        self._head_size = 0
        self._fed = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target (parser callback)."""
        self._target += url
        self._head_size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those after the body are dropped (parser callback)."""
        if self._request is None:
            self._headers.append((name.lower(), value.strip()))
            self._head_size += len(name) + len(value) + 4

    def on_headers_complete(self) -> None:
        """Check the head and pass it on (parser callback)."""
        if self.failed:
            return
        if self._head_size > self._max_head or len(self._headers) > MAX_HEADERS:
            self._fail(431, f"The request's head is larger than {self._max_head} bytes or {MAX_HEADERS} headers.")
            return
        parser = self._parser
        head = Head(
            method=parser.get_method().decode("ascii"),
            target=self._target,
            version=parser.get_http_version(),
            headers=self._headers,
            keep_alive=parser.should_keep_alive(),
        )
        wrong = fault(head)
        if wrong:
            self._fail(400, wrong)
            return
        self._request = request = Request(head, self._now_ns)
        length = head.get(b"content-length")
        request.length = int(length) if length is not None else None
        request.expects = head.get(b"expect") is not None and head.version == "1.1"
        self._fed = 0
        self._sink.head_read(request)

    def on_body(self, data: bytes) -> None:
        """Pass on a piece of the body (parser callback)."""
        request = self._request
        if request is not None and not self.failed:
            request.size += len(data)
            self._sink.body_read(request, data)

    def on_message_complete(self) -> None:
        """Pass on that a request is whole (parser callback)."""
        self.in_message = False
        self._whole += 1
        request = self._request
        self._request = None
        if request is not None and not self.failed:
            request.complete = True
            self._sink.request_read(request)

    def stop(self) -> None:
        """Read no more."""
        self.failed = True

    def _fail(self, status: int, message: str) -> None:
        if not self.failed:
            self.failed = True
            self._sink.reading_failed(status, message)

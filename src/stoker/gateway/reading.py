"""Turns a client's bytes into requests, with a bound on every part of them.

It judges form only; what a request means, and what is answered, is the connection's and the handlers' affair.
"""

import re
from io import BytesIO
from typing import TYPE_CHECKING, Final, Protocol

import httptools

from stoker.gateway.head import MAX_TARGET, Fault, Head, fault, origin_form

if TYPE_CHECKING:
    from stoker.gateway.face import Face

MAX_HEADERS: Final = 200
_BODY_OVERHEAD: Final = 65_536
_CHUNK_OVERHEAD: Final = 16
"""Wire bytes allowed for each byte of a chunked body: a one-byte chunk takes six, extensions some more."""
_CHUNKS: Final = 65_536
_WORD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [/*]")


class Request:
    """One request while it is read and served. `size` counts the body's bytes so far, kept until taken.

    `length` is what Content-Length says, None without one. `upgrade` names the protocol that its sender would rather speak from
    here on (as in the Upgrade header), `""` when it asks for none.
    """

    __slots__ = (
        "_body",
        "_first",
        "complete",
        "dispatched",
        "expects",
        "face",
        "head",
        "length",
        "limit",
        "size",
        "started_ns",
        "upgrade",
    )

    def __init__(self, head: Head, started_ns: int) -> None:
        self.head = head
        self.started_ns = started_ns
        self._first = b""
        self._body: BytesIO | None = None
        self.size = 0
        self.complete = False
        self.dispatched = False
        self.face: Face | None = None
        self.limit = 0
        self.length: int | None = None
        self.expects = False
        self.upgrade = ""

    def keep(self, data: bytes) -> None:
        """Keep a piece of the body."""
        body = self._body
        if body is not None:
            body.write(data)
        elif not self._first:
            self._first = data
        else:
            # One block that grows in place, and that is given away without a copy: pieces would need twice the memory when
            # they are joined, and would leave it in shreds.
            self._body = body = BytesIO()
            body.write(self._first)
            body.write(data)
            self._first = b""

    def take(self) -> bytes:
        """Give the body's bytes so far and forget them."""
        body, self._body = self._body, None
        first, self._first = self._first, b""
        return first if body is None else body.getvalue()


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
        "_cut_short",
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
        self._cut_short: Request | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._target = b""
        self._head_size = 0
        self._fed = 0
        self._now_ns = 0
        self._whole = 0
        self.in_message = False
        self.failed = False

    @property
    def unfinished(self) -> Request | None:
        """The request whose body is being read."""
        return self._request

    @property
    def body_left(self) -> int:
        """Bytes that belong to the body being read, of a chunked one those that may well do; 0 between requests and in a head."""
        request = self._request
        if request is None:
            return 0
        return _CHUNKS if request.length is None else request.length - request.size

    def feed(self, data: bytes, now_ns: int) -> bytes:
        """Take bytes; the sink is called for all that they complete. `now_ns` reads the machine's monotonic clock.

        Gives back what lies behind a request that asks for another protocol: feed it again if none was agreed upon.
        """
        if self.failed:
            return b""
        self._now_ns = now_ns
        whole = self._whole
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._resume(data[upgrade.args[0] :], now_ns)
        except httptools.HttpParserCallbackError:
            self.failed = True
            raise  # a fault of ours, not of the bytes: the loop logs it and cuts this connection
        except httptools.HttpParserError as error:
            self._fail(_judged(error, data))
            return b""
        if self.in_message and whole == self._whole:  # all of the data belongs to the request being read
            self._fed += len(data)
            request = self._request
            if request is None:
                if self._fed > self._max_head:
                    self._fail(self._too_large())
            elif self._fed > self._max_head + _BODY_OVERHEAD + _CHUNK_OVERHEAD * request.size:
                self._fail(Fault(400, "The request's chunks carry more framing than content."))
        return b""

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
        if self._head_size > MAX_TARGET:
            self._fail(Fault(414, f"The request target is longer than {MAX_TARGET} bytes."))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those after the body are dropped (parser callback)."""
        if self._request is None:
            self._headers.append((name.lower(), value.strip()))
            self._head_size += len(name) + len(value) + 4

    def on_headers_complete(self) -> None:
        """Check the head and pass it on (parser callback)."""
        if self.failed:
            return
        headers = self._headers
        if self._head_size > self._max_head or len(headers) > MAX_HEADERS:
            self._fail(self._too_large())
            return
        parser = self._parser
        target = self._target
        if target[:1] != b"/":
            target = origin_form(target, headers)
        head = Head(
            method=parser.get_method().decode("ascii"),
            target=target,
            version=parser.get_http_version(),
            headers=headers,
            keep_alive=parser.should_keep_alive(),
        )
        wrong = fault(head)
        if wrong is not None:
            self._fail(wrong)
            return
        self._request = request = Request(head, self._now_ns)
        first = head.first
        length = first.get(b"content-length")
        if length is not None:
            request.length = int(length)
        if b"expect" in first:
            request.expects = head.version == "1.1" and (bool(request.length) or _chunked(head))
        if b"upgrade" in first and parser.should_upgrade():
            self._upgrade_asked(request)
        self._fed = 0
        self._sink.head_read(request)
        if self._cut_short is not None:
            self._request = None  # until another parser reads its body

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

    def close(self) -> None:
        """Let go of everything. Not for a parser's callback: it ends the parser, which refers to this, as this does to it."""
        self.failed = True
        self._request = self._cut_short = None
        self._headers = []
        del self._parser

    def _upgrade_asked(self, request: Request) -> None:
        """Note a wish for another protocol. With a body it cannot be granted, and the parser would pass over that body."""
        head = request.head
        if request.length or _chunked(head):
            self._cut_short = request
        else:
            request.upgrade = head.text(b"upgrade")

    def _resume(self, rest: bytes, now_ns: int) -> bytes:
        """Go on behind a request that asked for another protocol, where the parser ends: by a new one."""
        request, self._cut_short = self._cut_short, None
        if self.failed:
            return b""
        if request is None:
            self._parser = httptools.HttpRequestParser(self)
            return rest
        self._parser = httptools.HttpRequestParser(_Resumed(self))
        framing = b"transfer-encoding: chunked" if request.length is None else b"content-length: %d" % request.length
        self._parser.feed_data(b"POST / HTTP/1.1\r\nhost: x\r\n%s\r\n\r\n" % framing)
        self._request = request
        self.in_message = True
        return self.feed(rest, now_ns)

    def _too_large(self) -> Fault:
        return Fault(431, f"The request's head is larger than {self._max_head} bytes or {MAX_HEADERS} headers.")

    def _fail(self, wrong: Fault) -> None:
        if not self.failed:
            self.failed = True
            self._sink.reading_failed(wrong.status, wrong.message)


class _Resumed:
    """Passes a parser's callbacks on, but for those of the head that only tells it how long the body is that comes next."""

    __slots__ = ("_begun", "_reader", "on_body", "on_message_complete")

    def __init__(self, reader: RequestReader) -> None:
        self._reader = reader
        self._begun = False
        self.on_body = reader.on_body
        self.on_message_complete = reader.on_message_complete

    def on_message_begin(self) -> None:
        """Pass on (parser callback)."""
        if self._begun:
            self._reader.on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Pass on (parser callback)."""
        if self._begun:
            self._reader.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Pass on (parser callback)."""
        if self._begun:
            self._reader.on_header(name, value)

    def on_headers_complete(self) -> None:
        """Pass on, from the second head on (parser callback)."""
        if self._begun:
            self._reader.on_headers_complete()
        self._begun = True


def _chunked(head: Head) -> bool:
    return b"transfer-encoding" in head.first


def _judged(error: httptools.HttpParserError, data: bytes) -> Fault:
    """Give the reply to bytes that the parser refuses. Its words are all that tells the reasons apart."""
    told = str(error)
    if told in {"Invalid HTTP version", "Pause on PRI/Upgrade"}:
        return Fault(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
    if told.startswith("Invalid method"):
        if data[:1] == b"\x16":
            return Fault(400, "This port speaks plain HTTP; that looks like TLS.")
        if told != "Invalid method encountered" or _WORD.match(data) is not None:
            return Fault(501, "That method is not served.")
    return Fault(400, f"The request is malformed: {told}.")

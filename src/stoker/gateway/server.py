"""A client's connection: requests are read one after another, replies written in order, and nothing waits without a deadline.

While a request is served what the client sends next is kept as bytes (bounded) and not parsed, yet still read, so that a client
that goes away is noticed at once.
"""

import asyncio
from typing import Final, Protocol, cast

from stoker.gateway.face import Face
from stoker.gateway.head import Head
from stoker.gateway.intake import Intake
from stoker.gateway.reading import Request
from stoker.gateway.writing import ReplyWriter

WRITE_HIGH: Final = 262_144
"""Bytes of a reply that wait for a slow client before its model is not read any further."""
_LINGER_S: Final = 2.0
_NEVER: Final = float("inf")


class Handler(Protocol):
    """Serves one request of a connection."""

    def client_gone(self) -> None:
        """The client closed its connection, or was cut off."""
        ...

    def client_blocked(self, *, blocked: bool) -> None:
        """The client takes no more bytes for now (or does again)."""
        ...


class Upload(Protocol):
    """Takes a large body as it comes."""

    def more_body(self, data: bytes) -> None:
        """Take a further piece."""
        ...

    def end_of_body(self) -> None:
        """The body is whole."""
        ...


class Host(Protocol):
    """What a connection needs of its gateway."""

    max_head_bytes: int
    head_timeout_s: float
    idle_timeout_s: float
    next_timeout_s: float
    draining: bool
    hashing: bool
    reading_bytes: int
    reading_limit: int

    def express(self, connection: "ClientConnection", data: bytes, /) -> bool:
        """Begin to serve the request that the bytes are, if they can go the short way."""
        ...

    def opened(self, connection: "ClientConnection") -> bool:
        """Count a new connection; False when there are too many."""
        ...

    def closed(self, connection: "ClientConnection") -> None:
        """Forget a connection."""
        ...

    def face_for(self, head: Head) -> Face | None:
        """Give the face that claims a request, None for one to relay."""
        ...

    def body_limit(self, face: Face | None) -> int:
        """Give the largest body in bytes."""
        ...

    def begin(self, connection: "ClientConnection", request: Request) -> None:
        """Begin to serve a request: its reply is written, or `connection.handler` set."""
        ...

    def refuse_size(self, connection: "ClientConnection", request: Request, *, overloaded: bool) -> None:
        """Answer a request whose body is too large, or finds no room."""
        ...


class ClientConnection(asyncio.Protocol):
    """One client. `handler` serves the request in `request`; `deadline` is on the loop's clock, kept by the gateway's sweep.

    `upload` takes the rest of a body that its handler was begun without.
    """

    __slots__ = (
        "_advancing",
        "_closing",
        "_host",
        "_intake",
        "_loop",
        "_paused",
        "blocked",
        "deadline",
        "handler",
        "request",
        "transport",
        "upload",
        "writer",
    )

    transport: asyncio.Transport

    def __init__(self, host: Host, loop: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._loop = loop
        self._intake = Intake(self, host)
        self._paused = False
        self._closing = False
        self._advancing = False
        self.blocked = False
        self.request: Request | None = None
        self.handler: Handler | None = None
        self.upload: Upload | None = None
        self.deadline = _NEVER
        self.writer = ReplyWriter(self, host)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read, or send the client away when there are too many."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclasses
        self.transport.set_write_buffer_limits(high=WRITE_HIGH)
        self.allow(self._host.head_timeout_s)
        if not self._host.opened(self):
            self.writer.farewell(503, "Too many connections are open.")
            self.close_gently(unread=True)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason makes no difference
        """Let go of everything that this client had under way."""
        self._closing = True
        self._intake.stop()
        self._host.closed(self)
        handler, self.handler = self.handler, None
        self.upload = None
        if handler is not None:
            handler.client_gone()

    def eof_received(self) -> bool:
        """A client that will send nothing more is taken for gone, as HTTP servers commonly do."""
        return False

    def data_received(self, data: bytes) -> None:
        """Parse, or keep for later what comes behind the request being served."""
        if self._closing:
            return
        intake = self._intake
        begun = intake.in_message
        if self.request is None and not begun and self._host.express(self, data):
            return
        if not intake.feed(data) and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        elif intake.in_message and not begun and self.request is None:
            self.allow(self._host.head_timeout_s)

    def pause_writing(self) -> None:
        """The client reads more slowly than its reply comes."""
        self.blocked = True
        self.allow(self._host.idle_timeout_s)
        if self.handler is not None:
            self.handler.client_blocked(blocked=True)

    def resume_writing(self) -> None:
        """The client took what was waiting."""
        self.blocked = False
        if self._closing:
            return
        if self.request is not None:
            self.deadline = _NEVER
        else:
            self.allow(self._host.idle_timeout_s)
        if self.handler is not None:
            self.handler.client_blocked(blocked=False)

    def allow(self, seconds: float) -> None:
        """Set the deadline so many seconds from now."""
        self.deadline = self._loop.time() + seconds

    def expire(self) -> None:
        """The deadline has passed: answer a request that never became whole, else close."""
        self.deadline = _NEVER
        if self._closing or self.blocked or not self._intake.in_message or self.handler is not None:
            self.abort()
            return
        self.writer.farewell(408, "The request took too long to arrive.")
        self.close_gently(unread=True)

    def abort(self) -> None:
        """Cut the connection; bytes not yet sent are lost, so that the client sees its reply break off."""
        self._closing = True
        self._intake.stop()
        self.transport.abort()

    def close_gently(self, *, unread: bool = False) -> None:
        """Send what is written, then close; with `unread` what the client still sends is thrown away for a moment.

        Closing with unread bytes would reset the connection and could take the reply with it.
        """
        if self._closing:
            return
        self._closing = True
        self._intake.stop()
        self.allow(_LINGER_S)
        if unread and self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def close_if_idle(self, *, after_s: float = 0.0) -> None:
        """Close a connection with no request under way, at once or when none comes in time (the gateway drains)."""
        if self.request is None and not self._intake.in_message and not self._closing:
            if after_s > 0:
                self.allow(after_s)
            else:
                self.close_gently()

    def go_on(self, request: Request) -> None:
        """Tell a client that waits for it to send its body."""
        request.expects = False
        self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def dispatch(self, request: Request) -> None:
        """Begin to serve a request."""
        request.dispatched = True
        self.request = request
        if request.complete:
            self.deadline = _NEVER
        if request.expects:
            self.go_on(request)
        self._intake.free()
        self._host.begin(self, request)

    def hold_reading(self, *, held: bool) -> None:
        """Stop reading the body while the place it goes to is full (or read on)."""
        if held is self._paused or self.transport.is_closing():
            return
        self._paused = held
        if held:
            self.deadline = _NEVER
            self.transport.pause_reading()
        else:
            self.allow(self._host.head_timeout_s)
            self.transport.resume_reading()

    def reply_done(self, *, reusable: bool) -> None:
        """The reply is written whole: go on to the next request, or close."""
        request, self.request = self.request, None
        self.handler = self.upload = None
        complete = request is not None and request.complete
        next_s = self._host.next_timeout_s  # 0: the gateway drains, and nobody is to send more
        if not reusable or not complete or self._intake.ended or next_s <= 0:
            self.close_gently(unread=not complete)
            return
        self.allow(next_s)
        if self._intake.more:
            self._advance()

    def _advance(self) -> None:
        if self._advancing:
            return
        self._advancing = True
        try:
            while self.request is None and not self._closing and self._intake.more:
                request = self._intake.next()
                if request is not None:
                    self.dispatch(request)
                elif self._paused:
                    self._paused = False
                    self.transport.resume_reading()
            if self.request is None and self._intake.ended:
                self.close_gently()
        finally:
            self._advancing = False

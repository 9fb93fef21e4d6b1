"""A client's connection: requests are read one after another, replies written in order, and nothing waits without a deadline.

While a request is served what the client sends next is kept as bytes (bounded) and not parsed, yet still read, so that a client
that goes away is noticed at once.
"""

import asyncio
from typing import TYPE_CHECKING, Final, cast

from stoker.gateway.connection import Handler, Host, Upload
from stoker.gateway.intake import Intake
from stoker.gateway.reading import Request
from stoker.gateway.writing import ReplyWriter

if TYPE_CHECKING:
    from stoker.gateway.plain_heads import Form

WRITE_HIGH: Final = 262_144
"""Bytes of a reply that wait for a slow client before its model is not read any further."""
_LINGER_S: Final = 2.0
_NEVER: Final = float("inf")


class ClientConnection(asyncio.Protocol):
    """One client. `handler` serves the request in `request`; `deadline` is on the loop's clock, kept by the gateway's sweep.

    A client that will send nothing more is taken for gone, as HTTP servers commonly do: there is no `eof_received`.

    `upload` takes the rest of a body that its handler was begun without; `early` is a `stoker.gateway.connection.Connection`'s.
    """

    __slots__ = (
        "_advancing",
        "_closing",
        "_express",
        "_host",
        "_intake",
        "_loop",
        "_parsed",
        "_paused",
        "_reader",
        "blocked",
        "deadline",
        "early",
        "early_ns",
        "form",
        "handler",
        "request",
        "transport",
        "upload",
        "writer",
    )

    transport: asyncio.Transport

    def __init__(self, host: Host, loop: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._express = host.express
        self._loop = loop
        self._intake = Intake(self, host)
        self._reader = self._intake.reader
        self._parsed = False  # whether anything on this connection ever was
        self._paused = False
        self._closing = False
        self._advancing = False
        self.blocked = False
        self.request: Request | None = None
        self.handler: Handler | None = None
        self.upload: Upload | None = None
        self.deadline = _NEVER
        self.form: Form | None = None
        self.early = b""
        self.early_ns = 0
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
        self.early = b""
        self._intake.close()
        self._host.closed(self)
        handler, self.handler = self.handler, None
        self.request = self.upload = None
        if handler is not None:
            handler.client_gone()

    def data_received(self, data: bytes) -> None:
        """Parse, or keep for later what comes behind the request being served."""
        if self._closing:
            return
        if self.early:
            data, self.early = self.early + data, b""
            if not self._host.express(self, data):
                self._parse(data)
            self.early_ns = 0
        elif self.request is not None or self._reader.in_message or self.blocked:
            self._parse(data)
        else:
            express = self._express  # called as a method it would cost as much again
            if not express(self, data):
                self._parse(data)

    def _parse(self, data: bytes) -> None:
        intake = self._intake
        self._parsed = True
        begun = intake.in_message
        if not intake.feed(data) and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        elif intake.in_message and not begun and self.request is None and not self.blocked:
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
        request = self.request
        if request is None:
            self._await_request()
        elif request.complete or self._paused:
            self.deadline = _NEVER
        else:
            self.allow(self._host.head_timeout_s)
        if self.handler is not None:
            self.handler.client_blocked(blocked=False)

    def allow(self, seconds: float) -> None:
        """Set the deadline so many seconds from now."""
        self.deadline = self._loop.time() + seconds

    def expire(self) -> None:
        """The deadline has passed: answer a request that never became whole, else close."""
        self.deadline = _NEVER
        if self._closing or self.blocked or not (self.early or self._intake.in_message):
            self.abort()
        else:
            self.refuse(408, "The request took too long to arrive.")

    def refuse(self, status: int, message: str) -> None:
        """Answer a request that will never be whole, and close. Whoever began to serve it gives up."""
        if self.writer.started:
            self.abort()
            return
        handler, self.handler = self.handler, None
        self.request = self.upload = None
        if handler is not None:
            handler.client_gone()
        self.writer.farewell(status, message)
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
        self.allow(self._host.idle_timeout_s if self.transport.get_write_buffer_size() else _LINGER_S)
        if unread and self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def close_if_idle(self, *, after_s: float = 0.0) -> None:
        """Close a connection with no request under way, at once or when none comes in time (the gateway drains)."""
        if self.request is None and not (self.early or self._intake.in_message or self._closing):
            if after_s > 0:
                self.allow(after_s)
            else:
                self.close_gently()

    def dispatch(self, request: Request) -> None:
        """Begin to serve a request."""
        request.dispatched = True
        self.request = request
        if request.complete:
            self.deadline = _NEVER
        elif request.expects:
            self.writer.go_on(request)
        self._intake.free()
        self._host.begin(self, request)

    def hand_over(self, protocol: asyncio.BaseProtocol) -> bytes:
        """Give the transport to another protocol, and what has come behind the request being served. There is no way back."""
        self.deadline = _NEVER
        self.transport.set_protocol(protocol)
        if self._paused:
            self._paused = False
            self.transport.resume_reading()
        return self._intake.stop()

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
        if not reusable or not complete or self._host.next_timeout_s <= 0:  # 0: it drains, and nobody is to send more
            self.close_gently(unread=not complete)
        elif self.blocked or (self._parsed and not self._intake.settled):
            self._await_request()
        else:  # most often: nothing waits here or there
            self.deadline = self._loop.time() + self._host.next_timeout_s
            if self._paused:
                self._advance()

    def _await_request(self) -> None:
        """Take up what waits behind the requests that are answered, or wait for more."""
        if self.blocked:
            return  # this goes on when the client takes what is written, or ends when it does not in time
        intake = self._intake
        settled = intake.settled
        seconds = self._host.head_timeout_s if not settled and intake.in_message else self._host.next_timeout_s
        self.deadline = self._loop.time() + seconds
        if self._paused or not settled:
            self._advance()

    def _advance(self) -> None:
        if self._advancing or self.blocked:
            return
        self._advancing = True
        intake = self._intake
        try:
            while self._free and intake.more:
                request = intake.next()
                if request is not None:
                    self.dispatch(request)
            if self._paused and not intake.full and not self._closing:
                self._paused = False
                self.transport.resume_reading()
            if self._free:
                self._take_up()
        finally:
            self._advancing = False

    @property
    def _free(self) -> bool:
        """Whether another request may be begun."""
        return self.request is None and not (self._closing or self.blocked)

    def _take_up(self) -> None:
        """See to a request that had begun behind others which are answered now, or to its failure."""
        unfinished = self._intake.unfinished
        if self._intake.ended:
            if self._intake.failure is not None:
                self.writer.farewell(*self._intake.failure)
            self.close_gently(unread=self._intake.failure is not None)
        elif unfinished is not None and unfinished.expects:
            self.writer.go_on(unfinished)

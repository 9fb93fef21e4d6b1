"""A connection to a model server or to the control plane: one exchange at a time, reply bytes passed on as they come.

A small reply comes whole in one read, and its head often was seen before. Such replies need no parser: see `reply_heads`.
"""

import asyncio
import errno
import socket
from enum import Enum
from typing import Final, Protocol, cast

import httptools

from stoker.gateway.reply_heads import BODYLESS, END, FINAL, Heads, ReplyHead

MAX_REPLY_HEAD: Final = 262_144
"""Bytes of a reply's head, counted read by read."""
WRITE_HIGH: Final = 262_144
_RESETS = frozenset({errno.EPIPE, errno.ECONNRESET})


class Loss(Enum):
    """How a connection ended before its reply did."""

    RESET = "reset"  # the peer had not read all of the request: it cannot have acted on it
    CLOSED = "closed"  # the peer may have read the request
    GARBLED = "garbled"  # the peer does not speak HTTP


class ReplySink(Protocol):
    """Who sent the request and gets its reply."""

    def reply_head(self, status: int, headers: list[tuple[bytes, bytes]], length: int | None) -> None:
        """Take the reply's head; `headers` have lower-case names, `length` counts the body's bytes when told."""
        ...

    def reply_switched(self, headers: list[tuple[bytes, bytes]], rest: bytes) -> bool:
        """The peer goes over to another protocol, beginning with `rest`: take over the transport, or give False."""
        ...

    def reply_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        ...

    def reply_settle(self) -> None:
        """All that one read brought was given: pass it on."""
        ...

    def reply_end(self) -> None:
        """The reply is whole; the connection is already free for another."""
        ...

    def reply_lost(self, loss: Loss, *, received: bool) -> None:
        """The connection ended; `received` tells whether any byte of the reply had come."""
        ...

    def upstream_blocked(self, *, blocked: bool) -> None:
        """The peer takes no more bytes for now (or does again)."""
        ...


class WholeSink(Protocol):
    """Who gets a reply that comes whole."""

    def reply_whole(self, head: ReplyHead, body: bytes) -> None:
        """Take a whole reply, in place of all calls that a `ReplySink` gets; the connection is already free for another."""
        ...


class Owner(Protocol):
    """Who keeps connections between exchanges."""

    def freed(self, upstream: "Upstream") -> None:
        """Take back a connection that can carry another exchange."""
        ...

    def dropped(self, upstream: "Upstream") -> None:
        """Forget a connection that is closed."""
        ...


class Upstream(asyncio.Protocol):
    """One connection. `exchanges` counts the requests it carried; in `freed_ns` its keeper notes since when it carries none."""

    __slots__ = (
        "_bodyless",
        "_done",
        "_extra",
        "_headers",
        "_heads",
        "_in_body",
        "_interim",
        "_keep",
        "_length",
        "_owner",
        "_parser",
        "_received",
        "_sink",
        "_unheaded",
        "_until_close",
        "_whole",
        "closed",
        "exchanges",
        "freed_ns",
        "transport",
    )

    transport: asyncio.Transport

    def __init__(self, owner: Owner, heads: Heads | None = None) -> None:
        self._owner = owner
        self._heads = heads or Heads()
        self._parser = httptools.HttpResponseParser(self)
        self._sink: ReplySink | None = None
        self._whole: WholeSink | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._unheaded = 0
        self._in_body = False
        self._length: int | None = None
        self._keep = self._bodyless = self._done = self._extra = self._interim = self._received = self._until_close = False
        self.closed = False
        self.exchanges = self.freed_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclasses
        self.transport.set_write_buffer_limits(high=WRITE_HIGH)

    def send(self, sink: ReplySink, head: bytes, body: bytes, method: str, whole: WholeSink | None = None) -> None:
        """Send a request (or its beginning) whose reply goes to `sink`, or to `whole` when it comes whole."""
        self._sink = sink
        self._whole = whole
        self._bodyless = method == "HEAD"
        self._done = self._received = self._extra = False
        self.exchanges += 1
        if len(body) < MAX_REPLY_HEAD:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))

    def send_more(self, data: bytes) -> None:
        """Send a further piece of the request."""
        self.transport.write(data)

    def hold(self, *, held: bool) -> None:
        """Read no more of the reply for now (or go on)."""
        if not self.closed and not self.transport.is_closing():
            if held:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def drop(self) -> None:
        """Give up the exchange, if any, and the connection."""
        self._sink = None
        if not self.closed:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Pass on a reply that needs no parser, or parse a piece of it."""
        sink = self._sink
        if sink is None:
            self.drop()  # nobody asked: a peer that talks on its own cannot be trusted with a request
            return
        whole = self._whole
        if whole is not None and not self._received:
            heads = self._heads
            if len(data) == heads.same_size and data.startswith(heads.same):
                head, end = heads.same_head, len(heads.same)
            else:
                end = data.find(END) + len(END)
                head = heads.whole(data, end)
            if head is not None and not self.transport.get_write_buffer_size():
                self._sink = None
                self._owner.freed(self)
                whole.reply_whole(head, data[end:])
                return
        self._received = True
        self._parse(data)

    def _parse(self, data: bytes) -> None:
        """Parse a piece of the reply and pass it on."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            raise  # a fault of ours, not of the bytes: the loop logs it and cuts this connection
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self._ended(error, data):
                return
        sink = self._sink
        if self._done:
            self._finish()
        elif sink is not None:
            if not self._in_body:
                self._unheaded += len(data)
                if self._unheaded > MAX_REPLY_HEAD:
                    self._fail(Loss.GARBLED)
                    return
            sink.reply_settle()

    def _ended(self, error: Exception, data: bytes) -> bool:
        """Tell whether the parser's refusal ends the exchange; bytes behind a whole reply only end the connection."""
        sink = self._sink
        if self._done:
            self._extra = True
            return False
        if isinstance(error, httptools.HttpParserUpgrade) and self._interim and sink is not None:
            self._sink = None
            if sink.reply_switched(self._headers, data[error.args[0] :]):
                return True
            self._sink = sink
        self._fail(Loss.GARBLED)
        return True

    def eof_received(self) -> bool:
        """The peer will send no more; for a reply without a length that is its end."""
        if self._sink is not None and not self._done:
            if self._until_close:
                self._done = True
                self._finish()
            elif not self._received and self._unread():
                self._fail(Loss.RESET)
        return False

    def _unread(self) -> bool:
        """Tell whether the request did not reach the peer, though all that is seen is the connection's end.

        A TCP peer that had closed before the request came tells its end first. That it refused the request is on the socket: the
        kernel of this machine noted it as the request was written.
        """
        transport = self.transport
        if transport.get_write_buffer_size():
            return True
        sock = transport.get_extra_info("socket")
        return sock is not None and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in _RESETS

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the sink what became of its reply."""
        self.closed = True
        del self._parser  # which refers to this, so that both would wait for the collector of cycles
        self._owner.dropped(self)
        if self._sink is not None:
            reset = isinstance(exc, (ConnectionResetError, BrokenPipeError))
            self._fail(Loss.RESET if reset else Loss.CLOSED)

    def pause_writing(self) -> None:
        """The peer reads more slowly than the request comes."""
        if self._sink is not None:
            self._sink.upstream_blocked(blocked=True)

    def resume_writing(self) -> None:
        """The peer took what was waiting."""
        if self._sink is not None:
            self._sink.upstream_blocked(blocked=False)

    def on_message_begin(self) -> None:
        """Begin a reply (parser callback)."""
        if self._done:
            self._extra = True
            return
        self._headers = []
        if not self._interim:
            self._unheaded = 0  # else it is still the same reply that has not begun
        self._in_body = False
        self._length = None
        self._interim = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those after the body change nothing (parser callback)."""
        if not self._in_body:
            self._headers.append((name.lower(), value.strip()))

    def on_headers_complete(self) -> None:
        """Pass on the head (parser callback)."""
        sink = self._sink
        if sink is None or self._done:
            return
        status = self._parser.get_status_code()
        if status < FINAL:
            self._interim = True
            return
        self._in_body = True
        self._keep = self._parser.should_keep_alive()  # the parser forgets it with the end of the message
        chunked = False
        for name, value in self._headers:
            if name == b"content-length":
                self._length = int(value)
            elif name == b"transfer-encoding":
                chunked = True
                if value.lower() != b"chunked":
                    self._fail(Loss.GARBLED)  # a body whose end cannot be told
                    return
        bodyless = self._bodyless or status in BODYLESS
        self._until_close = self._length is None and not chunked and not bodyless
        sink.reply_head(status, self._headers, self._length)
        if self._bodyless:
            self._done = True
            self._extra = True  # the parser would wait for a body: this connection has no second exchange

    def on_body(self, data: bytes) -> None:
        """Pass on a piece of the body (parser callback)."""
        if self._sink is not None and not self._done:
            self._sink.reply_body(data)

    def on_message_complete(self) -> None:
        """The reply is whole, unless it was an interim one (parser callback)."""
        if not self._interim:
            self._done = True

    def _finish(self) -> None:
        sink, self._sink = self._sink, None
        transport = self.transport
        unsent = transport.get_write_buffer_size()  # the peer answered before it had the whole request
        if self._extra or self._until_close or self.closed or unsent or not self._keep:
            self.closed = True
            if unsent:
                transport.abort()
            else:
                transport.close()
        else:
            self._owner.freed(self)
        if sink is not None:
            sink.reply_end()

    def _fail(self, loss: Loss) -> None:
        sink, self._sink = self._sink, None
        if not self.closed:
            self.transport.abort()
        if sink is not None:
            sink.reply_lost(loss, received=self._received)

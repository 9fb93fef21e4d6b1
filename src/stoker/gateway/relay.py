"""Relays what is no invocation to the control plane, which may be restarting just now.

A call that was not sent yet waits for it. One that the control plane may have read is never sent twice.
"""

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from stoker.gateway.copies import connect
from stoker.gateway.face import Reply
from stoker.gateway.head import end_to_end, header_lines
from stoker.gateway.reading import Request
from stoker.gateway.upstream import Loss, Upstream
from stoker.link.messages import Address

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.core import Core

REPLY_S: Final = 120.0
"""Seconds the control plane gets to begin its reply; what follows may take any time (live pages never end)."""
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.2
_NEVER: Final = float("inf")


def relay_failure(status: int, kind: str, message: str) -> Reply:
    """Give a failure in the JSON shape that AWS clients read; others show the message."""
    body = msgspec.json.encode({"__type": kind, "message": message})
    headers = b"content-type: application/x-amz-json-1.1\r\nx-amzn-errortype: %s\r\n" % kind.encode()
    return Reply(status=status, headers=headers, body=body)


class _Once:
    """Owns connections that carry one exchange each."""

    def freed(self, upstream: Upstream) -> None:
        """Close the connection."""
        upstream.drop()

    def dropped(self, upstream: Upstream) -> None:
        """Nothing is kept, so nothing is forgotten."""


_ONCE: Final = _Once()


class Relay:
    """One relayed request. Each takes a fresh connection: on a unix socket that costs little, and none is ever stale."""

    __slots__ = (
        "_body",
        "_connection",
        "_control",
        "_core",
        "_done",
        "_full",
        "_patience",
        "_replying",
        "_request",
        "_size",
        "_upstream",
        "deadline",
    )

    def __init__(self, core: "Core", connection: "Connection", request: Request, control: Address) -> None:
        self._core = core
        self._connection: Connection | None = connection
        self._request = request
        self._control = control
        self._body = request.take()
        self._size = len(self._body)
        self._patience = core.now() + core.relay_wait_s
        self._upstream: Upstream | None = None
        self._done = self._full = False
        self._replying = False
        self.deadline = _NEVER

    def begin(self) -> None:
        """Reach for the control plane."""
        self._core.runs.add(self)
        connection = self._connection
        if connection is not None and not self._request.complete:
            connection.upload = self
            connection.hold_reading(held=True)
        self._core.spawn(self._reach())

    def client_gone(self) -> None:
        """Give up."""
        self._connection = None
        self.cancel()

    def client_blocked(self, *, blocked: bool) -> None:
        """Pass a slow client's pace on."""
        if self._upstream is not None:
            self._upstream.hold(held=blocked)

    def more_body(self, data: bytes) -> None:
        """Pass on a piece of a large body."""
        self._size += len(data)
        upstream = self._upstream
        if upstream is None:
            self._body += data  # bounded: reading stopped when the wait began
        elif self._request.length is None:
            upstream.send_more(b"%x\r\n%s\r\n" % (len(data), data))
        else:
            upstream.send_more(data)

    def end_of_body(self) -> None:
        """End a large body."""
        upstream = self._upstream
        if upstream is not None:
            if self._request.length is None:
                upstream.send_more(b"0\r\n\r\n")
            self.deadline = self._core.now() + REPLY_S

    def expire(self) -> None:
        """No reply began in time."""
        self._fail("The control plane did not answer in time.")

    def cancel(self) -> None:
        """Let go of both sides."""
        connection, self._connection = self._connection, None
        self._end()
        if connection is not None:
            connection.handler = None
            connection.abort()

    def reply_head(self, status: int, headers: list[tuple[bytes, bytes]], length: int | None) -> None:
        """Pass on the head."""
        self.deadline = _NEVER
        self._replying = True
        if self._connection is not None:
            self._connection.writer.start(status, header_lines(end_to_end(headers)), length)

    def reply_switched(self, headers: list[tuple[bytes, bytes]], rest: bytes) -> bool:  # noqa: ARG002 - never asked for
        """Go on in no other protocol."""
        return False

    def reply_body(self, data: bytes) -> None:
        """Pass on a piece."""
        if self._connection is not None:
            self._connection.writer.piece(data)

    def reply_settle(self) -> None:
        """Flush."""
        if self._connection is not None and self._replying:
            self._connection.writer.flush()

    def reply_end(self) -> None:
        """End the reply."""
        self._upstream = None
        connection, self._connection = self._connection, None
        self._end()
        if connection is not None:
            connection.reply_done(reusable=connection.writer.end())

    def reply_lost(self, loss: Loss, *, received: bool) -> None:
        """Ask again what was certainly not read; else the client learns that the outcome is unknown."""
        self._upstream = None
        if self._replying:
            self.cancel()
        elif loss is Loss.RESET and not received and self._size == len(self._body) and self._request.complete:
            self._core.spawn(self._reach())
        else:
            self._fail("The control plane went away while it had the request; whether it took effect is not known.")

    def upstream_blocked(self, *, blocked: bool) -> None:
        """Read the client's body no faster than it is taken."""
        self._full = blocked
        if self._connection is not None and not self._request.complete:
            self._connection.hold_reading(held=blocked)

    async def _reach(self) -> None:
        pause = _FIRST_PAUSE_S
        while not self._done:
            try:
                upstream = await connect(self._control, _ONCE)
            except OSError:
                if self._core.now() + pause > self._patience:
                    self._fail("The control plane is away; try again.")
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            else:
                self._send(upstream)
                return

    def _send(self, upstream: Upstream) -> None:
        connection = self._connection
        if self._done or connection is None:
            upstream.drop()
            return
        self._upstream = upstream
        request = self._request
        head = request.head
        kept = end_to_end(head.headers)
        body = self._body
        if request.length is not None:
            framing = b"content-length: %d\r\n" % request.length
        elif request.complete:
            framing = b"content-length: %d\r\n" % len(body) if body or head.method not in {"GET", "HEAD"} else b""
        else:
            framing = b"transfer-encoding: chunked\r\n"
            body = b"%x\r\n%s\r\n" % (len(body), body)
        line = b"%s %s HTTP/1.1\r\n" % (head.method.encode(), head.target)
        start = b"%s%s%sconnection: close\r\n\r\n" % (line, header_lines(kept), framing)
        upstream.send(self, start, body, head.method)
        if request.complete:
            self.deadline = self._core.now() + REPLY_S
        elif not self._full:  # else that comes when what is sent by now is taken
            connection.hold_reading(held=False)

    def _fail(self, message: str) -> None:
        connection, self._connection = self._connection, None
        replying = self._replying
        self._end()
        if connection is None:
            return
        if replying:
            connection.handler = None
            connection.abort()
            return
        reply = relay_failure(503, "ServiceUnavailable", message)
        connection.writer.whole(reply.status, reply.headers + self._core.date_line, reply.body)

    def _end(self) -> None:
        self._done = True
        self._body = b""
        self._core.runs.discard(self)
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.drop()

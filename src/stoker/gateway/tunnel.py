"""Two connections joined: after an upgrade (WebSocket, say) bytes pass both ways, each at the pace of who takes them.

What they mean is nobody's affair here. The invocation is in flight until both ends are gone.
"""

import asyncio
from typing import Final, Protocol

from stoker.gateway.connection import Connection
from stoker.gateway.head import end_to_end, header_lines, status_line
from stoker.gateway.upstream import Upstream

_SWITCHING: Final = 101
_LINGER_S: Final = 2.0
"""Seconds that one end gets to take what is written once the other is gone."""


class Clock(Protocol):
    """What a tunnel needs of the gateway. `tunnel_idle_s`: seconds in which nothing passes, after which it ends."""

    tunnel_idle_s: float

    def now(self) -> float:
        """Give the loop's time."""
        ...


class Traveller(Protocol):
    """The invocation that goes through."""

    def wait_until(self, moment: float) -> None:
        """Set when (loop's clock) patience ends."""
        ...


class Losable(Protocol):
    """Whose connection it was before."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        ...


class _End(asyncio.Protocol):
    """One of the two connections. `gone` once it is closed."""

    __slots__ = ("_tunnel", "before", "gone", "other", "transport")

    other: "_End"

    def __init__(self, tunnel: "Tunnel", transport: asyncio.Transport, before: Losable) -> None:
        self._tunnel = tunnel
        self.transport = transport
        self.before = before
        self.gone = False

    def data_received(self, data: bytes) -> None:
        """Pass on."""
        self._tunnel.passed()
        self.other.transport.write(data)

    def pause_writing(self) -> None:
        """Read no more from the other end than this one takes."""
        if not self.other.gone and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        self._tunnel.passed()
        if not self.other.gone and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the tunnel."""
        self.gone = True
        self._tunnel.lost(exc)


class Tunnel:
    """Joins a client's connection with one to a copy."""

    __slots__ = ("_client", "_clock", "_copy", "_traveller")

    def __init__(self, clock: Clock, traveller: Traveller, connection: Connection, upstream: Upstream) -> None:
        self._clock = clock
        self._traveller = traveller
        self._client = _End(self, connection.transport, connection)
        self._copy = _End(self, upstream.transport, upstream)
        self._client.other, self._copy.other = self._copy, self._client

    def open(self, connection: Connection, headers: list[tuple[bytes, bytes]], rest: bytes) -> bool:
        """Tell the client that the copy agreed, with the copy's headers, and pass on what either has sent by now."""
        protocol = next((value for name, value in headers if name == b"upgrade"), b"")
        lines = header_lines(end_to_end(headers))
        head = b"%s%sconnection: upgrade\r\nupgrade: %s\r\n\r\n" % (status_line(_SWITCHING), lines, protocol)
        client, copy = self._client.transport, self._copy.transport
        copy.set_protocol(self._copy)
        early = connection.hand_over(self._client)
        self.passed()
        client.write(head + rest)
        if early:
            copy.write(early)
        return True

    def passed(self) -> None:
        """Something passed: it goes on."""
        self._traveller.wait_until(self._clock.now() + self._clock.tunnel_idle_s)

    def lost(self, exc: Exception | None) -> None:
        """One end is gone: the other gets what is written for it and is closed; with the last one all is over."""
        ends = (self._client, self._copy)
        left = [end for end in ends if not end.gone]
        if left:
            left[0].transport.close()
            self._traveller.wait_until(self._clock.now() + _LINGER_S)
        else:
            for end in reversed(ends):
                end.before.connection_lost(exc)

    def cut(self) -> None:
        """Cut both ends."""
        for end in (self._client, self._copy):
            if not end.gone:
                end.transport.abort()

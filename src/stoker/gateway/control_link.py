"""The gateway's end of the link: connects, introduces itself, takes tables, and comes back whenever the control plane does."""

import asyncio
from typing import Final, Protocol, cast

import structlog

from stoker.gateway.core import Core
from stoker.link.framing import FrameDecoder, LinkError, decode_downward, encode
from stoker.link.messages import Elsewhere, Hello, RoutingChange, RoutingTable, Upward, Welcome

FIRST_PAUSE_S: Final = 0.02
LONGEST_PAUSE_S: Final = 0.5
log = structlog.get_logger(__name__)

MAX_UNSENT: Final = 8 * 1024 * 1024
"""Bytes that may wait for a control plane that does not read; one that is so far behind is taken for away."""


class Receiver(Protocol):
    """Takes what the control plane sends."""

    def welcomed(self, welcome: Welcome) -> None:
        """Take the answer to the greeting."""
        ...

    def replace(self, table: RoutingTable) -> None:
        """Take a routing table."""
        ...

    def change(self, change: RoutingChange) -> None:
        """Take what has changed of the table in force."""
        ...

    def shared(self, elsewhere: Elsewhere) -> None:
        """Take what the other gateways do."""
        ...


class _LinkProtocol(asyncio.Protocol):
    """One connection of the link; `closed` is set at its end, `served` once a table came through it."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._decoder = FrameDecoder()
        self._version = -1  # a restarted control plane may count its tables anew
        self.closed = asyncio.Event()
        self.served = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclasses

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason makes no difference
        self.closed.set()

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._decoder.feed(data):
                self._take(body)
        except LinkError as error:
            log.warning("link_failed", error=str(error))
            if self.transport is not None:
                self.transport.abort()

    def send(self, message: Upward) -> bool:
        transport = self.transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > MAX_UNSENT:
            transport.abort()
            return False
        transport.write(encode(message))
        return True

    def _take(self, body: bytes) -> None:
        message = decode_downward(body)
        if isinstance(message, Welcome):
            self._receiver.welcomed(message)
        elif isinstance(message, Elsewhere):
            self._receiver.shared(message)
        elif isinstance(message, RoutingChange):
            if message.since != self._version:
                raise LinkError(f"A change of table {message.since} came, and {self._version} is in force.")
            self._version = message.version
            self._receiver.change(message)
        elif message.version > self._version:
            self._version = message.version
            self.served = True
            self._receiver.replace(message)


class ControlLink:
    """Keeps the link up."""

    __slots__ = ("_core", "_path")

    def __init__(self, core: Core, path: str) -> None:
        self._core = core
        self._path = path

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        pause = FIRST_PAUSE_S
        while True:
            if await self._once():
                pause = FIRST_PAUSE_S
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def report(self) -> None:
        """Send the counters at each report interval, until cancelled."""
        while True:
            await asyncio.sleep(self._core.report_s)
            self._core.report()

    async def _once(self) -> bool:
        """Live through one connection; tell whether it was of use."""
        core = self._core
        try:
            _, protocol = await asyncio.get_running_loop().create_unix_connection(lambda: _LinkProtocol(core), self._path)
        except OSError:
            return False
        try:
            routes = core.routes
            hello = Hello(gateway=core.gateway, table_version=routes.version, draining=routes.draining(), routed=routes.routed())
            protocol.send(hello)
            core.uplink = protocol.send
            log.info("link_joined", gateway=core.gateway)
            await protocol.closed.wait()
        finally:
            core.uplink = None
            log.info("link_left", gateway=core.gateway, table_version=core.routes.version)
            if protocol.transport is not None:
                protocol.transport.abort()
        return protocol.served

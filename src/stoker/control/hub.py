"""The control plane's end of the link: gateways connect, get the routing table, and tell what they see."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import structlog

from stoker.domain.ids import CopyId
from stoker.engine.events import DemandSeen, Event, GatewayGone, TrafficSeen
from stoker.errors import InvariantBrokenError
from stoker.link.framing import FrameDecoder, LinkError, decode_upward, encode
from stoker.link.messages import (
    ClockRate,
    ColdStartSeen,
    CopyBroken,
    CopyDrained,
    Counters,
    Demand,
    Elsewhere,
    Hello,
    Keyring,
    RoutingChange,
    RoutingTable,
    Upward,
    Welcome,
)
from stoker.link.tables import Table

log = structlog.get_logger(__name__)

READ_BYTES = 262_144
MAX_GATEWAYS = 256
MAX_UNSENT_BYTES = 256 * 1024 * 1024
"""Bytes that may wait for one slow gateway before it is cut off; it comes back and gets the table anew."""

RETURN_S = 2.0
"""Real seconds that the gateways of a former control plane get to come back (they try twice a second at least) before a copy
counts as drained: until then nobody knows what is in flight on it."""

SHARE_S = 0.5
"""Real seconds between two times that gateways are told what the others do."""


class _Gateway:
    """One connected gateway."""

    __slots__ = ("busy", "loads", "name", "told", "writer")

    def __init__(self, name: str, writer: asyncio.StreamWriter) -> None:
        self.name = name
        self.writer = writer
        self.busy: set[CopyId] = set()
        self.loads: dict[CopyId, int] = {}
        self.told: Elsewhere | None = None


class Hub:
    """Keeps the link to all gateways. `broken` takes a copy that could not be reached, `cold` a cold start.

    `return_s` is how long a gateway gets to come back: those of a former control plane, counted from `serve`, and any whose link
    broke. What it had in flight counts that long, because a broken link is no dead gateway.
    """

    __slots__ = (
        "_away",
        "_broken",
        "_changed",
        "_clock",
        "_cold",
        "_gateways",
        "_keys",
        "_post",
        "_return_s",
        "_returned",
        "_share_at",
        "_sharing",
        "_table",
    )

    def __init__(
        self,
        *,
        clock: ClockRate,
        keys: Keyring,
        broken: Callable[[CopyId], None],
        cold: Callable[[ColdStartSeen], None],
        return_s: float = 0.0,
    ) -> None:
        self._clock = clock
        self._keys = keys
        self._post: Callable[[Event], None] | None = None
        self._broken = broken
        self._cold = cold
        self._gateways: dict[str, _Gateway] = {}
        self._away: dict[str, set[CopyId]] = {}
        self._table = Table()
        self._share_at = 0.0
        self._sharing: asyncio.TimerHandle | None = None
        self._changed = asyncio.Condition()
        self._return_s = return_s
        self._returned = asyncio.Event()
        if not return_s:
            self._returned.set()

    @property
    def gateways(self) -> list[str]:
        """The gateways that are connected."""
        return sorted(self._gateways)

    @property
    def version(self) -> int:
        """The version of the table that is in force; 0 before the first."""
        return self._table.version

    def publish(self, table: RoutingTable | RoutingChange) -> None:
        """Give every gateway a whole table, or what has changed of the one in force.

        Copies that left it are taken to be busy until each gateway says otherwise.
        """
        if isinstance(table, RoutingTable):
            left = self._table.replace(table)
        elif table.since == self._table.version:
            left = self._table.apply(table)
        else:
            raise InvariantBrokenError(f"The change is of table {table.since}, and {self._table.version} is in force.")
        frame = encode(table)
        for gateway in list(self._gateways.values()):
            gateway.busy |= left
            self._send(gateway, frame)
        for busy in self._away.values():
            busy.update(left)

    def rekey(self, keys: Keyring) -> None:
        """Tell every gateway at once who may be let in from now on."""
        self._keys = keys
        frame = encode(Welcome(clock=self._clock, keys=keys))
        for gateway in list(self._gateways.values()):
            self._send(gateway, frame)

    async def drained(self, copy_id: CopyId, *, limit_s: float) -> None:
        """Wait until no gateway has an invocation in flight on the copy, or the limit is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._returned.wait()
                async with self._changed:
                    await self._changed.wait_for(lambda: not self._is_busy(copy_id))

    def _is_busy(self, copy_id: CopyId) -> bool:
        connected = any(copy_id in gateway.busy for gateway in self._gateways.values())
        return connected or any(copy_id in busy for busy in self._away.values())

    async def serve(self, path: Path, post: Callable[[Event], None]) -> None:
        """Take gateways on the unix socket until cancelled, handing `post` what they see; an old socket is replaced."""
        self._post = post
        links = asyncio.TaskGroup()  # not asyncio's own tasks: those that are cancelled with the process leave tracebacks

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            links.create_task(self._connected(reader, writer), name="gateway link")

        server = await asyncio.start_unix_server(connected, path, start_serving=False)
        timer = asyncio.get_running_loop().call_later(self._return_s, self._returned.set)
        try:
            async with server, links:
                await server.start_serving()
                try:
                    await asyncio.Event().wait()
                finally:
                    server.close()  # no more come while those that are there end
        finally:
            timer.cancel()
            if self._sharing is not None:
                self._sharing.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gateway: _Gateway | None = None
        decoder = FrameDecoder()
        try:
            while data := await reader.read(READ_BYTES):
                for body in decoder.feed(data):
                    message = decode_upward(body)
                    if isinstance(message, Hello):
                        gateway = self._hello(message, writer)
                    elif gateway is not None:
                        await self._take(gateway, message)
        except (LinkError, OSError) as error:
            log.warning("gateway_link_failed", gateway=gateway.name if gateway else None, error=str(error))
        finally:
            writer.close()
        if gateway is not None and self._gateways.get(gateway.name) is gateway:
            await self._left(gateway)

    def _hello(self, hello: Hello, writer: asyncio.StreamWriter) -> _Gateway:
        if hello.gateway not in self._gateways and len(self._gateways) >= MAX_GATEWAYS:
            raise LinkError(f"There are {MAX_GATEWAYS} gateways already.")
        gateway = _Gateway(hello.gateway, writer)
        gateway.busy.update(hello.draining)
        # What its table has and ours has not leaves it as soon as it gets ours; it says so when nothing is in flight there.
        gateway.busy.update(copy_id for copy_id in hello.routed if copy_id not in self._table.copies)
        self._gateways[hello.gateway] = gateway
        self._away.pop(hello.gateway, None)
        self._send(gateway, encode(Welcome(clock=self._clock, keys=self._keys)))
        if self._table.version:
            self._send(gateway, encode(self._table.whole()))
        log.info("gateway_joined", gateway=hello.gateway)
        return gateway

    async def _left(self, gateway: _Gateway) -> None:
        del self._gateways[gateway.name]
        log.info("gateway_left", gateway=gateway.name)
        self._tell(GatewayGone(gateway=gateway.name))
        self._share()
        self._away[gateway.name] = gateway.busy
        try:
            await asyncio.sleep(self._return_s)
        finally:
            if self._away.get(gateway.name) is gateway.busy:
                del self._away[gateway.name]
        async with self._changed:
            self._changed.notify_all()

    async def _take(self, gateway: _Gateway, message: Upward) -> None:
        match message:
            case Demand():
                self._tell(
                    DemandSeen(
                        workload=message.workload,
                        waiting=message.waiting,
                        at=message.at,
                        gateway=gateway.name,
                        in_flight=message.in_flight,
                    )
                )
            case Counters():
                gateway.loads = {copy.copy_id: copy.in_flight for copy in message.copies if copy.in_flight}
                self._share()
                self._tell(TrafficSeen(gateway=gateway.name, at=message.at, counts=message.counts, copies=message.copies))
            case CopyBroken():
                self._broken(message.copy_id)
            case ColdStartSeen():
                self._cold(message)
            case CopyDrained():
                async with self._changed:
                    gateway.busy.discard(message.copy_id)
                    self._changed.notify_all()
            case Hello():
                pass

    def _tell(self, event: Event) -> None:
        if self._post is not None:
            self._post(event)

    def _share(self) -> None:
        """Have each gateway told what the others do: at once, or as soon as it may be again."""
        if self._sharing is None:
            loop = asyncio.get_running_loop()
            self._sharing = loop.call_later(max(0.0, self._share_at - loop.time()), self._tell_shares)

    def _tell_shares(self) -> None:
        self._sharing = None
        self._share_at = asyncio.get_running_loop().time() + SHARE_S
        total = Counter[CopyId]()
        for gateway in self._gateways.values():
            total.update(gateway.loads)
        for gateway in list(self._gateways.values()):
            copies = {name: count - gateway.loads.get(name, 0) for name, count in total.items()}
            elsewhere = Elsewhere(gateways=len(self._gateways), copies={name: count for name, count in copies.items() if count})
            if elsewhere != gateway.told:
                gateway.told = elsewhere
                self._send(gateway, encode(elsewhere))

    def _send(self, gateway: _Gateway, frame: bytes) -> None:
        transport = gateway.writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() + len(frame) > MAX_UNSENT_BYTES:
            log.warning("gateway_too_slow", gateway=gateway.name)
            transport.abort()
            return
        gateway.writer.write(frame)

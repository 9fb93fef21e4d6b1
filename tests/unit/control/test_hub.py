"""The hub on a real unix socket: gateways are played by a stream that speaks the link's frames."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from stoker.control.hub import Hub
from stoker.domain.ids import CopyId, WorkloadId
from stoker.domain.instances import Address
from stoker.domain.keys import keyring
from stoker.engine.events import DemandSeen, Event, GatewayGone, TrafficSeen
from stoker.errors import InvariantBrokenError
from stoker.link.framing import FrameDecoder, decode_downward, encode
from stoker.link.messages import (
    ClockRate,
    CopyBroken,
    CopyDrained,
    CopyLoad,
    CopyRoute,
    Counters,
    Demand,
    Downward,
    Elsewhere,
    Hello,
    RoutingChange,
    RoutingTable,
    Welcome,
    WorkloadRoute,
)

A, B = CopyId("copy-a"), CopyId("copy-b")


def table(version: int, *copies: CopyId) -> RoutingTable:
    routes = tuple(CopyRoute(copy_id=c, address=Address(port=1)) for c in copies)
    return RoutingTable(version=version, workloads=(WorkloadRoute(workload=WorkloadId("ic/a"), copies=routes),))


KEYS = keyring({"k": "s"})


class Gateway:
    """One end of the link."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.decoder = FrameDecoder()
        self.read: list[Downward] = []

    def tell(self, message: msgspec.Struct) -> None:
        self.writer.write(encode(message))  # type: ignore[arg-type]

    async def next(self) -> Downward:
        async with asyncio.timeout(5):
            while not self.read:
                data = await self.reader.read(65_536)
                assert data, "the hub hung up"
                self.read.extend(decode_downward(body) for body in self.decoder.feed(data))
        return self.read.pop(0)


class Place:
    """A hub that serves, and what it told."""

    def __init__(self, path: Path, return_s: float) -> None:
        self.path = path
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.broken: asyncio.Queue[CopyId] = asyncio.Queue()
        self.hub = Hub(
            clock=ClockRate(monotonic_ns=1, started=2),
            keys=KEYS,
            broken=self.broken.put_nowait,
            cold=lambda _: None,
            return_s=return_s,
        )

    async def join(self, name: str = "g", draining: tuple[CopyId, ...] = (), routed: tuple[CopyId, ...] = ()) -> Gateway:
        reader, writer = await asyncio.open_unix_connection(self.path)
        gateway = Gateway(reader, writer)
        gateway.tell(Hello(gateway=name, draining=draining, routed=routed))
        assert await gateway.next() == Welcome(clock=ClockRate(monotonic_ns=1, started=2), keys=KEYS)
        return gateway

    async def event(self) -> Event:
        async with asyncio.timeout(5):
            return await self.events.get()


@asynccontextmanager
async def serving(folder: Path, return_s: float = 0.0) -> AsyncIterator[Place]:
    place = Place(folder / "link.sock", return_s)
    async with asyncio.TaskGroup() as group:
        server = group.create_task(place.hub.serve(place.path, place.events.put_nowait))
        async with asyncio.timeout(5):
            while not place.path.exists():  # noqa: ASYNC110 - the socket file is what tells that it listens
                await asyncio.sleep(0)
        yield place
        server.cancel()


async def test_a_gateway_gets_the_table_when_it_joins_and_whenever_it_changes(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        place.hub.publish(table(1, A))
        gateway = await place.join()
        assert await gateway.next() == table(1, A)
        place.hub.publish(table(2))
        assert await gateway.next() == table(2)
        assert (place.hub.gateways, place.hub.version) == (["g"], 2)
        gateway.writer.close()


async def test_a_change_goes_to_those_that_are_there_and_who_comes_later_gets_the_whole_table(tmp_path: Path) -> None:
    one = table(1, A).workloads[0]
    other = msgspec.structs.replace(one, workload=WorkloadId("ic/b"), copies=table(1, B).workloads[0].copies)
    async with serving(tmp_path) as place:
        place.hub.publish(table(1, A))
        gateway = await place.join("early")
        assert await gateway.next() == table(1, A)
        change = RoutingChange(since=1, version=5, workloads=(other,), gone_workloads=(one.workload,))
        place.hub.publish(change)
        assert await gateway.next() == change
        late = await place.join("late")
        assert await late.next() == RoutingTable(version=5, workloads=(other,))
        busy = asyncio.ensure_future(place.hub.drained(A, limit_s=60))
        await asyncio.sleep(0)
        assert not busy.done(), "the gateway that had it did not say that it let go of it"
        gateway.tell(CopyDrained(copy_id=A, gateway="early", table_version=5))
        async with asyncio.timeout(5):
            await busy
        with pytest.raises(InvariantBrokenError, match="change is of table 1, and 5 is in force"):
            place.hub.publish(change)
        for each in (gateway, late):
            each.writer.close()


async def test_every_gateway_learns_at_once_that_the_keys_changed(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        gateways = [await place.join("a"), await place.join("b")]
        place.hub.rekey(keyring({}))
        told = Welcome(clock=ClockRate(monotonic_ns=1, started=2), keys=keyring({}))
        for gateway in gateways:
            assert await gateway.next() == told
        reader, writer = await asyncio.open_unix_connection(place.path)
        late = Gateway(reader, writer)
        late.tell(Hello(gateway="c"))
        assert await late.next() == told
        for gateway in (*gateways, late):
            gateway.writer.close()


async def test_what_gateways_see_becomes_events(tmp_path: Path) -> None:
    async with serving(tmp_path) as place:
        gateway = await place.join()
        gateway.tell(Demand(workload=WorkloadId("ic/a"), waiting=2, at=7))
        assert await place.event() == DemandSeen(workload=WorkloadId("ic/a"), waiting=2, at=7, gateway="g")
        gateway.tell(Counters(gateway="g", at=8))
        assert await place.event() == TrafficSeen(gateway="g", at=8, counts=())
        gateway.tell(CopyBroken(copy_id=A, at=9))
        async with asyncio.timeout(5):
            assert await place.broken.get() == A
        gateway.writer.close()
        assert await place.event() == GatewayGone(gateway="g")
        assert place.hub.gateways == []


async def test_gateways_are_told_what_the_others_have_in_flight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoker.control.hub.SHARE_S", 0.0)

    def loads(**in_flight: int) -> tuple[CopyLoad, ...]:
        return tuple(CopyLoad(copy_id=CopyId(f"copy-{name}"), in_flight=count) for name, count in in_flight.items())

    async with serving(tmp_path) as place:
        one, two = await place.join("one"), await place.join("two")
        one.tell(Counters(gateway="one", at=1, copies=loads(a=3, b=0)))
        assert await one.next() == Elsewhere(gateways=2)
        assert await two.next() == Elsewhere(gateways=2, copies={A: 3})
        two.tell(Counters(gateway="two", at=2, copies=loads(a=1, b=2)))
        assert await one.next() == Elsewhere(gateways=2, copies={A: 1, B: 2})
        one.tell(Counters(gateway="one", at=3))
        assert await two.next() == Elsewhere(gateways=2), "what has not changed for the first is not told to it again"
        two.writer.close()
        assert await one.next() == Elsewhere(gateways=1)
        one.writer.close()


async def test_a_copy_is_drained_once_every_gateway_says_so(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, asyncio.timeout(10):
        place.hub.publish(table(1, A, B))
        one, two = await place.join("one"), await place.join("two")
        place.hub.publish(table(2, B))
        async with asyncio.TaskGroup() as group:
            drained = group.create_task(place.hub.drained(A, limit_s=60))
            one.tell(CopyDrained(copy_id=A, gateway="one", table_version=2))
            one.tell(Counters(gateway="one", at=1))
            await place.event()
            assert not drained.done()
            two.writer.close()
        assert await place.event() == GatewayGone(gateway="two")
        one.writer.close()


async def test_a_copy_that_no_gateway_ever_lets_go_of_is_waited_for_no_longer_than_the_limit(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, asyncio.timeout(10):
        gateway = await place.join(draining=(A,))
        await place.hub.drained(A, limit_s=0.05)
        await place.hub.drained(B, limit_s=60)
        gateway.writer.close()


async def test_a_gateway_that_speaks_nonsense_is_hung_up_on_and_the_others_go_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, asyncio.timeout(10):
        good = await place.join("good")
        bad = await place.join("bad")
        bad.writer.write(b"\x00\x00\x00\x02\xff\xff")
        assert await place.event() == GatewayGone(gateway="bad")
        place.hub.publish(table(1))
        assert await good.next() == table(1)
        good.writer.close()
        bad.writer.close()


async def test_a_gateway_that_comes_back_takes_its_own_place(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, asyncio.timeout(10):
        old = await place.join("g")
        new = await place.join("g")
        old.writer.close()
        await old.writer.wait_closed()
        place.hub.publish(table(1))
        assert await new.next() == table(1)
        assert (place.hub.gateways, place.events.empty()) == (["g"], True)
        new.writer.close()


async def test_after_a_restart_no_copy_is_drained_before_the_gateways_had_time_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path, return_s=0.2) as place, asyncio.timeout(10), asyncio.TaskGroup() as group:
        place.hub.publish(table(5))
        drained = group.create_task(place.hub.drained(A, limit_s=60))
        gateway = await place.join(draining=(A,))
        await asyncio.wait([drained], timeout=0.4)
        assert not drained.done()
        gateway.tell(CopyDrained(copy_id=A, gateway="g", table_version=5))
        await drained
        gateway.writer.close()


async def test_a_copy_that_a_gateway_still_routes_to_is_drained_when_it_says_so(tmp_path: Path) -> None:
    async with serving(tmp_path) as place, asyncio.timeout(10), asyncio.TaskGroup() as group:
        place.hub.publish(table(5, B))
        gateway = await place.join(routed=(A, B))
        drained = group.create_task(place.hub.drained(A, limit_s=60))
        assert await gateway.next() == table(5, B)
        assert not drained.done()
        gateway.tell(CopyDrained(copy_id=A, gateway="g", table_version=5))
        await drained
        gateway.writer.close()


async def test_a_broken_link_is_no_dead_gateway(tmp_path: Path) -> None:
    async with serving(tmp_path, return_s=0.5) as place:
        place.hub.publish(table(1, A))
        first = await place.join(routed=(A,))
        await first.next()
        place.hub.publish(table(2))
        first.writer.transport.abort()
        assert await place.event() == GatewayGone(gateway="g")
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(place.hub.drained(A, limit_s=60))
            again = await place.join(draining=(A,))
            await again.next()
            assert not waiting.done()
            again.tell(CopyDrained(copy_id=A, gateway="g", table_version=2))
            async with asyncio.timeout(20):
                await waiting
        again.writer.close()


async def test_a_gateway_that_stays_away_holds_a_copy_no_longer_than_it_may(tmp_path: Path) -> None:
    async with serving(tmp_path, return_s=0.05) as place:
        place.hub.publish(table(1, A))
        gateway = await place.join(routed=(A,))
        await gateway.next()
        place.hub.publish(table(2))
        gateway.writer.transport.abort()
        async with asyncio.timeout(5):
            await place.hub.drained(A, limit_s=60)


async def test_an_end_ends_links_at_once_and_leaves_no_traceback(tmp_path: Path) -> None:
    """One gateway is there, one has just left and might return for another minute."""
    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    async with serving(tmp_path, return_s=60) as place:
        there, gone = await place.join("there"), await place.join("gone")
        gone.writer.close()
        assert await place.event() == GatewayGone(gateway="gone")
    async with asyncio.timeout(5):
        await there.reader.read()  # up to the end: the link is closed
    there.writer.close()
    assert told == []

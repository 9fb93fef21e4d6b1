"""The running server's driver, effects, runtime and store on virtual time, and a gateway of timers that serves a trace.

The gateway is written anew here, without the simulator's lanes: one callback for each arrival and each end, and the real routing
table.
"""

import asyncio
from collections import deque

import msgspec

from stoker.control.capacity import LocalCapacity
from stoker.control.driver import Driver
from stoker.control.effects import Effects
from stoker.control.hub import Hub
from stoker.domain.ids import CopyId, EndpointName, component_workload
from stoker.domain.instances import InstanceShape
from stoker.domain.keys import Keyring
from stoker.domain.scaling import ScalingActivity
from stoker.engine.events import DemandSeen, RuntimeObserved, TrafficSeen
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.engine.traffic import LatencySum, WorkloadCounts
from stoker.link.messages import ClockRate, RoutingTable
from stoker.service.routing import routing_table
from stoker.sim.arrangement import Policy
from stoker.sim.houses import INSTANCE_TYPE, VARIANT, component_names, found_house, shape
from stoker.sim.lane import AtNothing
from stoker.sim.traces.values import Stream, Trace
from stoker.sim.world import GATEWAY, LEAD
from stoker.testing.clock import LoopClock
from stoker.testing.desk import CountingIds
from stoker.testing.fake_runtime import FakeRuntime, Script
from stoker.testing.memory_store import MemoryStore
from stoker.units import SECOND, Span

FOREVER_S = 10_000_000.0


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same on both sides."""

    slots: int
    most: int
    provision: Span
    fetch: Span
    load: Span
    memory_mb: int = 0


class Drains(Hub):
    """The control plane's end of the link, asking the gateway below when a copy is empty."""

    __slots__ = ("gateways_",)

    def __init__(self, gateways: "list[Gateway]") -> None:
        super().__init__(clock=ClockRate(monotonic_ns=0, started=0), keys=Keyring(), broken=lambda _: None, cold=lambda _: None)
        self.gateways_ = gateways

    async def drained(self, copy_id: CopyId, *, limit_s: float) -> None:
        async with asyncio.timeout(limit_s):
            for gateway in self.gateways_:
                await gateway.emptied(copy_id)


class Gateway:
    """One workload's gateway."""

    def __init__(self, driver: Driver, stream: Stream, name: str, slots: int, at_nothing: AtNothing) -> None:
        self.driver = driver
        self.stream = stream
        self.name = name
        self.workload = component_workload(component_names([name])[0])
        self.slots = slots
        self.hold = at_nothing is AtNothing.HOLD
        self.loop = asyncio.get_running_loop()
        self.outstanding: dict[CopyId, int] = {}
        self.ready: list[CopyId] = []
        self.waiting: deque[int] = deque()
        self.empty: dict[CopyId, asyncio.Event] = {}
        self.waits: list[int] = []
        self.services: list[int] = []
        self.invocations = self.failures = self.most = self.told = 0
        for index, at in enumerate(stream.arrivals[:-1]):
            self.loop.call_at(at / SECOND, self.arrive, index)

    @property
    def in_flight(self) -> int:
        return sum(self.outstanding.values()) + (len(self.waiting) if self.ready else 0)

    def arrive(self, index: int) -> None:
        if self._free() is not None:
            self.begin(index)
            return
        if not self.ready and not self.hold:
            self.failures += 1
        self.waiting.append(index)
        self.most = max(self.most, self.in_flight)
        total = sum(self.outstanding[each] for each in self.ready) + len(self.waiting)
        if self.hold and total > self.told:
            self.told = -(-total // self.slots) * self.slots
            self.tell()

    def begin(self, index: int) -> None:
        copy = self._free()
        assert copy is not None
        self.outstanding[copy] += 1
        self.invocations += 1
        self.most = max(self.most, self.in_flight)
        self.waits.append(round(self.loop.time() * SECOND) - self.stream.arrivals[index])
        self.loop.call_later(self.stream.services[index] / SECOND, self.end, copy, self.stream.services[index])

    def end(self, copy: CopyId, service: int) -> None:
        self.outstanding[copy] -= 1
        self.services.append(service)
        if copy in self.ready:
            if self.waiting:
                self.begin(self.waiting.popleft())
        elif not self.outstanding[copy]:
            del self.outstanding[copy]
            if copy in self.empty:
                self.empty[copy].set()

    def _free(self) -> CopyId | None:
        return next((each for each in self.ready if self.outstanding[each] < self.slots), None)

    def routed(self, table: RoutingTable) -> None:
        route = next((each for each in table.workloads if each.workload == self.workload), None)
        copies = [] if route is None else [each.copy_id for each in route.copies]
        for gone in [each for each in self.ready if each not in copies]:
            self.ready.remove(gone)
            if not self.outstanding[gone]:
                del self.outstanding[gone]
        for new in [each for each in copies if each not in self.ready]:
            self.ready.append(new)
            self.outstanding[new] = 0
        while self.waiting and self._free() is not None:
            self.begin(self.waiting.popleft())
        self.most = max(self.most, self.in_flight)

    async def emptied(self, copy_id: CopyId) -> None:
        if copy_id in self.outstanding:
            await self.empty.setdefault(copy_id, asyncio.Event()).wait()

    def counts(self) -> WorkloadCounts | None:
        held = len(self.waiting) if self.hold and not self.ready else 0
        if not (self.invocations or self.most or self.failures or self.services or held):
            return None
        services, self.services = self.services, []
        counts = WorkloadCounts(
            workload=self.workload,
            endpoint=EndpointName(component_names([self.name])[0]),
            variant=VARIANT,
            invocations=self.invocations,
            no_capacity=self.failures,
            in_flight=self.in_flight,
            most_in_flight=self.most,
            held=held,
            model_latency=LatencySum(count=len(services), total_us=sum(services) / 1000),
        )
        self.invocations = self.failures = 0
        self.most = self.in_flight
        total = sum(self.outstanding[each] for each in self.ready) + len(self.waiting)
        self.told = -(-total // self.slots) * self.slots if self.waiting else 0
        return counts

    def tell(self) -> None:
        working = sum(self.outstanding.values())
        demand = DemandSeen(
            workload=self.workload, waiting=len(self.waiting), at=self.driver.now(), gateway=GATEWAY, in_flight=working
        )
        self.driver.post(demand)


class Shell:
    """The control plane's parts on virtual time."""

    def __init__(self, trace: Trace, sizes: Sizes) -> None:
        self.loop = asyncio.get_running_loop()
        clock = LoopClock(self.loop, trace.begin)
        self.trace = trace
        self.sizes = sizes
        self.gateways: list[Gateway] = []
        self.store = MemoryStore()
        self.runtime = FakeRuntime(clock, Script(fetch=sizes.fetch, load=sizes.load))
        self.ids = CountingIds()
        budget = InstanceShape(cpus=1e9, memory_mb=sizes.memory_mb) if sizes.memory_mb else None
        fleet = FleetOptions(shapes={INSTANCE_TYPE: shape(1)}, max_instances=10_000, budget=budget)
        self.platform = Platform(ids=self.ids, options=PlatformOptions(fleet=fleet))
        capacity = LocalCapacity(clock=clock, machine=None, provision=sizes.provision)
        self.effects = Effects(runtime=self.runtime, hub=Drains(self.gateways), capacity=capacity, drain_limit_s=FOREVER_S)
        self.driver = Driver(self.platform, store=self.store, clock=clock, ids=self.ids, effects=self.effects)

    async def live(self, policy: Policy, until: Span) -> None:
        """Serve the trace."""
        async with asyncio.TaskGroup() as group:
            self.effects.connect(group, self.driver.post, self.publish)
            tasks = [group.create_task(self.driver.run()), group.create_task(self.observe())]
            await self.settle(policy)
            tasks.append(group.create_task(self.report()))
            await asyncio.sleep(until / SECOND - self.loop.time())
            for task in tasks:
                task.cancel()
            self.effects.abandon()

    async def settle(self, policy: Policy) -> None:
        slots, most, begin = self.sizes.slots, self.sizes.most, self.trace.begin
        for name in component_names([stream.model for stream in self.trace.streams]):
            for event in found_house(name, slots=slots, most_instances=most, tags=policy.tags(most), now=begin):
                await self.driver.submit(event)
            for event in policy.arrange(name, slots=slots, most=most, ids=self.ids, now=begin):
                await self.driver.submit(event)
        for stream in self.trace.streams:
            self.gateways.append(Gateway(self.driver, stream, stream.model, slots, policy.at_nothing))

    def publish(self) -> None:
        table = routing_table(self.platform, 1)
        for gateway in self.gateways:
            gateway.routed(table)

    async def observe(self) -> None:
        async for observation in self.runtime.observe():
            self.driver.post(RuntimeObserved(observation=observation))

    async def report(self) -> None:
        second = 1
        while True:
            await asyncio.sleep(second - LEAD / SECOND - self.loop.time())
            second += 1
            counts = tuple(each for gateway in self.gateways if (each := gateway.counts()) is not None)
            if counts:
                self.driver.post(TrafficSeen(gateway=GATEWAY, at=self.driver.now(), counts=counts))
            for gateway in self.gateways:
                if gateway.hold and gateway.waiting and not gateway.ready:
                    gateway.tell()


async def live(trace: Trace, policy: Policy, sizes: Sizes, until: Span) -> tuple[list[Gateway], list[ScalingActivity]]:
    """Let the driver live through a trace; gives the gateways, and what scaling did."""
    shell = Shell(trace, sizes)
    await shell.live(policy, until)
    kept = await shell.store.history("activity", None, limit=100_000)
    return shell.gateways, [msgspec.msgpack.decode(document, type=ScalingActivity) for document in kept]

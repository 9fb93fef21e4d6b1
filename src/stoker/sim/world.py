"""The world around the engine: machines come up, copies start and end, a gateway reports; all on one virtual clock.

The engine's `Platform` is the one that the running server drives. Each model is an inference component on an endpoint of its own:
models share nothing, so lanes may run ahead of each other between two instants at which the engine has something to do. Where
they share a bounded memory they do not: then lanes keep in step.
"""

import heapq
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from stoker.decisions.eviction import EvictionOptions
from stoker.domain.ids import ComponentName, CopyId, EndpointName, InstanceId, WorkloadId, component_workload
from stoker.domain.instances import InstanceShape
from stoker.engine.commands import Command, Explained, LaunchInstance, StartCopy, StopCopy, TerminateInstance
from stoker.engine.events import DemandSeen, Event, InstanceGone, InstanceReady, RuntimeObserved, TrafficSeen
from stoker.engine.observations import CopyGone, CopyPhase, CopyReady, CopySpec
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.engine.traffic import LatencySum, WorkloadCounts
from stoker.errors import InvariantBrokenError
from stoker.sim.accounts import Accounts, Life
from stoker.sim.arrangement import Policy
from stoker.sim.houses import COPY_MB, VARIANT, component_names, found_house, instance_type, shape
from stoker.sim.lane import MASK, AtNothing, Lane
from stoker.sim.laws import Start
from stoker.sim.routers import router
from stoker.sim.traces.values import FOREVER, Trace
from stoker.testing.desk import CountingIds
from stoker.units import MILLISECOND, SECOND, Instant, Span

if TYPE_CHECKING:
    from stoker.domain.scaling import ScalingActivity

GATEWAY: Final = "simulated"
LEAD: Final[Span] = MILLISECOND
"""How long before each whole second the gateway reports."""
MAX_ACTIVITIES: Final = 1_000_000
_MICROSECOND: Final = 1000


class WorldOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a simulated installation is like. `at_nothing` None leaves it to the policy; `routing` is one of `routers.ROUTERS`.

    All instances together have `memory_mb`, 0 for no bound. Models of `sizes_mb` and `starts` have copies of other sizes, and
    other times to start.
    """

    slots: int = 1
    most_copies: int = 1000
    copies_per_instance: int = 1
    start: Start = Start()
    idle_release: Span = 600 * SECOND
    at_nothing: AtNothing | None = None
    routing: str = "least"
    seed: int = 0
    memory_mb: int = 0
    sizes_mb: Mapping[str, int] = {}
    starts: Mapping[str, Start] = {}
    eviction: EvictionOptions = EvictionOptions()


class _Copy:
    """A copy that the engine had started: its number is its name in its model's lane."""

    __slots__ = ("copy_id", "model", "number", "ready", "started", "stopping")

    def __init__(self, copy_id: CopyId, model: int, number: int, started: Instant) -> None:
        self.copy_id = copy_id
        self.model = model
        self.number = number
        self.started = started
        self.ready: Instant = -1
        self.stopping = False


class World:
    """A platform, its gateway and its machines, living through a trace. Instants here count from the trace's begin.

    `activities` is what scaling did, in order; `accounts` what was paid for; `lanes` tell what invocations waited.
    """

    def __init__(self, trace: Trace, policy: Policy, options: WorldOptions) -> None:
        self.trace = trace
        self.now: Instant = 0
        self.accounts = Accounts(trace.span)
        self.activities: list[ScalingActivity] = []
        self.lanes: list[Lane] = []
        self._options = options
        self._lag = policy.lag
        self.slots = options.slots
        self._chance = random.Random(options.seed)  # noqa: S311 - seeded, guards nothing
        self._ids = CountingIds()
        most = max(1000, options.most_copies * len(trace.streams))
        sizes = {COPY_MB, *options.sizes_mb.values()}
        fleet = FleetOptions(
            shapes={instance_type(size): shape(options.copies_per_instance, size) for size in sizes},
            idle_release=options.idle_release,
            max_instances=most,
            budget=InstanceShape(cpus=1e9, memory_mb=options.memory_mb, accelerators=0.0) if options.memory_mb else None,
        )
        self.platform = Platform(ids=self._ids, options=PlatformOptions(fleet=fleet, eviction=options.eviction))
        self._events: list[tuple[Instant, int, Callable[[], None]]] = []
        self._scheduled = 0
        self._copies: dict[CopyId, _Copy] = {}
        self._numbered: dict[int, _Copy] = {}
        self._numbers = 0
        self._instances: dict[InstanceId, Instant] = {}
        self._workloads: list[WorkloadId] = []
        self._endpoints: list[EndpointName] = []
        self._models: dict[WorkloadId, int] = {}
        self._due: list[tuple[Instant, int]] = []
        self._due_at: list[Instant] = []
        self._active: dict[int, None] = {}
        self._settle(policy)

    @property
    def arrived(self) -> int:
        """How many invocations have come so far."""
        return sum(lane.next for lane in self.lanes)

    @property
    def waiting(self) -> int:
        """How many invocations wait now."""
        return sum(len(lane.queue) for lane in self.lanes)

    def run(self, until: Instant) -> None:
        """Let everything up to and including `until` happen."""
        begin, events = self.trace.begin, self._events
        while True:
            event_at, report_at, tick_at = self._moments()
            at = min(event_at, report_at, tick_at)
            if self._run_lanes(min(at, until)):
                continue
            if at > until:
                self.now = max(self.now, until)
                return
            self.now = at
            if event_at == at:
                heapq.heappop(events)[2]()
            elif report_at == at:
                self._report()
            else:
                self._do(self.platform.tick(begin + at))

    def serve_rest(self, limit: Span, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Let everybody who waits or is served come to an end, those who wait within `limit`; False when `stopped` said so."""
        self.run(self.now)  # of a trace that is one instant nothing has come yet
        last = self.now + limit
        while self.waiting and self.now < last:
            if stopped():
                return False
            # No farther than the moment when nobody waits any more: what runs after it is not to be paid for.
            at = min(*self._moments(), self._due[0][0] if self._due else FOREVER)
            self.run(min(last, max(self.now + 1, at)))
        ends = max([self.now, *(lane.last_end for lane in self.lanes)])
        while self.now < ends:
            if stopped():
                return False
            self.run(min(ends, self.now + 1000 * SECOND))
        return True

    def _moments(self) -> tuple[Instant, Instant, Instant]:
        """Give when the next thing that is known of happens, when the gateway reports, and when the engine has to be called."""
        deadline = self.platform.next_deadline()
        tick_at = FOREVER if deadline is None else max(self.now, deadline - self.trace.begin)
        return self._events[0][0] if self._events else FOREVER, self._report_at(), tick_at

    def close(self) -> None:
        """Charge for what is left: it ends now."""
        for copy in self._copies.values():
            self.accounts.copies.append(Life(copy.model, min(copy.started, self.now), copy.ready, self.now))
        self.accounts.instances.extend((started, self.now) for started in self._instances.values())

    # Lanes.

    def _run_lanes(self, until: Instant) -> bool:
        """Let lanes run up to `until`; gives whether one stopped early, as the platform must hear of something."""
        stopped = False
        due, due_at = self._due, self._due_at
        if due and self.now < due[0][0] <= until and not self._active:
            self.now = due[0][0]  # nothing happened since: reports count from here
        while due and due[0][0] <= until:
            at, model = heapq.heappop(due)
            if due_at[model] != at:
                continue
            lane = self.lanes[model]
            self._active[model] = None
            early = lane.run(min(until, due[0][0]) if due and self._options.memory_mb else until)
            if early == FOREVER:
                due_at[model] = -1
                self._schedule(model)
            else:
                due_at[model] = -2
                stopped = True
                self._later(early, partial(self._heard, model))
                if self._options.memory_mb:
                    return True  # what follows may take another lane's copies away
        return stopped

    def _heard(self, model: int) -> None:
        """A lane has something to tell."""
        lane = self.lanes[model]
        if lane.emptied >= 0:
            copy = self._numbered[lane.emptied]
            lane.emptied = -1
            self._gone(copy)
        if lane.demand:
            self._tell_demand(model, lane.demand)
            lane.demand = 0
        self._due_at[model] = -1
        self._schedule(model)

    def _schedule(self, model: int) -> None:
        at = self.lanes[model].next_instant()
        if self._due_at[model] not in {at, -2}:
            self._due_at[model] = at
            if at < FOREVER:
                heapq.heappush(self._due, (at, model))

    # What the gateway tells.

    def _report_at(self) -> Instant:
        """Give when the gateway reports next: just before a whole second, so that ten reports make a datapoint."""
        if self._active:
            base = self.now
        elif self._due:
            base = max(self.now, self._due[0][0])
        else:
            return FOREVER
        begin = self.trace.begin
        return ((begin + base + LEAD) // SECOND + 1) * SECOND - LEAD - begin

    def _report(self) -> None:
        at = self.trace.begin + self.now
        counts: list[WorkloadCounts] = []
        demand = 0
        for model in list(self._active):
            lane = self.lanes[model]
            if lane.quiet:
                del self._active[model]
                continue
            demand += max(lane.most, lane.working + len(lane.queue))
            counts.append(self._counts(model, lane))
        self.accounts.note_demand(self.now, demand)
        if counts:
            self._handle(TrafficSeen(gateway=GATEWAY, at=at, counts=tuple(counts)))
        for model in self._active:
            if held := self.lanes[model].held:
                self._tell_demand(model, held)

    def _counts(self, model: int, lane: Lane) -> WorkloadCounts:
        handed, most, failures, services = lane.report()
        latency = LatencySum()
        if services:
            latency = LatencySum(
                count=len(services),
                total_us=sum(services) / _MICROSECOND,
                least_us=min(services) / _MICROSECOND,
                most_us=max(services) / _MICROSECOND,
            )
        return WorkloadCounts(
            workload=self._workloads[model],
            endpoint=self._endpoints[model],
            variant=VARIANT,
            invocations=handed,
            no_capacity=failures,
            in_flight=lane.in_flight,
            most_in_flight=most,
            held=lane.held,
            model_latency=latency,
        )

    def _tell_demand(self, model: int, waiting: int) -> None:
        at, working = self.trace.begin + self.now, self.lanes[model].working
        self._handle(DemandSeen(workload=self._workloads[model], waiting=waiting, at=at, gateway=GATEWAY, in_flight=working))

    # What the engine asks for.

    def _handle(self, event: Event) -> None:
        self._do(self.platform.handle(event, self.trace.begin + self.now))

    def _do(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case StartCopy(spec=spec):
                    self._start(spec)
                case StopCopy(copy_id=copy_id):
                    self._stop(copy_id)
                case LaunchInstance(instance=instance):
                    self._instances[instance.instance_id] = self.now
                    ready = InstanceReady(instance_id=instance.instance_id)
                    self._later(self.now + self._options.start.provision.draw(self._chance), partial(self._handle, ready))
                case TerminateInstance(instance_id=instance_id):
                    self.accounts.instances.append((self._instances.pop(instance_id), self.now))
                    self._later(self.now, partial(self._handle, InstanceGone(instance_id=instance_id)))
                case Explained(activity=activity):
                    if len(self.activities) < MAX_ACTIVITIES:
                        self.activities.append(activity)
                case _:
                    pass  # nothing is written, and the lanes know their copies without a routing table

    def _start(self, spec: CopySpec) -> None:
        model, chance = self._models[spec.workload], self._chance
        start = self._options.starts.get(self.trace.streams[model].model, self._options.start)
        if self._numbers >= MASK:
            raise InvariantBrokenError("The simulation started more copies than it can number.")
        began = self.now + self._lag + start.decide.draw(chance)
        copy = _Copy(spec.copy_id, model, self._numbers, began)
        self._numbers += 1
        self._copies[copy.copy_id] = self._numbered[copy.number] = copy
        fetched = began + start.fetch.draw(chance)
        if fetched > began:
            self._later(fetched, partial(self._fetched, copy))
        self._later(fetched + start.load.draw(chance), partial(self._ready, copy))

    def _fetched(self, copy: _Copy) -> None:
        if not copy.stopping:
            at = self.trace.begin + self.now
            self._handle(RuntimeObserved(observation=CopyPhase(copy_id=copy.copy_id, phase="fetched", at=at)))

    def _ready(self, copy: _Copy) -> None:
        if copy.stopping:
            return
        copy.ready = self.now
        self.lanes[copy.model].add(copy.number, self.now)
        self._active[copy.model] = None
        self._schedule(copy.model)
        self._handle(RuntimeObserved(observation=CopyReady(copy_id=copy.copy_id, at=self.trace.begin + self.now, port=9)))

    def _stop(self, copy_id: CopyId) -> None:
        copy = self._copies.get(copy_id)
        if copy is None or copy.stopping:
            return
        copy.stopping = True
        if copy.ready < 0 or self.lanes[copy.model].drain(copy.number):
            self._later(self.now, partial(self._gone, copy))

    def _gone(self, copy: _Copy) -> None:
        del self._copies[copy.copy_id]
        del self._numbered[copy.number]
        self.accounts.copies.append(Life(copy.model, min(copy.started, self.now), copy.ready, self.now))
        self._handle(RuntimeObserved(observation=CopyGone(copy_id=copy.copy_id, at=self.trace.begin + self.now, exit_code=0)))

    def _later(self, at: Instant, happens: Callable[[], None]) -> None:
        self._scheduled += 1
        heapq.heappush(self._events, (at, self._scheduled, happens))

    # The beginning.

    def _settle(self, policy: Policy) -> None:
        """Found the models' components, with their policies and without copies."""
        options = self._options
        names = component_names([stream.model for stream in self.trace.streams])
        self._endpoints = [EndpointName(name) for name in names]
        zero = options.at_nothing or policy.at_nothing
        for model, (stream, name) in enumerate(zip(self.trace.streams, names, strict=True)):
            workload = component_workload(name)
            self._workloads.append(workload)
            self._models[workload] = model
            lane = Lane(
                stream,
                slots=options.slots,
                router=router(options.routing, options.slots, self._chance),
                at_nothing=zero,
                may_wait=partial(self._may_wait, name, workload),
                tells=policy.by_service,
            )
            self.lanes.append(lane)
            self._due_at.append(-1)
            now = self.trace.begin
            tags = policy.tags(options.most_copies)
            size, most = options.sizes_mb.get(stream.model, COPY_MB), options.most_copies
            for event in found_house(name, slots=options.slots, most_instances=most, tags=tags, now=now, copy_mb=size):
                self._handle(event)
            for event in policy.arrange(name, slots=options.slots, most=options.most_copies, ids=self._ids, now=now):
                self._handle(event)
            self._schedule(model)

    def _may_wait(self, name: ComponentName, workload: WorkloadId) -> tuple[int, bool]:
        return self.platform.fleet.components[name].desired_copies, self.platform.wakeable(workload)

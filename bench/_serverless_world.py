"""Serverless endpoints under a trace: the platform's own engine and accounts, with everything around them on a virtual clock.

One gateway takes requests, refuses what is beyond a place, holds what finds no environment in order, and reports each second.
An environment starts after a fixed time and works on one request. Nothing else is played: what starts and stops, when, and what
it costs, is decided by the code that runs in production.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from stoker.decisions.serverless import Seen, ServerlessOptions, throttled
from stoker.domain.endpoints import Endpoint, ProductionVariant, VariantState
from stoker.domain.ids import ConfigName, CopyId, EndpointName, VariantName, WorkloadId, variant_workload
from stoker.domain.models import Container
from stoker.domain.serverless import MODEL_TIMEOUT, SHAPES, ServerlessConfig, environment_type
from stoker.domain.states import EndpointStatus
from stoker.domain.usage import DayUse
from stoker.engine.accounting import Accounting
from stoker.engine.commands import Append, Command, LaunchInstance, StartCopy, StopCopy, TerminateInstance
from stoker.engine.events import DemandSeen, EndpointCreated, Event, InstanceGone, InstanceReady, RuntimeObserved, TrafficSeen
from stoker.engine.observations import CopyGone, CopyReady
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.engine.traffic import CopyLoad, LatencySum, WorkloadCounts
from stoker.sim.traces.values import Trace
from stoker.testing.desk import CountingIds
from stoker.units import DAY, HOUR, SECOND, Instant, Span

VARIANT = VariantName("v")
GATEWAY = "gateway"
BEGIN: Instant = 20_000 * DAY
LEAD: Span = HOUR
"""How long endpoints have been there when the trace begins: what they showed themselves with is gone by then."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One run: each endpoint's configuration, how long an idle environment is kept, and how long one takes to start."""

    config: ServerlessConfig
    total_concurrency: int
    idle_release: Span
    start: Span


class Served(msgspec.Struct, kw_only=True):
    """What became of the requests; waits are in ns, those of requests that met an environment 0. `worked` is all that took."""

    waits: list[Span] = []
    worked: Span = 0
    cold: int = 0
    throttled: int = 0
    late: int = 0


class _Request:
    """A request that is worked on or waits."""

    __slots__ = ("came", "service")

    def __init__(self, came: Instant, service: Span) -> None:
        self.came = came
        self.service = service


class _Site:
    """One endpoint as the gateway sees it."""

    __slots__ = ("answered", "busy", "done_us", "free", "handed", "leaving", "most", "name", "peak", "waiting", "workload")

    def __init__(self, name: EndpointName) -> None:
        self.name = name
        self.workload = variant_workload(name, VARIANT)
        self.waiting: deque[_Request] = deque()
        self.busy: dict[CopyId, _Request] = {}
        self.free: dict[CopyId, None] = {}
        self.leaving: set[CopyId] = set()
        self.handed = self.done_us = self.most = self.peak = 0
        self.answered: dict[CopyId, int] = {}

    @property
    def requests(self) -> int:
        """How many are worked on or wait."""
        return len(self.busy) + len(self.waiting)


class World:
    """Runs a trace, each stream against an endpoint of its own."""

    def __init__(self, trace: Trace, case: Case) -> None:
        self.case = case
        self.now: Instant = BEGIN
        self.served = Served()
        self.options = ServerlessOptions(total_concurrency=case.total_concurrency, idle_release=case.idle_release)
        fleet = FleetOptions(shapes=SHAPES, max_instances=10_000)
        self.platform = Platform(ids=CountingIds(), options=PlatformOptions(fleet=fleet, serverless=self.options))
        self.accounting = Accounting(self.platform.fleet, self.platform.autoscaler.targets)
        self.rows: list[DayUse] = []
        self.sites: dict[WorkloadId, _Site] = {}
        self._of_copy: dict[CopyId, _Site] = {}
        self._later: list[tuple[Instant, int, Event | CopyId | _Arrival | None]] = []
        self._number = 0
        self._active: dict[WorkloadId, None] = {}
        self._report_at: Instant | None = None
        self._requests = 0
        for place, stream in enumerate(trace.streams):
            site = _Site(EndpointName(f"e{place}"))
            self.sites[site.workload] = site
            self._create(site)
            self._push(BEGIN + LEAD + stream.arrivals[0], _Arrival(site, stream.arrivals, stream.services))
        self.until = BEGIN + LEAD + trace.span

    def run(self) -> list[DayUse]:
        """Run it all; gives what was used."""
        while True:
            deadlines = (self.platform.next_deadline(), self.accounting.next_deadline())
            at = min((each for each in deadlines if each is not None), default=None)
            if self._later and (at is None or self._later[0][0] <= at):
                at, _, what = heapq.heappop(self._later)
                self.now = max(self.now, at)
                self._happen(what)
            elif at is None or (at > self.until and not self._later):
                break
            else:
                self.now = max(self.now, at)
                self._do(None, self.platform.tick(self.now))
            if self.now > self.until + HOUR:
                break
        self.now = max(self.now, self.until)
        return [*self.rows, *self.accounting.rows(self.now)]

    def _create(self, site: _Site) -> None:
        config = self.case.config
        spec = ProductionVariant(name=VARIANT, instance_type=environment_type(config.memory_mb), serverless=config)
        container = Container(image="stoker/python")
        state = VariantState(
            spec=spec, weight=1.0, desired_instances=max(1, config.provisioned), container=container, serverless=config
        )
        endpoint = Endpoint(
            name=site.name,
            config=ConfigName("c"),
            status=EndpointStatus.CREATING,
            variants=(state,),
            created=self.now,
            modified=self.now,
        )
        self._handle(EndpointCreated(endpoint=endpoint))

    def _push(self, at: Instant, what: "Event | CopyId | _Arrival | None") -> None:
        self._number += 1
        heapq.heappush(self._later, (at, self._number, what))

    def _happen(self, what: "Event | CopyId | _Arrival | None") -> None:
        if what is None:
            self._report()
        elif isinstance(what, _Arrival):
            self._arrive(what)
        elif isinstance(what, str):
            self._finish(CopyId(what))
        else:
            if isinstance(what, RuntimeObserved) and isinstance(what.observation, CopyReady):
                self._ready(what.observation.copy_id)
            self._handle(what)

    def _handle(self, event: Event) -> None:
        self._do(event, self.platform.handle(event, self.now))

    def _do(self, event: Event | None, commands: Sequence[Command]) -> None:
        for write in self.accounting.follow(event, commands, self.now):
            if isinstance(write, Append):
                self.rows.append(msgspec.msgpack.decode(write.document, type=DayUse))
        for command in commands:
            match command:
                case LaunchInstance(instance=instance):
                    self._push(self.now, InstanceReady(instance_id=instance.instance_id))
                case TerminateInstance(instance_id=instance_id):
                    self._push(self.now, InstanceGone(instance_id=instance_id))
                case StartCopy(spec=spec):
                    self._of_copy[spec.copy_id] = self.sites[spec.workload]
                    ready = CopyReady(copy_id=spec.copy_id, at=self.now + self.case.start, port=1)
                    self._push(self.now + self.case.start, RuntimeObserved(observation=ready))
                case StopCopy(copy_id=copy_id):
                    self._stop(copy_id)
                case _:
                    pass

    # The gateway.

    def _arrive(self, arrival: "_Arrival") -> None:
        site, request = arrival.site, _Request(self.now, min(MODEL_TIMEOUT, arrival.services[arrival.place]))
        arrival.place += 1
        if arrival.place < len(arrival.services):
            self._push(BEGIN + LEAD + arrival.arrivals[arrival.place], arrival)
        seen = Seen(requests=site.requests, elsewhere=self._requests - site.requests)
        if throttled(self.case.config, seen, self.options):
            self.served.throttled += 1
            return
        self._requests += 1
        site.peak = max(site.peak, site.requests + 1)
        self._touch(site)
        if site.free:
            self._begin(site, next(iter(site.free)), request)
            return
        site.waiting.append(request)
        self._tell(site)

    def _tell(self, site: _Site) -> None:
        waiting, busy = len(site.waiting), len(site.busy)
        self._handle(DemandSeen(workload=site.workload, waiting=waiting, at=self.now, gateway=GATEWAY, in_flight=busy))

    def _begin(self, site: _Site, copy_id: CopyId, request: _Request) -> None:
        site.free.pop(copy_id, None)
        site.busy[copy_id] = request
        site.handed += 1
        site.most = max(site.most, len(site.busy))
        wait = self.now - request.came
        self.served.waits.append(wait)
        self.served.cold += wait > 0
        self._push(self.now + request.service, copy_id)

    def _finish(self, copy_id: CopyId) -> None:
        site = self._of_copy[copy_id]
        request = site.busy.pop(copy_id)
        self._requests -= 1
        site.done_us += request.service // 1000
        self.served.worked += request.service
        site.answered[copy_id] = site.answered.get(copy_id, 0) + 1
        self._touch(site)
        if copy_id in site.leaving:
            self._gone(copy_id)
        else:
            self._take(site, copy_id)

    def _ready(self, copy_id: CopyId) -> None:
        site = self._of_copy.get(copy_id)
        if site is not None and copy_id not in site.leaving:
            self._take(site, copy_id)

    def _take(self, site: _Site, copy_id: CopyId) -> None:
        """Give an environment its next request, one that has not waited too long."""
        while site.waiting:
            request = site.waiting.popleft()
            if self.now - request.came <= self.options.longest_hold:
                self._begin(site, copy_id, request)
                return
            self.served.late += 1
            self._requests -= 1
        site.free[copy_id] = None

    def _stop(self, copy_id: CopyId) -> None:
        site = self._of_copy[copy_id]
        site.leaving.add(copy_id)
        site.free.pop(copy_id, None)
        if copy_id not in site.busy:
            self._gone(copy_id)

    def _gone(self, copy_id: CopyId) -> None:
        site = self._of_copy.pop(copy_id)
        site.leaving.discard(copy_id)
        site.answered.pop(copy_id, None)
        self._push(self.now, RuntimeObserved(observation=CopyGone(copy_id=copy_id, at=self.now)))

    def _touch(self, site: _Site) -> None:
        self._active[site.workload] = None
        if self._report_at is None:
            self._report_at = (self.now // SECOND + 1) * SECOND
            self._push(self._report_at, None)

    def _report(self) -> None:
        """Tell what there is and what was done in the last second; those that are quiet now are told of once more."""
        self._report_at = None
        sites = [self.sites[workload] for workload in self._active]
        counts = tuple(_counts(site) for site in sites)
        copies = tuple(load for site in sites for load in _loads(site))
        self._active = {site.workload: None for site in sites if site.requests}
        for site in sites:
            site.handed = site.done_us = 0
            site.most = len(site.busy)
            site.answered.clear()
        self._handle(TrafficSeen(gateway=GATEWAY, at=self.now, counts=counts, copies=copies))
        if self._active and self._report_at is None:
            self._report_at = self.now + SECOND
            self._push(self._report_at, None)


class _Arrival:
    """Where a stream has come to."""

    __slots__ = ("arrivals", "place", "services", "site")

    def __init__(self, site: _Site, arrivals: Sequence[int], services: Sequence[int]) -> None:
        self.site = site
        self.arrivals = arrivals
        self.services = services
        self.place = 0


def _counts(site: _Site) -> WorkloadCounts:
    answered = sum(site.answered.values())
    latency = LatencySum(count=answered, total_us=float(site.done_us)) if answered else LatencySum()
    return WorkloadCounts(
        workload=site.workload,
        endpoint=site.name,
        variant=VARIANT,
        invocations=site.handed,
        in_flight=len(site.busy),
        most_in_flight=site.most,
        held=len(site.waiting),
        model_latency=latency,
    )


def _loads(site: _Site) -> Iterable[CopyLoad]:
    for copy_id in {**dict.fromkeys(site.busy), **dict.fromkeys(site.answered)}:
        yield CopyLoad(copy_id=copy_id, in_flight=int(copy_id in site.busy), answered=site.answered.get(copy_id, 0))

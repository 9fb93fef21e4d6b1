"""Makes SageMaker's metrics of what gateways count, and knows what is in flight right now.

Concurrency is sampled with every report and once at each ten-second boundary, so that a workload with capacity always has
a datapoint, a zero one when it is idle, and a workload without capacity has none (that is what lets target tracking
reach zero, and keeps it from leaving it). A request adds 1/copies to the `…PerCopy` metrics, as SageMaker does.
"""

from typing import NamedTuple

from stoker.decisions.metrics import MetricBook, StatisticSet, Writer
from stoker.decisions.percentiles import Distribution
from stoker.domain.alarms import MetricKey
from stoker.domain.ids import ComponentName, WorkloadId
from stoker.engine.environment_metrics import EnvironmentMetrics
from stoker.engine.events import DemandSeen, SampleSet, TrafficSeen
from stoker.engine.fleet import Fleet
from stoker.engine.many_models import latency, record_models
from stoker.engine.traffic import WorkloadCounts
from stoker.engine.uses import Uses
from stoker.units import MINUTE, SECOND, Instant, Span

NAMESPACE = "AWS/SageMaker"
HIGH_RESOLUTION: Span = 10 * SECOND
"""How often concurrency is emitted (AWS's faster auto scaling metrics: every 10 seconds)."""
MOST_LATE: Span = 5 * MINUTE
"""How far back boundaries are sampled that nobody was there for: a machine that slept longer has a hole in its metrics."""

_ONE_ZERO = StatisticSet(count=1.0, total=0.0, least=0.0, most=0.0)


class Live(NamedTuple):
    """What one gateway has of a workload now. Of those in flight so many are `answering`: the head of their reply is there."""

    in_flight: int
    held: int
    answering: int = 0


class Totals:
    """What gateways have counted of a workload since the control plane started, and how many of its copies made way."""

    __slots__ = (
        "errors_4xx",
        "errors_5xx",
        "evictions",
        "invocations",
        "last",
        "latency_us",
        "model_errors",
        "no_capacity",
        "replies",
    )

    def __init__(self) -> None:
        self.invocations = self.replies = 0
        self.errors_4xx = self.errors_5xx = self.model_errors = 0
        self.no_capacity = self.evictions = 0
        self.latency_us = 0.0
        self.last: Instant = 0

    def add(self, counts: WorkloadCounts, at: Instant) -> None:
        """Take in a report of the span that ends at `at`; `last` is when there were invocations last."""
        if counts.invocations:
            self.last = at
        self.invocations += counts.invocations
        self.errors_4xx += counts.errors_4xx
        self.errors_5xx += counts.errors_5xx
        self.model_errors += counts.model_errors
        self.no_capacity += counts.no_capacity
        self.replies += counts.model_latency.count
        self.latency_us += counts.model_latency.total_us


class _Keys(NamedTuple):
    """A workload's dimensions: its own metrics, and those of the variant it runs on."""

    own: tuple[tuple[str, str], ...]
    variant: tuple[tuple[str, str], ...]
    component: bool


class _Writers(NamedTuple):
    """What records one metric of a workload, and that of the variant it runs on unless they are the same."""

    own: Writer
    variant: Writer | None


class Metering:
    """Turns reports into metrics on the book, and answers whether a workload is busy."""

    __slots__ = ("_boundary", "_keys", "_leases", "_live", "_writers", "book", "environments", "fleet", "totals", "uses")

    def __init__(self, fleet: Fleet, book: MetricBook, uses: Uses | None = None) -> None:
        self.fleet = fleet
        self.uses = Uses() if uses is None else uses
        self.book = book
        self.environments = EnvironmentMetrics(fleet, book)
        self.totals: dict[WorkloadId, Totals] = {}
        self._live: dict[WorkloadId, dict[str, Live]] = {}
        self._leases: dict[WorkloadId, int] = {}
        self._keys: dict[WorkloadId, _Keys] = {}
        self._writers: dict[WorkloadId, dict[str, _Writers]] = {}
        self._boundary: Instant = 0

    def in_flight(self, workload: WorkloadId) -> int:
        """Give how many invocations of the workload copies work on now."""
        gateways = self._live.get(workload)
        return sum([live.in_flight for live in gateways.values()]) if gateways else 0

    def answering(self, workload: WorkloadId) -> int:
        """Give how many of those in flight are no longer pending: the head of their reply is there."""
        gateways = self._live.get(workload)
        return sum([live.answering for live in gateways.values()]) if gateways else 0

    def concurrent(self, workload: WorkloadId) -> int:
        """Give how many invocations there are now, those that wait in a gateway for a free copy among them (as AWS counts)."""
        gateways = self._live.get(workload)
        return sum([live.in_flight + live.held for live in gateways.values()]) if gateways else 0

    def held(self, workload: WorkloadId) -> int:
        """Give how many invocations wait for capacity of the workload now, or did at a gateway that vanished just now."""
        gateways = self._live.get(workload)
        held = sum([live.held for live in gateways.values()]) if gateways else 0
        return max(held, self._leases[workload]) if self._leases and workload in self._leases else held

    def seen(self, report: TrafficSeen) -> None:
        """Take in a gateway's report. A workload it no longer names has nothing in flight there, and nobody waits."""
        named = {c.workload for c in report.counts}
        for workload, gateways in list(self._live.items()):
            if workload not in named and report.gateway in gateways:
                self._keep_live(workload, report.gateway, Live(0, 0))
        for counts in report.counts:
            if counts.workload in self._keys or self.fleet.workload(counts.workload) is not None:  # else it is gone by now
                self._count(report.gateway, counts, report.at)

    def demand(self, event: DemandSeen) -> None:
        """Take in at once what a gateway says waits; its next report says the same or better."""
        if not event.gateway or (event.workload not in self._keys and self.fleet.workload(event.workload) is None):
            return
        before = self._live.get(event.workload, {}).get(event.gateway, Live(0, 0))
        in_flight = before.in_flight if event.in_flight is None else event.in_flight
        self._keep_live(event.workload, event.gateway, Live(in_flight, event.waiting, min(in_flight, before.answering)))

    def gateway_gone(self, gateway: str) -> list[WorkloadId]:
        """What a vanished gateway had in flight is over; what waited there is leased, and its workloads are given.

        Its clients will come again by another gateway, and the capacity that they waited for is to be on its way still.
        """
        leased = []
        for workload, gateways in list(self._live.items()):
            live = gateways.get(gateway)
            if live is None:
                continue
            if live.held:
                self._leases[workload] = max(live.held, self._leases.get(workload, 0))
                leased.append(workload)
            self._keep_live(workload, gateway, Live(0, 0))
        return leased

    def lease_over(self, workload: WorkloadId) -> None:
        """Whoever waited at a gateway that vanished has come again by now, or will not."""
        self._leases.pop(workload, None)

    def _keep_live(self, workload: WorkloadId, gateway: str, live: Live) -> None:
        if live.in_flight or live.held:
            self._live.setdefault(workload, {})[gateway] = live
            return
        gateways = self._live.get(workload, {})
        if gateways.pop(gateway, None) is not None and not gateways:
            del self._live[workload]

    def put(self, samples: tuple[SampleSet, ...]) -> None:
        """Keep a caller's own metrics."""
        for s in samples:
            values = StatisticSet(count=s.count, total=s.total, least=s.least, most=s.most)
            spread: dict[float, float] = {}
            for value, count in s.values:
                spread[value] = spread.get(value, 0.0) + count
            self.book.record(s.key, s.at, values, s.resolution, s.unit, spread or None)

    def next_deadline(self) -> Instant | None:
        """Give the next boundary at which workloads with capacity are sampled; None while there are none."""
        return self._boundary + HIGH_RESOLUTION if self.fleet.serving_counts else None

    def rest(self, now: Instant) -> None:
        """Let boundaries pass at which nothing had capacity: they are not to be sampled once something has."""
        if not self._boundary or not self.fleet.serving_counts:
            self._boundary = max(self._boundary, now - now % HIGH_RESOLUTION)

    def tick(self, now: Instant) -> None:
        """At each boundary, sample the period that it ends; those that a late call has missed are sampled as things are now.

        A hole between datapoints would keep alarms from ever having as many as they want.
        """
        self.rest(now)
        last = now - now % HIGH_RESOLUTION
        first = max(self._boundary, last - MOST_LATE) + HIGH_RESOLUTION
        for boundary in range(first, last + 1, HIGH_RESOLUTION):
            self._boundary = boundary
            self._sample(boundary)

    def _sample(self, boundary: Instant) -> None:
        inside = boundary - 1
        for workload in self.fleet.serving_counts:
            copies = self.fleet.serving(workload)
            if not copies:
                continue
            self._sample_concurrency(workload, self.concurrent(workload), copies, inside)
            if boundary % MINUTE == 0:
                self._sample_idle(workload, inside)

    def _count(self, gateway: str, counts: WorkloadCounts, at: Instant) -> None:
        answering = 0 if counts.pending is None else max(0, counts.in_flight + counts.held - counts.pending)
        self._keep_live(counts.workload, gateway, Live(counts.in_flight, counts.held, answering))
        (self.totals.get(counts.workload) or self.totals.setdefault(counts.workload, Totals())).add(counts, at)
        copies = self.fleet.serving(counts.workload)
        if counts.no_capacity:
            self._record(counts.workload, "NoCapacityInvocationFailures", at, _ones(counts.no_capacity), HIGH_RESOLUTION)
        if copies:
            elsewhere = self.concurrent(counts.workload) - counts.in_flight - counts.held
            self._sample_concurrency(counts.workload, elsewhere + counts.most_in_flight + counts.held, copies, at)
        if counts.invocations:
            self.uses.used(counts.workload, counts.invocations, at)
            self.environments.invoked(counts, at)
            self._count_invocations(counts, max(1, copies), at)
        self._count_replies(counts, at)
        if counts.models is not None:
            record_models(self.book, self._dimensions(counts.workload).variant, counts.models, at)

    def _count_invocations(self, counts: WorkloadCounts, copies: int, at: Instant) -> None:
        workload, n = counts.workload, counts.invocations
        keys = self._dimensions(workload)
        self._record(workload, "Invocations", at, _ones(n), MINUTE, both=True)
        share = StatisticSet(count=float(n), total=n / copies, least=1 / copies, most=1 / copies)
        self._record(workload, "InvocationsPerCopy" if keys.component else "InvocationsPerInstance", at, share, MINUTE)

    def _count_replies(self, counts: WorkloadCounts, at: Instant) -> None:
        """Record how invocations ended, those among them that an earlier report told the beginning of."""
        workload, n = counts.workload, counts.invocations
        none = StatisticSet(count=float(n), total=0.0, least=0.0, most=0.0)
        for name, errors in (
            ("Invocation4XXErrors", counts.errors_4xx),
            ("Invocation5XXErrors", counts.errors_5xx),
            ("InvocationModelErrors", counts.model_errors),
            ("MidStreamErrors", counts.mid_stream_errors),
        ):
            if n or errors:
                values = none
                if errors:
                    values = StatisticSet(count=float(n or errors), total=float(errors), least=0.0, most=1.0)
                self._record(workload, name, at, values, MINUTE, both=True)
        for name, span in (
            ("ModelLatency", counts.model_latency),
            ("OverheadLatency", counts.overhead_latency),
            ("FirstChunkLatency", counts.first_chunk_latency),
        ):
            if span.count:
                spread = dict(span.values) or None
                self._record(workload, name, at, latency(span), MINUTE, both=True, unit="Microseconds", spread=spread)

    def _sample_concurrency(self, workload: WorkloadId, concurrent: int, copies: int, at: Instant) -> None:
        component = self._dimensions(workload).component
        value = concurrent / copies if component else float(concurrent)
        values = StatisticSet(count=1.0, total=value, least=value, most=value) if concurrent else _ONE_ZERO
        name = "ConcurrentRequestsPerCopy" if component else "ConcurrentRequestsPerModel"
        self._record(workload, name, at, values, HIGH_RESOLUTION)
        if not component:
            self.environments.concurrent(workload, concurrent, at)

    def _sample_idle(self, workload: WorkloadId, at: Instant) -> None:
        """Show a minute without requests as zero rather than as no data, while capacity exists."""
        none = StatisticSet(count=0.0, total=0.0, least=0.0, most=0.0)
        per = "InvocationsPerCopy" if self._dimensions(workload).component else "InvocationsPerInstance"
        for name in ("Invocations", per):
            self._record(workload, name, at, none, MINUTE)

    def _record(
        self,
        workload: WorkloadId,
        name: str,
        at: Instant,
        values: StatisticSet,
        resolution: Span,
        *,
        both: bool = False,
        unit: str = "None",
        spread: Distribution | None = None,
    ) -> None:
        known = self._writers.get(workload)
        if known is None:
            known = self._writers[workload] = {}
        writers = known.get(name)
        if writers is None:
            keys = self._dimensions(workload)
            own, variant = (MetricKey(namespace=NAMESPACE, name=name, dimensions=place) for place in (keys.own, keys.variant))
            writers = known[name] = _Writers(
                self.book.writer(own, resolution, unit),
                self.book.writer(variant, resolution, unit) if keys.component else None,
            )
        writers.own.add(at, values, spread)
        if both and writers.variant is not None:
            writers.variant.add(at, values, spread)

    def _dimensions(self, workload: WorkloadId) -> _Keys:
        found = self._keys.get(workload)
        if found is not None:
            return found
        kind, _, rest = workload.partition("/")
        if kind == "ic":
            component = self.fleet.components.get(ComponentName(rest))
            variant = () if component is None else (("EndpointName", component.endpoint), ("VariantName", component.variant))
            keys = _Keys((("InferenceComponentName", rest),), variant, component=True)
        else:
            endpoint, _, name = rest.partition("/")
            own = (("EndpointName", endpoint), ("VariantName", name))
            keys = _Keys(own, own, component=False)
        self._keys[workload] = keys
        return keys

    def forget(self, workload: WorkloadId) -> None:
        """Forget what is remembered of a workload that is gone; its metrics stay until they age out."""
        self._writers.pop(workload, None)
        self._keys.pop(workload, None)
        self._live.pop(workload, None)
        self._leases.pop(workload, None)
        self.totals.pop(workload, None)
        self.uses.forget(workload)


def _ones(count: int) -> StatisticSet:
    return StatisticSet(count=float(count), total=float(count), least=1.0, most=1.0)

"""Tells the engine of the asynchronous backlog: SageMaker's metrics each minute, and the demand as it changes.

Source of the metrics: SageMaker's developer guide, "Alarms and logs for tracking metrics from asynchronous endpoints".
"""

from typing import TYPE_CHECKING, Final, NamedTuple

from stoker.control.sampling import Watched
from stoker.decisions.slots import slots_of
from stoker.domain.alarms import MetricKey
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import EndpointName, VariantName, variant_workload
from stoker.engine.autoscaler import workload_target
from stoker.engine.backlog import Backlog
from stoker.engine.events import MetricsPut, SampleSet
from stoker.engine.metering import NAMESPACE
from stoker.engine.platform import Platform
from stoker.engine.queue_events import BacklogSeen
from stoker.service.asynchronous import asynchronous
from stoker.units import MINUTE, Instant, Span, to_seconds

if TYPE_CHECKING:
    from stoker.domain.scaling import TargetKey

EXPIRED: Final = "ExpiredRequests"
FAILURES: Final = "InvocationFailures"
PROCESSED: Final = "InvocationsProcessed"
IN_BACKLOG: Final = "TimeInBacklog"
NANOSECONDS: Final = 1_000
"""In a microsecond."""
PROCESSING: Final = "TotalProcessingTime"
NOT_FETCHED: Final = "RequestDownloadFailures"
NOT_UPLOADED: Final = "ResponseUploadFailures"
NOT_TOLD: Final = "NotificationFailures"


class _Sum(NamedTuple):
    """What a minute brought of one metric: how `many` values, and what they are together."""

    many: float
    total: float
    least: float
    most: float


class Gauge:
    """What was told last, and what is to be told at the end of the minute."""

    __slots__ = ("_backlog", "_driver", "_minute", "_quiet", "_sums", "_told")

    def __init__(self, driver: Watched, backlog: Backlog, now: Instant) -> None:
        self._driver = driver
        self._backlog = backlog
        self._minute = now - now % MINUTE
        self._quiet: dict[EndpointName, Instant] = {}
        self._told: dict[TargetKey, tuple[int, int, Span]] = {}
        self._sums: dict[tuple[EndpointName, VariantName, str], _Sum] = {}

    def count(self, endpoint: EndpointName, name: str, value: float = 1.0) -> None:
        """Take in one more value of a metric of an endpoint's variant."""
        place = self._driver.platform.fleet.endpoints.get(endpoint)
        if place is None:
            return
        key = (endpoint, place.variants[0].spec.name, name)
        before = self._sums.get(key)
        self._sums[key] = (
            _Sum(1.0, value, value, value)
            if before is None
            else _Sum(before.many + 1.0, before.total + value, min(before.least, value), max(before.most, value))
        )

    def span(self, endpoint: EndpointName, name: str, span: Span) -> None:
        """Take in one more span, which metrics have in microseconds."""
        self.count(endpoint, name, span / NANOSECONDS)

    def tick(self, now: Instant) -> None:
        """Tell what is due: the demand if it has changed, the metrics if a minute is over."""
        platform = self._driver.platform
        for name, endpoint in list(platform.fleet.endpoints.items()):
            if asynchronous(endpoint) is not None:
                self._tell_demand(platform, name, endpoint, now)
        for name in [name for name in self._quiet if name not in platform.fleet.endpoints]:
            del self._quiet[name]
        boundary = now - now % MINUTE
        if boundary > self._minute:
            self._minute = boundary
            self._tell_metrics(platform, boundary - 1)

    def next_tick(self) -> Instant:
        """Give when a minute is over."""
        return self._minute + MINUTE

    def _tell_demand(self, platform: Platform, name: EndpointName, endpoint: Endpoint, now: Instant) -> None:
        """Tell how many wait and run, for those variants whose count may be changed."""
        waiting, running = self._backlog.waiting(name), self._backlog.running(name)
        if waiting or running:
            self._quiet.pop(name, None)
        idle = 0 if waiting or running else now - self._quiet.setdefault(name, now)
        for state in endpoint.variants:
            key = workload_target(variant_workload(name, state.spec.name))
            parts = len(endpoint.variants)
            told = (-(-waiting // parts), -(-running // parts), idle - idle % MINUTE)
            if key not in platform.autoscaler.targets or self._told.get(key) == told:
                continue
            self._told[key] = told
            self._driver.post(BacklogSeen(key=key, waiting=told[0], running=told[1], slots=slots(state), idle=idle))

    def _tell_metrics(self, platform: Platform, at: Instant) -> None:
        samples = [
            sample
            for name, endpoint in platform.fleet.endpoints.items()
            if asynchronous(endpoint) is not None
            for sample in self._state_of(platform, name, endpoint, at)
        ]
        for (name, variant, metric), found in self._sums.items():
            unit = "Microseconds" if metric in {IN_BACKLOG, PROCESSING} else "None"
            key = MetricKey(namespace=NAMESPACE, name=metric, dimensions=(("EndpointName", name), ("VariantName", variant)))
            samples.append(_sample(key, at, found, unit))
        self._sums.clear()
        if samples:
            self._driver.post(MetricsPut(samples=tuple(samples)))

    def _state_of(self, platform: Platform, name: EndpointName, endpoint: Endpoint, at: Instant) -> list[SampleSet]:
        waiting = self._backlog.waiting(name)
        size = waiting + self._backlog.running(name)
        instances = sum(platform.fleet.in_service(name, state.spec.name) for state in endpoint.variants)
        oldest = self._backlog.oldest(name)
        values = {
            "ApproximateBacklogSize": float(size),
            "ApproximateAgeOfOldestRequest": 0.0 if oldest is None else max(0.0, to_seconds(at - oldest)),
            "HasBacklogWithoutCapacity": 1.0 if waiting and not instances else 0.0,
        }
        if instances:
            values["ApproximateBacklogSizePerInstance"] = size / instances
        return [
            _sample(
                MetricKey(namespace=NAMESPACE, name=metric, dimensions=(("EndpointName", name),)),
                at,
                _Sum(1.0, value, value, value),
                "Seconds" if metric == "ApproximateAgeOfOldestRequest" else "None",
            )
            for metric, value in values.items()
        ]


def room(platform: Platform, name: EndpointName) -> int:
    """Give how many requests the copies of an endpoint that serve now work on at once."""
    endpoint = platform.fleet.endpoints.get(name)
    if endpoint is None:
        return 0
    return sum(platform.fleet.serving(variant_workload(name, state.spec.name)) * slots(state) for state in endpoint.variants)


def slots(state: VariantState) -> int:
    """Give how many requests an instance of a variant gets at once: as configured, else what its server works on."""
    how = state.spec.asynchronous
    if how is not None and how.concurrency:
        return how.concurrency
    return 1 if state.container is None else slots_of(state.container.environment)


def _sample(key: MetricKey, at: Instant, found: _Sum, unit: str) -> SampleSet:
    return SampleSet(
        key=key, at=at, count=found.many, total=found.total, least=found.least, most=found.most, resolution=MINUTE, unit=unit
    )

"""Use cases of metrics: to publish some, to read values over time, to see which there are."""

import math
from collections.abc import Sequence

import msgspec

from stoker.decisions.metric_math.evaluation import Evaluation
from stoker.decisions.metric_math.plan import plan
from stoker.decisions.metric_math.search import Search, matching
from stoker.decisions.metric_math.values import Frame
from stoker.decisions.metrics import Bucket
from stoker.decisions.percentiles import parse_statistic
from stoker.domain.alarms import Datapoint, MetricKey, MetricQuery, MetricSource, Statistic
from stoker.engine.events import MetricsPut, SampleSet
from stoker.errors import InvalidParameterError, LimitError
from stoker.service.desk import Desk
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant, Span, to_seconds

RESERVED = "AWS/"
"""How namespaces begin that only the platform publishes to."""

MAX_DATAPOINTS = 1_440
"""Datapoints that one question for statistics may span, with data or without."""

LISTED_FOR: Span = 14 * DAY
RECENT: Span = 3 * HOUR
"""How long after its last sample a metric is listed, and how long it counts as recently active."""

OLDEST: Span = 14 * DAY
NEWEST: Span = 2 * HOUR
"""How far a sample's instant may lie before and after now."""

RESOLUTIONS = frozenset({SECOND, MINUTE})

MAX_NUMBER = 2.0**360
"""The greatest magnitude of a metric's value."""

_SHORT_PERIODS = frozenset(n * SECOND for n in (1, 5, 10, 20, 30))


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a metric: periods of `period` that begin in [start, end); `unit` `""` is any."""

    metric: MetricKey
    period: Span
    start: Instant
    end: Instant
    unit: str = ""


class MetricFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which metrics a caller asks for: `""` is any; all dimensions given must be there, with any value for None."""

    namespace: str = ""
    name: str = ""
    dimensions: tuple[tuple[str, str | None], ...] = ()
    recent: bool = False


class Metrics:
    """Takes callers' metrics, and gives values of all metrics."""

    __slots__ = ("_desk",)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def now(self) -> Instant:
        """Give the instant of samples that come without one."""
        return self._desk.now()

    async def put(self, samples: Sequence[SampleSet]) -> None:
        """Keep a caller's samples; all of them or, when one cannot be, none.

        Raises `InvalidParameterError` for a namespace of the platform's, an instant too far off, or numbers that cannot be.
        """
        now = self._desk.now()
        for position, sample in enumerate(samples, 1):
            if sample.key.namespace.startswith(RESERVED):
                raise InvalidParameterError(f"The value {RESERVED} for parameter Namespace is invalid.", field="Namespace")
            _check(sample, f"MetricData.member.{position}", now)
        await self._desk.submit(MetricsPut(samples=tuple(samples)))

    def statistics(self, reading: Reading) -> list[tuple[str, Bucket]]:
        """Give the statistic set of each period with data, units apart (`None` for samples without), ascending in time.

        Raises `LimitError` for more than `MAX_DATAPOINTS` periods.
        """
        _check_reading(reading)
        _check_count(reading)
        book = self._desk.platform.book
        units = (reading.unit,) if reading.unit else book.units(reading.metric)
        found = [
            (unit or "None", bucket)
            for unit in units
            for bucket in book.statistics(reading.metric, reading.period, reading.start, reading.end, unit=unit)
        ]
        return sorted(found, key=lambda each: each[1].start)

    def values(self, reading: Reading, statistic: Statistic, extended: str = "") -> list[Datapoint]:
        """Give one statistic of each period with data, ascending in time; `extended` stands in its place if it is not empty."""
        _check_reading(reading)
        return self._desk.platform.book.datapoints(
            reading.metric, statistic, reading.period, reading.start, reading.end, unit=reading.unit, extended=extended
        )

    def extended(self, reading: Reading, statistics: Sequence[str]) -> list[tuple[str, Instant, dict[str, float]]]:
        """Give percentiles and trimmed statistics of each period that has them, units apart, ascending in time.

        Raises `InvalidParameterError` for a statistic that is none, `LimitError` as `statistics` does.
        """
        _check_reading(reading)
        _check_count(reading)
        book = self._desk.platform.book
        found: dict[tuple[Instant, str], dict[str, float]] = {}
        for name in statistics:
            parse_statistic(name)
            for unit in (reading.unit,) if reading.unit else book.units(reading.metric):
                one = msgspec.structs.replace(reading, unit=unit)
                for point in self.values(one, Statistic.AVERAGE, name):
                    found.setdefault((point.start, unit or "None"), {})[name] = point.value
        return [(unit, at, values) for (at, unit), values in sorted(found.items())]

    def evaluation(self, queries: Sequence[MetricQuery], start: Instant, end: Instant) -> Evaluation:
        """Give what works out queries over periods that begin in [start, end), when it is asked to.

        Raises `InvalidParameterError` for queries that make no sense together.
        """
        _check_span(start, end)
        for query in queries:
            _check_period(MINUTE if query.period is None else query.period)

        def read(source: MetricSource) -> list[Datapoint]:
            reading = Reading(metric=source.metric, period=source.period, start=start, end=end, unit=source.unit)
            return self.values(reading, source.statistic, source.extended)

        def find(search: Search) -> list[MetricKey]:
            wanted = MetricFilter(namespace=search.namespace or "")
            return matching(search, self.find(wanted))

        return Evaluation(plan(queries), read, Frame(start=start, end=end), find=find)

    def find(self, wanted: MetricFilter) -> list[MetricKey]:
        """Give the metrics asked for, sorted."""
        since = self._desk.now() - (RECENT if wanted.recent else LISTED_FOR)
        return self._desk.platform.book.keys(
            namespace=wanted.namespace, name=wanted.name, dimensions=wanted.dimensions, active_since=since
        )


def _check(sample: SampleSet, where: str, now: Instant) -> None:
    if not now - OLDEST <= sample.at <= now + NEWEST:
        raise InvalidParameterError(
            f"The parameter {where}.Timestamp must specify a time within the past two weeks and no more than two hours "
            "in the future.",
            field=f"{where}.Timestamp",
        )
    if sample.resolution not in RESOLUTIONS:
        raise InvalidParameterError(
            f"The value {to_seconds(sample.resolution):.0f} for parameter {where}.StorageResolution is invalid; "
            "it must be 1 or 60.",
            field=f"{where}.StorageResolution",
        )
    for number in (sample.count, sample.total, sample.least, sample.most):
        if not (math.isfinite(number) and abs(number) <= MAX_NUMBER):
            raise InvalidParameterError(
                f"The value {number} in {where} is invalid; it must be a number within -2^360 to 2^360.", field=where
            )
    if not sample.count > 0:
        raise InvalidParameterError(f"The sample count in {where} must be greater than 0.", field=where)
    if sample.least > sample.most:
        raise InvalidParameterError(f"The minimum in {where} must not be greater than the maximum.", field=where)


def _check_reading(reading: Reading) -> None:
    _check_span(reading.start, reading.end)
    _check_period(reading.period)


def _check_count(reading: Reading) -> None:
    asked = (reading.end - reading.start) / reading.period
    if asked > MAX_DATAPOINTS:
        text = (
            f"You have requested up to {int(asked)} datapoints, which exceeds the limit of {MAX_DATAPOINTS}. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
        raise LimitError(text, limit="datapoints", maximum=MAX_DATAPOINTS)


def _check_span(start: Instant, end: Instant) -> None:
    if start >= end:
        raise InvalidParameterError("The parameter StartTime must be less than the parameter EndTime.", field="StartTime")


def _check_period(period: Span) -> None:
    if period not in _SHORT_PERIODS and (period < MINUTE or period % MINUTE):
        raise InvalidParameterError("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.", field="Period")

"""CloudWatch's operations on metrics: publishing, statistics, data of several at once, and the list of them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from stoker.decisions.metric_math.values import Series
from stoker.decisions.rings import Bucket, average
from stoker.domain.alarms import MetricKey, MetricQuery, Statistic
from stoker.domain.ids import Partition
from stoker.errors import InvalidParameterError, LimitError
from stoker.service.desk import Desk
from stoker.service.metrics import MetricFilter, Metrics, Reading
from stoker.units import SECOND, Instant
from stoker.wire.aws.asgi import Context, Handler, Handlers
from stoker.wire.aws.errors import CLOUDWATCH, FaultError
from stoker.wire.aws.generated import cloudwatch as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.services.metric_data import queries, samples
from stoker.wire.aws.services.metric_names import metric_key
from stoker.wire.aws.times import Timestamp

MAX_DATAPOINTS: Final = 100_800
"""Datapoints of one page of GetMetricData."""

METRICS_PAGE: Final = 500
BAD_TOKEN: Final = "InvalidNextToken"  # noqa: S105 - AWS's error code
DATA_PAGING: Final = ("next_token", "max_datapoints")


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page of metric data ended: in which query, which of its series, at which datapoint given last (None: none)."""

    query: int
    series: int = 0
    at: Instant | None = None


class _Page:
    """A page of metric data as it fills up: what is in it, and where the next one goes on."""

    __slots__ = ("_begin", "_descending", "_left", "following", "results")

    def __init__(self, begin: _Place, most: int, *, descending: bool) -> None:
        self._begin = begin
        self._left = most
        self._descending = descending
        self.results: list[wire.MetricDataResult] = []
        self.following: _Place | None = None

    def take(self, place: _Place, query: MetricQuery, series: Series) -> None:
        """Put in as much of a series as there is room for, from where the page before ended."""
        began = (self._begin.query, self._begin.series)
        if (place.query, place.series) < began:
            return
        if self.following is not None:
            self.leave(query, series.label)
            return
        after = self._begin.at if (place.query, place.series) == began else None
        points = sorted(series.points.items(), reverse=self._descending)
        if after is not None:
            points = [(at, value) for at, value in points if (at < after if self._descending else at > after)]
        part = points[: self._left]
        self._left -= len(part)
        if len(part) < len(points):
            self.following = msgspec.structs.replace(place, at=part[-1][0] if part else after)
        self._add(query, series.label, part, complete=self.following is None)

    def leave(self, query: MetricQuery, label: str = "") -> None:
        """Tell of a query that the next page has the data of."""
        if not label:
            label = query.label or (query.id if query.source is None else query.source.metric.name)
        self._add(query, label, (), complete=False)

    def _add(self, query: MetricQuery, label: str, points: Sequence[tuple[Instant, float]], *, complete: bool) -> None:
        self.results.append(
            wire.MetricDataResult(
                id=query.id,
                label=label,
                timestamps=[Timestamp(at) for at, _ in points],
                values=[value for _, value in points],
                status_code="Complete" if complete else "PartialData",
            )
        )


def handlers(desk: Desk, partition: Partition) -> Handlers:
    """Give the handlers of the operations on metrics."""
    operations = _Operations(Metrics(desk), partition)
    return {
        (CLOUDWATCH, "PutMetricData"): _parameters(operations.put),
        (CLOUDWATCH, "GetMetricStatistics"): _parameters(operations.statistics),
        (CLOUDWATCH, "GetMetricData"): operations.data,
        (CLOUDWATCH, "ListMetrics"): _parameters(operations.list_metrics),
    }


def _parameters(handler: Handler) -> Handler:
    """Have a handler's errors say InvalidParameterValue, as these operations' models do, where others say ValidationError."""

    async def handle(given: msgspec.Struct, context: Context) -> msgspec.Struct | None:
        try:
            return await handler(given, context)
        except InvalidParameterError as error:
            raise FaultError("InvalidParameterValue", error.message) from error
        except LimitError as error:
            if error.limit != "datapoints":
                raise
            raise FaultError("InvalidParameterCombination", error.message) from error

    return handle


class _Operations:
    __slots__ = ("_metrics", "_partition")

    def __init__(self, metrics: Metrics, partition: Partition) -> None:
        self._metrics = metrics
        self._partition = partition

    async def put(self, given: wire.PutMetricDataInput, _: Context) -> None:
        await self._metrics.put(samples(given, self._metrics.now()))

    async def statistics(self, given: wire.GetMetricStatisticsInput, _: Context) -> wire.GetMetricStatisticsOutput:
        if (given.statistics is None) is (given.extended_statistics is None):
            raise FaultError("InvalidParameterCombination", "Exactly one of Statistics and ExtendedStatistics must be specified.")
        reading = Reading(
            metric=_named(given.namespace, given.metric_name, given.dimensions),
            period=given.period * SECOND,
            start=int(given.start_time),
            end=int(given.end_time),
            unit=given.unit or "",
        )
        if given.extended_statistics is not None:
            points = [
                wire.Datapoint(timestamp=Timestamp(at), unit=unit, extended_statistics=values)
                for unit, at, values in self._metrics.extended(reading, given.extended_statistics)
            ]
            return wire.GetMetricStatisticsOutput(label=given.metric_name, datapoints=points)
        wanted = frozenset(Statistic(each) for each in given.statistics or ())
        found = self._metrics.statistics(reading)
        return wire.GetMetricStatisticsOutput(
            label=given.metric_name, datapoints=[_datapoint(unit, bucket, wanted) for unit, bucket in found]
        )

    async def data(self, given: wire.GetMetricDataInput, _: Context) -> wire.GetMetricDataOutput:
        asked = queries(given, self._partition)
        most = MAX_DATAPOINTS if given.max_datapoints is None else given.max_datapoints
        if not 1 <= most <= MAX_DATAPOINTS:
            raise InvalidParameterError(f"MaxDatapoints must be between 1 and {MAX_DATAPOINTS}", field="MaxDatapoints")
        place = tokens.read(given.next_token, _Place, given, *DATA_PAGING, code=BAD_TOKEN) or _Place(query=0)
        evaluation = self._metrics.evaluation(asked, int(given.start_time), int(given.end_time))
        page = _Page(place, most, descending=given.scan_by != "TimestampAscending")
        for position, query in enumerate(asked):
            if position < place.query or not query.returned:
                continue
            if page.following is not None:
                page.leave(query)
                continue
            for number, series in enumerate(evaluation.series(query.id)):
                page.take(_Place(query=position, series=number), query, series)
        return wire.GetMetricDataOutput(
            metric_data_results=page.results,
            messages=[],
            next_token=None if page.following is None else tokens.make(page.following, given, *DATA_PAGING),
        )

    async def list_metrics(self, given: wire.ListMetricsInput, _: Context) -> wire.ListMetricsOutput:
        after = tokens.read(given.next_token, MetricKey, given, "next_token", code=BAD_TOKEN)
        if given.owning_account not in {None, self._partition.account}:
            return wire.ListMetricsOutput(metrics=[])
        wanted = MetricFilter(
            namespace=given.namespace or "",
            name=given.metric_name or "",
            dimensions=tuple((each.name, each.value) for each in given.dimensions or ()),
            recent=given.recently_active is not None,
        )
        left = [key for key in self._metrics.find(wanted) if after is None or key > after]
        page = left[:METRICS_PAGE]
        return wire.ListMetricsOutput(
            metrics=[
                wire.Metric(
                    namespace=key.namespace,
                    metric_name=key.name,
                    dimensions=[wire.Dimension(name=name, value=value) for name, value in key.dimensions],
                )
                for key in page
            ],
            next_token=tokens.make(page[-1], given, "next_token") if len(left) > len(page) else None,
        )


def _named(namespace: str, name: str, dimensions: Sequence[wire.Dimension] | None) -> MetricKey:
    return metric_key(namespace, name, [(each.name, each.value) for each in dimensions or ()])


def _datapoint(unit: str, bucket: Bucket, wanted: frozenset[Statistic]) -> wire.Datapoint:
    return wire.Datapoint(
        timestamp=Timestamp(bucket.start),
        sample_count=bucket.samples if Statistic.SAMPLE_COUNT in wanted else None,
        average=average(bucket.total, bucket.samples) if Statistic.AVERAGE in wanted else None,
        sum=bucket.total if Statistic.SUM in wanted else None,
        minimum=bucket.least if Statistic.MINIMUM in wanted else None,
        maximum=bucket.most if Statistic.MAXIMUM in wanted else None,
        unit=unit,
    )

"""CloudWatch's operations on metrics: publishing, statistics, data of several at once, and the list of them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from stoker.decisions.rings import Bucket, average
from stoker.domain.alarms import Datapoint, MetricKey, Statistic
from stoker.domain.ids import Partition
from stoker.errors import InvalidParameterError, LimitError
from stoker.service.desk import Desk
from stoker.service.metrics import MetricFilter, Metrics, Reading
from stoker.units import SECOND, Instant
from stoker.wire.aws.asgi import Context, Handler, Handlers
from stoker.wire.aws.errors import CLOUDWATCH, FaultError
from stoker.wire.aws.generated import cloudwatch as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.services.metric_data import check_queries, samples
from stoker.wire.aws.services.metric_names import metric_key
from stoker.wire.aws.times import Timestamp

MAX_DATAPOINTS: Final = 100_800
"""Datapoints of one page of GetMetricData."""

METRICS_PAGE: Final = 500
BAD_TOKEN: Final = "InvalidNextToken"  # noqa: S105 - AWS's error code
DATA_PAGING: Final = ("next_token", "max_datapoints")


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page of metric data ended: the query's position, and the instant of its last datapoint given (None: none)."""

    query: int
    at: Instant | None = None


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
        if given.extended_statistics is not None and given.statistics is None:
            raise InvalidParameterError("Stoker does not serve ExtendedStatistics.", field="ExtendedStatistics")
        if given.statistics is None or given.extended_statistics is not None:
            raise FaultError("InvalidParameterCombination", "Exactly one of Statistics and ExtendedStatistics must be specified.")
        reading = Reading(
            metric=_named(given.namespace, given.metric_name, given.dimensions),
            period=given.period * SECOND,
            start=int(given.start_time),
            end=int(given.end_time),
            unit=given.unit or "",
        )
        wanted = frozenset(Statistic(each) for each in given.statistics)
        found = self._metrics.statistics(reading)
        return wire.GetMetricStatisticsOutput(
            label=given.metric_name, datapoints=[_datapoint(unit, bucket, wanted) for unit, bucket in found]
        )

    async def data(self, given: wire.GetMetricDataInput, _: Context) -> wire.GetMetricDataOutput:
        stats = check_queries(given, self._partition)
        most = MAX_DATAPOINTS if given.max_datapoints is None else given.max_datapoints
        if not 1 <= most <= MAX_DATAPOINTS:
            raise InvalidParameterError(f"MaxDatapoints must be between 1 and {MAX_DATAPOINTS}", field="MaxDatapoints")
        place = tokens.read(given.next_token, _Place, given, *DATA_PAGING, code=BAD_TOKEN) or _Place(query=0)
        descending = given.scan_by != "TimestampAscending"
        results: list[wire.MetricDataResult] = []
        following: _Place | None = None
        for position, (query, stat) in enumerate(zip(given.metric_data_queries, stats, strict=True)):
            if position < place.query or query.return_data is False:
                continue
            at = place.at if position == place.query else None
            if following is not None:
                results.append(_result(query, stat, (), complete=False))
                continue
            points = self._points(given, stat, descending=descending, after=at)
            part = points[:most]
            most -= len(part)
            if len(part) < len(points):
                following = _Place(query=position, at=part[-1].start if part else at)
            results.append(_result(query, stat, part, complete=following is None))
        return wire.GetMetricDataOutput(
            metric_data_results=results,
            messages=[],
            next_token=None if following is None else tokens.make(following, given, *DATA_PAGING),
        )

    def _points(
        self, given: wire.GetMetricDataInput, stat: wire.MetricStat, *, descending: bool, after: Instant | None
    ) -> list[Datapoint]:
        """Give a query's datapoints in the order asked for, those beyond `after` only."""
        reading = Reading(
            metric=_named(stat.metric.namespace or "", stat.metric.metric_name or "", stat.metric.dimensions),
            period=stat.period * SECOND,
            start=int(given.start_time),
            end=int(given.end_time),
            unit=stat.unit or "",
        )
        points = self._metrics.values(reading, Statistic(stat.stat))
        if descending:
            points.reverse()
        if after is None:
            return points
        return [point for point in points if (point.start < after if descending else point.start > after)]

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


def _result(
    query: wire.MetricDataQuery, stat: wire.MetricStat, points: Sequence[Datapoint], *, complete: bool
) -> wire.MetricDataResult:
    return wire.MetricDataResult(
        id=query.id,
        label=query.label if query.label is not None else stat.metric.metric_name,
        timestamps=[Timestamp(point.start) for point in points],
        values=[point.value for point in points],
        status_code="Complete" if complete else "PartialData",
    )

"""What callers publish and ask for in bulk: data of PutMetricData as samples, queries of GetMetricData checked."""

import math
from typing import Final

from stoker.decisions.rings import StatisticSet
from stoker.domain.alarms import MetricQuery
from stoker.domain.ids import Partition
from stoker.engine.events import SampleSet
from stoker.errors import InvalidParameterError
from stoker.service.metrics import MAX_NUMBER
from stoker.units import SECOND, Instant
from stoker.wire.aws.errors import FaultError
from stoker.wire.aws.generated import cloudwatch as wire
from stoker.wire.aws.services.metric_names import metric_key
from stoker.wire.aws.services.metric_queries import asked

MAX_DATA: Final = 1_000
MAX_VALUES: Final = 150
MAX_QUERIES: Final = 500
"""Metrics of one PutMetricData, values of one metric in it, and queries of one GetMetricData."""

STANDARD_RESOLUTION_S: Final = 60
NO_UNIT: Final = "None"


def samples(given: wire.PutMetricDataInput, now: Instant) -> list[SampleSet]:
    """Give the samples that a request publishes; those without an instant are of `now`.

    Raises `FaultError` in CloudWatch's words for members that exclude or need each other, `InvalidParameterError` else.
    """
    if given.entity_metric_data is not None:
        raise InvalidParameterError("Stoker does not serve EntityMetricData; use MetricData.", field="EntityMetricData")
    if not given.metric_data:
        raise FaultError("MissingParameter", "The parameter MetricData is required.")
    _check_size("MetricData", len(given.metric_data), MAX_DATA)
    return [
        _sample(given.namespace, datum, f"MetricData.member.{position}", now)
        for position, datum in enumerate(given.metric_data, 1)
    ]


def queries(given: wire.GetMetricDataInput, partition: Partition) -> tuple[MetricQuery, ...]:
    """Give what is asked for. Raises `InvalidParameterError` for queries that are none, or are not served."""
    if not 1 <= len(given.metric_data_queries) <= MAX_QUERIES:
        raise InvalidParameterError(
            f"The collection MetricDataQueries must have a size of 1 to {MAX_QUERIES}.", field="MetricDataQueries"
        )
    return asked(given.metric_data_queries, "MetricDataQueries", partition)


def _sample(namespace: str, datum: wire.MetricDatum, where: str, now: Instant) -> SampleSet:
    values = _values(datum, where)
    resolution_s = STANDARD_RESOLUTION_S if datum.storage_resolution is None else datum.storage_resolution
    return SampleSet(
        key=metric_key(namespace, datum.metric_name, [(each.name, each.value) for each in datum.dimensions or ()]),
        at=now if datum.timestamp is None else int(datum.timestamp),
        count=values.count,
        total=values.total,
        least=values.least,
        most=values.most,
        resolution=resolution_s * SECOND,
        unit=datum.unit or NO_UNIT,
        values=_known(datum),
    )


def _known(datum: wire.MetricDatum) -> tuple[tuple[float, float], ...]:
    """Give the values of samples that came one by one; none of a statistic set."""
    if datum.value is not None:
        return ((datum.value, 1.0),)
    values = datum.values or []
    return tuple(zip(values, datum.counts or [1.0] * len(values), strict=True))


def _values(datum: wire.MetricDatum, where: str) -> StatisticSet:
    forms = [
        name
        for name, form in (("Value", datum.value), ("StatisticValues", datum.statistic_values), ("Values", datum.values))
        if form is not None
    ]
    if len(forms) > 1:
        text = f"The parameters {where}.{forms[0]} and {where}.{forms[1]} are mutually exclusive and you have specified both."
        raise FaultError("InvalidParameterCombination", text)
    if datum.value is not None:
        return StatisticSet(count=1.0, total=datum.value, least=datum.value, most=datum.value)
    if datum.statistic_values is not None:
        given = datum.statistic_values
        return StatisticSet(count=given.sample_count, total=given.sum, least=given.minimum, most=given.maximum)
    if not datum.values:
        text = f"At least one of the parameters {where}.Value, {where}.Values and {where}.StatisticValues must be specified."
        raise FaultError("MissingParameter", text)
    return _counted(datum.values, datum.counts, where)


def _counted(values: list[float], counts: list[float] | None, where: str) -> StatisticSet:
    _check_size(f"{where}.Values", len(values), MAX_VALUES)
    counted = [1.0] * len(values) if counts is None else counts
    if len(counted) != len(values):
        text = f"The parameters {where}.Values and {where}.Counts must be of the same size."
        raise FaultError("InvalidParameterCombination", text)
    for number in (*values, *counted):
        # Here rather than on the sums, which could hide one bad number behind another.
        if not (math.isfinite(number) and abs(number) <= MAX_NUMBER):
            raise InvalidParameterError(f"The value {number} in {where} is invalid.", field=where)
    if min(counted) <= 0:
        raise InvalidParameterError(f"The counts in {where}.Counts must be greater than 0.", field=f"{where}.Counts")
    return StatisticSet(
        count=sum(counted),
        total=sum(value * count for value, count in zip(values, counted, strict=True)),
        least=min(values),
        most=max(values),
    )


def _check_size(name: str, size: int, most: int) -> None:
    if size > most:
        raise InvalidParameterError(f"The collection {name} must not have a size greater than {most}.", field=name)

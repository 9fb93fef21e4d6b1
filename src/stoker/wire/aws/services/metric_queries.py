"""Queries of metric math, from CloudWatch's and Application Auto Scaling's shapes and back."""

import re
from collections.abc import Sequence
from typing import Final, NoReturn

from stoker.decisions.percentiles import parse_statistic
from stoker.domain.alarms import MetricKey, MetricMath, MetricQuery, MetricSource, Statistic
from stoker.domain.ids import Partition
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE, SECOND
from stoker.wire.aws.generated import application_autoscaling as scaling
from stoker.wire.aws.generated import cloudwatch as wire
from stoker.wire.aws.services.metric_names import metric_key

MAX_EXPRESSION: Final = 2_048
_ID: Final = re.compile(r"[a-z][a-zA-Z0-9_]*")
_PLAIN: Final = frozenset(each.value for each in Statistic)
_SEARCH: Final = re.compile(r"\bSEARCH\s*\(")


def asked(given: Sequence[wire.MetricDataQuery], name: str, partition: Partition) -> tuple[MetricQuery, ...]:
    """Give the queries of a request's list `name`. Raises `InvalidParameterError` for what is none, or is not served."""
    return tuple(_asked(each, f"{name}.member.{position}", partition) for position, each in enumerate(given, 1))


def _asked(given: wire.MetricDataQuery, where: str, partition: Partition) -> MetricQuery:
    _check_form(given, where)
    if given.account_id not in {None, partition.account}:
        _refuse(f"Stoker knows no account {given.account_id} ({where}.AccountId).", where)
    stat = given.metric_stat
    dimensions = [] if stat is None else [(each.name, each.value) for each in stat.metric.dimensions or ()]
    return MetricQuery(
        id=given.id,
        source=None
        if stat is None
        else MetricSource(
            metric=_key(stat.metric.namespace, stat.metric.metric_name, dimensions, where),
            statistic=_statistic(stat.stat),
            extended=_extended(stat.stat, where),
            period=stat.period * SECOND,
            unit=stat.unit or "",
        ),
        expression=given.expression or "",
        label=given.label,
        returned=given.return_data is not False,
        period=None if given.period is None else given.period * SECOND,
    )


def watched(given: Sequence[wire.MetricDataQuery], partition: Partition) -> MetricMath:
    """Give the metric math of an alarm."""
    _check_no_search([each.expression for each in given])
    return asked(given, "Metrics", partition)


def described(math: MetricMath) -> list[wire.MetricDataQuery]:
    """Give an alarm's metric math as it was put."""
    return [
        wire.MetricDataQuery(
            id=query.id,
            metric_stat=None if query.source is None else _described(query.source),
            expression=query.expression or None,
            label=query.label,
            return_data=query.returned,
            period=None if query.period is None else query.period // SECOND,
        )
        for query in math
    ]


def _described(source: MetricSource) -> wire.MetricStat:
    dimensions = [wire.Dimension(name=name, value=value) for name, value in source.metric.dimensions]
    return wire.MetricStat(
        metric=wire.Metric(namespace=source.metric.namespace, metric_name=source.metric.name, dimensions=dimensions),
        period=source.period // SECOND,
        stat=source.extended or source.statistic.value,
        unit=source.unit or None,
    )


def tracked(given: Sequence[scaling.TargetTrackingMetricDataQuery]) -> MetricMath:
    """Give the metric math of a target tracking policy, whose metrics are read every minute."""
    _check_no_search([each.expression for each in given])
    return tuple(_tracked(each, f"Metrics.member.{position}") for position, each in enumerate(given, 1))


def _tracked(given: scaling.TargetTrackingMetricDataQuery, where: str) -> MetricQuery:
    _check_form(given, where)
    stat = given.metric_stat
    dimensions = [] if stat is None else [(each.name, each.value) for each in stat.metric.dimensions or ()]
    return MetricQuery(
        id=given.id,
        source=None
        if stat is None
        else MetricSource(
            metric=_key(stat.metric.namespace, stat.metric.metric_name, dimensions, where),
            statistic=_statistic(stat.stat),
            extended=_extended(stat.stat, where),
            period=MINUTE,
            unit=stat.unit or "",
        ),
        expression=given.expression or "",
        label=given.label,
        returned=given.return_data is not False,
    )


def described_tracking(math: MetricMath) -> list[scaling.TargetTrackingMetricDataQuery]:
    """Give a policy's metric math as it was put."""
    return [
        scaling.TargetTrackingMetricDataQuery(
            id=query.id,
            metric_stat=None if query.source is None else _described_tracking(query.source),
            expression=query.expression or None,
            label=query.label,
            return_data=query.returned,
        )
        for query in math
    ]


def _described_tracking(source: MetricSource) -> scaling.TargetTrackingMetricStat:
    dimensions = [scaling.TargetTrackingMetricDimension(name=name, value=value) for name, value in source.metric.dimensions]
    return scaling.TargetTrackingMetricStat(
        metric=scaling.TargetTrackingMetric(
            namespace=source.metric.namespace, metric_name=source.metric.name, dimensions=dimensions or None
        ),
        stat=source.extended or source.statistic.value,
        unit=source.unit or None,
    )


def _check_no_search(expressions: Sequence[str | None]) -> None:
    if any(_SEARCH.search(each or "") for each in expressions):
        raise InvalidParameterError("SEARCH is not supported on Metric Alarms.", field="Metrics")


def _check_form(given: wire.MetricDataQuery | scaling.TargetTrackingMetricDataQuery, where: str) -> None:
    if _ID.fullmatch(given.id) is None:
        text = f"The value {given.id} for parameter {where}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        _refuse(text, where)
    if given.metric_stat is not None and given.expression is not None:
        text = f"The parameters {where}.Expression and {where}.MetricStat are mutually exclusive and you have specified both."
        _refuse(text, where)
    if given.metric_stat is None and given.expression is None:
        _refuse(f"One of the parameters {where}.Expression and {where}.MetricStat must be specified.", where)
    if given.expression is not None and not 1 <= len(given.expression) <= MAX_EXPRESSION:
        _refuse(f"{where}.Expression must have 1 to {MAX_EXPRESSION} characters.", where)


def _key(namespace: str | None, name: str | None, dimensions: list[tuple[str, str]], where: str) -> MetricKey:
    if not namespace or not name:
        _refuse(f"The parameters Namespace and MetricName are required in {where}.MetricStat.Metric.", where)
    return metric_key(namespace, name, dimensions)


def _statistic(text: str) -> Statistic:
    return Statistic(text) if text in _PLAIN else Statistic.AVERAGE


def _extended(text: str, where: str) -> str:
    """Give a statistic that is a percentile or a trimmed one; empty for a plain one."""
    if text in _PLAIN:
        return ""
    try:
        parse_statistic(text)
    except InvalidParameterError:
        _refuse(f"The value {text[:64]} for parameter {where}.MetricStat.Stat is not supported.", where)
    return text


def _refuse(message: str, where: str) -> NoReturn:
    raise InvalidParameterError(message, field=where)

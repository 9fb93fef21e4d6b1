"""CloudWatch's operations on metric alarms; `alarm_calls` has further ones on alarms, `cloudwatch_metrics` those on metrics."""

from typing import Final

from stoker.decisions.alarms import IGNORE
from stoker.domain.alarms import (
    Alarm,
    AlarmState,
    Comparison,
    CompositeAlarm,
    MetricKey,
    MetricMath,
    MissingData,
    Statistic,
    WarmUp,
)
from stoker.domain.ids import AlarmName, Partition
from stoker.errors import InvalidParameterError
from stoker.service.alarms import AlarmFilter, Alarms
from stoker.service.desk import Desk
from stoker.units import MINUTE, SECOND, Span
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import CLOUDWATCH
from stoker.wire.aws.generated import cloudwatch as wire
from stoker.wire.aws.services import cloudwatch_metrics, tokens
from stoker.wire.aws.services.alarm_calls import COMPOSITE, METRIC, AlarmCalls, described_composite, name_of, wanted_types
from stoker.wire.aws.services.metric_names import metric_key
from stoker.wire.aws.services.metric_queries import described, watched
from stoker.wire.aws.times import Timestamp

ALARMS_PAGE: Final = 50
PAGING: Final = ("next_token", "max_records")
EVALUATE: Final = "evaluate"

UNSERVED: Final = (
    ("threshold_metric_id", "ThresholdMetricId"),
    ("evaluation_criteria", "EvaluationCriteria"),
    ("evaluation_interval", "EvaluationInterval"),
    ("action_configuration", "ActionConfiguration"),
)
"""Members of PutMetricAlarm that would change what an alarm does, and so are refused rather than passed over."""

OF_METRIC: Final = (
    ("metric_name", "MetricName"),
    ("namespace", "Namespace"),
    ("statistic", "Statistic"),
    ("period", "Period"),
)
EXCLUDED: Final = (*OF_METRIC, ("extended_statistic", "ExtendedStatistic"), ("dimensions", "Dimensions"), ("unit", "Unit"))
OF_ANY: Final = (
    ("evaluation_periods", "EvaluationPeriods"),
    ("threshold", "Threshold"),
    ("comparison_operator", "ComparisonOperator"),
)
"""Members that the model leaves open: an alarm on one metric must have the first and one on `Metrics` may not; any, the last."""


def handlers(desk: Desk, partition: Partition) -> Handlers:
    """Give the handlers of the operations that are served."""
    alarms = Alarms(desk)
    operations = _Operations(alarms, partition)
    return {
        (CLOUDWATCH, "PutMetricAlarm"): operations.put,
        (CLOUDWATCH, "DescribeAlarms"): operations.describe,
        (CLOUDWATCH, "DescribeAlarmsForMetric"): operations.for_metric,
        (CLOUDWATCH, "DeleteAlarms"): operations.delete,
        **AlarmCalls(desk, alarms, partition).handlers(),
        **cloudwatch_metrics.handlers(desk, partition),
    }


class _Operations:
    __slots__ = ("_alarms", "_partition")

    def __init__(self, alarms: Alarms, partition: Partition) -> None:
        self._alarms = alarms
        self._partition = partition

    async def put(self, given: wire.PutMetricAlarmInput, _: Context) -> None:
        await self._alarms.put(_alarm(given, self._partition))

    async def describe(self, given: wire.DescribeAlarmsInput, _: Context) -> wire.DescribeAlarmsOutput:
        after = tokens.read(given.next_token, str, given, *PAGING, code="InvalidNextToken") or ""
        left = [alarm for alarm in self._found(given) if alarm.name > after]
        page = left[: given.max_records or ALARMS_PAGE]
        return wire.DescribeAlarmsOutput(
            metric_alarms=[self._described(alarm) for alarm in page if isinstance(alarm, Alarm)],
            composite_alarms=[described_composite(alarm, self._partition) for alarm in page if isinstance(alarm, CompositeAlarm)],
            log_alarms=[],
            next_token=tokens.make(page[-1].name, given, *PAGING) if len(left) > len(page) else None,
        )

    def _found(self, given: wire.DescribeAlarmsInput) -> list[Alarm | CompositeAlarm]:
        """Give the alarms asked for, by name."""
        if given.alarm_names and given.alarm_name_prefix:
            raise InvalidParameterError("AlarmNames and AlarmNamePrefix cannot both be specified", field="AlarmNamePrefix")
        names, types = given.alarm_names or (), wanted_types(given.alarm_types)
        if given.children_of_alarm_name is not None or given.parents_of_alarm_name is not None:
            filters = (given.alarm_names, given.alarm_name_prefix, given.state_value, given.action_prefix, given.alarm_types)
            both = given.children_of_alarm_name is not None and given.parents_of_alarm_name is not None
            if both or any(each is not None for each in filters):
                raise InvalidParameterError(
                    "ChildrenOfAlarmName and ParentsOfAlarmName cannot be specified with each other or with filters",
                    field="ChildrenOfAlarmName" if given.children_of_alarm_name is not None else "ParentsOfAlarmName",
                )
            if given.children_of_alarm_name is not None:
                related = self._alarms.children(name_of(given.children_of_alarm_name))
            else:
                related = self._alarms.parents(name_of(given.parents_of_alarm_name or ""))
            if not related:
                return []
            names, types = sorted(related), frozenset({METRIC, COMPOSITE})
        wanted = AlarmFilter(
            names=names,
            name_prefix=given.alarm_name_prefix or "",
            state=None if given.state_value is None else AlarmState(given.state_value),
            action_prefix=given.action_prefix or "",
        )
        found: list[Alarm | CompositeAlarm] = [*self._alarms.find(wanted)] if METRIC in types else []
        if COMPOSITE in types:
            found.extend(self._alarms.find_composite(wanted))
        return sorted(found, key=lambda alarm: alarm.name)

    async def for_metric(self, given: wire.DescribeAlarmsForMetricInput, _: Context) -> wire.DescribeAlarmsForMetricOutput:
        key = metric_key(given.namespace, given.metric_name, [(each.name, each.value) for each in given.dimensions or ()])
        return wire.DescribeAlarmsForMetricOutput(
            metric_alarms=[
                self._described(alarm)
                for alarm in self._alarms.on_metric(key)
                if given.statistic in {None, "" if alarm.extended else alarm.statistic.value}
                and given.extended_statistic in {None, alarm.extended}
                and given.period in {None, alarm.period // SECOND}
                and given.unit in {None, alarm.unit}
            ]
        )

    async def delete(self, given: wire.DeleteAlarmsInput, _: Context) -> None:
        await self._alarms.delete(given.alarm_names)

    def _described(self, alarm: Alarm) -> wire.MetricAlarm:
        key = None if isinstance(alarm.metric, tuple) else alarm.metric
        return wire.MetricAlarm(
            alarm_name=alarm.name,
            alarm_arn=self._partition.alarm(alarm.name),
            alarm_description=alarm.description or None,
            alarm_configuration_updated_timestamp=Timestamp(alarm.configured),
            actions_enabled=alarm.actions_enabled,
            ok_actions=list(alarm.ok_actions),
            alarm_actions=list(alarm.alarm_actions),
            insufficient_data_actions=list(alarm.insufficient_data_actions),
            state_value=alarm.state.value,
            state_reason=alarm.reason,
            state_reason_data=alarm.reason_data or None,
            state_updated_timestamp=Timestamp(alarm.state_updated),
            state_transitioned_timestamp=Timestamp(alarm.state_transitioned),
            metric_name=None if key is None else key.name,
            namespace=None if key is None else key.namespace,
            statistic=None if key is None or alarm.extended else alarm.statistic.value,
            extended_statistic=alarm.extended or None,
            evaluate_low_sample_count_percentile=alarm.low_samples or None,
            warm_up_configuration=_described_warm_up(alarm.warm_up),
            dimensions=[wire.Dimension(name=name, value=value) for name, value in (() if key is None else key.dimensions)],
            period=None if key is None else alarm.period // SECOND,
            metrics=described(alarm.metric) if isinstance(alarm.metric, tuple) else None,
            unit=alarm.unit or None,
            evaluation_periods=alarm.evaluation_periods,
            datapoints_to_alarm=alarm.datapoints_to_alarm,
            threshold=alarm.threshold,
            comparison_operator=alarm.comparison.value,
            treat_missing_data=None if alarm.missing_data is None else alarm.missing_data.value,
        )


def _alarm(given: wire.PutMetricAlarmInput, partition: Partition) -> Alarm:
    """Give the alarm that a request means; its instants are set where it is taken in."""
    _check_served(given)
    metric, period = _watched(given, partition)
    return Alarm(
        name=AlarmName(given.alarm_name),
        metric=metric,
        statistic=Statistic(given.statistic or Statistic.AVERAGE),
        extended=given.extended_statistic or "",
        low_samples=_low_samples(given),
        warm_up=_warm_up(given.warm_up_configuration),
        period=period,
        evaluation_periods=given.evaluation_periods or 0,
        threshold=given.threshold or 0.0,
        comparison=_comparison(given.comparison_operator),
        configured=0,
        datapoints_to_alarm=given.datapoints_to_alarm,
        missing_data=_missing_data(given.treat_missing_data),
        description=given.alarm_description or "",
        unit=given.unit or "",
        actions_enabled=given.actions_enabled is not False,
        ok_actions=tuple(given.ok_actions or ()),
        alarm_actions=tuple(given.alarm_actions or ()),
        insufficient_data_actions=tuple(given.insufficient_data_actions or ()),
        tags={tag.key: tag.value for tag in given.tags or ()},
    )


def _watched(given: wire.PutMetricAlarmInput, partition: Partition) -> tuple[MetricKey | MetricMath, Span]:
    """Give the metric that an alarm is on, or the metric math, and the period of its datapoints."""
    if given.metrics is None:
        dimensions = [(each.name, each.value) for each in given.dimensions or ()]
        return metric_key(given.namespace or "", given.metric_name or "", dimensions), (given.period or 0) * SECOND
    math = watched(given.metrics, partition)
    # One without a metric has no period; that it must have one is said where alarms are checked.
    return math, next((query.source.period for query in math if query.source is not None), 0)


def _check_served(given: wire.PutMetricAlarmInput) -> None:
    if given.statistic is not None and given.extended_statistic is not None:
        raise InvalidParameterError(
            "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. "
            "Only one of them should be present",
            field="ExtendedStatistic",
        )
    for attribute, name in UNSERVED:
        if getattr(given, attribute) is not None:
            raise InvalidParameterError(f"Stoker does not serve {name} of alarms.", field=name)
    if given.evaluation_window is not None and given.evaluation_window.wall_clock_window is not None:
        name = "EvaluationWindow.WallClockWindow"
        raise InvalidParameterError(f"Stoker does not serve {name} of alarms; its windows slide.", field=name)
    if given.metrics is not None:
        besides = [name for attribute, name in EXCLUDED if getattr(given, attribute) is not None]
        if besides:
            text = f"{', '.join(besides)} cannot be specified for an alarm on Metrics, whose members have their own"
            raise InvalidParameterError(text, field=besides[0])
    required = OF_ANY if given.metrics is not None else (*OF_METRIC, *OF_ANY)
    missing = [name for attribute, name in required if getattr(given, attribute) is None]
    if given.extended_statistic is not None and "Statistic" in missing:
        missing.remove("Statistic")
    if missing:
        raise InvalidParameterError(f"{', '.join(missing)} must be specified for an alarm on a metric", field=missing[0])


def _low_samples(given: wire.PutMetricAlarmInput) -> str:
    text = given.evaluate_low_sample_count_percentile
    if text is None:
        return ""
    field = "EvaluateLowSampleCountPercentile"
    if text not in {EVALUATE, IGNORE}:
        supported = f"Supported options for parameter {field} are: {EVALUATE}, {IGNORE}."
        raise InvalidParameterError(f"Option {text[:64]} is not supported. {supported}", field=field)
    if given.extended_statistic is None:
        raise InvalidParameterError(f"{field} can only be specified with ExtendedStatistic", field=field)
    return text


def _warm_up(given: wire.WarmUpConfiguration | None) -> WarmUp | None:
    if given is None:
        return None
    span = given.warm_up_period_duration_in_minutes * MINUTE
    return WarmUp(span=span, whole=bool(given.only_start_evaluating_after_warm_up_period_ends))


def _described_warm_up(warm_up: WarmUp | None) -> wire.WarmUpConfiguration | None:
    if warm_up is None:
        return None
    return wire.WarmUpConfiguration(
        warm_up_period_duration_in_minutes=warm_up.span // MINUTE,
        only_start_evaluating_after_warm_up_period_ends=warm_up.whole,
    )


def _comparison(text: str | None) -> Comparison:
    if text not in {each.value for each in Comparison}:
        raise InvalidParameterError(
            f"The ComparisonOperator {text} compares with an anomaly detection band, which Stoker does not serve.",
            field="ComparisonOperator",
        )
    return Comparison(text)


def _missing_data(text: str | None) -> MissingData | None:
    if text is None:
        return None
    if text not in {each.value for each in MissingData}:
        raise InvalidParameterError(
            "Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing.", field="TreatMissingData"
        )
    return MissingData(text)

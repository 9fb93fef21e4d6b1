"""Shapes, limits and operations of cloudwatch, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class ActionConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ActionConfiguration."""

    alarm_tags_propagation: AlarmTagsPropagation | None = _f(name="AlarmTagsPropagation", default=None)


class AlarmHistoryItem(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AlarmHistoryItem."""

    alarm_name: str | None = _f(name="AlarmName", default=None)
    alarm_contributor_id: str | None = _f(name="AlarmContributorId", default=None)
    alarm_type: str | None = _f(name="AlarmType", default=None)
    timestamp: _t.Timestamp | None = _f(name="Timestamp", default=None)
    history_item_type: str | None = _f(name="HistoryItemType", default=None)
    history_summary: str | None = _f(name="HistorySummary", default=None)
    history_data: str | None = _f(name="HistoryData", default=None)
    alarm_contributor_attributes: dict[str, str] | None = _f(name="AlarmContributorAttributes", default=None)


class AlarmPromQLCriteria(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AlarmPromQLCriteria."""

    query: _s.Given[str] = _f(name="Query", default=_s.ABSENT)
    pending_period: _s.Int | None = _f(name="PendingPeriod", default=None)
    recovery_period: _s.Int | None = _f(name="RecoveryPeriod", default=None)


class AlarmTagsPropagation(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AlarmTagsPropagation."""

    enabled: _s.Given[bool] = _f(name="Enabled", default=_s.ABSENT)
    included_tag_keys: list[str] | None = _f(name="IncludedTagKeys", default=None)
    excluded_tag_keys: list[str] | None = _f(name="ExcludedTagKeys", default=None)


class CompositeAlarm(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CompositeAlarm."""

    actions_enabled: bool | None = _f(name="ActionsEnabled", default=None)
    alarm_actions: list[str] | None = _f(name="AlarmActions", default=None)
    alarm_arn: str | None = _f(name="AlarmArn", default=None)
    alarm_configuration_updated_timestamp: _t.Timestamp | None = _f(name="AlarmConfigurationUpdatedTimestamp", default=None)
    alarm_description: str | None = _f(name="AlarmDescription", default=None)
    alarm_name: str | None = _f(name="AlarmName", default=None)
    alarm_rule: str | None = _f(name="AlarmRule", default=None)
    insufficient_data_actions: list[str] | None = _f(name="InsufficientDataActions", default=None)
    ok_actions: list[str] | None = _f(name="OKActions", default=None)
    state_reason: str | None = _f(name="StateReason", default=None)
    state_reason_data: str | None = _f(name="StateReasonData", default=None)
    state_updated_timestamp: _t.Timestamp | None = _f(name="StateUpdatedTimestamp", default=None)
    state_value: str | None = _f(name="StateValue", default=None)
    state_transitioned_timestamp: _t.Timestamp | None = _f(name="StateTransitionedTimestamp", default=None)
    actions_suppressed_by: str | None = _f(name="ActionsSuppressedBy", default=None)
    actions_suppressed_reason: str | None = _f(name="ActionsSuppressedReason", default=None)
    actions_suppressor: str | None = _f(name="ActionsSuppressor", default=None)
    actions_suppressor_wait_period: _s.Int | None = _f(name="ActionsSuppressorWaitPeriod", default=None)
    actions_suppressor_extension_period: _s.Int | None = _f(name="ActionsSuppressorExtensionPeriod", default=None)
    action_configuration: ActionConfiguration | None = _f(name="ActionConfiguration", default=None)


class Datapoint(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Datapoint."""

    timestamp: _t.Timestamp | None = _f(name="Timestamp", default=None)
    sample_count: float | None = _f(name="SampleCount", default=None)
    average: float | None = _f(name="Average", default=None)
    sum: float | None = _f(name="Sum", default=None)
    minimum: float | None = _f(name="Minimum", default=None)
    maximum: float | None = _f(name="Maximum", default=None)
    unit: str | None = _f(name="Unit", default=None)
    extended_statistics: dict[str, float] | None = _f(name="ExtendedStatistics", default=None)


class DeleteAlarmsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteAlarmsInput."""

    alarm_names: _s.Given[list[str]] = _f(name="AlarmNames", default=_s.ABSENT)


class DescribeAlarmHistoryInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeAlarmHistoryInput."""

    alarm_name: str | None = _f(name="AlarmName", default=None)
    alarm_contributor_id: str | None = _f(name="AlarmContributorId", default=None)
    alarm_types: list[str] | None = _f(name="AlarmTypes", default=None)
    history_item_type: str | None = _f(name="HistoryItemType", default=None)
    start_date: _t.Timestamp | None = _f(name="StartDate", default=None)
    end_date: _t.Timestamp | None = _f(name="EndDate", default=None)
    max_records: _s.Int | None = _f(name="MaxRecords", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    scan_by: str | None = _f(name="ScanBy", default=None)


class DescribeAlarmHistoryOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeAlarmHistoryOutput."""

    alarm_history_items: list[AlarmHistoryItem] | None = _f(name="AlarmHistoryItems", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeAlarmsForMetricInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeAlarmsForMetricInput."""

    metric_name: _s.Given[str] = _f(name="MetricName", default=_s.ABSENT)
    namespace: _s.Given[str] = _f(name="Namespace", default=_s.ABSENT)
    statistic: str | None = _f(name="Statistic", default=None)
    extended_statistic: str | None = _f(name="ExtendedStatistic", default=None)
    dimensions: list[Dimension] | None = _f(name="Dimensions", default=None)
    period: _s.Int | None = _f(name="Period", default=None)
    unit: str | None = _f(name="Unit", default=None)


class DescribeAlarmsForMetricOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeAlarmsForMetricOutput."""

    metric_alarms: list[MetricAlarm] | None = _f(name="MetricAlarms", default=None)


class DescribeAlarmsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeAlarmsInput."""

    alarm_names: list[str] | None = _f(name="AlarmNames", default=None)
    alarm_name_prefix: str | None = _f(name="AlarmNamePrefix", default=None)
    alarm_types: list[str] | None = _f(name="AlarmTypes", default=None)
    children_of_alarm_name: str | None = _f(name="ChildrenOfAlarmName", default=None)
    parents_of_alarm_name: str | None = _f(name="ParentsOfAlarmName", default=None)
    state_value: str | None = _f(name="StateValue", default=None)
    action_prefix: str | None = _f(name="ActionPrefix", default=None)
    max_records: _s.Int | None = _f(name="MaxRecords", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeAlarmsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeAlarmsOutput."""

    composite_alarms: list[CompositeAlarm] | None = _f(name="CompositeAlarms", default=None)
    metric_alarms: list[MetricAlarm] | None = _f(name="MetricAlarms", default=None)
    log_alarms: list[LogAlarm] | None = _f(name="LogAlarms", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class Dimension(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Dimension."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class DimensionFilter(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DimensionFilter."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    value: str | None = _f(name="Value", default=None)


class DisableAlarmActionsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DisableAlarmActionsInput."""

    alarm_names: _s.Given[list[str]] = _f(name="AlarmNames", default=_s.ABSENT)


class EnableAlarmActionsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EnableAlarmActionsInput."""

    alarm_names: _s.Given[list[str]] = _f(name="AlarmNames", default=_s.ABSENT)


class Entity(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Entity."""

    key_attributes: dict[str, str] | None = _f(name="KeyAttributes", default=None)
    attributes: dict[str, str] | None = _f(name="Attributes", default=None)


class EntityMetricData(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EntityMetricData."""

    entity: Entity | None = _f(name="Entity", default=None)
    metric_data: list[MetricDatum] | None = _f(name="MetricData", default=None)


class EvaluationCriteria(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EvaluationCriteria."""

    prom_ql_criteria: AlarmPromQLCriteria | None = _f(name="PromQLCriteria", default=None)


class EvaluationWindow(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EvaluationWindow."""

    wall_clock_window: WallClockWindow | None = _f(name="WallClockWindow", default=None)
    sliding_window: SlidingWindow | None = _f(name="SlidingWindow", default=None)


class GetMetricDataInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetMetricDataInput."""

    metric_data_queries: _s.Given[list[MetricDataQuery]] = _f(name="MetricDataQueries", default=_s.ABSENT)
    start_time: _s.Given[_t.Timestamp] = _f(name="StartTime", default=_s.ABSENT)
    end_time: _s.Given[_t.Timestamp] = _f(name="EndTime", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)
    scan_by: str | None = _f(name="ScanBy", default=None)
    max_datapoints: _s.Int | None = _f(name="MaxDatapoints", default=None)
    label_options: LabelOptions | None = _f(name="LabelOptions", default=None)


class GetMetricDataOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetMetricDataOutput."""

    metric_data_results: list[MetricDataResult] | None = _f(name="MetricDataResults", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    messages: list[MessageData] | None = _f(name="Messages", default=None)


class GetMetricStatisticsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetMetricStatisticsInput."""

    namespace: _s.Given[str] = _f(name="Namespace", default=_s.ABSENT)
    metric_name: _s.Given[str] = _f(name="MetricName", default=_s.ABSENT)
    dimensions: list[Dimension] | None = _f(name="Dimensions", default=None)
    start_time: _s.Given[_t.Timestamp] = _f(name="StartTime", default=_s.ABSENT)
    end_time: _s.Given[_t.Timestamp] = _f(name="EndTime", default=_s.ABSENT)
    period: _s.Given[_s.Int] = _f(name="Period", default=_s.ABSENT)
    statistics: list[str] | None = _f(name="Statistics", default=None)
    extended_statistics: list[str] | None = _f(name="ExtendedStatistics", default=None)
    unit: str | None = _f(name="Unit", default=None)


class GetMetricStatisticsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetMetricStatisticsOutput."""

    label: str | None = _f(name="Label", default=None)
    datapoints: list[Datapoint] | None = _f(name="Datapoints", default=None)


class LabelOptions(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's LabelOptions."""

    timezone: str | None = _f(name="Timezone", default=None)


class ListMetricsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListMetricsInput."""

    namespace: str | None = _f(name="Namespace", default=None)
    metric_name: str | None = _f(name="MetricName", default=None)
    dimensions: list[DimensionFilter] | None = _f(name="Dimensions", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    recently_active: str | None = _f(name="RecentlyActive", default=None)
    include_linked_accounts: bool | None = _f(name="IncludeLinkedAccounts", default=None)
    owning_account: str | None = _f(name="OwningAccount", default=None)


class ListMetricsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListMetricsOutput."""

    metrics: list[Metric] | None = _f(name="Metrics", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    owning_accounts: list[str] | None = _f(name="OwningAccounts", default=None)


class ListTagsForResourceInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsForResourceInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceARN", default=_s.ABSENT)


class ListTagsForResourceOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsForResourceOutput."""

    tags: list[Tag] | None = _f(name="Tags", default=None)


class LogAlarm(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's LogAlarm."""

    alarm_name: str | None = _f(name="AlarmName", default=None)
    alarm_arn: str | None = _f(name="AlarmArn", default=None)
    alarm_description: str | None = _f(name="AlarmDescription", default=None)
    alarm_configuration_updated_timestamp: _t.Timestamp | None = _f(name="AlarmConfigurationUpdatedTimestamp", default=None)
    actions_enabled: bool | None = _f(name="ActionsEnabled", default=None)
    ok_actions: list[str] | None = _f(name="OKActions", default=None)
    alarm_actions: list[str] | None = _f(name="AlarmActions", default=None)
    insufficient_data_actions: list[str] | None = _f(name="InsufficientDataActions", default=None)
    state_value: str | None = _f(name="StateValue", default=None)
    state_reason: str | None = _f(name="StateReason", default=None)
    state_reason_data: str | None = _f(name="StateReasonData", default=None)
    state_updated_timestamp: _t.Timestamp | None = _f(name="StateUpdatedTimestamp", default=None)
    scheduled_query_configuration: ScheduledQueryConfiguration | None = _f(name="ScheduledQueryConfiguration", default=None)
    query_results_to_evaluate: _s.Int | None = _f(name="QueryResultsToEvaluate", default=None)
    query_results_to_alarm: _s.Int | None = _f(name="QueryResultsToAlarm", default=None)
    threshold: float | None = _f(name="Threshold", default=None)
    comparison_operator: str | None = _f(name="ComparisonOperator", default=None)
    treat_missing_data: str | None = _f(name="TreatMissingData", default=None)
    state_transitioned_timestamp: _t.Timestamp | None = _f(name="StateTransitionedTimestamp", default=None)
    evaluation_state: str | None = _f(name="EvaluationState", default=None)
    action_log_line_count: _s.Int | None = _f(name="ActionLogLineCount", default=None)
    action_log_line_role_arn: str | None = _f(name="ActionLogLineRoleArn", default=None)
    warm_up_configuration: WarmUpConfiguration | None = _f(name="WarmUpConfiguration", default=None)
    action_configuration: ActionConfiguration | None = _f(name="ActionConfiguration", default=None)


class MessageData(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MessageData."""

    code: str | None = _f(name="Code", default=None)
    value: str | None = _f(name="Value", default=None)


class Metric(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Metric."""

    namespace: str | None = _f(name="Namespace", default=None)
    metric_name: str | None = _f(name="MetricName", default=None)
    dimensions: list[Dimension] | None = _f(name="Dimensions", default=None)


class MetricAlarm(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricAlarm."""

    alarm_name: str | None = _f(name="AlarmName", default=None)
    alarm_arn: str | None = _f(name="AlarmArn", default=None)
    alarm_description: str | None = _f(name="AlarmDescription", default=None)
    alarm_configuration_updated_timestamp: _t.Timestamp | None = _f(name="AlarmConfigurationUpdatedTimestamp", default=None)
    actions_enabled: bool | None = _f(name="ActionsEnabled", default=None)
    ok_actions: list[str] | None = _f(name="OKActions", default=None)
    alarm_actions: list[str] | None = _f(name="AlarmActions", default=None)
    insufficient_data_actions: list[str] | None = _f(name="InsufficientDataActions", default=None)
    state_value: str | None = _f(name="StateValue", default=None)
    state_reason: str | None = _f(name="StateReason", default=None)
    state_reason_data: str | None = _f(name="StateReasonData", default=None)
    state_updated_timestamp: _t.Timestamp | None = _f(name="StateUpdatedTimestamp", default=None)
    metric_name: str | None = _f(name="MetricName", default=None)
    namespace: str | None = _f(name="Namespace", default=None)
    statistic: str | None = _f(name="Statistic", default=None)
    extended_statistic: str | None = _f(name="ExtendedStatistic", default=None)
    dimensions: list[Dimension] | None = _f(name="Dimensions", default=None)
    period: _s.Int | None = _f(name="Period", default=None)
    unit: str | None = _f(name="Unit", default=None)
    evaluation_periods: _s.Int | None = _f(name="EvaluationPeriods", default=None)
    datapoints_to_alarm: _s.Int | None = _f(name="DatapointsToAlarm", default=None)
    threshold: float | None = _f(name="Threshold", default=None)
    comparison_operator: str | None = _f(name="ComparisonOperator", default=None)
    treat_missing_data: str | None = _f(name="TreatMissingData", default=None)
    evaluate_low_sample_count_percentile: str | None = _f(name="EvaluateLowSampleCountPercentile", default=None)
    metrics: list[MetricDataQuery] | None = _f(name="Metrics", default=None)
    threshold_metric_id: str | None = _f(name="ThresholdMetricId", default=None)
    evaluation_state: str | None = _f(name="EvaluationState", default=None)
    state_transitioned_timestamp: _t.Timestamp | None = _f(name="StateTransitionedTimestamp", default=None)
    evaluation_window: EvaluationWindow | None = _f(name="EvaluationWindow", default=None)
    warm_up_configuration: WarmUpConfiguration | None = _f(name="WarmUpConfiguration", default=None)
    evaluation_criteria: EvaluationCriteria | None = _f(name="EvaluationCriteria", default=None)
    evaluation_interval: _s.Int | None = _f(name="EvaluationInterval", default=None)
    action_configuration: ActionConfiguration | None = _f(name="ActionConfiguration", default=None)


class MetricDataQuery(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricDataQuery."""

    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)
    metric_stat: MetricStat | None = _f(name="MetricStat", default=None)
    expression: str | None = _f(name="Expression", default=None)
    label: str | None = _f(name="Label", default=None)
    return_data: bool | None = _f(name="ReturnData", default=None)
    period: _s.Int | None = _f(name="Period", default=None)
    account_id: str | None = _f(name="AccountId", default=None)


class MetricDataResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricDataResult."""

    id: str | None = _f(name="Id", default=None)
    label: str | None = _f(name="Label", default=None)
    timestamps: list[_t.Timestamp] | None = _f(name="Timestamps", default=None)
    values: list[float] | None = _f(name="Values", default=None)
    status_code: str | None = _f(name="StatusCode", default=None)
    messages: list[MessageData] | None = _f(name="Messages", default=None)


class MetricDatum(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricDatum."""

    metric_name: _s.Given[str] = _f(name="MetricName", default=_s.ABSENT)
    dimensions: list[Dimension] | None = _f(name="Dimensions", default=None)
    timestamp: _t.Timestamp | None = _f(name="Timestamp", default=None)
    value: float | None = _f(name="Value", default=None)
    statistic_values: StatisticSet | None = _f(name="StatisticValues", default=None)
    values: list[float] | None = _f(name="Values", default=None)
    counts: list[float] | None = _f(name="Counts", default=None)
    unit: str | None = _f(name="Unit", default=None)
    storage_resolution: _s.Int | None = _f(name="StorageResolution", default=None)


class MetricStat(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricStat."""

    metric: _s.Given[Metric] = _f(name="Metric", default=_s.ABSENT)
    period: _s.Given[_s.Int] = _f(name="Period", default=_s.ABSENT)
    stat: _s.Given[str] = _f(name="Stat", default=_s.ABSENT)
    unit: str | None = _f(name="Unit", default=None)


class PutCompositeAlarmInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PutCompositeAlarmInput."""

    actions_enabled: bool | None = _f(name="ActionsEnabled", default=None)
    alarm_actions: list[str] | None = _f(name="AlarmActions", default=None)
    alarm_description: str | None = _f(name="AlarmDescription", default=None)
    alarm_name: _s.Given[str] = _f(name="AlarmName", default=_s.ABSENT)
    alarm_rule: _s.Given[str] = _f(name="AlarmRule", default=_s.ABSENT)
    insufficient_data_actions: list[str] | None = _f(name="InsufficientDataActions", default=None)
    ok_actions: list[str] | None = _f(name="OKActions", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    actions_suppressor: str | None = _f(name="ActionsSuppressor", default=None)
    actions_suppressor_wait_period: _s.Int | None = _f(name="ActionsSuppressorWaitPeriod", default=None)
    actions_suppressor_extension_period: _s.Int | None = _f(name="ActionsSuppressorExtensionPeriod", default=None)
    action_configuration: ActionConfiguration | None = _f(name="ActionConfiguration", default=None)


class PutMetricAlarmInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PutMetricAlarmInput."""

    alarm_name: _s.Given[str] = _f(name="AlarmName", default=_s.ABSENT)
    alarm_description: str | None = _f(name="AlarmDescription", default=None)
    actions_enabled: bool | None = _f(name="ActionsEnabled", default=None)
    ok_actions: list[str] | None = _f(name="OKActions", default=None)
    alarm_actions: list[str] | None = _f(name="AlarmActions", default=None)
    insufficient_data_actions: list[str] | None = _f(name="InsufficientDataActions", default=None)
    metric_name: str | None = _f(name="MetricName", default=None)
    namespace: str | None = _f(name="Namespace", default=None)
    statistic: str | None = _f(name="Statistic", default=None)
    extended_statistic: str | None = _f(name="ExtendedStatistic", default=None)
    dimensions: list[Dimension] | None = _f(name="Dimensions", default=None)
    period: _s.Int | None = _f(name="Period", default=None)
    unit: str | None = _f(name="Unit", default=None)
    evaluation_periods: _s.Int | None = _f(name="EvaluationPeriods", default=None)
    datapoints_to_alarm: _s.Int | None = _f(name="DatapointsToAlarm", default=None)
    threshold: float | None = _f(name="Threshold", default=None)
    comparison_operator: str | None = _f(name="ComparisonOperator", default=None)
    treat_missing_data: str | None = _f(name="TreatMissingData", default=None)
    evaluate_low_sample_count_percentile: str | None = _f(name="EvaluateLowSampleCountPercentile", default=None)
    metrics: list[MetricDataQuery] | None = _f(name="Metrics", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    threshold_metric_id: str | None = _f(name="ThresholdMetricId", default=None)
    evaluation_window: EvaluationWindow | None = _f(name="EvaluationWindow", default=None)
    warm_up_configuration: WarmUpConfiguration | None = _f(name="WarmUpConfiguration", default=None)
    evaluation_criteria: EvaluationCriteria | None = _f(name="EvaluationCriteria", default=None)
    evaluation_interval: _s.Int | None = _f(name="EvaluationInterval", default=None)
    action_configuration: ActionConfiguration | None = _f(name="ActionConfiguration", default=None)


class PutMetricDataInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PutMetricDataInput."""

    namespace: _s.Given[str] = _f(name="Namespace", default=_s.ABSENT)
    metric_data: list[MetricDatum] | None = _f(name="MetricData", default=None)
    entity_metric_data: list[EntityMetricData] | None = _f(name="EntityMetricData", default=None)
    strict_entity_validation: bool | None = _f(name="StrictEntityValidation", default=None)


class ScheduleConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScheduleConfiguration."""

    schedule_expression: _s.Given[str] = _f(name="ScheduleExpression", default=_s.ABSENT)
    start_time_offset: _s.Given[_s.Long] = _f(name="StartTimeOffset", default=_s.ABSENT)
    end_time_offset: _s.Long | None = _f(name="EndTimeOffset", default=None)


class ScheduledQueryConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScheduledQueryConfiguration."""

    query_string: _s.Given[str] = _f(name="QueryString", default=_s.ABSENT)
    log_group_identifiers: list[str] | None = _f(name="LogGroupIdentifiers", default=None)
    query_arn: str | None = _f(name="QueryARN", default=None)
    scheduled_query_role_arn: _s.Given[str] = _f(name="ScheduledQueryRoleARN", default=_s.ABSENT)
    schedule_configuration: _s.Given[ScheduleConfiguration] = _f(name="ScheduleConfiguration", default=_s.ABSENT)
    aggregation_expression: _s.Given[str] = _f(name="AggregationExpression", default=_s.ABSENT)
    tags: list[Tag] | None = _f(name="Tags", default=None)


class SetAlarmStateInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SetAlarmStateInput."""

    alarm_name: _s.Given[str] = _f(name="AlarmName", default=_s.ABSENT)
    state_value: _s.Given[str] = _f(name="StateValue", default=_s.ABSENT)
    state_reason: _s.Given[str] = _f(name="StateReason", default=_s.ABSENT)
    state_reason_data: str | None = _f(name="StateReasonData", default=None)


class SlidingWindow(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SlidingWindow."""


class StatisticSet(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's StatisticSet."""

    sample_count: _s.Given[float] = _f(name="SampleCount", default=_s.ABSENT)
    sum: _s.Given[float] = _f(name="Sum", default=_s.ABSENT)
    minimum: _s.Given[float] = _f(name="Minimum", default=_s.ABSENT)
    maximum: _s.Given[float] = _f(name="Maximum", default=_s.ABSENT)


class Tag(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Tag."""

    key: _s.Given[str] = _f(name="Key", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class TagResourceInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TagResourceInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceARN", default=_s.ABSENT)
    tags: _s.Given[list[Tag]] = _f(name="Tags", default=_s.ABSENT)


class TagResourceOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TagResourceOutput."""


class UntagResourceInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UntagResourceInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceARN", default=_s.ABSENT)
    tag_keys: _s.Given[list[str]] = _f(name="TagKeys", default=_s.ABSENT)


class UntagResourceOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UntagResourceOutput."""


class WallClockWindow(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's WallClockWindow."""

    timezone: str | None = _f(name="Timezone", default=None)


class WarmUpConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's WarmUpConfiguration."""

    warm_up_period_duration_in_minutes: _s.Given[_s.Int] = _f(name="WarmUpPeriodDurationInMinutes", default=_s.ABSENT)
    only_start_evaluating_after_warm_up_period_ends: bool | None = _f(name="OnlyStartEvaluatingAfterWarmUpPeriodEnds", default=None)


# Limits, for the constraint walk.

_AlarmName = _c.Text(least=1, most=255)
_AlarmNames = _c.Items(most=100, member=_AlarmName)
_DeleteAlarmsInput = _c.Shape(members=(
    _c.Member(attribute="alarm_names", name="alarmNames", required=True, check=_AlarmNames),
))
_ContributorId = _c.Text(least=1, most=16)
_AlarmType = _c.Text(choices=("CompositeAlarm", "MetricAlarm", "LogAlarm",))
_AlarmTypes = _c.Items(member=_AlarmType)
_HistoryItemType = _c.Text(choices=("ConfigurationUpdate", "StateUpdate", "Action", "AlarmContributorStateUpdate", "AlarmContributorAction",))
_MaxRecords = _c.Range(least=1, most=100)
_ScanBy = _c.Text(choices=("TimestampDescending", "TimestampAscending",))
_DescribeAlarmHistoryInput = _c.Shape(members=(
    _c.Member(attribute="alarm_name", name="alarmName", check=_AlarmName),
    _c.Member(attribute="alarm_contributor_id", name="alarmContributorId", check=_ContributorId),
    _c.Member(attribute="alarm_types", name="alarmTypes", check=_AlarmTypes),
    _c.Member(attribute="history_item_type", name="historyItemType", check=_HistoryItemType),
    _c.Member(attribute="max_records", name="maxRecords", check=_MaxRecords),
    _c.Member(attribute="scan_by", name="scanBy", check=_ScanBy),
))
_AlarmNamePrefix = _c.Text(least=1, most=255)
_StateValue = _c.Text(choices=("OK", "ALARM", "INSUFFICIENT_DATA",))
_ActionPrefix = _c.Text(least=1, most=1024)
_DescribeAlarmsInput = _c.Shape(members=(
    _c.Member(attribute="alarm_names", name="alarmNames", check=_AlarmNames),
    _c.Member(attribute="alarm_name_prefix", name="alarmNamePrefix", check=_AlarmNamePrefix),
    _c.Member(attribute="alarm_types", name="alarmTypes", check=_AlarmTypes),
    _c.Member(attribute="children_of_alarm_name", name="childrenOfAlarmName", check=_AlarmName),
    _c.Member(attribute="parents_of_alarm_name", name="parentsOfAlarmName", check=_AlarmName),
    _c.Member(attribute="state_value", name="stateValue", check=_StateValue),
    _c.Member(attribute="action_prefix", name="actionPrefix", check=_ActionPrefix),
    _c.Member(attribute="max_records", name="maxRecords", check=_MaxRecords),
))
_MetricName = _c.Text(least=1, most=255)
_Namespace = _c.Text(least=1, most=255, pattern=r"[^:].*")
_Statistic = _c.Text(choices=("SampleCount", "Average", "Sum", "Minimum", "Maximum",))
_DimensionName = _c.Text(least=1, most=255)
_DimensionValue = _c.Text(least=1, most=1024)
_Dimension = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_DimensionName),
    _c.Member(attribute="value", name="value", required=True, check=_DimensionValue),
))
_Dimensions = _c.Items(most=30, member=_Dimension)
_Period = _c.Range(least=1)
_StandardUnit = _c.Text(choices=("Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second", "Count/Second", "None",))
_DescribeAlarmsForMetricInput = _c.Shape(members=(
    _c.Member(attribute="metric_name", name="metricName", required=True, check=_MetricName),
    _c.Member(attribute="namespace", name="namespace", required=True, check=_Namespace),
    _c.Member(attribute="statistic", name="statistic", check=_Statistic),
    _c.Member(attribute="dimensions", name="dimensions", check=_Dimensions),
    _c.Member(attribute="period", name="period", check=_Period),
    _c.Member(attribute="unit", name="unit", check=_StandardUnit),
))
_DisableAlarmActionsInput = _c.Shape(members=(
    _c.Member(attribute="alarm_names", name="alarmNames", required=True, check=_AlarmNames),
))
_EnableAlarmActionsInput = _c.Shape(members=(
    _c.Member(attribute="alarm_names", name="alarmNames", required=True, check=_AlarmNames),
))
_MetricId = _c.Text(least=1, most=255)
_Metric = _c.Shape(members=(
    _c.Member(attribute="namespace", name="namespace", check=_Namespace),
    _c.Member(attribute="metric_name", name="metricName", check=_MetricName),
    _c.Member(attribute="dimensions", name="dimensions", check=_Dimensions),
))
_MetricStat = _c.Shape(members=(
    _c.Member(attribute="metric", name="metric", required=True, check=_Metric),
    _c.Member(attribute="period", name="period", required=True, check=_Period),
    _c.Member(attribute="stat", name="stat", required=True),
    _c.Member(attribute="unit", name="unit", check=_StandardUnit),
))
_MetricExpression = _c.Text(least=1, most=2048)
_AccountId = _c.Text(least=1, most=255)
_MetricDataQuery = _c.Shape(members=(
    _c.Member(attribute="id", name="id", required=True, check=_MetricId),
    _c.Member(attribute="metric_stat", name="metricStat", check=_MetricStat),
    _c.Member(attribute="expression", name="expression", check=_MetricExpression),
    _c.Member(attribute="period", name="period", check=_Period),
    _c.Member(attribute="account_id", name="accountId", check=_AccountId),
))
_MetricDataQueries = _c.Items(member=_MetricDataQuery)
_GetMetricDataInput = _c.Shape(members=(
    _c.Member(attribute="metric_data_queries", name="metricDataQueries", required=True, check=_MetricDataQueries),
    _c.Member(attribute="start_time", name="startTime", required=True),
    _c.Member(attribute="end_time", name="endTime", required=True),
    _c.Member(attribute="scan_by", name="scanBy", check=_ScanBy),
))
_Statistics = _c.Items(least=1, most=5, member=_Statistic)
_ExtendedStatistics = _c.Items(least=1, most=10)
_GetMetricStatisticsInput = _c.Shape(members=(
    _c.Member(attribute="namespace", name="namespace", required=True, check=_Namespace),
    _c.Member(attribute="metric_name", name="metricName", required=True, check=_MetricName),
    _c.Member(attribute="dimensions", name="dimensions", check=_Dimensions),
    _c.Member(attribute="start_time", name="startTime", required=True),
    _c.Member(attribute="end_time", name="endTime", required=True),
    _c.Member(attribute="period", name="period", required=True, check=_Period),
    _c.Member(attribute="statistics", name="statistics", check=_Statistics),
    _c.Member(attribute="extended_statistics", name="extendedStatistics", check=_ExtendedStatistics),
    _c.Member(attribute="unit", name="unit", check=_StandardUnit),
))
_DimensionFilter = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_DimensionName),
    _c.Member(attribute="value", name="value", check=_DimensionValue),
))
_DimensionFilters = _c.Items(most=10, member=_DimensionFilter)
_RecentlyActive = _c.Text(choices=("PT3H",))
_ListMetricsInput = _c.Shape(members=(
    _c.Member(attribute="namespace", name="namespace", check=_Namespace),
    _c.Member(attribute="metric_name", name="metricName", check=_MetricName),
    _c.Member(attribute="dimensions", name="dimensions", check=_DimensionFilters),
    _c.Member(attribute="recently_active", name="recentlyActive", check=_RecentlyActive),
    _c.Member(attribute="owning_account", name="owningAccount", check=_AccountId),
))
_AmazonResourceName = _c.Text(least=1, most=1024)
_ListTagsForResourceInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceARN", required=True, check=_AmazonResourceName),
))
_ResourceName = _c.Text(least=1, most=1024)
_ResourceList = _c.Items(most=5, member=_ResourceName)
_AlarmDescription = _c.Text(least=0, most=1024)
_AlarmRule = _c.Text(least=1, most=10240)
_TagKey = _c.Text(least=1, most=128)
_TagValue = _c.Text(least=0, most=256)
_Tag = _c.Shape(members=(
    _c.Member(attribute="key", name="key", required=True, check=_TagKey),
    _c.Member(attribute="value", name="value", required=True, check=_TagValue),
))
_TagList = _c.Items(member=_Tag)
_AlarmArn = _c.Text(least=1, most=1600)
_AlarmTagsPropagationTagKey = _c.Text(least=1, most=128)
_AlarmTagsPropagationTagKeys = _c.Items(least=1, most=50, member=_AlarmTagsPropagationTagKey)
_AlarmTagsPropagation = _c.Shape(members=(
    _c.Member(attribute="enabled", name="enabled", required=True),
    _c.Member(attribute="included_tag_keys", name="includedTagKeys", check=_AlarmTagsPropagationTagKeys),
    _c.Member(attribute="excluded_tag_keys", name="excludedTagKeys", check=_AlarmTagsPropagationTagKeys),
))
_ActionConfiguration = _c.Shape(members=(
    _c.Member(attribute="alarm_tags_propagation", name="alarmTagsPropagation", check=_AlarmTagsPropagation),
))
_PutCompositeAlarmInput = _c.Shape(members=(
    _c.Member(attribute="alarm_actions", name="alarmActions", check=_ResourceList),
    _c.Member(attribute="alarm_description", name="alarmDescription", check=_AlarmDescription),
    _c.Member(attribute="alarm_name", name="alarmName", required=True, check=_AlarmName),
    _c.Member(attribute="alarm_rule", name="alarmRule", required=True, check=_AlarmRule),
    _c.Member(attribute="insufficient_data_actions", name="insufficientDataActions", check=_ResourceList),
    _c.Member(attribute="ok_actions", name="oKActions", check=_ResourceList),
    _c.Member(attribute="tags", name="tags", check=_TagList),
    _c.Member(attribute="actions_suppressor", name="actionsSuppressor", check=_AlarmArn),
    _c.Member(attribute="action_configuration", name="actionConfiguration", check=_ActionConfiguration),
))
_EvaluationPeriods = _c.Range(least=1)
_DatapointsToAlarm = _c.Range(least=1)
_ComparisonOperator = _c.Text(choices=("GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold",))
_TreatMissingData = _c.Text(least=1, most=255)
_EvaluateLowSampleCountPercentile = _c.Text(least=1, most=255)
_Timezone = _c.Text(least=1, most=50)
_WallClockWindow = _c.Shape(members=(
    _c.Member(attribute="timezone", name="timezone", check=_Timezone),
))
_EvaluationWindow = _c.Shape(members=(
    _c.Member(attribute="wall_clock_window", name="wallClockWindow", check=_WallClockWindow),
), union=("wall_clock_window", "sliding_window",))
_WarmUpPeriodDurationInMinutes = _c.Range(least=1, most=2880)
_WarmUpConfiguration = _c.Shape(members=(
    _c.Member(attribute="warm_up_period_duration_in_minutes", name="warmUpPeriodDurationInMinutes", required=True, check=_WarmUpPeriodDurationInMinutes),
))
_Query = _c.Text(least=1, most=10000)
_PendingPeriod = _c.Range(least=0, most=86400)
_RecoveryPeriod = _c.Range(least=0, most=86400)
_AlarmPromQLCriteria = _c.Shape(members=(
    _c.Member(attribute="query", name="query", required=True, check=_Query),
    _c.Member(attribute="pending_period", name="pendingPeriod", check=_PendingPeriod),
    _c.Member(attribute="recovery_period", name="recoveryPeriod", check=_RecoveryPeriod),
))
_EvaluationCriteria = _c.Shape(members=(
    _c.Member(attribute="prom_ql_criteria", name="promQLCriteria", check=_AlarmPromQLCriteria),
), union=("prom_ql_criteria",))
_EvaluationInterval = _c.Range(least=10, most=3600)
_PutMetricAlarmInput = _c.Shape(members=(
    _c.Member(attribute="alarm_name", name="alarmName", required=True, check=_AlarmName),
    _c.Member(attribute="alarm_description", name="alarmDescription", check=_AlarmDescription),
    _c.Member(attribute="ok_actions", name="oKActions", check=_ResourceList),
    _c.Member(attribute="alarm_actions", name="alarmActions", check=_ResourceList),
    _c.Member(attribute="insufficient_data_actions", name="insufficientDataActions", check=_ResourceList),
    _c.Member(attribute="metric_name", name="metricName", check=_MetricName),
    _c.Member(attribute="namespace", name="namespace", check=_Namespace),
    _c.Member(attribute="statistic", name="statistic", check=_Statistic),
    _c.Member(attribute="dimensions", name="dimensions", check=_Dimensions),
    _c.Member(attribute="period", name="period", check=_Period),
    _c.Member(attribute="unit", name="unit", check=_StandardUnit),
    _c.Member(attribute="evaluation_periods", name="evaluationPeriods", check=_EvaluationPeriods),
    _c.Member(attribute="datapoints_to_alarm", name="datapointsToAlarm", check=_DatapointsToAlarm),
    _c.Member(attribute="comparison_operator", name="comparisonOperator", check=_ComparisonOperator),
    _c.Member(attribute="treat_missing_data", name="treatMissingData", check=_TreatMissingData),
    _c.Member(attribute="evaluate_low_sample_count_percentile", name="evaluateLowSampleCountPercentile", check=_EvaluateLowSampleCountPercentile),
    _c.Member(attribute="metrics", name="metrics", check=_MetricDataQueries),
    _c.Member(attribute="tags", name="tags", check=_TagList),
    _c.Member(attribute="threshold_metric_id", name="thresholdMetricId", check=_MetricId),
    _c.Member(attribute="evaluation_window", name="evaluationWindow", check=_EvaluationWindow),
    _c.Member(attribute="warm_up_configuration", name="warmUpConfiguration", check=_WarmUpConfiguration),
    _c.Member(attribute="evaluation_criteria", name="evaluationCriteria", check=_EvaluationCriteria),
    _c.Member(attribute="evaluation_interval", name="evaluationInterval", check=_EvaluationInterval),
    _c.Member(attribute="action_configuration", name="actionConfiguration", check=_ActionConfiguration),
))
_StatisticSet = _c.Shape(members=(
    _c.Member(attribute="sample_count", name="sampleCount", required=True),
    _c.Member(attribute="sum", name="sum", required=True),
    _c.Member(attribute="minimum", name="minimum", required=True),
    _c.Member(attribute="maximum", name="maximum", required=True),
))
_StorageResolution = _c.Range(least=1)
_MetricDatum = _c.Shape(members=(
    _c.Member(attribute="metric_name", name="metricName", required=True, check=_MetricName),
    _c.Member(attribute="dimensions", name="dimensions", check=_Dimensions),
    _c.Member(attribute="statistic_values", name="statisticValues", check=_StatisticSet),
    _c.Member(attribute="unit", name="unit", check=_StandardUnit),
    _c.Member(attribute="storage_resolution", name="storageResolution", check=_StorageResolution),
))
_MetricData = _c.Items(member=_MetricDatum)
_EntityKeyAttributesMapKeyString = _c.Text(least=1, most=32)
_EntityKeyAttributesMapValueString = _c.Text(least=1, most=2048)
_EntityKeyAttributesMap = _c.Entries(least=2, most=4, key=_EntityKeyAttributesMapKeyString, value=_EntityKeyAttributesMapValueString)
_EntityAttributesMapKeyString = _c.Text(least=1, most=256)
_EntityAttributesMapValueString = _c.Text(least=1, most=2048)
_EntityAttributesMap = _c.Entries(least=0, most=10, key=_EntityAttributesMapKeyString, value=_EntityAttributesMapValueString)
_Entity = _c.Shape(members=(
    _c.Member(attribute="key_attributes", name="keyAttributes", check=_EntityKeyAttributesMap),
    _c.Member(attribute="attributes", name="attributes", check=_EntityAttributesMap),
))
_EntityMetricData = _c.Shape(members=(
    _c.Member(attribute="entity", name="entity", check=_Entity),
    _c.Member(attribute="metric_data", name="metricData", check=_MetricData),
))
_EntityMetricDataList = _c.Items(member=_EntityMetricData)
_PutMetricDataInput = _c.Shape(members=(
    _c.Member(attribute="namespace", name="namespace", required=True, check=_Namespace),
    _c.Member(attribute="metric_data", name="metricData", check=_MetricData),
    _c.Member(attribute="entity_metric_data", name="entityMetricData", check=_EntityMetricDataList),
))
_StateReason = _c.Text(least=0, most=1023)
_StateReasonData = _c.Text(least=0, most=4000)
_SetAlarmStateInput = _c.Shape(members=(
    _c.Member(attribute="alarm_name", name="alarmName", required=True, check=_AlarmName),
    _c.Member(attribute="state_value", name="stateValue", required=True, check=_StateValue),
    _c.Member(attribute="state_reason", name="stateReason", required=True, check=_StateReason),
    _c.Member(attribute="state_reason_data", name="stateReasonData", check=_StateReasonData),
))
_TagResourceInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceARN", required=True, check=_AmazonResourceName),
    _c.Member(attribute="tags", name="tags", required=True, check=_TagList),
))
_TagKeyList = _c.Items(member=_TagKey)
_UntagResourceInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceARN", required=True, check=_AmazonResourceName),
    _c.Member(attribute="tag_keys", name="tagKeys", required=True, check=_TagKeyList),
))

ERRORS: dict[str, _s.ErrorShape] = {
    "ConcurrentModificationException": _s.ErrorShape(shape="ConcurrentModificationException", status=429, sender=True, message_member="message"),
    "ConflictException": _s.ErrorShape(shape="ConflictException", status=409, sender=True, message_member="Message"),
    "InvalidParameterInput": _s.ErrorShape(shape="DashboardInvalidInputError", status=400, sender=True, message_member="message"),
    "ResourceNotFound": _s.ErrorShape(shape="ResourceNotFound", status=404, sender=True, message_member="message"),
    "InternalServiceError": _s.ErrorShape(shape="InternalServiceFault", status=500, sender=False, message_member="Message"),
    "InvalidFormat": _s.ErrorShape(shape="InvalidFormatFault", status=400, sender=True, message_member="message"),
    "InvalidNextToken": _s.ErrorShape(shape="InvalidNextToken", status=400, sender=True, message_member="message"),
    "InvalidParameterCombination": _s.ErrorShape(shape="InvalidParameterCombinationException", status=400, sender=True, message_member="message"),
    "InvalidParameterValue": _s.ErrorShape(shape="InvalidParameterValueException", status=400, sender=True, message_member="message"),
    "KmsAccessDeniedException": _s.ErrorShape(shape="KmsAccessDeniedException", status=400, sender=True, message_member="Message"),
    "KmsKeyDisabledException": _s.ErrorShape(shape="KmsKeyDisabledException", status=400, sender=True, message_member="Message"),
    "KmsKeyNotFoundException": _s.ErrorShape(shape="KmsKeyNotFoundException", status=400, sender=True, message_member="Message"),
    "LimitExceededException": _s.ErrorShape(shape="LimitExceededException", status=400, sender=True, message_member="message"),
    "LimitExceeded": _s.ErrorShape(shape="LimitExceededFault", status=400, sender=True, message_member="message"),
    "MissingParameter": _s.ErrorShape(shape="MissingRequiredParameterException", status=400, sender=True, message_member="message"),
    "ResourceConflict": _s.ErrorShape(shape="ResourceConflict", status=409, sender=True, message_member="message"),
    "ResourceNotFoundException": _s.ErrorShape(shape="ResourceNotFoundException", status=404, sender=True, message_member="message"),
    "ValidationError": _s.ErrorShape(shape="ValidationException", status=400, sender=True, message_member="message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "DeleteAlarms": _s.Operation(
        name="DeleteAlarms",
        input=DeleteAlarmsInput,
        checks=_DeleteAlarmsInput,
        errors=("ResourceNotFound", "ResourceConflict",),
    ),
    "DescribeAlarmHistory": _s.Operation(
        name="DescribeAlarmHistory",
        input=DescribeAlarmHistoryInput,
        checks=_DescribeAlarmHistoryInput,
        output=DescribeAlarmHistoryOutput,
        result_wrapper="DescribeAlarmHistoryResult",
        errors=("InvalidNextToken",),
    ),
    "DescribeAlarms": _s.Operation(
        name="DescribeAlarms",
        input=DescribeAlarmsInput,
        checks=_DescribeAlarmsInput,
        output=DescribeAlarmsOutput,
        result_wrapper="DescribeAlarmsResult",
        errors=("InvalidNextToken",),
    ),
    "DescribeAlarmsForMetric": _s.Operation(
        name="DescribeAlarmsForMetric",
        input=DescribeAlarmsForMetricInput,
        checks=_DescribeAlarmsForMetricInput,
        output=DescribeAlarmsForMetricOutput,
        result_wrapper="DescribeAlarmsForMetricResult",
    ),
    "DisableAlarmActions": _s.Operation(
        name="DisableAlarmActions",
        input=DisableAlarmActionsInput,
        checks=_DisableAlarmActionsInput,
    ),
    "EnableAlarmActions": _s.Operation(
        name="EnableAlarmActions",
        input=EnableAlarmActionsInput,
        checks=_EnableAlarmActionsInput,
    ),
    "GetMetricData": _s.Operation(
        name="GetMetricData",
        input=GetMetricDataInput,
        checks=_GetMetricDataInput,
        output=GetMetricDataOutput,
        result_wrapper="GetMetricDataResult",
        errors=("InvalidNextToken",),
    ),
    "GetMetricStatistics": _s.Operation(
        name="GetMetricStatistics",
        input=GetMetricStatisticsInput,
        checks=_GetMetricStatisticsInput,
        output=GetMetricStatisticsOutput,
        result_wrapper="GetMetricStatisticsResult",
        errors=("InvalidParameterValue", "MissingParameter", "InvalidParameterCombination", "InternalServiceError",),
    ),
    "ListMetrics": _s.Operation(
        name="ListMetrics",
        input=ListMetricsInput,
        checks=_ListMetricsInput,
        output=ListMetricsOutput,
        result_wrapper="ListMetricsResult",
        errors=("InternalServiceError", "InvalidParameterValue",),
    ),
    "ListTagsForResource": _s.Operation(
        name="ListTagsForResource",
        input=ListTagsForResourceInput,
        checks=_ListTagsForResourceInput,
        output=ListTagsForResourceOutput,
        result_wrapper="ListTagsForResourceResult",
        errors=("InvalidParameterValue", "ResourceNotFoundException", "InternalServiceError",),
    ),
    "PutCompositeAlarm": _s.Operation(
        name="PutCompositeAlarm",
        input=PutCompositeAlarmInput,
        checks=_PutCompositeAlarmInput,
        errors=("LimitExceeded",),
    ),
    "PutMetricAlarm": _s.Operation(
        name="PutMetricAlarm",
        input=PutMetricAlarmInput,
        checks=_PutMetricAlarmInput,
        errors=("LimitExceeded",),
    ),
    "PutMetricData": _s.Operation(
        name="PutMetricData",
        input=PutMetricDataInput,
        checks=_PutMetricDataInput,
        errors=("InvalidParameterValue", "MissingParameter", "InvalidParameterCombination", "InternalServiceError",),
    ),
    "SetAlarmState": _s.Operation(
        name="SetAlarmState",
        input=SetAlarmStateInput,
        checks=_SetAlarmStateInput,
        errors=("ResourceNotFound", "InvalidFormat",),
    ),
    "TagResource": _s.Operation(
        name="TagResource",
        input=TagResourceInput,
        checks=_TagResourceInput,
        output=TagResourceOutput,
        result_wrapper="TagResourceResult",
        errors=("InvalidParameterValue", "ResourceNotFoundException", "ConcurrentModificationException", "InternalServiceError", "ConflictException",),
    ),
    "UntagResource": _s.Operation(
        name="UntagResource",
        input=UntagResourceInput,
        checks=_UntagResourceInput,
        output=UntagResourceOutput,
        result_wrapper="UntagResourceResult",
        errors=("InvalidParameterValue", "ResourceNotFoundException", "ConcurrentModificationException", "InternalServiceError", "ConflictException",),
    ),
}

SERVICE = _s.Service(
    name="cloudwatch",
    version="2010-08-01",
    signing_name="monitoring",
    protocols=("smithy-rpc-v2-cbor", "json", "query",),
    target_prefix="GraniteServiceVersion20100801",
    json_version="1.0",
    xml_namespace="http://monitoring.amazonaws.com/doc/2010-08-01/",
    query_compatible=True,
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "AssociateDatasetKmsKey",
        "CreateResourceMetricsConfiguration",
        "DeleteAlarmMuteRule",
        "DeleteAlarms",
        "DeleteAnomalyDetector",
        "DeleteDashboards",
        "DeleteInsightRules",
        "DeleteMetricDataQueryDefinition",
        "DeleteMetricStream",
        "DeleteResourceMetricsConfiguration",
        "DescribeAlarmContributors",
        "DescribeAlarmHistory",
        "DescribeAlarms",
        "DescribeAlarmsForMetric",
        "DescribeAnomalyDetectors",
        "DescribeInsightRules",
        "DisableAlarmActions",
        "DisableInsightRules",
        "DisassociateDatasetKmsKey",
        "EnableAlarmActions",
        "EnableInsightRules",
        "GetAlarmMuteRule",
        "GetDashboard",
        "GetDataset",
        "GetInsightRuleReport",
        "GetMetricData",
        "GetMetricDataQueryDefinition",
        "GetMetricStatistics",
        "GetMetricStream",
        "GetMetricWidgetImage",
        "GetOTelEnrichment",
        "GetResourceMetricsConfiguration",
        "ListAlarmMuteRules",
        "ListDashboards",
        "ListManagedInsightRules",
        "ListMetricDataQueryDefinitions",
        "ListMetricStreams",
        "ListMetrics",
        "ListTagsForResource",
        "PutAlarmMuteRule",
        "PutAnomalyDetector",
        "PutCompositeAlarm",
        "PutDashboard",
        "PutInsightRule",
        "PutLogAlarm",
        "PutManagedInsightRules",
        "PutMetricAlarm",
        "PutMetricData",
        "PutMetricDataQueryDefinition",
        "PutMetricStream",
        "SetAlarmState",
        "StartMetricStreams",
        "StartOTelEnrichment",
        "StopMetricStreams",
        "StopOTelEnrichment",
        "TagResource",
        "UntagResource",
        "UpdateOTelEnrichment",
        "UpdateResourceMetricsConfiguration",
    )),
)

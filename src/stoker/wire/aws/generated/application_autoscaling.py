"""Shapes, limits and operations of application-autoscaling, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class Alarm(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Alarm."""

    alarm_name: _s.Given[str] = _f(name="AlarmName", default=_s.ABSENT)
    alarm_arn: _s.Given[str] = _f(name="AlarmARN", default=_s.ABSENT)


class CustomizedMetricSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CustomizedMetricSpecification."""

    metric_name: str | None = _f(name="MetricName", default=None)
    namespace: str | None = _f(name="Namespace", default=None)
    dimensions: list[MetricDimension] | None = _f(name="Dimensions", default=None)
    statistic: str | None = _f(name="Statistic", default=None)
    unit: str | None = _f(name="Unit", default=None)
    metrics: list[TargetTrackingMetricDataQuery] | None = _f(name="Metrics", default=None)


class DeleteScalingPolicyRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScalingPolicyRequest."""

    policy_name: _s.Given[str] = _f(name="PolicyName", default=_s.ABSENT)
    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)


class DeleteScalingPolicyResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScalingPolicyResponse."""


class DeleteScheduledActionRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScheduledActionRequest."""

    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    scheduled_action_name: _s.Given[str] = _f(name="ScheduledActionName", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)


class DeleteScheduledActionResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScheduledActionResponse."""


class DeregisterScalableTargetRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeregisterScalableTargetRequest."""

    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)


class DeregisterScalableTargetResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeregisterScalableTargetResponse."""


class DescribeScalableTargetsRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScalableTargetsRequest."""

    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_ids: list[str] | None = _f(name="ResourceIds", default=None)
    scalable_dimension: str | None = _f(name="ScalableDimension", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeScalableTargetsResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScalableTargetsResponse."""

    scalable_targets: list[ScalableTarget] | None = _f(name="ScalableTargets", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeScalingActivitiesRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScalingActivitiesRequest."""

    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: str | None = _f(name="ResourceId", default=None)
    scalable_dimension: str | None = _f(name="ScalableDimension", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    include_not_scaled_activities: bool | None = _f(name="IncludeNotScaledActivities", default=None)


class DescribeScalingActivitiesResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScalingActivitiesResponse."""

    scaling_activities: list[ScalingActivity] | None = _f(name="ScalingActivities", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeScalingPoliciesRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScalingPoliciesRequest."""

    policy_names: list[str] | None = _f(name="PolicyNames", default=None)
    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: str | None = _f(name="ResourceId", default=None)
    scalable_dimension: str | None = _f(name="ScalableDimension", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeScalingPoliciesResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScalingPoliciesResponse."""

    scaling_policies: list[ScalingPolicy] | None = _f(name="ScalingPolicies", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeScheduledActionsRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScheduledActionsRequest."""

    scheduled_action_names: list[str] | None = _f(name="ScheduledActionNames", default=None)
    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: str | None = _f(name="ResourceId", default=None)
    scalable_dimension: str | None = _f(name="ScalableDimension", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class DescribeScheduledActionsResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeScheduledActionsResponse."""

    scheduled_actions: list[ScheduledAction] | None = _f(name="ScheduledActions", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class ListTagsForResourceRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsForResourceRequest."""

    resource_arn: _s.Given[str] = _f(name="ResourceARN", default=_s.ABSENT)


class ListTagsForResourceResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsForResourceResponse."""

    tags: dict[str, str] | None = _f(name="Tags", default=None)


class MetricDimension(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricDimension."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class NotScaledReason(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's NotScaledReason."""

    code: _s.Given[str] = _f(name="Code", default=_s.ABSENT)
    max_capacity: _s.Int | None = _f(name="MaxCapacity", default=None)
    min_capacity: _s.Int | None = _f(name="MinCapacity", default=None)
    current_capacity: _s.Int | None = _f(name="CurrentCapacity", default=None)


class PredefinedMetricSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredefinedMetricSpecification."""

    predefined_metric_type: _s.Given[str] = _f(name="PredefinedMetricType", default=_s.ABSENT)
    resource_label: str | None = _f(name="ResourceLabel", default=None)


class PredictiveScalingCustomizedMetricSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingCustomizedMetricSpecification."""

    metric_data_queries: _s.Given[list[PredictiveScalingMetricDataQuery]] = _f(name="MetricDataQueries", default=_s.ABSENT)


class PredictiveScalingMetric(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingMetric."""

    dimensions: list[PredictiveScalingMetricDimension] | None = _f(name="Dimensions", default=None)
    metric_name: str | None = _f(name="MetricName", default=None)
    namespace: str | None = _f(name="Namespace", default=None)


class PredictiveScalingMetricDataQuery(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingMetricDataQuery."""

    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)
    expression: str | None = _f(name="Expression", default=None)
    metric_stat: PredictiveScalingMetricStat | None = _f(name="MetricStat", default=None)
    label: str | None = _f(name="Label", default=None)
    return_data: bool | None = _f(name="ReturnData", default=None)


class PredictiveScalingMetricDimension(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingMetricDimension."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class PredictiveScalingMetricSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingMetricSpecification."""

    target_value: _s.Given[float] = _f(name="TargetValue", default=_s.ABSENT)
    predefined_metric_pair_specification: PredictiveScalingPredefinedMetricPairSpecification | None = _f(name="PredefinedMetricPairSpecification", default=None)
    predefined_scaling_metric_specification: PredictiveScalingPredefinedScalingMetricSpecification | None = _f(name="PredefinedScalingMetricSpecification", default=None)
    predefined_load_metric_specification: PredictiveScalingPredefinedLoadMetricSpecification | None = _f(name="PredefinedLoadMetricSpecification", default=None)
    customized_scaling_metric_specification: PredictiveScalingCustomizedMetricSpecification | None = _f(name="CustomizedScalingMetricSpecification", default=None)
    customized_load_metric_specification: PredictiveScalingCustomizedMetricSpecification | None = _f(name="CustomizedLoadMetricSpecification", default=None)
    customized_capacity_metric_specification: PredictiveScalingCustomizedMetricSpecification | None = _f(name="CustomizedCapacityMetricSpecification", default=None)


class PredictiveScalingMetricStat(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingMetricStat."""

    metric: _s.Given[PredictiveScalingMetric] = _f(name="Metric", default=_s.ABSENT)
    stat: _s.Given[str] = _f(name="Stat", default=_s.ABSENT)
    unit: str | None = _f(name="Unit", default=None)


class PredictiveScalingPolicyConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingPolicyConfiguration."""

    metric_specifications: _s.Given[list[PredictiveScalingMetricSpecification]] = _f(name="MetricSpecifications", default=_s.ABSENT)
    mode: str | None = _f(name="Mode", default=None)
    scheduling_buffer_time: _s.Int | None = _f(name="SchedulingBufferTime", default=None)
    max_capacity_breach_behavior: str | None = _f(name="MaxCapacityBreachBehavior", default=None)
    max_capacity_buffer: _s.Int | None = _f(name="MaxCapacityBuffer", default=None)


class PredictiveScalingPredefinedLoadMetricSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingPredefinedLoadMetricSpecification."""

    predefined_metric_type: _s.Given[str] = _f(name="PredefinedMetricType", default=_s.ABSENT)
    resource_label: str | None = _f(name="ResourceLabel", default=None)


class PredictiveScalingPredefinedMetricPairSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingPredefinedMetricPairSpecification."""

    predefined_metric_type: _s.Given[str] = _f(name="PredefinedMetricType", default=_s.ABSENT)
    resource_label: str | None = _f(name="ResourceLabel", default=None)


class PredictiveScalingPredefinedScalingMetricSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PredictiveScalingPredefinedScalingMetricSpecification."""

    predefined_metric_type: _s.Given[str] = _f(name="PredefinedMetricType", default=_s.ABSENT)
    resource_label: str | None = _f(name="ResourceLabel", default=None)


class PutScalingPolicyRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PutScalingPolicyRequest."""

    policy_name: _s.Given[str] = _f(name="PolicyName", default=_s.ABSENT)
    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)
    policy_type: str | None = _f(name="PolicyType", default=None)
    step_scaling_policy_configuration: StepScalingPolicyConfiguration | None = _f(name="StepScalingPolicyConfiguration", default=None)
    target_tracking_scaling_policy_configuration: TargetTrackingScalingPolicyConfiguration | None = _f(name="TargetTrackingScalingPolicyConfiguration", default=None)
    predictive_scaling_policy_configuration: PredictiveScalingPolicyConfiguration | None = _f(name="PredictiveScalingPolicyConfiguration", default=None)


class PutScalingPolicyResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PutScalingPolicyResponse."""

    policy_arn: _s.Given[str] = _f(name="PolicyARN", default=_s.ABSENT)
    alarms: list[Alarm] | None = _f(name="Alarms", default=None)


class PutScheduledActionRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PutScheduledActionRequest."""

    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    schedule: str | None = _f(name="Schedule", default=None)
    timezone: str | None = _f(name="Timezone", default=None)
    scheduled_action_name: _s.Given[str] = _f(name="ScheduledActionName", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)
    start_time: _t.Timestamp | None = _f(name="StartTime", default=None)
    end_time: _t.Timestamp | None = _f(name="EndTime", default=None)
    scalable_target_action: ScalableTargetAction | None = _f(name="ScalableTargetAction", default=None)


class PutScheduledActionResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PutScheduledActionResponse."""


class RegisterScalableTargetRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's RegisterScalableTargetRequest."""

    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)
    min_capacity: _s.Int | None = _f(name="MinCapacity", default=None)
    max_capacity: _s.Int | None = _f(name="MaxCapacity", default=None)
    role_arn: str | None = _f(name="RoleARN", default=None)
    suspended_state: SuspendedState | None = _f(name="SuspendedState", default=None)
    tags: dict[str, str] | None = _f(name="Tags", default=None)


class RegisterScalableTargetResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's RegisterScalableTargetResponse."""

    scalable_target_arn: str | None = _f(name="ScalableTargetARN", default=None)


class ScalableTarget(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScalableTarget."""

    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)
    min_capacity: _s.Given[_s.Int] = _f(name="MinCapacity", default=_s.ABSENT)
    max_capacity: _s.Given[_s.Int] = _f(name="MaxCapacity", default=_s.ABSENT)
    predicted_capacity: _s.Int | None = _f(name="PredictedCapacity", default=None)
    role_arn: _s.Given[str] = _f(name="RoleARN", default=_s.ABSENT)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    suspended_state: SuspendedState | None = _f(name="SuspendedState", default=None)
    scalable_target_arn: str | None = _f(name="ScalableTargetARN", default=None)


class ScalableTargetAction(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScalableTargetAction."""

    min_capacity: _s.Int | None = _f(name="MinCapacity", default=None)
    max_capacity: _s.Int | None = _f(name="MaxCapacity", default=None)


class ScalingActivity(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScalingActivity."""

    activity_id: _s.Given[str] = _f(name="ActivityId", default=_s.ABSENT)
    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)
    description: _s.Given[str] = _f(name="Description", default=_s.ABSENT)
    cause: _s.Given[str] = _f(name="Cause", default=_s.ABSENT)
    start_time: _s.Given[_t.Timestamp] = _f(name="StartTime", default=_s.ABSENT)
    end_time: _t.Timestamp | None = _f(name="EndTime", default=None)
    status_code: _s.Given[str] = _f(name="StatusCode", default=_s.ABSENT)
    status_message: str | None = _f(name="StatusMessage", default=None)
    details: str | None = _f(name="Details", default=None)
    not_scaled_reasons: list[NotScaledReason] | None = _f(name="NotScaledReasons", default=None)


class ScalingPolicy(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScalingPolicy."""

    policy_arn: _s.Given[str] = _f(name="PolicyARN", default=_s.ABSENT)
    policy_name: _s.Given[str] = _f(name="PolicyName", default=_s.ABSENT)
    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: _s.Given[str] = _f(name="ScalableDimension", default=_s.ABSENT)
    policy_type: _s.Given[str] = _f(name="PolicyType", default=_s.ABSENT)
    step_scaling_policy_configuration: StepScalingPolicyConfiguration | None = _f(name="StepScalingPolicyConfiguration", default=None)
    target_tracking_scaling_policy_configuration: TargetTrackingScalingPolicyConfiguration | None = _f(name="TargetTrackingScalingPolicyConfiguration", default=None)
    predictive_scaling_policy_configuration: PredictiveScalingPolicyConfiguration | None = _f(name="PredictiveScalingPolicyConfiguration", default=None)
    alarms: list[Alarm] | None = _f(name="Alarms", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)


class ScheduledAction(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScheduledAction."""

    scheduled_action_name: _s.Given[str] = _f(name="ScheduledActionName", default=_s.ABSENT)
    scheduled_action_arn: _s.Given[str] = _f(name="ScheduledActionARN", default=_s.ABSENT)
    service_namespace: _s.Given[str] = _f(name="ServiceNamespace", default=_s.ABSENT)
    schedule: _s.Given[str] = _f(name="Schedule", default=_s.ABSENT)
    timezone: str | None = _f(name="Timezone", default=None)
    resource_id: _s.Given[str] = _f(name="ResourceId", default=_s.ABSENT)
    scalable_dimension: str | None = _f(name="ScalableDimension", default=None)
    start_time: _t.Timestamp | None = _f(name="StartTime", default=None)
    end_time: _t.Timestamp | None = _f(name="EndTime", default=None)
    scalable_target_action: ScalableTargetAction | None = _f(name="ScalableTargetAction", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)


class StepAdjustment(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's StepAdjustment."""

    metric_interval_lower_bound: float | None = _f(name="MetricIntervalLowerBound", default=None)
    metric_interval_upper_bound: float | None = _f(name="MetricIntervalUpperBound", default=None)
    scaling_adjustment: _s.Given[_s.Int] = _f(name="ScalingAdjustment", default=_s.ABSENT)


class StepScalingPolicyConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's StepScalingPolicyConfiguration."""

    adjustment_type: str | None = _f(name="AdjustmentType", default=None)
    step_adjustments: list[StepAdjustment] | None = _f(name="StepAdjustments", default=None)
    min_adjustment_magnitude: _s.Int | None = _f(name="MinAdjustmentMagnitude", default=None)
    cooldown: _s.Int | None = _f(name="Cooldown", default=None)
    metric_aggregation_type: str | None = _f(name="MetricAggregationType", default=None)


class SuspendedState(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SuspendedState."""

    dynamic_scaling_in_suspended: bool | None = _f(name="DynamicScalingInSuspended", default=None)
    dynamic_scaling_out_suspended: bool | None = _f(name="DynamicScalingOutSuspended", default=None)
    scheduled_scaling_suspended: bool | None = _f(name="ScheduledScalingSuspended", default=None)


class TagResourceRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TagResourceRequest."""

    resource_arn: _s.Given[str] = _f(name="ResourceARN", default=_s.ABSENT)
    tags: _s.Given[dict[str, str]] = _f(name="Tags", default=_s.ABSENT)


class TagResourceResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TagResourceResponse."""


class TargetTrackingMetric(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TargetTrackingMetric."""

    dimensions: list[TargetTrackingMetricDimension] | None = _f(name="Dimensions", default=None)
    metric_name: str | None = _f(name="MetricName", default=None)
    namespace: str | None = _f(name="Namespace", default=None)


class TargetTrackingMetricDataQuery(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TargetTrackingMetricDataQuery."""

    expression: str | None = _f(name="Expression", default=None)
    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)
    label: str | None = _f(name="Label", default=None)
    metric_stat: TargetTrackingMetricStat | None = _f(name="MetricStat", default=None)
    return_data: bool | None = _f(name="ReturnData", default=None)


class TargetTrackingMetricDimension(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TargetTrackingMetricDimension."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class TargetTrackingMetricStat(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TargetTrackingMetricStat."""

    metric: _s.Given[TargetTrackingMetric] = _f(name="Metric", default=_s.ABSENT)
    stat: _s.Given[str] = _f(name="Stat", default=_s.ABSENT)
    unit: str | None = _f(name="Unit", default=None)


class TargetTrackingScalingPolicyConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TargetTrackingScalingPolicyConfiguration."""

    target_value: _s.Given[float] = _f(name="TargetValue", default=_s.ABSENT)
    predefined_metric_specification: PredefinedMetricSpecification | None = _f(name="PredefinedMetricSpecification", default=None)
    customized_metric_specification: CustomizedMetricSpecification | None = _f(name="CustomizedMetricSpecification", default=None)
    scale_out_cooldown: _s.Int | None = _f(name="ScaleOutCooldown", default=None)
    scale_in_cooldown: _s.Int | None = _f(name="ScaleInCooldown", default=None)
    disable_scale_in: bool | None = _f(name="DisableScaleIn", default=None)


class UntagResourceRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UntagResourceRequest."""

    resource_arn: _s.Given[str] = _f(name="ResourceARN", default=_s.ABSENT)
    tag_keys: _s.Given[list[str]] = _f(name="TagKeys", default=_s.ABSENT)


class UntagResourceResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UntagResourceResponse."""


# Limits, for the constraint walk.

_ResourceIdMaxLen1600 = _c.Text(least=1, most=1600, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_ServiceNamespace = _c.Text(choices=("ecs", "elasticmapreduce", "ec2", "appstream", "dynamodb", "rds", "sagemaker", "custom-resource", "comprehend", "lambda", "cassandra", "kafka", "elasticache", "neptune", "workspaces",))
_ScalableDimension = _c.Text(choices=("ecs:service:DesiredCount", "ec2:spot-fleet-request:TargetCapacity", "elasticmapreduce:instancegroup:InstanceCount", "appstream:fleet:DesiredCapacity", "dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits", "dynamodb:index:ReadCapacityUnits", "dynamodb:index:WriteCapacityUnits", "rds:cluster:ReadReplicaCount", "sagemaker:variant:DesiredInstanceCount", "custom-resource:ResourceType:Property", "comprehend:document-classifier-endpoint:DesiredInferenceUnits", "comprehend:entity-recognizer-endpoint:DesiredInferenceUnits", "lambda:function:ProvisionedConcurrency", "cassandra:table:ReadCapacityUnits", "cassandra:table:WriteCapacityUnits", "kafka:broker-storage:VolumeSize", "elasticache:cache-cluster:Nodes", "elasticache:replication-group:NodeGroups", "elasticache:replication-group:Replicas", "neptune:cluster:ReadReplicaCount", "sagemaker:variant:DesiredProvisionedConcurrency", "sagemaker:inference-component:DesiredCopyCount", "workspaces:workspacespool:DesiredUserSessions",))
_DeleteScalingPolicyRequest = _c.Shape(members=(
    _c.Member(attribute="policy_name", name="policyName", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_id", name="resourceId", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", required=True, check=_ScalableDimension),
))
_DeleteScheduledActionRequest = _c.Shape(members=(
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="scheduled_action_name", name="scheduledActionName", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="resource_id", name="resourceId", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", required=True, check=_ScalableDimension),
))
_DeregisterScalableTargetRequest = _c.Shape(members=(
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_id", name="resourceId", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", required=True, check=_ScalableDimension),
))
_ResourceIdsMaxLen1600 = _c.Items(most=50, member=_ResourceIdMaxLen1600)
_XmlString = _c.Text(pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_DescribeScalableTargetsRequest = _c.Shape(members=(
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_ids", name="resourceIds", check=_ResourceIdsMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", check=_ScalableDimension),
    _c.Member(attribute="next_token", name="nextToken", check=_XmlString),
))
_DescribeScalingActivitiesRequest = _c.Shape(members=(
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_id", name="resourceId", check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", check=_ScalableDimension),
    _c.Member(attribute="next_token", name="nextToken", check=_XmlString),
))
_DescribeScalingPoliciesRequest = _c.Shape(members=(
    _c.Member(attribute="policy_names", name="policyNames", check=_ResourceIdsMaxLen1600),
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_id", name="resourceId", check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", check=_ScalableDimension),
    _c.Member(attribute="next_token", name="nextToken", check=_XmlString),
))
_DescribeScheduledActionsRequest = _c.Shape(members=(
    _c.Member(attribute="scheduled_action_names", name="scheduledActionNames", check=_ResourceIdsMaxLen1600),
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_id", name="resourceId", check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", check=_ScalableDimension),
    _c.Member(attribute="next_token", name="nextToken", check=_XmlString),
))
_AmazonResourceName = _c.Text(least=1, most=1011, pattern=r"^arn:.+:application-autoscaling:.+:[0-9]+:scalable-target\/[a-zA-Z0-9-]+$")
_ListTagsForResourceRequest = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceARN", required=True, check=_AmazonResourceName),
))
_PolicyName = _c.Text(least=1, most=256, pattern=r"\p{Print}+", python=r"[\x20-\x7e]+")
_PolicyType = _c.Text(choices=("StepScaling", "TargetTrackingScaling", "PredictiveScaling",))
_AdjustmentType = _c.Text(choices=("ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity",))
_StepAdjustment = _c.Shape(members=(
    _c.Member(attribute="scaling_adjustment", name="scalingAdjustment", required=True),
))
_StepAdjustments = _c.Items(member=_StepAdjustment)
_MetricAggregationType = _c.Text(choices=("Average", "Minimum", "Maximum",))
_StepScalingPolicyConfiguration = _c.Shape(members=(
    _c.Member(attribute="adjustment_type", name="adjustmentType", check=_AdjustmentType),
    _c.Member(attribute="step_adjustments", name="stepAdjustments", check=_StepAdjustments),
    _c.Member(attribute="metric_aggregation_type", name="metricAggregationType", check=_MetricAggregationType),
))
_MetricType = _c.Text(choices=("DynamoDBReadCapacityUtilization", "DynamoDBWriteCapacityUtilization", "ALBRequestCountPerTarget", "RDSReaderAverageCPUUtilization", "RDSReaderAverageDatabaseConnections", "EC2SpotFleetRequestAverageCPUUtilization", "EC2SpotFleetRequestAverageNetworkIn", "EC2SpotFleetRequestAverageNetworkOut", "SageMakerVariantInvocationsPerInstance", "ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "AppStreamAverageCapacityUtilization", "ComprehendInferenceUtilization", "LambdaProvisionedConcurrencyUtilization", "CassandraReadCapacityUtilization", "CassandraWriteCapacityUtilization", "KafkaBrokerStorageUtilization", "ElastiCacheEngineCPUUtilization", "ElastiCacheDatabaseMemoryUsagePercentage", "ElastiCachePrimaryEngineCPUUtilization", "ElastiCacheReplicaEngineCPUUtilization", "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage", "NeptuneReaderAverageCPUUtilization", "SageMakerVariantProvisionedConcurrencyUtilization", "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage", "SageMakerInferenceComponentInvocationsPerCopy", "WorkSpacesAverageUserSessionsCapacityUtilization", "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution", "SageMakerVariantConcurrentRequestsPerModelHighResolution", "ECSServiceAverageCPUUtilizationHighResolution", "ECSServiceAverageMemoryUtilizationHighResolution",))
_ResourceLabel = _c.Text(least=1, most=1023)
_PredefinedMetricSpecification = _c.Shape(members=(
    _c.Member(attribute="predefined_metric_type", name="predefinedMetricType", required=True, check=_MetricType),
    _c.Member(attribute="resource_label", name="resourceLabel", check=_ResourceLabel),
))
_MetricDimension = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True),
    _c.Member(attribute="value", name="value", required=True),
))
_MetricDimensions = _c.Items(member=_MetricDimension)
_MetricStatistic = _c.Text(choices=("Average", "Minimum", "Maximum", "SampleCount", "Sum",))
_Expression = _c.Text(least=1, most=2048, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_Id = _c.Text(least=1, most=255, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_TargetTrackingMetricDimensionName = _c.Text(least=1, most=255, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_TargetTrackingMetricDimensionValue = _c.Text(least=1, most=1024, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_TargetTrackingMetricDimension = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_TargetTrackingMetricDimensionName),
    _c.Member(attribute="value", name="value", required=True, check=_TargetTrackingMetricDimensionValue),
))
_TargetTrackingMetricDimensions = _c.Items(member=_TargetTrackingMetricDimension)
_TargetTrackingMetricName = _c.Text(least=1, most=255, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_TargetTrackingMetricNamespace = _c.Text(least=1, most=255, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_TargetTrackingMetric = _c.Shape(members=(
    _c.Member(attribute="dimensions", name="dimensions", check=_TargetTrackingMetricDimensions),
    _c.Member(attribute="metric_name", name="metricName", check=_TargetTrackingMetricName),
    _c.Member(attribute="namespace", name="namespace", check=_TargetTrackingMetricNamespace),
))
_TargetTrackingMetricUnit = _c.Text(least=1, most=1023, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_TargetTrackingMetricStat = _c.Shape(members=(
    _c.Member(attribute="metric", name="metric", required=True, check=_TargetTrackingMetric),
    _c.Member(attribute="stat", name="stat", required=True, check=_XmlString),
    _c.Member(attribute="unit", name="unit", check=_TargetTrackingMetricUnit),
))
_TargetTrackingMetricDataQuery = _c.Shape(members=(
    _c.Member(attribute="expression", name="expression", check=_Expression),
    _c.Member(attribute="id", name="id", required=True, check=_Id),
    _c.Member(attribute="label", name="label", check=_XmlString),
    _c.Member(attribute="metric_stat", name="metricStat", check=_TargetTrackingMetricStat),
))
_TargetTrackingMetricDataQueries = _c.Items(member=_TargetTrackingMetricDataQuery)
_CustomizedMetricSpecification = _c.Shape(members=(
    _c.Member(attribute="dimensions", name="dimensions", check=_MetricDimensions),
    _c.Member(attribute="statistic", name="statistic", check=_MetricStatistic),
    _c.Member(attribute="metrics", name="metrics", check=_TargetTrackingMetricDataQueries),
))
_TargetTrackingScalingPolicyConfiguration = _c.Shape(members=(
    _c.Member(attribute="target_value", name="targetValue", required=True),
    _c.Member(attribute="predefined_metric_specification", name="predefinedMetricSpecification", check=_PredefinedMetricSpecification),
    _c.Member(attribute="customized_metric_specification", name="customizedMetricSpecification", check=_CustomizedMetricSpecification),
))
_PredictiveScalingMetricType = _c.Text(least=1, most=128)
_PredictiveScalingPredefinedMetricPairSpecification = _c.Shape(members=(
    _c.Member(attribute="predefined_metric_type", name="predefinedMetricType", required=True, check=_PredictiveScalingMetricType),
    _c.Member(attribute="resource_label", name="resourceLabel", check=_ResourceLabel),
))
_PredictiveScalingPredefinedScalingMetricSpecification = _c.Shape(members=(
    _c.Member(attribute="predefined_metric_type", name="predefinedMetricType", required=True, check=_PredictiveScalingMetricType),
    _c.Member(attribute="resource_label", name="resourceLabel", check=_ResourceLabel),
))
_PredictiveScalingPredefinedLoadMetricSpecification = _c.Shape(members=(
    _c.Member(attribute="predefined_metric_type", name="predefinedMetricType", required=True, check=_PredictiveScalingMetricType),
    _c.Member(attribute="resource_label", name="resourceLabel", check=_ResourceLabel),
))
_PredictiveScalingMetricDimensionName = _c.Text(least=1, most=255, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_PredictiveScalingMetricDimensionValue = _c.Text(least=1, most=1024, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_PredictiveScalingMetricDimension = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_PredictiveScalingMetricDimensionName),
    _c.Member(attribute="value", name="value", required=True, check=_PredictiveScalingMetricDimensionValue),
))
_PredictiveScalingMetricDimensions = _c.Items(member=_PredictiveScalingMetricDimension)
_PredictiveScalingMetricName = _c.Text(least=1, most=255, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_PredictiveScalingMetricNamespace = _c.Text(least=1, most=255, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_PredictiveScalingMetric = _c.Shape(members=(
    _c.Member(attribute="dimensions", name="dimensions", check=_PredictiveScalingMetricDimensions),
    _c.Member(attribute="metric_name", name="metricName", check=_PredictiveScalingMetricName),
    _c.Member(attribute="namespace", name="namespace", check=_PredictiveScalingMetricNamespace),
))
_PredictiveScalingMetricUnit = _c.Text(least=1, most=1023, pattern=r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", python=r"[\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010ffff\r\n\t]*")
_PredictiveScalingMetricStat = _c.Shape(members=(
    _c.Member(attribute="metric", name="metric", required=True, check=_PredictiveScalingMetric),
    _c.Member(attribute="stat", name="stat", required=True, check=_XmlString),
    _c.Member(attribute="unit", name="unit", check=_PredictiveScalingMetricUnit),
))
_PredictiveScalingMetricDataQuery = _c.Shape(members=(
    _c.Member(attribute="id", name="id", required=True, check=_Id),
    _c.Member(attribute="expression", name="expression", check=_Expression),
    _c.Member(attribute="metric_stat", name="metricStat", check=_PredictiveScalingMetricStat),
    _c.Member(attribute="label", name="label", check=_XmlString),
))
_PredictiveScalingMetricDataQueries = _c.Items(member=_PredictiveScalingMetricDataQuery)
_PredictiveScalingCustomizedMetricSpecification = _c.Shape(members=(
    _c.Member(attribute="metric_data_queries", name="metricDataQueries", required=True, check=_PredictiveScalingMetricDataQueries),
))
_PredictiveScalingMetricSpecification = _c.Shape(members=(
    _c.Member(attribute="target_value", name="targetValue", required=True),
    _c.Member(attribute="predefined_metric_pair_specification", name="predefinedMetricPairSpecification", check=_PredictiveScalingPredefinedMetricPairSpecification),
    _c.Member(attribute="predefined_scaling_metric_specification", name="predefinedScalingMetricSpecification", check=_PredictiveScalingPredefinedScalingMetricSpecification),
    _c.Member(attribute="predefined_load_metric_specification", name="predefinedLoadMetricSpecification", check=_PredictiveScalingPredefinedLoadMetricSpecification),
    _c.Member(attribute="customized_scaling_metric_specification", name="customizedScalingMetricSpecification", check=_PredictiveScalingCustomizedMetricSpecification),
    _c.Member(attribute="customized_load_metric_specification", name="customizedLoadMetricSpecification", check=_PredictiveScalingCustomizedMetricSpecification),
    _c.Member(attribute="customized_capacity_metric_specification", name="customizedCapacityMetricSpecification", check=_PredictiveScalingCustomizedMetricSpecification),
))
_PredictiveScalingMetricSpecifications = _c.Items(member=_PredictiveScalingMetricSpecification)
_PredictiveScalingMode = _c.Text(choices=("ForecastOnly", "ForecastAndScale",))
_PredictiveScalingSchedulingBufferTime = _c.Range(least=0, most=3600)
_PredictiveScalingMaxCapacityBreachBehavior = _c.Text(choices=("HonorMaxCapacity", "IncreaseMaxCapacity",))
_PredictiveScalingMaxCapacityBuffer = _c.Range(least=0, most=100)
_PredictiveScalingPolicyConfiguration = _c.Shape(members=(
    _c.Member(attribute="metric_specifications", name="metricSpecifications", required=True, check=_PredictiveScalingMetricSpecifications),
    _c.Member(attribute="mode", name="mode", check=_PredictiveScalingMode),
    _c.Member(attribute="scheduling_buffer_time", name="schedulingBufferTime", check=_PredictiveScalingSchedulingBufferTime),
    _c.Member(attribute="max_capacity_breach_behavior", name="maxCapacityBreachBehavior", check=_PredictiveScalingMaxCapacityBreachBehavior),
    _c.Member(attribute="max_capacity_buffer", name="maxCapacityBuffer", check=_PredictiveScalingMaxCapacityBuffer),
))
_PutScalingPolicyRequest = _c.Shape(members=(
    _c.Member(attribute="policy_name", name="policyName", required=True, check=_PolicyName),
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_id", name="resourceId", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", required=True, check=_ScalableDimension),
    _c.Member(attribute="policy_type", name="policyType", check=_PolicyType),
    _c.Member(attribute="step_scaling_policy_configuration", name="stepScalingPolicyConfiguration", check=_StepScalingPolicyConfiguration),
    _c.Member(attribute="target_tracking_scaling_policy_configuration", name="targetTrackingScalingPolicyConfiguration", check=_TargetTrackingScalingPolicyConfiguration),
    _c.Member(attribute="predictive_scaling_policy_configuration", name="predictiveScalingPolicyConfiguration", check=_PredictiveScalingPolicyConfiguration),
))
_ScheduledActionName = _c.Text(least=1, most=256, pattern=r"(?!((^[ ]+.*)|(.*([\u0000-\u001f]|[\u007f-\u009f]|[:/|])+.*)|(.*[ ]+$))).+")
_PutScheduledActionRequest = _c.Shape(members=(
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="schedule", name="schedule", check=_ResourceIdMaxLen1600),
    _c.Member(attribute="timezone", name="timezone", check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scheduled_action_name", name="scheduledActionName", required=True, check=_ScheduledActionName),
    _c.Member(attribute="resource_id", name="resourceId", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", required=True, check=_ScalableDimension),
))
_TagKey = _c.Text(least=1, most=128)
_TagValue = _c.Text(least=0, most=256)
_TagMap = _c.Entries(key=_TagKey, value=_TagValue)
_RegisterScalableTargetRequest = _c.Shape(members=(
    _c.Member(attribute="service_namespace", name="serviceNamespace", required=True, check=_ServiceNamespace),
    _c.Member(attribute="resource_id", name="resourceId", required=True, check=_ResourceIdMaxLen1600),
    _c.Member(attribute="scalable_dimension", name="scalableDimension", required=True, check=_ScalableDimension),
    _c.Member(attribute="role_arn", name="roleARN", check=_ResourceIdMaxLen1600),
    _c.Member(attribute="tags", name="tags", check=_TagMap),
))
_TagResourceRequest = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceARN", required=True, check=_AmazonResourceName),
    _c.Member(attribute="tags", name="tags", required=True, check=_TagMap),
))
_TagKeyList = _c.Items(least=0, most=200, member=_TagKey)
_UntagResourceRequest = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceARN", required=True, check=_AmazonResourceName),
    _c.Member(attribute="tag_keys", name="tagKeys", required=True, check=_TagKeyList),
))

ERRORS: dict[str, _s.ErrorShape] = {
    "ConcurrentUpdateException": _s.ErrorShape(shape="ConcurrentUpdateException", status=400, sender=True, message_member="Message"),
    "FailedResourceAccessException": _s.ErrorShape(shape="FailedResourceAccessException", status=400, sender=True, message_member="Message"),
    "InternalServiceException": _s.ErrorShape(shape="InternalServiceException", status=400, sender=True, message_member="Message"),
    "InvalidNextTokenException": _s.ErrorShape(shape="InvalidNextTokenException", status=400, sender=True, message_member="Message"),
    "LimitExceededException": _s.ErrorShape(shape="LimitExceededException", status=400, sender=True, message_member="Message"),
    "ObjectNotFoundException": _s.ErrorShape(shape="ObjectNotFoundException", status=400, sender=True, message_member="Message"),
    "ResourceNotFoundException": _s.ErrorShape(shape="ResourceNotFoundException", status=400, sender=True, message_member="Message"),
    "TooManyTagsException": _s.ErrorShape(shape="TooManyTagsException", status=400, sender=True, message_member="Message"),
    "ValidationException": _s.ErrorShape(shape="ValidationException", status=400, sender=True, message_member="Message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "DeleteScalingPolicy": _s.Operation(
        name="DeleteScalingPolicy",
        input=DeleteScalingPolicyRequest,
        checks=_DeleteScalingPolicyRequest,
        output=DeleteScalingPolicyResponse,
        errors=("ValidationException", "ObjectNotFoundException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "DeleteScheduledAction": _s.Operation(
        name="DeleteScheduledAction",
        input=DeleteScheduledActionRequest,
        checks=_DeleteScheduledActionRequest,
        output=DeleteScheduledActionResponse,
        errors=("ValidationException", "ObjectNotFoundException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "DeregisterScalableTarget": _s.Operation(
        name="DeregisterScalableTarget",
        input=DeregisterScalableTargetRequest,
        checks=_DeregisterScalableTargetRequest,
        output=DeregisterScalableTargetResponse,
        errors=("ValidationException", "ObjectNotFoundException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "DescribeScalableTargets": _s.Operation(
        name="DescribeScalableTargets",
        input=DescribeScalableTargetsRequest,
        checks=_DescribeScalableTargetsRequest,
        output=DescribeScalableTargetsResponse,
        errors=("ValidationException", "InvalidNextTokenException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "DescribeScalingActivities": _s.Operation(
        name="DescribeScalingActivities",
        input=DescribeScalingActivitiesRequest,
        checks=_DescribeScalingActivitiesRequest,
        output=DescribeScalingActivitiesResponse,
        errors=("ValidationException", "InvalidNextTokenException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "DescribeScalingPolicies": _s.Operation(
        name="DescribeScalingPolicies",
        input=DescribeScalingPoliciesRequest,
        checks=_DescribeScalingPoliciesRequest,
        output=DescribeScalingPoliciesResponse,
        errors=("ValidationException", "FailedResourceAccessException", "InvalidNextTokenException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "DescribeScheduledActions": _s.Operation(
        name="DescribeScheduledActions",
        input=DescribeScheduledActionsRequest,
        checks=_DescribeScheduledActionsRequest,
        output=DescribeScheduledActionsResponse,
        errors=("ValidationException", "InvalidNextTokenException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "ListTagsForResource": _s.Operation(
        name="ListTagsForResource",
        input=ListTagsForResourceRequest,
        checks=_ListTagsForResourceRequest,
        output=ListTagsForResourceResponse,
        errors=("ResourceNotFoundException",),
    ),
    "PutScalingPolicy": _s.Operation(
        name="PutScalingPolicy",
        input=PutScalingPolicyRequest,
        checks=_PutScalingPolicyRequest,
        output=PutScalingPolicyResponse,
        errors=("ValidationException", "LimitExceededException", "ObjectNotFoundException", "ConcurrentUpdateException", "FailedResourceAccessException", "InternalServiceException",),
    ),
    "PutScheduledAction": _s.Operation(
        name="PutScheduledAction",
        input=PutScheduledActionRequest,
        checks=_PutScheduledActionRequest,
        output=PutScheduledActionResponse,
        errors=("ValidationException", "LimitExceededException", "ObjectNotFoundException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "RegisterScalableTarget": _s.Operation(
        name="RegisterScalableTarget",
        input=RegisterScalableTargetRequest,
        checks=_RegisterScalableTargetRequest,
        output=RegisterScalableTargetResponse,
        errors=("ValidationException", "LimitExceededException", "ConcurrentUpdateException", "InternalServiceException",),
    ),
    "TagResource": _s.Operation(
        name="TagResource",
        input=TagResourceRequest,
        checks=_TagResourceRequest,
        output=TagResourceResponse,
        errors=("ResourceNotFoundException", "TooManyTagsException", "ValidationException",),
    ),
    "UntagResource": _s.Operation(
        name="UntagResource",
        input=UntagResourceRequest,
        checks=_UntagResourceRequest,
        output=UntagResourceResponse,
        errors=("ResourceNotFoundException", "ValidationException",),
    ),
}

SERVICE = _s.Service(
    name="application-autoscaling",
    version="2016-02-06",
    signing_name="application-autoscaling",
    protocols=("json",),
    target_prefix="AnyScaleFrontendService",
    json_version="1.1",
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "DeleteScalingPolicy",
        "DeleteScheduledAction",
        "DeregisterScalableTarget",
        "DescribeScalableTargets",
        "DescribeScalingActivities",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
        "GetPredictiveScalingForecast",
        "ListTagsForResource",
        "PutScalingPolicy",
        "PutScheduledAction",
        "RegisterScalableTarget",
        "TagResource",
        "UntagResource",
    )),
)

"""The configurations of scaling policies, from Application Auto Scaling's shapes and back."""

from typing import Final

from stoker.domain.alarms import Statistic
from stoker.domain.scaling import (
    DEFAULT_COOLDOWN,
    AdjustmentType,
    Aggregation,
    CustomMetric,
    PredefinedMetric,
    ScalingPolicy,
    StepAdjustment,
    StepScaling,
    TargetTracking,
)
from stoker.errors import InvalidParameterError
from stoker.units import SECOND, Span
from stoker.wire.aws.generated import application_autoscaling as wire
from stoker.wire.aws.services.metric_names import metric_key
from stoker.wire.aws.services.metric_queries import described_tracking, tracked

TRACKING: Final = "TargetTrackingScaling"
STEP: Final = "StepScaling"


def configuration(given: wire.PutScalingPolicyRequest, before: ScalingPolicy | None) -> TargetTracking | StepScaling:
    """Give what a request configures; `before` is the policy of that name, whose type needs not be given again.

    Raises `InvalidParameterError` for a missing type, a configuration that does not fit it, and what is not served.
    """
    kind = given.policy_type or (before.kind if before is not None else None)
    if kind is None:
        raise InvalidParameterError("PolicyType must be specified to create a scaling policy", field="PolicyType")
    if kind not in {TRACKING, STEP} or given.predictive_scaling_policy_configuration is not None:
        raise InvalidParameterError("Stoker does not serve the policy type PredictiveScaling.", field="PolicyType")
    tracking, steps = given.target_tracking_scaling_policy_configuration, given.step_scaling_policy_configuration
    other = steps if kind == TRACKING else tracking
    if other is not None:
        name = f"{STEP if kind == TRACKING else TRACKING}PolicyConfiguration"
        raise InvalidParameterError(f"{name} cannot be specified for the policy type {kind}", field=name)
    if kind == TRACKING and tracking is not None:
        return _tracking(tracking)
    if kind == STEP and steps is not None:
        return _steps(steps)
    name = f"{kind}PolicyConfiguration"
    raise InvalidParameterError(f"{name} must be specified for the policy type {kind}", field=name)


def described(
    config: TargetTracking | StepScaling,
) -> tuple[wire.TargetTrackingScalingPolicyConfiguration | None, wire.StepScalingPolicyConfiguration | None]:
    """Give a policy's configuration as it was put: target tracking's or step scaling's."""
    if isinstance(config, TargetTracking):
        return _described_tracking(config), None
    return None, _described_steps(config)


def _tracking(given: wire.TargetTrackingScalingPolicyConfiguration) -> TargetTracking:
    predefined, customized = given.predefined_metric_specification, given.customized_metric_specification
    metric: PredefinedMetric | CustomMetric
    if predefined is not None and customized is None:
        metric = _predefined(predefined)
    elif customized is not None and predefined is None:
        metric = _customized(customized)
    else:
        raise InvalidParameterError(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified",
            field="TargetTrackingScalingPolicyConfiguration",
        )
    return TargetTracking(
        target_value=given.target_value,
        metric=metric,
        scale_out_cooldown=_cooldown(given.scale_out_cooldown),
        scale_in_cooldown=_cooldown(given.scale_in_cooldown),
        disable_scale_in=bool(given.disable_scale_in),
        out_cooldown_given=given.scale_out_cooldown is not None,
        in_cooldown_given=given.scale_in_cooldown is not None,
    )


def _cooldown(given: int | None) -> Span:
    return DEFAULT_COOLDOWN if given is None else given * SECOND


def _predefined(given: wire.PredefinedMetricSpecification) -> PredefinedMetric:
    if given.resource_label is not None:
        raise InvalidParameterError(
            f"ResourceLabel cannot be specified for {given.predefined_metric_type}", field="ResourceLabel"
        )
    if given.predefined_metric_type not in {each.value for each in PredefinedMetric}:
        served = ", ".join(each.value for each in PredefinedMetric)
        raise InvalidParameterError(
            f"Stoker does not serve the predefined metric type {given.predefined_metric_type}. It serves: {served}.",
            field="PredefinedMetricType",
        )
    return PredefinedMetric(given.predefined_metric_type)


def _customized(given: wire.CustomizedMetricSpecification) -> CustomMetric:
    if given.metrics is not None:
        others = (given.metric_name, given.namespace, given.dimensions, given.statistic, given.unit)
        if any(other is not None for other in others):
            raise InvalidParameterError(
                "Metrics cannot be specified together with a metric's own members in CustomizedMetricSpecification",
                field="CustomizedMetricSpecification.Metrics",
            )
        return CustomMetric(metric=tracked(given.metrics))
    if not given.metric_name or not given.namespace or given.statistic is None:
        raise InvalidParameterError(
            "MetricName, Namespace and Statistic must be specified in CustomizedMetricSpecification",
            field="CustomizedMetricSpecification",
        )
    dimensions = [(each.name, each.value) for each in given.dimensions or ()]
    return CustomMetric(
        metric=metric_key(given.namespace, given.metric_name, dimensions),
        statistic=Statistic(given.statistic),
        unit=given.unit or "",
    )


def _steps(given: wire.StepScalingPolicyConfiguration) -> StepScaling:
    if given.adjustment_type is None:
        raise InvalidParameterError("AdjustmentType must be specified in StepScalingPolicyConfiguration", field="AdjustmentType")
    return StepScaling(
        adjustment_type=AdjustmentType(given.adjustment_type),
        steps=tuple(
            StepAdjustment(
                adjustment=each.scaling_adjustment,
                lower=each.metric_interval_lower_bound,
                upper=each.metric_interval_upper_bound,
            )
            for each in given.step_adjustments or ()
        ),
        cooldown=_cooldown(given.cooldown),
        cooldown_given=given.cooldown is not None,
        min_adjustment_magnitude=given.min_adjustment_magnitude,
        aggregation=Aggregation(given.metric_aggregation_type or Aggregation.AVERAGE),
        aggregation_given=given.metric_aggregation_type is not None,
    )


def _described_tracking(config: TargetTracking) -> wire.TargetTrackingScalingPolicyConfiguration:
    metric = config.metric
    return wire.TargetTrackingScalingPolicyConfiguration(
        target_value=config.target_value,
        predefined_metric_specification=wire.PredefinedMetricSpecification(predefined_metric_type=metric.value)
        if isinstance(metric, PredefinedMetric)
        else None,
        customized_metric_specification=_described_metric(metric) if isinstance(metric, CustomMetric) else None,
        scale_out_cooldown=config.scale_out_cooldown // SECOND if config.out_cooldown_given else None,
        scale_in_cooldown=config.scale_in_cooldown // SECOND if config.in_cooldown_given else None,
        disable_scale_in=config.disable_scale_in,
    )


def _described_metric(metric: CustomMetric) -> wire.CustomizedMetricSpecification:
    key = metric.metric
    if isinstance(key, tuple):
        return wire.CustomizedMetricSpecification(metrics=described_tracking(key))
    dimensions = [wire.MetricDimension(name=name, value=value) for name, value in key.dimensions]
    return wire.CustomizedMetricSpecification(
        metric_name=key.name,
        namespace=key.namespace,
        dimensions=dimensions or None,
        statistic=metric.statistic.value,
        unit=metric.unit or None,
    )


def _described_steps(config: StepScaling) -> wire.StepScalingPolicyConfiguration:
    return wire.StepScalingPolicyConfiguration(
        adjustment_type=config.adjustment_type.value,
        step_adjustments=[
            wire.StepAdjustment(
                metric_interval_lower_bound=each.lower,
                metric_interval_upper_bound=each.upper,
                scaling_adjustment=each.adjustment,
            )
            for each in config.steps
        ],
        min_adjustment_magnitude=config.min_adjustment_magnitude,
        cooldown=config.cooldown // SECOND if config.cooldown_given else None,
        metric_aggregation_type=config.aggregation.value if config.aggregation_given else None,
    )

"""Target tracking: which alarms a policy gets, and what capacity would bring its metric to the target.

Capacity follows the metric in proportion, rounded up. From zero there is no proportion: another policy, or demand itself, has to
leave zero. Cooldowns, bounds and other policies are looked at elsewhere.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from stoker.decisions.rounding import ceil_ratio
from stoker.decisions.scaling.proposals import Proposal, counted, mean, noun, nouns, number
from stoker.domain.alarms import Alarm, Comparison, MetricKey, MetricMath, Statistic
from stoker.domain.ids import AlarmName, IdSource
from stoker.domain.scaling import (
    CustomMetric,
    Dimension,
    Direction,
    PredefinedMetric,
    ScalingPolicy,
    TargetKey,
    TargetTracking,
)
from stoker.errors import InvalidParameterError, InvariantBrokenError
from stoker.units import MINUTE, SECOND, Instant, Span

HIGH_RESOLUTION: Span = 10 * SECOND
STANDARD_HIGH_PERIODS = 3
STANDARD_LOW_PERIODS = 15
_VARIANT_PARTS = 4


class ScalingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How many datapoints of 10 s the alarms of high-resolution policies take (AWS: 3 above, 90 below)."""

    alarm_high_periods: int = 3
    alarm_low_periods: int = 90


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What a target tracking policy reads."""

    metric: MetricKey | MetricMath
    statistic: Statistic
    period: Span
    unit: str = ""


class Measured(NamedTuple):
    """A value of a metric per unit of capacity, and the capacity it was measured at."""

    value: float
    capacity: int


_PREDEFINED = {
    PredefinedMetric.VARIANT_INVOCATIONS: (Dimension.INSTANCES, "InvocationsPerInstance", Statistic.SUM, MINUTE),
    PredefinedMetric.VARIANT_CONCURRENCY: (
        Dimension.INSTANCES,
        "ConcurrentRequestsPerModel",
        Statistic.MAXIMUM,
        HIGH_RESOLUTION,
    ),
    PredefinedMetric.PROVISIONED_UTILIZATION: (
        Dimension.PROVISIONED,
        "ServerlessProvisionedConcurrencyUtilization",
        Statistic.AVERAGE,
        MINUTE,
    ),
    PredefinedMetric.COMPONENT_INVOCATIONS: (Dimension.COPIES, "InvocationsPerCopy", Statistic.SUM, MINUTE),
    PredefinedMetric.COMPONENT_CONCURRENCY: (
        Dimension.COPIES,
        "ConcurrentRequestsPerCopy",
        Statistic.MAXIMUM,
        HIGH_RESOLUTION,
    ),
}


def watched(target: TargetKey, metric: PredefinedMetric | CustomMetric) -> Watched:
    """Give what a policy of this metric on this target reads.

    Raises `InvalidParameterError` for a predefined metric of the other kind of target.
    """
    if isinstance(metric, CustomMetric):
        return Watched(metric=metric.metric, statistic=metric.statistic, period=MINUTE, unit=metric.unit)
    dimension, name, statistic, period = _PREDEFINED[metric]
    if dimension is not target.dimension:
        raise InvalidParameterError(
            f"Predefined metric type {metric.value} is not supported for scalable dimension {target.dimension.value}",
            field="PredefinedMetricType",
        )
    key = MetricKey(namespace="AWS/SageMaker", name=name, dimensions=resource_dimensions(target))
    return Watched(metric=key, statistic=statistic, period=period)


def resource_dimensions(target: TargetKey) -> tuple[tuple[str, str], ...]:
    """Give the metric dimensions of a target's resource.

    Raises `InvalidParameterError` for a resource id that is neither `endpoint/E/variant/V` nor `inference-component/IC`.
    """
    parts = target.resource_id.split("/")
    if target.dimension is Dimension.COPIES and len(parts) == 2 and parts[0] == "inference-component":  # noqa: PLR2004
        return (("InferenceComponentName", parts[1]),)
    if target.dimension is not Dimension.COPIES and len(parts) == _VARIANT_PARTS and parts[::2] == ["endpoint", "variant"]:
        return (("EndpointName", parts[1]), ("VariantName", parts[3]))
    raise InvalidParameterError("Unsupported service namespace, resource type or scalable dimension", field="ResourceId")


def tracking_alarms(policy: ScalingPolicy, ids: IdSource, options: ScalingOptions, now: Instant) -> tuple[Alarm, ...]:
    """Give the alarms that a target tracking policy gets: the high one, then the low one unless scale-in is disabled.

    Each call gives new names, as an update of a policy does on AWS. Raises `InvalidParameterError` as `watched` does.
    """
    config = policy.config
    if not isinstance(config, TargetTracking):
        raise InvariantBrokenError(f"The policy {policy.name} is no target tracking policy, so it has no alarms of its own.")
    reads = watched(policy.target, config.metric)
    high_resolution = reads.period < MINUTE
    action = f"{policy.arn}:createdBy/{ids.uuid()}"

    def alarm(side: str, comparison: Comparison, threshold: float, periods: int) -> Alarm:
        return Alarm(
            name=AlarmName(f"TargetTracking-{policy.target.resource_id}-{side}-{ids.uuid()}"),
            metric=reads.metric,
            statistic=reads.statistic,
            period=reads.period,
            unit=reads.unit,
            evaluation_periods=periods,
            threshold=threshold,
            comparison=comparison,
            configured=now,
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {action}.",
            alarm_actions=(action,),
            policy_owned=True,
            state_updated=now,
            state_transitioned=now,
        )

    high_periods = options.alarm_high_periods if high_resolution else STANDARD_HIGH_PERIODS
    high = alarm("AlarmHigh", Comparison.GREATER, config.target_value, high_periods)
    if config.disable_scale_in:
        return (high,)
    low_periods = options.alarm_low_periods if high_resolution else STANDARD_LOW_PERIODS
    # Nine tenths keep the two alarms apart: a metric at the target moves nothing. 1.1 * 9 / 10 is 0.99, 0.9 * 1.1 a crumb more.
    return (high, alarm("AlarmLow", Comparison.LESS, config.target_value * 9 / 10, low_periods))


def propose(
    config: TargetTracking,
    direction: Direction,
    current: int,
    measured: Sequence[Measured],
    *,
    evaluated: int,
    dimension: Dimension,
) -> Proposal | None:
    """Give the capacity that brings the mean of the alarm's datapoints to the target, None when that is not in its direction.

    `current` is what serves now; `measured` are the values with the capacity that each was measured at, `evaluated` is how many
    the alarm takes. Zero is proposed only on a full set of real zeros: part of one may be all that a restart left.
    """
    if current <= 0 or not measured:
        return None
    target, level = config.target_value, mean(each.value for each in measured)
    load = mean(each.value * each.capacity for each in measured)
    wanted = ceil_ratio(load, target)
    if wanted == 0 and len(measured) < evaluated:
        wanted = 1
    if not (wanted > current if direction is Direction.OUT else wanted < current):
        return None
    points = f"{counted(len(measured), 'datapoint')} with mean {number(level)}"
    least, most = min(each.capacity for each in measured), max(each.capacity for each in measured)
    if least == most:
        basis = f"against target {number(target)} for {counted(least, noun(dimension), nouns(dimension))}"
        rule = f"ceil({least} x {number(level)} / {number(target)})"
    else:
        basis = f"for {least} to {most} {nouns(dimension)}, {number(load)} in all, against target {number(target)}"
        rule = f"ceil({number(load)} / {number(target)})"
    return Proposal(capacity=wanted, cause=f"{points} {basis} want {rule} = {wanted}")

"""Scalable targets, scaling policies and the record of what they did, with Application Auto Scaling's meanings."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from stoker.domain.alarms import MetricKey, MetricMath, Statistic
from stoker.domain.ids import AlarmName
from stoker.errors import InvalidParameterError
from stoker.units import SECOND, Instant, Span

DEFAULT_COOLDOWN: Span = 300 * SECOND
"""AWS's default for variants, inference components and provisioned concurrency, either direction."""


class Dimension(StrEnum):
    """What a scalable target counts."""

    INSTANCES = "sagemaker:variant:DesiredInstanceCount"
    COPIES = "sagemaker:inference-component:DesiredCopyCount"
    PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"


class TargetKey(NamedTuple):
    """A scalable target's identity: `endpoint/E/variant/V` or `inference-component/IC`, and what is counted."""

    resource_id: str
    dimension: Dimension


class SuspendedState(msgspec.Struct, frozen=True, kw_only=True):
    """Three switches that stop a target's scaling."""

    dynamic_in: bool = False
    dynamic_out: bool = False
    scheduled: bool = False


class ScalableTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that policies may scale between `least` and `most`."""

    key: TargetKey
    arn: str
    least: int
    most: int
    created: Instant
    role_arn: str = ""
    suspended: SuspendedState = SuspendedState()
    tags: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Refuse bounds that no capacity can meet."""
        if self.most < self.least:
            raise InvalidParameterError("Maximum capacity cannot be less than minimum capacity", field="MaxCapacity")


class PredefinedMetric(StrEnum):
    """The metric types that target tracking knows by name for SageMaker."""

    VARIANT_INVOCATIONS = "SageMakerVariantInvocationsPerInstance"
    VARIANT_CONCURRENCY = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    PROVISIONED_UTILIZATION = "SageMakerVariantProvisionedConcurrencyUtilization"
    COMPONENT_INVOCATIONS = "SageMakerInferenceComponentInvocationsPerCopy"
    COMPONENT_CONCURRENCY = "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"


class CustomMetric(msgspec.Struct, frozen=True, kw_only=True):
    """A metric of the user's own choosing for target tracking, read every 60 s; `statistic` says nothing of metric math."""

    metric: MetricKey | MetricMath
    statistic: Statistic = Statistic.AVERAGE
    unit: str = ""


class TargetTracking(msgspec.Struct, frozen=True, kw_only=True, tag="target-tracking"):
    """Keep a metric near `target_value` for each unit of capacity."""

    target_value: float
    metric: PredefinedMetric | CustomMetric
    scale_out_cooldown: Span = DEFAULT_COOLDOWN
    scale_in_cooldown: Span = DEFAULT_COOLDOWN
    disable_scale_in: bool = False
    out_cooldown_given: bool = False
    in_cooldown_given: bool = False

    def __post_init__(self) -> None:
        """Refuse a target that gives no proportion."""
        if not self.target_value > 0:
            raise InvalidParameterError("TargetValue must be greater than 0", field="TargetValue")


class AdjustmentType(StrEnum):
    """What a step's adjustment means."""

    CHANGE = "ChangeInCapacity"
    PERCENT = "PercentChangeInCapacity"
    EXACT = "ExactCapacity"


class StepAdjustment(msgspec.Struct, frozen=True, kw_only=True):
    """An interval of the metric, relative to the alarm's threshold, and what to do in it; None is unbounded."""

    adjustment: int
    lower: float | None = None
    upper: float | None = None


class Aggregation(StrEnum):
    """How an alarm's recent datapoints become the one value that steps are matched with."""

    AVERAGE = "Average"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"


class StepScaling(msgspec.Struct, frozen=True, kw_only=True, tag="step-scaling"):
    """Change capacity by how far an alarm's metric is from its threshold."""

    adjustment_type: AdjustmentType
    steps: tuple[StepAdjustment, ...]
    cooldown: Span = DEFAULT_COOLDOWN
    cooldown_given: bool = False
    min_adjustment_magnitude: int | None = None
    aggregation: Aggregation = Aggregation.AVERAGE
    aggregation_given: bool = False


class ScalingPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy of a scalable target. `alarms` are target tracking's own: the high one, then the low one if there is one."""

    name: str
    target: TargetKey
    arn: str
    created: Instant
    config: TargetTracking | StepScaling
    alarms: tuple[AlarmName, ...] = ()

    @property
    def kind(self) -> str:
        """AWS's word for the policy's type."""
        return "TargetTrackingScaling" if isinstance(self.config, TargetTracking) else "StepScaling"


class Direction(StrEnum):
    """Which way capacity moves."""

    OUT = "out"
    IN = "in"


class NotScaledReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a trigger changed nothing: AWS's code, and the capacity it speaks of."""

    code: str
    least: int | None = None
    most: int | None = None
    current: int | None = None


class ActivityStatus(StrEnum):
    """How far a scaling activity has come."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    SUCCESSFUL = "Successful"
    OVERRIDDEN = "Overridden"
    UNFULFILLED = "Unfulfilled"
    FAILED = "Failed"


class ScalingActivity(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one change of capacity, or of a trigger that changed nothing.

    `description` and `cause` are in AWS's words; `details` has the numbers the decision was made of.
    """

    activity_id: str
    target: TargetKey
    description: str
    cause: str
    start: Instant
    status: ActivityStatus
    end: Instant | None = None
    message: str = ""
    details: str = ""
    before: int = 0
    after: int = 0
    policy: str = ""
    not_scaled: tuple[NotScaledReason, ...] = ()

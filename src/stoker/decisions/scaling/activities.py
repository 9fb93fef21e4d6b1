"""The words of scaling activities: Application Auto Scaling's, for copies and for instances.

AWS publishes the words for instances; those for copies follow the same pattern.
"""

import msgspec

from stoker.decisions.scaling.proposals import noun
from stoker.domain.ids import Partition
from stoker.domain.scaling import (
    ActivityStatus,
    Dimension,
    Direction,
    NotScaledReason,
    ScalableTarget,
    ScalingActivity,
    TargetKey,
)
from stoker.units import Instant

ALREADY_AT_MAX = "AlreadyAtMaxCapacity"
ALREADY_AT_MIN = "AlreadyAtMinCapacity"
ALREADY_AT_DESIRED = "AlreadyAtDesiredCapacity"
FLAPPING = "AutoScalingAnticipatedFlapping"
UNSCALABLE = "TargetServicePutResourceAsUnscalable"
# Ours: AWS has no code for these, and keeps silent about such triggers.
COOLDOWN = "CooldownInEffect"
SUSPENDED = "ScalingSuspended"
NOT_AGREED = "ScaleInNotAgreed"
NO_STEP = "NoStepAdjustmentFound"
NO_PROPORTION = "NoCapacityToScaleFrom"

ON_ALARM = "Attempting to scale due to alarm triggered"
ON_DEMAND = "Attempting to scale due to waiting invocations"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a trigger changes nothing. Without a `reason` it is a failure, which no reader of activities may overlook."""

    cause: str
    details: str
    reason: NotScaledReason | None
    description: str = ON_ALARM
    message: str = ""


def alarm_cause(alarm: str, state: str, policy: str) -> str:
    """Give the cause of an activity that an alarm triggered."""
    return f"monitor alarm {alarm} in state {state} triggered policy {policy}"


def bound_cause(direction: Direction, bound: int) -> str:
    """Give the cause of an activity that a new bound triggered."""
    return f"{'minimum' if direction is Direction.OUT else 'maximum'} capacity was set to {bound}"


def _setting(activity: ScalingActivity) -> str:
    return f"Successfully set desired {noun(activity.target.dimension)} count to {activity.after}."


def begun(
    activity_id: str, target: TargetKey, *, cause: str, details: str, before: int, after: int, policy: str, now: Instant
) -> ScalingActivity:
    """Give the activity of a desired capacity that has just been set and waits to be fulfilled."""
    activity = ScalingActivity(
        activity_id=activity_id,
        target=target,
        description=f"Setting desired {noun(target.dimension)} count to {after}.",
        cause=cause,
        details=details,
        start=now,
        status=ActivityStatus.IN_PROGRESS,
        before=before,
        after=after,
        policy=policy,
    )
    message = f"{_setting(activity)} Waiting for change to be fulfilled by sagemaker."
    return msgspec.structs.replace(activity, message=message)


def fulfilled(activity: ScalingActivity, now: Instant) -> ScalingActivity:
    """Give the activity once current capacity is what was desired."""
    return _ended(activity, ActivityStatus.SUCCESSFUL, f"{_setting(activity)} Change successfully fulfilled by sagemaker.", now)


def overridden(activity: ScalingActivity, other: int, now: Instant) -> ScalingActivity:
    """Give the activity once the desired capacity was changed to another before it was fulfilled."""
    return _ended(activity, ActivityStatus.OVERRIDDEN, f"{_setting(activity)} Found it was later changed to {other}.", now)


def unfulfilled(activity: ScalingActivity, why: str, now: Instant) -> ScalingActivity:
    """Give the activity when nobody waits for its fulfilment any longer."""
    return _ended(activity, ActivityStatus.UNFULFILLED, f"{_setting(activity)} {why}", now)


def gone(activity: ScalingActivity, partition: Partition, now: Instant) -> ScalingActivity:
    """Give the activity when its resource cannot be scaled any more."""
    setting = f"Failed to set desired {noun(activity.target.dimension)} count to {activity.after}."
    return _ended(activity, ActivityStatus.FAILED, f"{setting} {not_scalable(activity.target, partition)}", now)


def not_scalable(target: TargetKey, partition: Partition) -> str:
    """Give the sentences that tell that a target's resource cannot be scaled."""
    return f"Resource Id [{target.resource_id}] is not scalable. Reason: {_missing(target, partition)}"


def _missing(target: TargetKey, partition: Partition) -> str:
    if target.dimension is Dimension.COPIES:
        arn = partition.sagemaker("inference-component", target.resource_id.partition("/")[2])
        return f'Could not find inference component "{arn}".'
    endpoint, _, variant = target.resource_id.removeprefix("endpoint/").partition("/variant/")
    return f'Could not find variant "{variant}" of endpoint "{partition.sagemaker("endpoint", endpoint)}".'


def _ended(activity: ScalingActivity, status: ActivityStatus, message: str, now: Instant) -> ScalingActivity:
    return msgspec.structs.replace(activity, status=status, message=message, end=now)


def not_scaled(
    activity_id: str, target: TargetKey, refusal: Refusal, *, policy: str, current: int, now: Instant
) -> ScalingActivity:
    """Give the record of a trigger that changed nothing."""
    code = "" if refusal.reason is None else refusal.reason.code
    return ScalingActivity(
        activity_id=activity_id,
        target=target,
        description=refusal.description,
        cause=refusal.cause,
        details=refusal.details,
        start=now,
        end=now,
        status=ActivityStatus.FAILED,
        message=refusal.message or f"Not scaled: {code}.",
        before=current,
        after=current,
        policy=policy,
        not_scaled=() if refusal.reason is None else (refusal.reason,),
    )


def already(target: ScalableTarget, direction: Direction, desired: int) -> NotScaledReason:
    """Give the reason why a target that stands at `desired` does not move further in a direction."""
    if direction is Direction.OUT and desired >= target.most:
        return NotScaledReason(code=ALREADY_AT_MAX, most=target.most)
    if direction is Direction.IN and desired <= target.least:
        return NotScaledReason(code=ALREADY_AT_MIN, least=target.least)
    return NotScaledReason(code=ALREADY_AT_DESIRED, current=desired)

"""What a scheduled action does to its target's bounds, and the words of the activity that tells of it."""

import msgspec

from stoker.decisions.expressions.occurrences import Timing, parse
from stoker.decisions.expressions.zones import zone
from stoker.decisions.scaling.activities import SUSPENDED
from stoker.domain.scaling import ActivityStatus, NotScaledReason, ScalableTarget, ScalingActivity
from stoker.domain.schedule import ScheduledAction
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE, SECOND, Instant


def timing(action: ScheduledAction) -> Timing:
    """Give when an action is to happen. Raises `InvalidParameterError` for an expression or a time zone that cannot be read."""
    return Timing(
        expression=parse(action.expression),
        zone=zone(action.timezone),
        start=action.start,
        end=action.end,
        anchor=action.timed,
    )


def rebound(target: ScalableTarget, action: ScheduledAction) -> ScalableTarget | str:
    """Give the target with the action's bounds; or, in a sentence, why its other bound forbids them."""
    least = target.least if action.least is None else action.least
    most = target.most if action.most is None else action.most
    try:
        return msgspec.structs.replace(target, least=least, most=most)
    except InvalidParameterError as error:
        return f"{error.message}: {least} to {most} would be allowed."


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """An occurrence of an action: its activity's id, when it was due, when it is dealt with, and the capacity desired then."""

    activity_id: str
    action: ScheduledAction
    due: Instant
    now: Instant
    desired: int


def bounds_set(occasion: Occasion) -> ScalingActivity:
    """Give the activity of bounds that were set."""
    return _activity(occasion, ActivityStatus.SUCCESSFUL, f"Successfully set {_bounds(occasion.action)}")


def bounds_refused(occasion: Occasion, why: str) -> ScalingActivity:
    """Give the activity of bounds that could not be set; this occurrence is lost, the next one may do."""
    return _activity(occasion, ActivityStatus.FAILED, f"Failed to set {_bounds(occasion.action)}. {why}")


def skipped(occasion: Occasion) -> ScalingActivity:
    """Give the record of an occurrence that scheduled scaling, being suspended, lets pass."""
    told = _activity(occasion, ActivityStatus.FAILED, "Scheduled scaling is suspended.")
    return msgspec.structs.replace(told, not_scaled=(NotScaledReason(code=SUSPENDED),))


def _bounds(action: ScheduledAction) -> str:
    named = (("min", action.least), ("max", action.most))
    return " and ".join(f"{name} capacity to {value}" for name, value in named if value is not None)


def _activity(occasion: Occasion, status: ActivityStatus, message: str) -> ScalingActivity:
    action, late = occasion.action, occasion.now - occasion.due
    return ScalingActivity(
        activity_id=occasion.activity_id,
        target=action.target,
        description=f"Setting {_bounds(action)}",
        cause=f"scheduled action name {action.name} was triggered",
        details=f"{action.expression} was due {late // SECOND} s ago" if late >= MINUTE else action.expression,
        start=occasion.now,
        end=occasion.now,
        status=status,
        message=message,
        before=occasion.desired,
        after=occasion.desired,
    )

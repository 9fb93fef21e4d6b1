"""Demand at zero: invocations that wait bring a target back by themselves, without a metric or an alarm."""

from stoker.decisions.scaling.combine import Candidate
from stoker.decisions.scaling.proposals import Proposal, counted, nouns
from stoker.domain.scaling import Direction, ScalableTarget, SuspendedState
from stoker.units import Span, to_seconds


def wake(target: ScalableTarget, desired: int, waiting: int, suspended: SuspendedState) -> Proposal | None:
    """Give the capacity that waiting invocations bring back: from 0 to the minimum, at least 1.

    None when there is capacity already, nobody waits, scaling out is suspended, or the target allows none.
    """
    if desired > 0 or waiting <= 0 or suspended.dynamic_out or target.most < 1:
        return None
    capacity = max(1, target.least)
    verb = "waits" if waiting == 1 else "wait"
    cause = f"{counted(waiting, 'invocation')} {verb} for {target.key.resource_id} at zero {nouns(target.key.dimension)}"
    return Proposal(capacity=capacity, cause=cause)


def forsake(target: ScalableTarget, desired: int, linger: Span, *, by_demand: bool) -> Candidate | None:
    """Give the minimum as the capacity to go back to, when nobody has waited for `linger` for a start that demand asked for.

    None when the minimum is what is desired, or a policy has asked for more since (not `by_demand`).
    """
    if not by_demand or desired <= target.least:
        return None
    details = f"{desired} were desired, {target.least} to {target.most} are allowed"
    return Candidate(
        policy="", direction=Direction.IN, capacity=target.least, cause=forsaken(linger), details=details, cooldown=0
    )


def forsaken(linger: Span) -> str:
    """Say why a start is called off."""
    return f"nobody has waited for {to_seconds(linger):g} s for what is starting"

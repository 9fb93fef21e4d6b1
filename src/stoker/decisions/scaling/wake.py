"""Demand at zero: invocations that wait bring a target back by themselves, without a metric or an alarm."""

from stoker.decisions.scaling.proposals import Proposal, counted, nouns
from stoker.domain.scaling import ScalableTarget, SuspendedState


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

"""How much capacity asynchronous requests that wait and run bring, where no policy of the user's says it.

One instance for as many as it works on at once; the least that is allowed once there have been none for a while.
"""

from stoker.decisions.rounding import ceil_div
from stoker.decisions.scaling.combine import Candidate
from stoker.decisions.scaling.proposals import counted
from stoker.domain.scaling import Direction, ScalableTarget
from stoker.units import SECOND, Span, to_seconds

IDLE: Span = 600 * SECOND
"""How long nothing has waited or run when capacity goes back to the minimum."""


def follow(target: ScalableTarget, desired: int, *, waiting: int, running: int, slots: int, idle: Span) -> Candidate | None:
    """Give the capacity to go to; None to stay.

    `slots` is how many requests an instance works on at once, `idle` for how long there have been none.
    """
    asked = ceil_div(waiting + running, max(1, slots))
    if asked > desired:
        capacity = max(target.least, min(asked, target.most))
        if capacity <= desired or target.suspended.dynamic_out:
            return None
        cause = f"{counted(waiting, 'asynchronous request')} of {target.key.resource_id} waiting, {running} running"
        return _candidate(target, desired, capacity, Direction.OUT, cause)
    if waiting or running or idle < IDLE or desired <= target.least or target.suspended.dynamic_in:
        return None
    cause = f"no asynchronous request of {target.key.resource_id} for {to_seconds(IDLE):g} s"
    return _candidate(target, desired, target.least, Direction.IN, cause)


def _candidate(target: ScalableTarget, desired: int, capacity: int, direction: Direction, cause: str) -> Candidate:
    details = f"{desired} were desired, {target.least} to {target.most} are allowed"
    return Candidate(policy="", direction=direction, capacity=capacity, cause=cause, details=details, cooldown=0)

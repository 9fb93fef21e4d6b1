"""A target's bounds were set: capacity beyond them moves to the nearer one, whatever cooldowns say."""

from stoker.decisions.scaling import activities
from stoker.decisions.scaling.combine import Candidate
from stoker.decisions.scaling.proposals import nouns
from stoker.domain.scaling import Direction, ScalableTarget


def clamp(target: ScalableTarget, desired: int) -> Candidate | None:
    """Give the capacity that a desired one becomes; None for one that is within the bounds."""
    if target.least <= desired <= target.most:
        return None
    direction = Direction.OUT if desired < target.least else Direction.IN
    bound = target.least if direction is Direction.OUT else target.most
    return Candidate(
        policy="",
        direction=direction,
        capacity=bound,
        cause=activities.bound_cause(direction, bound),
        details=f"{desired} {nouns(target.key.dimension)} were desired, {target.least} to {target.most} are allowed",
        cooldown=0,
    )

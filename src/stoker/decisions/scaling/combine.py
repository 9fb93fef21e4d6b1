"""Several policies on one target: who may scale in, and whose capacity counts.

The largest capacity wins, for scaling out and for scaling in. Target tracking scales in only when all target tracking policies of
the target that may scale in are ready to: a crash that makes concurrency collapse must not take copies away while invocations
stay high. Step policies have no veto.
"""

from collections.abc import Sequence

import msgspec

from stoker.decisions.scaling.proposals import Proposal
from stoker.domain.scaling import Direction
from stoker.units import Span


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a target tracking policy is ready to scale in: its proposal, or why it is not."""

    policy: str
    proposal: Proposal | None = None
    objection: str = ""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """What a trigger of a policy would set: `cause` in AWS's words, `details` with the numbers, `cooldown` for afterwards."""

    policy: str
    direction: Direction
    capacity: int
    cause: str
    details: str
    cooldown: Span


def largest(candidates: Sequence[Candidate]) -> Candidate | None:
    """Give the candidate of the largest capacity, the first of equals, None of none."""
    return max(candidates, key=lambda candidate: candidate.capacity, default=None)


def agree(readiness: Sequence[Readiness]) -> Proposal | str:
    """Give the scale-in that all agree to (the most careful one), or why there is none."""
    objections = [f"{each.policy}: {each.objection}" for each in readiness if each.proposal is None]
    if objections or not readiness:
        return "not every target tracking policy is ready to scale in: " + "; ".join(objections)
    proposals = [each.proposal for each in readiness if each.proposal is not None]
    most = max(proposal.capacity for proposal in proposals)
    cause = "; and ".join(
        f"{each.policy}: {each.proposal.cause}" if len(readiness) > 1 else each.proposal.cause
        for each in readiness
        if each.proposal is not None
    )
    if len(readiness) > 1:
        cause += f"; the largest is {most}"
    return Proposal(capacity=most, cause=cause)

"""How an update of an endpoint or a component goes on: what each version is to have, when a step is due, when to turn back.

Traffic shifts with capacity, as SageMaker's guardrails count it: a canary of a tenth is a tenth of the new fleet that takes the
place of a tenth of the old one. Parts are rounded down to whole copies, and are one at least; until its last step an update
leaves the old version one copy in traffic, so that a canary beside a single copy is a canary still.

What serves never gets less by an update: the old version gives up traffic only for copies of the new one that serve, and a batch
of it goes only after the batch that took its place was watched.
"""

from typing import NamedTuple

import msgspec

from stoker.domain.deployments import BlueGreen, CapacitySize, Plan, Rollout, Shift, SizeKind, Stage
from stoker.units import MINUTE, Instant, Span, to_seconds

PATIENCE: Span = 10 * MINUTE
"""How long a step waits for capacity that is not to be had before the update is undone."""

_WHOLE = 100


class Shares(NamedTuple):
    """How many copies the version in force and the other one are to have, and how many of those may be in traffic."""

    current: int
    other: int
    current_traffic: int
    other_traffic: int


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of an update, and what stands in its way.

    `ready` tells whether what its stage asks for serves, `gone` whether nothing is left of the other version, `shrunk` whether
    the one in force has no more than it is to have. `last` and `last_back` are the numbers of the last step forward and back.
    `alarm` is the name of a watched alarm that is in ALARM, `blocked` why capacity is not to be had.
    """

    ready: bool
    gone: bool
    shrunk: bool
    last: int
    last_back: int = 0
    alarm: str = ""
    blocked: str = ""


class Turn(NamedTuple):
    """What becomes of an update: None when it is over; `swap` when the other version is in force from now on."""

    rollout: Rollout | None
    cause: str
    swap: bool = False


def part(size: CapacitySize | None, total: int) -> int:
    """Give how many of `total` a size is: at least one, at most all; None is all."""
    if size is None:
        return total
    count = total * size.value // _WHOLE if size.kind is SizeKind.CAPACITY_PERCENT else size.value
    return max(1, min(count, total))


def last_step(plan: Plan, total: int) -> int:
    """Give the number of the last step forward, from 0, with `total` new copies."""
    if isinstance(plan, BlueGreen):
        if plan.shift is Shift.ALL_AT_ONCE or plan.size is None:
            return 0
        if plan.shift is Shift.CANARY:
            return 1
        if plan.size.kind is SizeKind.CAPACITY_PERCENT:
            return max(0, -(-_WHOLE // plan.size.value) - 1)
        return max(0, -(-total // part(plan.size, total)) - 1) if total else 0
    return max(0, -(-total // part(plan.batch, total)) - 1) if total else 0


def reached(plan: Plan, total: int, step: int) -> int:
    """Give how many of `total` new copies take traffic once `step` has shifted; none before the first."""
    if step < 0 or not total:
        return 0
    if step >= last_step(plan, total):
        return total
    if isinstance(plan, BlueGreen):
        size = plan.size
        if size is not None and size.kind is SizeKind.CAPACITY_PERCENT:
            return max(1, min(total, total * size.value * (step + 1) // _WHOLE))
        return min(total, part(size, total) * (step + 1))
    return min(total, part(plan.batch, total) * (step + 1))


def shares(rollout: Rollout, current: int, other: int, last: int) -> Shares:
    """Give what each version is to have when the whole of them is `current` and `other` copies. `last` is the last step."""
    if rollout.stage is Stage.CLEARING:
        return Shares(current, 0, current, 0)
    if isinstance(rollout.plan, BlueGreen):
        if rollout.stage is Stage.CREATING:
            return Shares(current, other, current, 0)
        if rollout.step >= last:
            return Shares(current, other, 0, other)
        taken = reached(rollout.plan, other, rollout.step)
        return Shares(current, other, max(min(1, current), _left(current, other, taken)), taken)
    before = reached(rollout.plan, other, rollout.step - 1)
    kept = _left(current, other, before)
    if rollout.stage is Stage.CREATING:
        return Shares(kept, reached(rollout.plan, other, rollout.step), kept, before)
    if rollout.stage is Stage.BAKING:
        now = reached(rollout.plan, other, rollout.step)
        return Shares(kept, now, _left(current, other, now), now)
    if rollout.stage is Stage.SHRINKING:
        now = reached(rollout.plan, other, rollout.step)
        kept = _left(current, other, now)
        return Shares(kept, now, kept, now)
    batch = part(rollout.plan.back, current)
    restored = min(current, kept + batch * (rollout.back + 1))
    stays = min(before, _left(other, current, min(current, kept + batch * rollout.back)))
    return Shares(restored, stays, restored, stays)


def last_back(rollout: Rollout, current: int, other: int) -> int:
    """Give the number of the last step back, from 0."""
    if isinstance(rollout.plan, BlueGreen):
        return 0
    missing = current - _left(current, other, reached(rollout.plan, other, rollout.step - 1))
    return max(0, -(-missing // part(rollout.plan.back, current)) - 1) if missing else 0


def _left(total: int, other: int, taken: int) -> int:
    """Give what remains of `total` when `taken` of the `other` took its place."""
    return 0 if taken >= other else total - taken * total // other


def advance(rollout: Rollout, seen: Seen, now: Instant) -> Turn | None:
    """Give the next turn of an update; None while there is nothing to do but wait."""
    if rollout.stage is Stage.CLEARING:
        return Turn(None, "nothing is left of the other version") if seen.gone else None
    if rollout.stage is Stage.RETURNING:
        return _come_back(rollout, seen, now) if seen.ready else None
    trouble = _trouble(rollout, seen, now)
    if trouble:
        return _undo(rollout, trouble, now)
    if rollout.stage is Stage.CREATING:
        return Turn(_at(rollout, Stage.BAKING, now), f"the capacity of step {rollout.step + 1} serves") if seen.ready else None
    if rollout.stage is Stage.SHRINKING:
        following = msgspec.structs.replace(_at(rollout, Stage.CREATING, now), step=rollout.step + 1)
        return Turn(following, "as much of the old version is gone") if seen.shrunk else None
    if rollout.stage is Stage.WAITING:
        return _commit(rollout, now) if rollout.since + _keep(rollout.plan) <= now else None
    return _baked(rollout, seen, now) if rollout.since + rollout.plan.wait <= now else None


def _baked(rollout: Rollout, seen: Seen, now: Instant) -> Turn:
    if rollout.step < seen.last:
        cause = f"step {rollout.step + 1} was watched for {to_seconds(rollout.plan.wait):g} s without trouble"
        if isinstance(rollout.plan, BlueGreen):
            return Turn(msgspec.structs.replace(_at(rollout, Stage.BAKING, now), step=rollout.step + 1), cause)
        return Turn(_at(rollout, Stage.SHRINKING, now), cause)
    if _keep(rollout.plan):
        return Turn(_at(rollout, Stage.WAITING, now), "all traffic is on the new version; the old one is kept for a while")
    return _commit(rollout, now)


def next_look(rollout: Rollout, *, blocked: bool) -> Instant | None:
    """Give when time alone may move an update on; None when only an event can."""
    if rollout.stage is Stage.WAITING:
        return rollout.since + _keep(rollout.plan)
    limit = rollout.begun + rollout.limit
    if rollout.stage is Stage.BAKING:
        return min(limit, rollout.since + rollout.plan.wait)
    if rollout.stage is Stage.CREATING:
        return min(limit, rollout.since + PATIENCE) if blocked else limit
    return limit if rollout.stage is Stage.SHRINKING else None


def _trouble(rollout: Rollout, seen: Seen, now: Instant) -> str:
    """Give why an update has to be undone, empty when it need not."""
    if rollout.broken:
        return rollout.broken
    if seen.alarm and rollout.stage in {Stage.BAKING, Stage.WAITING}:
        return f"The alarm {seen.alarm} went into the state ALARM while the new version was watched."
    if rollout.stage is Stage.WAITING:
        return ""
    if rollout.begun + rollout.limit <= now:
        return f"It took longer than MaximumExecutionTimeoutInSeconds ({to_seconds(rollout.limit):g})."
    if rollout.stage is Stage.CREATING and not seen.ready and seen.blocked and rollout.since + PATIENCE <= now:
        return seen.blocked
    return ""


def _undo(rollout: Rollout, trouble: str, now: Instant) -> Turn:
    reason = f"The update was rolled back. {trouble}"
    whole = isinstance(rollout.plan, BlueGreen) or rollout.step == 0
    if rollout.stage is Stage.SHRINKING:  # its batch of the old version goes already: as if the next one had begun
        rollout, whole = msgspec.structs.replace(rollout, step=rollout.step + 1), False
    stage = Stage.CLEARING if whole else Stage.RETURNING
    return Turn(msgspec.structs.replace(_at(rollout, stage, now), reason=reason), reason)


def _come_back(rollout: Rollout, seen: Seen, now: Instant) -> Turn:
    if rollout.back < seen.last_back:
        following = msgspec.structs.replace(_at(rollout, Stage.RETURNING, now), back=rollout.back + 1, stuck="")
        return Turn(following, f"step {rollout.back + 1} of the way back is done")
    cleared = msgspec.structs.replace(_at(rollout, Stage.CLEARING, now), stuck="")
    return Turn(cleared, "the old version has its whole capacity again")


def _commit(rollout: Rollout, now: Instant) -> Turn:
    return Turn(_at(rollout, Stage.CLEARING, now), "the new version is in force", swap=True)


def _at(rollout: Rollout, stage: Stage, now: Instant) -> Rollout:
    return msgspec.structs.replace(rollout, stage=stage, since=now)


def _keep(plan: Plan) -> Span:
    return plan.keep if isinstance(plan, BlueGreen) else 0

"""What scaling has under way on each target: the open activity, cooldowns, and refusals already told.

An activity stays open until current capacity is what it desired, somebody desires something else, or the resource is gone.
The ledger carries a decision out and follows it; it decides none.
"""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from stoker.decisions.scaling import activities
from stoker.decisions.scaling.activities import NO_STEP, Refusal
from stoker.decisions.scaling.combine import Candidate
from stoker.decisions.scaling.cooldown import Cooldown, after_in, after_out, out_begins
from stoker.decisions.scaling.trail import Trail
from stoker.domain.ids import IdSource, Partition
from stoker.domain.scaling import Direction, ScalingActivity, TargetKey
from stoker.engine.commands import Append, Command, Explained, Put, Remove, SetCapacity
from stoker.units import HOUR, Instant, Span

STATE_KIND = "scaling-state"
ACTIVITY_KIND = "activity"

REFRESH: Span = HOUR
"""How often a refusal that goes on unchanged is written again, with its new end."""


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """What a scalable thing has: desired and serving units, and whether it is `busy`.

    Busy is: invocations are held or in flight now, or it was woken less than 60 s ago.
    """

    desired: int
    current: int
    busy: bool = False


class CapacityView(Protocol):
    """Where capacities are read; must show a `SetCapacity` as soon as it was given out."""

    def capacity(self, key: TargetKey, /) -> Capacity | None:
        """Give a target's capacity, None when its resource is gone or cannot be scaled."""
        ...


class OpenActivity(msgspec.Struct, frozen=True, kw_only=True):
    """An activity that waits for its fulfilment, and the cooldown that begins with it."""

    activity: ScalingActivity
    direction: Direction
    added: int
    cooldown: Span


class ScalingState(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a target's scaling: each policy's cooldowns and the open activity."""

    key: TargetKey
    cooldowns: dict[str, Cooldown] = {}
    open: OpenActivity | None = None


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    activity: ScalingActivity
    written: Instant


class Ledger:
    """The scaling states of all targets."""

    __slots__ = ("_ids", "_open", "_partition", "_states", "_told", "_trails", "_view")

    def __init__(self, view: CapacityView, ids: IdSource, partition: Partition) -> None:
        self._view = view
        self._ids = ids
        self._partition = partition
        self._states: dict[TargetKey, ScalingState] = {}
        self._open: dict[TargetKey, None] = {}
        self._told: dict[tuple[TargetKey, str], _Told] = {}
        self._trails: dict[TargetKey, Trail] = {}

    def restore(self, state: ScalingState) -> None:
        """Take in a state as it was kept."""
        self._set(state)

    def cooldown(self, key: TargetKey, policy: str) -> Cooldown:
        """Give a policy's cooldowns."""
        return self._state(key).cooldowns.get(policy, Cooldown())

    def look(self, key: TargetKey, now: Instant) -> Capacity | None:
        """Read a target's capacity, and remember since when so much serves."""
        capacity = self._view.capacity(key)
        if capacity is not None:
            self.trail(key).note(capacity.current, now)
        return capacity

    def trail(self, key: TargetKey) -> Trail:
        """Give what capacity served when."""
        return self._trails.setdefault(key, Trail())

    def by_demand(self, key: TargetKey) -> bool:
        """Tell whether what is under way is no policy's: bounds that were moved, or demand."""
        opened = self._state(key).open
        return opened is not None and not opened.activity.policy and opened.direction is Direction.OUT

    def waiting(self) -> tuple[TargetKey, ...]:
        """Give the targets that have an open activity."""
        return tuple(self._open)

    def begin(self, key: TargetKey, chosen: Candidate, now: Instant) -> Iterator[Command]:
        """Carry out what was chosen; an activity still open is overridden by it.

        The reader must carry out the `SetCapacity` before it asks for the next command.
        """
        before = self._view.capacity(key)
        if before is None:
            return
        state = self._state(key)
        added = max(0, chosen.capacity - before.desired)
        if state.open is not None:
            same_policy = state.open.activity.policy == chosen.policy
            if same_policy and state.open.direction is chosen.direction is Direction.OUT:
                added += state.open.added
            yield from self._close(state, activities.overridden(state.open.activity, chosen.capacity, now), now)
        yield from self._open_activity(key, chosen, before.desired, added, now)

    def _open_activity(self, key: TargetKey, chosen: Candidate, before: int, added: int, now: Instant) -> Iterator[Command]:
        activity = activities.begun(
            self._ids.uuid(),
            key,
            cause=chosen.cause,
            details=chosen.details,
            before=before,
            after=chosen.capacity,
            policy=chosen.policy,
            now=now,
        )
        state = self._state(key)
        cooldowns = dict(state.cooldowns)
        if chosen.direction is Direction.OUT and chosen.policy in cooldowns:
            cooldowns[chosen.policy] = out_begins(cooldowns[chosen.policy])
        opened = OpenActivity(activity=activity, direction=chosen.direction, added=added, cooldown=chosen.cooldown)
        state = ScalingState(key=key, cooldowns=cooldowns, open=opened)
        self._set(state)
        self.forgive(key)
        yield from _record(activity)
        yield _keep(state)
        yield SetCapacity(key=key, capacity=chosen.capacity, cause=f"{chosen.cause}: {chosen.details}")
        yield from self.observed(key, now)

    def observed(self, key: TargetKey, now: Instant) -> Iterator[Command]:
        """Look at a target's capacity, and whether its open activity has come to its end."""
        capacity = self.look(key, now)
        state = self._state(key)
        if state.open is None:
            return
        activity = state.open.activity
        if capacity is None:
            yield from self._close(state, activities.gone(activity, self._partition, now), now)
        elif capacity.desired != activity.after:
            yield from self._close(state, activities.overridden(activity, capacity.desired, now), now)
        elif capacity.current == capacity.desired:
            yield from self._close(_cooled(state, state.open, now), activities.fulfilled(activity, now), now)

    def refuse(self, key: TargetKey, policy: str, refusal: Refusal, now: Instant) -> Iterator[Command]:
        """Record that a trigger changes nothing; one entry for as long as the same trigger meets the same reason."""
        told = self._told.get((key, policy))
        reasons = () if refusal.reason is None else (refusal.reason,)
        if told is not None and (told.activity.cause, told.activity.not_scaled) == (refusal.cause, reasons):
            if now - told.written < REFRESH:
                return
            activity = msgspec.structs.replace(told.activity, end=now, details=refusal.details)
        else:
            capacity = self._view.capacity(key)
            current = 0 if capacity is None else capacity.desired
            activity = activities.not_scaled(self._ids.uuid(), key, refusal, policy=policy, current=current, now=now)
        self._told[key, policy] = _Told(activity=activity, written=now)
        if refusal.reason is not None and refusal.reason.code == NO_STEP:
            yield Explained(activity=activity)  # AWS has no activity for this
        else:
            yield from _record(activity)

    def tell(self, activity: ScalingActivity) -> Iterator[Command]:
        """Record an activity that is over as soon as it begins."""
        yield from _record(activity)

    def forgive(self, key: TargetKey, policy: str | None = None) -> None:
        """Forget the refusals told of a target, or of one policy of it: the next one is news again."""
        for stale in [each for each in self._told if each[0] == key and policy in {None, each[1]}]:
            del self._told[stale]

    def forget_policy(self, key: TargetKey, policy: str) -> Iterator[Command]:
        """Forget a policy's cooldowns."""
        self.forgive(key, policy)
        state = self._state(key)
        if policy in state.cooldowns:
            cooldowns = {name: each for name, each in state.cooldowns.items() if name != policy}
            state = msgspec.structs.replace(state, cooldowns=cooldowns)
            self._set(state)
            yield _keep(state)

    def forget(self, key: TargetKey, now: Instant) -> Iterator[Command]:
        """Forget a target; nobody waits for its open activity any longer."""
        self.forgive(key)
        state = self._states.pop(key, None)
        self._open.pop(key, None)
        self._trails.pop(key, None)
        if state is None:
            return
        if state.open is not None:
            why = "The scalable target was deregistered before the change was fulfilled."
            yield from _record(activities.unfulfilled(state.open.activity, why, now))
        yield Remove(kind=STATE_KIND, key=record_key(key))

    def _close(self, state: ScalingState, activity: ScalingActivity, now: Instant) -> Iterator[Command]:
        live = {name: each for name, each in state.cooldowns.items() if max(each.out_until, each.in_until) > now}
        state = msgspec.structs.replace(state, open=None, cooldowns=live)
        self._set(state)
        yield from _record(activity)
        yield _keep(state)

    def _state(self, key: TargetKey) -> ScalingState:
        return self._states.get(key) or ScalingState(key=key)

    def _set(self, state: ScalingState) -> None:
        self._states[state.key] = state
        if state.open is None:
            self._open.pop(state.key, None)
        else:
            self._open[state.key] = None


def record_key(key: TargetKey, name: str = "") -> str:
    """Give the key under which a target, or a thing of that `name` that belongs to it, is kept."""
    return "|".join((key.resource_id, key.dimension.value, name) if name else (key.resource_id, key.dimension.value))


def _cooled(state: ScalingState, done: OpenActivity, now: Instant) -> ScalingState:
    policy = done.activity.policy
    if not policy:
        return state
    before = state.cooldowns.get(policy, Cooldown())
    if done.direction is Direction.OUT:
        after = after_out(before, done.added, done.cooldown, now)
    else:
        after = after_in(before, done.cooldown, now)
    return msgspec.structs.replace(state, cooldowns={**state.cooldowns, policy: after})


def _record(activity: ScalingActivity) -> Iterator[Command]:
    document = msgspec.msgpack.encode(activity)
    yield Append(
        kind=ACTIVITY_KIND, key=activity.target.resource_id, entry=activity.activity_id, at=activity.start, document=document
    )
    yield Explained(activity=activity)


def _keep(state: ScalingState) -> Put:
    return Put(kind=STATE_KIND, key=record_key(state.key), document=msgspec.msgpack.encode(state))

"""Scheduled actions: which come due when, and the bounds that they set.

An action sets a state rather than gives a push. Of occurrences that passed while nobody looked, the platform being down or the
machine asleep, each action's latest one is therefore made up for, however late, and the ones before it are not. Several that are
due set their bounds in the order in which they were due, and then capacity is moved once.
"""

from collections.abc import Iterator, Mapping

import msgspec

from stoker.decisions.expressions.occurrences import latest, next_after
from stoker.decisions.scaling import scheduled
from stoker.decisions.scaling.bounds import clamp
from stoker.domain.ids import IdSource
from stoker.domain.scaling import ScalableTarget, TargetKey
from stoker.domain.schedule import ScheduledAction
from stoker.engine.clockwork import Clockwork
from stoker.engine.commands import Command, Explained, Put, Remove, RoutesChanged
from stoker.engine.events import ScheduledActionPut, ScheduledActionRemoved
from stoker.engine.scaling_ledger import Ledger, record_key
from stoker.engine.scaling_policies import TARGET_KIND, Registry
from stoker.errors import InvalidParameterError
from stoker.units import Instant

ACTION_KIND = "scheduled-action"

_DUE = "due"


class _Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    action: ScheduledAction
    due: Instant


class Scheduling:
    """All scheduled actions."""

    __slots__ = ("_actions", "_clockwork", "_ids", "_ledger", "_of_target", "_registry")

    def __init__(self, registry: Registry, ledger: Ledger, ids: IdSource) -> None:
        self._registry = registry
        self._ledger = ledger
        self._ids = ids
        self._actions: dict[str, ScheduledAction] = {}
        self._of_target: dict[TargetKey, dict[str, ScheduledAction]] = {}
        self._clockwork = Clockwork()

    @property
    def actions(self) -> Mapping[TargetKey, Mapping[str, ScheduledAction]]:
        """The actions by target and name; targets without any are not in it."""
        return self._of_target

    def restore(self, action: ScheduledAction) -> None:
        """Take in an action as it was kept; one whose time zone is no longer known stays, and never comes due."""
        record = _key(action)
        self._actions[record] = action
        self._of_target.setdefault(action.target, {})[action.name] = action
        try:
            due = next_after(scheduled.timing(action), action.handled)
        except InvalidParameterError:
            due = None
        if due is None:
            self._clockwork.cancel(_DUE, record)
        else:
            self._clockwork.set(_DUE, record, due)

    def handle(self, event: ScheduledActionPut | ScheduledActionRemoved) -> Iterator[Command]:
        """Take in an action, new or changed, or forget one."""
        if isinstance(event, ScheduledActionPut):
            yield from self._put(event.action)
        else:
            yield from self._remove(event.target, event.name)

    def _put(self, action: ScheduledAction) -> Iterator[Command]:
        self.restore(action)
        yield Put(kind=ACTION_KIND, key=_key(action), document=msgspec.msgpack.encode(action))

    def _remove(self, key: TargetKey, name: str) -> Iterator[Command]:
        siblings = self._of_target.get(key, {})
        action = siblings.pop(name, None)
        if action is None:
            return
        if not siblings:
            del self._of_target[key]
        record = _key(action)
        del self._actions[record]
        self._clockwork.cancel(_DUE, record)
        yield Remove(kind=ACTION_KIND, key=record)

    def remove_all(self, key: TargetKey) -> Iterator[Command]:
        """Forget all actions of a target."""
        for name in tuple(self._of_target.get(key, ())):
            yield from self._remove(key, name)

    def next_deadline(self) -> Instant | None:
        """Give when an action next comes due."""
        return self._clockwork.next()

    def tick(self, now: Instant) -> Iterator[Command]:
        """Carry out what is due; the reader must carry out each `SetCapacity` before it asks for the next command."""
        found: dict[TargetKey, list[_Occurrence]] = {}
        for _, record in self._clockwork.due(now):
            action = self._actions[record]
            due = latest(scheduled.timing(action), action.handled, now)
            if due is not None:
                action = msgspec.structs.replace(action, handled=due)
                found.setdefault(action.target, []).append(_Occurrence(action=action, due=due))
        for key, occurrences in found.items():
            for each in occurrences:
                yield from self._put(each.action)
            target = self._registry.targets.get(key)
            if target is not None:
                yield from self._carry_out(target, sorted(occurrences, key=lambda each: (each.due, each.action.name)), now)

    def _carry_out(self, target: ScalableTarget, occurrences: list[_Occurrence], now: Instant) -> Iterator[Command]:
        capacity = self._ledger.look(target.key, now)
        desired = 0 if capacity is None else capacity.desired
        bound, is_set = target, False
        for each in occurrences:
            occasion = scheduled.Occasion(
                activity_id=self._ids.uuid(), action=each.action, due=each.due, now=now, desired=desired
            )
            if target.suspended.scheduled:
                yield Explained(activity=scheduled.skipped(occasion))  # AWS keeps no record of these
                continue
            after = scheduled.rebound(bound, each.action)
            if isinstance(after, str):
                yield from self._ledger.tell(scheduled.bounds_refused(occasion, after))
            else:
                bound, is_set = after, True
                yield from self._ledger.tell(scheduled.bounds_set(occasion))
        if not is_set:
            return
        self._registry.put_target(bound)
        self._ledger.forgive(target.key)
        yield Put(kind=TARGET_KIND, key=record_key(target.key), document=msgspec.msgpack.encode(bound))
        yield RoutesChanged()  # gateways hold for what demand may wake, and only for that
        chosen = None if capacity is None else clamp(bound, desired)
        if chosen is not None:
            yield from self._ledger.begin(target.key, chosen, now)


def _key(action: ScheduledAction) -> str:
    return record_key(action.target, action.name)

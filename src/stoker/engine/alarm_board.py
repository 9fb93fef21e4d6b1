"""All alarms together: what calls change of them, what their evaluation changes, and the history of both.

Which state a metric's alarm is in `alarming` finds, and `composites` which one a composite alarm is in; what an action does is
the autoscaler's to know. Here is told what happened.
"""

from collections.abc import Generator, Iterable, Iterator

import msgspec

from stoker.decisions import alarm_history, suppression
from stoker.decisions.alarm_history import AnyAlarm
from stoker.decisions.alarms import Verdict
from stoker.decisions.metrics import MetricBook
from stoker.domain.alarms import Alarm, AlarmState, CompositeAlarm, Datapoint, HistoryItem
from stoker.domain.ids import AlarmName, Partition
from stoker.engine.alarming import Alarming, Firing, actions_of
from stoker.engine.commands import Append, Command, Put, Remove
from stoker.engine.composites import Composites
from stoker.engine.events import (
    AlarmActionsSwitched,
    AlarmEvent,
    AlarmPut,
    AlarmsRemoved,
    AlarmStateSet,
    AlarmTagged,
    CompositeAlarmPut,
)
from stoker.units import Instant

ALARM_KIND = "alarm"
COMPOSITE_KIND = "composite-alarm"
"""What records are kept as."""

HISTORY_KIND = "alarm-history"
"""The history of alarms, by name."""

MAX_NUMBER = 2.0**360
"""The greatest magnitude of a datapoint that a policy may be given by hand: that of a metric's value."""

NOT_RUN = "Stoker runs actions that are scaling policies, and no others"
"""Why any other action fails."""

Firings = Generator[Command, None, tuple[Firing, ...]]
"""Commands; when they have been read, the actions to run."""


class _ReasonData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    recent_datapoints: tuple[float | None, ...] = ()


class AlarmBoard:
    """Alarms on metrics, alarms on alarms, and their history."""

    __slots__ = ("_entries", "_told", "alarming", "composites")

    def __init__(self, book: MetricBook, partition: Partition) -> None:
        self.alarming = Alarming(book)
        self.composites = Composites(lambda: self.alarming.alarms, partition)
        self._entries = 0
        self._told: dict[AlarmName, dict[str, str | None]] = {}

    def restore(self, kind: str, document: bytes) -> None:
        """Take up a record, if it is of an alarm."""
        if kind == ALARM_KIND:
            self.alarming.restore(msgspec.msgpack.decode(document, type=Alarm))
        elif kind == COMPOSITE_KIND:
            self.composites.put(msgspec.msgpack.decode(document, type=CompositeAlarm), 0)

    def handle(self, event: AlarmEvent, now: Instant) -> Firings:
        """Take in what a call changes."""
        match event:
            case AlarmPut(alarm=alarm):
                yield from self.put(alarm, now)
            case CompositeAlarmPut(alarm=composite):
                yield from self._put_composite(composite, now)
            case AlarmsRemoved(names=names):
                yield from self.remove(names, now)
            case AlarmActionsSwitched(names=names, enabled=enabled):
                yield from self._switch(names, now, enabled=enabled)
            case AlarmTagged(name=name, tags=tags):
                found = self.find(name)
                if found is not None:
                    yield self._keep(msgspec.structs.replace(found, tags=tags))
            case AlarmStateSet():
                return (yield from self._set_state(event, now))
        return ()

    def find(self, name: str) -> AnyAlarm | None:
        """Give an alarm of either sort."""
        return self.alarming.alarms.get(AlarmName(name)) or self.composites.alarms.get(AlarmName(name))

    def put(self, alarm: Alarm, now: Instant) -> Iterator[Command]:
        """Take in an alarm on a metric."""
        verb = "updated" if alarm.name in self.alarming.alarms else "created"
        kept = self.alarming.put(alarm, now)
        yield _put(kept)
        yield self._entry(alarm_history.configured(kept, verb, now))

    def remove(self, names: Iterable[AlarmName], now: Instant) -> Iterator[Command]:
        """Forget alarms; those that are not there are passed over."""
        gone: list[str] = []
        for name in names:
            alarm = self.find(name)
            if alarm is None:
                continue
            self._told.pop(name, None)
            if isinstance(alarm, Alarm):
                self.alarming.remove(name)
            else:
                self.composites.remove(name)
            gone.append(name)
            yield Remove(kind=ALARM_KIND if isinstance(alarm, Alarm) else COMPOSITE_KIND, key=name)
            yield self._entry(alarm_history.configured(alarm, "deleted", now))
        yield from self._settle(gone, now)

    def next_deadline(self) -> Instant | None:
        """Give when `tick` must next run."""
        deadlines = (self.alarming.next_deadline(), self.composites.next_deadline())
        return min((each for each in deadlines if each is not None), default=None)

    def tick(self, now: Instant) -> Firings:
        """Look at what is due."""
        for alarm in self.composites.due(now):
            yield from self._hold_or_act(suppression.released(alarm), now)
        seen = self.alarming.tick(now)
        for change in seen.changes:
            yield from self._moved(change.before, change.after, now)
        yield from self._settle([change.after.name for change in seen.changes], now)
        return seen.firings

    def acted(self, firing: Firing, error: str | None, now: Instant) -> Iterator[Command]:
        """Tell of an action that ran: once for as long as it runs alike, however often it is repeated."""
        told = self._told.setdefault(firing.alarm.name, {})
        if firing.action not in told or told[firing.action] != error:
            told[firing.action] = error
            yield self._entry(alarm_history.acted(firing.alarm, firing.action, error, now))

    def _put_composite(self, alarm: CompositeAlarm, now: Instant) -> Iterator[Command]:
        verb = "updated" if alarm.name in self.composites.alarms else "created"
        kept = self.composites.put(alarm, now)
        yield _put(kept)
        yield self._entry(alarm_history.configured(kept, verb, now))
        yield from self._settle((), now, anew=(alarm.name,))
        settled = self.composites.alarms[alarm.name]
        raised = self._raised(settled.suppressor)
        if settled.pending and not settled.suppressed_by:  # its former self had actions held back
            yield from self._hold_or_act(suppression.after_move(settled, now, suppressing=raised), now)
        elif raised and settled.suppressed_by != suppression.ALARM:
            yield from self._hold_or_act(suppression.after_suppressor(settled, now, suppressing=True), now)

    def _switch(self, names: Iterable[AlarmName], now: Instant, *, enabled: bool) -> Iterator[Command]:
        for name in names:
            alarm = self.find(name)
            if alarm is not None and alarm.actions_enabled is not enabled:
                changed = msgspec.structs.replace(alarm, actions_enabled=enabled, configured=now)
                yield self._keep(changed)
                yield self._entry(alarm_history.configured(changed, "updated", now))

    def _set_state(self, event: AlarmStateSet, now: Instant) -> Firings:
        before = self.find(event.name)
        if before is None:
            return ()
        moves = before.state is not event.state
        after = msgspec.structs.replace(
            before,
            state=event.state,
            reason=event.reason,
            reason_data=event.reason_data,
            state_updated=now,
            state_transitioned=now if moves else before.state_transitioned,
        )
        if not moves:
            yield self._keep(after)
            return ()
        self._keep(after)
        yield from self._moved(before, after, now)
        yield from self._settle((after.name,), now)
        if isinstance(after, CompositeAlarm):
            return ()
        return self.alarming.fire(after, _verdict(after, now), now)

    def _moved(self, before: AnyAlarm, after: AnyAlarm, now: Instant) -> Iterator[Command]:
        """Tell of an alarm that has changed its state; a composite one runs its actions, as far as any run."""
        self._told.pop(after.name, None)
        if isinstance(after, Alarm):
            yield _put(after)
            yield self._entry(alarm_history.moved(before, after, now))
            return
        yield self._entry(alarm_history.moved(before, after, now))
        held = suppression.after_move(after, now, suppressing=self._raised(after.suppressor))
        yield from self._hold_or_act(held, now)

    def _hold_or_act(self, alarm: CompositeAlarm, now: Instant) -> Iterator[Command]:
        """Keep a composite alarm, and run actions of its that nothing holds back any longer, as far as any run."""
        acts = alarm.pending and not alarm.suppressed_by
        yield self._keep(msgspec.structs.replace(alarm, pending=False) if acts else alarm)
        if acts and alarm.actions_enabled:
            for action in actions_of(alarm):
                yield self._entry(alarm_history.acted(alarm, action, NOT_RUN, now))

    def _raised(self, name: str) -> bool:
        alarm = self.find(name) if name else None
        return alarm is not None and alarm.state is AlarmState.ALARM

    def _settle(self, changed: Iterable[str], now: Instant, *, anew: Iterable[AlarmName] = ()) -> Iterator[Command]:
        moved = list(changed)
        for change in self.composites.settle(tuple(moved), now, anew=anew):
            moved.append(change.after.name)
            yield from self._moved(change.before, change.after, now)
        for name in dict.fromkeys(moved):
            for follower in self.composites.suppressed(name):
                alarm = self.composites.alarms[follower]
                held = suppression.after_suppressor(alarm, now, suppressing=self._raised(name))
                if held != alarm:
                    yield from self._hold_or_act(held, now)

    def _keep(self, alarm: AnyAlarm) -> Put:
        """Replace an alarm by one that watches the same."""
        if isinstance(alarm, Alarm):
            self.alarming.set(alarm)
        else:
            self.composites.set(alarm)
        return _put(alarm)

    def _entry(self, item: HistoryItem) -> Append:
        # Instants do not go back, and after a restart there is a later one: so this is unique.
        self._entries += 1
        entry = f"{item.at:020d}-{self._entries:06d}"
        document = msgspec.msgpack.encode(msgspec.structs.replace(item, entry=entry))
        return Append(kind=HISTORY_KIND, key=item.name, entry=entry, at=item.at, document=document)


def _put(alarm: AnyAlarm) -> Put:
    kind = ALARM_KIND if isinstance(alarm, Alarm) else COMPOSITE_KIND
    return Put(kind=kind, key=alarm.name, document=msgspec.msgpack.encode(alarm))


def _verdict(alarm: Alarm, now: Instant) -> Verdict:
    """Give the verdict that the data of a reason tell of: those of a state that was set by hand."""
    try:
        data = msgspec.json.decode(alarm.reason_data or "{}", type=_ReasonData)
    except (msgspec.DecodeError, msgspec.ValidationError):
        data = _ReasonData()
    known = [value for value in data.recent_datapoints if value is not None and abs(value) <= MAX_NUMBER]
    values = known[-alarm.evaluation_periods :]
    points = tuple(
        Datapoint(start=now - (len(values) - number) * alarm.period, value=value) for number, value in enumerate(values)
    )
    return Verdict(state=alarm.state, points=points, breaching=points, missing=alarm.evaluation_periods - len(points), at=now)

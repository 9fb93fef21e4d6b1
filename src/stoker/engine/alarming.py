"""When alarms are looked at, and which of their actions run; what a state is, `stoker.decisions.alarms` decides.

Alarms of one cadence are all due at the same instants, so the next deadline is the least of three numbers, however many
alarms there are.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from stoker.decisions.alarm_history import AnyAlarm
from stoker.decisions.alarm_reasons import reason, reason_data
from stoker.decisions.alarms import (
    EVALUATION_LAG,
    Verdict,
    Window,
    cadence,
    evaluate,
    holds_back,
    next_evaluation,
    window,
)
from stoker.decisions.metric_math.evaluation import series_of
from stoker.decisions.metric_math.values import Frame
from stoker.decisions.metrics import MetricBook
from stoker.domain.alarms import Alarm, AlarmState, Datapoint, MetricSource, MissingData
from stoker.domain.ids import AlarmName
from stoker.units import MINUTE, SECOND, Instant, Span, floor_to

REPEAT: Span = MINUTE
"""How often an action runs again while its alarm stays in the state."""

LATE: Span = SECOND
"""An alarm that is looked at longer after it was due counts as late."""


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """An action to run, for an alarm that is in the action's state."""

    action: str
    alarm: Alarm
    verdict: Verdict


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm before and after it changed its state."""

    before: Alarm
    after: Alarm


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at the due alarms gave: those that changed state, and the actions to run."""

    changes: tuple[Change, ...]
    firings: tuple[Firing, ...]


class Punctuality:
    """How many times alarms were looked at, how many of those were late, and the longest that one was after it was due."""

    __slots__ = ("late", "looks", "worst")

    def __init__(self) -> None:
        self.looks = 0
        self.late = 0
        self.worst: Span = 0

    def note(self, looks: int, after: Span) -> None:
        """Take in that so many alarms were looked at, so long after they were due."""
        self.looks += looks
        self.worst = max(self.worst, after)
        if after > LATE:
            self.late += looks


class Alarming:
    """All alarms, and when each is looked at."""

    __slots__ = ("_alarms", "_book", "_due", "_fired", "_groups", "punctuality")

    def __init__(self, book: MetricBook) -> None:
        self.punctuality = Punctuality()
        self._book = book
        self._alarms: dict[AlarmName, Alarm] = {}
        self._groups: dict[Span, dict[AlarmName, None]] = {}
        self._due: dict[Span, Instant] = {}
        self._fired: dict[AlarmName, Instant] = {}

    @property
    def alarms(self) -> Mapping[AlarmName, Alarm]:
        """The alarms by name."""
        return self._alarms

    def put(self, alarm: Alarm, now: Instant) -> Alarm:
        """Take in an alarm and give it as it is kept: one of its name before it leaves its state to it."""
        before = self._alarms.get(alarm.name)
        if before is not None:
            alarm = msgspec.structs.replace(
                alarm,
                state=before.state,
                reason=before.reason,
                reason_data=before.reason_data,
                state_updated=before.state_updated,
                state_transitioned=before.state_transitioned,
                policy_owned=before.policy_owned or alarm.policy_owned,
                warm_until=_warm_until(alarm, before, now),
            )
            self._leave_group(before)
        elif not alarm.state_updated:
            until = _warm_until(alarm, None, now)
            alarm = msgspec.structs.replace(alarm, state_updated=now, state_transitioned=now, warm_until=until)
        self._enter(alarm, next_evaluation(cadence(alarm), now))
        return alarm

    def restore(self, alarm: Alarm) -> None:
        """Take in an alarm as it was kept; it is looked at with the next tick."""
        self._enter(alarm, 0)

    def set(self, alarm: Alarm) -> None:
        """Replace an alarm that is there by one that watches the same."""
        self._alarms[alarm.name] = alarm

    def fire(self, alarm: Alarm, verdict: Verdict, now: Instant) -> tuple[Firing, ...]:
        """Give the actions of an alarm whose state was set to what `verdict` says, as if it had been found so."""
        self._fired.pop(alarm.name, None)
        return tuple(self._actions(alarm, verdict, now))

    def remove(self, name: AlarmName) -> bool:
        """Forget an alarm; tell whether it was there."""
        alarm = self._alarms.pop(name, None)
        if alarm is None:
            return False
        self._fired.pop(name, None)
        self._leave_group(alarm)
        return True

    def next_deadline(self) -> Instant | None:
        """Give when alarms must next be looked at; None while there are none."""
        return min(self._due.values(), default=None)

    def tick(self, now: Instant) -> Round:
        """Look at all alarms that are due."""
        changes: list[Change] = []
        firings: list[Firing] = []
        for every, due in [(every, due) for every, due in self._due.items() if due <= now]:
            self.punctuality.note(len(self._groups[every]), now - due if due else 0)
            self._due[every] = next_evaluation(every, now)
            for name in self._groups[every]:
                alarm = self._alarms[name]
                verdict = self.look(alarm, now)
                if verdict is None or holds_back(alarm, verdict, now):
                    continue
                if verdict.state is not alarm.state:
                    before, alarm = alarm, _moved(alarm, verdict, now)
                    self._alarms[name] = alarm
                    self._fired.pop(name, None)
                    changes.append(Change(before=before, after=alarm))
                firings.extend(self._actions(alarm, verdict, now))
        return Round(changes=tuple(changes), firings=tuple(firings))

    def look(self, alarm: Alarm, now: Instant) -> Verdict | None:
        """Judge an alarm as of now; None, cheaply, when it has no data and knows that already."""
        seen = window(alarm, now)
        if isinstance(alarm.metric, tuple):
            frame = Frame(start=seen.start, end=seen.end, anchor=seen.end)
            return evaluate(alarm, series_of(alarm.metric, partial(self._read, seen), frame), now)
        newest = self._book.last_seen(alarm.metric)
        if newest is None or newest < seen.start:
            if alarm.state is AlarmState.INSUFFICIENT_DATA and alarm.missing_data in {None, MissingData.MISSING}:
                acts = alarm.actions_enabled and alarm.insufficient_data_actions
                return evaluate(alarm, (), now) if acts else None
            return evaluate(alarm, (), now)
        source = MetricSource(
            metric=alarm.metric, statistic=alarm.statistic, period=alarm.period, unit=alarm.unit, extended=alarm.extended
        )
        return evaluate(alarm, self._read(seen, source), now)

    def _read(self, seen: Window, source: MetricSource) -> list[Datapoint]:
        """Give a metric's datapoints of the time an alarm looks at; its periods end where that ends."""
        return self._book.datapoints(
            source.metric,
            source.statistic,
            source.period,
            seen.start,
            seen.end,
            unit=source.unit,
            anchor=seen.end,
            extended=source.extended,
        )

    def _actions(self, alarm: Alarm, verdict: Verdict, now: Instant) -> Iterable[Firing]:
        actions = actions_of(alarm)
        if not actions or not alarm.actions_enabled:
            return ()
        # Whole steps, so that a tick some milliseconds early or late does not put an action off by ten seconds.
        moment = floor_to(now - EVALUATION_LAG, 10 * SECOND)
        if moment < self._fired.get(alarm.name, moment - REPEAT) + REPEAT:
            return ()
        self._fired[alarm.name] = moment
        return [Firing(action=action, alarm=alarm, verdict=verdict) for action in actions]

    def _enter(self, alarm: Alarm, due: Instant) -> None:
        every = cadence(alarm)
        self._alarms[alarm.name] = alarm
        self._groups.setdefault(every, {})[alarm.name] = None
        self._due[every] = min(due, self._due.get(every, due))

    def _leave_group(self, alarm: Alarm) -> None:
        every = cadence(alarm)
        group = self._groups[every]
        del group[alarm.name]
        if not group:
            del self._groups[every]
            del self._due[every]


def _warm_until(alarm: Alarm, before: Alarm | None, now: Instant) -> Instant:
    """Give when an alarm has warmed up. Another span moves the end of what is under way; what is over does not begin anew."""
    if alarm.warm_up is None:
        return 0
    if before is None or before.warm_up is None:
        return now + alarm.warm_up.span
    return before.warm_until if before.warm_until <= now else before.warm_until - before.warm_up.span + alarm.warm_up.span


def actions_of(alarm: AnyAlarm) -> tuple[str, ...]:
    """Give the actions of the state that an alarm is in."""
    match alarm.state:
        case AlarmState.ALARM:
            return alarm.alarm_actions
        case AlarmState.OK:
            return alarm.ok_actions
        case AlarmState.INSUFFICIENT_DATA:
            return alarm.insufficient_data_actions


def _moved(alarm: Alarm, verdict: Verdict, now: Instant) -> Alarm:
    return msgspec.structs.replace(
        alarm,
        state=verdict.state,
        reason=reason(alarm, verdict),
        reason_data=reason_data(alarm, verdict),
        state_updated=now,
        state_transitioned=now,
    )

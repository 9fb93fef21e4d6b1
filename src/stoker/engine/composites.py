"""Composite alarms: each is judged anew whenever an alarm that its rule names changes its state, and when its rule is put."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from stoker.decisions.alarm_rules import children, holds, parse_rule
from stoker.domain.alarms import Alarm, AlarmState, CompositeAlarm
from stoker.domain.ids import AlarmName, Partition
from stoker.units import MILLISECOND, SECOND, Instant


class _Triggering(msgspec.Struct, frozen=True, kw_only=True):
    arn: str
    state: dict[str, str]


class _ReasonData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    triggering_alarms: tuple[_Triggering, ...]


class CompositeChange(msgspec.Struct, frozen=True, kw_only=True):
    """A composite alarm before and after it changed its state."""

    before: CompositeAlarm
    after: CompositeAlarm


class Composites:
    """All composite alarms, and which alarms they watch."""

    __slots__ = ("_alarms", "_parents", "_partition", "_plain", "_suppressed", "_waiting")

    def __init__(self, plain: Callable[[], Mapping[AlarmName, Alarm]], partition: Partition) -> None:
        self._plain = plain
        self._partition = partition
        self._alarms: dict[AlarmName, CompositeAlarm] = {}
        self._parents: dict[str, dict[AlarmName, None]] = {}
        self._suppressed: dict[str, dict[AlarmName, None]] = {}
        self._waiting: dict[AlarmName, Instant] = {}

    @property
    def alarms(self) -> Mapping[AlarmName, CompositeAlarm]:
        """The composite alarms by name."""
        return self._alarms

    def parents(self, name: str) -> tuple[AlarmName, ...]:
        """Give the composite alarms whose rules name an alarm."""
        return tuple(self._parents.get(name, ()))

    def put(self, alarm: CompositeAlarm, now: Instant) -> CompositeAlarm:
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
                pending=before.pending,
            )
            self._unlink(before)
        elif not alarm.state_updated:
            alarm = msgspec.structs.replace(alarm, state_updated=now, state_transitioned=now)
        self.set(alarm)
        for name in children(parse_rule(alarm.rule)):
            self._parents.setdefault(name, {})[alarm.name] = None
        if alarm.suppressor:
            self._suppressed.setdefault(alarm.suppressor, {})[alarm.name] = None
        return alarm

    def set(self, alarm: CompositeAlarm) -> None:
        """Replace an alarm that is there by one of the same rule."""
        self._alarms[alarm.name] = alarm
        if alarm.suppressed_until:
            self._waiting[alarm.name] = alarm.suppressed_until
        else:
            self._waiting.pop(alarm.name, None)

    def suppressed(self, name: str) -> tuple[AlarmName, ...]:
        """Give the composite alarms whose actions an alarm holds back."""
        return tuple(self._suppressed.get(name, ()))

    def next_deadline(self) -> Instant | None:
        """Give when actions that wait have waited long enough."""
        return min(self._waiting.values(), default=None)

    def due(self, now: Instant) -> list[CompositeAlarm]:
        """Give the alarms whose actions have waited long enough."""
        return [self._alarms[name] for name, until in self._waiting.items() if until <= now]

    def remove(self, name: AlarmName) -> CompositeAlarm | None:
        """Forget an alarm and give it."""
        alarm = self._alarms.pop(name, None)
        if alarm is not None:
            self._unlink(alarm)
            self._waiting.pop(name, None)
        return alarm

    def settle(self, changed: Iterable[str], now: Instant, *, anew: Iterable[AlarmName] = ()) -> Iterator[CompositeChange]:
        """Judge the alarms that watch what has changed, those that watch these, and so on; and those named `anew` at once."""
        waiting: deque[tuple[AlarmName, str]] = deque((name, "") for name in anew)
        waiting.extend((parent, name) for name in changed for parent in self.parents(name))
        # Rules make no circles, so each is judged once for each way to it; the bound is for what a store may hold.
        for _ in range(len(waiting) + 150 * (len(self._alarms) + 1)):
            if not waiting:
                return
            name, cause = waiting.popleft()
            change = self._judge(self._alarms[name], cause, now)
            if change is not None:
                yield change
                waiting.extend((parent, name) for parent in self.parents(name))

    def _judge(self, alarm: CompositeAlarm, cause: str, now: Instant) -> CompositeChange | None:
        rule = parse_rule(alarm.rule)
        state = AlarmState.ALARM if holds(rule, self._state_of) else AlarmState.OK
        if state is alarm.state:
            return None
        watched = [each for each in (self._found(name) for name in children(rule)) if each is not None]
        told = self._found(cause) or max(watched, key=lambda each: each.state_transitioned, default=None)
        if told is None:
            reason = f"The rule {alarm.rule[:512]} is {'true' if state is AlarmState.ALARM else 'false'}"
        else:
            reason = f"{self._partition.alarm(told.name)} transitioned to {told.state.value} at {_told(told.state_transitioned)}"
        after = msgspec.structs.replace(
            alarm,
            state=state,
            reason=reason,
            reason_data=self._data(watched),
            state_updated=now,
            state_transitioned=now,
        )
        self._alarms[alarm.name] = after
        return CompositeChange(before=alarm, after=after)

    def _data(self, watched: list[Alarm | CompositeAlarm]) -> str:
        triggering = tuple(
            _Triggering(
                arn=self._partition.alarm(each.name),
                state={"value": each.state.value, "timestamp": _stamp(each.state_transitioned)},
            )
            for each in watched
            if each.state is AlarmState.ALARM
        )
        return msgspec.json.encode(_ReasonData(triggering_alarms=triggering[:_LISTED])).decode()

    def _found(self, name: str) -> Alarm | CompositeAlarm | None:
        return self._plain().get(AlarmName(name)) or self._alarms.get(AlarmName(name))

    def _state_of(self, name: str) -> AlarmState | None:
        alarm = self._found(name)
        return None if alarm is None else alarm.state

    def _unlink(self, alarm: CompositeAlarm) -> None:
        self._suppressed.get(alarm.suppressor, {}).pop(alarm.name, None)
        for name in children(parse_rule(alarm.rule)):
            parents = self._parents[name]
            parents.pop(alarm.name, None)
            if not parents:
                del self._parents[name]


_LISTED = 10
"""Alarms that the JSON of a reason lists: so it stays below CloudWatch's 4000 characters."""


def _told(instant: Instant) -> str:
    return datetime.fromtimestamp(instant // SECOND, tz=UTC).strftime("%A %d %B, %Y %H:%M:%S UTC")


def _stamp(instant: Instant) -> str:
    moment = datetime.fromtimestamp(instant // SECOND, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant % SECOND // MILLISECOND:03d}+0000"

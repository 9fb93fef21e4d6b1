"""Schedules that invoke targets: which come due when, and what becomes of their invocations.

An invocation is on record from when its schedule comes due until its target has answered well or it is given up; one that was
under way when the platform ended is made again. So a target is invoked at least once, as AWS promises, and may be invoked twice.
Of occurrences that passed while nobody looked, the latest is made up for if it is not older than the retry policy allows.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from stoker.decisions import invoking
from stoker.decisions.expressions.occurrences import latest, next_after
from stoker.decisions.metrics import MetricBook, StatisticSet
from stoker.domain.alarms import MetricKey
from stoker.domain.ids import IdSource
from stoker.domain.timetable import DeadLetter, Invocation, Schedule, ScheduleGroup, ScheduleKey
from stoker.engine.clockwork import Clockwork
from stoker.engine.commands import Append, Command, InvokeTarget, Put, Remove
from stoker.engine.events import (
    ScheduleGroupPut,
    ScheduleGroupRemoved,
    SchedulePut,
    ScheduleRemoved,
    TargetAnswered,
    TimetableEvent,
)
from stoker.engine.queues import Queues
from stoker.errors import InvalidParameterError
from stoker.units import Instant

SCHEDULE_KIND = "schedule"
GROUP_KIND = "schedule-group"
INVOCATION_KIND = "schedule-invocation"
"""What records are kept as."""

DEAD_LETTER_KIND = "dead-letter"
"""The history of invocations given up, by the ARN of the queue that they were to go to."""

NAMESPACE = "AWS/Scheduler"

MAX_INVOCATIONS = 10_000
"""Invocations on record at once; beyond, what comes due is given up at once."""

FULL = "TooManyInvocations"
"""Why, then."""

_ONE = StatisticSet(count=1.0, total=1.0, least=1.0, most=1.0)


class Timetable:
    """All schedules, their groups and their invocations."""

    __slots__ = ("_book", "_clockwork", "_groups", "_ids", "_invocations", "_queues", "_schedules", "_under_way")

    def __init__(self, book: MetricBook, ids: IdSource, queues: Queues | None = None) -> None:
        self._book = book
        self._queues = queues or Queues()
        self._ids = ids
        self._schedules: dict[ScheduleKey, Schedule] = {}
        self._groups: dict[str, ScheduleGroup] = {}
        self._invocations: dict[str, Invocation] = {}
        self._under_way: set[str] = set()
        self._clockwork = Clockwork()

    @property
    def schedules(self) -> Mapping[ScheduleKey, Schedule]:
        """The schedules."""
        return self._schedules

    @property
    def groups(self) -> Mapping[str, ScheduleGroup]:
        """The groups that were made, by name; the default one is among them only once it has tags."""
        return self._groups

    @property
    def invocations(self) -> Mapping[str, Invocation]:
        """The invocations on their way, by execution id."""
        return self._invocations

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was kept: (kind, document) of every record, of other kinds too."""
        for kind, document in records:
            if kind == SCHEDULE_KIND:
                self._arm(msgspec.msgpack.decode(document, type=Schedule))
            elif kind == GROUP_KIND:
                group = msgspec.msgpack.decode(document, type=ScheduleGroup)
                self._groups[group.name] = group
            elif kind == INVOCATION_KIND:
                invocation = msgspec.msgpack.decode(document, type=Invocation)
                self._invocations[invocation.execution] = invocation
                self._clockwork.set("invoke", invocation.execution, invocation.due)

    def next_deadline(self) -> Instant | None:
        """Give when `tick` must next run."""
        return self._clockwork.next()

    def handle(self, event: TimetableEvent, now: Instant) -> Iterator[Command]:
        """Take in a change, or a target's answer."""
        match event:
            case SchedulePut(schedule=schedule):
                yield self._put(schedule)
            case ScheduleRemoved(key=key):
                yield from self._remove(key)
            case ScheduleGroupPut(group=group):
                self._groups[group.name] = group
                yield Put(kind=GROUP_KIND, key=group.name, document=msgspec.msgpack.encode(group))
            case ScheduleGroupRemoved(name=name):
                for key in [key for key in self._schedules if key.group == name]:
                    yield from self._remove(key)
                if self._groups.pop(name, None) is not None:
                    yield Remove(kind=GROUP_KIND, key=name)
            case TargetAnswered():
                yield from self._answered(event, now)

    def tick(self, now: Instant) -> Iterator[Command]:
        """Bring about invocations that are due, and have targets invoked."""
        while found := self._clockwork.due(now):  # an occurrence without a window is to be invoked at once
            for kind, key in found:
                if kind == "due":
                    yield from self._occur(_read_key(key), now)
                elif kind == "end":
                    yield from self._vanish(_read_key(key))
                else:
                    yield from self._invoke(key, now)

    def _put(self, schedule: Schedule) -> Command:
        self._arm(schedule)
        return Put(kind=SCHEDULE_KIND, key=_record(schedule.key), document=msgspec.msgpack.encode(schedule))

    def _arm(self, schedule: Schedule) -> None:
        """Take in a schedule and set its next occurrence; one whose time zone is no longer known stays, and never comes due."""
        record = _record(schedule.key)
        self._schedules[schedule.key] = schedule
        due = None
        if schedule.enabled:
            try:
                due = next_after(invoking.timing(schedule), schedule.handled)
            except InvalidParameterError:
                due = None
        self._clockwork.cancel("end", record)
        if due is not None:
            self._clockwork.set("due", record, due)
            return
        self._clockwork.cancel("due", record)
        if schedule.enabled and schedule.vanishes and schedule.end is not None:
            self._clockwork.set("end", record, schedule.end)

    def _remove(self, key: ScheduleKey) -> Iterator[Command]:
        """Forget a schedule; its invocations on their way go on."""
        if self._schedules.pop(key, None) is not None:
            self._clockwork.cancel("due", _record(key))
            self._clockwork.cancel("end", _record(key))
            yield Remove(kind=SCHEDULE_KIND, key=_record(key))

    def _occur(self, key: ScheduleKey, now: Instant) -> Iterator[Command]:
        schedule = self._schedules.get(key)
        if schedule is None:  # it went in this very turn
            return
        due = latest(invoking.timing(schedule), schedule.handled, now)
        if due is None:
            return
        yield self._put(msgspec.structs.replace(schedule, handled=due))
        execution = self._ids.uuid()
        invocation = Invocation(
            execution=execution,
            schedule=key,
            schedule_arn=schedule.arn,
            scheduled=due,
            target=schedule.target,
            due=max(now, due + invoking.shift(execution, schedule.window)),
        )
        if now - due > schedule.target.retry.max_age:
            yield from self._give_up(invocation, invoking.AGE, now)
        elif len(self._invocations) >= MAX_INVOCATIONS:
            yield from self._give_up(invocation, FULL, now)
        else:
            yield self._keep(invocation)

    def _invoke(self, execution: str, now: Instant) -> Iterator[Command]:
        invocation = self._invocations.get(execution)
        if invocation is None or execution in self._under_way:
            return
        self._under_way.add(execution)
        self._count("InvocationAttemptCount", invocation, now)
        yield InvokeTarget(
            execution=execution,
            target_arn=invocation.target.arn,
            input=invoking.filled(invocation),
            schedule_arn=invocation.schedule_arn,
            attempt=invocation.attempts + 1,
        )

    def _answered(self, event: TargetAnswered, now: Instant) -> Iterator[Command]:
        invocation = self._invocations.get(event.execution)
        self._under_way.discard(event.execution)
        if invocation is None:
            return
        if not event.code:
            del self._invocations[event.execution]
            yield Remove(kind=INVOCATION_KIND, key=event.execution)
            yield from self._vanish(invocation.schedule)
            return
        self._count("TargetErrorThrottledCount" if event.throttled else "TargetErrorCount", invocation, now)
        invocation = msgspec.structs.replace(invocation, attempts=invocation.attempts + 1, code=event.code, message=event.message)
        following = invoking.again(invocation, now)
        if isinstance(following, str):
            del self._invocations[event.execution]
            yield Remove(kind=INVOCATION_KIND, key=event.execution)
            yield from self._give_up(invocation, following, now)
        else:
            yield self._keep(msgspec.structs.replace(invocation, due=following))

    def _keep(self, invocation: Invocation) -> Command:
        self._invocations[invocation.execution] = invocation
        self._clockwork.set("invoke", invocation.execution, invocation.due)
        return Put(kind=INVOCATION_KIND, key=invocation.execution, document=msgspec.msgpack.encode(invocation))

    def _give_up(self, invocation: Invocation, exhausted: str, now: Instant) -> Iterator[Command]:
        queue = invocation.target.dead_letters
        if queue:
            letter = DeadLetter(invocation=invocation, exhausted=exhausted, at=now)
            document = msgspec.msgpack.encode(letter)
            yield from self._queues.letter(queue, invocation.execution, invocation.target.input, invoking.told(letter), now)
            yield Append(kind=DEAD_LETTER_KIND, key=queue, entry=invocation.execution, at=now, document=document)
            self._count("InvocationsSentToDeadLetterCount", invocation, now)
        else:
            self._count("InvocationDroppedCount", invocation, now)
        yield from self._vanish(invocation.schedule)

    def _vanish(self, key: ScheduleKey) -> Iterator[Command]:
        """Forget a schedule that is to be deleted after its last invocation, once that is over."""
        schedule = self._schedules.get(key)
        if schedule is None or not schedule.vanishes or not schedule.enabled:
            return
        if any(invocation.schedule == key for invocation in self._invocations.values()):
            return
        if next_after(invoking.timing(schedule), schedule.handled) is None:
            yield from self._remove(key)

    def _count(self, name: str, invocation: Invocation, now: Instant) -> None:
        dimensions = (("ScheduleGroup", invocation.schedule.group),)
        self._book.record(MetricKey(namespace=NAMESPACE, name=name, dimensions=dimensions), now, _ONE, unit="Count")


def _record(key: ScheduleKey) -> str:
    return f"{key.group}/{key.name}"


def _read_key(record: str) -> ScheduleKey:
    group, _, name = record.partition("/")
    return ScheduleKey(group, name)

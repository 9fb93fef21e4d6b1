"""The timetable by itself: restarts, absences, bounds, answers that nobody waits for."""

from collections.abc import Iterable

import msgspec
import pytest

from stoker.decisions.metrics import MetricBook
from stoker.domain.timetable import DeadLetter, Invocation, RetryPolicy, Schedule, ScheduleKey, ScheduleTarget
from stoker.engine import timetable as module
from stoker.engine.commands import Append, Command, InvokeTarget, Put, Remove
from stoker.engine.events import SchedulePut, ScheduleRemoved, TargetAnswered
from stoker.engine.timetable import Timetable
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant
from tests.unit.engine.scaling_world import EPOCH, CountedIds

KEY = ScheduleKey("default", "s")


class Stand:
    """A timetable, its records, and the clock."""

    def __init__(self) -> None:
        self.ids = CountedIds()
        self.now: Instant = EPOCH
        self.records: dict[tuple[str, str], bytes] = {}
        self.letters: list[DeadLetter] = []
        self.invoked: list[InvokeTarget] = []
        self.machine = Timetable(MetricBook(), self.ids)

    def take(self, commands: Iterable[Command]) -> None:
        for command in commands:
            match command:
                case Put(kind=kind, key=key, document=document):
                    self.records[kind, key] = document
                case Remove(kind=kind, key=key):
                    del self.records[kind, key]
                case Append(document=document):
                    self.letters.append(msgspec.msgpack.decode(document, type=DeadLetter))
                case InvokeTarget():
                    self.invoked.append(command)
                case _:
                    pytest.fail(f"a timetable commands nothing like {command}")

    def run(self, span: int) -> None:
        end = self.now + span
        while (due := self.machine.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.take(self.machine.tick(self.now))
        self.now = end

    def restart(self) -> None:
        self.machine = Timetable(MetricBook(), self.ids)
        self.machine.restore((kind, document) for (kind, _), document in self.records.items())

    def answer(self, code: str = "") -> None:
        answered = TargetAnswered(execution=self.invoked[-1].execution, code=code)
        self.take(self.machine.handle(answered, self.now))

    def put(self, expression: str = "rate(1 hour)", **fields: object) -> None:
        target = ScheduleTarget(
            arn="arn:t", role_arn="arn:r", dead_letters="arn:q", retry=RetryPolicy(max_age=2 * HOUR, max_retries=1)
        )
        schedule = Schedule(key=KEY, arn="arn:s", expression=expression, target=target, timed=self.now, handled=self.now - 1)
        self.take(self.machine.handle(SchedulePut(schedule=msgspec.structs.replace(schedule, **fields)), self.now))


def test_what_was_under_way_is_made_again_after_a_restart() -> None:
    stand = Stand()
    stand.put()
    stand.run(0)
    assert len(stand.invoked) == 1
    stand.restart()
    stand.run(MINUTE)
    assert [each.execution for each in stand.invoked] == [stand.invoked[0].execution] * 2
    stand.answer()
    stand.answer()  # nobody waits for this one
    assert stand.machine.invocations == {}
    assert set(stand.records) == {("schedule", "default/s")}


def test_of_an_absence_the_latest_occurrence_is_made_up_for() -> None:
    stand = Stand()
    stand.put()
    stand.run(0)
    stand.answer()
    stand.now += 5 * DAY + 30 * MINUTE
    stand.run(0)
    assert len(stand.invoked) == 2
    stand.answer()
    assert stand.machine.next_deadline() == EPOCH + 5 * DAY + HOUR


def test_one_that_is_too_old_by_then_is_given_up() -> None:
    stand = Stand()
    stand.put("at(2027-01-15T09:00:00)")  # an hour from now
    stand.now += 4 * HOUR
    stand.run(0)
    assert stand.invoked == []
    assert [(each.exhausted, each.invocation.attempts) for each in stand.letters] == [("MaximumEventAgeInSeconds", 0)]


def test_failures_end_in_a_dead_letter_and_a_schedule_that_is_over_goes() -> None:
    stand = Stand()
    stand.put("at(2027-01-15T09:00:00)", vanishes=True)
    stand.run(HOUR)
    stand.answer("ThrottlingException")
    assert KEY in stand.machine.schedules
    stand.run(SECOND)
    assert [each.attempt for each in stand.invoked] == [1, 2]
    stand.answer("ValidationException")
    assert [each.exhausted for each in stand.letters] == ["MaximumRetryAttempts"]
    assert stand.records == {}
    assert stand.machine.next_deadline() is None


def test_a_deleted_schedule_lets_its_invocations_go_on() -> None:
    stand = Stand()
    stand.put(window=30 * MINUTE)
    stand.run(0)
    stand.take(stand.machine.handle(ScheduleRemoved(key=KEY), stand.now))
    assert stand.invoked == []
    stand.run(30 * MINUTE)
    assert len(stand.invoked) == 1


def test_a_schedule_without_any_occurrence_goes_at_its_end_only() -> None:
    stand = Stand()
    stand.put("cron(0 0 1 1 ? 2020)", vanishes=True)
    stand.run(DAY)
    assert KEY in stand.machine.schedules
    stand.put("cron(0 0 1 1 ? 2020)", vanishes=True, end=stand.now + HOUR)
    stand.run(HOUR)
    assert stand.machine.schedules == {}


def test_too_many_on_their_way_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_INVOCATIONS", 2)
    stand = Stand()
    stand.put("rate(1 minute)")
    stand.run(3 * MINUTE)
    assert [each.exhausted for each in stand.letters] == ["TooManyInvocations"] * 2
    assert len(stand.machine.invocations) == 2


def test_a_zone_that_is_no_longer_known_stops_nothing() -> None:
    stand = Stand()
    stand.put()
    kept = msgspec.msgpack.decode(stand.records["schedule", "default/s"], type=Schedule)
    stand.records["schedule", "default/s"] = msgspec.msgpack.encode(msgspec.structs.replace(kept, timezone="Gone/Zone"))
    stand.restart()
    assert stand.machine.next_deadline() is None
    assert KEY in stand.machine.schedules


def test_an_invocation_is_kept_whole() -> None:
    stand = Stand()
    stand.put()
    stand.run(0)
    [document] = [document for (kind, _), document in stand.records.items() if kind == "schedule-invocation"]
    kept = msgspec.msgpack.decode(document, type=Invocation)
    assert (kept.scheduled, kept.target.arn, kept.schedule) == (EPOCH, "arn:t", KEY)

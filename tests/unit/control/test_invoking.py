"""Targets of schedules in the running shell, on virtual time: invoked when due, retried, kept when the platform ends."""

import asyncio

from stoker.control.effects import AWAY, MAX_INVOKED
from stoker.domain.timetable import Schedule, ScheduleKey, ScheduleTarget
from stoker.engine.commands import InvokeTarget
from stoker.engine.events import Event, SchedulePut, TargetAnswered
from stoker.testing.loop import run_virtually
from stoker.units import MINUTE
from tests.unit.control.stage import Stage


def put(stage: Stage, name: str = "s") -> SchedulePut:
    now = stage.clock.now()
    target = ScheduleTarget(arn="arn:t", role_arn="arn:r", input="{}")
    key = ScheduleKey("default", name)
    schedule = Schedule(key=key, arn="arn:s", expression="rate(1 hour)", target=target, timed=now, handled=now + MINUTE)
    return SchedulePut(schedule=schedule)


def invoke(number: int) -> InvokeTarget:
    return InvokeTarget(execution=f"e{number}", target_arn="arn:t", input="{}", schedule_arn="arn:s", attempt=1)


def test_a_target_that_fails_is_invoked_again_after_a_second() -> None:
    async def scene() -> None:
        stage = Stage()
        seen: list[tuple[float, int]] = []
        loop = asyncio.get_running_loop()

        async def failing(command: InvokeTarget) -> TargetAnswered:
            seen.append((loop.time(), command.attempt))
            return TargetAnswered(execution=command.execution, code="" if len(seen) == 3 else "Broken", message="no")

        stage.effects.aim(failing)
        async with stage.running():
            await stage.driver.submit(put(stage))
            await asyncio.sleep(3700)
        assert [(round(at - seen[0][0]), attempt) for at, attempt in seen] == [(0, 1), (1, 2), (3, 3)]
        kinds = {record.kind for record in await stage.store.load()}
        assert "schedule" in kinds
        assert "schedule-invocation" not in kinds

    run_virtually(scene())


def test_what_is_under_way_at_the_end_stays_on_record() -> None:
    async def scene() -> None:
        stage = Stage()

        async def hanging(command: InvokeTarget) -> TargetAnswered:
            await asyncio.sleep(100_000)
            return TargetAnswered(execution=command.execution)

        stage.effects.aim(hanging)
        async with stage.running():
            await stage.driver.submit(put(stage))
            await asyncio.sleep(3700)
        assert "schedule-invocation" in {record.kind for record in await stage.store.load()}

    run_virtually(scene())


def test_before_anything_takes_invocations_they_fail_and_come_again() -> None:
    async def scene() -> None:
        stage = Stage()
        events: list[Event] = []
        async with asyncio.TaskGroup() as group:
            stage.effects.connect(group, events.append, lambda: None)
            await stage.effects.perform(invoke(1))
        assert [event.code for event in events if isinstance(event, TargetAnswered)] == [AWAY]

    run_virtually(scene())


def test_so_many_at_once_and_the_others_wait() -> None:
    async def scene() -> None:
        stage = Stage()
        events: list[Event] = []
        running = most = 0

        async def slow(command: InvokeTarget) -> TargetAnswered:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(1)
            running -= 1
            return TargetAnswered(execution=command.execution)

        stage.effects.aim(slow)
        async with asyncio.TaskGroup() as group:
            stage.effects.connect(group, events.append, lambda: None)
            for number in range(40):
                await stage.effects.perform(invoke(number))
        assert (len(events), most) == (40, MAX_INVOKED)

    run_virtually(scene())

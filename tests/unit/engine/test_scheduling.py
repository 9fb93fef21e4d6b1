"""Scheduled actions on virtual time: bounds are set when they are due, then capacity is moved, and it is told in AWS's words."""

from datetime import UTC, datetime

import msgspec
import pytest

from stoker.domain.scaling import ActivityStatus, NotScaledReason, ScalableTarget, SuspendedState
from stoker.domain.schedule import ScheduledAction
from stoker.engine.commands import Explained, Put, Remove, RoutesChanged
from stoker.engine.events import ScheduledActionPut, ScheduledActionRemoved, TargetPut, TargetRemoved
from stoker.engine.scheduling import ACTION_KIND
from stoker.errors import InvalidParameterError
from stoker.units import DAY, HOUR, MINUTE, SECOND
from tests.unit.engine.scaling_world import EPOCH, KEY, NO_CAPACITY, World

BEGIN = datetime.fromtimestamp(EPOCH // SECOND, UTC)  # 2027-01-15T08:00:00Z, a Friday
TO_NINE = 3600.0


def action(world: World, name: str, expression: str, **fields: int | str | None) -> ScheduledAction:
    made = ScheduledAction(
        name=name,
        target=KEY,
        arn=f"arn:{name}",
        expression=expression,
        created=world.now,
        timed=world.now,
        handled=world.now - 1,
        **{"least": None, "most": None, **fields},  # type: ignore[arg-type]
    )
    world.handle(ScheduledActionPut(action=made))
    return made


def target(world: World) -> ScalableTarget:
    return world.engine.targets[KEY]


def bounds(world: World) -> tuple[int, int]:
    return target(world).least, target(world).most


def told(world: World) -> list[tuple[str, str, str]]:
    return [(each.description, each.cause, each.message) for each in world.activities]


def test_the_world_begins_at_eight_on_a_friday() -> None:
    assert BEGIN.isoformat() == "2027-01-15T08:00:00+00:00"
    assert BEGIN.strftime("%A") == "Friday"


def test_bounds_are_set_and_then_capacity_moves() -> None:
    """The words are those of AWS's guide, "Describe scaling activities for a scalable target" (scheduled scaling)."""
    world = World(copies=1, start_up=30 * SECOND)
    world.register(0, 8)
    action(world, "morning", "cron(0 9 * * ? *)", least=3, most=5)
    world.run(HOUR - 1)
    assert (bounds(world), world.set, world.activities) == ((0, 8), [], [])
    world.run(1)
    assert bounds(world) == (3, 5)
    assert [(at, capacity) for at, capacity, _ in world.set] == [(TO_NINE, 3)]
    world.run(MINUTE)
    assert told(world) == [
        (
            "Setting min capacity to 3 and max capacity to 5",
            "scheduled action name morning was triggered",
            "Successfully set min capacity to 3 and max capacity to 5",
        ),
        (
            "Setting desired copy count to 3.",
            "minimum capacity was set to 3",
            "Successfully set desired copy count to 3. Change successfully fulfilled by sagemaker.",
        ),
    ]
    assert world.statuses == [ActivityStatus.SUCCESSFUL, ActivityStatus.SUCCESSFUL]
    assert world.activities[0].details == "cron(0 9 * * ? *)"
    assert world.activities[1].details == "1 copies were desired, 3 to 5 are allowed"
    world.run(HOUR)
    assert len(world.set) == 1


def test_a_maximum_takes_capacity_away_and_what_fits_stays() -> None:
    world = World(copies=6)
    world.register(0, 8)
    action(world, "night", "cron(0 9 * * ? *)", most=4)
    action(world, "late", "cron(0 10 * * ? *)", least=2)
    world.run(2 * HOUR)
    assert bounds(world) == (2, 4)
    assert [capacity for _, capacity, _ in world.set] == [4]
    assert [each[:2] for each in told(world)] == [
        ("Setting max capacity to 4", "scheduled action name night was triggered"),
        ("Setting desired copy count to 4.", "maximum capacity was set to 4"),
        ("Setting min capacity to 2", "scheduled action name late was triggered"),
    ]


def test_unchanged_bounds_still_bring_capacity_back_within_them() -> None:
    world = World(copies=1)
    world.register(0, 8)
    action(world, "hourly", "rate(1 hour)", least=2)
    world.run(MINUTE)
    assert world.state is not None
    world.state = msgspec.structs.replace(world.state, desired=1, current=1)  # by hand
    world.run(HOUR)
    assert [capacity for _, capacity, _ in world.set] == [2, 2]


def test_gateways_learn_that_demand_may_wake_it_or_no_longer() -> None:
    world = World(copies=0)
    world.register(0, 0)
    action(world, "open", "at(2027-01-15T09:00:00)", most=2)
    world.now += HOUR
    commands = list(world.engine.tick(world.now))
    assert RoutesChanged() in commands
    writes = [(c.kind, c.key) for c in commands if isinstance(c, Put)]
    assert writes == [(ACTION_KIND, f"{KEY.resource_id}|{KEY.dimension}|open"), ("target", f"{KEY.resource_id}|{KEY.dimension}")]


def test_cooldowns_do_not_hold_it_back() -> None:
    """ "Scheduled actions are not affected by cooldown periods" (AWS, considerations of scheduled scaling)."""
    world = World(copies=0)
    world.register(0, 8)
    world.alarm(world.step(cooldown=HOUR))
    world.record(NO_CAPACITY, 1.0, world.now + 30 * SECOND, SECOND)
    action(world, "more", "at(2027-01-15T08:03:00)", least=4)
    action(world, "fewer", "at(2027-01-15T08:04:00)", least=0, most=2)
    world.run(5 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [1, 4, 2]


def test_a_bound_that_crosses_the_other_fails_that_occurrence_only() -> None:
    world = World(copies=1)
    world.register(0, 2)
    action(world, "more", "cron(0 * * * ? *)", least=4)
    world.run(HOUR)
    assert (bounds(world), world.set) == ((0, 2), [])
    (failed,) = world.activities[-1:]
    assert (failed.status, failed.not_scaled) == (ActivityStatus.FAILED, ())
    assert failed.description == "Setting min capacity to 4"
    assert failed.message == (
        "Failed to set min capacity to 4. Maximum capacity cannot be less than minimum capacity: 4 to 2 would be allowed."
    )
    world.register(0, 8)
    world.run(HOUR)
    assert (bounds(world), [capacity for _, capacity, _ in world.set]) == ((4, 8), [4])


def test_while_suspended_occurrences_pass_and_are_not_made_up_for() -> None:
    world = World(copies=1)
    world.register(0, 8, SuspendedState(scheduled=True))
    action(world, "hourly", "cron(0 * * * ? *)", least=3)
    world.now += HOUR
    commands = list(world.engine.tick(world.now))
    (skipped,) = [command.activity for command in commands if isinstance(command, Explained)]
    assert skipped.not_scaled == (NotScaledReason(code="ScalingSuspended"),)
    assert skipped.message == "Scheduled scaling is suspended."
    world.handle(TargetPut(target=msgspec.structs.replace(target(world), suspended=SuspendedState())))
    world.run(59 * MINUTE)
    assert (bounds(world), world.set, world.activities) == ((0, 8), [], [])
    world.run(MINUTE)
    assert bounds(world) == (3, 8)


def test_suspended_policies_do_not_suspend_schedules() -> None:
    world = World(copies=1)
    world.register(0, 8, SuspendedState(dynamic_in=True, dynamic_out=True))
    action(world, "nine", "cron(0 9 * * ? *)", least=3)
    world.run(HOUR)
    assert [capacity for _, capacity, _ in world.set] == [3]


def test_what_recurs_happens_at_its_start_and_until_its_end() -> None:
    world = World(copies=1)
    world.register(0, 8)
    start, end = EPOCH + 90 * SECOND, EPOCH + 3 * HOUR
    action(world, "span", "cron(0 * * * ? *)", least=2, start=start, end=end)
    world.run(5 * HOUR)
    assert [(each.start - EPOCH) // SECOND for each in world.activities if each.cause.startswith("scheduled")] == [
        90,
        3600,
        7200,
        10800,
    ]
    assert world.engine.scheduled_actions[KEY]["span"].handled == end


def test_a_rate_without_a_start_begins_when_it_is_made() -> None:
    world = World(copies=1)
    world.register(0, 8)
    action(world, "often", "rate(5 minutes)", least=2)
    world.run(11 * MINUTE)
    assert [(each.start - EPOCH) // SECOND for each in world.activities if each.cause.startswith("scheduled")] == [0, 300, 600]


def test_what_passed_before_it_was_made_does_not_happen() -> None:
    world = World(copies=1)
    world.register(0, 8)
    action(world, "past", "at(2022-12-31T23:59:59)", least=3)
    assert world.engine.next_deadline() is None
    world.run(HOUR)
    assert world.activities == []
    assert "past" in world.engine.scheduled_actions[KEY]


def test_the_latest_of_each_action_is_made_up_for_after_an_absence() -> None:
    """Down from 08:00 for four days: the evening's bounds hold, in one move; no copies start for mornings that are over."""
    world = World(copies=3)
    world.register(1, 8)
    action(world, "morning", "cron(0 9 * * ? *)", least=6)
    action(world, "evening", "cron(0 20 * * ? *)", least=0, most=2)
    action(world, "weekly", "cron(0 12 ? * SAT *)", most=5)
    world.now += 4 * DAY + 13 * HOUR  # Tuesday, 21:00
    world.restart()
    world.run(0)
    assert [each[:2] for each in told(world)] == [
        ("Setting max capacity to 5", "scheduled action name weekly was triggered"),
        ("Setting min capacity to 6", "scheduled action name morning was triggered"),
        ("Setting min capacity to 0 and max capacity to 2", "scheduled action name evening was triggered"),
        ("Setting desired copy count to 2.", "maximum capacity was set to 2"),
    ]
    assert [each.details for each in world.activities[:3]] == [
        "cron(0 12 ? * SAT *) was due 291600 s ago",
        "cron(0 9 * * ? *) was due 43200 s ago",
        "cron(0 20 * * ? *) was due 3600 s ago",
    ]
    assert [each.status for each in world.activities] == [
        ActivityStatus.SUCCESSFUL,
        ActivityStatus.FAILED,  # six are more than the five allowed when it was due
        ActivityStatus.SUCCESSFUL,
        ActivityStatus.SUCCESSFUL,
    ]
    assert (bounds(world), [capacity for _, capacity, _ in world.set]) == ((0, 2), [2])
    world.restart()
    world.run(0)
    assert len(world.set) == 1


def test_a_zone_that_is_no_longer_known_stops_one_action_not_the_platform() -> None:
    world = World(copies=1)
    world.register(0, 8)
    kept = action(world, "a", "rate(1 hour)", least=2)
    world.run(0)
    key = (ACTION_KIND, f"{KEY.resource_id}|{KEY.dimension}|a")
    world.records[key] = msgspec.msgpack.encode(msgspec.structs.replace(kept, timezone="Atlantis/Poseidonis"))
    world.restart()
    world.run(2 * HOUR)
    assert len(world.set) == 1
    assert world.engine.scheduled_actions[KEY]["a"].timezone == "Atlantis/Poseidonis"


def test_a_changed_action_comes_due_by_its_new_expression_only() -> None:
    world = World(copies=1)
    world.register(0, 8)
    made = action(world, "a", "at(2027-01-15T09:00:00)", least=2)
    world.handle(ScheduledActionPut(action=msgspec.structs.replace(made, expression="at(2027-01-15T10:00:00)")))
    world.run(HOUR)
    assert world.set == []
    world.run(HOUR)
    assert len(world.set) == 1
    assert world.engine.next_deadline() is None


@pytest.mark.parametrize(
    "event", [ScheduledActionRemoved(target=KEY, name="a"), TargetRemoved(key=KEY)], ids=["deleted", "target-deregistered"]
)
def test_what_is_deleted_happens_no_more(event: ScheduledActionRemoved | TargetRemoved) -> None:
    world = World(copies=1)
    world.register(0, 8)
    action(world, "a", "cron(0 9 * * ? *)", least=2)
    removed = [command.kind for command in world.handle(event) if isinstance(command, Remove)]
    assert ACTION_KIND in removed
    assert world.handle(ScheduledActionRemoved(target=KEY, name="a")) == []
    assert world.engine.scheduled_actions == {}
    world.run(2 * HOUR)
    world.restart()
    world.run(2 * HOUR)
    assert (world.set, world.activities) == ([], [])


def test_a_resource_that_is_gone_keeps_its_bounds_up_to_date() -> None:
    world = World(copies=1)
    world.register(0, 8)
    action(world, "a", "cron(0 9 * * ? *)", least=2)
    world.state = None
    world.run(HOUR)
    assert (bounds(world), world.set, len(world.activities)) == ((2, 8), [], 1)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "MinCapacity or MaxCapacity must be specified in ScalableTargetAction"),
        ({"least": 3, "most": 2}, "Maximum capacity cannot be less than minimum capacity"),
        ({"least": 3, "start": 2, "end": 1}, "EndTime cannot be before StartTime"),
    ],
)
def test_an_action_that_cannot_be_is_refused(fields: dict[str, int], text: str) -> None:
    with pytest.raises(InvalidParameterError, match=text):
        ScheduledAction(name="a", target=KEY, arn="", expression="rate(1 hour)", created=0, timed=0, handled=0, **fields)  # type: ignore[arg-type]


def test_tags_change_no_capacity() -> None:
    world = World(copies=1)
    world.register(0, 8)
    assert world.state is not None
    world.state = msgspec.structs.replace(world.state, desired=9)  # by hand
    world.handle(TargetPut(target=msgspec.structs.replace(target(world), tags={"team": "a"})))
    assert (world.set, target(world).tags) == ([], {"team": "a"})
    world.handle(TargetPut(target=target(world)))
    assert [capacity for _, capacity, _ in world.set] == [8]

"""Scale-out, scale-in and zero, told by virtual time."""

import msgspec
import pytest

from stoker.domain.alarms import AlarmState
from stoker.domain.ids import AlarmName, WorkloadId
from stoker.domain.scaling import ActivityStatus, AdjustmentType, PredefinedMetric, StepAdjustment, SuspendedState
from stoker.engine.autoscaler import Capacity, CapacityObserved
from stoker.engine.commands import Append, Remove, SetCapacity
from stoker.engine.events import AlarmsRemoved, DemandSeen, PolicyRemoved, TargetRemoved
from stoker.units import HOUR, MINUTE, SECOND
from tests.unit.engine.scaling_world import CONCURRENCY, EPOCH, KEY, NO_CAPACITY, World


def test_ninety_idle_points_take_all_copies_away() -> None:
    world = World(copies=3)
    world.register()
    policy = world.track()
    world.run(20 * MINUTE)
    assert [(at, capacity) for at, capacity, _ in world.set] == [(902.0, 0)]
    [activity] = world.activities
    assert activity.description == "Setting desired copy count to 0."
    assert activity.cause == f"monitor alarm {policy.alarms[1]} in state ALARM triggered policy concurrency"
    assert activity.details == "90 datapoints with mean 0.0 against target 5.0 for 3 copies want ceil(3 x 0.0 / 5.0) = 0"
    assert activity.message == "Successfully set desired copy count to 0. Change successfully fulfilled by sagemaker."
    assert (activity.status, activity.before, activity.after) == (ActivityStatus.SUCCESSFUL, 3, 0)


def test_three_high_points_scale_out_within_32_seconds() -> None:
    world = World(copies=2)
    world.register()
    world.track()
    world.load = lambda _s, copies: 24.0 / copies
    world.run(32 * SECOND)
    assert [(at, capacity) for at, capacity, _ in world.set] == [(32.0, 5)]
    assert world.activities[0].details == (
        "3 datapoints with mean 12.0 against target 5.0 for 2 copies want ceil(2 x 12.0 / 5.0) = 5"
    )


def test_a_load_between_the_alarms_moves_nothing() -> None:
    world = World(copies=2)
    world.register()
    world.track()
    world.load = lambda _s, _copies: 5.0
    world.run(30 * MINUTE)
    assert (world.set, world.history) == ([], {})


def test_target_tracking_cannot_leave_zero() -> None:
    world = World(copies=0)
    world.register()
    world.track()
    world.run(30 * MINUTE)
    assert (world.set, world.history) == ([], {})
    assert {alarm.state for alarm in world.engine.alarms.values()} == {AlarmState.INSUFFICIENT_DATA}


def test_one_failure_for_lack_of_capacity_brings_one_copy() -> None:
    world = World(copies=0, start_up=3 * MINUTE)
    world.register()
    world.alarm(world.step())
    world.run(5 * MINUTE)
    world.record(NO_CAPACITY, 1.0, world.now + SECOND, 10 * SECOND)
    world.run(MINUTE)
    assert [(at, capacity) for at, capacity, _ in world.set] == [(312.0, 1)]
    [activity] = world.activities
    assert activity.status is ActivityStatus.IN_PROGRESS
    assert activity.cause == "monitor alarm no-capacity in state ALARM triggered policy from-zero"
    assert activity.details == (
        "maximum 1.0 of 1 datapoint is 0.0 from threshold 1.0: step [0.0, inf) with ChangeInCapacity +1 makes 1 of 0 copies"
    )
    assert activity.message == "Successfully set desired copy count to 1. Waiting for change to be fulfilled by sagemaker."
    world.run(10 * MINUTE)
    assert len(world.set) == 1
    assert world.activities[0].status is ActivityStatus.SUCCESSFUL
    assert world.activities[0].end == EPOCH + (312 + 180) * SECOND


def test_an_unfulfilled_request_does_not_compound() -> None:
    world = World(copies=0, start_up=HOUR)
    world.register()
    world.alarm(world.step(cooldown=0))
    for second in range(0, 600, 10):
        world.record(NO_CAPACITY, 1.0, EPOCH + second * SECOND, 10 * SECOND)
    world.run(10 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [1]
    [refusal] = world.refusals
    assert [(reason.code, reason.current) for reason in refusal.not_scaled] == [("AlreadyAtDesiredCapacity", 1)]


def test_a_long_breach_adds_a_step_for_each_cooldown() -> None:
    world = World(copies=1)
    world.register()
    policy = world.step(cooldown=150 * SECOND)
    world.alarm(policy, CONCURRENCY, threshold=4.0)
    world.load = lambda _s, _copies: 9.0
    world.run(12 + 6 * MINUTE)
    assert [(at, capacity) for at, capacity, _ in world.set] == [(12.0, 2), (192.0, 3)]


def test_a_larger_step_within_the_cooldown_adds_only_the_difference() -> None:
    world = World(copies=1)
    world.register()
    steps = (StepAdjustment(lower=0.0, upper=10.0, adjustment=2), StepAdjustment(lower=10.0, adjustment=3))
    world.alarm(world.step(steps=steps, cooldown=10 * MINUTE), CONCURRENCY, threshold=4.0)
    world.load = lambda s, _copies: 5.0 if s < 100 else 50.0
    world.run(9 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [3, 4]
    assert world.activities[1].details.endswith("; 2 of the 3 more were added within the cooldown already")


def test_target_tracking_counts_what_the_cooldown_added() -> None:
    world = World(copies=1)
    world.register(most=100)
    world.track()
    world.load = lambda s, _copies: 15.0 if s < 60 else 20.0
    world.run(3 * MINUTE)
    assert [capacity for _, capacity, _ in world.set[:2]] == [3, 10]  # 3 -> ceil(3 x 20 / 5) = 12, less the 2 just added


def test_datapoints_of_fewer_copies_count_as_what_they_were() -> None:
    world = World(copies=1, start_up=55 * SECOND)
    world.register(most=100)
    world.track(cooldown=0)
    world.load = lambda _s, copies: 20.0 / copies
    world.run(10 * MINUTE)
    # The alarm repeats at 92 s, with one datapoint of 1 copy left in it: 4 x mean(20, 5, 5) would ask for 8.
    assert [(at, capacity) for at, capacity, _ in world.set] == [(32.0, 4)]


def test_scaling_in_step_by_step_does_not_undershoot() -> None:
    world = World(copies=4)
    world.register(most=100)
    world.track()
    world.load = lambda _s, copies: 6.0 / copies
    world.run(40 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [2]


def test_actions_run_again_each_minute_while_the_alarm_lasts() -> None:
    world = World(copies=1)
    world.register(most=100)
    world.alarm(world.step(cooldown=0), CONCURRENCY, threshold=4.0)
    world.load = lambda _s, _copies: 9.0
    world.run(200 * SECOND)
    assert [(at, capacity) for at, capacity, _ in world.set] == [(12.0, 2), (72.0, 3), (132.0, 4), (192.0, 5)]


def test_disabled_actions_do_not_run() -> None:
    world = World(copies=1)
    world.register()
    alarm = world.alarm(world.step(), CONCURRENCY, threshold=4.0, actions_enabled=False)
    world.load = lambda _s, _copies: 9.0
    world.run(200 * SECOND)
    assert (world.engine.alarms[alarm.name].state, world.set) == (AlarmState.ALARM, [])


def test_scaling_in_waits_until_the_other_policy_agrees() -> None:
    world = World(copies=4)
    world.register(least=1)
    world.track("concurrency")
    world.track("invocations", 100.0, PredefinedMetric.COMPONENT_INVOCATIONS)
    # A copy that crashes at once has no concurrency, but plenty of invocations.
    world.invocations = lambda s, _copies: 15.5 if s < 40 * 60 else 2.0
    world.run(40 * MINUTE)
    assert world.set == []
    assert {refusal.not_scaled[0].code for refusal in world.refusals} == {"ScaleInNotAgreed"}
    assert "invocations: its low alarm is in state OK" in world.refusals[-1].details
    world.run(20 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [1]
    assert world.activities[0].details.endswith("; the largest is 1")


def test_a_policy_without_scale_in_has_no_veto() -> None:
    world = World(copies=4)
    world.register(least=1)
    world.track("concurrency")
    policy = world.track("invocations", 100.0, PredefinedMetric.COMPONENT_INVOCATIONS, disable_scale_in=True)
    world.invocations = lambda _s, _copies: 15.5
    world.run(16 * MINUTE)
    assert len(policy.alarms) == 1
    assert [capacity for _, capacity, _ in world.set] == [1]


def test_the_largest_of_several_wishes_wins() -> None:
    world = World(copies=10)
    world.register(most=100)
    out = (StepAdjustment(lower=0.0, adjustment=3),)
    world.alarm(world.step("three", out), CONCURRENCY, name="a", threshold=4.0)
    more = (StepAdjustment(lower=0.0, adjustment=200),)
    world.alarm(world.step("double", more, AdjustmentType.PERCENT), CONCURRENCY, name="b", threshold=4.0)
    world.load = lambda _s, _copies: 9.0
    world.run(20 * SECOND)
    assert [capacity for _, capacity, _ in world.set] == [30]
    assert [activity.policy for activity in world.activities] == ["double"]


def test_zero_is_refused_while_invocations_are_under_way() -> None:
    world = World(copies=1)
    world.register()
    world.track()
    world.state = Capacity(desired=1, current=1, busy=True)
    world.run(20 * MINUTE)
    assert world.set == []
    [refusal] = world.refusals
    assert [reason.code for reason in refusal.not_scaled] == ["AutoScalingAnticipatedFlapping"]
    world.state = Capacity(desired=1, current=1)
    world.run(MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [0]


def test_a_refusal_that_goes_on_is_one_entry() -> None:
    world = World(copies=1)
    world.register(least=1)
    world.track()
    world.run(20 * MINUTE)
    writes = world.writes
    world.run(30 * MINUTE)
    assert (world.writes, len(world.refusals)) == (writes, 1)
    world.run(5 * HOUR)
    [refusal] = world.refusals
    assert [(reason.code, reason.least) for reason in refusal.not_scaled] == [("AlreadyAtMinCapacity", 1)]
    assert refusal.end is not None
    assert refusal.end - refusal.start >= 4 * HOUR


def test_suspended_directions_stay_put() -> None:
    world = World(copies=2)
    world.register(suspended=SuspendedState(dynamic_in=True, dynamic_out=True))
    world.track()
    world.load = lambda s, _copies: 50.0 if s < 60 else 0.0
    world.run(30 * MINUTE)
    assert world.set == []
    assert [refusal.details for refusal in world.refusals] == ["scaling out is suspended", "scaling in is suspended"]
    world.register()
    world.run(MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [0]


@pytest.mark.parametrize(
    ("copies", "least", "most", "capacity", "cause"),
    [
        pytest.param(0, 2, 4, 2, "minimum capacity was set to 2", id="below"),
        pytest.param(9, 2, 4, 4, "maximum capacity was set to 4", id="above"),
    ],
)
def test_registering_scales_into_the_bounds(copies: int, least: int, most: int, capacity: int, cause: str) -> None:
    world = World(copies=copies)
    world.register(least, most)
    [activity] = world.activities
    assert (activity.description, activity.cause) == (f"Setting desired copy count to {capacity}.", cause)
    assert activity.status is ActivityStatus.SUCCESSFUL
    world.register(least, most)
    assert len(world.activities) == 1


def test_a_change_by_somebody_else_overrides() -> None:
    world = World(copies=1, start_up=HOUR)
    world.register(least=3)
    world.state = Capacity(desired=5, current=1)
    world.handle(CapacityObserved(key=KEY))
    [activity] = world.activities
    assert activity.status is ActivityStatus.OVERRIDDEN
    assert activity.message == "Successfully set desired copy count to 3. Found it was later changed to 5."


def test_a_resource_that_goes_fails_the_activity() -> None:
    world = World(copies=1, start_up=HOUR)
    world.register(least=3)
    world.state = None
    world.handle(CapacityObserved(key=KEY))
    [activity] = world.activities
    assert activity.status is ActivityStatus.FAILED
    assert activity.message == (
        "Failed to set desired copy count to 3. Resource Id [inference-component/x] is not scalable. Reason: "
        'Could not find inference component "arn:aws:sagemaker:us-east-1:123456789012:inference-component/x".'
    )


def test_an_alarm_of_a_lost_resource_sets_nothing() -> None:
    world = World(copies=1)
    world.register()
    world.alarm(world.step())
    world.state = None
    world.record(NO_CAPACITY, 1.0, EPOCH + SECOND, 10 * SECOND)
    world.run(5 * MINUTE)
    [activity] = world.activities
    assert (world.set, activity.status) == ([], ActivityStatus.FAILED)
    assert "is not scalable" in activity.message


@pytest.mark.parametrize(("least", "capacity"), [pytest.param(0, 1, id="one"), pytest.param(2, 2, id="the-minimum")])
def test_demand_wakes_a_target(least: int, capacity: int) -> None:
    world = World(copies=0)
    world.register(least=0)
    world.register(least=0)
    if least:
        world.register(least=least)
        world.state = Capacity(desired=0, current=0)
        world.set.clear()
        world.history.clear()
    world.handle(DemandSeen(workload=WorkloadId("ic/x"), waiting=3, at=world.now))
    assert [each for _, each, _ in world.set] == [capacity]
    assert world.activities[0].cause == "3 invocations wait for inference-component/x at zero copies"
    world.handle(DemandSeen(workload=WorkloadId("ic/x"), waiting=4, at=world.now))
    assert len(world.set) == 1


def test_a_copy_that_was_woken_in_vain_gets_its_whole_quarter_of_an_hour() -> None:
    world = World(copies=1)
    world.register()
    world.track(cooldown=0)
    world.run(17 * MINUTE)
    world.handle(DemandSeen(workload=WorkloadId("ic/x"), waiting=1, at=world.now))
    # The low alarm is in ALARM still, on zeros of before; they prove nothing about the copy of now.
    world.run(20 * MINUTE)
    assert [(at, capacity) for at, capacity, _ in world.set] == [(902.0, 0), (1020.0, 1), (1922.0, 0)]


def test_demand_wakes_nothing_that_may_not_have_capacity() -> None:
    world = World(copies=0)
    demand = DemandSeen(workload=WorkloadId("ic/x"), waiting=3, at=world.now)
    assert world.handle(demand) == []
    world.register(most=0)
    world.handle(demand)
    world.handle(demand)
    world.register(suspended=SuspendedState(dynamic_out=True))
    world.handle(demand)
    assert world.set == []
    assert [each.not_scaled[0].code for each in world.refusals] == ["AlreadyAtMaxCapacity", "ScalingSuspended"]


def test_cooldowns_alarms_and_open_activities_outlive_a_restart() -> None:
    world = World(copies=1, start_up=30 * SECOND)
    world.register(most=100)
    world.track(cooldown=10 * MINUTE)
    world.load = lambda _s, copies: 20.0 / copies if copies == 1 else 6.0
    world.run(40 * SECOND)
    assert world.statuses == [ActivityStatus.IN_PROGRESS]
    before = (dict(world.engine.targets), dict(world.engine.policies), dict(world.engine.alarms))
    world.restart()
    assert (dict(world.engine.targets), dict(world.engine.policies), dict(world.engine.alarms)) == before
    world.run(10 * MINUTE)
    assert world.statuses == [ActivityStatus.SUCCESSFUL]
    assert [capacity for _, capacity, _ in world.set] == [4]  # ceil(4 x 6 / 5) = 5 is 1 more, and 3 were just added
    assert world.refusals[-1].not_scaled[0].code == "CooldownInEffect"


def test_deregistering_takes_policies_alarms_and_state_along() -> None:
    world = World(copies=1, start_up=HOUR)
    world.register(least=2)
    world.track()
    step = world.step()
    world.alarm(step)
    world.handle(TargetRemoved(key=KEY))
    assert list(world.records) == [("alarm", "no-capacity")]
    assert (dict(world.engine.targets), dict(world.engine.policies)) == ({}, {})
    assert world.activities[0].status is ActivityStatus.UNFULFILLED
    assert not any(isinstance(command, SetCapacity) for command in world.handle(TargetRemoved(key=KEY)))


def test_an_updated_policy_gets_new_alarms() -> None:
    world = World()
    world.register()
    old = world.track()
    new = world.track(target=9.0)
    assert tuple(world.engine.alarms) == new.alarms
    assert not set(old.alarms) & set(new.alarms)
    assert world.engine.alarms_of(new)[0].threshold == 9.0


def test_a_step_policy_knows_the_alarms_that_point_at_it() -> None:
    world = World()
    world.register()
    policy = world.step()
    alarm = world.alarm(policy)
    assert [each.name for each in world.engine.alarms_of(policy)] == [alarm.name]
    assert world.engine.policies_of(KEY) == (policy,)
    world.handle(PolicyRemoved(target=KEY, name=policy.name))
    assert list(world.engine.alarms) == [alarm.name]
    removed = world.handle(AlarmsRemoved(names=(alarm.name, AlarmName("never-there"))))
    assert [each for each in removed if not isinstance(each, Append)] == [Remove(kind="alarm", key=alarm.name)]
    assert world.engine.next_deadline() is None


def test_an_alarm_put_again_keeps_its_state_and_is_written_only_for_changes() -> None:
    world = World(copies=1)
    world.register()
    policy = world.step()
    alarm = world.alarm(policy, CONCURRENCY, threshold=4.0)
    world.load = lambda _s, _copies: 1.0
    world.run(MINUTE)
    first = world.engine.alarms[alarm.name]
    assert first.state is AlarmState.OK
    assert first.reason.startswith("Threshold Crossed: 1 out of the last 1 datapoints [1.0 (")
    writes = world.writes
    world.run(HOUR)
    assert world.writes == writes
    world.alarm(policy, CONCURRENCY, threshold=3.0)
    kept = world.engine.alarms[alarm.name]
    assert msgspec.structs.replace(kept, threshold=4.0, configured=first.configured) == first

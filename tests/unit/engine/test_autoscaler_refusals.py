"""What changes nothing, and what happens at the seams of activities."""

import msgspec
import pytest

from stoker.domain.alarms import AlarmState, MissingData
from stoker.domain.ids import AlarmName, ComponentName, EndpointName, VariantName, component_workload, variant_workload
from stoker.domain.scaling import (
    ActivityStatus,
    AdjustmentType,
    Dimension,
    PredefinedMetric,
    StepAdjustment,
    SuspendedState,
    TargetKey,
)
from stoker.engine.autoscaler import Capacity, CapacityObserved, workload_target
from stoker.engine.commands import Explained
from stoker.engine.events import AlarmPut, PolicyRemoved, TargetRemoved
from stoker.units import MINUTE, SECOND
from tests.unit.engine.scaling_world import CONCURRENCY, EPOCH, KEY, NO_CAPACITY, World


def codes(world: World) -> list[str]:
    return [refusal.not_scaled[0].code for refusal in world.refusals]


@pytest.mark.parametrize(
    ("steps", "kind", "code"),
    [
        pytest.param((StepAdjustment(lower=0.0, adjustment=0),), AdjustmentType.CHANGE, "AlreadyAtDesiredCapacity", id="none"),
        pytest.param((StepAdjustment(lower=0.0, adjustment=8),), AdjustmentType.EXACT, "AlreadyAtDesiredCapacity", id="exact"),
    ],
)
def test_a_step_that_changes_nothing(steps: tuple[StepAdjustment, ...], kind: AdjustmentType, code: str) -> None:
    world = World(copies=8)
    world.register()
    world.alarm(world.step(steps=steps, kind=kind), CONCURRENCY, threshold=4.0)
    world.load = lambda _s, _copies: 9.0
    world.run(5 * MINUTE)
    assert (world.set, codes(world)) == ([], [code])


def test_the_maximum_is_told_with_its_number() -> None:
    world = World(copies=8)
    world.register(most=8)
    world.track()
    world.load = lambda _s, _copies: 9.0
    world.run(5 * MINUTE)
    [refusal] = world.refusals
    assert [(reason.code, reason.most) for reason in refusal.not_scaled] == [("AlreadyAtMaxCapacity", 8)]
    assert refusal.description == "Attempting to scale due to alarm triggered"
    assert refusal.details.endswith("= 15; 0 to 8 are allowed, so 8; 8 are desired already")


def test_a_value_without_a_step_is_explained_but_no_activity() -> None:
    world = World(copies=1)
    world.register()
    steps = (StepAdjustment(lower=10.0, adjustment=1),)
    world.alarm(world.step(steps=steps), CONCURRENCY, threshold=4.0)
    world.load = lambda _s, _copies: 9.0
    world.run(11 * SECOND)
    world.now += 2 * SECOND
    told = [command for command in world.engine.tick(world.now) if isinstance(command, Explained)]
    assert [each.activity.details for each in told] == [
        "No step adjustment found for metric value [9.0] and breach threshold 4.0"
    ]
    world.run(5 * MINUTE)
    assert world.history == {}


def test_steps_are_suspended_too_and_zero_is_refused_to_them_while_busy() -> None:
    world = World(copies=1)
    world.register(suspended=SuspendedState(dynamic_in=True))
    world.alarm(world.step(steps=(StepAdjustment(lower=0.0, adjustment=-1),)), CONCURRENCY, threshold=4.0)
    world.load = lambda _s, _copies: 9.0
    world.run(MINUTE)
    world.register()
    world.state = Capacity(desired=1, current=1, busy=True)
    world.run(MINUTE)
    assert (world.set, codes(world)) == ([], ["ScalingSuspended", "AutoScalingAnticipatedFlapping"])


def test_scaling_in_waits_for_its_cooldown_and_an_out_ends_it() -> None:
    world = World(copies=4)
    world.register(least=1)
    steps = (StepAdjustment(upper=0.0, adjustment=-1), StepAdjustment(lower=0.0, adjustment=1))
    policy = world.step(steps=steps, cooldown=10 * MINUTE)
    world.alarm(policy, CONCURRENCY, name="high", threshold=5.0)
    ok = world.engine.alarms[AlarmName("high")]
    world.handle(AlarmPut(alarm=msgspec.structs.replace(ok, ok_actions=ok.alarm_actions)))
    world.load = lambda s, _copies: 9.0 if 180 < s < 240 else 1.0
    world.run(6 * MINUTE)
    # In at once, then waiting; out at 192 in spite of it, which lets the next one in at 272.
    assert [capacity for _, capacity, _ in world.set] == [3, 4, 3]
    assert codes(world)[0] == "CooldownInEffect"
    assert world.activities[0].cause == "monitor alarm high in state OK triggered policy from-zero"


def test_a_policy_without_data_has_an_objection() -> None:
    world = World(copies=4)
    world.register(least=1)
    world.track("concurrency")
    world.track("invocations", 100.0, PredefinedMetric.COMPONENT_INVOCATIONS)
    world.run(16 * MINUTE)
    assert (world.set, codes(world)) == ([], ["ScaleInNotAgreed"])
    assert world.refusals[0].details.endswith("invocations: it has no data")


def test_what_an_overridden_activity_of_the_same_policy_added_counts_too() -> None:
    world = World(copies=1, start_up=90 * SECOND)
    world.register(most=100)
    world.track(cooldown=10 * MINUTE)
    world.load = lambda s, copies: 15.0 if s < 60 else 25.0 if copies == 1 else 10.0
    world.run(4 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [3, 5]
    assert world.statuses == [ActivityStatus.OVERRIDDEN, ActivityStatus.SUCCESSFUL]
    world.run(2 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [3, 5, 6]  # ceil(5 x 10 / 5) = 10 is 5 more, 4 were added


def test_a_policy_made_again_has_no_cooldown_of_its_former_self() -> None:
    world = World(copies=1)
    world.register(most=100)
    policy = world.step(cooldown=10 * MINUTE)
    world.alarm(policy, CONCURRENCY, threshold=4.0)
    world.load = lambda _s, _copies: 9.0
    world.run(MINUTE)
    world.handle(PolicyRemoved(target=KEY, name=policy.name))
    world.handle(PolicyRemoved(target=KEY, name=policy.name))
    world.alarm(world.step(cooldown=10 * MINUTE), CONCURRENCY, threshold=4.0)
    world.run(2 * MINUTE)
    assert [capacity for _, capacity, _ in world.set] == [2, 3]


def test_actions_that_lead_nowhere_do_nothing() -> None:
    world = World(copies=1)
    world.register()
    policy = world.track()
    stranger = world.alarm(policy, NO_CAPACITY, name="not of the policy")
    topic = msgspec.structs.replace(stranger, name=AlarmName("topic"), alarm_actions=("arn:aws:sns:us-east-1:1:t",))
    world.handle(AlarmPut(alarm=topic))
    world.record(NO_CAPACITY, 1.0, EPOCH + SECOND, 10 * SECOND)
    world.run(MINUTE)
    assert {alarm.state for alarm in world.engine.alarms.values() if not alarm.policy_owned} == {AlarmState.ALARM}
    assert (world.set, world.history) == ([], {})


def test_an_alarm_on_missing_data_scales_without_any() -> None:
    world = World(copies=0)
    world.register()
    alarm = world.alarm(world.step(), NO_CAPACITY)
    world.handle(AlarmPut(alarm=msgspec.structs.replace(alarm, missing_data=MissingData.BREACHING)))
    world.run(MINUTE)
    assert world.engine.alarms[alarm.name].state is AlarmState.ALARM
    assert world.set == []  # there is no value to match a step with


def test_an_activity_ends_at_a_tick_when_nobody_told_of_the_loss() -> None:
    world = World(copies=1, start_up=10 * MINUTE)
    world.register(least=2)
    world.track()
    world.state = None
    world.run(MINUTE)
    assert world.statuses == [ActivityStatus.FAILED]


def test_what_is_not_registered_is_not_followed() -> None:
    world = World()
    assert world.handle(CapacityObserved(key=KEY)) == []
    assert world.handle(TargetRemoved(key=KEY)) == []


def test_the_target_of_a_workload() -> None:
    assert workload_target(component_workload(ComponentName("x"))) == KEY
    variant = variant_workload(EndpointName("e"), VariantName("v"))
    assert workload_target(variant) == TargetKey("endpoint/e/variant/v", Dimension.INSTANCES)

"""Cooldowns, agreement of several policies, the trail of capacities, demand, and the words of activities."""

import pytest

from stoker.decisions.scaling import activities
from stoker.decisions.scaling.combine import Candidate, Readiness, agree, largest
from stoker.decisions.scaling.cooldown import Cooldown, after_in, after_out, credit, in_wait, out_begins
from stoker.decisions.scaling.proposals import Proposal, number
from stoker.decisions.scaling.trail import MAX_CHANGES, Trail
from stoker.decisions.scaling.wake import wake
from stoker.domain.ids import Partition
from stoker.domain.scaling import Dimension, Direction, ScalableTarget, SuspendedState, TargetKey
from stoker.units import SECOND

COPIES = TargetKey("inference-component/x", Dimension.COPIES)
INSTANCES = TargetKey("endpoint/e/variant/v", Dimension.INSTANCES)


def test_credit_lasts_as_long_as_the_window() -> None:
    cooldown = after_out(Cooldown(), 2, 300, now=1000)
    assert [credit(cooldown, now) for now in (1000, 1299, 1300)] == [2, 2, 0]


def test_credit_adds_up_within_the_window_and_starts_anew_after_it() -> None:
    cooldown = after_out(Cooldown(), 2, 300, now=1000)
    assert credit(after_out(cooldown, 1, 300, now=1200), 1499) == 3
    assert credit(after_out(cooldown, 1, 300, now=1300), 1301) == 1


def test_a_scale_out_ends_the_cooldown_of_a_scale_in() -> None:
    cooldown = after_in(Cooldown(out_until=7, out_added=1), 300, now=1000)
    assert [in_wait(cooldown, now) for now in (1000, 1299, 1300, 2000)] == [300, 1, 0, 0]
    assert out_begins(cooldown) == Cooldown(out_until=7, out_added=1)


def ready(policy: str, capacity: int | None, objection: str = "") -> Readiness:
    proposal = None if capacity is None else Proposal(capacity=capacity, cause=f"wants {capacity}")
    return Readiness(policy=policy, proposal=proposal, objection=objection)


def test_all_must_agree_and_the_most_careful_counts() -> None:
    assert agree([ready("a", 2)]) == Proposal(capacity=2, cause="wants 2")
    assert agree([ready("a", 2), ready("b", 3)]) == Proposal(capacity=3, cause="a: wants 2; and b: wants 3; the largest is 3")
    refused = agree([ready("a", 2), ready("b", None, "it has no data"), ready("c", None, "it waits")])
    assert refused == "not every target tracking policy is ready to scale in: b: it has no data; c: it waits"


def candidate(policy: str, capacity: int) -> Candidate:
    return Candidate(policy=policy, direction=Direction.OUT, capacity=capacity, cause="", details="", cooldown=0)


def test_the_largest_candidate_counts() -> None:
    assert largest([]) is None
    assert largest([candidate("a", 3), candidate("b", 30), candidate("c", 30)]) == candidate("b", 30)


def test_the_trail_gives_the_least_capacity_of_a_time() -> None:
    trail = Trail()
    assert trail.during(0, 10) == 1
    for capacity, now in ((2, 100), (2, 150), (5, 200), (0, 300), (3, 400)):
        trail.note(capacity, now)
    times = [(0, 10), (100, 200), (190, 210), (200, 300), (290, 310), (310, 320), (310, 410), (500, 510)]
    assert [trail.during(*time) for time in times] == [2, 2, 2, 5, 5, 1, 3, 3]


def test_the_trail_is_bounded() -> None:
    trail = Trail()
    for now in range(10 * MAX_CHANGES):
        trail.note(1 + now % 2, now)
    assert trail.during(10 * MAX_CHANGES - 1, 10 * MAX_CHANGES) == 2
    assert trail.during(0, 1) in {1, 2}


def target(least: int = 0, most: int = 4, key: TargetKey = COPIES) -> ScalableTarget:
    return ScalableTarget(key=key, arn="a", least=least, most=most, created=0)


@pytest.mark.parametrize(
    ("registered", "desired", "waiting", "suspended", "proposal"),
    [
        (
            target(),
            0,
            3,
            SuspendedState(),
            Proposal(capacity=1, cause="3 invocations wait for inference-component/x at zero copies"),
        ),
        (
            target(2, key=INSTANCES),
            0,
            1,
            SuspendedState(),
            Proposal(capacity=2, cause="1 invocation waits for endpoint/e/variant/v at zero instances"),
        ),
        (target(), 1, 3, SuspendedState(), None),
        (target(), 0, 0, SuspendedState(), None),
        (target(), 0, 3, SuspendedState(dynamic_out=True), None),
        (target(most=0), 0, 3, SuspendedState(), None),
    ],
)
def test_waking(
    registered: ScalableTarget, desired: int, waiting: int, suspended: SuspendedState, proposal: Proposal | None
) -> None:
    assert wake(registered, desired, waiting, suspended) == proposal


def test_the_words_for_instances_are_those_of_aws() -> None:
    activity = activities.begun("id", INSTANCES, cause="c", details="d", before=1, after=48, policy="p", now=SECOND)
    assert activity.description == "Setting desired instance count to 48."
    assert activity.message == "Successfully set desired instance count to 48. Waiting for change to be fulfilled by sagemaker."
    done = activities.fulfilled(activity, 2 * SECOND)
    assert done.message == "Successfully set desired instance count to 48. Change successfully fulfilled by sagemaker."
    assert (done.start, done.end) == (SECOND, 2 * SECOND)
    gone = activities.gone(activity, Partition(), 3)
    assert gone.message.endswith('Could not find variant "v" of endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e".')
    assert activities.alarm_cause("a", "ALARM", "p") == "monitor alarm a in state ALARM triggered policy p"


@pytest.mark.parametrize(
    ("direction", "desired", "code"),
    [
        (Direction.OUT, 4, "AlreadyAtMaxCapacity"),
        (Direction.OUT, 2, "AlreadyAtDesiredCapacity"),
        (Direction.IN, 1, "AlreadyAtMinCapacity"),
        (Direction.IN, 2, "AlreadyAtDesiredCapacity"),
    ],
)
def test_why_a_target_stays(direction: Direction, desired: int, code: str) -> None:
    assert activities.already(target(1), direction, desired).code == code


@pytest.mark.parametrize(("value", "text"), [(12.0, "12.0"), (2.0 / 3, "0.666667"), (1e20, "1e+20"), (float("inf"), "inf")])
def test_numbers_for_people(value: float, text: str) -> None:
    assert number(value) == text

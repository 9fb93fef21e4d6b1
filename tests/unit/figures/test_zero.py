"""The figures of AWS's scale-to-zero walkthrough (November 2024): 25 minutes to zero, five and six minutes from it.

https://aws.amazon.com/blogs/machine-learning/unlock-cost-savings-with-the-new-scale-down-to-zero-feature-in-amazon-sagemaker-inference/
"""

from statistics import mean

import pytest

from stoker.domain.alarms import Comparison, Statistic
from stoker.units import MINUTE, SECOND, Span
from tests.unit.figures.stage import Stage, phase

# Minutes of five trials: an instance is provisioned, then a copy starts on it.
TRIALS_8B = ((1.96, 3.1), (1.75, 2.6), (1.4, 2.1), (1.96, 1.9), (1.67, 1.7))
TRIALS_70B = ((3.1, 1.98), (2.92, 1.98), (2.82, 1.98), (3.27, 2.0), (2.98, 1.98))
TOTALS_8B = (6.06, 5.35, 4.5, 4.86, 4.37)
TOTALS_70B = (6.08, 5.9, 5.8, 6.27, 5.96)
MEANS = {5.028: (1.748, 2.28), 6.002: (3.018, 1.984)}
ROWS = [
    *zip(TRIALS_8B, TOTALS_8B, strict=True),
    *zip(TRIALS_70B, TOTALS_70B, strict=True),
    *((phases, total) for total, phases in MEANS.items()),
]


@pytest.mark.parametrize("second", range(0, 10, 3))
def test_a_quarter_of_an_hour_to_zero_copies_and_ten_minutes_more_to_zero_instances(second: int) -> None:
    stage = Stage(copies=1)
    stage.stop = 0
    stage.track()
    stage.wait_for(second * SECOND)
    stage.report(in_flight=1, invocations=1)
    stage.run(SECOND)
    stage.report()
    last = stage.now
    to_zero = stage.until_desired(0, 20 * MINUTE)
    # 90 datapoints of 10 s: the last request spoils the one it lies in, and what was measured is looked at within 2 s.
    assert 15 * MINUTE <= to_zero <= 15 * MINUTE + 12 * SECOND
    assert (stage.serving(), stage.instances()) == (0, 1)
    gone = last + to_zero
    stage.run(gone + 10 * MINUTE - 1 - stage.now)
    assert stage.instances() == 1
    stage.run(1)
    assert stage.instances() == 0
    assert 25 * MINUTE <= stage.now - last <= 25 * MINUTE + 12 * SECOND


def test_the_means_are_those_of_the_trials() -> None:
    for (total, phases), trials in zip(MEANS.items(), (TRIALS_8B, TRIALS_70B), strict=True):
        assert [round(mean(column), 3) for column in zip(*trials, strict=True)] == list(phases)
        assert round(1 + sum(phases), 3) == total


@pytest.mark.parametrize(("phases", "total"), ROWS)
def test_from_zero_to_the_first_answer(phases: tuple[float, float], total: float) -> None:
    """One minute to the trigger, then what the instance and the copy take: nothing is added between them."""
    stage = Stage(copies=0)
    stage.track()
    stage.leave_zero(period=MINUTE)
    stage.provision, stage.load = (round(minutes * MINUTE) for minutes in phases)
    stage.wait_for(2 * SECOND)
    stage.report(no_capacity=1)
    asked = stage.now
    stage.run(MINUTE)
    copy = stage.first_copy()
    assert phase(copy, "created") - asked == MINUTE
    stage.run(8 * MINUTE)
    copy = stage.first_copy()
    assert phase(copy, "placed") - phase(copy, "created") == stage.provision
    assert phase(copy, "ready") - phase(copy, "placed") == stage.load
    assert round((phase(copy, "ready") - asked) / MINUTE, 3) == total
    assert (stage.serving(), stage.starts(), stage.desired) == (1, 1, 1)


@pytest.mark.parametrize(("period", "slowest"), [(MINUTE, 62 * SECOND), (30 * SECOND, 12 * SECOND)])
def test_one_refused_request_triggers_within_a_minute(period: Span, slowest: Span) -> None:
    """The walkthrough counts a minute to the trigger; its alarm of 30 s, looked at every 10 s, is quicker."""
    took: list[Span] = []
    for second in range(0, 60, 4):
        stage = Stage(copies=0)
        stage.leave_zero(period=period)
        stage.wait_for(second * SECOND)
        stage.report(no_capacity=1)
        took.append(stage.until_desired(1, 2 * MINUTE))
    assert max(took) == slowest


def test_the_alarm_of_the_guide_needs_two_refused_requests() -> None:
    """The developer guide's alarm (https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html)
    compares a sum over 60 s with "greater than 1", so a single refusal moves nothing.
    """
    stage = Stage(copies=0)
    stage.leave_zero(period=MINUTE, statistic=Statistic.SUM, comparison=Comparison.GREATER)
    stage.wait_for(10 * SECOND)
    stage.report(no_capacity=1)
    stage.run(3 * MINUTE)
    assert stage.desired == 0
    stage.wait_for(10 * SECOND)
    stage.report(no_capacity=1)
    stage.run(SECOND)
    stage.report(no_capacity=1)
    assert stage.until_desired(1, 2 * MINUTE) == 51 * SECOND


@pytest.mark.parametrize("late", [1, 12, 45])
def test_zero_is_reached_although_the_engine_is_asked_late(late: int) -> None:
    """On a clock 240 times as fast 12 s are 50 ms, as long as a busy machine keeps a process waiting now and then.

    The alarm wants 90 datapoints, one for each ten seconds, and none of them must be missing.
    """
    stage = Stage(copies=4)
    stage.track()
    stage.run(10 * SECOND)
    stage.report(in_flight=0)
    began = stage.now
    while stage.desired:
        stage.late(late * SECOND)
        assert stage.now - began < 20 * MINUTE

import pytest

from stoker.decisions.policies import POLICIES
from stoker.domain.ids import ComponentName
from stoker.domain.scaling import PredefinedMetric, StepScaling, TargetTracking
from stoker.engine.events import AlarmPut, PolicyPut, TargetPut
from stoker.errors import InvalidParameterError
from stoker.sim.arrangement import parse_aws
from stoker.sim.lane import AtNothing
from stoker.sim.policies import parse_policy
from stoker.testing.desk import CountingIds
from stoker.units import MINUTE, SECOND


def test_target_tracking_is_a_target_and_a_policy_with_two_alarms() -> None:
    policy = parse_aws("target-tracking(target=3, out=60, in=120, low=30)")
    assert policy.at_nothing is AtNothing.HOLD
    target, put = policy.arrange(ComponentName("c"), slots=8, most=7, ids=CountingIds(), now=SECOND)
    assert isinstance(target, TargetPut)
    assert (target.target.least, target.target.most) == (0, 7)
    assert isinstance(put, PolicyPut)
    assert isinstance(put.policy.config, TargetTracking)
    assert put.policy.config.target_value == 3.0
    assert (put.policy.config.scale_out_cooldown, put.policy.config.scale_in_cooldown) == (60 * SECOND, 120 * SECOND)
    high, low = put.alarms
    assert (high.evaluation_periods, low.evaluation_periods, low.threshold) == (3, 30, 2.7)
    assert put.policy.alarms == (high.name, low.name)


def test_the_walkthrough_has_a_step_from_zero_too() -> None:
    policy = parse_aws("sagemaker")
    assert policy.at_nothing is AtNothing.RETRY
    _, tracking, steps, alarm = policy.arrange(ComponentName("c"), slots=8, most=7, ids=CountingIds(), now=SECOND)
    assert isinstance(tracking, PolicyPut)
    assert isinstance(tracking.policy.config, TargetTracking)
    assert tracking.policy.config.target_value == 8.0
    assert isinstance(steps, PolicyPut)
    assert isinstance(steps.policy.config, StepScaling)
    assert isinstance(alarm, AlarmPut)
    assert alarm.alarm.alarm_actions == (steps.policy.arn,)
    assert (alarm.alarm.period, alarm.alarm.evaluation_periods) == (30 * SECOND, 1)


def test_it_may_go_by_the_invocations_of_a_minute() -> None:
    policy = parse_aws("target-tracking(target=150, metric=invocations)")
    _, put = policy.arrange(ComponentName("c"), slots=8, most=7, ids=CountingIds(), now=SECOND)
    assert isinstance(put, PolicyPut)
    assert isinstance(put.policy.config, TargetTracking)
    assert put.policy.config.metric is PredefinedMetric.COMPONENT_INVOCATIONS
    assert [(alarm.period, alarm.evaluation_periods) for alarm in put.alarms] == [(MINUTE, 3), (MINUTE, 15)]


@pytest.mark.parametrize("name", POLICIES)
def test_a_follower_is_a_tag_and_no_target(name: str) -> None:
    policy = parse_policy(name)
    assert policy.tags(7) == {"stoker:policy": name, "stoker:min-copies": "0", "stoker:max-copies": "7"}
    assert policy.arrange(ComponentName("c"), slots=8, most=7, ids=CountingIds(), now=SECOND) == []
    assert policy.at_nothing is AtNothing.HOLD


def test_a_policy_may_be_spelt_as_in_a_tag_of_aws() -> None:
    assert parse_policy("hf-current measure=pending").tags(7)["stoker:policy"] == "hf-current measure=pending"
    assert parse_policy(" hf-current (idle=15m)").tags(7)["stoker:policy"] == "hf-current (idle=15m)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("sagemaker(target=5", "closing parenthesis", id="open"),
        pytest.param("sagemaker(goal=5)", "not 'goal=5'", id="unknown"),
        pytest.param("sagemaker(target=5,target=6)", "once", id="twice"),
        pytest.param("sagemaker(target=0)", "above 0", id="zero"),
        pytest.param("sagemaker(target=many)", "target is 'many'", id="word"),
        pytest.param("sagemaker(low=0)", "high and low", id="no-periods"),
        pytest.param("sagemaker(metric=cpu)", "metric is 'cpu', not one of concurrency, invocations", id="no-metric"),
        pytest.param("sagemaker(metric=invocations)", "needs a target", id="no-target"),
        pytest.param("sagemaker(target=9, metric=invocations, high=2)", "neither high nor low", id="not-its-periods"),
        pytest.param("magic", "there are split, .*, sagemaker", id="no-such"),
        pytest.param("split(first=soon)", "a span with its unit", id="a-followers-option"),
    ],
)
def test_what_is_no_policy_is_told(text: str, told: str) -> None:
    with pytest.raises(InvalidParameterError, match=told):
        parse_policy(text)

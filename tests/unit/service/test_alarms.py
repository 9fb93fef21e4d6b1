import msgspec
import pytest

from stoker.domain.alarms import Alarm, AlarmState, Comparison, MetricKey, MissingData, Statistic
from stoker.domain.ids import AlarmName
from stoker.engine.events import AlarmPut
from stoker.errors import InvalidParameterError, LimitError
from stoker.service.alarms import MAX_ALARMS, AlarmFilter, Alarms
from stoker.service.autoscaling import Autoscaling, TargetRequest
from stoker.testing.desk import LocalDesk
from stoker.units import HOUR, MINUTE, SECOND
from tests.unit.service.scaling_house import COPIES, PARTITION, TRACKING, house, refuse_invocations

replace = msgspec.structs.replace
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"


def no_capacity_alarm(action: str) -> Alarm:
    """Give the alarm that takes a component from zero, as AWS's own guide sets it."""
    return Alarm(
        name=AlarmName("scale-from-zero"),
        metric=MetricKey(
            namespace="AWS/SageMaker",
            name="NoCapacityInvocationFailures",
            dimensions=(("InferenceComponentName", "c"),),
        ),
        statistic=Statistic.MAXIMUM,
        period=30 * SECOND,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        threshold=1.0,
        comparison=Comparison.GREATER_OR_EQUAL,
        missing_data=MissingData.MISSING,
        alarm_actions=(action,),
        configured=0,
    )


ALARM = no_capacity_alarm(TOPIC)


async def test_an_alarm_is_new_once_and_then_keeps_its_state_and_its_tags() -> None:
    desk = await house(copies=0)
    alarms = Alarms(desk)
    await alarms.put(replace(ALARM, tags={"a": "1"}))
    (made,) = alarms.find(AlarmFilter())
    assert (made.state, made.reason) == (AlarmState.INSUFFICIENT_DATA, "Unchecked: Initial alarm creation")
    assert made.configured == made.state_updated == desk.now()
    await refuse_invocations(desk, 2)
    await desk.advance(20 * SECOND)
    await alarms.put(replace(ALARM, threshold=7.0, tags={"a": "2"}))
    (changed,) = alarms.find(AlarmFilter())
    assert (changed.state, changed.threshold, changed.tags) == (AlarmState.ALARM, 7.0, {"a": "1"})
    assert (changed.configured, changed.reason[:19]) == (desk.now(), "Threshold Crossed: ")
    assert changed.state_updated < changed.configured


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"period": 15 * SECOND}, "Period must be 10, 20, 30 or a multiple of 60", id="odd-period"),
        pytest.param({"period": SECOND}, "Period must be 10, 20, 30 or a multiple of 60", id="second"),
        pytest.param({"period": 90 * SECOND}, "Period must be 10, 20, 30 or a multiple of 60", id="half-minutes"),
        pytest.param({"period": 0}, "Period must be 10, 20, 30 or a multiple of 60", id="no-period"),
        pytest.param(
            {"period": MINUTE, "evaluation_periods": 1441},
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) "
            "for alarms using period < 3600",
            id="day",
        ),
        pytest.param(
            {"period": HOUR, "evaluation_periods": 169},
            "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) "
            "for alarms using period >= 3600",
            id="week",
        ),
        pytest.param({"evaluation_periods": 0}, "EvaluationPeriods must be at least 1", id="no-periods"),
        pytest.param(
            {"datapoints_to_alarm": 2}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods", id="m-of-n"
        ),
        pytest.param({"threshold": float("nan")}, "Threshold must be a number within -2^360 to 2^360", id="nan"),
        pytest.param({"alarm_actions": ("topic",)}, "Invalid arn syntax: topic", id="no-arn"),
        pytest.param({"ok_actions": ("arn:aws:sns",)}, "Invalid arn syntax: arn:aws:sns", id="short-arn"),
        pytest.param({"ok_actions": (TOPIC,) * 6}, "OKActions must have at most 5 members", id="many-actions"),
    ],
)
async def test_an_alarm_that_cannot_be_is_refused(changes: dict[str, object], text: str) -> None:
    alarms = Alarms(LocalDesk())
    with pytest.raises(InvalidParameterError) as caught:
        await alarms.put(replace(ALARM, **changes))
    assert caught.value.message == text
    assert alarms.find(AlarmFilter()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"period": MINUTE, "evaluation_periods": 1440},
        {"period": HOUR, "evaluation_periods": 168},
        {"period": 10 * SECOND, "evaluation_periods": 90},
    ],
    ids=["a-day", "a-week", "short"],
)
async def test_windows_up_to_the_limit_are_taken(changes: dict[str, object]) -> None:
    alarms = Alarms(LocalDesk())
    await alarms.put(replace(ALARM, **changes))
    assert len(alarms.find(AlarmFilter())) == 1


async def test_alarms_are_found_by_name_prefix_state_and_action() -> None:
    desk = LocalDesk()
    alarms = Alarms(desk)
    for name, action in (("b", TOPIC), ("ab", TOPIC + "2"), ("a", "arn:aws:lambda:us-east-1:1:function")):
        await alarms.put(replace(ALARM, name=AlarmName(name), alarm_actions=(), ok_actions=(action,)))

    def named(wanted: AlarmFilter) -> list[str]:
        return [alarm.name for alarm in alarms.find(wanted)]

    assert named(AlarmFilter()) == ["a", "ab", "b"]
    assert named(AlarmFilter(names=["b", "x", "a", "b"])) == ["a", "b"]
    assert named(AlarmFilter(name_prefix="a")) == ["a", "ab"]
    assert named(AlarmFilter(action_prefix=TOPIC)) == ["ab", "b"]
    assert named(AlarmFilter(state=AlarmState.OK)) == []
    assert named(AlarmFilter(state=AlarmState.INSUFFICIENT_DATA, name_prefix="b")) == ["b"]
    await alarms.delete(["b", "x", "b"])
    await alarms.delete(["x"])
    assert named(AlarmFilter()) == ["a", "ab"]


async def test_there_are_at_most_5000_alarms_target_trackings_own_among_them() -> None:
    desk = await house()
    alarms, scaling = Alarms(desk), Autoscaling(desk, PARTITION)
    await scaling.register(TargetRequest(key=COPIES, least=0, most=1))
    tracking = await scaling.put_policy(COPIES, "t", TRACKING)
    for number in range(MAX_ALARMS - len(tracking.alarms)):
        desk.platform.handle(AlarmPut(alarm=replace(ALARM, name=AlarmName(str(number)))), desk.now())
    await alarms.put(replace(ALARM, name=AlarmName("0"), threshold=2.0))
    await scaling.put_policy(COPIES, "t", replace(TRACKING, target_value=6.0))
    with pytest.raises(LimitError) as caught:
        await alarms.put(ALARM)
    assert (caught.value.limit, caught.value.maximum) == ("alarms", 5000)
    await scaling.put_policy(COPIES, "t", replace(TRACKING, disable_scale_in=True))
    await alarms.put(ALARM)
    with pytest.raises(LimitError):
        await scaling.put_policy(COPIES, "t", TRACKING)

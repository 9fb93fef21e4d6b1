"""CloudWatch's calls on alarms by boto3: states set by hand, composite alarms, history, actions switched, tags."""

import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from stoker.units import DAY, MINUTE, SECOND
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model, plain

TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/c",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
STEPS = {
    "AdjustmentType": "ChangeInCapacity",
    "Cooldown": 60,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 3},
    ],
}


@pytest.fixture
def cloudwatch(stage: Stage) -> Loose:
    return stage.client("cloudwatch")


@pytest.fixture
def step(stage: Stage) -> str:
    """Give the ARN of a step scaling policy of the component `c`, which has one copy."""
    sagemaker, scaling = stage.client(), stage.client("application-autoscaling")
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component())
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=8)
    put = scaling.put_scaling_policy(**KEYS, PolicyName="s", PolicyType="StepScaling", StepScalingPolicyConfiguration=STEPS)
    arn: str = put["PolicyARN"]
    return arn


def make(cloudwatch: Loose, name: str, **changes: Loose) -> None:
    given = {
        "MetricName": "depth",
        "Namespace": "mine",
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 10,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        **changes,
    }
    cloudwatch.put_metric_alarm(AlarmName=name, **{key: value for key, value in given.items() if value is not None})


def raise_(cloudwatch: Loose, name: str, state: str = "ALARM", **data: Loose) -> None:
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="by hand", **data)


def fault(call: Loose, **arguments: Loose) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Loose = caught.value.response
    return reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Code"], reply["Error"]["Message"]


def composite(cloudwatch: Loose, name: str = "both") -> Loose:
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return found


def state(cloudwatch: Loose, name: str) -> str:
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    value: str = found["StateValue"]
    return value


def summaries(cloudwatch: Loose, name: str, **filters: Loose) -> list[str]:
    filters.setdefault("ScanBy", "TimestampAscending")
    items = cloudwatch.describe_alarm_history(AlarmName=name, **filters)["AlarmHistoryItems"]
    return [item["HistorySummary"] for item in items]


def test_a_state_set_by_hand_lasts_until_the_next_look(stage: Stage, cloudwatch: Loose) -> None:
    make(cloudwatch, "a")
    raise_(cloudwatch, "a", StateReasonData=json.dumps({"recentDatapoints": [12.0]}))
    (found,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (found["StateValue"], found["StateReason"]) == ("ALARM", "by hand")
    assert json.loads(found["StateReasonData"]) == {"recentDatapoints": [12.0]}
    stage.run(stage.desk.advance(2 * MINUTE))
    assert state(cloudwatch, "a") == "INSUFFICIENT_DATA"
    items = cloudwatch.describe_alarm_history(AlarmName="a", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in items] == [
        "Alarm updated from ALARM to INSUFFICIENT_DATA",
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
    ]
    data = json.loads(items[1]["HistoryData"])
    assert data == {
        "version": "1.0",
        "oldState": {"stateValue": "INSUFFICIENT_DATA", "stateReason": "Unchecked: Initial alarm creation"},
        "newState": {"stateValue": "ALARM", "stateReason": "by hand", "stateReasonData": {"recentDatapoints": [12.0]}},
    }


def test_a_state_set_by_hand_runs_scaling_policies_on_its_data(stage: Stage, cloudwatch: Loose, step: str) -> None:
    """ "You must include information in the StateReasonData parameter to enable the policy to take the correct action"
    (CloudWatch's API reference, SetAlarmState).
    """
    make(cloudwatch, "a", AlarmActions=[step, TOPIC])
    raise_(cloudwatch, "a", StateReasonData=json.dumps({"recentDatapoints": [25.0]}))
    (activity,) = stage.client("application-autoscaling").describe_scaling_activities(ServiceNamespace="sagemaker")[
        "ScalingActivities"
    ]
    assert activity["Description"] == "Setting desired copy count to 4."
    assert activity["Cause"] == "monitor alarm a in state ALARM triggered policy s"
    assert summaries(cloudwatch, "a", HistoryItemType="Action") == [
        f'Failed to execute action {TOPIC}. Received error: "Stoker runs actions that are scaling policies, and no others"',
        f"Successfully executed action {step}",
    ]


def test_without_data_a_policy_cannot_act(cloudwatch: Loose, step: str, stage: Stage) -> None:
    make(cloudwatch, "a", AlarmActions=[step])
    raise_(cloudwatch, "a")
    assert (
        stage.client("application-autoscaling").describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
        == []
    )
    (told,) = summaries(cloudwatch, "a", HistoryItemType="Action")
    assert told.startswith(f"Failed to execute action {step}. Received error: ")
    (failed,) = cloudwatch.describe_alarm_history(AlarmName="a", HistoryItemType="Action")["AlarmHistoryItems"]
    assert json.loads(failed["HistoryData"])["actionState"] == "Failed"


def test_values_that_no_metric_has_are_left_out(cloudwatch: Loose, stage: Stage) -> None:
    sagemaker, scaling = stage.client(), stage.client("application-autoscaling")
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component())
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=8)
    metric = {"PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"}
    tracking = {"TargetValue": 5, "PredefinedMetricSpecification": metric}
    high = scaling.put_scaling_policy(
        **KEYS, PolicyName="t", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking
    )["Alarms"][0]["AlarmName"]
    raise_(cloudwatch, high, StateReasonData=json.dumps({"recentDatapoints": [1e308, None, 1e308]}))
    assert scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"] == []
    raise_(cloudwatch, high, "OK")
    raise_(cloudwatch, high, StateReasonData=json.dumps({"recentDatapoints": [1e308, 12.0]}))
    (activity,) = scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    assert activity["Description"] == "Setting desired copy count to 3."


def test_a_value_without_a_step_is_told_in_the_history(cloudwatch: Loose, step: str) -> None:
    make(cloudwatch, "a", AlarmActions=[step])
    raise_(cloudwatch, "a", StateReasonData=json.dumps({"recentDatapoints": [9.0]}))
    (told,) = cloudwatch.describe_alarm_history(AlarmName="a", HistoryItemType="Action")["AlarmHistoryItems"]
    error = json.loads(told["HistoryData"])["error"]
    assert error == "No step adjustment found for metric value [9.0] and breach threshold 10.0"


def test_actions_rest_while_they_are_disabled(cloudwatch: Loose, step: str) -> None:
    make(cloudwatch, "a", AlarmActions=[step])
    cloudwatch.disable_alarm_actions(AlarmNames=["a", "unknown"])
    raise_(cloudwatch, "a", StateReasonData=json.dumps({"recentDatapoints": [25.0]}))
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"] is False
    assert summaries(cloudwatch, "a", HistoryItemType="Action") == []
    cloudwatch.enable_alarm_actions(AlarmNames=["a"])
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"] is True
    assert summaries(cloudwatch, "a", HistoryItemType="ConfigurationUpdate") == [
        'Alarm "a" created',
        'Alarm "a" updated',
        'Alarm "a" updated',
    ]


def test_history_outlives_its_alarm_and_comes_in_pages(stage: Stage, cloudwatch: Loose) -> None:
    for name in ("a", "b"):
        make(cloudwatch, name)
        stage.desk.clock.advance(SECOND)
    cloudwatch.delete_alarms(AlarmNames=["a"])
    assert summaries(cloudwatch, "a") == ['Alarm "a" created', 'Alarm "a" deleted']
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(PaginationConfig={"PageSize": 2})
    told = [[item["HistorySummary"] for item in page["AlarmHistoryItems"]] for page in pages]
    assert told == [['Alarm "a" deleted', 'Alarm "b" created'], ['Alarm "a" created']]
    up = cloudwatch.get_paginator("describe_alarm_history").paginate(
        ScanBy="TimestampAscending", PaginationConfig={"PageSize": 2}
    )
    assert [len(page["AlarmHistoryItems"]) for page in up] == [2, 1]
    begin = datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
    assert summaries(cloudwatch, "b", StartDate=begin, EndDate=begin) == ['Alarm "b" created']
    assert fault(cloudwatch.describe_alarm_history, NextToken="x")[1] == "InvalidNextToken"
    whole = {"StartDate": datetime(1, 1, 2, tzinfo=UTC), "EndDate": datetime(9999, 1, 1, tzinfo=UTC)}
    assert len(summaries(cloudwatch, "a", **whole)) == 2
    assert summaries(cloudwatch, "a", EndDate=datetime(1, 1, 2, tzinfo=UTC)) == []
    stage.run(stage.desk.advance(15 * DAY))
    assert summaries(cloudwatch, "a") == []


def test_a_composite_alarm_follows_its_rule(cloudwatch: Loose, stage: Stage) -> None:
    make(cloudwatch, "a", Period=86_400)  # long enough that nothing looks at them here
    make(cloudwatch, "b b", Period=86_400)
    cloudwatch.put_composite_alarm(
        AlarmName="both", AlarmRule=f'ALARM("a") AND NOT OK({ARN}b b)', AlarmDescription="d", AlarmActions=[TOPIC]
    )
    assert composite(cloudwatch)["StateValue"] == "OK"
    stage.desk.clock.advance(SECOND)
    raise_(cloudwatch, "a")
    found = composite(cloudwatch)
    now = datetime.fromtimestamp(stage.desk.now() / 1e9, UTC)
    assert found == {
        "AlarmName": "both",
        "AlarmArn": f"{ARN}both",
        "AlarmRule": f'ALARM("a") AND NOT OK({ARN}b b)',
        "AlarmDescription": "d",
        "AlarmConfigurationUpdatedTimestamp": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [TOPIC],
        "InsufficientDataActions": [],
        "StateValue": "ALARM",
        "StateReason": f"{ARN}a transitioned to ALARM at Tuesday 14 November, 2023 22:13:21 UTC",
        "StateReasonData": found["StateReasonData"],
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
    }
    assert json.loads(found["StateReasonData"]) == {
        "triggeringAlarms": [{"arn": f"{ARN}a", "state": {"value": "ALARM", "timestamp": "2023-11-14T22:13:21.000+0000"}}]
    }
    raise_(cloudwatch, "b b", "OK")
    assert composite(cloudwatch)["StateValue"] == "OK"
    told = summaries(cloudwatch, "both", AlarmTypes=["CompositeAlarm"])
    assert told[:3] == [
        'Alarm "both" created',
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
    ]
    assert told[3].startswith(f"Failed to execute action {TOPIC}.")
    assert summaries(cloudwatch, "both") == []


def test_composite_alarms_stand_on_each_other_and_outlive_a_restart(cloudwatch: Loose, stage: Stage) -> None:
    make(cloudwatch, "a", Period=86_400)
    cloudwatch.put_composite_alarm(AlarmName="one", AlarmRule="ALARM(a)")
    cloudwatch.put_composite_alarm(AlarmName="two", AlarmRule="NOT ALARM(one) OR FALSE")
    assert composite(cloudwatch, "two")["StateValue"] == "ALARM"
    raise_(cloudwatch, "a")
    assert [composite(cloudwatch, name)["StateValue"] for name in ("one", "two")] == ["ALARM", "OK"]
    store, clock = stage.desk.store, stage.desk.clock
    stage.reset(store=store, clock=clock)
    stage.run(stage.desk.restore())
    assert [composite(cloudwatch, name)["StateValue"] for name in ("one", "two")] == ["ALARM", "OK"]
    raise_(cloudwatch, "a", "OK")
    assert [composite(cloudwatch, name)["StateValue"] for name in ("one", "two")] == ["OK", "ALARM"]


def test_relatives_and_types_are_described(cloudwatch: Loose) -> None:
    for name in ("a", "b"):
        make(cloudwatch, name)
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="AT_LEAST(1, ALARM, (a, b))")
    cloudwatch.put_composite_alarm(AlarmName="d", AlarmRule="ALARM(a) OR ALARM(c)")

    def names(**arguments: Loose) -> tuple[list[str], list[str]]:
        found = cloudwatch.describe_alarms(**arguments)
        return [each["AlarmName"] for each in found["MetricAlarms"]], [each["AlarmName"] for each in found["CompositeAlarms"]]

    assert names() == (["a", "b"], [])
    assert names(AlarmTypes=["CompositeAlarm", "MetricAlarm"]) == (["a", "b"], ["c", "d"])
    assert names(ChildrenOfAlarmName="d") == (["a"], ["c"])
    assert names(ParentsOfAlarmName="a") == ([], ["c", "d"])
    assert names(ParentsOfAlarmName="d") == ([], [])
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmTypes=["CompositeAlarm", "MetricAlarm"], PaginationConfig={"PageSize": 3}
    )
    assert [len(page["MetricAlarms"]) + len(page["CompositeAlarms"]) for page in pages] == [3, 1]
    assert fault(cloudwatch.describe_alarms, ChildrenOfAlarmName="d", AlarmNames=["a"])[:2] == (400, "ValidationError")
    assert fault(cloudwatch.describe_alarms, ChildrenOfAlarmName="a")[:2] == (400, "ValidationError")


def test_alarms_of_a_metric(cloudwatch: Loose) -> None:
    dimensions = [{"Name": "A", "Value": "1"}]
    make(cloudwatch, "plain")
    make(cloudwatch, "narrow", Dimensions=dimensions, Unit="Count")

    def names(**arguments: Loose) -> list[str]:
        found = cloudwatch.describe_alarms_for_metric(MetricName="depth", Namespace="mine", **arguments)["MetricAlarms"]
        return [each["AlarmName"] for each in found]

    assert names() == ["plain"]
    assert names(Dimensions=dimensions) == ["narrow"]
    assert names(Dimensions=dimensions, Unit="Count", Period=60, Statistic="Maximum") == ["narrow"]
    assert names(Dimensions=dimensions, Unit="Percent") == names(Period=10) == names(Statistic="Sum") == []


def test_what_a_rule_names_cannot_be_deleted_before_it(cloudwatch: Loose) -> None:
    make(cloudwatch, "a")
    for name, rule in (("c", "ALARM(a)"), ("d", "OK(a)")):
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule)
    text = "Cannot delete a as there are composite alarm(s) depending on it."
    assert fault(cloudwatch.delete_alarms, AlarmNames=["a"]) == (400, "ValidationError", text)
    assert fault(cloudwatch.delete_alarms, AlarmNames=["c", "d"])[:2] == (400, "ValidationError")
    cloudwatch.delete_alarms(AlarmNames=["d"])
    cloudwatch.delete_alarms(AlarmNames=["a", "c"])
    found = plain(cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm", "MetricAlarm"]))
    assert found == {"MetricAlarms": [], "CompositeAlarms": [], "LogAlarms": []}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param(
            "ALARM(a) AND ALARM(x)",
            "Could not save the composite alarm as alarms [x] in the alarm rule do not exist",
            id="missing",
        ),
        pytest.param("ALARM(a", "')' is missing", id="open"),
        pytest.param("ALARM a", "'(' is missing", id="no-parenthesis"),
        pytest.param("ALERT(a)", "'ALERT' is none of ALARM", id="function"),
        pytest.param("ALARM(a) ALARM(a)", "'ALARM' is not expected there", id="two"),
        pytest.param("ALARM(a) AND", "ends too early", id="cut"),
        pytest.param("(" * 60 + "TRUE" + ")" * 60, "nested more than 50 deep", id="deep"),
        pytest.param('ALARM("a', "cannot be read from character 7 on", id="quote"),
        pytest.param("ALARM(c)", "leads back to c itself", id="circle"),
        pytest.param("ALARM(d)", "leads back to c itself", id="wide-circle"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(cloudwatch: Loose, rule: str, text: str) -> None:
    make(cloudwatch, "a")
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="TRUE")
    cloudwatch.put_composite_alarm(AlarmName="d", AlarmRule="OK(c)")
    found = fault(cloudwatch.put_composite_alarm, AlarmName="c", AlarmRule=rule)
    assert found[:2] == (400, "ValidationError")
    assert text in found[2]
    assert composite(cloudwatch, "c")["AlarmRule"] == "TRUE"


def test_names_are_of_one_sort_of_alarm(cloudwatch: Loose) -> None:
    make(cloudwatch, "a")
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="TRUE")
    assert fault(cloudwatch.put_composite_alarm, AlarmName="a", AlarmRule="TRUE")[:2] == (400, "ValidationError")
    assert fault(make, cloudwatch=cloudwatch, name="c")[:2] == (400, "ValidationError")
    told = {"ActionConfiguration": {"AlarmTagsPropagation": {"Enabled": True}}}
    found = fault(cloudwatch.put_composite_alarm, AlarmName="e", AlarmRule="TRUE", **told)
    assert "does not serve this yet: ActionConfiguration" in found[2]


def test_tags_are_listed_set_and_taken_away(cloudwatch: Loose) -> None:
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="TRUE", Tags=[{"Key": "k", "Value": "v"}])
    make(cloudwatch, "a:b", Tags=[{"Key": "k", "Value": "v"}])
    for name in ("c", "a:b"):
        cloudwatch.tag_resource(ResourceARN=ARN + name, Tags=[{"Key": "l", "Value": "w"}, {"Key": "k", "Value": "x"}])
        tags = cloudwatch.list_tags_for_resource(ResourceARN=ARN + name)["Tags"]
        assert tags == [{"Key": "k", "Value": "x"}, {"Key": "l", "Value": "w"}]
        cloudwatch.untag_resource(ResourceARN=ARN + name, TagKeys=["k", "none"])
        assert cloudwatch.list_tags_for_resource(ResourceARN=ARN + name)["Tags"] == [{"Key": "l", "Value": "w"}]
        many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
        assert fault(cloudwatch.tag_resource, ResourceARN=ARN + name, Tags=many)[1] == "InvalidParameterValue"
    make(cloudwatch, "a:b", Tags=[{"Key": "other", "Value": ""}])  # an update leaves tags as they are
    assert cloudwatch.list_tags_for_resource(ResourceARN=f"{ARN}a:b")["Tags"] == [{"Key": "l", "Value": "w"}]
    for arn in (f"{ARN}none", "arn:aws:sns:us-east-1:123456789012:c"):
        assert fault(cloudwatch.list_tags_for_resource, ResourceARN=arn)[:2] == (404, "ResourceNotFoundException")


def test_what_is_not_there_and_what_is_no_json(cloudwatch: Loose) -> None:
    assert fault(raise_, cloudwatch=cloudwatch, name="none")[:2] == (404, "ResourceNotFound")
    make(cloudwatch, "a")
    assert fault(raise_, cloudwatch=cloudwatch, name="a", StateReasonData="{")[1] == "InvalidFormat"
    assert fault(raise_, cloudwatch=cloudwatch, name="a", state="RED")[2] == (
        "1 validation error detected: Value 'RED' at 'stateValue' failed to satisfy constraint: "
        "Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]"
    )


def published(stage: Stage, cloudwatch: Loose, *values: float) -> None:
    cloudwatch.put_metric_data(Namespace="mine", MetricData=[{"MetricName": "depth", "Values": list(values)}])
    stage.run(stage.desk.advance(MINUTE))


@pytest.mark.parametrize("whole", [True, False])
def test_an_alarm_warms_up(stage: Stage, cloudwatch: Loose, *, whole: bool) -> None:
    warm_up = {"WarmUpPeriodDurationInMinutes": 10, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": whole}
    make(cloudwatch, "a", EvaluationPeriods=3, DatapointsToAlarm=1, WarmUpConfiguration=warm_up)
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["WarmUpConfiguration"] == warm_up
    seen = []
    for _ in range(12):
        published(stage, cloudwatch, 20.0)
        seen.append(state(cloudwatch, "a"))
    # Without a warm-up it would be after the first datapoint; with one, after the third or after ten minutes.
    assert seen.index("ALARM") == (10 if whole else 2)
    make(cloudwatch, "a", EvaluationPeriods=3, WarmUpConfiguration={**warm_up, "WarmUpPeriodDurationInMinutes": 600})
    published(stage, cloudwatch, 1.0)
    published(stage, cloudwatch, 1.0)
    assert state(cloudwatch, "a") == "OK"  # what is over does not begin anew


def test_a_percentile_of_few_samples_holds_the_state_if_asked_to(stage: Stage, cloudwatch: Loose) -> None:
    for name, option in (("held", "ignore"), ("judged", "evaluate")):
        make(cloudwatch, name, Statistic=None, ExtendedStatistic="p90", EvaluateLowSampleCountPercentile=option)
    found = cloudwatch.describe_alarms()["MetricAlarms"]
    assert [alarm["EvaluateLowSampleCountPercentile"] for alarm in found] == ["ignore", "evaluate"]
    stage.run(stage.desk.advance(MINUTE))
    published(stage, cloudwatch, *([20.0] * 99))  # a hundred make a 90th percentile that means something
    assert [state(cloudwatch, name) for name in ("held", "judged")] == ["INSUFFICIENT_DATA", "ALARM"]
    published(stage, cloudwatch, *([20.0] * 100))
    assert [state(cloudwatch, name) for name in ("held", "judged")] == ["ALARM", "ALARM"]
    wrong = {"Statistic": None, "ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": "maybe"}
    assert "Supported options" in fault(make, cloudwatch=cloudwatch, name="a", **wrong)[2]
    plain_one = {"EvaluateLowSampleCountPercentile": "ignore"}
    assert "only be specified with" in fault(make, cloudwatch=cloudwatch, name="a", **plain_one)[2]


def suppressed(cloudwatch: Loose, stage: Stage, wait: int, extension: int) -> None:
    """Make the alarm `both`, which follows `a` and whose actions `quiet` holds back."""
    for name in ("a", "quiet"):
        make(cloudwatch, name, Period=86_400)
        raise_(cloudwatch, name, "OK")
    cloudwatch.put_composite_alarm(
        AlarmName="both",
        AlarmRule="ALARM(a)",
        AlarmActions=[TOPIC],
        ActionsSuppressor=f"{ARN}quiet",
        ActionsSuppressorWaitPeriod=wait,
        ActionsSuppressorExtensionPeriod=extension,
    )
    stage.run(stage.desk.advance(2 * MINUTE))


def acted(cloudwatch: Loose) -> int:
    return len(summaries(cloudwatch, "both", AlarmTypes=["CompositeAlarm"], HistoryItemType="Action"))


def test_actions_wait_for_the_suppressor_and_after_it(cloudwatch: Loose, stage: Stage) -> None:
    suppressed(cloudwatch, stage, 60, 30)
    raise_(cloudwatch, "a")
    found = composite(cloudwatch)
    assert (found["StateValue"], found["ActionsSuppressor"], found["ActionsSuppressedBy"]) == ("ALARM", "quiet", "WaitPeriod")
    assert (found["ActionsSuppressorWaitPeriod"], found["ActionsSuppressorExtensionPeriod"]) == (60, 30)
    raise_(cloudwatch, "quiet")
    assert composite(cloudwatch)["ActionsSuppressedBy"] == "Alarm"
    assert acted(cloudwatch) == 0
    raise_(cloudwatch, "quiet", "OK")
    assert composite(cloudwatch)["ActionsSuppressedBy"] == "ExtensionPeriod"
    stage.run(stage.desk.advance(29 * SECOND))
    assert acted(cloudwatch) == 0
    stage.run(stage.desk.advance(SECOND))
    assert acted(cloudwatch) == 1
    assert "ActionsSuppressedBy" not in composite(cloudwatch)


def test_actions_run_when_the_suppressor_does_not_come(cloudwatch: Loose, stage: Stage) -> None:
    suppressed(cloudwatch, stage, 10, 0)
    given = {"AlarmActions": [TOPIC], "ActionsSuppressorWaitPeriod": 10, "ActionsSuppressorExtensionPeriod": 0}
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule="TRUE", ActionsSuppressor="quiet", **given)
    store, clock = stage.desk.store, stage.desk.clock
    stage.reset(store=store, clock=clock)
    stage.run(stage.desk.restore())
    assert composite(cloudwatch)["ActionsSuppressedBy"] == "WaitPeriod"
    stage.run(stage.desk.advance(10 * SECOND))
    assert acted(cloudwatch) == 1


def test_without_a_wait_actions_run_at_once_unless_held_back(cloudwatch: Loose, stage: Stage) -> None:
    suppressed(cloudwatch, stage, 0, 0)
    raise_(cloudwatch, "a")
    assert acted(cloudwatch) == 1
    raise_(cloudwatch, "a", "OK")
    raise_(cloudwatch, "quiet")
    raise_(cloudwatch, "a")
    assert (composite(cloudwatch)["ActionsSuppressedBy"], acted(cloudwatch)) == ("Alarm", 1)
    raise_(cloudwatch, "quiet", "OK")
    assert acted(cloudwatch) == 2
    text = "Cannot delete quiet as there are composite alarm(s) depending on it."
    assert fault(cloudwatch.delete_alarms, AlarmNames=["quiet"])[2] == text


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"ActionsSuppressor": "none"}, id="missing"),
        pytest.param({"ActionsSuppressor": "both"}, id="itself"),
        pytest.param({"ActionsSuppressorWaitPeriod": None}, id="no-wait"),
        pytest.param({"ActionsSuppressorExtensionPeriod": -1}, id="negative"),
        pytest.param({"ActionsSuppressor": None}, id="no-suppressor"),
    ],
)
def test_a_suppressor_that_cannot_be_is_refused(cloudwatch: Loose, changes: Loose) -> None:
    make(cloudwatch, "quiet")
    given = {
        "ActionsSuppressor": "quiet",
        "ActionsSuppressorWaitPeriod": 1,
        "ActionsSuppressorExtensionPeriod": 1,
        **changes,
    }
    given = {key: value for key, value in given.items() if value is not None}
    found = fault(cloudwatch.put_composite_alarm, AlarmName="both", AlarmRule="TRUE", **given)
    assert found[:2] == (400, "ValidationError")
    assert "ActionsSuppressor" in found[2]

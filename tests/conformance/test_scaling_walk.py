"""Scaling to zero and back as AWS's guide sets it up, by boto3: target, both policies, alarm, and what they then do."""

import pytest

from stoker.domain.ids import ComponentName, EndpointName, VariantName, component_workload
from stoker.engine.events import TrafficSeen
from stoker.engine.traffic import WorkloadCounts
from stoker.units import MINUTE, SECOND
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model, plain

KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/c",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
TRACKING = {
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
    },
    "TargetValue": 5,
    "ScaleInCooldown": 300,
    "ScaleOutCooldown": 300,
}
STEPS = {
    "AdjustmentType": "ChangeInCapacity",
    "MetricAggregationType": "Maximum",
    "Cooldown": 60,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
}
ROLE = (
    "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
DIMENSIONS = [{"Name": "InferenceComponentName", "Value": "c"}]


@pytest.fixture
def stage(served: Stage) -> Stage:
    """Give a stage with the component `c`, one copy of which serves."""
    served.reset()
    sagemaker = served.client()
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component())
    return served


@pytest.fixture
def scaling(stage: Stage) -> Loose:
    return stage.client("application-autoscaling")


@pytest.fixture
def cloudwatch(stage: Stage) -> Loose:
    return stage.client("cloudwatch")


def set_up(scaling: Loose, cloudwatch: Loose) -> tuple[str, str]:
    """Do the calls of the guide; give the ARNs of the tracking and the step policy."""
    scaling.register_scalable_target(**KEYS, MinCapacity=0, MaxCapacity=8)
    tracking = scaling.put_scaling_policy(
        **KEYS, PolicyName="track", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=TRACKING
    )
    step = scaling.put_scaling_policy(**KEYS, PolicyName="step", PolicyType="StepScaling", StepScalingPolicyConfiguration=STEPS)
    cloudwatch.put_metric_alarm(
        AlarmName="scale-from-zero",
        AlarmActions=[step["PolicyARN"]],
        MetricName="NoCapacityInvocationFailures",
        Namespace="AWS/SageMaker",
        Statistic="Maximum",
        Dimensions=DIMENSIONS,
        Period=30,
        EvaluationPeriods=1,
        DatapointsToAlarm=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
    )
    return tracking["PolicyARN"], step["PolicyARN"]


def seen(stage: Stage, *, no_capacity: int = 0, in_flight: int = 0) -> None:
    """Have a gateway report what it saw of the component."""
    report = WorkloadCounts(
        workload=component_workload(ComponentName("c")),
        endpoint=EndpointName("e"),
        variant=VariantName("AllTraffic"),
        no_capacity=no_capacity,
        in_flight=in_flight,
        most_in_flight=in_flight,
    )
    stage.run(stage.desk.submit(TrafficSeen(gateway="g", at=stage.desk.now(), counts=(report,))))


def copies(stage: Stage) -> int:
    found = stage.client().describe_inference_component(InferenceComponentName="c")
    count: int = found["RuntimeConfig"]["CurrentCopyCount"]
    return count


def test_everything_is_described_as_it_was_put(stage: Stage, scaling: Loose, cloudwatch: Loose) -> None:
    tracking_arn, step_arn = set_up(scaling, cloudwatch)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target.pop("CreationTime").timestamp() == stage.desk.now() / 1e9
    arn = target.pop("ScalableTargetARN")
    assert arn.startswith("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/")
    assert len(arn.rpartition("/")[2]) == 36
    assert target == {
        **KEYS,
        "MinCapacity": 0,
        "MaxCapacity": 8,
        "RoleARN": ROLE,
        "SuspendedState": {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
    }

    step, tracking = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert tracking.pop("CreationTime") == step.pop("CreationTime")
    high, low = tracking.pop("Alarms")
    assert tracking == {
        **KEYS,
        "PolicyARN": tracking_arn,
        "PolicyName": "track",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {**TRACKING, "DisableScaleIn": False},
    }
    alarm_arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
    assert step == {
        **KEYS,
        "PolicyARN": step_arn,
        "PolicyName": "step",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": STEPS,
        "Alarms": [{"AlarmName": "scale-from-zero", "AlarmARN": f"{alarm_arn}scale-from-zero"}],
    }
    assert high["AlarmName"].startswith("TargetTracking-inference-component/c-AlarmHigh-")
    assert low["AlarmName"].startswith("TargetTracking-inference-component/c-AlarmLow-")
    assert high["AlarmARN"] == alarm_arn + high["AlarmName"]

    found = plain(cloudwatch.describe_alarms(AlarmNames=[high["AlarmName"], low["AlarmName"]]))
    assert (found["CompositeAlarms"], found["LogAlarms"]) == ([], [])
    asked = ("MetricName", "Statistic", "Dimensions", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")
    watched = ("ConcurrentRequestsPerCopy", "Maximum", DIMENSIONS, 10)
    assert [tuple(alarm[name] for name in asked) for alarm in found["MetricAlarms"]] == [
        (*watched, 3, 5.0, "GreaterThanThreshold"),
        (*watched, 90, 4.5, "LessThanThreshold"),
    ]
    (action,) = found["MetricAlarms"][0]["AlarmActions"]
    assert action.startswith(f"{tracking_arn}:createdBy/")


def test_the_guides_alarm_is_described_member_for_member(stage: Stage, scaling: Loose, cloudwatch: Loose) -> None:
    _, step_arn = set_up(scaling, cloudwatch)
    (alarm,) = cloudwatch.describe_alarms(AlarmNamePrefix="scale-from")["MetricAlarms"]
    stamps = [alarm.pop(f"{name}Timestamp") for name in ("StateUpdated", "StateTransitioned", "AlarmConfigurationUpdated")]
    assert [stamp.timestamp() for stamp in stamps] == [stage.desk.now() / 1e9] * 3
    assert alarm == {
        "AlarmName": "scale-from-zero",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:scale-from-zero",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [step_arn],
        "InsufficientDataActions": [],
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "MetricName": "NoCapacityInvocationFailures",
        "Namespace": "AWS/SageMaker",
        "Statistic": "Maximum",
        "Dimensions": DIMENSIONS,
        "Period": 30,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
    }


def test_idle_to_zero_refused_once_and_back(stage: Stage, scaling: Loose, cloudwatch: Loose) -> None:
    set_up(scaling, cloudwatch)
    stage.run(stage.desk.advance(16 * MINUTE))  # 90 datapoints of 10 s, all zero
    assert copies(stage) == 0
    seen(stage, no_capacity=1)
    stage.run(stage.desk.advance(20 * SECOND))
    assert copies(stage) == 1
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["scale-from-zero"], StateValue="ALARM")["MetricAlarms"]
    assert alarm["StateReason"].startswith("Threshold Crossed: ")
    assert '"recentDatapoints":[1.0]' in alarm["StateReasonData"]

    out, into = scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    assert (into["Description"], into["StatusCode"]) == ("Setting desired copy count to 0.", "Successful")
    assert into["Cause"].startswith("monitor alarm TargetTracking-inference-component/c-AlarmLow-")
    assert len(out.pop("ActivityId")) == 36
    assert out.pop("EndTime") == out.pop("StartTime") > into["EndTime"]
    assert "+1 makes 1 of 0 copies" in out.pop("Details")
    assert out == {
        **KEYS,
        "Description": "Setting desired copy count to 1.",
        "Cause": "monitor alarm scale-from-zero in state ALARM triggered policy step",
        "StatusCode": "Successful",
        "StatusMessage": "Successfully set desired copy count to 1. Change successfully fulfilled by sagemaker.",
    }


def test_load_above_the_target_scales_out_within_45_seconds(stage: Stage, scaling: Loose, cloudwatch: Loose) -> None:
    set_up(scaling, cloudwatch)
    stage.run(stage.desk.advance(MINUTE))
    for _ in range(45):
        seen(stage, in_flight=15)
        stage.run(stage.desk.advance(SECOND))
    assert copies(stage) == 3
    reply = scaling.describe_scaling_activities(**KEYS)["ScalingActivities"]
    assert [each["Description"] for each in reply] == ["Setting desired copy count to 3."]
    statistics = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="ConcurrentRequestsPerCopy",
        Dimensions=DIMENSIONS,
        StartTime=stage.desk.now() / 1e9 - 40,
        EndTime=stage.desk.now() / 1e9,
        Period=10,
        Statistics=["Maximum"],
    )
    assert {point["Maximum"] for point in statistics["Datapoints"]} == {15.0, 5.0}


def test_a_trigger_that_changes_nothing_is_told_on_demand(stage: Stage, scaling: Loose, cloudwatch: Loose) -> None:
    set_up(scaling, cloudwatch)
    scaling.register_scalable_target(**KEYS, MinCapacity=1)
    stage.run(stage.desk.advance(16 * MINUTE))
    assert scaling.describe_scaling_activities(**KEYS)["ScalingActivities"] == []
    (told, *_) = scaling.describe_scaling_activities(**KEYS, IncludeNotScaledActivities=True)["ScalingActivities"]
    assert told["NotScaledReasons"] == [{"Code": "AlreadyAtMinCapacity", "MinCapacity": 1}]
    assert (told["Description"], told["StatusCode"]) == ("Attempting to scale due to alarm triggered", "Failed")


def test_the_clean_up_of_the_guide(scaling: Loose, cloudwatch: Loose) -> None:
    set_up(scaling, cloudwatch)
    wrong = {**KEYS, "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    with pytest.raises(scaling.exceptions.ObjectNotFoundException):
        scaling.deregister_scalable_target(**wrong)
    with pytest.raises(scaling.exceptions.ObjectNotFoundException):
        scaling.delete_scaling_policy(**wrong, PolicyName="step")
    cloudwatch.delete_alarms(AlarmNames=["scale-from-zero", "never-was"])
    scaling.delete_scaling_policy(**KEYS, PolicyName="step")
    scaling.deregister_scalable_target(**KEYS)
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []

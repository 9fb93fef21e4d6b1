"""What a platform knows and runs after it was stopped, or killed, and started again on the same data."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from tests.e2e.fault_stage import ENDPOINT, ROLE, Stage, child, kill, leftover, platform, until

TRACKING = {
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
    },
    "TargetValue": 5.0,
    "ScaleInCooldown": 300,
    "ScaleOutCooldown": 120,
}
_STATE = {"StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp"}
"""What of an alarm moves by itself while metrics come in."""
STEPS = {
    "AdjustmentType": "ChangeInCapacity",
    "MetricAggregationType": "Maximum",
    "Cooldown": 60,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}


def test_a_platform_stopped_and_started_again_is_the_same(tmp_path: Path) -> None:
    with platform(tmp_path, clock_speed=10) as stage:
        stage.open()
        stage.deploy("two", copies=2)
        stage.deploy("none", copies=0)
        _add_scaling(stage, "two")
        stage.set_copies("two", 3)
        until(lambda: stage.serving("two", 3))
        until(lambda: _mine(stage)["StateValue"] == "ALARM")
        before, copies = _facts(stage), stage.pids("two")
    assert not any(psutil.pid_exists(pid) for pid in copies.values())

    with platform(tmp_path, clock_speed=10) as stage:
        until(lambda: stage.serving("two", 3))
        assert _facts(stage) == before
        after = stage.pids("two")
        assert len(after) == 3
        assert copies.keys().isdisjoint(after)
        assert stage.invoke("two", a=1)["pid"] in after.values()
        stage.allow_zero("none")
        assert stage.invoke("none", a=2)["echo"] == {"a": 2}


def test_a_platform_whose_every_process_was_killed_starts_again_without_double_copies(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with platform(tmp_path, killed=True) as stage:
        stage.open()
        stage.deploy("two", copies=2)
        stage.allow_zero("two")
        old = stage.pids("two")
        # All at once, so that nobody is left to notice and tidy up: the copies live on.
        family = [stage.server.pid, *(child(data, name) for name in ("control", "gateway-1"))]
        for pid in family:
            psutil.Process(pid).suspend()
        for pid in family:
            kill(pid)
        assert set(old.values()) <= set(leftover(data))
        _start_again(tmp_path, old)
    assert leftover(data) == {}


def _start_again(place: Path, old: dict[str, int]) -> None:
    with platform(place) as stage:
        until(lambda: stage.serving("two", 2))
        until(lambda: len(stage.pids("two")) == 2)
        running = {pid for pid, of in leftover(stage.server.data).items() if of in stage.pids("two") or of in old}
        assert running == set(stage.pids("two").values())
        assert {stage.invoke("two")["pid"] for _ in range(8)} <= running


def test_a_platform_that_ends_while_copies_start_leaves_none_and_starts_them_with_the_next(tmp_path: Path) -> None:
    data = tmp_path / "data"
    handler = "import time\n\ndef model_fn(d):\n    time.sleep(1)\n\ndef predict_fn(data, model):\n    return data\n"
    with platform(tmp_path) as stage:
        stage.open()
        stage.deploy("slow", copies=2, handler=handler, wait=False)
        until(lambda: len(stage.pids("slow")) == 2)
    assert leftover(data) == {}
    with platform(tmp_path, killed=True) as stage:
        until(lambda: len(stage.pids("slow")) == 2)
        kill(stage.server.pid)
        until(lambda: leftover(data) == {})
    with platform(tmp_path) as stage:
        until(lambda: stage.serving("slow", 2))
        assert len(stage.pids("slow")) == 2
        assert stage.component("slow")["InferenceComponentStatus"] == "InService"


def test_every_answered_call_is_on_disk(tmp_path: Path) -> None:
    with platform(tmp_path) as stage:
        stage.open()
        patient = stage.client("sagemaker", attempts=None)
        made: set[str] = set()
        for turn in range(4):
            for number in range(5 + turn):
                name = f"model-{turn}-{number}"
                _make_model(patient, name)
                made.add(name)
            _kill_control(stage)
            assert _models(patient) == made
        # The same under a flood: whatever was answered before the kill is there, whatever was not may be either way.
        with ThreadPoolExecutor(4) as pool:
            answered: set[str] = set()
            asked = {f"flood-{number}" for number in range(60)}
            futures = {name: pool.submit(_make_model, stage.sagemaker, name) for name in sorted(asked)}
            until(lambda: sum(f.done() for f in futures.values()) >= 10)
            _kill_control(stage)
            answered = {name for name, future in futures.items() if future.exception() is None}
        found = _models(patient)
        assert made | answered <= found <= made | asked
        assert len(answered) >= 10


def test_every_answered_change_is_on_disk(tmp_path: Path) -> None:
    with platform(tmp_path) as stage:
        stage.open()
        stage.deploy("one", copies=0)
        _add_scaling(stage, "one")
        _kill_control(stage)
        assert _mine(stage)["Threshold"] == 1
        assert _policies(stage) == {"steps", "tracking"}
        stage.scaling.delete_scaling_policy(**_resource("one"), PolicyName="steps")
        _kill_control(stage)
        assert _policies(stage) == {"tracking"}
        stage.sagemaker.delete_model(ModelName="one")
        stage.set_copies("one", 2)
        _kill_control(stage)
        assert _models(stage.sagemaker) == set()
        assert stage.component("one")["RuntimeConfig"]["DesiredCopyCount"] == 2
        until(lambda: stage.serving("one", 2))
        assert len(stage.pids("one")) == 2


def _resource(name: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"inference-component/{name}",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }


def _add_scaling(stage: Stage, name: str) -> None:
    """Put a target, two policies, and an alarm of our own that is in ALARM."""
    resource = _resource(name)
    stage.allow_zero(name, most=5)
    stage.scaling.put_scaling_policy(
        **resource, PolicyName="tracking", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=TRACKING
    )
    stage.scaling.put_scaling_policy(
        **resource, PolicyName="steps", PolicyType="StepScaling", StepScalingPolicyConfiguration=STEPS
    )
    stage.cloudwatch.put_metric_alarm(
        AlarmName="mine",
        Namespace="Mine",
        MetricName="Silence",
        Statistic="Sum",
        Period=10,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )


def _mine(stage: Stage) -> Any:
    """Give the alarm of our own."""
    return stage.cloudwatch.describe_alarms(AlarmNames=["mine"])["MetricAlarms"][0]


def _policies(stage: Stage) -> set[str]:
    found = stage.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    return {p["PolicyName"] for p in found}


def _kill_control(stage: Stage) -> None:
    kill(until(lambda: stage.child("control")))


def _facts(stage: Stage) -> dict[str, Any]:
    """Give what a platform says of itself to AWS clients, but for what moves by itself."""
    sagemaker, scaling = stage.sagemaker, stage.scaling
    facts = {
        "endpoint": sagemaker.describe_endpoint(EndpointName=ENDPOINT),
        "config": sagemaker.describe_endpoint_config(EndpointConfigName=ENDPOINT),
        "models": sagemaker.list_models()["Models"],
        "components": [
            stage.component(c["InferenceComponentName"]) for c in sagemaker.list_inference_components()["InferenceComponents"]
        ],
        "targets": scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"],
        "policies": scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"],
        "activities": scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"],
        "mine": _mine(stage),
        "alarms": _without(stage.cloudwatch.describe_alarms()["MetricAlarms"], _STATE),
    }
    kept: dict[str, Any] = _without(facts, {"ResponseMetadata", "LastModifiedTime"})
    return kept


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {k: _without(v, names) for k, v in value.items() if k not in names}
    return [_without(v, names) for v in value] if isinstance(value, list) else value


def _make_model(client: Any, name: str) -> None:
    client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "stoker/python"})


def _models(client: Any) -> set[str]:
    pages = client.get_paginator("list_models").paginate(PaginationConfig={"PageSize": 100})
    return {m["ModelName"] for page in pages for m in page["Models"]}

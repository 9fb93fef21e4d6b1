"""Two target tracking policies on one component, by boto3: a container that crashes must not cause scale-in.

AWS's announcement of the ten-second metrics recommends it: concurrency tells of load at once, but collapses when containers
crash, for what fails fast is not in flight long; requests per copy stay high. Application Auto Scaling scales in only if all
target tracking policies are ready to ("Target tracking scaling policies", considerations).
"""

import pytest

from stoker.domain.ids import ComponentName, EndpointName, VariantName, component_workload
from stoker.engine.events import TrafficSeen
from stoker.engine.traffic import WorkloadCounts
from stoker.units import SECOND
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model

KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/c",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
CONCURRENCY = "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
INVOCATIONS = "SageMakerInferenceComponentInvocationsPerCopy"
STEP = 10
"""Seconds between two reports of the gateway."""


@pytest.fixture
def stage(served: Stage) -> Stage:
    """Give a stage with the component `c`, four copies of which serve."""
    served.reset()
    sagemaker = served.client()
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(RuntimeConfig={"CopyCount": 4}))
    served.client("application-autoscaling").register_scalable_target(**KEYS, MinCapacity=1, MaxCapacity=8)
    return served


def follow(stage: Stage, metric: str, target: float) -> None:
    stage.client("application-autoscaling").put_scaling_policy(
        **KEYS,
        PolicyName=metric[-12:],
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
            "TargetValue": target,
        },
    )


def load(stage: Stage, minutes: int, *, per_second: int, in_flight: int, failing: bool = False) -> None:
    """Have the gateway see a steady load for some minutes."""

    async def pass_by() -> None:
        for _ in range(minutes * 60 // STEP):
            await stage.desk.advance(STEP * SECOND)
            seen = per_second * STEP
            counts = WorkloadCounts(
                workload=component_workload(ComponentName("c")),
                endpoint=EndpointName("e"),
                variant=VariantName("AllTraffic"),
                invocations=seen,
                errors_5xx=seen if failing else 0,
                model_errors=seen if failing else 0,
                in_flight=in_flight,
                most_in_flight=in_flight,
            )
            await stage.desk.submit(TrafficSeen(gateway="g", at=stage.desk.now(), counts=(counts,)))

    stage.run(pass_by())


def copies(stage: Stage) -> int:
    count: int = stage.client().describe_inference_component(InferenceComponentName="c")["RuntimeConfig"]["DesiredCopyCount"]
    return count


def activities(stage: Stage) -> list[Loose]:
    scaling = stage.client("application-autoscaling")
    found: list[Loose] = scaling.describe_scaling_activities(
        ServiceNamespace="sagemaker", ResourceId=KEYS["ResourceId"], IncludeNotScaledActivities=True
    )["ScalingActivities"]
    return found


@pytest.mark.parametrize("hybrid", [True, False], ids=["both-policies", "concurrency-alone"])
def test_a_crashing_container_causes_scale_in_only_without_the_second_policy(stage: Stage, *, hybrid: bool) -> None:
    follow(stage, CONCURRENCY, 5)
    if hybrid:
        follow(stage, INVOCATIONS, 300)
    # 20 requests a second of one second each: at target by both measures, 20 in flight and 300 a minute for each copy.
    load(stage, 5, per_second=20, in_flight=20)
    assert copies(stage) == 4
    # Containers crash on each request: it fails within milliseconds, so hardly any is in flight, but they come on.
    load(stage, 20, per_second=20, in_flight=1, failing=True)
    if not hybrid:
        assert copies(stage) == 1
        return
    assert copies(stage) == 4
    refused = [each for each in activities(stage) if each.get("NotScaledReasons")]
    assert refused
    assert {each["StatusCode"] for each in refused} == {"Failed"}
    assert all(CONCURRENCY[-12:] in each["Cause"] for each in refused)
    assert any(f"{INVOCATIONS[-12:]}: its low alarm is in state OK" in each["Details"] for each in refused)


def test_either_policy_scales_out_and_both_must_agree_to_scale_in(stage: Stage) -> None:
    follow(stage, CONCURRENCY, 5)
    follow(stage, INVOCATIONS, 300)
    load(stage, 2, per_second=1, in_flight=40)  # few, and long: concurrency alone asks for more
    assert copies(stage) == 8
    load(stage, 30, per_second=1, in_flight=1)  # quiet by both
    assert copies(stage) == 1
    load(stage, 12, per_second=30, in_flight=2)  # many, and short: invocations alone ask for more
    assert copies(stage) > 1

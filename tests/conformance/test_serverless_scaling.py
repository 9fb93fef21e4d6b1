"""What serverless endpoints measure, and provisioned concurrency that follows it, by boto3 on a clock moved by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from stoker.domain.ids import EndpointName, VariantName, WorkloadId
from stoker.engine.events import TrafficSeen, UsageSeen
from stoker.engine.traffic import CopyLoad, CopyUse, WorkloadCounts
from stoker.units import MIB, MINUTE, SECOND
from tests.conformance.sagemaker_stage import Loose, Stage, make_model, refused

OWN = WorkloadId("variant/e/v")
RESOURCE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
}
METRIC = {"PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"}}


@pytest.fixture
def sagemaker(stage: Stage) -> Loose:
    made = stage.client()
    make_model(made)
    config = {"MemorySizeInMB": 1024, "MaxConcurrency": 10, "ProvisionedConcurrency": 2}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": config}
    made.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    made.create_endpoint(EndpointName="e", EndpointConfigName="c")
    stage.run(stage.desk.advance(MINUTE - stage.desk.now() % MINUTE))
    return made


def work(stage: Stage, requests: int, seconds: int, *, invocations: int = 0, spilled: int = 0) -> None:
    """Let so many invocations be under way all the time, reported every five seconds."""
    for _ in range(seconds // 5):
        copies = stage.desk.platform.fleet.copies_of(OWN)[:requests]
        counts = WorkloadCounts(
            workload=OWN,
            endpoint=EndpointName("e"),
            variant=VariantName("v"),
            in_flight=requests,
            most_in_flight=requests,
            invocations=invocations,
            spilled=spilled,
        )
        loads = tuple(CopyLoad(copy_id=copy.copy_id, in_flight=1) for copy in copies)
        told = (counts,) if requests else ()
        stage.run(stage.desk.submit(TrafficSeen(gateway="g", at=stage.desk.now(), counts=told, copies=loads)))
        stage.run(stage.desk.advance(5 * SECOND))


def statistic(stage: Stage, name: str, *, namespace: str = "AWS/SageMaker", of: str = "Average") -> list[float]:
    """Give a metric's values, minute by minute."""
    now = datetime.fromtimestamp(stage.desk.now() / SECOND, UTC)
    reply = stage.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}],
        Period=60,
        StartTime=now - timedelta(hours=6),
        EndTime=now + timedelta(minutes=1),
        Statistics=[of],
    )
    return [point[of] for point in sorted(reply["Datapoints"], key=lambda point: point["Timestamp"])]


@pytest.mark.usefixtures("sagemaker")
def test_metrics_of_concurrency(stage: Stage) -> None:
    work(stage, 5, 60, invocations=3, spilled=1)
    assert statistic(stage, "ServerlessConcurrentExecutionsUtilization")[-1] == 0.5
    assert statistic(stage, "ServerlessProvisionedConcurrencyUtilization")[-1] == 1.0
    assert statistic(stage, "ServerlessProvisionedConcurrencyExecutions", of="Maximum")[-1] == 2.0
    assert statistic(stage, "ServerlessProvisionedConcurrencyInvocations", of="Sum")[-1] == 24.0
    assert statistic(stage, "ServerlessProvisionedConcurrencySpilloverInvocations", of="Sum")[-1] == 12.0


@pytest.mark.usefixtures("sagemaker")
def test_setting_up_is_measured_once_for_each_environment(stage: Stage) -> None:
    assert sum(statistic(stage, "ModelSetupTime", of="SampleCount")) == 2.0
    work(stage, 2, 60)
    assert sum(statistic(stage, "ModelSetupTime", of="SampleCount")) == 2.0, "these were warm"
    work(stage, 3, 60)
    assert sum(statistic(stage, "ModelSetupTime", of="SampleCount")) == 3.0


@pytest.mark.usefixtures("sagemaker")
def test_memory_is_a_share_of_what_an_environment_has(stage: Stage) -> None:
    copies = stage.desk.platform.fleet.copies_of(OWN)
    uses = tuple(CopyUse(copy_id=copy.copy_id, cpus=0.5, memory_bytes=256 * MIB) for copy in copies)
    stage.run(stage.desk.submit(UsageSeen(at=stage.desk.now(), copies=uses)))
    stage.run(stage.desk.advance(MINUTE))
    assert statistic(stage, "MemoryUtilization", namespace="/aws/sagemaker/Endpoints")[-1] == 25.0


def test_provisioned_concurrency_follows_its_use_by_target_tracking(stage: Stage, sagemaker: Loose) -> None:
    scaling = stage.client("application-autoscaling")
    scaling.register_scalable_target(**RESOURCE, MinCapacity=1, MaxCapacity=8)
    scaling.put_scaling_policy(
        **RESOURCE,
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 0.5, **METRIC, "ScaleInCooldown": 0, "ScaleOutCooldown": 0},
    )

    def provisioned() -> int:
        (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
        return int(variant["CurrentServerlessConfig"]["ProvisionedConcurrency"])

    work(stage, 2, 300)
    assert provisioned() == 4, "two at once are to be half of it"
    work(stage, 4, 360)
    assert provisioned() == 8
    work(stage, 0, 20 * 60)
    assert provisioned() == 1
    causes = [
        each["Description"] for each in scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    ]
    assert "Setting desired provisioned environment count to 8." in causes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"MinCapacity": 0}, "Minimum capacity cannot be less than 1 for provisioned concurrency", id="none"),
        pytest.param({"MaxCapacity": 11}, "Maximum capacity cannot be greater than 10", id="more-than-at-once"),
        pytest.param({"ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}, "is not scalable", id="instances"),
    ],
)
@pytest.mark.usefixtures("sagemaker")
def test_targets_that_cannot_be(stage: Stage, changes: Loose, words: str) -> None:
    call = {**RESOURCE, "MinCapacity": 1, "MaxCapacity": 2, **changes}
    assert words in refused(stage.client("application-autoscaling").register_scalable_target, **call)

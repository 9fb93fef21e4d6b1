"""What copies use, by boto3: CloudWatch's metrics of it, and target tracking on them."""

from datetime import UTC, datetime

from stoker.domain.ids import WorkloadId
from stoker.engine.events import UsageSeen
from stoker.engine.traffic import CopyUse
from stoker.units import MIB, MINUTE, SECOND
from tests.conformance.sagemaker_stage import Loose, Stage, component, make_endpoint, make_model

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/c",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}


def burn(stage: Stage, cpus: float, minutes: int) -> None:
    """Let the component's copies use so many processors each, for so long."""
    for _ in range(6 * minutes):
        stage.run(stage.desk.advance(10 * SECOND))
        copies = stage.desk.platform.fleet.copies_of(WorkloadId("ic/c"))
        uses = tuple(CopyUse(copy_id=copy.copy_id, cpus=cpus, memory_bytes=256 * MIB, accelerators=0.5) for copy in copies)
        stage.run(stage.desk.submit(UsageSeen(at=stage.desk.now() - 1, copies=uses, disk=0.1)))


def specification(**needs: Loose) -> Loose:
    resources = {"NumberOfCpuCoresRequired": 2, "MinMemoryRequiredInMb": 1024, **needs}
    return {"ModelName": "m", "ComputeResourceRequirements": resources}


def test_statistics_of_what_copies_and_instances_use(stage: Stage) -> None:
    sagemaker, cloudwatch = stage.client(), stage.client("cloudwatch")
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(Specification=specification(NumberOfAcceleratorDevicesRequired=1)))
    stage.run(stage.desk.advance(MINUTE - stage.desk.now() % MINUTE))
    start = stage.desk.now() // SECOND
    burn(stage, 1.5, minutes=2)

    def asked(namespace: str, name: str, dimensions: Loose, statistic: str = "Average") -> float:
        reply = cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            Period=60,
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(start + 120, UTC),
            Statistics=[statistic],
        )
        points = reply["Datapoints"]
        assert [point["Unit"] for point in points] == ["Percent", "Percent"]
        assert points[0][statistic] == points[1][statistic]
        value: float = points[0][statistic]
        return value

    of_component, of_variant = {"InferenceComponentName": "c"}, {"EndpointName": "e", "VariantName": "AllTraffic"}
    copies, instances = "/aws/sagemaker/InferenceComponents", "/aws/sagemaker/Endpoints"
    assert asked(copies, "CPUUtilizationNormalized", of_component) == 75.0
    assert asked(copies, "CPUUtilizationNormalized", of_component, "SampleCount") == 6
    assert asked(copies, "MemoryUtilizationNormalized", of_component) == 25.0
    assert asked(copies, "GPUUtilizationNormalized", of_component) == 50.0
    assert asked(instances, "CPUUtilization", of_variant) == 150.0
    assert asked(instances, "GPUUtilization", of_variant) == 50.0
    assert asked(instances, "GPUReservation", of_variant) == 25.0
    assert asked(instances, "DiskUtilization", of_variant) == 10.0


def test_target_tracking_keeps_processors_busy_to_a_percentage(stage: Stage) -> None:
    sagemaker, scaling = stage.client(), stage.client("application-autoscaling")
    make_model(sagemaker)
    make_endpoint(sagemaker)
    sagemaker.create_inference_component(**component(Specification=specification()))
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=4)
    metric = {
        "Namespace": "/aws/sagemaker/InferenceComponents",
        "MetricName": "CPUUtilizationNormalized",
        "Dimensions": [{"Name": "InferenceComponentName", "Value": "c"}],
        "Statistic": "Average",
        "Unit": "Percent",
    }
    tracking = {"TargetValue": 40.0, "CustomizedMetricSpecification": metric}
    scaling.put_scaling_policy(
        **TARGET, PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking
    )
    burn(stage, 1.6, minutes=5)
    described = sagemaker.describe_inference_component(InferenceComponentName="c")
    assert described["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}, "80 % of what one has is for two"

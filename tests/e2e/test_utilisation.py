"""A model that keeps a processor busy is seen by boto3, and scaled by Hugging Face's rules."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.fault_stage import ENDPOINT, Stage, platform, until

BUSY = """
import os

def model_fn(model_dir):
    server = os.getpid()
    for _ in range(2):
        if not os.fork():  # a worker, which is as much the copy's as its server
            while os.getppid() == server:
                pass
            os._exit(0)
    return None

def predict_fn(data, model, context):
    return data
"""


def values(stage: Stage, namespace: str, name: str, dimensions: dict[str, str], statistic: str) -> list[float]:
    """Give a metric's datapoints, as get_metric_data has them."""
    now = datetime.fromtimestamp(float(stage.server.status()["now_s"]), UTC)
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    query: Any = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic, "Unit": "Percent"}}
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}
    (found,) = stage.cloudwatch.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"]
    points: list[float] = found["Values"]
    return points


@pytest.mark.timeout(90)
def test_a_model_that_burns_a_processor_is_seen_and_gets_another_copy(tmp_path: Path) -> None:
    with platform(tmp_path, clock_speed=150) as stage:
        stage.open()
        model = stage.models / "busy"
        model.mkdir()
        (model / "inference.py").write_text(BUSY)
        stage.create_model("busy", model)
        stage.sagemaker.create_inference_component(
            InferenceComponentName="busy",
            EndpointName=ENDPOINT,
            VariantName="AllTraffic",
            Specification={
                "ModelName": "busy",  # what it books, it has used up even where others keep the machine busy
                "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 0.25, "MinMemoryRequiredInMb": 512},
            },
            RuntimeConfig={"CopyCount": 1},
            Tags=[{"Key": "stoker:policy", "Value": "hf-current"}, {"Key": "stoker:max-copies", "Value": "2"}],
        )
        component, variant = {"InferenceComponentName": "busy"}, {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"}
        of_components, of_instances = "/aws/sagemaker/InferenceComponents", "/aws/sagemaker/Endpoints"
        until(lambda: max(values(stage, of_components, "CPUUtilizationNormalized", component, "Maximum"), default=0) > 80)
        until(lambda: stage.serving("busy", 2))
        (activity,) = stage.scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
        assert activity["Cause"].startswith("policy hf-current: utilisation averages ")
        assert 20 < max(values(stage, of_instances, "CPUUtilization", variant, "Maximum")) <= 4_800
        assert 0 < max(values(stage, of_components, "MemoryUtilizationNormalized", component, "Average")) < 100
        assert 0 < max(values(stage, of_instances, "DiskUtilization", variant, "Average")) <= 100
        assert values(stage, of_instances, "GPUUtilization", variant, "Average") == []
        listed = stage.cloudwatch.list_metrics(Namespace=of_components)["Metrics"]
        assert {each["MetricName"] for each in listed} == {"CPUUtilizationNormalized", "MemoryUtilizationNormalized"}

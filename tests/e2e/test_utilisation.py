"""A model that keeps a processor busy is seen by boto3, and scaled by Hugging Face's rules."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.fault_stage import ENDPOINT, Stage, platform, until

BUSY = """
import os
import time

HEAT = os.path.join(os.path.dirname(__file__), "heat")

def model_fn(model_dir):
    server = os.getpid()
    for _ in range(2):
        if not os.fork():  # a worker, which is as much the copy's as its server
            while os.getppid() == server:
                if not os.path.exists(HEAT):
                    time.sleep(0.01)
            os._exit(0)
    return None

def predict_fn(data, model, context):
    return data
"""
"""It keeps processors busy for as long as there is a file beside it."""

IDLE_S = 1000


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


def moves(stage: Stage) -> list[tuple[float, int, str]]:
    """Give when the copies became how many, and why; the first activity first."""
    told = stage.scaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    return [
        (each["StartTime"].timestamp(), int(re.findall(r"count to (\d+)", each["Description"])[0]), each["Cause"])
        for each in reversed(told)
    ]


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("preset", "up_s", "down_s"), [("hf-current", 60, 360), ("hf-2023", 180, 300)])
def test_a_model_that_burns_a_processor_is_seen_and_scaled_by_hugging_faces_rules(
    tmp_path: Path, preset: str, up_s: int, down_s: int
) -> None:
    """The clock is 150 times as fast; processor time and what copies use of it are measured in real seconds, and are the same."""
    with platform(tmp_path, clock_speed=150) as stage:
        stage.open()
        model = stage.models / "busy"
        model.mkdir()
        (model / "inference.py").write_text(BUSY)
        stage.create_model("busy", model)
        heat = model / "heat"
        heat.touch()
        stage.sagemaker.create_inference_component(
            InferenceComponentName="busy",
            EndpointName=ENDPOINT,
            VariantName="AllTraffic",
            Specification={
                "ModelName": "busy",  # what it books, it has used up even where others keep the machine busy
                "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 0.25, "MinMemoryRequiredInMb": 512},
            },
            RuntimeConfig={"CopyCount": 1},
            Tags=[
                {"Key": "stoker:policy", "Value": f"{preset} idle={IDLE_S}s"},
                {"Key": "stoker:max-copies", "Value": "3"},
            ],
        )
        component, variant = {"InferenceComponentName": "busy"}, {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"}
        of_components, of_instances = "/aws/sagemaker/InferenceComponents", "/aws/sagemaker/Endpoints"
        until(lambda: max(values(stage, of_components, "CPUUtilizationNormalized", component, "Maximum"), default=0) > 80)
        until(lambda: stage.serving("busy", 3))
        assert 20 < max(values(stage, of_instances, "CPUUtilization", variant, "Maximum")) <= 4_800
        assert 0 < max(values(stage, of_components, "MemoryUtilizationNormalized", component, "Average")) < 100
        assert 0 < max(values(stage, of_instances, "DiskUtilization", variant, "Average")) <= 100
        assert values(stage, of_instances, "GPUUtilization", variant, "Average") == []
        listed = stage.cloudwatch.list_metrics(Namespace=of_components)["Metrics"]
        assert {each["MetricName"] for each in listed} == {"CPUUtilizationNormalized", "MemoryUtilizationNormalized"}

        assert stage.invoke("busy", any=1) == {"any": 1}
        asked = float(stage.server.status()["now_s"])
        heat.unlink()
        until(lambda: stage.serving("busy", 0), limit_s=40)
        times, counts, causes = zip(*moves(stage), strict=True)
        assert counts == (2, 3, 2, 1, 0)
        assert times[1] - times[0] >= up_s
        assert times[3] - times[2] >= down_s, "today looks are every 120 s, and 300 s have to pass"
        assert IDLE_S - 15 <= times[4] - asked < 2 * IDLE_S
        cause = rf"policy {preset}: utilisation averages (\S+) over 60 s and \d cop\w+, 0\.8 is the threshold"
        averages = [float(found[1]) for each in causes[:4] if (found := re.match(cause, each))]
        assert len(averages) == 4
        assert min(averages[:2]) >= 0.8 > max(averages[2:])
        assert causes[3].endswith(" with one copy less")
        assert causes[4] == f"policy {preset}: no invocation for {IDLE_S} s"

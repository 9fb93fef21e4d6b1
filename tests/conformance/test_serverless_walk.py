"""A serverless endpoint's life, by plain boto3 against a server as users start it, with two gateways."""

import contextlib
import json
import os
import subprocess
import sys
import tarfile
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from demo.server import Server, running
from tests.conformance.sagemaker_stage import ROLE, Loose
from tests.conformance.test_walks import place
from tests.e2e.up_server import until

SPEED = 120.0
SDK = Path(__file__).resolve().parent / "walks" / "serverless_sdk.py"
HANDLER = """
import os
import time


def model_fn(model_dir):
    return os.getpid()


def predict_fn(data, model):
    time.sleep(data.get("seconds", 0))
    if "eat_mb" in data:
        eaten = [bytearray(b"x" * (1 << 20)) for _ in range(data["eat_mb"])]
    return {"pid": model, "text": "y" * data.get("size", 0)}
"""


class Walker:
    """A serverless endpoint `name`, of a model that says which process it is."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.name = ""
        self.sagemaker = server.client("sagemaker")
        self.runtime = server.client("sagemaker-runtime")
        self.cloudwatch = server.client("cloudwatch")
        self.scaling = server.client("application-autoscaling")
        (folder / "inference.py").write_text(HANDLER)
        primary = {"Image": "stoker/python", "ModelDataUrl": folder.as_uri()}
        self.sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=primary)

    def config(self, name: str, **serverless: int) -> str:
        """Make a configuration."""
        name = f"{self.name}-{name}"
        config = {"MemorySizeInMB": 1024, "MaxConcurrency": 4, **serverless}
        variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": config}
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    def describe(self) -> Loose:
        return self.sagemaker.describe_endpoint(EndpointName=self.name)

    def in_service(self) -> Loose:
        until(lambda: bool(self.describe()["EndpointStatus"] == "InService"), "InService")
        return self.describe()["ProductionVariants"][0]

    def environments(self) -> int:
        """Give how many environments are up, which AWS shows nobody."""
        endpoint = next(each for each in self.server.status()["endpoints"] if each["name"] == self.name)
        return int(endpoint["current_instances"])

    def usage(self) -> Loose:
        """Give what the endpoint used so far."""
        with urllib.request.urlopen(f"{self.server.address}/stoker/usage?endpoint={self.name}", timeout=10) as reply:  # noqa: S310 - our own server
            return json.load(reply)["total"]

    def invoke(self, **data: Loose) -> Loose:
        """Give the model's answer, or the error's code, message and status."""
        try:
            reply = self.runtime.invoke_endpoint(EndpointName=self.name, ContentType="application/json", Body=json.dumps(data))
        except ClientError as error:
            told: Loose = error.response
            return told["Error"]["Code"], told["Error"].get("Message"), told["ResponseMetadata"]["HTTPStatusCode"]
        answer = json.loads(reply["Body"].read())
        return {"cold": reply["ResponseMetadata"]["HTTPHeaders"].get("x-stoker-cold-start") == "true", **answer}

    def setups(self) -> float:
        """Give how many environments have been set up, by CloudWatch."""
        now = datetime.fromtimestamp(self.server.status()["now_s"], UTC)
        points = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="ModelSetupTime",
            Dimensions=[{"Name": "EndpointName", "Value": self.name}, {"Name": "VariantName", "Value": "v"}],
            StartTime=now - timedelta(hours=12),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["SampleCount"],
        )["Datapoints"]
        return float(sum(point["SampleCount"] for point in points))

    def burst(self, count: int, **data: Loose) -> list[Loose]:
        """Invoke so many times at once."""
        answers: list[Loose] = []
        threads = [threading.Thread(target=lambda: answers.append(self.invoke(**data))) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    place = tmp_path_factory.mktemp("serverless")
    folder = place / "m"
    folder.mkdir()
    with running(place, clock_speed=SPEED, flags=("--gateways", "2")) as server:
        yield Walker(server, folder)


@pytest.fixture
def walker(started: Walker, request: pytest.FixtureRequest) -> Iterator[Walker]:
    started.name = request.node.name[5:40].replace("_", "-").rstrip("-")
    yield started
    with contextlib.suppress(ClientError):
        started.sagemaker.delete_endpoint(EndpointName=started.name)


def test_a_serverless_endpoint_from_create_to_delete(walker: Walker) -> None:
    walker.sagemaker.create_endpoint(EndpointName=walker.name, EndpointConfigName=walker.config("c"))
    shown = walker.in_service()
    config = {"MemorySizeInMB": 1024, "MaxConcurrency": 4}
    assert shown["CurrentServerlessConfig"] == shown["DesiredServerlessConfig"] == config
    assert "CurrentInstanceCount" not in shown

    until(lambda: walker.environments() == 0, "idle to zero by itself", 20)
    assert walker.describe()["EndpointStatus"] == "InService"
    before = walker.setups()
    assert walker.invoke()["cold"]
    assert not walker.invoke()["cold"]
    assert walker.setups() == before + 1

    # Longer than a start takes on a busy machine: else who waits for an environment gets one that became free.
    answers = walker.burst(12, seconds=2.5)
    served = [answer for answer in answers if isinstance(answer, dict)]
    assert len({answer["pid"] for answer in served}) == len(served) == 4, "four at once, each in an environment of its own"
    assert [answer for answer in answers if not isinstance(answer, dict)] == [("ThrottlingException", None, 400)] * 8
    until(lambda: bool(walker.usage()["gb_s"] >= 4 * SPEED), "what invocations took is billed, a second each and a GB", 5)
    assert walker.usage()["instance_s"] == 0
    assert 0 < walker.usage()["used"] < walker.usage()["always_on"]

    change = {"VariantName": "v", "ServerlessUpdateConfig": {"MaxConcurrency": 6}}
    walker.sagemaker.update_endpoint_weights_and_capacities(EndpointName=walker.name, DesiredWeightsAndCapacities=[change])
    assert walker.in_service()["CurrentServerlessConfig"]["MaxConcurrency"] == 6
    assert sum(isinstance(answer, dict) for answer in walker.burst(9, seconds=1.0)) == 6

    resource = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{walker.name}/variant/v",
        "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
    }
    walker.scaling.register_scalable_target(**resource, MinCapacity=1, MaxCapacity=6)
    utilization = {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"}
    tracking = {"TargetValue": 0.4, "PredefinedMetricSpecification": utilization}
    walker.scaling.put_scaling_policy(
        **resource, PolicyName="p", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking
    )
    assert walker.in_service()["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 1
    walker.burst(2, seconds=3.5)
    assert walker.in_service()["DesiredServerlessConfig"]["ProvisionedConcurrency"] >= 3
    walker.scaling.deregister_scalable_target(**resource)

    walker.sagemaker.update_endpoint(EndpointName=walker.name, EndpointConfigName=walker.config("larger", MemorySizeInMB=2048))
    assert walker.in_service()["CurrentServerlessConfig"]["MemorySizeInMB"] == 2048
    assert isinstance(walker.invoke(), dict)

    instances = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    walker.sagemaker.create_endpoint_config(EndpointConfigName="real", ProductionVariants=[instances])
    walker.sagemaker.update_endpoint(EndpointName=walker.name, EndpointConfigName="real")
    assert walker.in_service()["CurrentInstanceCount"] == 1
    with pytest.raises(ClientError, match="cannot become serverless"):
        walker.sagemaker.update_endpoint(EndpointName=walker.name, EndpointConfigName=f"{walker.name}-c")
    walker.sagemaker.delete_endpoint(EndpointName=walker.name)
    until(lambda: not walker.sagemaker.list_endpoints(NameContains=walker.name)["Endpoints"], "deleted")


def test_payloads_have_a_bound_of_4_mb_each_way(walker: Walker) -> None:
    walker.sagemaker.create_endpoint(EndpointName=walker.name, EndpointConfigName=walker.config("c"))
    walker.in_service()
    most = 4 * 1024 * 1024
    assert isinstance(walker.invoke(pad="x" * (most - 100)), dict)
    code, message, status = walker.invoke(pad="x" * most)
    assert (code, status) == ("RequestEntityTooLargeException", 413)
    assert str(most) in message
    assert len(walker.invoke(size=most - 100)["text"]) == most - 100
    code, message, status = walker.invoke(size=most)
    assert (code, status) == ("ModelError", 424)
    assert f"The response of container primary is larger than {most} bytes." in message
    assert isinstance(walker.invoke(), dict), "the environment serves on"


def test_an_environment_over_its_memory_says_so_and_the_next_one_serves(walker: Walker) -> None:
    """Where a group of processes can be limited it is killed; elsewhere an allocation fails, and the model says that."""
    walker.sagemaker.create_endpoint(EndpointName=walker.name, EndpointConfigName=walker.config("c"))
    walker.in_service()
    code, message, status = walker.invoke(eat_mb=1500)
    assert (code, status) == ("ModelError", 424)
    assert "MemoryError" in message or "it went over its memory limit of 1024 MB" in message
    assert isinstance(walker.invoke(), dict)


def test_the_sagemaker_sdk_makes_one_and_gives_it_another_size(walker: Walker, tmp_path: Path) -> None:
    (tmp_path / "inference.py").write_text(HANDLER)
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "inference.py", "inference.py")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    keys = {**walker.server.environment, "AWS_ENDPOINT_URL": walker.server.address, "HOME": str(tmp_path)}
    environment = {**plain, **keys, "PYTHONPATH": str(place("sagemaker")), "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}
    command = [sys.executable, "-W", "ignore", str(SDK), walker.name, str(tmp_path / "model.tar.gz")]
    walked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment, timeout=50)
    assert walked.returncode == 0, walked.stderr[-3000:]
    seen = json.loads(walked.stdout.splitlines()[-1])
    assert seen["version"].startswith("2.")
    assert seen["shown"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 2}
    assert seen["changed"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 3, "ProvisionedConcurrency": 1}
    assert seen["answers"] == ["yyy", "yy"]

"""Endpoints with many models on a whole server: scripts of the built-in image, and a container that speaks the contract."""

import io
import json
import os
import signal
import sys
import tarfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.e2e import multi_model_container
from tests.e2e.up_server import Server, processes, servers, stoker, until

SCRIPT = """
def model_fn(model_dir):
    if "{name}" == "broken":
        raise RuntimeError("no such luck")
    return "{name}"

def predict_fn(data, model):
    return {{"model": model, "data": data}}
"""


CODE = {"code/inference.py": SCRIPT}


def packed(name: str, **files: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for file, text in files.items():
            content = text.format(name=name).encode()
            member = tarfile.TarInfo(file)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


class House:
    """A server with the endpoints `scripts` and `container` of many models, and `single` of one."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._env = json.loads(stoker("env", "--data", str(server.data), "--format", "json").stdout)
        self.runtime = self.client("sagemaker-runtime")

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._env["AWS_ENDPOINT_URL"],
            region_name=self._env["AWS_REGION"],
            aws_access_key_id=self._env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._env["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}, read_timeout=20, s3={"addressing_style": "path"}),
        )

    def deploy(self, name: str, container: dict[str, Any]) -> None:
        calls = self.client("sagemaker")
        calls.create_model(ModelName=name, PrimaryContainer=container)
        variant = {"VariantName": "main", "ModelName": name, "InstanceType": "ml.c5.xlarge", "InitialInstanceCount": 1}
        calls.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        calls.create_endpoint(EndpointName=name, EndpointConfigName=name)

    def ask(self, endpoint: str, model: str | None, body: str = "1") -> Any:
        target = {} if model is None else {"TargetModel": model}
        reply = self.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType="application/json", **target)
        return json.loads(reply["Body"].read())

    def refused(self, endpoint: str, model: str | None, body: str = "1") -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            self.ask(endpoint, model, body)
        told: dict[str, Any] = caught.value.response
        return told


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with servers() as (data, start):
        place = data.parent
        command = [sys.executable, multi_model_container.__file__, "{port}"]
        (place / "s.toml").write_text(f'[[images]]\npattern = "many:*"\ncommand = {json.dumps(command)}\n')
        house = House(start("--config", str(place / "s.toml")))
        buckets = house.client("s3")
        buckets.create_bucket(Bucket="models")
        for name in ("one", "two", "broken"):
            buckets.put_object(Bucket="models", Key=f"a/{name}.tar.gz", Body=packed(name, **CODE))
        words = place / "words"
        words.mkdir()
        for name in ("red", "green", "blue"):
            (words / f"{name}.tar.gz").write_bytes(packed(name, word="{name}"))
        house.deploy("scripts", {"Image": "stoker/python", "ModelDataUrl": "s3://models/a/", "Mode": "MultiModel"})
        house.deploy("container", {"Image": "many:1", "ModelDataUrl": words.as_uri(), "Mode": "MultiModel"})
        house.deploy("single", {"Image": "many:1"})
        waiter = house.client("sagemaker").get_waiter("endpoint_in_service")
        for name in ("scripts", "container", "single"):
            waiter.wait(EndpointName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})
        yield house


def test_the_built_in_image_loads_scripts_when_they_are_asked_for(house: House) -> None:
    for name in ("one", "two", "one"):
        assert house.ask("scripts", f"{name}.tar.gz", "[7]") == {"model": name, "data": [7]}
    house.client("s3").put_object(Bucket="models", Key="a/new/three.tar.gz", Body=packed("three", **CODE))
    assert house.ask("scripts", "new/three.tar.gz") == {"model": "three", "data": 1}


def test_what_is_not_to_be_had_is_said_as_it_is_documented(house: House) -> None:
    absent = house.refused("scripts", "four.tar.gz")
    assert absent["Error"]["Code"] == "ValidationError"
    assert absent["Error"]["Message"].startswith("Failed to download model data (four.tar.gz).")
    missing = house.refused("scripts", None)["Error"]
    assert missing["Code"] == "ValidationError"
    assert missing["Message"].endswith(" is missing a target model header.")
    odd = house.refused("single", "one.tar.gz")["Error"]
    assert odd["Code"] == "ValidationError"
    assert odd["Message"] == "Endpoint single is not a multi-model endpoint and does not support target model header."
    broken = house.refused("scripts", "broken.tar.gz")
    assert (broken["Error"]["Code"], broken["OriginalStatusCode"]) == ("ModelError", 500)
    assert "no such luck" in broken["OriginalMessage"]
    assert house.ask("scripts", "one.tar.gz") == {"model": "one", "data": 1}


def test_a_container_that_speaks_the_contract_has_the_longest_unused_model_unloaded(house: House) -> None:
    assert house.ask("container", "red.tar.gz") == {"word": "red", "target": "red.tar.gz", "loaded": 1}
    assert house.ask("container", "green.tar.gz")["loaded"] == 2
    assert house.ask("container", "blue.tar.gz") == {"word": "blue", "target": "blue.tar.gz", "loaded": 2}
    failed = house.refused("container", "blue.tar.gz", "fail")
    assert (failed["Error"]["Code"], failed["OriginalStatusCode"]) == ("ModelError", 503)
    house.ask("container", "blue.tar.gz", "forget")
    assert house.ask("container", "blue.tar.gz")["word"] == "blue", "a model that the container let go by itself is loaded again"


def test_loads_hits_and_counts_are_metrics(house: House) -> None:
    house.ask("scripts", "one.tar.gz")
    house.ask("scripts", "one.tar.gz")
    client = house.client("cloudwatch")
    asked = {
        "Dimensions": [{"Name": "EndpointName", "Value": "scripts"}, {"Name": "VariantName", "Value": "main"}],
        "Period": 60,
        "StartTime": datetime.now(UTC) - timedelta(minutes=10),
        "EndTime": datetime.now(UTC) + timedelta(minutes=1),
        "Statistics": ["Sum", "Maximum", "SampleCount"],
    }

    def points(name: str, namespace: str = "AWS/SageMaker") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get_metric_statistics(Namespace=namespace, MetricName=name, **asked)["Datapoints"]
        return found

    until(lambda: sum(point["Sum"] for point in points("ModelCacheHit")) >= 1, "a hit is counted")
    assert max(p["Maximum"] for p in points("LoadedModelCount", "/aws/sagemaker/Endpoints")) >= 1
    for name in ("ModelLoadingWaitTime", "ModelLoadingTime", "ModelDownloadingTime"):
        assert sum(point["SampleCount"] for point in points(name)) >= 1, name
        assert all(point["Unit"] == "Microseconds" for point in points(name))


def test_a_dead_container_takes_its_copy_along_and_another_comes(house: House) -> None:
    program = multi_model_container.__file__
    before = _children(program, house.server.data)
    (child,) = [pid for pid in before if os.getpgid(pid) != pid]  # the other one is the single model's copy itself
    os.kill(child, signal.SIGKILL)
    until(lambda: set(_children(program, house.server.data)) - set(before) != set(), "the container is started anew", 20)

    def served() -> bool:
        try:
            return bool(house.ask("container", "red.tar.gz")["word"] == "red")
        except ClientError:
            time.sleep(0.1)
            return False

    until(served, "the endpoint serves again", 20)
    assert processes(house.server.data)


def _children(program: str, data: Path) -> list[int]:
    """Give the processes that are the container itself, of this directory's server: another worker may have one, too."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
            home = (entry.parent / "cwd").readlink()
        except OSError:
            continue
        if len(words) > 1 and words[1] == os.fsencode(program) and home.is_relative_to(data):
            found.append(int(entry.parent.name))
    return found

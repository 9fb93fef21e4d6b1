"""A model that gives its input back, served whole: by `stoker up` with one gateway and one copy, by Ray Serve with one replica.

Everything of one system runs on one core; the load has the other.
"""

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
from _bench_processes import NotReadyError, free_port, running
from _extras import python_of
from _proxies import HERE, Stand, Target, own_folder, own_python
from botocore.exceptions import BotoCoreError, ClientError

MODEL = """
def model_fn(model_dir):
    return None


def predict_fn(data, model):
    return {"answer": data["inputs"]}
"""
ROLE = "arn:aws:iam::123456789012:role/any"
DEPLOY_S = 180.0
READY = re.compile(r"stoker is ready on http://[^:]+:(\d+)")
READY_RAY = re.compile(r"^ready$", re.MULTILINE)


@contextlib.contextmanager
def start_platform(stand: Stand) -> Iterator[Target]:
    """Run `stoker up` and deploy the model. Raises `NotReadyError`."""
    folder = own_folder(stand, "platform")
    command = [own_python(), "-m", "stoker.cli.main", "up", "--port", "0", "--data", str(folder / "data")]
    with running([*command, "--gateways", "1", "--auth", "off"], core=stand.proxy_core, log=folder / "log") as process:
        port = int(_await_line(process, folder / "log", READY)[1])
        try:
            _deploy(folder, port)
        except (BotoCoreError, ClientError) as failed:
            raise NotReadyError(f"deploying failed: {failed}") from failed
        yield Target(name="stoker", port=port, process=process, speaks="stoker")


def _await_line(process: psutil.Process, log: Path, wanted: re.Pattern[str]) -> re.Match[str]:
    end = time.monotonic() + DEPLOY_S
    while (found := wanted.search(text := log.read_text(errors="replace"))) is None:
        if process.status() == psutil.STATUS_ZOMBIE or time.monotonic() > end:
            raise NotReadyError(f"{log.parent.name} did not get ready:\n{text[-2000:]}")
        time.sleep(0.1)
    return found


def _deploy(folder: Path, port: int) -> None:
    (folder / "model").mkdir()
    (folder / "model" / "inference.py").write_text(MODEL)
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}
    sagemaker: Any = boto3.client("sagemaker", endpoint_url=f"http://127.0.0.1:{port}", **keys)
    container = {"Image": "stoker/python", "ModelDataUrl": (folder / "model").as_uri()}
    sagemaker.create_model(ModelName="llama", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "main", "InstanceType": "ml.c5.xlarge", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="chat", ExecutionRoleArn=ROLE, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="chat", EndpointConfigName="chat")
    _until(lambda: sagemaker.describe_endpoint(EndpointName="chat")["EndpointStatus"], folder)
    needs = {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 256}
    sagemaker.create_inference_component(
        InferenceComponentName="llama",
        EndpointName="chat",
        VariantName="main",
        Specification={"ModelName": "llama", "ComputeResourceRequirements": needs},
        RuntimeConfig={"CopyCount": 1},
    )
    describe = sagemaker.describe_inference_component
    _until(lambda: describe(InferenceComponentName="llama")["InferenceComponentStatus"], folder)


def _until(status: Any, folder: Path) -> None:  # noqa: ANN401 - boto3's replies have no types
    end = time.monotonic() + DEPLOY_S
    while (now := status()) != "InService":
        if now == "Failed" or time.monotonic() > end:
            raise NotReadyError(f"the deployment is {now}:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


@contextlib.contextmanager
def start_ray(stand: Stand) -> Iterator[Target]:
    """Run Ray Serve with one replica of the model. Raises `NotReadyError`."""
    python = python_of("ray")
    if python is None:
        raise NotReadyError("Ray is not there")
    folder, port = own_folder(stand, "ray"), free_port()
    with running([str(python), str(HERE / "_ray_model.py"), str(port)], core=stand.proxy_core, log=folder / "log") as process:
        _await_line(process, folder / "log", READY_RAY)
        yield Target(name="ray serve", port=port, process=process)

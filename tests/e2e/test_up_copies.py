"""A whole server with a real copy: it survives what it should survive, and goes when it should go."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import pytest
from botocore.config import Config

from stoker.runtimes.process.places import Places
from stoker.runtimes.process.proctable import marked
from tests.e2e.up_server import Server, processes, servers, stoker, until

Started: TypeAlias = tuple[Path, Callable[..., Server]]

ROLE = "arn:aws:iam::123456789012:role/stoker"
SCRIPT = """
import os, time

def model_fn(model_dir):
    print("the model is loaded", flush=True)
    return str.upper

def predict_fn(data, model):
    time.sleep(data.get("s", 0))
    return {"answer": model(data["text"]), "process": os.getpid()}
"""


@pytest.fixture
def started() -> Iterator[Started]:
    with servers() as both:
        yield both


def client(server: Server, service: str) -> Any:
    env = json.loads(stoker("env", "--data", str(server.data), "--format", "json").stdout)
    return boto3.client(
        service,
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name=env["AWS_REGION"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
    )


def deploy(server: Server, copies: int = 1) -> None:
    """Make the endpoint `shout` with a component of the same name."""
    model = server.data.with_name("model")
    model.mkdir(exist_ok=True)
    (model / "inference.py").write_text(SCRIPT)
    calls = client(server, "sagemaker")
    container = {"Image": "stoker/python", "ModelDataUrl": model.as_uri()}
    calls.create_model(ModelName="shout", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "main",
        "InstanceType": "ml.c5.xlarge",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
    }
    calls.create_endpoint_config(EndpointConfigName="shout", ExecutionRoleArn=ROLE, ProductionVariants=[variant])
    calls.create_endpoint(EndpointName="shout", EndpointConfigName="shout")
    calls.get_waiter("endpoint_in_service").wait(EndpointName="shout", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    calls.create_inference_component(
        InferenceComponentName="shout",
        EndpointName="shout",
        VariantName="main",
        Specification={"ModelName": "shout", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}},
        RuntimeConfig={"CopyCount": copies},
    )


def invoke(runtime: Any, text: str, s: float = 0) -> dict[str, Any]:
    body = json.dumps({"text": text, "s": s})
    reply = runtime.invoke_endpoint(
        EndpointName="shout", InferenceComponentName="shout", Body=body, ContentType="application/json", Accept="application/json"
    )
    answer: dict[str, Any] = json.loads(reply["Body"].read())
    return answer


def copies_of(data: Path) -> set[int]:
    """Give the processes of all copies."""
    return set(marked(Places(data).owner))


def test_a_copy_survives_the_control_plane_and_ends_with_the_server(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    deploy(server)
    runtime = client(server, "sagemaker-runtime")
    first = invoke(runtime, "one")
    assert first["answer"] == "ONE"
    for _ in range(2):
        control = server.child("control")
        os.kill(control, signal.SIGKILL)
        assert invoke(runtime, "two")["process"] == first["process"]
        until(lambda control=control: server.child("control") not in {0, control}, "a new control plane")  # type: ignore[misc]
        server.get("/stoker/health")
        assert invoke(runtime, "three")["process"] == first["process"]
    status = stoker("status", "--data", str(data))
    assert "shout" in status.stdout
    assert "1/1" in status.stdout
    logs = stoker("logs", "--data", str(data), "shout")
    assert (logs.returncode, logs.stdout.splitlines()[-1]) == (0, "the model is loaded")
    assert server.stop() == (0, "")
    assert (copies_of(data), processes(data)) == (set(), {})


def test_an_invocation_in_flight_is_answered_before_the_server_ends(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    deploy(server)
    runtime = client(server, "sagemaker-runtime")
    invoke(runtime, "warm")
    answers: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: answers.append(invoke(runtime, "slow", s=1)))
    thread.start()
    until(lambda: json.loads(server.get("/stoker/gateway")[1])["in_flight"] == 1, "the invocation is in flight")
    assert server.stop() == (0, "")
    thread.join(timeout=5)
    assert [answer["answer"] for answer in answers] == ["SLOW"]
    assert copies_of(data) == set()


def test_copies_go_when_the_supervisor_is_killed_and_come_back_with_the_next(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    deploy(server)
    first = invoke(client(server, "sagemaker-runtime"), "one")
    server.process.kill()
    server.process.wait()
    until(lambda: not processes(data) and not copies_of(data), "everything has ended")
    second = start("--gateways", "1")
    again = invoke(client(second, "sagemaker-runtime"), "two")
    assert again["answer"] == "TWO"
    assert again["process"] != first["process"]


def test_a_hung_control_plane_takes_its_copies_along(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    deploy(server)
    invoke(client(server, "sagemaker-runtime"), "one")
    os.kill(server.child("control"), signal.SIGSTOP)
    server.process.send_signal(signal.SIGTERM)
    until(lambda: not server.child("gateway-1"), "the gateway has ended")
    assert server.stop(signal.SIGINT) == (0, "")
    assert (copies_of(data), processes(data)) == (set(), {})


def test_down_sweeps_copies_that_nobody_is_left_to_stop(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    deploy(server)
    invoke(client(server, "sagemaker-runtime"), "one")
    # All at once, so that nobody is left to notice.
    server.process.send_signal(signal.SIGSTOP)
    os.kill(server.child("control"), signal.SIGKILL)
    server.process.kill()
    server.process.wait()
    until(lambda: not processes(data), "the gateway has ended")
    assert copies_of(data)
    down = stoker("down", "--data", str(data))
    assert (down.returncode, down.stdout) == (0, f"Stopped 1 copy that a server had left on {data}.\n")
    assert copies_of(data) == set()

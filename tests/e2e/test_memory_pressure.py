"""Models that do not fit together, in turn, on a live server with real processes: everybody is answered, and nobody thrashes."""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo.server import Server, running
from tests.e2e.test_control_plane_killed import control_plane
from tests.e2e.zero_stage import ROLE, until

ENDPOINT = "shared"
HANDLER = """
import time


def model_fn(model_dir):
    time.sleep(0.2)
    return model_dir.rsplit("/", 1)[-1]


def predict_fn(data, model):
    time.sleep(data["seconds"])
    return {"model": model, "number": data["number"]}
"""


def deploy(server: Server, root: Path, names: str) -> None:
    """Make components of which one has room on the endpoint's only instance."""
    sagemaker = server.client("sagemaker")
    sagemaker.create_endpoint_config(
        EndpointConfigName=ENDPOINT,
        ExecutionRoleArn=ROLE,
        ProductionVariants=[
            {
                "VariantName": "all",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
                "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 1},
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
    until(lambda: sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointStatus"] == "InService")
    for name in names:
        model = root / name
        model.mkdir()
        (model / "inference.py").write_text(HANDLER)
        container = {"Image": "stoker/python", "ModelDataUrl": model.as_uri()}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        sagemaker.create_inference_component(
            InferenceComponentName=name,
            EndpointName=ENDPOINT,
            VariantName="all",
            Specification={"ModelName": name, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 6000}},
            RuntimeConfig={"CopyCount": 1},
        )
        # The second one can only come up because the first one makes way, which nobody invokes.
        until(partial(_in_service, sagemaker, name))


def _in_service(sagemaker: Any, name: str) -> bool:
    reply = sagemaker.describe_inference_component(InferenceComponentName=name)
    return bool(reply["InferenceComponentStatus"] == "InService")


@pytest.mark.timeout(60)
def test_two_models_in_turn_share_one_place(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with running(data, clock_speed=1) as server:
        deploy(server, tmp_path, "ab")
        runtime = server.client("sagemaker-runtime", read_timeout=60)

        def ask(number: int, seconds: float = 0.02) -> float:
            name = "ab"[number % 2]
            began = time.monotonic()
            body = json.dumps({"number": number, "seconds": seconds})
            reply = runtime.invoke_endpoint(
                EndpointName=ENDPOINT, InferenceComponentName=name, ContentType="application/json", Body=body
            )
            assert json.loads(reply["Body"].read()) == {"model": name, "number": number}
            return time.monotonic() - began

        before = server.status()["evicted"]
        with ThreadPoolExecutor(20) as pool:  # all at once, both models at the same time: each is loaded once or twice
            waits = list(pool.map(ask, range(40)))
        together = server.status()["evicted"] - before
        assert 1 <= together <= 4
        assert max(waits) < 15

        in_turn = [ask(number) for number in range(2)]  # one after the other: each has to be loaded
        assert max(in_turn) < 10
        status = server.status()
        assert status["evicted"] - before - together in {1, 2}
        (endpoint,) = status["endpoints"]
        gone = next(w for w in endpoint["workloads"] if not w["current"])
        assert f"waits for room that ic/{gone['name']} has; ic/{gone['name']} is idle, and worth" in gone["room"]
        told = server.client("application-autoscaling").describe_scaling_activities(
            ServiceNamespace="sagemaker", ResourceId=f"inference-component/{gone['name']}"
        )["ScalingActivities"][0]
        assert told["Cause"] in gone["room"]
        assert (told["Description"], told["StatusCode"]) == ("Setting desired copy count to 0.", "Successful")

        with ThreadPoolExecutor(2) as pool:  # what works is not cut off, and who waits is not forgotten, whoever is killed
            long = pool.submit(ask, 1, 1.5)
            until(lambda: any(w["in_flight"] for w in server.status()["endpoints"][0]["workloads"]))
            other = pool.submit(ask, 0)
            until(lambda: any(w["held"] for w in server.status()["endpoints"][0]["workloads"]))
            victim = control_plane(server)
            assert victim is not None
            victim.kill()
            assert 1.5 <= long.result() < 15
            assert other.result() < 20


REPOSITORY = """
class EndpointHandler:
    def __init__(self, path=""):
        self.name = path.rsplit("/", 1)[-1]

    def __call__(self, data):
        return {"said": data["inputs"], "by": self.name}
"""


@pytest.mark.timeout(60)
def test_hugging_face_endpoints_share_the_memory_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOKER__MEMORY__BUDGET_MB", "2048")
    data = tmp_path / "data"
    data.mkdir()
    with running(data, clock_speed=1) as server:
        token = server.environment["HF_TOKEN"]

        def call(method: str, path: str, body: object = None) -> Any:
            content = None if body is None else json.dumps(body).encode()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            request = urllib.request.Request(f"{server.address}{path}", content, headers, method=method)  # noqa: S310 - our own server
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
                return json.load(reply)

        def state(name: str) -> str:
            return str(call("GET", f"/v2/endpoint/stoker/{name}")["status"]["state"])

        for name in "xy":
            model = tmp_path / name
            model.mkdir()
            (model / "handler.py").write_text(REPOSITORY)
            scaling = {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15}
            endpoint = {
                "name": name,
                "type": "authenticated",
                "provider": {"vendor": "local", "region": "here"},
                "compute": {"accelerator": "cpu", "instanceType": "intel-spr", "instanceSize": "x1", "scaling": scaling},
                "model": {"repository": str(model), "framework": "custom", "task": "custom", "image": {"huggingface": {}}},
            }
            call("POST", "/v2/endpoint/stoker", endpoint)
            until(partial(lambda wanted: state(wanted) == "running", name))
        assert [state(name) for name in "xy"] == ["scaledToZero", "running"]
        for number in range(3):
            name = "xy"[number % 2]
            assert call("POST", f"/ep/stoker/{name}", {"inputs": str(number)}) == {"said": str(number), "by": name}
        assert server.status()["evicted"] == 4

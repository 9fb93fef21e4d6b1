"""A whole platform to be harmed: an endpoint for components whose model does what each request asks, good or bad."""

import contextlib
import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from demo.server import Server, running
from stoker.runtimes.process.places import Places
from stoker.runtimes.process.proctable import marked, start_of
from tests.e2e.up_server import processes

ENDPOINT = "faults"
ROLE = "arn:aws:iam::123456789012:role/anything"
LIMIT_S = 20.0
HANDLER = """
import os
import time


def model_fn(model_dir):
    print("the model is loaded", flush=True)
    return os.getpid()


def predict_fn(data, model, context):
    time.sleep(data.get("seconds", 0))
    if "exit" in data:
        os._exit(data["exit"])
    if "raise" in data:
        raise RuntimeError(data["raise"])
    if "status" in data:
        context.set_response_status(data["status"])
    return parts(data) if "parts" in data else {"pid": model, "echo": data}


def parts(data):
    for number in range(data["parts"]):
        time.sleep(data.get("every", 0))
        if number == data.get("raise_at"):
            raise RuntimeError("the generator broke")
        if number == data.get("exit_at"):
            os._exit(3)
        yield b"part %d;" % number
"""
SWIFT = """
[process]
stop_grace_s = 1
ping_interval_s = 0.2
ping_timeout_s = 1
"""
"""Settings under which a copy that hangs is found out soon."""


class Stage:
    """A running platform, and what tests do to it."""

    def __init__(self, server: Server, models: Path) -> None:
        self.server = server
        self.models = models
        self.sagemaker = self.client("sagemaker")
        self.runtime = self.client("sagemaker-runtime")
        self.scaling = self.client("application-autoscaling")
        self.cloudwatch = self.client("cloudwatch")

    def client(self, service: str, *, attempts: int | None = 1, key: str = "", secret: str = "", checked: bool = True) -> Any:
        """Give a boto3 client; `attempts` None leaves retries as boto3 has them, `checked` False sends anything."""
        known = self.server.environment
        retries = {} if attempts is None else {"retries": {"total_max_attempts": attempts}}
        return boto3.client(
            service,
            endpoint_url=self.server.address,
            region_name=known["AWS_DEFAULT_REGION"],
            aws_access_key_id=key or known["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=secret or known["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=64, read_timeout=LIMIT_S, parameter_validation=checked, **retries),
        )

    # Setting up.

    def open(self, *, instances: int = 1) -> None:
        """Make the endpoint and wait until it is in service."""
        variant = {
            "VariantName": "AllTraffic",
            "InstanceType": "ml.g5.12xlarge",
            "InitialInstanceCount": instances,
            "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 4},
            "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        }
        self.sagemaker.create_endpoint_config(EndpointConfigName=ENDPOINT, ExecutionRoleArn=ROLE, ProductionVariants=[variant])
        self.sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
        until(lambda: self.sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointStatus"] == "InService")

    def deploy(
        self,
        name: str,
        *,
        copies: int = 1,
        handler: str = HANDLER,
        wait: bool = True,
        policy: str = "none",
        image: str = "stoker/python",
    ) -> Path:
        """Make a model and a component of that name; gives the model's directory. Copies answer four requests at once.

        With the policy `none` the count stays as it is, unless a target is registered.
        """
        model = self.models / name
        model.mkdir()
        (model / "inference.py").write_text(handler)
        self.create_model(name, model, image)
        self.sagemaker.create_inference_component(
            InferenceComponentName=name,
            EndpointName=ENDPOINT,
            VariantName="AllTraffic",
            Specification={
                "ModelName": name,
                "StartupParameters": {"ContainerStartupHealthCheckTimeoutInSeconds": 60},
                "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 512},
            },
            RuntimeConfig={"CopyCount": copies},
            Tags=[{"Key": "stoker:policy", "Value": policy}],
        )
        if wait:
            until(lambda: self.component(name)["InferenceComponentStatus"] == "InService")
        return model

    def create_model(self, name: str, model: Path, image: str = "stoker/python") -> None:
        """Make a model."""
        container = {
            "Image": image,
            "ModelDataUrl": model.as_uri(),
            "Environment": {"SAGEMAKER_MODEL_SERVER_WORKERS": "4"},
        }
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)

    def allow_zero(self, name: str, *, most: int = 2) -> None:
        """Register a scalable target, so that demand may wake the component."""
        self.scaling.register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"inference-component/{name}",
            ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
            MinCapacity=0,
            MaxCapacity=most,
        )

    def set_copies(self, name: str, count: int) -> None:
        """Ask for another copy count."""
        self.sagemaker.update_inference_component_runtime_config(
            InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": count}
        )

    # Looking.

    def component(self, name: str) -> Any:
        """Give DescribeInferenceComponent's reply."""
        return self.sagemaker.describe_inference_component(InferenceComponentName=name)

    def serving(self, name: str, count: int) -> bool:
        """Tell whether the component has come to rest with that many copies."""
        described = self.component(name)
        wanted = {"DesiredCopyCount": count, "CurrentCopyCount": count}
        return bool(described["InferenceComponentStatus"] == "InService" and described["RuntimeConfig"] == wanted)

    def in_service(self, name: str) -> set[str]:
        """Give the ids of a component's copies that invocations go to, when the gateway that is asked knows it as well."""
        status = self.server.status()
        until(lambda: self.gateway()["table_version"] >= status["table_version"])
        workloads = [w for endpoint in status["endpoints"] for w in endpoint["workloads"]]
        return {c["copy_id"] for w in workloads if w["name"] == name for c in w["copies"] if c["state"] == "InService"}

    def gateway(self) -> dict[str, Any]:
        """Give a gateway's own picture of itself."""
        with urllib.request.urlopen(f"{self.server.address}/stoker/gateway", timeout=LIMIT_S) as reply:  # noqa: S310 - our own server
            told: dict[str, Any] = json.load(reply)
        return told

    def pids(self, name: str) -> dict[str, int]:
        """Give the process of each copy of a component, by copy id, as the runtime's records on disk have them."""
        records = Places(self.server.data).load()
        return {
            str(copy_id): record.pid
            for copy_id, record in records.items()
            if record is not None and record.pid and record.spec.workload == f"ic/{name}"
        }

    def child(self, name: str) -> int:
        """Give the process of a child of the supervisor (`control`, `gateway-1`), 0 while there is none."""
        return child(self.server.data, name)

    # Asking.

    def invoke(self, name: str, runtime: Any = None, **data: object) -> dict[str, Any]:
        """Invoke a component and give its answer."""
        reply = (runtime or self.runtime).invoke_endpoint(
            EndpointName=ENDPOINT, InferenceComponentName=name, ContentType="application/json", Body=json.dumps(data)
        )
        answer: dict[str, Any] = json.loads(reply["Body"].read())
        return answer

    def stream(self, name: str, **data: object) -> Iterator[bytes]:
        """Stream an answer of a component."""
        reply = self.runtime.invoke_endpoint_with_response_stream(
            EndpointName=ENDPOINT, InferenceComponentName=name, ContentType="application/json", Body=json.dumps(data)
        )
        with contextlib.closing(reply["Body"]) as events:
            for event in events:
                yield event["PayloadPart"]["Bytes"]

    def refused(self, name: str, **data: object) -> dict[str, Any]:
        """Invoke a component and give the error that came of it."""
        try:
            answer = self.invoke(name, **data)
        except ClientError as error:
            response: dict[str, Any] = error.response
            return response
        message = f"an error was expected, not {answer}"
        raise AssertionError(message)


class Load:
    """Clients that ask again and again; `failures` gathers what went wrong, client by client."""

    def __init__(self, clients: int, ask: Callable[[int], object]) -> None:
        self.ask = ask
        self.answers = 0
        self.failures: list[tuple[int, Exception]] = []
        self._clients = clients
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(clients)
        self._running: list[Future[None]] = []

    def __enter__(self) -> Self:
        """Begin, and wait until every client had an answer on average."""
        self._running = [self._pool.submit(self._client, number) for number in range(self._clients)]
        self.more(self._clients)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop when every client has had its last answer."""
        self._stop.set()
        self._pool.shutdown()
        for client in self._running:
            client.result()

    def more(self, answers: int) -> None:
        """Wait for so many answers from now."""
        wanted = self.answers + answers
        until(lambda: self.answers >= wanted)

    def _client(self, number: int) -> None:
        while not self._stop.is_set():
            try:
                self.ask(number)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
                with self._lock:
                    self.failures.append((number, error))
            else:
                with self._lock:
                    self.answers += 1


@contextlib.contextmanager
def platform(
    place: Path, *, clock_speed: float = 1, gateways: int = 1, settings: str = "", killed: bool = False
) -> Iterator[Stage]:
    """Run a platform on `place/data` (again, if one ran there) and see that it leaves no process behind.

    With `killed` the test itself ends the supervisor by SIGKILL.
    """
    data, models = place / "data", place / "models"
    data.mkdir(exist_ok=True)
    models.mkdir(exist_ok=True)
    flags: tuple[str, ...] = ("--gateways", str(gateways))
    if settings:
        (place / "stoker.toml").write_text(settings)
        flags = (*flags, "--config", str(place / "stoker.toml"))
    try:
        ends = pytest.raises(RuntimeError, match="exit code -9") if killed else contextlib.nullcontext()
        with ends, running(data, clock_speed=clock_speed, flags=flags) as server:
            yield Stage(server, models)
        assert leftover(data) == {}
    finally:
        for pid in leftover(data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def leftover(data: Path) -> dict[int, str]:
    """Give the living processes that belong to a data directory, by their command line or their environment."""
    return {**processes(data), **marked(Places(data).owner)}


def child(data: Path, name: str) -> int:
    """Give the process of a supervisor's child, 0 while there is none."""
    return next((pid for pid, words in processes(data).items() if f"internal {name} " in words), 0)


def kill(pid: int) -> None:
    """End a process the hard way, and wait until it has ended."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: start_of(pid) is None)


def until(happened: Callable[[], Any], *, limit_s: float = LIMIT_S) -> Any:
    """Look until it happened; gives what was seen, fails when it does not in time."""
    deadline = time.monotonic() + limit_s
    while not (seen := happened()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return seen

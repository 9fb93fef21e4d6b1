"""An asynchronous endpoint at zero, a storm of requests to it, and everything being killed meanwhile; then the account."""

import asyncio
import contextlib
import json
import os
import random
import signal
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from stoker.domain.asynchronous import AsyncRequest
from stoker.runtimes.process.places import Places
from stoker.store.requests import FILE_NAME, SqliteRequests
from tests.e2e.fault_stage import Stage, child, until

NAME = "queued"
BUCKET = "results"
WORKERS = 4
LOOK_S = 0.2
HANDLER = """
import os
import time

LOG = {log!r}


def model_fn(model_dir):
    return os.getpid()


def predict_fn(data, model):
    with open(LOG, "a") as log:
        log.write(data["id"] + "\\n")
    time.sleep(data.get("seconds", 0))
    if "exit" in data:
        os._exit(data["exit"])
    if "raise" in data:
        raise RuntimeError(data["raise"])
    return {{"id": data["id"]}}
"""


TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{NAME}/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


class Account(NamedTuple):
    """What became of the requests that were acknowledged: how often each was run, and tried by its own word."""

    answered: int
    failed: Counter[str]
    missing: list[str]
    runs: Counter[str]
    attempts: Counter[str]

    @property
    def run_too_often(self) -> list[str]:
        """Those that were run more often than their attempts say."""
        return [name for name, count in self.runs.items() if count > self.attempts[name]]


def deploy(stage: Stage, log: Path, *, concurrency: int = WORKERS, **output: Any) -> None:
    """Make the endpoint and take it to zero instances, where it stays until `allow` lets demand bring it back."""
    stage.client("s3").create_bucket(Bucket=BUCKET)
    model = stage.models / NAME
    model.mkdir(exist_ok=True)
    (model / "inference.py").write_text(HANDLER.format(log=str(log)))
    stage.create_model(NAME, model)
    variant = {"VariantName": "v", "ModelName": NAME, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    places = {"S3OutputPath": f"s3://{BUCKET}/done", "S3FailurePath": f"s3://{BUCKET}/failed", **output}
    config = {"OutputConfig": places, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": concurrency}}
    stage.sagemaker.create_endpoint_config(EndpointConfigName=NAME, ProductionVariants=[variant], AsyncInferenceConfig=config)
    stage.sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    until(lambda: stage.sagemaker.describe_endpoint(EndpointName=NAME)["EndpointStatus"] == "InService")
    stage.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=NAME, DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredInstanceCount": 0}]
    )
    until(lambda: not instances_of(stage))


def allow(stage: Stage, instances: int) -> None:
    """Register the target, so that what waits may bring instances."""
    stage.scaling.register_scalable_target(**TARGET, MinCapacity=0, MaxCapacity=instances)


def instances_of(stage: Stage) -> int:
    """Give how many instances serve."""
    variant = stage.sagemaker.describe_endpoint(EndpointName=NAME)["ProductionVariants"][0]
    count: int = variant["CurrentInstanceCount"]
    return count


def send(runtime: Any, name: str, **data: object) -> dict[str, Any]:
    """Send a request by its name."""
    body = json.dumps({"id": name, **data}).encode()
    reply: dict[str, Any] = runtime.invoke_endpoint_async(
        EndpointName=NAME, InferenceId=name, ContentType="application/json", Body=body
    )
    return reply


def objects(stage: Stage, prefix: str = "") -> Iterator[str]:
    """Give the keys in the bucket."""
    for page in stage.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        for entry in page.get("Contents", []):
            yield entry["Key"]


def page(stage: Stage, path: str, *, timeout: float = 20) -> bytes:
    """Give a page of the server."""
    with urllib.request.urlopen(stage.server.address + path, timeout=timeout) as reply:  # noqa: S310 - our own server
        told: bytes = reply.read()
    return told


class Storm:
    """Sends `count` requests, and has parts of the platform killed meanwhile; `killed` counts them.

    Every so-manieth request, `poison`, ends the copy that runs it.
    """

    def __init__(self, stage: Stage, log: Path, *, count: int, seed: int = 1, seconds: float = 0.0) -> None:
        self.stage = stage
        self.log = log
        self.count = count
        self.seconds = seconds
        self.poison = max(97, count // 20)
        self.chance = random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.acknowledged: list[str] = []
        self._over = threading.Event()

    def send_all(self, *, clients: int = 8, every_s: float, kills: int) -> float:
        """Have all requests acknowledged at zero, while control plane and gateways are killed; clients ask again."""
        began = time.monotonic()
        with self._harm(("control", "gateway-1", "gateway-2"), every_s, kills), ThreadPoolExecutor(clients) as pool:
            self.acknowledged = list(pool.map(self._send, range(self.count), chunksize=8))
        return time.monotonic() - began

    def work_off(self, *, every_s: float, kills: int, limit_s: float) -> float:
        """Have all requests come to an end while everything is killed so many times; gives how long that took, in seconds."""
        began = time.monotonic()
        with self._harm(("control", "gateway-1", "gateway-2", "copy", "copy"), every_s, kills):
            while self._left():
                assert time.monotonic() - began < limit_s, "not worked off in time"
                time.sleep(LOOK_S)
        return time.monotonic() - began

    def _send(self, number: int) -> str:
        name = f"n-{number:05}"
        runtime = self.stage.runtime
        data: dict[str, object] = {"seconds": self.seconds}
        if number % self.poison == self.poison - 1:
            data["exit"] = 3
        while True:
            with contextlib.suppress(ClientError, BotoCoreError):
                send(runtime, name, **data)
                return name
            time.sleep(0.05)

    def _left(self) -> int:
        """Give how many requests are not over; as good as one while nobody can be asked."""
        try:
            counts = json.loads(page(self.stage, "/stoker/requests?limit=0"))["counts"]
        except OSError:
            return 1
        return sum(each["requests"] for each in counts if each["state"] in {"Waiting", "Running"})

    @contextlib.contextmanager
    def _harm(self, whom: tuple[str, ...], every_s: float, kills: int) -> Iterator[None]:
        self._over.clear()
        thread = threading.Thread(target=self._kill_on, args=(whom, every_s, kills))
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _kill_on(self, whom: tuple[str, ...], every_s: float, kills: int) -> None:
        last = self.killed.total() + kills
        while self.killed.total() < last and not self._over.wait(every_s * self.chance.uniform(0.5, 1.5)):
            kind = self.chance.choice(whom)
            if kind == "control" and not self._answers():
                continue  # one that is killed before it was ready would never get ready
            pid = self._copy() if kind == "copy" else child(self.stage.server.data, kind)
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.killed[kind.partition("-")[0]] += 1

    def _answers(self) -> bool:
        """Tell whether the control plane answers now."""
        with contextlib.suppress(OSError):
            return bool(page(self.stage, "/stoker/health", timeout=0.3))
        return False

    def _copy(self) -> int:
        records = Places(self.stage.server.data).load()
        pids = sorted(record.pid for record in records.values() if record is not None and record.pid)
        return self.chance.choice(pids) if pids else 0


def account(stage: Stage, log: Path, acknowledged: list[str]) -> Account:
    """Hold the bucket and the model's own log against what was acknowledged."""
    done = {Path(key).stem for key in objects(stage, "done/")}
    reasons = {Path(key).stem.removesuffix("-error"): key for key in objects(stage, "failed/")}
    failed: Counter[str] = Counter()
    store = stage.client("s3")
    for name, key in reasons.items():
        if name not in done:
            failed[json.loads(store.get_object(Bucket=BUCKET, Key=key)["Body"].read())["failureReason"]] += 1
    missing = [name for name in acknowledged if name not in done and name not in reasons]
    runs = Counter(log.read_text().split()) if log.exists() else Counter[str]()
    return Account(len(done), failed, missing, runs, attempts_of(stage.server.data))


def attempts_of(data: Path) -> Counter[str]:
    """Give the attempts of each inference id, as the server has them on disk."""

    async def read() -> list[AsyncRequest]:
        requests = await SqliteRequests.open_file(data / FILE_NAME)
        try:
            return await requests.newest(None, limit=1_000_000)
        finally:
            await requests.close()

    out: defaultdict[str, int] = defaultdict(int)
    for request in asyncio.run(read()):
        out[request.inference_id] += len(request.attempts)
    return Counter(out)

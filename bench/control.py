"""What the control plane costs when much is registered: 10,000 endpoints, 10,000 components, 1,000 alarms every ten seconds.

A real server (`stoker up`) starts on a store that holds all this. 500 metrics are published every ten seconds, the alarms watch
them, and 500 of those raise all at once in the middle and run policies. Meanwhile boto3 describes and lists at a modest rate, and
Prometheus scrapes. Endpoints and components are made and deleted at the end.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self, TypeAlias

import boto3
import msgspec
import psutil
from _bench_processes import NotReadyError, cpu_s, free_port, running
from _control_state import (
    INSTANCE_TYPE,
    METRIC,
    MODEL,
    NAMESPACE,
    THRESHOLD,
    VARIANT,
    Size,
    dimension,
    endpoint_name,
    make_state,
    toml,
)
from botocore.config import Config

Loose: TypeAlias = Any  # boto3 makes its clients, and their replies, at run time

READY_S = 120.0
FEED_S = 10.0
SCRAPE_S = 15.0
RAISE_S = 90.0
MADE = 30
LOOKS, LATE, WORST = "stoker_alarms_evaluated_total", "stoker_alarms_late_total", "stoker_alarm_lateness_worst_seconds"
MOST_CPU, MOST_DESCRIBE_MS = 0.50, 50.0
RATE = 20.0


class Timed:
    """Milliseconds that calls of one name took."""

    __slots__ = ("_took",)

    def __init__(self) -> None:
        self._took: dict[str, list[float]] = {}

    def call(self, name: str, work: Callable[..., object], **arguments: object) -> None:
        """Do some work and note what it took."""
        begun = time.perf_counter()
        work(**arguments)
        self._took.setdefault(name, []).append(1000 * (time.perf_counter() - begun))

    def at(self, share: float, *names: str) -> float:
        """Give what the slowest took but for the share of those that took longest."""
        took = sorted(each for name in names for each in self._took.get(name, ()))
        return took[min(len(took) - 1, int(share * len(took)))] if took else 0.0

    def lines(self) -> Iterator[str]:
        """Give a line for each name."""
        for name, took in self._took.items():
            yield f"  {name:<28} {len(took):>5} calls   p50 {self.at(0.5, name):6.1f} ms   p99 {self.at(0.99, name):6.1f} ms"


class Server:
    """The running server: its clients and its figures."""

    def __init__(self, port: int, data: Path, supervisor: psutil.Process) -> None:
        self.url = f"http://127.0.0.1:{port}"
        pair = json.loads((data / "keys.json").read_text())
        self._keys = {"aws_access_key_id": pair["access_key_id"], "aws_secret_access_key": pair["secret_access_key"]}
        children = supervisor.children(recursive=True)
        self.control = next(each for each in children if "control" in each.cmdline())

    def client(self, service: str) -> Loose:
        """Give boto3's client, which tries once."""
        config = Config(retries={"total_max_attempts": 1}, read_timeout=60)  # type: ignore[arg-type,unused-ignore]
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", config=config, **self._keys)

    def get(self, path: str) -> bytes:
        """Give what a page says."""
        with urllib.request.urlopen(self.url + path, timeout=60) as reply:  # noqa: S310 - our own server's
            body: bytes = reply.read()
        return body

    def figures(self, *names: str) -> list[float]:
        """Give figures of the exposition that have no labels."""
        text = self.get("/metrics").decode()
        return [float(found[1]) for name in names if (found := re.search(rf"^{name} (\S+)$", text, re.MULTILINE))]

    def rss_mb(self) -> float:
        """Give the resident memory of the control plane."""
        return self.control.memory_info().rss / 2**20


class Feed:
    """Publishes the metrics every ten seconds from a thread of its own; `value` is that of all of them."""

    def __init__(self, client: Loose, size: Size) -> None:
        self._client = client
        self._size = size
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.value = 0.96 * THRESHOLD
        self.timed = Timed()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self.timed.call(f"PutMetricData ({self._size.metrics})", self._put)
            if self._stop.wait(FEED_S - time.time() % FEED_S + 0.5):
                return

    def _put(self) -> None:
        data = [
            {
                "MetricName": METRIC,
                "Dimensions": [{"Name": "Series", "Value": dimension(number)}],
                "Value": self.value,
                "StorageResolution": 1,
            }
            for number in range(self._size.metrics)
        ]
        self._client.put_metric_data(Namespace=NAMESPACE, MetricData=data)


class Window(msgspec.Struct, frozen=True):
    """What the control plane spent over a while."""

    cpu_share: float
    late: float
    evaluated: float


def measured(server: Server, work: Callable[[], None]) -> Window:
    """Do some work and give what the control plane spent meanwhile."""
    looks, late = server.figures(LOOKS, LATE)
    cpu, begun = cpu_s(server.control), time.monotonic()
    work()
    spent, took = cpu_s(server.control) - cpu, time.monotonic() - begun
    looks_now, late_now = server.figures(LOOKS, LATE)
    return Window(spent / took, late_now - late, looks_now - looks)


def ask(server: Server, size: Size, timed: Timed, seconds: float) -> None:
    """Describe, list and scrape for so long, one call after the other."""
    sagemaker, cloudwatch = server.client("sagemaker"), server.client("cloudwatch")
    rounds = int(seconds * RATE)
    scrape_at = time.monotonic()
    for number in range(rounds):
        begun = time.monotonic()
        name = endpoint_name(number * 7919 % size.endpoints)
        if number % 20 == 19:
            timed.call("ListEndpoints", sagemaker.list_endpoints, MaxResults=100, SortBy="Name")
        elif number % 20 == 9:
            timed.call("DescribeAlarms", cloudwatch.describe_alarms, MaxRecords=100)
        elif number % 2:
            timed.call("DescribeEndpoint", sagemaker.describe_endpoint, EndpointName=name)
        else:
            timed.call("DescribeInferenceComponent", sagemaker.describe_inference_component, InferenceComponentName=name)
        if time.monotonic() >= scrape_at:
            timed.call("GET /metrics", server.get, path="/metrics")
            scrape_at += SCRAPE_S
        time.sleep(max(0.0, begun + 1 / RATE - time.monotonic()))


def raise_all(server: Server, size: Size, feed: Feed) -> float:
    """Let half of the alarms raise; give the seconds from the first datapoint over the line until the last one is in ALARM."""
    pages = server.client("cloudwatch").get_paginator("describe_alarms")
    begun = time.time()
    feed.value = 2 * THRESHOLD
    end = time.monotonic() + RAISE_S
    raised: list[float] = []
    while time.monotonic() < end:
        found = [alarm for page in pages.paginate(StateValue="ALARM") for alarm in page["MetricAlarms"]]
        raised = [alarm["StateTransitionedTimestamp"].timestamp() for alarm in found]
        if len(raised) >= size.metrics:
            return max(raised) - begun
        time.sleep(2)
    raise NotReadyError(f"only {len(raised)} of {size.metrics} alarms raised")


def make_more(server: Server, timed: Timed) -> None:
    """Make endpoints and components as users do, and delete them."""
    client = server.client("sagemaker")
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 1}
    variant = {"VariantName": VARIANT, "InstanceType": INSTANCE_TYPE, "InitialInstanceCount": 1}
    variants = [{**variant, "ManagedInstanceScaling": scaling}]
    needs = {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 512}
    names = [f"more-{number}" for number in range(MADE)]
    for name in names:
        config = client.create_endpoint_config
        timed.call("CreateEndpointConfig", config, EndpointConfigName=name, ProductionVariants=variants)
        timed.call("CreateEndpoint", client.create_endpoint, EndpointName=name, EndpointConfigName=name)
        timed.call(
            "CreateInferenceComponent",
            client.create_inference_component,
            InferenceComponentName=name,
            EndpointName=name,
            VariantName=VARIANT,
            Specification={"ModelName": MODEL, "ComputeResourceRequirements": needs},
            RuntimeConfig={"CopyCount": 0},
        )
    for name in names:
        timed.call("DeleteInferenceComponent", client.delete_inference_component, InferenceComponentName=name)
        timed.call("DeleteEndpoint", client.delete_endpoint, EndpointName=name)


def bench(size: Size, seconds: float, place: Path) -> bool:
    """Measure; tells whether everything was as good as wanted."""
    data = place / "data"
    data.mkdir()
    config = place / "stoker.toml"
    config.write_text(toml(size))
    begun = time.process_time()
    records = asyncio.run(make_state(data, size, time.time_ns()))
    print(f"made {records:,} records through the services in {time.process_time() - begun:.1f} CPU s", flush=True)
    port = free_port()
    command = [sys.executable, "-m", "stoker.cli.main", "up", "--port", str(port), "--data", str(data), "--gateways", "1"]
    cores = os.cpu_count() or 1
    begun = time.monotonic()
    with running([*command, "--config", str(config)], core=0, log=place / "log", port=port, ready_s=READY_S) as supervisor:
        _await_health(port)
        started_s = time.monotonic() - begun
        for process in (supervisor, *supervisor.children(recursive=True)):
            process.cpu_affinity(list(range(cores)))
        server = Server(port, data, supervisor)
        print(
            f"ready after {started_s:.1f} s; control plane: {cpu_s(server.control):.1f} CPU s, {server.rss_mb():.0f} MB",
            flush=True,
        )
        return _measure(server, size, seconds)


def _measure(server: Server, size: Size, seconds: float) -> bool:
    timed = Timed()
    with Feed(server.client("cloudwatch"), size) as feed:
        time.sleep(FEED_S)
        quiet = measured(server, lambda: time.sleep(seconds / 2))
        _say("alarms and metrics only", quiet)
        busy = measured(server, lambda: ask(server, size, timed, seconds))
        _say(f"and {RATE:.0f} calls a second, a scrape every {SCRAPE_S:.0f} s", busy)
        took: list[float] = []
        raising = measured(server, lambda: took.append(raise_all(server, size, feed)))
        _say(f"while {size.metrics} alarms raise at once and run {min(500, size.metrics)} policies", raising)
        print(f"  the last was in ALARM {took[0]:.1f} s after the first value above the threshold (30 s of data are needed)")
        making = measured(server, lambda: make_more(server, timed))
        _say(f"while {MADE} endpoints with components are made and deleted, one after the other", making)
    print(*timed.lines(), *feed.timed.lines(), sep="\n")
    describe = timed.at(0.99, "DescribeEndpoint", "DescribeInferenceComponent")
    (worst,) = server.figures(WORST)
    late = quiet.late + busy.late + raising.late + making.late
    print(f"describe p99: {describe:.1f} ms (wanted: < {MOST_DESCRIBE_MS:.0f})")
    print(f"control plane's CPU: {busy.cpu_share:.0%} of a core (wanted: < {MOST_CPU:.0%}); memory now {server.rss_mb():.0f} MB")
    print(f"alarms evaluated more than a second late: {late:.0f} (wanted: 0); the latest {worst:.2f} s after it was due")
    return describe < MOST_DESCRIBE_MS and busy.cpu_share < MOST_CPU and not late


def _say(what: str, window: Window) -> None:
    print(
        f"{what}: {window.cpu_share:.1%} of a core, {window.evaluated:.0f} evaluations, {window.late:.0f} of them late",
        flush=True,
    )


def _await_health(port: int) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/stoker/health", timeout=60) as reply:
            if json.load(reply)["gateways"]:
                return
        time.sleep(0.05)
    raise NotReadyError("the control plane did not get ready")


def main() -> int:
    """Measure; gives 1 when the control plane is worse than it is meant to be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=10_000, help="endpoints, each with a component (default: 10000)")
    parser.add_argument("--alarms", type=int, default=1_000, help="alarms, looked at every ten seconds (default: 1000)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long calls are made (default: 30)")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="skbench", dir="/tmp"))
    try:
        good = bench(Size(endpoints=given.endpoints, alarms=given.alarms), given.seconds, place)
    except NotReadyError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

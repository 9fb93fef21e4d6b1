"""SIGKILL of the control plane under load: no invocation fails, and no copy is started again."""

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from demo.server import Server, running
from tests.e2e.zero_stage import Walker, until

CLIENTS = 8
COPIES = 2


def control_plane(server: Server) -> psutil.Process | None:
    """Give the control plane's process."""
    alive = [c for c in psutil.Process(server.pid).children() if c.status() != psutil.STATUS_ZOMBIE]
    return next((c for c in alive if "control" in c.cmdline()), None)


@pytest.mark.timeout(120)
def test_a_killed_control_plane_loses_no_invocation_and_restarts_no_copy(tmp_path: Path) -> None:
    data, model = tmp_path / "data", tmp_path / "model"
    data.mkdir()
    model.mkdir()
    with running(data, clock_speed=1) as server:
        walker = Walker(server)
        walker.deploy(model, copies=COPIES)
        walker.add_policies(most=4)
        before = _copies(server)
        stop = threading.Event()
        pids: set[int] = set()

        def client() -> int:
            count = 0
            while not stop.is_set():
                pids.add(json.loads(walker.invoke(b'{"seconds": 0.01}')["Body"].read())["pid"])
                count += 1
            return count

        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(client) for _ in range(CLIENTS)]
            try:
                for _ in range(2):
                    _kill_and_wait(server)
                    time.sleep(0.5)  # load goes on for a while after each return
            finally:
                stop.set()
            counts = [c.result() for c in clients]
        assert all(counts), "every client got answers, and none an error"
        assert len(pids) == COPIES
        assert _copies(server) == before
        assert walker.component()["RuntimeConfig"] == {"DesiredCopyCount": COPIES, "CurrentCopyCount": COPIES}
        described = walker.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
        assert {p["PolicyName"] for p in described} == {"tracking", "from-zero"}
        alarms = walker.cloudwatch.describe_alarms()["MetricAlarms"]
        assert len(alarms) == 3


def _copies(server: Server) -> set[str]:
    workload = server.status()["endpoints"][0]["workloads"][0]
    return {c["copy_id"] for c in workload["copies"] if c["state"] == "InService"}


def _kill_and_wait(server: Server) -> None:
    victim = until(lambda: control_plane(server))
    os.kill(victim.pid, signal.SIGKILL)

    def another() -> bool:
        process = control_plane(server)
        return process is not None and process.pid != victim.pid

    until(another)
    until(lambda: server.status()["gateways"])

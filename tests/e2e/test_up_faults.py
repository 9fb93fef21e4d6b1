"""What SIGKILL does to a running server: the rest goes on, or everything ends; nothing stays half."""

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.e2e.up_server import COMMAND, Server, processes, servers, stoker, until

Started: TypeAlias = tuple[Path, Callable[..., Server]]


@pytest.fixture
def started() -> Iterator[Started]:
    with servers() as both:
        yield both


def test_a_killed_control_plane_is_started_again(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1", "--clock-speed", "100")
    before, gateway = server.child("control"), server.child("gateway-1")
    earlier = json.loads(server.get("/stoker/health")[1])["now"]
    os.kill(before, signal.SIGKILL)
    # The gateway keeps the call until the new control plane answers it.
    status, body = server.get("/stoker/health")
    assert status == 200
    assert json.loads(body)["now"] > earlier
    assert server.child("control") not in {0, before}
    assert server.child("gateway-1") == gateway
    assert server.stop() == (0, "")
    assert processes(data) == {}


def test_a_killed_gateway_is_started_again_and_no_connection_is_refused(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    before = server.child("gateway-1")
    os.kill(before, signal.SIGKILL)
    for _ in range(5):
        assert server.get("/stoker/health")[0] == 200
    assert server.child("gateway-1") not in {0, before}
    assert server.stop() == (0, "")
    assert processes(data) == {}


def test_a_killed_supervisor_takes_everything_along(started: Started) -> None:
    data, start = started
    server = start("--gateways", "2")
    server.process.kill()
    server.process.wait()
    until(lambda: processes(data) == {}, "the children have ended")
    second = start("--gateways", "1")
    assert second.get("/stoker/health")[0] == 200


def test_a_server_may_be_started_while_a_killed_one_still_ends(started: Started) -> None:
    _, start = started
    first = start("--gateways", "1")
    first.process.kill()
    second = start("--gateways", "1")
    assert second.get("/stoker/health")[0] == 200
    assert second.stop() == (0, "")


def test_down_ends_what_a_killed_supervisor_left(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    server.process.kill()
    server.process.wait()
    down = stoker("down", "--data", str(data))
    assert (down.returncode, down.stderr) == (0, "")
    assert processes(data) == {}


def test_a_hung_child_does_not_hold_up_the_end(started: Started) -> None:
    data, start = started
    server = start("--gateways", "1")
    os.kill(server.child("gateway-1"), signal.SIGSTOP)
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGINT)  # in a hurry: one second a stage
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=10) == 0
    assert processes(data) == {}


def test_a_server_whose_log_nobody_reads_any_more_goes_on(started: Started) -> None:
    data, _ = started
    command = [*COMMAND, "up", "--data", str(data), "--port", "0", "--gateways", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        process.stderr.close()
        url = process.stdout.readline().rpartition(" ")[2].strip()
        for _ in range(3):
            os.kill(next(pid for pid, line in processes(data).items() if "internal gateway-1" in line), signal.SIGKILL)
            with urllib.request.urlopen(f"{url}/stoker/health", timeout=15) as reply:  # noqa: S310 - our own server's
                assert reply.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) in {0, 120}  # Python's own status when it cannot flush what it never wrote
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    until(lambda: processes(data) == {}, "the children have ended")

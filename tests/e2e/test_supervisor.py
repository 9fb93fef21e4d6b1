"""The supervisor over stand-in children: order, restarts, limits, and that it reaps what is not its own."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

SCRIPT = Path(__file__).with_name("supervised.py")
Stage: TypeAlias = Callable[..., subprocess.Popen[str]]

# When told to end, each notes its name, then ends well.
GOOD = """
def end(*_):
    journal(NAME + " ended")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)  # as the last gateways get it
journal(NAME + " started")
ready()
while True:
    signal.pause()
"""
STUBBORN = """
signal.signal(signal.SIGINT, lambda *_: journal(NAME + " will not"))
ready()
while True:
    signal.pause()
"""


def good(name: str) -> tuple[str, str]:
    return name, f"NAME = {name!r}\n{GOOD}"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    started: list[subprocess.Popen[str]] = []

    def start(*children: tuple[str, str], drain_s: float = 5, grace_s: float = 5) -> subprocess.Popen[str]:
        words = [word for child in children for word in child]
        command = [sys.executable, str(SCRIPT), str(tmp_path), str(drain_s), str(grace_s), *words]
        with (tmp_path / "log").open("wb") as log:
            started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            for pid in children_of(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.kill()
        process.communicate()


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def journal(place: Path) -> list[str]:
    path = place / "journal"
    return path.read_text().splitlines() if path.exists() else []


def orphans(place: Path) -> list[int]:
    return [int(line.split()[1]) for line in journal(place) if line.startswith("orphan")]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def ended(place: Path) -> list[dict[str, object]]:
    """Give the log's lines about ended processes."""
    lines = [json.loads(line) for line in (place / "log").read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "process_ended"]


def test_gateways_end_before_the_control_plane(stage: Stage, tmp_path: Path) -> None:
    process = stage(good("control"), good("gateway-1"), good("gateway-2"))
    assert read_line(process) == "announced"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    notes = journal(tmp_path)
    assert sorted(notes[:3]) == ["control started", "gateway-1 started", "gateway-2 started"]
    assert sorted(notes[3:5]) == ["gateway-1 ended", "gateway-2 ended"]
    assert notes[5:] == ["control ended"]


def test_nothing_is_announced_before_all_are_ready(stage: Stage, tmp_path: Path) -> None:
    waits = f"while not os.path.exists({str(tmp_path / 'go')!r}): time.sleep(0.005)\n"
    process = stage(good("control"), ("gateway-1", "NAME = 'gateway-1'\n" + waits + GOOD))
    until(lambda: journal(tmp_path) == ["control started"])
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 0.05)[0] == []
    (tmp_path / "go").touch()
    assert read_line(process) == "announced"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0


def test_a_child_that_dies_is_started_again(stage: Stage, tmp_path: Path) -> None:
    process = stage(good("control"), good("gateway-1"))
    assert read_line(process) == "announced"
    for times in (2, 3):
        victim = children_of(process.pid)[-1]
        os.kill(victim, signal.SIGKILL)
        until(lambda times=times: journal(tmp_path).count("gateway-1 started") == times)  # type: ignore[misc]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert [line["exit_status"] for line in ended(tmp_path)] == [-9, -9, 0, 0]


def test_a_child_that_cannot_start_ends_the_server(stage: Stage, tmp_path: Path) -> None:
    process = stage(("control", "sys.exit(78)"), good("gateway-1"))
    assert read_line(process) == "The server did not start: its control process ended, and said why above."
    assert process.wait(timeout=10) == 1
    assert len(ended(tmp_path)) == 2


def test_a_child_that_never_gets_ready_is_tried_some_times(stage: Stage, tmp_path: Path) -> None:
    process = stage(("control", "journal('tried'); sys.exit(1)"))
    assert read_line(process) == "The server did not start: its control process ended, and said why above."
    assert process.wait(timeout=10) == 1
    assert journal(tmp_path) == ["tried"] * 5


def test_a_stubborn_child_is_killed_when_told_twice(stage: Stage, tmp_path: Path) -> None:
    process = stage(good("control"), ("gateway-1", f"NAME = 'gateway-1'\n{STUBBORN}"), drain_s=3600)
    assert read_line(process) == "announced"
    process.send_signal(signal.SIGTERM)
    until(lambda: "gateway-1 will not" in journal(tmp_path))
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0
    assert journal(tmp_path)[-1] == "control ended"


def test_orphans_of_a_killed_child_are_reaped_and_live_on_until_they_end(stage: Stage, tmp_path: Path) -> None:
    orphan = "if os.fork() == 0:\n    os.setsid(); journal(f'orphan {os.getpid()}'); time.sleep(60)\n"
    process = stage(("control", "NAME = 'control'\n" + orphan + GOOD))
    assert read_line(process) == "announced"
    until(lambda: len(journal(tmp_path)) == 2)
    (pid,) = orphans(tmp_path)
    control = children_of(process.pid)[0]
    os.kill(control, signal.SIGKILL)
    until(lambda: pid in children_of(process.pid))
    os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}").exists())
    until(lambda: len(orphans(tmp_path)) == 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    os.kill(orphans(tmp_path)[1], signal.SIGKILL)

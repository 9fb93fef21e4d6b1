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
signal.signal(signal.SIGUSR1, end)  # as a control plane gets it that is to make way
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


def test_a_restart_has_each_gateway_succeeded_before_it_ends_and_the_control_plane_last(stage: Stage, tmp_path: Path) -> None:
    process = stage(good("control"), good("gateway-1"), good("gateway-2"))
    assert read_line(process) == "announced"
    process.send_signal(signal.SIGUSR1)
    until(lambda: journal(tmp_path).count("control started") == 2)
    until(lambda: len(ended(tmp_path)) == 3)
    notes = journal(tmp_path)[3:]
    assert [note for note in notes if note.endswith("started")] == ["gateway-1 started", "gateway-2 started", "control started"]
    for name in ("gateway-1", "gateway-2"):
        assert notes.index(f"{name} started") < notes.index(f"{name} ended")
    assert notes.index("control ended") < notes.index("control started"), "there is one control plane at most"
    assert len(children_of(process.pid)) == 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert [line["exit_status"] for line in ended(tmp_path)] == [0] * 6


def test_a_successor_that_does_not_come_up_leaves_all_as_it_was(stage: Stage, tmp_path: Path) -> None:
    once = "if os.path.exists(PLACE + '/once'): sys.exit(3)\nopen(PLACE + '/once', 'w').close()\n"
    process = stage(good("control"), ("gateway-1", f"{once}NAME = 'gateway-1'\n{GOOD}"), good("gateway-2"))
    assert read_line(process) == "announced"
    before = children_of(process.pid)
    process.send_signal(signal.SIGUSR1)
    until(lambda: "restart_failed" in (tmp_path / "log").read_text())
    until(lambda: children_of(process.pid) == before)
    assert len(journal(tmp_path)) == 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert [line["exit_status"] for line in ended(tmp_path)] == [3, 0, 0, 0]


def test_a_gateway_that_leaves_is_succeeded_while_it_finishes(stage: Stage, tmp_path: Path) -> None:
    leaves = (
        "def leave(*_):\n    os.write(fds['ready'], b'leaving')\n"
        "    while not os.path.exists(PLACE + '/go'): time.sleep(0.005)\n    end()\n"
        "signal.signal(signal.SIGTERM, leave)\n"
    )
    source = f"NAME = 'gateway-1'\n{GOOD}".replace('journal(NAME + " started")', leaves + 'journal(NAME + " started")')
    process = stage(good("control"), ("gateway-1", source), drain_s=60)
    assert read_line(process) == "announced"
    until(lambda: journal(tmp_path).count("gateway-1 started") == 1)
    victim = children_of(process.pid)[-1]
    os.kill(victim, signal.SIGTERM)
    until(lambda: journal(tmp_path).count("gateway-1 started") == 2)
    assert victim in children_of(process.pid)
    (tmp_path / "go").touch()
    until(lambda: victim not in children_of(process.pid))
    assert len(children_of(process.pid)) == 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert journal(tmp_path).count("gateway-1 ended") == 2


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

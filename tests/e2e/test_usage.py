"""What a live server says was used is what its own log of starts and stops adds up to, over a SIGKILL and a restart."""

import gzip
import json
import os
import signal
import sqlite3
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import pytest

from demo.server import Server, running
from stoker.control.engine_log import Frame, Step
from stoker.domain.instances import Copy, Instance
from stoker.domain.states import CopyState, InstanceState
from stoker.domain.usage import DayUse
from stoker.units import to_seconds
from tests.e2e.test_control_plane_killed import control_plane
from tests.e2e.up_server import stoker
from tests.e2e.zero_stage import COMPONENT, ENDPOINT, Walker, until

SPEED = 240
PARTS = {f"ic/{COMPONENT}", f"variant/{ENDPOINT}/AllTraffic"}


class Lives:
    """When each copy and each instance began and ended, from the logs of the engine alone."""

    def __init__(self, recordings: Path) -> None:
        self.began: dict[str, int] = {}
        self.spans: dict[str, tuple[str, int]] = {}
        for path in sorted(recordings.glob("engine-*.log.gz")):
            for step in steps(path):
                for name, command in msgspec.msgpack.decode(step.commands, type=list[tuple[str, dict[str, Any]]]):
                    self._take(step.now, name, command)

    def _take(self, now: int, name: str, command: dict[str, Any]) -> None:
        kind, key = command.get("kind"), str(command.get("key"))
        if kind not in {"copy", "instance"}:
            return
        if name == "Remove" and key in self.began:
            self.spans[key] = (str(kind), now - self.began.pop(key))
        elif name == "Put" and kind == "copy":
            if msgspec.msgpack.decode(command["document"], type=Copy).state is not CopyState.PENDING:
                self.began.setdefault(key, now)
        elif name == "Put" and msgspec.msgpack.decode(command["document"], type=Instance).state is not InstanceState.PENDING:
            self.began.setdefault(key, now)

    def total_s(self, kind: str) -> float:
        assert not self.began, "something runs still"
        return to_seconds(sum(span for of, span in self.spans.values() if of == kind))


def steps(path: Path) -> list[Step]:
    with gzip.open(path) as file:
        data = b""
        try:
            while block := file.read(1 << 16):
                data += block
        except EOFError:
            pass  # it was being written
    found: list[Step] = []
    while len(data) >= 4:
        size = int.from_bytes(data[:4], "big")
        frame = msgspec.msgpack.decode(data[4 : 4 + size], type=Frame)
        found += [frame] if isinstance(frame, Step) else []
        data = data[4 + size :]
    return found


def report(server: Server) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.address}/stoker/usage", timeout=10) as reply:  # noqa: S310 - our own server
        found: dict[str, Any] = json.load(reply)
    return found


def on_disk(data: Path) -> int:
    """Give how many invocations the database knows of."""
    with sqlite3.connect(f"file:{data / 'stoker.db'}?mode=ro", uri=True) as connection:
        rows = [
            *connection.execute("select document from records where kind = 'usage'"),
            *connection.execute("select document from history where kind = 'usage'"),
        ]
    connection.close()
    return sum(msgspec.msgpack.decode(document, type=DayUse).invocations for (document,) in rows)


@pytest.mark.timeout(120)
def test_usage_is_the_sum_of_recorded_starts_and_stops_over_a_kill_and_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOKER__USAGE__WRITE_S", "0.2")
    data, model = tmp_path / "data", tmp_path / "model"
    data.mkdir()
    model.mkdir()
    recordings = data / "recordings"
    with running(data, clock_speed=SPEED, flags=("--record", "--gateways", "1")) as server:
        walker = Walker(server)
        walker.deploy(model, copies=2)
        for _ in range(5):
            walker.invoke()
        until(lambda: on_disk(data) == 5)
        until(lambda: len(Lives(recordings).began) == 3)

        victim = until(lambda: control_plane(server))
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait(10)
        walker.invoke()
        until(lambda: walker.copies() == 2)
        walker.sagemaker.update_inference_component_runtime_config(
            InferenceComponentName=COMPONENT, DesiredRuntimeConfig={"CopyCount": 0}
        )
        until(lambda: walker.instances() == 0)
        until(lambda: report(server)["total"]["invocations"] == 6)
        found = report(server)
    lives = Lives(recordings)
    assert {line["part"] for line in found["lines"]} == PARTS
    assert found["total"]["copy_s"] == pytest.approx(lives.total_s("copy"), abs=1e-3)
    assert found["total"]["instance_s"] == pytest.approx(lives.total_s("instance"), abs=1e-3)
    assert found["total"]["gb_s"] == pytest.approx(4 * lives.total_s("copy"), abs=1e-2)
    assert found["total"]["saved"] > 0

    with running(data, clock_speed=SPEED, flags=("--gateways", "1")) as server:
        again = report(server)
        told = stoker("usage", "--data", str(data), "--csv", "--by", "day").stdout.splitlines()
    assert again["total"]["invocations"] == 6
    assert again["total"]["copy_s"] == found["total"]["copy_s"]
    assert again["total"]["instance_s"] == found["total"]["instance_s"]
    assert told[0].startswith("endpoint,part,day,invocations,copy_s,")
    assert sum(int(line.split(",")[3]) for line in told[1:]) == 6

"""A server that records: its traffic is a trace for the simulator, and its engine commands the same when it is run again."""

import csv
import gzip
import json
import os
import signal
from itertools import pairwise
from pathlib import Path

import pytest

from demo.server import running
from stoker.control.logged_starts import logged_starts
from stoker.control.replaying import replay
from stoker.domain.ids import WorkloadId
from tests.e2e.up_server import processes, stoker
from tests.e2e.zero_stage import COMPONENT, Walker, until

WORKLOAD = WorkloadId(f"ic/{COMPONENT}")
INVOCATIONS = 12
SPEED = 240


@pytest.mark.timeout(120)
def test_what_a_server_recorded_replays_and_simulates(tmp_path: Path) -> None:
    data, model = tmp_path / "data", tmp_path / "model"
    data.mkdir()
    model.mkdir()
    with running(data, clock_speed=SPEED, flags=("--record", "--gateways", "2")) as server:
        walker = Walker(server)
        walker.deploy(model, copies=1)
        walker.add_policies(most=2)
        for number in range(INVOCATIONS):
            walker.invoke(json.dumps({"seconds": 0.05, "n": number}).encode())
        until(lambda: walker.copies() == 0, limit_s=60)
        until(lambda: walker.instances() == 0)  # long after every gateway knows that there is no copy
        walker.invoke(b"{}", at_zero="hold")
    recordings = data / "recordings"

    texts = [gzip.decompress(path.read_bytes()).decode() for path in recordings.glob("traffic-*.csv.gz")]
    rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
    assert [row["model"] for row in rows] == [WORKLOAD] * (INVOCATIONS + 1)
    assert {row["status"] for row in rows} == {"2xx"}
    rows.sort(key=lambda row: float(row["t"]))
    assert all(float(row["dur_s"]) >= 0.05 * SPEED for row in rows[:-1]), "not on the platform's clock"
    assert float(rows[-1]["held_s"]) > 1, rows[-3:]
    assert all(float(one["t"]) < float(other["t"]) for one, other in pairwise(rows))

    (log,) = recordings.glob("engine-*.log.gz")
    assert {path.stat().st_mode & 0o777 for path in recordings.iterdir()} == {0o600}
    replayed = stoker("replay", str(log))
    assert (replayed.returncode, replayed.stderr) == (0, ""), replayed.stdout
    assert replayed.stdout.endswith("it ends because the control plane stopped: identical.\n")
    told = stoker("replay", str(log), "--show").stdout
    assert "-> StartCopy" in told
    assert '"name":"walk-model"' in told

    trace = tmp_path / "all.csv.gz"
    trace.write_bytes(b"".join(path.read_bytes() for path in sorted(recordings.glob("traffic-*.csv.gz"))))
    simulated = stoker("simulate", "--trace", str(trace), "--policy", "target-tracking", "--cold-start", "20", "--json", "-")
    assert simulated.returncode == 0, simulated.stderr
    (outcome,) = json.loads(simulated.stdout)
    assert outcome["requests"] == INVOCATIONS + 1

    spent = logged_starts(log)
    assert len(spent.load[WORKLOAD]) == 2  # the first start and the one from zero
    assert all(load > 0.005 * SPEED for load in spent.load[WORKLOAD]), "no model server starts within five milliseconds"
    simulated = stoker("simulate", "--trace", str(trace), "--policy", "keep-alive", "--starts", str(log), "--json", "-")
    assert simulated.returncode == 0, simulated.stderr
    (outcome,) = json.loads(simulated.stdout)
    longest = max(fetch + load for fetch, load in zip(spent.fetch[WORKLOAD], spent.load[WORKLOAD], strict=True))
    assert 0 < outcome["wait"]["most_s"] <= longest + max(spent.provision) + 10


@pytest.mark.timeout(120)
def test_a_control_plane_that_was_killed_leaves_a_log_and_its_successor_begins_another(tmp_path: Path) -> None:
    data, model = tmp_path / "data", tmp_path / "model"
    data.mkdir()
    model.mkdir()
    with running(data, clock_speed=SPEED, flags=("--record", "--gateways", "1")) as server:
        walker = Walker(server)
        walker.deploy(model, copies=1)
        walker.add_policies(most=2)
        control = next(pid for pid, command in processes(data).items() if "internal control " in command)
        until(lambda: _steps(data)[:1] > [0])
        os.kill(control, signal.SIGKILL)
        until(lambda: len(_logs(data)) == 2)
        walker.invoke(b"{}")
        until(lambda: walker.copies() == 0, limit_s=60)
    killed, successor = _logs(data)
    assert "it was cut off: identical" in stoker("replay", str(killed)).stdout
    replayed = stoker("replay", str(successor))
    assert replayed.stdout.endswith("it ends because the control plane stopped: identical.\n"), replayed.stdout


def _logs(data: Path) -> list[Path]:
    return sorted((data / "recordings").glob("engine-*.log.gz"))


def _steps(data: Path) -> list[int]:
    return [replay(path).steps for path in _logs(data)]

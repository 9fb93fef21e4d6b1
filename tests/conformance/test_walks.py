"""AWS's two walkthroughs, as each client of several ages does them: to zero and back, and out sooner.

`./run test` puts the clients in `.run/clients`. Each runs in a process of its own, all at the same time, against a server as
users start it.
"""

import json
import os
import subprocess
import sys
import tarfile
from itertools import pairwise
from pathlib import Path

import boto3
import pytest

from tests.conformance.sagemaker_stage import Loose
from tests.e2e.up_server import servers, stoker

PLACES = Path(__file__).resolve().parents[2] / ".run" / "clients"
STORY = Path(__file__).resolve().parent / "walks" / "walk_story.py"
CLIENTS = {"newest": "", "of-2023": "2023", "cli": "2023", "sdk": "sagemaker"}
"""Who walks, and the set of clients that it is in; the newest boto3 is in the environment itself."""

HANDLER = """
import time

def model_fn(model_dir):
    return str.upper

def predict_fn(data, model):
    if "words" in data:
        return (model(word) for word in data["words"])
    time.sleep(data.get("seconds", 0))
    return {"answer": model(data.get("text", ""))}
"""
VERSIONS = {
    "newest": (f"boto3 {boto3.__version__}", "json"),
    "of-2023": ("boto3 1.34.11", "query"),
    "cli": ("aws-cli 1.", "json"),
    "sdk": ("sagemaker 2.", "json"),
}
"""How each begins to call itself, and what it asks CloudWatch in."""

DIMENSION = "sagemaker:inference-component:DesiredCopyCount"
TRACKING = [
    ["ConcurrentRequestsPerCopy", "Maximum", 10, 3, 5.0, "GreaterThanThreshold"],
    ["ConcurrentRequestsPerCopy", "Maximum", 10, 90, 4.5, "LessThanThreshold"],
]
CLEANED = {"wrong_dimension": "ObjectNotFoundException", "left": [[]] * 6}
NO_CAPACITY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress (if configured) or "
    "try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)


def place(name: str) -> Path:
    """Give where a set of clients is."""
    found = PLACES / name
    assert (found / "made-from").is_file(), f"the clients of {name} are not installed; `./run test` does it"
    return found


def begin(story: str, client: str, keys: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """Let a client begin to walk."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    home = folder / client
    home.mkdir()
    environment = {
        **plain,
        **keys,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(home),
        "PYTHONPATH": str(place(CLIENTS[client])) if CLIENTS[client] else "",
        "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
    }
    command = [sys.executable, "-W", "ignore", str(STORY), story, client, str(folder / "model.tar.gz")]
    with (home / "out").open("w") as out, (home / "log").open("w") as log:
        return subprocess.Popen(command, stdout=out, stderr=log, cwd=home, env=environment)


def walked(story: str, folder: Path, *, clock_speed: int) -> dict[str, Loose]:
    """Let all clients walk at once; give what each saw."""
    (folder / "inference.py").write_text(HANDLER)
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        archive.add(folder / "inference.py", "inference.py")
    config = folder / "stoker.toml"
    config.write_text(f'[server]\nclock_speed = {clock_speed}\nat_zero = "refuse"\n[scaling]\ndefault_policy = "none"\n')
    with servers() as (data, start):
        server = start("--gateways", "1", "--config", str(config))
        told = stoker("env", "--data", str(data), "--format", "json")
        keys = {**json.loads(told.stdout), "AWS_ENDPOINT_URL": server.url}
        walkers = {client: begin(story, client, keys, folder) for client in CLIENTS}
        try:
            ended = {client: walker.wait(150) for client, walker in walkers.items()}
        finally:
            for walker in walkers.values():
                walker.kill()
                walker.wait()
    logs = {client: (folder / client / "log").read_text() for client, status in ended.items() if status}
    assert not logs, "\n".join(f"{client}: {log[-3000:]}" for client, log in logs.items())
    return {client: json.loads((folder / client / "out").read_text().splitlines()[-1]) for client in CLIENTS}


@pytest.mark.timeout(200)
def test_every_client_walks_to_zero_and_back(tmp_path: Path, subtests: pytest.Subtests) -> None:
    for client, seen in walked("zero", tmp_path, clock_speed=240).items():
        with subtests.test(client=client):
            is_client(seen, client)
            went_to_zero_and_back(seen, f"zero-{client}")


def went_to_zero_and_back(seen: Loose, name: str) -> None:
    assert seen["role"] == "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-stoker"
    assert (seen["first"], seen["again"]) == ({"answer": "HELLO"}, {"answer": "AGAIN"})
    assert seen["target"] == [0, 3, DIMENSION]
    assert [alarm["watches"] for alarm in seen["tracking"]] == TRACKING
    assert seen["step"] == [True, 1]
    step_arn = seen["step_alarm"].pop("step")
    assert step_arn.endswith(f":resource/sagemaker/inference-component/{name}:policyName/{name}-step")
    assert seen["step_alarm"]["watches"] == [
        "NoCapacityInvocationFailures",
        "Maximum",
        30,
        1,
        1.0,
        "GreaterThanOrEqualToThreshold",
    ]
    assert (seen["step_alarm"]["actions"], seen["step_alarm"]["state"]) == ([step_arn], "INSUFFICIENT_DATA")
    assert seen["at_zero"] == ["InService", {"DesiredCopyCount": 0, "CurrentCopyCount": 0}]
    assert seen["refused"] == ["ValidationError", NO_CAPACITY]
    assert seen["instances"] == 3  # a copy takes all devices of one

    to_zero, from_zero, *_, out = seen["activities"]
    alarms = f"TargetTracking-inference-component/{name}-Alarm"
    is_activity(to_zero, 0, f"{alarms}Low-", f"{name}-track")
    is_activity(from_zero, 1, f"{name}-from-zero", f"{name}-step")
    is_activity(out, 3, f"{alarms}High-", f"{name}-track")
    # A quarter of an hour of points of ten seconds, one of which tells of the one invocation.
    low = [value for at, value in seen["points"] if at < to_zero["at"]]
    assert len(low) >= 90
    assert max(low) == 1
    assert low[-60:] == [0] * 60
    assert seen["cleaned"] == CLEANED


@pytest.mark.timeout(200)
def test_every_client_walks_out_sooner(tmp_path: Path, subtests: pytest.Subtests) -> None:
    for client, seen in walked("fast", tmp_path, clock_speed=20).items():
        with subtests.test(client=client):
            is_client(seen, client)
            went_out_sooner(seen, f"fast-{client}", streams=client != "cli")


def went_out_sooner(seen: Loose, name: str, *, streams: bool) -> None:
    assert seen["first"] == {"answer": "HELLO"}
    assert "".join(seen["streamed"] or []) == ("ABC" if streams else "")
    assert [alarm["watches"] for alarm in seen["tracking"]] == TRACKING
    assert seen["slower"]["watches"] == ["InvocationsPerCopy", "Sum", 60, 3, 10000.0, "GreaterThanThreshold"]
    assert seen["policies"] == [[f"{name}-invocations", 2], [f"{name}-out", 1], [f"{name}-track", 2]]
    times = [at for at, _ in seen["before"]]
    assert [later - sooner for sooner, later in pairwise(times)] == [10] * (len(times) - 1)
    assert seen["before"][-1][1] == 0  # a copy that has nothing to do tells that

    # Load begins: 13 at once for the one copy. It is seen after three points of ten seconds, not after minutes.
    loaded = min(at for at, value in seen["points"] if value > 5)
    (out,) = seen["activities"]
    is_activity(out, 3, f"TargetTracking-inference-component/{name}-AlarmHigh-", f"{name}-track")
    assert 30 <= seen["alarmed"]["at"] - loaded < 45
    assert 0 <= out["at"] - seen["alarmed"]["at"] < 5
    assert seen["instances"] == 3
    # The new copies take their share at once, so each has less than the target. (On a busy machine the load itself may waver.)
    assert 10 < max(value for _, value in seen["points"]) <= 13
    assert 1 < seen["points"][-1][1] < 5
    assert seen["history"][-2:] == ["Alarm updated from OK to ALARM", "Alarm updated from ALARM to OK"]
    assert seen["cleaned"] == CLEANED


def is_client(seen: Loose, client: str) -> None:
    version, protocol = VERSIONS[client]
    assert seen["client"].startswith(version)
    assert seen["protocol"] == protocol


def is_activity(activity: Loose, count: int, alarm: str, policy: str) -> None:
    assert activity["Description"] == f"Setting desired copy count to {count}."
    assert activity["Cause"].startswith(f"monitor alarm {alarm}")
    assert activity["Cause"].endswith(f" in state ALARM triggered policy {policy}")
    assert activity["StatusCode"] == "Successful"

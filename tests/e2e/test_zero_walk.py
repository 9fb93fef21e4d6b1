"""The whole of AWS's scale-to-zero walkthrough on a clock 240 times as fast: to zero and back, with plain boto3."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from demo.server import running
from tests.e2e.zero_stage import COMPONENT, NO_CAPACITY, Walker, until

MOST = 4


@pytest.mark.timeout(150)
def test_a_component_goes_to_zero_and_back_as_published(tmp_path: Path) -> None:
    data, model = tmp_path / "data", tmp_path / "model"
    data.mkdir()
    model.mkdir()
    with running(data, clock_speed=240) as server:
        walker = Walker(server)
        walker.deploy(model, copies=1)
        policy = walker.add_policies(most=MOST)
        assert json.loads(walker.invoke(b'{"a": 1}')["Body"].read())["echo"] == {"a": 1}

        _reaches_zero(walker)
        _refusal_wakes_it_by_the_step_policy(walker, policy)
        _grows_under_load(walker)
        _reaches_zero(walker)
        held = walker.invoke(b'{"b": 2}', at_zero="hold")
        assert json.loads(held["Body"].read())["echo"] == {"b": 2}
        assert "hold;dur=" in held["ResponseMetadata"]["HTTPHeaders"]["server-timing"]
        assert "invocation waits for" in walker.activities()[-1]["Cause"]


def _reaches_zero(walker: Walker) -> None:
    until(lambda: walker.component()["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 0}, limit_s=40)
    until(lambda: walker.instances() == 0)
    until(lambda: walker.endpoint()["EndpointStatus"] == "InService")
    last = walker.activities()[-1]
    assert last["Description"] == "Setting desired copy count to 0."
    assert last["StatusCode"] == "Successful"
    assert "AlarmLow" in last["Cause"]
    assert last["Cause"].endswith("in state ALARM triggered policy tracking")


def _refusal_wakes_it_by_the_step_policy(walker: Walker, policy: str) -> None:
    with pytest.raises(ClientError) as refused:
        walker.invoke(at_zero="refuse")
    assert refused.value.response["Error"] == {"Code": "ValidationError", "Message": NO_CAPACITY}
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    until(lambda: walker.cloudwatch.describe_alarms(AlarmNames=["walk-no-capacity"])["MetricAlarms"][0]["StateValue"] == "ALARM")
    until(lambda: walker.copies() == 1)
    woke = walker.activities()[-1]
    assert woke["Description"] == "Setting desired copy count to 1."
    assert woke["Cause"] == "monitor alarm walk-no-capacity in state ALARM triggered policy from-zero"
    assert policy.endswith(f"inference-component/{COMPONENT}:policyName/from-zero")
    assert walker.invoke()["ResponseMetadata"]["HTTPStatusCode"] == 200


def _grows_under_load(walker: Walker) -> None:
    stop = threading.Event()
    seen: set[int] = set()

    def client() -> int:
        count = 0
        while not stop.is_set():
            walker.invoke(b'{"seconds": 0.05}')["Body"].read()
            count += 1
        return count

    def grown() -> bool:
        seen.add(walker.copies())
        return MOST in seen

    with ThreadPoolExecutor(24) as pool:
        clients = [pool.submit(client) for _ in range(24)]
        try:
            until(grown)
        finally:
            stop.set()
        assert sum(c.result() for c in clients) > 0
    causes = [a["Cause"] for a in walker.activities()]
    assert any("AlarmHigh" in cause for cause in causes)

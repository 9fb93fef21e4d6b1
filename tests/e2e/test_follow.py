"""A component that nobody registered for scaling goes to zero and back by the installation's default policy."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from demo.server import running
from tests.e2e.zero_stage import COMPONENT, ENDPOINT, Walker, until

SETTINGS = """
[scaling]
default_policy = "split(first=120s, further=60s)"
"""


@pytest.mark.timeout(90)
def test_a_component_without_a_target_goes_to_zero_and_back(tmp_path: Path) -> None:
    data, model, settings = tmp_path / "data", tmp_path / "model", tmp_path / "stoker.toml"
    data.mkdir()
    model.mkdir()
    settings.write_text(SETTINGS)
    with running(data, clock_speed=120, flags=("--config", str(settings))) as server:
        walker = Walker(server)
        walker.deploy(model, copies=2, policy=None)
        assert walker.invoke(b'{"a": 1}')["ResponseMetadata"]["HTTPStatusCode"] == 200
        with pytest.raises(ClientError, match="The tag stoker:policy: There is no policy 'slit'; there are split, keep-alive"):
            _component_with(walker, policy="slit")
        _reaches_zero(walker)

        with ThreadPoolExecutor(6) as pool:
            replies = [pool.submit(walker.invoke, b'{"seconds": 0.5}') for _ in range(6)]
            assert all(json.loads(reply.result()["Body"].read())["echo"] == {"seconds": 0.5} for reply in replies)
        woken = next(a for a in walker.activities() if a["Description"] == "Setting desired copy count to 2.")
        assert woken["Cause"].startswith("policy split: 0 invocations in flight and ")
        assert " need 2 copies at " in woken["Cause"]
        (served,) = server.status()["endpoints"][0]["workloads"]
        assert served["policy"] == "split(first=120s, further=60s)"
        assert served["start_time_s"] > 0
        _reaches_zero(walker)

        walker.sagemaker.update_inference_component_runtime_config(
            InferenceComponentName=COMPONENT, DesiredRuntimeConfig={"CopyCount": 0}
        )
        with pytest.raises(ClientError, match="has no capacity to process this request"):
            walker.invoke()


def _reaches_zero(walker: Walker) -> None:
    until(lambda: walker.component()["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 0})
    until(lambda: walker.component()["InferenceComponentStatus"] == "InService")
    assert walker.activities()[-1]["Cause"] == "policy split: 0 invocations in flight need 0 copies at 1 each"


def _component_with(walker: Walker, *, policy: str) -> None:
    walker.sagemaker.create_inference_component(
        InferenceComponentName="other",
        EndpointName=ENDPOINT,
        VariantName="AllTraffic",
        Specification={"ModelName": COMPONENT, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 512}},
        RuntimeConfig={"CopyCount": 1},
        Tags=[{"Key": "stoker:policy", "Value": policy}],
    )

"""An update under load, on a whole server with real copies: nobody who invokes notices more than another answer."""

import json
import threading
from pathlib import Path
from typing import Any

from tests.e2e.test_up_copies import ROLE, client
from tests.e2e.up_server import servers, until

SCRIPT = """
def model_fn(model_dir):
    return None

def predict_fn(data, model):
    return {{"version": {version}}}
"""


def make_model(calls: Any, folder: Path, version: int) -> None:
    place = folder / f"model-{version}"
    place.mkdir()
    (place / "inference.py").write_text(SCRIPT.format(version=version))
    container = {"Image": "stoker/python", "ModelDataUrl": place.as_uri()}
    calls.create_model(ModelName=f"m{version}", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    members = {"VariantName": "v", "ModelName": f"m{version}", "InstanceType": "ml.t2.medium", "InitialInstanceCount": 2}
    calls.create_endpoint_config(EndpointConfigName=f"c{version}", ProductionVariants=[members])


def test_an_endpoint_is_updated_under_load_and_no_invocation_is_lost() -> None:
    with servers() as (data, start):
        server = start()
        calls, runtime = client(server, "sagemaker"), client(server, "sagemaker-runtime")
        for version in (1, 2):
            make_model(calls, data.parent, version)
        calls.create_endpoint(EndpointName="e", EndpointConfigName="c1")

        def status() -> str:
            return str(calls.describe_endpoint(EndpointName="e")["EndpointStatus"])

        until(lambda: status() == "InService", "the endpoint is in service", 60)
        answers: list[int] = []
        troubles: list[str] = []
        over = threading.Event()

        def invoke() -> None:
            while not over.is_set():
                try:
                    reply = runtime.invoke_endpoint(EndpointName="e", ContentType="application/json", Body=b"{}")
                    answers.append(json.loads(reply["Body"].read())["version"])
                except Exception as error:  # noqa: BLE001 - whatever it is, the test is to tell of it
                    troubles.append(str(error))

        clients = [threading.Thread(target=invoke) for _ in range(3)]
        for each in clients:
            each.start()
        try:
            batch = {"Type": "INSTANCE_COUNT", "Value": 1}
            policy = {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 0}}
            calls.update_endpoint(EndpointName="e", EndpointConfigName="c2", DeploymentConfig=policy)
            until(lambda: status() == "InService", "the update is done", 90)
            count = len(answers)
            until(lambda: len(answers) > count + 10, "invocations go on")
        finally:
            over.set()
            for each in clients:
                each.join(30)
        assert troubles == []
        assert calls.describe_endpoint(EndpointName="e")["EndpointConfigName"] == "c2"
        assert answers[0] == 1
        assert set(answers[-5:]) == {2}
        assert server.stop()[0] == 0

"""Asynchronous inference as clients see it: its configuration, and InvokeEndpointAsync by the newest boto3 and an older one."""

import asyncio
import json

import pytest
from botocore.exceptions import ClientError

from stoker.domain.asynchronous import AsyncRequest, AsyncState, RequestId
from stoker.engine.backlog import Backlog, BacklogLimits
from stoker.testing.memory_requests import MemoryRequests
from tests.conformance.sagemaker_stage import KEY, ROLE, SECRET, Loose, Stage, make_model, refused
from tests.conformance.test_older_clients import run

QUEUE = "arn:aws:sqs:us-east-1:123456789012:ended"
OUTPUT = {
    "S3OutputPath": "s3://out/results/",
    "S3FailurePath": "s3://out/failed",
    "NotificationConfig": {
        "SuccessTopic": QUEUE,
        "ErrorTopic": "https://hooks.example/errors",
        "IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"],
    },
}
VARIANT = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def deploy(stage: Stage, output: Loose = OUTPUT, name: str = "e", **more: Loose) -> Loose:
    """Make an asynchronous endpoint; gives its client."""
    client = stage.client()
    make_model(client)
    config = {"OutputConfig": output, **more}
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[VARIANT], AsyncInferenceConfig=config)
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return client


def fault(call: Loose, **arguments: Loose) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Loose = caught.value.response
    return reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Code"], reply["Error"]["Message"]


def test_the_configuration_is_described_as_it_was_given(stage: Stage) -> None:
    client = deploy(stage, ClientConfig={"MaxConcurrentInvocationsPerInstance": 4})
    wanted = {"OutputConfig": OUTPUT, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4}}
    assert client.describe_endpoint_config(EndpointConfigName="e")["AsyncInferenceConfig"] == wanted
    assert client.describe_endpoint(EndpointName="e")["AsyncInferenceConfig"] == wanted


def test_a_request_brings_its_body_and_is_told_where_its_result_will_be(stage: Stage) -> None:
    deploy(stage)
    runtime = stage.client("sagemaker-runtime")
    body = b"\0" + b"x" * 127_999
    reply = runtime.invoke_endpoint_async(
        EndpointName="e",
        Body=body,
        ContentType="application/x-npy",
        Accept="application/json",
        CustomAttributes="trace=1",
        InferenceId="mine",
        S3OutputPathExtension="day/1",
        RequestTTLSeconds=60,
        InvocationTimeoutSeconds=3600,
    )
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (reply["InferenceId"], reply["OutputLocation"], reply["FailureLocation"]) == (
        "mine",
        "s3://out/results/day/1/mine.out",
        "s3://out/failed/day/1/mine-error.out",
    )
    (kept,) = stage.run(stage.requests.newest("e", 5))
    assert (kept.content_type, kept.accept, kept.custom_attributes) == ("application/x-npy", "application/json", "trace=1")
    assert (kept.deadline - kept.received, kept.timeout, kept.size) == (60 * 10**9, 3600 * 10**9, 128_000)
    assert kept.state is AsyncState.WAITING
    assert stage.run(stage.requests.store.body(RequestId(kept.request_id))) == body


def test_an_id_is_made_for_who_brings_none_and_results_may_have_names(stage: Stage) -> None:
    deploy(stage, {"S3OutputPath": "file:///results"})
    reply = stage.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName="e", InputLocation="s3://in/data.csv", Filename="mine.csv"
    )
    assert len(reply["InferenceId"]) == 36
    assert reply["OutputLocation"] == "file:///results/mine.csv"
    assert "FailureLocation" not in reply


def test_a_boto3_of_2023_names_its_input(stage: Stage) -> None:
    deploy(stage)
    seen = run("client_async.py", stage.address, KEY, SECRET)
    assert seen["version"].startswith("1.34")
    assert seen["status"] == 202
    assert seen["output"] == f"s3://out/results/{seen['id']}.out"
    assert seen["failure"] == f"s3://out/failed/{seen['id']}-error.out"
    (kept,) = stage.run(stage.requests.newest("e", 5))
    assert kept.location == "s3://in/old.json"


def test_requests_that_cannot_be_are_refused(stage: Stage) -> None:
    client = deploy(stage)
    runtime = stage.client("sagemaker-runtime", checks=False)
    call = runtime.invoke_endpoint_async
    exactly = (400, "ValidationError", "Specify exactly one of Body and InputLocation.")
    assert fault(call, EndpointName="e") == exactly
    assert fault(call, EndpointName="e", Body=b"x", InputLocation="s3://in/x") == exactly
    status, code, message = fault(call, EndpointName="e", Body=b"x" * 128_001)
    assert (status, code) == (400, "ValidationError")
    assert "128000" in message
    for wrong in (
        {"RequestTTLSeconds": 59},
        {"InvocationTimeoutSeconds": 3601},
        {"InputLocation": "http://x/y"},
        {"Filename": "../x"},
        {"S3OutputPathExtension": "s3://other"},
    ):
        assert fault(call, EndpointName="e", **{"InputLocation": "s3://in/x", **wrong})[1] == "ValidationError", wrong
    missing = (400, "ValidationError", "Endpoint nobody of account 123456789012 not found.")
    assert fault(call, EndpointName="nobody", Body=b"x") == missing
    client.create_endpoint_config(EndpointConfigName="plain", ProductionVariants=[VARIANT])
    client.create_endpoint(EndpointName="plain", EndpointConfigName="plain")
    assert "AsyncInferenceConfig" in fault(call, EndpointName="plain", Body=b"x")[2]
    assert stage.run(stage.requests.newest("", 9)) == []


def test_a_full_queue_throttles(stage: Stage) -> None:
    deploy(stage)
    stage.requests.backlog = Backlog(BacklogLimits(requests=2))
    call = stage.client("sagemaker-runtime").invoke_endpoint_async
    for _ in range(2):
        call(EndpointName="e", Body=b"x")
    status, code, message = fault(call, EndpointName="e", Body=b"x")
    assert (status, code) == (400, "ThrottlingException")
    assert "inference.max_requests" in message


def test_configurations_that_cannot_be_are_refused(stage: Stage) -> None:
    client = stage.client()
    make_model(client)

    def refusal(output: Loose, **variant: Loose) -> str:
        made = {key: value for key, value in {**VARIANT, **variant}.items() if value is not None}
        config = {"OutputConfig": output}
        return refused(
            client.create_endpoint_config,
            EndpointConfigName="new",
            ExecutionRoleArn=ROLE,
            ProductionVariants=[made],
            AsyncInferenceConfig=config,
        )

    assert "S3OutputPath is required" in refusal({})
    assert "absolute path" in refusal({"S3OutputPath": "https://elsewhere/x"})
    assert "topic" in refusal({**OUTPUT, "NotificationConfig": {"SuccessTopic": "nobody"}}).lower()
    assert "inference components" in refusal(OUTPUT, ModelName=None)
    assert client.list_endpoint_configs()["EndpointConfigs"] == []


def test_only_asynchronous_variants_may_have_no_instances(stage: Stage) -> None:
    client = deploy(stage)
    scaling = stage.client("application-autoscaling")
    target = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    scaling.register_scalable_target(ResourceId="endpoint/e/variant/v", MinCapacity=0, MaxCapacity=2, **target)
    client.update_endpoint_weights_and_capacities(
        EndpointName="e", DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredInstanceCount": 0}]
    )
    assert client.describe_endpoint(EndpointName="e")["ProductionVariants"][0]["DesiredInstanceCount"] == 0
    client.create_endpoint_config(EndpointConfigName="plain", ProductionVariants=[VARIANT])
    client.create_endpoint(EndpointName="plain", EndpointConfigName="plain")
    with pytest.raises(ClientError, match="less than 1"):
        scaling.register_scalable_target(ResourceId="endpoint/plain/variant/v", MinCapacity=0, MaxCapacity=2, **target)


def test_a_request_is_on_disk_before_its_reply(stage: Stage) -> None:
    deploy(stage)
    gate = asyncio.Event()
    seen: list[str] = []

    class Slow(MemoryRequests):
        async def put(self, request: AsyncRequest, body: bytes | None = None) -> None:
            await gate.wait()
            await super().put(request, body)
            seen.append(request.inference_id)

    stage.requests.store = Slow()
    stage.loop.call_soon_threadsafe(stage.loop.call_later, 0.05, gate.set)
    reply = stage.client("sagemaker-runtime").invoke_endpoint_async(EndpointName="e", Body=json.dumps(1).encode())
    assert seen == [reply["InferenceId"]]

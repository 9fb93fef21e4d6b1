"""Asynchronous inference as a user has it: from zero by the user's policies or by none, told of by queue and web hook."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.async_stage import BUCKET, NAME, TARGET, allow, deploy, instances_of, objects, page, send
from tests.e2e.fault_stage import SWIFT, Stage, platform, until
from tests.e2e.up_server import stoker

QUEUE = "arn:aws:sqs:us-east-1:123456789012:good"


@contextlib.contextmanager
def hook() -> Iterator[tuple[str, list[Any]]]:
    """Give a web hook, and what it gets."""
    got: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ended", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def heard() -> Iterator[tuple[str, list[Any]]]:
    with hook() as found:
        yield found


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, heard: tuple[str, list[Any]]) -> Iterator[Stage]:
    place = tmp_path_factory.mktemp("queued")
    notices = {
        "SuccessTopic": QUEUE,
        "ErrorTopic": heard[0],
        "IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"],
    }
    with platform(place, settings=SWIFT, clock_speed=240) as stage:
        stage.client("sqs").create_queue(QueueName="good")
        deploy(stage, place / "runs", NotificationConfig=notices)
        yield stage


def note(envelope: Any) -> Any:
    """Give SageMaker's message of an envelope."""
    assert envelope["Type"] == "Notification"
    return json.loads(envelope["Message"])


def result(stage: Stage, name: str) -> Any:
    """Wait for a result."""
    key = f"done/{name}.out"
    until(lambda: key in set(objects(stage, "done/")))
    return json.loads(stage.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())


def metrics(stage: Stage) -> set[str]:
    """Give the names of the endpoint's metrics."""
    of = [{"Name": "EndpointName", "Value": NAME}]
    return {each["MetricName"] for each in stage.cloudwatch.list_metrics(Namespace="AWS/SageMaker", Dimensions=of)["Metrics"]}


def requests(stage: Stage) -> dict[str, Any]:
    """Give the requests by inference id, as `stoker async list` has them."""
    told = json.loads(page(stage, "/stoker/requests?limit=1000"))["requests"]
    return {each["inference_id"]: each for each in told}


def test_a_users_step_policy_brings_the_first_instance_and_nobody_else_does(stage: Stage) -> None:
    allow(stage, 2)
    step = stage.scaling.put_scaling_policy(
        **TARGET,
        PolicyName="from-zero",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "Cooldown": 300,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )
    stage.cloudwatch.put_metric_alarm(
        AlarmName="backlog",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": NAME}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
        AlarmActions=[step["PolicyARN"]],
    )
    with pytest.raises(ClientError, match="use InvokeEndpointAsync"):
        stage.runtime.invoke_endpoint(EndpointName=NAME, Body=b"{}")
    for number in range(8):
        send(stage.runtime, f"s-{number}")
    assert result(stage, "s-7") == {"id": "s-7"}
    activities = stage.scaling.describe_scaling_activities(**TARGET)["ScalingActivities"]
    assert activities
    assert all("alarm backlog" in each["Cause"] for each in activities), activities
    wanted = {"ApproximateBacklogSize", "ApproximateBacklogSizePerInstance", "ApproximateAgeOfOldestRequest"}
    until(lambda: wanted | {"HasBacklogWithoutCapacity"} <= metrics(stage))
    stage.scaling.delete_scaling_policy(**TARGET, PolicyName="from-zero")


def test_a_queue_is_told_of_what_went_well_with_the_response(stage: Stage, tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text('{"id": "of a file"}')
    reply = stage.runtime.invoke_endpoint_async(
        EndpointName=NAME, InferenceId="filed", ContentType="application/json", InputLocation=source.as_uri()
    )
    assert result(stage, "filed") == {"id": "of a file"}
    queue, found = stage.client("sqs"), {}
    url = queue.get_queue_url(QueueName="good")["QueueUrl"]

    def received() -> bool:
        for message in queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            told = note(json.loads(message["Body"]))
            found[told["inferenceId"]] = told
        return "filed" in found

    until(received)
    told = found["filed"]
    assert (told["invocationStatus"], told["eventName"], told["requestParameters"]["inputLocation"]) == (
        "Completed",
        "InferenceResult",
        source.as_uri(),
    )
    assert told["responseParameters"] == {"contentType": "application/json", "outputLocation": reply["OutputLocation"]}
    assert told["responseBody"]["encoding"] == "BASE64"


def test_poison_stops_after_its_attempts_and_what_is_refused_after_one(stage: Stage, heard: tuple[str, list[Any]]) -> None:
    send(stage.runtime, "poison", exit=3)
    # It takes its copy along, and what else that works on would be tried anew.
    until(lambda: "poison" in {note(each)["inferenceId"] for each in heard[1]})
    send(stage.runtime, "broken", **{"raise": "a fuse"})
    body = b"\xff no JSON"
    stage.runtime.invoke_endpoint_async(EndpointName=NAME, InferenceId="unread", ContentType="application/json", Body=body)
    names = {"poison", "broken", "unread"}
    until(lambda: {note(each)["inferenceId"] for each in heard[1]} >= names)
    told = {note(each)["inferenceId"]: note(each) for each in heard[1]}
    assert {told[name]["invocationStatus"] for name in names} == {"Failed"}
    kept = requests(stage)
    assert {name: len(kept[name]["attempts"]) for name in names} == {"poison": 3, "broken": 3, "unread": 1}
    store = stage.client("s3")
    written = json.loads(store.get_object(Bucket=BUCKET, Key="failed/broken-error.out")["Body"].read())
    assert written["originalStatusCode"] == 500
    assert "a fuse" in written["originalMessage"]
    assert written["failureReason"] == told["broken"]["failureReason"] == kept["broken"]["reason"]
    assert told["poison"]["failureReason"].endswith("(3 attempts made)")
    assert told["poison"]["responseParameters"] == {"failureLocation": f"s3://{BUCKET}/failed/poison-error.out"}


def test_a_model_has_as_long_as_its_request_says(stage: Stage) -> None:
    body = json.dumps({"id": "slow", "seconds": 30}).encode()
    stage.runtime.invoke_endpoint_async(
        EndpointName=NAME, InferenceId="slow", ContentType="application/json", Body=body, InvocationTimeoutSeconds=1
    )
    first = until(lambda: next((each for each in requests(stage)["slow"]["attempts"] if each["outcome"]), None))
    assert "timed out" in first["outcome"]


def test_without_a_policy_it_goes_back_to_zero_and_comes_again(stage: Stage) -> None:
    until(lambda: instances_of(stage) == 0)
    send(stage.runtime, "again")
    assert result(stage, "again") == {"id": "again"}
    causes = [each["Cause"] for each in stage.scaling.describe_scaling_activities(**TARGET)["ScalingActivities"]]
    assert any("no asynchronous request" in cause for cause in causes)
    assert any("asynchronous request" in cause and "waiting" in cause for cause in causes)


def test_what_waits_too_long_expires_and_what_nobody_will_answer_fails(stage: Stage, heard: tuple[str, list[Any]]) -> None:
    stage.scaling.deregister_scalable_target(**TARGET)
    until(lambda: stage.sagemaker.describe_endpoint(EndpointName=NAME)["EndpointStatus"] == "InService")
    stage.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=NAME, DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredInstanceCount": 0}]
    )
    until(lambda: instances_of(stage) == 0)
    stage.runtime.invoke_endpoint_async(EndpointName=NAME, InferenceId="late", Body=b"{}", RequestTTLSeconds=60)
    send(stage.runtime, "orphan")
    until(lambda: any(note(each)["inferenceId"] == "late" for each in heard[1]))
    assert "RequestTTLSeconds" in requests(stage)["late"]["reason"]
    assert requests(stage)["late"]["state"] == "Expired"
    listed = stoker("async", "list", "--data", str(stage.server.data), "--limit", "1")
    assert json.loads(listed.stdout)["inference_id"] == "orphan"
    shown = stoker("async", "show", "--data", str(stage.server.data), requests(stage)["broken"]["request_id"])
    assert len(json.loads(shown.stdout)["attempts"]) == 3
    counted = stoker("async", "list", "--data", str(stage.server.data), "--counts")
    states = {count["state"]: count["requests"] for count in map(json.loads, counted.stdout.splitlines())}
    assert (states["Expired"], states["Failed"], states["Waiting"]) == (1, 4, 1)
    assert stoker("async", "show", "--data", str(stage.server.data), "none").stderr == "stoker: There is no request none.\n"
    stage.sagemaker.delete_endpoint(EndpointName=NAME)
    until(lambda: any(note(each)["inferenceId"] == "orphan" for each in heard[1]))
    assert "was deleted" in requests(stage)["orphan"]["reason"]
    until(lambda: "ExpiredRequests" in metrics(stage))

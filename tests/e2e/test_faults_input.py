"""What the whole platform says to requests that cannot be: the documented code and text, every violation at once, no hang."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.e2e.fault_stage import ENDPOINT, ROLE, Stage, platform

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
MISMATCH = "The request signature we calculated does not match the signature you provided."
Answer: TypeAlias = tuple[int, dict[str, str], bytes]
CALLS: dict[str, Callable[[Any], object]] = {
    "sagemaker": lambda client: client.list_models(),
    "sagemaker-runtime": lambda client: client.invoke_endpoint(EndpointName=ENDPOINT, InferenceComponentName="one", Body=b"{}"),
    "application-autoscaling": lambda client: client.describe_scalable_targets(ServiceNamespace="sagemaker"),
    "cloudwatch": lambda client: client.describe_alarms(),
    "sts": lambda client: client.get_caller_identity(),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with platform(tmp_path_factory.mktemp("input")) as stage:
        stage.open()
        stage.deploy("one")
        yield stage


def refused(stage: Stage, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call with boto3's own checks off and give the error."""
    client = stage.client(service, checked=False)
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**arguments)
    response: dict[str, Any] = error.value.response
    return response


def signed(
    stage: Stage,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    headers: dict[str, str] | None = None,
    service: str = "sagemaker",
) -> Answer:
    """Send a request that is signed as it should be, whatever else it is."""
    known = stage.server.environment
    request = AWSRequest(method=method, url=stage.server.address + path, data=body, headers=headers or {})
    credentials = Credentials(known["AWS_ACCESS_KEY_ID"], known["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, service, known["AWS_DEFAULT_REGION"]).add_auth(request)
    connection = http.client.HTTPConnection(urlsplit(stage.server.address).netloc, timeout=10)
    try:
        connection.request(method, path, body, dict(request.headers.items()))
        reply = connection.getresponse()
        return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
    finally:
        connection.close()


COMPONENT = {
    "InferenceComponentName": "one",
    "EndpointName": ENDPOINT,
    "VariantName": "AllTraffic",
    "Specification": {"ModelName": "one", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}},
    "RuntimeConfig": {"CopyCount": 1},
}
TARGET = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount"}


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        ("describe_endpoint", {"EndpointName": "nope"}, f'Could not find endpoint "{ARN}:endpoint/nope".'),
        ("delete_endpoint", {"EndpointName": "nope"}, f'Could not find endpoint "{ARN}:endpoint/nope".'),
        (
            "describe_endpoint_config",
            {"EndpointConfigName": "nope"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/nope".',
        ),
        ("describe_model", {"ModelName": "nope"}, f'Could not find model "{ARN}:model/nope".'),
        ("delete_model", {"ModelName": "nope"}, f'Could not find model "{ARN}:model/nope".'),
        (
            "describe_inference_component",
            {"InferenceComponentName": "nope"},
            'Could not find inference component "nope".',
        ),
        (
            "create_endpoint",
            {"EndpointName": "new", "EndpointConfigName": "nope"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/nope".',
        ),
        (
            "create_inference_component",
            {**COMPONENT, "InferenceComponentName": "new", "EndpointName": "nope"},
            f'Could not find endpoint "{ARN}:endpoint/nope".',
        ),
        (
            "create_inference_component",
            COMPONENT,
            f'Cannot create already existing inference component "{ARN}:inference-component/one".',
        ),
        (
            "create_endpoint",
            {"EndpointName": ENDPOINT, "EndpointConfigName": ENDPOINT},
            f'Cannot create already existing endpoint "{ARN}:endpoint/{ENDPOINT}".',
        ),
        (
            "create_model",
            {"ModelName": "one", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "stoker/python"}},
            f'Cannot create already existing model "{ARN}:model/one".',
        ),
    ],
)
def test_unknown_and_taken_names(stage: Stage, operation: str, arguments: dict[str, Any], message: str) -> None:
    error = refused(stage, "sagemaker", operation, arguments)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"] == {"Code": "ValidationException", "Message": message}


def test_all_violations_are_told_at_once(stage: Stage) -> None:
    container = {"Image": "two words", "ModelDataUrl": "ftp://files", "Environment": {"1st": "x"}}
    error = refused(
        stage, "sagemaker", "create_model", {"ModelName": "-x-", "ExecutionRoleArn": "me", "PrimaryContainer": container}
    )
    assert error["Error"]["Code"] == "ValidationException"
    message = error["Error"]["Message"]
    assert message.startswith("6 validation errors detected: ")
    for words in (
        "Value '-x-' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
        "Value 'two words' at 'primaryContainer.image' failed to satisfy constraint: ",
        "Value 'ftp://files' at 'primaryContainer.modelDataUrl' failed to satisfy constraint: ",
        "at 'primaryContainer.environment' failed to satisfy constraint: Map keys must satisfy constraint: ",
        "Value 'me' at 'executionRoleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
        "Value 'me' at 'executionRoleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
    ):
        assert words in message


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code", "words"),
    [
        (
            "sagemaker",
            "create_endpoint_config",
            {},
            "ValidationException",
            ["2 validation errors", "null at 'endpointConfigName'", "null at 'productionVariants'"],
        ),
        ("sagemaker", "create_model", {"ModelName": 5}, "SerializationException", ["$.ModelName", "`str`", "`int`"]),
        (
            "sagemaker",
            "update_inference_component_runtime_config",
            {"InferenceComponentName": "one", "DesiredRuntimeConfig": {"CopyCount": "three"}},
            "SerializationException",
            ["$.DesiredRuntimeConfig.CopyCount", "`int`", "`str`"],
        ),
        (
            "sagemaker",
            "update_inference_component_runtime_config",
            {"InferenceComponentName": "one", "DesiredRuntimeConfig": {"CopyCount": -1}},
            "ValidationException",
            ["'-1' at 'desiredRuntimeConfig.copyCount'", "greater than or equal to 0"],
        ),
        (
            "sagemaker",
            "update_inference_component_runtime_config",
            {"InferenceComponentName": "one", "DesiredRuntimeConfig": {"CopyCount": 10**30}},
            "SerializationException",
            ["$.DesiredRuntimeConfig.CopyCount"],
        ),
        (
            "application-autoscaling",
            "register_scalable_target",
            {"ServiceNamespace": "nope", "ResourceId": "", "ScalableDimension": "x", "MinCapacity": 1},
            "ValidationException",
            ["3 validation errors", "'nope' at 'serviceNamespace'", "'' at 'resourceId'", "'x' at 'scalableDimension'"],
        ),
        (
            "application-autoscaling",
            "register_scalable_target",
            {**TARGET, "ResourceId": "inference-component/nope", "MinCapacity": 0, "MaxCapacity": 1},
            "ValidationException",
            ["inference-component/nope"],
        ),
        (
            "application-autoscaling",
            "deregister_scalable_target",
            {**TARGET, "ResourceId": "inference-component/nope"},
            "ObjectNotFoundException",
            ["No scalable target found", "inference-component/nope"],
        ),
        (
            "cloudwatch",
            "put_metric_alarm",
            {"AlarmName": "", "ComparisonOperator": "x", "EvaluationPeriods": 0},
            "ValidationError",
            ["3 validation errors", "'alarmName'", "'evaluationPeriods'", "'comparisonOperator'"],
        ),
        (
            "sagemaker-runtime",
            "invoke_endpoint",
            {"EndpointName": "a b!", "Body": b"{}"},
            "ValidationError",
            ["'a b!' at 'endpointName'"],
        ),
        (
            "sagemaker-runtime",
            "invoke_endpoint",
            {"EndpointName": "nope", "Body": b"{}"},
            "ValidationError",
            ["Endpoint nope of account 123456789012 not found."],
        ),
        (
            "sagemaker-runtime",
            "invoke_endpoint_with_response_stream",
            {"EndpointName": ENDPOINT, "InferenceComponentName": "nope", "Body": b"{}"},
            "ValidationError",
            ['Could not find inference component "nope".'],
        ),
        (
            "sagemaker-runtime",
            "invoke_endpoint",
            {"EndpointName": ENDPOINT, "Body": b"{}"},
            "ValidationError",
            ["Inference Component Name header is required"],
        ),
        (
            "sagemaker-runtime",
            "invoke_endpoint",
            {"EndpointName": ENDPOINT, "InferenceComponentName": "one", "TargetVariant": "nope", "Body": b"{}"},
            "ValidationError",
            ["Variant nope not found for Request"],
        ),
    ],
)
def test_values_that_cannot_be(
    *, stage: Stage, service: str, operation: str, arguments: dict[str, Any], code: str, words: list[str]
) -> None:
    error = refused(stage, service, operation, arguments)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"]["Code"] == code
    for word in words:
        assert word in error["Error"]["Message"]


def test_what_is_refused_changes_nothing(stage: Stage) -> None:
    assert stage.serving("one", 1)
    assert [m["ModelName"] for m in stage.sagemaker.list_models()["Models"]] == ["one"]
    assert len(stage.sagemaker.list_endpoints()["Endpoints"]) == 1
    assert stage.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert stage.cloudwatch.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"NameContains":', b"\xff\xfe", b"[" * 100_000])
def test_bodies_that_are_no_json_objects(stage: Stage, body: bytes) -> None:
    headers = {"X-Amz-Target": "SageMaker.ListModels", "Content-Type": "application/x-amz-json-1.1"}
    status, replied, reply = signed(stage, "POST", "/", body, headers=headers)
    if body == b"":
        assert status == 200, "an empty body is an empty input"
        return
    assert (status, replied["x-amzn-errortype"]) == (400, "SerializationException")
    told = json.loads(reply)
    assert told["__type"] == "SerializationException"
    assert told["message"]


def test_an_operation_nobody_knows(stage: Stage) -> None:
    headers = {"X-Amz-Target": "SageMaker.MakeCoffee", "Content-Type": "application/x-amz-json-1.1"}
    status, _, reply = signed(stage, "POST", "/", b"{}", headers=headers)
    assert (status, json.loads(reply)["__type"]) == (404, "UnknownOperationException")
    error = refused(stage, "sagemaker", "stop_training_job", {"TrainingJobName": "x"})
    assert error["Error"] == {
        "Code": "NotImplementedException",
        "Message": "Stoker does not serve sagemaker:StopTrainingJob.",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nope"),
        ("DELETE", "/"),
        ("POST", f"/endpoints/{ENDPOINT}/nope"),
        ("GET", f"/endpoints/{ENDPOINT}/invocations"),
        ("POST", "/endpoints//invocations"),
        ("GET", "/" + "a" * 5000),
    ],
)
def test_paths_where_nothing_is(stage: Stage, method: str, path: str) -> None:
    status, _, reply = signed(stage, method, path)
    assert status == 404, reply
    assert b"Traceback" not in reply
    assert stage.server.status()["endpoints"]


def test_pages_that_are_not_there(stage: Stage) -> None:
    status, _, reply = signed(stage, "GET", "/stoker/nope")
    assert status == 404
    assert "There is no page /stoker/nope" in json.loads(reply)["message"]


@pytest.mark.parametrize("operation", ["invoke_endpoint", "invoke_endpoint_with_response_stream"])
def test_a_body_beyond_the_limit(stage: Stage, operation: str) -> None:
    body = b"x" * (26 * 1024 * 1024)
    before = time.monotonic()
    error = refused(
        stage, "sagemaker-runtime", operation, {"EndpointName": ENDPOINT, "InferenceComponentName": "one", "Body": body}
    )
    assert time.monotonic() - before < 5
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert error["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": "The request body must not be larger than 26214400 bytes.",
    }
    assert stage.invoke("one", a=1)["echo"] == {"a": 1}


def test_a_call_beyond_the_limit(stage: Stage) -> None:
    container = {"Image": "x" * (26 * 1024 * 1024)}
    error = refused(stage, "sagemaker", "create_model", {"ModelName": "big", "PrimaryContainer": container})
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert error["Error"]["Code"] == "RequestEntityTooLargeException"


@pytest.mark.parametrize("service", CALLS)
def test_strangers(stage: Stage, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mismatch, unknown = (
        ("SignatureDoesNotMatch", "InvalidClientTokenId")
        if service == "sts"
        else (
            "InvalidSignatureException",
            "UnrecognizedClientException",
        )
    )
    call = CALLS[service]

    def error_of(client: Any) -> tuple[int, str, str]:
        with pytest.raises(ClientError) as error:
            call(client)
        response = error.value.response
        return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]

    status, code, message = error_of(stage.client(service, secret="not the secret"))
    assert (status, code) == (403, mismatch)
    assert message.startswith(MISMATCH)
    expected = (403, unknown, "The security token included in the request is invalid.")
    assert error_of(stage.client(service, key="AKIANOBODY")) == expected

    past = datetime.now(UTC) - timedelta(minutes=20)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: past.replace(tzinfo=None))
    status, code, message = error_of(stage.client(service))
    assert (status, code) == (403, mismatch)
    assert message.startswith(f"Signature expired: {past:%Y%m%dT%H%M%SZ} is now earlier than ")


def test_nobody(stage: Stage) -> None:
    connection = http.client.HTTPConnection(urlsplit(stage.server.address).netloc, timeout=10)
    connection.request("POST", f"/endpoints/{ENDPOINT}/invocations", b"{}")
    reply = connection.getresponse()
    assert (reply.status, reply.getheader("x-amzn-errortype")) == (403, "MissingAuthenticationTokenException")
    assert json.loads(reply.read()) == {"Message": "Missing Authentication Token"}
    connection.close()


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nno colon\r\n\r\n"]
)
def test_bytes_that_are_no_http(stage: Stage, junk: bytes) -> None:
    where = urlsplit(stage.server.address)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=5) as connection:
        connection.sendall(junk)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while piece := connection.recv(65536):
            got += piece
    assert got == b"" or got.startswith(b"HTTP/1.1 400 ")
    assert stage.server.status()["endpoints"]

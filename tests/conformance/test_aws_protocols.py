"""Real boto3 against the AWS application in its own process, over a real socket."""

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, TypeAlias
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import boto3
import msgspec
import pytest
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, EventStreamError

from stoker.domain.ids import ALARM, ENDPOINT, Partition
from stoker.errors import ConflictError, NoCapacityError, NotFoundError
from stoker.units import SECOND
from stoker.wire.aws import asgi
from stoker.wire.aws.errors import FaultError
from stoker.wire.aws.generated import application_autoscaling as aas
from stoker.wire.aws.generated import cloudwatch as cw
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.generated import sagemaker_runtime as rt
from stoker.wire.aws.generated import sts
from stoker.wire.aws.sigv4 import Verifier
from stoker.wire.aws.times import Timestamp

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"
AT = 1_732_838_400 * SECOND
WHEN = datetime.fromtimestamp(1_732_838_400, UTC)
Loose: TypeAlias = Any  # boto3 makes its clients, and their replies, at run time

SESSION = boto3.session.Session()  # shared: it parses each service's model once
seen: list[Any] = []
attempts: list[str] = []


async def create_config(given: sm.CreateEndpointConfigInput, _: asgi.Context) -> sm.CreateEndpointConfigOutput:
    seen.append(given)
    return sm.CreateEndpointConfigOutput(endpoint_config_arn=f"arn:aws:sagemaker:::endpoint-config/{given.endpoint_config_name}")


async def describe_endpoint(given: sm.DescribeEndpointInput, _: asgi.Context) -> sm.DescribeEndpointOutput:
    if given.endpoint_name == "gone":
        raise NotFoundError(ENDPOINT, given.endpoint_name)
    return sm.DescribeEndpointOutput(
        endpoint_name=given.endpoint_name,
        endpoint_arn="arn:aws:sagemaker:us-east-1:123456789012:endpoint/e",
        endpoint_status="InService",
        creation_time=Timestamp(AT),
        last_modified_time=Timestamp(AT + 250_000_000),
        production_variants=[sm.ProductionVariantSummary(variant_name="v", current_weight=1.0, current_instance_count=0)],
    )


async def create_endpoint(given: sm.CreateEndpointInput, _: asgi.Context) -> sm.CreateEndpointOutput:
    raise ConflictError(ENDPOINT, given.endpoint_name, exists=True)


async def delete_endpoint(_: sm.DeleteEndpointInput, context: asgi.Context) -> None:
    assert context.principal.access_key == KEY


async def list_endpoints(given: sm.ListEndpointsInput, _: asgi.Context) -> sm.ListEndpointsOutput:
    seen.append(given)
    return sm.ListEndpointsOutput(endpoints=[])


async def list_models(_: sm.ListModelsInput, __: asgi.Context) -> sm.ListModelsOutput:
    attempts.append("list_models")
    msg = "secret of the house"
    raise RuntimeError(msg)


async def put_policy(given: aas.PutScalingPolicyRequest, _: asgi.Context) -> aas.PutScalingPolicyResponse:
    seen.append(given)
    return aas.PutScalingPolicyResponse(policy_arn="arn", alarms=[aas.Alarm(alarm_name="high", alarm_arn="arn:high")])


async def describe_policies(given: aas.DescribeScalingPoliciesRequest, _: asgi.Context) -> aas.DescribeScalingPoliciesResponse:
    raise NotFoundError("scalable target", given.service_namespace, "No scalable target found")


async def put_metric_data(given: cw.PutMetricDataInput, _: asgi.Context) -> None:
    seen.append(given)


async def describe_alarms(_: cw.DescribeAlarmsInput, __: asgi.Context) -> cw.DescribeAlarmsOutput:
    return cw.DescribeAlarmsOutput(
        metric_alarms=[cw.MetricAlarm(alarm_name="a", threshold=4.5, state_updated_timestamp=Timestamp(AT))],
        composite_alarms=[],
    )


async def delete_alarms(_: cw.DeleteAlarmsInput, __: asgi.Context) -> None:
    raise NotFoundError(ALARM, "a")


async def statistics(_: cw.GetMetricStatisticsInput, __: asgi.Context) -> cw.GetMetricStatisticsOutput:
    raise FaultError("InvalidParameterCombination", "You have requested up to 86400 datapoints")


async def identity(_: sts.GetCallerIdentityRequest, __: asgi.Context) -> sts.GetCallerIdentityResponse:
    return sts.GetCallerIdentityResponse(user_id="AIDA<&>", account="123456789012", arn="arn:aws:iam::123456789012:root")


async def invoke(given: rt.InvokeEndpointInput, _: asgi.Context) -> rt.InvokeEndpointOutput:
    if given.endpoint_name == "zero":
        msg = "Inference Component has no capacity to process this request."
        raise NoCapacityError(msg)
    if given.endpoint_name == "broken":
        members = {"OriginalStatusCode": 500, "OriginalMessage": "boom"}
        raise FaultError("ModelError", "Received server error (500)", members=members)
    if given.endpoint_name == "busy":
        raise FaultError("ThrottlingException", None)
    seen.append(given)
    return rt.InvokeEndpointOutput(
        body=given.body[::-1], content_type="text/plain", invoked_production_variant="v", custom_attributes="a\r\nb"
    )


async def stream(given: rt.InvokeEndpointWithResponseStreamInput, _: asgi.Context) -> rt.InvokeEndpointWithResponseStreamOutput:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one "
        yield b""
        yield b"two"
        if given.endpoint_name == "cut":
            raise FaultError("ModelStreamError", "the model left", members={"ErrorCode": "StreamBroken"})
        if given.endpoint_name == "bug":
            raise KeyError

    return rt.InvokeEndpointWithResponseStreamOutput(body=parts(), content_type="text/event-stream")


HANDLERS: asgi.Handlers = {
    ("sagemaker", "CreateEndpointConfig"): create_config,
    ("sagemaker", "DescribeEndpoint"): describe_endpoint,
    ("sagemaker", "CreateEndpoint"): create_endpoint,
    ("sagemaker", "DeleteEndpoint"): delete_endpoint,
    ("sagemaker", "ListEndpoints"): list_endpoints,
    ("sagemaker", "ListModels"): list_models,
    ("application-autoscaling", "PutScalingPolicy"): put_policy,
    ("application-autoscaling", "DescribeScalingPolicies"): describe_policies,
    ("cloudwatch", "PutMetricData"): put_metric_data,
    ("cloudwatch", "DescribeAlarms"): describe_alarms,
    ("cloudwatch", "DeleteAlarms"): delete_alarms,
    ("cloudwatch", "GetMetricStatistics"): statistics,
    ("sts", "GetCallerIdentity"): identity,
    ("sagemaker-runtime", "InvokeEndpoint"): invoke,
    ("sagemaker-runtime", "InvokeEndpointWithResponseStream"): stream,
}
SERVICES = (sm.SERVICE, rt.SERVICE, aas.SERVICE, cw.SERVICE, sts.SERVICE)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of the application on a free port, in a thread of its own."""
    numbers = count()
    app = asgi.aws_app(
        HANDLERS,
        Verifier({KEY: SECRET}, regions=frozenset({REGION})),
        services=SERVICES,
        partition=Partition(account="123456789012", region=REGION),
        request_id=lambda: f"00000000-0000-0000-0000-{next(numbers):012}",
    )
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Loose = None) -> None:
            await super().startup(sockets)
            started.set()

    server = Server(uvicorn.Config(app, port=0, log_level="critical", access_log=False, loop="asyncio"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    assert started.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _forget() -> None:
    seen.clear()
    attempts.clear()


@cache
def client(
    service: str, address: str, *, secret: str = SECRET, key: str = KEY, mode: str = "standard", region: str = REGION
) -> Loose:
    config = Config(retries={"mode": mode, "total_max_attempts": 3}, read_timeout=20)  # type: ignore[arg-type,unused-ignore]
    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
    return SESSION.client(service, endpoint_url=address, config=config, region_name=region, **keys)


def error_of(call: Loose, **arguments: Loose) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Any = caught.value.response
    assert reply["ResponseMetadata"]["RequestId"].startswith("00000000-")
    return reply["Error"]["Code"], reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Message"]


def test_a_nested_input_arrives_typed(address: str) -> None:
    reply = client("sagemaker", address).create_endpoint_config(
        EndpointConfigName="c",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/r",
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "InstanceType": "ml.g5.xlarge",
                "InitialInstanceCount": 1,
                "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
                "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
            }
        ],
        Tags=[{"Key": "tëam", "Value": "x y"}],
    )
    assert reply["EndpointConfigArn"].endswith("/c")
    assert seen == [
        sm.CreateEndpointConfigInput(
            endpoint_config_name="c",
            execution_role_arn="arn:aws:iam::123456789012:role/r",
            production_variants=[
                sm.ProductionVariant(
                    variant_name="AllTraffic",
                    instance_type="ml.g5.xlarge",
                    initial_instance_count=1,
                    managed_instance_scaling=sm.ProductionVariantManagedInstanceScaling(
                        status="ENABLED", min_instance_count=0, max_instance_count=2
                    ),
                    routing_config=sm.ProductionVariantRoutingConfig(routing_strategy="LEAST_OUTSTANDING_REQUESTS"),
                )
            ],
            tags=[sm.Tag(key="tëam", value="x y")],
        )
    ]


def test_times_travel_both_ways_and_absent_members_are_left_out(address: str) -> None:
    sagemaker = client("sagemaker", address)
    reply = sagemaker.describe_endpoint(EndpointName="e")
    assert reply.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert reply == {
        "EndpointName": "e",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e",
        "EndpointStatus": "InService",
        "CreationTime": WHEN,
        "LastModifiedTime": WHEN.replace(microsecond=250_000),
        "ProductionVariants": [{"VariantName": "v", "CurrentWeight": 1.0, "CurrentInstanceCount": 0}],
    }
    sagemaker.list_endpoints(CreationTimeAfter=WHEN, CreationTimeBefore=WHEN.replace(microsecond=123_000))
    assert seen == [sm.ListEndpointsInput(creation_time_after=Timestamp(AT), creation_time_before=Timestamp(AT + 123_000_000))]


def test_an_operation_without_output_answers(address: str) -> None:
    assert client("sagemaker", address).delete_endpoint(EndpointName="e")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_sagemaker_errors_have_its_words(address: str) -> None:
    sagemaker = client("sagemaker", address)
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/gone"
    assert error_of(sagemaker.describe_endpoint, EndpointName="gone") == (
        "ValidationException",
        400,
        f'Could not find endpoint "{arn}".',
    )
    assert error_of(sagemaker.create_endpoint, EndpointName="gone", EndpointConfigName="c") == (
        "ValidationException",
        400,
        f'Cannot create already existing endpoint "{arn}".',
    )


def test_all_constraint_violations_are_listed(address: str) -> None:
    code, status, message = error_of(
        client("sagemaker", address).create_endpoint_config,
        EndpointConfigName="c_c",
        ProductionVariants=[{"VariantName": "v", "InstanceType": "ml.none", "InitialInstanceCount": 1}, {"VariantName": "-"}],
    )
    assert (code, status) == ("ValidationException", 400)
    pattern = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    first, second, third = message.split("; ")
    regular = f"failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
    assert first == f"3 validation errors detected: Value 'c_c' at 'endpointConfigName' {regular}"
    assert second.startswith(
        "Value 'ml.none' at 'productionVariants.1.member.instanceType' "
        "failed to satisfy constraint: Member must satisfy enum value set: [ml.t2.medium, "
    )
    assert third == f"Value '-' at 'productionVariants.2.member.variantName' {regular}"


def test_application_autoscaling(address: str) -> None:
    scaling = client("application-autoscaling", address)
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/ic",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }
    reply = scaling.put_scaling_policy(
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 5, "ScaleInCooldown": 60},
        **target,
    )
    assert reply["Alarms"] == [{"AlarmName": "high", "AlarmARN": "arn:high"}]
    assert seen[0].target_tracking_scaling_policy_configuration == aas.TargetTrackingScalingPolicyConfiguration(
        target_value=5.0, scale_in_cooldown=60
    )
    with pytest.raises(scaling.exceptions.ObjectNotFoundException):
        scaling.describe_scaling_policies(ServiceNamespace="sagemaker")


def test_cloudwatch_speaks_its_old_error_codes(address: str) -> None:
    watch = client("cloudwatch", address)
    alarm = watch.describe_alarms()
    assert alarm["MetricAlarms"] == [{"AlarmName": "a", "Threshold": 4.5, "StateUpdatedTimestamp": WHEN}]
    assert alarm["CompositeAlarms"] == []
    assert error_of(watch.delete_alarms, AlarmNames=["a"])[:2] == ("ResourceNotFound", 404)
    span = {"Namespace": "n", "MetricName": "m", "StartTime": WHEN, "EndTime": WHEN, "Period": 60}
    assert error_of(watch.get_metric_statistics, **span)[:2] == ("InvalidParameterCombination", 400)
    code, status, message = error_of(watch.describe_alarms, StateValue="BAD")
    assert (code, status) == ("ValidationError", 400)
    assert message == (
        "1 validation error detected: Value 'BAD' at 'stateValue' failed to satisfy constraint: "
        "Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]"
    )


def test_a_compressed_body_is_read(address: str) -> None:
    data = [{"MetricName": f"metric-{number}", "Value": number, "Timestamp": WHEN} for number in range(300)]
    client("cloudwatch", address).put_metric_data(Namespace="mine", MetricData=data)
    assert seen[0].metric_data[299] == cw.MetricDatum(metric_name="metric-299", value=299.0, timestamp=Timestamp(AT))


def test_the_identity_is_xml(address: str) -> None:
    reply = client("sts", address).get_caller_identity()
    assert (reply["UserId"], reply["Account"]) == ("AIDA<&>", "123456789012")
    assert error_of(client("sts", address).get_session_token)[:2] == ("NotImplementedException", 501)


def test_a_presigned_identity_url_works_by_get(address: str) -> None:
    url = client("sts", address).generate_presigned_url("get_caller_identity", HttpMethod="GET", ExpiresIn=60)
    with urlopen(url, timeout=20) as reply:  # noqa: S310 - our own address
        assert b"<Account>123456789012</Account>" in reply.read()


def test_an_invocation(address: str) -> None:
    runtime = client("sagemaker-runtime", address)
    reply = runtime.invoke_endpoint(
        EndpointName="e", Body=b"\x00abc\xff", ContentType="text/csv", InferenceComponentName="ic", CustomAttributes="k=v"
    )
    assert reply["Body"].read() == b"\xffcba\x00"
    assert (reply["ContentType"], reply["InvokedProductionVariant"], reply["CustomAttributes"]) == ("text/plain", "v", "a  b")
    assert seen[0].inference_component_name == "ic"
    assert seen[0].custom_attributes == "k=v"
    assert seen[0].content_type == "text/csv"


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("zero", ("ValidationError", 400)),
        ("broken", ("ModelError", 424)),
        ("busy", ("ThrottlingException", 400)),
        ("not_a_name", ("ValidationError", 400)),
    ],
)
def test_failed_invocations(address: str, endpoint: str, expected: tuple[str, int]) -> None:
    assert error_of(client("sagemaker-runtime", address).invoke_endpoint, EndpointName=endpoint, Body=b"x")[:2] == expected


def test_a_model_error_keeps_what_the_model_said(address: str) -> None:
    runtime = client("sagemaker-runtime", address)
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName="broken", Body=b"x")
    assert caught.value.response["OriginalStatusCode"] == 500
    assert caught.value.response["OriginalMessage"] == "boom"


def parts_of(reply: Loose) -> Iterator[bytes]:
    try:
        for event in reply["Body"]:
            yield event["PayloadPart"]["Bytes"]
    finally:
        reply["Body"].close()


def test_a_streamed_invocation(address: str) -> None:
    runtime = client("sagemaker-runtime", address)
    reply = runtime.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"x", Accept="text/event-stream")
    assert reply["ContentType"] == "text/event-stream"
    assert list(parts_of(reply)) == [b"one ", b"two"]


@pytest.mark.parametrize(("endpoint", "code"), [("cut", "ModelStreamError"), ("bug", "InternalStreamFailure")])
def test_a_stream_that_breaks_says_so(address: str, endpoint: str, code: str) -> None:
    parts = parts_of(client("sagemaker-runtime", address).invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=b"x"))
    assert [next(parts), next(parts)] == [b"one ", b"two"]
    with pytest.raises(EventStreamError) as caught:
        next(parts)
    error: Any = caught.value.response
    assert error["Error"]["Code"] == code
    assert "KeyError" not in error["Error"]["Message"]


def test_a_bug_is_hidden_and_named(address: str) -> None:
    code, status, message = error_of(client("sagemaker", address).list_models)
    assert (code, status) == ("InternalFailure", 500)
    assert "secret" not in message


@pytest.mark.parametrize("mode", ["standard", "legacy"])
def test_an_operation_that_is_not_served_says_so_and_is_not_retried(address: str, mode: str) -> None:
    sagemaker = client("sagemaker", address, mode=mode)
    with pytest.raises(ClientError) as caught:
        sagemaker.list_training_jobs()
    reply: Any = caught.value.response
    assert reply["Error"]["Code"] == "NotImplementedException"
    assert reply["Error"]["Message"] == "Stoker does not serve sagemaker:ListTrainingJobs."
    assert reply["ResponseMetadata"]["RetryAttempts"] == 0
    asynchronous = client("sagemaker-runtime", address).invoke_endpoint_async
    assert error_of(asynchronous, EndpointName="e", InputLocation="s3://b/k")[:2] == ("NotImplementedException", 501)


@pytest.mark.parametrize(
    ("service", "operation", "unknown", "mismatch"),
    [
        ("sagemaker", "list_endpoints", "UnrecognizedClientException", "InvalidSignatureException"),
        ("cloudwatch", "describe_alarms", "UnrecognizedClientException", "InvalidSignatureException"),
        ("sts", "get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    ],
)
def test_strangers_are_told_why(address: str, service: str, operation: str, unknown: str, mismatch: str) -> None:
    stranger = client(service, address, key="AKIDNOBODY")
    assert error_of(getattr(stranger, operation)) == (unknown, 403, "The security token included in the request is invalid.")
    liar = client(service, address, secret="guess")
    code, status, message = error_of(getattr(liar, operation))
    assert (code, status) == (mismatch, 403)
    assert message.startswith("The request signature we calculated does not match")


def test_a_wrong_region_is_told(address: str) -> None:
    code, _, message = error_of(client("sagemaker", address, region="eu-west-1").list_endpoints)
    assert code == "InvalidSignatureException"
    assert message == "Credential should be scoped to a valid region, not 'eu-west-1'."


def test_a_query_client_is_served_in_xml(address: str) -> None:
    """A form of the kind that older clients of CloudWatch send, compressed as they do."""
    body = gzip.compress(
        b"Action=PutMetricData&Version=2010-08-01&Namespace=mine&MetricData.member.1.MetricName=m&MetricData.member.1.Value=2"
        b"&MetricData.member.1.Timestamp=2024-11-29T00%3A00%3A00Z&MetricData.member.1.Dimensions.member.1.Name=d"
        b"&MetricData.member.1.Dimensions.member.1.Value=x&MetricData.member.2.MetricName=n&MetricData.member.2.StorageResolution=1"
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
    signed = AWSRequest(method="POST", url=f"{address}/", data=body, headers=headers)
    SigV4Auth(Credentials(KEY, SECRET), "monitoring", REGION).add_auth(signed)
    request = HttpRequest(f"{address}/", data=body, headers=dict(signed.headers), method="POST")  # noqa: S310 - our own address
    with urlopen(request, timeout=20) as reply:  # noqa: S310
        assert reply.status == 200
        assert reply.read().startswith(b'<PutMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">')
    assert seen == [
        cw.PutMetricDataInput(
            namespace="mine",
            metric_data=[
                cw.MetricDatum(
                    metric_name="m", value=2.0, timestamp=Timestamp(AT), dimensions=[cw.Dimension(name="d", value="x")]
                ),
                cw.MetricDatum(metric_name="n", storage_resolution=1),
            ],
        )
    ]


def test_every_generated_operation_has_a_decoder_and_a_handler_shape() -> None:
    for service in SERVICES:
        for operation in service.operations.values():
            assert operation.name in service.known_operations
            assert isinstance(msgspec.json.Decoder(operation.input).decode(b"{}"), operation.input)

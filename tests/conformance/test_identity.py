"""Who the caller is, temporary credentials, and what a key allows, as real clients see them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from stoker.wire.aws.access import DEFAULT_ROLE
from stoker.wire.aws.services.sts import role_id
from stoker.wire.aws.sessions import seal_session
from tests.conformance.sagemaker_stage import ACCESS, BOUND, KEY, SECRET, Loose, Stage, plain, serving

EXECUTION_ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-stoker"
ROLE = "arn:aws:iam::123456789012:role/path/Reader"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with serving() as one:
        yield one


def client(stage: Stage, service: str, key: str, secret: str, token: str | None = None) -> Loose:
    session = boto3.session.Session(key, secret, token, region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)  # type: ignore[typeddict-unknown-key,unused-ignore]
    return session.client(service, endpoint_url=stage.address, config=config)


def with_credentials(stage: Stage, service: str, credentials: Loose) -> Loose:
    return client(stage, service, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


def refused(call: Loose, **arguments: Loose) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    reply: Any = caught.value.response
    return reply["Error"]["Code"], reply["Error"]["Message"], reply["ResponseMetadata"]["HTTPStatusCode"]


def test_the_caller_has_assumed_a_role(stage: Stage) -> None:
    """As in a notebook of SageMaker's, so that the SDK's `get_execution_role` finds the role's name in the ARN."""
    assert plain(stage.client("sts").get_caller_identity()) == {
        "UserId": f"{role_id(DEFAULT_ROLE)}:root",
        "Account": "123456789012",
        "Arn": f"arn:aws:sts::123456789012:assumed-role/{DEFAULT_ROLE}/root",
    }


def test_roles_are_there(stage: Stage) -> None:
    role = client(stage, "iam", KEY, SECRET).get_role(RoleName=DEFAULT_ROLE)["Role"]
    assert (role["Arn"], role["Path"], role["RoleId"]) == (EXECUTION_ROLE, "/service-role/", role_id(DEFAULT_ROLE))
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert role["CreateDate"] == datetime(2020, 1, 1, tzinfo=UTC)
    other = client(stage, "iam", KEY, SECRET).get_role(RoleName="sagemaker_execution_role")["Role"]
    assert other["Arn"] == "arn:aws:iam::123456789012:role/sagemaker_execution_role"
    code, message, status = refused(client(stage, "iam", KEY, SECRET).get_role, RoleName="no role")
    assert (code, status) == ("ValidationError", 400)
    assert "at 'roleName' failed to satisfy constraint" in message


def test_the_sagemaker_sdk_finds_its_execution_role(stage: Stage) -> None:
    """What `sagemaker.get_execution_role` of version 2.257 does, with its own expression."""
    assumed = stage.client("sts").get_caller_identity()["Arn"]
    role = re.sub(r"^(.+)sts::(\d+):assumed-role/(.+?)/.*$", r"\1iam::\2:role/\3", assumed)
    found = client(stage, "iam", KEY, SECRET).get_role(RoleName=role[role.rfind("/") + 1 :])["Role"]["Arn"]
    assert found == EXECUTION_ROLE


def test_an_assumed_role_is_a_caller_of_its_own(stage: Stage) -> None:
    before = datetime.now(UTC)
    reply = stage.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="me@work", DurationSeconds=900)
    arn = "arn:aws:sts::123456789012:assumed-role/Reader/me@work"
    assert reply["AssumedRoleUser"] == {"AssumedRoleId": f"{role_id('Reader')}:me@work", "Arn": arn}
    credentials = reply["Credentials"]
    assert 899 <= (credentials["Expiration"] - before).total_seconds() <= 901
    assert credentials["AccessKeyId"].startswith("ASIASTOKER")
    assert with_credentials(stage, "sts", credentials).get_caller_identity()["Arn"] == arn
    assert with_credentials(stage, "sagemaker", credentials).list_endpoints()["Endpoints"] == []
    assert with_credentials(stage, "cloudwatch", credentials).describe_alarms()["MetricAlarms"] == []


def test_session_credentials_are_their_owners(stage: Stage) -> None:
    credentials = stage.client("sts").get_session_token()["Credentials"]
    assert 43_100 <= (credentials["Expiration"] - datetime.now(UTC)).total_seconds() <= 43_200
    mine = with_credentials(stage, "sts", credentials)
    assert mine.get_caller_identity()["Arn"].endswith(f"/{DEFAULT_ROLE}/root")
    assert refused(mine.get_session_token) == ("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    chained = mine.assume_role(RoleArn=ROLE, RoleSessionName="me", DurationSeconds=43_200)["Credentials"]
    code, message, _ = refused(
        with_credentials(stage, "sts", chained).assume_role, RoleArn=ROLE, RoleSessionName="me", DurationSeconds=3601
    )
    assert (code, message) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    )


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (
            {"RoleArn": "arn:aws:iam::123456789012:user/someone"},
            "ValidationError",
            "arn:aws:iam::123456789012:user/someone is invalid",
        ),
        (
            {"RoleArn": "arn:aws:iam::210987654321:role/r"},
            "AccessDenied",
            "is not authorized to perform: sts:AssumeRole on resource: arn:",
        ),
        ({"RoleSessionName": "a b"}, "ValidationError", "at 'roleSessionName' failed to satisfy constraint"),
        ({"DurationSeconds": 60}, "ValidationError", "at 'durationSeconds' failed to satisfy constraint"),
        ({"Policy": "{}"}, "NotImplementedException", "does not serve session policies"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}, "NotImplementedException", "session policies"),
        ({"SerialNumber": "GAHT12345678", "TokenCode": "123456"}, "AccessDenied", "MultiFactorAuthentication failed"),
        (
            {"RoleSessionName": None},
            "ValidationError",
            "at 'roleSessionName' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
def test_roles_that_cannot_be_assumed(stage: Stage, change: dict[str, Loose], code: str, text: str) -> None:
    given = {"RoleArn": ROLE, "RoleSessionName": "me", **change}
    found, message, _ = refused(
        stage.client("sts", checks=False).assume_role, **{k: v for k, v in given.items() if v is not None}
    )
    assert (found, text in message) == (code, True), message


def test_a_session_ends(stage: Stage) -> None:
    session, token = seal_session(b"a seal", access_key="ASIAOLD", parent=KEY, expires=1)
    words = "The security token included in the request is expired"
    for service, operation, code in (
        ("sagemaker", "list_endpoints", "ExpiredTokenException"),
        ("cloudwatch", "describe_alarms", "ExpiredTokenException"),
        ("sts", "get_caller_identity", "ExpiredToken"),
        ("scheduler", "list_schedules", "ExpiredTokenException"),
    ):
        call = getattr(client(stage, service, "ASIAOLD", session.secret, token), operation)
        assert refused(call) == (code, words, 403)


@pytest.mark.parametrize("token", ["", "made up", None])
def test_a_token_that_no_one_gave(stage: Stage, token: str | None) -> None:
    call = client(stage, "sagemaker", "ASIAMADEUP", SECRET, token).list_endpoints
    assert refused(call) == ("UnrecognizedClientException", "The security token included in the request is invalid.", 403)


def test_a_bound_key_may_not_call_the_apis(stage: Stage) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html: user, action, resource, reason."""
    who = f"User: arn:aws:sts::123456789012:assumed-role/{DEFAULT_ROLE}/ci is not authorized to perform:"
    for service, operation, arguments, action, code, status in (
        ("sagemaker", "list_endpoints", {}, "sagemaker:ListEndpoints", "AccessDeniedException", 400),
        ("sagemaker", "delete_endpoint", {"EndpointName": "chat-1"}, "sagemaker:DeleteEndpoint", "AccessDeniedException", 400),
        ("cloudwatch", "describe_alarms", {}, "cloudwatch:DescribeAlarms", "AccessDeniedException", 400),
        (
            "application-autoscaling",
            "describe_scalable_targets",
            {"ServiceNamespace": "sagemaker"},
            "application-autoscaling:DescribeScalableTargets",
            "AccessDeniedException",
            400,
        ),
        ("scheduler", "list_schedules", {}, "scheduler:ListSchedules", "AccessDeniedException", 403),
        ("iam", "get_role", {"RoleName": "r"}, "iam:GetRole", "AccessDenied", 403),
        ("sts", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "me"}, "sts:AssumeRole", "AccessDenied", 403),
    ):
        call = getattr(client(stage, service, BOUND.access_key_id, BOUND.secret), operation)
        message = f"{who} {action} on resource: * because no identity-based policy allows the {action} action"
        assert refused(call, **arguments) == (code, message, status)
    assert client(stage, "sts", BOUND.access_key_id, BOUND.secret).get_caller_identity()["Arn"].endswith("/ci")
    session = client(stage, "sts", BOUND.access_key_id, BOUND.secret).get_session_token()["Credentials"]
    assert refused(with_credentials(stage, "sagemaker", session).list_endpoints)[0] == "AccessDeniedException"


def test_a_bound_key_and_invocations_that_come_this_way(stage: Stage) -> None:
    invoke = client(stage, "sagemaker-runtime", BOUND.access_key_id, BOUND.secret).invoke_endpoint
    assert refused(invoke, EndpointName="chat-1", Body=b"")[0] == "NotImplementedException"  # gateways serve it, not the APIs
    code, message, status = refused(invoke, EndpointName="other", Body=b"")
    assert (code, status) == ("AccessDeniedException", 403)
    assert "sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:us-east-1:123456789012:endpoint/other because" in message


def test_a_presigned_call_works_without_a_header(stage: Stage) -> None:
    reply = stage.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="me")["Credentials"]
    for sts in (stage.client("sts"), with_credentials(stage, "sts", reply)):
        url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET", ExpiresIn=60)
        with urlopen(url, timeout=20) as answer:  # noqa: S310 - our own server
            assert b"assumed-role" in answer.read()
        place, _, query = url.partition("?")
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        with pytest.raises(HTTPError) as caught:
            urlopen(Request(f"{place}?{urlencode({**fields, 'X-Amz-Expires': '600'})}"), timeout=20)  # noqa: S310
        with caught.value as error:
            assert (error.code, b"SignatureDoesNotMatch" in error.read()) == (403, True)


def test_what_is_logged_tells_no_secret(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    credentials = stage.client("sts").get_session_token()["Credentials"]
    with_credentials(stage, "sagemaker", credentials).list_endpoints()
    said = "".join(capsys.readouterr())
    for secret in (SECRET, BOUND.secret, credentials["SecretAccessKey"], credentials["SessionToken"]):
        assert secret not in said
    assert ACCESS.seal.decode() not in said

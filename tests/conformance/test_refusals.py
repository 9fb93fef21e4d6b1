"""How each protocol words that a request is not let in: the codes of each, and the same sentences.

https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from unittest import mock
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conformance.sagemaker_stage import KEY, SECRET, Stage, serving


class Call(NamedTuple):
    """A call in one protocol, and the service it is signed for."""

    service: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
CALLS = {
    "json": Call(
        "sagemaker",
        "POST",
        "/",
        {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListEndpoints"},
        b"{}",
    ),
    "json 1.0": Call(
        "monitoring",
        "POST",
        "/",
        {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "GraniteServiceVersion20100801.DescribeAlarms"},
        b"{}",
    ),
    "rest-json": Call("scheduler", "GET", "/schedules", {}),
    "query": Call("sts", "POST", "/", FORM, b"Action=GetCallerIdentity&Version=2011-06-15"),
    "cbor": Call(
        "monitoring",
        "POST",
        "/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
        {"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"},
        b"\xa0",
    ),
}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with serving() as one:
        yield one


def signed(
    stage: Stage,
    call: Call,
    *,
    key: str = KEY,
    secret: str = SECRET,
    service: str = "",
    late: timedelta | None = None,
) -> AWSRequest:
    request = AWSRequest(call.method, f"{stage.address}{call.path}", headers=dict(call.headers), data=call.body)
    moment = (datetime.now(UTC) - (late or timedelta())).replace(tzinfo=None)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):
        SigV4Auth(Credentials(key, secret), service or call.service, "us-east-1").add_auth(request)
    return request


def unsigned(stage: Stage, call: Call) -> AWSRequest:
    return AWSRequest(call.method, f"{stage.address}{call.path}", headers=dict(call.headers), data=call.body)


def incomplete(stage: Stage, call: Call) -> AWSRequest:
    request = unsigned(stage, call)
    request.headers["Authorization"] = "AWS4-HMAC-SHA256 SignedHeaders=host"
    return request


class Case(NamedTuple):
    """One way not to be let in: the code where the protocol is query, that everywhere else, and words of the message."""

    ask: Callable[[Stage, Call], AWSRequest]
    query: str
    other: str
    words: str


CASES = {
    "nothing": Case(
        unsigned, "MissingAuthenticationToken", "MissingAuthenticationTokenException", "Missing Authentication Token"
    ),
    "malformed": Case(
        incomplete,
        "IncompleteSignature",
        "IncompleteSignatureException",
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    ),
    "unknown key": Case(
        lambda stage, call: signed(stage, call, key="AKIDGONE"),
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    ),
    "wrong secret": Case(
        lambda stage, call: signed(stage, call, secret="guess"),
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
        "signing method. Consult the service documentation for details.",
    ),
    "late": Case(
        lambda stage, call: signed(stage, call, late=timedelta(minutes=6)),
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "Signature expired: ",
    ),
    "early": Case(
        lambda stage, call: signed(stage, call, late=timedelta(minutes=-6)),
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "Signature not yet current: ",
    ),
    "scope": Case(
        lambda stage, call: signed(stage, call, service="elsewhere"),
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "Credential should be scoped to correct service: ",
    ),
}


@pytest.mark.parametrize("protocol", CALLS)
@pytest.mark.parametrize("name", CASES)
def test_who_is_not_let_in_learns_why(stage: Stage, protocol: str, name: str) -> None:
    call, case = CALLS[protocol], CASES[name]
    request = case.ask(stage, call)
    with pytest.raises(HTTPError) as caught:
        urlopen(Request(request.url, call.body or None, dict(request.headers), method=call.method), timeout=20)  # noqa: S310
    with caught.value as error:
        said = error.read().decode("utf-8", "replace").replace("&apos;", "'")
        assert error.code == 403
        code = case.query if protocol == "query" else case.other
        told = error.headers["x-amzn-ErrorType"]  # but rpc-v2-cbor tells it in the body alone
        assert code in said if told is None else code == told
        assert case.words in said
        assert error.headers["x-amzn-RequestId"]


@pytest.mark.parametrize("protocol", CALLS)
def test_who_is_let_in(stage: Stage, protocol: str) -> None:
    call = CALLS[protocol]
    request = signed(stage, call)
    with urlopen(Request(request.url, call.body or None, dict(request.headers), method=call.method), timeout=20) as reply:  # noqa: S310
        assert reply.status == 200

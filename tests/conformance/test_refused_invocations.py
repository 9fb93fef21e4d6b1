"""What AWS's client makes of each failure of the gateway: how often it asks again, and when; and how long each client is held.

Published: the retry rules are those of botocore's standard mode, run here as they are, with the clock's sleep replaced.
"""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from stoker.domain.ids import Partition
from stoker.gateway.face import Invocation, Subject
from stoker.gateway.head import Head
from stoker.gateway.patience import RETRY_AFTER_S, longest_hold_s, patience_s
from stoker.gateway.reasons import Reason, Refusal
from stoker.units import SECOND
from stoker.wire.aws.invocations import AwsRuntimeFace

FACE = AwsRuntimeFace(Partition())
NOW = 1_795_314_600 * SECOND
BOTO3 = "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1"
SECOND_ATTEMPT = "ttl=20261122T023200Z; attempt=2; max=3"
LONG_AGO = "ttl=20261122T022900Z; attempt=2; max=3"
AT_ONCE = 0.2


class _Raw:
    """A reply's body as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Any:
        yield self._body


Ask = Callable[[Refusal], tuple[str, int, list[float]]]


@pytest.fixture(name="ask", scope="module")
def _ask() -> Ask:
    """Give what asks a gateway that always fails so: the error's code, its status, and the sleeps between the attempts."""
    client = boto3.client(
        "sagemaker-runtime",
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        endpoint_url="http://gateway",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
    )
    refusals: list[Refusal] = []

    def answer(request: Any, **_: object) -> AWSResponse:
        refusal = refusals[-1]
        reply = FACE.refusal(refusal, Subject(request_id="r", invocation=Invocation(endpoint="e"), variant="v"))
        lines = [line.partition(": ") for line in reply.headers.decode().split("\r\n") if line]
        return AWSResponse(request.url, reply.status, {name: value for name, _, value in lines}, _Raw(reply.body))

    client.meta.events.register("before-send.sagemaker-runtime.InvokeEndpoint", answer)

    def ask(refusal: Refusal) -> tuple[str, int, list[float]]:
        refusals.append(refusal)
        slept: list[float] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("botocore.endpoint.time.sleep", slept.append)
            with pytest.raises(ClientError) as raised:
                client.invoke_endpoint(EndpointName="e", Body=b"x")
        response = raised.value.response
        assert len(slept) == response["ResponseMetadata"]["RetryAttempts"]
        return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], slept

    return ask


@pytest.mark.parametrize(
    ("reason", "code", "status"),
    [
        (Reason.UNKNOWN_ENDPOINT, "ValidationError", 400),
        (Reason.COMPONENT_REQUIRED, "ValidationError", 400),
        (Reason.INVALID, "ValidationError", 400),
        (Reason.NO_CAPACITY, "ValidationError", 400),
        (Reason.WORKLOAD_FAILED, "ValidationError", 400),
        (Reason.MODEL_ERROR, "ModelError", 424),
        (Reason.MODEL_TIMEOUT, "ModelError", 424),
        (Reason.MODEL_LOST, "ModelError", 424),
        (Reason.MODEL_NOT_READY, "ModelNotReadyException", 429),
        (Reason.BODY_TOO_LARGE, "RequestEntityTooLargeException", 413),
    ],
)
def test_what_another_attempt_would_not_mend_is_raised_at_once(ask: Ask, reason: Reason, code: str, status: int) -> None:
    assert ask(Refusal(reason=reason)) == (code, status, [])


@pytest.mark.parametrize("reason", [Reason.HOLD_TIMED_OUT, Reason.OVERLOADED, Reason.CONTROL_AWAY, Reason.DRAINING])
def test_who_found_no_capacity_in_time_comes_again_when_told_to(ask: Ask, reason: Reason) -> None:
    code, status, slept = ask(Refusal(reason=reason, retry_after_s=RETRY_AFTER_S))
    assert (code, status, len(slept)) == ("ServiceUnavailable", 503, 2)
    assert all(RETRY_AFTER_S <= each <= RETRY_AFTER_S + AT_ONCE for each in slept)


def test_who_met_a_full_queue_backs_off(ask: Ask) -> None:
    code, status, slept = ask(Refusal(reason=Reason.HOLD_FULL, retry_after_s=RETRY_AFTER_S))
    assert (code, status, len(slept)) == ("ThrottlingException", 429, 2)
    assert all(each >= RETRY_AFTER_S for each in slept)


def test_every_retry_after_is_one_that_old_and_new_clients_heed() -> None:
    """OpenAI's SDKs up to 2.30 heed 60 seconds at most, later ones 120; AWS's wait five seconds more than they would anyway."""
    assert 0 < RETRY_AFTER_S <= 5


@pytest.mark.parametrize(
    ("headers", "most_s", "bound", "held_s"),
    [
        pytest.param({}, 600, None, 600, id="a client that says nothing: the server's limit"),
        pytest.param({}, 600, 120, 120, id="the component's"),
        pytest.param({}, 600, 900, 600, id="the component's above the server's"),
        pytest.param({"user-agent": BOTO3}, 600, None, 55, id="boto3's first attempt"),
        pytest.param({"user-agent": BOTO3}, 30, None, 30, id="boto3 at an impatient server"),
        pytest.param({"user-agent": BOTO3, "x-scale-up-timeout": "300"}, 600, None, 300, id="boto3 that was told to wait"),
        pytest.param({"x-scale-up-timeout": "900"}, 600, None, 600, id="a wish above the server's limit"),
        pytest.param({"x-scale-up-timeout": "5"}, 600, 120, 5, id="a small wish"),
        pytest.param({"x-scale-up-timeout": "0"}, 600, None, 600, id="a wish that is none"),
        pytest.param({"x-stainless-read-timeout": "600"}, 900, None, 598, id="OpenAI's default"),
        pytest.param({"x-stainless-read-timeout": "10"}, 600, None, 9, id="a tenth for the way"),
        pytest.param({"x-stainless-read-timeout": "100", "x-scale-up-timeout": "30"}, 600, None, 30, id="the smaller of both"),
        pytest.param(
            {"user-agent": BOTO3, "amz-sdk-request": SECOND_ATTEMPT},
            600,
            None,
            119,
            id="boto3's second",
        ),
        pytest.param({"user-agent": BOTO3, "amz-sdk-request": "attempt=1; max=3"}, 600, None, 55, id="no ttl yet"),
        pytest.param(
            {"user-agent": BOTO3, "amz-sdk-request": LONG_AGO},
            600,
            None,
            55,
            id="a ttl in the past",
        ),
    ],
)
def test_how_long_a_client_is_held(headers: dict[str, str], most_s: float, bound: int | None, held_s: float) -> None:
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    head = Head(method="POST", target=b"/endpoints/e/invocations", version="1.1", headers=lines, keep_alive=True)
    invocation = FACE.invocation(head, b"x")
    assert isinstance(invocation, Invocation)
    limit = longest_hold_s(None if bound is None else bound * SECOND, most_s)
    assert min(limit, patience_s(invocation, NOW)) == pytest.approx(held_s)

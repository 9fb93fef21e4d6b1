import json

import pytest

from stoker.domain.ids import Partition
from stoker.domain.states import AtZero
from stoker.gateway.face import Invocation, Subject
from stoker.gateway.head import Head
from stoker.gateway.reasons import Reason, Refusal
from stoker.wire.aws.invocations import AwsRuntimeFace

FACE = AwsRuntimeFace(Partition())
INVOCATION = Invocation(endpoint="chat", component="llama", variant=None)
SUBJECT = Subject(request_id="r-1", invocation=INVOCATION, variant="main")


def head(target: str = "/endpoints/chat/invocations", method: str = "POST", **headers: str) -> Head:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Head(method=method, target=target.encode(), version="1.1", headers=lines, keep_alive=True)


@pytest.mark.parametrize(
    ("target", "method", "claimed"),
    [
        pytest.param("/endpoints/e/invocations", "POST", True, id="plain"),
        pytest.param("/endpoints/e/invocations?x=1", "POST", True, id="query"),
        pytest.param("/endpoints/e/invocations-response-stream", "POST", True, id="stream"),
        pytest.param("/endpoints/e/async-invocations", "POST", False, id="async is the control plane's"),
        pytest.param("/endpoints/e/invocations", "GET", False, id="method"),
        pytest.param("/endpoints//invocations", "POST", False, id="no name"),
        pytest.param("/endpoints/e/x/invocations", "POST", False, id="deeper"),
        pytest.param("/", "POST", False, id="api"),
    ],
)
def test_which_requests_are_invocations(target: str, method: str, claimed: bool) -> None:
    assert FACE.claims(head(target, method)) is claimed


def test_a_requests_words_become_an_invocation() -> None:
    got = FACE.invocation(
        head(
            content_type="text/csv",
            accept="a/b",
            x_amzn_sagemaker_inference_component="llama",
            x_amzn_sagemaker_target_variant="main",
            x_amzn_sagemaker_inference_id="i-1",
            x_stoker_at_zero="Refuse",
            amz_sdk_invocation_id="k-1",
            amz_sdk_request="ttl=20261122T023000Z; attempt=2; max=3",
            authorization="secret",
            traceparent="00-1",
        ),
        b"",
    )
    assert isinstance(got, Invocation)
    assert (got.endpoint, got.component, got.variant, got.streaming) == ("chat", "llama", "main", False)
    assert (got.at_zero, got.key, got.deadline) == (AtZero.REFUSE, "k-1", 1_795_314_600 * 10**9)
    lines = got.headers.decode().split("\r\n")
    assert {"content-type: text/csv", "accept: a/b", "x-amzn-sagemaker-inference-id: i-1", "traceparent: 00-1"} < set(lines)
    assert "secret" not in got.headers.decode()


def test_a_streams_accept_comes_from_its_own_header() -> None:
    got = FACE.invocation(
        head("/endpoints/chat/invocations-response-stream", x_amzn_sagemaker_accept="text/x", accept="*/*"), b""
    )
    assert isinstance(got, Invocation)
    assert got.streaming
    assert got.headers == b"accept: text/x\r\n"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        pytest.param({"x_stoker_at_zero": "maybe"}, "X-Stoker-At-Zero must be hold or refuse", id="at zero"),
        pytest.param(
            {"x_amzn_sagemaker_inference_component": "-a", "x_amzn_sagemaker_target_variant": "b" * 64},
            "2 validation errors detected",
            id="all violations",
        ),
    ],
)
def test_wrong_words_are_named(headers: dict[str, str], text: str) -> None:
    for _ in range(2):  # what failed is never remembered as good
        got = FACE.invocation(head(**headers), b"")
        assert isinstance(got, Refusal)
        assert got.reason is Reason.INVALID
        assert text in got.message


@pytest.mark.parametrize("request_", ["", "ttl=; attempt=1", "ttl=99999999T999999Z", "attempt=1; max=3"])
def test_a_deadline_that_cannot_be_read_is_none(request_: str) -> None:
    got = FACE.invocation(head(amz_sdk_request=request_), b"")
    assert isinstance(got, Invocation)
    assert got.deadline is None


@pytest.mark.parametrize("reason", list(Reason), ids=[reason.value for reason in Reason])
@pytest.mark.parametrize("invocation", [None, INVOCATION, Invocation(endpoint="plain")], ids=["none", "component", "classic"])
def test_every_reason_has_words(reason: Reason, invocation: Invocation | None) -> None:
    refusal = Refusal(reason=reason, message="why", status=500, body=b"\xff", kind="SomeException", http_status=403, limit=7)
    reply = FACE.refusal(refusal, Subject(request_id="r-1", invocation=invocation))
    assert 400 <= reply.status < 600
    assert b"x-amzn-errortype: " in reply.headers
    assert b"x-amzn-requestid: r-1\r\n" in reply.headers
    message = json.loads(reply.body)["Message"]
    assert message or reason is Reason.THROTTLED, "AWS says null there"


def test_a_model_error_quotes_the_model_in_bounds() -> None:
    reply = FACE.refusal(Refusal(reason=Reason.MODEL_ERROR, status=418, body=b"x" * 60_000), SUBJECT)
    told = json.loads(reply.body)
    assert reply.status == 424
    assert told["Message"].startswith('Received client error (418) from primary with message "xxx')
    assert len(told["Message"]) < 5000
    assert len(told["OriginalMessage"]) == 60_000
    assert told["LogStreamArn"].endswith(":log-group:/aws/sagemaker/InferenceComponents/llama")


def test_only_documented_headers_of_the_model_come_back() -> None:
    sent = [(b"content-type", b"a/b"), (b"x-amzn-sagemaker-custom-attributes", b"c"), (b"server", b"x"), (b"set-cookie", b"y")]
    sent += [(b"x-amzn-sagemaker-new-session-id", b"s1; Expires=2026"), (b"x-amzn-sagemaker-closed-session-id", b"s0")]
    lines = FACE.reply_headers(sent, streaming=False, variant="main", mark="7f").decode().splitlines()
    assert lines == [
        "x-amzn-invoked-production-variant: main",
        "x-amzn-sagemaker-custom-attributes: c",
        "x-amzn-sagemaker-new-session-id: s1-7f; Expires=2026",
        "x-amzn-sagemaker-closed-session-id: s0-7f",
        "content-type: a/b",
    ]

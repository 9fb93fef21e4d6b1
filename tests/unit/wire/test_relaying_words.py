"""Every failure in the words of each face that relays."""

import json

import pytest

from stoker.domain.ids import Partition
from stoker.gateway.face import Invocation, Reply, Subject
from stoker.gateway.reasons import Reason, Refusal
from stoker.wire.aws.invocations import AwsRuntimeFace
from stoker.wire.huggingface.invocations import HubWords
from stoker.wire.openai.words import AwsOpenAiWords, OpenAiWords
from stoker.wire.outcomes import MOST_RETRY_AFTER_S

SUBJECT = Subject(request_id="r-1", invocation=Invocation(endpoint="chat", component="chat"), variant="main")
NOBODY = Subject(request_id="r-2")
OPENAI, HUB, AWS = OpenAiWords(), HubWords(), AwsOpenAiWords(AwsRuntimeFace(Partition()))


def refusal(reason: Reason) -> Refusal:
    return Refusal(
        reason=reason,
        message="Why.",
        status=418,
        body=b"teapot",
        kind="AccessDeniedException",
        http_status=401,
        limit=9,
        retry_after_s=5,
    )


def headers(reply: Reply) -> dict[str, str]:
    lines = reply.headers.decode().split("\r\n")
    assert lines.pop() == "", "every line is ended"
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("subject", [SUBJECT, NOBODY], ids=["known", "unknown"])
@pytest.mark.parametrize("words", [OPENAI, AWS, HUB], ids=["openai", "aws", "hub"])
def test_every_failure_has_an_envelope(words: OpenAiWords | AwsOpenAiWords | HubWords, reason: Reason, subject: Subject) -> None:
    reply = words.refusal(refusal(reason), subject)
    told = headers(reply)
    assert 400 <= reply.status < 600
    assert told.get("www-authenticate") == ("Bearer" if reply.status == 401 and words is not AWS else None)
    assert (told["content-type"], told["x-request-id"]) == ("application/json", subject.request_id)
    assert 0 <= int(told.get("retry-after", "0")) <= MOST_RETRY_AFTER_S
    body = json.loads(reply.body)
    event = words.event(refusal(reason), subject)
    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    assert event.count(b"\n") == 2
    if words is HUB:
        overloaded = {"error_type": "overloaded"} if reply.status == 429 else {}
        assert set(body) == {"error", "code", *overloaded}
        assert body["error"]
        assert body["code"] == body["code"].upper()
        assert json.loads(event[6:]) == {"error_type": body["code"].lower(), **body}
    else:
        error = body["error"]
        assert set(error) == {"message", "type", "code", "param"}
        assert error["message"]
        if error["code"] != "model_error":
            assert error["type"] == ("invalid_request_error" if reply.status < 500 else "server_error")
        assert json.loads(event[6:]) == body


@pytest.mark.parametrize(
    ("reason", "status", "again", "after"),
    [
        (Reason.HOLD_TIMED_OUT, 503, "true", "1"),
        (Reason.NO_CAPACITY, 503, None, "5"),
        (Reason.HOLD_FULL, 429, None, "5"),
        (Reason.WORKLOAD_FAILED, 503, "false", "5"),
        (Reason.MODEL_TIMEOUT, 504, "false", "5"),
        (Reason.DRAINING, 503, "true", "5"),
        (Reason.PAUSED, 400, None, "5"),
        (Reason.BODY_TOO_LARGE, 413, None, "5"),
        (Reason.MODEL_ERROR, 418, None, "5"),
    ],
)
def test_clients_are_told_whether_and_when_to_come_again(reason: Reason, status: int, again: str | None, after: str) -> None:
    for words in (OPENAI, HUB):
        reply = words.refusal(refusal(reason), SUBJECT)
        told = headers(reply)
        assert (reply.status, told.get("x-should-retry"), told["retry-after"]) == (status, again, after)


def test_a_models_own_error_object_is_told_in_a_stream_as_it_is() -> None:
    for body in (b'{"error": {"message":\n "no", "code": 7}}', b'{"error": "no", "error_type": "overloaded"}'):
        failed = Refusal(reason=Reason.MODEL_ERROR, status=429, body=body)
        for words in (OPENAI, HUB):
            event = words.event(failed, SUBJECT)
            assert json.loads(event[6:]) == json.loads(body)
            assert event.count(b"\n") == 2
    for body in (b"", b"[1]", b'{"error": null}', b"[" * 100_000, b"{}"):
        assert b'"code":"' in OPENAI.event(Refusal(reason=Reason.MODEL_ERROR, status=500, body=body), SUBJECT)


def test_no_words_are_lost() -> None:
    told = json.loads(OPENAI.refusal(Refusal(reason=Reason.MODEL_ERROR, status=500, body=b"it broke"), SUBJECT).body)
    assert told["error"]["message"] == "it broke"
    told = json.loads(HUB.refusal(Refusal(reason=Reason.MODEL_ERROR, status=500, body=b"it broke"), SUBJECT).body)
    assert told == {"error": "it broke", "code": "MODEL_ERROR"}
    told = json.loads(AWS.refusal(Refusal(reason=Reason.THROTTLED), SUBJECT).body)
    assert told["error"]["code"] == "throttling"
    forbidden = Refusal(reason=Reason.NOT_AUTHENTICATED, http_status=403, message="Not this one.")
    assert json.loads(HUB.refusal(forbidden, SUBJECT).body) == {"error": "403 Forbidden: Not this one.", "code": "FORBIDDEN"}
    assert json.loads(OPENAI.refusal(forbidden, SUBJECT).body)["error"]["code"] == "forbidden"

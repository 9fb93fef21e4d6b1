"""The parts of asynchronous inference: verdicts, notices, metrics, one call through an inner door."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stoker.control.attempts import Fault, Verdict, judged
from stoker.control.inner_call import Answer, LostError, NotReachedError, call
from stoker.control.notices import enveloped, noted
from stoker.domain.asynchronous import AsyncInference, AsyncRequest, AsyncState, RequestId, begun, over
from stoker.domain.ids import EndpointName, Partition
from stoker.errors import LimitError
from stoker.units import SECOND

HOW = AsyncInference(output="s3://b/o", success_topic="arn:aws:sqs:us-east-1:123456789012:q", error_topic="http://hook/")
REQUEST = AsyncRequest(
    request_id=RequestId("r"),
    inference_id="mine",
    endpoint=EndpointName("e"),
    received=1_700_000_000 * SECOND,
    deadline=1_700_009_000 * SECOND,
    content_type="text/csv",
    location="s3://in/x",
    output="s3://b/o/mine.out",
    failure="s3://b/f/mine-error.out",
    how=HOW,
)


@pytest.mark.parametrize(
    ("reason", "status", "verdict", "fault"),
    [
        pytest.param("no capacity", 0, Verdict.NEVER_RAN, Fault.NONE, id="no copy"),
        pytest.param("draining", 0, Verdict.NEVER_RAN, Fault.NONE, id="the gateway leaves"),
        pytest.param("workload failed", 0, Verdict.NEVER_RAN, Fault.NONE, id="no copy comes up"),
        pytest.param("model error", 503, Verdict.AGAIN, Fault.MODEL, id="the model broke"),
        pytest.param("model error", 400, Verdict.FINAL, Fault.MODEL, id="the model refuses"),
        pytest.param("model timeout", 0, Verdict.AGAIN, Fault.MODEL, id="too slow"),
        pytest.param("model lost", 0, Verdict.AGAIN, Fault.MODEL, id="the copy ended"),
        pytest.param("body too large", 0, Verdict.FINAL, Fault.MODEL, id="too large"),
    ],
)
def test_a_failure_is_judged_by_whether_it_ran_and_may_go_better(
    reason: str, status: int, verdict: Verdict, fault: Fault
) -> None:
    told = json.dumps({"message": "why", "status": status, "original": "its words"}).encode()
    result = judged(Answer(status=503, headers={"x-stoker-reason": reason}, told=told))
    assert (result.verdict, result.fault, result.suspect) == (verdict, fault, reason == "model lost")
    if verdict is not Verdict.NEVER_RAN:
        assert (result.text, result.status, result.original) == ("why", status, "its words")


def test_a_notice_is_sagemakers_in_snss_envelope() -> None:
    done = over(begun(REQUEST, REQUEST.received + SECOND), AsyncState.COMPLETED, REQUEST.received + 2 * SECOND, reply_type="a/b")
    note = noted(done, Partition(), b"\0ok")
    assert note == {
        "awsRegion": "us-east-1",
        "eventTime": "2023-11-14T22:13:22.000Z",
        "receivedTime": "2023-11-14T22:13:20.000Z",
        "invocationStatus": "Completed",
        "requestParameters": {"contentType": "text/csv", "endpointName": "e", "inputLocation": "s3://in/x"},
        "responseParameters": {"contentType": "a/b", "outputLocation": "s3://b/o/mine.out"},
        "inferenceId": "mine",
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
        "responseBody": {"content": "AG9r", "encoding": "BASE64"},
    }
    envelope = json.loads(enveloped(done, note))
    assert (envelope["Type"], envelope["TopicArn"], json.loads(envelope["Message"])) == ("Notification", HOW.success_topic, note)
    failed = over(REQUEST, AsyncState.EXPIRED, REQUEST.received, reason="too late")
    told = noted(failed, Partition(), None)
    assert (told["invocationStatus"], told["failureReason"], failed.topic) == ("Failed", "too late", "http://hook/")


async def served(path: Path, reply: bytes, work: Callable[[], "asyncio.Future[Answer] | object"]) -> object:
    """Serve one raw reply on a unix socket while something asks for it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    server = await asyncio.start_unix_server(answer, str(path))
    async with server:
        return await work()  # type: ignore[misc]


def ask(path: Path, sink: Callable[[bytes], None]) -> Callable[[], object]:
    return lambda: call(path, "e e", {"content-type": "a/b", "accept": ""}, b"body", 4, sink)


async def test_a_good_reply_goes_to_its_place_piece_by_piece(tmp_path: Path) -> None:
    got: list[bytes] = []
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: x/y\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    answer = await served(tmp_path / "s", reply, ask(tmp_path / "s", got.append))
    assert isinstance(answer, Answer)
    assert (answer.reason, answer.headers["content-type"], b"".join(got)) == ("", "x/y", b"abc")


async def test_a_failure_is_read_and_nothing_of_it_is_a_result(tmp_path: Path) -> None:
    got: list[bytes] = []
    reply = b"HTTP/1.1 503 No\r\nX-Stoker-Reason: no capacity\r\nContent-Length: 2\r\n\r\n{}"
    answer = await served(tmp_path / "s", reply, ask(tmp_path / "s", got.append))
    assert isinstance(answer, Answer)
    assert (answer.reason, answer.told, got) == ("no capacity", b"{}", [])


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", id="half a body"),
        pytest.param(b"SSH-2.0\r\n\r\n", id="no HTTP"),
    ],
)
async def test_a_reply_that_is_not_whole_is_lost(tmp_path: Path, reply: bytes) -> None:
    with pytest.raises(LostError):
        await served(tmp_path / "s", reply, ask(tmp_path / "s", lambda _: None))


async def test_a_result_that_has_no_room_says_so(tmp_path: Path) -> None:
    def full(_: bytes) -> None:
        raise LimitError("The buckets are full.", limit="bucket bytes", maximum=1)

    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
    with pytest.raises(LimitError):
        await served(tmp_path / "s", reply, ask(tmp_path / "s", full))


async def test_a_door_that_is_not_there_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotReachedError):
        await call(tmp_path / "none", "e", {}, b"", 0, lambda _: None)

"""The short way of requests, from a client's bytes to a model's."""

import asyncio

import pytest

from stoker.config.settings import Gateway
from tests.unit.gateway.remembering import KEYS, NAMES, OTHERS, REPLY, Ground, request, signed, written


@pytest.fixture
def ground(loop: asyncio.AbstractEventLoop) -> Ground:
    return Ground(loop)


def test_a_request_that_comes_at_once_goes_on_at_once(ground: Ground) -> None:
    client = ground.client()
    for number in range(3):
        head, body = request(b"x" * (8 + number), f"amz-sdk-invocation-id: {number}")
        client.data_received(head + body)
        asked = ground.asked()
        assert asked.endswith(b"content-length: %d\r\n\r\n%s" % (len(body), body))
        assert b"x-amzn-sagemaker-inference-component: llama\r\n" in asked
        assert b"amz-sdk" not in asked
        assert ground.answered(client).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("pieces", [1, 2, 4])
def test_a_body_may_come_after_its_head(ground: Ground, pieces: int) -> None:
    client = ground.client()
    for _ in range(2):
        head, body = request()
        client.data_received(head)
        assert not ground.core.runs
        size = len(body) // pieces
        for at in range(0, len(body), size):
            assert ground.asked() == b""
            client.data_received(body[at : at + size])
        assert ground.asked().endswith(b"content-length: 4\r\n\r\nbody")
        assert ground.answered(client).endswith(b"ok")
        assert ground.front.reading_bytes == 0


def test_requests_that_come_behind_a_late_body_are_answered_in_turn(ground: Ground) -> None:
    client = ground.client()
    head, body = request()
    client.data_received(head)
    client.data_received(body + head + b"seco" + head)
    assert ground.asked().endswith(b"body")
    assert ground.answered(client).endswith(b"ok")
    assert ground.asked().endswith(b"seco")
    assert ground.answered(client).endswith(b"ok")
    client.data_received(b"last")
    assert ground.asked().endswith(b"last")


def test_a_body_that_never_comes_is_waited_for_as_long_as_any(ground: Ground) -> None:
    client = ground.client()
    client.data_received(request()[0])
    assert ground.loop.time() < client.deadline <= ground.loop.time() + Gateway().head_timeout_s
    client.expire()
    assert written(client).startswith(b"HTTP/1.1 408")


def test_a_client_that_has_sent_a_head_is_not_taken_for_idle(ground: Ground) -> None:
    client = ground.client()
    head, body = request()
    client.data_received(head)
    ground.front.drain()
    assert not client.transport.is_closing()
    client.data_received(body)
    assert ground.asked().endswith(b"body")
    assert b"connection: close" in ground.answered(client)


def test_a_client_that_leaves_between_head_and_body_leaves_nothing(ground: Ground) -> None:
    client = ground.client()
    client.data_received(request()[0])
    client.connection_lost(None)
    assert not ground.core.runs
    assert ground.front.empty


@pytest.mark.parametrize("length", ["0", "00", "100000", "1" * 30])
def test_no_body_and_a_long_one_are_not_waited_for_here(ground: Ground, length: str) -> None:
    client = ground.client()
    client.data_received(request(b"", length=4)[0] + b"body")
    ground.answered(client)
    client.data_received(request(b"", length=length)[0])
    assert client.early == b""


def test_one_connection_carries_requests_of_several_kinds(ground: Ground) -> None:
    client = ground.client()
    for name in (*NAMES, *NAMES):
        client.data_received(b"".join(request(component=name)))
        assert b"inference-component: %s\r\n" % name.encode() in ground.asked(name)
        assert ground.answered(client, name).endswith(b"ok")


def test_what_comes_before_the_first_table_is_served_after_it(loop: asyncio.AbstractEventLoop) -> None:
    ground = Ground(loop, ready=False)
    client = ground.client()
    client.data_received(b"".join(request()))
    assert ground.connects == 0
    ground.route()
    assert ground.connects == 1


def test_signatures_are_judged_by_the_keys_in_force(loop: asyncio.AbstractEventLoop) -> None:
    ground = Ground(loop, keys=KEYS)
    client = ground.client()
    good, forged, torn = signed(b"one", "1"), signed(b"two", "2", OTHERS), signed(b"two", "3")[:-1] + b"!"
    for sent, status in ((good, b"200"), (forged, b"403"), (good, b"200"), (torn, b"403"), (signed(b"more", "4"), b"200")):
        client.data_received(sent)
        reply = ground.answered(client) if ground.asked() else written(client)
        assert reply.startswith(b"HTTP/1.1 " + status)
    ground.welcome(OTHERS)
    for sent, status in ((good, b"403"), (forged, b"200")):
        client.data_received(sent)
        reply = ground.answered(client) if ground.asked() else written(client)
        assert reply.startswith(b"HTTP/1.1 " + status)


def test_traces_and_deadlines_of_a_call_are_its_own(ground: Ground) -> None:
    client = ground.client()
    for number in range(3):
        trace = f"traceparent: 00-{number}"
        client.data_received(b"".join(request(b"body", trace, "amz-sdk-request: ttl=20261122T000000Z; attempt=1; max=3")))
        assert b"\r\n%s\r\ncontent-length: 4\r\n" % trace.encode() in ground.asked()
        ground.answered(client)


def test_a_request_as_long_as_the_one_before_is_not_taken_for_it(ground: Ground) -> None:
    client = ground.client()
    for body in (b"one", b"two", b"six"):
        client.data_received(b"".join(request(body)))
        assert ground.asked().endswith(b"content-length: 3\r\n\r\n" + body)
        assert ground.answered(client).endswith(b"ok")
    for _ in range(2):
        client.data_received(b"".join(request(b"ten", component="alpac")))
        assert ground.asked("alpac").endswith(b"content-length: 3\r\n\r\nten")
        assert ground.asked() == b""
        assert ground.answered(client, "alpac").endswith(b"ok")
    for body in (b"four", b"five", b"ten", b""):
        client.data_received(b"".join(request(body)))
        assert ground.asked().endswith(b"content-length: %d\r\n\r\n%s" % (len(body), body))
        assert ground.answered(client).endswith(b"ok")
    short, more = request(b"ten", length=4)
    client.data_received(short + more)  # as long as a request of three bytes, and its body is not whole
    assert ground.asked() == b""
    client.data_received(b"s")
    assert ground.asked().endswith(b"content-length: 4\r\n\r\ntens")


def test_a_reply_as_long_as_the_one_before_is_not_taken_for_it(ground: Ground) -> None:
    client = ground.client()
    model = ground.models["llama"]
    other = REPLY.replace(b"text/plain", b"text/xhtml")
    failed = REPLY.replace(b"200 OK", b"500 NO")
    split = REPLY.replace(b"content-length: 2", b"content-length: 3")
    for reply, told in (
        (REPLY, b"text/plain"),
        (REPLY, b"text/plain"),
        (other, b"text/xhtml"),
        (failed, b"424"),
        (REPLY, b"200 OK"),
    ):
        client.data_received(b"".join(request()))
        model.data_received(reply)
        assert told in written(client)
    client.data_received(b"".join(request()))
    model.data_received(split)
    model.data_received(b"!")
    assert written(client).endswith(b"ok!")

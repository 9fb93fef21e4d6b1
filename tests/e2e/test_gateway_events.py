"""Clients of server-sent events that are held: comments, and how a reply goes on behind them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from stoker.config.settings import Gateway
from tests.e2e.gateway_stage import Answer, Ask, Client, Stage, reply, staged, table

SOON = Gateway(report_s=0.1, comment_s=0.05)
EVENTS = {"accept": "text/event-stream"}
COMMENT = b": keep-alive\n\n"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoker.gateway.core._ANNOUNCE_S", 0.05)


@asynccontextmanager
async def commented(settings: Gateway = SOON) -> AsyncIterator[tuple[Stage, Client]]:
    """Give a stage at zero, and a client that is held and has got its first comment."""
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open(settings)
        client = await stage.client()
        client.post(b"x", **EVENTS)
        head = (await client.reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200 ")
        assert b"content-type: text/event-stream\r\n" in head
        assert b"x-amzn-requestid: " in head
        assert await piece(client) == COMMENT
        yield stage, client


async def piece(client: Client) -> bytes:
    """Give the next chunk, empty at the end."""
    async with asyncio.timeout(10):
        size = int(await client.reader.readline(), 16)
        return (await client.reader.readexactly(size + 2))[:-2]


async def rest(client: Client) -> bytes:
    """Give what comes up to the reply's end, without the comments before it."""
    pieces = []
    while one := await piece(client):
        pieces.append(one)
    return b"".join(pieces).replace(COMMENT, b"")


def error(event: bytes) -> dict[str, object]:
    name, data, end = event.split(b"\n", 2)
    assert (name, data[:6], end) == (b"event: error", b"data: ", b"\n")
    return dict(json.loads(data[6:]))


def answering(body: bytes, status: str = "200 OK", kind: str = "text/event-stream; charset=utf-8") -> Answer:
    async def answer(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(body, status, f"content-type: {kind}\r\n"))

    return answer


async def test_comments_go_on_and_the_models_events_follow() -> None:
    async with commented() as (stage, client):
        assert await piece(client) == COMMENT
        stage.link.publish(table(await stage.copy(answering(b"data: 1\n\ndata: 2\n\n")), version=2))
        assert await rest(client) == b"data: 1\n\ndata: 2\n\n"
        client.post(b"again", **EVENTS)  # the connection is good for more, and a copy is there: nothing of this any more
        status, headers, body = await client.reply()
        assert (status, headers["content-length"], body) == (200, "18", b"data: 1\n\ndata: 2\n\n")


async def test_a_reply_that_is_no_stream_becomes_one_event() -> None:
    async with commented() as (stage, client):
        stage.link.publish(table(await stage.copy(answering(b'{\r\n "a": 1\n}', kind="application/json")), version=2))
        assert await rest(client) == b'data: {\ndata:  "a": 1\ndata: }\n\n'


async def test_a_models_failure_becomes_an_event() -> None:
    async with commented() as (stage, client):
        stage.link.publish(table(await stage.copy(answering(b"it broke", "500 Oops")), version=2))
        told = error(await rest(client))
        assert (told["Code"], told["OriginalStatusCode"], told["OriginalMessage"]) == ("ModelError", 500, "it broke")


async def test_a_copy_that_dies_of_it_becomes_an_event_before_the_first_byte_and_a_cut_after_it() -> None:
    async def dies(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def breaks(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 100\r\n\r\ndata: 1\n\n")
        await writer.drain()
        writer.close()

    async with commented() as (stage, client):
        stage.link.publish(table(await stage.copy(dies), version=2))
        assert error(await rest(client))["Code"] == "ModelError"
    async with commented() as (stage, client):
        stage.link.publish(table(await stage.copy(breaks), version=2))
        assert (await client.ended()).replace(b"e\r\n%s\r\n" % COMMENT, b"") == b"9\r\ndata: 1\n\n\r\n"


async def test_a_hold_that_ends_without_capacity_becomes_an_event() -> None:
    async with commented(Gateway(report_s=0.1, comment_s=0.05, max_hold_s=0.4)) as (_, client):
        told = error(await rest(client))
        assert told["error"] == {"message": told["Message"], "type": "ServiceUnavailable", "code": "ServiceUnavailable"}
        assert told["Code"] == "ServiceUnavailable"
        assert "No capacity came" in str(told["Message"])


@pytest.mark.parametrize(
    ("comment_s", "accept"),
    [
        pytest.param(30.0, "text/event-stream", id="not yet due"),
        pytest.param(0.0, "text/event-stream", id="turned off"),
        pytest.param(0.05, "application/json", id="not asked for"),
    ],
)
async def test_without_a_comment_a_failure_has_its_status(comment_s: float, accept: str) -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open(Gateway(report_s=0.1, comment_s=comment_s, max_hold_s=0.3))
        status, headers, _ = await stage.ask(accept=accept)
        assert (status, headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")


async def test_a_retry_gets_a_reply_of_its_own() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open(SOON)
        first = await stage.client()
        first.post(b"x", amz_sdk_invocation_id="call", **EVENTS)
        await first.reader.readuntil(COMMENT)
        first.close()
        again = await stage.client()
        again.post(b"x", amz_sdk_invocation_id="call", **EVENTS)
        await again.reader.readuntil(COMMENT)
        stage.link.publish(table(copy := await stage.copy(answering(b"data: 1\n\n")), version=2))
        await again.reader.readuntil(b"data: 1\n\n")
        assert len(copy.asks) == 1

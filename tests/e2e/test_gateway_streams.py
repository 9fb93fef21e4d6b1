"""Replies that come piece by piece: relayed as they come, slowed by slow clients, honest about how they end."""

import asyncio
import json

import pytest

from stoker.config.settings import Gateway
from tests.e2e.gateway_stage import STREAM_PATH, Ask, Client, Stage, reply, staged, table

CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def events(raw: bytes) -> list[tuple[dict[str, str], bytes]]:
    from botocore.eventstream import EventStreamBuffer  # noqa: PLC0415 - slow to import, needed by few

    buffer = EventStreamBuffer()
    buffer.add_data(raw)
    return [({name: str(value) for name, value in event.headers.items()}, event.payload) for event in buffer]


async def open_stream(stage: Stage, path: str = STREAM_PATH) -> Client:
    client = await stage.client()
    client.post(b"go", path, x_amzn_sagemaker_accept="text/event-stream")
    return client


async def test_each_chunk_is_a_frame_and_comes_at_once() -> None:
    go_on = asyncio.Event()

    async def streams(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"5\r\nfirst\r\n")
        await go_on.wait()
        writer.write(b"6\r\nsecond\r\n0\r\n\r\n")

    async with staged() as stage:
        copy = await stage.copy(streams)
        stage.link.publish(table(copy))
        await stage.open()
        client = await open_stream(stage)
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"content-type: application/vnd.amazon.eventstream" in head
        assert b"x-amzn-sagemaker-content-type: text/event-stream" in head
        pieces = client.chunks()
        assert events(await anext(pieces))[0][1] == b"first"
        assert (await stage.status())["in_flight"] == 1
        go_on.set()
        (headers, payload), *rest = events(b"".join([piece async for piece in pieces]))
        assert (headers[":event-type"], payload, rest) == ("PayloadPart", b"second", [])
        assert copy.asks[0].headers["accept"] == "text/event-stream"
        counts = await stage.link.counted(lambda one: one.invocations == 1)
        assert counts.first_chunk_latency.count == 1


@pytest.mark.parametrize(
    ("tail", "code"),
    [pytest.param(None, "StreamBroken", id="cut"), pytest.param(60.0, "ModelInvocationTimeExceeded", id="silent")],
)
async def test_a_stream_that_breaks_says_so_in_a_frame(tail: float | None, code: str) -> None:
    async def breaks(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"5\r\nfirst\r\n")
        await writer.drain()
        if tail is None:
            writer.close()
        else:
            await asyncio.Event().wait()

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(breaks), model_timeout=200_000_000))
        await stage.open()
        client = await open_stream(stage)
        _, _, body = await client.reply()
        first, last = events(body)
        assert first[1] == b"first"
        assert last[0][":exception-type"] == "ModelStreamError"
        assert json.loads(last[1])["ErrorCode"] == code
        counts = await stage.link.counted(lambda one: one.mid_stream_errors == 1)
        assert counts.in_flight == 0


async def test_a_plain_reply_that_breaks_is_cut_without_an_end() -> None:
    async def breaks(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"5\r\nfirst\r\n")
        await writer.drain()
        writer.close()

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(breaks)))
        await stage.open()
        client = await stage.client()
        client.post(b"go")
        raw = await client.ended()
        assert raw.startswith(b"HTTP/1.1 200")
        assert not raw.endswith(b"0\r\n\r\n")


async def test_a_reply_without_a_length_ends_with_its_connection() -> None:
    async def closes(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        await writer.drain()
        writer.close()

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(closes)))
        await stage.open()
        status, headers, body = await stage.ask()
        assert (status, headers["transfer-encoding"], body) == (200, "chunked", b"all of it")


async def test_an_interim_reply_is_passed_over() -> None:
    async def hints(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + reply(b"done"))

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(hints)))
        await stage.open()
        assert (await stage.ask())[2] == b"done"


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", id="two framings"),
        pytest.param(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 600_000, id="endless head"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", id="upgrade"),
    ],
)
async def test_a_garbled_reply_is_a_model_error(garbage: bytes) -> None:
    async def babbles(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(garbage)

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(babbles), model_timeout=1_000_000_000))
        await stage.open()
        assert (await stage.ask())[0] == 424


async def test_a_slow_client_slows_the_model_and_stays_in_flight() -> None:
    sent = 0
    stalled = asyncio.Event()

    async def floods(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        size = 64 * 1024 * 1024
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        while sent < size:
            writer.write(b"x" * 65536)
            sent += 65536
            try:
                async with asyncio.timeout(0.5):
                    await writer.drain()
            except TimeoutError:
                stalled.set()
                await writer.drain()

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(floods), model_timeout=1_000_000_000))
        await stage.open()
        client = await stage.client()
        client.post(b"go")
        async with asyncio.timeout(10):
            await stalled.wait()
        assert sent < 32 * 1024 * 1024
        assert (await stage.status())["in_flight"] == 1
        status, _, body = await client.reply()
        assert (status, len(body)) == (200, 64 * 1024 * 1024)
        await stage.until(lambda status: status["in_flight"] == 0)


async def test_a_client_that_never_reads_is_cut_off() -> None:
    async def floods(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        size = 64 * 1024 * 1024
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        for _ in range(size // 65536):
            writer.write(b"x" * 65536)
            await writer.drain()

    async with staged() as stage:
        copy = await stage.copy(floods)
        stage.link.publish(table(copy))
        await stage.open(Gateway(idle_timeout_s=1.0, report_s=0.1))
        client = await stage.client()
        client.post(b"go")
        async with asyncio.timeout(10):
            await copy.gone.wait()
        await stage.until(lambda status: status["in_flight"] == 0)


async def test_http_1_0_gets_a_stream_that_ends_with_the_connection() -> None:
    async def streams(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"5\r\nfirst\r\n0\r\n\r\n")

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(streams)))
        await stage.open()
        client = await stage.client()
        client.writer.write(
            b"POST /endpoints/chat/invocations HTTP/1.0\r\nx-amzn-sagemaker-inference-component: llama\r\n"
            b"content-length: 2\r\n\r\nhi"
        )
        raw = await client.ended()
        head, _, body = raw.partition(b"\r\n\r\n")
        assert b"connection: close" in head
        assert b"transfer-encoding" not in head
        assert body == b"first"

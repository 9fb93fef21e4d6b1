"""The edge: what a client may send, what it may not, and how long it may take."""

import asyncio
import contextlib
import json

import pytest

from stoker.config.settings import Gateway
from tests.e2e.gateway_stage import Ask, Stage, staged, table

HOST = b"host: x\r\n"
POST = b"POST /endpoints/chat/invocations HTTP/1.1\r\nx-amzn-sagemaker-inference-component: llama\r\n" + HOST
GET = b"GET /stoker/gateway HTTP/1.1\r\n" + HOST


@pytest.mark.parametrize("size", [1, 7])
async def test_a_request_may_come_torn(size: int) -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table(copy))
        await stage.open()
        client = await stage.client()
        raw = POST + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
        for start in range(0, len(raw), size):
            client.writer.write(raw[start : start + size])
            await client.writer.drain()
            await asyncio.sleep(0)
        assert (await client.reply())[2] == b"echo:hello!"


async def test_a_head_has_a_bound() -> None:
    async with staged() as stage:
        await stage.open(Gateway(max_head_bytes=1024))
        client = await stage.client()
        client.writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 2000)
        assert (await client.reply())[0] == 431
        client = await stage.client()
        client.writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n" + b"y: 1\r\n" * 190 + b"\r\n")
        assert (await client.reply())[0] == 431


@pytest.mark.parametrize("chunked", [pytest.param(False, id="counted"), pytest.param(True, id="chunked")])
async def test_a_body_has_a_bound_told_in_the_protocols_shape(*, chunked: bool) -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open(Gateway(max_body_bytes=1000))
        client = await stage.client()
        body = b"x" * 100_000
        if chunked:
            client.writer.write(POST + b"transfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(body), body))
        else:
            client.writer.write(POST + b"content-length: %d\r\n\r\n" % len(body))
        status, headers, told = await client.reply()
        assert (status, headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException")
        assert "1000 bytes" in json.loads(told)["Message"]
        assert await client.ended() == b""


async def test_expect_continue_is_answered_before_the_body() -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open()
        client = await stage.client()
        client.writer.write(POST + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.writer.write(b"hi")
        assert (await client.reply())[2] == b"echo:hi"


async def test_slow_clients_are_cut() -> None:
    async with staged() as stage:
        await stage.open(Gateway(head_timeout_s=1.0, idle_timeout_s=1.0))
        half = await stage.client()
        half.writer.write(b"POST / HTTP/1.1\r\nhost: ")
        silent = await stage.client()
        assert (await half.reply())[0] == 408
        assert await half.ended() == b""
        assert await silent.ended() == b""
        idle = await stage.client()
        idle.writer.write(GET + b"\r\n")
        assert (await idle.reply())[0] == 200
        assert await idle.ended() == b""


async def test_connections_have_a_bound() -> None:
    async with staged() as stage:
        await stage.open(Gateway(max_connections=2))
        first, second = await stage.client(), await stage.client()
        for client in (first, second):
            client.writer.write(GET + b"\r\n")
            assert (await client.reply())[0] == 200
        assert (await (await stage.client()).reply())[0] == 503


async def test_close_and_http_1_0() -> None:
    async with staged() as stage:
        await stage.open()
        client = await stage.client()
        client.writer.write(GET + b"connection: close\r\n\r\n")
        assert (await client.reply())[1]["connection"] == "close"
        assert await client.ended() == b""
        client = await stage.client()
        client.writer.write(b"GET /stoker/gateway HTTP/1.0\r\n\r\n")
        assert (await client.reply())[0] == 200
        assert await client.ended() == b""


async def flood(stage: Stage) -> bytes:
    client = await stage.client()
    client.writer.write((GET + b"\r\n") * 2000)
    client.writer.write(GET + b"connection: close\r\n\r\n")
    return await client.ended()


async def test_a_flood_of_pipelined_requests_is_answered_or_ended() -> None:
    async with staged() as stage:
        await stage.open()
        assert (await flood(stage)).startswith(b"HTTP/1.1 200")
        assert (await stage.ask(b"{}", "/"))[0] == 200


async def test_bytes_behind_a_held_request_wait_and_are_bounded() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["held"] == 1)
        client.writer.write((GET + b"\r\n") * 30)
        await client.writer.drain()
        stage.link.publish(table(await stage.copy(), version=2))
        assert (await client.reply())[2] == b"echo:x"
        for _ in range(30):
            assert (await client.reply())[0] == 200


async def test_drain_finishes_what_is_under_way_and_then_ends() -> None:
    go_on = asyncio.Event()

    async def waits(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone")

    async with staged() as stage:
        copy = await stage.copy(waits)
        stage.link.publish(table(copy))
        await stage.open(drain_s=10)
        idle, busy = await stage.client(), await stage.client()
        busy.post(b"x")
        await stage.until(lambda status: status["in_flight"] == 1)
        stage.stop.set()
        assert await idle.ended() == b""
        go_on.set()
        status, headers, body = await busy.reply()
        assert (status, headers["connection"], body) == (200, "close", b"done")
        assert stage.task is not None
        async with asyncio.timeout(5):
            await stage.task


async def test_what_is_held_at_the_end_of_the_drain_is_told_to_try_again() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open(drain_s=0.2)
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["held"] == 1)
        stage.stop.set()
        status, headers, _ = await client.reply()
        assert (status, headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")


async def test_a_gateway_that_is_succeeded_serves_what_comes_on_connections_that_it_has() -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open(drain_s=10, quiet_s=0.5)
        silent, late = await stage.client(), await stage.client()
        for client in (silent, late):
            client.post(b"x")
            assert (await client.reply())[1].get("connection") != "close"
        stage.stop.set()
        await _refuses(stage)
        late.post(b"y")
        status, headers, body = await late.reply()
        assert (status, headers["connection"], body) == (200, "close", b"echo:y")
        assert await late.ended() == b""
        assert await silent.ended() == b""
        assert stage.task is not None
        async with asyncio.timeout(5):
            await stage.task


async def _refuses(stage: Stage) -> None:
    """Wait until the gateway accepts no connection any more."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            while True:
                (await stage.client()).close()
                await asyncio.sleep(0.01)


async def test_a_gateway_that_nobody_succeeds_keeps_no_idle_connection() -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open(drain_s=60, quiet_s=60)
        idle = await stage.client()
        stage.stop.set()
        stage.stop.hurry()
        assert await idle.ended() == b""
        assert stage.task is not None
        async with asyncio.timeout(5):
            await stage.task

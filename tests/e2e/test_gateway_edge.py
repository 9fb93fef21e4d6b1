"""The edge of a running gateway: what it answers to whatever bytes clients send, and in what order."""

import asyncio
import contextlib

import pytest

from stoker.config.settings import Gateway
from tests.e2e.gateway_stage import PATH, Ask, Client, Stage, reply, staged, table
from tests.unit.gateway.raw_requests import GET, LOOSER, NEXT, ROWS, Row

INVOKE = b"POST %s HTTP/1.1\r\nhost: x\r\nx-amzn-sagemaker-inference-component: llama\r\n" % PATH.encode()
STATUS = b"GET /stoker/gateway HTTP/1.1\r\nhost: x\r\n\r\n"


async def answered(client: Client, row: Row) -> tuple[int, dict[str, str], bytes]:
    if b"100-" in row.raw and b"HTTP/1.1" in row.raw and not row.status:
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    return await client.reply()


async def check(stage: Stage, row: Row, raw: bytes, *pieces: bytes) -> None:
    """Send a request with another behind it: refused is refused for good, and served is served alone."""
    asked = sum(len(server.asks) for server in stage.servers)
    client = await stage.client()
    for piece in pieces or (raw + NEXT,):
        client.writer.write(piece)
        await client.writer.drain()
        await asyncio.sleep(0)
    status, headers, body = await answered(client, row)
    if row.status:
        assert status == row.status or (pieces and (row.status, status) == (501, 400)), row.name
        assert headers["connection"] == "close", row.name
        assert await client.ended() == b"", row.name
        assert sum(len(server.asks) for server in stage.servers) == asked, row.name
    else:
        assert (status, body) == (200, b"echo:" + row.body), row.name
        assert headers.get("connection") == "close" or (await client.reply())[0] == 200, row.name
    client.close()


@pytest.mark.parametrize("invoked", [pytest.param(False, id="relayed"), pytest.param(True, id="invoked")])
@pytest.mark.parametrize("torn", [pytest.param(False, id="whole"), pytest.param(True, id="in halves")])
async def test_every_row_of_the_table(*, invoked: bool, torn: bool) -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open()
        for row in [*ROWS, *LOOSER]:
            raw = row.raw
            if invoked and raw.startswith(b"POST /a HTTP/1.1\r\nhost: x\r\n"):
                raw = INVOKE + raw[len(b"POST /a HTTP/1.1\r\nhost: x\r\n") :]
            elif invoked:
                continue
            half = len(raw) // 2
            await check(stage, row, raw, *((raw[:half], raw[half:], NEXT) if torn else ()))
        status = await stage.until(lambda told: told["connections"] == 1)
        assert (status["in_flight"], status["held"]) == (0, 0)


async def test_replies_keep_the_order_of_requests_and_the_failure_comes_last() -> None:
    go_on = asyncio.Event()

    async def waits(ask: Ask, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(reply(ask.body))

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(waits)))
        await stage.open()
        client = await stage.client()
        client.writer.write(INVOKE + b"content-length: 1\r\n\r\n1" + STATUS)
        client.writer.write(INVOKE + b"content-length: 1\r\n\r\n2" + b"GET /\n\n")
        await stage.until(lambda told: told["in_flight"] == 1)
        go_on.set()
        assert (await client.reply())[2] == b"1"
        assert b'"in_flight"' in (await client.reply())[2]
        assert (await client.reply())[2] == b"2"
        status, headers, _ = await client.reply()
        assert (status, headers["connection"]) == (400, "close")
        assert await client.ended() == b""


async def test_a_thousand_requests_in_one_write_are_all_answered() -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open()
        client = await stage.client()
        client.writer.write(b"".join(INVOKE + b"content-length: 4\r\n\r\n%04d" % at for at in range(1000)))
        for at in range(1000):
            assert (await client.reply())[2] == b"echo:%04d" % at


async def test_a_request_that_waits_behind_a_long_one_keeps_its_time() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open(Gateway(head_timeout_s=1.0))
        client = await stage.client()
        client.writer.write(INVOKE + b"content-length: 1\r\n\r\n1" + STATUS + STATUS[:20])
        await stage.until(lambda told: told["held"] == 1)
        await asyncio.sleep(1.3)  # what is measured is that this wait, longer than a head may take, cuts nobody
        stage.link.publish(table(await stage.copy(), version=2))
        assert (await client.reply())[2] == b"echo:1"
        assert (await client.reply())[0] == 200
        client.writer.write(STATUS[20:])
        assert (await client.reply())[0] == 200


async def test_a_go_on_is_told_when_its_turn_comes() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.writer.write(
            INVOKE + b"content-length: 1\r\n\r\n1" + INVOKE + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n"
        )
        await stage.until(lambda told: told["held"] == 1)
        stage.link.publish(table(await stage.copy(), version=2))
        assert (await client.reply())[2] == b"echo:1"
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.writer.write(b"hi")
        assert (await client.reply())[2] == b"echo:hi"


async def test_a_refusal_comes_in_place_of_a_go_on() -> None:
    async with staged() as stage:
        await stage.open(Gateway(max_body_bytes=10))
        client = await stage.client()
        client.writer.write(INVOKE + b"expect: 100-continue\r\ncontent-length: 11\r\n\r\n")
        assert (await client.reply())[0] == 413
        assert await client.ended() == b""


async def test_replies_that_nobody_reads_stop_the_reading() -> None:
    async with staged() as stage:
        await stage.open(Gateway(idle_timeout_s=1.0))
        client = await stage.client()
        sent = 0
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(10):
                while True:
                    client.writer.write(STATUS * 1000)
                    sent += 1000 * len(STATUS)
                    await client.writer.drain()
        assert sent < 30_000_000  # about 4 MB wait in the kernel's buffers, the rest is the client's own
        await stage.until(lambda told: told["connections"] == 1)


async def test_headers_that_a_connection_header_names_end_here() -> None:
    async with staged() as stage:
        await stage.open()
        client = await stage.client()
        client.writer.write(GET + b"connection: keep-alive, x-secret, host\r\nx-secret: 1\r\nte: trailers\r\nx-kept: 1\r\n\r\n")
        assert (await client.reply())[0] == 200
        headers = stage.control.asks[0].headers
        assert headers["host"] == "x"
        assert headers["x-kept"] == "1"
        assert not {"x-secret", "te"} & set(headers)

"""Clients that are slow, deaf, or gone: each is ended in time, and nothing of it stays."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from stoker.config.settings import Gateway
from tests.e2e.edge_stage import INVOKE, Running, deaf, reset, running
from tests.e2e.gateway_stage import STREAM_PATH, Ask, Client, Stage, staged, table

SHORT = Gateway(head_timeout_s=1.0, idle_timeout_s=1.0, report_s=0.1)
BIG = 4_000_000
MANY = 3
ROUNDS = 4
WARM = 1
"""Rounds after which what a gateway keeps, such as connections to copies, is kept."""
Trouble = Callable[[Stage], Coroutine[Any, Any, None]]
TROUBLES: dict[str, Trouble] = {}


def trouble(make: Trouble) -> Trouble:
    TROUBLES[make.__name__] = make
    return make


async def drip(client: Client, raw: bytes, *, every_s: float = 0.05) -> None:
    """Send byte by byte until the gateway has had enough."""
    with contextlib.suppress(ConnectionError):
        for at in range(len(raw)):
            if client.reader.at_eof():
                return
            client.writer.write(raw[at : at + 1])
            await client.writer.drain()
            await asyncio.sleep(every_s)


async def told_408(client: Client) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):  # the reset may overtake the reply
        assert (await client.reply())[0] == 408
    await client.ended()


@trouble
async def says_nothing(stage: Stage) -> None:
    assert await (await stage.client()).ended() == b""


@trouble
async def stays_after_its_reply(stage: Stage) -> None:
    client = await stage.client()
    client.post(b"x")
    assert (await client.reply())[0] == 200
    assert await client.ended() == b""


@trouble
async def drips_its_head(stage: Stage) -> None:
    client = await stage.client()
    async with asyncio.TaskGroup() as group:
        group.create_task(drip(client, INVOKE * 3))
        group.create_task(told_408(client))


@trouble
async def drips_headers_for_ever(stage: Stage) -> None:
    client = await stage.client()
    client.writer.write(INVOKE)
    async with asyncio.TaskGroup() as group:
        group.create_task(drip(client, b"x: y\r\n" * 100))
        group.create_task(told_408(client))


@trouble
async def drips_its_body(stage: Stage) -> None:
    client = await stage.client()
    client.writer.write(INVOKE + b"content-length: 100000\r\n\r\n" + b"x" * 50_000)
    async with asyncio.TaskGroup() as group:
        group.create_task(drip(client, b"x" * 1000))
        group.create_task(told_408(client))


@trouble
async def drips_chunks(stage: Stage) -> None:
    client = await stage.client()
    client.writer.write(INVOKE + b"transfer-encoding: chunked\r\n\r\n")
    async with asyncio.TaskGroup() as group:
        group.create_task(drip(client, b"1;a=b\r\nx\r\n" * 100))
        group.create_task(told_408(client))


@trouble
async def stalls_after_a_quick_start(stage: Stage) -> None:
    """What a fast beginning saves up must not buy a long stall."""
    client = await stage.client()
    client.writer.write(INVOKE + b"content-length: 8000000\r\n\r\n" + b"x" * 4_000_000)
    await told_408(client)


@trouble
async def waits_for_no_go_on(stage: Stage) -> None:
    client = await stage.client()
    client.writer.write(INVOKE + b"expect: 100-continue\r\ncontent-length: 10\r\n\r\n")
    assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await told_408(client)


@trouble
async def stalls_a_relayed_upload(stage: Stage) -> None:
    client = await stage.client()
    client.writer.write(b"PUT /big HTTP/1.1\r\nhost: x\r\ncontent-length: 8000000\r\n\r\n" + b"x" * 2_000_000)
    await told_408(client)


@trouble
async def never_reads_a_large_reply(stage: Stage) -> None:
    ear, loop = await deaf(stage)
    await loop.sock_sendall(ear, INVOKE + b"content-length: 3\r\n\r\nbig")
    with contextlib.suppress(ConnectionError):
        await asyncio.sleep(2.2)  # twice what the gateway waits for it
        while await loop.sock_recv(ear, 1 << 20):
            pass
    ear.close()


@trouble
async def never_reads_a_stream(stage: Stage) -> None:
    ear, loop = await deaf(stage)
    await loop.sock_sendall(ear, INVOKE.replace(b"/invocations", STREAM_PATH[14:].encode()) + b"content-length: 3\r\n\r\nbig")
    await asyncio.sleep(2.2)
    ear.close()


def leaves(how: str, raw: bytes, *, wait: str = "") -> None:
    """Add a client that leaves behind `raw`, by FIN or RST, once the gateway's status shows what it waits for."""

    async def leave(stage: Stage) -> None:
        client = await stage.client()
        client.writer.write(raw)
        await client.writer.drain()
        if wait:
            await stage.until(lambda told: bool(told[wait]))
        if how == "rst":
            reset(client)
        elif how == "fin":
            client.writer.write_eof()
            await client.ended()
        else:
            client.close()

    leave.__name__ = f"leaves_by_{how}_behind_{len(raw)}_bytes_{wait}".rstrip("_")
    trouble(leave)


for _how in ("rst", "fin", "close"):
    leaves(_how, b"")
    leaves(_how, INVOKE[:20])
    leaves(_how, INVOKE + b"content-length: 10\r\n\r\n")
    leaves(_how, INVOKE + b"content-length: 10\r\n\r\nhalf")
    leaves(_how, INVOKE + b"transfer-encoding: chunked\r\n\r\n5\r\nhal")
    leaves(_how, INVOKE + b"content-length: 4\r\n\r\nwait", wait="in_flight")
    leaves(_how, INVOKE + b"content-length: 3\r\n\r\nbig", wait="in_flight")
    leaves(_how, INVOKE + b"content-length: 4\r\n\r\nwait" + INVOKE, wait="in_flight")
    leaves(_how, b"PUT /big HTTP/1.1\r\nhost: x\r\ncontent-length: 8000000\r\n\r\n" + b"x" * 2_000_000)
    leaves(_how, b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")


async def model(ask: Ask, writer: asyncio.StreamWriter) -> None:
    if ask.body == b"wait" or ask.target == "/wait":
        await asyncio.Event().wait()
    body = b"y" * BIG if ask.body == b"big" else b"hi"
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)


async def rounds(gateway: Running, *troubles: Trouble) -> None:
    """Make the same troubles all at once, again and again: what one round needs, the next must not need on top."""
    files = rss = 0

    async def cause(make: Trouble) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):  # on a busy machine it may be cut sooner
            await make(gateway.stage)

    for at in range(ROUNDS):
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            for make in troubles * MANY:
                group.create_task(cause(make))
        await gateway.settled()
        if at == WARM:
            files, rss = gateway.files(), gateway.rss()
    async with asyncio.timeout(5):
        while gateway.files() > files:  # noqa: ASYNC110 - seen from outside only
            await asyncio.sleep(0.05)
    assert gateway.rss() - rss < 16_000_000


@pytest.mark.parametrize("kind", ["leaves", "other"])
async def test_nothing_is_left_of_troubles(kind: str) -> None:
    async with staged() as stage:
        stage.control.answer = model
        stage.link.publish(table(await stage.copy(model)))
        async with running(stage, SHORT) as gateway:
            await rounds(gateway, *(make for name, make in TROUBLES.items() if name.startswith("leaves") is (kind == "leaves")))
            assert (await stage.ask())[0] == 200


@pytest.mark.parametrize("how", ["rst", "fin", "close"])
async def test_who_leaves_while_held_is_not_waited_for(how: str) -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        async with running(stage, SHORT) as gateway:

            async def leave(stage: Stage) -> None:
                client = await stage.client()
                client.post(b"x" * 1000)
                await stage.until(lambda told: bool(told["held"]))
                if how == "rst":
                    reset(client)
                elif how == "fin":
                    client.writer.write_eof()
                    await client.ended()
                else:
                    client.close()

            await rounds(gateway, leave, leave, leave)


async def test_a_slow_client_that_keeps_the_least_rate_is_served() -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        async with running(stage, Gateway(head_timeout_s=1.0, min_body_rate=1000, report_s=0.1)):
            client = await stage.client()
            client.writer.write(INVOKE + b"content-length: 4000\r\n\r\n")
            for _ in range(40):  # longer than a head may take
                client.writer.write(b"x" * 100)
                await client.writer.drain()
                await asyncio.sleep(0.04)
            assert (await client.reply())[0] == 200


async def test_a_slow_client_gets_all_of_a_reply_that_ends_its_connection() -> None:
    async def large(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 400000\r\n\r\n" + b"y" * 400_000)

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(large)))
        async with running(stage, Gateway(report_s=0.1)):
            ear, loop = await deaf(stage)
            await loop.sock_sendall(ear, INVOKE + b"connection: close\r\ncontent-length: 2\r\n\r\nhi")
            got = 0
            await asyncio.sleep(2.5)  # longer than a closing connection lingers when nothing is left to send
            while data := await loop.sock_recv(ear, 65_536):
                got += len(data)
            ear.close()
            assert got > 400_000

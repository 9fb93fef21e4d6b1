"""Large bodies past slow readers: what the gateway holds of them has a bound, and goes with them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from stoker.config.settings import Gateway
from tests.e2e.edge_stage import INVOKE, Running, deaf, running
from tests.e2e.gateway_stage import Ask, Server, reply, staged, table

MB = 1_000_000
BODY = 25 * MB
RELAYED = 50 * MB
SLACK = 12 * MB
"""Buffers of sockets and pools, and what the allocator keeps."""


@contextlib.asynccontextmanager
async def watched(gateway: Running) -> AsyncIterator[Callable[[], int]]:
    """Give a function that tells by how much memory had grown at most."""
    most = base = gateway.rss()

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, gateway.rss())
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch())
        yield lambda: most - base
        task.cancel()


async def model(ask: Ask, writer: asyncio.StreamWriter) -> None:
    if ask.body == b"big" or ask.target == "/big":
        size = BODY if ask.body == b"big" else RELAYED
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        for _ in range(size // MB):
            writer.write(b"y" * MB)
            await writer.drain()
    else:
        writer.write(reply(b"%d" % len(ask.body)))


async def sip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request's body in sips, then answer with its size."""
    head = await reader.readuntil(b"\r\n\r\n")
    left = size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while left > 0:
        left -= len(await reader.read(200_000))
        await asyncio.sleep(0.005)
    writer.write(reply(b"%d" % size))
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    "request_head",
    [INVOKE + b"content-length: 3\r\n\r\nbig", b"GET /big HTTP/1.1\r\nhost: x\r\n\r\n"],
    ids=["invoked", "relayed"],
)
async def test_a_large_reply_waits_at_its_source_for_a_slow_client(request_head: bytes) -> None:
    async with staged() as stage:
        stage.control.answer = model
        stage.link.publish(table(await stage.copy(model)))
        async with running(stage) as gateway, watched(gateway) as grown:
            ear, loop = await deaf(stage)
            await loop.sock_sendall(ear, request_head)
            await asyncio.sleep(0.5)  # all that will come unread has come
            got = 0
            while got < BODY:
                got += len(await loop.sock_recv(ear, 200_000))
                await asyncio.sleep(0.001)
            ear.close()
            assert grown() < SLACK


async def test_a_large_body_of_a_slow_client_is_held_once() -> None:
    """It must be whole before it can be sent, for a copy may have to be tried after another; but it is held only once."""
    async with staged() as stage:
        stage.link.publish(table(await stage.copy(model)))
        async with running(stage) as gateway:
            async with watched(gateway) as grown:
                client = await stage.client()
                client.writer.write(INVOKE + b"content-length: %d\r\n\r\n" % BODY)
                for _ in range(BODY // 100_000):
                    client.writer.write(b"x" * 100_000)
                    await client.writer.drain()
                    await asyncio.sleep(0.002)
                assert (await client.reply())[2] == b"%d" % BODY
                assert grown() < BODY + SLACK
                client.close()
            await gateway.settled()
            base = gateway.rss()
            assert (await stage.ask())[0] == 200
            assert gateway.rss() - base < SLACK


async def test_a_large_body_for_a_slow_copy_is_held_once() -> None:
    async with staged() as stage:
        path = stage.folder / "slow"
        server = await asyncio.start_unix_server(sip, path)
        stage.link.publish(table(Server(path, model)))
        async with running(stage) as gateway, watched(gateway) as grown:
            client = await stage.client()
            client.post(b"x" * BODY)
            assert (await client.reply())[2] == b"%d" % BODY
            assert grown() < BODY + SLACK
        server.close()


async def test_a_large_body_for_a_slow_control_plane_waits_at_its_source() -> None:
    async with staged(control=False) as stage:
        server = await asyncio.start_unix_server(sip, stage.control.path)
        async with running(stage, Gateway(head_timeout_s=5)) as gateway, watched(gateway) as grown:
            client = await stage.client()
            client.writer.write(b"PUT /big HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % RELAYED)
            for _ in range(RELAYED // MB):
                client.writer.write(b"x" * MB)
                await client.writer.drain()
            assert (await client.reply())[2] == b"%d" % RELAYED
            assert grown() < SLACK
        server.close()


async def test_memory_of_many_slow_readers_is_theirs_alone_and_goes_with_them() -> None:
    many = 40
    async with staged() as stage:
        stage.link.publish(table(await stage.copy(model)))
        async with running(stage) as gateway:
            base = gateway.rss()
            ears = [await deaf(stage) for _ in range(many)]
            for ear, loop in ears:
                await loop.sock_sendall(ear, INVOKE + b"content-length: 3\r\n\r\nbig")
            await stage.until(lambda told: told["in_flight"] == many)
            await asyncio.sleep(0.5)
            assert gateway.rss() - base < SLACK + many * MB  # of 25 MB for each
            for ear, _ in ears:
                ear.close()
            await gateway.settled()
            assert gateway.rss() - base < 2 * SLACK

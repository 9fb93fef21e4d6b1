"""Upgrades: granted by face and copy, bytes pass both ways at the pace of who takes them, in flight until both ends are gone."""

import asyncio

from stoker.config.settings import Gateway
from stoker.domain.ids import Partition
from stoker.gateway.face import Invocation
from stoker.gateway.head import Head
from stoker.gateway.reasons import Refusal
from stoker.wire.aws.invocations import AwsRuntimeFace
from tests.e2e.gateway_stage import Ask, Client, Stage, reply, staged, table

ASK = b"GET /live HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: k\r\n\r\n"
AGREED = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: a\r\n\r\n"


class LiveFace(AwsRuntimeFace):
    """A face with a path that may be upgraded."""

    def claims(self, head: Head) -> bool:
        return head.path == "/live" or super().claims(head)

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal:
        if head.path != "/live":
            return super().invocation(head, body)
        key = b"sec-websocket-key: %s\r\n" % (head.get(b"sec-websocket-key") or b"")
        upgrade = head.text(b"upgrade")
        return Invocation(endpoint="chat", component="llama", path="/live", headers=key, upgrade=upgrade)


async def loud(ask: Ask, writer: asyncio.StreamWriter) -> None:
    """Agree, and say what is said in capitals. The stage's server reads no HTTP from here on."""
    if ask.headers.get("upgrade") != "websocket":
        writer.write(reply(b"plain:" + ask.body))
        return
    assert (ask.method, ask.headers["connection"], ask.headers["sec-websocket-key"]) == ("GET", "upgrade", "k")
    writer.write(AGREED + b"HELLO")
    reader: asyncio.StreamReader = writer._reader  # type: ignore[attr-defined]  # noqa: SLF001 - the stage keeps it to itself
    while data := await reader.read(65_536):
        if data == b"bye":
            break
        writer.write(data.upper())
        await writer.drain()
    writer.close()


async def open_stage(stage: Stage, settings: Gateway | None = None, *, desired: int = 1, drain_s: float = 5.0) -> None:
    stage.faces = [LiveFace(Partition())]
    if desired:
        stage.link.publish(table(await stage.copy(loud)))
    else:
        stage.link.publish(table(desired=0))
    await stage.open(settings or Gateway(report_s=0.1), drain_s=drain_s)


async def upgraded(stage: Stage, more: bytes = b"") -> Client:
    client = await stage.client()
    client.writer.write(ASK + more)
    async with asyncio.timeout(10):
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert {b"sec-websocket-accept: a", b"connection: upgrade", b"upgrade: websocket"} <= set(head.split(b"\r\n"))
        assert await client.reader.readexactly(5) == b"HELLO"
    return client


async def test_bytes_pass_both_ways_and_are_in_flight_until_the_end() -> None:
    async with staged() as stage:
        await open_stage(stage)
        client = await upgraded(stage, b"early")
        assert await client.reader.readexactly(5) == b"EARLY"
        assert (await stage.status())["in_flight"] == 1
        for _ in range(3):
            client.writer.write(b"more")
            assert await client.reader.readexactly(4) == b"MORE"
        client.writer.write(b"bye")
        assert await client.ended() == b""
        await stage.until(lambda told: (told["in_flight"], told["connections"]) == (0, 1))
        counts = await stage.link.counted(lambda one: one.invocations == 1)
        assert (counts.errors_5xx, counts.model_errors) == (0, 0)
        assert (await stage.ask())[0] == 200


async def test_it_is_held_until_there_is_a_copy() -> None:
    async with staged() as stage:
        await open_stage(stage, desired=0)
        client = await stage.client()
        client.writer.write(ASK)
        await stage.until(lambda told: told["held"] == 1)
        stage.link.publish(table(await stage.copy(loud), version=2))
        assert b"101 Switching" in await client.reader.readuntil(b"\r\n\r\n")
        client.close()
        await stage.until(lambda told: told["in_flight"] == 0)


async def test_a_client_that_leaves_ends_the_copys_side() -> None:
    async with staged() as stage:
        await open_stage(stage)
        client = await upgraded(stage)
        client.close()
        await stage.until(lambda told: (told["in_flight"], told["connections"]) == (0, 1))
        await stage.servers[1].gone.wait()


async def test_silence_ends_it() -> None:
    async with staged() as stage:
        await open_stage(stage, Gateway(report_s=0.1, tunnel_idle_s=0.3))
        client = await upgraded(stage)
        assert await client.ended() == b""
        told = await stage.until(lambda told: told["connections"] == 1)
        assert told["in_flight"] == 0


async def test_much_passes_at_the_pace_of_who_takes_it() -> None:
    async with staged() as stage:
        await open_stage(stage)
        client = await upgraded(stage)
        size = 6_000_000
        got = 0

        async def send() -> None:
            for _ in range(size // 60_000):
                client.writer.write(b"x" * 60_000)
                await client.writer.drain()

        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(send())
            while got < size:
                got += len(await client.reader.read(65_536))
                await asyncio.sleep(0)
        client.close()
        await stage.until(lambda told: told["in_flight"] == 0)


async def test_a_drain_waits_for_it_and_then_ends_it() -> None:
    async with staged() as stage:
        await open_stage(stage, drain_s=0.5)
        client = await upgraded(stage)
        stage.stop.set()
        client.writer.write(b"still")
        assert await client.reader.readexactly(5) == b"STILL"
        assert await client.ended() == b""
        assert stage.task is not None
        async with asyncio.timeout(5):
            await stage.task


async def test_a_copy_may_decline() -> None:
    async def declines(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"", "426 Upgrade Required"))

    async with staged() as stage:
        await open_stage(stage)
        stage.servers[1].answer = declines
        client = await stage.client()
        client.writer.write(ASK + ASK)
        assert (await client.reply())[0] == 424
        assert (await client.reply())[0] == 424  # the connection still speaks HTTP


async def test_an_upgrade_that_no_face_knows_is_ignored() -> None:
    async with staged() as stage:
        await open_stage(stage)
        client = await stage.client()
        client.writer.write(ASK.replace(b"/live", b"/other") * 2)
        assert (await client.reply())[0] == 200
        assert (await client.reply())[0] == 200
        assert "upgrade" not in stage.control.asks[0].headers

"""Copies that die, retries that come late, many that wait: nothing lost, nothing done twice."""

import asyncio
import contextlib
import json
import socket
import time
from pathlib import Path

from stoker.config.settings import Gateway
from stoker.domain.ids import CopyId
from stoker.link.messages import Address, CopyDrained, CopyRoute, Counters, Demand, Upward
from tests.e2e.gateway_stage import Ask, Server, reply, staged, table


async def test_a_reset_before_the_request_was_read_leads_to_another_copy() -> None:
    async with staged() as stage:
        alive = await stage.copy()
        path = stage.folder / "resets"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
            listening.listen(8)
            loop = asyncio.get_running_loop()
            taken = 0

            def reset() -> None:
                nonlocal taken
                connection, _ = listening.accept()
                taken += 1
                # Closing with unread bytes resets: the request was not read.
                loop.call_later(0.05, connection.close)

            listening.setblocking(False)
            loop.add_reader(listening, reset)
            resets = Server(path, alive.answer)
            stage.link.publish(table(resets, alive))
            await stage.open()
            statuses: list[int] = []
            while not taken and len(statuses) < 64:  # the choice is by chance: one in two falls on the copy that resets
                statuses.append((await stage.ask(b"hi"))[0])
            loop.remove_reader(listening)
        assert taken > 0
        assert set(statuses) == {200}


async def test_held_invocations_go_to_whichever_copy_is_free() -> None:
    async def slowly(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(reply(b"ok"))

    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        clients = [await stage.client() for _ in range(150)]
        for client in clients:
            client.post(b"x")
        await stage.until(lambda status: status["held"] == 150)
        grown = await stage.link.wait(Demand, lambda one: isinstance(one, Demand) and one.waiting >= 64)
        assert isinstance(grown, Demand)
        one = await stage.copy(slowly)
        stage.link.publish(table(one, version=2, desired=2))
        await stage.until(lambda status: status["in_flight"] == 64 or status["held"] == 0)
        two = await stage.copy(slowly)
        stage.link.publish(table(one, two, version=3, desired=2))
        replies = await asyncio.gather(*(client.reply() for client in clients))
        assert [status for status, _, _ in replies] == [200] * 150
        assert len(one.asks) + len(two.asks) == 150


async def test_a_retry_joins_work_that_its_copy_has_already() -> None:
    go_on = asyncio.Event()

    async def waits(ask: Ask, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(reply(b"echo:" + ask.body))

    async with staged() as stage:
        copy = await stage.copy(waits)
        stage.link.publish(table(copy))
        await stage.open()
        first = await stage.client()
        first.post(b"x", amz_sdk_invocation_id="call-1")
        await stage.until(lambda status: status["in_flight"] == 1)
        first.close()
        again = await stage.client()
        again.post(b"x", amz_sdk_invocation_id="call-1")
        await stage.until(lambda status: status["connections"] == 2)
        go_on.set()
        assert (await again.reply())[2] == b"echo:x"
        assert len(copy.asks) == 1
        await stage.until(lambda status: status["in_flight"] == 0)


async def test_keyed_work_whose_client_never_returns_is_given_up() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"x", amz_sdk_invocation_id="call-1")
        await stage.until(lambda status: status["held"] == 1)
        client.close()
        began = time.monotonic()
        await stage.until(lambda status: status["held"] == 0)
        assert 1.0 < time.monotonic() - began < 5.0


async def test_a_clients_own_deadline_ends_its_hold() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        soon = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + 2))
        status, headers, _ = await stage.ask(amz_sdk_request=f"ttl={soon}; attempt=2; max=3")
        assert (status, headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")


async def test_a_component_that_vanishes_is_told_to_those_who_wait() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["held"] == 1)
        full = table(version=2)
        endpoint = full.endpoints[0]
        gone = type(endpoint)(name=endpoint.name, variants=endpoint.variants)
        stage.link.publish(type(full)(version=2, endpoints=(gone,)))
        status, _, body = await client.reply()
        assert status == 400
        assert "Could not find inference component" in json.loads(body)["Message"]


async def test_a_copy_that_leaves_the_table_finishes_what_it_has() -> None:
    go_on = asyncio.Event()

    async def waits(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(reply(b"old"))

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(waits)))
        await stage.open()
        busy = await stage.client()
        busy.post(b"x")
        await stage.until(lambda status: status["in_flight"] == 1)
        stage.link.publish(table(await stage.copy(), version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        assert (await stage.ask(b"y"))[2] == b"echo:y"
        go_on.set()
        assert (await busy.reply())[2] == b"old"


async def test_a_copy_that_leaves_the_table_twice_is_drained_once_nothing_is_in_flight() -> None:
    go_on = asyncio.Event()

    async def waits(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(reply(b"done"))

    async with staged() as stage:
        copy = await stage.copy(waits)
        stage.link.publish(table(copy))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["in_flight"] == 1)
        for version in (2, 3, 4):  # it leaves, comes back, and leaves again with the same invocation
            stage.link.publish(table(*[copy] * (version % 2), version=version))
            await stage.until(lambda status, version=version: status["table_version"] == version)  # type: ignore[misc]
        assert not [message for message in stage.link.got if isinstance(message, CopyDrained)]
        go_on.set()
        assert (await client.reply())[2] == b"done"
        drained = await stage.link.wait(CopyDrained)
        assert isinstance(drained, CopyDrained)
        assert drained.table_version == 4


async def test_what_copies_work_on_and_have_answered_is_told() -> None:
    go_on = asyncio.Event()

    async def waits(ask: Ask, writer: asyncio.StreamWriter) -> None:
        if ask.body == b"long":
            await go_on.wait()
        writer.write(reply(b"done"))

    def loads(message: Upward) -> set[tuple[int, int]]:
        return {(copy.in_flight, copy.answered) for copy in message.copies} if isinstance(message, Counters) else set()

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(waits)))
        await stage.open(Gateway(report_s=0.3))
        client = await stage.client()
        client.post(b"long")
        await stage.link.wait(Counters, lambda message: loads(message) == {(1, 0)})
        assert (await stage.ask(b"short"))[2] == b"done"
        await stage.link.wait(Counters, lambda message: loads(message) == {(1, 1)})
        go_on.set()
        await client.reply()
        await stage.link.wait(Counters, lambda message: loads(message) == {(0, 1)})


async def test_an_early_error_of_the_model_does_not_spoil_the_next_invocation() -> None:
    finished = asyncio.Event()

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply(b"no", "413 Too Large"))
            await finished.wait()
        writer.close()

    async with staged() as stage:
        path: Path = stage.folder / "hasty"
        server = await asyncio.start_unix_server(hasty, path, limit=4096)
        route = CopyRoute(copy_id=CopyId("hasty"), address=Address(socket=str(path)))
        stage.link.publish(table(Server(Path(route.address.socket), stage.control.answer)))
        await stage.open()
        for _ in range(3):
            status, _, body = await stage.ask(b"x" * 10_000_000)
            assert (status, json.loads(body)["OriginalStatusCode"]) == (424, 413)
        finished.set()
        server.close()
        await server.wait_closed()

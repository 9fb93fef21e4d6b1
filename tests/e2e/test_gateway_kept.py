"""Kept connections to copies: what their end says of the request that was on its way, and for how long they are kept."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from stoker.domain.ids import CopyId
from stoker.gateway import copies
from stoker.link.messages import Address, CopyRoute, RoutingTable
from tests.e2e.gateway_stage import Client, Server, Stage, echo, reply, staged, table


class Peer:
    """A copy of which the test decides each step: it takes a connection, reads, answers, closes. `asked` counts what it read."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.asked = 0

    @property
    def address(self) -> Address:
        name = self._listening.getsockname()
        return Address(socket=name) if isinstance(name, str) else Address(host=name[0], port=name[1])

    async def take(self) -> socket.socket:
        connection, _ = await asyncio.get_running_loop().sock_accept(self._listening)
        connection.setblocking(False)
        return connection

    async def read(self, connection: socket.socket) -> None:
        assert await asyncio.get_running_loop().sock_recv(connection, 65536)
        self.asked += 1

    async def serve(self, connection: socket.socket) -> None:
        await self.read(connection)
        await asyncio.get_running_loop().sock_sendall(connection, reply(b"done"))


def routed(*addresses: Address) -> RoutingTable:
    """Give the usual table with copies at these addresses."""
    known = table(Server(Path("copy"), echo))
    routes = tuple(CopyRoute(copy_id=CopyId(f"copy-{number}"), address=one) for number, one in enumerate(addresses))
    return replace(known, workloads=tuple(replace(one, copies=routes) for one in known.workloads))


@asynccontextmanager
async def kept(family: socket.AddressFamily) -> AsyncIterator[tuple[Stage, Peer, Client, socket.socket]]:
    """Give a stage with one copy, the copy, a client, and the connection that was kept after its first invocation."""
    async with staged() as stage:
        with socket.socket(family, socket.SOCK_STREAM) as listening:
            listening.bind(str(stage.folder / "peer") if family == socket.AF_UNIX else ("127.0.0.1", 0))
            listening.listen(8)
            listening.setblocking(False)
            peer = Peer(listening)
            stage.link.publish(routed(peer.address))
            await stage.open()
            client = await stage.client()
            client.post(b"first")
            connection = await peer.take()
            with connection:
                await peer.serve(connection)
                assert (await client.reply())[2] == b"done"
                yield stage, peer, client, connection


@pytest.mark.parametrize("family", [pytest.param(socket.AF_UNIX, id="unix"), pytest.param(socket.AF_INET, id="tcp")])
class TestEnds:
    """A kept connection ends while a request is on its way."""

    async def test_closed_just_before_it_was_sent(self, family: socket.AddressFamily) -> None:
        async with kept(family) as (_, peer, client, connection):
            client.post(b"second")  # what comes first is looked at first: the end is seen when the request is gone
            connection.close()
            with await peer.take() as fresh:
                await peer.serve(fresh)
            status, _, body = await client.reply()
            assert (status, body, peer.asked) == (200, b"done", 2)

    async def test_closed_with_the_request_unread(self, family: socket.AddressFamily) -> None:
        async with kept(family) as (stage, peer, client, connection):
            client.post(b"second")
            await stage.until(lambda status: status["in_flight"] == 1)
            connection.close()
            with await peer.take() as fresh:
                await peer.serve(fresh)
            assert ((await client.reply())[0], peer.asked) == (200, 2)

    async def test_closed_with_the_request_read(self, family: socket.AddressFamily) -> None:
        async with kept(family) as (_, peer, client, connection):
            client.post(b"second")
            await peer.read(connection)
            connection.close()
            status, headers, body = await client.reply()
            assert (status, headers["x-amzn-errortype"]) == (424, "ModelError")
            assert json.loads(body)["OriginalStatusCode"] == 0
            client.post(b"third")
            with await peer.take() as fresh:  # nobody has tried again with the second: the next to come is the third
                await peer.serve(fresh)
            assert ((await client.reply())[0], peer.asked) == (200, 3)


async def test_a_connection_that_was_not_used_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with kept(socket.AF_UNIX) as (_, peer, client, connection):
        monkeypatch.setattr("stoker.gateway.delivery.KEPT_NS", 0)
        monkeypatch.setattr(copies, "KEPT_NS", 0)
        client.post(b"second")
        with await peer.take() as fresh:
            await peer.serve(fresh)
        assert (await client.reply())[0] == 200
        assert await asyncio.get_running_loop().sock_recv(connection, 1) == b""


async def test_connections_that_nothing_uses_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "KEPT_NS", 0)
    async with kept(socket.AF_UNIX) as (_, _, _, connection), asyncio.timeout(5):
        assert await asyncio.get_running_loop().sock_recv(connection, 1) == b""

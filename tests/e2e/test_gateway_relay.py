"""What is no invocation: relayed to the control plane, which may be away for a moment."""

import asyncio
import json
import time

import pytest

from stoker.config.settings import Gateway
from tests.e2e.gateway_stage import Ask, reply, staged, table


async def test_api_calls_reach_the_control_plane_with_their_host_and_come_back() -> None:
    async def api(ask: Ask, writer: asyncio.StreamWriter) -> None:
        told = json.dumps([ask.method, ask.target, ask.headers.get("host"), ask.headers.get("x-amz-target")]).encode()
        writer.write(reply(told, "201 Created", "x-amzn-requestid: r1\r\nconnection: keep-alive\r\n"))

    async with staged() as stage:
        stage.control.answer = api
        await stage.open()
        client = await stage.client()
        for _ in range(2):
            client.writer.write(
                b"POST /?a=%20b HTTP/1.1\r\nHost: stoker.local:8080\r\nX-Amz-Target: SageMaker.ListEndpoints\r\n"
                b"Content-Length: 2\r\n\r\n{}"
            )
            status, headers, body = await client.reply()
            assert (status, headers["x-amzn-requestid"]) == (201, "r1")
            assert json.loads(body) == ["POST", "/?a=%20b", "stoker.local:8080", "SageMaker.ListEndpoints"]


async def test_head_and_empty_replies() -> None:
    async def api(ask: Ask, writer: asyncio.StreamWriter) -> None:
        if ask.method == "HEAD":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with staged() as stage:
        stage.control.answer = api
        await stage.open()
        client = await stage.client()
        client.writer.write(b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n")
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"content-length: 5" in head
        client.writer.write(b"DELETE /x HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await client.reply())[0] == 204


@pytest.mark.parametrize("chunked", [pytest.param(False, id="counted"), pytest.param(True, id="chunked")])
async def test_a_large_body_is_passed_on_as_it_comes(*, chunked: bool) -> None:
    async def api(ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"%d %d" % (len(ask.body), sum(ask.body))))

    async with staged() as stage:
        stage.control.answer = api
        await stage.open()
        client = await stage.client()
        piece = bytes(range(256)) * 256
        framing = b"transfer-encoding: chunked" if chunked else b"content-length: %d" % (96 * len(piece))
        client.writer.write(b"PUT /big HTTP/1.1\r\nhost: x\r\n%s\r\n\r\n" % framing)
        for _ in range(96):
            client.writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            await client.writer.drain()
        client.writer.write(b"0\r\n\r\n" if chunked else b"")
        status, _, body = await client.reply()
        assert (status, body) == (200, b"%d %d" % (96 * len(piece), 96 * sum(piece)))
        assert stage.control.asks[0].headers.get("transfer-encoding") == ("chunked" if chunked else None)
        client.writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await client.reply())[0] == 200


async def test_a_call_waits_for_a_control_plane_that_restarts() -> None:
    async with staged(control=False) as stage:
        await stage.open()
        client = await stage.client()
        client.post(b"{}", "/")
        small = await stage.until(lambda status: status["connections"] == 2)
        assert small["link"] in {"up", "down"}
        await stage.control.start()
        assert (await client.reply())[2] == b"echo:{}"


async def test_a_control_plane_that_stays_away_is_told_in_the_clients_shape() -> None:
    async with staged(control=False, link=False) as stage:
        await stage.open(Gateway(relay_wait_s=0.2))
        began = time.monotonic()
        status, headers, body = await stage.ask(b"{}", "/")
        assert status == 503
        assert json.loads(body)["__type"] == "ServiceUnavailable"
        assert headers["x-amzn-errortype"] == "ServiceUnavailable"
        status, headers, _ = await stage.ask()
        assert (status, headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")
        assert time.monotonic() - began < 5


async def test_a_call_that_the_control_plane_took_with_it_is_not_repeated() -> None:
    async def dies(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with staged() as stage:
        stage.control.answer = dies
        await stage.open()
        status, _, body = await stage.ask(b"{}", "/")
        assert status == 503
        assert "whether it took effect is not known" in json.loads(body)["message"]
        assert len(stage.control.asks) == 1


async def test_invocations_wait_for_the_first_table() -> None:
    async with staged(link=False) as stage:
        await stage.open()
        client = await stage.client()
        client.post(b"early")
        await stage.until(lambda status: status["connections"] == 2)
        stage.link.publish(table(await stage.copy()))
        await stage.link.start()
        assert (await client.reply())[2] == b"echo:early"


async def test_warm_endpoints_are_served_while_the_control_plane_is_dead_and_counted_after() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table(copy))
        await stage.open()
        await stage.link.stop()
        await stage.control.stop()
        await stage.until(lambda status: status["link"] == "down")
        for _ in range(3):
            assert (await stage.ask())[0] == 200
        stage.link.publish(table(copy, version=1))
        await stage.link.start()
        counts = await stage.link.counted(lambda one: one.invocations == 3)
        assert counts.model_latency.count == 3


async def test_a_live_page_streams_and_ends_with_its_reader() -> None:
    async def live(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(b"9\r\ndata: 1\n\n\r\n")
        await asyncio.Event().wait()

    async with staged() as stage:
        stage.control.answer = live
        await stage.open()
        client = await stage.client()
        client.writer.write(b"GET /live HTTP/1.1\r\nhost: x\r\n\r\n")
        await client.reader.readuntil(b"\r\n\r\n")
        assert await anext(client.chunks()) == b"data: 1\n\n"
        client.close()
        await stage.until(lambda status: status["connections"] == 1)

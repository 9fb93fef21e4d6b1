"""What else happens to requests that are relayed: upgrades, comments, retries, bounds, and keys that are bound."""

import asyncio
import json

import pytest

from stoker.config.settings import Gateway
from stoker.domain.keys import AccessKey, Keyring, KeyRole
from stoker.gateway.recording import Recorder
from stoker.link.messages import CopyBroken, Demand, HubRoute, Welcome
from stoker.wire.tokens import token_of
from tests.e2e.gateway_stage import Ask, reply, table
from tests.e2e.relaying_stage import CHAT, ask, mirror, of, part, relaying, send
from tests.e2e.test_gateway_edge_upgrade import loud
from tests.e2e.test_gateway_relaying import streaming

HUB = HubRoute()
BOUND = AccessKey(access_key_id="AKIABOUND", secret="bound", role=KeyRole.INVOKE, endpoints=("chat-*",))


async def test_a_connection_may_go_over_to_another_protocol_below_an_endpoints_path() -> None:
    async with relaying() as stage:
        copy = await stage.copy(loud)
        stage.link.publish(of(part("chat", [copy], hub=HUB)))
        await stage.open()
        client = await stage.client()
        head = b"GET /ep/stoker/chat/live HTTP/1.1\r\nhost: x\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n"
        client.writer.write(head + b"sec-websocket-key: k\r\n\r\n")
        assert b"101 Switching" in await client.reader.readuntil(b"\r\n\r\n")
        assert await client.reader.readexactly(5) == b"HELLO"
        client.writer.write(b"more")
        assert await client.reader.readexactly(4) == b"MORE"
        await stage.link.counted(lambda counts: (counts.in_flight, counts.pending) == (1, 0))
        client.writer.write(b"bye")
        assert await client.ended() == b""
        assert copy.asks[0].target == "/live"


async def fails(_: Ask, writer: asyncio.StreamWriter) -> None:
    body = b'{"error": {"message":\n "overloaded", "type": "server_error"}}'
    writer.write(reply(body, "429 Busy", "content-type: application/json\r\n"))


async def test_a_stream_that_was_held_with_comments_tells_failures_as_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoker.gateway.core._ANNOUNCE_S", 0.05)
    for answer, told in (
        (fails, [b'data: {"error":{"message":"overloaded","type":"server_error"}}']),
        (streaming("data: {}\n\n", whole=False), [b"data: {}", b'data: {"error":']),
        (streaming("data: {}\n\ndata: [DONE]\n\n"), [b"data: {}", b"data: [DONE]"]),
    ):
        async with relaying() as stage:
            stage.link.publish(of(part("chat", hub=HUB)))
            await stage.open(Gateway(report_s=0.1, comment_s=0.05))
            client = await stage.client()
            send(client, CHAT, {"model": "chat", "stream": True})
            async with asyncio.timeout(10):
                head = await client.reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            stage.link.publish(of(part("chat", [await stage.copy(answer)], hub=HUB), version=2))
            async with asyncio.timeout(10):
                body = b"".join([piece async for piece in client.chunks()])
            events = [event for event in body.split(b"\n\n") if event and event != b": keep-alive"]
            assert len(events) == len(told)
            assert all(event.startswith(begin) for event, begin in zip(events, told, strict=True))


async def test_a_retry_with_the_same_key_joins_the_work_under_way() -> None:
    async with relaying() as stage:
        stage.link.publish(of(part("chat", hub=HUB)))
        await stage.open()
        first = await stage.client()
        send(first, CHAT, {"model": "chat"}, idempotency_key="k-1")
        await stage.link.wait(Demand)
        second = await stage.client()
        send(second, CHAT, {"model": "chat"}, idempotency_key="k-1")
        assert await first.ended() == b""
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], hub=HUB), version=2))
        assert (await second.reply())[0] == 200
        assert len(copy.asks) == 1


async def test_bodies_have_a_bound_on_every_path() -> None:
    async with relaying() as stage:
        stage.link.publish(of(part("chat", hub=HUB)))
        await stage.open(Gateway(max_body_bytes=64))
        for target in (CHAT, "/ep/stoker/chat" + CHAT, "/endpoints/chat/openai" + CHAT, "/ep/stoker/chat"):
            client = await stage.client()
            send(client, target, b"x" * 65)
            status, _, body = await client.reply()
            error = json.loads(body)["error"]
            message = error if target == "/ep/stoker/chat" else error["message"]
            assert (status, "64" in message) == (413, True)


async def test_a_key_that_is_bound_reaches_its_endpoints_and_sees_no_others() -> None:
    async with relaying({}) as stage:
        stage.link.publish(of(part("chat-a", hub=HUB), part("other", hub=HUB), part("open", hub=HubRoute(open=True))))
        await stage.open(Gateway(report_s=0.1, max_hold_s=0.2))
        stage.link.tell(Welcome(clock=stage.link.clock, keys=Keyring(keys=(BOUND,))))
        mine = {"authorization": f"Bearer {token_of(BOUND)}", "x_stoker_at_zero": "refuse"}
        async with asyncio.timeout(10):
            while (await ask(stage, "/v1/models", **mine))[0] == 401:  # noqa: ASYNC110 - asked of the gateway from outside
                await asyncio.sleep(0.01)
        for target, model, status in (
            (CHAT, "chat-a", 503),
            (CHAT, "other", 403),
            (CHAT, "open", 503),
            ("/ep/stoker/chat-a", "", 503),
            ("/ep/stoker/other", "", 403),
            ("/ep/stoker/open", "", 503),
            ("/endpoints/other/openai" + CHAT, "", 403),
        ):
            got, _, body = await ask(stage, target, {"model": model}, **mine)
            assert (got, bool(json.loads(body)["error"])) == (status, True)
        listed = json.loads((await ask(stage, "/v1/models", **mine))[2])
        assert [one["id"] for one in listed["data"]] == ["chat-a", "open"]
        assert (await ask(stage, "/v1/models/other", **mine))[0] == 404


async def test_replies_without_a_body_and_of_unknown_length_pass() -> None:
    async def bare(asked: Ask, writer: asyncio.StreamWriter) -> None:
        status = asked.target.rpartition("/")[2]
        if status == "close":
            writer.write(b"HTTP/1.1 203 Said\r\nconnection: close\r\nset-cookie: a\r\nset-cookie: b\r\n\r\nall of it")
            writer.close()
        else:
            writer.write(f"HTTP/1.1 {status} Said\r\netag: x\r\n\r\n".encode())

    async with relaying() as stage:
        copy = await stage.copy(bare)
        stage.link.publish(of(part("chat", [copy], hub=HUB)))
        await stage.open()
        client = await stage.client()
        for status in (204, 304):
            send(client, f"/ep/stoker/chat/{status}")
            assert (await client.reply())[::2] == (status, b"")
        client.writer.write(b"GET /ep/stoker/chat/close HTTP/1.1\r\nhost: h\r\n\r\n")
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"203 " in head
        assert head.count(b"set-cookie: ") == 2
        assert b"".join([piece async for piece in client.chunks()]) == b"all of it"


async def test_an_endpoint_whose_variant_serves_the_model_itself() -> None:
    async with relaying() as stage:
        copy = await stage.copy(mirror)
        stage.link.publish(table(copy))
        await stage.open()
        for target, body, below in (
            ("/ep/stoker/plain", {"inputs": 1}, "/invocations"),
            ("/ep/stoker/plain/x", {"inputs": 1}, "/x"),
            ("/ep/stoker/plain" + CHAT, {"model": "tgi"}, CHAT),
            ("/endpoints/plain/openai" + CHAT, {"model": "tgi"}, CHAT),
            (CHAT, {"model": "plain"}, CHAT),
        ):
            status, headers, answer = await ask(stage, target, body)
            assert (status, headers["x-stoker-variant"], json.loads(answer)["target"]) == (200, "main", below)


async def test_a_probe_is_no_part_of_a_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    added = []
    monkeypatch.setattr(Recorder, "add", lambda _, workload, *__: added.append(workload))
    async with relaying() as stage:
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], hub=HUB)))
        await stage.open(recordings=stage.folder)
        assert (await ask(stage, "/ep/stoker/chat/health"))[0] == 200
        assert (await ask(stage, "/ep/stoker/chat/info"))[0] == 200
        assert added == ["ic/chat"]


async def test_a_copy_that_calls_itself_unwell_to_probes_is_not_put_aside_for_that() -> None:
    async def unwell(asked: Ask, writer: asyncio.StreamWriter) -> None:
        if asked.target == "/health":
            writer.write(reply(b"loading", "503 Loading"))
        else:
            await mirror(asked, writer)

    async with relaying() as stage:
        copies = [await stage.copy(unwell) for _ in range(2)]
        stage.link.publish(of(part("chat", copies, hub=HUB)))
        await stage.open()
        for _ in range(20):
            status, _, body = await ask(stage, "/ep/stoker/chat/health")
            assert (status, body) == (503, b"loading")
        assert not [one for one in stage.link.got if isinstance(one, CopyBroken)]
        assert (await ask(stage, "/ep/stoker/chat", {"inputs": 1}))[0] == 200


async def test_a_copy_that_is_as_busy_as_it_can_be_still_answers_probes() -> None:
    free = asyncio.Event()

    async def one_at_a_time(asked: Ask, writer: asyncio.StreamWriter) -> None:
        if asked.method == "POST":
            await free.wait()
        await mirror(asked, writer)

    async with relaying() as stage:
        copy = await stage.copy(one_at_a_time)
        endpoint, workload = part("chat", [copy], hub=HUB, slots=1)
        stage.link.publish(of((endpoint, workload)))
        await stage.open()
        asked = [asyncio.create_task(ask(stage, "/ep/stoker/chat", {"inputs": n})) for n in range(2)]
        await stage.link.counted(lambda counts: (counts.in_flight, counts.held) == (1, 1))
        assert (await ask(stage, "/ep/stoker/chat/health"))[0] == 200
        free.set()
        assert [(await one)[0] for one in asked] == [200, 200]

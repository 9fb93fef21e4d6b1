"""Requests of OpenAI's and Hugging Face's kind, through a real gateway to real model servers."""

import asyncio
import json

import pytest
from msgspec.structs import replace

from stoker.link.messages import Counters, Demand, HubRoute, RoutingTable
from tests.e2e.gateway_stage import Answer, Ask, Stage
from tests.e2e.relaying_stage import CHAT, SOON, ask, mirror, of, part, relaying, send, token

OPEN = HubRoute(open=True)


async def test_one_base_url_serves_all_models_by_the_name_in_the_body() -> None:
    async with relaying() as stage:
        one, two = await stage.copy(mirror), await stage.copy(mirror)
        stage.link.publish(of(part("chat", [one], aliases=("Qwen/Tiny", "tiny")), part("embed", [two], component="embed-c")))
        await stage.open()
        for model, server in (("chat", one), ("Qwen/Tiny", one), ("tiny", one), ("embed", two), ("embed-c", two)):
            status, headers, body = await ask(stage, f"{CHAT}?beta=1", {"model": model, "x": 1.50})
            told = json.loads(body)
            assert (status, headers["x-own"], len(server.asks)) == (200, "1", len(server.asks))
            assert (told["method"], told["target"]) == ("POST", f"{CHAT}?beta=1")
            assert told["body"] == json.dumps({"model": model, "x": 1.50})  # not a byte of it is another
            assert headers["x-request-id"]
        assert (len(one.asks), len(two.asks)) == (3, 2)


async def test_a_model_server_that_calls_its_model_otherwise_is_asked_in_its_own_words() -> None:
    async with relaying() as stage:
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], served="org/real-7b", hub=OPEN)))
        await stage.open()
        for target in (CHAT, "/ep/stoker/chat/v1/chat/completions", "/endpoints/chat/openai/v1/chat/completions"):
            _, _, body = await ask(stage, target, b'{"seed": 1.50, "model": "chat", "stop": ["\\u00e9"]}')
            assert json.loads(body)["body"] == '{"seed":1.50,"model":"org/real-7b","stop":["\\u00e9"]}'
        for name in ("tgi", "dummy", ""):  # the path says which, whatever the body does
            _, _, body = await ask(stage, "/ep/stoker/chat/v1/chat/completions", {"model": name})
            assert json.loads(json.loads(body)["body"]) == {"model": "org/real-7b"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b'{"model": "gone"}', 404, "model_not_found", id="unknown"),
        pytest.param(b'{"messages": []}', 400, "model_required", id="no model"),
        pytest.param(b'{"model": ""}', 400, "model_required", id="empty"),
        pytest.param(b'{"model": 1}', 400, "bad_request", id="no text"),
        pytest.param(b"[]", 400, "bad_request", id="no object"),
        pytest.param(b'{"model": "chat"', 400, "bad_request", id="cut off"),
        pytest.param(b'{"model": "\xff"}', 400, "bad_request", id="no UTF-8"),
        pytest.param(b'{"model": "tgi"}', 404, "model_not_found", id="whatever, of two"),
        pytest.param(b'{"model": "both"}', 400, "bad_request", id="a name of two"),
        pytest.param(b'{"model": "' + b"x" * 600 + b'"}', 400, "bad_request", id="long"),
    ],
)
async def test_bodies_that_lead_to_no_model(body: bytes, status: int, code: str) -> None:
    async with relaying() as stage:
        stage.link.publish(of(part("chat", aliases=("both",)), part("other", aliases=("both",))))
        await stage.open()
        got, _, answer = await ask(stage, CHAT, body)
        error = json.loads(answer)["error"]
        assert (got, error["code"], error["type"]) == (status, code, "invalid_request_error")
        assert error["message"]
        if b"gone" in body:
            assert "`gone`" in error["message"]
        assert not [one for one in stage.link.got if isinstance(one, Demand)]


async def test_models_are_listed_that_serve_or_would_come() -> None:
    async with relaying() as stage:
        copy = await stage.copy(mirror)
        stage.link.publish(
            of(
                part("awake", [copy], aliases=("org/a",)),
                part("asleep"),
                part("broken", failure="it crashes", wakeable=False),
                part("nobody-wakes", wakeable=False),
                part("paused", hub=HubRoute(paused=True)),
                part("ann--own", hub=HubRoute()),
            )
        )
        await stage.open()
        status, _, body = await ask(stage, "/v1/models")
        told = json.loads(body)
        assert (status, told["object"]) == (200, "list")
        assert [(one["id"], one["owned_by"]) for one in told["data"]] == [
            ("ann--own", "ann"),
            ("asleep", "stoker"),
            ("awake", "stoker"),
            ("org/a", "stoker"),
        ]
        assert told["data"][0] == {"id": "ann--own", "object": "model", "created": 1_700_000_000, "owned_by": "ann"}
        assert json.loads((await ask(stage, "/v1/models/org%2Fa"))[2])["id"] == "org/a"
        assert (await ask(stage, "/v1/models/gone"))[0] == 404
        assert (await ask(stage, "/v1/files"))[0] == 404
        assert (await ask(stage, "/v1/models/asleep", method="DELETE"))[0] == 404
        assert not [one for one in stage.link.got if isinstance(one, Demand)]


async def test_an_endpoints_replicas_get_any_method_on_any_path_below_it() -> None:
    async with relaying() as stage:
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("clip", [copy], hub=HubRoute())))
        await stage.open()
        for method, below, seen in (
            ("POST", "", "/"),
            ("POST", "/", "/"),
            ("POST", "/generate?x=%2F", "/generate?x=%2F"),
            ("GET", "/info", "/info"),
            ("GET", "", "/"),
            ("PUT", "/a%20b", "/a%20b"),
            ("DELETE", "/x", "/x"),
            ("OPTIONS", "/x", "/x"),
            ("GET", "/status-404", "/status-404"),
            ("POST", "/status-429", "/status-429"),
            ("POST", "/v1/status-500", "/v1/status-500"),
        ):
            body = b"raw \xff" if method == "POST" else b""
            status, headers, answer = await ask(stage, f"/ep/stoker/clip{below}", body, method=method, content_type="image/png")
            told = json.loads(answer)
            assert (told["method"], told["target"]) == (method, seen)
            assert told["body"].encode("latin-1") == body
            assert status == (int(seen[-3:]) if "status" in seen else 200)
            assert headers["content-type"] == "application/json"
        status, headers, answer = await ask(stage, "/ep/stoker/clip/x", method="HEAD")
        assert (status, headers["x-own"], answer) == (200, "1", b"")


async def test_what_is_between_client_and_gateway_stays_there() -> None:
    async with relaying() as stage:
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], hub=HubRoute())))
        await stage.open()
        given = {"authorization": "Bearer secret", "x_scale_up_timeout": "9", "x_stoker_adapter": "a", "x_custom": "kept"}
        _, headers, body = await ask(stage, "/ep/stoker/chat", {"inputs": "x"}, **given, accept_encoding="gzip")
        sent = json.loads(body)["headers"]
        assert {"x-custom", "accept-encoding", "content-type", "content-length"} <= set(sent)
        assert not {"authorization", "x-scale-up-timeout", "x-stoker-adapter"} & set(sent)
        assert sent["host"] == "localhost"
        assert headers["x-stoker-component"] == "chat"


async def counted(stage: Stage) -> int:
    return sum(one.invocations for got in stage.link.got if isinstance(got, Counters) for one in got.counts)


async def test_who_asks_for_health_neither_wakes_nor_counts() -> None:
    async with relaying() as stage:
        asleep = part("chat", hub=HubRoute(health_path="/ping"))
        stage.link.publish(of(asleep))
        await stage.open()
        status, headers, body = await ask(stage, "/ep/stoker/chat/ping")
        assert (status, json.loads(body)) == (503, {"error": "503 Service Unavailable", "code": "SERVICE_UNAVAILABLE"})
        assert 0 < int(headers["retry-after"]) <= 60
        assert (await ask(stage, "/ep/stoker/chat/metrics"))[0] == 503
        assert json.loads((await ask(stage, "/ep/stoker/chat/v1/models"))[2])["data"][0]["id"] == "chat"
        assert not [one for one in stage.link.got if isinstance(one, Demand)]
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], hub=HubRoute(health_path="/ping")), version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        for path in ("ping", "metrics"):
            assert json.loads((await ask(stage, f"/ep/stoker/chat/{path}"))[2])["target"] == f"/{path}"
        before = len(stage.link.got)
        assert (await ask(stage, "/ep/stoker/chat/info"))[0] == 200
        await stage.link.counted(lambda counts: counts.invocations > 0)
        assert await counted(stage) == 1
        assert not [one for one in stage.link.got[:before] if isinstance(one, Counters) and any(c.answered for c in one.copies)]
        assert not [one for one in stage.link.got if isinstance(one, Counters) and any(c.no_capacity for c in one.counts)]


async def test_the_gateway_says_that_a_replica_is_there_which_has_no_health_route() -> None:
    async with relaying() as stage:
        stage.link.publish(of(part("chat", hub=HubRoute(health_path=""))))
        await stage.open()
        assert (await ask(stage, "/ep/stoker/chat/health"))[0] == 503
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], hub=HubRoute(health_path="")), version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        status, _, body = await ask(stage, "/ep/stoker/chat/health")
        assert (status, body) == (200, b"Ok")
        assert json.loads((await ask(stage, "/ep/stoker/chat/metrics"))[2])["target"] == "/metrics"


@pytest.mark.parametrize(
    ("preset", "status", "code", "text"),
    [
        ("hf-current", 503, "SERVICE_UNAVAILABLE", "503 Service Unavailable"),
        ("hf-2023", 502, "BAD_GATEWAY", "502 Bad Gateway"),
    ],
)
async def test_a_request_that_may_not_wait_is_refused_as_the_preset_has_it_and_wakes(
    preset: str, status: int, code: str, text: str
) -> None:
    async with relaying() as stage:
        stage.link.publish(of(part("chat", hub=HubRoute(preset=preset))))
        await stage.open()
        for header in ({"x_scale_up_timeout": "0"}, {"x_stoker_at_zero": "refuse"}):
            skip = len(stage.link.got)
            got, headers, body = await ask(stage, "/ep/stoker/chat", {"inputs": "x"}, **header)
            assert (got, json.loads(body)) == (status, {"error": text, "code": code})
            assert 0 < int(headers["retry-after"]) <= 60
            demand = await stage.link.wait(Demand, skip=skip)
            assert isinstance(demand, Demand)
            assert demand.waiting == 1
        got, headers, body = await ask(stage, "/ep/stoker/chat" + CHAT, {"model": "tgi"}, x_stoker_at_zero="refuse")
        assert (got, json.loads(body)["error"]["type"]) == (status, "server_error")


async def test_a_held_request_is_answered_when_a_replica_comes_or_told_to_come_again() -> None:
    async with relaying() as stage:
        stage.link.publish(of(part("chat", hub=HubRoute())))
        await stage.open(SOON)
        held = asyncio.create_task(ask(stage, "/ep/stoker/chat", {"inputs": "x"}, x_scale_up_timeout="600"))
        demand = await stage.link.wait(Demand)
        assert isinstance(demand, Demand)
        await stage.link.counted(lambda counts: counts.held == 1 and counts.pending == 1)
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], hub=HubRoute()), version=2))
        status, headers, _ = await held
        assert (status, headers["x-stoker-cold-start"]) == (200, "true")
        stage.link.publish(of(part("chat", hub=HubRoute()), version=3))
        await stage.until(lambda status: status["table_version"] == 3)
        status, headers, body = await ask(stage, CHAT, {"model": "chat"}, x_stainless_read_timeout="600")
        error = json.loads(body)["error"]
        assert (status, headers["x-should-retry"], headers["retry-after"]) == (503, "true", "1")
        assert (error["code"], error["type"]) == ("service_unavailable", "server_error")
        assert "No capacity came" in error["message"]


async def test_who_asks_for_what_will_never_come_is_told_not_to_ask_again() -> None:
    async with relaying() as stage:
        stage.link.publish(
            of(part("rests", wakeable=False, hub=HubRoute()), part("broken", failure="it crashes", hub=HubRoute()))
        )
        await stage.open()
        for name, text in (("rests", "nothing would bring one"), ("broken", "it crashes")):
            status, headers, body = await ask(stage, CHAT, {"model": name})
            assert (status, headers["x-should-retry"]) == (503, "false")
            assert text in json.loads(body)["error"]["message"]
        assert not [one for one in stage.link.got if isinstance(one, Demand)]


async def test_a_paused_endpoint_says_so_and_is_not_woken() -> None:
    async with relaying() as stage:
        stage.link.publish(of(part("chat", hub=HubRoute(paused=True))))
        await stage.open(SOON)
        told = "Bad Request: The endpoint is paused, ask a maintainer to restart it"
        for target in ("/ep/stoker/chat", "/ep/stoker/chat/health"):
            status, _, body = await ask(stage, target, {"inputs": 1} if target.endswith("chat") else None)
            assert (status, json.loads(body)) == (400, {"error": told, "code": "BAD_REQUEST"})
        status, _, body = await ask(stage, "/ep/stoker/chat" + CHAT, {"model": "x"})
        assert (status, json.loads(body)["error"]["message"]) == (400, told)
        status, _, body = await ask(stage, CHAT, {"model": "chat"})
        assert (status, json.loads(body)["error"]["message"]) == (400, told)
        status, headers, _ = await ask(stage, "/endpoints/chat/invocations", {}, x_amzn_sagemaker_inference_component="chat")
        assert (status, headers["x-amzn-errortype"]) == (400, "ValidationError")
        assert not [one for one in stage.link.got if isinstance(one, Demand)]
        assert not await counted(stage)


async def test_who_may_is_asked_before_anything_wakes() -> None:
    async with relaying({"AKIAROOT": "secret"}) as stage:
        stage.link.publish(of(part("mine", hub=HubRoute()), part("everybodys", hub=OPEN)))
        await stage.open(SOON)
        for given in ({}, {"authorization": "Bearer hf_wrong"}, {"authorization": token(secret="other")}):
            for target, body in (("/ep/stoker/mine", {"inputs": 1}), ("/ep/stoker/mine/health", None), ("/ep/x/gone", {})):
                status, _, answer = await ask(stage, target, body, **given)
                assert (status, json.loads(answer)) == (401, {"error": "401 Unauthorized", "code": "UNAUTHORIZED"})
            for target, sent in ((CHAT, {"model": "mine"}), ("/ep/stoker/mine" + CHAT, {}), ("/v1/models", None)):
                status, _, answer = await ask(stage, target, sent, **given)
                assert (status, json.loads(answer)["error"]["code"]) == (401, "invalid_api_key")
        assert not [one for one in stage.link.got if isinstance(one, Demand)]
        status, _, _ = await ask(stage, "/ep/stoker/everybodys", {"inputs": 1}, x_stoker_at_zero="refuse")
        assert status == 503
        status, _, answer = await ask(stage, "/v1/models", authorization=token())
        assert [one["id"] for one in json.loads(answer)["data"]] == ["everybodys", "mine"]
        status, _, answer = await ask(stage, CHAT, {"model": "mine"}, authorization=token(), x_stoker_at_zero="refuse")
        assert status == 503


async def test_sagemakers_paths_answer_in_awss_words() -> None:
    async with relaying({"AKIAROOT": "secret"}) as stage:
        copy = await stage.copy(mirror)
        stage.link.publish(of(part("chat", [copy], component="llama"), part("asleep")))
        await stage.open(SOON)
        mine = {"authorization": token()}
        base = "/endpoints/chat/openai" + CHAT
        for target in (base, "/endpoints/chat/inference-components/llama/openai" + CHAT):
            status, headers, body = await ask(stage, target, {"model": ""}, **mine)
            assert (status, json.loads(body)["target"], headers["x-stoker-component"]) == (200, CHAT, "llama")
        for target, more, status, code, text in (
            ("/endpoints/gone/openai" + CHAT, {}, 400, "validation_error", "Endpoint gone of account 123456789012 not found."),
            ("/endpoints/chat/inference-components/x/openai" + CHAT, {}, 400, "validation_error", "Could not find"),
            (base, {"x_amzn_sagemaker_inference_component": "llama"}, 400, "validation_error", "not allowed on this path"),
            ("/endpoints/asleep/openai" + CHAT, {"x_stoker_at_zero": "refuse"}, 400, "validation_error", "has no capacity"),
            ("/endpoints/chat/openai/v1/status-400", {}, 424, "model_error", "Received client error (400) from primary"),
        ):
            got, _, body = await ask(stage, target, {"model": "m"}, **mine, **more)
            error = json.loads(body)["error"]
            assert (got, error["code"]) == (status, code)
            assert error["type"] == ("server_error" if code == "model_error" else "invalid_request_error")
            assert text in error["message"]
        status, _, body = await ask(stage, base, {"model": "m"})
        assert (status, json.loads(body)["error"]["code"]) == (401, "missing_authentication_token")


def chunk(text: str) -> bytes:
    return f"{len(text):x}\r\n{text}\r\n".encode()


def streaming(*pieces: str, whole: bool = True) -> Answer:
    async def answer(_: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for piece in pieces:
            writer.write(chunk(piece))
            await writer.drain()
        if whole:
            writer.write(b"0\r\n\r\n")
        else:
            writer.close()

    return answer


async def test_streams_pass_byte_for_byte() -> None:
    async with relaying() as stage:
        copy = await stage.copy(streaming(": hi\n\ndata:{}\n\n", "da", "ta: [DONE]\n\n"))
        stage.link.publish(of(part("chat", [copy], hub=OPEN)))
        await stage.open()
        for target in (CHAT, "/ep/stoker/chat" + CHAT, "/endpoints/chat/openai" + CHAT):
            status, headers, body = await ask(stage, target, {"model": "chat", "stream": True})
            assert (status, headers["content-type"]) == (200, "text/event-stream")
            assert body == b": hi\n\ndata:{}\n\ndata: [DONE]\n\n"


async def test_a_stream_that_breaks_off_ends_in_an_error_or_if_within_an_event_in_a_cut() -> None:
    async with relaying() as stage:
        between = await stage.copy(streaming("data: {}\n\n", whole=False))
        within = await stage.copy(streaming('data: {"a', whole=False))
        stage.link.publish(of(part("between", [between], hub=OPEN), part("within", [within], hub=OPEN)))
        await stage.open()
        for target in (CHAT, "/ep/stoker/between" + CHAT, "/ep/stoker/between/generate", "/endpoints/between/openai" + CHAT):
            _, _, body = await ask(stage, target, {"model": "between", "stream": True})
            first, second = body.split(b"\n\n", 1)
            assert (first, second[:6], second[-2:]) == (b"data: {}", b"data: ", b"\n\n")
            assert json.loads(second[6:])["error"]
        client = await stage.client()
        send(client, CHAT, {"model": "within", "stream": True})
        ended = await client.ended()
        assert b'data: {"a' in ended
        assert not ended.endswith(b"0\r\n\r\n")
        await stage.link.counted(lambda counts: counts.mid_stream_errors > 0)


async def test_a_request_is_pending_until_its_status_and_in_flight_until_its_last_byte() -> None:
    begun, done = asyncio.Event(), asyncio.Event()

    async def slow(_: Ask, writer: asyncio.StreamWriter) -> None:
        await begun.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(chunk("data: 1\n\n"))
        await writer.drain()
        await done.wait()
        writer.write(b"0\r\n\r\n")

    async with relaying() as stage:
        copy = await stage.copy(slow)
        stage.link.publish(of(part("chat", [copy], hub=OPEN)))
        await stage.open()
        asked = asyncio.create_task(ask(stage, CHAT, {"model": "chat", "stream": True}))
        await stage.link.counted(lambda counts: (counts.in_flight, counts.pending) == (1, 1))
        begun.set()
        await stage.link.counted(lambda counts: (counts.in_flight, counts.pending) == (1, 0))
        done.set()
        assert (await asked)[2] == b"data: 1\n\n"
        await stage.until(lambda status: status["in_flight"] == 0)


async def test_several_components_of_an_endpoint_are_told_apart_by_the_body() -> None:
    async with relaying() as stage:
        copy = await stage.copy(mirror)
        (one, llama), (two, alpac) = part("chat", [copy], component="llama", hub=OPEN), part("chat", component="alpac")
        both = replace(one, components=(*one.components, *two.components))
        stage.link.publish(RoutingTable(version=1, endpoints=(both,), workloads=(llama, alpac)))
        await stage.open(SOON)
        for target in ("/ep/stoker/chat" + CHAT, "/endpoints/chat/openai" + CHAT, CHAT):
            status, headers, _ = await ask(stage, target, {"model": "llama"})
            assert (status, headers["x-stoker-component"]) == (200, "llama")
        status, _, body = await ask(stage, "/ep/stoker/chat" + CHAT, {"model": "tgi"})
        assert (status, json.loads(body)["error"]["code"]) == (400, "model_required")
        status, _, body = await ask(stage, CHAT, {"model": "chat"})
        assert status == 404

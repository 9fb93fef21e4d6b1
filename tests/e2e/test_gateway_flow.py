"""An invocation's way through the gateway, over real sockets."""

import asyncio
import json

import pytest

from stoker.config.settings import Gateway
from stoker.domain.states import AtZero
from stoker.link.messages import ColdStartSeen, CopyBroken, Demand
from tests.e2e.gateway_stage import PATH, STREAM_PATH, WORKLOAD, Ask, reply, staged, table


async def test_an_invocation_reaches_a_copy_and_its_reply_comes_back() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table(copy))
        await stage.open()
        status, headers, body = await stage.ask(
            b"hello", content_type="text/x", accept="text/y", x_amzn_sagemaker_custom_attributes="c=1"
        )
        assert (status, body) == (200, b"echo:hello")
        assert headers["x-amzn-invoked-production-variant"] == "main"
        assert len(headers["x-amzn-requestid"]) == 36
        assert headers["content-type"] == "text/plain"
        asked = copy.asks[0]
        assert (asked.method, asked.target) == ("POST", "/invocations")
        assert asked.headers["content-type"] == "text/x"
        assert asked.headers["accept"] == "text/y"
        assert asked.headers["x-amzn-sagemaker-custom-attributes"] == "c=1"
        counts = await stage.link.counted(lambda one: one.invocations == 1 and one.in_flight == 0)
        assert counts.most_in_flight == 1
        assert counts.model_latency.count == 1


async def test_connections_are_kept_on_both_sides() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table(copy))
        await stage.open()
        client = await stage.client()
        for number in range(5):
            client.post(b"%d" % number)
            assert (await client.reply())[2] == b"echo:%d" % number
        assert copy.connections == 1


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table(copy))
        await stage.open()
        client = await stage.client()
        for number in range(12):
            client.post(b"%d" % number)
        assert [(await client.reply())[2] for _ in range(12)] == [b"echo:%d" % number for number in range(12)]


async def test_a_classic_endpoint_takes_no_component() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table(copy))
        await stage.open()
        good = await stage.ask(path="/endpoints/plain/invocations", x_amzn_sagemaker_inference_component="")
        assert good[0] == 200
        status, headers, body = await stage.ask(path="/endpoints/plain/invocations")
        assert (status, headers["x-amzn-errortype"]) == (400, "ValidationError")
        assert "header is not allowed" in json.loads(body)["Message"]


@pytest.mark.parametrize(
    ("path", "component", "text"),
    [
        pytest.param("/endpoints/none/invocations", "llama", "Endpoint none of account 123456789012 not found.", id="endpoint"),
        pytest.param(PATH, "", "Inference Component Name header is required for endpoints", id="component missing"),
        pytest.param(PATH, "bert", 'Could not find inference component "bert".', id="component unknown"),
        pytest.param("/endpoints/-x/invocations", "llama", "Value '-x' at 'endpointName' failed to satisfy", id="bad name"),
    ],
)
async def test_what_is_not_there_is_named(path: str, component: str, text: str) -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        await stage.open()
        status, headers, body = await stage.ask(path=path, x_amzn_sagemaker_inference_component=component)
        assert (status, headers["x-amzn-errortype"]) == (400, "ValidationError")
        assert text in json.loads(body)["Message"]


async def test_at_zero_an_invocation_is_held_demanded_and_answered() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"first")
        demand = await stage.link.wait(Demand)
        assert isinstance(demand, Demand)
        assert (demand.workload, demand.waiting) == ("ic/llama", 1)
        stage.link.publish(table(await stage.copy(), version=2))
        status, headers, body = await client.reply()
        assert (status, body) == (200, b"echo:first")
        assert "hold;dur=" in headers["server-timing"]
        assert "model;dur=" in headers["server-timing"]
        seen = await stage.link.wait(ColdStartSeen)
        assert isinstance(seen, ColdStartSeen)
        assert seen.waited > 0


async def test_demand_is_told_again_while_it_lasts_and_after_the_link_was_away() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.link.wait(Demand)
        await stage.link.stop()
        await stage.until(lambda status: status["link"] == "down")
        before = len(stage.link.got)
        await stage.link.start()
        await stage.link.wait(Demand, skip=before)
        again = len(stage.link.got)
        await stage.link.wait(Demand, skip=again)


async def test_refuse_answers_with_the_documented_text_and_is_counted() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        status, headers, body = await stage.ask(x_stoker_at_zero="refuse")
        assert (status, headers["x-amzn-errortype"]) == (400, "ValidationError")
        assert json.loads(body)["Message"].startswith("Inference Component has no capacity to process this request.")
        await stage.link.counted(lambda one: one.no_capacity == 1)
        stage.link.publish(table(desired=0, version=2, at_zero=AtZero.REFUSE))
        await stage.until(lambda status: status["table_version"] == 2)
        assert (await stage.ask())[0] == 400


async def test_what_nothing_would_wake_is_refused_and_a_failed_workload_says_why() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0, wakeable=False))
        await stage.open()
        assert (await stage.ask())[0] == 400
        stage.link.publish(table(desired=1, version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["held"] == 1)
        stage.link.publish(table(desired=1, version=3, failure="The model's process exited with code 3."))
        status, _, body = await client.reply()
        assert status == 400
        assert "exited with code 3" in json.loads(body)["Message"]


async def test_a_hold_ends_in_time_and_has_room_for_so_many() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0, max_hold=300_000_000))
        await stage.open(Gateway(max_held=1, report_s=0.1))
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["held"] == 1)
        status, headers, _ = await stage.ask()
        assert (status, headers["x-amzn-errortype"]) == (429, "ThrottlingException")
        assert (headers["retry-after"], headers["x-amz-retry-after"]) == ("5", "5000")
        status, headers, body = await client.reply()
        assert (status, headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")
        assert (headers["retry-after"], headers["x-amz-retry-after"]) == ("5", "5000")
        assert "No capacity came within" in json.loads(body)["Message"]


async def test_a_client_that_leaves_leaves_the_queue() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["held"] == 1)
        client.close()
        await stage.until(lambda status: status["held"] == 0)


async def test_that_nobody_waits_any_more_is_told() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.link.wait(Demand, lambda message: isinstance(message, Demand) and message.waiting == 1)
        client.close()
        told = await stage.link.counted(lambda counts: counts.held == 0)
        assert (told.workload, told.in_flight, told.invocations) == (WORKLOAD, 0, 0)


async def test_a_client_that_leaves_frees_the_copy() -> None:
    async def never(_ask: Ask, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with staged() as stage:
        copy = await stage.copy(never)
        stage.link.publish(table(copy))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.until(lambda status: status["in_flight"] == 1)
        client.close()
        await stage.until(lambda status: status["in_flight"] == 0)


async def test_a_retry_gets_the_answer_of_the_work_under_way() -> None:
    async with staged() as stage:
        stage.link.publish(table(desired=0))
        await stage.open()
        first = await stage.client()
        first.post(b"x", amz_sdk_invocation_id="call-1")
        await stage.until(lambda status: status["held"] == 1)
        first.close()
        second = await stage.client()
        second.post(b"x", amz_sdk_invocation_id="call-1")
        third = await stage.client()
        third.post(b"x", amz_sdk_invocation_id="call-1")
        assert await second.ended() == b""
        other = await stage.client()
        other.post(b"not the same", amz_sdk_invocation_id="call-1")
        await stage.until(lambda status: status["held"] == 2)
        copy = await stage.copy()
        stage.link.publish(table(copy, version=2))
        assert (await third.reply())[2] == b"echo:x"
        assert (await other.reply())[2] == b"echo:not the same"
        assert len(copy.asks) == 2


async def test_a_copy_that_does_not_listen_costs_no_invocation() -> None:
    async with staged() as stage:
        dead, alive = await stage.copy(), await stage.copy()
        await dead.stop()
        stage.link.publish(table(dead, alive))
        await stage.open()
        replies = [await stage.ask(b"%d" % number) for number in range(40)]  # by chance, half of them fall on the dead one
        assert [status for status, _, _ in replies] == [200] * 40
        broken = await stage.link.wait(CopyBroken)
        assert isinstance(broken, CopyBroken)
        assert broken.copy_id == dead.path.name


async def test_with_no_copy_left_invocations_wait_for_the_next_table() -> None:
    async with staged() as stage:
        dead = await stage.copy()
        await dead.stop()
        stage.link.publish(table(dead))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        await stage.link.wait(CopyBroken)
        stage.link.publish(table(await stage.copy(), version=2))
        assert (await client.reply())[2] == b"echo:x"


async def test_an_invocation_outwaits_a_control_plane_that_is_slow_to_see_dead_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stoker.gateway.core.BROKEN_S", 0.01)
    async with staged() as stage:
        dead = await stage.copy()
        await dead.stop()
        stage.link.publish(table(dead))
        await stage.open()
        client = await stage.client()
        client.post(b"x")
        async with asyncio.timeout(20):
            while sum(isinstance(message, CopyBroken) for message in stage.link.got) < 12:  # noqa: ASYNC110 - they come by themselves
                await asyncio.sleep(0.01)
        stage.link.publish(table(await stage.copy(), version=2))
        assert (await client.reply())[2] == b"echo:x"


async def test_a_copy_that_dies_of_a_request_is_a_model_error_and_is_not_asked_again() -> None:
    async with staged() as stage:
        one, two = await stage.copy(), await stage.copy()

        async def dies(_ask: Ask, writer: asyncio.StreamWriter) -> None:
            writer.close()

        one.answer = two.answer = dies
        stage.link.publish(table(one, two))
        await stage.open()
        status, headers, body = await stage.ask()
        assert (status, headers["x-amzn-errortype"]) == (424, "ModelError")
        error = json.loads(body)
        assert error["OriginalStatusCode"] == 0
        assert error["LogStreamArn"].endswith("/aws/sagemaker/InferenceComponents/llama")
        assert len(one.asks) + len(two.asks) == 1
        counts = await stage.link.counted(lambda counts: counts.model_errors == 1)
        assert counts.errors_5xx == 1


@pytest.mark.parametrize(("status", "side"), [("500 Oops", "server"), ("422 No", "client"), ("302 Elsewhere", "server")])
async def test_a_failing_model_is_a_model_error(status: str, side: str) -> None:
    async def fails(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"it broke", status))

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(fails)))
        await stage.open()
        code, headers, body = await stage.ask(path=PATH)
        error = json.loads(body)
        assert (code, headers["x-amzn-errortype"]) == (424, "ModelError")
        assert error["OriginalStatusCode"] == int(status[:3])
        assert error["OriginalMessage"] == "it broke"
        assert f'Received {side} error ({status[:3]}) from primary with message "it broke". See https://' in error["Message"]
        code, _, _ = await stage.ask(path=STREAM_PATH)
        assert code == 424


async def test_a_slow_model_times_out() -> None:
    async def never(_ask: Ask, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with staged() as stage:
        stage.link.publish(table(await stage.copy(never), model_timeout=200_000_000))
        await stage.open()
        status, _, body = await stage.ask()
        assert status == 424
        assert "Your invocation timed out while waiting" in json.loads(body)["OriginalMessage"]
        await stage.until(lambda status: status["in_flight"] == 0)

"""What a gateway does for a serverless variant: so many at once, one for each environment, and answers that say what is wrong."""

import asyncio
import json

from msgspec.structs import replace

from stoker.link.messages import Demand, RoutingTable, ServerlessRoute
from tests.e2e.gateway_stage import Ask, Client, Server, Stage, reply, staged, table

PLAIN = "/endpoints/plain/invocations"
LIMIT = 64


def serverless(*copies: Server, version: int = 1, most: int = 2, ended: tuple[str, str] = ("", "")) -> RoutingTable:
    """Give a table where the variant of `plain` is serverless."""
    found = table(*copies, version=version, desired=1, max_hold=300_000_000, slots=1)
    route = ServerlessRoute(most=most, payload_bytes=LIMIT, ended_copy=ended[0] or None, ended_why=ended[1])  # type: ignore[arg-type] # ids are texts
    workloads = tuple(
        replace(one, serverless=route, copies=tuple(replace(copy, exclusive=True) for copy in one.copies))
        for one in found.workloads
    )
    return replace(found, workloads=workloads)


async def posted(stage: Stage, count: int) -> list[Client]:
    """Invoke so many times at once, one after the other seen by the gateway."""
    clients = [await stage.client() for _ in range(count)]
    for number, client in enumerate(clients):
        client.post(b"%d" % number, PLAIN, x_amzn_sagemaker_inference_component="")
    return clients


async def answers(clients: list[Client]) -> list[tuple[int, str, object]]:
    out = []
    for client in clients:
        status, headers, body = await client.reply()
        out.append((status, headers.get("x-amzn-errortype", ""), json.loads(body) if status != 200 else body))
    return sorted(out, key=str)


async def test_more_than_its_most_are_refused_at_once_and_the_others_hear_that_nothing_is_ready() -> None:
    async with staged() as stage:
        stage.link.publish(serverless())
        await stage.open()
        first = await answers(await posted(stage, 5))
        throttled = (400, "ThrottlingException", {"Message": None})
        assert first[:3] == [throttled] * 3
        assert [(status, code) for status, code, _ in first[3:]] == [(429, "ModelNotReadyException")] * 2
        assert isinstance(await stage.link.wait(Demand, lambda told: isinstance(told, Demand) and told.waiting == 2), Demand)
        again = await answers(await posted(stage, 2))
        assert {code for _, code, _ in again} == {"ModelNotReadyException"}, "their places are free again"


async def test_an_environment_works_on_one_and_the_first_free_one_is_taken() -> None:
    async with staged() as stage:
        first, second = await stage.copy(echo), await stage.copy(echo)
        stage.link.publish(serverless(first, second))
        await stage.open()
        for _ in range(6):
            assert [status for status, _, _ in await answers(await posted(stage, 1))] == [200]
        assert (len(first.asks), len(second.asks)) == (6, 0), "the other one may become idle"


async def echo(ask: Ask, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(ask.body))


async def test_bodies_and_answers_have_a_bound_also_when_nobody_knows_their_length() -> None:
    async def chunked(ask: Ask, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - whatever is asked
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"
        writer.write(head + b"28\r\n" + b"x" * 40 + b"\r\n" + b"28\r\n" + b"y" * 40 + b"\r\n0\r\n\r\n")

    async with staged() as stage:
        stage.link.publish(serverless(await stage.copy(chunked)))
        await stage.open()
        client = await stage.client()
        client.post(b"x" * (LIMIT + 1), PLAIN, x_amzn_sagemaker_inference_component="")
        assert [(status, code) for status, code, _ in await answers([client])] == [(413, "RequestEntityTooLargeException")]
        client = await stage.client()
        client.post(b"x", PLAIN, x_amzn_sagemaker_inference_component="")
        told = await client.ended()
        assert b"yyy" not in told, "a reply that grows too large is cut"


async def test_why_an_environment_ended_is_told_with_the_invocation_that_it_took_along() -> None:
    async def dies(ask: Ask, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - whatever is asked
        name = copy.path.name
        stage.link.publish(serverless(version=2, ended=(name, "It went over its memory limit.")))
        writer.close()

    async with staged() as stage:
        copy = await stage.copy(dies)
        stage.link.publish(serverless(copy))
        await stage.open()
        ((status, code, told),) = await answers(await posted(stage, 1))
        assert (status, code) == (424, "ModelError")
        assert "the model process exited. It went over its memory limit." in str(told)

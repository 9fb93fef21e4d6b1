"""Shadow variants at a real gateway: they get copies, and whatever they do, clients notice nothing of it."""

import asyncio

import msgspec
import pytest

from stoker.config.settings import Gateway
from stoker.domain.ids import CopyId, VariantName, WorkloadId
from stoker.link.messages import Address, CopyRoute, Counters, RoutingTable, ShadowRoute, WorkloadRoute
from tests.e2e.gateway_stage import Ask, Server, Stage, echo, reply, staged, table

PLAIN = "/endpoints/plain/invocations"
SHADOW = WorkloadId("variant/plain/shadow")
NO_COMPONENT = {"x_amzn_sagemaker_inference_component": ""}


def shadowed(copy: Server, *shadows: Server, share: float = 1.0, version: int = 1) -> RoutingTable:
    """Give a table whose endpoint `plain` has a shadow variant."""
    plain = table(copy, version=version)
    route = ShadowRoute(name=VariantName("shadow"), workload=SHADOW, share=share)
    copies = tuple(CopyRoute(copy_id=CopyId(s.path.name), address=Address(socket=str(s.path))) for s in shadows)
    return msgspec.structs.replace(
        plain,
        endpoints=tuple(msgspec.structs.replace(e, shadows=(route,)) if e.name == "plain" else e for e in plain.endpoints),
        workloads=(*plain.workloads, WorkloadRoute(workload=SHADOW, copies=copies, desired=len(shadows))),
    )


async def ask(stage: Stage, body: bytes = b"hi") -> tuple[int, bytes]:
    status, _, answer = await stage.ask(body, PLAIN, **NO_COMPONENT)
    return status, answer


async def seen(server: Server, count: int) -> list[bytes]:
    async with asyncio.timeout(10):
        while len(server.asks) < count:  # noqa: ASYNC110 - a tiny server tells nobody what it gets
            await asyncio.sleep(0.005)
    return [a.body for a in server.asks]


async def never(_: Ask, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def broken(_: Ask, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def poor(_: Ask, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(b"no", status="500 Internal Server Error"))


@pytest.mark.parametrize("answer", [echo, poor, broken, never], ids=["well", "badly", "broken", "never"])
async def test_a_shadow_gets_what_its_variant_gets_and_its_answers_are_dropped(answer: object) -> None:
    async with staged() as stage:
        copy, shadow = await stage.copy(), await stage.copy(answer)  # type: ignore[arg-type]
        stage.link.publish(shadowed(copy, shadow))
        await stage.open()
        for number in range(5):
            assert await ask(stage, b"%d" % number) == (200, b"echo:%d" % number)
        assert sorted(await seen(shadow, 5)) == [b"0", b"1", b"2", b"3", b"4"]
        assert [a.target for a in shadow.asks] == [a.target for a in copy.asks]
        assert (await ask(stage, b"last"))[0] == 200


async def test_a_shadow_that_is_not_there_is_left_out() -> None:
    async with staged() as stage:
        copy, gone = await stage.copy(), await stage.copy()
        stage.link.publish(shadowed(copy))
        await stage.open()
        assert await ask(stage) == (200, b"echo:hi")
        await gone.stop()
        stage.link.publish(shadowed(copy, gone, version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        assert await ask(stage) == (200, b"echo:hi")


async def test_a_shadow_gets_its_share() -> None:
    async with staged() as stage:
        copy, shadow = await stage.copy(), await stage.copy()
        stage.link.publish(shadowed(copy, shadow, share=0.5))
        await stage.open()
        client = await stage.client()
        for _ in range(200):
            client.post(b"x", PLAIN, **NO_COMPONENT)
            assert (await client.reply())[0] == 200
        await seen(shadow, 50)
        await stage.until(lambda status: not status["in_flight"])
        assert 60 <= len(shadow.asks) <= 140


async def test_a_shadow_that_takes_too_long_is_given_up_and_counted() -> None:
    async with staged() as stage:
        copy, shadow = await stage.copy(), await stage.copy(never)
        stage.link.publish(shadowed(copy, shadow))
        await stage.open(Gateway(report_s=0.1, model_timeout_s=1.0))
        assert await ask(stage) == (200, b"echo:hi")

        def told() -> int:
            reports = [m for m in stage.link.got if isinstance(m, Counters)]
            return sum(c.model_errors for r in reports for c in r.counts if c.workload == SHADOW)

        async with asyncio.timeout(10):
            while not told():  # noqa: ASYNC110 - the link only keeps what it gets
                await asyncio.sleep(0.01)
        await stage.until(lambda status: not status["in_flight"])


async def test_a_shadows_copy_is_drained_like_any_other() -> None:
    async with staged() as stage:
        copy, shadow = await stage.copy(), await stage.copy()
        stage.link.publish(shadowed(copy, shadow))
        await stage.open()
        assert (await ask(stage))[0] == 200
        await seen(shadow, 1)
        stage.link.publish(shadowed(copy, version=2))
        async with asyncio.timeout(10):
            while not any(getattr(m, "copy_id", "") == shadow.path.name for m in stage.link.got):  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.01)

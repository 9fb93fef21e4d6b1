"""A copy that answers at once, and always wrongly."""

import asyncio

from stoker.link.messages import CopyBroken
from tests.e2e.gateway_stage import Ask, reply, staged, table


async def broken(ask: Ask, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - whatever it is asked
    writer.write(reply(b"no", "500 Internal Server Error"))


async def test_it_is_put_aside_and_the_others_serve() -> None:
    async with staged() as stage:
        bad = await stage.copy(broken)
        good = [await stage.copy() for _ in range(2)]
        stage.link.publish(table(bad, *good))
        await stage.open()
        statuses = [(await stage.ask())[0] for _ in range(120)]
        assert set(statuses) == {200, 424}
        assert statuses.count(424) == len(bad.asks) == 5
        told = await stage.link.wait(CopyBroken)
        assert isinstance(told, CopyBroken)
        assert told.copy_id == bad.path.name


async def test_inputs_that_no_model_takes_put_no_copy_aside() -> None:
    async def picky(ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"no", "500 Internal Server Error") if ask.body == b"poison" else reply(ask.body))

    async with staged() as stage:
        copies = [await stage.copy(picky) for _ in range(3)]
        stage.link.publish(table(*copies))
        await stage.open()
        assert {(await stage.ask(b"poison"))[0] for _ in range(60)} == {424}
        assert all(len(copy.asks) > 5 for copy in copies)
        assert (await stage.ask(b"food"))[0] == 200

"""What waits in the gateway while every copy works on as much as it can."""

import asyncio

import pytest

from stoker.config.settings import Gateway
from stoker.domain.ids import CopyId
from stoker.domain.states import AtZero
from stoker.gateway.copies import RAMP_FROM
from stoker.link.messages import Elsewhere
from tests.e2e.gateway_stage import Ask, Client, Server, reply, staged, table


class Slow:
    """A model that answers when told to; `most` is how many it ever worked on at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.go = asyncio.Semaphore(0)

    async def __call__(self, ask: Ask, writer: asyncio.StreamWriter) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.go.acquire()
        self.now -= 1
        writer.write(reply(ask.body))


async def asked(clients: list[Client]) -> None:
    for number, client in enumerate(clients):
        client.post(b"%d" % number)


def bodies(server: Server) -> list[bytes]:
    return [ask.body for ask in server.asks]


async def test_excess_waits_in_order_for_the_slot_that_is_free_first() -> None:
    async with staged() as stage:
        one, two = Slow(), Slow()
        first, second = await stage.copy(one), await stage.copy(two)
        stage.link.publish(table(first, second, slots=2))
        await stage.open()
        clients = [await stage.client() for _ in range(8)]
        for count, client in enumerate(clients, 1):
            client.post(b"%d" % count)
            await stage.until(lambda status, count=count: status["in_flight"] + status["held"] == count)  # type: ignore[misc]
        status = await stage.status()
        assert (status["in_flight"], status["held"]) == (4, 4)
        for _ in range(4):  # only the second copy gets free: whoever came next goes there
            await asyncio.sleep(0.006)  # longer than a quick answer takes
            two.go.release()
        await stage.until(lambda status: status["held"] == 0)
        assert bodies(second)[-4:] == [b"5", b"6", b"7", b"8"]
        assert len(first.asks) == 2
        for _ in range(4):
            one.go.release()
            two.go.release()
        assert [status for status, _, _ in [await client.reply() for client in clients]] == [200] * 8
        assert (one.most, two.most) == (2, 2)


async def test_one_that_waited_is_told_for_how_long_and_is_no_cold_start() -> None:
    async with staged() as stage:
        model = Slow()
        stage.link.publish(table(await stage.copy(model), slots=1))
        await stage.open()
        before, after = await stage.client(), await stage.client()
        before.post(b"1")
        await stage.until(lambda status: status["in_flight"] == 1)
        after.post(b"2")
        await stage.until(lambda status: status["held"] == 1)
        counts = await stage.link.counted(lambda counts: counts.held == 1)
        assert counts.in_flight == 1
        model.go.release()
        model.go.release()
        assert "server-timing" not in (await before.reply())[1]
        _, headers, body = await after.reply()
        assert body == b"2"
        assert headers["server-timing"].startswith("hold;dur=")
        assert "ColdStartSeen" not in {type(message).__name__ for message in stage.link.got}


@pytest.mark.parametrize("at_zero", list(AtZero))
async def test_waiting_for_a_busy_copy_ends_in_time_and_meets_a_full_queue(at_zero: AtZero) -> None:
    async with staged() as stage:
        model = Slow()
        stage.link.publish(table(await stage.copy(model), slots=1, max_hold=300_000_000, at_zero=at_zero))
        await stage.open(Gateway(max_held=1, report_s=0.1))
        clients = [await stage.client() for _ in range(2)]
        await asked(clients)
        await stage.until(lambda status: (status["in_flight"], status["held"]) == (1, 1))
        status, headers, _ = await stage.ask()
        assert (status, headers["retry-after"]) == (429, "5")
        status, headers, _ = await clients[1].reply()
        assert (status, headers["x-amz-retry-after"]) == (503, "5000")
        model.go.release()
        assert (await clients[0].reply())[0] == 200


async def test_a_client_that_leaves_the_queue_is_not_served() -> None:
    async with staged() as stage:
        model = Slow()
        server = await stage.copy(model)
        stage.link.publish(table(server, slots=1))
        await stage.open()
        clients = [await stage.client() for _ in range(3)]
        await asked(clients)
        await stage.until(lambda status: (status["in_flight"], status["held"]) == (1, 2))
        clients[1].close()
        await stage.until(lambda status: status["held"] == 1)
        for _ in range(2):
            model.go.release()
        await clients[2].reply()
        assert bodies(server) == [b"0", b"2"]


async def test_slots_that_other_gateways_use_are_left_to_them() -> None:
    async with staged() as stage:
        model = Slow()
        server = await stage.copy(model)
        stage.link.publish(table(server, slots=4))
        await stage.open()
        stage.link.tell(Elsewhere(gateways=2, copies={CopyId(server.path.name): 3}))
        stage.link.publish(table(server, slots=4, version=2))
        await stage.until(lambda status: status["table_version"] == 2)
        clients = [await stage.client() for _ in range(4)]
        await asked(clients)
        await stage.until(lambda status: (status["in_flight"], status["held"]) == (2, 2))  # an even part, at least
        stage.link.tell(Elsewhere(gateways=2))
        await stage.until(lambda status: (status["in_flight"], status["held"]) == (4, 0))  # nobody else uses them any more
        for _ in clients:
            model.go.release()
        assert [(await client.reply())[0] for client in clients] == [200] * 4


async def test_a_copy_that_has_just_come_does_not_get_all_that_waited_at_once() -> None:
    async with staged() as stage:
        model = Slow()
        server = await stage.copy(model)
        stage.link.publish(table(desired=1))
        await stage.open()
        clients = [await stage.client() for _ in range(3 * RAMP_FROM)]
        await asked(clients)
        await stage.until(lambda status: status["held"] == len(clients))
        stage.link.publish(table(server, version=2))
        status = await stage.until(lambda status: status["in_flight"] != 0)
        assert status["in_flight"] == RAMP_FROM
        await stage.until(lambda status: status["in_flight"] == len(clients))  # later it does
        for _ in clients:
            model.go.release()
        for client in clients:
            assert (await client.reply())[0] == 200

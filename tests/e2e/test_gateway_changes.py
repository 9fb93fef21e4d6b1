"""The gateway is told what has changed of the routes, rather than all of them."""

import asyncio

from stoker.domain.ids import CopyId, EndpointName
from stoker.link.messages import CopyDrained, Demand, Hello, RoutingChange
from tests.e2e.gateway_stage import WORKLOAD, staged, table


async def test_a_change_brings_copies_to_those_that_wait_and_takes_them_away() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table())
        await stage.open()
        asked = asyncio.ensure_future(stage.ask(b"hello"))
        await stage.link.wait(Demand)
        served = next(each for each in table(copy).workloads if each.workload == WORKLOAD)
        stage.link.publish(RoutingChange(since=1, version=7, workloads=(served,)))
        async with asyncio.timeout(10):
            assert (await asked)[0] == 200
        chat = EndpointName("chat")
        stage.link.publish(RoutingChange(since=7, version=8, gone_endpoints=(chat,), gone_workloads=(WORKLOAD,)))
        drained = await stage.link.wait(CopyDrained)
        assert drained == CopyDrained(copy_id=CopyId(copy.path.name), gateway="g1", table_version=8)
        assert b"Endpoint chat of account 123456789012 not found." in (await stage.ask(b"hello"))[2]


async def test_who_missed_a_change_connects_anew_and_gets_everything() -> None:
    async with staged() as stage:
        copy = await stage.copy()
        stage.link.publish(table())
        await stage.open()
        await stage.link.wait(Hello)
        before = len(stage.link.got)
        stage.link.table = table(copy, version=9)
        stage.link.publish(RoutingChange(since=8, version=9, gone_workloads=(WORKLOAD,)))
        await stage.link.wait(Hello, skip=before)
        async with asyncio.timeout(10):
            assert (await stage.ask(b"hello"))[0] == 200

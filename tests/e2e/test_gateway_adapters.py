"""Adapters at the gateway: their invocations go to the copies of their base, which are told where the adapter's files are."""

import msgspec

from stoker.domain.ids import ComponentName, VariantName
from stoker.link.messages import ComponentRoute, RoutingTable
from tests.e2e.gateway_stage import WORKLOAD, echo, staged, table

FILES = "file:///adapters/pirate"


def with_adapter(plain: RoutingTable) -> RoutingTable:
    pirate = ComponentRoute(name=ComponentName("pirate"), variant=VariantName("main"), workload=WORKLOAD, adapter=FILES)
    first, *others = plain.endpoints
    grown = msgspec.structs.replace(first, components=(*first.components, pirate))
    return msgspec.structs.replace(plain, endpoints=(grown, *others))


async def test_a_copy_is_told_the_adapter_and_nobody_else_can_tell_it() -> None:
    async with staged() as stage:
        copy = await stage.copy(echo)
        stage.link.publish(with_adapter(table(copy)))
        await stage.open()
        for _ in range(3):  # the third time is served of what is remembered
            status, _, body = await stage.ask(
                b"hi", x_amzn_sagemaker_inference_component="pirate", x_stoker_adapter="file:///etc"
            )
            assert (status, body) == (200, b"echo:hi")
        assert [ask.headers["x-stoker-adapter"] for ask in copy.asks] == [FILES] * 3
        assert {ask.headers["x-amzn-sagemaker-inference-component"] for ask in copy.asks} == {"pirate"}
        copy.asks.clear()
        await stage.ask(b"hi", x_stoker_adapter="file:///etc")
        assert [ask.headers.get("x-stoker-adapter") for ask in copy.asks] == [None]

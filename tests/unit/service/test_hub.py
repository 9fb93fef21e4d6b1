"""Hugging Face's endpoints as use cases: what is on disk, what gateways are told, what sleeps on."""

from collections.abc import Sequence

import msgspec
import pytest

from stoker.domain.hub import VARIANT_NAME, HubCompute, HubModel, HubScaling, HubSpec, HubType
from stoker.domain.ids import ComponentName, EndpointName, WorkloadId
from stoker.engine.commands import Write
from stoker.engine.events import DemandSeen, EndpointDeleted, Event, Together, TrafficSeen
from stoker.engine.hub_events import HubPut
from stoker.engine.traffic import WorkloadCounts
from stoker.errors import ConflictError, InvalidParameterError, NotFoundError
from stoker.link.messages import HubRoute
from stoker.service.hub import Hubs
from stoker.service.hub_parts import HubOptions
from stoker.service.hub_view import status_of
from stoker.service.routing import Router
from stoker.service.tags import Tagging
from stoker.testing.desk import KnownImages, LocalDesk, Outcome
from stoker.testing.memory_store import MemoryStore
from stoker.units import MINUTE, SECOND
from tests.unit.wire.huggingface.hub_stage import Named

WORKLOAD = WorkloadId("ic/e1")
SPEC = HubSpec(
    kind=HubType.AUTHENTICATED,
    compute=HubCompute(
        accelerator="cpu", instance_type="intel-spr", instance_size="x1", scaling=HubScaling(least=0, most=2, idle=5 * MINUTE)
    ),
    model=HubModel(repository="org/m", framework="custom"),
    vendor="aws",
    region="r",
)


def hubs(desk: LocalDesk, preset: str = "hf-current") -> Hubs:
    return Hubs(desk, KnownImages("hf/huggingface"), Named(), HubOptions(preset=preset))


async def made(spec: HubSpec = SPEC, *, preset: str = "hf-current") -> tuple[LocalDesk, Hubs]:
    desk = LocalDesk()
    made_by = hubs(desk, preset)
    await made_by.create("stoker", "e1", spec, by="ann")
    return desk, made_by


async def served(desk: LocalDesk, *, invocations: int = 1, in_flight: int = 0) -> None:
    """Have a gateway tell what it counted in the last second."""
    counts = WorkloadCounts(
        endpoint=EndpointName("e1"),
        variant=VARIANT_NAME,
        workload=WORKLOAD,
        invocations=invocations,
        in_flight=in_flight,
        most_in_flight=max(in_flight, min(1, invocations)),
    )
    await desk.submit(TrafficSeen(gateway="g", at=desk.now(), counts=(counts,)))


def state(desk: LocalDesk) -> str:
    return status_of(desk.platform, desk.platform.fleet.hubs[EndpointName("e1")]).state.value


class Counting(MemoryStore):
    """Notes of what kinds each transaction was."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[set[str]] = []

    async def apply(self, writes: Sequence[Write]) -> None:
        self.batches.append({write.kind for write in writes})
        await super().apply(writes)


async def test_what_is_asked_for_survives_a_restart() -> None:
    store = MemoryStore()
    desk = LocalDesk(store=store)
    before = await hubs(desk).create("ann", "e1", SPEC, by="ann")
    await hubs(desk).pause("ann", "e1")
    again = LocalDesk(store=store)
    await again.restore()
    assert hubs(again).get("ann", "e1") == before
    await hubs(again).resume("ann", "e1")
    assert again.platform.fleet.components[ComponentName("ann--e1")].desired_copies == 1
    await hubs(again).delete("ann", "e1")
    third = LocalDesk(store=store)
    await third.restore()
    assert (third.platform.fleet.hubs, third.platform.fleet.configs) == ({}, {})


async def test_what_was_made_before_the_user_had_another_name_can_still_be_deleted() -> None:
    desk, _ = await made()
    renamed = Hubs(desk, KnownImages("hf/huggingface"), Named(), HubOptions(home="ann"))
    assert renamed.get("stoker", "e1").endpoint == "e1"
    with pytest.raises(NotFoundError):
        renamed.get("ann", "e1")
    await renamed.delete("stoker", "e1")
    assert desk.platform.fleet.endpoints == {}


async def test_all_of_it_is_in_one_transaction() -> None:
    store = Counting()
    await hubs(LocalDesk(store=store)).create("stoker", "e1", SPEC, by="ann")
    assert store.batches[0] >= {"hub", "config", "endpoint", "component"}
    assert not any(kinds & {"hub", "config"} for kinds in store.batches[1:])


async def test_gateways_are_told_what_is_special_about_it() -> None:
    desk, these = await made(preset="hf-2023")
    router = Router(desk.platform)
    route = HubRoute(open=False, paused=False, preset="hf-2023", health_path="/ping")
    [endpoint] = router.table(1).endpoints
    assert endpoint.hub == route
    await these.pause("stoker", "e1")
    [endpoint] = router.change(1, 2).endpoints
    assert endpoint.hub == msgspec.structs.replace(route, paused=True)
    await these.resume("stoker", "e1")
    await these.update("stoker", "e1", msgspec.structs.replace(SPEC, kind=HubType.PUBLIC), by="bob")
    [endpoint] = router.change(2, 3).endpoints
    assert endpoint.hub == msgspec.structs.replace(route, open=True)
    tags = {"stoker:policy": "hf-current idle=900s", "stoker:min-copies": "0"}
    await Tagging(desk).change("inference-component", "e1", tags)
    [endpoint] = router.change(3, 4).endpoints
    assert endpoint.hub == msgspec.structs.replace(route, open=True, preset="hf-current")
    await these.delete("stoker", "e1")
    assert router.change(4, 5).gone_endpoints == ("e1",)


async def test_a_step_of_several_calls_is_logged_whole() -> None:
    desk, _ = await made()
    [hub] = desk.platform.fleet.hubs.values()
    event = Together(calls=(HubPut(hub=hub), EndpointDeleted(name=EndpointName("e1"))))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=Event) == event


@pytest.mark.parametrize("least", [0, 1])
async def test_what_was_under_way_does_not_wake_what_was_put_to_sleep(least: int) -> None:
    spec = msgspec.structs.replace(SPEC, compute=msgspec.structs.replace(SPEC.compute, scaling=HubScaling(least=least, most=2)))
    desk, these = await made(spec)
    await served(desk, in_flight=1)
    await these.scale_to_zero("stoker", "e1")
    await served(desk, in_flight=1)  # it runs out on the copy that leaves
    await desk.advance(SECOND)
    await served(desk, invocations=3)
    last = desk.now()
    await desk.advance(5 * MINUTE)
    assert state(desk) == "scaledToZero"
    assert status_of(desk.platform, desk.platform.fleet.hubs[EndpointName("e1")]).used == last
    await desk.submit(DemandSeen(workload=WORKLOAD, waiting=1, at=desk.now(), gateway="g"))
    assert state(desk) == "running"


async def test_nothing_is_paid_for_at_zero() -> None:
    desk, these = await made()
    for stop, start in ((these.scale_to_zero, these.resume), (these.pause, these.resume)):
        assert len(desk.platform.fleet.instances) == 1
        await stop("stoker", "e1")
        await desk.advance(SECOND)
        assert desk.platform.fleet.instances == {}
        await start("stoker", "e1")
    first = desk.started[-1].copy_id
    await desk.crash(first)
    await desk.advance(MINUTE)
    assert state(desk) == "running"
    assert len(desk.platform.fleet.instances) == 1


async def test_one_that_served_and_broke_is_tried_again_at_once_by_resuming_it() -> None:
    desk, these = await made()
    await served(desk)
    desk.play(WORKLOAD, Outcome(failure="exited with status 1"))
    await desk.crash(desk.started[-1].copy_id)
    await desk.advance(20 * SECOND)
    assert state(desk) == "failed"
    desk.play(WORKLOAD, Outcome())
    begun = len(desk.started)
    assert state(desk) == "failed"  # the next attempt is some time away
    await these.resume("stoker", "e1")
    assert (state(desk), len(desk.started)) == ("running", begun + 1)
    with pytest.raises(InvalidParameterError, match="already running"):
        await these.resume("stoker", "e1")


async def test_one_that_is_woken_and_has_no_least_goes_back_to_sleep() -> None:
    desk, these = await made()
    await these.scale_to_zero("stoker", "e1")
    await desk.submit(DemandSeen(workload=WORKLOAD, waiting=1, at=desk.now(), gateway="g"))
    await served(desk)
    await desk.advance(4 * MINUTE)
    assert state(desk) == "running"
    await desk.advance(2 * MINUTE)
    assert state(desk) == "scaledToZero"


async def test_it_is_woken_by_asking_for_more_replicas_at_least() -> None:
    desk, these = await made()
    await these.scale_to_zero("stoker", "e1")
    scaling = msgspec.structs.replace(SPEC.compute.scaling, least=2)
    spec = msgspec.structs.replace(SPEC, compute=msgspec.structs.replace(SPEC.compute, scaling=scaling))
    await these.update("stoker", "e1", spec, by="bob")
    await desk.advance(5 * MINUTE)
    assert desk.platform.fleet.serving(WORKLOAD) == 2


async def test_what_sleeps_shows_that_it_can_run_something_else() -> None:
    desk, these = await made()
    await these.scale_to_zero("stoker", "e1")
    other = msgspec.structs.replace(SPEC, model=msgspec.structs.replace(SPEC.model, task="a"))
    desk.play(WORKLOAD, Outcome(stuck=True))
    await these.update("stoker", "e1", other, by="bob")
    assert state(desk) == "initializing"
    await desk.serve(desk.started[-1].copy_id)
    assert state(desk) == "running"
    await desk.advance(6 * MINUTE)
    assert state(desk) == "scaledToZero"
    await these.update("stoker", "e1", msgspec.structs.replace(other, tags=("x",)), by="bob")
    assert state(desk) == "scaledToZero"  # nothing that runs is another


async def test_what_it_runs_cannot_be_changed_twice_at_once() -> None:
    desk, these = await made()
    desk.play(WORKLOAD, Outcome(stuck=True))
    second = msgspec.structs.replace(SPEC, model=msgspec.structs.replace(SPEC.model, task="a"))
    third = msgspec.structs.replace(SPEC, model=msgspec.structs.replace(SPEC.model, task="b"))
    await these.update("stoker", "e1", second, by="bob")
    assert state(desk) == "updating"
    with pytest.raises(ConflictError, match="being updated"):
        await these.update("stoker", "e1", third, by="bob")
    assert these.get("stoker", "e1").spec == second
    bounds = msgspec.structs.replace(second.compute.scaling, most=5)
    more = msgspec.structs.replace(second, compute=msgspec.structs.replace(second.compute, scaling=bounds))
    await these.update("stoker", "e1", more, by="bob")
    assert desk.platform.fleet.components[ComponentName("e1")].tags["stoker:max-copies"] == "5"


async def test_what_never_came_up_is_replaced_at_once() -> None:
    desk = LocalDesk()
    desk.play(WORKLOAD, Outcome(stuck=True))
    these = hubs(desk)
    await these.create("stoker", "e1", SPEC, by="ann")
    assert state(desk) == "initializing"
    desk.play(WORKLOAD, Outcome())
    await these.update(
        "stoker", "e1", msgspec.structs.replace(SPEC, model=msgspec.structs.replace(SPEC.model, task="a")), by="ann"
    )
    assert state(desk) == "running"


async def test_a_name_is_free_again_when_all_of_it_is_gone() -> None:
    desk, these = await made()
    await these.delete("stoker", "e1")
    await these.create("stoker", "e1", SPEC, by="ann")
    assert state(desk) == "running"
    await served(desk, in_flight=1)


async def test_tags_of_its_owners_own_stay() -> None:
    desk, these = await made()
    await Tagging(desk).change("inference-component", "e1", {"team": "a"})
    await these.update("stoker", "e1", msgspec.structs.replace(SPEC, tags=("x",)), by="bob")
    assert desk.platform.fleet.components[ComponentName("e1")].tags["team"] == "a"


async def test_instances_are_refused_that_the_quota_has_no_room_for() -> None:
    desk = LocalDesk(max_instances=1)
    compute = msgspec.structs.replace(SPEC.compute, scaling=HubScaling(least=2, most=2))
    with pytest.raises(Exception, match=r"instances\.max_total"):
        await hubs(desk).create("stoker", "e1", msgspec.structs.replace(SPEC, compute=compute), by="ann")
    assert desk.platform.fleet.hubs == {}


@pytest.mark.parametrize(
    ("accelerator", "kind", "size", "field"),
    [
        ("tpu", "x", "x1", "compute.accelerator"),
        ("gpu", "intel-spr", "x1", "compute.accelerator"),
        ("cpu", "intel-spr", "x3", "compute.instanceSize"),
        ("cpu", "somebody-elses", "huge", "compute.instanceSize"),
    ],
)
async def test_hardware_that_is_none(accelerator: str, kind: str, size: str, field: str) -> None:
    compute = HubCompute(accelerator=accelerator, instance_type=kind, instance_size=size)
    with pytest.raises(InvalidParameterError) as caught:
        await made(msgspec.structs.replace(SPEC, compute=compute))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("accelerator", "kind", "size", "instance"),
    [
        ("cpu", "c6i", "large", "cpu-x4"),
        ("gpu", "g5.2xlarge", "medium", "gpu-x2"),
        ("gpu", "nvidia-l4", "x4", "nvidia-l4-x4"),
        ("cpu", "local", "x1", "local"),
        ("cpu", "ml.m5.large", "x1", "ml.m5.large"),
    ],
)
async def test_words_of_all_ages_stand_for_hardware(accelerator: str, kind: str, size: str, instance: str) -> None:
    compute = HubCompute(accelerator=accelerator, instance_type=kind, instance_size=size)
    desk, _ = await made(msgspec.structs.replace(SPEC, compute=compute))
    assert [i.instance_type for i in desk.platform.fleet.instances.values()] == [instance]

"""Serverless variants: an environment for each invocation, none for long without, and always what is provisioned."""

import msgspec
import pytest

from stoker.domain.endpoints import Endpoint, EndpointConfig, ProductionVariant, VariantChange, VariantState
from stoker.domain.ids import ConfigName, EndpointName, WorkloadId
from stoker.domain.models import Container
from stoker.domain.serverless import ServerlessConfig, environment_type
from stoker.domain.states import CopyState, EndpointStatus
from stoker.engine.commands import StartCopy
from stoker.engine.events import DemandSeen, EndpointCreated, TrafficSeen, WeightsAndCapacitiesSet
from stoker.engine.traffic import CopyLoad, WorkloadCounts
from stoker.service.routing import routing_table
from tests.unit.engine.world import TYPE, VARIANT, World, check_restored

OWN = WorkloadId("variant/e/v")
NAME = EndpointName("e")
CONTAINER = Container(image="stoker/python")


def state(most: int = 4, provisioned: int = 0, memory_mb: int = 2048) -> VariantState:
    config = ServerlessConfig(memory_mb=memory_mb, max_concurrency=most, provisioned=provisioned)
    spec = ProductionVariant(name=VARIANT, instance_type=environment_type(memory_mb), serverless=config)
    return VariantState(spec=spec, weight=1.0, desired_instances=max(1, provisioned), container=CONTAINER, serverless=config)


def serverless(most: int = 4, provisioned: int = 0, *, fault: str = "") -> World:
    """Give a world with a serverless endpoint that has just been made; environments take 20 s to start."""
    world = World()
    world.provision = 0
    if fault:
        world.faults[OWN] = fault
    endpoint = Endpoint(
        name=NAME,
        config=ConfigName("c"),
        status=EndpointStatus.CREATING,
        variants=(state(most, provisioned),),
        created=world.now,
        modified=world.now,
    )
    world.handle(EndpointCreated(endpoint=endpoint))
    world.seconds(25)
    return world


def demand(world: World, waiting: int, in_flight: int = 0) -> None:
    world.handle(DemandSeen(workload=OWN, waiting=waiting, at=world.now, gateway="g", in_flight=in_flight))


def report(world: World, in_flight: int = 0, *, held: int = 0) -> None:
    """Tell what a gateway has in flight, one on each environment."""
    copies = tuple(CopyLoad(copy_id=c.copy_id, in_flight=1) for c in world.copies(OWN, CopyState.IN_SERVICE)[:in_flight])
    counts = WorkloadCounts(workload=OWN, endpoint=NAME, variant=VARIANT, in_flight=in_flight, held=held)
    told = (counts,) if in_flight or held else ()
    world.handle(TrafficSeen(gateway="g", at=world.now, counts=told, copies=copies))


def test_an_endpoint_shows_that_it_can_start_and_then_goes_to_zero_by_itself() -> None:
    world = serverless()
    assert (world.endpoint_status(), world.serving(OWN)) == (EndpointStatus.IN_SERVICE, 1)
    world.seconds(290)
    assert world.serving(OWN) == 1
    world.seconds(20)
    assert (world.serving(OWN), world.instances(), world.endpoint_status()) == (0, 0, EndpointStatus.IN_SERVICE)
    assert world.platform.next_deadline() is None, "nothing runs, and nothing is to be looked at"
    check_restored(world)


def test_an_endpoint_whose_model_does_not_start_fails() -> None:
    world = serverless(fault="The model server ended.")
    world.seconds(300)
    assert world.endpoint_status() is EndpointStatus.FAILED


def test_each_invocation_gets_an_environment_up_to_the_most() -> None:
    world = serverless(most=3)
    world.seconds(320)
    demand(world, 2)
    assert len(world.copies(OWN)) == 2
    demand(world, 5)
    assert len(world.copies(OWN)) == 3
    assert world.endpoint_status() is EndpointStatus.IN_SERVICE
    world.seconds(25)
    assert world.serving(OWN) == 3


def test_an_environment_has_the_memory_that_was_asked_for_and_works_on_one_invocation() -> None:
    world = serverless()
    (started,) = world.given(StartCopy)
    assert (started.spec.memory_limit_mb, started.spec.cpus) == (2048, 2.0)
    (route,) = routing_table(world.platform, 1).workloads
    assert [(copy.slots, copy.exclusive) for copy in route.copies] == [(1, True)]
    assert route.serverless is not None
    assert (route.serverless.most, route.wakeable, route.failure) == (4, True, "")


def test_environments_that_work_stay_and_the_idle_go_after_their_time() -> None:
    world = serverless()
    demand(world, 3, in_flight=1)
    world.seconds(25)
    assert world.serving(OWN) == 4
    for _ in range(330):
        report(world, 1)
        world.seconds(1)
    assert world.serving(OWN) == 1
    report(world)
    world.seconds(290)
    assert world.serving(OWN) == 1
    world.seconds(30)
    assert world.serving(OWN) == 0


def test_what_is_provisioned_stays() -> None:
    world = serverless(provisioned=2)
    assert (world.endpoint_status(), world.serving(OWN)) == (EndpointStatus.IN_SERVICE, 2)
    world.seconds(1000)
    assert world.serving(OWN) == 2


def test_provisioning_more_is_an_update_until_it_is_there() -> None:
    world = serverless()
    more = ServerlessConfig(memory_mb=2048, max_concurrency=6, provisioned=3)
    change = VariantChange(variant=VARIANT, serverless=more)
    world.handle(WeightsAndCapacitiesSet(name=NAME, changes=(change,)))
    assert (world.endpoint_status(), len(world.copies(OWN))) == (EndpointStatus.UPDATING, 3)
    world.seconds(25)
    assert (world.endpoint_status(), world.serving(OWN)) == (EndpointStatus.IN_SERVICE, 3)
    none = msgspec.structs.replace(more, provisioned=0)
    world.handle(WeightsAndCapacitiesSet(name=NAME, changes=(VariantChange(variant=VARIANT, serverless=none),)))
    world.seconds(400)
    assert (world.endpoint_status(), world.serving(OWN)) == (EndpointStatus.IN_SERVICE, 0)


def test_a_restarted_control_plane_takes_nothing_away_that_may_be_at_work() -> None:
    world = serverless()
    world.seconds(250)
    world.restart()
    world.seconds(200)
    assert world.serving(OWN) == 1, "idle since the start, as far as is known"
    world.seconds(120)
    assert world.serving(OWN) == 0


def test_a_broken_environment_is_replaced_and_the_new_one_goes_when_nobody_needs_it() -> None:
    world = serverless()
    world.crash(world.copies(OWN)[0])
    world.seconds(60)
    assert world.serving(OWN) == 1
    world.seconds(320)
    assert world.serving(OWN) == 0


def test_deleting_takes_all_away() -> None:
    world = serverless(provisioned=2)
    world.delete_endpoint()
    world.seconds(60)
    assert (world.platform.fleet.endpoints, world.instances()) == ({}, 0)


@pytest.mark.parametrize("count", [0, 3])
def test_an_endpoint_that_leaves_serverless_has_the_instances_it_asks_for(count: int) -> None:
    """What invocations need of environments meanwhile is not what the new version needs of instances."""
    from stoker.domain.deployments import BlueGreen  # noqa: PLC0415

    world = serverless(most=8)
    world.seconds(320)
    if count:
        demand(world, count)
        world.seconds(25)
        report(world, count)
    world.update(BlueGreen(), instances=2)
    world.seconds(5)
    if count:
        report(world, count)
        demand(world, 1, in_flight=count)
    world.seconds(200)
    assert (world.endpoint_status(), world.serving(OWN), world.instances()) == (EndpointStatus.IN_SERVICE, 2, 2)
    assert {i.instance_type for i in world.platform.fleet.instances.values()} == {TYPE}


def test_a_kept_configuration_reads_back() -> None:
    config = EndpointConfig(name=ConfigName("c"), variants=(state().spec,), created=1)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(config), type=EndpointConfig) == config

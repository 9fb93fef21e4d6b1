"""What gateways are told: who serves, what may be waited for, what has failed."""

import msgspec

from stoker.domain.ids import ComponentName, EndpointName, WorkloadId
from stoker.domain.states import AtZero
from stoker.link.messages import RoutingTable, WorkloadRoute
from stoker.service.routing import routing_table
from tests.unit.engine.world import World


def workload(world: World, name: str = "ic/ic") -> WorkloadRoute:
    (found,) = (w for w in routing_table(world.platform, 1).workloads if w.workload == name)
    return found


def facts(route: WorkloadRoute) -> tuple[int, int, bool]:
    return len(route.copies), route.desired, route.wakeable


def test_an_endpoint_is_told_of_once_it_is_in_service() -> None:
    world = World()
    assert routing_table(world.platform, 3) == RoutingTable(version=3)
    world.endpoint(managed=None, instances=1, model=True)
    assert routing_table(world.platform, 1).endpoints == ()
    world.seconds(60)
    (route,) = routing_table(world.platform, 1).endpoints
    assert (route.name, [v.workload for v in route.variants]) == ("e", ["variant/e/v"])
    assert facts(workload(world, "variant/e/v")) == (1, 1, False)
    world.delete_endpoint()
    assert routing_table(world.platform, 1) == RoutingTable(version=1)


def test_a_component_at_zero_is_wakeable_only_with_a_scalable_target() -> None:
    world = World()
    world.endpoint()
    world.component()
    assert facts(workload(world)) == (0, 0, False)
    world.target(most=0)
    assert facts(workload(world)) == (0, 0, False)
    world.target(most=2)
    assert facts(workload(world)) == (0, 0, True)


def test_capacity_on_its_way_shows_as_desired_and_copies_only_while_they_serve() -> None:
    world = World()
    world.endpoint()
    world.component(copies=2)
    assert facts(workload(world)) == (0, 2, False)
    world.seconds(60)
    route = workload(world)
    assert facts(route) == (2, 2, False)
    (first, _) = world.copies()
    assert (route.copies[0].copy_id, route.copies[0].address.port) == (first.copy_id, 8080)
    assert [name for name, _ in route.copies[0].phases] == ["created", "placed", "ready"]
    world.sicken(first)
    assert [c.copy_id for c in workload(world).copies] == [c.copy_id for c in world.copies()[1:]]


def test_a_failed_component_tells_its_reason_and_neither_holds_nor_wakes() -> None:
    world = World()
    world.endpoint()
    world.faults[WorkloadId("ic/ic")] = "It exited with code 1."
    world.component(copies=1)
    world.target()
    world.seconds(100)
    route = workload(world)
    assert facts(route) == (0, 0, False)
    assert route.failure.startswith("The copy never answered its health check. It exited with code 1.")


def test_a_component_that_goes_is_no_longer_told_of() -> None:
    world = World()
    world.endpoint()
    world.component("a", copies=1)
    world.component("b")
    world.seconds(60)
    world.delete_component("a")
    table = routing_table(world.platform, 1)
    assert [c.name for c in table.endpoints[0].components] == ["b"]
    assert [w.workload for w in table.workloads] == ["ic/b"]


def test_what_a_component_without_capacity_does_is_passed_on() -> None:
    world = World()
    name = world.endpoint()
    world.component()
    fleet = world.platform.fleet
    fleet.put(msgspec.structs.replace(fleet.components[ComponentName("ic")], at_zero=AtZero.REFUSE))
    fleet.put(msgspec.structs.replace(fleet.endpoints[EndpointName(name)], at_zero=AtZero.HOLD))
    assert workload(world).at_zero is AtZero.REFUSE
    assert routing_table(world.platform, 1).endpoints[0].at_zero is AtZero.HOLD

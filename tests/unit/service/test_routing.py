"""What gateways are told: who serves, what may be waited for, what has failed."""

import msgspec

from stoker.domain.ids import COMPONENT, ENDPOINT, ComponentName, EndpointName, WorkloadId
from stoker.domain.scaling import Dimension, ScalableTarget, TargetKey
from stoker.domain.states import AtZero
from stoker.engine.events import (
    ComponentCreated,
    ComponentDeleted,
    CopyCountSet,
    Event,
    ResourceTagged,
    TargetPut,
    VariantChange,
    WeightsAndCapacitiesSet,
)
from stoker.link.messages import RoutingChange, RoutingTable, WorkloadRoute
from stoker.service.routing import routing_table
from tests.unit.engine.world import VARIANT, World


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
    world.log_tail = 'Traceback:\n File "/a/b.py"\nImportError: no module named handler'
    world.component(copies=1)
    world.target()
    world.seconds(100)
    route = workload(world)
    assert facts(route) == (0, 0, False)
    told = "The copy never answered its health check. It exited with code 1."
    assert route.failure == f"{told} It last wrote: ImportError: no module named handler"
    assert world.failure() == f"{told} Last lines of its log:\n{world.log_tail}"  # tracebacks are not for those who invoke


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


def changed(world: World, event: Event) -> RoutingChange:
    """Give what gateways are told after an event; that it comes to the whole table, the world looks at itself."""
    world.handle(event)
    return world.routed.change


def crowded() -> World:
    world = World()
    world.endpoint(managed=(0, 2), instances=1)
    world.endpoint("other")
    for name in ("a", "b", "c"):
        world.component(name)
    world.seconds(60)
    return world


def test_a_components_change_is_told_of_and_nothing_else() -> None:
    world = crowded()
    change = changed(world, CopyCountSet(name=ComponentName("a"), count=1))
    assert ([w.workload for w in change.workloads], change.endpoints) == (["ic/a"], ())
    key = TargetKey("inference-component/b", Dimension.COPIES)
    target = ScalableTarget(key=key, arn="a", least=0, most=2, created=world.now)
    change = changed(world, TargetPut(target=target))
    assert ([(w.workload, w.wakeable) for w in change.workloads], change.endpoints) == ([("ic/b", True)], ())
    change = changed(world, ComponentDeleted(name=ComponentName("c")))
    assert (change.workloads, change.gone_workloads) == ((), ("ic/c",))
    assert [(e.name, [c.name for c in e.components]) for e in change.endpoints] == [("e", ["a", "b"])]


def test_an_endpoints_change_is_told_of_with_all_that_it_changes() -> None:
    world = crowded()
    tags = {"stoker:policy": "split"}
    change = changed(world, ResourceTagged(kind=ENDPOINT, name="e", tags=tags, at_zero=AtZero.REFUSE))
    assert [(e.name, e.at_zero) for e in change.endpoints] == [("e", AtZero.REFUSE)]
    assert {w.workload for w in change.workloads if w.wakeable} == {"ic/a", "ic/b", "ic/c"}, "they follow demand now"
    weights = WeightsAndCapacitiesSet(name=EndpointName("e"), changes=(VariantChange(variant=VARIANT, weight=3.0),))
    change = changed(world, weights)
    assert ([[v.weight for v in e.variants] for e in change.endpoints], change.workloads) == ([[3.0]], ())
    count = WeightsAndCapacitiesSet(name=EndpointName("e"), changes=(VariantChange(variant=VARIANT, instances=2),))
    assert changed(world, count).empty, "how many instances there are is nothing to gateways"


def test_further_names_are_told_of() -> None:
    world = crowded()
    tags = {"stoker:model-names": "tiny, org/Tiny-7b tiny", "stoker:served-name": " tiny-v2 "}
    (endpoint,) = changed(world, ResourceTagged(kind=COMPONENT, name="a", tags=tags)).endpoints
    assert [(c.name, c.aliases, c.served) for c in endpoint.components] == [
        ("a", ("tiny", "org/Tiny-7b"), "tiny-v2"),
        ("b", (), ""),
        ("c", (), ""),
    ]
    (endpoint,) = changed(world, ResourceTagged(kind=ENDPOINT, name="other", tags={"stoker:model-names": "x"})).endpoints
    assert (endpoint.name, endpoint.aliases, endpoint.served) == ("other", ("x",), "")
    assert endpoint.created == world.platform.fleet.endpoints[EndpointName("other")].created


def test_an_adapter_is_told_of_by_its_endpoint() -> None:
    world = crowded()
    base = world.platform.fleet.components[ComponentName("a")]
    adapter = msgspec.structs.replace(base, name=ComponentName("lora"), base=base.name)
    change = changed(world, ComponentCreated(component=adapter))
    (endpoint,) = change.endpoints
    assert (endpoint.components[-1].name, endpoint.components[-1].workload) == ("lora", "ic/a")
    assert change.workloads == ()

"""What is remembered of a workload goes with it."""

from stoker.domain.deployments import BlueGreen, UpdatePolicy
from stoker.domain.endpoints import ProductionVariant, VariantState
from stoker.domain.ids import ConfigName, EndpointName, VariantName
from stoker.domain.models import Container
from stoker.engine.events import EndpointUpdated
from stoker.engine.starts import START_KIND
from tests.unit.engine.world import TYPE, World


def starts(world: World) -> set[str]:
    return {key for kind, key in world.disk if kind == START_KIND}


def test_a_components_start_times_go_with_it_and_others_stay() -> None:
    world = World()
    world.endpoint()
    for name in ("a", "b"):
        world.component(name, copies=1)
    world.seconds(60)
    assert starts(world) == {"ic/a", "ic/b"}
    world.delete_component("a")
    world.component("c")
    world.seconds(60)
    assert starts(world) == {"ic/b"}
    world.component("a", copies=1)
    world.seconds(60)
    assert starts(world) == {"ic/a", "ic/b"}


def test_a_models_start_times_go_with_its_endpoint() -> None:
    world = World()
    world.endpoint(managed=None, instances=1, model=True)
    world.seconds(60)
    assert starts(world) == {"variant/e/v"}
    world.delete_endpoint()
    world.seconds(60)
    assert starts(world) == set()


def test_a_models_start_times_go_when_an_update_takes_its_variant_away() -> None:
    world = World()
    world.endpoint(managed=None, instances=1, model=True)
    world.seconds(60)
    spec = ProductionVariant(name=VariantName("w"), instance_type=TYPE, initial_instances=1)
    state = VariantState(spec=spec, weight=1.0, desired_instances=1, container=Container(image="stoker/python"))
    policy = UpdatePolicy(plan=BlueGreen())
    world.handle(EndpointUpdated(name=EndpointName("e"), config=ConfigName("c2"), variants=(state,), policy=policy))
    world.seconds(600)
    assert starts(world) == {"variant/e/w"}

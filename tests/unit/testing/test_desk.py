"""The desk of tests: calls come true at once, scripts are kept, time passes deadline by deadline."""

import pytest

from stoker.domain.components import ComputeRequirements, InferenceComponent
from stoker.domain.endpoints import Endpoint, EndpointConfig, ManagedInstanceScaling, ProductionVariant, VariantState
from stoker.domain.ids import ComponentName, ConfigName, EndpointName, VariantName, component_workload
from stoker.domain.models import Container
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus
from stoker.engine.events import ComponentCreated, ConfigCreated, CopyCountSet, EndpointCreated
from stoker.errors import InvalidParameterError
from stoker.testing.desk import KnownImages, LocalDesk, Outcome
from stoker.units import MINUTE, SECOND

NAME, ENDPOINT = ComponentName("c"), EndpointName("e")
WORKLOAD = component_workload(NAME)


async def deployed(desk: LocalDesk, *, copies: int = 1) -> None:
    """An endpoint of one instance that may go to zero, and a component on it."""
    managed = ManagedInstanceScaling(least=0, most=2)
    variant = ProductionVariant(name=VariantName("v"), instance_type="local", managed=managed)
    now = desk.now()
    await desk.submit(ConfigCreated(config=EndpointConfig(name=ConfigName("k"), variants=(variant,), created=now)))
    state = VariantState(spec=variant, weight=1.0, desired_instances=1)
    endpoint = Endpoint(
        name=ENDPOINT,
        config=ConfigName("k"),
        status=EndpointStatus.CREATING,
        variants=(state,),
        created=now,
        modified=now,
    )
    await desk.submit(EndpointCreated(endpoint=endpoint))
    component = InferenceComponent(
        name=NAME,
        endpoint=ENDPOINT,
        variant=VariantName("v"),
        container=Container(image="stoker/python"),
        requirements=ComputeRequirements(least_memory_mb=1024),
        desired_copies=copies,
        status=ComponentStatus.CREATING,
        created=now,
        modified=now,
    )
    await desk.submit(ComponentCreated(component=component))


async def test_what_is_asked_is_there_at_once() -> None:
    desk = LocalDesk()
    await deployed(desk, copies=2)
    fleet = desk.platform.fleet
    assert fleet.endpoints[ENDPOINT].status is EndpointStatus.IN_SERVICE
    assert fleet.components[NAME].status is ComponentStatus.IN_SERVICE
    assert fleet.serving(WORKLOAD) == len(desk.started) == 2


async def test_stuck_copies_wait_for_the_test() -> None:
    desk = LocalDesk()
    desk.play(WORKLOAD, Outcome(stuck=True))
    await deployed(desk)
    assert desk.platform.fleet.serving(WORKLOAD) == 0
    await desk.serve(desk.started[0].copy_id)
    assert desk.platform.fleet.serving(WORKLOAD) == 1


async def test_a_crashed_copy_is_replaced_in_its_time() -> None:
    desk = LocalDesk()
    await deployed(desk)
    desk.clock.advance(MINUTE)
    await desk.crash(desk.started[0].copy_id)
    await desk.advance(MINUTE)
    assert desk.platform.fleet.serving(WORKLOAD) == 1
    assert len(desk.started) == 2


async def test_failures_are_told_with_their_log() -> None:
    desk = LocalDesk()
    desk.play(WORKLOAD, Outcome(failure="It exited with code 1.", log_tail="no module"))
    await deployed(desk)
    await desk.advance(30 * MINUTE)
    component = desk.platform.fleet.components[NAME]
    assert component.status is ComponentStatus.FAILED
    assert "no module" in component.failure


async def test_time_passes_deadline_by_deadline() -> None:
    desk = LocalDesk()
    await deployed(desk)
    begin = desk.now()
    await desk.submit(CopyCountSet(name=NAME, count=0))
    await desk.advance(10 * MINUTE - SECOND)
    assert len(desk.platform.fleet.instances) == 1
    await desk.advance(SECOND)
    assert len(desk.platform.fleet.instances) == 0
    assert desk.now() == begin + 10 * MINUTE


async def test_a_restored_desk_has_everything_but_the_copies_of_before() -> None:
    desk = LocalDesk()
    await deployed(desk)
    again = LocalDesk(store=desk.store, clock=desk.clock)
    await again.restore()
    assert again.platform.fleet.endpoints.keys() == {ENDPOINT}
    copies = again.platform.fleet.copies_of(WORKLOAD)
    assert [copy.state for copy in copies] == [CopyState.IN_SERVICE]
    assert [spec.copy_id for spec in again.started] == [copy.copy_id for copy in copies]


async def test_instances_may_be_kept_back() -> None:
    desk = LocalDesk()
    desk.launches = False
    await deployed(desk)
    assert desk.platform.fleet.endpoints[ENDPOINT].status is EndpointStatus.CREATING


def test_images_are_known_by_globs() -> None:
    KnownImages().check("stoker/python:1")
    KnownImages("*/mine").check("their/mine")
    with pytest.raises(InvalidParameterError, match="'x' is not known here; known are a, b") as caught:
        KnownImages("a", "b").check("x")
    assert caught.value.field == "Image"

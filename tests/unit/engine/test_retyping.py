"""Variants that host components get instances of another type: copies start there first, then the old ones go."""

import pytest

from stoker.domain.ids import WorkloadId
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.commands import StartCopy
from stoker.engine.events import InstanceGone
from stoker.units import HOUR, MINUTE, SECOND, Span
from tests.unit.engine.world import TYPE, World, check_restored, check_settled

SMALL = "ml.test.small"
"""Has room for two of the copies here; the other type for eight."""


def housed(copies: int = 4, *, managed: tuple[int, int] | None = (0, 6), instances: int = 0) -> World:
    world = World()
    world.endpoint(managed=managed, instances=instances)
    world.component(cpus=0.5, memory_mb=512, copies=copies)
    world.run(2 * MINUTE)
    assert world.serving() == copies
    return world


def kinds(world: World) -> list[str]:
    return sorted(instance.instance_type for instance in world.platform.fleet.instances.values())


def least_serving(world: World, span: Span) -> int:
    """Let time pass, and give the fewest copies that served meanwhile."""
    least = world.serving()
    for _ in range(span // SECOND):
        world.run(SECOND)
        least = min(least, world.serving())
    return least


def check_done(world: World, kind: str, instances: int, copies: int = 4) -> None:
    assert (kinds(world), world.serving(), len(world.copies())) == ([kind] * instances, copies, copies)
    assert (world.endpoint_status(), world.status()) == (EndpointStatus.IN_SERVICE, ComponentStatus.IN_SERVICE)
    check_settled(world.platform)
    check_restored(world)
    starts = len(world.given(StartCopy))
    world.run(HOUR)
    assert len(world.given(StartCopy)) == starts


@pytest.mark.parametrize(
    ("managed", "instances", "after"),
    [
        pytest.param((0, 6), 0, 2, id="managed"),
        pytest.param((0, 2), 0, 2, id="at-its-maximum"),
        pytest.param(None, 2, 2, id="fixed"),
    ],
)
def test_no_copy_stops_before_its_successor_serves(managed: tuple[int, int] | None, instances: int, after: int) -> None:
    world = housed(managed=managed, instances=instances)
    assert set(kinds(world)) == {TYPE}
    world.retype(SMALL)
    assert world.endpoint_status() is EndpointStatus.UPDATING
    assert least_serving(world, 3 * MINUTE) == 4
    check_done(world, SMALL, after)


def test_instances_without_copies_are_replaced_at_once() -> None:
    world = housed(0, managed=None, instances=2)
    world.retype(SMALL)
    world.run(MINUTE)
    check_done(world, SMALL, 2, 0)


def test_copies_that_do_not_start_there_leave_the_old_ones_serving_and_are_tried_again_in_time() -> None:
    world = housed()
    world.faults[WorkloadId("ic/ic")] = "broke on this type"
    begun = len(world.given(StartCopy))
    world.retype(SMALL)
    assert least_serving(world, 5 * MINUTE) == 4
    assert 4 <= len(world.given(StartCopy)) - begun <= 4 * 6
    assert TYPE in kinds(world)
    world.faults.clear()
    assert least_serving(world, 4 * MINUTE) == 4
    check_done(world, SMALL, 2)


def test_the_type_may_go_back_on_the_way() -> None:
    world = housed()
    world.retype(SMALL)
    world.run(35 * SECOND)
    world.retype(TYPE)
    assert least_serving(world, 15 * MINUTE) == 4
    check_done(world, TYPE, 1)


@pytest.mark.parametrize("after", [1, 20, 35, 55])
def test_an_old_instance_that_is_lost_on_the_way_takes_no_more_than_its_copies_along(after: int) -> None:
    world = housed()
    world.retype(SMALL)
    world.run(after * SECOND)
    old = [i for i in world.platform.fleet.instances.values() if i.instance_type == TYPE]
    for instance in old:
        world.machines.discard(instance.instance_id)
        world.handle(InstanceGone(instance_id=instance.instance_id, reason="was lost"))
    world.run(15 * MINUTE)
    check_done(world, SMALL, 2)


@pytest.mark.parametrize("after", [1, 20, 35, 55])
def test_a_control_plane_that_starts_anew_goes_on(after: int) -> None:
    world = housed()
    world.retype(SMALL)
    world.run(after * SECOND)
    world.restart()
    assert least_serving(world, 4 * MINUTE) == 4
    check_done(world, SMALL, 2)


def test_more_copies_may_be_wanted_meanwhile_and_fewer() -> None:
    world = housed()
    world.retype(SMALL)
    world.run(10 * SECOND)
    world.count(6)
    world.run(4 * MINUTE)
    check_done(world, SMALL, 3, 6)
    world.retype(TYPE)
    world.run(10 * SECOND)
    world.count(1)
    world.run(30 * MINUTE)
    check_done(world, TYPE, 1, 1)


def test_an_endpoint_is_deleted_in_the_middle() -> None:
    world = housed()
    world.retype(SMALL)
    world.run(35 * SECOND)
    world.delete_endpoint()
    world.run(2 * MINUTE)
    assert (world.platform.fleet.endpoints, world.platform.fleet.instances) == ({}, {})

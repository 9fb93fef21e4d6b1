"""Copies are moved onto fewer instances: one is started elsewhere, takes over, and only then the other is stopped."""

import pytest

from stoker.domain.endpoints import Consolidation
from stoker.domain.instances import Copy
from stoker.domain.states import ComponentStatus, CopyState, InstanceState, PlacementStrategy
from stoker.engine.commands import StartCopy, StopCopy, TerminateInstance
from stoker.engine.events import InstanceGone
from stoker.units import HOUR, MINUTE, SECOND
from tests.unit.engine.world import World, check_restored, check_settled

COOLDOWN = 20 * MINUTE


def scattered(step: int = 1, instances: int = 3, least: int = 0) -> World:
    """Give a fleet of instances with a copy of `ic` on each, where one instance could take them all."""
    world = World()
    world.endpoint(managed=(least, 6), consolidation=Consolidation(step=step, cooldown=COOLDOWN))
    # Something large came and went, and left them on instances of their own.
    world.component("large", cpus=3.0, copies=instances)
    world.seconds(60)
    world.component(cpus=1.0, copies=instances)
    world.seconds(60)
    world.delete_component("large")
    world.seconds(30)
    assert homes(world) == instances
    return world


def homes(world: World) -> int:
    return len({copy.instance_id for copy in world.copies()})


def moving(world: World) -> list[Copy]:
    return [copy for copy in world.copies() if copy.replaces is not None and copy.state is not CopyState.STOPPING]


def test_one_instance_at_a_time_is_emptied_after_a_quiet_time() -> None:
    world = scattered()
    quiet = world.now - 30 * SECOND + world.stop
    world.run(quiet + COOLDOWN - SECOND - world.now)
    assert (world.instances(), moving(world)) == (3, [])
    world.run(SECOND)
    [successor] = moving(world)
    begun = world.now
    assert (len(world.copies()), world.serving(), world.status()) == (4, 3, ComponentStatus.IN_SERVICE)
    world.run(40 * SECOND)
    assert (world.instances(), world.serving(), len(world.copies())) == (2, 3, 3)
    assert [copy.copy_id for copy in world.copies() if copy.copy_id == successor.copy_id]
    assert len(world.given(TerminateInstance, begun)) == 1  # at once, not after the idle time
    world.run(COOLDOWN - MINUTE)
    assert world.instances() == 2
    world.run(2 * MINUTE)
    assert (world.instances(), world.serving()) == (1, 3)
    check_settled(world.platform)
    starts = len(world.given(StartCopy))
    world.run(8 * HOUR)
    assert len(world.given(StartCopy)) == starts


def test_the_successor_serves_before_the_other_is_stopped() -> None:
    world = scattered()
    while not moving(world):
        world.run(MINUTE)
    begun = world.now - MINUTE
    world.run(2 * MINUTE)
    [start] = [at for at, command in world.log if at >= begun and isinstance(command, StartCopy)]
    [stop] = [at for at, command in world.log if at >= begun and isinstance(command, StopCopy)]
    assert stop - start == world.load


def test_the_maximum_step_is_kept() -> None:
    world = scattered(step=2, instances=4)
    world.run(COOLDOWN + 2 * MINUTE)
    assert (world.instances(), world.serving()) == (2, 4)
    world.run(COOLDOWN + 2 * MINUTE)
    assert (world.instances(), world.serving()) == (1, 4)


def test_the_minimum_is_kept() -> None:
    world = scattered(least=2)
    world.run(8 * HOUR)
    assert (world.instances(), world.serving()) == (2, 3)


def test_without_consolidation_nothing_moves() -> None:
    world = World()
    world.endpoint(managed=(0, 6))
    world.component("large", cpus=3.0, copies=2)
    world.seconds(60)
    world.component(cpus=1.0, copies=2)
    world.seconds(60)
    world.delete_component("large")
    world.run(8 * HOUR)
    assert (world.instances(), homes(world)) == (2, 2)


def begun(step: int = 1) -> tuple[World, Copy]:
    """Give a fleet in the middle of a move, and the copy that moves."""
    world = scattered(step)
    while not moving(world):
        world.run(SECOND * 10)
    [successor] = moving(world)
    [copy] = [c for c in world.copies() if c.copy_id == successor.replaces]
    assert successor.state is CopyState.STARTING
    return world, copy


def emptying(world: World) -> int:
    return sum(1 for i in world.platform.fleet.instances.values() if i.emptying)


def test_demand_comes_first() -> None:
    """A copy that fits only where the instance is being emptied calls the move off."""
    world, _ = begun()
    world.component("large", cpus=3.0, copies=2)
    assert (emptying(world), moving(world)) == (0, [])
    world.run(2 * MINUTE)
    assert (world.instances(), world.serving(), world.serving("ic/large")) == (3, 3, 2)


def test_scaling_in_takes_the_successor_along() -> None:
    world, _ = begun()
    world.count(0)
    assert all(copy.state is CopyState.STOPPING for copy in world.copies())
    world.run(20 * MINUTE)
    assert (world.copies(), world.instances()) == ([], 0)


def test_a_copy_that_crashes_while_it_moves_is_not_started_twice() -> None:
    world, copy = begun()
    starts = len(world.given(StartCopy))
    world.crash(copy)
    world.run(MINUTE)
    assert (world.serving(), len(world.given(StartCopy))) == (3, starts)
    assert world.instances() == 2


def test_a_successor_that_fails_ends_the_attempt_and_costs_nothing() -> None:
    world, copy = begun()
    [successor] = moving(world)
    world.crash(successor, "It exited with code 1.")
    assert (emptying(world), world.serving(), len(world.copies())) == (0, 3, 3)
    assert copy in world.copies()
    world.run(COOLDOWN - MINUTE)
    assert (moving(world), world.instances()) == ([], 3)
    world.run(3 * MINUTE)
    assert world.instances() == 2


@pytest.mark.parametrize("target", [True, False])
def test_an_instance_that_is_lost_on_the_way(target: bool) -> None:
    world, copy = begun()
    [successor] = moving(world)
    lost = successor.instance_id if target else copy.instance_id
    assert lost is not None
    for each in world.platform.fleet.copies_on(lost):
        world.held.pop(each.copy_id, None)
    world.machines.discard(lost)
    world.handle(InstanceGone(instance_id=lost, reason="lost"))
    world.run(3 * MINUTE)
    assert (world.serving(), len(world.copies()), emptying(world)) == (3, 3, 0)
    check_settled(world.platform)


def test_a_move_outlives_a_restart_when_its_successor_does() -> None:
    world, _ = begun()
    check_restored(world)
    [successor] = moving(world)
    world.ready.add(successor.copy_id)
    world.restart()
    assert [copy.copy_id for copy in moving(world)] == [successor.copy_id]
    assert emptying(world) == 1


def test_a_move_begins_anew_after_a_restart_when_its_successor_is_gone() -> None:
    world, _ = begun()
    [before] = moving(world)
    world.restart()
    [successor] = moving(world)
    assert successor.copy_id != before.copy_id
    assert (emptying(world), world.serving(), len(world.copies())) == (1, 3, 4)
    world.run(2 * HOUR)
    assert (world.instances(), world.serving()) == (1, 3)


def test_a_packed_component_fills_instances_up() -> None:
    world = World()
    world.endpoint(managed=(2, 4))
    world.component("spread", cpus=1.0, copies=2)
    world.component("packed", cpus=1.0, copies=2, placement=PlacementStrategy.BINPACK)
    world.seconds(90)
    spread, packed = ({c.instance_id for c in world.copies(f"ic/{name}")} for name in ("spread", "packed"))
    assert (len(spread), len(packed)) == (2, 1)
    assert all(i.state is InstanceState.IN_SERVICE for i in world.platform.fleet.instances.values())

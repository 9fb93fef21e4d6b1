"""Endpoints whose variants serve a model of their own: an instance for each copy."""

from stoker.domain.ids import CopyId, EndpointName, InstanceId, WorkloadId
from stoker.domain.states import CopyState, EndpointStatus
from stoker.engine.commands import LaunchInstance, StartCopy, StopCopy
from stoker.engine.events import InstanceGone, RuntimeObserved
from stoker.engine.observations import CopyGone, CopyReady
from tests.unit.engine.world import World, check_restored, check_settled

OWN = "variant/e/v"


def serving(instances: int = 1) -> World:
    world = World()
    world.endpoint(managed=None, instances=instances, model=True)
    world.seconds(60)
    assert world.serving(OWN) == instances
    return world


def test_an_endpoint_is_in_service_once_its_model_answers() -> None:
    world = World()
    world.endpoint(managed=None, instances=2, model=True)
    world.seconds(49)
    assert (world.endpoint_status(), world.instances()) == (EndpointStatus.CREATING, 2)
    world.seconds(1)
    assert (world.endpoint_status(), world.serving(OWN)) == (EndpointStatus.IN_SERVICE, 2)
    check_settled(world.platform)
    check_restored(world)


def test_capacity_goes_up_and_down() -> None:
    world = serving()
    world.capacity(3)
    assert (world.endpoint_status(), world.instances()) == (EndpointStatus.UPDATING, 3)
    world.seconds(60)
    assert (world.endpoint_status(), world.serving(OWN)) == (EndpointStatus.IN_SERVICE, 3)
    world.capacity(1)
    assert (world.endpoint_status(), world.serving(OWN)) == (EndpointStatus.UPDATING, 1)
    world.seconds(5)
    assert (world.endpoint_status(), world.serving(OWN), world.instances()) == (EndpointStatus.IN_SERVICE, 1, 1)
    check_settled(world.platform)


def test_scaling_in_keeps_an_instance_whose_copy_serves() -> None:
    """The copy to stop is the youngest, which after a crash lives on the oldest instance."""
    world = serving(1)
    world.capacity(2)
    world.seconds(60)
    oldest = next(iter(world.platform.fleet.instances))
    (copy,) = world.platform.fleet.copies_on(oldest)
    world.crash(copy)
    world.seconds(30)
    world.capacity(1)
    assert world.serving(OWN) == 1
    world.seconds(60)
    assert (world.serving(OWN), world.instances()) == (1, 1)
    assert len(world.given(StartCopy)) == 3


def test_scaling_in_gives_back_what_is_not_up_yet() -> None:
    world = serving(1)
    world.capacity(3)
    world.seconds(5)
    world.capacity(1)
    world.seconds(60)
    assert (world.serving(OWN), world.instances()) == (1, 1)
    assert world.given(StopCopy) == []


def test_a_model_that_never_comes_up_fails_the_endpoint_and_gives_its_instances_back() -> None:
    world = World()
    world.faults[WorkloadId(OWN)] = "It exited with code 1."
    world.endpoint(managed=None, instances=1, model=True)
    world.seconds(30 + 3 * 20 + 3)
    endpoint = world.platform.fleet.endpoints[EndpointName("e")]
    assert endpoint.status is EndpointStatus.FAILED
    assert endpoint.failure.startswith("The copy never answered its health check. It exited with code 1.")
    assert (len(world.given(StartCopy)), world.instances()) == (3, 0)
    check_settled(world.platform)
    world.delete_endpoint()
    world.seconds(1)
    assert (world.disk, world.platform.reconciler.restarts) == ({}, {})


def test_a_copy_of_a_serving_endpoint_that_crashes_does_not_fail_it() -> None:
    world = serving()
    world.faults[WorkloadId(OWN)] = "It exited with code 1."
    world.crash(world.copies(OWN)[0])
    world.seconds(300)
    assert world.endpoint_status() is EndpointStatus.IN_SERVICE
    starts = len(world.given(StartCopy))
    assert 6 <= starts <= 10
    world.faults.clear()
    world.seconds(100)
    assert world.serving(OWN) == 1


def test_an_instance_that_is_lost_is_replaced_with_its_copy() -> None:
    world = serving(2)
    lost = next(iter(world.platform.fleet.instances))
    (copy,) = world.platform.fleet.copies_on(lost)
    world.handle(InstanceGone(instance_id=lost, reason="lost"))
    assert world.given(StopCopy) == [StopCopy(copy_id=copy.copy_id)]
    assert (world.serving(OWN), world.endpoint_status()) == (1, EndpointStatus.UPDATING)
    world.seconds(60)
    assert (world.serving(OWN), world.endpoint_status(), len(world.given(LaunchInstance))) == (
        2,
        EndpointStatus.IN_SERVICE,
        3,
    )


def test_an_instance_that_nobody_knows_changes_nothing() -> None:
    world = serving()
    assert world.handle(InstanceGone(instance_id=InstanceId("i-x"))) == []


def test_an_unhealthy_copy_waits_for_the_room_of_the_one_it_replaces() -> None:
    world = serving()
    (copy,) = world.copies(OWN)
    world.sicken(copy)
    world.seconds(31)
    assert [c.state for c in world.copies(OWN)] == [CopyState.STOPPING, CopyState.PENDING]
    world.seconds(30)
    assert (world.serving(OWN), world.instances()) == (1, 1)


def test_an_endpoint_is_deleted_while_it_is_made() -> None:
    world = World()
    world.endpoint(managed=None, instances=2, model=True)
    world.delete_endpoint()
    world.seconds(100)
    assert (world.platform.fleet.endpoints, world.disk, world.held, world.machines) == ({}, {}, {}, set())


def test_a_copys_room_is_its_instance_whatever_the_types_size_became() -> None:
    world = serving()
    (instance,) = world.platform.fleet.instances.values()
    assert instance.shape.memory_mb == 8192
    world.disk = {k: v.replace(b"memory_mb\xcd\x20\x00", b"memory_mb\xcd\x10\x00") for k, v in world.disk.items()}
    world.restart(lost=list(world.held))
    assert next(iter(world.platform.fleet.instances.values())).shape.memory_mb == 4096
    world.seconds(30)
    assert world.serving(OWN) == 1


def test_two_crashes_at_once_after_a_minute_of_service_are_both_restarted_at_once() -> None:
    world = serving(2)
    world.seconds(60)
    for copy in world.copies(OWN):
        world.crash(copy)
    assert [c.state for c in world.copies(OWN)] == [CopyState.STARTING] * 2


def test_what_is_told_of_a_copy_that_nobody_knows_is_passed_over_unless_it_runs() -> None:
    world = serving()
    gone = CopyGone(copy_id=CopyId("copy-x"), at=world.now)
    assert world.handle(RuntimeObserved(observation=gone)) == []
    ready = CopyReady(copy_id=CopyId("copy-x"), at=world.now)
    assert world.handle(RuntimeObserved(observation=ready)) == [StopCopy(copy_id=CopyId("copy-x"))]

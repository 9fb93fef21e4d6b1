"""What the engine does with a fleet that lived through a restart of the control plane."""

from stoker.domain.alarms import MetricKey, Statistic
from stoker.domain.ids import CopyId
from stoker.domain.states import ComponentStatus, CopyState
from stoker.engine.commands import LaunchInstance, RoutesChanged, StartCopy, StopCopy, TerminateInstance
from stoker.engine.observations import CopyReady
from stoker.units import HOUR, SECOND
from tests.unit.engine.world import World, check_restored, check_settled, facts


def hosting(copies: int) -> World:
    world = World()
    world.endpoint()
    world.component(copies=copies)
    world.seconds(60)
    return world


def test_copies_that_run_are_adopted_and_none_is_restarted() -> None:
    world = hosting(3)
    before = facts(world.platform)
    commands = world.restart()
    assert facts(world.platform) == before
    assert commands == [RoutesChanged()]
    world.seconds(30)
    assert (len(world.given(StartCopy)), len(world.given(LaunchInstance)), world.serving()) == (3, 1, 3)


def test_copies_that_are_gone_are_replaced_at_once() -> None:
    world = hosting(3)
    lost = world.copies()[0].copy_id
    commands = world.restart(lost=[lost])
    assert [c.spec.workload for c in commands if isinstance(c, StartCopy)] == ["ic/ic"]
    assert world.serving() == 2
    world.seconds(30)
    assert world.serving() == 3
    check_settled(world.platform)


def test_strangers_are_stopped() -> None:
    world = hosting(1)
    commands = world.restart(strangers=[CopyId("copy-stranger")])
    assert [c for c in commands if isinstance(c, StopCopy)] == [StopCopy(copy_id=CopyId("copy-stranger"))]
    world.seconds(5)
    assert len(world.held) == 1


def test_a_copy_that_was_starting_is_begun_anew_without_counting_as_broken() -> None:
    world = World()
    world.endpoint()
    world.component(copies=1)
    world.seconds(30)
    for _ in range(5):
        world.seconds(10)
        assert world.copies(state=CopyState.STARTING)
        world.restart()
    world.seconds(60)
    assert (world.serving(), world.status(), world.failure()) == (1, ComponentStatus.IN_SERVICE, "")


def test_an_instance_on_its_way_is_asked_for_again() -> None:
    world = World()
    world.endpoint()
    world.component(copies=1)
    world.seconds(5)
    commands = world.restart()
    assert [c.instance.instance_id for c in commands if isinstance(c, LaunchInstance)] == list(world.platform.fleet.instances)
    world.seconds(60)
    assert (world.serving(), world.instances()) == (1, 1)


def test_what_was_being_stopped_goes_on_being_stopped() -> None:
    world = hosting(2)
    world.stop = 100 * SECOND
    world.delete_endpoint()
    world.seconds(1)
    commands = world.restart()
    assert sum(isinstance(c, StopCopy) for c in commands) == 2
    world.seconds(101)
    assert (world.platform.fleet.endpoints, world.instances(), world.held) == ({}, 0, {})


def test_an_instance_that_lost_its_last_copy_while_it_was_given_back_goes_once() -> None:
    world = hosting(1)
    world.stop = 100 * SECOND
    world.delete_endpoint()
    world.seconds(1)
    commands = world.restart(lost=[c.copy_id for c in world.copies()])
    assert sum(isinstance(c, TerminateInstance) for c in commands) == 1
    world.seconds(1)
    assert not world.platform.fleet.endpoints


def test_the_idle_time_of_an_instance_goes_on() -> None:
    world = hosting(1)
    world.count(0)
    world.seconds(2 + 400)
    world.restart()
    world.seconds(199)
    assert world.instances() == 1
    world.seconds(1)
    assert world.instances() == 0


def test_a_copy_that_was_unhealthy_is_still_replaced_if_it_does_not_get_well() -> None:
    world = hosting(1)
    (sick,) = world.copies()
    world.sicken(sick)
    world.restart()
    world.seconds(29)
    assert not world.given(StopCopy)
    world.seconds(40)
    assert (world.serving(), sick.copy_id in world.held) == (1, False)


def test_a_copy_that_was_unhealthy_and_is_adopted_well_stays() -> None:
    world = hosting(1)
    (copy,) = world.copies()
    world.sicken(copy)
    world.restart()
    world.observe(CopyReady(copy_id=copy.copy_id, at=world.now, port=1, adopted=True))
    world.seconds(60)
    assert [c.copy_id for c in world.copies(state=CopyState.IN_SERVICE)] == [copy.copy_id]


def test_the_order_of_age_lives_through_a_restart() -> None:
    """The disk gives its records in no particular order."""
    world = World()
    world.endpoint(managed=(0, 9))
    for number in range(5):
        world.component(f"c{number}", copies=1)
        world.seconds(1)
    world.seconds(100)
    world.restart()
    fleet = world.platform.fleet
    assert [c.name for c in fleet.components_on(next(iter(fleet.endpoints)))] == [f"c{n}" for n in range(5)]
    assert [i.created for i in fleet.instances.values()] == sorted(i.created for i in fleet.instances.values())


def test_the_time_before_the_restart_gets_no_metrics() -> None:
    world = hosting(1)
    world.seconds(3600)
    world.restart()
    began = world.now - world.now % (10 * SECOND)
    world.seconds(65)
    key = MetricKey(namespace="AWS/SageMaker", name="ConcurrentRequestsPerCopy", dimensions=(("InferenceComponentName", "ic"),))
    points = world.platform.book.datapoints(key, Statistic.AVERAGE, 10 * SECOND, began - HOUR, world.now)
    assert [p.start for p in points] == [began + n * 10 * SECOND for n in range(6)]
    check_restored(world)

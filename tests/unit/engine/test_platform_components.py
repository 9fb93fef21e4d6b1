"""Endpoints that host components, from zero to zero and through every fault, on virtual time."""

import itertools

import msgspec
import pytest

from stoker.decisions.placement import NO_ROOM
from stoker.decisions.scaling.target_tracking import ScalingOptions, tracking_alarms
from stoker.domain.ids import ComponentName, EndpointName, VariantName, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.scaling import Dimension, PredefinedMetric, ScalingPolicy, TargetKey, TargetTracking
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus
from stoker.engine.commands import LaunchInstance, RoutesChanged, StartCopy, StopCopy, TerminateInstance
from stoker.engine.events import DemandSeen, PolicyPut, TrafficSeen
from stoker.engine.observations import CopyReady
from stoker.engine.traffic import WorkloadCounts
from stoker.units import MINUTE, SECOND
from tests.unit.engine.world import World, check_restored, check_settled

IC = WorkloadId("ic/ic")


def hosting(copies: int = 0, *, managed: tuple[int, int] | None = (0, 2), instances: int = 0) -> World:
    world = World()
    world.endpoint(managed=managed, instances=instances)
    world.component(copies=copies)
    world.seconds(60)
    return world


def report(world: World, in_flight: int) -> None:
    counts = WorkloadCounts(
        workload=IC,
        endpoint=EndpointName("e"),
        variant=VariantName("v"),
        invocations=in_flight,
        in_flight=in_flight,
        most_in_flight=in_flight,
    )
    world.handle(TrafficSeen(gateway="g", at=world.now, counts=(counts,)))


def track(world: World, value: float = 5.0) -> None:
    key = TargetKey("inference-component/ic", Dimension.COPIES)
    config = TargetTracking(target_value=value, metric=PredefinedMetric.COMPONENT_CONCURRENCY)
    policy = ScalingPolicy(name="tt", target=key, arn="arn:p", created=world.now, config=config)
    alarms = tracking_alarms(policy, world.ids, ScalingOptions(), world.now)
    world.handle(PolicyPut(policy=msgspec.structs.replace(policy, alarms=tuple(a.name for a in alarms)), alarms=alarms))


def test_from_zero_to_load_and_back_to_zero() -> None:
    world = hosting()
    world.target(least=0, most=4)
    track(world)
    world.seconds(700)
    assert (world.endpoint_status(), world.status(), world.instances()) == (
        EndpointStatus.IN_SERVICE,
        ComponentStatus.IN_SERVICE,
        0,
    )
    world.handle(DemandSeen(workload=IC, waiting=3, at=world.now, gateway="g"))
    assert (world.instances(), len(world.copies()), world.endpoint_status()) == (1, 1, EndpointStatus.UPDATING)
    assert world.status() is ComponentStatus.UPDATING
    world.seconds(50)
    assert (world.serving(), world.status(), world.endpoint_status()) == (
        1,
        ComponentStatus.IN_SERVICE,
        EndpointStatus.IN_SERVICE,
    )
    for _ in range(90):
        report(world, 24)
        world.seconds(1)
    assert world.serving() == 4
    report(world, 0)
    idle_since = world.now
    world.seconds(14 * 60)
    assert world.serving() == 4
    world.seconds(2 * 60)
    assert (world.serving(), world.status(), world.endpoint_status()) == (
        0,
        ComponentStatus.IN_SERVICE,
        EndpointStatus.IN_SERVICE,
    )
    stopped = max(at for at, c in world.log if isinstance(c, StopCopy))
    assert 15 * MINUTE <= stopped - idle_since <= 16 * MINUTE
    released = stopped + world.stop + 10 * MINUTE
    world.run(released - world.now - SECOND)
    assert world.instances() == 1
    world.seconds(2)
    assert (world.instances(), world.endpoint_status()) == (0, EndpointStatus.IN_SERVICE)
    check_settled(world.platform)
    check_restored(world)


@pytest.mark.parametrize(("managed", "left"), [((0, 2), 0), ((1, 2), 1)], ids=["to zero", "to the minimum"])
def test_idle_instances_go_after_ten_minutes_down_to_the_minimum(managed: tuple[int, int], left: int) -> None:
    world = hosting(8, managed=managed, instances=managed[0])
    assert (world.serving(), world.instances()) == (8, 2)
    world.count(0)
    world.seconds(2 + 599)
    assert world.instances() == 2
    world.seconds(1)
    assert world.instances() == left
    check_settled(world.platform)


def test_an_instance_that_gets_a_copy_in_time_stays() -> None:
    world = hosting(1)
    world.count(0)
    world.seconds(500)
    world.count(1)
    world.seconds(500)
    assert (world.serving(), world.instances(), len(world.given(LaunchInstance))) == (1, 1, 1)


def test_instances_reach_zero_only_when_all_components_are_at_zero() -> None:
    world = hosting(1)
    world.component("other", copies=1)
    world.seconds(60)
    world.count(0)
    world.seconds(1200)
    assert world.instances() == 1
    world.count(0, "other")
    world.seconds(603)
    assert world.instances() == 0


def test_a_model_that_never_comes_up_fails_after_three_attempts_and_quotes_its_log() -> None:
    world = World()
    world.endpoint()
    world.faults[IC] = "It exited with code 1."
    world.log_tail = "line one\nImportError: no module named handler"
    world.component(copies=1)
    world.seconds(30 + 3 * 20 + 5)
    assert world.status() is ComponentStatus.FAILED
    assert world.failure() == (
        "The copy never answered its health check. It exited with code 1. Last lines of its log:\n"
        "line one\nImportError: no module named handler"
    )
    assert len(world.given(StartCopy)) == 3
    world.seconds(700)
    assert (len(world.given(StartCopy)), world.instances()) == (3, 0)
    check_settled(world.platform)
    world.faults.clear()
    world.count(2)
    assert (world.status(), world.failure()) == (ComponentStatus.UPDATING, "")
    world.seconds(60)
    assert (world.status(), world.serving()) == (ComponentStatus.IN_SERVICE, 2)


def test_a_copy_that_crashes_is_started_again_at_once_then_later_and_later() -> None:
    world = hosting(1)
    waits = []
    for _ in range(5):
        crashed = world.now
        world.crash(world.copies()[0])
        while not world.given(StartCopy, crashed):
            world.seconds(0.5)
        waits.append((world.now - crashed) / SECOND)
        assert world.status() is ComponentStatus.IN_SERVICE
        world.seconds(20)
        assert (world.serving(), world.failure()) == (1, "")
        world.seconds(1)
    # The first had served for a while: its restart begins the count.
    assert waits == [0, 1, 2, 4, 8]
    world.seconds(60)
    crashed = world.now
    world.crash(world.copies()[0])
    assert len(world.given(StartCopy, crashed)) == 1


def test_a_restart_is_not_put_off_by_an_instance_that_idles() -> None:
    world = hosting(5)
    world.count(3)
    world.seconds(5)
    assert {world.platform.fleet.crowd(i) for i in world.platform.fleet.instances} == {0, 3}  # one idles for ten minutes
    world.crash(world.copies()[0])
    again = world.copies(state=CopyState.STARTING)
    assert len(again) == 1
    world.crash(again[0])
    assert world.copies(state=CopyState.STARTING) == []
    world.seconds(1)
    assert len(world.copies(state=CopyState.STARTING)) == 1


def test_copies_that_break_together_are_all_started_again_at_once() -> None:
    world = hosting(4)
    for copy in world.copies():
        world.crash(copy)
    assert len(world.copies(state=CopyState.STARTING)) == 4


def test_an_instance_that_is_refused_is_explained_and_asked_for_again_after_ten_seconds() -> None:
    world = World()
    world.refusal = NO_ROOM
    world.endpoint()
    world.component(copies=1)
    world.seconds(1)
    assert (world.failure(), world.status()) == (NO_ROOM, ComponentStatus.CREATING)
    world.seconds(30)
    asked = [at for at, c in world.log if isinstance(c, LaunchInstance)]
    assert [b - a for a, b in itertools.pairwise(asked)] == [10 * SECOND] * 3
    world.refusal = ""
    world.seconds(70)
    assert (world.serving(), world.failure(), world.status()) == (1, "", ComponentStatus.IN_SERVICE)
    assert not world.platform.reconciler.relaunch_after
    check_settled(world.platform)


def test_a_refused_instance_is_forgotten_when_nothing_needs_it_any_more() -> None:
    world = hosting()
    world.refusal = NO_ROOM
    world.count(1)
    world.seconds(5)
    world.count(0)
    world.seconds(60)
    assert len(world.given(LaunchInstance)) == 1
    assert (world.endpoint_status(), world.failure()) == (EndpointStatus.IN_SERVICE, "")
    check_settled(world.platform)


def test_an_endpoint_whose_first_instance_is_refused_says_so_until_it_has_it() -> None:
    world = World()
    world.refusal = "no such thing"
    world.endpoint(instances=1)
    world.seconds(15)
    endpoint = world.platform.fleet.endpoints[EndpointName("e")]
    assert (endpoint.status, endpoint.failure) == (EndpointStatus.CREATING, "no such thing")
    world.refusal = ""
    world.seconds(50)
    endpoint = world.platform.fleet.endpoints[EndpointName("e")]
    assert (endpoint.status, endpoint.failure) == (EndpointStatus.IN_SERVICE, "")


def test_a_requirement_beyond_the_instance_type_is_told_and_launches_nothing() -> None:
    world = World()
    world.endpoint()
    world.component(copies=1, memory_mb=10_000)
    world.seconds(100)
    why = (
        "No instance of type ml.test.large can hold a copy: it asks for 1 CPUs, 0 accelerators and 10000 MB, and an instance has"
    )
    assert world.failure().startswith(f"{NO_ROOM} {why} ")
    assert (world.status(), world.instances()) == (ComponentStatus.CREATING, 0)
    assert world.endpoint_status() is EndpointStatus.IN_SERVICE


def test_an_instance_beyond_what_all_may_have_is_told_with_figures() -> None:
    world = World(budget=InstanceShape(cpus=1e6, memory_mb=8000, accelerators=1e6))
    world.endpoint()
    world.component(copies=1)
    world.seconds(20)
    why = "One instance of type ml.test.large alone has 8192 MB, and all that there are may have 8000 together."
    assert world.failure() == f"{NO_ROOM} {why}"
    assert world.platform.fleet.endpoints[EndpointName("e")].failure == world.failure()


def test_copies_beyond_the_maximum_of_instances_wait_and_say_so() -> None:
    world = hosting(9)
    assert (world.serving(), world.instances(), world.failure()) == (8, 2, NO_ROOM)
    assert world.status() is ComponentStatus.CREATING
    world.count(8)
    assert (world.failure(), world.status()) == ("", ComponentStatus.IN_SERVICE)


def test_copies_of_two_sizes_share_the_fewest_instances_that_take_them() -> None:
    world = World()
    world.refusal = NO_ROOM
    world.endpoint(managed=(0, 2))
    world.component("small", copies=3, cpus=1.0, memory_mb=128)
    world.component("large", copies=1, cpus=3.0, memory_mb=128)
    world.component("half", copies=1, cpus=2.0, memory_mb=128)
    world.refusal = ""
    world.seconds(120)
    assert [world.serving(f"ic/{name}") for name in ("small", "large", "half")] == [3, 1, 1]


def test_the_installations_limit_on_instances_holds_and_is_tried_again() -> None:
    world = World(max_instances=1, idle_release=5 * SECOND)
    world.endpoint("a")
    world.component("a", endpoint="a", copies=1)
    world.seconds(60)
    world.endpoint("b")
    world.component("b", endpoint="b", copies=1)
    world.seconds(60)
    assert (world.serving("ic/b"), world.failure("b")) == (0, NO_ROOM)
    endpoints = world.platform.fleet.endpoints
    assert endpoints[EndpointName("b")].failure == "The limit of 1 instances of this installation is reached."
    world.count(0, "a")
    world.seconds(2 + 5 + 10 + 50)
    assert (world.serving("ic/b"), world.failure("b")) == (1, "")
    assert endpoints[EndpointName("b")].failure == ""


def test_an_unhealthy_copy_leaves_the_routes_at_once_and_is_replaced_after_thirty_seconds() -> None:
    world = hosting(1)
    (copy,) = world.copies()
    commands = world.sicken(copy)
    assert any(isinstance(c, RoutesChanged) for c in commands)
    assert world.serving() == 0
    world.seconds(29)
    assert not world.given(StopCopy)
    world.seconds(1)
    assert world.given(StopCopy) == [StopCopy(copy_id=copy.copy_id)]
    world.seconds(30)
    assert (world.serving(), copy.copy_id in world.held) == (1, False)


def test_an_unhealthy_copy_that_gets_well_stays() -> None:
    world = hosting(1)
    (copy,) = world.copies()
    world.sicken(copy)
    world.seconds(20)
    world.observe(CopyReady(copy_id=copy.copy_id, at=world.now, port=8080))
    world.seconds(60)
    assert (world.copies()[0].copy_id, world.serving()) == (copy.copy_id, 1)
    assert [name for name, _ in world.copies()[0].phases].count("ready") == 1


def test_deleting_a_component_while_it_starts_stops_its_copies_first() -> None:
    world = World()
    world.endpoint()
    world.component(copies=2)
    world.seconds(35)
    world.delete_component()
    assert world.status() is ComponentStatus.DELETING
    world.count(3)
    assert world.status() is ComponentStatus.DELETING
    world.seconds(3)
    assert (world.platform.fleet.components, world.platform.fleet.copies, world.held) == ({}, {}, {})
    world.seconds(600)
    assert world.instances() == 0
    check_restored(world)


def test_deleting_a_component_without_instances_is_done_at_once() -> None:
    world = World()
    world.endpoint()
    world.component(copies=2)
    world.delete_component()
    assert not world.platform.fleet.components
    world.seconds(700)
    assert world.instances() == 0


def test_deleting_an_endpoint_leaves_its_components_on_record_without_copies() -> None:
    world = hosting(2)
    world.delete_endpoint()
    assert world.endpoint_status() is EndpointStatus.DELETING
    world.seconds(3)
    assert (world.platform.fleet.endpoints, world.instances(), world.held) == ({}, 0, {})
    assert (world.status(), world.copies()) == (ComponentStatus.IN_SERVICE, [])
    assert len(world.given(TerminateInstance)) == 1
    world.count(3)
    assert world.status() is ComponentStatus.IN_SERVICE
    world.delete_component()
    assert not world.platform.fleet.components


def test_demand_for_a_component_whose_endpoint_is_gone_changes_nothing() -> None:
    world = hosting(0)
    world.target(least=0, most=4)
    world.delete_endpoint()
    world.seconds(1)
    world.handle(DemandSeen(workload=IC, waiting=1, at=world.now))
    assert world.platform.fleet.components[ComponentName("ic")].desired_copies == 0
    assert world.platform.capacities.capacity(TargetKey("inference-component/ic", Dimension.COPIES)) is None


def test_scaling_in_frees_an_instance_rather_than_thinning_both() -> None:
    world = hosting(5)
    fleet = world.platform.fleet
    crowds = {i: fleet.crowd(i) for i in fleet.instances}
    lone = min(crowds, key=lambda i: crowds[i])
    world.count(5 - crowds[lone])
    world.seconds(5)
    assert fleet.crowd(lone) == 0


def test_scaling_in_takes_copies_that_serve_nobody_yet() -> None:
    world = hosting(2)
    serving = {c.copy_id for c in world.copies()}
    world.count(4)
    world.count(2)
    world.seconds(5)
    assert {c.copy_id for c in world.copies()} == serving
    assert world.serving() == 2


def test_nothing_is_remembered_of_what_is_gone() -> None:
    world = World()
    for number in range(20):
        name = f"c{number}"
        world.endpoint("e")
        world.faults[WorkloadId(f"ic/{name}")] = "It exited with code 1."
        world.component(name, copies=1)
        world.component(f"huge{number}", copies=1, memory_mb=100_000)
        counts = WorkloadCounts(workload=WorkloadId(f"ic/{name}"), endpoint=EndpointName("e"), variant=VariantName("v"))
        world.seconds(55)
        world.handle(TrafficSeen(gateway="g", at=world.now, counts=(counts,)))
        world.delete_component(name)
        world.delete_component(f"huge{number}")
        world.handle(TrafficSeen(gateway="g", at=world.now, counts=(counts,)))
        world.refusal = "no"
        world.component("waits", copies=9)
        world.delete_component("waits")
        world.delete_endpoint("e")
        world.refusal = ""
        world.seconds(80)
        world.handle(TrafficSeen(gateway="g", at=world.now, counts=(counts,)))
    assert world.disk == {}
    platform = world.platform
    remembered = (platform.reconciler.blocked, platform.reconciler.restarts, platform.reconciler.relaunch_after)
    assert remembered == ({}, {}, {})
    assert platform.metering.totals == {}
    assert platform.next_deadline() is None

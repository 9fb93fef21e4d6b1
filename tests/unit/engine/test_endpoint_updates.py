"""Updates of endpoints that serve models of their own: blue/green in each of its forms, rolling, and the way back from each."""

import msgspec
import pytest

from stoker.domain.alarms import Alarm, Comparison, MetricKey, MissingData, Statistic
from stoker.domain.deployments import BlueGreen, CapacitySize, Plan, Rolling, Shift, SizeKind, Stage
from stoker.domain.endpoints import Endpoint
from stoker.domain.ids import AlarmName, EndpointName, InstanceId, WorkloadId
from stoker.domain.states import EndpointStatus
from stoker.engine.commands import Command, StartCopy
from stoker.engine.events import AlarmPut, InstanceGone, MetricsPut, SampleSet
from stoker.units import MINUTE, SECOND
from tests.unit.engine.world import World, check_restored, check_settled

OWN = "variant/e/v"
OLD, NEW = "stoker/python", "stoker/python:2"
ONE = CapacitySize(kind=SizeKind.INSTANCE_COUNT, value=1)
METRIC = MetricKey(namespace="n", name="m")
HALF = CapacitySize(kind=SizeKind.CAPACITY_PERCENT, value=50)

PLANS: dict[str, Plan] = {
    "all at once": BlueGreen(wait=20 * SECOND, keep=30 * SECOND),
    "canary": BlueGreen(shift=Shift.CANARY, size=ONE, wait=20 * SECOND, keep=30 * SECOND),
    "linear": BlueGreen(shift=Shift.LINEAR, size=ONE, wait=20 * SECOND, keep=30 * SECOND),
    "rolling": Rolling(batch=ONE, wait=20 * SECOND),
    "rolling by halves": Rolling(batch=HALF, wait=20 * SECOND, back=ONE),
}
plans = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())


class Watched(World):
    """A world that notes how few copies were in traffic at any time, and how many instances there were at most."""

    def __init__(self, instances: int = 4) -> None:
        super().__init__()
        self.least, self.most = instances, 0
        self.steps: list[tuple[int, int]] = []
        self.endpoint(managed=None, instances=instances, model=True)
        self.seconds(60)
        self.watching = True

    def _do(self, commands: list[Command]) -> list[Command]:
        out = super()._do(commands)
        if getattr(self, "watching", False):
            images = self.images(OWN)
            self.least = min(self.least, len(images))
            self.most = max(self.most, self.instances())
            step = images.count(OLD), images.count(NEW)
            if not self.steps or self.steps[-1] != step:
                self.steps.append(step)
        return out

    @property
    def it(self) -> Endpoint:
        return self.platform.fleet.endpoints[EndpointName("e")]

    @property
    def stage(self) -> Stage | None:
        return None if self.it.update is None else self.it.update.rollout.stage

    def alarm(self) -> None:
        alarm = Alarm(
            name=AlarmName("errors"),
            metric=METRIC,
            statistic=Statistic.SUM,
            period=MINUTE,
            evaluation_periods=1,
            threshold=1.0,
            comparison=Comparison.GREATER,
            configured=self.now,
            missing_data=MissingData.IGNORE,
        )
        self.handle(AlarmPut(alarm=alarm))


def until(world: Watched, stage: Stage, step: int = 0) -> None:
    for _ in range(2000):
        update = world.it.update
        if update is not None and (update.rollout.stage, update.rollout.step) == (stage, step):
            return
        world.seconds(1)
    raise AssertionError(f"never at {stage} {step}")


@plans
def test_an_update_replaces_every_copy_and_never_serves_with_less(plan: Plan) -> None:
    world = Watched()
    world.update(plan, instances=4)
    assert world.endpoint_status() is EndpointStatus.UPDATING
    world.seconds(400)
    assert (world.images(OWN), world.endpoint_status(), world.it.update) == ([NEW] * 4, EndpointStatus.IN_SERVICE, None)
    assert (world.it.config, world.it.undone, world.least, world.instances()) == ("c2", "", 4, 4)
    check_settled(world.platform)
    check_restored(world)


def test_all_at_once_flips_in_one_step_and_keeps_the_old_fleet_for_a_while() -> None:
    world = Watched(2)
    world.update(PLANS["all at once"], instances=2)
    world.seconds(49)
    assert (world.images(OWN), world.instances()) == ([OLD] * 2, 4)
    world.seconds(1)
    assert (world.images(OWN), world.stage) == ([NEW] * 2, Stage.BAKING)
    world.seconds(20)
    assert (world.stage, world.instances()) == (Stage.WAITING, 4)
    world.seconds(29)
    assert world.instances() == 4
    world.seconds(4)
    assert (world.instances(), world.endpoint_status()) == (2, EndpointStatus.IN_SERVICE)
    assert world.steps == [(2, 0), (0, 2)]


@pytest.mark.parametrize(
    ("plan", "steps", "most"),
    [
        ("canary", [(4, 0), (3, 1), (0, 4)], 8),
        ("linear", [(4, 0), (3, 1), (2, 2), (1, 3), (0, 4)], 8),
        ("rolling", [(4, 0), (3, 1), (2, 2), (1, 3), (0, 4)], 5),
        ("rolling by halves", [(4, 0), (2, 2), (0, 4)], 6),
    ],
)
def test_traffic_shifts_in_steps(plan: str, steps: list[tuple[int, int]], most: int) -> None:
    world = Watched()
    world.update(PLANS[plan], instances=4)
    world.seconds(400)
    assert (world.steps, world.most) == (steps, most)


def test_a_canary_beside_a_single_copy_is_a_canary() -> None:
    world = Watched(1)
    world.update(BlueGreen(shift=Shift.CANARY, size=HALF, wait=20 * SECOND))
    world.seconds(500)
    assert world.steps == [(1, 0), (1, 1), (0, 1)]


@plans
def test_a_new_version_that_does_not_come_up_is_rolled_back(plan: Plan) -> None:
    world = Watched()
    world.bad_images[NEW] = "It exited with code 1."
    world.update(plan, instances=4)
    world.seconds(400)
    assert (world.images(OWN), world.endpoint_status(), world.it.config) == ([OLD] * 4, EndpointStatus.IN_SERVICE, "c")
    assert "rolled back. The copy never answered its health check. It exited with code 1." in world.it.undone
    assert (world.least, world.instances(), world.platform.reconciler.restarts) == (4, 4, {})
    check_settled(world.platform)
    check_restored(world)
    world.bad_images.clear()
    world.update(plan, instances=4)
    assert world.it.undone == ""
    world.seconds(400)
    assert (world.images(OWN), world.it.undone) == ([NEW] * 4, "")


@pytest.mark.parametrize(("name", "step"), [("all at once", 0), ("canary", 1), ("linear", 0), ("rolling", 0), ("rolling", 1)])
def test_an_alarm_during_baking_rolls_back(name: str, step: int) -> None:
    world = Watched()
    world.alarm()
    slow = msgspec.structs.replace(PLANS[name], wait=180 * SECOND)
    world.update(slow, instances=4, alarms=["errors"])
    until(world, Stage.BAKING, step)
    world.seconds(5)
    raise_alarm(world)
    world.seconds(200)
    assert (world.images(OWN), world.endpoint_status(), world.instances()) == ([OLD] * 4, EndpointStatus.IN_SERVICE, 4)
    assert world.least == 4
    assert "The alarm errors went into the state ALARM" in world.it.undone
    check_settled(world.platform)


def raise_alarm(world: Watched) -> None:
    """Have the alarm's metric breach, and the alarm look at it."""
    sample = SampleSet(key=METRIC, at=world.now, count=1.0, total=2.0, least=2.0, most=2.0, resolution=MINUTE)
    world.handle(MetricsPut(samples=(sample,)))


@pytest.mark.parametrize("name", ["canary", "rolling"])
def test_an_update_that_takes_too_long_is_rolled_back(name: str) -> None:
    world = Watched()
    world.load = 700 * SECOND
    world.update(PLANS[name], instances=4, limit=600 * SECOND)
    world.seconds(599)
    assert world.endpoint_status() is EndpointStatus.UPDATING
    world.seconds(5)
    assert "longer than MaximumExecutionTimeoutInSeconds (600)" in world.it.undone
    assert (world.images(OWN), world.instances()) == ([OLD] * 4, 4)


def test_an_update_without_room_is_rolled_back_after_a_while() -> None:
    world = Watched(2)
    world.refusal = "no machine is left"
    world.update(PLANS["all at once"], instances=2)
    world.seconds(9 * 60)
    assert (world.it.failure, world.stage) == ("no machine is left", Stage.CREATING)
    world.seconds(65)
    assert "no machine is left" in world.it.undone
    assert (world.images(OWN), world.endpoint_status()) == ([OLD] * 2, EndpointStatus.IN_SERVICE)


@pytest.mark.parametrize(("name", "at"), [("canary", 10), ("canary", 90), ("linear", 60), ("rolling", 60), ("rolling", 120)])
def test_a_control_plane_that_starts_anew_goes_on(name: str, at: int) -> None:
    world = Watched()
    world.update(PLANS[name], instances=4)
    world.seconds(at)
    serving = world.images(OWN)
    world.restart()
    assert world.images(OWN) == serving
    world.seconds(400)
    assert (world.images(OWN), world.endpoint_status(), world.instances()) == ([NEW] * 4, EndpointStatus.IN_SERVICE, 4)
    assert world.least == 4
    check_settled(world.platform)


@pytest.mark.parametrize(("name", "at"), [("all at once", 5), ("canary", 60), ("linear", 75), ("rolling", 60), ("rolling", 75)])
def test_an_endpoint_is_deleted_in_the_middle_of_its_update(name: str, at: int) -> None:
    world = Watched()
    world.update(PLANS[name], instances=4)
    world.seconds(at)
    world.delete_endpoint()
    world.seconds(60)
    assert (world.disk, world.held, world.machines) == ({}, {}, set())
    assert (world.platform.fleet.versions.updating, world.platform.rollouts.next_deadline()) == ({}, None)


def test_a_way_back_in_batches_grows_the_old_version_first() -> None:
    world = Watched()
    world.alarm()
    slow = msgspec.structs.replace(PLANS["rolling by halves"], wait=180 * SECOND)
    world.update(slow, instances=4, alarms=["errors"])
    until(world, Stage.BAKING, 1)
    raise_alarm(world)
    until(world, Stage.RETURNING, 1)
    assert (world.endpoint_status(), world.images(OWN)) == (EndpointStatus.ROLLING_BACK, [OLD] * 2 + [NEW] * 2)
    world.seconds(500)
    assert world.steps == [(4, 0), (2, 2), (0, 4), (2, 2), (3, 1), (4, 0)]


def test_an_old_version_that_does_not_come_back_is_told_and_tried_on() -> None:
    world = Watched(2)
    world.update(Rolling(batch=ONE, wait=20 * SECOND), instances=2)
    until(world, Stage.CREATING, 1)
    world.bad_images.update({NEW: "broken new", OLD: "broken old"})
    world.seconds(600)
    assert world.endpoint_status() is EndpointStatus.UPDATE_ROLLBACK_FAILED
    assert "The old version does not come back" in world.it.failure
    assert "broken old" in world.it.failure
    assert world.least == 2
    check_restored(world)
    world.bad_images.clear()
    world.seconds(300)
    assert (world.endpoint_status(), world.images(OWN)) == (EndpointStatus.IN_SERVICE, [OLD] * 2)


def test_an_update_may_follow_one_that_did_not_find_its_way_back() -> None:
    world = Watched(2)
    world.update(Rolling(batch=ONE, wait=20 * SECOND), instances=2)
    until(world, Stage.CREATING, 1)
    world.bad_images.update({NEW: "broken new", OLD: "broken old"})
    world.seconds(600)
    world.update(BlueGreen(), instances=2, image="stoker/python:3")
    world.seconds(100)
    assert (world.endpoint_status(), world.images(OWN), world.instances()) == (
        EndpointStatus.IN_SERVICE,
        ["stoker/python:3"] * 2,
        2,
    )
    check_settled(world.platform)


def test_the_count_may_change_with_an_update() -> None:
    world = Watched(4)
    world.update(Rolling(batch=HALF, wait=10 * SECOND), instances=2)
    world.seconds(600)
    assert (world.images(OWN), world.instances()) == ([NEW] * 2, 2)
    world.update(BlueGreen(), instances=3, image="stoker/python:3")
    world.seconds(600)
    assert (world.images(OWN), world.instances(), world.least) == (["stoker/python:3"] * 3, 3, 2)


def test_capacity_that_a_policy_wants_meanwhile_is_wanted_of_both_versions() -> None:
    world = Watched(2)
    world.update(PLANS["all at once"], instances=2)
    world.seconds(5)
    world.capacity(3)
    world.seconds(600)
    assert (world.images(OWN), world.endpoint_status()) == ([NEW] * 3, EndpointStatus.IN_SERVICE)


def test_copies_of_the_new_version_that_break_are_made_up_for_by_the_old_one() -> None:
    world = Watched(2)
    world.update(PLANS["all at once"], instances=2)
    until(world, Stage.BAKING)
    [copy, _] = [c for c in world.copies(OWN) if c.revision == 1]
    world.crash(copy)
    assert world.images(OWN) == [OLD, NEW]
    world.seconds(1)
    assert world.given(StartCopy)[-1].spec.image == NEW


def test_a_lost_instance_of_the_new_version_is_replaced() -> None:
    world = Watched(2)
    world.update(PLANS["all at once"], instances=2)
    until(world, Stage.BAKING)
    [copy, _] = [c for c in world.copies(OWN) if c.revision == 1]
    lost = InstanceId(copy.instance_id or "")
    world.held.pop(copy.copy_id)
    world.machines.discard(lost)
    world.handle(InstanceGone(instance_id=lost, reason="lost"))
    world.seconds(10 * MINUTE // SECOND)
    assert (world.images(OWN), world.instances()) == ([NEW] * 2, 2)


def test_metrics_count_only_what_takes_traffic() -> None:
    world = Watched(2)
    world.update(PLANS["all at once"], instances=2)
    until(world, Stage.BAKING)
    assert world.platform.fleet.serving_counts == {OWN: 4}
    assert world.platform.fleet.serving(WorkloadId(OWN)) == 2

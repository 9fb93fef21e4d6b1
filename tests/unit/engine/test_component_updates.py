"""Rolling updates of inference components: batches, their room, the way back, and what comes between."""

import pytest

from stoker.domain.components import InferenceComponent
from stoker.domain.deployments import CapacitySize, Rolling, SizeKind, Stage
from stoker.domain.ids import ComponentName
from stoker.domain.states import ComponentStatus
from stoker.engine.commands import Command
from stoker.units import SECOND
from tests.unit.engine.world import World, check_restored, check_settled

OLD, NEW = "stoker/python", "stoker/python:2"
ONE = CapacitySize(kind=SizeKind.COPY_COUNT, value=1)
PLAN = Rolling(batch=ONE, wait=10 * SECOND)


class Watched(World):
    """A world that notes how few copies of its component were in traffic at any time."""

    def __init__(self, copies: int = 4, *, managed: tuple[int, int] | None = (1, 3), cpus: float = 1.0) -> None:
        super().__init__()
        self.least = copies
        self.steps: list[tuple[int, int]] = []
        self.endpoint(managed=managed, instances=1)
        self.component(copies=copies, cpus=cpus)
        self.seconds(80)
        self.watching = True

    def _do(self, commands: list[Command]) -> list[Command]:
        out = super()._do(commands)
        if getattr(self, "watching", False):
            images = self.images()
            self.least = min(self.least, len(images))
            step = images.count(OLD), images.count(NEW)
            if not self.steps or self.steps[-1] != step:
                self.steps.append(step)
        return out

    @property
    def it(self) -> InferenceComponent:
        return self.platform.fleet.components[ComponentName("ic")]


def test_copies_are_replaced_batch_by_batch() -> None:
    world = Watched()
    world.rebuild(PLAN)
    assert (world.status(), world.images()) == (ComponentStatus.UPDATING, [OLD] * 4)
    world.seconds(400)
    assert (world.images(), world.status(), world.it.update) == ([NEW] * 4, ComponentStatus.IN_SERVICE, None)
    assert world.steps == [(4, 0), (3, 1), (2, 2), (1, 3), (0, 4)]
    assert (world.it.container.image, world.it.revision, world.it.ever_ready) == (NEW, 1, True)
    check_settled(world.platform)
    check_restored(world)


@pytest.mark.parametrize("at", [5, 60, 110])
def test_a_control_plane_that_starts_anew_goes_on(at: int) -> None:
    world = Watched()
    world.rebuild(PLAN)
    world.seconds(at)
    serving = world.images()
    world.restart()
    assert world.images() == serving
    world.seconds(400)
    assert (world.images(), world.least) == ([NEW] * 4, 4)
    check_settled(world.platform)


def test_a_build_that_does_not_come_up_is_rolled_back() -> None:
    world = Watched()
    world.bad_images[NEW] = "It exited with code 1."
    world.rebuild(PLAN)
    world.seconds(200)
    assert (world.images(), world.status(), world.least) == ([OLD] * 4, ComponentStatus.IN_SERVICE, 4)
    assert "rolled back. The copy never answered its health check. It exited with code 1." in world.it.undone
    assert world.platform.reconciler.restarts == {}
    check_settled(world.platform)
    check_restored(world)


def test_a_way_back_from_the_middle_gives_every_old_copy_back() -> None:
    world = Watched()
    world.rebuild(PLAN)
    world.seconds(60)
    assert world.steps[-1] in {(3, 1), (2, 2)}
    world.bad_images[NEW] = "It exited with code 1."
    world.seconds(400)
    assert (world.images(), world.status(), world.least) == ([OLD] * 4, ComponentStatus.IN_SERVICE, 4)
    check_settled(world.platform)


def test_a_batch_without_room_is_waited_for_and_then_given_up() -> None:
    world = Watched(copies=4, managed=None)
    world.rebuild(PLAN)
    world.seconds(590)
    assert (world.status(), world.images()) == (ComponentStatus.UPDATING, [OLD] * 4)
    assert "not enough hardware" in world.failure()
    world.seconds(30)
    assert (world.status(), world.images()) == (ComponentStatus.IN_SERVICE, [OLD] * 4)
    assert "not enough hardware" in world.it.undone
    check_settled(world.platform)


def test_one_free_place_is_room_enough_for_all_batches() -> None:
    world = Watched(copies=3, managed=None)
    world.rebuild(PLAN)
    world.seconds(400)
    assert (world.images(), world.instances(), world.least) == ([NEW] * 3, 1, 3)


def test_a_new_build_may_book_more_than_the_old_one() -> None:
    world = Watched(copies=2, cpus=1.0)
    world.rebuild(PLAN, cpus=3.0)
    world.seconds(400)
    assert (world.images(), world.least) == ([NEW] * 2, 2)
    check_settled(world.platform)


@pytest.mark.parametrize(("count", "images"), [(6, [NEW] * 6), (1, [NEW]), (0, [])])
def test_the_count_may_change_meanwhile(count: int, images: list[str]) -> None:
    world = Watched(managed=(1, 4))
    world.rebuild(PLAN)
    world.seconds(40)
    world.count(count)
    world.seconds(500)
    assert (world.images(), world.status(), world.it.update) == (images, ComponentStatus.IN_SERVICE, None)
    world.count(2)
    world.seconds(100)
    assert world.images() == [NEW] * 2


def test_what_has_no_copies_is_updated_at_once() -> None:
    world = Watched(copies=0)
    world.rebuild(PLAN)
    assert (world.it.container.image, world.status(), world.it.update) == (NEW, ComponentStatus.IN_SERVICE, None)
    world.count(1)
    world.seconds(60)
    assert world.images() == [NEW]


def test_a_failed_component_is_tried_with_the_new_build() -> None:
    world = World()
    world.bad_images[OLD] = "It exited with code 1."
    world.endpoint(managed=(1, 2), instances=1)
    world.component(copies=2)
    world.seconds(200)
    assert world.status() is ComponentStatus.FAILED
    world.rebuild(PLAN)
    world.seconds(60)
    assert (world.status(), world.images(), world.failure()) == (ComponentStatus.IN_SERVICE, [NEW] * 2, "")


@pytest.mark.parametrize("at", [0, 35, 60])
def test_a_component_is_deleted_in_the_middle_of_its_update(at: int) -> None:
    world = Watched()
    world.rebuild(PLAN)
    world.seconds(at)
    world.delete_component()
    world.seconds(10)
    assert (world.platform.fleet.components, world.held, world.platform.fleet.versions.updating) == ({}, {}, {})


def test_an_endpoint_is_deleted_in_the_middle_of_its_components_update() -> None:
    world = Watched()
    world.rebuild(PLAN)
    world.seconds(30)
    world.delete_endpoint()
    world.seconds(30)
    assert (world.held, world.machines, world.platform.fleet.versions.updating) == ({}, set(), {})
    assert world.platform.rollouts.next_deadline() is None


def test_a_second_update_follows_the_first() -> None:
    world = Watched(copies=2)
    world.rebuild(PLAN)
    world.rebuild(PLAN, image="stoker/python:3")
    assert world.it.update is not None
    assert world.it.update.build.container.image == NEW, "one at a time"
    world.seconds(200)
    world.rebuild(PLAN, image="stoker/python:3")
    world.seconds(200)
    assert (world.images(), world.it.revision) == (["stoker/python:3"] * 2, 2)


def test_the_last_step_waits_for_its_baking() -> None:
    world = Watched(copies=1)
    world.rebuild(Rolling(batch=ONE, wait=100 * SECOND))
    world.seconds(60)
    assert world.it.update is not None
    assert (world.it.update.rollout.stage, world.images()) == (Stage.BAKING, [NEW])
    assert len(world.copies()) == 2, "the old copy is kept until the new one was watched"
    world.seconds(100)
    assert len(world.copies()) == 1

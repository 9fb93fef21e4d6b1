"""What copies use, as metrics and as what policies go by."""

import pytest

from stoker.decisions.policies.follower import Seen, Usage
from stoker.domain.alarms import MetricKey, Statistic
from stoker.domain.ids import CopyId, WorkloadId
from stoker.domain.states import CopyState
from stoker.engine.events import ResourceTagged, UsageSeen
from stoker.engine.traffic import CopyUse
from stoker.engine.utilising import COMPONENTS, INSTANCES
from stoker.units import HOUR, MIB, MINUTE, SECOND
from tests.unit.engine.world import World

IC = WorkloadId("ic/ic")
OF_COMPONENT = (("InferenceComponentName", "ic"),)
OF_VARIANT = (("EndpointName", "e"), ("VariantName", "v"))


def use(world: World, *cpus: float, workload: str = "ic/ic", disk: float | None = None, **more: float | None) -> None:
    """Tell what the workload's copies use: so many processors each, and 512 MB."""
    copies = world.copies(workload)[: len(cpus)]
    uses = [
        CopyUse(copy_id=copy.copy_id, cpus=each, memory_bytes=512 * MIB, **more) for copy, each in zip(copies, cpus, strict=True)
    ]
    world.handle(UsageSeen(at=world.now, copies=tuple(uses), disk=disk))


def metrics(world: World, namespace: str, statistic: Statistic = Statistic.AVERAGE) -> dict[str, float]:
    """Give the value of each metric of a namespace over the last hour, all of them in percent."""
    book = world.platform.book
    found = {}
    for key in book.keys(namespace=namespace):
        assert book.units(key) == ["Percent"]
        assert key.dimensions == (OF_COMPONENT if namespace == COMPONENTS else OF_VARIANT)
        points = book.datapoints(key, statistic, HOUR, world.now - HOUR, world.now + 1)
        found[key.name] = points[-1].value
    return found


def test_a_components_copies_are_measured_by_what_they_book_and_instances_by_what_they_have() -> None:
    world = World()
    world.endpoint(instances=1)
    world.component(copies=2, cpus=2.0)
    world.seconds(60)
    assert world.instances() == 1
    use(world, 1.0, 0.5, disk=0.25)
    assert metrics(world, COMPONENTS) == {"CPUUtilizationNormalized": 37.5, "MemoryUtilizationNormalized": 50.0}
    assert metrics(world, COMPONENTS, Statistic.MAXIMUM)["CPUUtilizationNormalized"] == 50.0
    assert metrics(world, INSTANCES) == {
        "CPUUtilization": 150.0,
        "CPUUtilizationNormalized": 37.5,
        "MemoryUtilization": 12.5,
        "DiskUtilization": 25.0,
        "CPUReservation": 100.0,
        "MemoryReservation": 25.0,
        "GPUReservation": 0.0,
    }
    assert world.platform.utilising.utilisation(IC) == 0.375


def test_what_books_no_processors_is_measured_by_its_instance_and_none_is_more_than_full() -> None:
    world = World()
    world.endpoint(instances=1)
    world.component(copies=1, cpus=0.0)
    world.seconds(60)
    use(world, 9.0)
    assert metrics(world, COMPONENTS)["CPUUtilizationNormalized"] == 100.0
    assert metrics(world, INSTANCES)["CPUUtilization"] == 400.0


def test_a_variants_own_model_has_metrics_of_the_variant_only() -> None:
    world = World()
    world.endpoint(instances=1, model=True, managed=None)
    world.seconds(60)
    use(world, 2.0, workload="variant/e/v")
    assert metrics(world, COMPONENTS) == {}
    told = metrics(world, INSTANCES)
    assert (told["CPUUtilization"], told["CPUReservation"], told["GPUReservation"]) == (200.0, 100.0, 100.0)
    assert world.platform.utilising.utilisation(WorkloadId("variant/e/v")) is None, "its instance has an accelerator"


def test_accelerators_are_told_of_where_they_are_measured() -> None:
    world = World()
    world.endpoint(instances=1, model=True, managed=None)
    world.seconds(60)
    use(world, 2.0, workload="variant/e/v", accelerators=0.75, accelerator_memory=0.5)
    told = metrics(world, INSTANCES)
    assert (told["GPUUtilization"], told["GPUUtilizationNormalized"], told["GPUMemoryUtilization"]) == (75.0, 75.0, 50.0)
    assert world.platform.utilising.utilisation(WorkloadId("variant/e/v")) == 0.75


def test_an_instance_without_copies_is_at_zero_and_who_is_gone_is_no_error() -> None:
    world = World()
    world.endpoint(instances=1)
    world.seconds(60)
    gone = CopyUse(copy_id=CopyId("gone"), cpus=1.0, memory_bytes=MIB)
    world.handle(UsageSeen(at=world.now, copies=(gone,)))
    assert metrics(world, INSTANCES)["CPUUtilization"] == 0.0
    assert "DiskUtilization" not in metrics(world, INSTANCES)
    assert world.platform.utilising.utilisation(IC) is None


def test_a_copy_that_starts_counts_for_its_instance_but_is_not_busy() -> None:
    world = World()
    world.load = HOUR
    world.endpoint(instances=1)
    world.component(copies=1)
    world.seconds(60)
    assert [copy.state for copy in world.copies()] == [CopyState.STARTING]
    use(world, 1.0)
    assert metrics(world, INSTANCES)["CPUUtilization"] == 100.0
    assert world.platform.utilising.utilisation(IC) is None


@pytest.mark.parametrize(("cpus", "wanted"), [(0.85, 2), (0.75, 1)])
def test_hugging_faces_rules_go_by_what_is_measured(cpus: float, wanted: int) -> None:
    world = World()
    world.endpoint(managed=(0, 4))
    world.component(copies=1)
    tags = {"stoker:policy": "hf-current", "stoker:max-copies": "3"}
    world.handle(ResourceTagged(kind="inference component", name="ic", tags=tags, at_zero=None))
    world.seconds(60)
    assert world.serving() == 1
    for _ in range(13):
        world.seconds(10)
        use(world, *[cpus] * world.serving())
        if len(world.copies()) > 1:
            break
    assert len(world.copies()) == wanted
    if wanted > 1:
        activity = world.platform.fleet.components[next(iter(world.platform.fleet.components))]
        assert activity.desired_copies == wanted


def test_what_is_measured_is_seen_by_policies_and_by_alarms() -> None:
    world = World()
    world.endpoint(instances=1)
    world.component(copies=1)
    world.seconds(60)
    for _ in range(6):
        use(world, 0.5)
        world.seconds(10)
    key = MetricKey(namespace=COMPONENTS, name="CPUUtilizationNormalized", dimensions=OF_COMPONENT)
    points = world.platform.book.datapoints(key, Statistic.SAMPLE_COUNT, MINUTE, world.now - 2 * MINUTE, world.now)
    assert sum(point.value for point in points) == 6
    assert Seen(now=world.now).usage is None
    assert world.now % SECOND == 0


def test_a_reading_that_failed_is_neither_zero_nor_what_it_was_before() -> None:
    world, own = World(), WorkloadId("variant/e/v")
    world.endpoint(instances=1, model=True, managed=None)
    world.seconds(60)
    assert world.platform.utilising.usage(own, accelerated=True) is None
    use(world, 2.0, workload=own)
    assert world.platform.utilising.usage(own, accelerated=True) is None, "nobody has ever measured any accelerator"
    world.seconds(10)
    use(world, 2.0, workload=own, accelerators=0.75)
    known = Usage(since=world.now - 10 * SECOND, at=world.now, share=0.75)
    assert world.platform.utilising.usage(own, accelerated=True) == known
    world.seconds(10)
    use(world, 2.0, workload=own)
    failed = world.platform.utilising.usage(own, accelerated=True)
    assert failed is not None
    assert failed.share is None


def test_a_workload_without_figures_is_measured_if_others_are() -> None:
    """Its copies have just started: what they use is known soon, and until then it is not guessed by their slots."""
    world = World()
    world.endpoint(instances=1)
    world.component(copies=1)
    world.seconds(60)
    assert world.platform.utilising.usage(IC, accelerated=False) is None
    use(world, 0.5)
    new = world.platform.utilising.usage(WorkloadId("ic/new"), accelerated=False)
    assert new is not None
    assert new.share is None
    assert world.platform.utilising.usage(WorkloadId("ic/new"), accelerated=True) is None

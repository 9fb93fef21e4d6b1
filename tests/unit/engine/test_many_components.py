"""An endpoint of many components: what happens to one of them is no work for the others."""

from collections import Counter

import pytest

from stoker.domain.ids import ComponentName, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.engine.commands import StartCopy
from stoker.engine.events import CopyCountSet
from stoker.engine.fleet import Fleet
from stoker.engine.workloads import Workload
from tests.unit.engine.world import World


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often each workload is looked up."""
    counts: Counter[str] = Counter()
    inner = Fleet.versions_of

    def versions_of(fleet: Fleet, workload: WorkloadId) -> list[Workload]:
        counts[workload] += 1
        return inner(fleet, workload)

    monkeypatch.setattr(Fleet, "versions_of", versions_of)
    return counts


def test_what_happens_to_one_component_is_no_work_for_the_others(looked_at: Counter[str]) -> None:
    world = World(shape=InstanceShape(cpus=1000.0, memory_mb=1_000_000))
    world.endpoint(managed=(1, 2), instances=1)
    world.seconds(60)
    for number in range(40):
        world.component(f"c{number}", copies=1)
    world.seconds(60)
    assert world.platform.fleet.serving_counts == {f"ic/c{number}": 1 for number in range(40)}
    looked_at.clear()
    commands = world.platform.handle(CopyCountSet(name=ComponentName("c7"), count=2), world.now)
    assert [c.spec.workload for c in commands if isinstance(c, StartCopy)] == ["ic/c7"]
    assert set(looked_at) <= {"ic/c7", "ic/c39"}  # the last one's own change of status was not looked at yet


def test_lowering_a_managed_variants_count_gives_back_instances_without_copies_at_once() -> None:
    world = World()
    world.endpoint(managed=(0, 4), instances=3)
    world.component(copies=1)
    world.seconds(60)
    assert (world.instances(), world.serving()) == (3, 1)
    world.capacity(2)
    world.seconds(5)
    assert world.instances() == 2
    world.capacity(0)
    world.seconds(5)
    assert (world.instances(), world.serving()) == (1, 1), "a copy needs the last one"
    (endpoint,) = world.platform.fleet.endpoints.values()
    assert endpoint.variants[0].desired_instances == 1

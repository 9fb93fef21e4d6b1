import msgspec
import pytest

from stoker.decisions.placement import NO_ROOM, Bin, Waiting, instances_needed, no_instance, no_room, place
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.states import PlacementStrategy


def shape(cpus: float = 4.0, memory_mb: int = 1000, accelerators: float = 0.0) -> InstanceShape:
    return InstanceShape(cpus=cpus, memory_mb=memory_mb, accelerators=accelerators)


def waiting(*needs: InstanceShape, workload: str = "ic/a", prefix: str = "c") -> list[Waiting]:
    return [Waiting(copy_id=CopyId(f"{prefix}{n}"), workload=WorkloadId(workload), need=need) for n, need in enumerate(needs)]


def bins(*shapes: InstanceShape) -> list[Bin]:
    return [Bin(InstanceId(f"i{n}"), each) for n, each in enumerate(shapes)]


def test_spread_takes_the_instance_with_fewest_copies_of_the_workload_then_with_fewest_copies() -> None:
    there = bins(shape(), shape(), shape())
    there[0].add(WorkloadId("ic/a"), shape(1.0, 100))
    there[1].add(WorkloadId("ic/b"), shape(1.0, 100))
    result = place(waiting(*[shape(1.0, 100)] * 3), there)
    assert result.placed == (("c0", "i2"), ("c1", "i1"), ("c2", "i0"))


def test_binpack_fills_the_fullest_instance_that_has_room() -> None:
    packed = [msgspec.structs.replace(each, strategy=PlacementStrategy.BINPACK) for each in waiting(*[shape(1.0, 400)] * 3)]
    result = place(packed, bins(shape(), shape(memory_mb=900)))
    assert result.placed == (("c0", "i1"), ("c1", "i1"), ("c2", "i0"))


def test_evenness_never_costs_a_copy() -> None:
    """Spread alone would put both small copies on an instance of their own, and leave no room for the large one."""
    result = place(waiting(shape(2.0), shape(2.0), shape(4.0)), bins(shape(memory_mb=9000), shape(memory_mb=9000)))
    homes = dict(result.placed)
    assert result.unplaced == ()
    assert homes[CopyId("c0")] == homes[CopyId("c1")]


def test_bins_that_are_asked_stay_as_they_are() -> None:
    there = bins(shape())
    place(waiting(shape(1.0)), there)
    assert (there[0].cpus, there[0].total, there[0].of_workload) == (4.0, 0, {})


@pytest.mark.parametrize(
    "need",
    [shape(5.0, 1), shape(1.0, 1001), shape(1.0, 1, 1.0)],
    ids=["cores", "memory", "accelerators"],
)
def test_what_no_instance_has_finds_no_room(need: InstanceShape) -> None:
    asked = waiting(need)
    assert place(asked, bins(shape())).unplaced == tuple(asked)
    assert instances_needed(asked, shape()) == (0, tuple(asked))


def test_an_instance_that_can_never_be_had_is_told_with_figures() -> None:
    assert no_room(shape(1.0), "t", shape(), shape(1e9, 1000, 1e9)) == NO_ROOM
    assert no_room(shape(1.0), "t", shape(), None) == NO_ROOM
    why = "One instance of type t alone has 1000 MB, and all that there are may have 999 together."
    assert no_room(shape(1.0), "t", shape(), shape(1e9, 999, 1e9)) == f"{NO_ROOM} {why}"
    why = "One instance of type t alone has 4 CPUs and 1000 MB, and all that there are may have 2 and 10 together."
    assert no_instance("t", shape(), shape(2.0, 10)) == f"{NO_ROOM} {why}"


@pytest.mark.parametrize(("cores", "share", "count"), [(3.0, 0.6, 5), (6.0, 0.4, 15), (7.0, 0.28, 25)])
def test_fractions_of_a_core_add_up(cores: float, share: float, count: int) -> None:
    asked = waiting(*[shape(share, 1)] * count)
    assert place(asked, bins(shape(cores))).unplaced == ()
    assert instances_needed(asked, shape(cores)) == (1, ())


def test_the_fewest_instances_are_asked_for() -> None:
    asked = waiting(*(shape(cpus, 1) for cpus in (1.0, 3.0, 1.0, 2.0, 1.0)))
    assert instances_needed(asked, shape()) == (2, ())
    assert instances_needed([], shape()) == (0, ())

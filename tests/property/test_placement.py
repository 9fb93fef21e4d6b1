"""Placement never books more than there is, and leaves no copy outside that would have had room."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.placement import Bin, Placement, Waiting, instances_needed, place
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.states import PlacementStrategy

shapes = st.builds(
    InstanceShape,
    cpus=st.sampled_from([1.0, 2.0, 3.0, 4.0, 6.0]),
    memory_mb=st.sampled_from([512, 1024, 4096]),
    accelerators=st.sampled_from([0.0, 1.0, 4.0]),
)
needs = st.builds(
    InstanceShape,
    cpus=st.sampled_from([0.0, 0.25, 0.4, 0.6, 0.7, 1.0, 1.2, 2.0, 3.0, 8.0]),
    memory_mb=st.sampled_from([128, 256, 300, 512, 1024, 5000]),
    accelerators=st.sampled_from([0.0, 0.0, 1.0, 2.0]),
)


@st.composite
def crowds(draw: st.DrawFn) -> list[Waiting]:
    kinds = draw(st.lists(needs, min_size=1, max_size=4))
    strategies = [draw(st.sampled_from(PlacementStrategy)) for _ in kinds]
    picks = draw(st.lists(st.integers(0, len(kinds) - 1), max_size=14))
    return [
        Waiting(copy_id=CopyId(f"copy-{n}"), workload=WorkloadId(f"ic/{pick}"), need=kinds[pick], strategy=strategies[pick])
        for n, pick in enumerate(picks)
    ]


def bins_of(shapes: list[InstanceShape]) -> list[Bin]:
    return [Bin(InstanceId(f"i-{n}"), shape) for n, shape in enumerate(shapes)]


def free_after(result: Placement, waiting: list[Waiting], shapes: list[InstanceShape]) -> list[Bin]:
    """Book what was placed and check that nothing is booked twice or beyond what there is."""
    need = {w.copy_id: w.need for w in waiting}
    assert sorted([c for c, _ in result.placed] + [w.copy_id for w in result.unplaced]) == sorted(need)
    bins = bins_of(shapes)
    for index, shape in enumerate(shapes):
        mine = [need[c] for c, i in result.placed if i == f"i-{index}"]
        assert sum(n.cpus for n in mine) <= shape.cpus + 1e-5
        assert sum(n.memory_mb for n in mine) <= shape.memory_mb
        assert sum(n.accelerators for n in mine) <= shape.accelerators
        for each in mine:
            bins[index].add(WorkloadId("ic/x"), each)
    return bins


@settings(max_examples=150, deadline=None)
@given(crowds(), st.lists(shapes, max_size=5))
def test_placement_books_no_more_than_there_is_and_leaves_no_room_unused(
    waiting: list[Waiting], shapes: list[InstanceShape]
) -> None:
    result = place(waiting, bins_of(shapes))
    bins = free_after(result, waiting, shapes)
    assert not any(b.fits(w.need) for b in bins for w in result.unplaced)


@settings(max_examples=150, deadline=None)
@given(crowds(), shapes)
def test_the_instances_asked_for_take_every_copy_that_any_takes(waiting: list[Waiting], shape: InstanceShape) -> None:
    count, impossible = instances_needed(waiting, shape)
    result = place(waiting, bins_of([shape] * count))
    assert {w.copy_id for w in result.unplaced} == {w.copy_id for w in impossible}
    assert all(not Bin(InstanceId("i"), shape).fits(w.need) for w in impossible)


@settings(max_examples=100, deadline=None)
@given(crowds(), st.lists(shapes, max_size=4), shapes)
def test_what_finds_no_room_fits_on_what_is_launched_for_it(
    waiting: list[Waiting], shapes: list[InstanceShape], fresh: InstanceShape
) -> None:
    first = place(waiting, bins_of(shapes))
    count, impossible = instances_needed(first.unplaced, fresh)
    bins = free_after(first, waiting, shapes)
    again = place(list(first.unplaced), [*bins, *(Bin(InstanceId(f"n-{n}"), fresh) for n in range(count))])
    assert len(again.unplaced) == len(impossible)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4))
def test_equal_copies_are_spread_evenly(copies: int, instances: int) -> None:
    need = InstanceShape(cpus=0.1, memory_mb=10)
    waiting = [Waiting(copy_id=CopyId(f"c{n}"), workload=WorkloadId("ic/a"), need=need) for n in range(copies)]
    result = place(waiting, bins_of([InstanceShape(cpus=8.0, memory_mb=8192)] * instances))
    counts = [sum(1 for _, i in result.placed if i == f"i-{n}") for n in range(instances)]
    assert max(counts) - min(counts) <= 1

from collections.abc import Mapping

from stoker.decisions.consolidation import MOST_TRIED, Consolidated, consolidate
from stoker.decisions.placement import Bin, Waiting
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.states import PlacementStrategy

SHAPE = InstanceShape(cpus=4.0, memory_mb=4000)


def copies(
    instance: str, *cpus: float, workload: str = "ic/a", strategy: PlacementStrategy = PlacementStrategy.SPREAD
) -> list[Waiting]:
    return [
        Waiting(
            copy_id=CopyId(f"{instance}-{n}"),
            workload=WorkloadId(workload),
            need=InstanceShape(cpus=each, memory_mb=100),
            strategy=strategy,
        )
        for n, each in enumerate(cpus)
    ]


def chosen(homes: Mapping[str, list[Waiting]], most: int = 1) -> Consolidated:
    bins = []
    for instance, crowd in homes.items():
        bin_ = Bin(InstanceId(instance), SHAPE)
        for each in crowd:
            bin_.add(each.workload, each.need)
        bins.append(bin_)
    return consolidate(bins, {InstanceId(i): crowd for i, crowd in homes.items()}, most)


def test_the_instance_with_the_fewest_copies_is_emptied_onto_the_others() -> None:
    found = chosen({"i0": copies("i0", 1.0, 1.0), "i1": copies("i1", 1.0), "i2": copies("i2", 1.0, 1.0, 1.0)})
    assert found == Consolidated(emptied=(InstanceId("i1"),), moves=((CopyId("i1-0"), InstanceId("i0")),))


def test_an_instance_is_emptied_wholly_or_not_at_all() -> None:
    assert chosen({"i0": copies("i0", 1.0, 3.0), "i1": copies("i1", 3.0)}) == Consolidated()
    assert chosen({"i0": copies("i0", 4.0), "i1": copies("i1", 0.5)}) == Consolidated()


def test_copies_do_not_move_to_an_instance_that_has_none() -> None:
    assert chosen({"i0": copies("i0", 1.0), "i1": []}) == Consolidated()


def test_several_go_at_once_where_that_is_allowed() -> None:
    homes = {f"i{n}": copies(f"i{n}", 1.0) for n in range(5)}
    assert [len(chosen(homes, most).emptied) for most in (0, 1, 2, 9)] == [0, 1, 2, 3]


def test_what_takes_copies_is_not_emptied_in_the_same_go() -> None:
    found = chosen({f"i{n}": copies(f"i{n}", 1.0) for n in range(5)}, 9)
    assert not {home for _, home in found.moves} & set(found.emptied)


def test_each_component_is_placed_by_its_own_strategy() -> None:
    def homes(strategy: PlacementStrategy) -> dict[str, list[Waiting]]:
        return {
            "i0": copies("i0", 0.5, 0.5),
            "i1": copies("i1", 0.5, 0.5, 0.5, workload="ic/b"),
            "i2": copies("i2", 0.5, strategy=strategy),
        }

    # Spread: away from the other copies of its component. Packed: to the fullest that has room.
    assert chosen(homes(PlacementStrategy.SPREAD)).moves == ((CopyId("i2-0"), InstanceId("i1")),)
    homes_packed = homes(PlacementStrategy.BINPACK)
    homes_packed["i0"] = copies("i0", *[0.5] * 4)
    assert chosen(homes_packed).moves == ((CopyId("i2-0"), InstanceId("i0")),)


def test_it_is_bounded_on_large_fleets() -> None:
    """Those with the fewest copies are tried; when none of them can be emptied, so be it."""
    full = {f"i{n:03}": copies(f"i{n:03}", 4.0) for n in range(MOST_TRIED)}
    assert chosen({**full, "j0": copies("j0", 1.0, 1.0), "j1": copies("j1", 1.0, 1.0)}) == Consolidated()

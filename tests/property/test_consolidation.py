"""Consolidation never books too much, never serves less than is wanted, needs fewer instances, and comes to rest."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.consolidation import consolidate
from stoker.decisions.placement import Bin, Waiting
from stoker.domain.endpoints import Consolidation
from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.domain.instances import InstanceShape
from stoker.domain.states import PlacementStrategy
from stoker.engine.commands import Command, StartCopy
from stoker.units import HOUR, MINUTE
from tests.unit.engine.world import World, check_settled

SHAPE = InstanceShape(cpus=4.0, memory_mb=4096, accelerators=2.0)
strategies = st.sampled_from(PlacementStrategy)
needs = st.builds(
    InstanceShape,
    cpus=st.sampled_from([0.1, 0.5, 1.0, 3.0]),
    memory_mb=st.sampled_from([128, 1024, 3000]),
    accelerators=st.sampled_from([0.0, 0.0, 1.0]),
)


@st.composite
def fleets(draw: st.DrawFn) -> dict[InstanceId, list[Waiting]]:
    """Give instances with copies on them, booked within bounds."""
    kinds = draw(st.lists(st.tuples(needs, strategies), min_size=1, max_size=4))
    fleet: dict[InstanceId, list[Waiting]] = {}
    for n in range(draw(st.integers(0, 7))):
        bin_ = Bin(InstanceId(f"i-{n}"), SHAPE)
        fleet[bin_.instance_id] = []
        for place, kind in enumerate(draw(st.lists(st.integers(0, len(kinds) - 1), max_size=4))):
            need, strategy = kinds[kind]
            if bin_.fits(need):
                bin_.add(WorkloadId(f"ic/{kind}"), need)
                copy_id, workload = CopyId(f"{n}-{place}"), WorkloadId(f"ic/{kind}")
                fleet[bin_.instance_id].append(Waiting(copy_id=copy_id, workload=workload, need=need, strategy=strategy))
    return fleet


def bins_of(fleet: dict[InstanceId, list[Waiting]]) -> list[Bin]:
    bins = []
    for instance_id, copies in fleet.items():
        bin_ = Bin(instance_id, SHAPE)
        for copy in copies:
            assert bin_.fits(copy.need), "booked beyond what there is"
            bin_.add(copy.workload, copy.need)
        bins.append(bin_)
    return bins


@settings(deadline=None)
@given(fleets(), st.integers(0, 3))
def test_each_go_empties_instances_wholly_until_none_can_be(fleet: dict[InstanceId, list[Waiting]], most: int) -> None:
    for _ in range(len(fleet) + 1):
        used = sum(1 for copies in fleet.values() if copies)
        found = consolidate(bins_of(fleet), fleet, most)
        assert len(found.emptied) <= most
        assert {copy for copy, _ in found.moves} == {c.copy_id for i in found.emptied for c in fleet[i]}
        assert not {home for _, home in found.moves} & set(found.emptied)
        homes = dict(found.moves)
        leaving = [copy for instance_id in found.emptied for copy in fleet[instance_id]]
        for copy in leaving:
            fleet[homes[copy.copy_id]].append(copy)
        for instance_id in found.emptied:
            fleet[instance_id] = []
        bins_of(fleet)
        assert sum(1 for copies in fleet.values() if copies) == used - len(found.emptied)
        if not found.emptied:
            return
    assert not fleet or most == 0


class Watched(World):
    """A world that knows how few copies of each component ever served while nothing was to change."""

    def __init__(self) -> None:
        super().__init__()
        self.watching = False

    def _do(self, commands: list[Command]) -> list[Command]:
        done = super()._do(commands)
        if self.watching:
            for component in self.platform.fleet.components.values():
                assert self.serving(f"ic/{component.name}") >= component.desired_copies
        return done


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.6, 1.0, 2.0, 3.0]), st.integers(0, 4), strategies), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=6),
    st.integers(1, 3),
    st.integers(0, 2),
)
def test_a_fleet_is_packed_without_serving_less_and_then_rests(
    components: list[tuple[float, int, PlacementStrategy]], changes: list[tuple[int, int]], step: int, least: int
) -> None:
    world = Watched()
    world.endpoint(managed=(least, 12), consolidation=Consolidation(step=step, cooldown=5 * MINUTE))
    for n, (cpus, copies, placement) in enumerate(components):
        world.component(f"c{n}", cpus=cpus, copies=copies, placement=placement, memory_mb=256)
        world.run(MINUTE)
    for n, count in changes:
        if n < len(components):
            world.count(count, f"c{n}")
            world.run(MINUTE)
    world.run(4 * MINUTE)
    world.watching = True
    world.run(3 * HOUR)
    check_settled(world.platform)
    starts, instances = len(world.given(StartCopy)), world.instances()
    world.run(6 * HOUR)  # more than 70 times the cooldown, or any other time that it knows
    assert (len(world.given(StartCopy)), world.instances()) == (starts, instances)
    used = sum(1 for i in world.platform.fleet.instances if world.platform.fleet.crowd(i))
    assert instances == max(used, least)

"""Models that share a bounded memory: their lanes keep in step, and everybody is served."""

import random

import pytest

from stoker.decisions.eviction import EvictionOptions, Valuation
from stoker.sim.laws import Fixed, Start
from stoker.sim.policies import parse_policy
from stoker.sim.traces.values import Trace
from stoker.sim.world import World, WorldOptions
from stoker.units import DAY, MILLISECOND, SECOND, Instant
from tests.unit.sim.naive import stream

LOADS_S = (4.0, 4.0, 1.0, 1.0)
SHARES = (0.55, 0.25, 0.15, 0.05)


def skewed(seed: int, count: int) -> Trace:
    chance = random.Random(seed)
    rows: list[list[Instant]] = [[] for _ in SHARES]
    at = 0.0
    for _ in range(count):
        at += chance.expovariate(0.3)
        rows[chance.choices(range(len(SHARES)), SHARES)[0]].append(round(at * 1000) * MILLISECOND)
    return Trace("t", tuple(stream(each, [50 * MILLISECOND] * len(each), f"m{n}") for n, each in enumerate(rows)))


def lived(trace: Trace, eviction: EvictionOptions, memory_mb: int = 8192) -> World:
    options = WorldOptions(
        most_copies=1,
        memory_mb=memory_mb,
        sizes_mb={f"m{n}": 4096 for n in range(len(SHARES))},
        starts={f"m{n}": Start(load=Fixed(value_s=load)) for n, load in enumerate(LOADS_S)},
        eviction=eviction,
    )
    world = World(trace, parse_policy("split"), options)
    world.run(trace.span)
    world.serve_rest(DAY)
    world.close()
    assert sum(lane.handed for lane in world.lanes) == trace.requests
    return world


def waited_s(world: World) -> float:
    return sum(span for lane in world.lanes for span in lane.waits.spans) / SECOND


@pytest.fixture(scope="module")
def trace() -> Trace:
    return skewed(1, 250)


def test_there_are_never_more_copies_than_there_is_memory_for(trace: Trace) -> None:
    world = lived(trace, EvictionOptions())
    edges = sorted([(life.started, 1) for life in world.accounts.copies] + [(life.ended, -1) for life in world.accounts.copies])
    running = most = 0
    for _, step in edges:
        running += step
        most = max(most, running)
    assert most == 2
    assert world.platform.pressure.evicted >= 20


def test_by_cost_less_is_waited_than_by_lru(trace: Trace) -> None:
    cost, lru = (lived(trace, EvictionOptions(valuation=each)) for each in (Valuation.COST, Valuation.LRU))
    assert waited_s(cost) < waited_s(lru)
    assert cost.platform.pressure.evicted < lru.platform.pressure.evicted


def test_memory_for_all_is_as_good_as_no_bound(trace: Trace) -> None:
    bounded, free = (lived(trace, EvictionOptions(), memory_mb) for memory_mb in (4 * 4096, 0))
    assert bounded.platform.pressure.evicted == 0
    assert waited_s(bounded) == waited_s(free)

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.sim.oracle import UNBOUNDED, bounds, reactive, zero_wait
from stoker.sim.traces.values import Trace
from stoker.units import SECOND
from tests.unit.sim.naive import stream

jobs = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15)), min_size=1, max_size=5)


def least_by_trying(arrivals: list[int], services: list[int], start: int) -> int:
    """Try every way to chain invocations onto copies of one slot: each follows one that has ended, or begins a copy."""
    count = len(arrivals)
    ends = [at + service for at, service in zip(arrivals, services, strict=True)]
    best = 10**9
    for before in permutations([*range(count), *([-1] * count)], count):
        gaps = 0
        for index, previous in enumerate(before):
            if previous < 0:
                gaps += start
            elif ends[previous] > arrivals[index] or previous == index:
                break
            else:
                gaps += min(start, arrivals[index] - ends[previous])
        else:
            best = min(best, gaps)
    return best + sum(services)


@settings(max_examples=25, deadline=None)
@given(jobs.filter(lambda each: len(each) <= 4), st.integers(1, 20))
def test_it_is_the_least_cost_for_one_slot(each: list[tuple[int, int]], start: int) -> None:
    ordered = sorted(each)
    arrivals, services = [at for at, _ in ordered], [service for _, service in ordered]
    assert zero_wait(stream(arrivals, services), 1, start) == least_by_trying(arrivals, services, start)


def test_two_slots_share_a_copy() -> None:
    both = stream([0, 5], [10, 10])
    assert zero_wait(both, 1, 7) == 2 * 7 + 20
    assert zero_wait(both, 2, 7) == 7 + 15


def test_a_gap_costs_the_cheaper_of_staying_and_starting_again() -> None:
    near, far = stream([0, 15], [10, 10]), stream([0, 1000], [10, 10])
    assert zero_wait(near, UNBOUNDED, 60) == 60 + 10 + 5 + 10
    assert zero_wait(far, UNBOUNDED, 60) == 60 + 10 + 60 + 10


def test_without_starting_ahead_a_gap_costs_a_wait_too() -> None:
    far = stream([0, 1000], [10, 10])
    assert reactive(far, 60, 0.0) == zero_wait(far, UNBOUNDED, 60)
    assert reactive(far, 60, 2.0) == 2 * (60 + 120) + 20
    assert reactive(far, 60, 100.0) == 60 * 101 + 1010


@given(jobs, st.integers(1, 4), st.integers(1, 30))
def test_more_slots_never_cost_more(each: list[tuple[int, int]], slots: int, start: int) -> None:
    ordered = sorted(each)
    one = stream([at for at, _ in ordered], [service for _, service in ordered])
    assert zero_wait(one, slots + 1, start) <= zero_wait(one, slots, start)


def test_each_model_has_its_own_start() -> None:
    both = Trace("t", (stream([0], [SECOND], "a"), stream([0], [SECOND], "b")))
    assert bounds(both, 1, 60.0, {"b": 5.0}).zero_wait_s == 60 + 5 + 2

"""What every policy that follows demand must keep, whatever happens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stoker.decisions.policies import POLICIES, Seen, parse
from stoker.units import SECOND, Span
from tests.unit.decisions.policies.walk import BEGIN, Walk

demands = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 30)), min_size=1, max_size=12)
"""Seconds until the next change, and the demand from then on."""
NAMES = sorted(POLICIES)
some = settings(deadline=None, max_examples=25)
"""Each example walks for hours of virtual time."""


def run(name: str, steps: list[tuple[int, int]], **world: int) -> Walk:
    walk = Walk(parse(name).follower(), **world)
    at = 0
    for pause, demand in steps:
        at += pause
        walk.at(at, demand)
    return walk


@pytest.mark.parametrize("name", NAMES)
@some
@given(steps=demands, bounds=st.tuples(st.integers(0, 3), st.integers(0, 9)), slots=st.integers(1, 8), start=st.integers(1, 300))
def test_bounds_hold_and_a_look_is_never_due_at_once(
    name: str, steps: list[tuple[int, int]], bounds: tuple[int, int], slots: int, start: Span
) -> None:
    """The walk asserts it at every look."""
    least, more = bounds
    walk = run(name, steps, least=least, most=max(1, least + more), slots=slots, start=start * SECOND, desired=least)
    walk.until((walk.now - BEGIN) / SECOND + 5000)


@pytest.mark.parametrize("name", NAMES)
@some
@given(steps=demands)
def test_silence_leads_to_zero_and_rest(name: str, steps: list[tuple[int, int]]) -> None:
    walk = run(name, steps)
    end = (walk.now - BEGIN) / SECOND
    walk.at(end + 1, 0)
    walk.until(end + 20_000)
    assert walk.desired == 0
    assert walk.wish is not None
    assert walk.wish.look_again is None


@pytest.mark.parametrize("name", NAMES)
@some
@given(steps=demands, demand=st.integers(1, 30))
def test_constant_demand_comes_to_one_count(name: str, steps: list[tuple[int, int]], demand: int) -> None:
    walk = run(name, steps)
    end = (walk.now - BEGIN) / SECOND
    walk.at(end + 1, demand)
    walk.until(end + 4000)
    settled = len(walk.log)
    walk.until(end + 6000)
    assert len(walk.log) == settled
    assert walk.desired >= 1


@pytest.mark.parametrize("name", NAMES)
@some
@given(steps=demands, more=st.integers(0, 30), start=st.integers(1, 300))
def test_more_demand_never_wants_less(name: str, steps: list[tuple[int, int]], more: int, start: int) -> None:
    """Two equal policies see the same up to now, and one of them more from now on: it has at least as many until that settles."""
    quiet, busy = (run(name, steps, most=60, start=start * SECOND) for _ in range(2))
    end = (quiet.now - BEGIN) / SECOND + 1
    demand = steps[-1][1]
    quiet.at(end, demand)
    busy.at(end, demand + more)
    quiet.until(end + 4000)
    busy.until(end + 4000)
    assert busy.desired >= quiet.desired


@some
@given(steps=demands, more=st.lists(st.integers(0, 10), min_size=12, max_size=12), text=st.sampled_from(["split", "keep-alive"]))
def test_more_demand_never_wants_less_at_any_moment(steps: list[tuple[int, int]], more: list[int], text: str) -> None:
    """Our own policy keeps it moment by moment: what is needed or stays for the lower demand does so for the higher one."""
    lower, higher = Walk(parse(text).follower(), most=60), Walk(parse(text).follower(), most=60)
    at = 0
    for (pause, demand), extra in zip(steps, more, strict=False):
        at += pause
        lower.at(at, demand)
        higher.at(at, demand + extra)
        assert higher.desired >= lower.desired
        lower.until(at + pause / 2)
        higher.until(at + pause / 2)
        assert higher.desired >= lower.desired


@some
@given(demand=st.integers(0, 100), starting=st.integers(0, 30), ready=st.integers(0, 30))
def test_what_starts_is_never_ordered_twice(demand: int, starting: int, ready: int) -> None:
    """The same demand wants the same count, however much of it is ready already: `split` once those who wait have waited."""
    seen = Seen(now=BEGIN, held=demand, ready=ready, starting=starting, desired=ready + starting, most=100)
    need = Seen(now=BEGIN, held=demand, desired=ready + starting, most=100)
    least = max(demand, ready + starting)
    for text in ("split", "keep-alive"):
        follower = parse(text).follower()
        first = follower.want(seen).desired
        assert parse(text).follower().want(need).desired == least
        assert first == (ready + starting if text == "split" and ready else least)
        if ready:
            waited = replace(seen, now=BEGIN + 20 * SECOND, desired=first)
            assert follower.want(waited).desired == least

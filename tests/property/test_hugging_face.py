"""What Hugging Face's presets must keep, whatever load and requests do."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.policies import parse
from stoker.decisions.policies.hugging_face import HF_2023, HuggingFaceOptions
from stoker.units import SECOND
from tests.unit.decisions.policies.burning import Burning
from tests.unit.decisions.policies.walk import BEGIN, Walk

some = settings(deadline=None, max_examples=25)
PRESETS = st.sampled_from([("hf-2023", HF_2023), ("hf-current", HuggingFaceOptions())])
LOADS = st.lists(st.tuples(st.integers(1, 900), st.floats(0, 9)), min_size=1, max_size=12)
"""Seconds until the next change, and what the copies have to bear from then on."""
REQUESTS = st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 2000)), min_size=1, max_size=8)
"""Seconds from the end of the request before to the next one, and how long that takes."""


def burned(text: str, steps: list[tuple[int, float]], *, least: int = 1, start: int = 20) -> Burning:
    """Give a walk through these loads, with a request that lasts for ever."""
    burns = Burning(parse(text).follower(), least=least, desired=max(1, least), start=start * SECOND)
    burns.at(0, 1)
    for pause, load in steps:
        burns.burn((burns.now - BEGIN) / SECOND + pause, load)
    return burns


@some
@given(preset=PRESETS, steps=LOADS, start=st.integers(1, 400))
def test_one_copy_at_a_time_and_never_sooner_than_the_rules_allow(
    preset: tuple[str, HuggingFaceOptions], steps: list[tuple[int, float]], start: int
) -> None:
    """The walk asserts the bounds at every look."""
    name, options = preset
    burns = burned(name, steps, start=start)
    burns.pass_to((burns.now - BEGIN) / SECOND + 2000)
    counts = [1, *(count for _, count in burns.log)]
    assert all(abs(b - a) == 1 for a, b in pairwise(counts))
    ups = [at for (at, count), before in zip(burns.log, counts, strict=False) if count > before]
    downs = [at for (at, count), before in zip(burns.log, counts, strict=False) if count < before]
    assert all((b - a) * SECOND >= options.up for a, b in pairwise(ups))
    assert all((b - a) * SECOND >= max(options.down, options.stabilisation) for a, b in pairwise(downs))
    assert all(at % (options.up / SECOND) == 0 for at in ups)
    assert all(at % (options.down / SECOND) == 0 for at in downs)


@some
@given(preset=PRESETS, steps=LOADS, load=st.floats(0, 7.9), start=st.integers(1, 400))
def test_a_constant_load_comes_to_the_least_copies_that_bear_it(
    preset: tuple[str, HuggingFaceOptions], steps: list[tuple[int, float]], load: float, start: int
) -> None:
    burns = burned(preset[0], steps, start=start)
    now = (burns.now - BEGIN) / SECOND
    burns.burn(now, load)
    burns.pass_to(now + 12_000)
    settled = len(burns.log)
    burns.pass_to(now + 15_000)
    assert len(burns.log) == settled
    assert round(load / burns.desired, 6) < 0.8
    assert burns.desired == 1 or round(load / (burns.desired - 1), 6) >= 0.8


@some
@given(preset=PRESETS, requests=REQUESTS, utilisation=st.floats(0, 1))
def test_zero_comes_exactly_when_the_last_request_ended_the_idle_time_ago(
    preset: tuple[str, HuggingFaceOptions], requests: list[tuple[int, int]], utilisation: float
) -> None:
    """Of requests that come one after the other; those that take no time are seen by their peak alone."""
    name, options = preset
    text = f"{name}(idle=900s)"
    burns = Burning(parse(text).follower(), start=SECOND, most=3)
    burns.fixed = utilisation
    zeros: list[int] = []
    wakes: list[int] = []
    ended: int | None = None
    now = 0
    for pause, lasts in requests:
        if ended is None or pause >= 900:
            zeros += [] if ended is None else [ended + 900]
            wakes.append(now + pause)
        now += pause
        burns.pass_to(now)
        burns.at(now, 1 if lasts else 0, peak=1)
        now += lasts
        burns.pass_to(now)
        if lasts:
            burns.at(now, 0)
        ended = now
    burns.pass_to(now + 2000)
    assert [at for at, count in burns.log if count == 0] == [*zeros, now + 900]
    counts = [0, *(count for _, count in burns.log)]
    assert [at for (at, _), before in zip(burns.log, counts, strict=False) if before == 0] == wakes
    assert options.idle >= 900 * SECOND


@some
@given(steps=st.lists(st.tuples(st.integers(1, 400), st.integers(0, 30)), min_size=1, max_size=12), load=st.integers(1, 30))
def test_constant_pending_requests_come_to_the_least_copies_that_are_enough(steps: list[tuple[int, int]], load: int) -> None:
    walk = Walk(parse("hf-current(measure=pending)").follower(), most=40)
    at = 0
    for pause, demand in steps:
        at += pause
        walk.at(at, demand)
    walk.at(at + 1, load)
    walk.until(at + 20_000)
    assert load / walk.desired <= 1.5
    assert walk.desired == 1 or load / (walk.desired - 1) >= 1.5

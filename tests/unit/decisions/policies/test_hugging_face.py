"""The presets `hf-2023` and `hf-current`, by numbers worked out from their rules."""

import pytest

from stoker.decisions.policies import parse
from stoker.decisions.policies.follower import Seen, Usage
from stoker.decisions.policies.hugging_face import Measure, policy_text
from stoker.errors import InvalidParameterError
from stoker.units import HOUR, MINUTE, SECOND, Span
from tests.unit.decisions.policies.burning import Burning
from tests.unit.decisions.policies.walk import BEGIN, Walk


@pytest.mark.parametrize(
    ("preset", "measure", "threshold", "idle", "text"),
    [
        ("hf-current", None, None, None, "hf-current"),
        ("hf-current", Measure.PENDING, None, 15 * MINUTE, "hf-current(measure=pending, idle=900s)"),
        ("hf-current", Measure.PENDING, 1.5, None, "hf-current(measure=pending, threshold=1.5)"),
        ("hf-current", Measure.UTILISATION, 80, 60 * MINUTE, "hf-current(measure=utilisation, threshold=80%, idle=3600s)"),
        ("hf-current", None, None, 2 * SECOND + SECOND // 2, "hf-current(idle=2.5s)"),
        ("hf-2023", Measure.UTILISATION, 62.5, 60 * MINUTE, "hf-2023(measure=utilisation, threshold=62.5%)"),
        ("hf-2023", Measure.PENDING, 3, None, "hf-2023"),
    ],
)
def test_what_an_endpoint_asks_for_is_a_policy(
    preset: str, measure: Measure | None, threshold: float | None, idle: Span | None, text: str
) -> None:
    assert policy_text(preset, measure=measure, threshold=threshold, idle=idle) == text
    assert parse(text).by_utilisation == (measure is not Measure.PENDING or preset == "hf-2023")


@pytest.mark.parametrize(
    ("measure", "threshold", "name"),
    [
        (Measure.PENDING, 0, "pendingRequests"),
        (Measure.PENDING, 10_001, "pendingRequests"),
        (Measure.UTILISATION, 101, "hardwareUsage"),
        (Measure.UTILISATION, -1, "hardwareUsage"),
        (Measure.UTILISATION, float("nan"), "hardwareUsage"),
    ],
)
def test_a_threshold_out_of_range_is_named(measure: Measure, threshold: float, name: str) -> None:
    with pytest.raises(InvalidParameterError, match=f"{name} must be above 0 and at most") as caught:
        policy_text("hf-current", measure=measure, threshold=threshold)
    assert caught.value.field == f"compute.scaling.measure.{name}"


def walk(text: str, **world: int) -> Walk:
    return Walk(parse(text).follower(), **world)


def burning(text: str, **world: int) -> Burning:
    """Give a walk whose policy has been asked once, so that its loops have begun."""
    burns = Burning(parse(text).follower(), **world)
    burns.at(0, 0)
    return burns


def test_2023_looks_every_three_minutes_and_a_copy_comes_at_a_time() -> None:
    hf = walk("hf-2023", start=SECOND)
    hf.at(0, 1)
    hf.at(1, 4)
    hf.until(2000)
    assert hf.log == [(0, 1), (180, 2), (360, 3), (540, 4), (720, 5), (900, 6)], "4 of 5 are 80 % still"


def test_the_loops_begin_with_the_first_invocation() -> None:
    """Whatever the clock says: the first look has a whole period behind it."""
    hf = walk("hf-current", start=SECOND)
    hf.at(59, 1)
    hf.until(200)
    assert hf.log == [(59, 1), (119, 2)], "1 of 1 slot is busy, then 1 of 2"


def test_pending_requests_have_to_be_above_their_threshold() -> None:
    """4 pending: above 1.5 a copy on 1 and on 2 copies, 1.33 on 3. 3 on 2 copies are 1.5, and not above it."""
    hf = walk("hf-current(measure=pending)", start=SECOND)
    hf.at(0, 4)
    hf.until(600)
    assert hf.log == [(0, 1), (60, 2), (120, 3)]
    hf = walk("hf-current(measure=pending)", desired=2, start=SECOND)
    hf.at(0, 3)
    hf.until(600)
    assert hf.log == []
    hf = walk("hf-current(measure=pending, threshold=1.4)", desired=2, start=SECOND)
    hf.at(0, 3)
    hf.until(600)
    assert hf.log == [(60, 3)]


@pytest.mark.parametrize(("begin", "log"), [(44, [(60, 2)]), (45, [])])
def test_pending_requests_are_averaged_over_twenty_seconds(begin: int, log: list[tuple[float, int]]) -> None:
    """2 pending for 16 of 20 s are 1.6 on average; for 15 of 20 s they are 1.5, which is not above it."""
    hf = walk("hf-current(measure=pending)", desired=1, start=SECOND)
    hf.at(0, 0)
    hf.at(begin, 2)
    hf.until(60)
    assert hf.log == log


def test_what_is_being_answered_is_not_pending() -> None:
    seen = Seen(now=BEGIN, in_flight=5, held=2, answering=3, ready=1, desired=1)
    assert (seen.pending, seen.demand) == (4, 7)
    follower = parse("hf-current(measure=pending, idle=100s)").follower()
    answered = [Seen(now=BEGIN + i * MINUTE, in_flight=9, answering=9, ready=1, desired=1, most=5) for i in range(5)]
    assert [follower.want(each).desired for each in answered] == [1, 1, 1, 1, 1], "and yet it is not idle"


def test_a_copy_goes_when_one_less_would_bear_it_and_then_none_for_a_while() -> None:
    """Looks every 120 s, and 300 s have to pass: 360 s from one to the next. 2023 has no such time, and looks every 300 s."""
    for text, times in (("hf-current", [120, 480, 840]), ("hf-2023", [300, 600, 900])):
        hf = burning(text, desired=4, least=1, start=SECOND)
        hf.burn(0, 0.1)
        hf.pass_to(2000)
        assert hf.log == [(times[0], 3), (times[1], 2), (times[2], 1)]


def test_the_stabilisation_does_not_hold_back_going_up() -> None:
    hf = burning("hf-current", desired=3, least=1, start=SECOND)
    hf.burn(0, 1.0)
    hf.burn(125, 2.0)
    hf.pass_to(400)
    assert hf.log == [(120, 2), (180, 3)], "2.0 on 3 copies is 67 %, and on 2 it would be 100 %"


@pytest.mark.parametrize(("share", "log"), [(0.79, []), (0.8, [(60, 2)])])
def test_eighty_percent_are_enough(share: float, log: list[tuple[float, int]]) -> None:
    hf = burning("hf-current", desired=1, most=2, start=SECOND)
    hf.fixed = share
    hf.at(0, 1)
    hf.pass_to(100)
    assert hf.log == log


@pytest.mark.parametrize(
    ("text", "accelerated", "log"),
    [
        ("hf-2023", False, [(180, 2)]),
        ("hf-2023", True, []),
        ("hf-2023(accelerator_window=75s)", True, [(180, 2)]),
        ("hf-current", True, [(180, 2)]),
    ],
)
def test_accelerators_have_a_window_of_their_own(text: str, accelerated: bool, log: list[tuple[float, int]]) -> None:
    """90 % for the last 70 s: they are the whole last minute, 84 % of 75 s, and 53 % of two minutes."""
    hf = burning(text, desired=1, start=HOUR)
    hf.accelerated = accelerated
    hf.at(0, 1)
    hf.burn(0, 0.0)
    hf.burn(110, 0.9)
    hf.pass_to(180)
    assert hf.log == log


def test_where_there_is_no_figure_nothing_moves() -> None:
    """A reading that failed is no zero: the copies that were needed before are needed still."""
    hf = burning("hf-current", desired=3, least=1, start=SECOND)
    hf.burn(0, 2.0)
    hf.pass_to(300)
    hf.fails = True
    hf.pass_to(3000)
    assert hf.log == []
    hf.fails = False
    hf.burn(3000, 0.1)
    hf.pass_to(3200)
    assert hf.log == [(3120, 2)]


def test_why_nothing_moves_is_told() -> None:
    follower = parse("hf-current").follower()
    unknown = Usage(since=0, at=0, share=None)
    follower.want(Seen(now=BEGIN, in_flight=1, ready=1, desired=1, most=2, usage=unknown))
    wish = follower.want(Seen(now=BEGIN + MINUTE, in_flight=1, ready=1, desired=1, most=2, usage=unknown))
    assert wish.cause == "utilisation has no data over 60 s"


def test_time_without_a_figure_does_not_count() -> None:
    """Of the last minute 20 s are known, and were at 90 %."""
    hf = burning("hf-current", desired=1, start=HOUR)
    hf.at(0, 1)
    hf.burn(0, 0.9)
    hf.fails = True
    hf.pass_to(40)
    hf.fails = False
    hf.pass_to(60)
    assert hf.log == [(60, 2)]
    assert hf.wish is not None
    assert hf.wish.cause == "utilisation averages 0.9 over 60 s and 1 copy, 0.8 is the threshold"


@pytest.mark.parametrize(("text", "log"), [("hf-2023", [(180, 2)]), ("hf-2023(count_starting=false)", [(180, 2), (360, 3)])])
def test_copies_that_start_lower_the_average_of_2023(text: str, log: list[tuple[float, int]]) -> None:
    """One copy at 100 % and one that takes an hour to start."""
    hf = burning(text, desired=1, start=HOUR)
    hf.at(0, 1)
    hf.burn(0, 5.0)
    hf.pass_to(500)
    assert hf.log == log


def test_zero_comes_the_idle_time_after_the_last_invocation_ended() -> None:
    """Not after it came: one that takes longer than the idle time would lose its copy."""
    hf = walk("hf-2023", start=SECOND)
    hf.at(0, 1)
    hf.at(100, 0)
    hf.until(5000)
    assert hf.log == [(0, 1), (1000, 0)]
    long = walk("hf-current(idle=60s)", most=1)
    long.at(0, 1)
    long.at(500, 0)
    long.until(1000)
    assert long.log == [(0, 1), (560, 0)]


def test_zero_takes_no_notice_of_utilisation_nor_of_the_number_of_copies() -> None:
    hf = burning("hf-2023", desired=3, start=SECOND)
    hf.fixed = 1.0
    hf.at(0, 1)
    hf.pass_to(77)
    hf.at(77, 0)
    hf.pass_to(2000)
    assert [count for _, count in hf.log] == [4, 5, 6, 7, 8, 0]
    assert hf.log[-1] == (977, 0)


def test_what_came_and_went_between_two_looks_ended_with_the_one_that_told_of_it() -> None:
    hf = walk("hf-2023", start=SECOND)
    hf.at(0, 1)
    hf.at(10, 0)
    hf.at(33, 0, peak=2)
    hf.until(5000)
    assert hf.log == [(0, 1), (933, 0)]


def test_a_least_of_one_never_goes_to_zero() -> None:
    hf = walk("hf-2023", least=1, desired=1)
    hf.at(0, 1)
    hf.at(10, 0)
    hf.until(100_000)
    assert hf.log == []
    assert hf.looks < 20, "and it rests"

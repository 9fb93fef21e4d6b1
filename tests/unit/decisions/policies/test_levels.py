import pytest

from stoker.decisions.policies import Seen, parse
from stoker.decisions.policies.clearing import Clearing
from stoker.units import HOUR, MINUTE, SECOND, Span
from tests.unit.decisions.policies.walk import BEGIN, Walk


def split(text: str = "split(first=300s, further=60s)", **world: int) -> Walk:
    return Walk(parse(text).follower(), **world)


def test_capacity_follows_demand_in_the_same_instant() -> None:
    walk = split()
    walk.at(5, 1)
    walk.at(7, 4)
    assert walk.log == [(5, 1), (7, 4)]
    assert walk.wish is not None
    assert walk.wish.cause == "0 invocations in flight and 4 waiting need 4 copies at 1 each"


def test_the_first_copy_stays_longer_than_the_others() -> None:
    walk = split()
    walk.at(0, 3)
    walk.at(100, 0)
    walk.until(1000)
    assert walk.log == [(0, 3), (160, 1), (550, 0)]  # three came in a short time: half as long again


def test_each_further_copy_goes_by_its_own_time() -> None:
    walk = split()
    walk.at(0, 3)
    walk.at(100, 2)
    walk.at(120, 1)
    walk.until(1000)
    assert walk.log == [(0, 3), (160, 2), (180, 1)]


def test_a_copy_needed_again_stays_as_if_it_had_always_been() -> None:
    walk = split()
    walk.at(0, 2)
    walk.at(100, 0)
    walk.at(150, 2)
    walk.at(200, 0)
    walk.until(1000)
    assert walk.log == [(0, 2), (260, 1), (650, 0)]


def test_it_does_not_look_while_nothing_can_change() -> None:
    walk = split()
    walk.at(0, 3)
    walk.until(100_000)
    assert walk.wish is not None
    assert walk.wish.look_again is None
    assert walk.looks <= 3


def test_concurrency_is_the_option_then_what_a_copy_says() -> None:
    by_copy, by_option = split(slots=4), split("split(concurrency=8)", slots=4)
    for walk in (by_copy, by_option):
        walk.at(0, 9)
    assert (by_copy.desired, by_option.desired) == (3, 2)


def test_invocations_between_two_looks_count() -> None:
    walk = split("keep-alive(idle=300s)")
    walk.at(0, 0, peak=2)
    walk.until(1000)
    assert walk.log == [(0, 2), (300, 0)]


def test_invocations_between_two_looks_bring_the_first_copy() -> None:
    walk = split()
    walk.at(0, 0, peak=2)
    walk.until(1000)
    assert walk.log == [(0, 1), (300, 0)]


def test_a_further_copy_that_was_needed_for_a_moment_goes_soon() -> None:
    walk = split()
    walk.at(0, 1)
    walk.at(100, 3)
    walk.at(102, 1)
    walk.until(1000)
    assert [(round(at), copies) for at, copies in walk.log] == [(0, 1), (100, 3), (112, 1)]


def test_a_queue_waits_for_as_long_as_a_start_is_worth() -> None:
    walk = split("split(first=660s)", start=60 * SECOND)  # a second of waiting is worth 10, so a start is worth 6 s
    walk.at(0, 1)
    walk.at(100, 2)
    walk.until(105)
    assert walk.log == [(0, 1)]
    assert walk.wish is not None
    assert walk.wish.cause == (
        "1 invocation in flight and 1 waiting need 2 copies at 1 each; "
        "those who wait have not waited long enough for another to be worth its start"
    )
    walk.until(110)
    assert [(round(at, 1), copies) for at, copies in walk.log] == [(0, 1), (106.3, 2)]


def test_many_who_wait_for_one_copy_have_it_sooner() -> None:
    walk = split("split(first=660s)", start=60 * SECOND, most=100, slots=8)
    walk.at(0, 1)
    walk.at(90, 8)
    walk.at(100, 18)
    walk.until(110)
    assert [(round(at, 2), copies) for at, copies in walk.log] == [(0, 1), (100.75, 2), (103.08, 3)]


def test_a_burst_has_all_its_copies_at_once() -> None:
    walk = split("split(first=660s)", start=60 * SECOND, most=100)
    walk.at(0, 1)
    walk.at(100, 61)
    walk.until(200)
    assert [(round(at, 1), copies) for at, copies in walk.log] == [(0, 1), (106.3, 61)]


def test_a_further_copy_stays_until_it_could_serve_whoever_comes_again() -> None:
    walk = split("split(first=660s)", start=60 * SECOND)
    for second in range(0, 7200, 30):
        walk.at(second, 1)
        walk.at(second + 27, 2)
    late = [copies for at, copies in walk.log if at > 600]
    assert walk.desired == 2
    assert len(late) <= 2  # worth it on the whole, so it is there on the whole


def test_whoever_never_reaches_a_copy_breaks_nothing() -> None:
    walk = split("split(first=1s)")
    walk.at(0, 1)
    walk.at(1, 0)
    for second in range(2, 3000, 3):
        walk.at(second, 1)
        walk.came = 1
        walk.at(second + 1, 0)
    assert walk.desired <= 1


def test_a_queue_that_is_cleared_soon_starts_nothing() -> None:
    walk = split("split(first=660s)", start=60 * SECOND)
    walk.at(0, 1)
    for second in range(100, 1000, 50):
        walk.at(second, 1)
        walk.at(second + 10, 2)
        walk.at(second + 12, 1)
    assert walk.log == [(0, 1)]


def test_a_queue_that_comes_again_and_again_is_worth_a_copy() -> None:
    walk = split("split(first=660s)", start=60 * SECOND)
    for second in range(0, 100, 10):
        walk.at(second, 1)
        walk.at(second + 7, 2)
    assert walk.desired == 2


def test_whatever_a_start_is_worth_a_queue_that_lasts_gets_its_copy() -> None:
    walk = split("split(first=0s)", start=60 * SECOND)
    walk.at(0, 1)
    walk.at(100, 2)
    walk.until(142)
    assert [copies for _, copies in walk.log] == [1, 2]


def test_nothing_is_weighed_while_nothing_serves() -> None:
    walk = split(start=60 * SECOND)
    walk.at(0, 1)
    walk.at(1, 3)
    assert walk.log == [(0, 1), (1, 3)]


@pytest.mark.parametrize(
    ("each", "stays"),
    [
        pytest.param(10, 450, id="often: half as long again"),
        pytest.param(217, 300, id="three times in twice that time: as long"),
        pytest.param(2000, 150, id="seldom: half as long"),
    ],
)
def test_the_first_copy_stays_by_how_often_invocations_come(each: int, stays: int) -> None:
    walk = split(start=60 * SECOND)
    for at in range(0, 8001, each):
        walk.at(at, 1)
        walk.at(at + 1, 0)
    last = walk.now
    walk.until(20_000)
    ended = BEGIN + walk.log[-1][0] * SECOND
    assert (ended - last) / SECOND == pytest.approx(stays, rel=0.15)


def test_the_first_invocation_of_all_has_the_copy_stay_for_just_that_time() -> None:
    walk = split()
    walk.at(0, 1)
    walk.at(1, 0)
    walk.until(1000)
    assert [(round(at), copies) for at, copies in walk.log] == [(0, 1), (300, 0)]


def test_a_further_copy_that_is_needed_now_and_then_stays_on() -> None:
    walk = split()
    for minute in range(0, 600, 20):
        walk.at(minute, 2)
        walk.at(minute + 5, 1)
    changes = [at for at, _ in walk.log if at > 100]
    assert not changes


def test_demand_to_come_is_ready_for_with_the_first_copy() -> None:
    walk = split(start=60 * SECOND, most=100)
    for second in range(1, 61):
        walk.at(second, 2 * second)
    assert walk.wish is not None
    early = [copies for at, copies in walk.log if at <= 10]
    assert max(early) >= 50  # of the 120 that will have come by the time the first copy is ready
    assert max(copies for _, copies in walk.log) <= 130


def test_the_cause_of_foresight_quotes_it() -> None:
    walk = split(start=60 * SECOND, most=100)
    walk.at(0, 1)
    walk.at(10, 25)
    assert walk.wish is not None
    assert walk.wish.cause == (
        "0 invocations in flight and 25 waiting, with 75 more by the time a copy is ready, need 100 copies at 1 each"
    )


def test_a_burst_is_no_rate() -> None:
    walk = split(start=60 * SECOND, most=100)
    walk.at(0, 16)
    walk.until(4)
    assert walk.desired == 16


def test_what_was_foreseen_and_does_not_come_is_let_go() -> None:
    walk = split(start=60 * SECOND, most=100)
    walk.at(0, 1)
    walk.at(6, 30)
    foreseen = walk.desired
    walk.until(50)
    assert foreseen > 100 * 0.9
    assert walk.desired < 50


def test_a_trickle_keeps_the_first_copy() -> None:
    walk = split()
    for at in range(0, 10_000, 200):
        walk.at(at, 0, peak=1)
    assert walk.log == [(0, 1)]


@pytest.mark.parametrize(
    ("start", "first", "further"),
    [
        pytest.param(60 * SECOND, 720 * SECOND, 300 * SECOND, id="12 D and 5 D"),
        pytest.param(SECOND, MINUTE, 30 * SECOND, id="no less than a minute and half of one"),
        pytest.param(30 * MINUTE, HOUR, 10 * MINUTE, id="no more than an hour and ten minutes"),
    ],
)
def test_default_stays_go_by_the_start_up_time(start: Span, first: Span, further: Span) -> None:
    walk = split("split", start=start)
    walk.at(0, 2)
    walk.at(10_000, 0)
    walk.until(100_000)
    seldom = first / 2  # two invocations in so long a time
    begin, *between, end = walk.log
    assert (begin, end) == ((0, 2), (10_000 + max(seldom, further) / SECOND, 0))
    assert between == ([(10_000 + further / SECOND, 1)] if seldom > further else [])


def test_what_is_there_at_first_sight_gets_its_time() -> None:
    walk = split(desired=3)
    walk.at(0, 0)
    walk.until(1000)
    assert walk.log == [(60, 1), (300, 0)]


def test_bounds_hold_and_may_move() -> None:
    walk = split(least=1, most=3)
    walk.at(0, 9)
    assert walk.desired == 3
    walk.most = 2
    walk.look(9)
    assert walk.desired == 2
    walk.at(10, 0)
    walk.until(10_000)
    assert walk.desired == 1
    assert walk.wish is not None
    assert walk.wish.look_again is None


@pytest.mark.parametrize("name", ["ray", "knative", "keda", "hf-current"])
def test_bounds_that_move_are_the_cause(name: str) -> None:
    walk = Walk(parse(name).follower(), desired=4, most=5)
    walk.at(0.5, 4)
    walk.most = 3
    wish = walk.look(4)
    assert (wish.desired, wish.cause) == (3, "0 to 3 copies are allowed")


def test_keep_alive_lets_every_copy_stay_alike() -> None:
    walk = split("keep-alive(idle=100s)")
    walk.at(0, 3)
    walk.at(50, 0)
    walk.until(1000)
    assert walk.log == [(0, 3), (150, 0)]


def test_pending_copies_are_part_of_the_wish() -> None:
    follower = parse("split").follower()
    for starting in range(4):
        seen = Seen(now=BEGIN, held=3, starting=starting, desired=starting, most=5)
        assert follower.want(seen).desired == 3


def test_a_backlog_of_short_requests_at_zero_starts_no_copy_for_each() -> None:
    walk = split(start=60 * SECOND, service=2 * SECOND)
    walk.at(0, 3)
    walk.until(30)
    assert walk.log == [(0, 1)]  # within a tenth of 60 s one copy serves four of 2 s
    assert walk.wish is not None
    assert walk.wish.cause == ("0 invocations in flight and 3 waiting need 1 copy at 4 each (each takes 2 s: soon cleared)")


def test_long_requests_start_a_copy_each() -> None:
    walk = split(start=60 * SECOND, service=10 * MINUTE)
    walk.at(0, 3)
    assert walk.log == [(0, 3)]


def test_a_backlog_that_is_not_cleared_in_time_is_demand() -> None:
    walk = split(start=60 * SECOND, service=2 * SECOND)
    walk.at(0, 3)
    walk.until(71)
    assert walk.log == [(0, 1)]
    walk.until(100)  # twice the tenth of a start-up time after the first copy is there two are waiting still
    assert [(round(at), copies) for at, copies in walk.log] == [(0, 1), (89, 3)]


def test_a_backlog_that_is_cleared_leaves_a_queue_like_any() -> None:
    walk = split(start=60 * SECOND, service=2 * SECOND)
    walk.at(0, 3)
    walk.at(62, 1)
    walk.at(63, 2)
    walk.until(90)
    assert [(round(at), copies) for at, copies in walk.log] == [(0, 1), (80, 2)]


def test_a_copy_is_never_counted_on_for_more_than_is_sure() -> None:
    walk = split(start=60 * SECOND, service=1, most=100)
    walk.at(0, 128)
    assert walk.log == [(0, 2)]


def test_what_starts_in_no_time_is_started_at_once() -> None:
    walk = split(start=1)
    walk.at(0, 1)
    walk.at(10, 4)
    assert walk.log == [(0, 1), (10, 4)]


@pytest.mark.parametrize(("demand", "times"), [(5, 4.0), (4, 1.0)])
def test_a_backlog_is_cleared_when_only_what_the_policy_puts_on_a_copy_is_left(demand: int, times: float) -> None:
    clearing = Clearing()
    seen = Seen(now=BEGIN, held=8, start_time=60 * SECOND, service_time=2 * SECOND)
    assert clearing.each(seen, 4.0) == 4.0
    later = Seen(now=BEGIN + 60 * SECOND, held=demand, ready=1, start_time=60 * SECOND, service_time=2 * SECOND)
    assert clearing.each(later, 4.0) == times

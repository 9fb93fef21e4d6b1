"""The policies of other systems, each by numbers worked out from its formulas."""

from stoker.decisions.policies import parse
from stoker.units import SECOND
from tests.unit.decisions.policies.walk import Walk


def walk(text: str, **world: int) -> Walk:
    return Walk(parse(text).follower(), **world)


def test_knative_pokes_at_zero_and_counts_seven_tenths_of_concurrency() -> None:
    """ceil(1 / 0.7) = 2: a copy of concurrency 1 is meant to be busy 70 % of the time."""
    one = walk("knative")
    one.at(5.5, 1)
    assert one.log == [(5.5, 2)]
    many = walk("knative(concurrency=100)")
    many.at(5.5, 140)
    assert many.log == [(5.5, 2)]


def test_knative_panics_by_the_short_window_and_never_falls_in_it() -> None:
    """One copy of 10 (target 7), demand 5, then 40.

    After 2 s the mean over 6 s is (4 × 5 + 2 × 40) / 6 = 16.7: ceil(16.7 / 7) = 3 is more than twice the 1 ready. After 6 s it is
    40, and ceil(40 / 7) = 6.
    """
    panic = walk("knative(concurrency=10)", desired=1, start=120 * SECOND)
    panic.at(0, 5)
    panic.at(120, 40)
    panic.until(126)
    assert panic.log == [(122, 3), (124, 5), (126, 6)]
    panic.at(130, 0)
    panic.until(180)
    assert panic.desired == 6
    panic.now += 2 * SECOND
    assert "in panic, so no less than 6 copies" in panic.look(0).cause


def test_knative_goes_to_zero_a_stable_window_and_a_grace_after_the_last_request() -> None:
    last = walk("knative(concurrency=10)")
    last.at(0, 1)
    last.at(100, 0)
    last.until(1000)
    assert last.log == [(0, 1), (190, 0)]
    kept = walk("knative(concurrency=10, retention=15m)")
    kept.at(0, 1)
    kept.at(100, 0)
    kept.until(2000)
    assert kept.log == [(0, 1), (100 + 60 + 900, 0)]


def test_knative_halves_at_most() -> None:
    """8 copies without any load: floor(8 / 2) = 4 are the least that one look leaves."""
    halved = walk("knative", desired=8)
    halved.at(0, 0)
    halved.until(300)
    counts = [count for _, count in halved.log]
    assert counts == [4, 2, 1, 0]


def test_knative_rests_once_nothing_moves() -> None:
    steady = walk("knative(concurrency=10)", least=1, desired=1)
    steady.at(0, 3)
    steady.until(100_000)
    assert steady.looks < 100


def test_ray_waits_out_its_delays() -> None:
    """2 a copy, 8 ongoing: the 30 s mean passes 2 after 8 s (8 t / 30 > 2) and its wish rises on; 30 s later it is 4."""
    grown = walk("ray(target=2)", desired=1)
    grown.at(0, 0)
    grown.at(30, 8)
    grown.at(130, 0)
    grown.until(3000)
    (up, most), (down, least), (zero, none) = grown.log
    assert (most, least, none) == (4, 1, 0)
    assert 67 <= up <= 69
    # Eight seconds after the end (30 s mean ≤ 6) the wish is below 4; ten minutes on it is zero, and zero comes only from one.
    assert 737 <= down <= 739
    assert zero == down + 601


def test_ray_leaves_zero_at_once() -> None:
    woken = walk("ray")
    woken.at(3.3, 5)
    assert woken.log == [(3.3, 1)]


def test_ray_has_a_delay_of_its_own_for_zero() -> None:
    quick = walk("ray(zero_delay=60s, look_back=10s)", desired=1)
    quick.at(0, 1)
    quick.at(100, 0)
    quick.until(1000)
    assert quick.log == [(170, 0)]


def test_keda_waits_for_a_poll_and_then_for_a_sync() -> None:
    """Polls every 30 s, syncs every 15 s; up by 4 (or double) a sync: 1 → 5 → 10."""
    polled = walk("keda")
    polled.at(31, 10)
    polled.until(300)
    assert polled.log == [(60, 1), (75, 5), (90, 10)]


def test_the_http_add_on_pushes() -> None:
    pushed = walk("keda-http")
    pushed.at(31, 2)
    pushed.until(100)
    assert pushed.log == [(31, 1), (45, 2)]


def test_keda_comes_down_by_the_greatest_of_five_minutes_and_to_zero_after_a_cooldown() -> None:
    down = walk("keda(cooldown=600s)")
    down.at(0, 4)
    down.at(100, 2)
    down.at(1000, 0)
    down.until(3000)
    # The last sync that wanted 4 was at 90: 300 s later it counts no more.
    assert down.log == [(0, 1), (15, 4), (390, 2), (1290, 1), (1590, 0)]


def test_keda_tolerates_a_tenth() -> None:
    """11 over 10 copies of 1 is a ratio of 1.1: nothing happens; 12 is more than that."""
    steady = walk("keda", desired=10, most=20)
    steady.at(0, 11)
    steady.until(60)
    assert steady.log == []
    steady.at(61, 12)
    steady.until(120)
    assert steady.log == [(75, 12)]

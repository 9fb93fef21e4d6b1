import random

import pytest

from stoker.decisions.policies.windows import Told, Window
from stoker.units import HOUR, SECOND, Instant
from tests.unit.decisions.policies.walk import BEGIN


def test_a_mean_is_over_the_time_since_the_beginning_until_that_is_long_enough() -> None:
    window = Window(60 * SECOND)
    window.note(6.0, BEGIN)
    assert window.mean(60 * SECOND, BEGIN) == 6.0
    window.note(0.0, BEGIN + 10 * SECOND)
    assert window.mean(60 * SECOND, BEGIN + 30 * SECOND) == 2.0
    assert window.mean(60 * SECOND, BEGIN + 60 * SECOND) == 1.0
    assert window.mean(6 * SECOND, BEGIN + 30 * SECOND) == 0.0
    assert window.mean(60 * SECOND, BEGIN + 70 * SECOND) == 0.0


def test_a_long_silence_is_remembered_as_what_it_was() -> None:
    window = Window(60 * SECOND)
    window.note(3.0, BEGIN)
    assert window.mean(60 * SECOND, BEGIN + 5 * HOUR) == 3.0
    window.note(0.0, BEGIN + 5 * HOUR)
    assert window.mean(60 * SECOND, BEGIN + 5 * HOUR + 30 * SECOND) == 1.5


def test_a_new_beginning_forgets() -> None:
    window = Window(60 * SECOND)
    window.note(0.0, BEGIN)
    window.restart(BEGIN + 50 * SECOND)
    window.note(4.0, BEGIN + 50 * SECOND)
    assert window.mean(60 * SECOND, BEGIN + 52 * SECOND) == 4.0


def test_means_on_whole_seconds_are_exact() -> None:
    """Against sums over the steps themselves."""
    chance = random.Random(5)
    window = Window(30 * SECOND)
    steps: list[tuple[Instant, float]] = []
    now = BEGIN
    for _ in range(400):
        value = float(chance.randrange(9))
        window.note(value, now)
        steps.append((now, value))
        now += chance.choice([1, 10**7, SECOND, 3 * SECOND, 40 * SECOND])
        whole = now - now % SECOND + SECOND
        for span in (6 * SECOND, 30 * SECOND):
            assert abs(window.mean(span, whole) - _mean(steps, max(BEGIN, whole - span), whole)) < 1e-9
        now = whole


def _mean(steps: list[tuple[Instant, float]], start: Instant, end: Instant) -> float:
    total = 0.0
    for (at, value), after in zip(steps, [*(at for at, _ in steps[1:]), end], strict=True):
        total += value * max(0, min(after, end) - max(at, start))
    return total / (end - start)


def test_a_window_of_hours_stays_small() -> None:
    window = Window(10 * HOUR)
    window.note(1.0, BEGIN)
    window.note(0.0, BEGIN + 5 * HOUR)
    assert abs(window.mean(10 * HOUR, BEGIN + 10 * HOUR) - 0.5) < 1e-6


def test_what_was_told_afterwards_is_averaged_up_to_the_newest_of_it() -> None:
    told = Told(60 * SECOND)
    assert told.mean(60 * SECOND, BEGIN) is None
    for i, value in enumerate([1.0, 0.0, 0.5, 0.5, 0.5, 0.5, 0.2]):
        told.was(value, BEGIN + i * 10 * SECOND, BEGIN + (i + 1) * 10 * SECOND)
    assert told.mean(60 * SECOND, BEGIN + 70 * SECOND) == pytest.approx(2.2 / 6)
    assert told.mean(60 * SECOND, BEGIN + 79 * SECOND) == pytest.approx(2.2 / 6), "nothing has been told since"
    assert told.mean(20 * SECOND, BEGIN + 70 * SECOND) == pytest.approx(0.35)
    assert told.mean(0, BEGIN + 70 * SECOND) == 0.2


def test_what_was_told_twice_counts_once() -> None:
    told = Told(60 * SECOND)
    told.was(1.0, BEGIN, BEGIN + 10 * SECOND)
    told.was(0.0, BEGIN, BEGIN + 10 * SECOND)
    told.was(0.0, BEGIN - 5 * SECOND, BEGIN + 20 * SECOND)
    assert told.mean(60 * SECOND, BEGIN + 20 * SECOND) == 0.5


def test_what_nobody_told_of_has_no_part_in_a_mean() -> None:
    told = Told(60 * SECOND)
    told.was(0.9, BEGIN, BEGIN + 10 * SECOND)
    told.was(0.5, BEGIN + 40 * SECOND, BEGIN + 50 * SECOND)
    assert told.mean(60 * SECOND, BEGIN + 50 * SECOND) == pytest.approx(0.7)
    told = Told(60 * SECOND)
    told.note(0.5, BEGIN)
    told.note(None, BEGIN + 10 * SECOND)
    told.note(0.1, BEGIN + 50 * SECOND)
    told.note(0.1, BEGIN + 60 * SECOND)
    assert told.mean(60 * SECOND, BEGIN + 60 * SECOND) == pytest.approx(0.3)


def test_what_was_told_long_ago_is_nothing() -> None:
    told = Told(20 * SECOND)
    told.was(1.0, BEGIN, BEGIN + 10 * SECOND)
    assert told.mean(20 * SECOND, BEGIN + 30 * SECOND) == 1.0
    assert told.mean(20 * SECOND, BEGIN + 31 * SECOND) is None
    told.was(1.0, BEGIN + 10 * SECOND, BEGIN + 400 * SECOND)
    assert told.mean(20 * SECOND, BEGIN + 780 * SECOND) == 1.0, "as long again as the newest lasted, and as long"

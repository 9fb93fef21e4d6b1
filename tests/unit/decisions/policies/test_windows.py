import random

from stoker.decisions.policies.windows import Window
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

"""When failed invocations are tried again, and where in a flexible window one happens."""

import pytest

from stoker.decisions.invoking import AGE, ATTEMPTS, again, filled, shift
from stoker.domain.timetable import Invocation, RetryPolicy, ScheduleKey, ScheduleTarget
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant

T0 = 20_000 * DAY


def invocation(attempts: int, due: Instant = T0, **retry: int) -> Invocation:
    target = ScheduleTarget(arn="arn:t", role_arn="arn:r", retry=RetryPolicy(**retry), input="<aws.scheduler.execution-id>")
    return Invocation(
        execution="e",
        schedule=ScheduleKey("default", "s"),
        schedule_arn="arn:s",
        scheduled=T0,
        target=target,
        due=due,
        attempts=attempts,
    )


def test_all_retries_that_aws_allows_just_fill_the_day_that_it_allows() -> None:
    now, attempts = T0, 1
    while isinstance(due := again(invocation(attempts), now), int):
        assert SECOND <= due - now <= 480 * SECOND
        now, attempts = due, attempts + 1
    assert due == ATTEMPTS
    assert attempts == 186
    assert 23 * HOUR < now - T0 <= DAY


@pytest.mark.parametrize(("attempts", "waits"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 480), (185, 480)])
def test_delays_double(attempts: int, waits: int) -> None:
    assert again(invocation(attempts), T0) == T0 + waits * SECOND


def test_age_ends_it_too() -> None:
    assert again(invocation(1, max_age=MINUTE), T0 + 59 * SECOND) == T0 + MINUTE
    assert again(invocation(2, max_age=MINUTE), T0 + 59 * SECOND) == AGE
    assert again(invocation(1, max_retries=0), T0) == ATTEMPTS


def test_shifts_are_within_the_window_and_spread() -> None:
    shifts = {shift(f"execution-{number}", 15 * MINUTE) for number in range(500)}
    assert all(0 <= each < 15 * MINUTE and each % SECOND == 0 for each in shifts)
    assert len(shifts) > 300
    assert shift("e", 0) == 0


def test_attributes_are_filled_in() -> None:
    assert filled(invocation(0)) == "e"

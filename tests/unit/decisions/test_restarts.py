import pytest

from stoker.decisions.restarts import (
    REASON_LIMIT,
    Restarts,
    after_failure,
    failure_reason,
    given_up,
    hopes,
    told_to_invokers,
    wait_after,
)
from stoker.units import MINUTE, SECOND


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (7, 32), (8, 60), (9, 60), (10_000, 60)]
)
def test_the_wait_doubles_up_to_a_minute(failures: int, seconds: int) -> None:
    assert wait_after(failures) == seconds * SECOND


def test_failures_add_up_until_a_copy_proves_itself() -> None:
    first = after_failure(Restarts(), created=0, served_for=0, now=100)
    assert first == Restarts(failures=1, not_before=100, unready=1)
    second = after_failure(first, created=100, served_for=MINUTE - 1, now=100)
    assert second == Restarts(failures=2, not_before=100 + SECOND)
    assert after_failure(second, created=0, served_for=MINUTE, now=100) == Restarts(failures=1, not_before=100)


def test_after_three_attempts_that_never_answered_there_is_nothing_to_wait_for() -> None:
    record = Restarts()
    for attempt in range(3):
        assert hopes(record)
        record = after_failure(record, created=attempt * MINUTE, served_for=0, now=attempt * MINUTE)
    assert not hopes(record)
    assert hopes(after_failure(record, created=record.not_before, served_for=SECOND, now=record.not_before + SECOND))


def test_copies_that_break_together_count_once() -> None:
    first = after_failure(Restarts(), created=0, served_for=0, now=100)
    assert after_failure(first, created=0, served_for=SECOND, now=200) == first
    second = after_failure(first, created=100, served_for=0, now=300)
    assert second == Restarts(failures=2, not_before=300 + SECOND, unready=2)
    assert after_failure(second, created=100, served_for=0, now=400) == second


@pytest.mark.parametrize(
    ("failures", "ever_ready", "hopeless", "expected"),
    [
        pytest.param(2, False, False, False, id="another try"),
        pytest.param(3, False, False, True, id="three in a row"),
        pytest.param(1, False, True, True, id="another start would end alike"),
        pytest.param(99, True, True, False, id="it has served once"),
    ],
)
def test_only_a_workload_that_never_served_is_given_up(
    failures: int, *, ever_ready: bool, hopeless: bool, expected: bool
) -> None:
    assert given_up(Restarts(failures=failures), ever_ready=ever_ready, hopeless=hopeless) is expected


def test_a_reason_says_what_happened_and_ends_with_the_last_lines() -> None:
    assert failure_reason("It exited with code 1.", " a\nb \n", ready_once=True) == (
        "It exited with code 1. Last lines of its log:\na\nb"
    )
    assert failure_reason("It exited.", "", ready_once=False) == (
        "The copy never answered its health check. It exited. It wrote nothing to its log."
    )
    assert failure_reason("", "x", ready_once=True).startswith("The copy stopped.")


@pytest.mark.parametrize(
    ("log", "kept"),
    [
        pytest.param("a" * 2000 + "\nb\nc", "b\nc", id="a line that is cut goes"),
        pytest.param("a" * 200 + "\n" + "b" * 990, "b" * 990, id="a whole line that just fits stays"),
        pytest.param("a" * 2000, "a" * 990, id="of one long line the end stays"),
    ],
)
def test_a_reason_quotes_whole_lines(log: str, kept: str) -> None:
    reason = failure_reason("It exited.", log, ready_once=True)
    assert reason == f"It exited. Last lines of its log:\n{kept}"


def test_those_who_invoke_read_the_last_line_of_the_log_and_no_traceback() -> None:
    reason = failure_reason("It exited.", "Traceback\n  line 3\nKeyError: 'x'\n\n", ready_once=True)
    assert told_to_invokers(reason) == "It exited. It last wrote: KeyError: 'x'"
    assert told_to_invokers(failure_reason("It exited.", "", ready_once=True)) == "It exited. It wrote nothing to its log."
    assert told_to_invokers("The update failed.") == "The update failed."


@pytest.mark.parametrize("ready_once", [True, False])
@pytest.mark.parametrize(("reason", "tail"), [("r" * 5000, ""), ("r" * 5000, "t" * 5000), ("short", "t" * 5000)])
def test_a_reason_is_never_longer_than_the_api_allows(reason: str, tail: str, *, ready_once: bool) -> None:
    text = failure_reason(reason, tail, ready_once=ready_once)
    assert len(text) <= REASON_LIMIT
    assert text.endswith("t") or not tail

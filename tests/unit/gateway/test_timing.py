"""Where a held invocation's time went."""

from stoker.gateway.timing import cold_start, server_timing
from stoker.units import MILLISECOND, SECOND

START = 1_000 * SECOND
PHASES = (
    ("created", START + 10 * MILLISECOND),
    ("placed", START + 10 * MILLISECOND),
    ("fetched", START + 30 * MILLISECOND),
    ("spawned", START + 60 * MILLISECOND),
    ("listening", START + 100 * MILLISECOND),
    ("ready", START + 400 * MILLISECOND),
)


def test_a_wait_is_told_phase_by_phase_and_adds_up() -> None:
    told = cold_start(PHASES, waited=410 * MILLISECOND, handed=START + 410 * MILLISECOND, speed=1.0)
    assert told == [
        ("decide", 10 * MILLISECOND),
        ("fetch", 20 * MILLISECOND),
        ("spawn", 30 * MILLISECOND),
        ("boot", 40 * MILLISECOND),
        ("load", 300 * MILLISECOND),
        ("route", 10 * MILLISECOND),
    ]


def test_only_the_rest_of_a_start_counts_for_one_who_came_late() -> None:
    told = cold_start(PHASES, waited=50 * MILLISECOND, handed=START + 400 * MILLISECOND, speed=1.0)
    assert told == [("load", 50 * MILLISECOND)]


def test_a_fast_clock_is_told_in_real_time() -> None:
    phases = tuple((name, START + 60 * (at - START)) for name, at in PHASES)
    told = cold_start(phases, waited=400 * MILLISECOND, handed=START + 60 * 400 * MILLISECOND, speed=60.0)
    assert dict(told)["load"] == 300 * MILLISECOND


def test_a_wait_for_a_copy_that_was_ready_before_has_no_phases() -> None:
    assert cold_start(PHASES, waited=50 * MILLISECOND, handed=START + 10 * SECOND, speed=1.0) == []


def test_the_header_line_is_in_milliseconds() -> None:
    assert server_timing([("hold", 1_500_000), ("model", 20_000_000)]) == b"server-timing: hold;dur=1.5, model;dur=20.0\r\n"

from pathlib import Path

from stoker.control.timekeeping import NOTE_EVERY_S, begin_clock, former_clock, note_clock
from stoker.units import HOUR, SECOND, seconds

WALL = 1_700_000_000 * SECOND


def test_the_first_clock_starts_with_the_wall(tmp_path: Path) -> None:
    rate = begin_clock(tmp_path / "clock", 60.0, wall=WALL, monotonic_ns=5)
    assert (rate.started, rate.monotonic_ns, rate.speed) == (WALL, 5, 60.0)
    assert rate.at(5 + SECOND) == WALL + 60 * SECOND


def test_a_fast_clock_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    fast = begin_clock(file, 3600.0, wall=WALL, monotonic_ns=0)
    note_clock(file, fast, monotonic_ns=10 * SECOND, final=True)
    assert begin_clock(file, 1.0, wall=WALL + 11 * SECOND, monotonic_ns=0).started == WALL + 10 * HOUR


def test_after_a_crash_it_starts_where_it_can_have_been_at_most(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    fast = begin_clock(file, 60.0, wall=WALL, monotonic_ns=0)
    note_clock(file, fast, monotonic_ns=10 * SECOND, final=False)
    killed_at = 10 * SECOND + seconds(NOTE_EVERY_S)
    assert begin_clock(file, 60.0, wall=WALL + killed_at, monotonic_ns=0).started >= fast.at(killed_at)


def test_the_wall_wins_when_it_is_later(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    rate = begin_clock(file, 1.0, wall=WALL, monotonic_ns=0)
    note_clock(file, rate, monotonic_ns=SECOND, final=True)
    assert begin_clock(file, 1.0, wall=WALL + HOUR, monotonic_ns=0).started == WALL + HOUR


def test_a_note_that_cannot_be_read_is_no_note(tmp_path: Path) -> None:
    (tmp_path / "clock").write_bytes(b"\xff{")
    assert begin_clock(tmp_path / "clock", 1.0, wall=WALL, monotonic_ns=0).started == WALL


def test_how_far_the_clock_before_came_is_what_was_noted_last(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    assert former_clock(file) == 0
    rate = begin_clock(file, 60.0, wall=WALL, monotonic_ns=0)
    note_clock(file, rate, monotonic_ns=5 * SECOND, final=False)
    assert former_clock(file) == WALL + 300 * SECOND

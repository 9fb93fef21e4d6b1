"""The platform's clock across restarts: it runs at its speed while the server runs, and never goes back.

A clock that runs faster than the wall's is ahead of it when the server stops. How far it has come is noted every few seconds;
after a crash it begins where it can have been at most.
"""

from pathlib import Path

import msgspec

from stoker.control.rundir import write_file
from stoker.link.messages import ClockRate
from stoker.units import Instant, seconds

NOTE_EVERY_S = 5.0
"""Real seconds between two notes."""


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    """The file: the clock showed `at` when this was written and ran at `speed`; `final` when it has stood still since."""

    at: Instant
    speed: float
    final: bool


def begin_clock(file: Path, speed: float, *, wall: Instant, monotonic_ns: int) -> ClockRate:
    """Give a clock that starts at the wall's instant, or where a former clock may have come to if that is later."""
    started = wall
    try:
        note = msgspec.json.decode(file.read_bytes(), type=_Note)
    except (OSError, msgspec.MsgspecError):
        pass  # the first start, or a file that says nothing
    else:
        unseen = 0 if note.final else seconds(2 * NOTE_EVERY_S * note.speed)  # twice: a note may come late on a busy machine
        started = max(wall, note.at + unseen)
    return ClockRate(monotonic_ns=monotonic_ns, started=started, speed=speed)


def former_clock(file: Path) -> Instant:
    """Give how far the clock of the server before is known to have come; 0 when there was none, or nobody noted it."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Note).at
    except (OSError, msgspec.MsgspecError):
        return 0


def note_clock(file: Path, rate: ClockRate, *, monotonic_ns: int, final: bool) -> None:
    """Note how far the clock has come; `final` when it will not run on."""
    write_file(file, msgspec.json.encode(_Note(at=rate.at(monotonic_ns), speed=rate.speed, final=final)))

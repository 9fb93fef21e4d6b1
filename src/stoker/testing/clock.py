"""Clocks for tests: one that a test moves by hand, one that follows an event loop's own time."""

import asyncio

from stoker.errors import InvariantBrokenError
from stoker.units import SECOND, Instant, Span, seconds, to_seconds

EPOCH: Instant = 1_700_000_000 * SECOND
"""Where the clocks here begin: 2023-11-14T22:13:20Z, a whole 10 s and a whole minute's 20th second."""


class ManualClock:
    """A clock that stands still until it is advanced; `speed` is how many of its seconds a real one holds."""

    __slots__ = ("_now", "_speed")

    def __init__(self, now: Instant = EPOCH, *, speed: float = 1.0) -> None:
        if not speed > 0:
            message = f"A clock's speed must be greater than 0, not {speed}."
            raise InvariantBrokenError(message)
        self._now = now
        self._speed = speed

    def now(self) -> Instant:
        """Give the instant it was last advanced to."""
        return self._now

    def wall_s(self, span: Span) -> float:
        """Give the span's real seconds at this clock's speed."""
        return to_seconds(span) / self._speed

    def advance(self, span: Span) -> Instant:
        """Move on by a span, never back, and give the new instant."""
        if span < 0:
            raise InvariantBrokenError("A clock never goes back.")
        self._now += span
        return self._now


class LoopClock:
    """A clock that follows an event loop: on a `VirtualTimeLoop` it shows virtual time, and timers agree with it exactly.

    `begin` is its instant when the loop's time is 0.
    """

    __slots__ = ("_begin", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, begin: Instant = EPOCH) -> None:
        self._loop = loop
        self._begin = begin

    def now(self) -> Instant:
        """Give the instant the loop has reached."""
        return self._begin + seconds(self._loop.time())

    def wall_s(self, span: Span) -> float:
        """Give the span in seconds of the loop."""
        return to_seconds(span)

"""What a simulation keeps count of while it runs: when each copy and instance was paid for, and how much demand there was."""

from array import array
from typing import Final, NamedTuple

from stoker.units import SECOND, Instant, Span

BINS: Final = 1000
"""Points of a curve over time."""


class Life(NamedTuple):
    """A copy's life: its model's number, its start command, when it was ready (-1: never), and its removal."""

    model: int
    started: Instant
    ready: Instant
    ended: Instant


class Accounts:
    """Lives of copies and instances, in columns, and the most demand of each stretch of time."""

    __slots__ = ("_demand", "_width", "copies", "instances")

    def __init__(self, span: Span) -> None:
        self.copies: list[Life] = []
        self.instances: list[tuple[Instant, Instant]] = []
        self._width: Span = max(SECOND, -(-span // BINS))
        self._demand = array("q", bytes(8 * (BINS + 1)))

    def note_demand(self, at: Instant, demand: int) -> None:
        """Take in how many invocations are under way or wait now."""
        place = min(at // self._width, BINS)
        if demand > self._demand[place]:
            self._demand[place] = demand

    def demand_curve(self) -> list[tuple[float, int]]:
        """Give (seconds, most demand in the stretch from there on)."""
        return [(place * self._width / SECOND, most) for place, most in enumerate(self._demand)]

    def copies_curve(self, *, ready: bool, until: Instant) -> list[tuple[float, float]]:
        """Give (seconds, mean copies in the stretch from there on): those paid for, or those `ready`."""
        filled = [0] * (BINS + 1)
        for life in self.copies:
            begin = life.ready if ready else life.started
            if begin >= 0:
                self._fill(filled, begin, min(life.ended, until))
        return [(place * self._width / SECOND, taken / self._width) for place, taken in enumerate(filled)]

    def _fill(self, filled: list[Span], begin: Instant, end: Instant) -> None:
        while begin < end:
            place = begin // self._width
            if place >= BINS:
                return
            stop = min(end, (place + 1) * self._width)
            filled[place] += stop - begin
            begin = stop

"""How long each copy was needed of late: what was long ago counts less and less."""

import math

from stoker.units import Instant, Span


class Use:
    """The time for which each rank of copies was needed, under an exponential window; ranks begin at 1.

    A rank that has always been needed comes to the whole window, one that is needed a tenth of the time to a tenth of it.
    """

    __slots__ = ("_at", "_used")

    def __init__(self) -> None:
        self._used: list[float] = [0.0]
        self._at: list[Instant] = [0]

    def begins(self, rank: int, now: Instant, window: Span) -> None:
        """Take in that this rank is needed from now on. Ranks come one after the other: this one is known, or is the next."""
        if rank == len(self._used):
            self._used.append(0.0)
            self._at.append(now)
        else:
            self._used[rank] *= _left(now - self._at[rank], window)
            self._at[rank] = now

    def ends(self, rank: int, now: Instant, window: Span) -> Span:
        """Take in that this rank is needed no more; gives the time for which it was, of late."""
        left = _left(now - self._at[rank], window)
        used = self._used[rank] * left + window * (1 - left)
        self._used[rank], self._at[rank] = used, now
        return round(used)


def _left(passed: Span, window: Span) -> float:
    """Give the share of what was that still counts."""
    return math.exp(-passed / window) if window else 0.0

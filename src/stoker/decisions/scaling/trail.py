"""How much capacity served when: what a metric per unit of capacity must be multiplied with.

After a scale-out the alarm still holds datapoints of fewer copies. Taken times the new number they would ask for far too many,
and after a scale-in for too few: 6.0 in all over 4 copies is 1.5 each, and 2 x 1.5 would make 2 copies one.
"""

from bisect import bisect_right

from stoker.units import Instant

MAX_CHANGES = 256
"""Changes remembered; an alarm's quarter of an hour has hardly a dozen."""


class Trail:
    """The capacities of one target, with the instants since when they were so."""

    __slots__ = ("_capacities", "_since")

    def __init__(self) -> None:
        self._since: list[Instant] = []
        self._capacities: list[int] = []

    def note(self, capacity: int, now: Instant) -> None:
        """Take in the capacity of now; what is no change is not kept."""
        if self._capacities and self._capacities[-1] == capacity:
            return
        if len(self._since) >= MAX_CHANGES:
            del self._since[: MAX_CHANGES // 2], self._capacities[: MAX_CHANGES // 2]
        self._since.append(now)
        self._capacities.append(capacity)

    def during(self, start: Instant, end: Instant) -> int:
        """Give the least capacity above zero in [start, end), at least 1; before the first note it is taken to be as noted first.

        The least, because the greatest value per unit in that time was measured when there were the fewest.
        """
        first = max(0, bisect_right(self._since, start) - 1)
        last = max(first + 1, bisect_right(self._since, end - 1))
        return min((capacity for capacity in self._capacities[first:last] if capacity > 0), default=1)

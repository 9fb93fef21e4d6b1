"""What will be waiting once the first copy is ready, told by how fast invocations come to a workload at zero.

A copy that is ordered when the invocations are there is ready a whole start-up time later. While nothing is in service nobody
leaves, so that what waits is what has come: n invocations in a time t come to n · D / t by the time D at which the first copy
is ready. Ordering for these now, and not one by one as they come, has them served at D and not at up to 2 D.
"""

import math

from stoker.decisions.policies.follower import Seen
from stoker.units import SECOND, Instant

SURE = 2.0
"""Only n - 2 √n are taken for granted: for arrivals by chance, fewer come in one of 40 spans as long."""
MOST = 8.0
"""Never more than so many times those that wait: the rate of a moment tells little of what is far off."""
_EARLY = 12
"""Nothing is foreseen within the first twelfth of a start-up time, nor in the first second: a burst is no rate."""


class Coming:
    """Foresees the demand of one workload while nothing of it is in service."""

    __slots__ = ("_since",)

    def __init__(self) -> None:
        self._since: Instant | None = None

    def foresee(self, seen: Seen) -> tuple[int, Instant | None]:
        """Give how many more there will be once a copy is ready, and when to look again if nothing changes."""
        if seen.ready or not seen.demand:
            self._since = None
            return 0, None
        if self._since is None:
            self._since = seen.now
        passed, early = seen.now - self._since, max(SECOND, seen.start_time // _EARLY)
        if passed < early or passed >= seen.start_time:
            return 0, self._since + early if passed < early else None
        sure = max(0.0, seen.demand - SURE * math.sqrt(seen.demand))
        more = int(sure * min(MOST - 1, seen.start_time / passed - 1))
        return more, seen.now + early if more else None

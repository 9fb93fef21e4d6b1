"""Whether a further copy is worth its start: not before those who wait for want of it have waited for as long as that.

A copy ordered now serves nobody before a start-up time D is over. A queue that the copies there are clear sooner needs none, a
queue that lasts does, and only time tells which it is. So each rank of copies waits until waiting has cost what its start costs
(ski rental: never more than twice what it would have been to know). The waiting is counted under an exponential window of D: who
waits on average for want of a copy, day in day out, is worth one if that is worth the copy's time.
"""

import math

from stoker.decisions.policies.follower import Seen
from stoker.units import Instant, Span


class Worth:
    """Weighs one workload's queue, rank by rank: rank k spares those who are too many for k - 1 copies, as many as it takes.

    `_waiting` has how many these are now (0 beyond its end), `_waited` what they waited until the instant in `_at`. Both count
    whether the copy is there or not: what is worth a copy is worth it again.
    """

    __slots__ = ("_at", "_waited", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[float] = []
        self._waited: list[float] = []
        self._at: list[Instant] = []

    def allow(self, seen: Seen, need: int, concurrency: float, price: Span) -> tuple[int, Instant | None]:
        """Give how many of the copies that are needed there may be now, and when to look again if nothing changes.

        A start is worth `price` ns of waiting, less than D, added up over all who wait for it. Nothing is weighed while nothing
        serves.
        """
        window = float(max(1, seen.start_time))
        self._count(seen, need, concurrency, window)
        if not (seen.ready and seen.desired):
            return need, None
        for rank in range(seen.desired, need):
            waited = self._until_now(rank, seen.now, window)
            if waited < price:
                lasting = self._waiting[rank] * window
                left = window * math.log((lasting - waited) / (lasting - price))
                return rank, seen.now + int(left) + 1
        return need, None

    def _count(self, seen: Seen, need: int, concurrency: float, window: float) -> None:
        """Take in who waits now. Only few ranks change: all below are as full as they were."""
        waiting, known = self._waiting, len(self._waited)
        self._waited.extend([0.0] * (need - known))
        self._at.extend([seen.now] * (need - known))
        rank = max(0, min(need, len(waiting)) - 1)
        for changed in range(rank, max(need, len(waiting))):
            now = max(1.0, min(concurrency, seen.demand - concurrency * changed)) if changed < need else 0.0
            self._waited[changed] = self._until_now(changed, seen.now, window)
            self._at[changed] = seen.now
            if changed < len(waiting):
                waiting[changed] = now
            else:
                waiting.append(now)
        del waiting[need:]

    def _until_now(self, rank: int, now: Instant, window: float) -> float:
        """Give what those of a rank have waited by now."""
        left = math.exp((self._at[rank] - now) / window)
        waiting = self._waiting[rank] if rank < len(self._waiting) else 0.0
        return self._waited[rank] * left + waiting * window * (1 - left)

"""Whether a further copy is worth its start: not before those who wait have waited for as long as that.

A copy ordered now serves nobody before a start-up time D is over. A queue that the copies there are clear sooner needs none, a
queue that lasts does, and only time tells which it is. So waiting goes on until it has cost what a start costs (ski rental: never
more than twice what it would have been to know). It is counted under an exponential window of D: what waits on average for want
of a copy, day in day out, is worth one if it is worth the copy's time.
"""

import math

from stoker.decisions.policies.follower import Seen
from stoker.units import Instant, Span

SLOWEST = 2
"""Whatever a start is worth, a queue that lasts gets its copy within ln 2 D: no price is above this part of what waits in D."""


class Worth:
    """Weighs one workload's queue: the invocations for which the copies in service and on their way have no slots."""

    __slots__ = ("_at", "_queue", "_waited")

    def __init__(self) -> None:
        self._at: Instant = 0
        self._queue = 0.0
        self._waited = 0.0

    def allow(self, seen: Seen, need: int, concurrency: float, price: float) -> tuple[int, Instant | None]:
        """Give how many of the copies that are needed there may be now, and when to look again if nothing changes.

        A start is worth `price` ns of waiting, added up over all who wait. Nothing is weighed while nothing serves.
        """
        queue = max(0.0, seen.demand - concurrency * seen.desired) if seen.ready else 0.0
        window = float(max(1, seen.start_time))
        self._wait(seen.now, queue, window)
        if not seen.ready:
            self._waited = 0.0
        if not seen.ready or need <= seen.desired:
            return need, None
        lasting = queue * window
        price = min(price, lasting / SLOWEST)
        if price < 1:
            return need, None
        bought = min(need - seen.desired, int(self._waited / price))
        self._waited -= bought * price
        if seen.desired + bought >= need:
            return need, None
        left = window * math.log((lasting - self._waited) / (lasting - price))
        return seen.desired + bought, seen.now + int(left) + 1

    def _wait(self, now: Instant, queue: float, window: float) -> None:
        """Count the waiting since the last look; a queue that is shorter now became so evenly, as far as anybody knows."""
        passed: Span = now - self._at
        mean = self._queue if queue >= self._queue else (self._queue + queue) / 2
        left = math.exp(-passed / window)
        self._waited = self._waited * left + mean * window * (1 - left)
        self._at, self._queue = now, queue

"""How many copies a backlog is worth that gathered at zero: copies that come after it is cleared come too late.

While nothing is ready whatever comes waits, for as long as a cold start takes. A copy of C slots whose invocations take s serves
C (1 + w / s) of them within a time w of its own readiness. With w a tenth of the start-up time, so many for each copy have nobody
wait noticeably longer, and short requests do not start a copy each: three of 20 ms that come together need one copy. A backlog
that is not cleared by twice w after the first copy is ready is demand like any other.
"""

from stoker.decisions.policies.follower import Seen
from stoker.units import Instant, Span

SHARE = 10
"""The part of a start-up time by which invocations that waited for a cold start may wait longer: one in so many."""
CLEARED = 2
"""Times that part, after which a backlog should be cleared."""
MOST = 64.0
"""Never more invocations for a copy than so many times what it takes at once: the time learned may be of other ones."""


class Clearing:
    """Watches one workload's backlogs. `until` is when the one that is being cleared should be, None when there is none."""

    __slots__ = ("_zero", "until")

    def __init__(self) -> None:
        self._zero = True
        self.until: Instant | None = None

    def each(self, seen: Seen, concurrency: float) -> float:
        """Give how many times what it takes at once (`concurrency`) a copy may be counted on to serve, now."""
        service, extra = seen.service_time, seen.start_time // SHARE
        if not seen.ready:
            self._zero, self.until = True, None
            return _times(extra, service)
        if self._zero:
            self._zero, self.until = False, seen.now + CLEARED * extra
        if self.until is not None and (seen.now >= self.until or seen.demand <= concurrency * seen.ready):
            self.until = None
        return 1.0 if self.until is None else _times(extra, service)


def _times(extra: Span, service: Span | None) -> float:
    return 1.0 if service is None else min(MOST, 1.0 + extra / max(1, service))

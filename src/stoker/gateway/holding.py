"""Where invocations wait for capacity: in order, bounded in number, bytes and time, and never forgotten.

The first one to wait is told upward at once, growing numbers too, and everything again each second and after the link was
away: a lost message delays nobody for longer than that.
"""

from collections.abc import Callable
from typing import Final

from stoker.gateway.routes import Waiter, Workload

GROWTH: Final = 2


class Holding:
    """Keeps the queues' bounds; the queues are the workloads' own `waiters`."""

    __slots__ = ("_announce", "_bytes", "_held", "_max_bytes", "_max_held", "_queues")

    def __init__(self, *, max_held: int, max_bytes: int, announce: Callable[[Workload], None]) -> None:
        self._max_held = max_held
        self._max_bytes = max_bytes
        self._announce = announce
        self._bytes = 0
        self._held = 0
        self._queues: dict[Workload, None] = {}

    @property
    def held(self) -> int:
        """How many invocations wait."""
        return self._held

    @property
    def bytes(self) -> int:
        """How many bytes of bodies wait."""
        return self._bytes

    def add(self, workload: Workload, waiter: Waiter, size: int) -> bool:
        """Let an invocation wait at the end of the queue; False when a bound would be broken."""
        waiters = workload.waiters
        if len(waiters) >= self._max_held or self._bytes + size > self._max_bytes:
            return False
        waiters[waiter] = None
        self._bytes += size
        self._held += 1
        self._queues[workload] = None
        if not workload.copies and (len(waiters) == 1 or len(waiters) >= GROWTH * workload.announced):
            self.tell(workload)  # those that wait for copies in service are counted each second, as those in flight are
        elif workload.route.serverless is not None:
            self.tell(workload)  # each one gets an environment of its own
        return True

    def remove(self, workload: Workload, waiter: Waiter, size: int) -> None:
        """Take an invocation out of its queue."""
        waiters = workload.waiters
        del waiters[waiter]
        self._bytes -= size
        self._held -= 1
        if not waiters:
            workload.announced = 0
            del self._queues[workload]

    def tell(self, workload: Workload) -> None:
        """Announce the demand of one workload."""
        workload.announced = len(workload.waiters)
        self._announce(workload)

    def tell_all(self) -> None:
        """Announce all demand again."""
        for workload in self._queues:
            self.tell(workload)

    def queues(self) -> list[Workload]:
        """Give the workloads that are waited for."""
        return list(self._queues)

    def release(self, workload: Workload, now: float) -> None:
        """Hand as many invocations as copies may take now, one by one, in order."""
        while workload.waiters:
            copies = workload.paced(now)
            if not copies:
                return
            next(iter(workload.waiters)).released(copies)

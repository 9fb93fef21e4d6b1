"""Remembers what demand at zero has woken, until a copy is up or nobody has waited for one for a while.

A client that leaves may come again: what it waited for goes on for a while, the linger. Whoever leaves and comes again at longer
intervals would never see a copy come up, so each start that was called off makes the next linger of its workload twice as long.
"""

from stoker.domain.ids import WorkloadId
from stoker.engine.clockwork import Clockwork
from stoker.units import HOUR, SECOND, Instant, Span

JUST_WOKEN: Span = 60 * SECOND
"""How long after demand woke a workload it counts as busy, so that alarms on its idle past cannot put it back to sleep."""
LINGER: Span = 30 * SECOND
MOST_DOUBLINGS = 6
"""Doublings of the linger, at most: with the usual one a start that is called off again and again is given half an hour."""

CALM: Span = HOUR


class Waking:
    """When demand was last told of for each workload, and which starts nobody has waited for since."""

    __slots__ = ("_called_off", "_clockwork", "_linger", "_woken")

    def __init__(self, linger: Span = LINGER) -> None:
        self._linger = linger
        self._clockwork = Clockwork()
        self._woken: dict[WorkloadId, Instant] = {}
        self._called_off: dict[WorkloadId, int] = {}

    def demand(self, workload: WorkloadId, now: Instant, *, cold: bool) -> None:
        """Take in news of demand; `cold` when invocations wait and nothing serves."""
        self._woken[workload] = now
        self._clockwork.set("woken", workload, now + JUST_WOKEN)
        if cold:
            self.again(workload, now)

    def recently(self, workload: WorkloadId) -> bool:
        """Tell whether there was news of its demand within the last minute."""
        return workload in self._woken

    def again(self, workload: WorkloadId, now: Instant) -> None:
        """Begin the linger anew: somebody waits (or counts as waiting until `now`)."""
        self._clockwork.set("linger", workload, now + self.linger(workload))

    def linger(self, workload: WorkloadId) -> Span:
        """Give how long a start goes on that nobody waits for."""
        return self._linger << min(self._called_off.get(workload, 0), MOST_DOUBLINGS)

    def called_off(self, workload: WorkloadId, now: Instant) -> None:
        """Count a start that was called off; an hour without another one is enough to forget it."""
        self._called_off[workload] = self._called_off.get(workload, 0) + 1
        self._clockwork.set("calm", workload, now + CALM)

    def settled(self, workload: WorkloadId, *, up: bool = True) -> None:
        """Stop watching: a copy is `up`, or the workload's owner has said how many there are to be."""
        self._clockwork.cancel("linger", workload)
        if up:
            self._called_off.pop(workload, None)

    def next_deadline(self) -> Instant | None:
        """Give when `due` must next be asked."""
        return self._clockwork.next()

    def due(self, now: Instant) -> list[WorkloadId]:
        """Give the workloads whose linger is over."""
        over = []
        for kind, key in self._clockwork.due(now):
            match kind:
                case "woken":
                    self._woken.pop(WorkloadId(key), None)
                case "calm":
                    self._called_off.pop(WorkloadId(key), None)
                case _:
                    over.append(WorkloadId(key))
        return over

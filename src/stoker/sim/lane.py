"""The simulated gateway of one workload: who is served, who waits, who is refused, and what of that the platform is told.

Copies have slots. An invocation that finds none free waits in order, and is bound to a copy only when one is free. Between two
instants at which the platform must hear of something a lane runs by itself: this loop is where a simulation spends its time.
"""

import heapq
from array import array
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from stoker.decisions.admission import Verdict, admit
from stoker.decisions.rounding import ceil_div
from stoker.domain.states import AtZero
from stoker.sim.routers import Router
from stoker.sim.traces.values import FOREVER, Stream
from stoker.units import Instant

MASK: Final = (1 << 24) - 1
"""The low bits of an end's key, which hold the copy's number: a heap of plain integers is the fastest there is."""
SERVICE: Final = 24
"""Bits below those of the service time, or of the end itself in a lane that does not tell service times."""
_SERVICE_BITS: Final = 32
"""Bits of the service time, in units that the longest of the lane's fits in."""
_SERVICE_MASK: Final = (1 << _SERVICE_BITS) - 1
_NO_UNIT: Final = 63
"""In such units every service time is nothing."""


class AtNothing(StrEnum):
    """What an invocation does that meets no copy.

    `hold`: it waits at the gateway, and the platform is told at once. `refuse`: it fails, as on AWS. `retry`: it fails and is
    counted as a failure, and its client asks again until it is served, in order.
    """

    HOLD = "hold"
    REFUSE = "refuse"
    RETRY = "retry"


class Waits:
    """What became of one workload's invocations. `spans` are the waits above zero in ns, in the order of their ends.

    `met_nothing` counts those that arrived while no copy was ready, `cold` those served by a copy that was not ready then.
    """

    __slots__ = ("cold", "met_nothing", "refused", "refused_ns", "spans")

    def __init__(self) -> None:
        self.spans: array[int] = array("q")
        self.cold = self.refused = self.refused_ns = self.met_nothing = 0


class Lane:
    """One workload's arrivals, its ready copies, and who waits. Instants count from the trace's begin.

    `tells` says whether its reports tell how long invocations took, which takes time to keep. `may_wait` gives what admission
    needs to know: how many copies are desired, and whether demand wakes the workload. After `run` stopped early, either `demand`
    (how many wait) is to be told, or `emptied` (a draining copy's number) has no work left.
    """

    __slots__ = (
        "_arrivals",
        "_at_nothing",
        "_bits",
        "_draining",
        "_ended",
        "_ends",
        "_reported",
        "_router",
        "_services",
        "_slots",
        "_tells",
        "_told",
        "_unit",
        "capacity",
        "demand",
        "emptied",
        "failures",
        "may_wait",
        "most",
        "next",
        "queue",
        "ready_at",
        "running",
        "waits",
    )

    def __init__(
        self,
        stream: Stream,
        *,
        slots: int,
        router: Router,
        at_nothing: AtNothing,
        may_wait: Callable[[], tuple[int, bool]],
        tells: bool = True,
    ) -> None:
        self.may_wait = may_wait
        self.waits = Waits()
        self.queue: deque[int] = deque()
        self.ready_at: dict[int, Instant] = {}
        self.capacity = self.running = self.most = self.next = self.failures = 0
        self.demand = 0
        self.emptied = -1
        self._arrivals = stream.arrivals
        self._services = stream.services
        self._tells = tells
        self._unit = max(0, max(stream.services, default=0).bit_length() - _SERVICE_BITS) if tells else _NO_UNIT
        self._bits = SERVICE + _SERVICE_BITS if tells else SERVICE
        self._ends: list[int] = []
        self._ended: list[int] = []
        self._draining: dict[int, int] = {}
        self._router = router
        self._slots = slots
        self._at_nothing = at_nothing
        self._reported = self._told = 0

    def run(self, until: Instant) -> Instant:
        """Let happen what happens up to and including `until`; gives FOREVER, or the instant at which it stopped early."""
        ends, draining, queue, ended = self._ends, self._draining, self.queue, self._ended
        arrivals, services = self._arrivals, self._services
        unit, bits, tells = self._unit, self._bits, self._tells
        take, give, push, pop = self._router.take, self._router.give, heapq.heappush, heapq.heappop
        position, running, most, capacity = self.next, self.running, self.most, self.capacity
        limit = (until + 1) << bits
        at = arrivals[position]
        while True:
            bound = (at + 1) << bits if at <= until else limit
            while ends and ends[0] < bound:
                if queue or draining:
                    self.running = running
                    if (stopped := self._one_ended()) != FOREVER:
                        self.next, self.most = position, most
                        return stopped
                    running = self.running
                else:
                    key = pop(ends)
                    give(key & MASK)
                    if tells:
                        ended.append(key)
                    running -= 1
            if at > until:
                break
            if running < capacity:
                service = services[position]
                push(ends, (at + service) << bits | service >> unit << SERVICE | take())
                running += 1
                if running > most:
                    most = running
            elif self._arrived(position, running):
                self.next, self.running, self.most = position + 1, running, max(most, self.most)
                return at
            position += 1
            at = arrivals[position]
        self.next, self.running, self.most = position, running, max(most, self.most)
        return FOREVER

    def next_instant(self) -> Instant:
        """Give when something happens next; FOREVER when all is done."""
        arrival = self._arrivals[self.next]
        return min(arrival, self._ends[0] >> self._bits) if self._ends else arrival

    @property
    def last_end(self) -> Instant:
        """When the last of the invocations under way ends; -1 when there is none."""
        return max(self._ends) >> self._bits if self._ends else -1

    @property
    def working(self) -> int:
        """Invocations on copies."""
        return len(self._ends)

    @property
    def in_flight(self) -> int:
        """Invocations on copies, and those that wait though copies are ready: a model server would have them in its own queue."""
        return len(self._ends) + (len(self.queue) if self.capacity else 0)

    @property
    def held(self) -> int:
        """Invocations that the gateway holds for want of any copy."""
        return len(self.queue) if self._at_nothing is AtNothing.HOLD and not self.capacity else 0

    @property
    def handed(self) -> int:
        """Invocations that got a copy so far."""
        return self.next - len(self.queue) - self.waits.refused

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to report."""
        told = self.handed == self._reported and not (self._ended or self.failures)
        return told and not (self._ends or self.queue or self.most)

    def add(self, number: int, now: Instant) -> None:
        """Take in a copy that is ready now, and hand it those who wait."""
        self.ready_at[number] = now
        self._router.add(number)
        self.capacity += self._slots
        while self.queue and self.running < self.capacity:
            index = self.queue.popleft()
            taken = self._router.take()
            heapq.heappush(self._ends, self._bound(index, taken, now))
            self.running += 1
        self.most = max(self.most, self.running + len(self.queue))

    def drain(self, number: int) -> bool:
        """Give a ready copy no more work; tells whether it has none left."""
        self._router.remove(number)
        del self.ready_at[number]
        self.capacity -= self._slots
        left = sum(1 for key in self._ends if key & MASK == number)
        self.running -= left
        if left:
            self._draining[number] = left
        return not left

    def report(self) -> tuple[int, int, int, list[int]]:
        """Give (handed over, most in flight, failures for want of a copy, service times of what ended) since the last report."""
        handed = self.handed
        unit = self._unit
        ended = [(key >> SERVICE & _SERVICE_MASK) << unit for key in self._ended]
        self._ended = []
        told = (
            handed - self._reported,
            max(self.most + sum(self._draining.values()), self.in_flight),
            self.failures,
            ended,
        )
        self._reported = handed
        self.failures = 0
        total = self.running + len(self.queue)
        self.most = total if self.capacity else 0
        self._told = ceil_div(total, self._slots) * self._slots if self.queue else 0
        return told

    def _one_ended(self) -> Instant:
        """The next invocation ends, while some wait or copies drain; gives when a draining copy has become empty by that."""
        key = self._ends[0]
        number, now = key & MASK, key >> self._bits
        if self._tells:
            self._ended.append(key)
        left = self._draining.get(number)
        if left is not None:
            heapq.heappop(self._ends)
            if left > 1:
                self._draining[number] = left - 1
                return FOREVER
            del self._draining[number]
            self.emptied = number
            return now
        if self.queue:
            heapq.heapreplace(self._ends, self._bound(self.queue.popleft(), number, now))
        else:
            heapq.heappop(self._ends)
            self._router.give(number)
            self.running -= 1
        return FOREVER

    def _bound(self, index: int, number: int, now: Instant) -> int:
        """Give the key of the end of an invocation that waited until now for this copy."""
        waits, arrival = self.waits, self._arrivals[index]
        if now > arrival:
            waits.spans.append(now - arrival)
        if self.ready_at[number] > arrival:
            waits.cold += 1
        service = self._services[index]
        return (now + service) << self._bits | service >> self._unit << SERVICE | number

    def _arrived(self, index: int, running: int) -> bool:
        """An invocation finds no free slot; gives whether the platform is to be told at once."""
        hold = self._at_nothing is AtNothing.HOLD
        if not self.capacity:
            self.waits.met_nothing += 1
            if self._at_nothing is not AtNothing.HOLD:
                self.failures += 1
            desired, wakeable = self.may_wait()
            at_zero = AtZero.REFUSE if self._at_nothing is AtNothing.REFUSE else AtZero.HOLD
            admission = admit(
                ready=0, waiting=len(self.queue), desired=desired, wakeable=wakeable or not hold, failure="", at_zero=at_zero
            )
            if admission.verdict is Verdict.REFUSE:
                self.waits.refused += 1
                self.waits.refused_ns += self._services[index]
                self.failures += hold
                return False
        self.queue.append(index)
        total = running + len(self.queue)
        if self.capacity:
            self.most = max(self.most, total)
        if not hold or total <= self._told:
            return False
        self._told = ceil_div(total, self._slots) * self._slots
        self.demand = len(self.queue)
        return True

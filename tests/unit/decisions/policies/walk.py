"""A follower on virtual time: demand changes when a test says, copies take their time to start, deadlines are kept."""

from stoker.decisions.policies import Follower, Seen, Wish
from stoker.decisions.policies.follower import Usage
from stoker.units import SECOND, Instant, Span

BEGIN: Instant = 1_699_999_980 * SECOND
"""A whole minute, so that a policy's looks fall on round seconds."""


class Walk:
    """`log` has (seconds since the beginning, desired) for every change of the wish."""

    def __init__(
        self,
        follower: Follower,
        *,
        start: Span = 10 * SECOND,
        most: int = 10,
        least: int = 0,
        desired: int = 0,
        slots: int = 1,
        service: Span | None = None,
    ) -> None:
        self.follower = follower
        self.now = BEGIN
        self.start = start
        self.service = service
        self.most, self.least, self.slots = most, least, slots
        self.desired = desired
        self.coming: list[Instant] = []
        self.ready = desired
        self.demand = 0
        self.came = 0
        self.wish: Wish | None = None
        self.log: list[tuple[float, int]] = []
        self.looks = 0

    def at(self, seconds: float, demand: int, *, peak: int | None = None) -> None:
        """Let time pass until then, and have the demand be this from then on."""
        self.until(seconds)
        new = max(0, demand - self.demand)
        self.came += 0 if peak is None else max(0, peak - max(demand, self.demand))
        self.demand = demand
        self.look(demand if peak is None else peak)
        self.came += new  # told once copies have them

    def until(self, seconds: float) -> None:
        """Let time pass."""
        end = BEGIN + round(seconds * SECOND)
        while True:
            due = [at for at in (self.wish.look_again if self.wish else None, *self.coming) if at is not None and at <= end]
            if not due:
                break
            assert min(due) > self.now, "asked to look again now, for ever"
            self.now = min(due)
            self.look(self.demand)
        self.now = end

    def look(self, peak: int) -> Wish:
        """Ask the follower, and have the copies follow it."""
        self.looks += 1
        self.ready += sum(1 for at in self.coming if at <= self.now)
        self.coming = [at for at in self.coming if at > self.now]
        wish = self.follower.want(self.seen(peak))
        assert self.least <= wish.desired <= self.most
        assert wish.look_again is None or wish.look_again > self.now
        assert wish.cause
        if wish.desired != self.desired:
            self.log.append(((self.now - BEGIN) / SECOND, wish.desired))
            self._follow(wish.desired)
        self.wish = wish
        return wish

    def seen(self, peak: int = 0, *, usage: Usage | None = None, accelerated: bool = False) -> Seen:
        held = max(0, self.demand - self.ready * self.slots)
        return Seen(
            now=self.now,
            in_flight=self.demand - held,
            held=held,
            peak=peak,
            ready=self.ready,
            starting=len(self.coming),
            desired=self.desired,
            least=self.least,
            most=self.most,
            slots=self.slots,
            start_time=self.start,
            service_time=self.service,
            usage=usage,
            accelerated=accelerated,
            came=self.came,
        )

    def _follow(self, desired: int) -> None:
        self.desired = desired
        self.coming += [self.now + self.start] * (desired - self.ready - len(self.coming))
        surplus = self.ready + len(self.coming) - desired
        cancelled = min(surplus, len(self.coming))
        if cancelled > 0:
            del self.coming[len(self.coming) - cancelled :]
        self.ready = min(self.ready, desired)

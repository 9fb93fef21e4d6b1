"""Copies by rank: which are needed, and which stay although they are not.

Copy k is needed while the demand d = ceil((in flight + waiting) / concurrency) is at least k, once its start is worth it (see
`worth`). When d falls below k, copy k stays for a while: the first copy for about `first`, every further one for `further` at
most. The count wanted is the highest copy that is needed or stays.
"""

from collections import deque

import msgspec

from stoker.decisions.policies.clearing import Clearing
from stoker.decisions.policies.coming import Coming
from stoker.decisions.policies.follower import Seen, Wish, demand_words, span_words
from stoker.decisions.policies.pace import Pace
from stoker.decisions.policies.use import Use
from stoker.decisions.policies.worth import Worth
from stoker.decisions.rounding import ceil_ratio
from stoker.decisions.scaling.proposals import counted
from stoker.units import HOUR, MINUTE, SECOND, Instant, Span

FIRST_BOUNDS = (MINUTE, HOUR)
FURTHER_BOUNDS = (30 * SECOND, 10 * MINUTE)
FIRST_STARTS = 12
"""How many start-up times D the first copy stays by default. Keeping it for D (1 + λ) costs what starting it anew does when a
second of waiting is worth λ copy-seconds; 10 to 15 did best over traces of real requests."""
FURTHER_STARTS = 5
"""The same of a further copy, for which it is only the most: see `TIMES_USED`."""
TIMES_USED = 6
"""A further copy that was needed for a moment is seldom needed again soon, one that is needed every other minute is. It stays
six times as long as it was needed of late. Over traces of real requests 2 to 6 did best, and differed little."""
LEAST_WORTH = 2
"""Copy-seconds that a second of waiting is worth at least: so nobody waits longer than ln 2 D for a copy to be ordered."""
WINDOWS = 2
"""“Of late” is an exponential window of so many times the longest stay."""


class Stays(msgspec.Struct, frozen=True, kw_only=True):
    """How long copies stay once they are not needed; None goes by the learned start-up time D.

    `by_use`: whether a further copy stays no longer than `TIMES_USED` times what it was needed of late, and the first one for
    less time or for more as invocations come of late (see `pace`).
    """

    first: Span | None = None
    further: Span | None = None
    by_use: bool = False

    def of_first(self, start_time: Span) -> Span:
        """Give how long the first copy stays: by default 12 D, 1 minute to 1 hour."""
        return _within(FIRST_STARTS * start_time, FIRST_BOUNDS) if self.first is None else self.first

    def worth(self, start_time: Span) -> Span:
        """Give how many ns of waiting a start is worth: who has the first copy stay D (1 + λ) holds a second to be worth λ."""
        starts = FIRST_STARTS if self.first is None else self.first / max(1, start_time)
        return round(start_time / max(LEAST_WORTH, starts - 1))

    def of_further(self, start_time: Span) -> Span:
        """Give how long a further copy stays, at most: by default 5 D, 30 s to 10 minutes."""
        return _within(FURTHER_STARTS * start_time, FURTHER_BOUNDS) if self.further is None else self.further


class Levels:
    """The policy at work on one workload.

    `_left` has, for each copy that stays, until when and how long in all, the highest first: its right end is copy `_need` + 1.
    Higher copies were needed for less time, and go first.
    """

    __slots__ = ("_clearing", "_coming", "_concurrency", "_left", "_need", "_pace", "_started", "_stays", "_use", "_worth")

    def __init__(self, stays: Stays, concurrency: float | None, *, foresee: bool = False) -> None:
        self._stays = stays
        self._concurrency = concurrency
        self._need = 0
        self._left: deque[tuple[Instant, Span]] = deque()
        self._use = Use() if stays.by_use else None
        self._pace = Pace() if stays.by_use else None
        self._coming = Coming() if foresee else None
        self._clearing = Clearing() if foresee else None
        self._worth = Worth() if foresee else None
        self._started = False

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        if self._pace is not None:
            self._pace.note(seen.came, seen.now, self._stays.of_first(seen.start_time), serving=seen.desired > 0)
        if not self._started:  # what is there at first sight was needed until now, as far as anybody knows
            self._started = True
            self._move(seen.desired, seen, since=seen.now - WINDOWS * self._stays.of_further(seen.start_time))
        concurrency = self._concurrency or seen.slots
        more = 1.0 if self._clearing is None else self._clearing.each(seen, concurrency)
        concurrency *= more
        need = min(ceil_ratio(seen.demand, concurrency), seen.most)
        allowed, worth = self._follow(seen, need, concurrency)
        until = self._expire(seen)
        top = self._need + len(self._left)
        coming, again = (0, None) if self._coming is None else self._coming.foresee(seen)
        cause = demand_words(seen)
        if coming and ceil_ratio(seen.demand + coming, concurrency) > top:
            top = ceil_ratio(seen.demand + coming, concurrency)
            cause += f", with {coming} more by the time a copy is ready, need {counted(top, 'copy', 'copies')}"
            cause += f" at {concurrency:.3g} each"
        else:
            cause += f" need {counted(need, 'copy', 'copies')} at {concurrency:.3g} each"
            if self._left:
                cause += f"; {self._staying(seen, top)}"
            if allowed < need:
                cause += "; those who wait have not waited long enough for another to be worth its start"
        if more > 1.0 and seen.service_time:
            cause += f" (each takes {span_words(seen.service_time)}: soon cleared)"
        cleared = None if self._clearing is None else self._clearing.until
        looks = [at for at in (until if top > seen.least else None, again, cleared, worth) if at is not None]
        return Wish(desired=seen.fit(top), cause=cause, look_again=min(looks, default=None))

    def _follow(self, seen: Seen, need: int, concurrency: float) -> tuple[int, Instant | None]:
        """Take in how many copies are needed now; gives how many of them there may be, and when there may be more."""
        allowed, worth = need, None
        high = max(need, min(ceil_ratio(seen.peak, concurrency), seen.most))
        if self._worth is not None:
            allowed, worth = self._worth.allow(seen, need, concurrency, self._stays.worth(seen.start_time))
            high = max(allowed, min(high, max(1, seen.desired)))  # what came and went starts nothing but a first copy
        self._move(high, seen)
        self._move(allowed, seen)
        return allowed, worth

    def _move(self, need: int, seen: Seen, since: Instant | None = None) -> None:
        """Have so many copies be needed from now on, or since then."""
        use, now = self._use, seen.now
        further = self._stays.of_further(seen.start_time)
        window = WINDOWS * further
        while self._need > need:
            stays = further
            if use is not None:  # it is there to serve once it has started: who needed it is likely to come again
                stays = min(further, max(seen.start_time, TIMES_USED * use.ends(self._need, now, window)))
            if self._need == 1:
                first = self._stays.of_first(seen.start_time)
                stays = first if self._pace is None else self._pace.stay(first)
            self._left.append((now + stays, stays))
            self._need -= 1
        while self._need < need:
            if self._left:
                self._left.pop()
            self._need += 1
            if use is not None:
                use.begins(self._need, now if since is None else since, window)

    def _expire(self, seen: Seen) -> Instant | None:
        """Let go of copies whose time is over; gives when the next one's is."""
        while self._left:
            ends, _ = self._left[0]
            if ends > seen.now and self._need + len(self._left) <= max(seen.most, seen.least):
                return ends
            self._left.popleft()
        return None

    def _staying(self, seen: Seen, top: int) -> str:
        further = span_words(self._stays.of_further(seen.start_time))
        if self._use is not None:
            further = f"{TIMES_USED} times what it was needed of late, {further} at most"
        if self._need:
            return f"up to {top} stay, each {further} after it was last needed"
        _, first = self._left[-1]
        words = f"the first stays {span_words(first - first % SECOND or first)} after it was last needed"
        return words if top == 1 else f"{words}, further ones {further}"


def _within(span: Span, bounds: tuple[Span, Span]) -> Span:
    return max(bounds[0], min(span, bounds[1]))

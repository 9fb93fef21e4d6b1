"""Copies by rank: which are needed, and which stay although they are not.

Copy k is needed while the demand d = ceil((in flight + waiting) / concurrency) is at least k. When d falls below k, copy k
stays for a while: the first copy for `first`, every further one for `further`. The count wanted is the highest copy that is
needed or stays.
"""

from collections import deque

import msgspec

from stoker.decisions.policies.follower import Seen, Wish, demand_words, span_words
from stoker.decisions.rounding import ceil_ratio
from stoker.decisions.scaling.proposals import counted
from stoker.units import HOUR, MINUTE, SECOND, Instant, Span

FIRST_BOUNDS = (MINUTE, HOUR)
FURTHER_BOUNDS = (30 * SECOND, 10 * MINUTE)
STARTS = 12
"""How many start-up times D the first copy stays by default. Keeping it for D (1 + λ) costs what starting it anew does when a
second of waiting is worth λ copy-seconds; 10 to 15 did best over traces of real requests."""


class Stays(msgspec.Struct, frozen=True, kw_only=True):
    """How long copies stay once they are not needed; None goes by the learned start-up time D."""

    first: Span | None = None
    further: Span | None = None

    def of_first(self, start_time: Span) -> Span:
        """Give how long the first copy stays: by default 12 D, 1 minute to 1 hour."""
        return _within(STARTS * start_time, FIRST_BOUNDS) if self.first is None else self.first

    def of_further(self, start_time: Span) -> Span:
        """Give how long a further copy stays: by default D, 30 s to 10 minutes."""
        return _within(start_time, FURTHER_BOUNDS) if self.further is None else self.further


class Levels:
    """The policy at work on one workload.

    `_left` has the instant at which a copy was last needed for each that stays, the highest first: its right end is copy
    `_need` + 1.
    """

    __slots__ = ("_concurrency", "_left", "_need", "_started", "_stays")

    def __init__(self, stays: Stays, concurrency: float | None) -> None:
        self._stays = stays
        self._concurrency = concurrency
        self._need = 0
        self._left: deque[Instant] = deque()
        self._started = False

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        if not self._started:  # what is there at first sight was needed until now, as far as anybody knows
            self._started = True
            self._need = seen.desired
        concurrency = self._concurrency or seen.slots
        need = min(ceil_ratio(seen.demand, concurrency), seen.most)
        self._move(max(need, min(ceil_ratio(seen.peak, concurrency), seen.most)), seen.now)
        self._move(need, seen.now)
        until = self._expire(seen)
        top = self._need + len(self._left)
        cause = f"{demand_words(seen)} need {counted(need, 'copy', 'copies')} at {concurrency:g} each"
        if self._left:
            cause += f"; {self._staying(seen, top)}"
        return Wish(desired=seen.fit(top), cause=cause, look_again=until if top > seen.least else None)

    def _move(self, need: int, now: Instant) -> None:
        while self._need > need:
            self._left.append(now)
            self._need -= 1
        while self._need < need:
            if self._left:
                self._left.pop()
            self._need += 1

    def _expire(self, seen: Seen) -> Instant | None:
        """Let go of copies whose time is over; gives when the next one's is."""
        further = self._stays.of_further(seen.start_time)
        while self._left:
            level = self._need + len(self._left)
            ends = self._left[0] + (further if level > 1 else self._stays.of_first(seen.start_time))
            if ends > seen.now and level <= max(seen.most, seen.least):
                return ends
            self._left.popleft()
        return None

    def _staying(self, seen: Seen, top: int) -> str:
        first = span_words(self._stays.of_first(seen.start_time))
        further = span_words(self._stays.of_further(seen.start_time))
        if self._need:
            return f"up to {top} stay, each {further} after it was last needed"
        words = f"the first stays {first} after it was last needed"
        return words if top == 1 else f"{words}, further ones {further}"


def _within(span: Span, bounds: tuple[Span, Span]) -> Span:
    return max(bounds[0], min(span, bounds[1]))

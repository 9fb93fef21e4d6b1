"""The mean of a quantity over the last so many seconds, in bounded memory however often it changes.

A `Window` knows its quantity at all times. `Told` knows it for those spans of which it was told; the rest has no part in a mean.
"""

from stoker.units import SECOND, Instant, Span

MAX_BUCKETS = 600
"""Buckets of one window: up to ten minutes are kept second by second, longer ones more coarsely."""


class Window:
    """What a quantity was over the last `length`, as sums over buckets; within a bucket it counts as even."""

    __slots__ = ("_at", "_current", "_grain", "_since", "_sums", "_value")

    def __init__(self, length: Span) -> None:
        buckets = max(1, min(MAX_BUCKETS, -(-length // SECOND)))
        self._grain = max(SECOND, -(-length // buckets))
        self._sums = [0.0] * (buckets + 2)
        self._current = 0
        self._since: Instant | None = None
        self._at: Instant = 0
        self._value = 0.0

    def note(self, value: float, now: Instant) -> None:
        """Take in that the quantity is `value` from now on."""
        if self._since is None:
            self._begin(now)
        self._advance(now)
        self._value = value

    def was(self, value: float, now: Instant) -> None:
        """Take in that the quantity was `value` from the last call until now; the first one begins."""
        self._value = value
        if self._since is None:
            self._begin(now)
        self._advance(now)

    def restart(self, now: Instant) -> None:
        """Forget what was; means are over the time since now only, until that is long enough."""
        self._sums = [0.0] * len(self._sums)
        self._begin(now)

    def mean(self, span: Span, now: Instant) -> float:
        """Give the mean over the last `span` (at most the window's length), or since the beginning if that is later."""
        if self._since is None:
            return self._value
        self._advance(now)
        start = max(now - span, self._since)
        if start >= now:
            return self._value
        total = 0.0
        for bucket in range(start // self._grain, self._current + 1):
            total += self._sums[bucket % len(self._sums)]
        # The first bucket may begin before the span does: that part of it is not counted.
        first = start // self._grain
        begins = max(first * self._grain, self._since)
        ends = min((first + 1) * self._grain, now)
        if start > begins:
            total -= self._sums[first % len(self._sums)] * ((start - begins) / (ends - begins))
        return max(0.0, total) / (now - start)

    def _begin(self, now: Instant) -> None:
        self._since = self._at = now
        self._current = now // self._grain

    def _advance(self, now: Instant) -> None:
        """Let time pass with the value of now."""
        last = now // self._grain
        if last - self._current > len(self._sums):  # nothing of before can still be asked for
            self._sums = [self._value * self._grain] * len(self._sums)
            self._current = last
            self._at = last * self._grain
            self._sums[last % len(self._sums)] = 0.0
        while self._current < last:
            ends = (self._current + 1) * self._grain
            self._sums[self._current % len(self._sums)] += self._value * (ends - self._at)
            self._at = ends
            self._current += 1
            self._sums[self._current % len(self._sums)] = 0.0
        self._sums[last % len(self._sums)] += self._value * (now - self._at)
        self._at = now


class Told:
    """The mean of a quantity over those parts of the last `length` of which somebody told what it was.

    Either `note` or `was` is called, at instants that never go back.
    """

    __slots__ = ("_at", "_known", "_lasted", "_sum")

    def __init__(self, length: Span) -> None:
        self._sum = Window(length)
        self._known = Window(length)
        self._at: Instant = 0
        self._lasted: Span = 0

    def note(self, value: float | None, now: Instant) -> None:
        """Take in that the quantity is `value` from now on; None when nobody can tell."""
        self._sum.note(value or 0.0, now)
        self._known.note(0.0 if value is None else 1.0, now)
        self._at = now

    def was(self, value: float, since: Instant, at: Instant) -> None:
        """Take in that the quantity was `value` from `since` to `at`, afterwards; what was told already stays as it is."""
        since = max(since, self._at)
        if at <= since:
            return
        self._sum.was(0.0, since)
        self._known.was(0.0, since)
        self._sum.was(value, at)
        self._known.was(1.0, at)
        self._at, self._lasted = at, at - since

    def mean(self, span: Span, now: Instant) -> float | None:
        """Give the mean over the last `span`, None when nothing of it is known.

        What is told afterwards ends with the newest of it, unless that lies farther back than the span and than two as long as
        the newest lasted: then it is out of date, and as good as nothing.
        """
        if now - self._at > max(span, 2 * self._lasted):
            return None
        known = self._known.mean(span, self._at)
        return self._sum.mean(span, self._at) / known if known > 0 else None

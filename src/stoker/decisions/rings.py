"""Buckets of one metric in order of time: compact, bounded, cheap at the young end.

A `Track` holds statistic sets of equal length in columns of machine numbers (40 bytes a bucket, where Python objects would
take two hundred). It knows no names; `stoker.decisions.metrics` gives tracks to metrics.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from stoker.domain.alarms import Datapoint, Statistic
from stoker.units import Instant, Span


class StatisticSet(msgspec.Struct, frozen=True, kw_only=True):
    """Samples summed up: how many, their sum, the least and the greatest."""

    count: float
    total: float
    least: float
    most: float


class Bucket(NamedTuple):
    """The samples of one period that begins at `start`; `samples` is how many."""

    start: Instant
    samples: float
    total: float
    least: float
    most: float


def average(total: float, count: float) -> float:
    """Give the mean, 0 of no samples."""
    return total / count if count > 0 else 0.0


class Track:
    """Buckets of `period` each, ascending, none empty."""

    __slots__ = ("_counts", "_least", "_most", "_starts", "_totals", "period")

    def __init__(self, period: Span) -> None:
        self.period = period
        self._starts = array("q")
        self._counts = array("d")
        self._totals = array("d")
        self._least = array("d")
        self._most = array("d")

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def oldest(self) -> Instant | None:
        """The start of the oldest bucket."""
        return self._starts[0] if self._starts else None

    def at(self, instant: Instant) -> Bucket:
        """Give the bucket that an instant falls into; of no samples when there is none."""
        start = instant - instant % self.period
        index = bisect_left(self._starts, start)
        if index < len(self._starts) and self._starts[index] == start:
            return Bucket(start, self._counts[index], self._totals[index], self._least[index], self._most[index])
        return Bucket(start, 0.0, 0.0, 0.0, 0.0)

    def add(self, at: Instant, count: float, total: float, least: float, most: float) -> bool:
        """Add samples at an instant; tell whether a new bucket was opened for them.

        A `count` of 0 opens a bucket of zeros where there is none and changes no other.
        """
        start = at - at % self.period
        starts = self._starts
        index = len(starts) - 1
        if index < 0 or start > starts[index]:
            self._insert(index + 1, Bucket(start, count, total, least, most))
            return True
        if start != starts[index]:  # late samples: rare, so a search and a shift may be paid
            index = bisect_left(starts, start)
            if starts[index] != start:
                self._insert(index, Bucket(start, count, total, least, most))
                return True
        if count <= 0:
            return False
        before = self._counts[index]
        self._counts[index] = before + count
        self._totals[index] += total
        if least < self._least[index] or before <= 0:
            self._least[index] = least
        if most > self._most[index] or before <= 0:
            self._most[index] = most
        return False

    def _insert(self, index: int, bucket: Bucket) -> None:
        self._starts.insert(index, bucket.start)
        self._counts.insert(index, bucket.samples)
        self._totals.insert(index, bucket.total)
        self._least.insert(index, bucket.least)
        self._most.insert(index, bucket.most)

    def between(self, start: Instant, end: Instant) -> Iterator[Bucket]:
        """Give the buckets that begin in [start, end), ascending."""
        low, high = self._range(start, end)
        return map(
            Bucket,
            self._starts[low:high],
            self._counts[low:high],
            self._totals[low:high],
            self._least[low:high],
            self._most[low:high],
        )

    def values(self, statistic: Statistic, start: Instant, end: Instant) -> list[Datapoint]:
        """Give one statistic of the buckets that begin in [start, end), ascending."""
        low, high = self._range(start, end)
        counts = self._counts[low:high]
        column = self._column(statistic)[low:high]
        if statistic is Statistic.AVERAGE:
            column = array("d", map(average, column, counts))
        return [
            Datapoint(start=begin, value=value, count=count)
            for begin, value, count in zip(self._starts[low:high], column, counts, strict=True)
        ]

    def _column(self, statistic: Statistic) -> "array[float]":
        match statistic:
            case Statistic.MAXIMUM:
                return self._most
            case Statistic.MINIMUM:
                return self._least
            case Statistic.SUM | Statistic.AVERAGE:
                return self._totals
            case Statistic.SAMPLE_COUNT:
                return self._counts

    def _range(self, start: Instant, end: Instant) -> tuple[int, int]:
        low = bisect_left(self._starts, start)
        return low, bisect_left(self._starts, end, low)

    def pop_before(self, end: Instant) -> list[Bucket]:
        """Take out and give the buckets that begin before `end`."""
        high = bisect_left(self._starts, end)
        taken = list(self.between(self._starts[0], end)) if high else []
        self.drop(high)
        return taken

    def drop(self, count: int) -> None:
        """Forget the `count` oldest buckets."""
        for column in (self._starts, self._counts, self._totals, self._least, self._most):
            del column[:count]

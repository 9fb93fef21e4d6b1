"""Time and size as plain integers, and the source of chance.

Instants and spans are integer nanoseconds: equal things compare equal, sums are exact, and a virtual clock can
stand wherever the real one does. Nothing here reads a clock.
"""

from typing import Protocol, TypeAlias, TypeVar

Instant: TypeAlias = int
"""A point in time: nanoseconds since 1970-01-01T00:00:00Z."""

Span: TypeAlias = int
"""A length of time in nanoseconds."""

MILLISECOND: Span = 1_000_000
SECOND: Span = 1_000 * MILLISECOND
MINUTE: Span = 60 * SECOND
HOUR: Span = 60 * MINUTE
DAY: Span = 24 * HOUR

MIB = 1024 * 1024

T = TypeVar("T")


def seconds(value: float) -> Span:
    """Give the span of `value` seconds, rounded to the nearest nanosecond."""
    return round(value * SECOND)


def to_seconds(span: Span) -> float:
    """Give a span (or an instant) in seconds."""
    return span / SECOND


def floor_to(instant: Instant, period: Span) -> Instant:
    """Give the start of the period that holds `instant`, periods counted from the epoch."""
    return instant - instant % period


def next_after(instant: Instant, period: Span) -> Instant:
    """Give the first multiple of `period` strictly after `instant`."""
    return instant - instant % period + period


class Rng(Protocol):
    """The source of chance that is passed in; `random.Random(seed)` is one."""

    def random(self) -> float:
        """Give a float in [0, 1)."""
        ...

    def randrange(self, stop: int, /) -> int:
        """Give an integer in [0, stop)."""
        ...

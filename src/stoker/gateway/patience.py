"""How long a client may be kept waiting for capacity, by what it says of itself."""

from typing import Final

from stoker.gateway.face import Invocation
from stoker.units import Instant, Span, to_seconds

RETRY_AFTER_S: Final = 5
"""Seconds after which a client that found no capacity may ask again. SDKs heed 60 at most, or 5."""
_MARGIN: Final = 0.1
_MOST_MARGIN_S: Final = 1.0
_NEVER: Final = float("inf")


def longest_hold_s(bound: Span | None, most_s: float) -> float:
    """Give the seconds for which an invocation may be held whoever waits: the component's `bound`, `most_s` at most."""
    return most_s if bound is None else min(to_seconds(bound), most_s)


def patience_s(invocation: Invocation, now: Instant) -> float:
    """Give the seconds from `now` (the wall clock's) within which an invocation must be answered, so that its client hears it.

    A deadline that has passed is a clock gone wrong, and not believed. A little is left for the answer's way.
    """
    said = _seconds(invocation.patience)
    deadline = invocation.deadline
    if deadline is None or deadline <= now:
        return min(said, _seconds(invocation.assumed_patience))
    left = to_seconds(deadline - now)
    return min(said, left - min(_MOST_MARGIN_S, _MARGIN * left))


def _seconds(span: Span | None) -> float:
    return _NEVER if span is None else to_seconds(span)

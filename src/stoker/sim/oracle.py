"""What a clairvoyant would pay: bounds that a policy's cost is measured against.

Demand is taken as if every invocation were served at once. d = ceil(in flight / slots) copies are needed then; the k-th is needed
while d >= k, and in a gap between it is kept, or stopped and started again ahead of time, whichever is cheaper: min(gap, start).
For one slot this is the least cost without any wait (last free, first used is an optimal matching); for more a lower bound,
because it lets running invocations move. With slots without number it is exact for a policy that keeps zero or one copy.
"""

import heapq
from collections.abc import Mapping
from typing import Final

import msgspec

from stoker.decisions.rounding import ceil_div
from stoker.sim.traces.values import Stream, Trace
from stoker.units import Span, seconds, to_seconds

UNBOUNDED: Final = 1 << 40
"""More slots than any trace fills."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Copy-seconds that a clairvoyant needs without any wait, and with one copy of unbounded slots for each model."""

    zero_wait_s: float
    one_copy_s: float


def bounds(trace: Trace, slots: int, start_s: float, others_s: Mapping[str, float] = {}) -> Bounds:
    """Give the bounds of a whole trace, whose models share nothing; those in `others_s` have other times to start."""
    starts = [seconds(others_s.get(stream.model, start_s)) for stream in trace.streams]
    pairs = list(zip(trace.streams, starts, strict=True))
    return Bounds(
        zero_wait_s=to_seconds(sum(zero_wait(stream, slots, start) for stream, start in pairs)),
        one_copy_s=to_seconds(sum(zero_wait(stream, UNBOUNDED, start) for stream, start in pairs)),
    )


def zero_wait(stream: Stream, slots: int, start: Span) -> Span:
    """Give the copy-ns for one model. O(n log n)."""
    cost = 0
    in_flight = level = 0
    idle_since: list[int] = []  # per level, when it was last needed; levels above were never
    needed_since: list[int] = []
    ends: list[int] = []
    arrivals, services = stream.arrivals, stream.services
    for index in range(len(stream)):
        at = arrivals[index]
        while ends and ends[0] <= at:
            end = heapq.heappop(ends)
            in_flight -= 1
            if ceil_div(in_flight, slots) < level:
                level -= 1
                cost += end - needed_since[level]
                idle_since[level] = end
        heapq.heappush(ends, at + services[index])
        in_flight += 1
        if in_flight > level * slots:
            if level == len(idle_since):
                cost += start
                idle_since.append(at)
                needed_since.append(at)
            else:
                cost += min(at - idle_since[level], start)
                needed_since[level] = at
            level += 1
    return cost + _rest(ends, in_flight, level, slots, needed_since)


def _rest(ends: list[int], in_flight: int, level: int, slots: int, needed_since: list[int]) -> Span:
    cost = 0
    for end in sorted(ends):
        in_flight -= 1
        if ceil_div(in_flight, slots) < level:
            level -= 1
            cost += end - needed_since[level]
    return cost


def reactive(stream: Stream, start: Span, patience: float) -> Span:
    """Give the least copy-ns plus `patience` x wait-ns for one copy that is never started ahead of demand.

    Each gap between busy times costs min(gap, start + patience x start): keep the copy, or pay its start and one wait for it.
    """
    cost, until = 0, -1
    for index in range(len(stream)):
        at, end = stream.arrivals[index], stream.arrivals[index] + stream.services[index]
        if until < 0:
            cost += round(start * (1 + patience))
            cost += end - at
        elif at > until:
            cost += min(at - until, round(start * (1 + patience))) + end - at
        elif end > until:
            cost += end - until
        until = max(until, end)
    return cost

"""What policies cost at equal wait: frontiers of swept knobs, and a point's place against one."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Point(NamedTuple):
    """What a policy came to: copy-hours, and the mean wait in seconds."""

    cost: float
    wait_s: float


LEAST_WAIT_S = 0.001


def frontier(points: Sequence[Point]) -> list[Point]:
    """Give the points that no other beats in both, by ascending wait."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: (p.cost, p.wait_s)):
        if not best or point.wait_s < best[-1].wait_s:
            best.append(point)
    return best[::-1]


def cost_at(points: Sequence[Point], wait_s: float) -> float | None:
    """Give what a swept policy costs at a mean wait, interpolated between logarithms; None when it never waits as little.

    Where it waits less than that at its cheapest, that is what it costs: more wait than it has cannot be bought from it.
    """
    best = frontier(points)
    if not best or wait_s < best[0].wait_s:
        return None
    if wait_s >= best[-1].wait_s:
        return best[-1].cost
    for left, right in pairwise(best):
        if left.wait_s <= wait_s <= right.wait_s:
            low, high = (math.log(max(LEAST_WAIT_S, p.wait_s)) for p in (left, right))
            part = (math.log(max(LEAST_WAIT_S, wait_s)) - low) / (high - low) if high > low else 0.0
            return math.exp(math.log(left.cost) + part * (math.log(right.cost) - math.log(left.cost)))
    return None


def ratio_at_equal_wait(points: Sequence[Point], baseline: Point) -> float | None:
    """Give a swept policy's cost relative to a baseline's at the baseline's mean wait; None when it never waits as little."""
    cost = cost_at(points, baseline.wait_s)
    return None if cost is None or baseline.cost <= 0 else cost / baseline.cost


def ratio_together(pairs: Sequence[tuple[Sequence[Point], Point]]) -> float | None:
    """Give what a swept policy costs on several traces together, relative to a baseline: at its mean wait on each.

    A trace on which the policy never waits as little is left out; None when that is so of all.
    """
    costs = [(cost_at(points, baseline.wait_s), baseline.cost) for points, baseline in pairs]
    found = [(cost, other) for cost, other in costs if cost is not None and other > 0]
    return sum(cost for cost, _ in found) / sum(other for _, other in found) if found else None

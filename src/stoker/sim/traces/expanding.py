"""Makes arrivals of traces that tell only how many there were.

Counts become arrivals at even chance within their period. ServeGen's windows of 600 s become gaps drawn from the window's fitted
law, scaled so that they fill it (alibaba/ServeGen).
"""

import random
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from stoker.errors import InvalidParameterError
from stoker.sim.traces.service import ServiceModel
from stoker.sim.traces.values import MAX_REQUESTS, Collector, Trace
from stoker.units import Rng, seconds

WINDOW_S: Final = 600.0
_LEAST_PERIOD_S: Final = 0.001
_LONE_PERIOD_S: Final = 60.0
_SHAPES: Final = (0.01, 1e6)
"""Shapes of gap laws: ServeGen has some of 0.0105; below 0.005 Weibull overflows."""


class Counts(NamedTuple):
    """How many invocations of a series there were in the period that begins at `t` (s)."""

    series: str
    t: float
    number: int


class Window(NamedTuple):
    """A client's rate (1/s) in a window that begins at `t` (s), and the law of its gaps: `Gamma` or `Weibull` with shape `p1`."""

    client: str
    t: float
    rate: float
    dist: str
    p1: float
    where: str


def expand_counts(name: str, rows: Iterable[Counts], service: ServiceModel, rng: Rng) -> Trace:
    """Spread counts over their periods; a series' period is the least distance of two of its rows."""
    series: dict[str, dict[float, int]] = {}
    for row in rows:
        counted = series.setdefault(row.series, {})
        counted[row.t] = counted.get(row.t, 0) + row.number
    if sum(sum(counted.values()) for counted in series.values()) > MAX_REQUESTS:
        raise InvalidParameterError(f"{name} counts more than {MAX_REQUESTS} requests.", field="--trace")
    collected = Collector()
    for model, counted in series.items():
        moments = sorted(counted)
        period_s = min((later - earlier for earlier, later in pairwise(moments)), default=_LONE_PERIOD_S)
        if period_s < _LEAST_PERIOD_S:
            raise InvalidParameterError(f"{name}: the periods of {model} are shorter than a millisecond.", field="--trace")
        for t in moments:
            for at_s in sorted(t + rng.random() * period_s for _ in range(counted[t])):
                collected.add(model, seconds(at_s), service.unknown())
    return collected.trace(name)


def expand_windows(name: str, rows: Iterable[Window], service: ServiceModel, rng: Rng) -> Trace:
    """Draw the arrivals of windows."""
    chance = random.Random(rng.randrange(1 << 62))  # noqa: S311 - seeded by the caller
    collected = Collector()
    for row in rows:
        for at_s in window_arrivals(row, chance):
            collected.add(row.client, seconds(at_s), service.unknown())
    return collected.trace(name)


def window_arrivals(window: Window, chance: random.Random) -> list[float]:
    """Draw the arrivals (s) of one window: as many as its rate says, at gaps of its law scaled to fill it."""
    count = round(window.rate * WINDOW_S)
    if count > MAX_REQUESTS:
        raise InvalidParameterError(f"{window.where}: a rate of {window.rate} is too high.", field="--trace")
    if count <= 0:
        return []
    shape = window.p1
    if not _SHAPES[0] <= shape <= _SHAPES[1]:
        raise InvalidParameterError(f"{window.where}: p1 is {shape}, not from {_SHAPES[0]} to {_SHAPES[1]:g}.", field="--trace")
    match window.dist:
        case "Gamma":
            gaps = [chance.gammavariate(shape, 1.0) for _ in range(count + 1)]
        case "Weibull":
            gaps = [chance.weibullvariate(1.0, shape) for _ in range(count + 1)]
        case _:
            raise InvalidParameterError(f"{window.where}: dist is {window.dist!r}, not Gamma or Weibull.", field="--trace")
    total = sum(gaps)
    scale = WINDOW_S / total if total > 0 else 0.0
    arrivals: list[float] = []
    at_s = window.t
    for gap in gaps[:-1]:
        at_s += gap * scale
        arrivals.append(at_s)
    return arrivals

"""Percentiles and trimmed statistics of a distribution: `p99`, `tm90`, `TM(10%:90%)`, `wm`, `tc`, `ts`, `PR(:300)` and `IQM`.

A distribution gives for each value how many samples had it. The meanings are those of CloudWatch's guide ("CloudWatch statistics
definitions"). A percentile is the smallest value that so many samples do not exceed: one that was measured, none between two.
"""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Final, Literal, TypeAlias

import msgspec

from stoker.errors import InvalidParameterError

Distribution: TypeAlias = Mapping[float, float]

MAX_VALUES: Final = 128
"""Different values of a distribution that are kept exactly."""

FIRST_WIDTH: Final = 1.02
"""How far apart the values are kept that stand for others, once there are too many: each is off by 1 % at most."""

KEPT: Final = 1024

Kind: TypeAlias = Literal["p", "tm", "wm", "tc", "ts", "pr"]

_SIMPLE: Final = re.compile(r"(p|tm|wm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)", re.IGNORECASE)
_RANGE: Final = re.compile(r"(tm|wm|tc|ts|pr)\(([^:()]*):([^:()]*)\)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d{1,20}(?:\.\d{1,10})?")
_ALL: Final = 100.0


class ExtendedStatistic(msgspec.Struct, frozen=True):
    """A statistic of a distribution between two bounds: percents of the samples, or values (`by_value`)."""

    kind: Kind
    low: float
    high: float
    by_value: bool = False


@lru_cache(maxsize=KEPT)
def parse_statistic(text: str) -> ExtendedStatistic:
    """Read an extended statistic. Raises `InvalidParameterError`."""
    if text.upper() == "IQM":
        return ExtendedStatistic("tm", 25.0, 75.0)
    simple = _SIMPLE.fullmatch(text)
    if simple is not None and float(simple[2]) <= _ALL:
        return ExtendedStatistic(_kind(simple[1]), 0.0, float(simple[2]))
    ranged = _RANGE.fullmatch(text)
    if ranged is not None:
        return _ranged(text, _kind(ranged[1]), ranged[2], ranged[3])
    raise _wrong(text)


def _kind(text: str) -> Kind:
    kinds: dict[str, Kind] = {"p": "p", "tm": "tm", "wm": "wm", "tc": "tc", "ts": "ts", "pr": "pr"}
    return kinds[text.lower()]


def _ranged(text: str, kind: Kind, low: str, high: str) -> ExtendedStatistic:
    given = [bound for bound in (low, high) if bound]
    percent = all(bound.endswith("%") for bound in given)
    if not given or (not percent and any(bound.endswith("%") for bound in given)) or (kind == "pr" and percent):
        raise _wrong(text)
    if any(_NUMBER.fullmatch(bound.removesuffix("%")) is None for bound in given):
        raise _wrong(text)
    least, most = (0.0, _ALL) if percent else (-math.inf, math.inf)
    below = float(low.removesuffix("%")) if low else least
    above = float(high.removesuffix("%")) if high else most
    if not least <= below <= above <= most:
        raise _wrong(text)
    return ExtendedStatistic(kind, below, above, by_value=not percent)


def _wrong(text: str) -> InvalidParameterError:
    return InvalidParameterError(
        f"The value {text[:64]} for parameter ExtendedStatistic is not supported.", field="ExtendedStatistic"
    )


def statistic_of(statistic: ExtendedStatistic, distribution: Distribution) -> float | None:
    """Give a statistic's value; None where it has none, as the mean of no samples."""
    pairs = sorted((value, count) for value, count in distribution.items() if count > 0)
    if not pairs:
        return None
    total = math.fsum(count for _, count in pairs)
    if statistic.kind == "p":
        return _at(pairs, total * statistic.high / _ALL)
    inside = _inside(statistic, pairs, total)
    number = math.fsum(count for _, count in inside)
    match statistic.kind:
        case "tc":
            return number
        case "pr":
            return _ALL * number / total
        case "ts":
            return math.fsum(value * count for value, count in inside)
        case "tm":
            return math.fsum(value * count for value, count in inside) / number if number > 0 else None
        case "wm":
            return _winsorized(statistic, pairs, total)


def _at(pairs: list[tuple[float, float]], rank: float) -> float:
    """Give the smallest value that at least `rank` samples do not exceed."""
    for (value, _), reached in zip(pairs, accumulate(count for _, count in pairs), strict=True):
        if reached >= rank * (1 - 1e-12):
            return value
    return pairs[-1][0]


def _inside(statistic: ExtendedStatistic, pairs: list[tuple[float, float]], total: float) -> list[tuple[float, float]]:
    """Give what lies between the bounds: of values the lower one is outside; of percents, samples count by their part within."""
    if statistic.by_value:
        return [(value, count) for value, count in pairs if statistic.low < value <= statistic.high]
    low, high = total * statistic.low / _ALL, total * statistic.high / _ALL
    out: list[tuple[float, float]] = []
    before = 0.0
    for value, count in pairs:
        part = min(before + count, high) - max(before, low)
        if part > 0:
            out.append((value, part))
        before += count
    return out


def _winsorized(statistic: ExtendedStatistic, pairs: list[tuple[float, float]], total: float) -> float:
    """Give the mean with the values outside the bounds put in their place at the bounds."""
    if statistic.by_value:
        low, high = statistic.low, statistic.high
    else:
        low, high = _at(pairs, total * statistic.low / _ALL), _at(pairs, total * statistic.high / _ALL)
    return math.fsum(min(max(value, low), high) * count for value, count in pairs) / total


def merged(one: Distribution, other: Distribution) -> dict[float, float]:
    """Give two distributions together; when that has too many values, those that are close stand for each other."""
    out = dict(one)
    for value, count in other.items():
        out[value] = out.get(value, 0.0) + count
    width = FIRST_WIDTH
    while len(out) > MAX_VALUES:
        coarse: dict[float, float] = {}
        for value, count in out.items():
            stands = _stands_for(value, width)
            coarse[stands] = coarse.get(stands, 0.0) + count
        out, width = coarse, width * width
    return out


@lru_cache(maxsize=8 * KEPT)  # what gateways tell of latencies are the same few values again and again
def _stands_for(value: float, width: float) -> float:
    if value == 0:
        return 0.0
    power = round(math.log(abs(value)) / math.log(width)) * math.log(width)
    return math.copysign(math.exp(min(power, 700.0)), value)

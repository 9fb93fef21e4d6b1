"""The functions of metric math, each a plain function of the values it is given."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

import msgspec

from stoker.decisions.metric_math.values import NOTHING, Array, Frame, Series, Value, kept
from stoker.units import SECOND, Instant

EACH: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": lambda value: float(-math.floor(-value)),
    "FLOOR": lambda value: float(math.floor(value)),
    "LOG": lambda value: math.log(value) if value > 0 else NOTHING,
    "LOG10": lambda value: math.log10(value) if value > 0 else NOTHING,
}
"""Functions of each datapoint."""

CALENDAR: dict[str, Callable[[datetime], float]] = {
    "MINUTE": lambda moment: float(moment.minute),
    "HOUR": lambda moment: float(moment.hour),
    "DAY": lambda moment: float(moment.isoweekday()),
    "DATE": lambda moment: float(moment.day),
    "MONTH": lambda moment: float(moment.month),
    "YEAR": lambda moment: float(moment.year),
    "EPOCH": lambda moment: moment.timestamp(),
}
"""Functions of the instants of a series (in UTC; DAY is 1 on Monday), for every period whether it has a value or not."""

STEPS = frozenset({"DIFF", "DIFF_TIME", "RATE", "RUNNING_SUM"})
"""Functions of each datapoint and those before it."""

SUMMARIES = frozenset({"AVG", "DATAPOINT_COUNT", "MAX", "MIN", "STDDEV", "SUM"})
"""Functions that make a number of a series, and a series of an array."""

FILLERS = frozenset({"LINEAR", "REPEAT"})
SORTED_BY = frozenset({"AVG", "MAX", "MIN", "SUM"})
ORDERS = frozenset({"ASC", "DESC"})


def each(name: str, series: Series) -> Series:
    """Give what a function makes of each datapoint."""
    function = EACH[name]
    return kept(series, {at: function(value) for at, value in series.points.items()})


def stepped(name: str, series: Series) -> Series:
    """Give what a function makes of each datapoint and the one before it; the first has none but in a running sum."""
    if name == "RUNNING_SUM":
        total = 0.0
        sums: dict[Instant, float] = {}
        for at, value in series.points.items():
            total += value
            sums[at] = total
        return kept(series, sums)
    points: dict[Instant, float] = {}
    for (before, was), (at, value) in pairwise(series.points.items()):
        seconds = (at - before) / SECOND
        points[at] = seconds if name == "DIFF_TIME" else value - was if name == "DIFF" else (value - was) / seconds
    return kept(series, points)


def calendar(name: str, series: Series, frame: Frame) -> Series:
    """Give what a function makes of the instant of every period of a series."""
    function = CALENDAR[name]
    points = {at: function(datetime.fromtimestamp(at // SECOND, tz=UTC)) for at in frame.slots(series.period)}
    return msgspec.structs.replace(series, points=points)


def summary(name: str, values: Sequence[float], of: int | None = None) -> float:
    """Give the number that sums up values; AVG divides by `of` where values that are not there count as 0."""
    try:
        return _summary(name, values, len(values) if of is None else of)
    except OverflowError:
        return NOTHING


def _summary(name: str, values: Sequence[float], of: int) -> float:
    match name:
        case "SUM":
            return math.fsum(values)
        case "DATAPOINT_COUNT":
            return float(len(values))
        case "AVG":
            return math.fsum(values) / of if of else NOTHING
        case "MAX":
            return max(values, default=NOTHING)
        case "MIN":
            return min(values, default=NOTHING)
        case _:
            return _deviation(values)


def _deviation(values: Sequence[float]) -> float:
    if not values:
        return NOTHING
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) * (value - middle) for value in values) / len(values))


def across(name: str, array: Array) -> Series:
    """Give the series that sums up, instant by instant, the series of an array."""
    values: dict[Instant, list[float]] = {}
    for series in array:
        for at, value in series.points.items():
            values.setdefault(at, []).append(value)
    period = array[0].period if array else SECOND
    return kept(Series(period=period, points={}), {at: summary(name, values[at], len(array)) for at in sorted(values)})


def chosen(condition: float | Series, true: float | Series, false: float | Series | None) -> Series:
    """Give IF's series: where the condition holds the one value (0 where that is missing), else the other, else none."""
    if isinstance(condition, Series):
        points: dict[Instant, float] = {}
        for at, holds in condition.points.items():
            if holds:
                points[at] = true.points.get(at, 0.0) if isinstance(true, Series) else true
            elif isinstance(false, Series):
                points[at] = false.points.get(at, NOTHING)
            else:
                points[at] = NOTHING if false is None else false
        return kept(condition, points)
    side = true if condition and not math.isnan(condition) else false
    if isinstance(side, Series) and not math.isnan(condition):
        return side
    model = next(value for value in (true, false) if isinstance(value, Series))
    return kept(model, {})


def filled(series: Series, filler: str | float | Series, frame: Frame) -> Series:
    """Give a series with its missing values filled: by a number, another series, the value before, or on a line between two.

    Nothing stands before the first value for REPEAT, nor beyond the first and the last for LINEAR.
    """
    slots = frame.slots(series.period)
    have = series.points
    if isinstance(filler, str):
        found = dict(_between(have, slots, linear=filler == "LINEAR"))
    elif isinstance(filler, Series):
        found = {at: have.get(at, filler.points.get(at, NOTHING)) for at in slots}
    else:
        found = {at: have.get(at, filler) for at in slots}
    return kept(series, found)


def _between(have: dict[Instant, float], slots: range, *, linear: bool) -> Iterable[tuple[Instant, float]]:
    known = [*have.items()]
    place = -1
    for at in slots:
        while place + 1 < len(known) and known[place + 1][0] <= at:
            place += 1
        if place < 0:
            continue
        before, value = known[place]
        if not linear or before == at:
            yield at, value
        elif place + 1 < len(known):
            after, following = known[place + 1]
            yield at, value + (following - value) * (at - before) / (after - before)


def in_order(array: Array, by: str, order: str, limit: float | None) -> Array:
    """Give the series of an array by a number that sums each up; those without datapoints come last."""
    ranked = [(summary(by, [*series.points.values()]), series) for series in array if series.points]
    ranked.sort(key=lambda pair: pair[0], reverse=order == "DESC")
    ordered = (*(series for _, series in ranked), *(series for series in array if not series.points))
    return ordered if limit is None else ordered[: _whole(limit)]


def part(array: Array, start: float, end: float | None) -> Array:
    """Give the series of an array from a place on, up to another that is not included."""
    return array[_whole(start) : None if end is None else _whole(end)]


def _whole(number: float) -> int:
    return max(0, int(number)) if math.isfinite(number) else 0


def constant(number: Value, frame: Frame, period: int) -> Series:
    """Give a series that has the same value in every period."""
    value = number if isinstance(number, float) else NOTHING
    return kept(Series(period=period, points={}), dict.fromkeys(frame.slots(period), value))

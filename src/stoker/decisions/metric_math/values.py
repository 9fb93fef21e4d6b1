"""What expressions are made of: numbers, series and arrays of series, and what operators make of them.

A number that is not one (a division by zero, the average of nothing) stands for "no value": in a series it drops the datapoint.
"""

import math
import operator
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeAlias

import msgspec

from stoker.errors import InvariantBrokenError
from stoker.units import Instant, Span


class Kind(StrEnum):
    """What sort of value an expression has, by the name that errors call it."""

    SCALAR = "a single number"
    SERIES = "a time series"
    ARRAY = "an array of time series"


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Values by the start of their period, ascending. Instants without a value are not there."""

    period: Span
    points: dict[Instant, float]
    label: str = ""


Array: TypeAlias = tuple[Series, ...]
Value: TypeAlias = float | Series | Array
"""A value of an expression."""

NOTHING = math.nan


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The time that an evaluation spans: periods that begin in [start, end), `start` rounded down, counted from `anchor`."""

    start: Instant
    end: Instant
    anchor: Instant = 0

    def slots(self, period: Span) -> range:
        """Give the starts of the periods."""
        return range(self.start - (self.start - self.anchor) % period, self.end + (self.anchor - self.end) % period, period)


def _power(base: float, exponent: float) -> float:
    result = base**exponent
    return result if isinstance(result, float) else NOTHING  # a root of a negative number is complex


_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": _power,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "AND": lambda a, b: float(bool(a) and bool(b)),
    "OR": lambda a, b: float(bool(a) or bool(b)),
}

_ALWAYS_DEFINED = frozenset("+-*")
"""Operators whose result is a number, infinite at worst, or not one because an operand is not."""

ARITHMETIC = frozenset("+-*/^")
"""Operators that arrays may be given to; comparisons and logic take numbers and single series."""


def calculated(mark: str, left: float, right: float) -> float:
    """Give what an operator makes of two numbers, `NOTHING` when there is no such number."""
    if math.isnan(left) or math.isnan(right):
        return NOTHING
    try:
        result = _OPERATORS[mark](left, right)
    except ArithmeticError:  # division by zero, overflow
        return NOTHING
    return result if math.isfinite(result) else NOTHING


def kept(series: Series, points: dict[Instant, float]) -> Series:
    """Give a series with other points, those that are no numbers dropped."""
    finite = {at: value for at, value in points.items() if math.isfinite(value)}
    return Series(period=series.period, points=finite, label=series.label)


def combined(mark: str, left: Value, right: Value) -> Value:
    """Give what an operator makes of two values; of an array and something else, an array of the same labels.

    Between two series, one without a value at an instant where the other has one counts as 0 there.
    """
    if isinstance(left, tuple):
        if isinstance(right, tuple):
            raise InvariantBrokenError("Two arrays were to be combined, which no expression that was checked asks for.")
        return tuple(_on_series(mark, each, right) for each in left)
    if isinstance(right, tuple):
        return tuple(_from_left(mark, left, each) for each in right)
    if isinstance(left, Series):
        return _on_series(mark, left, right)
    return _from_left(mark, left, right) if isinstance(right, Series) else calculated(mark, left, right)


def _on_series(mark: str, left: Series, right: float | Series) -> Series:
    mine = left.points
    if isinstance(right, Series):
        others = right.points
        instants = mine.keys() if mine.keys() == others.keys() else sorted(mine.keys() | others.keys())
        return _by_instant(mark, left, ((at, mine.get(at, 0.0), others.get(at, 0.0)) for at in instants))
    return _by_instant(mark, left, ((at, value, right) for at, value in mine.items()))


def _from_left(mark: str, left: float | Series, right: Series) -> Series:
    if isinstance(left, Series):
        return msgspec.structs.replace(_on_series(mark, left, right), label=right.label)
    return _by_instant(mark, right, ((at, left, value) for at, value in right.points.items()))


def _by_instant(mark: str, model: Series, operands: Iterable[tuple[Instant, float, float]]) -> Series:
    if mark in _ALWAYS_DEFINED:
        function = _OPERATORS[mark]
        return kept(model, {at: function(left, right) for at, left, right in operands})
    return kept(model, {at: calculated(mark, left, right) for at, left, right in operands})

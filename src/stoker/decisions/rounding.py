"""The only place that rounds ratios of capacity, because floating point would round some of them one unit too far.

`0.1 * 3 / 0.1` is a hair above 3, so a plain `ceil` asks for a fourth copy that no load called for.
"""

import math

_CRUMB = 1e-9
"""Relative distance from a whole number within which a ratio is that number."""


def ceil_ratio(numerator: float, denominator: float) -> int:
    """Give `numerator / denominator` rounded up to a whole number, where a crumb of floating point is no reason to round up.

    A positive ratio gives at least 1 however small it is: only a real zero gives 0. Both arguments finite, `denominator` > 0.
    """
    ratio = numerator / denominator
    nearest = round(ratio)
    whole = nearest if abs(ratio - nearest) <= _CRUMB * max(1.0, abs(ratio)) else math.ceil(ratio)
    return max(1, whole) if ratio > 0 else whole


def ceil_div(numerator: int, denominator: int) -> int:
    """Give the exact quotient of two integers rounded up; `denominator` > 0."""
    return -(-numerator // denominator)


def percent_change(capacity: int, percent: int) -> int:
    """Give `percent` of `capacity` as a whole change by step scaling's rules.

    Above 1 it is rounded down, between 0 and 1 it is 1, and the same mirrored below zero: 12.7 → 12, 0.67 → 1, -0.58 → -1,
    -6.67 → -6 (Application Auto Scaling user guide, step scaling). No change stays none, so a percentage never leaves zero.
    """
    hundredths = capacity * percent
    if hundredths == 0:
        return 0
    whole = max(1, abs(hundredths) // 100)
    return whole if hundredths > 0 else -whole

import math

import pytest

from stoker.decisions.rounding import ceil_div, ceil_ratio, percent_change


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (0.0, 5.0, 0),
        (5.0, 5.0, 1),
        (5.1, 5.0, 2),
        (24.0, 5.0, 5),
        (0.1 * 3, 0.1, 3),
        (1e-300, 5.0, 1),
        (1e-12, 1.0, 1),
        (1e15 + 1, 1.0, 10**15 + 1),
    ],
)
def test_ratios(numerator: float, denominator: float, rounded: int) -> None:
    assert ceil_ratio(numerator, denominator) == rounded


def test_a_plain_ceiling_would_ask_for_one_too_many() -> None:
    assert math.ceil(0.1 * 3 / 0.1) == 4


def test_whole_quotients() -> None:
    assert [ceil_div(n, 60) for n in (0, 1, 60, 61)] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("capacity", "percent", "change"),
    [
        (10, 127, 12),
        (1, 67, 1),
        (1, -58, -1),
        (100, -7, -7),
        (10, -67, -6),
        (0, 200, 0),
        (10, 0, 0),
        (10, 10, 1),
        (11, 30, 3),
    ],
)
def test_percentages(capacity: int, percent: int, change: int) -> None:
    assert percent_change(capacity, percent) == change

"""What a policy wants, in numbers and in words."""

from collections.abc import Iterable

import msgspec

from stoker.domain.scaling import Dimension

NUMBER_DIGITS = 6


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A capacity somebody wants; `cause` quotes the numbers it was made of."""

    capacity: int
    cause: str


def number(value: float) -> str:
    """Give a number for people: at most six significant digits, and always recognisably a measured one (`12.0`)."""
    text = f"{value:.{NUMBER_DIGITS}g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def counted(count: float, noun: str, plural: str = "") -> str:
    """Give `1 copy`, `2 copies`."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"


def mean(values: Iterable[float]) -> float:
    """Give the arithmetic mean; `values` not empty."""
    listed = list(values)
    return sum(listed) / len(listed)


def noun(dimension: Dimension) -> str:
    """Give what one unit of a dimension is called."""
    return _NOUNS[dimension][0]


def nouns(dimension: Dimension) -> str:
    """Give what several units of a dimension are called."""
    return _NOUNS[dimension][1]


_NOUNS = {
    Dimension.COPIES: ("copy", "copies"),
    Dimension.INSTANCES: ("instance", "instances"),
    Dimension.PROVISIONED: ("provisioned environment", "provisioned environments"),
}

"""Laws of chance for spans: how long a phase of a start takes, or an invocation in its copy.

A law is written as `60` or `fixed:60`, `normal:mean=60,sd=5`, `empirical:p5=2.3,p50=22.7,p90=42` (straight lines between the
quantiles), `file:PATH` (one number of seconds a line, drawn as they are). All numbers are seconds.
"""

import bisect
import math
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from stoker.errors import InvalidParameterError
from stoker.units import Rng, Span, seconds

MAX_SECONDS: Final = 1_000_000.0
MAX_SAMPLES: Final = 1_000_000
_TRIES: Final = 100


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """Always the same."""

    value_s: float

    def draw(self, rng: Rng) -> Span:  # noqa: ARG002 - the form of a law
        """Give a span in ns."""
        return seconds(self.value_s)

    def mean_s(self) -> float:
        """Give the mean in seconds."""
        return self.value_s


class Normal(msgspec.Struct, frozen=True, kw_only=True):
    """A normal law without its part below zero."""

    center_s: float
    sd_s: float

    def draw(self, rng: Rng) -> Span:
        """Give a span in ns."""
        for _ in range(_TRIES):
            # The sum of twelve uniform draws less six: normal to within what a start-up time is known to.
            value = self.center_s + self.sd_s * (sum(rng.random() for _ in range(12)) - 6.0)
            if value >= 0:
                return seconds(value)
        return 0

    def mean_s(self) -> float:
        """Give the mean in seconds: that of a normal law without its part below zero."""
        if not self.sd_s:
            return self.center_s
        edge = -self.center_s / self.sd_s
        density, kept = math.exp(-edge * edge / 2) / math.sqrt(2 * math.pi), math.erfc(edge / math.sqrt(2)) / 2
        return self.center_s + self.sd_s * density / kept


class Empirical(msgspec.Struct, frozen=True, kw_only=True):
    """Quantiles (`shares` ascending from 0 to 1) with straight lines between them."""

    shares: tuple[float, ...]
    values_s: tuple[float, ...]

    def draw(self, rng: Rng) -> Span:
        """Give a span in ns."""
        share = rng.random()
        right = min(len(self.shares) - 1, max(1, bisect.bisect_right(self.shares, share)))
        left_share, right_share = self.shares[right - 1], self.shares[right]
        left, end = self.values_s[right - 1], self.values_s[right]
        part = (share - left_share) / (right_share - left_share)
        return seconds(left + (end - left) * part)

    def mean_s(self) -> float:
        """Give the mean in seconds."""
        points = pairwise(zip(self.shares, self.values_s, strict=True))
        return sum((q2 - q1) * (v1 + v2) / 2 for (q1, v1), (q2, v2) in points)


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Spans that were measured, each as likely."""

    values_s: tuple[float, ...]

    def draw(self, rng: Rng) -> Span:
        """Give a span in ns."""
        return seconds(self.values_s[rng.randrange(len(self.values_s))])

    def mean_s(self) -> float:
        """Give the mean in seconds."""
        return sum(self.values_s) / len(self.values_s)


Law: TypeAlias = Fixed | Normal | Empirical | Samples
"""A law of spans."""

NONE: Final = Fixed(value_s=0.0)
"""No time at all."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How long each phase of a cold start takes. `decide` passes before a copy's start command, `provision` is an instance's."""

    decide: Law = NONE
    provision: Law = NONE
    fetch: Law = NONE
    load: Law = NONE

    @property
    def paid_s(self) -> float:
        """The mean seconds of it that are paid for: from a copy's start command on."""
        return self.fetch.mean_s() + self.load.mean_s()

    @property
    def mean_s(self) -> float:
        """The mean seconds from the wish for a copy to its first answer."""
        return sum(law.mean_s() for law in (self.decide, self.provision, self.fetch, self.load))


def parse_law(text: str, field: str) -> Law:
    """Read a law; raises `InvalidParameterError` naming `field` for what is none."""
    kind, _, rest = text.strip().partition(":")
    if not rest:
        if _is_number(kind):
            return Fixed(value_s=_number(kind, field))
        if Path(kind).is_file():
            return _samples(Path(kind), field)
        raise _unknown(text, field)
    match kind:
        case "fixed":
            return Fixed(value_s=_number(rest, field))
        case "normal":
            given = _pairs(rest, field)
            if set(given) != {"mean", "sd"}:
                raise InvalidParameterError(f"{field}: a normal law is written normal:mean=60,sd=5, not {text!r}.", field=field)
            return Normal(center_s=given["mean"], sd_s=given["sd"])
        case "empirical":
            return _empirical(rest, field)
        case "file":
            return _samples(Path(rest), field)
        case _:
            raise _unknown(text, field)


def _unknown(text: str, field: str) -> InvalidParameterError:
    return InvalidParameterError(
        f"{field}: {text!r} is no law and no file; write 60, fixed:60, normal:mean=60,sd=5, "
        "empirical:p5=2.3,p50=22.7,p90=42 or file:PATH.",
        field=field,
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str, field: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidParameterError(f"{field}: {text!r} is not a number of seconds.", field=field) from error
    if not 0 <= value <= MAX_SECONDS:
        raise InvalidParameterError(f"{field}: {text} is not between 0 and {MAX_SECONDS:.0f} seconds.", field=field)
    return value


def _pairs(text: str, field: str) -> dict[str, float]:
    given: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or name in given:
            raise InvalidParameterError(f"{field}: {part!r} is not a name=seconds of its own.", field=field)
        given[name] = _number(value, field)
    return given


def _empirical(text: str, field: str) -> Empirical:
    points: list[tuple[float, float]] = []
    for name, value in _pairs(text, field).items():
        if not (name.startswith("p") and _is_number(name[1:]) and 0 <= float(name[1:]) <= 100):  # noqa: PLR2004 - per cent
            raise InvalidParameterError(f"{field}: {name!r} is no quantile; write p0 to p100.", field=field)
        points.append((float(name[1:]) / 100, value))
    points.sort()
    if any(later[1] < earlier[1] for earlier, later in pairwise(points)):
        raise InvalidParameterError(f"{field}: the quantiles do not ascend in {text!r}.", field=field)
    # Beyond the outermost quantiles nothing is known: their values stand for what lies there.
    if points[0][0] > 0:
        points.insert(0, (0.0, points[0][1]))
    if points[-1][0] < 1:
        points.append((1.0, points[-1][1]))
    return Empirical(shares=tuple(share for share, _ in points), values_s=tuple(value for _, value in points))


def _samples(path: Path, field: str) -> Samples:
    values: list[float] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                text = line.strip()
                if not text or text.startswith("#"):
                    continue
                if len(values) >= MAX_SAMPLES:
                    raise InvalidParameterError(f"{field}: {path} has more than {MAX_SAMPLES} lines.", field=field)
                values.append(_number(text, field))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidParameterError(f"{field}: {path} cannot be read: {error}.", field=field) from error
    if not values:
        raise InvalidParameterError(f"{field}: {path} has no numbers.", field=field)
    return Samples(values_s=tuple(values))

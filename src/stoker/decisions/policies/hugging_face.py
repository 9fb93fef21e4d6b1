"""`hf-2023` and `hf-current`: Hugging Face Inference Endpoints by its documentation of 2023 and of today.

Up: one copy more when the measure, averaged over its window and over the copies, reaches the threshold; looked at every so often.
Down: one copy less, looked at less often, and not again until the stabilisation is over. To zero: when nothing was invoked for
the idle time, whatever the utilisation. From zero: with the first invocation.

| | hf-2023 | hf-current |
|---|---|---|
| utilisation | 80 % | 80 % over 1 minute |
| pending requests | – | more than 1.5 a copy over 20 s |
| up, down, stabilisation | 3 min, 5 min, none | 1 min, 2 min, 300 s after going down |
| to zero | after 15 min | after 1 h (the page's default; the API's is 15 min) |

Their documentation does not tell when a copy is taken away: here, when the load would stay below the threshold on one copy less.
Nor does it tell whether a stabilisation also holds back going up: here it does not. A copy's utilisation is what is measured of
the processors, or of the accelerators, that it books; where nobody measures, it is the share of its slots that are busy.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

from stoker.decisions.policies.follower import (
    Activity,
    Follower,
    Lasting,
    Positive,
    Seen,
    Ticks,
    Wish,
    demand_words,
    keep,
    span_words,
)
from stoker.decisions.policies.windows import Window
from stoker.decisions.scaling.proposals import number
from stoker.errors import InvalidParameterError
from stoker.units import HOUR, MINUTE, SECOND, Instant, Span

_Cadence = Annotated[Span, msgspec.Meta(ge=SECOND, le=HOUR, title="span")]
PENDING_THRESHOLD = 1.5
UTILISATION_THRESHOLD = 0.8
PENDING_WINDOW: Span = 20 * SECOND
UTILISATION_WINDOW: Span = MINUTE


class Measure(StrEnum):
    """What is compared with the threshold."""

    UTILISATION = "utilisation"
    PENDING = "pending"


class HuggingFaceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`hf-current(measure=…, threshold=…, window=…, up=…, down=…, stabilisation=…, idle=…, count_starting=…)`.

    `measure`: `utilisation` or `pending`. `threshold` and `window` by default as in the table (0.8 is 80 %).
    `up`, `down`: how often is looked for going up and down. `stabilisation`: after going down, not again for so long.
    `idle`: scaleToZeroTimeout. `count_starting`: whether copies that are starting lower the average (the text of 2023 says that
    they do).
    """

    measure: Measure = Measure.UTILISATION
    threshold: Positive | None = None
    window: Lasting | None = None
    up: _Cadence = MINUTE
    down: _Cadence = 2 * MINUTE
    stabilisation: Lasting = 300 * SECOND
    idle: Lasting = HOUR
    count_starting: bool = False

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return HuggingFace(self)


HF_2023 = HuggingFaceOptions(up=3 * MINUTE, down=5 * MINUTE, stabilisation=0, idle=15 * MINUTE, count_starting=True)
"""The rules of 2023."""


def policy_text(preset: str, *, measure: Measure | None = None, threshold: float | None = None, idle: Span | None = None) -> str:
    """Give the text of a preset for what an endpoint's `compute.scaling` asks for: `hf-current(measure=pending, idle=900s)`.

    `preset` is `hf-2023` or `hf-current`. `measure` and `threshold` are the key and the value of `scaling.measure`: requests a
    replica for `pendingRequests`, percent for `hardwareUsage`, None for the preset's own. `idle` is scaleToZeroTimeout. The
    service of 2023 knew neither pending requests nor a timeout other than 15 minutes: `hf-2023` takes no notice of these two.
    Raises `InvalidParameterError` that names the field.
    """
    if preset == "hf-2023" and measure is Measure.PENDING:
        measure = threshold = None
    options = []
    if measure is not None:
        options.append(f"measure={measure}")
        if threshold is not None:
            options.append(f"threshold={_threshold(measure, threshold)}")
    if idle is not None and preset != "hf-2023":
        options.append(f"idle={_plain(idle / SECOND)}s")
    return f"{preset}({', '.join(options)})" if options else preset


_MOST_PENDING = 10_000.0
_MOST_PERCENT = 100.0


def _threshold(measure: Measure, value: float) -> str:
    pending = measure is Measure.PENDING
    most = _MOST_PENDING if pending else _MOST_PERCENT
    if not _LEAST_THRESHOLD <= value <= most:
        field = f"compute.scaling.measure.{'pendingRequests' if pending else 'hardwareUsage'}"
        raise InvalidParameterError(f"{field} must be above 0 and at most {most:g}, not {value:g}.", field=field)
    return _plain(value) if pending else f"{_plain(value)}%"


_LEAST_THRESHOLD = 0.001


def _plain(value: float) -> str:
    """Give a number without an exponent, as short as it can be."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


class HuggingFace:
    """The autoscaler of one workload."""

    __slots__ = ("_activity", "_down_at", "_downs", "_options", "_span", "_threshold", "_ups", "_window")

    def __init__(self, options: HuggingFaceOptions) -> None:
        self._options = options
        pending = options.measure is Measure.PENDING
        default = PENDING_WINDOW if pending else UTILISATION_WINDOW
        self._span = default if options.window is None else options.window
        self._threshold = options.threshold or (PENDING_THRESHOLD if pending else UTILISATION_THRESHOLD)
        self._window = Window(self._span)
        self._ups = Ticks(options.up)
        self._downs = Ticks(options.down)
        self._activity = Activity()
        self._down_at: Instant | None = None

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        options = self._options
        ends = self._activity.note(seen) + options.idle
        self._window.note(self._load(seen), seen.now)
        up, down = self._ups.due(seen.now), self._downs.due(seen.now)
        if seen.desired == 0:
            if seen.active:
                return Wish(desired=seen.fit(1), cause=f"{demand_words(seen)} at zero copies", look_again=self._ups.ask(seen.now))
            return keep(seen, "at zero, and nothing is under way", None)
        if seen.least == 0 and not seen.active and seen.now >= ends:
            return Wish(desired=0, cause=f"no invocation for {span_words(options.idle)}")
        copies = max(1, seen.ready + (seen.starting if options.count_starting else 0))
        load = self._window.mean(self._span, seen.now)
        mean = load / copies
        cause = (
            f"{options.measure} averages {number(mean)} over {span_words(self._span)}, {number(self._threshold)} is the threshold"
        )
        if up and self._reaches(mean):
            return Wish(desired=seen.fit(seen.desired + 1), cause=cause, look_again=self._next(seen, ends))
        if down and seen.desired > 1 and seen.desired > seen.least and self._may_fall(load, seen):
            self._down_at = seen.now
            cause += f", and {number(load / (seen.desired - 1))} with one copy less"
            return Wish(desired=seen.fit(seen.desired - 1), cause=cause, look_again=self._next(seen, ends))
        return keep(seen, cause, self._next(seen, ends))

    def _load(self, seen: Seen) -> float:
        """Give the measure summed over the copies."""
        if self._options.measure is Measure.PENDING:
            return seen.load
        if seen.utilisation is not None:
            return seen.utilisation * seen.ready
        return min(float(seen.ready), seen.load / seen.slots)

    def _reaches(self, mean: float) -> bool:
        return mean > self._threshold if self._options.measure is Measure.PENDING else mean >= self._threshold

    def _may_fall(self, load: float, seen: Seen) -> bool:
        if self._down_at is not None and seen.now - self._down_at < self._options.stabilisation:
            return False
        return load / (seen.desired - 1) < self._threshold

    def _next(self, seen: Seen, idle_ends: Instant) -> Instant | None:
        """Give when to look again: when a look is due that could change something."""
        if not seen.active and self._window.mean(self._span, seen.now) == 0 and seen.desired == 1:
            return idle_ends if seen.least == 0 and idle_ends > seen.now else None
        due = min(self._ups.ask(seen.now), self._downs.ask(seen.now))
        return min(due, idle_ends) if seen.least == 0 and idle_ends > seen.now else due

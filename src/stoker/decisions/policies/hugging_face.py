"""`hf-2023` and `hf-current`: Hugging Face Inference Endpoints by its documentation of 2023 and of today.

| | hf-2023 | hf-current |
|---|---|---|
| utilisation of processors | 80 % over 1 minute | 80 % over 1 minute |
| utilisation of accelerators | 80 % over 2 minutes | 80 % over 1 minute |
| pending requests | – | more than 1.5 a copy over 20 s |
| up, down | every 3 and every 5 minutes | every minute and every 2 minutes |
| stabilisation | none | 300 s after going down |
| to zero | after 15 minutes | after 1 h (the page's default; the API's is 15 minutes) |

Up: one copy more when the measure, averaged over the copies and over its window, reaches the threshold (pending requests: is
above it). Down: one copy less. To zero: all at once, when the last invocation ended the idle time ago, whatever the utilisation.
From zero: the first copy with the first invocation. The loops begin when the workload wakes or is first seen, so that their
first look has a whole window behind it, and never look sooner than a period after the look before.

Their documentation does not tell when a copy is taken away: here, when what all copies bear together would stay below the
threshold on one copy less. Nor does it tell whether a stabilisation also holds back going up: here it does not. Nor whether
copies that start count in the average: the text of 2023 says that they lower it, and `hf-2023` has it so. A copy's utilisation
is what is measured of the processors, or of the accelerators, that it books; time of which there is no figure does not count,
and without any nothing moves. Where nobody measures, it is the share of the copy's slots that are busy.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

from stoker.decisions.policies.follower import (
    Activity,
    Follower,
    Lasting,
    Looks,
    Positive,
    Seen,
    Wish,
    demand_words,
    keep,
    span_words,
)
from stoker.decisions.policies.windows import Told
from stoker.decisions.scaling.proposals import counted, number
from stoker.errors import InvalidParameterError
from stoker.units import HOUR, MINUTE, SECOND, Instant, Span

_Cadence = Annotated[Span, msgspec.Meta(ge=SECOND, le=HOUR, title="span")]
PENDING_THRESHOLD = 1.5
UTILISATION_THRESHOLD = 0.8
PENDING_WINDOW: Span = 20 * SECOND
UTILISATION_WINDOW: Span = MINUTE
_DIGITS = 6
"""Averages are compared to so many digits: six times 0.8 is 80 % on average, whatever floating point makes of it."""


class Measure(StrEnum):
    """What is compared with the threshold."""

    UTILISATION = "utilisation"
    PENDING = "pending"


class HuggingFaceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`hf-current(measure=…, threshold=…, window=…, up=…, down=…, stabilisation=…, idle=…, count_starting=…)`.

    `measure`: `utilisation` or `pending`. `threshold` and `window` by default as in the table (0.8 is 80 %);
    `accelerator_window` is that of utilisation where copies book accelerators, `window` if there is none.
    `up`, `down`: how often is looked for going up and down. `stabilisation`: after going down, not again for so long.
    `idle`: scaleToZeroTimeout. `count_starting`: whether copies that are starting lower the average (the text of 2023 says that
    they do).
    """

    measure: Measure = Measure.UTILISATION
    threshold: Positive | None = None
    window: Lasting | None = None
    accelerator_window: Lasting | None = None
    up: _Cadence = MINUTE
    down: _Cadence = 2 * MINUTE
    stabilisation: Lasting = 300 * SECOND
    idle: Lasting = HOUR
    count_starting: bool = False

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return HuggingFace(self)


HF_2023 = HuggingFaceOptions(
    accelerator_window=2 * MINUTE, up=3 * MINUTE, down=5 * MINUTE, stabilisation=0, idle=15 * MINUTE, count_starting=True
)
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
    """The autoscaler of one workload.

    `_each` is the measure averaged over the copies, `_all` what they bear together.
    """

    __slots__ = ("_activity", "_all", "_down_at", "_downs", "_each", "_measured", "_options", "_spans", "_threshold", "_ups")

    def __init__(self, options: HuggingFaceOptions) -> None:
        self._options = options
        pending = options.measure is Measure.PENDING
        usual = PENDING_WINDOW if pending else UTILISATION_WINDOW
        plain = usual if options.window is None else options.window
        accelerated = None if pending else options.accelerator_window
        self._spans = (plain, plain if accelerated is None else accelerated)
        self._threshold = options.threshold or (PENDING_THRESHOLD if pending else UTILISATION_THRESHOLD)
        self._each = Told(max(self._spans))
        self._all = Told(max(self._spans))
        self._measured = False
        self._ups = Looks(options.up)
        self._downs = Looks(options.down)
        self._activity = Activity()
        self._down_at: Instant | None = None

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        ends = self._activity.note(seen) + self._options.idle
        self._note(seen)
        if seen.desired == 0:
            return self._at_zero(seen)
        up, down = self._ups.due(seen.now), self._downs.due(seen.now)
        if seen.least == 0 and not seen.active and seen.now >= ends:
            return Wish(desired=0, cause=f"no invocation for {span_words(self._options.idle)}")
        if not up and not down:
            return keep(seen, "between two looks", self._next(seen, ends))
        return self._look(seen, ends, up=up, down=down)

    def _at_zero(self, seen: Seen) -> Wish:
        """Wake with the first invocation; the loops begin with it."""
        if not seen.active:
            self._ups.end()
            self._downs.end()
            return keep(seen, "at zero, and nothing is under way", None)
        self._ups.begin(seen.now)
        self._downs.begin(seen.now)
        return Wish(desired=seen.fit(1), cause=f"{demand_words(seen)} at zero copies", look_again=self._ups.ask(seen.now))

    def _look(self, seen: Seen, ends: Instant, *, up: bool, down: bool) -> Wish:
        """Compare the averages with the threshold."""
        span = self._spans[seen.accelerated]
        each, together = self._each.mean(span, seen.now), self._all.mean(span, seen.now)
        again = self._next(seen, ends)
        if each is None or together is None:
            return keep(seen, f"{self._options.measure} has no data over {span_words(span)}", again)
        each, less = round(each, _DIGITS), round(together / max(1, seen.desired - 1), _DIGITS)
        cause = (
            f"{self._options.measure} averages {number(each)} over {span_words(span)} and "
            f"{counted(self._copies(seen), 'copy', 'copies')}, {number(self._threshold)} is the threshold"
        )
        if self._reaches(each):
            return Wish(desired=seen.fit(seen.desired + 1 if up else seen.desired), cause=cause, look_again=again)
        if down and seen.desired > max(1, seen.least) and less < self._threshold:
            cause += f", and {number(less)} with one copy less"
            if self._down_at is None or seen.now - self._down_at >= self._options.stabilisation:
                self._down_at = seen.now
                return Wish(desired=seen.fit(seen.desired - 1), cause=cause, look_again=again)
            cause += f"; the last one went {span_words(seen.now - self._down_at)} ago"
        return keep(seen, cause, again)

    def _note(self, seen: Seen) -> None:
        """Take in the measure of now, or what was measured of the time before."""
        usage = None if self._options.measure is Measure.PENDING else seen.usage
        if self._measured != (usage is not None):  # two ways of measuring make no average
            self._measured = usage is not None
            self._each, self._all = Told(max(self._spans)), Told(max(self._spans))
        copies = self._copies(seen)
        if usage is not None:
            if usage.share is not None:
                bears = usage.share * seen.ready
                self._each.was(bears / max(1, copies), usage.since, usage.at)
                self._all.was(bears, usage.since, usage.at)
            return
        pending = self._options.measure is Measure.PENDING
        bears = float(seen.pending) if pending else min(float(seen.ready), seen.load / seen.slots)
        known = seen.desired > 0 and (pending or copies > 0)
        self._each.note(bears / max(1, copies) if known else None, seen.now)
        self._all.note(bears if known else None, seen.now)

    def _copies(self, seen: Seen) -> int:
        """Give how many copies the measure is averaged over."""
        return seen.ready + (seen.starting if self._options.count_starting else 0)

    def _reaches(self, mean: float) -> bool:
        return mean > self._threshold if self._options.measure is Measure.PENDING else mean >= self._threshold

    def _next(self, seen: Seen, idle_ends: Instant) -> Instant | None:
        """Give when to look again: when a look is due that could change something."""
        due = []
        if seen.least == 0 and idle_ends > seen.now:
            due.append(idle_ends)
        if seen.desired < seen.most and (seen.active or self._each.mean(self._spans[seen.accelerated], seen.now)):
            due.append(self._ups.ask(seen.now))
        if seen.desired > max(1, seen.least):
            due.append(self._downs.ask(seen.now))
        return min(due, default=None)

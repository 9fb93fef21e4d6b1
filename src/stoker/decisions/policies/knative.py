"""`knative`: the Knative Pod Autoscaler (KPA), with its stable and its panic window, for those who come from there.

Formulas and defaults are those of knative/serving (pkg/autoscaler/scaling/autoscaler.go and
config/core/configmaps/autoscaler.yaml):

    target  = max(0.01, concurrency × target-utilization)
    stable  = clamp(ceil(mean over the stable window / target), floor(ready / 2), 1000 × ready)
    panic   = the same with the mean over the panic window; it begins when ceil(that mean / target) ≥ 2 × ready, and ends
              a stable window after that was last so; in it the count never falls

What differs: concurrency is known by itself here and not scraped once a second.
"""

from typing import Annotated

import msgspec

from stoker.decisions.policies.follower import Follower, Lasting, Positive, Seen, Ticks, Wish, demand_words, keep, span_words
from stoker.decisions.policies.windows import Window
from stoker.decisions.rounding import ceil_ratio
from stoker.decisions.scaling.proposals import counted, number
from stoker.units import MINUTE, SECOND, Instant, Span

LEAST_TARGET = 0.01


class KnativeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`knative(concurrency=…, utilization=…, stable=…, panic=…, grace=…, retention=…)`, and what else is here.

    `concurrency`: containerConcurrency; by default what a copy takes at once (Knative's own default without it is a target of
    100).
    `utilization`: container-concurrency-target-percentage, 70 %.
    `stable`, `panic`: stable-window 60 s and 10 % of it. `panic_threshold`: panic-threshold-percentage, 200 %.
    `up_rate`, `down_rate`: max-scale-up-rate 1000, max-scale-down-rate 2.
    `grace`: scale-to-zero-grace-period, 30 s. `retention`: scale-to-zero-pod-retention-period, none.
    `tick`: tick-interval, 2 s.
    """

    concurrency: Positive | None = None
    utilization: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.7
    stable: Lasting = MINUTE
    panic: Lasting = 6 * SECOND
    panic_threshold: Annotated[float, msgspec.Meta(gt=1, le=100)] = 2.0
    up_rate: Annotated[float, msgspec.Meta(gt=1, le=100_000)] = 1000.0
    down_rate: Annotated[float, msgspec.Meta(gt=1, le=100_000)] = 2.0
    grace: Lasting = 30 * SECOND
    retention: Lasting = 0
    tick: Annotated[Span, msgspec.Meta(ge=100_000_000, le=MINUTE, title="span")] = 2 * SECOND

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return Knative(self)


class Knative:
    """The autoscaler of one workload."""

    __slots__ = ("_most_in_panic", "_options", "_panic_at", "_quiet_since", "_steady_since", "_ticks", "_value", "_window")

    def __init__(self, options: KnativeOptions) -> None:
        self._options = options
        self._ticks = Ticks(options.tick)
        self._window: Window | None = None
        self._value = 0.0
        self._steady_since: Instant = 0
        self._panic_at: Instant | None = None
        self._most_in_panic = 0
        self._quiet_since: Instant | None = None

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        window = self._note(seen)
        at_zero = seen.desired == 0
        due = self._ticks.due(seen.now)
        if at_zero and not seen.active and seen.least == 0:
            self._panic_at = None
            return keep(seen, "at zero, and nothing is under way", None)
        if not due and not (at_zero and seen.active):  # at zero the activator pokes the autoscaler
            return keep(seen, "between two looks", self._ticks.ask(seen.now))
        return self._decide(window, seen)

    def _note(self, seen: Seen) -> Window:
        """Take in the demand of now. Nobody reports at zero, so that means begin anew with what ends it."""
        window = self._window
        if window is None:
            window = self._window = Window(max(self._options.stable, self._options.panic))
            if seen.ready > 1:  # as a restarted autoscaler does: it must not cut what it knows nothing of
                self._panic_at, self._most_in_panic = seen.now, seen.ready
        if seen.load != self._value:
            self._value = seen.load
            self._steady_since = seen.now
        if seen.desired == 0 and seen.ready == 0 and seen.active and window.mean(self._options.stable, seen.now) == 0:
            window.restart(seen.now)
        window.note(seen.load, seen.now)
        return window

    def _decide(self, window: Window, seen: Seen) -> Wish:
        options = self._options
        target = max(LEAST_TARGET, (options.concurrency or seen.slots) * options.utilization)
        ready = max(1, seen.ready)
        stable, panic = window.mean(options.stable, seen.now), window.mean(options.panic, seen.now)
        least, most = int(ready // options.down_rate), ceil_ratio(options.up_rate * ready, 1)
        wanted = min(max(ceil_ratio(stable, target), least), most)
        self._watch(ceil_ratio(panic, target) / ready, seen.now)
        cause = (
            f"concurrency averages {number(stable)} over {span_words(options.stable)} and {number(panic)} over "
            f"{span_words(options.panic)}, {number(target)} a copy are the target"
        )
        if self._panic_at is not None:
            wanted = max(wanted, min(max(ceil_ratio(panic, target), least), most))
            wanted = self._most_in_panic = max(self._most_in_panic, wanted)
            cause += f"; in panic, so no less than {counted(wanted, 'copy', 'copies')}"
        if wanted == 0 and seen.desired > 0 and seen.least == 0:
            return self._to_zero(seen, cause)
        self._quiet_since = None
        settled = self._panic_at is None and seen.fit(wanted) == seen.desired
        settled = settled and seen.now - self._steady_since > options.stable and wanted > 0
        return Wish(desired=seen.fit(wanted), cause=cause, look_again=None if settled else self._ticks.ask(seen.now))

    def _watch(self, excess: float, now: Instant) -> None:
        """Begin, extend or end panic."""
        if excess >= self._options.panic_threshold:
            if self._panic_at is None:
                self._most_in_panic = 0
            self._panic_at = now
        elif self._panic_at is not None and self._panic_at + self._options.stable < now:
            self._panic_at = None

    def _to_zero(self, seen: Seen, cause: str) -> Wish:
        """Let the last copy stay for the grace period, or its retention if that is longer."""
        if self._quiet_since is None:
            self._quiet_since = seen.now
        ends = self._quiet_since + max(self._options.grace, self._options.retention)
        if seen.now < ends:
            return Wish(desired=seen.fit(1), cause=f"{cause}; the last copy stays a while", look_again=self._ticks.ask(seen.now))
        self._quiet_since = None
        return Wish(desired=seen.fit(0), cause=f"{demand_words(seen)}; {cause}")

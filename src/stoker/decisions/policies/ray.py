"""`ray`: Ray Serve's autoscaling by ongoing requests, for those who come from there.

    wanted = ceil(mean of running and queued requests over the look-back / target), applied once it has been above (below) the
    count without interruption for the upscale (downscale) delay

To zero only from one copy. From zero at once, to one copy (ray/serve/autoscaling_policy.py, ray/serve/config.py
AutoscalingConfig). What differs: Ray's handles push their numbers every 10 s; here each look sees those of now.
"""

from typing import Annotated

import msgspec

from stoker.decisions.policies.follower import Follower, Lasting, Positive, Seen, Ticks, Wish, demand_words, keep, span_words
from stoker.decisions.policies.windows import Window
from stoker.decisions.rounding import ceil_ratio
from stoker.decisions.scaling.proposals import number
from stoker.units import MINUTE, SECOND, Instant, Span


class RayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`ray(target=…, look_back=…, up_delay=…, down_delay=…, zero_delay=…)`.

    `target`: target_ongoing_requests; by default what a copy takes at once (Ray's own default is 2).
    `look_back`: look_back_period_s, 30 s. `up_delay`: upscale_delay_s, 30 s. `down_delay`: downscale_delay_s, 600 s.
    `zero_delay`: downscale_to_zero_delay_s; by default `down_delay`. `tick`: how often is looked, 1 s.
    """

    target: Positive | None = None
    look_back: Lasting = 30 * SECOND
    up_delay: Lasting = 30 * SECOND
    down_delay: Lasting = 600 * SECOND
    zero_delay: Lasting | None = None
    tick: Annotated[Span, msgspec.Meta(ge=100_000_000, le=MINUTE, title="span")] = SECOND

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return Ray(self)


class Ray:
    """The autoscaler of one workload."""

    __slots__ = ("_above_since", "_below_since", "_options", "_steady_since", "_ticks", "_value", "_window")

    def __init__(self, options: RayOptions) -> None:
        self._options = options
        self._window = Window(options.look_back)
        self._ticks = Ticks(options.tick)
        self._above_since: Instant | None = None
        self._below_since: Instant | None = None
        self._value = 0.0
        self._steady_since: Instant = 0

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        if seen.load != self._value:
            self._value, self._steady_since = seen.load, seen.now
        self._window.note(seen.load, seen.now)
        due = self._ticks.due(seen.now)
        if seen.desired == 0:
            self._above_since = self._below_since = None
            if seen.active:
                return Wish(
                    desired=seen.fit(1), cause=f"{demand_words(seen)} at zero copies", look_again=self._ticks.ask(seen.now)
                )
            return keep(seen, "at zero, and nothing is under way", None)
        if not due:
            return keep(seen, "between two looks", self._ticks.ask(seen.now))
        return self._decide(seen)

    def _decide(self, seen: Seen) -> Wish:
        options = self._options
        target = options.target or seen.slots
        mean = self._window.mean(options.look_back, seen.now)
        wanted = ceil_ratio(mean, target)
        cause = f"{number(mean)} requests ongoing over {span_words(options.look_back)}, {number(target)} a copy are the target"
        if wanted == 0 and seen.desired > 1:
            wanted = 1  # zero only from one
        wanted = seen.fit(wanted)
        if wanted > seen.desired:
            self._below_since = None
            self._above_since = since = seen.now if self._above_since is None else self._above_since
            delay = options.up_delay
        elif wanted < seen.desired:
            self._above_since = None
            self._below_since = since = seen.now if self._below_since is None else self._below_since
            delay = options.down_delay if wanted or options.zero_delay is None else options.zero_delay
        else:
            self._above_since = self._below_since = None
            settled = seen.now - self._steady_since > options.look_back
            return keep(seen, cause, None if settled else self._ticks.ask(seen.now))
        if seen.now - since < delay:
            return keep(seen, f"{cause}; not yet for {span_words(delay)}", self._ticks.ask(seen.now))
        self._above_since = self._below_since = None
        return Wish(desired=wanted, cause=f"{cause}, for {span_words(delay)} now", look_again=self._ticks.ask(seen.now))

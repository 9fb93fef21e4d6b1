"""`keda` and `keda-http`: the Horizontal Pod Autoscaler from 1 up, and KEDA between 0 and 1, for those who come from there.

The HPA looks every 15 s (pkg/controller/podautoscaler/replica_calculator.go, horizontal.go):

    ratio  = demand / (target × count), and nothing happens when |1 - ratio| ≤ 0.1
    wanted = ceil(demand / target), down: the greatest of the last 300 s, up: at most max(count + 4, 2 × count)

KEDA (pkg/scaling/executor/scale_executor.go): 0 → 1 at the next poll that finds demand, and to 0 once the last poll that found
some is a cool-down ago. Its HTTP add-on pushes, so that 0 → 1 needs no poll.
"""

from collections import deque
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
from stoker.decisions.rounding import ceil_ratio
from stoker.decisions.scaling.proposals import number
from stoker.units import MINUTE, SECOND, Instant, Span

_CRUMB = 1e-9
"""11 over 10 is one and a tenth, whatever floating point makes of it."""

_Period = Annotated[Span, msgspec.Meta(ge=SECOND, le=10 * MINUTE, title="span")]


class KedaOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`keda(target=…, poll=…, cooldown=…, sync=…, tolerance=…, stabilisation=…, up_copies=…)`.

    `target`: the trigger's value for one copy; by default what a copy takes at once (KEDA has none; the HTTP add-on's is 100).
    `poll`: pollingInterval, 30 s; 0 for pushed demand, as the HTTP add-on has it. `cooldown`: cooldownPeriod, 300 s (the add-on's
    scaledownPeriod is the same).
    `sync`, `tolerance`, `stabilisation`, `up_copies`: the HPA's 15 s, 0.1, 300 s on the way down, and 4 (or double) each 15 s.
    """

    target: Positive | None = None
    poll: Lasting = 30 * SECOND
    cooldown: Lasting = 300 * SECOND
    sync: _Period = 15 * SECOND
    tolerance: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.1
    stabilisation: Lasting = 300 * SECOND
    up_copies: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 4

    def follower(self) -> Follower:
        """Give the policy for one workload."""
        return Keda(self)


class Keda:
    """HPA and KEDA of one workload."""

    __slots__ = ("_activity", "_found_at", "_options", "_polls", "_recommended", "_syncs")

    def __init__(self, options: KedaOptions) -> None:
        self._options = options
        self._polls = Ticks(options.poll)
        self._syncs = Ticks(options.sync)
        self._activity = Activity()
        self._found_at: Instant | None = None
        self._recommended: deque[tuple[Instant, int]] = deque()

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        options = self._options
        active_at = self._activity.note(seen)
        polled = not options.poll or self._polls.due(seen.now)
        if self._found_at is None or (polled and seen.active):
            self._found_at = seen.now
        if not options.poll:
            self._found_at = active_at
        synced = self._syncs.due(seen.now)
        if seen.desired == 0:
            return self._at_zero(seen, polled=polled)
        ends = self._found_at + options.cooldown
        if polled and not seen.active and seen.least == 0 and seen.now >= ends:
            self._recommended.clear()
            cause = f"{demand_words(seen)}, and none was found for {span_words(options.cooldown)}"
            return Wish(desired=0, cause=cause)
        if not synced:
            return keep(seen, "between two looks", self._next(seen))
        return self._scale(seen)

    def _at_zero(self, seen: Seen, *, polled: bool) -> Wish:
        self._recommended.clear()
        if not seen.active:
            return keep(seen, "at zero, and nothing is under way", None)
        if polled:
            return Wish(desired=seen.fit(1), cause=f"{demand_words(seen)} at zero copies", look_again=self._syncs.ask(seen.now))
        return keep(seen, "at zero until the next poll", self._polls.ask(seen.now))

    def _scale(self, seen: Seen) -> Wish:
        """Look as the HPA does."""
        options = self._options
        target = options.target or seen.slots
        wanted = seen.desired
        if abs(1 - seen.load / (target * seen.desired)) > options.tolerance + _CRUMB:
            wanted = ceil_ratio(seen.load, target)
        wanted = max(1, wanted)
        while self._recommended and self._recommended[0][0] <= seen.now - options.stabilisation:
            self._recommended.popleft()
        while self._recommended and self._recommended[-1][1] <= wanted:
            self._recommended.pop()  # never again the greatest
        self._recommended.append((seen.now, wanted))
        cause = f"{demand_words(seen)}, {number(target)} a copy are the target"
        if wanted < seen.desired:
            wanted = min(seen.desired, self._recommended[0][1])
            cause += f"; {wanted} were needed within the last {span_words(options.stabilisation)}"
        elif wanted > seen.desired:
            wanted = min(wanted, max(seen.desired + options.up_copies, 2 * seen.desired))
        return Wish(desired=seen.fit(wanted), cause=cause, look_again=self._next(seen))

    def _next(self, seen: Seen) -> Instant | None:
        """Give when to look again: at the next sync, or when the last copy may go."""
        if seen.least:
            idle = not seen.active and seen.desired == seen.least
            return None if idle else self._syncs.ask(seen.now)
        if self._options.poll:
            return min(self._syncs.ask(seen.now), self._polls.ask(seen.now))
        ends = (self._found_at or 0) + self._options.cooldown
        return min(self._syncs.ask(seen.now), ends) if ends > seen.now else self._syncs.ask(seen.now)

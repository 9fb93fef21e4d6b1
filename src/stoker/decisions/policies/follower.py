"""What a policy that follows demand sees, and what it answers.

A follower is asked whenever something changed (demand, copies, bounds) and when the time it named has come. It may keep a small
state of its own; it reads no clock, orders nothing, and says how many copies there should be in all: what is starting is among
them.
"""

from typing import Annotated, Protocol, TypeAlias

import msgspec

from stoker.decisions.scaling.proposals import counted
from stoker.units import DAY, MINUTE, Instant, Span, next_after

UNKNOWN_START: Span = MINUTE
"""The start-up time that is assumed until a copy has started."""

Lasting: TypeAlias = Annotated[Span, msgspec.Meta(ge=0, le=7 * DAY, title="span")]
"""A span in an option; `parse` asks for its unit."""

Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
"""A number above zero."""

CRUMB = 0.001
"""What one invocation that came and went between two looks counts in an average: enough to tell a trickle from silence."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """How busy a workload's ready copies were in the mean from `since` to `at`, from 0 to 1: the newest that was measured.

    `share` is None while somebody measures, but has no figure: not yet, or not of these copies.
    """

    since: Instant
    at: Instant
    share: float | None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A workload as it is now.

    `in_flight` invocations are worked on, `held` wait for capacity, and `peak` is the most of both together since the last look
    (it catches those that came and went in between). Of `desired` copies `ready` serve and `starting` are on their way; `least`
    and `most` bound them. A copy works on `slots` invocations at once as far as is known. `usage` is what was measured of the
    ready copies last, None where nobody measures; it is of accelerators if the copies book some (`accelerated`). `start_time` is
    what a copy takes from its order to its first answer, `service_time` what an invocation took of late (None: none has).
    `answering` of those in flight have the head of their reply already. `came` counts the invocations that copies got so far,
    from no particular one on.
    """

    now: Instant
    in_flight: int = 0
    held: int = 0
    peak: int = 0
    ready: int = 0
    starting: int = 0
    desired: int = 0
    least: int = 0
    most: int = 1
    slots: int = 1
    usage: Usage | None = None
    accelerated: bool = False
    answering: int = 0
    start_time: Span = UNKNOWN_START
    service_time: Span | None = None
    came: int = 0

    @property
    def demand(self) -> int:
        """Invocations in flight and waiting, now."""
        return self.in_flight + self.held

    @property
    def pending(self) -> int:
        """Invocations that have had nothing of a reply yet, waiting ones among them."""
        return max(0, self.in_flight - self.answering) + self.held

    @property
    def active(self) -> bool:
        """Whether there is, or was since the last look, any invocation."""
        return self.demand > 0 or self.peak > 0

    @property
    def load(self) -> float:
        """The demand as it goes into averages."""
        return float(self.demand) or CRUMB * self.peak

    def fit(self, copies: int) -> int:
        """Give the number of copies within the bounds."""
        return max(self.least, min(copies, self.most))


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How many copies there should be, within the bounds of what was seen, and why.

    `cause` quotes the numbers, for people. The follower asks to look again at `look_again`, None when only a change can change
    it.
    """

    desired: int
    cause: str
    look_again: Instant | None = None


class Follower(Protocol):
    """A policy at work on one workload. Instants never go back from one call to the next."""

    def want(self, seen: Seen) -> Wish:
        """Give the wish of now."""
        ...


class Options(Protocol):
    """What a policy can be told; a frozen struct whose defaults are the preset's."""

    def follower(self) -> Follower:
        """Give a policy with these options for one workload."""
        ...


class Ticks:
    """The instants at which a loop that looks every so often would look: multiples of its period."""

    __slots__ = ("_armed", "_due", "_period")

    def __init__(self, period: Span) -> None:
        self._period = max(1, period)
        self._due: Instant = 0
        self._armed = False

    def due(self, now: Instant) -> bool:
        """Whether a look is due, once for each boundary: now, or since it was asked for. One nobody waited for has passed."""
        if self._armed:
            due = now >= self._due
            self._armed = not due
        else:
            due = now % self._period == 0 and now >= self._due
        if due:
            self._due = next_after(now, self._period)
        return due

    def ask(self, now: Instant) -> Instant:
        """Give the next boundary, to look again then."""
        if not self._armed:
            self._due = max(self._due, next_after(now, self._period))
            self._armed = True
        return self._due


class Activity:
    """When there was an invocation last, as far as was looked: until when the last one was in flight, or waited."""

    __slots__ = ("_at", "_busy")

    def __init__(self) -> None:
        self._busy = True
        self._at: Instant = 0

    def note(self, seen: Seen) -> Instant:
        """Take in the demand of now; gives when it was last above zero, which at first sight is taken to be now.

        An invocation that came and went between two looks ends with the one that tells of it: what comes after is silence.
        """
        if self._busy or seen.active:
            self._at = seen.now
        self._busy = seen.demand > 0
        return self._at


class Looks:
    """The instants at which a loop looks that has begun at some time: after each period, and never sooner after a look.

    `Ticks` look at the same instants whenever they begin.
    """

    __slots__ = ("_awaited", "_next", "_period")

    def __init__(self, period: Span) -> None:
        self._period = max(1, period)
        self._next: Instant | None = None
        self._awaited = False

    def begin(self, now: Instant) -> None:
        """Begin now: the first look is a period later."""
        self._next = now + self._period

    def end(self) -> None:
        """Look no more until the loop begins again."""
        self._next = None

    def due(self, now: Instant) -> bool:
        """Whether a look is due, once for each: now, or since it was asked for. Looks that nobody waited for have passed."""
        awaited, self._awaited = self._awaited, False
        if self._next is None:
            self.begin(now)
            return False
        if self._next < now and not awaited:
            self._next = now + (self._next - now) % self._period
        if now < self._next:
            return False
        self.begin(now)
        return True

    def ask(self, now: Instant) -> Instant:
        """Give the next look, to come back then; to be asked for again after each `due`."""
        self._awaited = True
        if self._next is None:
            self._next = now + self._period
        return self._next


def keep(seen: Seen, cause: str, look_again: Instant | None) -> Wish:
    """Give the wish that leaves the count as it is, within the bounds."""
    desired = seen.fit(seen.desired)
    if desired != seen.desired:
        cause = f"{seen.least} to {counted(seen.most, 'copy', 'copies')} are allowed"
    return Wish(desired=desired, cause=cause, look_again=look_again)


def demand_words(seen: Seen) -> str:
    """Give the demand for people: `3 invocations in flight and 2 waiting`."""
    words = f"{counted(seen.in_flight, 'invocation')} in flight"
    if seen.held:
        words += f" and {seen.held} waiting"
    if seen.peak > seen.demand:
        words += f" ({seen.peak} at once since the last look)"
    return words


def span_words(span: Span) -> str:
    """Give a span in seconds, for people: `90 s`, `0.5 s`."""
    return f"{span / 1e9:g} s"

"""Which copies make way for one that finds no room, which of them first, and when.

What is worth least goes first: how often it was used of late x what loading it again takes / the memory that it keeps, on top of
a clock that rises with every eviction, so that what was once used much does not stay for ever (GreedyDual-Size-Frequency,
Cherkasova 1998; for starts of servers: FaasCache, ASPLOS 2021). A copy that works stays for its turn while another model waits,
and one that has just been loaded for its residence: two models that are used in turn each serve those that wait for them before
the place changes hands. What would not make room is never asked to go.
"""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from stoker.decisions.placement import Bin
from stoker.domain.ids import InstanceId
from stoker.domain.instances import InstanceShape
from stoker.units import SECOND, Instant, Span, to_seconds

LEAST_TURN: Span = 2 * SECOND
"""What a copy that is wanted has in any case: those who wait for it must reach it, and gateways tell once a second."""

HALF_LIFE: Span = 900 * SECOND
"""Uses so long ago count half."""

_GIB_MB = 1024


class Valuation(StrEnum):
    """What copies are ranked by: `cost`, as above; `lru`, when they were used last; `none`: no copy makes way for another."""

    COST = "cost"
    LRU = "lru"
    NONE = "none"


class EvictionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How copies are ranked, and how long they stay although another model waits.

    `residence`, `pause` and `turn` are in start-up times of the copy's own: an idle one stays for its residence from when it was
    ready, and for the pause from when it was used; one that works for its turn. All that is no longer than the `longest_turn`.
    Uses of a `half_life` ago count half.
    """

    valuation: Valuation = Valuation.COST
    residence: float = 0.5
    pause: float = 0.25
    turn: float = 4.0
    longest_turn: Span = 300 * SECOND
    half_life: Span = HALF_LIFE

    def turn_of(self, start_time: Span) -> Span:
        """Give how long a copy that works goes on working while another model waits."""
        return min(round(self.turn * start_time), self.longest_turn)

    def residence_of(self, start_time: Span) -> Span:
        """Give how long a copy stays at least; never longer than its turn."""
        return min(round(self.residence * start_time), self.turn_of(start_time))

    def goes_at(self, *, ready: Instant, used: Instant, start_time: Span, waits_since: Instant, busy: bool) -> Instant:
        """Give from when on a copy may be asked to go.

        It is `ready` since then, was `used` last at that instant (0: never), and whoever wants its room waits since then.
        """
        turn = max(ready + max(LEAST_TURN, self.turn_of(start_time)), waits_since + self.turn_of(start_time))
        if busy:
            return turn
        paused = used + round(self.pause * start_time) if used else 0
        return max(ready + self.residence_of(start_time), min(paused, turn))


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was used of late, when last, and where the ageing clock stood then."""

    count: float = 0.0
    at: Instant = 0
    clock: float = 0.0

    def frequency(self, now: Instant, half_life: Span) -> float:
        """Give the uses, older ones counting less."""
        return self.count * math.exp2(-max(0, now - self.at) / half_life)

    def again(self, times: int, at: Instant, clock: float, half_life: Span) -> "Use":
        """Give it with so many uses more."""
        at = max(at, self.at)
        return Use(count=self.frequency(at, half_life) + times, at=at, clock=clock)


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy is worth, and the sentence that shows how that came about."""

    value: float
    words: str


def worth(
    use: Use,
    *,
    start_time: Span,
    memory_mb: int,
    copies: int,
    now: Instant,
    options: EvictionOptions = EvictionOptions(),  # noqa: B008 - frozen
) -> Worth:
    """Give the worth of one of `copies` that keep `memory_mb` each and take `start_time` to load again."""
    if options.valuation is Valuation.LRU:
        ago = f"{_short(to_seconds(now - use.at))} s ago" if use.at else "never"
        return Worth(value=float(use.at), words=f"last used {ago}")
    frequency = use.frequency(now, options.half_life) / max(1, copies)
    size = max(1, memory_mb) / _GIB_MB
    value = use.clock + frequency * to_seconds(start_time) / size
    words = f"{_short(frequency)} uses of late x {_short(to_seconds(start_time))} s to load / {_short(size)} GB"
    if use.clock:
        words += f" + {_short(use.clock)} for its age"
    return Worth(value=value, words=f"worth {_short(value)}: {words}")


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has room in a place: what goes free with it, what it is worth, whether it works.

    It may be asked to go from `goes_at` on; None is never.
    """

    name: str
    frees: InstanceShape
    value: float = 0.0
    busy: bool = False
    goes_at: Instant | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a copy could be: what is free there once all has gone that is going anyway, and who is there."""

    name: str
    free: InstanceShape
    residents: tuple[Resident, ...] = ()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The place that a copy is to have and who makes way for it there; or, without a place, when to choose again.

    With neither the copy fits nowhere, whoever went.
    """

    place: str | None = None
    victims: tuple[Resident, ...] = ()
    again: Instant | None = None


def choose(need: InstanceShape, places: Sequence[Place], now: Instant) -> Choice:
    """Choose where a copy goes: where those who make way are idle, are worth least together, and are fewest."""
    found: list[tuple[tuple[bool, float, int], Place, list[Resident]]] = []
    again: Instant | None = None
    for place in places:
        victims = _victims(need, place, now)
        if victims is not None:
            rank = (any(v.busy for v in victims), sum(v.value for v in victims), len(victims))
            found.append((rank, place, victims))
        elif (at := _later(need, place)) is not None:
            again = at if again is None else min(again, at)
    if not found:
        return Choice(again=again)
    _, best, going = min(found, key=lambda each: each[0])
    return Choice(place=best.name, victims=tuple(going))


def _victims(need: InstanceShape, place: Place, now: Instant) -> list[Resident] | None:
    """Give those who make way now: idle ones first, of these those worth least, of equals the oldest; and nobody who need not."""
    going = [r for r in place.residents if r.goes_at is not None and r.goes_at <= now]
    going.sort(key=lambda r: (r.busy, r.value, r.goes_at, r.name))
    taken: list[Resident] = []
    while not _fits(need, place, taken):
        if len(taken) == len(going):
            return None
        taken.append(going[len(taken)])
    for resident in reversed(taken.copy()):
        rest = [r for r in taken if r is not resident]
        if _fits(need, place, rest):
            taken = rest
    return taken


def _later(need: InstanceShape, place: Place) -> Instant | None:
    """Give when enough may be asked to go; None when that is never enough."""
    going = sorted(((r.goes_at, r) for r in place.residents if r.goes_at is not None), key=lambda each: each[0])
    for last, (at, _) in enumerate(going, start=1):
        if _fits(need, place, (r for _, r in going[:last])):
            return at
    return None


def _fits(need: InstanceShape, place: Place, gone: Iterable[Resident]) -> bool:
    free = [place.free, *(r.frees for r in gone)]
    room = InstanceShape(
        cpus=sum(s.cpus for s in free), memory_mb=sum(s.memory_mb for s in free), accelerators=sum(s.accelerators for s in free)
    )
    return Bin(InstanceId(place.name), room).fits(need)


def _short(value: float) -> str:
    return f"{value:.3g}"

"""Which copy with a free slot takes the next invocation.

`least` and `random` follow `stoker.decisions.routing`, in structures that need no look at every copy: a simulated day has
millions of choices. `packed` fills the oldest copy first, so that the copies that are stopped first are the emptiest.
"""

import heapq
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from stoker.decisions.routing import choose_copy
from stoker.domain.states import RoutingStrategy
from stoker.units import Rng

ROUTERS: Final = ("least", "random", "packed")
"""The routers' names."""


class Router(Protocol):
    """The free slots of copies, which are numbered. `take` gives a copy with a free slot (there must be one)."""

    take: Callable[[], int]
    give: Callable[[int], None]

    def add(self, number: int) -> None:
        """Take in a copy without load."""
        ...

    def remove(self, number: int) -> None:
        """Let go of a copy, whatever its load."""
        ...


class Least:
    """A copy with the least outstanding, ties by lot (the law of `LEAST_OUTSTANDING_REQUESTS`)."""

    __slots__ = ("_levels", "_load", "_lot", "_low", "_place", "give", "take")

    def __init__(self, slots: int, rng: Rng) -> None:
        self._levels: list[list[int]] = [[] for _ in range(slots + 1)]
        self._load: dict[int, int] = {}
        self._place: dict[int, int] = {}
        self._lot = rng.random
        self._low = 0
        self.take: Callable[[], int] = self._take
        self.give: Callable[[int], None] = self._give

    def add(self, number: int) -> None:
        """Take in a copy without load."""
        self._load[number] = 0
        self._place[number] = len(self._levels[0])
        self._levels[0].append(number)
        self._low = 0

    def remove(self, number: int) -> None:
        """Let go of a copy."""
        self._leave(number, self._levels[self._load.pop(number)])
        del self._place[number]

    def _leave(self, number: int, level: list[int]) -> None:
        last = level.pop()
        if last != number:
            place = self._place[number]
            level[place] = last
            self._place[last] = place

    def _take(self) -> int:
        low, levels, places = self._low, self._levels, self._place
        level = levels[low]
        while not level:
            low += 1
            level = levels[low]
        self._low = low
        place = int(self._lot() * len(level))
        number = level[place]
        last = level.pop()
        if last != number:
            level[place] = last
            places[last] = place
        low += 1
        self._load[number] = low
        upper = levels[low]
        places[number] = len(upper)
        upper.append(number)
        return number

    def _give(self, number: int) -> None:
        load, places = self._load[number], self._place
        level = self._levels[load]
        last = level.pop()
        if last != number:
            place = places[number]
            level[place] = last
            places[last] = place
        load -= 1
        self._load[number] = load
        lower = self._levels[load]
        places[number] = len(lower)
        lower.append(number)
        if load < self._low:
            self._low = load


class ByLot:
    """Any copy with a free slot (the law of `RANDOM`)."""

    __slots__ = ("_free", "_load", "_rng", "_slots", "give", "take")

    def __init__(self, slots: int, rng: Rng) -> None:
        self._slots = slots
        self._rng = rng
        self._load: dict[int, int] = {}
        self._free: list[int] = []
        self.take: Callable[[], int] = self._take
        self.give: Callable[[int], None] = self._give

    def add(self, number: int) -> None:
        """Take in a copy without load."""
        self._load[number] = 0
        self._free.append(number)

    def remove(self, number: int) -> None:
        """Let go of a copy."""
        if self._load.pop(number) < self._slots:
            self._free.remove(number)

    def _take(self) -> int:
        index = choose_copy(RoutingStrategy.RANDOM, self._free, self._rng)  # looks at no load
        number = self._free[index]
        load = self._load[number] = self._load[number] + 1
        if load == self._slots:
            del self._free[index]
        return number

    def _give(self, number: int) -> None:
        load = self._load[number]
        self._load[number] = load - 1
        if load == self._slots:
            self._free.append(number)


class Packed:
    """The oldest copy that has a free slot."""

    __slots__ = ("_free", "_slots", "give", "take")

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._free: list[int] = []
        self.take: Callable[[], int] = partial(heapq.heappop, self._free)
        self.give: Callable[[int], None] = partial(heapq.heappush, self._free)

    def add(self, number: int) -> None:
        """Take in a copy without load."""
        for _ in range(self._slots):
            heapq.heappush(self._free, number)

    def remove(self, number: int) -> None:
        """Let go of a copy."""
        self._free[:] = [each for each in self._free if each != number]
        heapq.heapify(self._free)


def router(name: str, slots: int, rng: Rng) -> Router:
    """Give the router of a name of `ROUTERS` for copies of so many slots."""
    if name == "least":
        return Least(slots, rng)
    return ByLot(slots, rng) if name == "random" else Packed(slots)

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

_PLACE_BITS: Final = 24
_PLACE: Final = (1 << _PLACE_BITS) - 1


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
    """A copy with the least outstanding, ties by lot (the law of `LEAST_OUTSTANDING_REQUESTS`).

    Copies of one load stand in one row. `_where` has each copy's load and its place in that row, in one integer.
    """

    __slots__ = ("_lot", "_low", "_rows", "_where", "give", "take")

    def __init__(self, slots: int, rng: Rng) -> None:
        self._rows: list[list[int]] = [[] for _ in range(slots + 1)]
        self._where: dict[int, int] = {}
        self._lot = rng.random
        self._low = 0
        self.take: Callable[[], int] = self._take
        self.give: Callable[[int], None] = self._give

    def add(self, number: int) -> None:
        """Take in a copy without load."""
        self._where[number] = len(self._rows[0])
        self._rows[0].append(number)
        self._low = 0

    def remove(self, number: int) -> None:
        """Let go of a copy."""
        where = self._where.pop(number)
        row = self._rows[where >> _PLACE_BITS]
        last = row.pop()
        if last != number:
            row[where & _PLACE] = last
            self._where[last] = where

    def _take(self) -> int:
        low, rows, where = self._low, self._rows, self._where
        row = rows[low]
        while not row:
            low += 1
            row = rows[low]
        self._low = low
        place = int(self._lot() * len(row))
        number = row[place]
        last = row.pop()
        if last != number:
            row[place] = last
            where[last] = low << _PLACE_BITS | place
        low += 1
        row = rows[low]
        where[number] = low << _PLACE_BITS | len(row)
        row.append(number)
        return number

    def _give(self, number: int) -> None:
        rows = self._rows
        where = self._where[number]
        load = where >> _PLACE_BITS
        row = rows[load]
        last = row.pop()
        if last != number:
            row[where & _PLACE] = last
            self._where[last] = where
        load -= 1
        row = rows[load]
        self._where[number] = load << _PLACE_BITS | len(row)
        row.append(number)
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

"""Deadlines by key, without a clock: what is due, and when to look again."""

import heapq

from stoker.units import Instant

_SLACK = 64
"""Deadlines moved away from that the heap may hold, besides as many as there are true ones."""


class Clockwork:
    """Keyed deadlines: setting one again moves it, and what is due comes out in order of time."""

    __slots__ = ("_at", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, tuple[str, str]]] = []
        self._at: dict[tuple[str, str], Instant] = {}

    def set(self, kind: str, key: str, at: Instant) -> None:
        """Have (kind, key) come out at `at`, and not at an earlier set time."""
        if self._at.get((kind, key)) != at:
            self._at[kind, key] = at
            heapq.heappush(self._heap, (at, (kind, key)))
            if len(self._heap) > _SLACK + 2 * len(self._at):
                self._heap = [(at, name) for name, at in self._at.items()]
                heapq.heapify(self._heap)

    def hasten(self, kind: str, key: str, at: Instant) -> None:
        """Have (kind, key) come out at `at` at the latest: an earlier set time stands."""
        before = self._at.get((kind, key))
        if before is None or at < before:
            self.set(kind, key, at)

    def cancel(self, kind: str, key: str) -> None:
        """Forget (kind, key)."""
        self._at.pop((kind, key), None)

    def next(self) -> Instant | None:
        """Give the earliest deadline."""
        while self._heap:
            at, name = self._heap[0]
            if self._at.get(name) == at:
                return at
            heapq.heappop(self._heap)
        return None

    def due(self, now: Instant) -> list[tuple[str, str]]:
        """Take out whatever is due at or before `now`."""
        out: list[tuple[str, str]] = []
        while (at := self.next()) is not None and at <= now:
            _, name = heapq.heappop(self._heap)
            del self._at[name]
            out.append(name)
        return out

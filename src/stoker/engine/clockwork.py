"""Deadlines by key, without a clock: what is due, and when to look again."""

import heapq

from stoker.units import Instant


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

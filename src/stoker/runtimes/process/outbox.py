"""Observations on their way to the one consumer, bounded by construction.

A copy has at most six things to tell that nobody has read yet: three phases, its newest health, its end. A newer health
replaces an unread older one, so a consumer that sleeps for hours finds a short list, and no producer ever waits.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import assert_never

from stoker.ports.runtime import CopyGone, CopyPhase, CopyReady, CopyUnhealthy, Observation


class Outbox:
    """A queue of observations that keeps each copy's order and merges its health."""

    __slots__ = ("_closed", "_ended", "_filled", "_lives", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, int, str], Observation] = {}
        self._lives: dict[str, int] = {}
        self._ended = 0
        self._filled = asyncio.Event()
        self._closed = False

    def put(self, observation: Observation) -> None:
        """Add an observation; never waits."""
        copy_id, kind = observation.copy_id, _kind(observation)
        self._waiting[copy_id, self._lives.get(copy_id, 0), kind] = observation
        if kind == "gone":
            # The id may be started again before this end is read; what comes then belongs to another life, and after it.
            self._ended += 1
            self._lives[copy_id] = self._ended
        self._filled.set()

    def close(self) -> None:
        """Let the consumer end once it has read what is there."""
        self._closed = True
        self._filled.set()

    async def drain(self) -> AsyncIterator[Observation]:
        """Give observations as they come, until the outbox is closed and empty."""
        while True:
            await self._filled.wait()
            while self._waiting:
                key = next(iter(self._waiting))
                observation = self._waiting.pop(key)
                if isinstance(observation, CopyGone) and not any(waiting[0] == key[0] for waiting in self._waiting):
                    self._lives.pop(key[0], None)
                yield observation
            if self._closed:
                return
            self._filled.clear()


def _kind(observation: Observation) -> str:
    match observation:
        case CopyPhase():
            return observation.phase
        case CopyReady() | CopyUnhealthy():
            return "health"
        case CopyGone():
            return "gone"
        case _:
            assert_never(observation)

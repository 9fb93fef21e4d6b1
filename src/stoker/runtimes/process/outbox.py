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

    __slots__ = ("_closed", "_filled", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Observation] = {}
        self._filled = asyncio.Event()
        self._closed = False

    def put(self, observation: Observation) -> None:
        """Add an observation; never waits."""
        kind = _kind(observation)
        # A copy id that is started again may say `fetched` anew before its old end was read: the end comes first.
        key = (observation.copy_id, kind)
        if kind != "gone" and (observation.copy_id, "gone") in self._waiting:
            key = (observation.copy_id, f"{kind} again")
        self._waiting[key] = observation
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
                yield self._waiting.pop(next(iter(self._waiting)))
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

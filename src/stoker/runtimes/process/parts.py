"""What all copies of one runtime share."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec

from stoker.config.settings import Process
from stoker.ports.artifacts import ArtifactSource
from stoker.ports.clock import Clock
from stoker.runtimes.process.images import ImageTable
from stoker.runtimes.process.leases import PortLeases
from stoker.runtimes.process.limits import MemoryGroups
from stoker.runtimes.process.outbox import Outbox
from stoker.runtimes.process.places import Places

SLOT_S = 60.0
"""Seconds after which a start gives up its slot: one that hangs must not keep others from starting."""


class StartSlots:
    """Lets so many copies start at once, first come first served.

    A slot is held from the spawn to the first good ping, but for `most_s` at most.
    """

    __slots__ = ("_most_s", "_semaphore")

    def __init__(self, count: int, most_s: float = SLOT_S) -> None:
        self._semaphore = asyncio.Semaphore(count)
        self._most_s = most_s

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a slot and hold it."""
        await self._semaphore.acquire()
        held = True

        def free() -> None:
            nonlocal held
            if held:
                held = False
                self._semaphore.release()

        timer = asyncio.get_running_loop().call_later(self._most_s, free)
        try:
            yield
        finally:
            timer.cancel()
            free()


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The shared parts, and what the environment of each copy begins with."""

    places: Places
    images: ImageTable
    settings: Process
    clock: Clock
    artifacts: ArtifactSource
    groups: MemoryGroups
    leases: PortLeases
    outbox: Outbox
    slots: StartSlots
    fetches: asyncio.Semaphore
    inherited: Mapping[str, str]
    region: str

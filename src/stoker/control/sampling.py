"""Measures what copies use, every ten seconds of the platform's clock, and hands it to the engine.

CPU time is counted by the machine, whose seconds are real ones: what a copy uses is the same on a fast clock.
"""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from stoker.domain.ids import CopyId
from stoker.engine.events import Event, UsageSeen
from stoker.engine.platform import Platform
from stoker.engine.traffic import CopyUse
from stoker.ports.clock import Clock
from stoker.ports.runtime import CopyUsage, Runtime
from stoker.units import SECOND, Instant, Span, next_after

EVERY: Span = 10 * SECOND
"""The span between two samples: a minute's datapoint is made of six, and a policy that looks at 20 s sees two."""

LEAST_S = 0.1
"""Real seconds between two samples at least: the machine counts CPU time in hundredths."""


class Watched(Protocol):
    """The driver, as the sampler needs it."""

    @property
    def platform(self) -> Platform:
        """The engine, to read from."""
        ...

    def post(self, event: Event) -> None:
        """Have the engine take in something that happened."""
        ...


async def sample(runtime: Runtime, driver: Watched, clock: Clock, disk: Callable[[], float | None]) -> None:
    """Measure until cancelled; while there is no instance there is nothing to measure. `disk` gives the share that is full."""
    rates = Rates()
    while True:
        now = clock.now()
        await asyncio.sleep(max(LEAST_S, clock.wall_s(next_after(now, EVERY) - now)))
        if driver.platform.fleet.instances:
            usage = await runtime.usage()
            copies = rates.of(usage, asyncio.get_running_loop().time())
            driver.post(_seen(clock.now(), copies, disk()))


def _seen(at: Instant, copies: tuple[CopyUse, ...], disk: float | None) -> UsageSeen:
    # A moment earlier, so that what was measured at the end of a period is of that period.
    return UsageSeen(at=at - at % SECOND - 1, copies=copies, disk=disk)


class Rates:
    """Makes rates of CPU time counted up: what a copy used since it was last looked at. `at_s` are real seconds."""

    __slots__ = ("_at_s", "_before")

    def __init__(self) -> None:
        self._before: Mapping[CopyId, CopyUsage] = {}
        self._at_s = 0.0

    def of(self, usage: Mapping[CopyId, CopyUsage], at_s: float) -> tuple[CopyUse, ...]:
        """Give what copies used since the last time; those that were not there then are left out."""
        span_ns = 1e9 * (at_s - self._at_s)
        before, self._before, self._at_s = self._before, usage, at_s
        return tuple(
            CopyUse(
                copy_id=copy_id,
                cpus=max(0, now.cpu_ns - before[copy_id].cpu_ns) / span_ns,
                memory_bytes=now.memory_bytes,
                accelerators=now.accelerators,
                accelerator_memory=now.accelerator_memory,
            )
            for copy_id, now in usage.items()
            if copy_id in before and span_ns > 0
        )


def disk_share(place: Path) -> float | None:
    """Give the share of the disk under a directory that is full, None when it cannot be told."""
    try:
        disk = shutil.disk_usage(place)
    except OSError:
        return None
    return disk.used / (disk.used + disk.free) if disk.used else 0.0  # a part of the rest is for nobody but root

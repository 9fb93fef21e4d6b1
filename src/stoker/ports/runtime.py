"""The port to whatever runs copies: child processes here, containers or a cluster elsewhere."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

import msgspec

from stoker.domain.ids import CopyId
from stoker.engine.observations import CopyGone as CopyGone
from stoker.engine.observations import CopyPhase as CopyPhase
from stoker.engine.observations import CopyReady as CopyReady
from stoker.engine.observations import CopySpec as CopySpec
from stoker.engine.observations import CopyUnhealthy as CopyUnhealthy
from stoker.engine.observations import Observation as Observation


class CopyUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy uses, all its processes together: CPU time since it started (ns), and resident memory.

    `accelerators` are the devices that it keeps busy (0.5: one for half of the time), `accelerator_memory` the share of devices'
    memory that it holds (1.0: all of one); None where nobody measures.
    """

    cpu_ns: int
    memory_bytes: int
    accelerators: float | None = None
    accelerator_memory: float | None = None


class Runtime(Protocol):
    """Runs copies. Implementations observe the same contract test suite."""

    async def start(self, spec: CopySpec) -> None:
        """Begin to start a copy and return at once; a copy id already held is left alone. Failures arrive as `CopyGone`."""
        ...

    async def stop(self, copy_id: CopyId) -> None:
        """Begin to stop a copy (gently, then by force) and return at once; an unknown or gone copy is no error."""
        ...

    async def held(self) -> list[CopyId]:
        """Give the copies that run or start, those of a former control plane included."""
        ...

    def observe(self) -> AsyncIterator[Observation]:
        """Give observations as they happen, beginning with `CopyReady` for each adopted healthy copy. One consumer."""
        ...

    async def check(self, copy_id: CopyId) -> None:
        """Look at a copy now, because somebody found it broken; what is seen arrives as an observation."""
        ...

    async def usage(self) -> Mapping[CopyId, CopyUsage]:
        """Give what the copies that run use; one that cannot be measured now is left out."""
        ...

    async def exposed(self) -> Mapping[CopyId, bytes]:
        """Give what servers tell of themselves in Prometheus's text format, of the ready copies whose image says where to ask.

        Bounded in time and in size; one that does not answer is left out.
        """
        ...

    async def close(self, *, stop_copies: bool) -> None:
        """Let go of everything; with `stop_copies` all copies are stopped and waited for, else they run on for adoption."""
        ...

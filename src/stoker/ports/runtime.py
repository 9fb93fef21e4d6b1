"""The port to whatever runs copies: child processes here, containers or a cluster elsewhere."""

from collections.abc import AsyncIterator
from typing import Protocol

from stoker.domain.ids import CopyId
from stoker.engine.observations import CopyGone as CopyGone
from stoker.engine.observations import CopyPhase as CopyPhase
from stoker.engine.observations import CopyReady as CopyReady
from stoker.engine.observations import CopySpec as CopySpec
from stoker.engine.observations import CopyUnhealthy as CopyUnhealthy
from stoker.engine.observations import Observation as Observation


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

    async def close(self, *, stop_copies: bool) -> None:
        """Let go of everything; with `stop_copies` all copies are stopped and waited for, else they run on for adoption."""
        ...

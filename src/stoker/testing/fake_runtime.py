"""A runtime without processes: copies do what a script says, on the loop's timers.

With a `VirtualTimeLoop` and its `LoopClock` whole days of starts, crashes and stops pass in milliseconds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Self

import msgspec

from stoker.domain.ids import CopyId, WorkloadId
from stoker.errors import UnavailableError
from stoker.ports.clock import Clock
from stoker.ports.runtime import CopyGone, CopyPhase, CopyReady, CopySpec, CopyUnhealthy, CopyUsage, Observation
from stoker.units import Instant, Span

MOST_OBSERVATIONS = 100_000


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy does; spans are on the runtime's clock.

    It is fetched after `fetch`, spawned at once then, and ready `load` later, listening at `socket`, or at `host` and `port`.
    With `failure` it is gone at that moment instead of ready, for that reason. `crash_after` (0: never) is how long after
    ready it crashes. A stop takes `stop`. `exit_code` and `log_tail` go with its end, other than one asked for. While it is
    ready it uses so many `cpus`, holds `memory_bytes`, and tells its `metrics` if it has any.
    """

    fetch: Span = 0
    load: Span = 0
    failure: str = ""
    crash_after: Span = 0
    stop: Span = 0
    exit_code: int | None = 1
    log_tail: str = ""
    socket: str = ""
    host: str = "127.0.0.1"
    port: int = 9
    metrics: bytes = b""
    cpus: float = 0.0
    memory_bytes: int = 1_048_576


class _Copy:
    __slots__ = ("began", "ready", "script", "spec", "stopping", "timer", "unhealthy")

    def __init__(self, spec: CopySpec, script: Script) -> None:
        self.spec = spec
        self.script = script
        self.timer: asyncio.TimerHandle | None = None
        self.ready = False
        self.began: Instant = 0
        self.unhealthy = ""
        self.stopping = False


class FakeRuntime:
    """Implements `stoker.ports.runtime.Runtime` by scripts: `script` for every copy, or one a workload by `play`.

    `started` and `stopped` list what was asked for, in order, repeats included. Usable with `async with` or without.
    """

    __slots__ = ("_clock", "_copies", "_observations", "_open", "_scripts", "script", "started", "stopped")

    def __init__(self, clock: Clock, script: Script | None = None) -> None:
        self.script = script or Script()
        self.started: list[CopySpec] = []
        self.stopped: list[CopyId] = []
        self._clock = clock
        self._scripts: dict[WorkloadId, Script] = {}
        self._copies: dict[CopyId, _Copy] = {}
        self._observations: asyncio.Queue[Observation | None] = asyncio.Queue(MOST_OBSERVATIONS)
        self._open = True

    async def __aenter__(self) -> Self:
        """Do nothing: it is ready when made."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go of the copies."""
        await self.close(stop_copies=False)

    # The port.

    async def start(self, spec: CopySpec) -> None:
        """Begin the copy's script; a copy that is held is left alone."""
        if not self._open:
            raise UnavailableError("The runtime is closed.")
        self.started.append(spec)
        if spec.copy_id in self._copies:
            return
        copy = _Copy(spec, self._scripts.get(spec.workload, self.script))
        self._copies[spec.copy_id] = copy
        self._later(copy, copy.script.fetch, self._fetched)

    async def stop(self, copy_id: CopyId) -> None:
        """Begin to stop the copy; one that is not held is no error."""
        self.stopped.append(copy_id)
        copy = self._copies.get(copy_id)
        if copy is not None and not copy.stopping:
            copy.stopping = True
            self._later(copy, copy.script.stop if copy.ready else 0, self._was_stopped)

    async def held(self) -> list[CopyId]:
        """Give the copies that are not gone."""
        return list(self._copies)

    async def observe(self) -> AsyncIterator[Observation]:
        """Give observations until the runtime is closed and all were read."""
        while (observation := await self._observations.get()) is not None:
            yield observation

    async def check(self, copy_id: CopyId) -> None:
        """Tell again that the copy is unhealthy, if it is."""
        copy = self._copies.get(copy_id)
        if copy is not None and copy.unhealthy:
            self._tell(CopyUnhealthy(copy_id=copy_id, at=self._clock.now(), reason=copy.unhealthy))

    async def usage(self) -> Mapping[CopyId, CopyUsage]:
        """Give what the ready copies use, by their scripts."""
        return {
            copy_id: CopyUsage(
                cpu_ns=round(copy.script.cpus * 1e9 * self._clock.wall_s(self._clock.now() - copy.began)),
                memory_bytes=copy.script.memory_bytes,
            )
            for copy_id, copy in self._copies.items()
            if copy.ready
        }

    async def exposed(self) -> Mapping[CopyId, bytes]:
        """Give the metrics of the ready copies' scripts."""
        return {copy_id: copy.script.metrics for copy_id, copy in self._copies.items() if copy.ready and copy.script.metrics}

    async def close(self, *, stop_copies: bool) -> None:
        """End; with `stop_copies` every copy is gone at once, else they are kept for `successor`."""
        if not self._open:
            return
        self._open = False
        for copy in list(self._copies.values()):
            if copy.timer is not None:
                copy.timer.cancel()
            if stop_copies:
                self._was_stopped(copy)
        self._observations.put_nowait(None)

    # The script's and the test's side.

    def play(self, workload: WorkloadId, script: Script) -> None:
        """Let copies of the workload that start from now on do this."""
        self._scripts[workload] = script

    def crash(self, copy_id: CopyId, reason: str = "The model server was killed by signal 9 (SIGKILL).", code: int = -9) -> None:
        """End a copy now, unasked."""
        copy = self._copies[copy_id]
        self._gone(copy, reason, code)

    def sicken(self, copy_id: CopyId, reason: str = "The model server lives but its ping got no answer within 2 s.") -> None:
        """Make a ready copy unhealthy."""
        self._copies[copy_id].unhealthy = reason
        self._tell(CopyUnhealthy(copy_id=copy_id, at=self._clock.now(), reason=reason))

    def heal(self, copy_id: CopyId) -> None:
        """Make an unhealthy copy answer again."""
        copy = self._copies[copy_id]
        copy.unhealthy = ""
        self._tell_ready(copy, adopted=False)

    def successor(self) -> "FakeRuntime":
        """Give the runtime that a restarted control plane would have: it adopts the ready copies, others are gone."""
        heir = FakeRuntime(self._clock, self.script)
        heir._scripts = dict(self._scripts)
        for copy_id, copy in self._copies.items():
            heir._copies[copy_id] = copy
            if copy.ready:
                copy.stopping = False
                heir._tell_ready(copy, adopted=True)
        for copy in [copy for copy in self._copies.values() if not copy.ready]:
            heir._gone(copy, "The model server ended while no control plane ran.", None)
        return heir

    def _fetched(self, copy: _Copy) -> None:
        phases = ("fetched", "spawned") if copy.spec.model_data else ("spawned",)
        for phase in phases:
            self._tell(CopyPhase(copy_id=copy.spec.copy_id, phase=phase, at=self._clock.now()))
        self._later(copy, copy.script.load, self._loaded)

    def _loaded(self, copy: _Copy) -> None:
        if copy.script.failure:
            self._gone(copy, copy.script.failure, copy.script.exit_code)
            return
        self._tell(CopyPhase(copy_id=copy.spec.copy_id, phase="listening", at=self._clock.now()))
        copy.ready, copy.began = True, self._clock.now()
        self._tell_ready(copy, adopted=False)
        if copy.script.crash_after:
            self._later(copy, copy.script.crash_after, self._crashed)

    def _crashed(self, copy: _Copy) -> None:
        self._gone(copy, f"The model server exited with code {copy.script.exit_code}.", copy.script.exit_code)

    def _was_stopped(self, copy: _Copy) -> None:
        self._gone(copy, "The model server was stopped, as asked.", 0 if copy.ready else None)

    def _gone(self, copy: _Copy, reason: str, code: int | None) -> None:
        if copy.timer is not None:
            copy.timer.cancel()
        del self._copies[copy.spec.copy_id]
        self._tell(
            CopyGone(
                copy_id=copy.spec.copy_id,
                at=self._clock.now(),
                reason=reason,
                exit_code=code,
                log_tail=copy.script.log_tail,
            )
        )

    def _tell_ready(self, copy: _Copy, *, adopted: bool) -> None:
        script = copy.script
        self._tell(
            CopyReady(
                copy_id=copy.spec.copy_id,
                at=self._clock.now(),
                socket=script.socket,
                host=script.host,
                port=0 if script.socket else script.port,
                adopted=adopted,
            )
        )

    def _tell(self, observation: Observation) -> None:
        self._observations.put_nowait(observation)

    def _later(self, copy: _Copy, span: Span, action: Callable[[_Copy], None]) -> None:
        if copy.timer is not None:
            copy.timer.cancel()
        loop = asyncio.get_running_loop()
        copy.timer = loop.call_later(self._clock.wall_s(span), action, copy)

"""The process runtime: every copy is a child process in a session of its own, and survives the control plane's death."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from stoker.config.settings import Image, Process
from stoker.domain.ids import CopyId
from stoker.errors import LimitError, UnavailableError
from stoker.ports.artifacts import ArtifactSource
from stoker.ports.clock import Clock
from stoker.ports.runtime import CopyGone, CopySpec, CopyUsage, Observation
from stoker.runtimes.process import logs
from stoker.runtimes.process.accelerators import Nvml, find_accelerators
from stoker.runtimes.process.ending import sweep
from stoker.runtimes.process.images import ImageTable
from stoker.runtimes.process.leases import PortLeases
from stoker.runtimes.process.leftover import bury
from stoker.runtimes.process.life import KILL_WAIT_S, CopyLife
from stoker.runtimes.process.limits import MemoryGroups
from stoker.runtimes.process.outbox import Outbox
from stoker.runtimes.process.parts import Parts, StartSlots
from stoker.runtimes.process.places import CopyRecord, Places
from stoker.runtimes.process.proctable import is_alive, leads_session, marked, start_of
from stoker.runtimes.process.scratch import used_mb
from stoker.runtimes.process.spawn import keep_descriptors
from stoker.runtimes.process.usage import measure

MOST_COPIES = 4096
"""Copies one machine may hold."""
MOST_ASKED = 16
"""Copies that are asked for their metrics at the same time."""
LOG_CHECK_S = 1.0
"""Seconds between two looks at the logs' sizes."""
SCRATCH_CHECK_S = 2.0
"""Seconds between two looks at what copies with a bound have on disk."""
_TIDY_S = 5.0
_STANDING = frozenset({"copy-logs", "copy-scratch"})


class ProcessRuntime:
    """Runs copies as child processes; implements `stoker.ports.runtime.Runtime`.

    Use it as `async with`: entering finds the copies of a former control plane and adopts those that live; leaving lets go
    of all copies (they run on) unless `close(stop_copies=True)` was called before. `startup_timeout`, `download_timeout` and
    the settings' spans are real seconds, whatever the platform's clock does: processes do not start faster on a fast clock.
    `inherited` is the environment that copies get a harmless part of (see `spawn.INHERITED`), `region` their AWS_REGION, and
    `hub` has variables for those that serve repositories.
    """

    __slots__ = ("_accelerators", "_closed", "_group", "_lives", "_looked", "_parts", "_scratch", "_tasks", "images")

    def __init__(
        self,
        data_dir: Path,
        images: Sequence[Image],
        settings: Process,
        clock: Clock,
        artifacts: ArtifactSource,
        *,
        inherited: Mapping[str, str],
        region: str = "us-east-1",
        hub: Mapping[str, str] | None = None,
    ) -> None:
        places = Places(data_dir)
        self.images = ImageTable(images, hub)
        self._parts = Parts(
            places=places,
            images=self.images,
            settings=settings,
            clock=clock,
            artifacts=artifacts,
            groups=MemoryGroups(places.owner),
            leases=PortLeases(),
            outbox=Outbox(),
            slots=StartSlots(settings.max_starting),
            fetches=asyncio.Semaphore(settings.max_starting),
            inherited=inherited,
            region=region,
        )
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lives: dict[CopyId, CopyLife] = {}
        self._scratch: dict[CopyId, int] = {}
        self._closed = False
        self._looked = False
        self._accelerators: Nvml | None = None

    async def __aenter__(self) -> Self:
        """Begin, and adopt the living copies of a former control plane."""
        keep_descriptors()
        await self._group.__aenter__()
        self._launch(self._rotate_logs(), "copy-logs")
        self._launch(self._bound_scratch(), "copy-scratch")
        await self._adopt_all()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go of the copies, unless they were stopped."""
        await self.close(stop_copies=False)
        if kind is asyncio.CancelledError:  # it may come from a task of the group that failed
            await self._group.__aexit__(kind, error, trace)
        else:
            await self._group.__aexit__(None, None, None)

    def resolve_image(self, name: str) -> Image:
        """Give what an image's name stands for; `InvalidParameterError` (field `Image`) when it is not known."""
        return self.images.resolve(name)

    async def start(self, spec: CopySpec) -> None:
        """Begin to start a copy. `UnavailableError` after `close`, `LimitError` beyond 4096 copies."""
        if self._closed:
            raise UnavailableError("The runtime is closed.")
        if spec.copy_id in self._lives:
            return
        if len(self._lives) >= MOST_COPIES:
            message = f"This machine holds {MOST_COPIES} copies already."
            raise LimitError(message, limit="copies", maximum=MOST_COPIES)
        self._parts.places.folder(spec.copy_id)  # refuses an id that cannot name files
        self._begin(CopyRecord(spec=spec))

    async def stop(self, copy_id: CopyId) -> None:
        """Begin to stop a copy: SIGTERM to its process group, after the grace SIGKILL to all that is left of it."""
        life = self._lives.get(copy_id)
        if life is not None:
            life.ask_stop()

    async def held(self) -> list[CopyId]:
        """Give the copies that start, run or are being stopped, adopted ones included."""
        return list(self._lives)

    def observe(self) -> AsyncIterator[Observation]:
        """Give observations until the runtime is closed and all were read."""
        return self._parts.outbox.drain()

    async def check(self, copy_id: CopyId) -> None:
        """Ping a copy at once; a second failure within a moment makes it unhealthy."""
        life = self._lives.get(copy_id)
        if life is not None:
            life.ask_check()

    async def usage(self) -> Mapping[CopyId, CopyUsage]:
        """Give what the copies that run use, all their processes together."""
        sessions = {life.pid: copy_id for copy_id, life in self._lives.items() if life.pid}
        if not sessions:
            return {}
        if not self._looked:
            self._looked = True
            self._accelerators = await asyncio.to_thread(find_accelerators)
        return await asyncio.to_thread(self._measure, sessions)

    async def exposed(self) -> Mapping[CopyId, bytes]:
        """Give the texts of the copies' own metrics."""
        asked = [life for life in self._lives.values() if life.exposes]
        if not asked:
            return {}
        turns = asyncio.Semaphore(MOST_ASKED)
        found: dict[CopyId, bytes] = {}

        async def ask(life: CopyLife) -> None:
            async with turns:
                text = await life.exposed(self._parts.settings.ping_timeout_s)
            if text is not None:
                found[life.copy_id] = text

        async with asyncio.TaskGroup() as group:
            for life in asked:
                group.create_task(ask(life), name=f"metrics of {life.copy_id}")
        return found

    def _measure(self, sessions: Mapping[int, CopyId]) -> Mapping[CopyId, CopyUsage]:
        return measure(sessions, None if self._accelerators is None else self._accelerators.usage())

    async def close(self, *, stop_copies: bool) -> None:
        """Let go; with `stop_copies` wait until all copies are gone, for the grace and ten seconds at most."""
        self._closed = True
        if stop_copies:
            for life in self._lives.values():
                life.ask_stop()
            lives = [task for task in self._tasks if task.get_name() not in _STANDING]
            if lives:
                await asyncio.wait(lives, timeout=self._parts.settings.stop_grace_s + KILL_WAIT_S + _TIDY_S)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._accelerators is not None:
            self._accelerators.close()
        self._parts.groups.close()
        self._parts.outbox.close()

    def model_dirs(self) -> set[Path]:
        """Give the model directories that held copies use."""
        return {life.model_dir for life in self._lives.values() if life.model_dir is not None}

    def _begin(self, record: CopyRecord) -> None:
        life = CopyLife(self._parts, record)
        self._lives[life.copy_id] = life
        if record.spec.scratch_mb:
            self._scratch[life.copy_id] = record.spec.scratch_mb
        self._launch(self._live(life), f"copy-{life.copy_id}")

    def _launch(self, work: Coroutine[object, object, None], name: str) -> None:
        task = self._group.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, life: CopyLife) -> None:
        try:
            gone = await life.run()
        finally:
            del self._lives[life.copy_id]
            self._scratch.pop(life.copy_id, None)
        self._parts.outbox.put(gone)

    async def _adopt_all(self) -> None:
        places = self._parts.places
        records = places.load()
        living = marked(places.owner)
        leaders = {CopyId(of): pid for pid, of in living.items() if leads_session(pid)}
        for copy_id, record in records.items():
            known = record
            if record is not None and not record.pid and copy_id in leaders:
                # The control plane died between the spawn and the note of it.
                pid = leaders[copy_id]
                known = msgspec.structs.replace(record, pid=pid, start=start_of(pid) or 0)
            if known is not None and is_alive(known.pid, known.start):
                self._begin(known)
            else:
                await self._bury(copy_id, record)
        for copy_id in {CopyId(of) for of in living.values()} - records.keys():
            await asyncio.to_thread(sweep, copy_id, places.owner)  # what outlived its own copy's end

    async def _bury(self, copy_id: CopyId, record: CopyRecord | None) -> None:
        places = self._parts.places
        log_tail = logs.tail(places.log(copy_id))
        await asyncio.to_thread(bury, places, copy_id, record)
        reason = "The model server ended while no control plane ran."
        self._parts.outbox.put(CopyGone(copy_id=copy_id, at=self._parts.clock.now(), reason=reason, log_tail=log_tail))

    async def _rotate_logs(self) -> None:
        settings, places = self._parts.settings, self._parts.places
        while True:
            await asyncio.sleep(LOG_CHECK_S)
            for copy_id in list(self._lives):
                log = places.log(copy_id)
                try:
                    big = log.stat().st_size > settings.log_bytes
                except OSError:
                    continue  # not there yet, or no more
                if big:
                    await asyncio.to_thread(logs.rotate, log, settings.log_bytes, settings.log_files)

    async def _bound_scratch(self) -> None:
        """End copies whose files take more than they may: a full disk is to be one copy's failure, and not the platform's."""
        while True:
            await asyncio.sleep(SCRATCH_CHECK_S)
            for copy_id, limit_mb in list(self._scratch.items()):
                used = await asyncio.to_thread(used_mb, self._parts.places.folder(copy_id) / "work")
                life = self._lives.get(copy_id)
                if used > limit_mb and life is not None:
                    life.ask_stop(f"The model server was ended: its files took more than its {limit_mb} MB of scratch space.")

"""One copy from its start, or its adoption, to its end.

Two things run side by side: the course (fetch, spawn, ping until ready, ping on) and the wait for a turn, which comes when the
process ends, somebody asks for a stop, or the course gives up. At the turn the course is cancelled and the end is the same
for all: signal, wait, sweep, tidy, tell. Spans of a start are real seconds: a process starts no faster on a fast clock.
"""

import asyncio
import contextlib
import re
import signal
import time
from pathlib import Path

import msgspec

from stoker.config.settings import Image
from stoker.errors import DomainError, InvalidParameterError, UnavailableError
from stoker.ports.runtime import CopyGone, CopyPhase, CopyReady, CopyUnhealthy
from stoker.runtimes.process import logs
from stoker.runtimes.process.ending import explain, sweep
from stoker.runtimes.process.exits import ExitWatch
from stoker.runtimes.process.images import fronted, listens_on_socket
from stoker.runtimes.process.listening import is_of_copy, look_elsewhere
from stoker.runtimes.process.parts import Parts
from stoker.runtimes.process.places import CopyRecord
from stoker.runtimes.process.probe import HEALTHY, NO_ANSWER, NOBODY, Address, Answer, ping
from stoker.runtimes.process.scrape import fetch
from stoker.runtimes.process.spawn import Launch, build_environment, fill, spawn
from stoker.runtimes.process.tailoring import tailor
from stoker.units import to_seconds

FIRST_PING_S, SLOWEST_PING_S, PING_GROWTH = 0.002, 0.05, 1.05
PATIENT_PING_S = LOOK_ELSEWHERE_S = 1.0
LAST_PING_S = 0.1
"""Seconds the last ping of a start gets at least, so that its answer tells more than that the time was up."""
RETRY_S = 0.25
"""Seconds until a ready copy is asked again after a failed ping."""
UNHEALTHY_AFTER = 2
PORT_TRIES = 3
KILL_WAIT_S = 5.0
_PORT_IN_USE = re.compile(r"address (is )?already in use|EADDRINUSE|errno (98|48)\b", re.IGNORECASE)


class CopyLife:
    """Runs one copy. `run` gives its `CopyGone`; cancelling it lets go of the process and leaves it running."""

    __slots__ = (
        "_adopted",
        "_asked",
        "_elsewhere",
        "_hopeless",
        "_last",
        "_nudge",
        "_parts",
        "_ports",
        "_reason",
        "_record",
        "_retry_port",
        "_turn",
        "_watch",
        "copy_id",
        "model_dir",
    )

    def __init__(self, parts: Parts, record: CopyRecord) -> None:
        self.copy_id = record.spec.copy_id
        self.model_dir: Path | None = None
        self._parts = parts
        self._record = record
        self._watch: ExitWatch | None = None
        self._turn = asyncio.Event()
        self._nudge = asyncio.Event()
        self._asked = False
        self._elsewhere = ""
        self._adopted = record.pid > 0
        self._ports: list[int] = []
        self._retry_port = False
        self._reason = ""
        self._hopeless = False
        self._last = Answer(status=NOBODY, trouble="it was not asked yet")

    async def run(self) -> CopyGone:
        """Live until the end and tell of it."""
        try:
            async with asyncio.TaskGroup() as group:
                course = group.create_task(self._course(), name=f"course-{self.copy_id}")
                await self._turn.wait()
                course.cancel()
            return await self._end()
        finally:
            if self._watch is not None:
                self._watch.close()

    @property
    def pid(self) -> int:
        """The first process's pid, which is its session's, too; 0 before there is one."""
        return self._record.pid

    @property
    def exposes(self) -> bool:
        """Whether it is ready and has metrics of its own to be asked for."""
        return self._record.was_ready and bool(self._metrics())

    async def exposed(self, timeout_s: float) -> bytes | None:
        """Give what its server tells of itself, None when it does not answer in time."""
        address = self._record.address
        # A multi-model container is asked itself, not our server before it.
        own = Address(port=address.port) if address.port else address
        return await fetch(own, self._metrics(), timeout_s)

    def _metrics(self) -> str:
        try:
            return self._parts.images.resolve(self._record.spec.image).metrics
        except InvalidParameterError:  # the settings had it when the copy was started
            return ""

    def ask_stop(self, why: str = "") -> None:
        """Begin the end; one with a reason counts as unasked."""
        self._asked = not why
        self._reason = self._reason or why
        self._turn.set()

    def ask_check(self) -> None:
        """Ping now rather than when it is due."""
        self._nudge.set()

    # The course.

    async def _course(self) -> None:
        try:
            if self._record.pid:
                ready = await self._adopt()
            else:
                ready = await self._bring_up()
            if ready:
                await self._keep_watch()
        except DomainError as error:
            self._reason = error.message
            self._hopeless = not isinstance(error, UnavailableError)
        except OSError as error:
            self._reason = f"The copy could not be started: {error}."
        finally:
            self._turn.set()

    async def _bring_up(self) -> bool:
        spec, parts = self._record.spec, self._parts
        tailored = tailor(parts.images.resolve(spec.image), spec.environment)
        self._record = msgspec.structs.replace(self._record, known_port=tailored.port, patient=tailored.patient)
        image = tailored.image
        built_in = listens_on_socket(image)
        on_socket = built_in or spec.multi_model
        if on_socket and not built_in:
            image = fronted(image)
        parts.places.create(self.copy_id)
        parts.places.save(self._record)
        model_dir = await self._fetch()
        parts.places.link_model(self.copy_id, model_dir)
        async with parts.slots.slot():
            for left in range(PORT_TRIES, 0, -1):
                self._retry_port = left > 1 and not built_in
                socket = parts.places.socket(self.copy_id) if on_socket else ""
                address = Address(socket=socket, port=0 if built_in else self._lease())
                self._spawn(image, address, model_dir)
                if await self._until_ready(to_seconds(spec.startup_timeout)):
                    return True
                if not await self._lost_its_port():
                    break
        return False

    def _lease(self) -> int:
        port = self._parts.leases.lease()
        self._ports.append(port)
        return port

    async def _fetch(self) -> Path:
        spec, parts = self._record.spec, self._parts
        if not spec.model_data:
            empty = parts.places.folder(self.copy_id) / "empty"
            empty.mkdir(mode=0o700, exist_ok=True)
            self.model_dir = empty
            return empty
        timeout_s = to_seconds(spec.download_timeout)
        try:
            async with parts.fetches, asyncio.timeout(timeout_s):
                self.model_dir = await parts.artifacts.fetch(spec.model_data)
        except TimeoutError:
            message = f"The model's files at {spec.model_data} were not fetched within {timeout_s:g} s."
            raise DomainError(message) from None
        self._tell("fetched")
        return self.model_dir

    def _spawn(self, image: Image, address: Address, model_dir: Path) -> None:
        """Spawn the process; the record goes to disk before it (so that nothing is lost) and after (with its pid)."""
        spec, parts = self._record.spec, self._parts
        group = parts.groups.make(self.copy_id, spec.memory_limit_mb) if spec.memory_limit_mb else None
        self._record = msgspec.structs.replace(
            self._record,
            address=address,
            ping=image.ping,
            invocations=image.invocations,
            spawned_s=time.time(),
            group=str(group or ""),
        )
        parts.places.save(self._record)
        launch = Launch(
            command=[fill(word, address, model_dir) for word in image.command],
            environment=build_environment(
                spec, image, address, model_dir, inherited=parts.inherited, region=parts.region, owner=parts.places.owner
            ),
            work=parts.places.create(self.copy_id),
            log=parts.places.log(self.copy_id),
            group=group,
            data_limit_mb=0 if group else spec.memory_limit_mb,
            spec=spec,
        )
        first = self._watch is None
        self._watch = ExitWatch(spawn(launch), None, self._process_ended)
        self._record = msgspec.structs.replace(self._record, pid=self._watch.pid, start=self._watch.start or 0)
        parts.places.save(self._record)
        if first:
            self._tell("spawned")

    def _process_ended(self) -> None:
        self._nudge.set()
        if not self._retry_port:
            self._turn.set()

    async def _until_ready(self, timeout_s: float) -> bool:
        """Ping until the first good answer; False when the process ended or the time is up."""
        deadline = time.monotonic() + timeout_s
        pause, listening = FIRST_PING_S, False
        look = time.monotonic() + LOOK_ELSEWHERE_S
        while not self._has_exited():
            address = self._record.address
            left = deadline - time.monotonic()
            if left <= 0:
                self._retry_port = False
                self._hopeless = True
                late = f"did not answer its ping with 200 within {timeout_s:g} s of its start"
                self._reason = f"The model server {late}: {self._elsewhere or self._last.trouble}."
                return False
            patience_s = min(max(left, LAST_PING_S), self._parts.settings.ping_timeout_s)
            self._last = await ping(address, self._record.ping, patience_s)
            if self._last.status == NOBODY and address.port and time.monotonic() >= look:
                await self._look_elsewhere()
                look = time.monotonic() + LOOK_ELSEWHERE_S
            if not listening and self._last.status != NOBODY:
                listening = True
                self._tell("listening")
            if self._last.status == HEALTHY:
                if not address.port or await asyncio.to_thread(is_of_copy, address.port, self._record, self._parts.places.owner):
                    self._became_ready()
                    return True
                self._last = Answer(status=NO_ANSWER, trouble=f"another process answers on its port {address.port}")
            await self._pause(pause)
            pause = min(pause * PING_GROWTH, PATIENT_PING_S if self._record.patient else SLOWEST_PING_S)
        return False

    def _became_ready(self) -> None:
        self._retry_port = False
        adopted, self._adopted = self._adopted, False
        if not self._record.was_ready:
            self._record = msgspec.structs.replace(self._record, was_ready=True)
            with contextlib.suppress(OSError):  # a full disk is no reason to end a copy that serves
                self._parts.places.save(self._record)
        self._parts.outbox.put(
            CopyReady(
                copy_id=self.copy_id,
                at=self._parts.clock.now(),
                socket=self._record.address.socket,
                port=self._record.address.port,
                invocations_path=self._record.invocations,
                adopted=adopted,
            )
        )

    async def _look_elsewhere(self) -> None:
        """See where a server listens that does not listen where it was told to."""
        port, trouble = await asyncio.to_thread(look_elsewhere, self._record, self._parts.places.owner)
        if port:
            self._record = msgspec.structs.replace(self._record, address=Address(port=port))
            self._parts.places.save(self._record)
        elif trouble != self._elsewhere:
            logs.note(self._parts.places.log(self.copy_id), f"the server cannot be reached: {trouble}")
            self._elsewhere = trouble

    async def _lost_its_port(self) -> bool:
        """Tell whether the process ended because its port was taken; if so, tidy up for another try."""
        if not self._retry_port or not _PORT_IN_USE.search(logs.tail(self._parts.places.log(self.copy_id))):
            return False
        group = Path(self._record.group) if self._record.group else None
        await asyncio.to_thread(sweep, self.copy_id, self._parts.places.owner, session=self._record.pid, group=group)
        # The port stays leased until this copy's end, so that the next try gets another one.
        return True

    async def _adopt(self) -> bool:
        """Find out how a copy of a former control plane does."""
        if self._record.address.port:
            self._parts.leases.hold(self._record.address.port)
            self._ports.append(self._record.address.port)
        link = self._parts.places.folder(self.copy_id) / "model"
        self.model_dir = link.readlink() if link.is_symlink() else None
        self._watch = ExitWatch(self._record.pid, self._record.start, self._process_ended)
        if self._record.was_ready:
            return True
        timeout_s = to_seconds(self._record.spec.startup_timeout)
        past_s = min(max(0.0, time.time() - self._record.spawned_s), timeout_s)
        return await self._until_ready(timeout_s - past_s)

    async def _keep_watch(self) -> None:
        """Ping a copy that was ready, for as long as it lives."""
        settings = self._parts.settings
        every_s = min(settings.ping_interval_s, PATIENT_PING_S) if self._record.patient else settings.ping_interval_s
        told_healthy = self._last.status == HEALTHY  # else it was ready under a former control plane
        told_unhealthy = False
        failures = 0
        if told_healthy:
            await self._pause(every_s)
        while not self._has_exited():
            answer = await ping(self._record.address, self._record.ping, settings.ping_timeout_s)
            if answer.status == HEALTHY:
                failures = 0
                if not told_healthy:
                    self._became_ready()
                    told_healthy, told_unhealthy = True, False
                await self._pause(every_s)
                continue
            failures += 1
            if failures >= UNHEALTHY_AFTER and not told_unhealthy and not self._has_exited():
                told_healthy, told_unhealthy = False, True
                reason = f"The model server lives but {answer.trouble}, {failures} times in a row."
                seen = CopyUnhealthy(copy_id=self.copy_id, at=self._parts.clock.now(), reason=reason, late=answer.late)
                self._parts.outbox.put(seen)
            await self._pause(min(RETRY_S if not told_unhealthy else 1.0, every_s))

    async def _pause(self, delay_s: float) -> None:
        """Wait, but not past the process's end or a wish to have it checked."""
        try:
            async with asyncio.timeout(delay_s):
                await self._nudge.wait()
        except TimeoutError:
            return
        self._nudge.clear()

    def _has_exited(self) -> bool:
        return self._watch is not None and self._watch.exited.is_set()

    def _tell(self, phase: str) -> None:
        self._parts.outbox.put(CopyPhase(copy_id=self.copy_id, phase=phase, at=self._parts.clock.now()))

    # The end.

    async def _end(self) -> CopyGone:
        watch = self._watch
        by_itself = self._has_exited()
        if watch is not None and not by_itself:
            await self._terminate(watch)
        reason, places = self._explain(by_itself=by_itself), self._parts.places
        log_tail = logs.tail(places.log(self.copy_id))
        await asyncio.to_thread(self._tidy)
        for port in self._ports:
            self._parts.leases.release(port)
        code = watch.code if watch is not None else None
        return CopyGone(
            copy_id=self.copy_id,
            at=self._parts.clock.now(),
            reason=reason,
            exit_code=code,
            log_tail=log_tail,
            hopeless=self._hopeless,
        )

    async def _terminate(self, watch: ExitWatch) -> None:
        for number, wait_s in ((signal.SIGTERM, self._parts.settings.stop_grace_s), (signal.SIGKILL, KILL_WAIT_S)):
            watch.signal_group(number)
            try:
                async with asyncio.timeout(wait_s):
                    await watch.exited.wait()
            except TimeoutError:
                continue
            return

    def _explain(self, *, by_itself: bool) -> str:
        if self._reason:
            return self._reason
        if self._watch is None:
            return "The copy was stopped, as asked, before its model server was started."
        if not by_itself and self._asked:
            return "The model server was stopped, as asked."
        return explain(self._watch.code, self._record)

    def _tidy(self) -> None:
        """Leave nothing behind; blocks."""
        session = self._watch.pid if self._watch is not None else 0
        group = Path(self._record.group) if self._record.group else None
        # Nobody leaves a memory group, so that where there is one the whole process table need not be read.
        sweep(self.copy_id, self._parts.places.owner, session=session, group=group, everywhere=group is None)
        with contextlib.suppress(OSError):  # what could not be removed now goes when the runtime begins anew
            self._parts.places.discard(self.copy_id, self._record.address.socket)

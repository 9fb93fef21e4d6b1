"""The parent of all: it starts the control plane and the gateways, starts them again, and ends them in the right order.

It holds what must outlive them: the listening sockets, the lock on the data directory, the clock. It decides nothing about
models, and it imports little, so that it starts fast and has little to fail with. Gateways stop first, because those who
still wait for an answer need the copies; then the control plane, which stops the copies. Should the supervisor be killed, its
children see their pipes close and do the same by themselves.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stoker.control.children import Child, Program, reap
from stoker.control.handover import CANNOT_START, Handover
from stoker.control.rundir import RunDir, StartError
from stoker.control.succession import Succession
from stoker.control.timekeeping import NOTE_EVERY_S, note_clock

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

START_LIMIT_S = 120.0
"""Seconds after which a server that never got ready is given up."""
START_ATTEMPTS = 5
"""Ends of one child before it was ever ready, after which the server is given up."""
MARGIN_S = 3.0
"""Seconds a child gets beyond what its own stopping may take."""
COPIES_MARGIN_S = 12.0
"""Seconds the control plane gets beyond the grace of the copies it stops: it kills, sweeps and closes the store."""
RUSH_S = 1.0
"""Seconds each stage gets when the server is told twice to stop."""
KILL_S = 5.0
"""Seconds until a process that was killed must have ended."""
_PR_SET_CHILD_SUBREAPER = 36


class Supervisor:
    """Runs the programs until it is told to stop. `announce` is called once, when all of them are ready for the first time."""

    __slots__ = (
        "_announce",
        "_announced",
        "_children",
        "_environment",
        "_handover",
        "_listeners",
        "_log",
        "_run",
        "_stops",
        "_succession",
        "_woken",
    )

    def __init__(
        self,
        *,
        run: RunDir,
        handover: Handover,
        programs: Sequence[Program],
        listeners: list[socket.socket],
        environment: Mapping[str, str],
        announce: Callable[[], None],
    ) -> None:
        self._run = run
        self._handover = handover
        self._children = [Child(program) for program in programs]
        self._listeners = listeners
        self._environment = environment
        self._announce = announce
        self._announced = False
        self._stops = 0
        self._woken = asyncio.Event()
        self._log: FilteringBoundLogger | None = None
        limit_s = handover.settings.server.drain_s + MARGIN_S
        self._succession = Succession(self._children, limit_s=limit_s, start=self._start, tell=self._tell, told=self._restarted)

    async def run(self) -> None:
        """Run until SIGTERM, SIGINT or SIGHUP; SIGUSR1 has every child succeeded by a new one.

        Raises `StartError` when the server does not get ready; leaves nothing running.
        """
        _become_subreaper()
        with self._signals():
            try:
                for child in self._children:
                    self._start(child)
                self._log = _logger(self._handover.settings.logs.level)
                await self._serve()
            finally:
                await self._stop_all()

    async def _serve(self) -> None:
        give_up = time.monotonic() + START_LIMIT_S
        noted = 0.0
        while not self._stops:
            self._collect()
            now = time.monotonic()
            if not self._announced:
                self._check_start(now, give_up)
            self._succession.advance(now)
            for child in self._children:
                if not child.pid and child.due <= now:
                    self._start(child)
            if now >= noted:
                self._note(final=False)
                noted = now + NOTE_EVERY_S
            due = [child.due for child in self._children if not child.pid]
            await self._wait(min([noted, *due, *self._succession.deadlines()]))

    def _check_start(self, now: float, give_up: float) -> None:
        """Announce the server, or give it up when it will not get ready."""
        if all(child.ready for child in self._children):
            self._announced = True
            self._announce()
            self._tell("platform_ready", url=self._handover.url)
            return
        for child in self._children:
            if child.ever_ready:
                continue
            if child.exit_status == CANNOT_START or child.ended >= START_ATTEMPTS:
                raise StartError(f"The server did not start: its {child.program.name} process ended, and said why above.")
        if now >= give_up:
            late = ", ".join(child.program.name for child in self._children if not child.ready)
            raise StartError(f"The server did not start: not ready after {START_LIMIT_S:.0f} s: {late}.")

    def _start(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        try:
            child.start(self._environment)
        except OSError as error:
            raise StartError(f"The {child.program.name} process cannot be started: {error.strerror}.") from error
        if child.ready_end is not None:
            loop.add_reader(child.ready_end, self._heard, child)
        self._tell("process_started", process=child.program.name, process_id=child.pid)

    def _heard(self, child: Child) -> None:
        if not child.listen(time.monotonic()):
            self._forget_reader(child)
            child.forget_ready_end()
        self._woken.set()

    def _forget_reader(self, child: Child) -> None:
        if child.ready_end is not None:
            asyncio.get_running_loop().remove_reader(child.ready_end)

    def _collect(self) -> None:
        """Reap whatever has ended: our children, and copies that a killed control plane left to us."""
        children = {child.pid: child for child in (*self._children, *self._succession.others) if child.pid}
        for pid, status in reap():
            child = children.get(pid)
            if child is None:
                continue
            self._forget_reader(child)
            child.listen(time.monotonic())  # its last words
            child.forget_ready_end()
            child.gone(status, time.monotonic())
            self._tell("process_ended", process=child.program.name, process_id=pid, exit_status=child.exit_status)

    async def _stop_all(self) -> None:
        """End everything: gateways first, then the control plane with its copies. Bounded; nothing is left."""
        settings = self._handover.settings
        self._tell("platform_stopping")
        # Ours too must close: a connection that comes now is refused, rather than left waiting in a queue that nobody serves.
        for listener in self._listeners:
            listener.close()
        gateways = [c for c in (*self._succession.others, *self._children) if c.program.is_gateway]
        await self._end(gateways, settings.server.drain_s + MARGIN_S, number=signal.SIGINT)  # nobody takes the port over
        control = [c for c in self._children if not c.program.is_gateway]
        clean = await self._end(control, settings.process.stop_grace_s + COPIES_MARGIN_S)
        if not clean:
            from stoker.runtimes.process.leftover import leftover  # noqa: PLC0415 - only after a failure

            stopped = await asyncio.to_thread(leftover, self._handover.data, RUSH_S)
            self._tell("copies_swept", copies=len(stopped))
        self._collect()
        self._note(final=True)
        self._tell("platform_stopped")

    async def _end(self, children: Sequence[Child], most_s: float, *, number: int = signal.SIGTERM) -> bool:
        """Stop the children: signal `number`, after `most_s` SIGKILL. True when all of them ran and ended well."""
        clean = all(child.pid for child in children)
        for child in children:
            child.signal(number)
        until = time.monotonic() + most_s
        while any(child.pid for child in children) and time.monotonic() < until:
            if self._stops > 1:
                until = min(until, time.monotonic() + RUSH_S)
            await self._wait(until)
            self._collect()
        until = time.monotonic() + KILL_S
        for child in children:
            if child.pid:
                self._tell("process_killed", process=child.program.name, process_id=child.pid)
                child.signal(signal.SIGKILL)
        while any(child.pid for child in children) and time.monotonic() < until:
            await self._wait(until)
            self._collect()
        return clean and all(child.exit_status == 0 for child in children)

    async def _wait(self, until: float) -> None:
        """Wait for a signal, an end or a word of a child, or the monotonic second `until`."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(loop.time() + until - time.monotonic()):
                await self._woken.wait()
        self._woken.clear()

    def _asked(self) -> None:
        self._stops += 1
        self._woken.set()

    def _restart_asked(self) -> None:
        self._succession.restart()
        self._woken.set()

    def _restarted(self, trouble: str) -> None:
        self._tell("platform_restarted", trouble=trouble)
        with contextlib.suppress(OSError):  # a full disk must not end a server that serves
            self._run.note_restart(trouble)

    def _note(self, *, final: bool) -> None:
        try:
            note_clock(self._run.clock, self._handover.clock, monotonic_ns=time.monotonic_ns(), final=final)
        except OSError as error:  # a full disk must not end a server that serves
            self._tell("clock_not_noted", error=str(error))

    def _tell(self, event: str, **fields: object) -> None:
        if self._log is not None:
            with contextlib.suppress(OSError):  # whoever read our log is gone
                self._log.info(event, **fields)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGTERM, signal.SIGINT]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup: the terminal may go, the server stays
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._asked)
        loop.add_signal_handler(signal.SIGCHLD, self._woken.set)
        loop.add_signal_handler(signal.SIGUSR1, self._restart_asked)
        try:
            yield
        finally:
            for number in (*numbers, signal.SIGCHLD, signal.SIGUSR1):
                loop.remove_signal_handler(number)


def _become_subreaper() -> None:
    """Have orphans of our children handed to us rather than to init, so that copies of a killed control plane get reaped."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only here

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _logger(level: str) -> "FilteringBoundLogger":
    """Set up the log. It is slow to import, so the children are started before."""
    from stoker.telemetry.lean import import_structlog  # noqa: PLC0415

    import_structlog()
    import structlog  # noqa: PLC0415

    from stoker.telemetry.logs import configure_logs  # noqa: PLC0415

    configure_logs(level)
    logger: FilteringBoundLogger = structlog.get_logger("stoker.supervisor", supervisor=os.getpid())
    return logger

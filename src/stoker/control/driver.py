"""Drives the engine in real time: events go in as they come, deadlines are kept, commands are carried out in order.

Every batch of commands is written to the store before any of its effects happens or its caller goes on; batches that
wait together share one transaction. When the store fails, so does the driver, and with it the control plane: memory
must never be ahead of the disk, and a restart from the disk is the one way back (crash-only).
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from stoker.control.effects import Effects
from stoker.domain.ids import IdSource
from stoker.engine.accounting import Accounting
from stoker.engine.commands import Append, Command, Put, Remove, RoutesChanged, Write
from stoker.engine.events import Event
from stoker.engine.platform import Platform
from stoker.errors import InvariantBrokenError, LimitError, UnavailableError
from stoker.ports.clock import Clock
from stoker.ports.store import Store
from stoker.ports.store_limits import MAX_WRITES
from stoker.units import Instant

if TYPE_CHECKING:
    from stoker.control.engine_log import EngineLog

MAX_WAITING = 10_000
"""Batches that may wait for the disk; beyond, calls are turned away and the disk has failed in all but name."""

WRITE_LIMIT_S = 60.0
"""Real seconds that one transaction may take; a disk that hangs is a disk that failed."""

_RESTARTING = "The control plane is restarting; the change may not have been kept."


class _Batch(NamedTuple):
    commands: Sequence[Command]
    done: asyncio.Future[None] | None


class Driver:
    """The running engine, and the desk that services work at.

    A `log` gets every step; the platform must draw its identities from the log's `ids` then. `accounting` keeps account of what
    runs, written with what it follows from.
    """

    __slots__ = (
        "_accounting",
        "_broken",
        "_clock",
        "_effects",
        "_ended",
        "_ids",
        "_log",
        "_pending",
        "_platform",
        "_store",
        "_timer",
        "_timer_at",
        "_wake",
    )

    def __init__(
        self,
        platform: Platform,
        *,
        store: Store,
        clock: Clock,
        ids: IdSource,
        effects: Effects,
        log: "EngineLog | None" = None,
        accounting: Accounting | None = None,
    ) -> None:
        self._accounting = accounting
        self._platform = platform
        self._store = store
        self._clock = clock
        self._ids = ids
        self._effects = effects
        self._log = log
        self._pending: deque[_Batch] = deque()
        self._wake = asyncio.Event()
        self._ended = False
        self._broken: Exception | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: Instant | None = None

    @property
    def platform(self) -> Platform:
        """The engine, to read from."""
        return self._platform

    @property
    def ids(self) -> IdSource:
        """The source of new identities."""
        return self._ids

    def now(self) -> Instant:
        """Give the platform's instant."""
        return self._clock.now()

    async def submit(self, event: Event) -> None:
        """Have the engine take in an event; returns when what it changed is on disk."""
        if self._ended:
            raise UnavailableError(_RESTARTING)
        if len(self._pending) >= MAX_WAITING:
            raise LimitError("Too many changes wait for the disk.", limit="waiting changes", maximum=MAX_WAITING)
        done = asyncio.get_running_loop().create_future()
        self._queue(self._step(event), done)
        await done

    def post(self, event: Event) -> None:
        """Have the engine take in something that happened; nobody waits for it. Nothing happens any more after the end."""
        if self._ended:
            return
        self._queue(self._step(event), None)

    async def flush(self) -> None:
        """Have everything on disk that the accounts still have in memory; nothing is done after the end."""
        if self._accounting is None or self._ended:
            return
        done = asyncio.get_running_loop().create_future()
        self._queue(self._accounting.flush(self._clock.now()), done)
        await done

    async def history(self, kind: str, key: str | None, *, limit: int, before: Instant | None = None) -> list[bytes]:
        """Give kept entries of a history, newest first."""
        return await self._store.history(kind, key, limit=limit, before=before)

    async def run(self) -> None:
        """Carry out batches until cancelled, or until store, effect or engine fails: then the driver has ended for good."""
        self._arm()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self._broken is not None:
                    raise InvariantBrokenError(
                        "The engine failed; the control plane starts again from the disk."
                    ) from self._broken
                await self._carry_out()
        finally:
            self._ended = True
            if self._timer is not None:
                self._timer.cancel()
            _refuse(self._pending)
            self._pending.clear()

    def _queue(self, commands: Sequence[Command], done: asyncio.Future[None] | None) -> None:
        if commands or done is not None:
            self._pending.append(_Batch(commands, done))
            self._wake.set()
        self._arm()

    def _step(self, event: Event | None) -> list[Command]:
        """Take a step of the engine, None for a deadline.

        One that raises may have left a change half made, which must never reach the disk.
        """
        now = self._clock.now()
        try:
            commands = self._platform.tick(now) if event is None else self._platform.handle(event, now)
            accounts = [] if self._accounting is None else self._accounting.follow(event, commands, now)
        except Exception as error:
            self._ended = True
            self._broken = error
            self._wake.set()
            if self._log is not None:
                self._log.step(now, event, (), error=repr(error))
            raise
        if self._log is not None:
            self._log.step(now, event, commands)
        return [*accounts, *commands] if accounts else commands

    async def _carry_out(self) -> None:
        """Carry out all that waits, in groups: one transaction, then the effects, then the callers go on."""
        while self._pending:
            batches, writes = self._next_group()
            try:
                await self._write(writes)
                await self._perform(batches)
            finally:
                _refuse(batches)  # whoever was not answered by now never would be

    def _next_group(self) -> tuple[list[_Batch], list[Write]]:
        """Take the batches that share the next transaction, as many as one transaction takes."""
        batches: list[_Batch] = []
        writes: list[Write] = []
        while self._pending:
            more = [c for c in self._pending[0].commands if isinstance(c, Put | Remove | Append)]
            if batches and len(writes) + len(more) > MAX_WRITES:
                break
            batches.append(self._pending.popleft())
            writes.extend(more)
        return batches, writes

    async def _write(self, writes: list[Write]) -> None:
        for start in range(0, len(writes), MAX_WRITES):
            try:
                async with asyncio.timeout(WRITE_LIMIT_S):
                    await self._store.apply(writes[start : start + MAX_WRITES])
            except TimeoutError as error:
                raise UnavailableError(f"The disk took longer than {WRITE_LIMIT_S:.0f} s for a write.") from error

    async def _perform(self, batches: list[_Batch]) -> None:
        """Do the effects in order. Routes are made of the present state: publishing them once is right for every batch here."""
        published = False
        for batch in batches:
            for command in batch.commands:
                if isinstance(command, RoutesChanged):
                    if not published:
                        await self._effects.perform(command)
                    published = True
                elif not isinstance(command, Put | Remove | Append):
                    await self._effects.perform(command)
            if batch.done is not None and not batch.done.done():
                batch.done.set_result(None)

    def _arm(self) -> None:
        """Have the loop call when the engine's next deadline comes."""
        deadline = self._platform.next_deadline()
        account_at = None if self._accounting is None else self._accounting.next_deadline()
        if account_at is not None and (deadline is None or account_at < deadline):
            deadline = account_at
        if deadline == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = None
        if deadline is not None:
            delay_s = max(0.0, self._clock.wall_s(deadline - self._clock.now()))
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._timer_at = None
        self._timer = None
        self._queue(self._step(None), None)


def _refuse(batches: Iterable[_Batch]) -> None:
    for batch in batches:
        if batch.done is not None and not batch.done.done():
            batch.done.set_exception(UnavailableError(_RESTARTING))

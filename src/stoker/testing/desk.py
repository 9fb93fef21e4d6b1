"""A platform without a control plane: calls take effect at once, in memory, on a clock that a test moves by hand.

It is the desk that the services work at: the real engine over a `MemoryStore`. What the engine asks of the world comes true
before `submit` returns: instances come up, copies begin to serve, or do what `play` says of their workload.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from stoker.domain.hub_hardware import HUB_SHAPES
from stoker.domain.ids import CopyId, IdSource, Partition, WorkloadId
from stoker.domain.instance_types import LOCAL, SHAPES
from stoker.domain.instances import InstanceShape
from stoker.domain.quotas import Quotas
from stoker.engine.commands import (
    Append,
    Command,
    InvokeTarget,
    LaunchInstance,
    Put,
    Remove,
    StartCopy,
    StopCopy,
    TerminateInstance,
)
from stoker.engine.events import Event, InstanceGone, InstanceReady, RuntimeObserved, RuntimeRestored, TargetAnswered
from stoker.engine.observations import CopyGone, CopyReady, CopySpec
from stoker.engine.platform import Platform, PlatformOptions
from stoker.engine.reconciler import FleetOptions
from stoker.errors import InvalidParameterError, InvariantBrokenError
from stoker.ports.store import Store
from stoker.testing.clock import ManualClock
from stoker.testing.memory_store import MemoryStore
from stoker.units import Instant, Span

MACHINE: Final = InstanceShape(cpus=4, memory_mb=16_384)
"""What the instance type `local` is here."""

MAX_STEPS: Final = 100_000
"""Events that may follow from one call; more is an engine that never comes to rest."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy that is started does: serve at once, end with `failure`, or, `stuck`, neither until a test says so."""

    failure: str = ""
    log_tail: str = ""
    stuck: bool = False


class CountingIds:
    """Ids in the real ones' form, counted up: the same calls give the same ids. Implements `stoker.domain.ids.IdSource`."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last = 0

    def uuid(self) -> str:
        """Give a new id of 36 characters."""
        self._last += 1
        return f"00000000-0000-4000-8000-{self._last:012x}"

    def token(self) -> str:
        """Give a new id of 17 characters."""
        self._last += 1
        return f"{self._last:017x}"


class KnownImages:
    """A table of images that knows names by globs. Implements `stoker.service.desk.Images`."""

    __slots__ = ("_patterns",)

    def __init__(self, *patterns: str) -> None:
        self._patterns = patterns or ("stoker/python", "stoker/python:*")

    def check(self, image: str) -> None:
        """Raise InvalidParameterError for an image that no glob fits."""
        if not any(fnmatchcase(image, pattern) for pattern in self._patterns):
            known = ", ".join(self._patterns)
            raise InvalidParameterError(f"The image '{image}' is not known here; known are {known}.", field="Image")

    def ping(self, image: str) -> str:
        """Give the path of an image's health check."""
        self.check(image)
        return "/ping"


class LocalDesk:
    """Implements `stoker.service.desk.Desk`.

    `started` and `stopped` list the copies that were asked for, in order. `launches` False leaves instances that are asked for
    Pending. `invoke` is what the targets of schedules are invoked by; they answer well unless it is set. Not safe for threads:
    use it on one event loop.
    """

    __slots__ = ("_ids", "_outcomes", "_pending", "_platform", "clock", "invoke", "launches", "started", "stopped", "store")

    def __init__(
        self,
        *,
        clock: ManualClock | None = None,
        store: Store | None = None,
        partition: Partition | None = None,
        shapes: Mapping[str, InstanceShape] | None = None,
        max_instances: int = 1000,
        quotas: Quotas | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self.store: Store = store or MemoryStore()
        self.started: list[CopySpec] = []
        self.stopped: list[CopyId] = []
        self.launches = True
        self.invoke: Callable[[InvokeTarget], Awaitable[TargetAnswered]] = _answered
        self._ids = CountingIds()
        self._outcomes: dict[WorkloadId, Outcome] = {}
        self._pending: deque[Event] = deque()
        fleet = FleetOptions(shapes=shapes or {**SHAPES, **HUB_SHAPES, LOCAL: MACHINE}, max_instances=max_instances)
        options = PlatformOptions(partition=partition or Partition(), fleet=fleet, quotas=quotas or Quotas())
        self._platform = Platform(ids=self._ids, options=options)

    @property
    def platform(self) -> Platform:
        """The engine, to read from."""
        return self._platform

    @property
    def ids(self) -> IdSource:
        """The source of new identities."""
        return self._ids

    def now(self) -> Instant:
        """Give the clock's instant."""
        return self.clock.now()

    async def submit(self, event: Event) -> None:
        """Have the engine take in an event, and everything that follows from it now."""
        commands = self._platform.handle(event, self.clock.now())
        await self._settle(commands)

    async def history(self, kind: str, key: str | None, *, limit: int, before: Instant | None = None) -> list[bytes]:
        """Give kept entries of a history, newest first."""
        return await self.store.history(kind, key, limit=limit, before=before)

    async def restore(self) -> None:
        """Take up what the store holds, as a platform does when it starts. Nothing runs: its copies are not those of before."""
        self._platform.restore((record.kind, record.document) for record in await self.store.load())
        await self.submit(RuntimeRestored(held=()))

    async def advance(self, span: Span) -> None:
        """Let a span pass, stopping at each of the engine's deadlines."""
        end = self.clock.now() + span
        for _ in range(MAX_STEPS):
            deadline = self._platform.next_deadline()
            if deadline is None or deadline > end:
                self.clock.advance(end - self.clock.now())
                return
            now = self.clock.advance(max(0, deadline - self.clock.now()))
            await self._settle(self._platform.tick(now))
        raise InvariantBrokenError("The engine's deadlines do not move on.")

    def play(self, workload: WorkloadId, outcome: Outcome) -> None:
        """Let copies of the workload that start from now on do this."""
        self._outcomes[workload] = outcome

    async def serve(self, copy_id: CopyId) -> None:
        """Let a copy that was stuck begin to serve."""
        await self.submit(self._ready(copy_id))

    async def crash(self, copy_id: CopyId, reason: str = "The model server was killed by signal 9 (SIGKILL).") -> None:
        """End a copy, unasked."""
        await self.submit(self._gone(copy_id, reason))

    async def _settle(self, commands: Sequence[Command]) -> None:
        """Carry out commands, and what follows from what they bring about, until nothing is left to do."""
        for _ in range(MAX_STEPS):
            await self._perform(commands)
            if not self._pending:
                return
            commands = self._platform.handle(self._pending.popleft(), self.clock.now())
        raise InvariantBrokenError("The engine does not come to rest.")

    async def _perform(self, commands: Sequence[Command]) -> None:
        writes = [c for c in commands if isinstance(c, Put | Remove | Append)]
        if writes:
            await self.store.apply(writes)
        for command in commands:
            if isinstance(command, InvokeTarget):
                self._pending.append(await self.invoke(command))
            else:
                self._bring_about(command)

    def _bring_about(self, command: Command) -> None:
        match command:
            case StartCopy(spec=spec):
                self.started.append(spec)
                self._begin(spec)
            case StopCopy(copy_id=copy_id):
                self.stopped.append(copy_id)
                self._pending.append(self._gone(copy_id, "The model server was stopped, as asked."))
            case LaunchInstance(instance=instance):
                if self.launches:
                    self._pending.append(InstanceReady(instance_id=instance.instance_id))
            case TerminateInstance(instance_id=instance_id):
                self._pending.append(InstanceGone(instance_id=instance_id))
            case _:
                pass  # writes are done, routes have no gateway, activities are in the history

    def _begin(self, spec: CopySpec) -> None:
        outcome = self._outcomes.get(spec.workload, Outcome())
        if outcome.stuck:
            return
        if outcome.failure:
            self._pending.append(self._gone(spec.copy_id, outcome.failure, outcome.log_tail))
        else:
            self._pending.append(self._ready(spec.copy_id))

    def _ready(self, copy_id: CopyId) -> Event:
        return RuntimeObserved(observation=CopyReady(copy_id=copy_id, at=self.clock.now(), port=9))

    def _gone(self, copy_id: CopyId, reason: str, log_tail: str = "") -> Event:
        gone = CopyGone(copy_id=copy_id, at=self.clock.now(), reason=reason, exit_code=1, log_tail=log_tail)
        return RuntimeObserved(observation=gone)


async def _answered(command: InvokeTarget) -> TargetAnswered:
    return TargetAnswered(execution=command.execution)

"""Does what the engine asks: starts and stops copies, provides instances, publishes routes, tells the log.

A copy is stopped only after every gateway has let go of it: it leaves the routing table first, gateways report when nothing is in
flight on it any more, and only then does it get its signal. The wait is bounded by the longest time a reply may take.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeAlias

import msgspec
import structlog

from stoker.control.capacity import LocalCapacity
from stoker.control.hub import Hub
from stoker.domain.ids import CopyId
from stoker.engine.commands import (
    Append,
    Command,
    Explained,
    InvokeTarget,
    LaunchInstance,
    Put,
    Remove,
    RoutesChanged,
    SetCapacity,
    StartCopy,
    StopCopy,
    TerminateInstance,
)
from stoker.engine.events import Event, TargetAnswered
from stoker.errors import InvariantBrokenError
from stoker.ports.runtime import Runtime
from stoker.units import to_seconds

log = structlog.get_logger(__name__)

TargetInvoker: TypeAlias = Callable[[InvokeTarget], Awaitable[TargetAnswered]]
"""Invokes the targets of schedules; must not raise."""

MAX_INVOKED = 16
"""Targets of schedules that are invoked at the same time; the others wait their turn."""

AWAY = "ServiceUnavailable"
"""The code of an invocation that nothing here takes yet."""


class Effects:
    """Carries out commands. `post` hands events back to the engine; `connect` must be called before the first command."""

    __slots__ = (
        "_capacity",
        "_drain_limit_s",
        "_group",
        "_hub",
        "_invoke",
        "_invoking",
        "_post",
        "_publish",
        "_runtime",
        "_stopping",
        "_tasks",
    )

    def __init__(self, *, runtime: Runtime, hub: Hub, capacity: LocalCapacity, drain_limit_s: float) -> None:
        self._runtime = runtime
        self._hub = hub
        self._capacity = capacity
        self._drain_limit_s = drain_limit_s
        self._group: asyncio.TaskGroup | None = None
        self._post: Callable[[Event], None] | None = None
        self._publish: Callable[[], None] | None = None
        self._stopping: set[CopyId] = set()
        self._invoke: TargetInvoker | None = None
        self._invoking = asyncio.Semaphore(MAX_INVOKED)
        self._tasks: set[asyncio.Task[None]] = set()

    def connect(self, group: asyncio.TaskGroup, post: Callable[[Event], None], publish: Callable[[], None]) -> None:
        """Give the task group that owns what takes time, the way back to the engine, and how to publish routes."""
        self._group = group
        self._post = post
        self._publish = publish

    def aim(self, invoke: TargetInvoker | None) -> None:
        """Give what invokes the targets of schedules."""
        self._invoke = invoke

    def abandon(self) -> None:
        """Stop waiting for what is under way: the platform is shutting down and stops every copy itself."""
        for task in self._tasks:
            task.cancel()

    async def perform(self, command: Command) -> None:
        """Carry out one command; what takes time goes on in the task group."""
        if self._group is None or self._post is None or self._publish is None:
            raise InvariantBrokenError("effects are performed before they are connected")
        match command:
            case StartCopy(spec=spec):
                log.info("copy_start_asked", copy_id=spec.copy_id, workload=spec.workload, instance=spec.instance_id)
                await self._runtime.start(spec)
            case StopCopy(copy_id=copy_id):
                if copy_id not in self._stopping:
                    self._stopping.add(copy_id)
                    self._begin(self._drain_and_stop(copy_id), f"stop {copy_id}")
            case LaunchInstance(instance=instance):
                log.info("instance_launch_asked", instance=instance.instance_id, instance_type=instance.instance_type)
                self._capacity.book(instance)
                self._begin(self._provide(command), f"launch {instance.instance_id}")
            case TerminateInstance(instance_id=instance_id):
                log.info("instance_terminated", instance=instance_id)
                self._post(self._capacity.release(instance_id))
            case RoutesChanged():
                self._publish()
            case InvokeTarget() | Explained():
                self._invoke_or_tell(command)
            case SetCapacity() | Put() | Remove() | Append():
                raise InvariantBrokenError(f"{type(command).__name__} is not for the effects")

    def _invoke_or_tell(self, command: InvokeTarget | Explained) -> None:
        if isinstance(command, InvokeTarget):
            self._begin(self._invoke_target(command), f"invoke {command.execution}")
        else:
            log.info("scaling_activity", **_told(command.activity))

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        if self._group is None:
            raise InvariantBrokenError("effects are performed before they are connected")
        task = self._group.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain_and_stop(self, copy_id: CopyId) -> None:
        try:
            await self._hub.drained(copy_id, limit_s=self._drain_limit_s)
            log.info("copy_stop_asked", copy_id=copy_id)
            await self._runtime.stop(copy_id)
        finally:
            self._stopping.discard(copy_id)

    async def _invoke_target(self, command: InvokeTarget) -> None:
        if self._post is None:
            raise InvariantBrokenError("effects are performed before they are connected")
        async with self._invoking:
            if self._invoke is None:
                answer = TargetAnswered(execution=command.execution, code=AWAY, message="The platform is still starting.")
            else:
                answer = await self._invoke(command)
        log.info(
            "target_invoked",
            schedule=command.schedule_arn,
            target=command.target_arn,
            execution=command.execution,
            attempt=command.attempt,
            code=answer.code,
            message=answer.message,
        )
        self._post(answer)

    async def _provide(self, command: LaunchInstance) -> None:
        event = await self._capacity.provide(command.instance)
        if self._post is not None:
            self._post(event)


def _told(activity: msgspec.Struct) -> dict[str, object]:
    fields = msgspec.structs.asdict(activity)
    told: dict[str, object] = {
        k: v for k, v in fields.items() if k in {"description", "cause", "details", "before", "after", "message"} and v
    }
    told["resource"] = fields["target"].resource_id
    told["status"] = fields["status"].value
    told["not_scaled"] = [r.code for r in fields["not_scaled"]]
    told["at_s"] = to_seconds(fields["start"])
    return told

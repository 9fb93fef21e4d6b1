"""Targets of schedules: an operation of an AWS API, called with the JSON that the schedule keeps; or a queue that gets it.

The call goes to the operation's own handler in this process, through the same reading and the same checks as one that comes over
the wire. It is made in the name of the installation: whoever may make a schedule may make the calls that schedules make.
"""

import asyncio
import re
import traceback
from collections.abc import Iterable
from typing import Final

import msgspec
import structlog

from stoker.domain.ids import Partition
from stoker.domain.timetable import ScheduleTarget
from stoker.engine.commands import InvokeTarget
from stoker.engine.events import TargetAnswered
from stoker.errors import DomainError, InvalidParameterError
from stoker.units import SECOND, Span, to_seconds
from stoker.wire.aws import constraints, errors
from stoker.wire.aws.asgi import Context, Handler, Handlers
from stoker.wire.aws.errors import SQS, FaultError, Problem, RejectedError
from stoker.wire.aws.protocols.json import BodyReader
from stoker.wire.aws.schema import Operation, Service
from stoker.wire.aws.sigv4 import Principal

CALL_LIMIT: Span = 55 * SECOND
MAX_MESSAGE: Final = 1024
"""Characters of an error's message that are kept."""

TRACEBACK_CHARACTERS: Final = 8192

THROTTLED: Final = frozenset({"ThrottlingException", "Throttling"})

READS: Final = (
    *(
        "get",
        "describe",
        "list",
        "poll",
        "receive",
        "search",
        "scan",
        "query",
        "select",
        "read",
        "lookup",
        "discover",
        "validate",
    ),
    *("batchGet", "batchDescribe", "batchRead", "transactGet", "adminGet", "adminList", "testMigration", "retrieve"),
    *("testConnection", "translateDocument", "isAuthorized", "invokeModel"),
)
"""How calls begin that no schedule may make (EventBridge Scheduler's user guide, "Using universal targets")."""

_QUEUE: Final = re.compile(r"arn:aws[a-z-]*:sqs:([a-z0-9-]+:[0-9]{12}):([A-Za-z0-9_-]{1,80})")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:scheduler:::aws-sdk:([a-zA-Z0-9]+):([a-zA-Z0-9]+)")

log = structlog.get_logger("stoker.wire.aws")


class UniversalTargets:
    """Checks and makes the calls of schedules. Implements `stoker.service.timetable.Targets`."""

    __slots__ = ("_handlers", "_partition", "_reader", "_services")

    def __init__(self, handlers: Handlers, services: Iterable[Service], partition: Partition) -> None:
        self._handlers = handlers
        self._services = {service.name.replace("-", ""): service for service in services}
        self._partition = partition
        self._reader = BodyReader()

    def check(self, target: ScheduleTarget) -> None:
        """Raise `InvalidParameterError` for a target that no call of this installation is."""
        self._find(target.arn)

    async def invoke(self, command: InvokeTarget) -> TargetAnswered:
        """Make a call, and tell what came of it; never raises."""
        service: Service | None = None
        try:
            service, operation, handler = self._find(command.target_arn)
            await self._call(command, service, operation, handler)
        except (DomainError, FaultError, RejectedError) as error:
            fault = errors.fault(error, service, "json", self._partition)
            return _failed(command, fault.code, fault.message or "", throttled=fault.code in THROTTLED)
        except TimeoutError:
            return _failed(command, "ServiceUnavailable", "The call was not completed in time.")
        except Exception:  # noqa: BLE001 - logged with its traceback; the invocation is tried again
            _log_bug(command)
            return _failed(command, "InternalFailure", errors.INTERNAL_MESSAGE)
        return TargetAnswered(execution=command.execution)

    async def _call(self, command: InvokeTarget, service: Service, operation: Operation, handler: Handler) -> None:
        queue = _QUEUE.fullmatch(command.target_arn)
        body = command.input.encode()
        if queue is not None:
            body = msgspec.json.encode({"QueueUrl": queue[2], "MessageBody": command.input or "{}"})
        given = self._reader.read(operation.input, body)
        found = constraints.violations(operation.checks, given)
        if found:
            raise RejectedError(Problem.CONSTRAINT, constraints.message(found))
        context = Context(
            request_id=command.execution,
            service=service.name,
            operation=operation.name,
            principal=Principal(service=service.name),
        )
        async with asyncio.timeout(to_seconds(CALL_LIMIT)):
            await handler(given, context)

    def _find(self, arn: str) -> tuple[Service, Operation, Handler]:
        match = _ARN.fullmatch(arn)
        queue = _QUEUE.fullmatch(arn)
        if queue is not None and queue[1] == f"{self._partition.region}:{self._partition.account}":
            return self._services[SQS], self._services[SQS].operations["SendMessage"], self._handlers[SQS, "SendMessage"]
        if match is None:
            raise InvalidParameterError(
                f"Stoker does not serve the target {arn[:256]}; it serves arn:aws:scheduler:::aws-sdk:SERVICE:operation, and "
                "queues of its own region and account.",
                field="Target.Arn",
            )
        called = match[2]
        if any(called.startswith(prefix) for prefix in READS):
            raise InvalidParameterError(
                f"The target {arn[:256]} is not supported: a schedule makes no call that only reads.", field="Target.Arn"
            )
        service = self._services.get(match[1].lower())
        if service is None:
            known = ", ".join(sorted(self._services))
            raise InvalidParameterError(
                f"Stoker does not serve the service {match[1][:64]}; it serves {known}.", field="Target.Arn"
            )
        name = called[:1].upper() + called[1:]
        operation, handler = service.operations.get(name), self._handlers.get((service.name, name))
        if operation is None or handler is None:
            raise InvalidParameterError(f"Stoker does not serve {service.name}:{name[:64]}.", field="Target.Arn")
        return service, operation, handler


def _log_bug(command: InvokeTarget) -> None:
    """Log the exception at hand as plain text: a renderer that prints local variables would print clients' data."""
    text = traceback.format_exc()[-TRACEBACK_CHARACTERS:]
    log.error("target_broke", target=command.target_arn[:256], execution=command.execution, traceback=text)


def _failed(command: InvokeTarget, code: str, message: str, *, throttled: bool = False) -> TargetAnswered:
    return TargetAnswered(execution=command.execution, code=code, message=message[:MAX_MESSAGE], throttled=throttled)

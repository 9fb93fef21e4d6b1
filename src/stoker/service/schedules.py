"""Use cases of scheduled scaling: the actions that set a scalable target's bounds at times.

The sentences of the errors are AWS's own where AWS has one, so that a caller who matches them finds them.
"""

from collections.abc import Collection

import msgspec

from stoker.decisions.expressions.occurrences import LAST
from stoker.decisions.scaling.scheduled import timing
from stoker.domain.ids import SCHEDULED_ACTION, Partition
from stoker.domain.scaling import TargetKey
from stoker.domain.schedule import ScheduledAction
from stoker.engine.events import ScheduledActionPut, ScheduledActionRemoved
from stoker.errors import InvalidParameterError, LimitError, NotFoundError
from stoker.service.autoscaling import NAMESPACE, TargetFilter
from stoker.service.desk import Desk
from stoker.service.scalable import check_bounds, missing_target
from stoker.units import Instant

MAX_ACTIONS = 200
"""Scheduled actions of one target (AWS's quota)."""

_TIMES = ("expression", "timezone", "start", "end")


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds that an action sets; None leaves one as it is."""

    least: int | None = None
    most: int | None = None


class ActionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants of a scheduled action.

    For one that exists, None keeps its expression, its time zone or its bounds, and takes its start or its end away.
    """

    key: TargetKey
    name: str
    expression: str | None = None
    timezone: str | None = None
    start: Instant | None = None
    end: Instant | None = None
    bounds: Bounds | None = None


class Schedules:
    """Keeps scheduled actions."""

    __slots__ = ("_desk", "_partition")

    def __init__(self, desk: Desk, partition: Partition) -> None:
        self._desk = desk
        self._partition = partition

    async def put(self, request: ActionRequest) -> ScheduledAction:
        """Make an action, or change one.

        Raises `NotFoundError` without a target, `InvalidParameterError` for times and bounds that cannot be, `LimitError`.
        """
        scaler = self._desk.platform.autoscaler
        key = request.key
        if key not in scaler.targets:
            raise missing_target("registered", NAMESPACE, key.resource_id, key.dimension.value)
        siblings = scaler.scheduled_actions.get(key, {})
        before = siblings.get(request.name)
        if before is None and len(siblings) >= MAX_ACTIONS:
            text = f"{key.resource_id} has {MAX_ACTIONS} scheduled actions already."
            raise LimitError(text, limit="scheduled actions", maximum=MAX_ACTIONS)
        action = self._new(request) if before is None else self._changed(before, request)
        timing(action)
        for field, instant in (("StartTime", action.start), ("EndTime", action.end)):
            if instant is not None and not 0 <= instant < LAST:
                raise InvalidParameterError(f"{field} must be within the years 1970 to 2199", field=field)
        check_bounds(self._desk.platform, key, action.least, action.most)
        await self._desk.submit(ScheduledActionPut(action=action))
        return action

    def actions(self, wanted: TargetFilter, names: Collection[str] = ()) -> list[ScheduledAction]:
        """Give the actions of the targets asked for, in a fixed order; no `names` are all names."""
        held = self._desk.platform.autoscaler.scheduled_actions
        found = [
            action
            for key, actions in held.items()
            if wanted.takes(key)
            for action in actions.values()
            if not names or action.name in names
        ]
        return sorted(found, key=lambda action: (action.target, action.name))

    async def delete(self, key: TargetKey, name: str) -> None:
        """Forget an action."""
        if name not in self._desk.platform.autoscaler.scheduled_actions.get(key, {}):
            raise missing_action(NAMESPACE, key.resource_id, key.dimension.value, name)
        await self._desk.submit(ScheduledActionRemoved(target=key, name=name))

    def _new(self, request: ActionRequest) -> ScheduledAction:
        if request.expression is None:
            raise InvalidParameterError("Schedule must be specified to create a scheduled action", field="Schedule")
        now = self._desk.now()
        bounds = request.bounds or Bounds()
        return ScheduledAction(
            name=request.name,
            target=request.key,
            arn=self._partition.scheduled_action(self._desk.ids.uuid(), request.key.resource_id, request.name),
            expression=request.expression,
            timezone=request.timezone or "",
            start=request.start,
            end=request.end,
            least=bounds.least,
            most=bounds.most,
            created=now,
            timed=now,
            handled=now - 1,  # so that a rate without a start begins with now
        )

    def _changed(self, before: ScheduledAction, request: ActionRequest) -> ScheduledAction:
        bounds = request.bounds or Bounds(least=before.least, most=before.most)
        after = msgspec.structs.replace(
            before,
            expression=before.expression if request.expression is None else request.expression,
            timezone=before.timezone if request.timezone is None else request.timezone,
            start=request.start,
            end=request.end,
            least=bounds.least,
            most=bounds.most,
        )
        if all(getattr(after, field) == getattr(before, field) for field in _TIMES):
            return after
        now = self._desk.now()
        return msgspec.structs.replace(after, timed=now, handled=max(before.handled, now - 1))


def missing_action(namespace: str, resource_id: str, dimension: str, name: str) -> NotFoundError:
    """Give the error of a scheduled action that is not there."""
    text = (
        f"No scheduled action found for service namespace: {namespace}, resource ID: {resource_id}, "
        f"scalable dimension: {dimension}, scheduled action name: {name}"
    )
    return NotFoundError(SCHEDULED_ACTION, name, text)

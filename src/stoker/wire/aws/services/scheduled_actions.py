"""Scheduled actions, as Application Auto Scaling's calls name them."""

from typing import Final

from stoker.domain.schedule import ScheduledAction
from stoker.service.autoscaling import NAMESPACE
from stoker.service.scalable import missing_target
from stoker.service.schedules import ActionRequest, Bounds, Schedules, missing_action
from stoker.wire.aws.asgi import Context
from stoker.wire.aws.generated import application_autoscaling as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.services.scaling_requests import BAD_TOKEN, PAGING, page_size, target_filter, target_key
from stoker.wire.aws.times import Timestamp

ACTIONS_PAGE: Final = 50
"""How many a page has, at most and by default."""


class ActionOperations:
    """The calls on scheduled actions."""

    __slots__ = ("_schedules",)

    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules

    async def put(self, given: wire.PutScheduledActionRequest, _: Context) -> wire.PutScheduledActionResponse:
        """Make or change an action."""
        key = target_key(given.service_namespace, given.resource_id, given.scalable_dimension)
        if key is None:
            raise missing_target("registered", given.service_namespace, given.resource_id, given.scalable_dimension)
        bounds = given.scalable_target_action
        request = ActionRequest(
            key=key,
            name=given.scheduled_action_name,
            expression=given.schedule,
            timezone=given.timezone,
            start=None if given.start_time is None else int(given.start_time),
            end=None if given.end_time is None else int(given.end_time),
            bounds=None if bounds is None else Bounds(least=bounds.min_capacity, most=bounds.max_capacity),
        )
        await self._schedules.put(request)
        return wire.PutScheduledActionResponse()

    async def describe(self, given: wire.DescribeScheduledActionsRequest, _: Context) -> wire.DescribeScheduledActionsResponse:
        """Give a page of actions."""
        size = page_size(given.max_results, ACTIONS_PAGE)
        after = tokens.read(given.next_token, tuple[str, str, str], given, *PAGING, code=BAD_TOKEN)
        one = None if given.resource_id is None else [given.resource_id]
        wanted = target_filter(given.service_namespace, one, given.scalable_dimension, "ResourceId")
        found = [] if wanted is None else self._schedules.actions(wanted, given.scheduled_action_names or ())
        left = [action for action in found if after is None or (*action.target, action.name) > after]
        page = left[:size]
        return wire.DescribeScheduledActionsResponse(
            scheduled_actions=[_described(action) for action in page],
            next_token=tokens.make((*page[-1].target, page[-1].name), given, *PAGING) if len(left) > size else None,
        )

    async def delete(self, given: wire.DeleteScheduledActionRequest, _: Context) -> wire.DeleteScheduledActionResponse:
        """Forget an action."""
        key = target_key(given.service_namespace, given.resource_id, given.scalable_dimension)
        if key is None:
            name = given.scheduled_action_name
            raise missing_action(given.service_namespace, given.resource_id, given.scalable_dimension, name)
        await self._schedules.delete(key, given.scheduled_action_name)
        return wire.DeleteScheduledActionResponse()


def _described(action: ScheduledAction) -> wire.ScheduledAction:
    return wire.ScheduledAction(
        scheduled_action_name=action.name,
        scheduled_action_arn=action.arn,
        service_namespace=NAMESPACE,
        schedule=action.expression,
        timezone=action.timezone or None,
        resource_id=action.target.resource_id,
        scalable_dimension=action.target.dimension.value,
        start_time=None if action.start is None else Timestamp(action.start),
        end_time=None if action.end is None else Timestamp(action.end),
        scalable_target_action=wire.ScalableTargetAction(min_capacity=action.least, max_capacity=action.most),
        creation_time=Timestamp(action.created),
    )

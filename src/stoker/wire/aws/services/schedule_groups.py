"""EventBridge Scheduler's operations on groups of schedules, which are what has tags."""

from collections.abc import Sequence
from typing import Final

from stoker.domain.timetable import ScheduleGroup
from stoker.errors import InvalidParameterError
from stoker.service.timetable import Timetables
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import SCHEDULER
from stoker.wire.aws.generated import scheduler as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.times import Timestamp

PAGE: Final = 100
"""How many a page has unless `MaxResults` says otherwise; also the most that it may say."""

BAD_TOKEN: Final = "ValidationException"  # noqa: S105 - AWS's error code
PAGING: Final = ("next_token", "max_results")


class GroupOperations:
    """The calls on groups and their tags."""

    __slots__ = ("_timetables",)

    def __init__(self, timetables: Timetables) -> None:
        self._timetables = timetables

    def handlers(self) -> Handlers:
        """Give the handlers."""
        return {
            (SCHEDULER, "CreateScheduleGroup"): self._create,
            (SCHEDULER, "GetScheduleGroup"): self._get,
            (SCHEDULER, "ListScheduleGroups"): self._list,
            (SCHEDULER, "DeleteScheduleGroup"): self._delete,
            (SCHEDULER, "TagResource"): self._tag,
            (SCHEDULER, "UntagResource"): self._untag,
            (SCHEDULER, "ListTagsForResource"): self._list_tags,
        }

    async def _create(self, given: wire.CreateScheduleGroupInput, _: Context) -> wire.CreateScheduleGroupOutput:
        group = await self._timetables.create_group(given.name, _tags(given.tags), given.client_token or "")
        return wire.CreateScheduleGroupOutput(schedule_group_arn=group.arn)

    async def _get(self, given: wire.GetScheduleGroupInput, _: Context) -> wire.GetScheduleGroupOutput:
        group = self._timetables.group(given.name)
        return wire.GetScheduleGroupOutput(
            arn=group.arn,
            name=group.name,
            state="ACTIVE",
            creation_date=Timestamp(group.created),
            last_modification_date=Timestamp(group.modified),
        )

    async def _list(self, given: wire.ListScheduleGroupsInput, _: Context) -> wire.ListScheduleGroupsOutput:
        after = tokens.read(given.next_token, str, given, *PAGING, code=BAD_TOKEN)
        left = [each for each in self._timetables.groups(given.name_prefix or "") if after is None or each.name > after]
        page = left[: given.max_results or PAGE]
        return wire.ListScheduleGroupsOutput(
            schedule_groups=[_summary(each) for each in page],
            next_token=tokens.make(page[-1].name, given, *PAGING) if len(left) > len(page) else None,
        )

    async def _delete(self, given: wire.DeleteScheduleGroupInput, _: Context) -> wire.DeleteScheduleGroupOutput:
        await self._timetables.delete_group(given.name)
        return wire.DeleteScheduleGroupOutput()

    async def _tag(self, given: wire.TagResourceInput, _: Context) -> wire.TagResourceOutput:
        await self._timetables.tag(given.resource_arn, _tags(given.tags))
        return wire.TagResourceOutput()

    async def _untag(self, given: wire.UntagResourceInput, _: Context) -> wire.UntagResourceOutput:
        await self._timetables.tag(given.resource_arn, {}, without=given.tag_keys)
        return wire.UntagResourceOutput()

    async def _list_tags(self, given: wire.ListTagsForResourceInput, _: Context) -> wire.ListTagsForResourceOutput:
        tags = self._timetables.tagged(given.resource_arn).tags
        return wire.ListTagsForResourceOutput(tags=[wire.Tag(key=key, value=value) for key, value in tags.items()])


def _tags(given: Sequence[wire.Tag] | None) -> dict[str, str]:
    out: dict[str, str] = {}
    for tag in given or ():
        if tag.key in out:
            raise InvalidParameterError(f"The tag key '{tag.key}' is given more than once.", field="Tags")
        out[tag.key] = tag.value
    return out


def _summary(group: ScheduleGroup) -> wire.ScheduleGroupSummary:
    return wire.ScheduleGroupSummary(
        arn=group.arn,
        name=group.name,
        state="ACTIVE",
        creation_date=Timestamp(group.created),
        last_modification_date=Timestamp(group.modified),
    )

"""CloudWatch's operations on alarms of either sort: composite ones, states set by hand, history, actions and tags."""

from collections.abc import Sequence
from typing import Final

import msgspec

from stoker.domain.alarms import AlarmState, CompositeAlarm, HistoryItem, HistoryKind
from stoker.domain.ids import AlarmName, Partition
from stoker.errors import InvalidParameterError, NotFoundError
from stoker.service.alarm_history import HistoryQuery, entries, mark
from stoker.service.alarms import Alarms
from stoker.service.desk import Desk
from stoker.units import SECOND, Span
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import CLOUDWATCH, FaultError
from stoker.wire.aws.generated import cloudwatch as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.services.documents import refuse, unserved
from stoker.wire.aws.times import Timestamp

HISTORY_PAGE: Final = 100
BAD_TOKEN: Final = "InvalidNextToken"  # noqa: S105 - AWS's error code
PAGING: Final = ("next_token", "max_records")
METRIC: Final = "MetricAlarm"
COMPOSITE: Final = "CompositeAlarm"


class AlarmCalls:
    """The calls."""

    __slots__ = ("_alarms", "_desk", "_partition")

    def __init__(self, desk: Desk, alarms: Alarms, partition: Partition) -> None:
        self._desk = desk
        self._alarms = alarms
        self._partition = partition

    def handlers(self) -> Handlers:
        """Give the handlers."""
        return {
            (CLOUDWATCH, "PutCompositeAlarm"): self._put_composite,
            (CLOUDWATCH, "SetAlarmState"): self._set_state,
            (CLOUDWATCH, "EnableAlarmActions"): self._enable,
            (CLOUDWATCH, "DisableAlarmActions"): self._disable,
            (CLOUDWATCH, "DescribeAlarmHistory"): self._history,
            (CLOUDWATCH, "TagResource"): self._tag,
            (CLOUDWATCH, "UntagResource"): self._untag,
            (CLOUDWATCH, "ListTagsForResource"): self._list_tags,
        }

    async def _put_composite(self, given: wire.PutCompositeAlarmInput, _: Context) -> None:
        refuse(
            unserved(
                "",
                ActionConfiguration=given.action_configuration,
            )
        )
        await self._alarms.put_composite(
            CompositeAlarm(
                name=AlarmName(given.alarm_name),
                rule=given.alarm_rule,
                description=given.alarm_description or "",
                actions_enabled=given.actions_enabled is not False,
                ok_actions=tuple(given.ok_actions or ()),
                alarm_actions=tuple(given.alarm_actions or ()),
                insufficient_data_actions=tuple(given.insufficient_data_actions or ()),
                suppressor=name_of(given.actions_suppressor or ""),
                wait=_period(given.actions_suppressor, given.actions_suppressor_wait_period, "ActionsSuppressorWaitPeriod"),
                extension=_period(
                    given.actions_suppressor, given.actions_suppressor_extension_period, "ActionsSuppressorExtensionPeriod"
                ),
                tags={tag.key: tag.value for tag in given.tags or ()},
            )
        )

    async def _set_state(self, given: wire.SetAlarmStateInput, _: Context) -> None:
        data = given.state_reason_data or ""
        try:
            msgspec.json.decode(data or "{}", type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, RecursionError) as error:
            raise FaultError("InvalidFormat", "StateReasonData was not syntactically valid JSON") from error
        await self._alarms.set_state(given.alarm_name, AlarmState(given.state_value), given.state_reason, data)

    async def _enable(self, given: wire.EnableAlarmActionsInput, _: Context) -> None:
        await self._alarms.switch(given.alarm_names, enabled=True)

    async def _disable(self, given: wire.DisableAlarmActionsInput, _: Context) -> None:
        await self._alarms.switch(given.alarm_names, enabled=False)

    async def _history(self, given: wire.DescribeAlarmHistoryInput, _: Context) -> wire.DescribeAlarmHistoryOutput:
        after = tokens.read(given.next_token, tuple[int, str], given, *PAGING, code=BAD_TOKEN)
        if given.start_date is not None and given.end_date is not None and given.start_date > given.end_date:
            raise InvalidParameterError("StartDate must not be after EndDate", field="StartDate")
        types = given.alarm_types or [METRIC]
        kinds = {each.value: each for each in HistoryKind}
        if given.alarm_contributor_id is not None or given.history_item_type not in {None, *kinds}:
            return wire.DescribeAlarmHistoryOutput(alarm_history_items=[])  # no alarm here has contributors
        query = HistoryQuery(
            name=given.alarm_name,
            kind=None if given.history_item_type is None else kinds[given.history_item_type],
            composite=frozenset(each == COMPOSITE for each in types if each in {METRIC, COMPOSITE}),
            start=None if given.start_date is None else int(given.start_date),
            end=None if given.end_date is None else int(given.end_date),
            ascending=given.scan_by == "TimestampAscending",
        )
        size = given.max_records or HISTORY_PAGE
        found = await entries(self._desk, query, limit=size + 1, after=after)
        page = found[:size]
        return wire.DescribeAlarmHistoryOutput(
            alarm_history_items=[_item(each) for each in page],
            next_token=tokens.make(mark(page[-1]), given, *PAGING) if len(found) > size else None,
        )

    async def _tag(self, given: wire.TagResourceInput, _: Context) -> wire.TagResourceOutput:
        try:
            await self._alarms.tag(given.resource_arn, {tag.key: tag.value for tag in given.tags})
        except (NotFoundError, InvalidParameterError) as error:
            raise _fault(error) from error
        return wire.TagResourceOutput()

    async def _untag(self, given: wire.UntagResourceInput, _: Context) -> wire.UntagResourceOutput:
        try:
            await self._alarms.tag(given.resource_arn, {}, without=given.tag_keys)
        except NotFoundError as error:
            raise _fault(error) from error
        return wire.UntagResourceOutput()

    async def _list_tags(self, given: wire.ListTagsForResourceInput, _: Context) -> wire.ListTagsForResourceOutput:
        try:
            alarm = self._alarms.tagged(given.resource_arn)
        except NotFoundError as error:
            raise _fault(error) from error
        return wire.ListTagsForResourceOutput(tags=[wire.Tag(key=key, value=value) for key, value in alarm.tags.items()])


def described_composite(alarm: CompositeAlarm, partition: Partition) -> wire.CompositeAlarm:
    """Give a composite alarm as DescribeAlarms does."""
    return wire.CompositeAlarm(
        alarm_name=alarm.name,
        alarm_arn=partition.alarm(alarm.name),
        alarm_rule=alarm.rule,
        alarm_description=alarm.description or None,
        alarm_configuration_updated_timestamp=Timestamp(alarm.configured),
        actions_enabled=alarm.actions_enabled,
        ok_actions=list(alarm.ok_actions),
        alarm_actions=list(alarm.alarm_actions),
        insufficient_data_actions=list(alarm.insufficient_data_actions),
        state_value=alarm.state.value,
        state_reason=alarm.reason,
        state_reason_data=alarm.reason_data or None,
        state_updated_timestamp=Timestamp(alarm.state_updated),
        state_transitioned_timestamp=Timestamp(alarm.state_transitioned),
        actions_suppressor=alarm.suppressor or None,
        actions_suppressor_wait_period=alarm.wait // SECOND if alarm.suppressor else None,
        actions_suppressor_extension_period=alarm.extension // SECOND if alarm.suppressor else None,
        actions_suppressed_by=alarm.suppressed_by or None,
        actions_suppressed_reason=alarm.suppressed_reason or None,
    )


def _period(suppressor: str | None, seconds: int | None, field: str) -> Span:
    if suppressor is not None and seconds is None:
        raise InvalidParameterError(f"{field} must be specified with an ActionsSuppressor", field=field)
    return (seconds or 0) * SECOND


def name_of(text: str) -> str:
    """Give the name of an alarm that is named by its ARN, too."""
    return text.split(":alarm:", 1)[-1] if text.startswith("arn:") else text


def wanted_types(given: Sequence[str] | None) -> frozenset[str]:
    """Give the sorts of alarms that a request asks for: metric alarms unless it says otherwise."""
    return frozenset(given or (METRIC,))


def _item(item: HistoryItem) -> wire.AlarmHistoryItem:
    return wire.AlarmHistoryItem(
        alarm_name=item.name,
        alarm_type=COMPOSITE if item.composite else METRIC,
        timestamp=Timestamp(item.at),
        history_item_type=item.kind.value,
        history_summary=item.summary,
        history_data=item.data,
    )


def _fault(error: NotFoundError | InvalidParameterError) -> FaultError:
    """Give an error with the code that it has in the calls on tags only."""
    code = "ResourceNotFoundException" if isinstance(error, NotFoundError) else "InvalidParameterValue"
    return FaultError(code, error.message)

"""EventBridge Scheduler's operations on schedules; those on groups and tags are in `schedule_groups`."""

from typing import Final

from stoker.domain.ids import Partition
from stoker.domain.timetable import DEFAULT_GROUP, RetryPolicy, Schedule, ScheduleKey, ScheduleTarget
from stoker.errors import InvalidParameterError
from stoker.service.desk import Desk
from stoker.service.timetable import ScheduleFilter, Targets, Timetables
from stoker.units import MINUTE, SECOND, Span
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import SCHEDULER
from stoker.wire.aws.generated import scheduler as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.services.documents import refuse, unserved
from stoker.wire.aws.services.schedule_groups import BAD_TOKEN, PAGE, PAGING, GroupOperations
from stoker.wire.aws.times import Timestamp

UTC: Final = "UTC"


def handlers(desk: Desk, partition: Partition, targets: Targets) -> Handlers:
    """Give the handlers of the operations that are served; `targets` knows which calls schedules may have made."""
    timetables = Timetables(desk, partition, targets)
    operations = _Operations(timetables, partition)
    groups = GroupOperations(timetables)
    return {
        (SCHEDULER, "CreateSchedule"): operations.create,
        (SCHEDULER, "UpdateSchedule"): operations.update,
        (SCHEDULER, "GetSchedule"): operations.get,
        (SCHEDULER, "ListSchedules"): operations.list,
        (SCHEDULER, "DeleteSchedule"): operations.delete,
        **groups.handlers(),
    }


class _Operations:
    __slots__ = ("_partition", "_timetables")

    def __init__(self, timetables: Timetables, partition: Partition) -> None:
        self._timetables = timetables
        self._partition = partition

    async def create(self, given: wire.CreateScheduleInput, _: Context) -> wire.CreateScheduleOutput:
        made = await self._timetables.create(self._schedule(given))
        return wire.CreateScheduleOutput(schedule_arn=made.arn)

    async def update(self, given: wire.UpdateScheduleInput, _: Context) -> wire.UpdateScheduleOutput:
        made = await self._timetables.update(self._schedule(given))
        return wire.UpdateScheduleOutput(schedule_arn=made.arn)

    async def get(self, given: wire.GetScheduleInput, _: Context) -> wire.GetScheduleOutput:
        return _described(self._timetables.get(_key(given.group_name, given.name)))

    async def delete(self, given: wire.DeleteScheduleInput, _: Context) -> wire.DeleteScheduleOutput:
        await self._timetables.delete(_key(given.group_name, given.name))
        return wire.DeleteScheduleOutput()

    async def list(self, given: wire.ListSchedulesInput, _: Context) -> wire.ListSchedulesOutput:
        after = tokens.read(given.next_token, tuple[str, str], given, *PAGING, code=BAD_TOKEN)
        wanted = ScheduleFilter(
            group=given.group_name,
            prefix=given.name_prefix or "",
            enabled=None if given.state is None else given.state == "ENABLED",
        )
        left = [each for each in self._timetables.find(wanted) if after is None or tuple(each.key) > after]
        page = left[: given.max_results or PAGE]
        return wire.ListSchedulesOutput(
            schedules=[_summary(each) for each in page],
            next_token=tokens.make(page[-1].key, given, *PAGING) if len(left) > len(page) else None,
        )

    def _schedule(self, given: wire.CreateScheduleInput | wire.UpdateScheduleInput) -> Schedule:
        key = _key(given.group_name, given.name)
        return Schedule(
            key=key,
            arn=self._partition.schedule(*key),
            expression=given.schedule_expression,
            timezone=given.schedule_expression_timezone or "",
            start=None if given.start_date is None else int(given.start_date),
            end=None if given.end_date is None else int(given.end_date),
            window=_window(given.flexible_time_window),
            enabled=given.state != "DISABLED",
            vanishes=given.action_after_completion == "DELETE",
            description=given.description or "",
            kms_key=given.kms_key_arn or "",
            target=_target(given.target),
            token=given.client_token or "",
        )


def _key(group: str | None, name: str) -> ScheduleKey:
    return ScheduleKey(group or DEFAULT_GROUP, name)


def _window(given: wire.FlexibleTimeWindow) -> Span:
    minutes = given.maximum_window_in_minutes
    if given.mode == "OFF":
        if minutes is not None:
            raise InvalidParameterError(
                "MaximumWindowInMinutes cannot be specified when the Mode of the FlexibleTimeWindow is OFF.",
                field="FlexibleTimeWindow.MaximumWindowInMinutes",
            )
        return 0
    if minutes is None:
        raise InvalidParameterError(
            "MaximumWindowInMinutes must be specified when the Mode of the FlexibleTimeWindow is FLEXIBLE.",
            field="FlexibleTimeWindow.MaximumWindowInMinutes",
        )
    return minutes * MINUTE


def _target(given: wire.Target) -> ScheduleTarget:
    # Each belongs to one sort of target, none of which is served.
    refuse(
        unserved(
            "Target.",
            EcsParameters=given.ecs_parameters,
            EventBridgeParameters=given.event_bridge_parameters,
            EventBridgePutEventsV2Parameters=given.event_bridge_put_events_v2_parameters,
            EventBridgePutRawEventsParameters=given.event_bridge_put_raw_events_parameters,
            KinesisParameters=given.kinesis_parameters,
            SageMakerPipelineParameters=given.sage_maker_pipeline_parameters,
            SqsParameters=given.sqs_parameters,
        )
    )
    retry, standard = given.retry_policy or wire.RetryPolicy(), RetryPolicy()
    age_s, retries = retry.maximum_event_age_in_seconds, retry.maximum_retry_attempts
    letters = None if given.dead_letter_config is None else given.dead_letter_config.arn
    return ScheduleTarget(
        arn=given.arn,
        role_arn=given.role_arn,
        input=given.input or "",
        retry=RetryPolicy(
            max_age=standard.max_age if age_s is None else age_s * SECOND,
            max_retries=standard.max_retries if retries is None else retries,
        ),
        dead_letters=letters or "",
    )


def _described(schedule: Schedule) -> wire.GetScheduleOutput:
    target = schedule.target
    return wire.GetScheduleOutput(
        arn=schedule.arn,
        group_name=schedule.key.group,
        name=schedule.key.name,
        schedule_expression=schedule.expression,
        schedule_expression_timezone=schedule.timezone or UTC,
        start_date=None if schedule.start is None else Timestamp(schedule.start),
        end_date=None if schedule.end is None else Timestamp(schedule.end),
        description=schedule.description or None,
        state=_state(schedule),
        creation_date=Timestamp(schedule.created),
        last_modification_date=Timestamp(schedule.modified),
        kms_key_arn=schedule.kms_key or None,
        target=wire.Target(
            arn=target.arn,
            role_arn=target.role_arn,
            input=target.input or None,
            retry_policy=wire.RetryPolicy(
                maximum_event_age_in_seconds=target.retry.max_age // SECOND, maximum_retry_attempts=target.retry.max_retries
            ),
            dead_letter_config=wire.DeadLetterConfig(arn=target.dead_letters) if target.dead_letters else None,
        ),
        flexible_time_window=wire.FlexibleTimeWindow(
            mode="FLEXIBLE" if schedule.window else "OFF",
            maximum_window_in_minutes=schedule.window // MINUTE if schedule.window else None,
        ),
        action_after_completion="DELETE" if schedule.vanishes else "NONE",
    )


def _summary(schedule: Schedule) -> wire.ScheduleSummary:
    return wire.ScheduleSummary(
        arn=schedule.arn,
        name=schedule.key.name,
        group_name=schedule.key.group,
        state=_state(schedule),
        creation_date=Timestamp(schedule.created),
        last_modification_date=Timestamp(schedule.modified),
        target=wire.TargetSummary(arn=schedule.target.arn),
    )


def _state(schedule: Schedule) -> str:
    return "ENABLED" if schedule.enabled else "DISABLED"

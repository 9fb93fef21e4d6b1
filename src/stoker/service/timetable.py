"""Use cases of schedules that invoke targets, and of their groups.

The sentences of the errors are AWS's own where AWS has one, so that a caller who matches them finds them.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

import msgspec

from stoker.decisions.expressions.occurrences import LAST
from stoker.decisions.invoking import stamp, timing, told
from stoker.domain.ids import SCHEDULE, SCHEDULE_GROUP, Partition
from stoker.domain.timetable import DEFAULT_GROUP, DeadLetter, Schedule, ScheduleGroup, ScheduleKey, ScheduleTarget
from stoker.engine.events import ScheduleGroupPut, ScheduleGroupRemoved, SchedulePut, ScheduleRemoved
from stoker.engine.timetable import DEAD_LETTER_KIND
from stoker.errors import ConflictError, InvalidParameterError, LimitError, NotFoundError
from stoker.service.desk import Desk

MAX_SCHEDULES = 10_000
MAX_GROUPS = 500
"""Schedules and groups of one installation; AWS has as many groups, and more schedules: a bound on memory."""

MAX_TAGS = 200
MAX_INPUT_BYTES = 256 * 1024
"""Tags of a group and bytes of a target's input (AWS's limits)."""

MAX_LETTERS = 1_000
"""Dead letters of one answer."""

_TIMES = ("expression", "timezone", "start", "end", "enabled")


class Targets(Protocol):
    """The calls that schedules may have made."""

    def check(self, target: ScheduleTarget) -> None:
        """Raise `InvalidParameterError` for a target that cannot be invoked here."""
        ...


class ScheduleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which schedules a caller asks for; None and `""` are any."""

    group: str | None = None
    prefix: str = ""
    enabled: bool | None = None

    def takes(self, schedule: Schedule) -> bool:
        """Whether a schedule is among those asked for."""
        if self.group is not None and schedule.key.group != self.group:
            return False
        return schedule.key.name.startswith(self.prefix) and self.enabled in {None, schedule.enabled}


class Timetables:
    """Makes, shows, changes and deletes schedules and groups."""

    __slots__ = ("_desk", "_partition", "_targets")

    def __init__(self, desk: Desk, partition: Partition, targets: Targets) -> None:
        self._desk = desk
        self._partition = partition
        self._targets = targets

    async def create(self, schedule: Schedule) -> Schedule:
        """Make a schedule; the same request again, by its `token`, gives the one that it made.

        Raises `ConflictError` for a name that is taken, `NotFoundError` for a group that is not there, `InvalidParameterError`
        for times and targets that cannot be, `LimitError`. Its instants are set here.
        """
        held = self._desk.platform.timetable.schedules
        before = held.get(schedule.key)
        if before is not None:
            if schedule.token and schedule.token == before.token:
                return before
            raise ConflictError(SCHEDULE, schedule.key.name, f"Schedule {schedule.key.name} already exists.", exists=True)
        self.group(schedule.key.group)
        if len(held) >= MAX_SCHEDULES:
            raise LimitError(f"There are {MAX_SCHEDULES} schedules already.", limit="schedules", maximum=MAX_SCHEDULES)
        now = self._desk.now()
        made = msgspec.structs.replace(schedule, created=now, modified=now, timed=now, handled=now - 1)
        self._check(made)
        await self._desk.submit(SchedulePut(schedule=made))
        return made

    async def update(self, schedule: Schedule) -> Schedule:
        """Replace all of a schedule but its age; raises as `create` does, and `NotFoundError` when there is none."""
        before = self.get(schedule.key)
        now = self._desk.now()
        timed = {"timed": before.timed, "handled": before.handled}
        if any(getattr(schedule, field) != getattr(before, field) for field in _TIMES):
            timed = {"timed": now, "handled": max(before.handled, now - 1)}
        made = msgspec.structs.replace(schedule, created=before.created, modified=now, **timed)
        self._check(made)
        await self._desk.submit(SchedulePut(schedule=made))
        return made

    def get(self, key: ScheduleKey) -> Schedule:
        """Give a schedule."""
        self.group(key.group)
        schedule = self._desk.platform.timetable.schedules.get(key)
        if schedule is None:
            raise NotFoundError(SCHEDULE, key.name, f"Schedule {key.name} does not exist.")
        return schedule

    def find(self, wanted: ScheduleFilter) -> list[Schedule]:
        """Give the schedules asked for, by group and name. Raises `NotFoundError` for a group that is not there."""
        if wanted.group is not None:
            self.group(wanted.group)
        found = [each for each in self._desk.platform.timetable.schedules.values() if wanted.takes(each)]
        return sorted(found, key=lambda schedule: schedule.key)

    async def delete(self, key: ScheduleKey) -> None:
        """Delete a schedule; invocations on their way go on."""
        await self._desk.submit(ScheduleRemoved(key=self.get(key).key))

    async def create_group(self, name: str, tags: Mapping[str, str], token: str) -> ScheduleGroup:
        """Make a group; the same request again, by its `token`, gives the one that it made."""
        held = self._desk.platform.timetable.groups
        before = held.get(name)
        if before is not None and token and token == before.token:
            return before
        if before is not None or name == DEFAULT_GROUP:
            raise ConflictError(SCHEDULE_GROUP, name, f"Schedule group {name} already exists.", exists=True)
        if len(held) >= MAX_GROUPS:
            raise LimitError(f"There are {MAX_GROUPS} schedule groups already.", limit="schedule groups", maximum=MAX_GROUPS)
        now = self._desk.now()
        group = ScheduleGroup(
            name=name, arn=self._partition.schedule_group(name), created=now, modified=now, tags=dict(tags), token=token
        )
        await self._desk.submit(ScheduleGroupPut(group=group))
        return group

    def group(self, name: str) -> ScheduleGroup:
        """Give a group; the default one is always there."""
        group = self._desk.platform.timetable.groups.get(name)
        if group is None and name == DEFAULT_GROUP:
            group = ScheduleGroup(name=name, arn=self._partition.schedule_group(name))
        if group is None:
            raise NotFoundError(SCHEDULE_GROUP, name, f"Schedule group {name} does not exist.")
        return group

    def groups(self, prefix: str = "") -> list[ScheduleGroup]:
        """Give the groups whose names begin so, by name."""
        names = {DEFAULT_GROUP, *self._desk.platform.timetable.groups}
        return [self.group(name) for name in sorted(names) if name.startswith(prefix)]

    async def delete_group(self, name: str) -> None:
        """Delete a group with all of its schedules."""
        if name == DEFAULT_GROUP:
            raise InvalidParameterError("The default schedule group cannot be deleted.", field="Name")
        await self._desk.submit(ScheduleGroupRemoved(name=self.group(name).name))

    def tagged(self, arn: str) -> ScheduleGroup:
        """Give the group that an ARN names."""
        group = self._desk.platform.timetable.groups.get(arn.rpartition("/")[2]) or self.group(DEFAULT_GROUP)
        if group.arn.lower() != arn.lower():
            name = arn.rpartition("/")[2]
            raise NotFoundError(SCHEDULE_GROUP, name, f"Schedule group {name} does not exist.")
        return group

    async def tag(self, arn: str, tags: Mapping[str, str], *, without: Collection[str] = ()) -> None:
        """Set tags of the group that an ARN names, and take others away."""
        group = self.tagged(arn)
        left = {key: value for key, value in group.tags.items() if key not in without} | dict(tags)
        if len(left) > MAX_TAGS:
            raise InvalidParameterError(f"A schedule group has at most {MAX_TAGS} tags, not {len(left)}.", field="Tags")
        if left != group.tags:
            changed = msgspec.structs.replace(group, tags=left, modified=self._desk.now())
            await self._desk.submit(ScheduleGroupPut(group=changed))

    def _check(self, schedule: Schedule) -> None:
        timing(schedule)
        for field, instant in (("StartDate", schedule.start), ("EndDate", schedule.end)):
            if instant is not None and not 0 <= instant < LAST:
                raise InvalidParameterError(f"The {field} must be within the years 1970 to 2199.", field=field)
        if len(schedule.target.input.encode("utf-8", "surrogatepass")) > MAX_INPUT_BYTES:
            raise InvalidParameterError(f"The Input of a target must have at most {MAX_INPUT_BYTES} bytes.", field="Target.Input")
        self._targets.check(schedule.target)


async def dead_letters(desk: Desk, queue: str | None, limit: int = MAX_LETTERS) -> list[DeadLetter]:
    """Give the invocations that were given up, newest first: those for a queue's ARN, or all."""
    kept = await desk.history(DEAD_LETTER_KIND, queue, limit=min(limit, MAX_LETTERS))
    return [msgspec.msgpack.decode(each, type=DeadLetter) for each in kept]


def told_letter(letter: DeadLetter) -> dict[str, object]:
    """Give a dead letter as the message that AWS sends to the queue: the target's input, and attributes about it.

    (EventBridge Scheduler's user guide, "Configuring a dead-letter queue".)
    """
    invocation = letter.invocation
    return {
        "Queue": invocation.target.dead_letters,
        "SentTimestamp": stamp(letter.at),
        "Body": invocation.target.input,
        "MessageAttributes": told(letter),
    }

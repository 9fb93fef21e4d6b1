"""Schedules as EventBridge Scheduler has them: what is invoked when, and what is kept of an invocation that failed."""

from typing import NamedTuple

import msgspec

from stoker.errors import InvalidParameterError
from stoker.units import DAY, Instant, Span

DEFAULT_GROUP = "default"
"""The group that is always there."""

DEFAULT_MAX_AGE: Span = DAY
DEFAULT_MAX_RETRIES = 185
"""What AWS retries with when nothing else is said (API reference, RetryPolicy)."""

NO_ANSWER = "InternalServerException"
"""The code of an attempt that ended without an answer of its target."""


class ScheduleKey(NamedTuple):
    """A schedule's identity."""

    group: str
    name: str


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often, and until how long after its time, an invocation that failed is tried again."""

    max_age: Span = DEFAULT_MAX_AGE
    max_retries: int = DEFAULT_MAX_RETRIES


class ScheduleTarget(msgspec.Struct, frozen=True, kw_only=True):
    """What a schedule invokes: `arn` names the call, `input` is its JSON. `dead_letters` is the ARN of a queue, `""` for none."""

    arn: str
    role_arn: str
    input: str = ""
    retry: RetryPolicy = RetryPolicy()
    dead_letters: str = ""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Invokes a target when `expression` says so.

    `window` is the span after each occurrence within which the invocation may happen, 0 for at once. `timezone` is as it was
    given, empty for UTC. `timed` is when the expression was last set, from which a rate without `start` counts; `handled` the
    last occurrence that was dealt with. `vanishes` has the schedule deleted after its last invocation.
    """

    key: ScheduleKey
    arn: str
    expression: str
    target: ScheduleTarget
    created: Instant = 0
    modified: Instant = 0
    timed: Instant = 0
    handled: Instant = 0
    timezone: str = ""
    start: Instant | None = None
    end: Instant | None = None
    window: Span = 0
    enabled: bool = True
    vanishes: bool = False
    description: str = ""
    kms_key: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        """Refuse times that cannot be."""
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InvalidParameterError("The EndDate must not be before the StartDate.", field="EndDate")


class ScheduleGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Schedules that are named, tagged and deleted together."""

    name: str
    arn: str
    created: Instant = 0
    modified: Instant = 0
    tags: dict[str, str] = {}
    token: str = ""


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence of a schedule on its way: `due` is when it is next tried, `attempts` how often it was.

    `target` is what the schedule had for one when it came due. `code` and `message` are of the attempt before.
    """

    execution: str
    schedule: ScheduleKey
    schedule_arn: str
    scheduled: Instant
    target: ScheduleTarget
    due: Instant
    attempts: int = 0
    code: str = ""
    message: str = ""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An invocation that was given up at `at`; `exhausted` names the bound that was reached."""

    invocation: Invocation
    exhausted: str
    at: Instant

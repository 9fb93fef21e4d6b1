"""When a schedule's target is invoked: within which window, how often again after failures, and until when."""

import zlib
from datetime import UTC, datetime

from stoker.decisions.expressions.occurrences import Timing, parse
from stoker.decisions.expressions.zones import zone
from stoker.domain.timetable import DeadLetter, Invocation, Schedule
from stoker.errors import InvalidParameterError
from stoker.units import SECOND, Instant, Span

FIRST_DELAY: Span = SECOND
LONGEST_DELAY: Span = 480 * SECOND
"""Delays double from the first to the longest: then the 185 retries that AWS allows at most just fill the day that it allows."""

ATTEMPTS = "MaximumRetryAttempts"
AGE = "MaximumEventAgeInSeconds"
"""AWS's names for the bound that ended an invocation."""

ZONE_FIELD = "ScheduleExpressionTimezone"


def timing(schedule: Schedule) -> Timing:
    """Give when a schedule occurs. Raises `InvalidParameterError` for an expression or a time zone that cannot be read."""
    try:
        expression = parse(schedule.expression)
    except InvalidParameterError as error:
        raise InvalidParameterError(f"Invalid Schedule Expression {schedule.expression}.", field="ScheduleExpression") from error
    try:
        its_zone = zone(schedule.timezone)
    except InvalidParameterError as error:
        raise InvalidParameterError(error.message, field=ZONE_FIELD) from error
    return Timing(
        expression=expression,
        zone=its_zone,
        start=schedule.start,
        end=schedule.end,
        anchor=schedule.timed,
        begins_at_start=False,
    )


def shift(execution: str, window: Span) -> Span:
    """Give how far into its flexible window an invocation happens: whole seconds, drawn from its identity, which is random."""
    seconds = window // SECOND
    return zlib.crc32(execution.encode()) % seconds * SECOND if seconds else 0


def again(invocation: Invocation, now: Instant) -> Instant | str:
    """Give when an invocation that has failed is tried again; or the bound that ends it."""
    retry = invocation.target.retry
    if invocation.attempts > retry.max_retries:
        return ATTEMPTS
    due = now + min(LONGEST_DELAY, FIRST_DELAY << min(invocation.attempts - 1, 32))
    return AGE if due - invocation.scheduled > retry.max_age else due


def filled(invocation: Invocation) -> str:
    """Give the target's input with the context attributes that AWS replaces (user guide, "Context attributes")."""
    text = invocation.target.input
    if "<aws.scheduler." not in text:
        return text
    for name, value in (
        ("schedule-arn", invocation.schedule_arn),
        ("scheduled-time", stamp(invocation.scheduled)),
        ("execution-id", invocation.execution),
        ("attempt-number", str(invocation.attempts + 1)),
    ):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def told(letter: DeadLetter) -> dict[str, str]:
    """Give the attributes of the message about an invocation that was given up.

    (EventBridge Scheduler's user guide, "Configuring a dead-letter queue".)
    """
    invocation = letter.invocation
    return {
        "ERROR_CODE": invocation.code,
        "ERROR_MESSAGE": invocation.message,
        "EXECUTION_ID": invocation.execution,
        "EXHAUSTED_RETRY_CONDITION": letter.exhausted,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(max(0, invocation.attempts - 1)),
        "SCHEDULED_TIME": stamp(invocation.scheduled),
        "SCHEDULE_ARN": invocation.schedule_arn,
        "TARGET_ARN": invocation.target.arn,
    }


def stamp(instant: Instant) -> str:
    """Give an instant as it is written in messages."""
    return f"{datetime.fromtimestamp(instant // SECOND, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"

"""at(), rate() and cron() as AWS's schedulers write them, and when they come due.

Clocks that are put forward skip local times: what was to happen then happens at once after the gap, once for the whole gap.
Clocks that are put back repeat local times: what happens then happens the first time.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from stoker.decisions.expressions.cron import Cron, first_match, parse_cron
from stoker.decisions.expressions.errors import WrongError, refusal
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant, Span

KEPT: Final = 4096
"""Parsed expressions held ready."""

MAX_CHARACTERS: Final = 1600
"""Of an expression (the service model's limit)."""

LAST: Final[Instant] = 7_258_118_400 * SECOND
"""2200-01-01T00:00:00Z: nothing happens from here on, as cron's years end."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_AT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)", re.ASCII)
_RATE: Final = re.compile(r"(\d{1,9}) (minute|hour|day)s?", re.ASCII)
_FORM: Final = re.compile(r"(at|rate|cron)\((.*)\)")
_UNITS: Final = {"minute": MINUTE, "hour": HOUR, "day": DAY}


class At(msgspec.Struct, frozen=True, kw_only=True):
    """Once, at a local time (without zone)."""

    moment: datetime


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Again and again after a span; a day is 24 hours, whatever clocks do."""

    every: Span


Expression: TypeAlias = At | Rate | Cron


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """An expression and its surroundings: the zone of its local times, and the bounds of what recurs, both inclusive.

    `anchor` is from when a rate without `start` counts: when it was made, which is then its first occurrence.
    `begins_at_start` has cron occur at `start` besides, as scheduled scaling does and EventBridge Scheduler does not.
    """

    expression: Expression
    zone: tzinfo = UTC
    start: Instant | None = None
    end: Instant | None = None
    anchor: Instant = 0
    begins_at_start: bool = True


@lru_cache(maxsize=KEPT)
def parse(text: str) -> Expression:
    """Parse an expression. Raises `InvalidParameterError` that says what is wrong with it."""
    form = _FORM.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if form is None:
        raise refusal(text, "it must be at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(fields)")
    kind, inner = form[1], form[2]
    try:
        if kind == "cron":
            return parse_cron(inner)
        return _at(inner) if kind == "at" else _rate(inner)
    except WrongError as error:
        raise refusal(text, error.why) from error


def _at(text: str) -> At:
    found = _AT.fullmatch(text)
    if found is None:
        raise WrongError("the time must be written yyyy-mm-ddThh:mm:ss, without a zone")
    try:
        return At(moment=datetime.fromisoformat(text))
    except ValueError as error:
        raise WrongError(f"there is no such time: {error}") from error


def _rate(text: str) -> Rate:
    found = _RATE.fullmatch(text)
    if found is None or not int(found[1]):
        raise WrongError("it must be a positive number, a blank and minutes, hours or days")
    return Rate(every=int(found[1]) * _UNITS[found[2]])


def next_after(timing: Timing, instant: Instant) -> Instant | None:
    """Give the first occurrence after `instant`; None when there is none any more.

    What recurs also occurs at `start` itself, and not after `end` (AWS, "Schedule recurring scaling actions using cron
    expressions"); at() knows neither.
    """
    if isinstance(timing.expression, At):
        moment = _instant(timing.expression.moment, timing.zone)
        return moment if moment is not None and instant < moment < LAST else None
    found: Instant | None
    if timing.start is not None and instant < timing.start:
        if isinstance(timing.expression, Rate) or timing.begins_at_start:
            found = timing.start
        else:
            found = _next_of_cron(timing.expression, timing.zone, timing.start - 1)
    elif isinstance(timing.expression, Rate):
        found = _next_of_rate(timing.expression, timing.anchor if timing.start is None else timing.start, instant)
    else:
        found = _next_of_cron(timing.expression, timing.zone, instant)
    if found is None or found >= LAST or (timing.end is not None and found > timing.end):
        return None
    return found


def latest(timing: Timing, after: Instant, until: Instant) -> Instant | None:
    """Give the last occurrence after `after` and not after `until`, None when there is none between them.

    Takes steps in the number of digits of the time between, not of the occurrences in it.
    """
    found = next_after(timing, after)
    if found is None or found > until:
        return None
    early, late = found, until
    while late - early > MINUTE:
        middle = (early + late) // 2
        later = next_after(timing, middle)
        if later is not None and later <= until:
            early = found = later
        else:
            late = middle
    while (later := next_after(timing, found)) is not None and later <= until:
        found = later
    return found


def _next_of_rate(rate: Rate, anchor: Instant, instant: Instant) -> Instant:
    if instant < anchor:
        return anchor
    return anchor + ((instant - anchor) // rate.every + 1) * rate.every


def _next_of_cron(cron: Cron, zone: tzinfo, instant: Instant) -> Instant | None:
    if instant >= LAST:
        return None
    moment = (_EPOCH + max(instant, -DAY) // 1000 * _MICROSECOND).astimezone(zone)
    earliest: datetime | None = moment.replace(tzinfo=None, fold=0, second=0, microsecond=0)
    # Local minutes in order have instants in order, those of gaps and of repetitions included; so the first that is late
    # enough is the next. Only while clocks repeat an hour are there any that are not.
    while earliest is not None:
        match = first_match(cron, earliest)
        found = None if match is None else _instant(match, zone)
        if match is None or found is None or found > instant:
            return found
        earliest = match + timedelta(minutes=1)
    return None


def _instant(moment: datetime, zone: tzinfo) -> Instant | None:
    """Give the instant of a local time as `resolve` does; None beyond the calendar."""
    try:
        return (resolve(moment, zone) - _EPOCH) // _MICROSECOND * 1000
    except OverflowError:
        return None


def resolve(moment: datetime, zone: tzinfo) -> datetime:
    """Give a local time in UTC: the first of two, the end of the gap for one that clocks skip."""
    local = moment.replace(tzinfo=zone, fold=0)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == moment:
        return found
    early, late = local.replace(fold=1).astimezone(UTC), found
    before = early.astimezone(zone).utcoffset()
    while late - early > _MICROSECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late

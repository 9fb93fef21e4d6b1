"""cron(minutes hours day-of-month month day-of-week year): which minutes of local time it names, found without a scan.

Pure calendar: a local time is a `datetime` without zone, and what instant that is, if any, `occurrences` knows.
"""

import calendar
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from stoker.decisions.expressions import fields
from stoker.decisions.expressions.errors import WrongError
from stoker.decisions.expressions.fields import MonthDays, WeekDays

FIELDS: Final = 6
WEEK: Final = 7
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
"""As Python counts: Monday is 0."""


class Cron(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed expression; each tuple is sorted and not empty. One of the two day fields is `?`, the other one is `days`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: MonthDays | WeekDays
    months: tuple[int, ...]
    years: tuple[int, ...]


def parse_cron(text: str) -> Cron:
    """Parse the six fields. Raises `WrongError`."""
    given = text.split()
    if len(given) != FIELDS or text != text.strip():
        raise WrongError(f"there must be {FIELDS} fields, for minutes, hours, day of month, month, day of week and year")
    minutes, hours, month_day, months, week_day, years = given
    if (month_day == "?") == (week_day == "?"):
        raise WrongError("exactly one of the day-of-month and the day-of-week fields must be '?'")
    return Cron(
        minutes=fields.values(fields.MINUTE, minutes),
        hours=fields.values(fields.HOUR, hours),
        days=fields.week_days(week_day) if month_day == "?" else fields.month_days(month_day),
        months=fields.values(fields.MONTH, months),
        years=fields.values(fields.YEAR, years),
    )


def first_match(cron: Cron, earliest: datetime) -> datetime | None:
    """Give the first local minute at or after `earliest`, itself a whole minute, that the expression names."""
    for year, month in _months(cron, earliest):
        days = days_of(cron.days, year, month)
        if (year, month) == (earliest.year, earliest.month):
            days = [day for day in days if day >= earliest.day]
        for day in days:
            moment = datetime(year, month, day)  # noqa: DTZ001 - local time, whose zone is the caller's
            if moment.date() != earliest.date():
                return moment.replace(hour=cron.hours[0], minute=cron.minutes[0])
            found = _time_of_day(cron, earliest.hour, earliest.minute)
            if found is not None:
                return moment.replace(hour=found[0], minute=found[1])
    return None


def days_of(days: MonthDays | WeekDays, year: int, month: int) -> list[int]:
    """Give the days of one month that a day field names, sorted."""
    weekday_of_first, length = calendar.monthrange(year, month)
    if isinstance(days, MonthDays):
        return sorted(set(_month_days(days, weekday_of_first, length)))
    return sorted(set(_week_days(days, weekday_of_first, length)))


def _months(cron: Cron, earliest: datetime) -> Iterator[tuple[int, int]]:
    for year in cron.years[bisect_left(cron.years, earliest.year) :]:
        for month in cron.months:
            if (year, month) >= (earliest.year, earliest.month):
                yield year, month


def _time_of_day(cron: Cron, hour: int, minute: int) -> tuple[int, int] | None:
    """Give the first hour and minute of a day at or after these."""
    for each in cron.hours[bisect_left(cron.hours, hour) :]:
        if each > hour:
            return each, cron.minutes[0]
        position = bisect_left(cron.minutes, minute)
        if position < len(cron.minutes):
            return each, cron.minutes[position]
    return None


def _month_days(days: MonthDays, weekday_of_first: int, length: int) -> Iterator[int]:
    yield from (day for day in days.days if day <= length)
    yield from (_nearest_weekday(day, weekday_of_first, length) for day in days.nearest if day <= length)
    if days.last:
        yield length
    if days.last_weekday:
        yield length - max(0, _weekday(length, weekday_of_first) - FRIDAY)


def _week_days(days: WeekDays, weekday_of_first: int, length: int) -> Iterator[int]:
    for day in days.days:
        yield from range(_first(day, weekday_of_first), length + 1, WEEK)
    for day in days.last:
        yield max(range(_first(day, weekday_of_first), length + 1, WEEK))
    if days.nth is not None:
        day, week = days.nth
        found = _first(day, weekday_of_first) + (week - 1) * WEEK
        if found <= length:
            yield found


def _nearest_weekday(day: int, weekday_of_first: int, length: int) -> int:
    """Give Monday to Friday nearest to a day, within its month: Saturday the 1st becomes Monday the 3rd."""
    weekday = _weekday(day, weekday_of_first)
    if weekday == SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == SUNDAY:
        return day + 1 if day < length else day - 2
    return day


def _weekday(day: int, weekday_of_first: int) -> int:
    """Give a day's weekday, Monday is 0."""
    return (weekday_of_first + day - 1) % WEEK


def _first(day_of_week: int, weekday_of_first: int) -> int:
    """Give the first day of a month that is this day of the week (1 is Sunday)."""
    return (day_of_week - 2 - weekday_of_first) % WEEK + 1

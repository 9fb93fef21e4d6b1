"""The fields of a cron expression, each a text that names numbers: `*`, `5`, `1-5`, `*/15`, `MON,WED`, and the days' own forms.

What AWS publishes of them is in the EventBridge user guide, "Cron expressions reference". Where it is silent: names are taken in
any case, and a range that runs backwards goes around the end (`22-2` are the hours 22, 23, 0, 1 and 2), but for years.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from stoker.decisions.expressions.errors import WrongError

MONTH_NAMES: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAY_NAMES: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
SATURDAY: Final = 7
"""The last day of the week, which is what `L` alone means in the day-of-week field."""

MOST_ITEMS: Final = 240
"""Items of a field's list; the widest field, the years, has 230 values."""

MOST_WEEKS: Final = 5
"""Weeks that a month may touch with one day of the week."""

_ITEM: Final = re.compile(r"(?P<first>\*|\w{1,4})(?:-(?P<last>\w{1,4}))?(?:/(?P<step>\d{1,4}))?", re.ASCII)
_NEAREST: Final = re.compile(r"(\d{1,2})W", re.ASCII)
_LAST: Final = re.compile(r"(\w{1,3})L", re.ASCII)
_NTH: Final = re.compile(r"(\w{1,3})#(\d)", re.ASCII)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What one field is called and may hold; `names` counts up from `least`."""

    label: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    circular: bool = True

    def number(self, text: str) -> int:
        """Give the number that a text means."""
        name = text.upper()
        if name in self.names:
            return self.least + self.names.index(name)
        if not text.isdecimal():
            raise WrongError(f"{text!r} is no value of the {self.label} field")
        value = int(text)
        if not self.least <= value <= self.most:
            raise WrongError(f"{value} is not within {self.least} to {self.most}, as the {self.label} field must be")
        return value


MINUTE: Final = Field(label="minutes", least=0, most=59)
HOUR: Final = Field(label="hours", least=0, most=23)
DAY_OF_MONTH: Final = Field(label="day-of-month", least=1, most=31)
MONTH: Final = Field(label="month", least=1, most=12, names=MONTH_NAMES)
DAY_OF_WEEK: Final = Field(label="day-of-week", least=1, most=7, names=DAY_NAMES)
YEAR: Final = Field(label="year", least=1970, most=2199, circular=False)


class MonthDays(msgspec.Struct, frozen=True, kw_only=True):
    """Days of the month: numbers, `nearest` weekdays to numbers (`15W`), the last day (`L`), the last weekday (`LW`)."""

    days: tuple[int, ...] = ()
    nearest: tuple[int, ...] = ()
    last: bool = False
    last_weekday: bool = False


class WeekDays(msgspec.Struct, frozen=True, kw_only=True):
    """Days of the week, 1 is Sunday: all of them, the `last` of a month (`6L`), or the `nth` of a month (`6#3`)."""

    days: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    nth: tuple[int, int] | None = None


def values(field: Field, text: str) -> tuple[int, ...]:
    """Give the numbers that a field names, sorted."""
    return _sorted(number for item in _items(field, text) for number in _range(field, item))


def month_days(text: str) -> MonthDays:
    """Give the days of the month that a field names."""
    days: list[int] = []
    nearest: list[int] = []
    words = set()
    for item in _items(DAY_OF_MONTH, text):
        found = _NEAREST.fullmatch(item)
        if item in {"L", "LW"}:
            words.add(item)
        elif found is not None:
            nearest.append(DAY_OF_MONTH.number(found[1]))
        else:
            days.extend(_range(DAY_OF_MONTH, item))
    return MonthDays(days=_sorted(days), nearest=_sorted(nearest), last="L" in words, last_weekday="LW" in words)


def week_days(text: str) -> WeekDays:
    """Give the days of the week that a field names."""
    if "#" in text:
        found = _NTH.fullmatch(text)
        if found is None or not 1 <= int(found[2]) <= MOST_WEEKS:
            raise WrongError(f"{text!r} must be one day of the week, '#' and 1 to {MOST_WEEKS}")
        return WeekDays(nth=(DAY_OF_WEEK.number(found[1]), int(found[2])))
    days: list[int] = []
    last: list[int] = []
    for item in _items(DAY_OF_WEEK, text):
        found = _LAST.fullmatch(item)
        if item == "L":
            days.append(SATURDAY)
        elif found is not None:
            last.append(DAY_OF_WEEK.number(found[1]))
        else:
            days.extend(_range(DAY_OF_WEEK, item))
    return WeekDays(days=_sorted(days), last=_sorted(last))


def _sorted(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers)))


def _items(field: Field, text: str) -> list[str]:
    items = text.split(",")
    if len(items) > MOST_ITEMS:
        raise WrongError(f"the {field.label} field lists more than {MOST_ITEMS} items")
    return items


def _range(field: Field, item: str) -> list[int]:
    """Give the numbers of `*`, `5`, `1-5` and their steps; `5/10` goes from 5 to the field's end."""
    found = _ITEM.fullmatch(item)
    if found is None or (found["first"] == "*" and found["last"] is not None):
        raise WrongError(f"{item!r} is no value of the {field.label} field")
    step = 1 if found["step"] is None else int(found["step"])
    if not 1 <= step <= field.most:
        raise WrongError(f"the step of {item!r} in the {field.label} field must be within 1 to {field.most}")
    if found["first"] == "*":
        return list(range(field.least, field.most + 1, step))
    first = field.number(found["first"])
    if found["last"] is None:
        return [first] if found["step"] is None else list(range(first, field.most + 1, step))
    last = field.number(found["last"])
    if first <= last:
        return list(range(first, last + 1, step))
    if not field.circular:
        raise WrongError(f"the range {item!r} in the {field.label} field runs backwards")
    around = [*range(first, field.most + 1), *range(field.least, last + 1)]
    return around[::step]

"""Expressions against a scan that looks at every minute, for every field, zone and hour."""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.expressions.occurrences import Timing, latest, next_after, parse
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
Thing = TypeVar("Thing")
Meaning = Callable[[date], bool]

# Zones, and days around which their clocks were or will be moved, or a day on which they are not.
MOVED = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Havana", date(2026, 3, 8)),  # at midnight
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kathmandu", date(1986, 1, 1)),
    ("UTC", date(2028, 2, 29)),
]


def numbers(least: int, most: int) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    """Give a field's text and what it means, spelled out."""

    def spell(kind: str, first: int, last: int, step: int) -> tuple[str, frozenset[int]]:
        first, last = sorted((first, last))
        return {
            "all": ("*", frozenset(range(least, most + 1))),
            "one": (f"{first}", frozenset({first})),
            "two": (f"{first},{last}", frozenset({first, last})),
            "range": (f"{first}-{last}", frozenset(range(first, last + 1))),
            "steps": (f"{first}-{last}/{step}", frozenset(range(first, last + 1, step))),
            "from": (f"{first}/{step}", frozenset(range(first, most + 1, step))),
        }[kind]

    kinds = st.sampled_from(["all", "one", "two", "range", "steps", "from"])
    return st.builds(spell, kinds, st.integers(least, most), st.integers(least, most), st.integers(1, min(most, 20)))


def length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def nearest_weekday(wanted: int) -> Meaning:
    def fits(day: date) -> bool:
        if wanted > length(day):
            return False
        weekdays = [each for each in range(1, length(day) + 1) if day.replace(day=each).isoweekday() <= 5]
        return day.day == min(weekdays, key=lambda each: (abs(each - wanted), each))

    return fits


def last_weekday(day: date) -> bool:
    return day.day == max(each for each in range(1, length(day) + 1) if day.replace(day=each).isoweekday() <= 5)


def name_of(day: date) -> str:
    return NAMES[day.isoweekday() % 7]


month_days: st.SearchStrategy[tuple[str, Meaning]] = st.one_of(
    numbers(1, 31).map(lambda field: (field[0], lambda day: day.day in field[1])),
    st.just(("L", lambda day: day.day == length(day))),
    st.just(("LW", last_weekday)),
    st.integers(1, 31).map(lambda wanted: (f"{wanted}W", nearest_weekday(wanted))),
)
week_days: st.SearchStrategy[tuple[str, Meaning]] = st.one_of(
    numbers(1, 7).map(lambda field: (field[0], lambda day: day.isoweekday() % 7 + 1 in field[1])),
    st.sampled_from(NAMES).map(lambda name: (name, lambda day: name_of(day) == name)),
    st.sampled_from(NAMES).map(lambda name: (f"{name}L", lambda day: name_of(day) == name and day.day > length(day) - 7)),
    st.tuples(st.sampled_from(NAMES), st.integers(1, 5)).map(
        lambda nth: (f"{nth[0]}#{nth[1]}", lambda day: name_of(day) == nth[0] and (day.day - 1) // 7 + 1 == nth[1])
    ),
)
days = st.one_of(
    month_days.map(lambda field: (f"{field[0]} {{}} ?", field[1])), week_days.map(lambda field: (f"? {{}} {field[0]}", field[1]))
)
# Usual fields.
small_hours = st.sampled_from([("0-3", frozenset({0, 1, 2, 3})), ("2", frozenset({2})), ("0,1", frozenset({0, 1}))])
every_day: st.SearchStrategy[tuple[str, Meaning]] = st.sampled_from(["* {} ?", "? {} *"]).map(lambda text: (text, lambda _: True))
every_month = st.just(("*", frozenset(range(1, 13))))
every_year = st.just(("*", frozenset(range(1970, 2200))))


def mostly(usual: st.SearchStrategy[Thing], other: st.SearchStrategy[Thing]) -> st.SearchStrategy[Thing]:
    return st.integers(0, 3).flatmap(lambda chance: other if chance == 3 else usual)


# Something happens in most of the spans that are scanned, and often in the hours when clocks are moved.
crons = st.tuples(
    numbers(0, 59),
    mostly(small_hours, numbers(0, 23)),
    mostly(every_day, days),
    mostly(every_month, numbers(1, 12)),
    mostly(every_year, numbers(2011, 2028)),
)


def scan(fits: Callable[[datetime], bool], zone: ZoneInfo, begin: datetime, minutes: int) -> list[datetime]:
    """Look at each minute: local times that were there before do not count, those that clocks skip count at once."""
    seen: set[datetime] = set()
    found = []
    expected: datetime | None = None
    for number in range(-26 * 60, minutes):
        moment = begin + timedelta(minutes=number)
        local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        now = {local}
        if expected is not None and local > expected:
            now |= {expected + timedelta(minutes=each) for each in range((local - expected) // timedelta(minutes=1))}
        if number > 0 and any(fits(each) for each in now - seen):
            found.append(moment)
        seen |= now
        expected = local + timedelta(minutes=1)
    return found


@settings(max_examples=60, deadline=None)
@given(crons, st.sampled_from(MOVED), st.integers(0, 30))
def test_cron_finds_what_a_scan_finds(
    cron: tuple[
        tuple[str, frozenset[int]],
        tuple[str, frozenset[int]],
        tuple[str, Meaning],
        tuple[str, frozenset[int]],
        tuple[str, frozenset[int]],
    ],
    moved: tuple[str, date],
    early_h: int,
) -> None:
    (minute, minutes), (hour, hours), (day, is_day), (month, months), (year, years) = cron
    text = f"cron({minute} {hour} {day.format(month)} {year})"
    zone = ZoneInfo(moved[0])
    begin = datetime.combine(moved[1], datetime.min.time(), tzinfo=UTC) - timedelta(hours=early_h)

    def fits(local: datetime) -> bool:
        in_month = local.year in years and local.month in months
        return in_month and local.minute in minutes and local.hour in hours and is_day(local.date())

    span = 50 * 60
    expected = scan(fits, zone, begin, span)
    timing = Timing(expression=parse(text), zone=zone)
    instant: Instant | None = (begin - EPOCH) // timedelta(seconds=1) * SECOND
    end = instant + span * MINUTE if instant is not None else 0
    found = []
    while instant is not None and (instant := next_after(timing, instant)) is not None and instant < end:
        found.append(EPOCH + timedelta(seconds=instant // SECOND))
    assert found == expected


TEXTS = ["cron(*/7 3-5 ? * MON-FRI *)", "cron(0 0 1 * ? *)", "rate(7 minutes)", "rate(1 day)", "at(2026-03-08T02:30:00)"]
instants = st.integers(1_772_000_000 * SECOND, 1_776_000_000 * SECOND)
timings = st.builds(
    lambda text, name, start, span: Timing(
        expression=parse(text), zone=ZoneInfo(name), start=start, end=None if span is None else (start or 0) + span, anchor=5
    ),
    st.sampled_from(TEXTS),
    st.sampled_from(["UTC", "America/New_York"]),
    st.none() | instants,
    st.none() | st.integers(0, 9 * DAY),
)


@given(timings, instants, instants)
def test_next_is_later_and_never_passes_one_over(timing: Timing, a: Instant, b: Instant) -> None:
    early, late = sorted((a, b))
    first = next_after(timing, early)
    if first is None:
        assert next_after(timing, late) is None
        return
    assert first > early
    assert next_after(timing, first - 1) == first
    after = next_after(timing, late)
    if first > late:
        assert after == first
    elif after is not None:
        assert after > late


@given(timings, instants, st.integers(0, 40 * HOUR))
def test_the_latest_is_the_last_of_all(timing: Timing, after: Instant, span: int) -> None:
    found, instant = None, next_after(timing, after)
    while instant is not None and instant <= after + span:
        found, instant = instant, next_after(timing, instant)
    assert latest(timing, after, after + span) == found

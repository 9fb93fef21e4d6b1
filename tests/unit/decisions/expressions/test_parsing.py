import pytest

from stoker.decisions.expressions.cron import Cron
from stoker.decisions.expressions.fields import MonthDays, WeekDays
from stoker.decisions.expressions.occurrences import At, Rate, parse
from stoker.errors import InvalidParameterError
from stoker.units import DAY, HOUR, MINUTE

ALL_MINUTES, ALL_HOURS, ALL_MONTHS, ALL_YEARS = (tuple(range(*ends)) for ends in ((0, 60), (0, 24), (1, 13), (1970, 2200)))
EVERY_DAY = WeekDays(days=(1, 2, 3, 4, 5, 6, 7))


def cron(text: str) -> Cron:
    parsed = parse(f"cron({text})")
    assert isinstance(parsed, Cron)
    return parsed


@pytest.mark.parametrize(
    "text",
    [
        "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
        "cron(30-30 13-13 ? * 2,4,6 *)",
        "cron(1-31/30 1-1 ? * 1,7 *)",
        "cron(*/15 * * * ? *)",
        "cron(0-59/10 0-23/2 ? * * *)",
        "cron(15 10 ? * 6L 2002-2005)",
        "cron(0 2 ? * SAT#3 *)",
        "cron(0  8  1W  *  ?  *)",
        "rate(5 minutes)",
        "rate(1 hour)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "at(2022-12-31T23:59:59)",
        "at(1969-07-20T20:17:40)",
    ],
)
def test_what_aws_takes_is_taken(text: str) -> None:
    assert isinstance(parse(text), At | Rate | Cron)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cron(0 1 * * * *)", "exactly one of the day-of-month and the day-of-week fields must be '?'"),
        ("cron(0 1 ? * ? *)", "exactly one of the day-of-month and the day-of-week fields must be '?'"),
        ("cron(7 20 * * NOT *)", "exactly one of"),
        ("cron(7 20 ? * NOT *)", "'NOT' is no value of the day-of-week field"),
        ("cron(INVALID)", "there must be 6 fields"),
        ("cron(71 8 1 * ? *)", "71 is not within 0 to 59, as the minutes field must be"),
        ("cron()", "there must be 6 fields"),
        ("cron(0 1 ? * 2)", "there must be 6 fields"),
        ("cron( 0 1 * * ? *)", "there must be 6 fields"),
        ("cron(? 1 * * ? *)", "'?' is no value of the minutes field"),
        ("cron(0 24 * * ? *)", "24 is not within 0 to 23"),
        ("cron(0 1 0 * ? *)", "0 is not within 1 to 31"),
        ("cron(0 1 * 13 ? *)", "13 is not within 1 to 12"),
        ("cron(0 1 ? * 8 *)", "8 is not within 1 to 7"),
        ("cron(0 1 * * ? 2200)", "2200 is not within 1970 to 2199"),
        ("cron(0 1 * * ? 2030-2020)", "the range '2030-2020' in the year field runs backwards"),
        ("cron(0/0 1 * * ? *)", "the step of '0/0' in the minutes field must be within 1 to 59"),
        ("cron(*/60 1 * * ? *)", "the step of '*/60' in the minutes field must be within 1 to 59"),
        ("cron(*-5 1 * * ? *)", "'*-5' is no value of the minutes field"),
        ("cron(1, 1 * * ? *)", "'' is no value of the minutes field"),
        ("cron(0 1 L-3 * ? *)", "'L' is no value of the day-of-month field"),
        ("cron(0 1 32W * ? *)", "32 is not within 1 to 31"),
        ("cron(0 1 ? * 2W *)", "'2W' is no value of the day-of-week field"),
        ("cron(0 1 ? * 2#6 *)", "'2#6' must be one day of the week, '#' and 1 to 5"),
        ("cron(0 1 ? * 3#1,6#3 *)", "'3#1,6#3' must be one day of the week"),
        ("cron(0 1 ? * 8#1 *)", "8 is not within 1 to 7"),
        ("cron(" + "1," * 240 + "1 1 * * ? *)", "the minutes field lists more than 240 items"),
        ("rate(10 seconds)", "it must be a positive number, a blank and minutes, hours or days"),
        ("rate(10 years)", "it must be a positive number"),
        ("rate()", "it must be a positive number"),
        ("rate(10)", "it must be a positive number"),
        ("rate(0 minutes)", "it must be a positive number"),
        ("rate(10 minutess)", "it must be a positive number"),
        ("rate(foo minutes)", "it must be a positive number"),
        ("rate(-10 minutes)", "it must be a positive number"),
        ("rate( 10 minutes )", "it must be a positive number"),
        (" rate(10 minutes)", "it must be at("),
        ("at(2021-12-31T23:59:59Z)", "the time must be written yyyy-mm-ddThh:mm:ss, without a zone"),
        ("at(2021-12-31)", "the time must be written"),
        ("at(2021-02-29T00:00:00)", "there is no such time: day is out of range for month"),
        ("at(2021-12-31T24:00:00)", "there is no such time: hour must be in 0..23"),
        ("tomorrow", "it must be at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(fields)"),
        ("", "it must be at("),
        ("cron(" + " " * 1600 + ")", "it must be at("),
        ("cron(0 1 * * ? *)\n", "it must be at("),
    ],
    ids=lambda value: value[:40],
)
def test_what_aws_refuses_is_refused_by_name(text: str, why: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        parse(text)
    assert caught.value.message.startswith(f"Invalid Schedule Expression {text[:256]!r}: {why}")
    assert caught.value.field == "Schedule"


@pytest.mark.parametrize(
    ("text", "every"), [("rate(1 minute)", MINUTE), ("rate(36 hours)", 36 * HOUR), ("rate(2 days)", 2 * DAY)]
)
def test_rates_are_spans(text: str, every: int) -> None:
    assert parse(text) == Rate(every=every)


def test_fields_become_numbers() -> None:
    assert cron("*/20 8-18/5,3 ? JAN-mar,12 MON-FRI 2026,2028-2030") == Cron(
        minutes=(0, 20, 40),
        hours=(3, 8, 13, 18),
        days=WeekDays(days=(2, 3, 4, 5, 6)),
        months=(1, 2, 3, 12),
        years=(2026, 2028, 2029, 2030),
    )
    assert cron("50/5 * ? * * *") == Cron(minutes=(50, 55), hours=ALL_HOURS, days=EVERY_DAY, months=ALL_MONTHS, years=ALL_YEARS)
    assert cron("* 0 1 1 ? *").minutes == ALL_MINUTES


def test_ranges_go_around_the_end() -> None:
    around = cron("0 22-2/2 ? 11-2 FRI-MON *")
    assert around.hours == (0, 2, 22)
    assert around.months == (1, 2, 11, 12)
    assert around.days == WeekDays(days=(1, 2, 6, 7))


def test_days_have_forms_of_their_own() -> None:
    assert cron("0 0 L,15,1W,LW * ? *").days == MonthDays(days=(15,), nearest=(1,), last=True, last_weekday=True)
    assert cron("0 0 ? * L *").days == WeekDays(days=(7,))
    assert cron("0 0 ? * 6L,MONL *").days == WeekDays(last=(2, 6))
    assert cron("0 0 ? * sat#3 *").days == WeekDays(nth=(7, 3))

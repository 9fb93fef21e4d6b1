from datetime import UTC, datetime, timedelta

import pytest

from stoker.decisions.expressions.occurrences import LAST, Timing, latest, next_after, parse
from stoker.decisions.expressions.zones import zone
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant

NEW_YORK, BERLIN, SYDNEY, LORD_HOWE, APIA = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)


def at(text: str) -> Instant:
    moment = datetime.fromisoformat(text)
    aware = moment.replace(tzinfo=moment.tzinfo or UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def timing(text: str, name: str = "", start: str = "", end: str = "", anchor: str = "1970-01-01") -> Timing:
    return Timing(
        expression=parse(text),
        zone=zone(name),
        start=at(start) if start else None,
        end=at(end) if end else None,
        anchor=at(anchor),
    )


def following(found: Timing, after: str, count: int, name: str = "") -> list[str]:
    """Give the local times of the next occurrences."""
    out = []
    instant: Instant | None = at(after)
    for _ in range(count):
        assert instant is not None
        instant = next_after(found, instant)
        if instant is None:
            break
        out.append(datetime.fromtimestamp(instant // SECOND, zone(name)).strftime("%Y-%m-%d %H:%M:%S%z"))
    return out


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("cron(0 10 * * ? *)", "2026-11-22T10:00", ["2026-11-23 10:00", "2026-11-24 10:00"]),
        ("cron(15 12 * * ? *)", "2026-11-22T12:14:59.999999", ["2026-11-22 12:15", "2026-11-23 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-20T18:00", ["2026-11-23 18:00", "2026-11-24 18:00"]),
        ("cron(0 8 1 * ? *)", "2026-11-22", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        ("cron(0/15 * * * ? *)", "2026-12-31T23:31", ["2026-12-31 23:45", "2027-01-01 00:00"]),
        ("cron(0/30 20-2 ? * MON-FRI *)", "2026-11-24T02:15", ["2026-11-24 02:30", "2026-11-24 20:00"]),
        ("cron(0 9 ? * 2#1 *)", "2026-11-02T09:00", ["2026-12-07 09:00", "2027-01-04 09:00"]),
        ("cron(0 9 ? * 1#5 *)", "2026-11-22", ["2026-11-29 09:00", "2027-01-31 09:00"]),
        ("cron(15 10 ? * 6L 2026-2027)", "2027-11-01", ["2027-11-26 10:15", "2027-12-31 10:15"]),
        ("cron(0 0 L * ? *)", "2028-01-31", ["2028-02-29 00:00", "2028-03-31 00:00"]),
        ("cron(0 0 LW * ? *)", "2026-01-15", ["2026-01-30 00:00", "2026-02-27 00:00"]),
        ("cron(0 0 1W * ? *)", "2026-07-15", ["2026-08-03 00:00", "2026-09-01 00:00"]),
        ("cron(0 0 31W * ? *)", "2026-05-01", ["2026-05-29 00:00", "2026-07-31 00:00"]),
        ("cron(0 0 29 2 ? *)", "2026-01-01", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("cron(0 0 ? * L *)", "2026-11-22", ["2026-11-28 00:00", "2026-12-05 00:00"]),
        ("cron(59 23 31 12 ? 2199)", "1970-01-01", ["2199-12-31 23:59"]),
        ("cron(0 0 30 2 ? *)", "1970-01-01", []),
        ("cron(0 0 1 1 ? 2025)", "2026-01-01", []),
    ],
)
def test_cron_names_minutes(text: str, after: str, expected: list[str]) -> None:
    assert following(timing(text), after, 2) == [f"{each}:00+0000" for each in expected]


@pytest.mark.parametrize(
    ("text", "name", "after", "expected"),
    [
        pytest.param(
            "cron(30 2 * * ? *)",
            NEW_YORK,
            "2026-03-07T12:00-05:00",
            ["2026-03-08 03:00:00-0400", "2026-03-09 02:30:00-0400"],
            id="skipped-runs-after-the-gap",
        ),
        pytest.param(
            "cron(*/20 2-3 * * ? *)",
            BERLIN,
            "2026-03-29T00:00+01:00",
            ["2026-03-29 03:00:00+0200", "2026-03-29 03:20:00+0200", "2026-03-29 03:40:00+0200", "2026-03-30 02:00:00+0200"],
            id="one-run-for-a-whole-gap",
        ),
        pytest.param(
            "cron(30 1 * * ? *)",
            NEW_YORK,
            "2026-10-31T12:00-04:00",
            ["2026-11-01 01:30:00-0400", "2026-11-02 01:30:00-0500"],
            id="repeated-runs-once",
        ),
        pytest.param(
            "cron(*/30 1 * * ? *)",
            NEW_YORK,
            "2026-11-01T01:15-05:00",
            ["2026-11-02 01:00:00-0500", "2026-11-02 01:30:00-0500"],
            id="asked-within-the-repetition",
        ),
        pytest.param(
            "cron(15 2 * * ? *)", LORD_HOWE, "2026-10-03T12:00+10:30", ["2026-10-04 02:30:00+1100"], id="a-gap-of-half-an-hour"
        ),
        pytest.param("cron(0 12 30 12 ? *)", APIA, "2011-12-01", ["2011-12-31 00:00:00+1400"], id="a-day-that-never-was"),
        pytest.param(
            "cron(0 8 * * ? *)",
            SYDNEY,
            "2026-10-03T00:00+10:00",
            ["2026-10-03 08:00:00+1000", "2026-10-04 08:00:00+1100"],
            id="local-time-stays",
        ),
        pytest.param("cron(0 8 * * ? *)", "UTC+1", "2026-07-01", ["2026-07-01 08:00:00+0100"], id="fixed-offset"),
        pytest.param(
            "rate(1 day)",
            NEW_YORK,
            "2026-03-07T17:00+00:00",
            ["2026-03-08 01:00:00-0500", "2026-03-09 02:00:00-0400"],
            id="a-day-is-24-hours",
        ),
    ],
)
def test_clocks_that_are_moved(text: str, name: str, after: str, expected: list[str]) -> None:
    anchor = "2026-03-01T06:00" if text.startswith("rate") else "1970-01-01"
    assert following(timing(text, name, anchor=anchor), after, len(expected), name) == expected


def test_one_time_happens_once_whatever_its_bounds() -> None:
    once = timing("at(2026-11-22T08:00:00)", BERLIN, start="2027-01-01", end="2026-01-01")
    assert next_after(once, 0) == at("2026-11-22T07:00")
    assert next_after(once, at("2026-11-22T07:00") - 1) == at("2026-11-22T07:00")
    assert next_after(once, at("2026-11-22T07:00")) is None
    assert next_after(timing("at(2026-03-08T02:30:00)", NEW_YORK), 0) == at("2026-03-08T03:00-04:00")
    assert next_after(timing("at(2026-11-01T01:30:00)", NEW_YORK), 0) == at("2026-11-01T01:30-04:00")
    for never in ("at(9999-12-31T23:59:59)", "at(2200-01-01T00:00:00)", "at(0001-01-01T00:00:00)"):
        assert next_after(timing(never, "-18:00"), 0) is None
        assert next_after(timing(never, "+18:00"), at("2200-01-01")) is None


def test_what_recurs_happens_at_its_start_and_until_its_end() -> None:
    daily = timing("cron(0 8 * * ? *)", start="2026-11-22T06:30:10", end="2026-11-23T08:00")
    assert following(daily, "2026-01-01", 9) == [
        "2026-11-22 06:30:10+0000",
        "2026-11-22 08:00:00+0000",
        "2026-11-23 08:00:00+0000",
    ]
    at_once = timing("cron(0 8 * * ? *)", start="2026-11-22T08:00", end="2026-11-23T07:59:59")
    assert following(at_once, "2026-01-01", 9) == ["2026-11-22 08:00:00+0000"]
    assert next_after(timing("cron(0 8 * * ? *)", start="2026-11-22", end="2026-11-21"), 0) is None


def test_rates_count_from_their_start_or_from_when_they_were_made() -> None:
    started = timing("rate(90 minutes)", start="2026-11-22T00:00:07", anchor="2026-01-01")
    assert following(started, "2026-11-21", 3) == [f"2026-11-22 {time}+0000" for time in ("00:00:07", "01:30:07", "03:00:07")]
    made = timing("rate(90 minutes)", anchor="2026-11-22T00:00:07", end="2026-11-22T01:30:07")
    assert following(made, "2026-11-21", 3) == [f"2026-11-22 {time}+0000" for time in ("00:00:07", "01:30:07")]
    assert next_after(timing("rate(999999999 days)", anchor="2026-11-22"), at("2026-11-22")) is None


def test_nothing_happens_beyond_the_last_year() -> None:
    for text in ("cron(* * * * ? *)", "rate(1 minute)", "at(2199-12-31T23:59:59)"):
        assert next_after(timing(text), LAST) is None
        assert next_after(timing(text), LAST - MINUTE) in {None, LAST - SECOND}
        assert next_after(timing(text), 2**70) is None
    assert next_after(timing("cron(0 0 * * ? *)"), -(2**70)) == 0
    assert next_after(timing("cron(0 0 1 1 ? 2199)", "Pacific/Kiritimati"), LAST - 400 * DAY) == at("2198-12-31T10:00")


@pytest.mark.parametrize(
    ("text", "after", "until", "expected"),
    [
        ("cron(0 8 * * ? *)", "2020-01-01", "2026-11-22T07:59", "2026-11-21T08:00"),
        ("cron(0 8 * * ? *)", "2020-01-01", "2026-11-22T08:00", "2026-11-22T08:00"),
        ("cron(0 8 * * ? *)", "2026-11-22T08:00", "2026-11-23T07:59", None),
        ("cron(* * * * ? *)", "1970-01-01", "2026-11-22T07:59:30", "2026-11-22T07:59"),
        ("cron(0 0 29 2 ? *)", "1970-01-01", "2026-11-22", "2024-02-29"),
        ("at(2026-11-22T08:00:05)", "2026-11-22T08:00:04", "2026-11-22T08:00:05", "2026-11-22T08:00:05"),
        ("rate(1 minute)", "2026-11-22T08:00:00", "2026-11-22T08:01:59", "2026-11-22T08:01"),
        ("cron(0 8 * * ? 2021)", "2020-01-01", "2026-11-22", "2021-12-31T08:00"),
    ],
)
def test_the_latest_of_those_that_passed(text: str, after: str, until: str, expected: str | None) -> None:
    assert latest(timing(text), at(after), at(until)) == (None if expected is None else at(expected))


def test_the_latest_may_be_a_start_or_an_end() -> None:
    daily = timing("cron(0 8 * * ? *)", start="2026-11-22T08:30", end="2026-11-24T08:00")
    assert latest(daily, 0, at("2026-11-23T00:00")) == at("2026-11-22T08:30")
    assert latest(daily, 0, at("2027-01-01")) == at("2026-11-24T08:00")
    assert latest(daily, 0, at("2026-11-22T08:30") - 1) is None
    assert latest(daily, at("2026-11-22T08:30"), at("2026-11-22T08:30") + HOUR) is None

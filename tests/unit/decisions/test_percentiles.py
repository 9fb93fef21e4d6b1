"""Percentiles and trimmed statistics, on the examples of CloudWatch's guide ("CloudWatch statistics definitions")."""

import pytest

from stoker.decisions.metrics import MetricBook, StatisticSet
from stoker.decisions.percentiles import MAX_VALUES, merged, parse_statistic, statistic_of
from stoker.domain.alarms import MetricKey, Statistic
from stoker.errors import InvalidParameterError
from stoker.units import DAY, HOUR, MINUTE, SECOND

TEN = dict.fromkeys(map(float, range(1, 11)), 1.0)
KEY = MetricKey(namespace="mine", name="m")
T0 = 20_000 * DAY


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("p0", 1.0),
        ("p50", 5.0),
        ("p90", 9.0),
        ("p99.9", 10.0),
        ("p100", 10.0),
        ("tm90", 5.0),  # the mean of 1 to 9
        ("TM(10%:90%)", 5.5),
        ("TM(:90%)", 5.0),
        ("tm(2:4)", 3.5),  # above 2, not above 4
        ("IQM", 5.5),
        ("tc90", 9.0),
        ("TC(0.5:3)", 3.0),
        ("ts80", 36.0),
        ("TS(80%:)", 19.0),
        ("wm90", 5.4),  # 10 counts as 9
        ("WM(3:5)", 4.3),
        ("PR(:3)", 30.0),
        ("PR(3:5)", 20.0),
    ],
)
def test_statistics_of_ten_values(text: str, value: float) -> None:
    assert statistic_of(parse_statistic(text), TEN) == pytest.approx(value)


def test_counts_weigh_and_parts_of_samples_count() -> None:
    assert statistic_of(parse_statistic("p90"), {1.0: 90.0, 50.0: 10.0}) == 1.0
    assert statistic_of(parse_statistic("tm95"), {1.0: 90.0, 50.0: 10.0}) == pytest.approx((90 + 250) / 95)
    assert statistic_of(parse_statistic("tm90"), {7.0: 1.0}) == 7.0
    assert statistic_of(parse_statistic("TM(8:9)"), {7.0: 1.0}) is None
    assert statistic_of(parse_statistic("p50"), {}) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p",
        "p101",
        "q50",
        "p-1",
        "TM()",
        "TM(:)",
        "TM(10%:50)",
        "TM(90%:10%)",
        "PR(10%:20%)",
        "p(1:2)",
        "TM(1:2:3)",
        "TM(a:b)",
        "Average",
    ],
)
def test_what_is_no_statistic(text: str) -> None:
    with pytest.raises(InvalidParameterError, match="is not supported"):
        parse_statistic(text)


def test_many_values_stand_for_each_other_within_a_percent_or_so() -> None:
    many = merged({}, {float(value): 1.0 for value in range(-100, 10_001)})
    assert len(many) <= MAX_VALUES
    assert sum(many.values()) == 10_101
    assert statistic_of(parse_statistic("p50"), many) == pytest.approx(4950, rel=0.15)
    close = merged({}, {100 + value / 10: 1.0 for value in range(100)})
    assert statistic_of(parse_statistic("p90"), close) == pytest.approx(109, rel=0.011)


def record(book: MetricBook, second: int, *values: float, resolution: int = SECOND) -> None:
    for value in values:
        samples = StatisticSet(count=1.0, total=value, least=value, most=value)
        book.record(KEY, T0 + second * SECOND, samples, resolution, values={value: 1.0})


def seen(book: MetricBook, text: str, period: int = MINUTE) -> list[tuple[float, float]]:
    points = book.datapoints(KEY, Statistic.AVERAGE, period, T0, T0 + 20 * DAY, extended=text)
    return [((point.start - T0) / SECOND, point.value) for point in points]


def test_the_book_knows_percentiles_of_samples_that_came_one_by_one() -> None:
    book = MetricBook()
    record(book, 0, 1.0, 2.0, 3.0, 4.0)
    record(book, 30, 5.0, 6.0, 7.0, 8.0)
    record(book, 60, 9.0)
    assert seen(book, "p50") == [(0.0, 4.0), (60.0, 9.0)]
    assert seen(book, "p50", 10 * SECOND) == [(0.0, 2.0), (30.0, 6.0), (60.0, 9.0)]
    assert seen(book, "p100", HOUR) == [(0.0, 9.0)]


def test_sums_have_no_percentiles_unless_all_values_are_alike() -> None:
    book = MetricBook()
    book.record(KEY, T0, StatisticSet(count=4.0, total=20.0, least=5.0, most=5.0))
    book.record(KEY, T0 + MINUTE, StatisticSet(count=4.0, total=20.0, least=1.0, most=9.0))
    record(book, 60, 3.0, resolution=MINUTE)
    record(book, 120, 1.0, 2.0, resolution=MINUTE)
    book.record(KEY, T0 + 2 * MINUTE, StatisticSet(count=4.0, total=20.0, least=1.0, most=9.0))
    assert seen(book, "p50") == [(0.0, 5.0)]


def test_percentiles_outlast_their_seconds() -> None:
    book = MetricBook()
    for second in range(0, 600, 10):
        record(book, second, 1.0, float(second))
    record(book, 5 * 3600, 1.0)
    record(book, 9 * 3600, 1.0)
    assert seen(book, "p100", 10 * SECOND)[0][0] >= 3600
    assert seen(book, "p100")[:2] == [(0.0, 50.0), (60.0, 110.0)]

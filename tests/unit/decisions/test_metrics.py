import pytest

from stoker.decisions.metrics import Bucket, MetricBook, StatisticSet
from stoker.domain.alarms import Datapoint, MetricKey, Statistic
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant, Span

T0 = 20_000 * DAY
KEY = MetricKey(namespace="AWS/SageMaker", name="M", dimensions=(("EndpointName", "e"), ("VariantName", "v")))


def one(value: float) -> StatisticSet:
    return StatisticSet(count=1.0, total=value, least=value, most=value)


def put(book: MetricBook, values: dict[int, float], resolution: Span = 10 * SECOND, unit: str = "") -> None:
    for second, value in values.items():
        book.record(KEY, T0 + second * SECOND, one(value), resolution, unit)


def seen(book: MetricBook, period: Span, start: Instant = T0 - DAY, end: Instant = T0 + DAY) -> list[tuple[float, float]]:
    points = book.datapoints(KEY, Statistic.SUM, period, start, end)
    return [((point.start - T0) / SECOND, point.value) for point in points]


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        (Statistic.AVERAGE, 3.0),
        (Statistic.SUM, 9.0),
        (Statistic.MINIMUM, 1.0),
        (Statistic.MAXIMUM, 6.0),
        (Statistic.SAMPLE_COUNT, 3.0),
    ],
)
@pytest.mark.parametrize("period", [10 * SECOND, 30 * SECOND, MINUTE])
def test_statistics(statistic: Statistic, value: float, period: Span) -> None:
    book = MetricBook()
    put(book, {1: 2.0, 3: 6.0, 9: 1.0})
    assert book.datapoints(KEY, statistic, period, T0, T0 + MINUTE) == [Datapoint(start=T0, value=value, count=3.0)]


def test_only_periods_with_data_and_only_those_that_begin_in_the_range() -> None:
    book = MetricBook()
    put(book, {0: 1.0, 10: 2.0, 40: 3.0, 50: 4.0})
    assert seen(book, 10 * SECOND, T0 + 5 * SECOND, T0 + 50 * SECOND) == [(0, 1.0), (10, 2.0), (40, 3.0)]
    assert seen(book, 30 * SECOND) == [(0, 3.0), (30, 7.0)]


def test_periods_may_be_counted_from_any_instant() -> None:
    book = MetricBook()
    put(book, {0: 1.0, 10: 2.0, 20: 4.0, 30: 8.0})
    end = T0 + 40 * SECOND
    points = book.datapoints(KEY, Statistic.SUM, 30 * SECOND, end - 60 * SECOND, end, anchor=end)
    assert [((point.start - T0) / SECOND, point.value) for point in points] == [(-20, 1.0), (10, 14.0)]


def test_samples_may_come_late() -> None:
    book = MetricBook()
    put(book, {100: 1.0, 0: 2.0, 55: 4.0, 58: 8.0})
    assert seen(book, 10 * SECOND) == [(0, 2.0), (50, 12.0), (100, 1.0)]


def test_a_set_of_no_samples_shows_a_zero_and_distorts_nothing() -> None:
    book = MetricBook()
    none = StatisticSet(count=0.0, total=0.0, least=0.0, most=0.0)
    book.record(KEY, T0, none, MINUTE)
    assert book.datapoints(KEY, Statistic.AVERAGE, MINUTE, T0, T0 + MINUTE) == [Datapoint(start=T0, value=0.0, count=0.0)]
    book.record(KEY, T0, one(7.0), MINUTE)
    book.record(KEY, T0, none, MINUTE)
    for period in (MINUTE, 5 * MINUTE):
        assert [point.value for point in book.datapoints(KEY, Statistic.MINIMUM, period, T0, T0 + 1)] == [7.0]


def test_units_are_kept_apart_and_read_together() -> None:
    book = MetricBook()
    put(book, {0: 1.0}, unit="Count")
    put(book, {1: 2.0}, unit="Seconds")
    assert seen(book, 10 * SECOND) == [(0, 3.0)]
    assert [point.value for point in book.datapoints(KEY, Statistic.SUM, MINUTE, T0, T0 + 1, unit="Count")] == [1.0]


def test_minutes_are_not_shown_finer_than_they_are() -> None:
    book = MetricBook()
    put(book, {0: 1.0}, MINUTE)
    assert seen(book, 10 * SECOND) == []
    assert seen(book, MINUTE) == [(0, 1.0)]


def test_buckets_become_longer_with_age_and_then_go() -> None:
    """3 hours of seconds, 15 days of minutes, 63 of five minutes, 455 of hours (CloudWatch's guide, "Metrics retention")."""
    book = MetricBook()
    put(book, dict.fromkeys(range(0, 6 * 3600, 10), 1.0))
    assert book.buckets < 3 * 360 + 60 + 3 * 60 + 60
    assert sum(value for _, value in seen(book, MINUTE)) == 6 * 360
    assert {value for _, value in seen(book, MINUTE)} == {6.0}
    assert min(second for second, _ in seen(book, 10 * SECOND)) >= 2.5 * 3600
    put(book, {16 * 86_400: 1.0})
    put(book, {16 * 86_400 + 4 * 3600: 1.0})
    new = [(16 * 86_400, 1.0), (16 * 86_400 + 4 * 3600, 1.0)]
    assert seen(book, MINUTE, T0, T0 + 20 * DAY) == new
    old = [(second, 30.0) for second in range(0, 6 * 3600, 300)]
    assert seen(book, 5 * MINUTE, T0, T0 + 20 * DAY) == old + new
    put(book, {70 * 86_400: 1.0})
    put(book, {70 * 86_400 + 4 * 3600: 1.0})
    assert seen(book, 5 * MINUTE, T0, T0 + 15 * DAY) == []
    assert seen(book, HOUR, T0, T0 + 15 * DAY) == [(second, 360.0) for second in range(0, 6 * 3600, 3600)]
    put(book, {456 * 86_400: 1.0})
    put(book, {457 * 86_400: 1.0})
    assert seen(book, HOUR, T0, T0 + 15 * DAY) == []
    assert book.buckets < 20


def test_the_oldest_goes_when_there_are_too_many_buckets() -> None:
    book = MetricBook(max_buckets=100)
    put(book, {second: float(second) for second in range(0, 5000, 10)})
    assert book.buckets <= 100
    assert seen(book, 10 * SECOND)[-1] == (4990, 4990.0)


def test_the_quietest_metrics_go_when_there_are_too_many() -> None:
    book = MetricBook(max_series=32)
    for number in range(100):
        key = MetricKey(namespace="N", name=f"m{number:03d}")
        book.record(key, T0 + number * SECOND, one(1.0))
    assert len(book) <= 32
    assert book.keys()[-1].name == "m099"
    assert book.buckets == len(book) == len(list(book))


def test_keys_are_found_by_any_part() -> None:
    book = MetricBook()
    other = MetricKey(namespace="AWS/SageMaker", name="A", dimensions=(("InferenceComponentName", "x"),))
    mine = MetricKey(namespace="mine", name="M")
    for place, key in enumerate((KEY, other, mine)):
        book.record(key, T0 + place * HOUR, one(1.0))
    assert book.keys() == [other, KEY, mine]
    assert book.keys(namespace="AWS/SageMaker", name="M") == [KEY]
    assert book.keys(dimensions=(("VariantName", None),)) == [KEY]
    assert book.keys(dimensions=(("VariantName", "w"),)) == []
    assert book.keys(active_since=T0 + HOUR) == [other, mine]
    assert (book.last_seen(mine), book.last_seen(MetricKey(namespace="n", name="n"))) == (T0 + 2 * HOUR, None)
    book.forget(mine)
    book.forget(mine)
    assert book.keys(namespace="mine") == []
    assert book.datapoints(mine, Statistic.SUM, MINUTE, 0, T0 + DAY) == []
    assert book.statistics(mine, MINUTE, 0, T0 + DAY) == []


def test_whole_statistic_sets() -> None:
    book = MetricBook()
    put(book, {0: 1.0, 15: 5.0})
    assert book.statistics(KEY, MINUTE, T0, T0 + MINUTE) == [Bucket(T0, 2.0, 6.0, 1.0, 5.0)]


def test_a_writer_goes_on_after_its_metric_was_forgotten() -> None:
    book = MetricBook()
    writer = book.writer(KEY, unit="Count")
    assert list(book) == []
    one = StatisticSet(count=1.0, total=2.0, least=2.0, most=2.0)
    writer.add(0, one)
    book.forget(KEY)
    assert (list(book), book.buckets) == ([], 0)
    writer.add(MINUTE, one)
    assert [(p.start, p.value) for p in book.datapoints(KEY, Statistic.SUM, MINUTE, 0, HOUR)] == [(MINUTE, 2.0)]
    assert (list(book), book.buckets, book.units(KEY)) == ([KEY], 1, ["Count"])

import msgspec
import pytest

from stoker.decisions.rings import Bucket
from stoker.domain.alarms import Datapoint, MetricKey, Statistic
from stoker.engine.events import SampleSet
from stoker.errors import InvalidParameterError, LimitError
from stoker.service.metrics import MetricFilter, Metrics, Reading
from stoker.testing.clock import EPOCH
from stoker.testing.desk import LocalDesk
from stoker.units import DAY, HOUR, MINUTE, SECOND

replace = msgspec.structs.replace
KEY = MetricKey(namespace="mine", name="depth", dimensions=(("Queue", "q"),))
START = EPOCH - EPOCH % MINUTE


def sample(value: float = 1.0, *, at: int = START, unit: str = "Count", resolution: int = MINUTE) -> SampleSet:
    return SampleSet(key=KEY, at=at, count=1.0, total=value, least=value, most=value, resolution=resolution, unit=unit)


async def test_what_was_put_is_read_in_periods_with_units_apart() -> None:
    metrics = Metrics(LocalDesk())
    await metrics.put([sample(1.0), sample(3.0), sample(9.0, unit="Bytes"), sample(5.0, at=START + MINUTE, unit="None")])
    reading = Reading(metric=KEY, period=MINUTE, start=START, end=START + 2 * MINUTE)
    assert metrics.statistics(reading) == [
        ("Bytes", Bucket(START, 1.0, 9.0, 9.0, 9.0)),
        ("Count", Bucket(START, 2.0, 4.0, 1.0, 3.0)),
        ("None", Bucket(START + MINUTE, 1.0, 5.0, 5.0, 5.0)),
    ]
    assert metrics.statistics(replace(reading, unit="Bytes")) == [("Bytes", Bucket(START, 1.0, 9.0, 9.0, 9.0))]
    assert metrics.values(replace(reading, unit="Count"), Statistic.AVERAGE) == [Datapoint(start=START, value=2.0, count=2.0)]
    nothing = replace(reading, metric=MetricKey(namespace="mine", name="other"))
    assert (metrics.statistics(nothing), metrics.values(nothing, Statistic.SUM)) == ([], [])


async def test_samples_of_a_second_are_read_by_the_second() -> None:
    metrics = Metrics(LocalDesk())
    await metrics.put([sample(float(n), at=START + n * SECOND, resolution=SECOND) for n in range(20)])
    reading = Reading(metric=KEY, period=10 * SECOND, start=START, end=START + MINUTE)
    assert [point.value for point in metrics.values(reading, Statistic.MAXIMUM)] == [9.0, 19.0]
    assert len(metrics.values(replace(reading, period=SECOND), Statistic.SUM)) == 20


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        pytest.param({"at": START - 15 * DAY}, "MetricData.member.2.Timestamp", "within the past two weeks", id="old"),
        pytest.param({"at": EPOCH + 3 * HOUR}, "MetricData.member.2.Timestamp", "two hours in the future", id="future"),
        pytest.param({"resolution": 30 * SECOND}, "MetricData.member.2.StorageResolution", "must be 1 or 60", id="resolution"),
        pytest.param({"total": float("nan")}, "MetricData.member.2", "must be a number within", id="nan"),
        pytest.param({"most": float("inf")}, "MetricData.member.2", "must be a number within", id="endless"),
        pytest.param({"total": 2.0**361}, "MetricData.member.2", "must be a number within", id="huge"),
        pytest.param({"count": 0.0}, "MetricData.member.2", "must be greater than 0", id="no-samples"),
        pytest.param({"least": 2.0}, "MetricData.member.2", "must not be greater than the maximum", id="crossed"),
        pytest.param(
            {"key": MetricKey(namespace="AWS/SageMaker", name="x")},
            "Namespace",
            r"The value AWS/ for parameter Namespace is invalid\.",
            id="reserved",
        ),
    ],
)
async def test_one_bad_sample_keeps_all_out(changes: dict[str, object], field: str, text: str) -> None:
    metrics = Metrics(LocalDesk())
    with pytest.raises(InvalidParameterError, match=text) as caught:
        await metrics.put([sample(), replace(sample(), **changes)])
    assert caught.value.field == field
    assert metrics.find(MetricFilter()) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"end": START}, "The parameter StartTime must be less than the parameter EndTime.", id="no-time"),
        pytest.param(
            {"period": 15 * SECOND}, "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.", id="odd-period"
        ),
        pytest.param({"period": 0}, "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.", id="no-period"),
    ],
)
async def test_a_reading_that_cannot_be_is_refused(changes: dict[str, object], text: str) -> None:
    metrics = Metrics(LocalDesk())
    reading = replace(Reading(metric=KEY, period=MINUTE, start=START, end=START + HOUR), **changes)
    with pytest.raises(InvalidParameterError) as caught:
        metrics.statistics(reading)
    assert caught.value.message == text
    with pytest.raises(InvalidParameterError):
        metrics.values(reading, Statistic.SUM)


async def test_statistics_span_at_most_1440_datapoints() -> None:
    metrics = Metrics(LocalDesk())
    day = Reading(metric=KEY, period=MINUTE, start=START - DAY, end=START)
    assert metrics.statistics(day) == []
    with pytest.raises(LimitError) as caught:
        metrics.statistics(replace(day, period=SECOND))
    assert caught.value.message == (
        "You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested "
        "by increasing Period, or decreasing the time range."
    )
    assert (caught.value.limit, caught.value.maximum) == ("datapoints", 1440)


async def test_metrics_are_listed_while_they_are_not_too_old() -> None:
    desk = LocalDesk()
    metrics = Metrics(desk)
    other = MetricKey(namespace="yours", name="depth")
    await metrics.put([sample(at=EPOCH), replace(sample(at=EPOCH - 4 * HOUR), key=other)])
    assert metrics.find(MetricFilter()) == [KEY, other]
    assert metrics.find(MetricFilter(recent=True)) == [KEY]
    assert metrics.find(MetricFilter(namespace="yours")) == [other]
    assert metrics.find(MetricFilter(dimensions=(("Queue", None),))) == [KEY]
    assert metrics.find(MetricFilter(dimensions=(("Queue", "r"),))) == []
    desk.clock.advance(13 * DAY + 22 * HOUR)
    assert metrics.find(MetricFilter(name="depth")) == [KEY]

import math
import random

import pytest

from stoker.decisions.percentiles import MAX_VALUES, parse_statistic, statistic_of
from stoker.domain.ids import EndpointName, VariantName, WorkloadId
from stoker.gateway.tracker import MOST_SPANS, Latency, Tracker
from stoker.link.messages import LatencySum

NAME, ENDPOINT, VARIANT = WorkloadId("ic/a"), EndpointName("e"), VariantName("v")


def test_latencies_are_summed_in_microseconds() -> None:
    latency = Latency()
    for span in (3_000, 1_000, 2_000):
        latency.add(span)
    values = ((3.0, 1.0), (1.0, 1.0), (2.0, 1.0))
    assert latency.take() == LatencySum(count=3, total_us=6.0, least_us=1.0, most_us=3.0, values=values)
    assert latency.take() == LatencySum()


@pytest.mark.parametrize("number", [33, MOST_SPANS - 1, MOST_SPANS, 50 * MOST_SPANS + 5])
def test_how_many_latencies_are_distributed_is_told_in_few_values_that_are_near(number: int) -> None:
    rng = random.Random(number)
    spans = [round(rng.lognormvariate(15, 1)) for _ in range(number)]
    stats = Tracker().stats(NAME, ENDPOINT, VARIANT)
    for span in spans:
        stats.replied(span, 1000)
    told = stats.model.take()
    assert len(told.values) <= MAX_VALUES
    assert sum(count for _, count in told.values) == pytest.approx(told.count) == number
    assert (min(dict(told.values)), max(dict(told.values))) == pytest.approx((told.least_us, told.most_us), rel=0.05)
    for percentile in (1, 50, 90, 99):
        exact = sorted(spans)[math.ceil(number * percentile / 100) - 1] / 1000
        found = statistic_of(parse_statistic(f"p{percentile}"), dict(told.values))
        assert found == pytest.approx(exact, rel=0.15)
    assert dict(stats.overhead.take().values) == {1.0: pytest.approx(number)}
    assert stats.model.take() == LatencySum()


def test_in_flight_lives_on_and_its_peak_begins_anew() -> None:
    tracker = Tracker()
    stats = tracker.stats(NAME, ENDPOINT, VARIANT)
    for _ in range(3):
        stats.begin()
    stats.end()
    (first,) = tracker.report({})
    assert (first.in_flight, first.most_in_flight) == (2, 3)
    stats.end()
    stats.end()
    (second,) = tracker.report({})
    assert (second.in_flight, second.most_in_flight) == (0, 2)
    assert tracker.report({}) == ()


def test_a_quiet_workload_is_forgotten_and_a_waited_for_one_is_not() -> None:
    tracker = Tracker()
    tracker.stats(NAME, ENDPOINT, VARIANT)
    (told,) = tracker.report({NAME: 4})
    assert told.held == 4
    (over,) = tracker.report({})
    assert over.held == 0, "that nobody waits any more is told, once"
    assert tracker.report({}) == ()
    assert tracker.in_flight == 0


def test_statuses_are_counted_as_cloudwatch_names_them() -> None:
    tracker = Tracker()
    stats = tracker.stats(NAME, ENDPOINT, VARIANT)
    for status in (200, 201, 302, 404, 429, 500, 0):
        stats.model_replied(status)
    (told,) = tracker.report({})
    assert (told.errors_4xx, told.errors_5xx, told.model_errors) == (2, 3, 5)

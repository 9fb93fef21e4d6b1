from stoker.domain.ids import EndpointName, VariantName, WorkloadId
from stoker.gateway.tracker import Latency, Tracker
from stoker.link.messages import LatencySum

NAME, ENDPOINT, VARIANT = WorkloadId("ic/a"), EndpointName("e"), VariantName("v")


def test_latencies_are_summed_in_microseconds() -> None:
    latency = Latency()
    for span in (3_000, 1_000, 2_000):
        latency.add(span)
    assert latency.take() == LatencySum(count=3, total_us=6.0, least_us=1.0, most_us=3.0)
    assert latency.take() == LatencySum()


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

import msgspec

from stoker.decisions.metrics import MetricBook
from stoker.domain.alarms import MetricKey, Statistic
from stoker.domain.ids import ComponentName, EndpointName, WorkloadId
from stoker.engine.events import SampleSet, TrafficSeen
from stoker.engine.fleet import Fleet
from stoker.engine.metering import MOST_LATE, Metering
from stoker.engine.traffic import LatencySum, WorkloadCounts
from stoker.units import MINUTE, SECOND, Instant, Span
from tests.unit.engine.world import BEGIN, World

IC = WorkloadId("ic/ic")
START = BEGIN - BEGIN % MINUTE + 10 * MINUTE


def counts(workload: str = "ic/ic", **fields: object) -> WorkloadCounts:
    defaults: dict[str, object] = {"workload": workload, "endpoint": "e", "variant": "v"}
    return msgspec.convert({**defaults, **fields}, WorkloadCounts)


def serving(copies: int = 2) -> World:
    """Give a world with copies that serve at START, on a whole minute."""
    world = World()
    world.endpoint()
    world.component(copies=copies)
    world.run(START - world.now)
    assert world.serving() == copies
    return world


def values(
    world: World, name: str, statistic: Statistic, period: Span = MINUTE, *, variant: bool = False, since: Instant = START
) -> list[float]:
    own = (("InferenceComponentName", "ic"),)
    dimensions = (("EndpointName", "e"), ("VariantName", "v")) if variant else own
    key = MetricKey(namespace="AWS/SageMaker", name=name, dimensions=dimensions)
    points = world.platform.book.datapoints(key, statistic, period, since, world.now + MINUTE)
    return [p.value for p in points]


def report(world: World, *each: WorkloadCounts, gateway: str = "g") -> None:
    world.handle(TrafficSeen(gateway=gateway, at=world.now, counts=each))


def test_what_is_in_flight_and_held_is_the_sum_over_gateways() -> None:
    world = serving()
    metering = world.platform.metering
    report(world, counts(in_flight=3, held=1))
    report(world, counts(in_flight=4), gateway="h")
    assert (metering.in_flight(IC), metering.held(IC)) == (7, 1)
    report(world)
    assert (metering.in_flight(IC), metering.held(IC)) == (4, 0)
    metering.gateway_gone("h")
    metering.gateway_gone("unknown")
    assert metering.in_flight(IC) == 0
    assert not metering._live  # noqa: SLF001 - memory is what this is about


def test_concurrency_is_divided_by_copies_and_peaks_count_across_gateways() -> None:
    world = serving(2)
    world.seconds(1)
    report(world, counts(in_flight=4, most_in_flight=6))
    report(world, counts(in_flight=1, most_in_flight=2), gateway="h")
    assert values(world, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10 * SECOND) == [3.0]
    world.seconds(9)
    assert values(world, "ConcurrentRequestsPerCopy", Statistic.SAMPLE_COUNT, 10 * SECOND) == [3.0]


def test_idle_capacity_is_sampled_as_zero_every_ten_seconds_and_its_minutes_show_no_invocation() -> None:
    world = serving(1)
    world.seconds(60)
    assert values(world, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10 * SECOND) == [0.0] * 6
    assert values(world, "Invocations", Statistic.SUM) == [0.0]
    assert values(world, "InvocationsPerCopy", Statistic.SUM) == [0.0]


def test_boundaries_that_nobody_was_there_for_are_sampled_later() -> None:
    """A process that others keep waiting on a fast clock misses whole minutes of it."""
    world = serving(1)
    world.now += 95 * SECOND
    world.platform.tick(world.now)
    assert values(world, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10 * SECOND) == [0.0] * 9
    assert values(world, "Invocations", Statistic.SUM) == [0.0]


def test_a_machine_that_slept_has_a_hole_in_its_metrics() -> None:
    world = serving(1)
    world.now += 24 * 60 * MINUTE
    world.platform.tick(world.now)
    assert len(values(world, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10 * SECOND)) == MOST_LATE // (10 * SECOND)


def test_without_capacity_there_is_no_data_and_no_deadline() -> None:
    world = serving(1)
    world.count(0)
    world.seconds(25)
    assert values(world, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10 * SECOND) == []
    assert world.platform.metering.next_deadline() is None
    report(world, counts(held=3, no_capacity=2))
    assert values(world, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10 * SECOND) == []
    assert values(world, "NoCapacityInvocationFailures", Statistic.SUM, 10 * SECOND) == [2.0]


def test_the_period_before_capacity_came_is_not_sampled() -> None:
    world = World()
    world.endpoint()
    world.component(copies=1)
    world.run(START - world.now)
    world.count(0)
    world.run(5 * MINUTE)
    world.count(1)
    asked = world.now
    world.seconds(20)
    assert world.serving() == 1
    world.seconds(10)
    assert values(world, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10 * SECOND, since=asked) == [0.0]


def test_invocations_errors_and_latencies_become_metrics_of_the_component_and_of_its_variant() -> None:
    world = serving(2)
    latency = LatencySum(count=4, total_us=400.0, least_us=50.0, most_us=200.0, values=((50.0, 1.0), (75.0, 2.0), (200.0, 1.0)))
    report(world, counts(invocations=4, errors_4xx=1, errors_5xx=2, model_errors=1, mid_stream_errors=1, model_latency=latency))
    for variant in (False, True):
        assert values(world, "Invocations", Statistic.SUM, variant=variant) == [4.0]
        assert values(world, "Invocation4XXErrors", Statistic.AVERAGE, variant=variant) == [0.25]
        assert values(world, "Invocation5XXErrors", Statistic.SUM, variant=variant) == [2.0]
        assert values(world, "InvocationModelErrors", Statistic.SUM, variant=variant) == [1.0]
        assert values(world, "MidStreamErrors", Statistic.SUM, variant=variant) == [1.0]
    assert values(world, "InvocationsPerCopy", Statistic.SUM) == [2.0]
    totals = world.platform.metering.totals[IC]
    assert (totals.invocations, totals.model_errors, totals.no_capacity) == (4, 1, 0)


def test_replies_count_though_their_invocations_began_in_an_earlier_report() -> None:
    world = serving(1)
    report(world, counts(invocations=1, in_flight=1))
    latency = LatencySum(count=1, total_us=7.0, least_us=7.0, most_us=7.0)
    report(world, counts(errors_5xx=1, model_errors=1, model_latency=latency))
    assert values(world, "ModelLatency", Statistic.MAXIMUM) == [7.0]
    assert values(world, "InvocationModelErrors", Statistic.SUM) == [1.0]
    assert values(world, "Invocations", Statistic.SUM) == [1.0]


def test_a_variant_with_its_own_model_counts_per_instance_and_per_model() -> None:
    world = World()
    world.endpoint(managed=None, instances=2, model=True)
    world.run(START - world.now)
    report(world, counts("variant/e/v", invocations=6, in_flight=3, most_in_flight=3))
    assert values(world, "InvocationsPerInstance", Statistic.SUM, variant=True) == [3.0]
    assert values(world, "ConcurrentRequestsPerModel", Statistic.MAXIMUM, 10 * SECOND, variant=True) == [3.0]
    assert values(world, "Invocations", Statistic.SUM, variant=True) == [6.0]


def test_a_report_about_what_is_not_there_is_passed_over() -> None:
    metering = Metering(Fleet(), MetricBook())
    metering.seen(TrafficSeen(gateway="g", at=START, counts=(counts("ic/x", in_flight=1, invocations=1), counts("variant/e/v"))))
    assert (metering.in_flight(WorkloadId("ic/x")), metering.totals, metering.book.keys()) == (0, {}, [])


def test_a_component_of_an_old_ones_name_gets_metrics_of_its_own_place() -> None:
    world = serving(1)
    report(world, counts(invocations=1))
    world.delete_component()
    report(world, counts(invocations=1))
    world.seconds(5)
    report(world, counts(invocations=1))
    assert IC not in world.platform.metering.totals
    world.endpoint("other")
    world.component(endpoint="other", copies=1)
    world.seconds(60)
    report(world, counts(invocations=5))
    key = MetricKey(namespace="AWS/SageMaker", name="Invocations", dimensions=(("EndpointName", "other"), ("VariantName", "v")))
    points = world.platform.book.datapoints(key, Statistic.SUM, MINUTE, START, world.now + MINUTE)
    assert [p.value for p in points] == [5.0]
    assert world.platform.fleet.components[ComponentName("ic")].endpoint == EndpointName("other")


def test_callers_metrics_are_kept() -> None:
    metering = Metering(Fleet(), MetricBook())
    key = MetricKey(namespace="Mine", name="Queue", dimensions=())
    metering.put((SampleSet(key=key, at=START, count=2.0, total=6.0, least=1.0, most=5.0, resolution=MINUTE),))
    (point,) = metering.book.datapoints(key, Statistic.MAXIMUM, MINUTE, START, START + MINUTE)
    assert point.value == 5.0

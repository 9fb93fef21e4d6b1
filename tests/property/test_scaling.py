"""What holds for every load, capacity and policy."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.decisions.alarms import evaluate, window
from stoker.decisions.metrics import MetricBook, StatisticSet
from stoker.decisions.rounding import ceil_ratio, percent_change
from stoker.decisions.scaling.step import match_step, validate
from stoker.decisions.scaling.target_tracking import Measured, propose
from stoker.domain.alarms import Alarm, AlarmState, Comparison, Datapoint, MetricKey, MissingData, Statistic
from stoker.domain.ids import AlarmName, WorkloadId
from stoker.domain.scaling import (
    ActivityStatus,
    AdjustmentType,
    Dimension,
    Direction,
    PredefinedMetric,
    StepAdjustment,
    StepScaling,
    TargetTracking,
)
from stoker.engine.events import DemandSeen
from stoker.units import MINUTE, SECOND
from tests.unit.engine.scaling_world import CONCURRENCY, World

KEY = MetricKey(namespace="N", name="M")
levels = st.floats(0, 1e6).map(lambda level: level if level > 1e-6 else 0.0)  # far below what a gateway can count
targets = st.floats(0.01, 1e4)
capacities = st.integers(1, 500)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_whole_ratios_round_as_exact_arithmetic_does(numerator: int, denominator: int) -> None:
    assert ceil_ratio(float(numerator), float(denominator)) == -(-numerator // denominator)


@given(st.integers(0, 1000), st.integers(-300, 300))
def test_percentages_round_as_documented(capacity: int, percent: int) -> None:
    change, exact = percent_change(capacity, percent), Fraction(capacity * percent, 100)
    if exact == 0:
        assert change == 0
    elif abs(exact) < 1:
        assert change == (1 if exact > 0 else -1)
    else:
        assert change == int(exact)


def wish(target: float, current: int, values: Sequence[float]) -> int:
    """Give what target tracking makes of values, in whichever direction it goes."""
    config = TargetTracking(target_value=target, metric=PredefinedMetric.COMPONENT_CONCURRENCY)
    measured = [Measured(value, current) for value in values]
    for direction in Direction:
        found = propose(config, direction, current, measured, evaluated=len(values), dimension=Dimension.COPIES)
        if found is not None:
            return found.capacity
    return current


@given(targets, capacities, st.lists(levels, min_size=1, max_size=5), st.floats(0, 100))
def test_more_load_never_wants_less(target: float, current: int, values: list[float], more: float) -> None:
    assert wish(target, current, [value + more for value in values]) >= wish(target, current, values)


@given(targets, capacities, st.lists(levels, min_size=1, max_size=5))
def test_what_is_wanted_keeps_the_metric_at_the_target_and_no_less_would(
    target: float, current: int, values: list[float]
) -> None:
    wanted, load = wish(target, current, values), current * sum(values) / len(values)
    assert load <= wanted * target * (1 + 1e-8)
    assert wanted <= 1 or load >= (wanted - 1) * target * (1 - 1e-8)
    assert (wanted == 0) == (load == 0)


bounds = st.lists(st.integers(-20, 20), min_size=1, max_size=6, unique=True).map(sorted)


@given(bounds, st.floats(-30, 30), st.sampled_from([Comparison.GREATER, Comparison.LESS]))
def test_valid_steps_leave_no_doubt(cuts: list[int], distance: float, comparison: Comparison) -> None:
    edges = [None, *map(float, cuts), None]
    steps = tuple(
        StepAdjustment(lower=lower, upper=upper, adjustment=place) for place, (lower, upper) in enumerate(pairwise(edges))
    )
    validate(StepScaling(adjustment_type=AdjustmentType.CHANGE, steps=steps))
    alone = [step for step in steps if match_step((step,), distance, comparison)]
    assert alone == [match_step(steps, distance, comparison)]


@given(
    st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))),
    st.lists(st.sampled_from([None, 1.0, 9.0]), min_size=8, max_size=8),
    st.sampled_from(MissingData),
    st.sampled_from(AlarmState),
)
def test_alarms_agree_with_their_definition(
    m_of_n: tuple[int, int], marks: list[float | None], missing: MissingData, before: AlarmState
) -> None:
    periods, needed = m_of_n
    alarm = Alarm(
        name=AlarmName("a"),
        metric=KEY,
        statistic=Statistic.SUM,
        period=MINUTE,
        evaluation_periods=periods,
        datapoints_to_alarm=needed,
        threshold=5.0,
        comparison=Comparison.GREATER,
        configured=0,
        missing_data=missing,
        state=before,
    )
    now = 1_000_000 * MINUTE + 2 * SECOND
    end = window(alarm, now).end
    marks = marks[-(periods + 2) :]
    points = [
        Datapoint(start=end - (len(marks) - place) * MINUTE, value=mark) for place, mark in enumerate(marks) if mark is not None
    ]
    state = evaluate(alarm, points, now).state
    newest = [point.value for point in points[-periods:]]
    if sum(value > 5 for value in newest) >= needed:
        assert state is AlarmState.ALARM
    elif len(newest) == periods:
        assert state is AlarmState.OK
    elif missing is MissingData.IGNORE and all(value > 5 for value in newest):
        assert state is before
    elif not newest and missing is MissingData.MISSING:
        assert state is AlarmState.INSUFFICIENT_DATA
    elif missing is MissingData.NOT_BREACHING:
        assert state is AlarmState.OK


samples = st.lists(st.tuples(st.integers(0, 3000), st.integers(-5, 5)), max_size=60)


@given(samples, st.sampled_from([10, 20, 30, 60, 300]), st.integers(0, 50).map(lambda n: n * 10))
def test_the_book_adds_up_as_a_dictionary_does(drawn: list[tuple[int, int]], period: int, anchor: int) -> None:
    book, naive = MetricBook(), dict[int, list[int]]()
    for second, value in drawn:
        sample = StatisticSet(count=1.0, total=float(value), least=float(value), most=float(value))
        book.record(KEY, second * SECOND, sample, 10 * SECOND)
        bucket = second - second % 10
        naive.setdefault((bucket - anchor) // period * period + anchor, []).append(value)
    for statistic, function in ((Statistic.SUM, sum), (Statistic.MAXIMUM, max), (Statistic.MINIMUM, min)):
        points = book.datapoints(KEY, statistic, period * SECOND, 0, 4000 * SECOND, anchor=anchor * SECOND)
        expected = [(begin * SECOND, float(function(values))) for begin, values in sorted(naive.items())]
        assert [(point.start, point.value) for point in points] == expected


@settings(max_examples=30, deadline=None)  # hours of virtual time in each
@given(
    st.lists(st.tuples(st.integers(1, 12), st.floats(0, 60)), min_size=1, max_size=8),
    st.integers(0, 2),
    st.integers(2, 9),
    st.integers(0, 4).map(lambda n: n * 25),
)
def test_capacity_stays_in_bounds_and_every_activity_ends(
    phases: list[tuple[int, float]], least: int, most: int, start_up: int
) -> None:
    world = World(copies=2, start_up=start_up * SECOND)
    world.register(least, most)
    world.track(cooldown=120 * SECOND)
    world.alarm(world.step("more", cooldown=90 * SECOND), CONCURRENCY, threshold=8.0)
    for minutes, level in phases:
        world.load = lambda _s, copies, level=level: level / copies  # type: ignore[misc]
        world.run(minutes * MINUTE)
        world.handle(DemandSeen(workload=WorkloadId("ic/x"), waiting=1, at=world.now))
    world.run(10 * MINUTE)
    assert all(least <= capacity <= most for _, capacity, _ in world.set)
    assert all(earlier[1] != later[1] for earlier, later in pairwise(world.set))
    assert all(activity.cause and activity.details for activity in world.history.values())
    ended = world.statuses if world.ready_at is None else world.statuses[:-1]
    assert set(ended) <= {ActivityStatus.SUCCESSFUL, ActivityStatus.OVERRIDDEN}

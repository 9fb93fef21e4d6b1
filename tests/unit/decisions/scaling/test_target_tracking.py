import msgspec
import pytest

from stoker.decisions.scaling.target_tracking import (
    Measured,
    ScalingOptions,
    propose,
    resource_dimensions,
    tracking_alarms,
    watched,
)
from stoker.domain.alarms import Comparison, MetricKey, Statistic
from stoker.domain.ids import Partition
from stoker.domain.scaling import (
    AdjustmentType,
    CustomMetric,
    Dimension,
    Direction,
    PredefinedMetric,
    ScalingPolicy,
    StepAdjustment,
    StepScaling,
    TargetKey,
    TargetTracking,
)
from stoker.errors import InvalidParameterError, InvariantBrokenError
from stoker.units import MINUTE, SECOND
from tests.unit.engine.scaling_world import CountedIds

COMPONENT = TargetKey("inference-component/llama", Dimension.COPIES)
VARIANT = TargetKey("endpoint/e/variant/AllTraffic", Dimension.INSTANCES)
CONCURRENCY = PredefinedMetric.COMPONENT_CONCURRENCY


def policy(config: TargetTracking | StepScaling, target: TargetKey = COMPONENT, name: str = "p") -> ScalingPolicy:
    return ScalingPolicy(name=name, target=target, arn="arn:p", created=1, config=config)


def tracking(
    metric: PredefinedMetric | CustomMetric = CONCURRENCY, target_value: float = 5.0, *, disable_scale_in: bool = False
) -> TargetTracking:
    return TargetTracking(target_value=target_value, metric=metric, disable_scale_in=disable_scale_in)


def test_the_alarms_of_a_high_resolution_policy() -> None:
    high, low = tracking_alarms(policy(tracking()), CountedIds(), ScalingOptions(), 7)
    assert high.name == "TargetTracking-inference-component/llama-AlarmHigh-00000000-0000-4000-8000-000000000002"
    assert low.name == "TargetTracking-inference-component/llama-AlarmLow-00000000-0000-4000-8000-000000000003"
    assert (high.threshold, high.comparison, high.evaluation_periods) == (5.0, Comparison.GREATER, 3)
    assert (low.threshold, low.comparison, low.evaluation_periods) == (4.5, Comparison.LESS, 90)
    action = "arn:p:createdBy/00000000-0000-4000-8000-000000000001"
    for alarm in (high, low):
        assert (alarm.period, alarm.statistic, alarm.configured) == (10 * SECOND, Statistic.MAXIMUM, 7)
        assert isinstance(alarm.metric, MetricKey)
        assert alarm.metric.dimensions == (("InferenceComponentName", "llama"),)
        assert alarm.alarm_actions == (action,)
        assert alarm.description == f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {action}."
        assert (alarm.missing_data, alarm.datapoints_to_alarm, alarm.policy_owned) == (None, None, True)


def test_how_many_datapoints_is_an_option_of_high_resolution_only() -> None:
    options = ScalingOptions(alarm_high_periods=6, alarm_low_periods=12)
    fast = tracking_alarms(policy(tracking()), CountedIds(), options, 0)
    slow = tracking_alarms(policy(tracking(PredefinedMetric.COMPONENT_INVOCATIONS)), CountedIds(), options, 0)
    assert [(alarm.evaluation_periods, alarm.period) for alarm in (*fast, *slow)] == [
        (6, 10 * SECOND),
        (12, 10 * SECOND),
        (3, MINUTE),
        (15, MINUTE),
    ]


def test_no_low_alarm_where_scaling_in_is_disabled() -> None:
    [alarm] = tracking_alarms(policy(tracking(disable_scale_in=True)), CountedIds(), ScalingOptions(), 0)
    assert alarm.comparison is Comparison.GREATER


def test_a_step_policy_has_no_alarms_of_its_own() -> None:
    steps = StepScaling(adjustment_type=AdjustmentType.CHANGE, steps=(StepAdjustment(adjustment=1, lower=0.0),))
    with pytest.raises(InvariantBrokenError):
        tracking_alarms(policy(steps), CountedIds(), ScalingOptions(), 0)


@pytest.mark.parametrize(
    ("target", "metric", "name", "statistic", "period"),
    [
        (VARIANT, PredefinedMetric.VARIANT_INVOCATIONS, "InvocationsPerInstance", Statistic.SUM, 60),
        (VARIANT, PredefinedMetric.VARIANT_CONCURRENCY, "ConcurrentRequestsPerModel", Statistic.MAXIMUM, 10),
        (COMPONENT, PredefinedMetric.COMPONENT_INVOCATIONS, "InvocationsPerCopy", Statistic.SUM, 60),
        (COMPONENT, CONCURRENCY, "ConcurrentRequestsPerCopy", Statistic.MAXIMUM, 10),
    ],
)
def test_predefined_metrics(target: TargetKey, metric: PredefinedMetric, name: str, statistic: Statistic, period: int) -> None:
    reads = watched(target, metric)
    assert isinstance(reads.metric, MetricKey)
    assert (reads.metric.namespace, reads.metric.name) == ("AWS/SageMaker", name)
    assert (reads.statistic, reads.period) == (statistic, period * SECOND)


def test_a_custom_metric_is_read_each_minute() -> None:
    key = MetricKey(namespace="mine", name="Queue")
    reads = watched(COMPONENT, CustomMetric(metric=key, statistic=Statistic.AVERAGE, unit="Count"))
    assert (reads.metric, reads.statistic, reads.period, reads.unit) == (key, Statistic.AVERAGE, MINUTE, "Count")


def test_a_metric_of_the_other_kind_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="not supported for scalable dimension") as caught:
        watched(VARIANT, CONCURRENCY)
    assert caught.value.field == "PredefinedMetricType"


@pytest.mark.parametrize(
    ("resource_id", "dimension"),
    [
        ("endpoint/e", Dimension.INSTANCES),
        ("endpoint/e/variants/v", Dimension.INSTANCES),
        ("endpoint/e/variant/v", Dimension.COPIES),
        ("inference-component/x/y", Dimension.COPIES),
        ("table/x", Dimension.COPIES),
    ],
)
def test_resources_of_other_forms_are_refused(resource_id: str, dimension: Dimension) -> None:
    with pytest.raises(InvalidParameterError):
        resource_dimensions(TargetKey(resource_id, dimension))


def proposed(direction: Direction, current: int, *measured: tuple[float, int], evaluated: int = 3) -> tuple[int, str] | None:
    points = [Measured(*each) for each in measured]
    found = propose(tracking(), direction, current, points, evaluated=evaluated, dimension=Dimension.COPIES)
    return None if found is None else (found.capacity, found.cause)


def test_proportion_rounds_up() -> None:
    assert proposed(Direction.OUT, 2, (11.0, 2), (12.0, 2), (13.0, 2)) == (
        5,
        "3 datapoints with mean 12.0 against target 5.0 for 2 copies want ceil(2 x 12.0 / 5.0) = 5",
    )


def test_each_datapoint_counts_with_its_own_capacity() -> None:
    assert proposed(Direction.OUT, 3, (20.0, 1), (8.0, 3)) == (
        5,
        "2 datapoints with mean 14.0 for 1 to 3 copies, 22.0 in all, against target 5.0 want ceil(22.0 / 5.0) = 5",
    )


@pytest.mark.parametrize("direction", list(Direction))
def test_there_is_no_proportion_at_zero_or_without_data(direction: Direction) -> None:
    assert proposed(direction, 0, (12.0, 1)) is None
    assert proposed(direction, 2) is None


def test_an_alarm_moves_only_its_own_way() -> None:
    assert proposed(Direction.OUT, 4, (1.0, 4)) is None
    assert proposed(Direction.IN, 4, (9.0, 4)) is None


def test_zero_takes_a_full_set_of_real_zeros() -> None:
    assert proposed(Direction.IN, 2, (0.0, 2), (0.0, 2), evaluated=3) == (
        1,
        "2 datapoints with mean 0.0 against target 5.0 for 2 copies want ceil(2 x 0.0 / 5.0) = 1",
    )
    found = proposed(Direction.IN, 2, (0.0, 2), (0.0, 2), (0.0, 2), evaluated=3)
    assert found is not None
    assert found[0] == 0
    almost = proposed(Direction.IN, 2, (0.0, 2), (0.0, 2), (0.001, 2), evaluated=3)
    assert almost is not None
    assert almost[0] == 1


def test_policies_survive_being_kept() -> None:
    kept = policy(tracking(CustomMetric(metric=MetricKey(namespace="n", name="m"), statistic=Statistic.SUM)))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=ScalingPolicy) == kept
    assert Partition().scaling_policy("u", "r", "p").endswith(":resource/sagemaker/r:policyName/p")

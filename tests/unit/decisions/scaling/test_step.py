import pytest

from stoker.decisions.scaling.proposals import Proposal
from stoker.decisions.scaling.step import adjusted, aggregate, match_step, propose, validate
from stoker.domain.alarms import Comparison
from stoker.domain.scaling import AdjustmentType, Aggregation, Dimension, StepAdjustment, StepScaling
from stoker.errors import InvalidParameterError

CHANGE, PERCENT, EXACT = AdjustmentType.CHANGE, AdjustmentType.PERCENT, AdjustmentType.EXACT
Row = tuple[float | None, float | None, int]


def config(*rows: Row, kind: AdjustmentType = CHANGE, magnitude: int | None = None) -> StepScaling:
    steps = tuple(StepAdjustment(lower=lower, upper=upper, adjustment=change) for lower, upper, change in rows)
    return StepScaling(adjustment_type=kind, steps=steps, min_adjustment_magnitude=magnitude)


# The worked example of the Application Auto Scaling user guide, "Step scaling policies".
OUT = config((0, 10, 0), (10, 20, 10), (20, None, 30), kind=PERCENT)
IN = config((-10, 0, 0), (-20, -10, -10), (None, -20, -30), kind=PERCENT)


@pytest.mark.parametrize(
    ("policy", "comparison", "capacity", "metric", "wanted"),
    [
        (OUT, Comparison.GREATER_OR_EQUAL, 10, 60.0, 11),
        (OUT, Comparison.GREATER_OR_EQUAL, 11, 70.0, 14),
        (OUT, Comparison.GREATER_OR_EQUAL, 10, 55.0, 10),
        (IN, Comparison.LESS_OR_EQUAL, 14, 40.0, 13),
        (IN, Comparison.LESS_OR_EQUAL, 13, 30.0, 10),
        (IN, Comparison.LESS_OR_EQUAL, 13, 50.0, 13),
    ],
)
def test_the_user_guide(policy: StepScaling, comparison: Comparison, capacity: int, metric: float, wanted: int) -> None:
    found = propose(policy, capacity, [metric], threshold=50.0, comparison=comparison, dimension=Dimension.COPIES)
    assert isinstance(found, Proposal)
    assert found.capacity == wanted


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(OUT, id="out"),
        pytest.param(IN, id="in"),
        pytest.param(config((0, None, 1)), id="from-zero"),
        pytest.param(config((None, 0, -1), (0, None, 1)), id="both-ways"),
        pytest.param(config((5, 10, 1), (10, None, 2)), id="begins-above"),
        pytest.param(config((0, None, 0), kind=EXACT), id="exact-zero"),
        pytest.param(config((0, None, 5), kind=PERCENT, magnitude=2), id="magnitude"),
    ],
)
def test_valid_policies(policy: StepScaling) -> None:
    validate(policy)


@pytest.mark.parametrize(
    ("policy", "field", "words"),
    [
        pytest.param(config(), "StepAdjustments", "1 to 20", id="none"),
        pytest.param(config(*[(n, n + 1, 1) for n in range(21)]), "StepAdjustments", "1 to 20", id="too-many"),
        pytest.param(config((None, None, 1)), "StepAdjustments", "must be specified", id="no-bounds"),
        pytest.param(config((5, 5, 1)), "StepAdjustments", "greater than", id="empty"),
        pytest.param(config((0, 10, 1), (5, None, 2)), "StepAdjustments", "overlap", id="overlap"),
        pytest.param(config((0, 10, 1), (11, None, 2)), "StepAdjustments", "gap", id="gap"),
        pytest.param(config((0, None, 1), (5, None, 2)), "StepAdjustments", "At most one", id="two-open"),
        pytest.param(config((None, 3, 1), (3, 5, 2)), "StepAdjustments", "unspecified upper", id="closed-above"),
        pytest.param(config((-5, 0, 1)), "StepAdjustments", "unspecified lower", id="closed-below"),
        pytest.param(config((0, None, -1), kind=EXACT), "ScalingAdjustment", "negative", id="negative-exact"),
        pytest.param(config((0, None, 1), magnitude=2), "MinAdjustmentMagnitude", "only", id="magnitude-of-change"),
        pytest.param(config((0, None, 1), kind=PERCENT, magnitude=0), "MinAdjustmentMagnitude", "greater", id="magnitude-zero"),
    ],
)
def test_invalid_policies(policy: StepScaling, field: str, words: str) -> None:
    with pytest.raises(InvalidParameterError, match=words) as caught:
        validate(policy)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("policy", "current", "wanted"),
    [
        (config((0, None, 3)), 2, 5),
        (config((0, None, -3)), 2, 0),
        (config((0, None, 4), kind=EXACT), 9, 4),
        (config((0, None, 10), kind=PERCENT, magnitude=3), 10, 13),
        (config((0, None, -10), kind=PERCENT, magnitude=3), 10, 7),
        (config((0, None, -200), kind=PERCENT), 10, 0),
        (config((0, None, 100), kind=PERCENT, magnitude=3), 0, 0),
    ],
)
def test_adjustments(policy: StepScaling, current: int, wanted: int) -> None:
    assert adjusted(policy, policy.steps[0], current) == wanted


def test_bounds_belong_to_the_far_side() -> None:
    steps = OUT.steps
    assert match_step(steps, 10.0, Comparison.GREATER) is steps[1]
    assert match_step(steps, -0.1, Comparison.GREATER) is None
    assert match_step(IN.steps, -10.0, Comparison.LESS) is IN.steps[1]
    assert match_step(IN.steps, 0.1, Comparison.LESS) is None


def test_aggregations() -> None:
    values = [1.0, 2.0, 6.0]
    assert [aggregate(each, values) for each in Aggregation] == [3.0, 1.0, 6.0]


def test_a_miss_tells_the_values() -> None:
    policy = config((5, None, 1))
    found = propose(policy, 1, [1.0, 2.5], threshold=1.0, comparison=Comparison.GREATER, dimension=Dimension.COPIES)
    assert found == "No step adjustment found for metric value [1.0, 2.5] and breach threshold 1.0"
    nothing = propose(policy, 1, [], threshold=1.0, comparison=Comparison.GREATER, dimension=Dimension.COPIES)
    assert nothing == "No metric value to match step adjustments with, and breach threshold 1.0"

"""Step scaling: which step an alarm's metric falls in, and what capacity that step gives."""

from collections.abc import Sequence
from itertools import pairwise

from stoker.decisions.rounding import percent_change
from stoker.decisions.scaling.proposals import Proposal, counted, mean, noun, nouns, number
from stoker.domain.alarms import Comparison
from stoker.domain.scaling import AdjustmentType, Aggregation, Dimension, StepAdjustment, StepScaling
from stoker.errors import InvalidParameterError

MAX_STEPS = 20
_FIELD = "StepAdjustments"


def validate(config: StepScaling) -> None:
    """Refuse steps that no metric value could be matched with for sure; raises `InvalidParameterError` in AWS's manner.

    The rules are the service model's: 1 to 20 steps, no gap and no overlap, at most one open end on either side, an open end
    wherever bounds go past the threshold, no negative exact capacity, a minimum magnitude for percentages only.
    """
    if not 1 <= len(config.steps) <= MAX_STEPS:
        _refuse(f"A step scaling policy must have 1 to {MAX_STEPS} step adjustments")
    for step in config.steps:
        _check_step(config, step)
    _check_open_ends(config.steps)
    _check_order(config.steps)
    magnitude = config.min_adjustment_magnitude
    if magnitude is not None and config.adjustment_type is not AdjustmentType.PERCENT:
        _refuse("MinAdjustmentMagnitude can only be specified with PercentChangeInCapacity", "MinAdjustmentMagnitude")
    if magnitude is not None and magnitude < 1:
        _refuse("MinAdjustmentMagnitude must be greater than 0", "MinAdjustmentMagnitude")


def _refuse(message: str, field: str = _FIELD) -> None:
    raise InvalidParameterError(message, field=field)


def _check_step(config: StepScaling, step: StepAdjustment) -> None:
    if step.lower is None and step.upper is None:
        _refuse("At least one of MetricIntervalLowerBound and MetricIntervalUpperBound must be specified for a step adjustment")
    if step.lower is not None and step.upper is not None and not step.lower < step.upper:
        _refuse("MetricIntervalUpperBound must be greater than MetricIntervalLowerBound in a step adjustment")
    if config.adjustment_type is AdjustmentType.EXACT and step.adjustment < 0:
        _refuse("ScalingAdjustment must not be negative when AdjustmentType is ExactCapacity", "ScalingAdjustment")


def _check_open_ends(steps: Sequence[StepAdjustment]) -> None:
    lowers = [step.lower for step in steps]
    uppers = [step.upper for step in steps]
    if lowers.count(None) > 1 or uppers.count(None) > 1:
        _refuse("At most one step adjustment may have an unspecified lower bound and at most one an unspecified upper bound")
    if None not in lowers and any(lower is not None and lower < 0 for lower in lowers):
        _refuse("There must be a step adjustment with an unspecified lower bound when one has a negative lower bound")
    if None not in uppers and any(upper is not None and upper > 0 for upper in uppers):
        _refuse("There must be a step adjustment with an unspecified upper bound when one has a positive upper bound")


def _check_order(steps: Sequence[StepAdjustment]) -> None:
    ordered = sorted(steps, key=lambda step: float("-inf") if step.lower is None else step.lower)
    for one, following in pairwise(ordered):
        if one.upper is None or following.lower is None or one.upper > following.lower:
            _refuse("The step adjustments must not overlap")
        elif one.upper < following.lower:
            _refuse("The step adjustments must not have a gap between them")


def aggregate(aggregation: Aggregation, values: Sequence[float]) -> float:
    """Give the one value that steps are matched with; `values` not empty."""
    match aggregation:
        case Aggregation.AVERAGE:
            return mean(values)
        case Aggregation.MINIMUM:
            return min(values)
        case Aggregation.MAXIMUM:
            return max(values)


def match_step(steps: Sequence[StepAdjustment], distance: float, comparison: Comparison) -> StepAdjustment | None:
    """Give the step that holds a distance from the threshold.

    Bounds belong to the side that is further from the threshold: `lower <= x < upper` for an alarm on greater values,
    `lower < x <= upper` for one on lesser values.
    """
    greater = comparison in {Comparison.GREATER, Comparison.GREATER_OR_EQUAL}
    for step in steps:
        lower = float("-inf") if step.lower is None else step.lower
        upper = float("inf") if step.upper is None else step.upper
        if (lower <= distance < upper) if greater else (lower < distance <= upper):
            return step
    return None


def adjusted(config: StepScaling, step: StepAdjustment, current: int) -> int:
    """Give the capacity a step makes of the current one; not below 0, bounds of the target not looked at."""
    match config.adjustment_type:
        case AdjustmentType.EXACT:
            return step.adjustment
        case AdjustmentType.CHANGE:
            return max(0, current + step.adjustment)
        case AdjustmentType.PERCENT:
            change = percent_change(current, step.adjustment)
            least = config.min_adjustment_magnitude or 0
            if change:
                change = max(change, least) if change > 0 else min(change, -least)
            return max(0, current + change)


def propose(
    config: StepScaling,
    current: int,
    values: Sequence[float],
    *,
    threshold: float,
    comparison: Comparison,
    dimension: Dimension,
) -> Proposal | str:
    """Give the capacity that the matching step makes of `current`, or the sentence that tells why no step matches."""
    if not values:
        return f"No metric value to match step adjustments with, and breach threshold {number(threshold)}"
    value = aggregate(config.aggregation, values)
    step = match_step(config.steps, value - threshold, comparison)
    if step is None:
        listed = ", ".join(number(each) for each in values)
        return f"No step adjustment found for metric value [{listed}] and breach threshold {number(threshold)}"
    wanted = adjusted(config, step, current)
    measured = f"{config.aggregation.value.lower()} {number(value)} of {counted(len(values), 'datapoint')}"
    distance = f"{number(value - threshold)} from threshold {number(threshold)}"
    rule = f"step {_interval(step, comparison)} with {config.adjustment_type.value} {step.adjustment:+d}"
    cause = f"{measured} is {distance}: {rule} makes {wanted} of {counted(current, noun(dimension), nouns(dimension))}"
    return Proposal(capacity=wanted, cause=cause)


def _interval(step: StepAdjustment, comparison: Comparison) -> str:
    lower = "-inf" if step.lower is None else number(step.lower)
    upper = "inf" if step.upper is None else number(step.upper)
    greater = comparison in {Comparison.GREATER, Comparison.GREATER_OR_EQUAL}
    return f"[{lower}, {upper})" if greater else f"({lower}, {upper}]"

"""What state an alarm is in, by CloudWatch's rules for M breaching datapoints out of N and for data that is missing.

An alarm looks at a window that slides: it ends at the last whole step of its cadence and reaches back further than the N
periods it needs, because the newest may have no data. What follows from a change of state is the engine's business; the
texts that tell of one are `stoker.decisions.alarm_reasons`'s.
"""

import operator
from collections.abc import Callable, Sequence

import msgspec

from stoker.decisions.percentiles import ExtendedStatistic, parse_statistic
from stoker.decisions.rounding import ceil_div
from stoker.domain.alarms import Alarm, AlarmState, Comparison, Datapoint, MissingData
from stoker.units import DAY, HOUR, MINUTE, SECOND, Instant, Span, floor_to

EVALUATION_LAG: Span = 2 * SECOND
"""How long after a boundary alarms are looked at, so that the gateways' reports of the time before it are in."""

IGNORE = "ignore"
"""What EvaluateLowSampleCountPercentile says to have the state held."""

_EXTRA_PERIODS = 2

_OVER: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.GREATER: operator.gt,
    Comparison.GREATER_OR_EQUAL: operator.ge,
    Comparison.LESS: operator.lt,
    Comparison.LESS_OR_EQUAL: operator.le,
}


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """The time an alarm looks at; its periods are counted from `end` backwards."""

    start: Instant
    end: Instant


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What an alarm's state is, and of what it was judged.

    `points` are the newest real datapoints that counted (at most N, ascending), `breaching` those of them over the line,
    `missing` how many of the N periods stayed without data.
    """

    state: AlarmState
    points: tuple[Datapoint, ...]
    breaching: tuple[Datapoint, ...]
    missing: int
    at: Instant

    @property
    def values(self) -> tuple[float, ...]:
        """The values that counted, ascending in time."""
        return tuple(point.value for point in self.points)


def evaluation_range(alarm: Alarm) -> int:
    """Give how many periods an alarm looks at: N + 2, and a minute more than N when periods are below a minute.

    CloudWatch does not document the number.
    """
    if alarm.period < MINUTE:
        return alarm.evaluation_periods + max(_EXTRA_PERIODS, ceil_div(MINUTE, alarm.period))
    return alarm.evaluation_periods + _EXTRA_PERIODS


def cadence(alarm: Alarm) -> Span:
    """Give how often an alarm is looked at: 10 s for periods below a minute, an hour for over a day in all, else a minute."""
    if alarm.period < MINUTE:
        return 10 * SECOND
    return HOUR if alarm.period * alarm.evaluation_periods > DAY else MINUTE


def next_evaluation(every: Span, now: Instant) -> Instant:
    """Give the first instant after `now` at which alarms of a cadence are looked at."""
    return floor_to(now - EVALUATION_LAG, every) + every + EVALUATION_LAG


def window(alarm: Alarm, now: Instant) -> Window:
    """Give the time an alarm looks at when it is looked at now."""
    end = floor_to(now - EVALUATION_LAG, min(alarm.period, cadence(alarm)))
    return Window(start=end - evaluation_range(alarm) * alarm.period, end=end)


def evaluate(alarm: Alarm, datapoints: Sequence[Datapoint], now: Instant) -> Verdict:
    """Judge an alarm by the datapoints of its window, ascending.

    The rules in order (they give every cell of the two tables in CloudWatch's guide on missing data): M breaching raise it;
    a full N without that is OK; then missing data counts as the alarm says; a good point is OK; no point at all is
    INSUFFICIENT_DATA; and breaching points alone, fewer than M, raise it once the oldest is M periods old.
    """
    points = tuple(datapoints[-alarm.evaluation_periods :])
    over, threshold = _OVER[alarm.comparison], alarm.threshold
    breaching = tuple([point for point in points if over(point.value, threshold)])
    missing = alarm.evaluation_periods - len(points)
    state = _state(alarm, points, breaching, missing, now)
    return Verdict(state=state, points=points, breaching=breaching, missing=missing, at=now)


def holds_back(alarm: Alarm, verdict: Verdict, now: Instant) -> bool:
    """Whether a verdict is not to count: the alarm still warms up, or its percentile is of too few samples."""
    if alarm.warm_up is not None and now < alarm.warm_until and (alarm.warm_up.whole or verdict.missing):
        return True
    if alarm.low_samples != IGNORE or not alarm.extended:
        return False
    needed = significant_samples(parse_statistic(alarm.extended))
    return any(point.count < needed for point in verdict.points)


def significant_samples(statistic: ExtendedStatistic) -> float:
    """Give how many samples a percentile must be of to mean something; 0 for other statistics.

    10/(1 - percentile) from the median up, 10/percentile below (CloudWatch's guide, "Percentile-based alarms and low data
    samples").
    """
    percent = statistic.high
    if statistic.kind != "p" or not 0 < percent < 100:  # noqa: PLR2004 - all of them
        return 0.0
    return 1000 / min(percent, 100 - percent)


def _state(alarm: Alarm, points: Sequence[Datapoint], breaching: Sequence[Datapoint], missing: int, now: Instant) -> AlarmState:
    treatment = alarm.missing_data or MissingData.MISSING
    if len(breaching) >= alarm.needed:
        return AlarmState.ALARM
    if missing == 0 or treatment is MissingData.NOT_BREACHING:
        return AlarmState.OK
    if treatment is MissingData.BREACHING:
        return AlarmState.ALARM if len(breaching) + missing >= alarm.needed else AlarmState.OK
    if len(points) > len(breaching):
        return AlarmState.OK
    if treatment is MissingData.IGNORE:
        return alarm.state
    if not points:
        return AlarmState.INSUFFICIENT_DATA
    age = (window(alarm, now).end - breaching[0].start) // alarm.period
    return AlarmState.ALARM if age >= alarm.needed else alarm.state

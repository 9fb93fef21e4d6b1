"""CloudWatch's own words for why an alarm changed its state: the sentence, and the JSON that goes with it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from stoker.decisions.alarms import Verdict, window
from stoker.domain.alarms import Alarm, AlarmState, Comparison, Datapoint, MissingData
from stoker.units import MILLISECOND, SECOND, Instant

_LISTED = 5
"""A sentence lists no more datapoints than this, else only the most recent."""
_DETAILED = 20
"""Datapoints that the JSON tells everything of: with 90 short ones it stays below CloudWatch's 4000 characters."""

_RELATIONS = {
    Comparison.GREATER: "greater than",
    Comparison.GREATER_OR_EQUAL: "greater than or equal to",
    Comparison.LESS: "less than",
    Comparison.LESS_OR_EQUAL: "less than or equal to",
}


class _Evaluated(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    timestamp: str
    sample_count: float
    value: float


class _ReasonData(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    version: str
    query_date: str
    start_date: str = ""
    unit: str = ""
    statistic: str = ""
    period: int
    recent_datapoints: tuple[float, ...]
    threshold: float
    evaluated_datapoints: tuple[_Evaluated, ...] = ()


def reason(alarm: Alarm, verdict: Verdict) -> str:
    """Give the StateReason of a verdict."""
    treatment = alarm.missing_data or MissingData.MISSING
    if not verdict.points:
        if treatment in {MissingData.BREACHING, MissingData.NOT_BREACHING} and verdict.state is not AlarmState.INSUFFICIENT_DATA:
            return (
                f"Threshold Crossed: no datapoints were received for {_count(verdict.missing, 'period')} and "
                f"{_count(verdict.missing, 'missing datapoint')} {_was(verdict.missing)} treated as "
                f"[{'Breaching' if treatment is MissingData.BREACHING else 'NonBreaching'}]."
            )
        return f"Insufficient Data: {_count(verdict.missing, 'datapoint')} {_was(verdict.missing)} unknown."
    raised = verdict.state is AlarmState.ALARM
    good = tuple(point for point in verdict.points if point not in verdict.breaching)
    told = (verdict.breaching if raised else good) or verdict.points
    relation = f"{'' if told == verdict.breaching else 'not '}{_RELATIONS[alarm.comparison]}"
    return f"Threshold Crossed: {_told(alarm, told, relation)}{_transition(alarm, raised=raised)}."


def _told(alarm: Alarm, told: Sequence[Datapoint], relation: str) -> str:
    number = len(told)
    counted = _count(number, "datapoint")
    if alarm.datapoints_to_alarm is not None:
        counted = f"{number} out of the last {alarm.evaluation_periods} datapoints"
    compared = f"{_was(number)} {relation} the threshold ({alarm.threshold!r})"
    recent = ", ".join(f"{point.value!r} ({_short(point.start)})" for point in reversed(told[-_LISTED:]))
    if number > _LISTED:
        return f"{counted} {compared}. The most recent datapoints which crossed the threshold: [{recent}]"
    return f"{counted} [{recent}] {compared}"


def _transition(alarm: Alarm, *, raised: bool) -> str:
    if alarm.datapoints_to_alarm is None:
        return ""
    if raised:
        return f" (minimum {_count(alarm.needed, 'datapoint')} for OK -> ALARM transition)"
    back = alarm.evaluation_periods - alarm.needed + 1
    return f" (minimum {_count(back, 'datapoint')} for ALARM -> OK transition)"


def reason_data(alarm: Alarm, verdict: Verdict) -> str:
    """Give the StateReasonData of a verdict: JSON, below 4000 characters for values of usual length."""
    data = _ReasonData(
        version="1.0",
        query_date=_long(verdict.at),
        start_date=_long(verdict.points[0].start if verdict.points else window(alarm, verdict.at).start),
        unit=alarm.unit,
        statistic="" if isinstance(alarm.metric, tuple) else alarm.extended or alarm.statistic.value,
        period=alarm.period // SECOND,
        recent_datapoints=verdict.values,
        threshold=alarm.threshold,
        evaluated_datapoints=tuple(
            _Evaluated(timestamp=_long(point.start), sample_count=point.count, value=point.value)
            for point in reversed(verdict.points[-_DETAILED:])
        ),
    )
    return msgspec.json.encode(data).decode()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _short(instant: Instant) -> str:
    return datetime.fromtimestamp(instant // SECOND, tz=UTC).strftime("%m/%d/%y %H:%M:%S")


def _long(instant: Instant) -> str:
    moment = datetime.fromtimestamp(instant // SECOND, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant % SECOND // MILLISECOND:03d}+0000"

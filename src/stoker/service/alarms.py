"""Use cases of alarms on metrics."""

import math
from collections.abc import Sequence

import msgspec

from stoker.decisions.alarms import evaluation_range
from stoker.decisions.metric_math.plan import check_work, watched
from stoker.domain.alarms import Alarm, AlarmState
from stoker.domain.ids import AlarmName
from stoker.engine.events import AlarmPut, AlarmsRemoved
from stoker.errors import InvalidParameterError, LimitError
from stoker.service.desk import Desk
from stoker.service.metrics import MAX_NUMBER
from stoker.units import DAY, HOUR, MINUTE, SECOND, Span

MAX_ALARMS = 5_000
"""Alarms of one installation, target tracking's own included (AWS's quota)."""

MAX_ACTIONS = 5
"""Actions of an alarm for each of its states."""

_SHORT_PERIODS = frozenset({10 * SECOND, 20 * SECOND, 30 * SECOND})
_ARN_PARTS = 6


class AlarmFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alarms a caller asks for; an empty member is any. Prefixes are of the name and of one of the actions."""

    names: Sequence[str] = ()
    name_prefix: str = ""
    state: AlarmState | None = None
    action_prefix: str = ""

    def takes(self, alarm: Alarm) -> bool:
        """Whether an alarm is among those asked for."""
        if self.state is not None and alarm.state is not self.state:
            return False
        if not alarm.name.startswith(self.name_prefix):
            return False
        actions = (*alarm.alarm_actions, *alarm.ok_actions, *alarm.insufficient_data_actions)
        return not self.action_prefix or any(action.startswith(self.action_prefix) for action in actions)


class Alarms:
    """Makes, shows and deletes alarms."""

    __slots__ = ("_desk",)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def put(self, alarm: Alarm) -> None:
        """Make an alarm, or replace what one watches and does: its state and its tags stay.

        Raises `InvalidParameterError` in CloudWatch's words for what it cannot watch, `LimitError` for one too many.
        """
        _check(alarm)
        held = self._desk.platform.autoscaler.alarms
        before = held.get(alarm.name)
        if before is None and len(held) >= MAX_ALARMS:
            raise LimitError(f"There are {MAX_ALARMS} alarms already.", limit="alarms", maximum=MAX_ALARMS)
        if before is not None:
            alarm = msgspec.structs.replace(alarm, tags=before.tags)
        await self._desk.submit(AlarmPut(alarm=msgspec.structs.replace(alarm, configured=self._desk.now())))

    def find(self, wanted: AlarmFilter) -> list[Alarm]:
        """Give the alarms asked for, by name; names that are not there are left out."""
        held = self._desk.platform.autoscaler.alarms
        named = [held[AlarmName(name)] for name in set(wanted.names) if name in held] if wanted.names else list(held.values())
        return sorted((alarm for alarm in named if wanted.takes(alarm)), key=lambda alarm: alarm.name)

    async def delete(self, names: Sequence[str]) -> None:
        """Forget alarms; names that are not there are no error."""
        held = self._desk.platform.autoscaler.alarms
        known = tuple(AlarmName(name) for name in dict.fromkeys(names) if name in held)
        if known:
            await self._desk.submit(AlarmsRemoved(names=known))


def _check(alarm: Alarm) -> None:
    if isinstance(alarm.metric, tuple):
        watched(alarm.metric)
    _check_window(alarm.period, alarm.evaluation_periods)
    if isinstance(alarm.metric, tuple):
        check_work(alarm.metric, evaluation_range(alarm))
    if alarm.datapoints_to_alarm is not None and not 1 <= alarm.datapoints_to_alarm <= alarm.evaluation_periods:
        raise InvalidParameterError(
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods", field="DatapointsToAlarm"
        )
    if not (math.isfinite(alarm.threshold) and abs(alarm.threshold) <= MAX_NUMBER):
        raise InvalidParameterError("Threshold must be a number within -2^360 to 2^360", field="Threshold")
    for field, actions in (
        ("AlarmActions", alarm.alarm_actions),
        ("OKActions", alarm.ok_actions),
        ("InsufficientDataActions", alarm.insufficient_data_actions),
    ):
        if len(actions) > MAX_ACTIONS:
            raise InvalidParameterError(f"{field} must have at most {MAX_ACTIONS} members", field=field)
        for action in actions:
            if not action.startswith("arn:") or len(action.split(":", _ARN_PARTS - 1)) < _ARN_PARTS:
                raise InvalidParameterError(f"Invalid arn syntax: {action}", field=field)


def _check_window(period: Span, periods: int) -> None:
    if period not in _SHORT_PERIODS and (period < MINUTE or period % MINUTE):
        raise InvalidParameterError("Period must be 10, 20, 30 or a multiple of 60", field="Period")
    if periods < 1:
        raise InvalidParameterError("EvaluationPeriods must be at least 1", field="EvaluationPeriods")
    if period < HOUR and period * periods > DAY:
        raise InvalidParameterError(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) "
            "for alarms using period < 3600",
            field="EvaluationPeriods",
        )
    if period * periods > 7 * DAY:
        raise InvalidParameterError(
            "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) "
            "for alarms using period >= 3600",
            field="EvaluationPeriods",
        )

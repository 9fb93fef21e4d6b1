"""Use cases of alarms, on metrics and on other alarms. Their history is `stoker.service.alarm_history`'s."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import msgspec

from stoker.decisions.alarm_history import AnyAlarm
from stoker.decisions.alarm_rules import children, parse_rule
from stoker.decisions.alarms import evaluation_range
from stoker.decisions.metric_math.plan import check_work, watched
from stoker.decisions.percentiles import parse_statistic
from stoker.domain.alarms import Alarm, AlarmState, CompositeAlarm, MetricKey
from stoker.domain.ids import ALARM, AlarmName
from stoker.engine.events import (
    AlarmActionsSwitched,
    AlarmPut,
    AlarmsRemoved,
    AlarmStateSet,
    AlarmTagged,
    CompositeAlarmPut,
)
from stoker.errors import InvalidParameterError, LimitError, NotFoundError
from stoker.service.desk import Desk
from stoker.service.metrics import MAX_NUMBER
from stoker.units import DAY, HOUR, MINUTE, SECOND, Span

MAX_ALARMS = 5_000
"""Alarms of one installation, target tracking's own included (AWS's quota)."""

MAX_ACTIONS = 5
"""Actions of an alarm for each of its states."""

MAX_TAGS = 50
"""Tags of an alarm (CloudWatch's limit)."""

MAX_SUPPRESSION: Span = DAY
"""How long actions may wait for a suppressor, and after it."""

MAX_PARENTS = 150
"""Composite alarms whose rules may name one alarm (CloudWatch's limit)."""

_SHORT_PERIODS = frozenset({10 * SECOND, 20 * SECOND, 30 * SECOND})
_ARN_PARTS = 6
_SPACE = 32
"""The first character that is not a control character."""


class AlarmFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alarms a caller asks for; an empty member is any. Prefixes are of the name and of one of the actions."""

    names: Sequence[str] = ()
    name_prefix: str = ""
    state: AlarmState | None = None
    action_prefix: str = ""

    def takes(self, alarm: AnyAlarm) -> bool:
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
        if alarm.name in self._desk.platform.autoscaler.composite_alarms:
            raise InvalidParameterError(f"There is a composite alarm of the name {alarm.name} already.", field="AlarmName")
        if before is not None:
            alarm = msgspec.structs.replace(alarm, tags=before.tags)
        _check_tags(alarm.tags)
        await self._desk.submit(AlarmPut(alarm=msgspec.structs.replace(alarm, configured=self._desk.now())))

    async def put_composite(self, alarm: CompositeAlarm) -> None:
        """Make an alarm on alarms, or replace its rule and actions: its tags stay, and its state until the rule is judged.

        Raises `InvalidParameterError` for a rule that cannot be read, names what is not there, or leads back to the alarm itself.
        """
        scaler = self._desk.platform.autoscaler
        if alarm.name in scaler.alarms:
            raise InvalidParameterError(f"There is a metric alarm of the name {alarm.name} already.", field="AlarmName")
        before = scaler.composite_alarms.get(alarm.name)
        if before is None and len(scaler.composite_alarms) >= MAX_ALARMS:
            raise LimitError(f"There are {MAX_ALARMS} composite alarms already.", limit="alarms", maximum=MAX_ALARMS)
        if before is not None:
            alarm = msgspec.structs.replace(alarm, tags=before.tags)
        self._check_rule(alarm)
        self._check_suppressor(alarm)
        _check_actions(alarm)
        _check_tags(alarm.tags)
        await self._desk.submit(CompositeAlarmPut(alarm=msgspec.structs.replace(alarm, configured=self._desk.now())))

    def find(self, wanted: AlarmFilter) -> list[Alarm]:
        """Give the metric alarms asked for, by name; names that are not there are left out."""
        return _found(self._desk.platform.autoscaler.alarms, wanted)

    def find_composite(self, wanted: AlarmFilter) -> list[CompositeAlarm]:
        """Give the composite alarms asked for, by name; names that are not there are left out."""
        return _found(self._desk.platform.autoscaler.composite_alarms, wanted)

    def children(self, name: str) -> frozenset[str]:
        """Give the names that a composite alarm's rule speaks of. Raises `InvalidParameterError` when there is no such alarm."""
        alarm = self._desk.platform.autoscaler.composite_alarms.get(AlarmName(name))
        if alarm is None:
            raise InvalidParameterError(f"There is no composite alarm {name}.", field="ChildrenOfAlarmName")
        return frozenset(children(parse_rule(alarm.rule)))

    def parents(self, name: str) -> frozenset[str]:
        """Give the composite alarms whose rules name an alarm."""
        return frozenset(self._desk.platform.autoscaler.parents_of(name))

    def on_metric(self, metric: MetricKey) -> list[Alarm]:
        """Give the alarms on one metric, by name; those on metric math are not among them."""
        found = [alarm for alarm in self._desk.platform.autoscaler.alarms.values() if alarm.metric == metric]
        return sorted(found, key=lambda alarm: alarm.name)

    async def delete(self, names: Sequence[str]) -> None:
        """Forget alarms; names that are not there are no error.

        Raises `InvalidParameterError` for more than one composite alarm, and for one that another one's rule names.
        """
        scaler = self._desk.platform.autoscaler
        unique = [AlarmName(name) for name in dict.fromkeys(names)]
        composite = [name for name in unique if name in scaler.composite_alarms]
        if len(composite) > 1:
            raise InvalidParameterError("Cannot delete more than one composite alarm at a time.", field="AlarmNames")
        known = tuple(name for name in unique if name in scaler.alarms or name in scaler.composite_alarms)
        for name in known:
            depending = {*scaler.parents_of(name), *scaler.suppressed_by(name)}
            if not depending <= set(composite):
                text = f"Cannot delete {name} as there are composite alarm(s) depending on it."
                raise InvalidParameterError(text, field="AlarmNames")
        if known:
            await self._desk.submit(AlarmsRemoved(names=known))

    async def set_state(self, name: str, state: AlarmState, reason: str, reason_data: str) -> None:
        """Put an alarm into a state, until it is next looked at; the actions of a new state run at once."""
        alarm = self._named(name, name)
        await self._desk.submit(AlarmStateSet(name=alarm.name, state=state, reason=reason, reason_data=reason_data))

    async def switch(self, names: Sequence[str], *, enabled: bool) -> None:
        """Enable or disable alarms' actions; names that are not there are no error."""
        unique = tuple(AlarmName(name) for name in dict.fromkeys(names))
        await self._desk.submit(AlarmActionsSwitched(names=unique, enabled=enabled))

    def tagged(self, arn: str) -> AnyAlarm:
        """Give the alarm that an ARN names."""
        parts = arn.split(":", _ARN_PARTS)
        named = len(parts) > _ARN_PARTS and parts[2] == "cloudwatch" and parts[5] == "alarm"
        return self._named(parts[-1] if named else "", arn)

    async def tag(self, arn: str, tags: Mapping[str, str], *, without: Collection[str] = ()) -> None:
        """Set tags of the alarm that an ARN names, and take others away."""
        alarm = self.tagged(arn)
        left = {key: value for key, value in alarm.tags.items() if key not in without} | dict(tags)
        _check_tags(left)
        if left != alarm.tags:
            await self._desk.submit(AlarmTagged(name=alarm.name, tags=left))

    def _named(self, name: str, asked: str) -> AnyAlarm:
        scaler = self._desk.platform.autoscaler
        alarm = scaler.alarms.get(AlarmName(name)) or scaler.composite_alarms.get(AlarmName(name))
        if alarm is None:
            raise NotFoundError(ALARM, asked)
        return alarm

    def _check_rule(self, alarm: CompositeAlarm) -> None:
        scaler = self._desk.platform.autoscaler
        named = children(parse_rule(alarm.rule))
        missing = [
            name for name in named if AlarmName(name) not in scaler.alarms and AlarmName(name) not in scaler.composite_alarms
        ]
        if missing and missing != [alarm.name]:
            text = f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist"
            raise InvalidParameterError(text, field="AlarmRule")
        for name in named:
            if len({*scaler.parents_of(name), alarm.name}) > MAX_PARENTS:
                raise LimitError(f"{MAX_PARENTS} composite alarms name {name} already.", limit="alarms", maximum=MAX_PARENTS)
        seen: set[str] = set()
        waiting = list(named)
        while waiting:
            name = waiting.pop()
            if name == alarm.name:
                text = f"The rule of {alarm.name} leads back to {alarm.name} itself; such a rule can never be judged."
                raise InvalidParameterError(text, field="AlarmRule")
            below = scaler.composite_alarms.get(AlarmName(name))
            if below is not None and name not in seen:
                seen.add(name)
                waiting.extend(children(parse_rule(below.rule)))

    def _check_suppressor(self, alarm: CompositeAlarm) -> None:
        if not alarm.suppressor:
            if alarm.wait or alarm.extension:
                text = "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod need an ActionsSuppressor"
                raise InvalidParameterError(text, field="ActionsSuppressor")
            return
        scaler, name = self._desk.platform.autoscaler, AlarmName(alarm.suppressor)
        if name == alarm.name or (name not in scaler.alarms and name not in scaler.composite_alarms):
            text = f"The ActionsSuppressor {alarm.suppressor} must be an alarm that exists, and another one"
            raise InvalidParameterError(text, field="ActionsSuppressor")
        for field, span in (("ActionsSuppressorWaitPeriod", alarm.wait), ("ActionsSuppressorExtensionPeriod", alarm.extension)):
            if not 0 <= span <= MAX_SUPPRESSION:
                raise InvalidParameterError(f"{field} must be 0 to {MAX_SUPPRESSION // SECOND} seconds", field=field)


AlarmT = TypeVar("AlarmT", Alarm, CompositeAlarm)


def _found(held: Mapping[AlarmName, AlarmT], wanted: AlarmFilter) -> list[AlarmT]:
    named = [held[AlarmName(name)] for name in set(wanted.names) if name in held] if wanted.names else list(held.values())
    return sorted((alarm for alarm in named if wanted.takes(alarm)), key=lambda alarm: alarm.name)


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise InvalidParameterError(f"An alarm has at most {MAX_TAGS} tags, not {len(tags)}", field="Tags")


def _check_actions(alarm: AnyAlarm) -> None:
    if any(ord(character) < _SPACE for character in alarm.name):
        # PutMetricAlarm's reference: "can't contain ASCII control characters".
        raise InvalidParameterError("The name of an alarm must not contain ASCII control characters", field="AlarmName")
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


def _check(alarm: Alarm) -> None:
    if isinstance(alarm.metric, tuple):
        watched(alarm.metric)
    if alarm.extended:
        parse_statistic(alarm.extended)
    _check_window(alarm.period, alarm.evaluation_periods)
    if isinstance(alarm.metric, tuple):
        check_work(alarm.metric, evaluation_range(alarm))
    if alarm.datapoints_to_alarm is not None and not 1 <= alarm.datapoints_to_alarm <= alarm.evaluation_periods:
        raise InvalidParameterError(
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods", field="DatapointsToAlarm"
        )
    if not (math.isfinite(alarm.threshold) and abs(alarm.threshold) <= MAX_NUMBER):
        raise InvalidParameterError("Threshold must be a number within -2^360 to 2^360", field="Threshold")
    _check_actions(alarm)


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

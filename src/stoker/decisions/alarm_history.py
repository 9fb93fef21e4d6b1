"""The words of alarms' histories, as CloudWatch has them: a sentence for each entry, and the JSON that goes with it."""

from typing import Final, TypeAlias

import msgspec

from stoker.domain.alarms import Alarm, CompositeAlarm, HistoryItem, HistoryKind
from stoker.units import MILLISECOND, Instant

MAX_SUMMARY: Final = 255
MAX_DATA: Final = 4_095
"""Characters of an entry (the service model's limits)."""

AnyAlarm: TypeAlias = Alarm | CompositeAlarm

_VERSION: Final = "1.0"


class _State(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    state_value: str
    state_reason: str
    state_reason_data: msgspec.Raw | None = None


class _StateUpdate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    version: str
    old_state: _State
    new_state: _State


class _Configuration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    version: str
    type: str
    alarm_name: str
    alarm: AnyAlarm | None


class _Action(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    action_state: str
    state_update_timestamp: int
    notification_resource: str
    error: str | None


def configured(alarm: AnyAlarm, verb: str, now: Instant) -> HistoryItem:
    """Give the entry of an alarm that was `created`, `updated` or `deleted`."""
    kind = {"created": "Create", "updated": "Update", "deleted": "Delete"}[verb]
    told = _Configuration(version=_VERSION, type=kind, alarm_name=alarm.name, alarm=alarm)
    brief = msgspec.structs.replace(told, alarm=None)
    summary = f'Alarm "{alarm.name}" {verb}'
    return _item(alarm, now, HistoryKind.CONFIGURATION, summary, (told, brief))


def moved(before: AnyAlarm, after: AnyAlarm, now: Instant) -> HistoryItem:
    """Give the entry of a state that changed."""
    told = _StateUpdate(version=_VERSION, old_state=_state(before), new_state=_state(after))
    brief = msgspec.structs.replace(told, old_state=_state(before, brief=True), new_state=_state(after, brief=True))
    summary = f"Alarm updated from {before.state.value} to {after.state.value}"
    return _item(after, now, HistoryKind.STATE, summary, (told, brief))


def acted(alarm: AnyAlarm, action: str, error: str | None, now: Instant) -> HistoryItem:
    """Give the entry of an action that was run; `error` None is a success."""
    told = _Action(
        action_state="Succeeded" if error is None else "Failed",
        state_update_timestamp=alarm.state_updated // MILLISECOND,
        notification_resource=action,
        error=error,
    )
    done = "Successfully executed action" if error is None else "Failed to execute action"
    summary = f"{done} {action}" if error is None else f'{done} {action}. Received error: "{error}"'
    return _item(alarm, now, HistoryKind.ACTION, summary, (told,))


def _state(alarm: AnyAlarm, *, brief: bool = False) -> _State:
    data = "" if brief else alarm.reason_data
    return _State(
        state_value=alarm.state.value,
        state_reason=alarm.reason[:1023],
        state_reason_data=msgspec.Raw(data.encode()) if data.startswith("{") else None,
    )


def _item(alarm: AnyAlarm, now: Instant, kind: HistoryKind, summary: str, told: tuple[msgspec.Struct, ...]) -> HistoryItem:
    """Give an entry with the first of the data told that is short enough, else with what fits of the last."""
    written = [msgspec.json.encode(each).decode() for each in told]
    return HistoryItem(
        name=alarm.name,
        composite=isinstance(alarm, CompositeAlarm),
        at=now,
        kind=kind,
        summary=summary[:MAX_SUMMARY],
        data=next((data for data in written if len(data) <= MAX_DATA), written[-1][:MAX_DATA]),
    )

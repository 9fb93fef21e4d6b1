"""When a composite alarm's actions wait for another alarm, its suppressor, and when they run after all.

While the suppressor is in ALARM they do not run. When the composite alarm changes its state first, they wait for the suppressor
for a while; and when the suppressor has left ALARM, they wait for a while longer (CloudWatch's guide, "Composite alarm action
suppression").
"""

import msgspec

from stoker.domain.alarms import CompositeAlarm
from stoker.units import Instant

WAIT = "WaitPeriod"
EXTENSION = "ExtensionPeriod"
ALARM = "Alarm"
"""What may hold actions back, in CloudWatch's words."""


def after_move(alarm: CompositeAlarm, now: Instant, *, suppressing: bool) -> CompositeAlarm:
    """Give an alarm that has just changed its state: its actions are due, or held back."""
    alarm = msgspec.structs.replace(alarm, pending=True)
    if not alarm.suppressor:
        return _held(alarm, "", 0)
    if suppressing:
        return _held(alarm, ALARM, 0)
    if alarm.suppressed_by in {WAIT, EXTENSION} and alarm.suppressed_until > now:
        return alarm
    return _held(alarm, WAIT, now + alarm.wait) if alarm.wait else _held(alarm, "", 0)


def after_suppressor(alarm: CompositeAlarm, now: Instant, *, suppressing: bool) -> CompositeAlarm:
    """Give an alarm whose suppressor has just changed its state."""
    if suppressing:
        return _held(alarm, ALARM, 0)
    if alarm.suppressed_by != ALARM:
        return alarm
    return _held(alarm, EXTENSION, now + alarm.extension) if alarm.extension else _held(alarm, "", 0)


def released(alarm: CompositeAlarm) -> CompositeAlarm:
    """Give an alarm whose wait is over."""
    return _held(alarm, "", 0)


def _held(alarm: CompositeAlarm, by: str, until: Instant) -> CompositeAlarm:
    why = {
        "": "",
        ALARM: f"The suppressor {alarm.suppressor} is in ALARM",
        WAIT: f"Waiting for the suppressor {alarm.suppressor} to go into ALARM",
        EXTENSION: f"The suppressor {alarm.suppressor} has left ALARM a short while ago",
    }[by]
    return msgspec.structs.replace(alarm, suppressed_by=by, suppressed_until=until, suppressed_reason=why)

"""Scheduled actions of scalable targets: new bounds at times that an expression names."""

import msgspec

from stoker.domain.scaling import TargetKey
from stoker.errors import InvalidParameterError
from stoker.units import Instant


class ScheduledAction(msgspec.Struct, frozen=True, kw_only=True):
    """Sets a target's bounds when `expression` says so; a bound that is None stays.

    `timezone` is as it was given, empty for none, which means UTC. What recurs also happens at `start`, and not after `end`.
    `timed` is when the expression was last set, from which a rate without `start` counts. `handled` is the last occurrence that
    was carried out, skipped or refused: whatever came due since then is still to be done.
    """

    name: str
    target: TargetKey
    arn: str
    expression: str
    created: Instant
    timed: Instant
    handled: Instant
    timezone: str = ""
    start: Instant | None = None
    end: Instant | None = None
    least: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        """Refuse an action that sets nothing, or bounds and times that cannot be."""
        if self.least is None and self.most is None:
            raise InvalidParameterError(
                "MinCapacity or MaxCapacity must be specified in ScalableTargetAction", field="ScalableTargetAction"
            )
        if self.least is not None and self.most is not None and self.most < self.least:
            raise InvalidParameterError("Maximum capacity cannot be less than minimum capacity", field="MaxCapacity")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InvalidParameterError("EndTime cannot be before StartTime", field="EndTime")

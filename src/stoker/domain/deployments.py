"""Updates of endpoints and components: how the old version gives way to the new one, and how far that has come."""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from stoker.domain.ids import AlarmName
from stoker.units import HOUR, Instant, Span

MAX_EXECUTION: Span = 8 * HOUR
"""How long an update may take that names no limit (the longest that the API takes)."""


class SizeKind(StrEnum):
    """What a capacity is counted in."""

    INSTANCE_COUNT = "INSTANCE_COUNT"
    COPY_COUNT = "COPY_COUNT"
    CAPACITY_PERCENT = "CAPACITY_PERCENT"


class CapacitySize(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a fleet: so many instances or copies, or a percentage of them all."""

    kind: SizeKind
    value: int


class Shift(StrEnum):
    """How traffic goes over to the new fleet of a blue/green update: in one step, in two, or in equal ones."""

    ALL_AT_ONCE = "ALL_AT_ONCE"
    CANARY = "CANARY"
    LINEAR = "LINEAR"


class BlueGreen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A whole new fleet comes up beside the old one; traffic shifts in steps of `size`, each watched for `wait`.

    The old fleet is kept for `keep` after the last step.
    """

    shift: Shift = Shift.ALL_AT_ONCE
    size: CapacitySize | None = None
    wait: Span = 0
    keep: Span = 0


class Rolling(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Batches of the new version come up, take traffic, are watched for `wait`, and then as much of the old one goes.

    `back` is the size of the batches in which a failed update is undone; None is all at once.
    """

    batch: CapacitySize
    wait: Span = 0
    back: CapacitySize | None = None


Plan: TypeAlias = BlueGreen | Rolling
"""How an update proceeds."""


class UpdatePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How an update proceeds, how long it may take, and the alarms on which it is undone."""

    plan: Plan
    limit: Span = MAX_EXECUTION
    alarms: tuple[AlarmName, ...] = ()


class Stage(StrEnum):
    """Where an update is.

    New capacity comes up (`creating`) and is watched (`baking`), and then as much of the old one goes (`shrinking`); or it is
    watched a last time while the old fleet is still kept (`waiting`). An update that failed is on its way back (`returning`);
    what is wanted no more is cleared away (`clearing`).
    """

    CREATING = "creating"
    BAKING = "baking"
    SHRINKING = "shrinking"
    WAITING = "waiting"
    RETURNING = "returning"
    CLEARING = "clearing"


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """An update on its way.

    `step` counts batches or shifts from 0, `back` those of the way back; `since` is when the stage began, `cause` why.
    `broken` is why the new version cannot run, `reason` why the update is undone (empty: it is not), `stuck` why the old
    version does not come back.
    """

    plan: Plan
    begun: Instant
    since: Instant
    limit: Span = MAX_EXECUTION
    alarms: tuple[AlarmName, ...] = ()
    stage: Stage = Stage.CREATING
    step: int = 0
    back: int = 0
    cause: str = ""
    broken: str = ""
    reason: str = ""
    stuck: str = ""

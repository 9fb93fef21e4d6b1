"""What the engine asks its driver to do, in the order in which it is to be done."""

from typing import TypeAlias

import msgspec

from stoker.domain.ids import CopyId, InstanceId
from stoker.domain.instances import Instance
from stoker.domain.scaling import ScalingActivity, TargetKey
from stoker.engine.observations import CopySpec
from stoker.units import Instant


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """Keep `document` (msgpack of a domain value) as the record `key` of `kind`, replacing an older one."""

    kind: str
    key: str
    document: bytes


class Remove(msgspec.Struct, frozen=True, kw_only=True):
    """Forget the record `key` of `kind`; one that is not there is no error."""

    kind: str
    key: str


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """Add to the history `kind` of `key` an entry with its own `entry` id; the same id again replaces the entry."""

    kind: str
    key: str
    entry: str
    at: Instant
    document: bytes


Write: TypeAlias = Put | Remove | Append
"""What is to be on disk before a reply leaves."""


class StartCopy(msgspec.Struct, frozen=True, kw_only=True):
    """Have the runtime start a copy."""

    spec: CopySpec


class StopCopy(msgspec.Struct, frozen=True, kw_only=True):
    """Have the runtime stop a copy, once the gateways have drained it."""

    copy_id: CopyId


class LaunchInstance(msgspec.Struct, frozen=True, kw_only=True):
    """Have capacity provided; answered by `InstanceReady` or `InstanceGone`."""

    instance: Instance


class TerminateInstance(msgspec.Struct, frozen=True, kw_only=True):
    """Have capacity given back; answered by `InstanceGone`."""

    instance_id: InstanceId


class RoutesChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The routing table is out of date: publish a new one (once for any number of these in one turn)."""


class SetCapacity(msgspec.Struct, frozen=True, kw_only=True):
    """From the autoscaler to the platform, which carries it out itself: make `capacity` the target's desired count."""

    key: TargetKey
    capacity: int
    cause: str


class InvokeTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Have a schedule's target invoked with its `input`, for the `attempt`th time; answered by `TargetAnswered`."""

    execution: str
    target_arn: str
    input: str
    schedule_arn: str
    attempt: int


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A decision worth a line in the log: the activity with its cause and numbers."""

    activity: ScalingActivity


Command: TypeAlias = (
    Write | StartCopy | StopCopy | LaunchInstance | TerminateInstance | RoutesChanged | SetCapacity | InvokeTarget | Explained
)
"""What machines of the engine give out."""

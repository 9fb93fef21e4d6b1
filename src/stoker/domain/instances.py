"""Instances and the copies on them."""

import msgspec

from stoker.domain.ids import CopyId, EndpointName, InstanceId, VariantName, WorkloadId
from stoker.domain.states import CopyState, InstanceState
from stoker.units import Instant


class InstanceShape(msgspec.Struct, frozen=True, kw_only=True):
    """What an instance of a type has to book: CPU cores, accelerators, memory in MB."""

    cpus: float
    memory_mb: int
    accelerators: float = 0.0


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of capacity that a variant owns. `empty_since` is when its last copy left (or it came up), None with copies.

    One that is `emptying` takes no more copies: its own are moved elsewhere, and then it goes. `revision` is its variant's.
    """

    instance_id: InstanceId
    endpoint: EndpointName
    variant: VariantName
    instance_type: str
    shape: InstanceShape
    state: InstanceState
    created: Instant
    empty_since: Instant | None = None
    emptying: bool = False
    revision: int = 0


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a copy listens: a unix socket path, or a host and port when `socket` is empty."""

    socket: str = ""
    host: str = "127.0.0.1"
    port: int = 0


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One model server of a workload. `instance_id` is None while it waits for room; `address` is set while it serves.

    A copy that `replaces` another takes its place when it serves; until then it is not one of those that are desired.
    `phases` are the instants its start passed (`created`, `placed`, `fetched`, `spawned`, `listening`, `ready`). `revision` is
    that of the variant or component whose recipe it runs.
    """

    copy_id: CopyId
    workload: WorkloadId
    state: CopyState
    created: Instant
    instance_id: InstanceId | None = None
    address: Address | None = None
    invocations_path: str = "/invocations"
    phases: tuple[tuple[str, Instant], ...] = ()
    replaces: CopyId | None = None
    revision: int = 0

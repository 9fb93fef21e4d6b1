"""What the platform holds and does now, in one picture for people: the status page, the CLI, tests."""

from typing import NamedTuple

import msgspec

from stoker.domain.ids import EndpointName, WorkloadId, component_workload, variant_workload
from stoker.domain.instances import Copy
from stoker.engine.platform import Platform
from stoker.units import Instant, to_seconds


class CopyView(msgspec.Struct, frozen=True, kw_only=True):
    """A copy: its state, and how many seconds after it was asked for its start passed each phase."""

    copy_id: str
    state: str
    instance_id: str | None
    phases_s: dict[str, float]


class WorkloadView(msgspec.Struct, frozen=True, kw_only=True):
    """A component, or a variant's own model: wanted and serving copies, and its invocations now.

    `policy` is what it follows of Stoker's own, empty when it follows AWS's or none; `start_time_s` is what a start takes. `room`
    says of what has no copy in service that it waits for room, or for whom it made way, and why.
    """

    name: str
    status: str
    desired: int
    current: int
    in_flight: int
    held: int
    failure: str
    copies: list[CopyView]
    policy: str = ""
    start_time_s: float | None = None
    room: str = ""


class EndpointView(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint with its instances and what it serves."""

    name: str
    status: str
    desired_instances: int
    current_instances: int
    failure: str
    workloads: list[WorkloadView]


class PlatformView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole platform at `now_s`, in seconds since 1970 on its own clock; `evicted` copies made way for others so far."""

    now_s: float
    gateways: list[str]
    table_version: int
    endpoints: list[EndpointView]
    evicted: int = 0


class _Declared(NamedTuple):
    name: str
    status: str
    desired: int
    failure: str


def view(platform: Platform, *, now: Instant, gateways: list[str], table_version: int) -> PlatformView:
    """Give the picture of the platform now."""
    return PlatformView(
        now_s=to_seconds(now),
        gateways=gateways,
        table_version=table_version,
        endpoints=[_endpoint(platform, name) for name in platform.fleet.endpoints],
        evicted=platform.pressure.evicted,
    )


def _endpoint(platform: Platform, name: EndpointName) -> EndpointView:
    fleet = platform.fleet
    endpoint = fleet.endpoints[name]
    workloads = [
        _workload(platform, component_workload(c.name), _Declared(c.name, c.status.value, c.desired_copies, c.failure))
        for c in fleet.components_on(name)
    ]
    workloads.extend(
        _workload(
            platform,
            variant_workload(name, v.spec.name),
            _Declared(v.spec.name, endpoint.status.value, v.desired_instances, endpoint.failure),
        )
        for v in endpoint.variants
        if v.container is not None
    )
    return EndpointView(
        name=name,
        status=endpoint.status.value,
        desired_instances=sum(v.desired_instances for v in endpoint.variants),
        current_instances=sum(fleet.in_service(name, v.spec.name) for v in endpoint.variants),
        failure=endpoint.failure,
        workloads=workloads,
    )


def _workload(platform: Platform, key: WorkloadId, declared: _Declared) -> WorkloadView:
    start = platform.starts.typical(key)
    current = platform.fleet.serving(key)
    return WorkloadView(
        name=declared.name,
        status=declared.status,
        desired=declared.desired,
        failure=declared.failure,
        current=current,
        in_flight=platform.metering.in_flight(key),
        held=platform.metering.held(key),
        copies=[_copy(c) for c in platform.fleet.copies_of(key)],
        policy=platform.following.policy(key) or "",
        start_time_s=None if start is None else round(to_seconds(start), 6),
        room="" if current else platform.pressure.told.get(key, ""),
    )


def _copy(copy: Copy) -> CopyView:
    return CopyView(
        copy_id=copy.copy_id,
        state=copy.state.value,
        instance_id=copy.instance_id,
        phases_s={name: round(to_seconds(at - copy.created), 6) for name, at in copy.phases},
    )

"""What an inference endpoint of Hugging Face's is doing now: its state in their words, and what its replicas do."""

import msgspec

from stoker.decisions.restarts import Restarts, hopes
from stoker.domain.components import InferenceComponent
from stoker.domain.hub import HubEndpoint, HubState
from stoker.domain.ids import ComponentName, WorkloadId, component_workload
from stoker.domain.instances import Copy
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus
from stoker.engine.platform import Platform
from stoker.units import Instant

_MESSAGES = {
    HubState.PENDING: "Endpoint waiting to be scheduled",
    HubState.INITIALIZING: "Endpoint is initializing",
    HubState.RUNNING: "Endpoint is ready",
    HubState.UPDATING: "Endpoint is updating",
    HubState.UPDATE_FAILED: "Endpoint failed to update: what ran before runs on",
    HubState.PAUSED: "Endpoint is paused",
    HubState.SCALED_TO_ZERO: "Endpoint is scaled to zero",
    HubState.FAILED: "Endpoint failed to deploy",
}


_WAITING = frozenset({HubState.PENDING, HubState.INITIALIZING})
"""States in which what stands in the way is worth telling at once."""


class HubStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An inference endpoint now. `proved` tells whether a replica may have served, `used` when one was last at work, or 0."""

    state: HubState
    message: str
    error: str
    ready: int
    target: int
    proved: bool
    updated: Instant
    used: Instant = 0


class Replica(msgspec.Struct, frozen=True, kw_only=True):
    """A copy as a replica; `since` is when it reached its state."""

    replica_id: str
    state: HubState
    live: bool
    created: Instant
    since: Instant


def status_of(platform: Platform, hub: HubEndpoint) -> HubStatus:
    """Give what an endpoint is doing now."""
    component = platform.fleet.components.get(ComponentName(hub.endpoint))
    if component is None:
        gone = "The inference component of the endpoint was deleted."
        return HubStatus(state=HubState.FAILED, message=gone, error=gone, ready=0, target=0, proved=False, updated=hub.updated)
    workload = component_workload(component.name)
    ready = platform.fleet.serving(workload)
    copies = platform.fleet.copies_of(workload)
    failure = component.failure or component.undone
    endpoint = platform.fleet.endpoints.get(hub.endpoint)
    if endpoint is not None and not failure:
        failure = endpoint.failure
    broken = not hopes(platform.reconciler.restarts.get((workload, component.revision), Restarts()))
    dead = component.status is ComponentStatus.FAILED or (endpoint is not None and endpoint.status is EndpointStatus.FAILED)
    state = HubState.FAILED if dead and not component.paused else _state(component, copies, ready, broken=broken)
    return HubStatus(
        state=state,
        message=f"{_MESSAGES[state]}: {failure}" if failure and state in _WAITING else _MESSAGES[state],
        error=failure,
        ready=ready,
        target=component.desired_copies,
        proved=component.ever_ready or component.revision > 0,
        updated=max(hub.updated, component.modified),
        used=_used(platform, workload, copies),
    )


def _used(platform: Platform, workload: WorkloadId, copies: list[Copy]) -> Instant:
    totals = platform.metering.totals.get(workload)
    worked = [platform.reconciler.loads.worked_at(copy.copy_id) for copy in copies]
    return max(0 if totals is None else totals.last, *worked, 0)


def _state(component: InferenceComponent, copies: list[Copy], ready: int, *, broken: bool) -> HubState:
    if component.paused:
        return HubState.PAUSED
    if not component.desired_copies:
        return HubState.SCALED_TO_ZERO
    if component.update is not None and ready:
        return HubState.UPDATING
    if ready:
        return HubState.UPDATE_FAILED if component.undone else HubState.RUNNING
    if broken:
        return HubState.FAILED
    starting = any(copy.state in {CopyState.STARTING, CopyState.IN_SERVICE} for copy in copies)
    return HubState.INITIALIZING if starting or component.ever_ready else HubState.PENDING


def replicas_of(platform: Platform, hub: HubEndpoint) -> list[Replica]:
    """Give an endpoint's replicas, oldest first; those that are being stopped are none."""
    copies = platform.fleet.copies_of(component_workload(ComponentName(hub.endpoint)))
    return [_replica(copy) for copy in copies if copy.state is not CopyState.STOPPING]


def _replica(copy: Copy) -> Replica:
    states = {CopyState.PENDING: HubState.PENDING, CopyState.STARTING: HubState.INITIALIZING}
    state = states.get(copy.state, HubState.RUNNING)
    return Replica(
        replica_id=copy.copy_id,
        state=state,
        live=state is HubState.RUNNING,
        created=copy.created,
        since=max((at for _, at in copy.phases), default=copy.created),
    )

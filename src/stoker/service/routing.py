"""The routing table that gateways get, made of what the platform holds now."""

from typing import NamedTuple
from urllib.parse import quote

from stoker.decisions.restarts import Restarts, hopes
from stoker.decisions.routing import concurrency
from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import ComponentName, EndpointName, WorkloadId, component_workload, variant_workload
from stoker.domain.models import Container
from stoker.domain.states import AtZero, ComponentStatus, EndpointStatus
from stoker.engine.platform import Platform
from stoker.engine.workloads import traffic_goes_to_other
from stoker.link.messages import (
    ComponentRoute,
    CopyRoute,
    EndpointRoute,
    RoutingChange,
    RoutingTable,
    ShadowRoute,
    VariantRoute,
    WorkloadRoute,
)

_ROUTED = frozenset(
    {
        EndpointStatus.IN_SERVICE,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
        EndpointStatus.UPDATE_ROLLBACK_FAILED,
    }
)


class _Part(NamedTuple):
    """What the table says of one endpoint and of what it serves."""

    endpoint: EndpointRoute
    workloads: tuple[WorkloadRoute, ...]


class Router:
    """Keeps the routes of each endpoint, and makes anew those of endpoints that something has happened to."""

    __slots__ = ("_parts", "_platform")

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._parts: dict[EndpointName, _Part] = {}

    def table(self, version: int) -> RoutingTable:
        """Give everything gateways need to carry invocations now."""
        self.change(0, version)
        parts = self._parts.values()
        return RoutingTable(
            version=version,
            endpoints=tuple(part.endpoint for part in parts),
            workloads=tuple(route for part in parts for route in part.workloads),
        )

    def change(self, since: int, version: int) -> RoutingChange:
        """Give what has changed since this or `table` was called last."""
        endpoints: list[EndpointRoute] = []
        workloads: list[WorkloadRoute] = []
        gone_endpoints: list[EndpointName] = []
        gone_workloads: list[WorkloadId] = []
        for name in self._touched():
            before, after = self._remake(name)
            known = {} if before is None else {route.workload: route for route in before.workloads}
            those = len(known)
            routes = () if after is None else after.workloads
            workloads.extend(route for route in routes if known.pop(route.workload, None) != route)
            gone_workloads.extend(known)
            if after is None:
                gone_endpoints.extend(() if before is None else (name,))
            elif before is None or before.endpoint != after.endpoint or known or those != len(after.workloads):
                endpoints.append(after.endpoint)
        return RoutingChange(
            since=since,
            version=version,
            endpoints=tuple(endpoints),
            workloads=tuple(workloads),
            gone_endpoints=tuple(gone_endpoints),
            gone_workloads=tuple(gone_workloads),
        )

    def _touched(self) -> list[EndpointName]:
        """Give the endpoints whose routes may be others than before."""
        fleet, rebounded = self._platform.fleet, self._platform.autoscaler.rebounded
        names = dict(fleet.rerouted)
        for key in rebounded:
            kind, _, rest = key.resource_id.partition("/")
            component = fleet.components.get(ComponentName(rest)) if kind == "inference-component" else None
            names[EndpointName(rest.partition("/")[0]) if component is None else component.endpoint] = None
        fleet.rerouted.clear()
        rebounded.clear()
        return list(names)

    def _remake(self, name: EndpointName) -> tuple[_Part | None, _Part | None]:
        """Make the routes of an endpoint anew; give those before and those of now."""
        endpoint = self._platform.fleet.endpoints.get(name)
        before = self._parts.pop(name, None)
        after = None if endpoint is None else _part(self._platform, endpoint)
        if after is not None:
            self._parts[name] = after
        return before, after


def routing_table(platform: Platform, version: int) -> RoutingTable:
    """Give everything gateways need to carry invocations now, all of it made anew."""
    found = [_part(platform, endpoint) for endpoint in platform.fleet.endpoints.values()]
    parts = [part for part in found if part is not None]
    return RoutingTable(
        version=version,
        endpoints=tuple(part.endpoint for part in parts),
        workloads=tuple(route for part in parts for route in part.workloads),
    )


def _part(platform: Platform, endpoint: Endpoint) -> _Part | None:
    """Give the routes of an endpoint; None while it takes no invocations."""
    if endpoint.status not in _ROUTED:
        return None
    components = [c for c in platform.fleet.components_on(endpoint.name) if c.status is not ComponentStatus.DELETING]
    variants, shadows = _in_traffic(endpoint)
    route = EndpointRoute(
        name=endpoint.name,
        variants=tuple(_variant(endpoint, v) for v in variants),
        shadows=_shadows(endpoint, variants, shadows),
        components=tuple(_routed(c) for c in components),
        at_zero=endpoint.at_zero,
    )
    own = (
        _workload(platform, variant_workload(endpoint.name, v.spec.name), v.container, desired=v.desired_instances)
        for v in (*variants, *shadows)
        if v.container is not None
    )
    return _Part(route, (*(_component(platform, c) for c in components if c.base is None), *own))


def _in_traffic(endpoint: Endpoint) -> tuple[tuple[VariantState, ...], tuple[VariantState, ...]]:
    """Give the variants and shadow variants to route by: those in force, or those of an update that traffic is on by now."""
    if endpoint.update is not None and traffic_goes_to_other(endpoint):
        return endpoint.update.variants, endpoint.update.shadows
    return endpoint.variants, endpoint.shadows


def _shadows(
    endpoint: Endpoint, variants: tuple[VariantState, ...], shadows: tuple[VariantState, ...]
) -> tuple[ShadowRoute, ...]:
    """Give the shadow variants: each samples by its weight in proportion to the weight of what it shadows."""
    weight = sum(v.weight for v in variants)
    return tuple(
        ShadowRoute(
            name=s.spec.name,
            workload=variant_workload(endpoint.name, s.spec.name),
            share=min(1.0, s.weight / weight) if weight else 0.0,
            routing=s.spec.routing,
        )
        for s in shadows
    )


def _variant(endpoint: Endpoint, state: VariantState) -> VariantRoute:
    return VariantRoute(
        name=state.spec.name,
        weight=state.weight,
        routing=state.spec.routing,
        workload=None if state.container is None else variant_workload(endpoint.name, state.spec.name),
    )


def _routed(component: InferenceComponent) -> ComponentRoute:
    """Give where a component's invocations go: an adapter's to the copies of its base, which are told what it is."""
    if component.base is None:
        return ComponentRoute(name=component.name, variant=component.variant, workload=component_workload(component.name))
    return ComponentRoute(
        name=component.name,
        variant=component.variant,
        workload=component_workload(component.base),
        adapter=quote(component.container.model_data, safe="/:%"),
    )


def _component(platform: Platform, component: InferenceComponent) -> WorkloadRoute:
    workload = component_workload(component.name)
    failed = component.status is ComponentStatus.FAILED
    # One that has served once is tried again for ever, but nobody is to wait for it while its starts keep failing.
    hopeless = not hopes(platform.reconciler.restarts.get((workload, component.revision), Restarts()))
    return _workload(
        platform,
        workload,
        component.container,
        desired=0 if failed else component.desired_copies,
        at_zero=component.at_zero,
        failure=component.failure if failed or hopeless else "",
    )


def _workload(
    platform: Platform,
    workload: WorkloadId,
    container: Container,
    *,
    desired: int,
    at_zero: AtZero | None = None,
    failure: str = "",
) -> WorkloadRoute:
    slots = concurrency(container)
    copies = tuple(
        CopyRoute(copy_id=c.copy_id, address=c.address, invocations_path=c.invocations_path, phases=c.phases, slots=slots)
        for c in platform.fleet.versions.routed(workload, platform.fleet.copies_of(workload))
        if c.address is not None
    )
    return WorkloadRoute(
        workload=workload,
        copies=copies,
        desired=desired,
        wakeable=not failure and platform.wakeable(workload),
        at_zero=at_zero,
        failure=failure,
        multi_model=container.multi_model,
    )

"""The routing table that gateways get, made of what the platform holds now."""

from collections.abc import Collection, Iterable
from typing import TypeVar
from urllib.parse import quote

import msgspec

from stoker.decisions.policies.rule import NONE, POLICY
from stoker.decisions.restarts import Restarts, hopes, told_to_invokers
from stoker.decisions.routing import concurrency
from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.hub import HubType
from stoker.domain.ids import ComponentName, EndpointName, WorkloadId, component_workload, variant_workload
from stoker.domain.model_names import names_of, served_of
from stoker.domain.models import Container
from stoker.domain.serverless import MAX_PAYLOAD_BYTES, MODEL_TIMEOUT
from stoker.domain.states import TAKING_INVOCATIONS, AtZero, ComponentStatus
from stoker.engine.fleet import reroute
from stoker.engine.platform import Platform
from stoker.engine.workloads import traffic_goes_to_other
from stoker.link.messages import (
    ComponentRoute,
    CopyRoute,
    EndpointRoute,
    HubRoute,
    RoutingChange,
    RoutingTable,
    ServerlessRoute,
    ShadowRoute,
    VariantRoute,
    WorkloadRoute,
)

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class _Part:
    """What the table says of one endpoint and of what it serves."""

    __slots__ = ("components", "endpoint", "workloads")

    def __init__(self, endpoint: EndpointRoute, workloads: Iterable[WorkloadRoute]) -> None:
        self.endpoint = endpoint
        self.components = {route.name: route for route in endpoint.components}
        self.workloads = {route.workload: route for route in workloads}


class _Changes:
    """What is to be told of."""

    __slots__ = ("endpoints", "gone_endpoints", "gone_workloads", "workloads")

    def __init__(self) -> None:
        self.endpoints: list[EndpointRoute] = []
        self.workloads: list[WorkloadRoute] = []
        self.gone_endpoints: list[EndpointName] = []
        self.gone_workloads: list[WorkloadId] = []


class Router:
    """Keeps the routes of each endpoint, and makes anew those that something has happened to."""

    __slots__ = ("_parts", "_platform")

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._parts: dict[EndpointName, _Part] = {}

    def table(self, version: int) -> RoutingTable:
        """Give everything gateways need to carry invocations now."""
        fleet = self._platform.fleet
        fleet.rerouted.update(dict.fromkeys((*self._parts, *fleet.endpoints)))
        self.change(0, version)
        return _table(self._parts.values(), version)

    def change(self, since: int, version: int) -> RoutingChange:
        """Give what has changed since this or `table` was called last."""
        changes = _Changes()
        for name, touched in self._touched().items():
            endpoint, part = self._platform.fleet.endpoints.get(name), self._parts.get(name)
            if endpoint is not None and part is not None and touched is not None:
                self._mend(part, touched, changes)
            else:
                self._remake(name, endpoint, changes)
        return RoutingChange(
            since=since,
            version=version,
            endpoints=tuple(changes.endpoints),
            workloads=tuple(changes.workloads),
            gone_endpoints=tuple(changes.gone_endpoints),
            gone_workloads=tuple(changes.gone_workloads),
        )

    def _touched(self) -> dict[EndpointName, dict[WorkloadId, None] | None]:
        """Give the endpoints whose routes may be others than before, each with the components concerned; None for all it has."""
        fleet, rebounded = self._platform.fleet, self._platform.autoscaler.rebounded
        for key in rebounded:
            kind, _, rest = key.resource_id.partition("/")
            component = fleet.components.get(ComponentName(rest)) if kind == "inference-component" else None
            if component is not None:
                reroute(fleet.rerouted, component.endpoint, component_workload(component.name))
            else:
                reroute(fleet.rerouted, EndpointName(rest.partition("/")[0]))
        rebounded.clear()
        touched = dict(fleet.rerouted)
        fleet.rerouted.clear()
        return touched

    def _remake(self, name: EndpointName, endpoint: Endpoint | None, changes: _Changes) -> None:
        """Make all routes of an endpoint anew."""
        before = self._parts.pop(name, None)
        after = None if endpoint is None else _part(self._platform, endpoint)
        known = {} if before is None else dict(before.workloads)
        if after is not None:
            self._parts[name] = after
            changes.workloads.extend(r for r in after.workloads.values() if known.get(r.workload) != r)
            if before is None or before.endpoint != after.endpoint or before.workloads.keys() != after.workloads.keys():
                changes.endpoints.append(after.endpoint)
        elif before is not None:
            changes.gone_endpoints.append(name)
        changes.gone_workloads.extend(w for w in known if after is None or w not in after.workloads)

    def _mend(self, part: _Part, touched: Iterable[WorkloadId], changes: _Changes) -> None:
        """Make the routes of some of an endpoint's components anew."""
        renewed = False
        for workload in touched:
            name = ComponentName(workload.removeprefix("ic/"))
            component = self._platform.fleet.components.get(name)
            if component is not None and (component.endpoint != part.endpoint.name or not _is_routed(component)):
                component = None
            route = None if component is None else _routed(component)
            if _exchange(part.components, name, route):
                renewed = True
            own = None if component is None or component.base is not None else _component(self._platform, component)
            before = part.workloads.get(workload)
            if _exchange(part.workloads, workload, own):
                renewed |= before is None or own is None
                if own is None:
                    changes.gone_workloads.append(workload)
                else:
                    changes.workloads.append(own)
        hub = _hub(self._platform, part.endpoint.name)
        aliases = _names(self._platform, self._platform.fleet.endpoints[part.endpoint.name])
        if renewed or (hub, aliases) != (part.endpoint.hub, part.endpoint.aliases):
            components = tuple(part.components.values())
            part.endpoint = msgspec.structs.replace(part.endpoint, components=components, hub=hub, aliases=aliases)
            changes.endpoints.append(part.endpoint)


def _exchange(held: dict[KeyT, ValueT], key: KeyT, value: ValueT | None) -> bool:
    """Hold a value in place of the one before, None for no value; tell whether that makes a difference."""
    if held.get(key) == value:
        return False
    if value is None:
        del held[key]
    else:
        held[key] = value
    return True


def routing_table(platform: Platform, version: int) -> RoutingTable:
    """Give everything gateways need to carry invocations now, all of it made anew."""
    found = (_part(platform, endpoint) for endpoint in platform.fleet.endpoints.values())
    return _table([part for part in found if part is not None], version)


def _table(parts: Collection[_Part], version: int) -> RoutingTable:
    return RoutingTable(
        version=version,
        endpoints=tuple(part.endpoint for part in parts),
        workloads=tuple(route for part in parts for route in part.workloads.values()),
    )


def _part(platform: Platform, endpoint: Endpoint) -> _Part | None:
    """Give the routes of an endpoint; None while it takes no invocations."""
    if endpoint.status not in TAKING_INVOCATIONS:
        return None
    components = [c for c in platform.fleet.components_on(endpoint.name) if _is_routed(c)]
    variants, shadows = _in_traffic(endpoint)
    route = EndpointRoute(
        name=endpoint.name,
        variants=tuple(_variant(endpoint, v) for v in variants),
        shadows=_shadows(endpoint, variants, shadows),
        components=tuple(_routed(c) for c in components),
        at_zero=endpoint.at_zero,
        queued=any(v.spec.asynchronous is not None for v in variants),
        hub=_hub(platform, endpoint.name),
        aliases=_names(platform, endpoint),
        served=served_of(endpoint.tags),
        created=endpoint.created,
    )
    own = (_model(platform, endpoint, v, v.container) for v in (*variants, *shadows) if v.container is not None)
    return _Part(route, (*(_component(platform, c) for c in components if c.base is None), *own))


def _hub(platform: Platform, name: EndpointName) -> HubRoute | None:
    """Give what is special about an endpoint that was made through Hugging Face's API; None for all others."""
    hub = platform.fleet.hubs.get(name)
    if hub is None:
        return None
    component = platform.fleet.components.get(ComponentName(name))
    policy = NONE if component is None else component.tags.get(POLICY, NONE)
    return HubRoute(
        open=hub.spec.kind is HubType.PUBLIC,
        paused=component is not None and component.paused,
        preset=policy.replace("(", " ").split(maxsplit=1)[0] if policy.strip("( ") else NONE,
        health_path=hub.health_path,
    )


def _names(platform: Platform, endpoint: Endpoint) -> tuple[str, ...]:
    """Give an endpoint's further names: its tag's and, of Hugging Face's, the model's repository."""
    hub = platform.fleet.hubs.get(endpoint.name)
    own = names_of(endpoint.tags)
    return own if hub is None else tuple(dict.fromkeys((*own, hub.spec.model.repository)))


def _is_routed(component: InferenceComponent) -> bool:
    return component.status is not ComponentStatus.DELETING


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
    adapted = component.base is not None
    return ComponentRoute(
        name=component.name,
        variant=component.variant,
        workload=component_workload(component.base or component.name),
        adapter=quote(component.container.model_data, safe="/:%") if adapted else "",
        aliases=names_of(component.tags),
        served=served_of(component.tags),
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
        failure=told_to_invokers(component.failure) if failed or hopeless else "",
    )


def _model(platform: Platform, endpoint: Endpoint, state: VariantState, container: Container) -> WorkloadRoute:
    """Give the route of a variant that serves a model itself."""
    workload = variant_workload(endpoint.name, state.spec.name)
    config = state.serverless
    if config is None:
        return _workload(platform, workload, container, desired=state.desired_instances)
    hopeless = not hopes(platform.reconciler.restarts.get((workload, state.revision), Restarts()))
    ended_copy, ended_why = platform.reconciler.ended.get(workload, (None, ""))
    route = _workload(
        platform,
        workload,
        container,
        desired=state.desired_instances,
        at_zero=endpoint.at_zero or AtZero.HOLD,
        failure=f"The environments do not start. {ended_why}".strip() if hopeless else "",
    )
    return msgspec.structs.replace(
        route,
        copies=tuple(msgspec.structs.replace(copy, slots=1, exclusive=True) for copy in route.copies),
        max_hold=platform.options.serverless.longest_hold,
        model_timeout=MODEL_TIMEOUT,
        serverless=ServerlessRoute(
            most=config.max_concurrency,
            provisioned=config.provisioned,
            payload_bytes=MAX_PAYLOAD_BYTES,
            ended_copy=ended_copy,
            ended_why=ended_why,
        ),
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

"""The gateway's view of the routing table: names to workloads, workloads to the copies that can serve.

A new table replaces the old one whole, yet copies that stay keep their connections and counts.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from stoker.decisions.routing import choose_weighted
from stoker.domain.ids import ComponentName, CopyId, EndpointName, VariantName, WorkloadId
from stoker.domain.states import RoutingStrategy
from stoker.gateway.copies import Copy
from stoker.gateway.face import Invocation
from stoker.gateway.reasons import Reason, Refusal
from stoker.link.messages import ComponentRoute, CopyRoute, EndpointRoute, RoutingTable, VariantRoute, WorkloadRoute
from stoker.units import Rng

if TYPE_CHECKING:
    from stoker.gateway.invocation import Run


class Workload:
    """A workload of the table. `waiters` are the held invocations, first come first, `announced` how many were told upward."""

    __slots__ = ("announced", "copies", "gone", "route", "waiters")

    def __init__(self, route: WorkloadRoute) -> None:
        self.route = route
        self.copies: list[Copy] = []
        self.waiters: dict[Run, None] = {}
        self.announced = 0
        self.gone = False

    def usable(self, now: float) -> list[Copy]:
        """Give the copies that an invocation may be sent to at `now` (loop's clock)."""
        return [copy for copy in self.copies if copy.usable(now)]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where an invocation goes: the workload and the words its metrics are kept under."""

    endpoint: EndpointRoute
    variant: VariantName
    strategy: RoutingStrategy
    workload: Workload


class _Endpoint:
    """An endpoint, indexed by name of component and variant."""

    __slots__ = ("components", "models", "route", "variants", "weights")

    def __init__(self, route: EndpointRoute) -> None:
        self.route = route
        self.components: dict[ComponentName, ComponentRoute] = {one.name: one for one in route.components}
        self.variants: dict[VariantName, VariantRoute] = {one.name: one for one in route.variants}
        self.models = [one for one in route.variants if one.workload is not None]
        self.weights = [one.weight for one in self.models]


class Routes:
    """The table in force; `version` 0 before the first one. `drained` is told of each copy that left it and works on nothing."""

    __slots__ = ("_copies", "_draining", "_endpoints", "_left", "_workloads", "version")

    def __init__(self, drained: Callable[[CopyId], None]) -> None:
        self.version = 0
        self._left = drained
        self._draining: dict[CopyId, Copy] = {}
        self._endpoints: dict[EndpointName, _Endpoint] = {}
        self._workloads: dict[WorkloadId, Workload] = {}
        self._copies: dict[CopyId, Copy] = {}

    def workloads(self) -> Iterator[Workload]:
        """Give every workload of the table."""
        return iter(self._workloads.values())

    def replace(self, table: RoutingTable) -> list[Workload]:
        """Put a new table in force; give the workloads that it no longer has."""
        self.version = table.version
        self._endpoints = {route.name: _Endpoint(route) for route in table.endpoints}
        old_copies, self._copies = self._copies, {}
        old_workloads, self._workloads = self._workloads, {}
        for route in table.workloads:
            workload = old_workloads.pop(route.workload, None)
            if workload is None:
                workload = Workload(route)
            workload.route = route
            workload.copies = [self._keep(one, old_copies) for one in route.copies]
            self._workloads[route.workload] = workload
        for copy in old_copies.values():
            if copy.copy_id in self._copies:
                copy.retire()
            else:
                self._draining[copy.copy_id] = copy
                copy.retire(self._drained)
        for workload in old_workloads.values():
            workload.gone = True
            workload.copies = []
        return list(old_workloads.values())

    def draining(self) -> tuple[CopyId, ...]:
        """Give the copies that left the table and still have invocations in flight."""
        return tuple(self._draining)

    def routed(self) -> tuple[CopyId, ...]:
        """Give the copies of the table."""
        return tuple(self._copies)

    def _drained(self, copy: Copy) -> None:
        self._draining.pop(copy.copy_id, None)
        if copy.copy_id not in self._copies:
            self._left(copy.copy_id)

    def resolve(self, invocation: Invocation, rng: Rng) -> Target | Refusal:
        """Find the workload of an invocation, by the order of `stoker.decisions.routing`."""
        endpoint = self._endpoints.get(EndpointName(invocation.endpoint))
        if endpoint is None:
            return Refusal(reason=Reason.UNKNOWN_ENDPOINT)
        if endpoint.models:
            return self._model(endpoint, invocation, rng)
        if invocation.component is None:
            return Refusal(reason=Reason.COMPONENT_REQUIRED)
        component = endpoint.components.get(ComponentName(invocation.component))
        if component is None:
            return Refusal(reason=Reason.UNKNOWN_COMPONENT)
        if invocation.variant is not None and invocation.variant != component.variant:
            return Refusal(reason=Reason.UNKNOWN_VARIANT)
        variant = endpoint.variants.get(component.variant)
        strategy = RoutingStrategy.RANDOM if variant is None else variant.routing
        return self._target(endpoint, component.variant, strategy, component.workload)

    def close(self) -> None:
        """Cut every connection to a copy."""
        for copy in self._copies.values():
            copy.close()

    def _model(self, endpoint: _Endpoint, invocation: Invocation, rng: Rng) -> Target | Refusal:
        if invocation.component is not None:
            return Refusal(reason=Reason.COMPONENT_NOT_ALLOWED)
        if invocation.variant is not None:
            variant = endpoint.variants.get(VariantName(invocation.variant))
        else:
            variant = endpoint.models[choose_weighted(endpoint.weights, rng)]
        if variant is None or variant.workload is None:
            return Refusal(reason=Reason.UNKNOWN_VARIANT)
        return self._target(endpoint, variant.name, variant.routing, variant.workload)

    def _target(self, endpoint: _Endpoint, variant: VariantName, strategy: RoutingStrategy, name: WorkloadId) -> Target:
        workload = self._workloads.get(name)
        if workload is None:  # the table names it and does not describe it: as good as a workload at zero
            workload = Workload(WorkloadRoute(workload=name))
        return Target(endpoint=endpoint.route, variant=variant, strategy=strategy, workload=workload)

    def _keep(self, route: CopyRoute, old: dict[CopyId, Copy]) -> Copy:
        copy = old.get(route.copy_id)
        if copy is not None and copy.route == route:
            del old[route.copy_id]
            copy.broken_until = 0.0
        else:
            copy = Copy(route)
        self._copies[route.copy_id] = copy
        return copy

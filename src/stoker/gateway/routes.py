"""The gateway's view of the routing table: names to workloads, workloads to the copies that can serve.

A new table replaces the old one whole, a change only what it names; copies that stay keep their connections and counts.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from stoker.decisions.routing import choose_copy, choose_weighted
from stoker.domain.ids import CopyId, VariantName, WorkloadId
from stoker.domain.states import RoutingStrategy
from stoker.gateway.copies import Copy, claim, prune, share
from stoker.gateway.face import Invocation
from stoker.gateway.locks import Locks
from stoker.gateway.places import Places
from stoker.gateway.reasons import Reason, Refusal
from stoker.link.messages import CopyLoad, CopyRoute, Elsewhere, EndpointRoute, RoutingChange, RoutingTable, WorkloadRoute
from stoker.units import Rng, to_seconds

if TYPE_CHECKING:
    from stoker.gateway.tracker import Stats, Tracker


ADAPTER_HEADER: Final = b"x-stoker-adapter"
"""Tells a copy where the files of the adapter are that an invocation is for. No client's own header of that name is passed on."""
RANDOM: Final = RoutingStrategy.RANDOM


class Waiter(Protocol):
    """An invocation that waits for capacity."""

    def released(self, copies: list[Copy]) -> None:
        """Leave the queue for one of the copies."""
        ...

    def comment(self) -> None:
        """Show a client that asked for events, and has waited for long, that it is still waited for."""
        ...

    def locate(self) -> None:
        """Leave the queue and find the workload anew."""
        ...


class Workload:
    """A workload of the table. `waiters` are the held invocations, first come first, `announced` how many were told upward.

    Its replies may have `most_reply` bytes (0: as many as they like). A `special` one wants more of an invocation than that it
    finds a copy. `timeout_s` is what its model gets for a reply, None where the table leaves that to the gateway.
    """

    __slots__ = ("announced", "copies", "gone", "most_reply", "route", "special", "timeout_s", "waiters")

    def __init__(self, route: WorkloadRoute) -> None:
        self.copies: list[Copy] = []
        self.waiters: dict[Waiter, None] = {}
        self.announced = 0
        self.gone = False
        self.set_route(route)

    def set_route(self, route: WorkloadRoute) -> None:
        """Take what a table says of it, but for its copies."""
        self.route = route
        self.most_reply = 0 if route.serverless is None else route.serverless.payload_bytes
        self.special = route.multi_model or route.serverless is not None
        self.timeout_s = None if route.model_timeout is None else to_seconds(route.model_timeout)

    def usable(self, now: float) -> list[Copy]:
        """Give the copies that an invocation may be sent to at `now` (loop's clock).

        Of a serverless variant it is one, claimed already: the first that is free, so that the others may become idle.
        """
        if self.route.serverless is not None:
            return [] if self.waiters else self.claimed(now)
        return [copy for copy in self.copies if copy.usable(now)]

    def paced(self, now: float) -> list[Copy]:
        """Give the copies that an invocation which waited may be sent to, as `usable` does."""
        if self.route.serverless is not None:
            return self.claimed(now)
        return [one for one in self.copies if one.paced(now)]

    def claimed(self, now: float) -> list[Copy]:
        """Claim an environment."""
        found = next((copy for copy in self.copies if claim(copy, now)), None)
        return [] if found is None else [found]


class Target:
    """Where an invocation goes: the workload and the words its metrics are kept under. `stats` are for its counts' keeper.

    `component` is empty for a variant that serves a model itself. `shadows` are where copies of its invocations go, each with the
    share of them; `lines` are headers that its copies are to get.
    """

    __slots__ = ("component", "endpoint", "lines", "shadows", "stats", "strategy", "variant", "workload")

    def __init__(
        self,
        endpoint: EndpointRoute,
        variant: VariantName,
        strategy: RoutingStrategy,
        workload: Workload,
        component: str = "",
    ) -> None:
        self.component = component
        self.endpoint = endpoint
        self.variant = variant
        self.strategy = strategy
        self.workload = workload
        self.stats: Stats | None = None
        self.shadows: tuple[tuple[Target, float], ...] = ()
        self.lines = b""

    def choose(self, copies: list[Copy], rng: Rng) -> Copy:
        """Give the copy of those (at least one) that takes the invocation."""
        if len(copies) == 1:
            return copies[0]
        return copies[choose_copy(self.strategy, [copy.outstanding for copy in copies], rng)]

    def pick(self, now: float, rng: Rng) -> Copy | None:
        """Give the copy that takes an invocation which nobody waits before; None when none can (`now` is the loop's clock)."""
        copies = self.workload.copies
        count = len(copies)
        if count == 1 or (count and self.strategy is RANDOM):
            copy = copies[int(rng.random() * count) if count > 1 else 0]
            if copy.outstanding < copy.limit and copy.broken_until <= now:
                return copy  # who falls on another falls on each of the rest with the same chance below
        usable = [copy for copy in copies if copy.outstanding < copy.limit and copy.broken_until <= now]
        return self.choose(usable, rng) if usable else None


class _Endpoint:
    """An endpoint's targets by name of component and of variant; `models` are those of variants that serve a model themselves.

    `closed` says why it takes no invocation at all.
    """

    __slots__ = ("closed", "components", "models", "queued", "route", "variants", "weights")

    def __init__(self, route: EndpointRoute, workload: Callable[[WorkloadId], Workload]) -> None:
        variants = {one.name: one for one in route.variants}
        self.route = route
        self.queued = route.queued
        self.closed = _PAUSED if route.hub is not None and route.hub.paused else None

        def target(variant: VariantName, name: WorkloadId, component: str = "") -> Target:
            strategy = variants[variant].routing if variant in variants else RoutingStrategy.RANDOM
            return Target(route, variant, strategy, workload(name), component)

        self.components: dict[str, Target] = {one.name: target(one.variant, one.workload, one.name) for one in route.components}
        for adapter in route.components:
            if adapter.adapter:
                self.components[adapter.name].lines = b"%s: %s\r\n" % (ADAPTER_HEADER, adapter.adapter.encode("ascii"))
        self.variants: dict[str, Target] = {
            one.name: target(one.name, one.workload) for one in route.variants if one.workload is not None
        }
        self.models = list(self.variants.values())
        self.weights = [variants[one.variant].weight for one in self.models]
        if route.shadows:
            shadows = tuple((Target(route, s.name, s.routing, workload(s.workload)), s.share) for s in route.shadows)
            for one in self.models:
                one.shadows = shadows


class Routes:
    """The table in force; `version` 0 before the first one. `drained` is told of each copy that left it and works on nothing.

    `named` counts the changes of endpoints, and so perhaps of names. It is no version: those may begin anew with a control plane.
    """

    __slots__ = ("_copies", "_draining", "_elsewhere", "_endpoints", "_left", "_places", "_workloads", "named", "version")

    def __init__(self, drained: Callable[[CopyId], None], places: Places | None = None) -> None:
        self.version = self.named = 0
        self._places = Places(Locks(), 0) if places is None else places
        self._left = drained
        self._elsewhere = Elsewhere(gateways=1)
        self._draining: dict[Copy, None] = {}
        self._endpoints: dict[str, _Endpoint] = {}
        self._workloads: dict[WorkloadId, Workload] = {}
        self._copies: dict[CopyId, Copy] = {}

    def workloads(self) -> Iterator[Workload]:
        """Give every workload of the table."""
        return iter(self._workloads.values())

    def replace(self, table: RoutingTable) -> list[Workload]:
        """Put a new table in force; give the workloads that it no longer has."""
        self.version = table.version
        self.named += 1
        old_copies, self._copies = self._copies, {}
        old_workloads, self._workloads = self._workloads, {}
        for route in table.workloads:
            self._take(route, old_workloads.pop(route.workload, None), old_copies)
        self._retire(old_copies)
        self._endpoints = {route.name: _Endpoint(route, self._workload) for route in table.endpoints}
        return self._gone(old_workloads.values())

    def change(self, change: RoutingChange) -> list[Workload]:
        """Put in force what has changed of the table; give the workloads that it no longer has."""
        self.version = change.version
        gone = [self._workloads.pop(name) for name in change.gone_workloads if name in self._workloads]
        touched = [*gone, *(self._workloads[one.workload] for one in change.workloads if one.workload in self._workloads)]
        old_copies = {copy.copy_id: self._copies.pop(copy.copy_id) for workload in touched for copy in workload.copies}
        for route in change.workloads:
            self._take(route, self._workloads.get(route.workload), old_copies)
        self._retire(old_copies)
        for name in change.gone_endpoints:
            self._endpoints.pop(name, None)
        for endpoint in change.endpoints:
            self._endpoints[endpoint.name] = _Endpoint(endpoint, self._workload)
        if change.endpoints or change.gone_endpoints:
            self.named += 1
        return self._gone(gone)

    def _take(self, route: WorkloadRoute, workload: Workload | None, old: dict[CopyId, Copy]) -> None:
        """Take in what a table says of a workload; of the `old` copies those are kept that it still has."""
        if workload is None:
            workload = Workload(route)
        workload.set_route(route)
        self._places.told(route.workload, route.serverless)
        workload.copies = [self._keep(one, old) for one in route.copies]
        self._workloads[route.workload] = workload

    def _retire(self, copies: dict[CopyId, Copy]) -> None:
        """Let go of copies that are in the table no more, each when it works on nothing."""
        for copy in copies.values():
            self._draining[copy] = None
            copy.retire(self._drained)

    def draining(self) -> tuple[CopyId, ...]:
        """Give the copies that left the table and still have invocations in flight."""
        return tuple({copy.copy_id: None for copy in self._draining})

    def routed(self) -> tuple[CopyId, ...]:
        """Give the copies of the table."""
        return tuple(self._copies)

    def loads(self) -> tuple[CopyLoad, ...]:
        """Give what copies work on, and have answered since this was asked last."""
        found = [one.load() for one in (*self._copies.values(), *self._draining)]
        return tuple(one for one in found if one is not None)

    def shared(self, elsewhere: Elsewhere) -> None:
        """Take in what other gateways do."""
        self._elsewhere = elsewhere
        for name, copy in self._copies.items():
            share(copy, elsewhere.gateways, elsewhere.copies.get(name, 0))

    def prune(self, now_ns: int) -> None:
        """Close the connections to copies that have not been used for long."""
        for copy in self._copies.values():
            prune(copy, now_ns)

    def _drained(self, copy: Copy) -> None:
        del self._draining[copy]
        name = copy.copy_id
        if name not in self._copies and all(one.copy_id != name for one in self._draining):
            self._left(name)

    def endpoints(self) -> Iterator[EndpointRoute]:
        """Give every endpoint of the table."""
        return (one.route for one in self._endpoints.values())

    def endpoint(self, name: str) -> EndpointRoute | None:
        """Give an endpoint of the table."""
        found = self._endpoints.get(name)
        return None if found is None else found.route

    def resolve(self, invocation: Invocation, rng: Rng) -> Target | Refusal:
        """Find the workload of an invocation, by the order of `stoker.decisions.routing`."""
        endpoint = self._endpoints.get(invocation.endpoint)
        if endpoint is None:
            return Refusal(reason=Reason.UNKNOWN_ENDPOINT)
        if endpoint.closed is not None:
            return endpoint.closed
        if endpoint.models:
            return _model(endpoint, invocation, rng)
        if invocation.component is None:
            return Refusal(reason=Reason.COMPONENT_REQUIRED)
        target = endpoint.components.get(invocation.component)
        if target is None:
            return Refusal(reason=Reason.UNKNOWN_COMPONENT)
        if invocation.variant is not None and invocation.variant != target.variant:
            return Refusal(reason=Reason.UNKNOWN_VARIANT)
        return target

    def candidates(self, invocation: Invocation) -> list[Target]:
        """Give every target that the invocation may mean by its names."""
        endpoint = self._endpoints.get(invocation.endpoint)
        if endpoint is None:
            return []
        if invocation.component is not None:
            found = endpoint.components.get(invocation.component)
            return [] if found is None else [found]
        return [one for one in endpoint.models if invocation.variant in (None, one.variant)]

    def close(self) -> None:
        """Cut every connection to a copy."""
        for copy in self._copies.values():
            copy.close()

    def _gone(self, workloads: Iterable[Workload]) -> list[Workload]:
        """Have workloads know that the table has them no more."""
        gone = list(workloads)
        for workload in gone:
            workload.gone = True
            workload.copies = []
            self._places.told(workload.route.workload, None)
        return gone

    def _workload(self, name: WorkloadId) -> Workload:
        workload = self._workloads.get(name)
        if workload is None:  # the table names it and does not describe it: as good as a workload at zero
            workload = Workload(WorkloadRoute(workload=name))
        return workload

    def _keep(self, route: CopyRoute, old: dict[CopyId, Copy]) -> Copy:
        name = route.copy_id
        copy = self._copies.get(name) or old.get(name) or next((one for one in self._draining if one.copy_id == name), None)
        if copy is not None and copy.route == route:
            old.pop(name, None)
            if copy in self._draining:  # it had left the table, and what it worked on then it works on still
                del self._draining[copy]
                copy.revive()
            copy.broken_until = 0.0
        else:
            copy = Copy(route, self._places.locks)
            share(copy, self._elsewhere.gateways, 0)
        self._copies[name] = copy
        return copy


_PAUSED: Final = Refusal(reason=Reason.PAUSED, message="The endpoint is paused.")
_QUEUED = "This endpoint takes asynchronous invocations only: use InvokeEndpointAsync."


def _model(endpoint: _Endpoint, invocation: Invocation, rng: Rng) -> Target | Refusal:
    if invocation.component is not None:
        return Refusal(reason=Reason.COMPONENT_NOT_ALLOWED)
    if endpoint.queued and not invocation.queued:
        return Refusal(reason=Reason.INVALID, message=_QUEUED)
    if invocation.variant is None:
        return endpoint.models[choose_weighted(endpoint.weights, rng)]
    target = endpoint.variants.get(invocation.variant)
    return Refusal(reason=Reason.UNKNOWN_VARIANT) if target is None else target


def stats_of(tracker: "Tracker", target: Target) -> "Stats":
    """Give the counters of a target."""
    target.stats = stats = tracker.stats(target.workload.route.workload, target.endpoint.name, target.variant)
    return stats

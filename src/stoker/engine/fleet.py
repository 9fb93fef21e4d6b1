"""Everything that exists, indexed, and the record of what changed and must be kept.

The fleet is plain state: it decides nothing. Values are frozen; a change replaces a value and marks it, and `changes()` gives one
write for each marked value, so that the store is a projection of this state.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint, EndpointConfig, VariantState
from stoker.domain.hub import HubEndpoint
from stoker.domain.ids import (
    ComponentName,
    ConfigName,
    CopyId,
    EndpointName,
    InstanceId,
    ModelName,
    VariantName,
    WorkloadId,
    component_workload,
    variant_workload,
)
from stoker.domain.instances import Copy, Instance
from stoker.domain.models import Model
from stoker.domain.states import TAKING_INVOCATIONS, CopyState, EndpointStatus, InstanceState
from stoker.engine.commands import Put, Remove, Write
from stoker.engine.versions import Versions
from stoker.engine.workloads import Workload, component_workloads, model_workload, others_of, sides, states_of

Kept = Model | EndpointConfig | Endpoint | InferenceComponent | Instance | Copy | HubEndpoint

_encode = msgspec.msgpack.Encoder().encode


class Fleet:
    """Models, configurations, endpoints, components, instances and copies; and what is kept of Hugging Face's endpoints.

    `dirty` has what changed since `changes` was called, `pending` the copies that have not been started, by workload, `moving`
    those that replace others. `touched` has the workloads of each endpoint that something happened to: whoever closes the gaps
    there takes them out. `rerouted` has the endpoints whose routes may be others than before, each with the components concerned
    or, for all, None: whoever makes routes takes them out. `removed` has the workloads that are no more, or were not for a while:
    whoever remembers some of them does.
    """

    __slots__ = (
        "_components_of",
        "_copies_of",
        "_copies_on",
        "_instances_of",
        "components",
        "configs",
        "copies",
        "dirty",
        "endpoints",
        "hubs",
        "instances",
        "models",
        "moving",
        "pending",
        "removed",
        "rerouted",
        "serving_counts",
        "touched",
        "versions",
    )

    def __init__(self) -> None:
        self.models: dict[ModelName, Model] = {}
        self.configs: dict[ConfigName, EndpointConfig] = {}
        self.endpoints: dict[EndpointName, Endpoint] = {}
        self.components: dict[ComponentName, InferenceComponent] = {}
        self.instances: dict[InstanceId, Instance] = {}
        self.copies: dict[CopyId, Copy] = {}
        self.hubs: dict[EndpointName, HubEndpoint] = {}
        self._components_of: dict[EndpointName, dict[ComponentName, None]] = {}
        self._copies_of: dict[WorkloadId, dict[CopyId, None]] = {}
        self._copies_on: dict[InstanceId, dict[CopyId, None]] = {}
        self._instances_of: dict[tuple[EndpointName, VariantName], dict[InstanceId, None]] = {}
        self.dirty: dict[tuple[str, str], Kept | None] = {}
        self.pending: dict[WorkloadId, dict[CopyId, None]] = {}
        self.moving: dict[CopyId, None] = {}
        self.touched: dict[EndpointName, dict[WorkloadId, None]] = {}
        self.removed: dict[WorkloadId, None] = {}
        self.rerouted: dict[EndpointName, dict[WorkloadId, None] | None] = {}
        self.versions = Versions()
        self.serving_counts = self.versions.serving_counts

    def put(self, value: Kept) -> None:
        """Keep a value in place of an older one of its name. A copy that has a place never leaves it for another."""
        match value:
            case Model():
                self.models[value.name] = value
                self.dirty["model", value.name] = value
            case EndpointConfig():
                self.configs[value.name] = value
                self.dirty["config", value.name] = value
            case Endpoint():
                self._put_endpoint(value)
            case InferenceComponent():
                self.versions.note(value, self.components.get(value.name))
                self.components[value.name] = value
                self._components_of.setdefault(value.endpoint, {})[value.name] = None
                self._touch(value.endpoint, component_workload(value.name))
                self.dirty["component", value.name] = value
            case Instance():
                self.instances[value.instance_id] = value
                self._instances_of.setdefault((value.endpoint, value.variant), {})[value.instance_id] = None
                self.dirty["instance", value.instance_id] = value
            case Copy():
                self._count(value, self.copies.get(value.copy_id), value)
                self.copies[value.copy_id] = value
                self._copies_of.setdefault(value.workload, {})[value.copy_id] = None
                if value.instance_id is not None:
                    self._copies_on.setdefault(value.instance_id, {})[value.copy_id] = None
                self.dirty["copy", value.copy_id] = value
            case HubEndpoint():
                self.hubs[value.endpoint] = value
                self.rerouted[value.endpoint] = None
                self.dirty["hub", value.endpoint] = value

    def _put_endpoint(self, value: Endpoint) -> None:
        before = self.endpoints.get(value.name)
        self.versions.note(value, before)
        self.endpoints[value.name] = value
        self._removed(before, value)
        if before is None or _reroutes(before, value):
            self.rerouted[value.name] = None
        if before is None or _differs(before, value):
            self._touch_all(value)
        self.dirty["endpoint", value.name] = value

    def remove(self, value: Kept) -> None:
        """Forget a value."""
        match value:
            case Model():
                del self.models[value.name]
                self.dirty["model", value.name] = None
            case EndpointConfig():
                del self.configs[value.name]
                self.dirty["config", value.name] = None
            case Endpoint():
                self.versions.forget(self.endpoints.pop(value.name))
                self._removed(value, None)
                self.rerouted[value.name] = None
                self.touched.pop(value.name, None)
                self.dirty["endpoint", value.name] = None
                if value.name in self.hubs:
                    self.remove(self.hubs[value.name])
            case InferenceComponent():
                self.versions.forget(self.components.pop(value.name))
                self.removed[component_workload(value.name)] = None
                reroute(self.rerouted, value.endpoint, component_workload(value.name))
                self.dirty["component", value.name] = None
                _drop(self._components_of, value.endpoint, value.name)
            case Instance():
                del self.instances[value.instance_id]
                self.dirty["instance", value.instance_id] = None
                _drop(self._instances_of, (value.endpoint, value.variant), value.instance_id)
            case Copy():
                self._count(value, self.copies.pop(value.copy_id), None)
                self.dirty["copy", value.copy_id] = None
                _drop(self._copies_of, value.workload, value.copy_id)
                if value.instance_id is not None:
                    _drop(self._copies_on, value.instance_id, value.copy_id)
            case HubEndpoint():
                del self.hubs[value.endpoint]
                self.rerouted[value.endpoint] = None
                self.dirty["hub", value.endpoint] = None

    def _count(self, copy: Copy, before: Copy | None, after: Copy | None) -> None:
        self.versions.count(before, after)
        waits = after is not None and after.state is CopyState.PENDING
        if waits != (before is not None and before.state is CopyState.PENDING):
            if waits:
                self.pending.setdefault(copy.workload, {})[copy.copy_id] = None
            else:
                _drop(self.pending, copy.workload, copy.copy_id)
        if after is not None and after.replaces is not None:
            self.moving[copy.copy_id] = None
        else:
            self.moving.pop(copy.copy_id, None)
        kind, _, rest = copy.workload.partition("/")
        if kind != "ic":
            self._touch(EndpointName(rest.partition("/")[0]), copy.workload)
        elif (component := self.components.get(ComponentName(rest))) is not None:
            self._touch(component.endpoint, copy.workload)

    def _removed(self, before: Endpoint | None, after: Endpoint | None) -> None:
        """Note which variants an endpoint no longer has."""
        if before is None or (after is not None and before.variants is after.variants and before.update is after.update):
            return
        left = _names(before) - (set() if after is None else _names(after))
        self.removed.update((variant_workload(before.name, name), None) for name in left)

    def _touch(self, endpoint: EndpointName, workload: WorkloadId) -> None:
        self.touched.setdefault(endpoint, {})[workload] = None
        reroute(self.rerouted, endpoint, workload if workload.startswith("ic/") else None)

    def _touch_all(self, endpoint: Endpoint) -> None:
        for component in self._components_of.get(endpoint.name, ()):
            self._touch(endpoint.name, component_workload(component))
        for state in sides(endpoint):
            if state.container is not None:
                self._touch(endpoint.name, variant_workload(endpoint.name, state.spec.name))

    def copies_of(self, workload: WorkloadId, revision: int | None = None) -> list[Copy]:
        """Give the workload's copies, those being stopped included, oldest first; of one version or of all."""
        found = [self.copies[c] for c in self._copies_of.get(workload, ())]
        return found if revision is None else [copy for copy in found if copy.revision == revision]

    def copies_on(self, instance: InstanceId) -> list[Copy]:
        """Give the copies that book room on the instance."""
        return [self.copies[c] for c in self._copies_on.get(instance, ())]

    def crowd(self, instance: InstanceId | None) -> int:
        """Give how many copies book room on the instance."""
        return 0 if instance is None else len(self._copies_on.get(instance, ()))

    def staying(self, instance: InstanceId | None) -> int:
        """Give how many copies on the instance are not being stopped."""
        if instance is None:
            return 0
        return sum(1 for c in self._copies_on.get(instance, ()) if self.copies[c].state is not CopyState.STOPPING)

    def serving(self, workload: WorkloadId) -> int:
        """Give how many copies of the workload serve invocations."""
        return self.versions.serving(workload)

    def instances_of(self, endpoint: EndpointName, variant: VariantName, revision: int | None = None) -> list[Instance]:
        """Give the variant's instances, oldest first; of one version or of all."""
        found = [self.instances[i] for i in self._instances_of.get((endpoint, variant), ())]
        return found if revision is None else [instance for instance in found if instance.revision == revision]

    def in_service(self, endpoint: EndpointName, variant: VariantName, revision: int | None = None) -> int:
        """Give how many instances of the variant are up, in one version or in all."""
        return sum(1 for i in self.instances_of(endpoint, variant, revision) if i.state is InstanceState.IN_SERVICE)

    def components_on(self, endpoint: EndpointName) -> list[InferenceComponent]:
        """Give the components placed on the endpoint, oldest first."""
        return [self.components[c] for c in self._components_of.get(endpoint, ())]

    def houses(self, component: InferenceComponent) -> bool:
        """Whether the variant that the component is placed on is there; its endpoint may be gone, or another of that name."""
        endpoint = self.endpoints.get(component.endpoint)
        state = None if endpoint is None else endpoint.variant(component.variant)
        return state is not None and state.container is None

    def versions_of(self, workload: WorkloadId) -> list[Workload]:
        """Give the workload of that id in each of its versions, if what declares it exists: the one in force first."""
        kind, _, rest = workload.partition("/")
        if kind == "ic":
            component = self.components.get(ComponentName(rest))
            if component is None:
                return []
            endpoint = self.endpoints.get(component.endpoint)
            leaving = endpoint is not None and endpoint.status is EndpointStatus.DELETING
            return component_workloads(component, leaving=leaving)
        name, _, variant = rest.partition("/")
        endpoint = self.endpoints.get(EndpointName(name))
        return [] if endpoint is None else _models(endpoint, VariantName(variant))

    def workload(self, workload: WorkloadId, revision: int | None = None) -> Workload | None:
        """Give the workload of that id, if what declares it exists: the version in force, or that of `revision`."""
        return next((w for w in self.versions_of(workload) if revision in {None, w.revision}), None)

    def changes(self) -> list[Write]:
        """Give one write for each value that changed since the last call."""
        writes: list[Write] = [
            Remove(kind=kind, key=key) if value is None else Put(kind=kind, key=key, document=_encode(value))
            for (kind, key), value in self.dirty.items()
        ]
        self.dirty.clear()
        return writes

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up kept values (kind and document), in order of age; kinds that are not the fleet's are passed over."""
        kept = [_DECODERS[kind].decode(document) for kind, document in records if kind in _DECODERS]
        for value in sorted(kept, key=lambda v: v.created):
            self.put(value)
        self.dirty.clear()


def reroute(
    rerouted: dict[EndpointName, dict[WorkloadId, None] | None], endpoint: EndpointName, component: WorkloadId | None = None
) -> None:
    """Note that routes of an endpoint may be others than before: those of a component that is on it, or, for None, all."""
    if component is None:
        rerouted[endpoint] = None
    elif (touched := rerouted.setdefault(endpoint, {})) is not None:
        touched[component] = None


_DECODERS: dict[str, msgspec.msgpack.Decoder[Kept]] = {
    "model": msgspec.msgpack.Decoder(Model),
    "config": msgspec.msgpack.Decoder(EndpointConfig),
    "endpoint": msgspec.msgpack.Decoder(Endpoint),
    "component": msgspec.msgpack.Decoder(InferenceComponent),
    "instance": msgspec.msgpack.Decoder(Instance),
    "copy": msgspec.msgpack.Decoder(Copy),
    "hub": msgspec.msgpack.Decoder(HubEndpoint),
}


OwnerT = TypeVar("OwnerT")
MemberT = TypeVar("MemberT")


def _drop(index: dict[OwnerT, dict[MemberT, None]], owner: OwnerT, member: MemberT) -> None:
    members = index[owner]
    del members[member]
    if not members:
        del index[owner]


def _models(endpoint: Endpoint, name: VariantName) -> list[Workload]:
    """Give a variant's own model in each of its versions, the one in force first."""
    return [
        model_workload(endpoint, state, state.container)
        for state in sides(endpoint)
        if state.spec.name == name and state.container is not None
    ]


def _names(endpoint: Endpoint) -> set[VariantName]:
    """Give the names of the variants and shadow variants of all versions."""
    update = endpoint.update
    others = () if update is None else (*others_of(update), *update.leaving)
    return {state.spec.name for state in (*states_of(endpoint), *others)}


_ENDED = frozenset({EndpointStatus.DELETING, EndpointStatus.FAILED})


def _differs(before: Endpoint, after: Endpoint) -> bool:
    """Whether what the endpoint's workloads are to have may have changed."""
    if before.tags is not after.tags:  # they may say how components scale
        return True
    if before.variants is after.variants and before.update is after.update and before.status is after.status:
        return False
    if (before.status in _ENDED) != (after.status in _ENDED) or before.update is not after.update:
        return True
    return any(state.container is not None for state in after.variants)


def _reroutes(before: Endpoint, after: Endpoint) -> bool:
    """Whether an endpoint's routes may have changed, besides those of its components: not by a status or a count alone."""
    return (
        (before.status in TAKING_INVOCATIONS) != (after.status in TAKING_INVOCATIONS)
        or before.update is not after.update
        or before.tags is not after.tags
        or before.at_zero is not after.at_zero
        or before.shadows is not after.shadows
        or len(before.variants) != len(after.variants)
        or any(_shows(one) != _shows(other) for one, other in zip(before.variants, after.variants, strict=True))
    )


def _shows(state: VariantState) -> tuple[object, ...]:
    """Give what routes show of a variant."""
    return (
        state.spec,
        state.weight,
        state.revision,
        state.container,
        state.container and state.desired_instances,
        state.serverless,
    )

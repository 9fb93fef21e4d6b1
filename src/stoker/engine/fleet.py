"""Everything that exists, indexed, and the record of what changed and must be kept.

The fleet is plain state: it decides nothing. Values are frozen; a change replaces a value and marks it, and `changes()` gives one
write for each marked value, so that the store is a projection of this state.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from stoker.domain.components import ComputeRequirements, InferenceComponent
from stoker.domain.endpoints import Endpoint, EndpointConfig, VariantState
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
from stoker.domain.models import Container, Model
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus, InstanceState, PlacementStrategy
from stoker.engine.commands import Put, Remove, Write
from stoker.units import Span

Kept = Model | EndpointConfig | Endpoint | InferenceComponent | Instance | Copy

_encode = msgspec.msgpack.Encoder().encode


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What owns copies: a component, or a variant with a model (`requirements` None: each copy has an instance)."""

    id: WorkloadId
    endpoint: EndpointName
    variant: VariantName
    container: Container
    requirements: ComputeRequirements | None
    desired: int
    startup_timeout: Span
    download_timeout: Span
    ever_ready: bool
    failed: bool = False
    placement: PlacementStrategy = PlacementStrategy.SPREAD


class Fleet:
    """Models, configurations, endpoints, components, instances and copies."""

    __slots__ = (
        "_components_of",
        "_copies_of",
        "_copies_on",
        "_dirty",
        "_instances_of",
        "components",
        "configs",
        "copies",
        "endpoints",
        "instances",
        "models",
        "serving_counts",
    )

    def __init__(self) -> None:
        self.models: dict[ModelName, Model] = {}
        self.configs: dict[ConfigName, EndpointConfig] = {}
        self.endpoints: dict[EndpointName, Endpoint] = {}
        self.components: dict[ComponentName, InferenceComponent] = {}
        self.instances: dict[InstanceId, Instance] = {}
        self.copies: dict[CopyId, Copy] = {}
        self._components_of: dict[EndpointName, dict[ComponentName, None]] = {}
        self._copies_of: dict[WorkloadId, dict[CopyId, None]] = {}
        self._copies_on: dict[InstanceId, dict[CopyId, None]] = {}
        self._instances_of: dict[tuple[EndpointName, VariantName], dict[InstanceId, None]] = {}
        self._dirty: dict[tuple[str, str], Kept | None] = {}
        self.serving_counts: dict[WorkloadId, int] = {}

    def put(self, value: Kept) -> None:
        """Keep a value in place of an older one of its name. A copy that has a place never leaves it for another."""
        match value:
            case Model():
                self.models[value.name] = value
                self._dirty["model", value.name] = value
            case EndpointConfig():
                self.configs[value.name] = value
                self._dirty["config", value.name] = value
            case Endpoint():
                self.endpoints[value.name] = value
                self._dirty["endpoint", value.name] = value
            case InferenceComponent():
                self.components[value.name] = value
                self._components_of.setdefault(value.endpoint, {})[value.name] = None
                self._dirty["component", value.name] = value
            case Instance():
                self.instances[value.instance_id] = value
                self._instances_of.setdefault((value.endpoint, value.variant), {})[value.instance_id] = None
                self._dirty["instance", value.instance_id] = value
            case Copy():
                self._count_serving(value.workload, self.copies.get(value.copy_id), value)
                self.copies[value.copy_id] = value
                self._copies_of.setdefault(value.workload, {})[value.copy_id] = None
                if value.instance_id is not None:
                    self._copies_on.setdefault(value.instance_id, {})[value.copy_id] = None
                self._dirty["copy", value.copy_id] = value

    def remove(self, value: Kept) -> None:
        """Forget a value."""
        match value:
            case Model():
                del self.models[value.name]
                self._dirty["model", value.name] = None
            case EndpointConfig():
                del self.configs[value.name]
                self._dirty["config", value.name] = None
            case Endpoint():
                del self.endpoints[value.name]
                self._dirty["endpoint", value.name] = None
            case InferenceComponent():
                del self.components[value.name]
                self._dirty["component", value.name] = None
                _drop(self._components_of, value.endpoint, value.name)
            case Instance():
                del self.instances[value.instance_id]
                self._dirty["instance", value.instance_id] = None
                _drop(self._instances_of, (value.endpoint, value.variant), value.instance_id)
            case Copy():
                self._count_serving(value.workload, self.copies.pop(value.copy_id), None)
                self._dirty["copy", value.copy_id] = None
                _drop(self._copies_of, value.workload, value.copy_id)
                if value.instance_id is not None:
                    _drop(self._copies_on, value.instance_id, value.copy_id)

    def copies_of(self, workload: WorkloadId) -> list[Copy]:
        """Give the workload's copies, those being stopped included, oldest first."""
        return [self.copies[c] for c in self._copies_of.get(workload, ())]

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
        """Give how many copies of the workload serve."""
        return self.serving_counts.get(workload, 0)

    def _count_serving(self, workload: WorkloadId, before: Copy | None, after: Copy | None) -> None:
        was = before is not None and before.state is CopyState.IN_SERVICE
        serves = after is not None and after.state is CopyState.IN_SERVICE
        if was == serves:
            return
        count = self.serving_counts.get(workload, 0) + (1 if serves else -1)
        if count:
            self.serving_counts[workload] = count
        else:
            del self.serving_counts[workload]

    def instances_of(self, endpoint: EndpointName, variant: VariantName) -> list[Instance]:
        """Give the variant's instances, oldest first."""
        return [self.instances[i] for i in self._instances_of.get((endpoint, variant), ())]

    def in_service(self, endpoint: EndpointName, variant: VariantName) -> int:
        """Give how many instances of the variant are up."""
        return sum(1 for i in self.instances_of(endpoint, variant) if i.state is InstanceState.IN_SERVICE)

    def components_on(self, endpoint: EndpointName) -> list[InferenceComponent]:
        """Give the components placed on the endpoint, oldest first."""
        return [self.components[c] for c in self._components_of.get(endpoint, ())]

    def houses(self, component: InferenceComponent) -> bool:
        """Whether the variant that the component is placed on is there; its endpoint may be gone, or another of that name."""
        endpoint = self.endpoints.get(component.endpoint)
        state = None if endpoint is None else endpoint.variant(component.variant)
        return state is not None and state.container is None

    def workloads_on(self, endpoint: Endpoint, state: VariantState) -> list[Workload]:
        """Give what owns copies on a variant, wanting none when the endpoint is being deleted."""
        leaving = endpoint.status is EndpointStatus.DELETING
        if state.container is not None:
            return [_variant_workload(endpoint, state, state.container, leaving=leaving)]
        return [
            _component_workload(c, leaving=leaving) for c in self.components_on(endpoint.name) if c.variant == state.spec.name
        ]

    def workload(self, workload: WorkloadId) -> Workload | None:
        """Give the workload of that id, if what declares it exists."""
        kind, _, rest = workload.partition("/")
        if kind == "ic":
            component = self.components.get(ComponentName(rest))
            return None if component is None else _component_workload(component, leaving=False)
        name, _, variant = rest.partition("/")
        endpoint = self.endpoints.get(EndpointName(name))
        state = None if endpoint is None else endpoint.variant(VariantName(variant))
        if endpoint is None or state is None or state.container is None:
            return None
        return _variant_workload(endpoint, state, state.container, leaving=endpoint.status is EndpointStatus.DELETING)

    def changes(self) -> list[Write]:
        """Give one write for each value that changed since the last call."""
        writes: list[Write] = [
            Remove(kind=kind, key=key) if value is None else Put(kind=kind, key=key, document=_encode(value))
            for (kind, key), value in self._dirty.items()
        ]
        self._dirty.clear()
        return writes

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up kept values (kind and document), in order of age; kinds that are not the fleet's are passed over."""
        kept = [_DECODERS[kind].decode(document) for kind, document in records if kind in _DECODERS]
        for value in sorted(kept, key=lambda v: v.created):
            self.put(value)
        self._dirty.clear()


_DECODERS: dict[str, msgspec.msgpack.Decoder[Kept]] = {
    "model": msgspec.msgpack.Decoder(Model),
    "config": msgspec.msgpack.Decoder(EndpointConfig),
    "endpoint": msgspec.msgpack.Decoder(Endpoint),
    "component": msgspec.msgpack.Decoder(InferenceComponent),
    "instance": msgspec.msgpack.Decoder(Instance),
    "copy": msgspec.msgpack.Decoder(Copy),
}


OwnerT = TypeVar("OwnerT")
MemberT = TypeVar("MemberT")


def _drop(index: dict[OwnerT, dict[MemberT, None]], owner: OwnerT, member: MemberT) -> None:
    members = index[owner]
    del members[member]
    if not members:
        del index[owner]


def _component_workload(component: InferenceComponent, *, leaving: bool) -> Workload:
    failed = component.status is ComponentStatus.FAILED
    gone = leaving or failed or component.status is ComponentStatus.DELETING
    return Workload(
        id=component_workload(component.name),
        endpoint=component.endpoint,
        variant=component.variant,
        container=component.container,
        requirements=component.requirements,
        desired=0 if gone else component.desired_copies,
        startup_timeout=component.startup_timeout,
        download_timeout=component.download_timeout,
        ever_ready=component.ever_ready,
        failed=failed,
        placement=component.placement,
    )


def _variant_workload(endpoint: Endpoint, state: VariantState, container: Container, *, leaving: bool) -> Workload:
    failed = endpoint.status is EndpointStatus.FAILED
    return Workload(
        id=variant_workload(endpoint.name, state.spec.name),
        endpoint=endpoint.name,
        variant=state.spec.name,
        container=container,
        requirements=None,
        desired=0 if leaving or failed else state.desired_instances,
        startup_timeout=state.spec.startup_timeout,
        download_timeout=state.spec.download_timeout,
        ever_ready=endpoint.status is not EndpointStatus.CREATING,
        failed=failed,
    )

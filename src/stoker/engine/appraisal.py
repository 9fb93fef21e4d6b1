"""What counts as what in the accounts: a copy by its memory, an instance by its type, and what was configured at most."""

from collections.abc import Mapping
from typing import NamedTuple

from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import ComponentName, CopyId, EndpointName, InstanceId, WorkloadId, component_workload, variant_workload
from stoker.domain.scaling import Dimension, ScalableTarget, TargetKey
from stoker.domain.serverless import ServerlessConfig, is_environment
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus, InstanceState
from stoker.domain.usage import Kind, memory_size
from stoker.engine.fleet import Fleet
from stoker.engine.traffic import WorkloadCounts

_ENDED = frozenset({EndpointStatus.DELETING, EndpointStatus.FAILED})


class Part(NamedTuple):
    """A component or a variant, on its endpoint."""

    endpoint: EndpointName
    part: WorkloadId


class Running(NamedTuple):
    """Something that runs, and what it counts as."""

    part: Part
    kind: Kind
    size: str


class Appraisal:
    """Tells of what the fleet has what it counts as."""

    __slots__ = ("_fleet", "_targets")

    def __init__(self, fleet: Fleet, targets: Mapping[TargetKey, ScalableTarget]) -> None:
        self._fleet = fleet
        self._targets = targets

    def copy(self, copy_id: str) -> Running | None:
        """Give what a copy counts as, None while it does not run."""
        copy = self._fleet.copies.get(CopyId(copy_id))
        if copy is None or copy.state is CopyState.PENDING or copy.instance_id is None:
            return None
        instance = self._fleet.instances.get(copy.instance_id)
        workload = self._fleet.workload(copy.workload, copy.revision)
        if instance is None:
            return None
        booked = None if workload is None else workload.requirements
        memory_mb = instance.shape.memory_mb if booked is None else booked.least_memory_mb
        return Running(Part(instance.endpoint, copy.workload), Kind.COPY, memory_size(memory_mb))

    def instance(self, instance_id: str) -> Running | None:
        """Give what an instance counts as, None while it is not paid for."""
        instance = self._fleet.instances.get(InstanceId(instance_id))
        if instance is None or instance.state is InstanceState.PENDING or is_environment(instance.instance_type):
            return None  # an environment is paid for by what it does
        part = Part(instance.endpoint, variant_workload(instance.endpoint, instance.variant))
        return Running(part, Kind.INSTANCE, instance.instance_type)

    def most_of_endpoint(self, name: EndpointName) -> dict[Running, int]:
        """Give how many instances the variants have at most, and copies where they serve a model themselves."""
        endpoint = self._fleet.endpoints.get(name)
        most: dict[Running, int] = {}
        if endpoint is None or endpoint.status in _ENDED:
            return most
        for state in endpoint.variants:
            part = Part(name, variant_workload(name, state.spec.name))
            if state.serverless is not None:
                most |= _most_environments(part, state.serverless)
                continue
            count = self._most_instances(endpoint, state)
            if count:
                most[Running(part, Kind.MOST_INSTANCE, state.spec.instance_type)] = count
            if count and state.container is not None:
                most[Running(part, Kind.MOST_COPY, "")] = count
        return most

    def environment_mb(self, counts: WorkloadCounts) -> int:
        """Give the memory of the environments that served; 0 when it was copies on instances."""
        endpoint = None if counts.workload.startswith("ic/") else self._fleet.endpoints.get(counts.endpoint)
        state = None if endpoint is None else endpoint.variant(counts.variant)
        return 0 if state is None or state.serverless is None else state.serverless.memory_mb

    def _most_instances(self, endpoint: Endpoint, state: VariantState) -> int:
        managed = state.spec.managed
        target = self._targets.get(TargetKey(f"endpoint/{endpoint.name}/variant/{state.spec.name}", Dimension.INSTANCES))
        bounds = (managed.most if managed is not None and managed.enabled else 0, 0 if target is None else target.most)
        return max(state.desired_instances, *bounds)

    def most_of_component(self, name: ComponentName) -> dict[Running, int]:
        """Give how many copies a component has at most."""
        component = self._fleet.components.get(name)
        ended = {ComponentStatus.FAILED, ComponentStatus.DELETING}
        if component is None or component.status in ended or component.base is not None:
            return {}
        target = self._targets.get(TargetKey(f"inference-component/{name}", Dimension.COPIES))
        count = max(component.desired_copies, component.asked_copies or 0, 0 if target is None else target.most)
        running = Running(Part(component.endpoint, component_workload(name)), Kind.MOST_COPY, "")
        return {running: count} if count else {}


def _most_environments(part: Part, config: ServerlessConfig) -> dict[Running, int]:
    """Give how many environments there are at most, and how many are always kept ready."""
    size = memory_size(config.memory_mb)
    most = {
        Running(part, Kind.MOST_ENVIRONMENT, size): config.max_concurrency,
        Running(part, Kind.MOST_COPY, ""): config.max_concurrency,
    }
    if config.provisioned:
        most[Running(part, Kind.PROVISIONED, size)] = config.provisioned
    return most

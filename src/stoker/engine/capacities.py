"""What the autoscaler needs to know of each scalable thing: what is desired, what serves, whether anybody uses it."""

from collections.abc import Iterable

import msgspec

from stoker.domain.endpoints import Endpoint, VariantChange, VariantState
from stoker.domain.ids import ComponentName, EndpointName, VariantName, WorkloadId, component_workload, variant_workload
from stoker.domain.scaling import Dimension, TargetKey
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.autoscaler import workload_target
from stoker.engine.events import WeightsAndCapacitiesSet
from stoker.engine.fleet import Fleet
from stoker.engine.metering import Metering
from stoker.engine.scaling_ledger import Capacity
from stoker.engine.waking import Waking

_VARIANT_PARTS = 4
"""Parts of `endpoint/E/variant/V`."""


class Capacities:
    """Reads capacities; a `CapacityView`."""

    __slots__ = ("_fleet", "_metering", "_waking")

    def __init__(self, fleet: Fleet, metering: Metering, waking: Waking) -> None:
        self._fleet = fleet
        self._metering = metering
        self._waking = waking

    def capacity(self, key: TargetKey) -> Capacity | None:
        """Give what a scalable thing has; None when it is gone or cannot be scaled."""
        fleet = self._fleet
        if key.dimension is Dimension.COPIES:
            component = fleet.components.get(ComponentName(key.resource_id.partition("/")[2]))
            if component is None or component.base or component.status in {ComponentStatus.FAILED, ComponentStatus.DELETING}:
                return None
            if not fleet.houses(component) or fleet.endpoints[component.endpoint].status is EndpointStatus.DELETING:
                return None
            workload = component_workload(component.name)
            return Capacity(desired=component.desired_copies, current=fleet.serving(workload), busy=self._busy(workload))
        found = self.variant(key.resource_id)
        if found is None:
            return None
        endpoint, state = found
        workload = variant_workload(endpoint.name, state.spec.name)
        config = state.serverless
        if (config is None) is (key.dimension is Dimension.PROVISIONED):
            return None
        if config is not None:
            ready = min(config.provisioned, fleet.serving(workload))
            return Capacity(desired=config.provisioned, current=ready, busy=self._busy(workload))
        return Capacity(
            desired=state.desired_instances, current=fleet.in_service(endpoint.name, state.spec.name), busy=self._busy(workload)
        )

    def variant(self, resource_id: str) -> tuple[Endpoint, VariantState] | None:
        """Give the variant that `endpoint/E/variant/V` names, unless it is gone or going."""
        parts = resource_id.split("/")
        endpoint = self._fleet.endpoints.get(EndpointName(parts[1])) if len(parts) == _VARIANT_PARTS else None
        if endpoint is None or endpoint.status in {EndpointStatus.FAILED, EndpointStatus.DELETING}:
            return None
        state = endpoint.variant(VariantName(parts[3]))
        return None if state is None else (endpoint, state)

    def change(self, key: TargetKey, capacity: int) -> WeightsAndCapacitiesSet | None:
        """Give the change that makes a variant's capacity so; None when it is gone or going."""
        found = self.variant(key.resource_id)
        if found is None:
            return None
        endpoint, state = found
        change = VariantChange(variant=state.spec.name, instances=capacity)
        if key.dimension is Dimension.PROVISIONED:
            config = state.serverless
            if config is None:
                return None
            provisioned = msgspec.structs.replace(config, provisioned=min(capacity, config.max_concurrency))
            change = VariantChange(variant=state.spec.name, serverless=provisioned)
        return WeightsAndCapacitiesSet(name=endpoint.name, changes=(change,))

    def cold(self, workload: WorkloadId) -> bool:
        """Tell whether nothing serves a workload that demand may bring capacity for."""
        capacity = self.capacity(workload_target(workload))
        return capacity is not None and not capacity.current

    def _busy(self, workload: WorkloadId) -> bool:
        return self.wanted(workload) or self._waking.recently(workload)

    def wanted(self, workload: WorkloadId) -> bool:
        """Tell whether any invocation is in flight or waits."""
        return bool(self._metering.in_flight(workload) or self._metering.held(workload))


def keys_on(endpoint: Endpoint, touched: Iterable[WorkloadId]) -> list[TargetKey]:
    """Give what can be scaled of an endpoint's variants and of the touched components."""
    names = (workload.removeprefix("ic/") for workload in touched if workload.startswith("ic/"))
    return [
        *(TargetKey(f"inference-component/{name}", Dimension.COPIES) for name in names),
        *(
            TargetKey(
                f"endpoint/{endpoint.name}/variant/{v.spec.name}",
                Dimension.INSTANCES if v.serverless is None else Dimension.PROVISIONED,
            )
            for v in endpoint.variants
        ),
    ]

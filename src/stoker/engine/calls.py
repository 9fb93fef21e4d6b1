"""What accepted API calls change. Checks were made by the service before; a call about something gone by now changes nothing."""

from typing import assert_never

import msgspec

from stoker.domain import ids
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import ComponentName, ConfigName, EndpointName, ModelName, VariantName, component_workload
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.commands import RoutesChanged
from stoker.engine.events import (
    Call,
    ComponentCreated,
    ComponentDeleted,
    ConfigCreated,
    ConfigDeleted,
    CopyCountSet,
    EndpointCreated,
    EndpointDeleted,
    ModelCreated,
    ModelDeleted,
    ResourceTagged,
    VariantChange,
    WeightsAndCapacitiesSet,
)
from stoker.engine.hub_events import HubEvent, HubPut
from stoker.engine.metering import Metering
from stoker.engine.queue_events import QueueEvent
from stoker.engine.queues import Queues
from stoker.engine.reconciler import Reconciler
from stoker.engine.registry import Registry
from stoker.engine.registry_events import RegistryEvent
from stoker.units import Instant


class Calls:
    """Applies calls to the fleet."""

    __slots__ = ("fleet", "metering", "queues", "reconciler", "registry")

    def __init__(self, reconciler: Reconciler, metering: Metering) -> None:
        self.reconciler = reconciler
        self.fleet = reconciler.fleet
        self.metering = metering
        self.registry = Registry()
        self.queues = Queues()

    def restore(self, records: list[tuple[str, bytes]]) -> None:
        """Take up what was kept beside the fleet: (kind, document) of every record."""
        self.registry.restore(records)
        self.queues.restore(records)

    def handle(self, event: Call, now: Instant) -> EndpointName | None:
        """Apply a call; gives the endpoint it concerns, whose gaps are to be closed."""
        if isinstance(event, RegistryEvent | QueueEvent | HubEvent):
            self._beside(event)
            return None
        match event:
            case ModelCreated(model=model):
                self.fleet.put(model)
            case ModelDeleted(name=model_name):
                if model_name in self.fleet.models:
                    self.fleet.remove(self.fleet.models[model_name])
            case ConfigCreated() | ConfigDeleted():
                self._on_config(event)
            case EndpointCreated() | EndpointDeleted() | WeightsAndCapacitiesSet():
                return self._on_endpoint(event, now)
            case ComponentCreated() | ComponentDeleted() | CopyCountSet():
                return self._on_component(event, now)
            case ResourceTagged():
                return self._tag(event)
            case _:
                assert_never(event)
        return None

    def _beside(self, event: RegistryEvent | QueueEvent | HubEvent) -> None:
        """Apply a call that leaves no gap to close."""
        if isinstance(event, RegistryEvent):
            self.reconciler.out.extend(self.registry.handle(event))
        elif isinstance(event, QueueEvent):
            self.reconciler.out.extend(self.queues.handle(event))
        else:
            if isinstance(event, HubPut):
                self.fleet.put(event.hub)
            elif event.endpoint in self.fleet.hubs:
                self.fleet.remove(self.fleet.hubs[event.endpoint])
            self.reconciler.out.append(RoutesChanged())

    def _on_config(self, event: ConfigCreated | ConfigDeleted) -> None:
        if isinstance(event, ConfigCreated):
            self.fleet.put(event.config)
        elif event.name in self.fleet.configs:
            self.fleet.remove(self.fleet.configs[event.name])

    def _on_endpoint(
        self, event: EndpointCreated | EndpointDeleted | WeightsAndCapacitiesSet, now: Instant
    ) -> EndpointName | None:
        if isinstance(event, EndpointCreated):
            self.fleet.put(event.endpoint)
            self.reconciler.out.append(RoutesChanged())
            return event.endpoint.name
        endpoint = self.fleet.endpoints.get(event.name)
        if endpoint is None:
            return None
        if isinstance(event, EndpointDeleted):
            changed = msgspec.structs.replace(endpoint, status=EndpointStatus.DELETING, modified=now)
        else:
            changes = {c.variant: c for c in event.changes}
            variants = tuple(_changed(v, changes) for v in endpoint.variants)
            shadows = tuple(_changed(v, changes) for v in endpoint.shadows)
            changed = msgspec.structs.replace(endpoint, variants=variants, shadows=shadows, modified=now)
            if changed.update is not None:  # what a policy wants meanwhile is wanted of both versions
                others = tuple(_changed(v, changes, alike=endpoint) for v in changed.update.variants)
                changed = msgspec.structs.replace(changed, update=msgspec.structs.replace(changed.update, variants=others))
        self.fleet.put(changed)
        self.reconciler.out.append(RoutesChanged())
        return event.name

    def _on_component(self, event: ComponentCreated | ComponentDeleted | CopyCountSet, now: Instant) -> EndpointName | None:
        self.reconciler.out.append(RoutesChanged())
        if isinstance(event, ComponentCreated):
            self.fleet.put(event.component)
            return event.component.endpoint
        component = self.fleet.components.get(event.name)
        if component is None or component.status is ComponentStatus.DELETING:
            return None
        if component.base is not None and isinstance(event, CopyCountSet):
            return None  # an adapter has no copies of its own
        workload = component_workload(component.name)
        if isinstance(event, CopyCountSet):
            self.reconciler.restarts.pop((workload, component.revision), None)
            placed = self.fleet.houses(component)  # else nothing will ever follow the new count
            moving = placed and component.status is not ComponentStatus.CREATING and event.count != component.desired_copies
            retry = component.status is ComponentStatus.FAILED
            status = ComponentStatus.UPDATING if moving or retry else component.status
            self.fleet.put(
                msgspec.structs.replace(
                    component,
                    desired_copies=event.count,
                    status=status,
                    failure="" if retry else component.failure,
                    modified=now,
                    paused=component.paused if event.by_policy else event.count == 0 and not event.asleep,
                    asleep=event.asleep and event.count == 0,
                    asked_copies=component.asked_copies if event.by_policy else event.count or component.asked_copies,
                )
            )
            return component.endpoint
        if component.endpoint not in self.fleet.endpoints:
            self.fleet.remove(component)
            self.reconciler.forget_workload(workload)
            self.metering.forget(workload)
            return None
        self.fleet.put(msgspec.structs.replace(component, status=ComponentStatus.DELETING, modified=now))
        return component.endpoint

    def _tag(self, event: ResourceTagged) -> EndpointName | None:
        """Change tags; those of an endpoint and of a component may say how it holds and how it scales."""
        match event.kind:
            case ids.MODEL:
                model = self.fleet.models.get(ModelName(event.name))
                if model is not None:
                    self.fleet.put(msgspec.structs.replace(model, tags=event.tags))
            case ids.ENDPOINT_CONFIG:
                config = self.fleet.configs.get(ConfigName(event.name))
                if config is not None:
                    self.fleet.put(msgspec.structs.replace(config, tags=event.tags))
            case ids.ENDPOINT:
                return self._tag_endpoint(event)
            case ids.COMPONENT:
                component = self.fleet.components.get(ComponentName(event.name))
                if component is not None:
                    self.fleet.put(msgspec.structs.replace(component, tags=event.tags, at_zero=event.at_zero))
                    self.reconciler.out.append(RoutesChanged())
                    return component.endpoint
            case _:
                pass  # nothing else has tags
        return None

    def _tag_endpoint(self, event: ResourceTagged) -> EndpointName | None:
        endpoint = self.fleet.endpoints.get(EndpointName(event.name))
        if endpoint is None:
            return None
        self.fleet.put(msgspec.structs.replace(endpoint, tags=event.tags, at_zero=event.at_zero))
        self.reconciler.out.append(RoutesChanged())
        return endpoint.name


def _changed(state: VariantState, changes: dict[VariantName, VariantChange], *, alike: Endpoint | None = None) -> VariantState:
    """Give a variant changed; of another version than that of `alike` only what both have: environments are no instances."""
    change = changes.get(state.spec.name)
    if change is None:
        return state
    told = None if alike is None else alike.variant(state.spec.name)
    keeps = change.instances is None or (told is not None and (told.serverless is None) != (state.serverless is None))
    return msgspec.structs.replace(
        state,
        weight=state.weight if change.weight is None else change.weight,
        desired_instances=state.desired_instances if keeps or change.instances is None else change.instances,
        serverless=state.serverless if change.serverless is None or state.serverless is None else change.serverless,
    )

"""Use cases of Hugging Face's inference endpoints: each is an endpoint of ours with one variant and one component.

What a call changes of these it changes together: all of it is on disk when it returns, or none.
"""

from typing import Final

import msgspec

from stoker.domain.components import ComponentBuild, InferenceComponent
from stoker.domain.deployments import BlueGreen, CapacitySize, Rolling, SizeKind, UpdatePolicy
from stoker.domain.endpoints import Endpoint
from stoker.domain.hub import HubEndpoint, HubSpec, HubState, endpoint_name
from stoker.domain.ids import COMPONENT, ENDPOINT, ComponentName, ConfigName
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.events import Call as EngineCall
from stoker.engine.events import (
    ComponentCreated,
    ComponentDeleted,
    ComponentUpdated,
    ConfigCreated,
    ConfigDeleted,
    CopyCountSet,
    EndpointCreated,
    EndpointDeleted,
    EndpointUpdated,
    ResourceTagged,
    Together,
    Updated,
)
from stoker.engine.hub_events import HubPut, HubRemoved
from stoker.errors import ConflictError, InvalidParameterError, NotFoundError
from stoker.service.components import ComponentRequest, Components
from stoker.service.desk import Desk, Images, Sources
from stoker.service.endpoints import Endpoints
from stoker.service.hub_parts import STARTUP_TIMEOUT, HubOptions, Parts, parts_of
from stoker.service.hub_view import status_of
from stoker.service.tags import at_zero

HUB_ENDPOINT: Final = "inference endpoint"
_SHOWN: Final = 100
_HALF: Final = 50


class Hubs:
    """Makes, shows, changes, puts to sleep and deletes inference endpoints."""

    __slots__ = ("_components", "_desk", "_endpoints", "_images", "_sources", "options")

    def __init__(self, desk: Desk, images: Images, sources: Sources, options: HubOptions) -> None:
        self._desk = desk
        self._images = images
        self._sources = sources
        self._endpoints = Endpoints(desk)
        self._components = Components(desk, images)
        self.options = options

    def get(self, namespace: str, name: str) -> HubEndpoint:
        """Give an inference endpoint; one that is being deleted is gone."""
        hubs = self._desk.platform.fleet.hubs
        hub = hubs.get(endpoint_name(namespace, name, home=self.options.home))
        if hub is None or (hub.namespace, hub.name) != (namespace, name):  # or one of when the home was another
            hub = next((each for each in hubs.values() if (each.namespace, each.name) == (namespace, name)), None)
        if hub is None or self._endpoint(hub) is None:
            raise NotFoundError(HUB_ENDPOINT, f"{namespace[:_SHOWN]}/{name[:_SHOWN]}")
        return hub

    def all(self, namespace: str) -> list[HubEndpoint]:
        """Give all inference endpoints of a namespace, oldest first."""
        hubs = self._desk.platform.fleet.hubs.values()
        return [hub for hub in hubs if hub.namespace == namespace and self._endpoint(hub) is not None]

    async def create(self, namespace: str, name: str, spec: HubSpec, *, by: str) -> HubEndpoint:
        """Begin to make an inference endpoint; it starts a replica even when it may have none, to show that it can."""
        key = endpoint_name(namespace, name, home=self.options.home)
        there = self._desk.platform.fleet.endpoints.get(key)
        if there is not None and there.status is EndpointStatus.DELETING:
            text = f"The endpoint {name} is still being deleted: its replicas finish what they work on. Try again in a moment."
            raise ConflictError(ENDPOINT, key, text)
        if there is not None or ComponentName(key) in self._desk.platform.fleet.components:
            raise ConflictError(HUB_ENDPOINT, key, f"The name {name} is taken: an endpoint of that name exists.", exists=True)
        parts, now = self._parts(spec), self._desk.now()
        self._endpoints.check_room([(parts.variant.instance_type, parts.initial_copies)])
        config = self._endpoints.new_config(ConfigName(f"hub-{self._desk.ids.token()}"), [parts.variant])
        endpoint = self._endpoints.new(key, config, {})
        request = ComponentRequest(
            name=ComponentName(key),
            endpoint=key,
            variant=parts.variant.name,
            container=parts.container,
            requirements=parts.requirements,
            copies=parts.initial_copies,
            startup_timeout=STARTUP_TIMEOUT,
            tags=parts.tags,
        )
        hub = HubEndpoint(
            namespace=namespace,
            name=name,
            endpoint=key,
            spec=spec,
            created=now,
            updated=now,
            created_by=by,
            updated_by=by,
            health_path=parts.health_path,
        )
        await self._desk.submit(
            Together(
                calls=(
                    HubPut(hub=hub),
                    ConfigCreated(config=config),
                    EndpointCreated(endpoint=endpoint),
                    ComponentCreated(component=self._components.new(request, endpoint)),
                )
            )
        )
        return hub

    async def update(self, namespace: str, name: str, spec: HubSpec, *, by: str) -> HubEndpoint:
        """Begin to make an inference endpoint what is asked for now: bounds at once, what it runs by and by beside the old."""
        hub = self.get(namespace, name)
        endpoint, component = self._living(hub)
        parts = self._parts(spec)
        changed = msgspec.structs.replace(hub, spec=spec, updated=self._desk.now(), updated_by=by, health_path=parts.health_path)
        calls: list[EngineCall | Updated] = [HubPut(hub=changed)]
        calls.extend(self._retype(endpoint, parts))
        tags = {**component.tags, **parts.tags}
        if tags != component.tags:
            kind = COMPONENT
            calls.append(ResourceTagged(kind=kind, name=component.name, tags=tags, at_zero=at_zero(tags)))
        rebuilt = self._differs(hub.spec, component, parts)
        if rebuilt:
            calls.append(_rebuilding(component, parts))
        if _is_to_start(hub.spec, spec, component, rebuilt=rebuilt):
            calls.append(CopyCountSet(name=component.name, count=parts.initial_copies))
        await self._desk.submit(Together(calls=tuple(calls)))
        return changed

    async def pause(self, namespace: str, name: str) -> HubEndpoint:
        """Stop all replicas until the endpoint is resumed; no demand brings it back."""
        hub = self.get(namespace, name)
        _, component = self._living(hub)
        if not component.paused:
            await self._desk.submit(CopyCountSet(name=component.name, count=0))
        return hub

    async def resume(self, namespace: str, name: str) -> HubEndpoint:
        """Start what was paused, sleeps or failed. Raises `InvalidParameterError` for what runs."""
        hub = self.get(namespace, name)
        _, component = self._living(hub)
        # One that served before is tried on at ever longer intervals when it breaks; it is to be tried at once.
        if component.desired_copies and status_of(self._desk.platform, hub).state is not HubState.FAILED:
            raise InvalidParameterError(f"Bad Request: the endpoint {name} is already running.", field="name")
        await self._desk.submit(CopyCountSet(name=component.name, count=self._parts(hub.spec).initial_copies))
        return hub

    async def scale_to_zero(self, namespace: str, name: str) -> HubEndpoint:
        """Stop all replicas at once, until a request comes in."""
        hub = self.get(namespace, name)
        _, component = self._living(hub)
        if component.paused or component.status is ComponentStatus.FAILED:
            what = "paused" if component.paused else "failed"
            raise InvalidParameterError(f"Bad Request: the endpoint {name} is {what}: resume it first.", field="name")
        if component.desired_copies:
            await self._desk.submit(CopyCountSet(name=component.name, count=0, asleep=True))
        return hub

    async def delete(self, namespace: str, name: str) -> None:
        """Delete an inference endpoint: it is gone at once for whoever asks, its replicas finish what they work on."""
        hub = self.get(namespace, name)
        fleet = self._desk.platform.fleet
        calls: list[EngineCall | Updated] = [HubRemoved(endpoint=hub.endpoint)]
        if ComponentName(hub.endpoint) in fleet.components:
            calls.append(ComponentDeleted(name=ComponentName(hub.endpoint)))
        calls.append(EndpointDeleted(name=hub.endpoint))
        calls.append(ConfigDeleted(name=fleet.endpoints[hub.endpoint].config))
        await self._desk.submit(Together(calls=tuple(calls)))

    def _parts(self, spec: HubSpec) -> Parts:
        return parts_of(spec, platform=self._desk.platform, images=self._images, sources=self._sources, options=self.options)

    def _differs(self, former: HubSpec, component: InferenceComponent, parts: Parts) -> bool:
        """Tell whether copies are to run something else than what was asked for, or the same again because that failed."""
        if component.undone:
            return (parts.container, parts.requirements) != (component.container, component.requirements)
        try:
            before = self._parts(former)
        except InvalidParameterError:  # what it was made of is not there any more
            return True
        return (parts.container, parts.requirements) != (before.container, before.requirements)

    def _endpoint(self, hub: HubEndpoint) -> Endpoint | None:
        endpoint = self._desk.platform.fleet.endpoints.get(hub.endpoint)
        return None if endpoint is None or endpoint.status is EndpointStatus.DELETING else endpoint

    def _living(self, hub: HubEndpoint) -> tuple[Endpoint, InferenceComponent]:
        """Give the parts of an inference endpoint; one may have been deleted by a call of AWS's."""
        endpoint = self._endpoint(hub)
        component = self._desk.platform.fleet.components.get(ComponentName(hub.endpoint))
        if endpoint is None or component is None or component.status is ComponentStatus.DELETING:
            text = f"Bad Request: the inference component of {hub.name} was deleted; delete the endpoint and create it anew."
            raise InvalidParameterError(text, field="name")
        return endpoint, component

    def _retype(self, endpoint: Endpoint, parts: Parts) -> list[EngineCall | Updated]:
        """Give what makes an endpoint's instances those that are asked for; nothing where they are."""
        [state] = endpoint.variants
        if state.spec == parts.variant:
            return []
        self._endpoints.check_room([(parts.variant.instance_type, state.desired_instances)])
        config = self._endpoints.new_config(ConfigName(f"hub-{self._desk.ids.token()}"), [parts.variant])
        return [
            ConfigCreated(config=config),
            EndpointUpdated(
                name=endpoint.name,
                config=config.name,
                variants=(msgspec.structs.replace(state, spec=parts.variant),),
                policy=UpdatePolicy(plan=BlueGreen()),
            ),
            ConfigDeleted(name=endpoint.config),
        ]


def _is_to_start(former: HubSpec, spec: HubSpec, component: InferenceComponent, *, rebuilt: bool) -> bool:
    """Tell whether a change starts replicas: where they failed, and of one that sleeps if it is to run something else.

    That one has to show that it can come up, as a new one has; and one of which there are to be more at least is woken.
    """
    if component.paused:
        return False
    if component.status is ComponentStatus.FAILED:
        return not rebuilt
    more = component.asleep and spec.compute.scaling.least > former.compute.scaling.least
    return more or (rebuilt and not component.desired_copies)


def _rebuilding(component: InferenceComponent, parts: Parts) -> ComponentUpdated:
    if component.update is not None:
        text = f"The endpoint {component.name} is being updated: what it runs can be changed again when that is done."
        raise ConflictError(COMPONENT, component.name, text)
    return ComponentUpdated(
        name=component.name,
        build=ComponentBuild(
            revision=component.revision,
            container=parts.container,
            requirements=parts.requirements,
            startup_timeout=component.startup_timeout,
            download_timeout=component.download_timeout,
            placement=component.placement,
        ),
        policy=UpdatePolicy(plan=Rolling(batch=CapacitySize(kind=SizeKind.CAPACITY_PERCENT, value=_HALF))),
    )

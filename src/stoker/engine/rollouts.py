"""Updates of endpoints and components on their way: begun by a call, moved on by what serves, by alarms and by time.

All that an update is stands in the endpoint's or the component's own record, so that a control plane that starts anew goes on
where the old one was. What the versions are to have at each point `stoker.decisions.rollout` says; the reconciler makes it so.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from stoker.decisions.rollout import Seen, Turn, advance, last_back, last_step, next_look
from stoker.domain.alarms import Alarm, AlarmState, CompositeAlarm
from stoker.domain.components import ComponentBuild, ComponentUpdate, InferenceComponent
from stoker.domain.deployments import BlueGreen, Rollout, Stage
from stoker.domain.endpoints import Endpoint, EndpointUpdate, VariantState
from stoker.domain.ids import AlarmName, EndpointName, VariantName, component_workload, variant_workload
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.commands import RoutesChanged
from stoker.engine.events import ComponentUpdated, EndpointUpdated
from stoker.engine.reconciler import Reconciler
from stoker.engine.workloads import (
    VersionKey,
    component_workloads,
    last_of,
    others_of,
    sides,
    states_of,
)
from stoker.units import Instant

_ENDED = frozenset({EndpointStatus.DELETING, EndpointStatus.FAILED})
_GOING = frozenset({ComponentStatus.DELETING, ComponentStatus.FAILED})


class Alarms(Protocol):
    """Where the states of alarms are looked up."""

    @property
    def alarms(self) -> Mapping[AlarmName, Alarm]:
        """The alarms on metrics by name."""
        ...

    @property
    def composite_alarms(self) -> Mapping[AlarmName, CompositeAlarm]:
        """The alarms on other alarms by name."""
        ...


class Rollouts:
    """Begins updates and moves them on."""

    __slots__ = ("_board", "fleet", "reconciler")

    def __init__(self, reconciler: Reconciler, board: Alarms) -> None:
        self.reconciler = reconciler
        self.fleet = reconciler.fleet
        self._board = board

    def begin(self, event: EndpointUpdated | ComponentUpdated, now: Instant) -> EndpointName | None:
        """Begin an update; gives the endpoint whose gaps are to be closed."""
        if isinstance(event, EndpointUpdated):
            endpoint = self.fleet.endpoints.get(event.name)
            if endpoint is None or endpoint.status in _ENDED:
                return None
            self._keep(_begun(endpoint, event, self._strongest(endpoint), now))
            return endpoint.name
        component = self.fleet.components.get(event.name)
        if component is None or component.update is not None or component.status is ComponentStatus.DELETING:
            return None
        self._begin_component(component, event, now)
        return component.endpoint

    def step(self, now: Instant) -> list[EndpointName]:
        """Move updates on as far as they go by now; gives the endpoints on which something changed."""
        changed: dict[EndpointName, None] = {}
        for value in list(self.fleet.versions.updating.values()):
            if isinstance(value, InferenceComponent):
                if self._step_component(value, now):
                    changed[value.endpoint] = None
            elif self._step_endpoint(value, now):
                changed[value.name] = None
        return list(changed)

    def next_deadline(self) -> Instant | None:
        """Give when time alone may next move an update on."""
        looks = [
            next_look(value.update.rollout, blocked=bool(self._blocked(value)))
            for value in self.fleet.versions.updating.values()
            if value.update is not None and value.status not in {EndpointStatus.DELETING, ComponentStatus.DELETING, "Failed"}
        ]
        return min((at for at in looks if at is not None), default=None)

    # Endpoints.

    def _strongest(self, endpoint: Endpoint) -> Endpoint:
        """Give an endpoint whose last update did not find its way back with the version in force that serves more."""
        update = endpoint.update
        if update is None or self._up(endpoint, others_of(update)) <= self._up(endpoint, states_of(endpoint)):
            return endpoint
        return _swapped(endpoint, update)

    def _up(self, endpoint: Endpoint, states: Iterable[VariantState]) -> int:
        return sum(self.fleet.versions.up(_key(endpoint, s)) for s in states)

    def _step_endpoint(self, endpoint: Endpoint, now: Instant) -> bool:
        before = endpoint
        while endpoint.update is not None and endpoint.status not in _ENDED:
            turn = advance(endpoint.update.rollout, self._seen_of_endpoint(endpoint, endpoint.update), now)
            if turn is None:
                break
            endpoint = _turned(endpoint, endpoint.update, turn, now)
            self._keep(endpoint)
        if endpoint.update is None and before.update is not None:
            for state in (*others_of(before.update), *before.update.leaving, *states_of(before)):
                if state not in states_of(endpoint):
                    self.reconciler.forget_version(_key(endpoint, state))
        return endpoint is not before

    def _seen_of_endpoint(self, endpoint: Endpoint, update: EndpointUpdate) -> Seen:
        coming = states_of(endpoint) if update.rollout.stage is Stage.RETURNING else others_of(update)
        names = {_key(endpoint, s): s for s in coming}
        wanted = {_key(endpoint, s): s.desired_instances for s in sides(endpoint) if _key(endpoint, s) in names}
        gone = not any(
            self.fleet.instances_of(endpoint.name, s.spec.name, s.revision) for s in (*others_of(update), *update.leaving)
        )
        shrunk = all(
            len(self.fleet.instances_of(endpoint.name, s.spec.name, s.revision)) <= s.desired_instances
            for s in sides(endpoint)
            if s.revision in {v.revision for v in states_of(endpoint)}
        )
        return Seen(
            ready=all(self.fleet.versions.up(key) >= count for key, count in wanted.items()),
            gone=gone,
            shrunk=shrunk,
            last=last_of(update),
            last_back=max(
                (last_back(update.rollout, s.desired_instances, _count(others_of(update), s)) for s in states_of(endpoint)),
                default=0,
            ),
            alarm=self._alarm(update.rollout),
            blocked=self._blocked(endpoint),
        )

    # Components.

    def _begin_component(self, component: InferenceComponent, event: ComponentUpdated, now: Instant) -> None:
        build = msgspec.structs.replace(event.build, revision=component.revision + 1, ever_ready=False)
        rollout = Rollout(
            plan=event.policy.plan, begun=now, since=now, limit=event.policy.limit, alarms=event.policy.alarms, cause="begun"
        )
        housed = self.fleet.houses(component)
        untried = component.status is ComponentStatus.FAILED or not component.ever_ready
        count = event.copies
        begun = msgspec.structs.replace(
            component,
            desired_copies=component.desired_copies if count is None else count,
            asked_copies=count or component.asked_copies,
            paused=component.paused if count is None else count == 0,
            status=ComponentStatus.UPDATING if housed else component.status,
            failure="",
            undone="",
            modified=now,
            deployment=event.deployment,
            update=ComponentUpdate(rollout=rollout, build=build),
        )
        if untried or not component.desired_copies or not begun.desired_copies or not housed:
            # There is nothing that serves and could get less: the new version is in force at once.
            at_once = msgspec.structs.replace(rollout, stage=Stage.CLEARING)
            begun = _built(begun, build, ComponentUpdate(rollout=at_once, build=component.build))
        self._keep(begun)

    def _step_component(self, component: InferenceComponent, now: Instant) -> bool:
        before = component
        while component.update is not None and component.status not in _GOING:
            update = component.update
            turn = advance(update.rollout, self._seen_of_component(component, update), now)
            if turn is None:
                break
            if turn.rollout is None:
                self.reconciler.forget_version((component_workload(component.name), update.build.revision))
                component = msgspec.structs.replace(component, update=None, undone=update.rollout.reason, modified=now)
            elif turn.swap:
                changed = ComponentUpdate(rollout=_told(turn), build=component.build)
                component = msgspec.structs.replace(_built(component, update.build, changed), modified=now)
            else:
                changed = msgspec.structs.replace(update, rollout=_told(turn))
                component = msgspec.structs.replace(component, update=changed, modified=now)
            self._keep(component)
        return component is not before

    def _seen_of_component(self, component: InferenceComponent, update: ComponentUpdate) -> Seen:
        current, other = component_workloads(component, leaving=False)
        coming = current if update.rollout.stage is Stage.RETURNING else other
        count = component.desired_copies
        return Seen(
            ready=self.fleet.versions.up(coming.key) >= coming.desired,
            gone=not self.fleet.copies_of(other.id, other.revision),
            shrunk=len(self.fleet.copies_of(current.id, current.revision)) <= current.desired,
            last=last_step(update.rollout.plan, count),
            last_back=last_back(update.rollout, count, count),
            alarm=self._alarm(update.rollout),
            blocked=self._blocked(component),
        )

    # Both.

    def _alarm(self, rollout: Rollout) -> str:
        """Give the name of an alarm that is to stop the update."""
        for name in rollout.alarms:
            alarm = self._board.alarms.get(name) or self._board.composite_alarms.get(name)
            if alarm is not None and alarm.state is AlarmState.ALARM:
                return name
        return ""

    def _blocked(self, value: Endpoint | InferenceComponent) -> str:
        """Give why the capacity of the new version is not to be had, empty when nothing says so."""
        if isinstance(value, Endpoint):
            return value.failure
        if value.update is None:
            return ""
        return self.reconciler.blocked.get((component_workload(value.name), value.update.build.revision), "")

    def _keep(self, value: Endpoint | InferenceComponent) -> None:
        self.fleet.put(value)
        self.reconciler.out.append(RoutesChanged())


def broken(value: Endpoint | InferenceComponent, revision: int, reason: str) -> Endpoint | InferenceComponent | None:
    """Give what is being updated with the news that its new version cannot run; None when the revision is not that of one."""
    update = value.update
    if update is None:
        return None
    revisions = {s.revision for s in others_of(update)} if isinstance(update, EndpointUpdate) else {update.build.revision}
    if revision not in revisions:
        return None
    return msgspec.structs.replace(
        value, update=msgspec.structs.replace(update, rollout=msgspec.structs.replace(update.rollout, broken=reason))
    )


def stuck(endpoint: Endpoint, reason: str) -> Endpoint | None:
    """Give an endpoint on its way back with the news that its old version does not come up; None when it is not on it."""
    update = endpoint.update
    if update is None or update.rollout.stage is not Stage.RETURNING:
        return None
    told = f"The old version does not come back. {reason}"
    changed = msgspec.structs.replace(update, rollout=msgspec.structs.replace(update.rollout, stuck=told))
    return msgspec.structs.replace(endpoint, update=changed, failure=told, status=EndpointStatus.UPDATE_ROLLBACK_FAILED)


def _begun(endpoint: Endpoint, event: EndpointUpdated, strongest: Endpoint, now: Instant) -> Endpoint:
    changes = {"status": EndpointStatus.UPDATING, "failure": "", "undone": "", "modified": now, "deployment": event.deployment}
    if all(s.container is None for s in endpoint.variants):
        return msgspec.structs.replace(_in_place(endpoint, event, now), **changes)
    left = () if strongest.update is None else (*others_of(strongest.update), *strongest.update.leaving)
    revision = 1 + max(s.revision for s in (*states_of(strongest), *left))
    policy = event.policy
    update = EndpointUpdate(
        rollout=Rollout(plan=policy.plan, begun=now, since=now, limit=policy.limit, alarms=policy.alarms, cause="begun"),
        config=event.config,
        variants=tuple(msgspec.structs.replace(s, revision=revision) for s in event.variants),
        shadows=tuple(msgspec.structs.replace(s, revision=revision) for s in event.shadows),
        leaving=left,
    )
    return msgspec.structs.replace(strongest, update=update, **changes)


def _in_place(endpoint: Endpoint, event: EndpointUpdated, now: Instant) -> Endpoint:
    """Give an endpoint of components with its variants' new settings: copies stay where they are, and removed variants go."""
    names = {s.spec.name for s in event.variants}
    removed = tuple(s for s in endpoint.variants if s.spec.name not in names)
    kept = {s.spec.name: s.revision for s in endpoint.variants}
    variants = tuple(msgspec.structs.replace(s, revision=kept.get(s.spec.name, 0)) for s in event.variants)
    update = None
    if removed:
        rollout = Rollout(plan=BlueGreen(), stage=Stage.CLEARING, begun=now, since=now, cause="variants are removed")
        update = EndpointUpdate(rollout=rollout, config=endpoint.config, variants=removed)
    return msgspec.structs.replace(endpoint, config=event.config, variants=variants, update=update)


def _turned(endpoint: Endpoint, update: EndpointUpdate, turn: Turn, now: Instant) -> Endpoint:
    if turn.rollout is None:
        return msgspec.structs.replace(endpoint, update=None, undone=update.rollout.reason, modified=now)
    changed = msgspec.structs.replace(endpoint, update=msgspec.structs.replace(update, rollout=_told(turn)), modified=now)
    if turn.swap and changed.update is not None:
        changed = _swapped(changed, changed.update)
    status = EndpointStatus.ROLLING_BACK if turn.rollout.reason else EndpointStatus.UPDATING
    return msgspec.structs.replace(changed, status=status, failure=turn.rollout.reason)


def _swapped(endpoint: Endpoint, update: EndpointUpdate) -> Endpoint:
    other = msgspec.structs.replace(update, config=endpoint.config, variants=endpoint.variants, shadows=endpoint.shadows)
    return msgspec.structs.replace(endpoint, config=update.config, variants=update.variants, shadows=update.shadows, update=other)


def _built(component: InferenceComponent, build: ComponentBuild, update: ComponentUpdate) -> InferenceComponent:
    return msgspec.structs.replace(component, **msgspec.structs.asdict(build), update=update)


def _told(turn: Turn) -> Rollout:
    if turn.rollout is None:
        raise ValueError("the update is over")
    return msgspec.structs.replace(turn.rollout, cause=turn.cause)


def _key(endpoint: Endpoint, state: VariantState) -> VersionKey:
    return variant_workload(endpoint.name, VariantName(state.spec.name)), state.revision


def _count(states: Iterable[VariantState], like: VariantState) -> int:
    return next((s.desired_instances for s in states if s.spec.name == like.spec.name), 0)

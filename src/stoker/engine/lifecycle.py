"""What observations mean: copies and instances change state, and with them components and endpoints."""

from collections.abc import Iterable

import msgspec

from stoker.decisions.placement import NO_ROOM
from stoker.decisions.restarts import Restarts, after_failure, failure_reason, given_up, hopes
from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import ComponentName, CopyId, EndpointName, WorkloadId, component_workload, variant_workload
from stoker.domain.instances import Address, Copy
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus, InstanceState
from stoker.engine.commands import RoutesChanged, StopCopy, TerminateInstance
from stoker.engine.events import InstanceGone, InstanceReady
from stoker.engine.metering import Metering
from stoker.engine.observations import CopyGone, CopyPhase, CopyReady, CopyUnhealthy, Observation
from stoker.engine.reconciler import RELAUNCH_WAIT, Reconciler
from stoker.engine.rollouts import broken, stuck
from stoker.engine.workloads import Workload, sides, states_of
from stoker.units import SECOND, Instant, Span

UNHEALTHY_LIMIT: Span = 30 * SECOND
"""How long a copy that served may fail its health check before another takes its place."""

BUSY_LIMIT: Span = 10 * SECOND
"""How long after its last answer a copy that is too busy for its pings counts as working."""

_MOVING = frozenset({EndpointStatus.CREATING, EndpointStatus.UPDATING, EndpointStatus.IN_SERVICE, EndpointStatus.ROLLING_BACK})


class Lifecycle:
    """Applies observations to the fleet; `reconciler.out` gathers what follows."""

    __slots__ = ("fleet", "metering", "reconciler")

    def __init__(self, reconciler: Reconciler, metering: Metering) -> None:
        self.reconciler = reconciler
        self.metering = metering
        self.fleet = reconciler.fleet

    def observed(self, observation: Observation, now: Instant) -> WorkloadId | None:
        """Take in what the runtime told; gives the workload whose copies changed."""
        copy = self.fleet.copies.get(observation.copy_id)
        if copy is None:
            if isinstance(observation, CopyReady):
                self.reconciler.out.append(StopCopy(copy_id=observation.copy_id))
            return None
        match observation:
            case CopyPhase(phase=phase):
                self.fleet.put(msgspec.structs.replace(copy, phases=(*copy.phases, (phase, observation.at))))
            case CopyReady():
                self._ready(copy, observation)
            case CopyUnhealthy():
                self._unhealthy(copy, now, busy=observation.late)
            case CopyGone():
                self._gone(copy, observation, now)
        return copy.workload

    def _ready(self, copy: Copy, seen: CopyReady) -> None:
        if copy.state is CopyState.STOPPING:
            return
        self.reconciler.clockwork.cancel("unhealthy", copy.copy_id)
        first = copy.state is not CopyState.IN_SERVICE and not any(name == "ready" for name, _ in copy.phases)
        self.fleet.put(
            msgspec.structs.replace(
                copy,
                state=CopyState.IN_SERVICE,
                address=Address(socket=seen.socket, host=seen.host, port=seen.port),
                invocations_path=seen.invocations_path,
                phases=(*copy.phases, ("ready", seen.at)) if first else copy.phases,
            )
        )
        if first:
            self.metering.environments.started(copy, seen.at)
        component = self._component_of(copy.workload)
        if component is not None:
            self._proved(component, copy.revision)
        self.reconciler.out.append(RoutesChanged())

    def _proved(self, component: InferenceComponent, revision: int) -> None:
        """Note that a version of a component came up."""
        update = component.update
        if revision == component.revision:
            if not component.ever_ready or component.failure:
                self.fleet.put(msgspec.structs.replace(component, ever_ready=True, failure=""))
        elif update is not None and revision == update.build.revision and not update.build.ever_ready:
            build = msgspec.structs.replace(update.build, ever_ready=True)
            self.fleet.put(msgspec.structs.replace(component, update=msgspec.structs.replace(update, build=build)))

    def _unhealthy(self, copy: Copy, now: Instant, *, busy: bool) -> None:
        """Take a copy out of service, but not one whose pings come late only because it works: its answers say that it lives."""
        if copy.state is not CopyState.IN_SERVICE:
            return
        if busy and self.reconciler.loads.answered_since(copy.copy_id, now - BUSY_LIMIT):
            self.reconciler.clockwork.set("unhealthy", copy.copy_id, now + BUSY_LIMIT)
        else:
            self.fleet.put(msgspec.structs.replace(copy, state=CopyState.STARTING, address=None))
            self.reconciler.clockwork.set("unhealthy", copy.copy_id, now + UNHEALTHY_LIMIT)
            self.reconciler.out.append(RoutesChanged())

    def still_unhealthy(self, copy_id: CopyId, now: Instant) -> None:
        """Replace a copy whose time to get well is over; look again at one that was busy."""
        copy = self.fleet.copies.get(copy_id)
        if copy is None:
            return
        self._unhealthy(copy, now, busy=True)
        if copy.state is CopyState.STARTING:
            if self._is_at_work(copy):
                self.reconciler.clockwork.set("unhealthy", copy_id, now + BUSY_LIMIT)
            else:
                self.reconciler.stop_copy(copy, now)

    def _is_at_work(self, copy: Copy) -> bool:
        """Whether a replica of Hugging Face's clients has invocations in flight: many such servers answer no ping meanwhile.

        It is out of service by then, so that what it has can only become less.
        """
        workload = self.fleet.workload(copy.workload, copy.revision)
        return workload is not None and workload.endpoint in self.fleet.hubs and self.reconciler.loads.in_flight(copy.copy_id) > 0

    def _gone(self, copy: Copy, seen: CopyGone, now: Instant) -> None:
        self.reconciler.clockwork.cancel("unhealthy", copy.copy_id)
        if copy.state is CopyState.IN_SERVICE:
            self.reconciler.out.append(RoutesChanged())
        self.reconciler.forget_copy(copy, now)
        if copy.state is not CopyState.STOPPING:
            self._broke(copy, seen, now)

    def _broke(self, copy: Copy, seen: CopyGone, now: Instant) -> None:
        """Count a copy that went unasked, and fail a workload that never came up."""
        ready_at = next((at for name, at in copy.phases if name == "ready"), None)
        workload = self.fleet.workload(copy.workload, copy.revision)
        if workload is None:
            return
        if workload.environment_mb:
            self.reconciler.ended[workload.id] = (copy.copy_id, seen.reason)
        restarts = after_failure(
            self.reconciler.restarts.get(workload.key, Restarts()),
            created=copy.created,
            served_for=0 if ready_at is None else max(1, now - ready_at),
            now=now,
        )
        self.reconciler.restarts[workload.key] = restarts
        reason = failure_reason(seen.reason, seen.log_tail, ready_once=ready_at is not None)
        if self._broke_update(workload, restarts, reason, hopeless=seen.hopeless):
            return
        give_up = given_up(restarts, ever_ready=workload.ever_ready, hopeless=seen.hopeless)
        component = self._component_of(copy.workload)
        if component is not None:
            status = ComponentStatus.FAILED if give_up else component.status
            self.fleet.put(msgspec.structs.replace(component, failure=reason, status=status, modified=now))
        elif give_up:
            endpoint = self.fleet.endpoints[workload.endpoint]
            self.fleet.put(msgspec.structs.replace(endpoint, failure=reason, status=EndpointStatus.FAILED, modified=now))
        if give_up:
            self.reconciler.forget_workload(copy.workload)
        if give_up or not hopes(restarts):
            self.reconciler.out.append(RoutesChanged())  # whoever waits for it is told why rather than kept

    def _broke_update(self, workload: Workload, restarts: Restarts, reason: str, *, hopeless: bool) -> bool:
        """Have an update know that its new version does not come up; tells whether the copy was of that version."""
        value = self._component_of(workload.id) or self.fleet.endpoints.get(workload.endpoint)
        told = None if value is None else broken(value, workload.revision, reason)
        if told is None:
            back = stuck(value, reason) if isinstance(value, Endpoint) and not hopes(restarts) else None
            if back is not None:
                self.fleet.put(back)
            return False
        if given_up(restarts, ever_ready=False, hopeless=hopeless):
            self.fleet.put(told)
        return True

    def _component_of(self, workload: WorkloadId) -> InferenceComponent | None:
        kind, _, name = workload.partition("/")
        return self.fleet.components.get(ComponentName(name)) if kind == "ic" else None

    def instance_ready(self, event: InstanceReady, now: Instant) -> None:
        """An instance can take copies from now on."""
        instance = self.fleet.instances.get(event.instance_id)
        if instance is None or instance.state is not InstanceState.PENDING:
            return
        empty = None if self.fleet.crowd(instance.instance_id) else now
        self.fleet.put(msgspec.structs.replace(instance, state=InstanceState.IN_SERVICE, empty_since=empty))

    def instance_gone(self, event: InstanceGone, now: Instant) -> None:
        """An instance is no more: its copies wait for another, and one that could not be had is asked for later."""
        instance = self.fleet.instances.get(event.instance_id)
        if instance is None:
            return
        for copy in self.fleet.copies_on(event.instance_id):
            self.reconciler.clockwork.cancel("unhealthy", copy.copy_id)
            self.reconciler.loads.forget(copy.copy_id)
            self.reconciler.evicted.discard(copy.copy_id)
            self.fleet.remove(copy)
            if copy.state is CopyState.PENDING:
                self.reconciler.blocked[copy.workload, copy.revision] = event.reason or NO_ROOM
                continue
            self.reconciler.out.append(RoutesChanged())
            if copy.state is not CopyState.STOPPING:
                self.reconciler.out.append(StopCopy(copy_id=copy.copy_id))  # whatever is left of it
        self.reconciler.forget_instance(instance)
        if instance.state is InstanceState.TERMINATING:
            return
        if instance.state is InstanceState.IN_SERVICE:
            self.reconciler.want_one_less(instance)
        else:
            self.reconciler.relaunch_after[instance.endpoint, instance.variant] = now + RELAUNCH_WAIT
            self._tell_refusal(instance.endpoint, event.reason or NO_ROOM, now)

    def _tell_refusal(self, name: EndpointName, reason: str, now: Instant) -> None:
        """Have an endpoint that waits for its instances say why; it forgets that once it is settled."""
        endpoint = self.fleet.endpoints.get(name)
        if endpoint is not None and endpoint.status in _MOVING and endpoint.failure != reason:
            self.fleet.put(msgspec.structs.replace(endpoint, failure=reason, modified=now))

    def restored(self, held: frozenset[str], now: Instant) -> None:
        """After a start: forget copies that did not live through it, stop strangers, ask again for what was under way."""
        out = self.reconciler.out
        for copy in list(self.fleet.copies.values()):
            if copy.copy_id not in held and copy.state is not CopyState.PENDING:
                self.reconciler.forget_copy(copy, now)
            elif copy.state is CopyState.STOPPING:
                out.append(StopCopy(copy_id=copy.copy_id))
            elif copy.state is CopyState.STARTING and any(name == "ready" for name, _ in copy.phases):
                self.reconciler.clockwork.set("unhealthy", copy.copy_id, now + UNHEALTHY_LIMIT)
        out.extend(StopCopy(copy_id=CopyId(c)) for c in sorted(held) if c not in self.fleet.copies)
        for instance in self.fleet.instances.values():
            if instance.state is InstanceState.PENDING:
                self.reconciler.pool.awaited[instance.instance_id] = None
            elif instance.state is InstanceState.TERMINATING and not self.fleet.crowd(instance.instance_id):
                command = TerminateInstance(instance_id=instance.instance_id)
                if command not in out:
                    out.append(command)
        self.reconciler.launch_due()
        out.append(RoutesChanged())

    def settle(self, endpoint: Endpoint, touched: Iterable[WorkloadId], now: Instant) -> None:
        """Let the statuses of an endpoint and of touched components follow what is there, and finish deletions."""
        for workload in touched:
            component = self._component_of(workload)
            if component is not None:
                self._settle_component(component, now)
        current = self.fleet.endpoints[endpoint.name]
        if current.status is EndpointStatus.DELETING:
            if not any(self.fleet.instances_of(current.name, v.spec.name) for v in sides(current)):
                self._remove_endpoint(current)
            return
        if current.status not in _MOVING or current.update is not None:
            return
        settled = all(self._variant_settled(current, v) for v in states_of(current))
        if settled:
            status = EndpointStatus.IN_SERVICE
        elif current.status is EndpointStatus.IN_SERVICE:
            status = EndpointStatus.UPDATING
        else:
            status = current.status
        failure = "" if settled else current.failure
        if status is not current.status or failure != current.failure:
            self.fleet.put(msgspec.structs.replace(current, status=status, failure=failure, modified=now))
            self.reconciler.out.append(RoutesChanged())

    def _remove_endpoint(self, endpoint: Endpoint) -> None:
        """Forget an endpoint without instances, and what is remembered of its parts; its components stay on record."""
        for state in sides(endpoint):
            self.reconciler.relaunch_after.pop((endpoint.name, state.spec.name), None)
            self.reconciler.pool.short.pop((endpoint.name, state.spec.name), None)
            self.reconciler.mover.rested.pop((endpoint.name, state.spec.name), None)
            self.forget(variant_workload(endpoint.name, state.spec.name))
        for component in self.fleet.components_on(endpoint.name):
            self.reconciler.forget_workload(component_workload(component.name))
            if component.update is not None:  # there is nothing left to update
                self.fleet.put(msgspec.structs.replace(component, update=None))
        self.reconciler.clockwork.cancel("reconcile", endpoint.name)
        self.fleet.remove(endpoint)
        self.reconciler.out.append(RoutesChanged())

    def forget(self, workload: WorkloadId) -> None:
        """Forget what is remembered of a workload that is gone."""
        self.reconciler.forget_workload(workload)
        self.metering.forget(workload)

    def _variant_settled(self, endpoint: Endpoint, state: VariantState) -> bool:
        if state.serverless is not None:  # environments come and go without a word; one has to show that it can
            serving = self.fleet.serving(variant_workload(endpoint.name, state.spec.name))
            return serving >= max(state.serverless.provisioned, endpoint.status is EndpointStatus.CREATING)
        instances = self.fleet.instances_of(endpoint.name, state.spec.name, state.revision)
        if len(instances) != state.desired_instances:
            return False
        if any(i.state is not InstanceState.IN_SERVICE for i in instances):
            return False
        if state.container is None and any(i.instance_type != state.spec.instance_type for i in instances):
            return False
        if state.container is None or endpoint.status is EndpointStatus.IN_SERVICE:
            return True
        return self.fleet.serving(variant_workload(endpoint.name, state.spec.name)) >= state.desired_instances

    def _settle_component(self, component: InferenceComponent, now: Instant) -> None:
        workload = component_workload(component.name)
        copies = self.fleet.copies_of(workload)
        if component.status is ComponentStatus.DELETING:
            if not copies:
                self.fleet.remove(component)
                self.forget(workload)
                self.reconciler.out.append(RoutesChanged())
            return
        if component.status is ComponentStatus.FAILED:
            return
        serving = sum(1 for c in copies if c.state is CopyState.IN_SERVICE)
        revision = component.revision if component.update is None else component.update.build.revision
        blocked = self.reconciler.blocked.get((workload, component.revision)) or self.reconciler.blocked.get(
            (workload, revision), ""
        )
        if component.update is None and component.desired_copies in {0, serving}:
            blocked = ""
        settled = component.update is None and serving == component.desired_copies == len(copies)
        status = ComponentStatus.IN_SERVICE if settled else component.status
        failure = blocked or ("" if component.failure.startswith(NO_ROOM) else component.failure)
        if status is not component.status or failure != component.failure:
            self.fleet.put(msgspec.structs.replace(component, status=status, failure=failure, modified=now))
            self.reconciler.out.append(RoutesChanged())

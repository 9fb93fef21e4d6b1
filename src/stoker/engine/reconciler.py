"""Makes what is follow what is wanted, one variant at a time: copies, their places, instances.

The work is in proportion to what changed: of an endpoint's many workloads only those are looked at that something happened to,
and those with copies that wait.

Nothing here chooses how much capacity there should be (that is the autoscaler's, or the caller's); it only closes the
gap and says what stands in the way.
"""

from collections.abc import Iterable, Mapping

import msgspec

from stoker.decisions.instances import idle, surplus, to_launch
from stoker.decisions.placement import Waiting, instances_needed, no_room
from stoker.decisions.restarts import Restarts
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import CopyId, EndpointName, IdSource, InstanceId, WorkloadId, component_workload
from stoker.domain.instances import Copy, Instance, InstanceShape
from stoker.domain.states import CopyState, EndpointStatus, InstanceState
from stoker.engine.clockwork import Clockwork
from stoker.engine.commands import Command, LaunchInstance, RoutesChanged, StartCopy, StopCopy, TerminateInstance
from stoker.engine.fleet import Fleet
from stoker.engine.loads import CopyLoads
from stoker.engine.moving import Mover
from stoker.engine.placing import Placer, is_on
from stoker.engine.pool import Pool
from stoker.engine.workloads import VersionKey, Workload, copy_spec, sides
from stoker.units import SECOND, Instant, Span

RELAUNCH_WAIT: Span = 10 * SECOND
"""How long a variant waits after an instance could not be had before it asks again."""


class FleetOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the reconciler needs to know of the installation. `shapes` has every instance type that may be used.

    All instances together may book the `budget`; None is no bound.
    """

    shapes: Mapping[str, InstanceShape]
    idle_release: Span = 600 * SECOND
    max_instances: int = 1000
    budget: InstanceShape | None = None


class Reconciler:
    """Closes the gap between wanted and present on the fleet it is given; commands gather in `out`.

    Of a workload's copies those in `evicted` are stopped before others.
    """

    __slots__ = (
        "blocked",
        "clockwork",
        "ended",
        "evicted",
        "fleet",
        "ids",
        "loads",
        "mover",
        "options",
        "out",
        "placer",
        "pool",
        "relaunch_after",
        "restarts",
    )

    def __init__(self, fleet: Fleet, *, ids: IdSource, options: FleetOptions, clockwork: Clockwork) -> None:
        self.fleet = fleet
        self.ids = ids
        self.options = options
        self.clockwork = clockwork
        self.mover = Mover(fleet, ids)
        self.loads = CopyLoads()
        self.out: list[Command] = []
        self.restarts: dict[VersionKey, Restarts] = {}
        self.blocked: dict[VersionKey, str] = {}
        self.ended: dict[WorkloadId, tuple[CopyId, str]] = {}
        self.relaunch_after: dict[tuple[str, str], Instant] = {}
        self.placer = Placer(fleet, options.shapes)
        self.pool = Pool(options.budget, options.max_instances)
        self.evicted: set[CopyId] = set()

    def reconcile(self, endpoint: Endpoint, touched: Iterable[WorkloadId], now: Instant) -> None:
        """Bring every variant of the endpoint nearer to what is wanted; only of the touched workloads the count is looked at."""
        changed = [w for t in touched for w in self.fleet.versions_of(t)]
        for state in sides(endpoint):
            self._end_moves(endpoint, state, now)
            for workload in changed:
                if is_on(workload, state):
                    self._match_count(workload, now)
            self._leave_old_type(endpoint, state, now)
            unplaced = self.placer.place(endpoint, state)
            emptying = [i for i in self._of_type(endpoint, state) if i.emptying]
            if unplaced and emptying:
                self._stop_all(self.mover.call_off(emptying), now)
                unplaced = self.placer.place(endpoint, state)
            homeless = self._match_instances(endpoint, state, unplaced, now)
            instance_type = state.spec.instance_type
            shape = self.options.shapes[instance_type]
            for item in homeless:
                copy = self.fleet.copies[item.copy_id]
                self.blocked[copy.workload, copy.revision] = no_room(item.need, instance_type, shape, self.pool.budget)
            self._begin_moves(endpoint, state, now)
            self._start_placed(endpoint, state, now)
        for workload in changed if self.blocked else ():
            if not any(c.state is CopyState.PENDING for c in self.fleet.copies_of(workload.id, workload.revision)):
                self.blocked.pop(workload.key, None)

    def _instances(self, endpoint: Endpoint, state: VariantState) -> list[Instance]:
        return self.fleet.instances_of(endpoint.name, state.spec.name, state.revision)

    def _of_type(self, endpoint: Endpoint, state: VariantState) -> list[Instance]:
        """Give the instances of the type that a variant has now; a variant's own model changes its type with its version."""
        instances = self._instances(endpoint, state)
        if state.container is not None:
            return instances
        return [i for i in instances if i.instance_type == state.spec.instance_type]

    def _of_old_type(self, endpoint: Endpoint, state: VariantState) -> list[Instance]:
        """Give the instances that a variant still has of a type it had."""
        if state.container is not None:
            return []
        others = [i for i in self._instances(endpoint, state) if i.instance_type != state.spec.instance_type]
        return [i for i in others if i.state is not InstanceState.TERMINATING]

    def _leave_old_type(self, endpoint: Endpoint, state: VariantState, now: Instant) -> None:
        """Have copies move off instances of a type that the variant no longer has."""
        if endpoint.status in {EndpointStatus.DELETING, EndpointStatus.FAILED}:
            return
        old = self._of_old_type(endpoint, state)
        again = self.mover.leave(old, now)
        if again is not None:
            self.clockwork.hasten("reconcile", endpoint.name, again)
        for instance in old:
            self.placer.rebooked(instance.instance_id)

    def _end_moves(self, endpoint: Endpoint, state: VariantState, now: Instant) -> None:
        if self.fleet.moving:
            self._stop_all(self.mover.finish(endpoint.name, state.spec.name), now)
        self._stop_all(self.mover.stranded(self._of_type(endpoint, state)), now)

    def _begin_moves(self, endpoint: Endpoint, state: VariantState, now: Instant) -> None:
        managed = state.spec.managed
        if managed is None or managed.consolidation is None:
            return
        current = self.fleet.endpoints[endpoint.name]
        components = (c for c in self.fleet.components_on(endpoint.name) if c.variant == state.spec.name)
        workloads = [w for c in components for w in self.fleet.versions_of(component_workload(c.name))]
        due = self.mover.due(current, state, workloads, now)
        if due is None:
            return
        if due > now:
            self.clockwork.hasten("reconcile", endpoint.name, due)
            return
        residents: dict[InstanceId, list[Waiting]] = {}
        for workload in workloads:
            for copy in self.fleet.copies_of(workload.id, workload.revision):
                if copy.instance_id is not None:
                    residents.setdefault(copy.instance_id, []).append(self.placer.waiting(copy, workload, state))
        bins = self.placer.bins_on(endpoint, state)
        self.mover.begin(state, bins, residents, now)
        for each in bins:
            self.placer.rebooked(each.instance_id)

    def _stop_all(self, copies: Iterable[Copy], now: Instant) -> None:
        for copy in copies:
            self.stop_copy(copy, now)

    def stop_copy(self, copy: Copy, now: Instant) -> None:
        """Take a copy out of service and have it stopped; one that never began is simply forgotten."""
        if copy.state is CopyState.PENDING:
            self.forget_copy(copy, now)
        elif copy.state is not CopyState.STOPPING:
            if copy.state is CopyState.IN_SERVICE:
                self.out.append(RoutesChanged())
            self.fleet.put(msgspec.structs.replace(copy, state=CopyState.STOPPING, address=None))
            self.out.append(StopCopy(copy_id=copy.copy_id))

    def forget_copy(self, copy: Copy, now: Instant) -> None:
        """Forget a copy that does not run; its instance may have become empty by that, or free to go."""
        self.fleet.remove(copy)
        self.placer.rebooked(copy.instance_id)
        self.loads.forget(copy.copy_id)
        self.evicted.discard(copy.copy_id)
        instance = self.fleet.instances.get(copy.instance_id) if copy.instance_id is not None else None
        if instance is None or self.fleet.crowd(instance.instance_id):
            return
        if instance.state is InstanceState.TERMINATING:
            self.out.append(TerminateInstance(instance_id=instance.instance_id))
        else:
            self.fleet.put(msgspec.structs.replace(instance, empty_since=now))

    def _match_count(self, workload: Workload, now: Instant) -> None:
        # A successor counts once it has taken over, so that for every copy that moves there is one.
        copies = self.fleet.copies_of(workload.id, workload.revision)
        present = [c for c in copies if c.state is not CopyState.STOPPING and c.replaces is None]
        victims = self._victims(present, len(present) - workload.desired)
        self._stop_all([*self.mover.successors(victims), *victims], now)
        missing = workload.desired - len(present)
        if missing <= 0:
            return
        restarts = self.restarts.get(workload.key, Restarts())
        if restarts.not_before > now:
            self.clockwork.hasten("again", workload.id, restarts.not_before)
            return
        for _ in range(missing):
            self.fleet.put(
                Copy(
                    copy_id=CopyId(f"copy-{self.ids.token()}"),
                    workload=workload.id,
                    state=CopyState.PENDING,
                    created=now,
                    phases=(("created", now),),
                    revision=workload.revision,
                )
            )

    def _victims(self, present: list[Copy], count: int) -> list[Copy]:
        """Choose copies to stop.

        Those that make way for others go first, then those that serve nobody yet, then those that work on least, then those whose
        going frees an instance soonest.
        """
        if count <= 0:
            return []
        rank = {CopyState.PENDING: 0, CopyState.STARTING: 1, CopyState.IN_SERVICE: 2}
        order = sorted(
            present,
            key=lambda c: (
                c.copy_id not in self.evicted,
                rank[c.state],
                self.loads.in_flight(c.copy_id),
                self.fleet.staying(c.instance_id),
                -c.created,
                c.copy_id,
            ),
        )
        return order[:count]

    def _match_instances(self, endpoint: Endpoint, state: VariantState, unplaced: list[Waiting], now: Instant) -> list[Waiting]:
        """Launch and terminate instances, and return the copies that there is no instance for."""
        spec = state.spec
        if endpoint.status in {EndpointStatus.DELETING, EndpointStatus.FAILED}:
            self._terminate(self._surplus(self._instances(endpoint, state), 0), now)
            return []
        instances = self._of_type(endpoint, state)
        left = [i for i in self._of_old_type(endpoint, state) if not self.fleet.crowd(i.instance_id)]
        self._terminate(tuple(left), now)
        alive = sum(1 for i in instances if i.state is not InstanceState.TERMINATING)
        launch = max(0, state.desired_instances - alive)
        scaling = spec.managed
        if scaling is not None and scaling.enabled and state.container is None:
            needed, _ = instances_needed(unplaced, self.options.shapes[spec.instance_type])
            refused = self.relaunch_after.get((endpoint.name, spec.name), 0) > now
            if refused and endpoint.status is not EndpointStatus.CREATING:
                launch = 0  # what could not be had is asked for again only as long as a copy needs it
            launch = max(min(launch, scaling.most - alive), to_launch(alive, needed, scaling))
            release = idle(instances, scaling, self.options.idle_release, now)
            if release.next_due is not None:
                self.clockwork.hasten("reconcile", endpoint.name, release.next_due)
            given_back = release.now or self._given_back(instances, state.desired_instances, scaling.least)
            others = [i for i in instances if i not in given_back]
            leaving = (*given_back, *self._emptied(others, alive - scaling.least - len(given_back)))
            self._terminate(leaving, now)
            self._want_instances(endpoint.name, state, alive + launch - len(leaving))
        else:
            self._terminate(self._surplus(instances, state.desired_instances), now)
        if launch <= 0:
            self.pool.short.pop((endpoint.name, spec.name), None)
        return self._launch(endpoint, state, launch, now) if launch > 0 else unplaced

    def _given_back(self, instances: list[Instance], desired: int, least: int) -> tuple[Instance, ...]:
        """Give the instances beyond a count that its owner lowered, as far as they have no copies: those that have are needed."""
        extra = self._surplus(instances, max(desired, least))
        return tuple(i for i in extra if not self.fleet.crowd(i.instance_id))

    def _emptied(self, instances: list[Instance], most: int) -> tuple[Instance, ...]:
        """Give the instances whose copies have all moved away; those that must stay for the minimum are like others again."""
        empty = [i for i in instances if i.emptying and not self.fleet.crowd(i.instance_id)]
        empty = [i for i in empty if i.state is InstanceState.IN_SERVICE]
        self.mover.call_off(empty[max(0, most) :])
        return tuple(empty[: max(0, most)])

    def _surplus(self, instances: list[Instance], desired: int) -> tuple[Instance, ...]:
        # Copies on their way out do not count: the instance that loses its copy is the one to give back, not one that serves.
        return surplus(instances, desired, lambda instance: self.fleet.staying(instance.instance_id))

    def want_one_less(self, instance: Instance) -> None:
        """Let managed scaling forget an instance that was lost: copies that need one will ask again."""
        endpoint = self.fleet.endpoints.get(instance.endpoint)
        state = None if endpoint is None else endpoint.variant(instance.variant)
        if endpoint is None or state is None or endpoint.status is EndpointStatus.CREATING:
            return
        if instance.instance_type != state.spec.instance_type:
            return  # it was to go anyway
        scaling = state.spec.managed
        if scaling is not None and scaling.enabled and state.container is None:
            self._want_instances(endpoint.name, state, max(scaling.least, state.desired_instances - 1))

    def _want_instances(self, name: EndpointName, state: VariantState, count: int) -> None:
        """Have the variant's desired count follow what managed scaling settled on."""
        endpoint = self.fleet.endpoints[name]
        if state.desired_instances == count:
            return
        changed = msgspec.structs.replace(state, desired_instances=count)
        variants = tuple(changed if v.spec.name == state.spec.name else v for v in endpoint.variants)
        self.fleet.put(msgspec.structs.replace(endpoint, variants=variants))

    def _launch(self, endpoint: Endpoint, state: VariantState, count: int, now: Instant) -> list[Waiting]:
        """Ask for instances and give waiting copies a place on them; returns those for which there still is none."""
        owner = endpoint.name, state.spec.name
        if (wait := self.relaunch_after.get(owner, 0)) > now:
            self.clockwork.hasten("reconcile", endpoint.name, wait)
            return []
        self.relaunch_after.pop(owner, None)
        allowed = self.pool.grant(self.fleet, owner, self.options.shapes[state.spec.instance_type], count, now)
        if allowed < count:
            self.clockwork.hasten("reconcile", endpoint.name, now + RELAUNCH_WAIT)  # another variant may give some back
            reason = self.pool.refusal(self.fleet, count, state.spec.instance_type, self.options.shapes[state.spec.instance_type])
            current = self.fleet.endpoints[endpoint.name]
            if current.failure != reason:
                self.fleet.put(msgspec.structs.replace(current, failure=reason, modified=now))
        for _ in range(allowed):
            self.out.append(LaunchInstance(instance=self._new_instance(endpoint, state, now)))
        # Copies that found no room get one on what was just asked for, so that it is not asked for twice.
        return self.placer.place(endpoint, state)

    def _new_instance(self, endpoint: Endpoint, state: VariantState, now: Instant) -> Instance:
        instance = Instance(
            instance_id=InstanceId(f"i-{self.ids.token()}"),
            endpoint=endpoint.name,
            variant=state.spec.name,
            instance_type=state.spec.instance_type,
            shape=self.options.shapes[state.spec.instance_type],
            state=InstanceState.PENDING,
            created=now,
            empty_since=now,
            revision=state.revision,
        )
        self.fleet.put(instance)
        return instance

    def await_instance(self, endpoint: Endpoint, state: VariantState, copy: Copy | None, now: Instant) -> None:
        """Book an instance for a copy, to be launched as soon as there is room for it."""
        instance = self._new_instance(endpoint, state, now)
        self.pool.await_room(instance)
        if copy is not None:
            self.placer.promise(copy, instance)

    def launch_due(self) -> None:
        """Launch those that have waited for room and have it now."""
        self.out.extend(LaunchInstance(instance=i) for i in self.pool.due(self.fleet))

    def evict_instance(self, instance: Instance, now: Instant) -> None:
        """Give an instance back, for another variant to have its room."""
        self._terminate((instance,), now)
        self.want_one_less(instance)

    def _terminate(self, instances: tuple[Instance, ...], now: Instant) -> None:
        for instance in instances:
            self.fleet.put(msgspec.structs.replace(instance, state=InstanceState.TERMINATING))
            copies = self.fleet.copies_on(instance.instance_id)
            for copy in copies:
                self.stop_copy(copy, now)
            if not copies:
                self.out.append(TerminateInstance(instance_id=instance.instance_id))

    def _start_placed(self, endpoint: Endpoint, state: VariantState, now: Instant) -> None:
        for workload, copies in self.placer.waiting_on(endpoint, state):
            waits = False
            for copy in copies:
                if copy.instance_id is None or not self.placer.may_start(copy, workload, state):
                    waits = True
                    continue
                started = msgspec.structs.replace(copy, state=CopyState.STARTING, phases=(*copy.phases, ("placed", now)))
                self.fleet.put(started)
                self.out.append(StartCopy(spec=copy_spec(workload, copy.copy_id, copy.instance_id)))
            if not waits:
                self.blocked.pop(workload.key, None)

    def forget_instance(self, instance: Instance) -> None:
        """Forget an instance that is gone."""
        self.fleet.remove(instance)
        self.placer.rebooked(instance.instance_id)
        self.launch_due()

    def forget_workload(self, workload: WorkloadId) -> None:
        """Forget what is remembered of a workload that is gone."""
        for revision in {revision for known in (self.restarts, self.blocked) for w, revision in known if w == workload}:
            self.forget_version((workload, revision))
        self.ended.pop(workload, None)
        self.placer.forget(workload)

    def forget_version(self, key: VersionKey) -> None:
        """Forget how the starts of a version of a workload went."""
        self.restarts.pop(key, None)
        self.blocked.pop(key, None)

"""Has idle copies make way for models that are wanted and find no room; see `stoker.decisions.eviction`.

Only a workload of which nothing serves or starts presses on others, in the order in which they began to wait: a further copy is
not worth another model's only one. Whoever is first in a place, and may have to wait for somebody's turn to end, has its room
kept free until then, so that nobody waits for ever. It is promised its place as soon as others are told to go, and is started
when they are gone: what runs never takes more than there is. Copies that go are drained as always; what they work on ends well.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from stoker.decisions.eviction import Choice, EvictionOptions, Place, Resident, Valuation, Worth, choose, worth
from stoker.decisions.placement import fits
from stoker.decisions.policies.follower import UNKNOWN_START
from stoker.decisions.scaling.combine import Candidate
from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import ComponentName, CopyId, EndpointName, InstanceId, VariantName, WorkloadId
from stoker.domain.instances import Copy, Instance, InstanceShape
from stoker.domain.scaling import Dimension, Direction, ScalableTarget, TargetKey
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus, InstanceState
from stoker.engine.commands import Command
from stoker.engine.following import Following
from stoker.engine.metering import Metering
from stoker.engine.reconciler import Reconciler
from stoker.engine.scaling_ledger import Ledger
from stoker.engine.starts import Starts
from stoker.engine.workloads import Workload
from stoker.units import Instant, Span, to_seconds

_UP = frozenset({CopyState.STARTING, CopyState.IN_SERVICE})
_COMPONENT = "ic/"
MOST_TOLD = 1_000
"""Workloads of which is remembered why they went last."""


class _Wake(NamedTuple):
    """A copy that wants a place, the first of its workload; without one, a variant that wants instances to begin with."""

    since: Instant
    endpoint: Endpoint
    state: VariantState
    copy: Copy | None = None
    workload: Workload | None = None

    @property
    def name(self) -> str:
        return f"endpoint {self.endpoint.name}" if self.workload is None else self.workload.id

    @property
    def owner(self) -> tuple[EndpointName, VariantName]:
        return self.endpoint.name, self.state.spec.name


class _Standing(NamedTuple):
    """A copy as those see it who want its room: how many of its workload may go, and what one is worth."""

    copy: Copy
    resident: Resident
    worth: Worth


class Pressure:
    """Who waits for room, and who goes for it.

    `told` has, for a workload that waits or went for another, the sentence that says so; `evicted` how many copies went.
    """

    __slots__ = (
        "_again",
        "_following",
        "_ledger",
        "_metering",
        "_options",
        "_reconciler",
        "_starts",
        "_targets",
        "evicted",
        "told",
    )

    def __init__(
        self,
        *,
        reconciler: Reconciler,
        metering: Metering,
        starts: Starts,
        following: Following,
        ledger: Ledger,
        targets: Mapping[TargetKey, ScalableTarget],
        options: EvictionOptions,
    ) -> None:
        self._reconciler = reconciler
        self._metering = metering
        self._starts = starts
        self._following = following
        self._ledger = ledger
        self._targets = targets
        self._options = options
        self._again: Instant | None = None
        self.told: dict[WorkloadId, str] = {}
        self.evicted = 0

    def next_deadline(self) -> Instant | None:
        """Give when somebody's turn is over whose room another waits for."""
        return self._again

    def step(self, now: Instant) -> Iterator[Command]:
        """Find room for those that wait; each command must be carried out before the next is asked for."""
        self._again = None
        self._reconciler.placer.first.clear()
        self._reconciler.pool.first = None
        wanted = self._reconciler.fleet.pending or self._reconciler.pool.short
        if not wanted or self._options.valuation is Valuation.NONE:
            return
        full: set[object] = set()
        for wake in self._wakes():
            current = None if wake.copy is None else self._reconciler.fleet.copies.get(wake.copy.copy_id)
            if wake.copy is None or (current is not None and current.instance_id is None):
                yield from self._find_room(wake, full, now)

    # Who wants a place.

    def _wakes(self) -> list[_Wake]:
        """Give the copies that press on others, first come first."""
        fleet = self._reconciler.fleet
        found: list[_Wake] = []
        for workload_id, pending in fleet.pending.items():
            copies = [fleet.copies[c] for c in pending]
            homeless = [c for c in copies if c.instance_id is None]
            if not homeless or len(homeless) < len(copies) or any(c.state in _UP for c in fleet.copies_of(workload_id)):
                continue
            copy = min(homeless, key=_age)
            workload = fleet.workload(workload_id, copy.revision)
            endpoint = None if workload is None else fleet.endpoints.get(workload.endpoint)
            state = None if workload is None or endpoint is None else endpoint.variant(workload.variant)
            if workload is None or endpoint is None or state is None or endpoint.status in _ENDING:
                continue
            found.append(_Wake(copy.created, endpoint, state, copy, workload))
        owners = {wake.owner for wake in found}
        for owner, since in self._reconciler.pool.short.items():
            endpoint = fleet.endpoints.get(owner[0])
            state = None if endpoint is None else endpoint.variant(owner[1])
            if owner not in owners and endpoint is not None and state is not None and endpoint.status not in _ENDING:
                found.append(_Wake(since, endpoint, state))
        return sorted(found, key=lambda wake: (wake.since, wake.name))

    def _find_room(self, wake: _Wake, full: set[object], now: Instant) -> Iterator[Command]:
        """Promise a place, or remember who waits first; in places that are `full` somebody else does."""
        pool = self._reconciler.pool
        if self._may_grow(wake):
            shape = self._reconciler.options.shapes[wake.state.spec.instance_type]
            if _POOL in full or pool.room(self._reconciler.fleet, wake.owner, shape, 1):
                return  # somebody waits for it, or an instance may be launched: that is not for want of memory
            place = self._pool_place(wake, now)
            choice = Choice() if place is None else choose(shape, [place], now)
            if choice.place is not None:
                yield from self._take_instances(wake, choice, now)
            if choice.place is not None or choice.again is not None:
                self._wait(wake, choice, full, _POOL, now)
                return
        if wake.owner in full or wake.workload is None:
            return
        need = self._reconciler.placer.need(wake.workload, wake.state)
        choice = choose(need, [self._place(instance, wake, now) for instance in self._instances(wake)], now)
        if choice.place is not None:
            yield from self._take_copies(wake, choice, now)
        self._wait(wake, choice, full, wake.owner, now)

    def _may_grow(self, wake: _Wake) -> bool:
        spec = wake.state.spec
        shape = self._reconciler.options.shapes[spec.instance_type]
        if wake.workload is not None and not fits(self._reconciler.placer.need(wake.workload, wake.state), shape):
            return False
        alive = [
            i
            for i in self._reconciler.fleet.instances_of(wake.endpoint.name, spec.name, wake.state.revision)
            if i.state is not InstanceState.TERMINATING and i.instance_type == spec.instance_type
        ]
        managed = spec.managed is not None and spec.managed.enabled and wake.state.container is None
        most = spec.managed.most if managed and spec.managed is not None else wake.state.desired_instances
        return len(alive) < most

    def _wait(self, wake: _Wake, choice: Choice, full: set[object], key: object, now: Instant) -> None:
        name = wake.name
        if choice.place is not None:
            self._tell(wake, f"{name} has a place, and starts there as soon as others are gone")
            return
        if choice.again is None:
            return
        self._tell(wake, f"{name} waits for room: those that have it stay {_span(choice.again - now)} more, if they work on")
        full.add(key)
        if key is _POOL:
            self._reconciler.pool.first = wake.owner
        elif wake.copy is not None:
            self._reconciler.placer.first[wake.owner] = wake.copy.copy_id
        again = max(choice.again, now + 1)
        self._again = again if self._again is None else min(self._again, again)

    # Who is there.

    def _instances(self, wake: _Wake) -> list[Instance]:
        placer = self._reconciler.placer
        return [self._reconciler.fleet.instances[b.instance_id] for b in placer.bins_on(wake.endpoint, wake.state)]

    def _place(self, instance: Instance, wake: _Wake, now: Instant) -> Place:
        """Give an instance as a place for a copy, with those on it that could make way."""
        room = self._reconciler.placer.free_on(instance, wake.state, CopyState.STOPPING)
        free = InstanceShape(cpus=room.cpus, memory_mb=room.memory_mb, accelerators=room.accelerators)
        residents = [s.resident for s in self._standing(self._reconciler.fleet.copies_on(instance.instance_id), wake, now)]
        return Place(name=instance.instance_id, free=free, residents=tuple(residents))

    def _pool_place(self, wake: _Wake, now: Instant) -> Place | None:
        """Give the whole installation as a place for an instance; who could make way are others' instances."""
        fleet = self._reconciler.fleet
        free = self._reconciler.pool.free(fleet, soon=True)
        if free is None:
            return None
        spare: dict[tuple[EndpointName, VariantName], list[Resident]] = {}
        for instance in fleet.instances.values():
            if (instance.endpoint, instance.variant) == wake.owner:
                continue
            if instance.state is InstanceState.IN_SERVICE and not instance.emptying and self._least(instance) is not None:
                spare.setdefault((instance.endpoint, instance.variant), []).append(self._whole(instance, wake, now))
        residents: list[Resident] = []
        for (endpoint, variant), found in spare.items():
            alive = [i for i in fleet.instances_of(endpoint, variant) if i.state is not InstanceState.TERMINATING]
            least = self._least(alive[0]) or 0
            found.sort(key=lambda r: (r.goes_at is None, r.busy, r.value))
            residents.extend(found[: max(0, len(alive) - least)])
        return Place(name="", free=free, residents=tuple(residents))

    def _least(self, instance: Instance) -> int | None:
        """Give how many instances its variant keeps; None when it gives none back for others."""
        endpoint = self._reconciler.fleet.endpoints.get(instance.endpoint)
        state = None if endpoint is None else endpoint.variant(instance.variant)
        if endpoint is None or state is None or endpoint.status in _UNSETTLED or endpoint.update is not None:
            return None
        managed = state.spec.managed
        return managed.least if managed is not None and managed.enabled and state.container is None else None

    def _whole(self, instance: Instance, wake: _Wake, now: Instant) -> Resident:
        copies = [c for c in self._reconciler.fleet.copies_on(instance.instance_id) if c.state is not CopyState.STOPPING]
        residents = [s.resident for s in self._standing(copies, wake, now)]
        times = [r.goes_at for r in residents]
        return Resident(
            name=instance.instance_id,
            frees=instance.shape,
            value=sum(r.value for r in residents) if residents else -1.0,
            busy=any(r.busy for r in residents),
            goes_at=None if None in times else max((t for t in times if t is not None), default=now),
        )

    def _standing(self, copies: Iterable[Copy], wake: _Wake, now: Instant) -> list[_Standing]:
        by_workload: dict[WorkloadId, list[Copy]] = {}
        for copy in copies:
            if copy.state is not CopyState.STOPPING:
                by_workload.setdefault(copy.workload, []).append(copy)
        return [each for workload, found in by_workload.items() for each in self._of_workload(workload, found, wake, now)]

    def _of_workload(self, workload: WorkloadId, copies: list[Copy], wake: _Wake, now: Instant) -> list[_Standing]:
        """Give a workload's copies: of those that serve, as many may go as are above its minimum, idle ones before others."""
        fleet = self._reconciler.fleet
        serving = fleet.serving(workload)
        may_go = self._may_go(workload, serving)
        start_time = self._starts.typical(workload) or UNKNOWN_START
        in_use = self._metering.concurrent(workload)
        owner = fleet.workload(workload)
        endpoint = None if owner is None else fleet.endpoints.get(owner.endpoint)
        state = None if owner is None or endpoint is None else endpoint.variant(owner.variant)
        out: list[_Standing] = []
        loads = self._reconciler.loads
        for copy in sorted(copies, key=lambda c: (c.state is not CopyState.IN_SERVICE, loads.in_flight(c.copy_id), -c.created)):
            if owner is None or state is None:
                continue
            need = self._reconciler.placer.need(owner, state)
            size = _size(need, self._reconciler.options.shapes[state.spec.instance_type])
            use = self._metering.uses.of(workload)
            value = worth(use, start_time=start_time, memory_mb=size, copies=serving, now=now, options=self._options)
            busy = loads.in_flight(copy.copy_id) > 0 or in_use >= serving
            goes_at: Instant | None = None
            if may_go > 0 and copy.state is CopyState.IN_SERVICE:
                may_go -= 1
                goes_at = self._options.goes_at(ready=_ready(copy), start_time=start_time, waits_since=wake.since, busy=busy)
            elif may_go > 0 and copy.state is not CopyState.IN_SERVICE:  # it is on its way, for others that wait
                goes_at = now + start_time + self._options.turn_of(start_time)
            out.append(
                _Standing(copy, Resident(name=copy.copy_id, frees=need, value=value.value, busy=busy, goes_at=goes_at), value)
            )
        return out

    def _may_go(self, workload: WorkloadId, serving: int) -> int:
        """Give how many copies a workload may lose: down to its own minimum, and only what demand can bring back."""
        component = self._component(workload)
        if component is None or component.update is not None or component.paused or component.status in _NO_VICTIMS:
            return 0
        target = self._targets.get(_target(workload))
        if target is None:
            least = self._following.least(workload)
        elif target.suspended.dynamic_in or target.suspended.dynamic_out or target.most < 1:
            least = None
        else:
            least = target.least
        return 0 if least is None else max(0, max(serving, component.desired_copies) - least)

    def _component(self, workload: WorkloadId) -> InferenceComponent | None:
        if not workload.startswith(_COMPONENT):
            return None
        return self._reconciler.fleet.components.get(ComponentName(workload.removeprefix(_COMPONENT)))

    # Who goes.

    def _take_copies(self, wake: _Wake, choice: Choice, now: Instant) -> Iterator[Command]:
        instance = self._reconciler.fleet.instances[InstanceId(choice.place or "")]
        # Booked first: what follows from the evictions must find the room taken.
        if wake.copy is not None:
            self._reconciler.placer.promise(self._reconciler.fleet.copies[wake.copy.copy_id], instance)
        yield from self._evict([CopyId(v.name) for v in choice.victims], wake, now)

    def _take_instances(self, wake: _Wake, choice: Choice, now: Instant) -> Iterator[Command]:
        fleet = self._reconciler.fleet
        victims = [fleet.instances[InstanceId(v.name)] for v in choice.victims]
        going = [c.copy_id for i in victims for c in fleet.copies_on(i.instance_id) if c.state is not CopyState.STOPPING]
        copy = None if wake.copy is None else fleet.copies[wake.copy.copy_id]
        self._reconciler.await_instance(wake.endpoint, wake.state, copy, now)
        yield from self._evict(going, wake, now)
        for instance in victims:
            self._reconciler.evict_instance(fleet.instances[instance.instance_id], now)

    def _evict(self, copies: list[CopyId], wake: _Wake, now: Instant) -> Iterator[Command]:
        """Have copies go, by an activity of their own with its cause."""
        fleet = self._reconciler.fleet
        standing = self._standing([fleet.copies[c] for c in copies], wake, now)
        by_workload: dict[WorkloadId, list[_Standing]] = {}
        for each in standing:
            by_workload.setdefault(each.copy.workload, []).append(each)
        for workload, going in by_workload.items():
            component = self._component(workload)
            if component is None:
                continue
            self._reconciler.evicted.update(each.copy.copy_id for each in going)
            self._metering.uses.evicted(max(each.resident.value for each in going))
            self._following.restart(workload)
            self.evicted += len(going)
            chosen = _candidate(component, going, wake)
            self._remember(workload, f"{chosen.cause}; {chosen.details}")
            yield from self._ledger.begin(_target(workload), chosen, now)

    def _tell(self, wake: _Wake, sentence: str) -> None:
        if wake.workload is not None:
            self._remember(wake.workload.id, sentence)

    def _remember(self, workload: WorkloadId, sentence: str) -> None:
        self.told.pop(workload, None)
        self.told[workload] = sentence
        while len(self.told) > MOST_TOLD:
            del self.told[next(iter(self.told))]


_POOL = "all instances"
_ENDING = frozenset({EndpointStatus.DELETING, EndpointStatus.FAILED})
_UNSETTLED = _ENDING | {EndpointStatus.CREATING}
_NO_VICTIMS = frozenset({ComponentStatus.FAILED, ComponentStatus.DELETING, ComponentStatus.CREATING})


def _age(copy: Copy) -> tuple[Instant, str]:
    return copy.created, copy.copy_id


def _ready(copy: Copy) -> Instant:
    return next((at for name, at in reversed(copy.phases) if name == "ready"), copy.created)


def _span(span: Span) -> str:
    return f"{max(0.0, to_seconds(span)):.3g} s"


def _target(workload: WorkloadId) -> TargetKey:
    return TargetKey(f"inference-component/{workload.removeprefix(_COMPONENT)}", Dimension.COPIES)


def _size(need: InstanceShape, shape: InstanceShape) -> int:
    """Give the memory that a copy takes or keeps from others: half an instance's accelerators count as half its memory."""
    share = max(need.cpus / shape.cpus if shape.cpus else 0.0, need.accelerators / (shape.accelerators or 1.0))
    return max(need.memory_mb, round(share * shape.memory_mb))


def _candidate(component: InferenceComponent, going: list[_Standing], wake: _Wake) -> Candidate:
    first = going[0]
    capacity = max(0, component.desired_copies - len(going))
    state = "has had its turn" if first.resident.busy else "is idle"
    return Candidate(
        policy="",
        direction=Direction.IN,
        capacity=capacity,
        cause=f"{wake.name} waits for room that {first.copy.workload} has",
        details=f"{first.copy.workload} {state}, and {first.worth.words}",
        cooldown=0,
    )

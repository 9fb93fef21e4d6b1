"""Who has the room that somebody waits for: what each is worth, whether it works, and from when on it may be asked to go."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stoker.decisions.eviction import EvictionOptions, Place, Resident, Worth, worth
from stoker.decisions.policies.follower import UNKNOWN_START
from stoker.domain.components import InferenceComponent
from stoker.domain.endpoints import VariantState
from stoker.domain.ids import ComponentName, EndpointName, VariantName, WorkloadId
from stoker.domain.instances import Copy, Instance, InstanceShape
from stoker.domain.scaling import Dimension, ScalableTarget, TargetKey
from stoker.domain.states import ComponentStatus, CopyState, EndpointStatus, InstanceState
from stoker.engine.following import Following
from stoker.engine.metering import Metering
from stoker.engine.reconciler import Reconciler
from stoker.engine.starts import Starts
from stoker.units import Instant

COMPONENT = "ic/"
ENDING = frozenset({EndpointStatus.DELETING, EndpointStatus.FAILED})
_UNSETTLED = ENDING | {EndpointStatus.CREATING}
_NO_VICTIMS = frozenset({ComponentStatus.FAILED, ComponentStatus.DELETING, ComponentStatus.CREATING})


class Standing(NamedTuple):
    """A copy as those see it who want its room."""

    copy: Copy
    resident: Resident
    worth: Worth


class Occupants:
    """Looks at copies and instances as at what could make way; it asks nobody to go.

    `since` is from when on whoever wants their room waits.
    """

    __slots__ = ("_following", "_metering", "_options", "_reconciler", "_starts", "_targets")

    def __init__(
        self,
        *,
        reconciler: Reconciler,
        metering: Metering,
        starts: Starts,
        following: Following,
        targets: Mapping[TargetKey, ScalableTarget],
        options: EvictionOptions,
    ) -> None:
        self._reconciler = reconciler
        self._metering = metering
        self._starts = starts
        self._following = following
        self._targets = targets
        self._options = options

    def on(self, instance: Instance, state: VariantState, since: Instant, now: Instant) -> Place:
        """Give an instance as a place for a copy."""
        room = self._reconciler.placer.free_on(instance, state, CopyState.STOPPING)
        free = InstanceShape(cpus=room.cpus, memory_mb=room.memory_mb, accelerators=room.accelerators)
        found = self.standing(self._reconciler.fleet.copies_on(instance.instance_id), since, now)
        return Place(name=instance.instance_id, free=free, residents=tuple(each.resident for each in found))

    def everywhere(self, owner: tuple[EndpointName, VariantName], since: Instant, now: Instant) -> Place | None:
        """Give the whole installation as a place for an instance of a variant: others' instances could make way for it.

        None when there is no bound to what all may book.
        """
        fleet = self._reconciler.fleet
        free = self._reconciler.pool.free(fleet, soon=True)
        if free is None:
            return None
        spare: dict[tuple[EndpointName, VariantName], list[tuple[Resident, Counter[WorkloadId]]]] = {}
        for instance in fleet.instances.values():
            variant = (instance.endpoint, instance.variant)
            up = instance.state is InstanceState.IN_SERVICE and not instance.emptying
            if up and variant != owner and self._least_instances(variant) is not None:
                spare.setdefault(variant, []).append(self._whole(instance, since, now))
        residents: list[Resident] = []
        for variant, found in spare.items():
            alive = sum(1 for i in fleet.instances_of(*variant) if i.state is not InstanceState.TERMINATING)
            left = alive - (self._least_instances(variant) or 0)
            going: Counter[WorkloadId] = Counter()
            for resident, copies in sorted(found, key=lambda each: _first(each[0])):
                if left > 0 and all(going[w] + n <= self._may_lose(w) for w, n in copies.items()):
                    residents.append(resident)
                    going.update(copies)
                    left -= 1
        return Place(name="", free=free, residents=tuple(residents))

    def _least_instances(self, variant: tuple[EndpointName, VariantName]) -> int | None:
        """Give how many instances a variant keeps; None when it gives none back for others."""
        endpoint = self._reconciler.fleet.endpoints.get(variant[0])
        state = None if endpoint is None else endpoint.variant(variant[1])
        if endpoint is None or state is None or endpoint.status in _UNSETTLED or endpoint.update is not None:
            return None
        managed = state.spec.managed
        return managed.least if managed is not None and managed.enabled and state.container is None else None

    def _whole(self, instance: Instance, since: Instant, now: Instant) -> tuple[Resident, Counter[WorkloadId]]:
        """Give an instance as one that could go with all its copies, and how many those are of each workload."""
        found = self.standing(self._reconciler.fleet.copies_on(instance.instance_id), since, now)
        times = [each.resident.goes_at for each in found]
        resident = Resident(
            name=instance.instance_id,
            frees=instance.shape,
            value=sum(each.resident.value for each in found) if found else -1.0,
            busy=any(each.resident.busy for each in found),
            goes_at=None if None in times else max((t for t in times if t is not None), default=now),
        )
        return resident, Counter(each.copy.workload for each in found)

    def standing(self, copies: Iterable[Copy], since: Instant, now: Instant) -> list[Standing]:
        """Give copies, but for those on their way out, with what they are worth and when they may go."""
        by_workload: dict[WorkloadId, list[Copy]] = {}
        for copy in copies:
            if copy.state is not CopyState.STOPPING:
                by_workload.setdefault(copy.workload, []).append(copy)
        return [each for workload, found in by_workload.items() for each in self._of_workload(workload, found, since, now)]

    def _of_workload(self, workload: WorkloadId, copies: list[Copy], since: Instant, now: Instant) -> list[Standing]:
        """Give a workload's copies: of those that serve, as many may go as are above its minimum, idle ones before others."""
        fleet, loads = self._reconciler.fleet, self._reconciler.loads
        owner = fleet.workload(workload)
        endpoint = None if owner is None else fleet.endpoints.get(owner.endpoint)
        state = None if owner is None or endpoint is None else endpoint.variant(owner.variant)
        if owner is None or state is None:
            return []
        serving = fleet.serving(workload)
        may_lose = self._may_lose(workload)
        start_time = self._starts.typical(workload) or UNKNOWN_START
        in_use = self._metering.concurrent(workload)
        need = self._reconciler.placer.need(owner, state)
        size = _size(need, self._reconciler.options.shapes[state.spec.instance_type])
        use = self._metering.uses.of(workload)
        value = worth(use, start_time=start_time, memory_mb=size, copies=serving, now=now, options=self._options)
        out: list[Standing] = []
        for copy in sorted(copies, key=lambda c: (c.state is not CopyState.IN_SERVICE, loads.in_flight(c.copy_id), -c.created)):
            busy = loads.in_flight(copy.copy_id) > 0 or in_use >= serving
            goes_at: Instant | None = None
            if may_lose > 0:
                may_lose -= 1
                if copy.state is CopyState.IN_SERVICE:
                    goes_at = self._options.goes_at(
                        ready=_ready(copy), used=use.at, start_time=start_time, waits_since=since, busy=busy
                    )
                else:  # it is on its way, for others that wait
                    goes_at = now + start_time + self._options.turn_of(start_time)
            resident = Resident(name=copy.copy_id, frees=need, value=value.value, busy=busy, goes_at=goes_at)
            out.append(Standing(copy, resident, value))
        return out

    def _may_lose(self, workload: WorkloadId) -> int:
        """Give how many copies a workload may lose: down to its own minimum, and only what demand can bring back."""
        component = self.component(workload)
        if component is None or component.update is not None or component.paused or component.status in _NO_VICTIMS:
            return 0
        target = self._targets.get(scaled(workload))
        if target is None:
            least = self._following.least(workload)
        elif target.suspended.dynamic_in or target.suspended.dynamic_out or target.most < 1:
            least = None
        else:
            least = target.least
        return 0 if least is None else max(0, self.present(component) - least)

    def present(self, component: InferenceComponent) -> int:
        """Give how many copies a component would have to lose all of to be at zero."""
        copies = self._reconciler.fleet.copies_of(WorkloadId(f"{COMPONENT}{component.name}"))
        there = sum(1 for c in copies if c.state is not CopyState.STOPPING and c.replaces is None)
        return min(component.desired_copies, there)

    def component(self, workload: WorkloadId) -> InferenceComponent | None:
        """Give the component that a workload is; None for a variant's own model, and for what is gone."""
        if not workload.startswith(COMPONENT):
            return None
        return self._reconciler.fleet.components.get(ComponentName(workload.removeprefix(COMPONENT)))


def scaled(workload: WorkloadId) -> TargetKey:
    """Give the key under which a component's copies are scaled."""
    return TargetKey(f"inference-component/{workload.removeprefix(COMPONENT)}", Dimension.COPIES)


def _first(resident: Resident) -> tuple[bool, bool, float, str]:
    return resident.goes_at is None, resident.busy, resident.value, resident.name


def _ready(copy: Copy) -> Instant:
    return next((at for name, at in reversed(copy.phases) if name == "ready"), copy.created)


def _size(need: InstanceShape, shape: InstanceShape) -> int:
    """Give the memory that a copy takes or keeps from others: half an instance's accelerators count as half its memory."""
    share = max(need.cpus / shape.cpus if shape.cpus else 0.0, need.accelerators / (shape.accelerators or 1.0))
    return max(need.memory_mb, round(share * shape.memory_mb))

"""Gives copies places on a variant's instances, and remembers what is booked there."""

from collections.abc import Mapping

import msgspec

from stoker.decisions.placement import Bin, Waiting, place
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import CopyId, EndpointName, InstanceId, VariantName, WorkloadId
from stoker.domain.instances import Copy, Instance, InstanceShape
from stoker.domain.states import CopyState, InstanceState
from stoker.engine.fleet import Fleet
from stoker.engine.workloads import Workload


class Placer:
    """Books room on the fleet's instances. Who else takes a copy from an instance, or puts one there, says so by `rebooked`.

    Where a copy is `first` of its variant, nobody else gets a place there until it has one.
    """

    __slots__ = ("_bins", "_fleet", "_needs", "_shapes", "first")

    def __init__(self, fleet: Fleet, shapes: Mapping[str, InstanceShape]) -> None:
        self._fleet = fleet
        self._shapes = shapes
        self._bins: dict[InstanceId, Bin] = {}
        self._needs: dict[WorkloadId, dict[int, InstanceShape]] = {}
        self.first: dict[tuple[EndpointName, VariantName], CopyId] = {}

    def place(self, endpoint: Endpoint, state: VariantState) -> list[Waiting]:
        """Give waiting copies a place on instances that are up or coming up, and return those without."""
        waiting = [
            self.waiting(copy, workload, state)
            for workload, copies in self.waiting_on(endpoint, state)
            for copy in copies
            if copy.instance_id is None
        ]
        if not waiting:
            return []
        first = self.first.get((endpoint.name, state.spec.name))
        before = [item for item in waiting if item.copy_id == first]
        result = place(before or waiting, self.bins_on(endpoint, state))
        needs = {item.copy_id: item for item in waiting}
        for copy_id, instance_id in result.placed:
            self._fleet.put(msgspec.structs.replace(self._fleet.copies[copy_id], instance_id=instance_id))
            self._bins[instance_id].add(needs[copy_id].workload, needs[copy_id].need)
            instance = self._fleet.instances[instance_id]
            if instance.empty_since is not None:
                self._fleet.put(msgspec.structs.replace(instance, empty_since=None))
        placed = dict(result.placed)
        return [item for item in waiting if item.copy_id not in placed]

    def promise(self, copy: Copy, instance: Instance) -> None:
        """Book a place for a copy where others are still on their way out."""
        self._fleet.put(msgspec.structs.replace(copy, instance_id=instance.instance_id))
        if instance.empty_since is not None:
            self._fleet.put(msgspec.structs.replace(instance, empty_since=None))
        self.rebooked(instance.instance_id)

    def free_on(self, instance: Instance, state: VariantState, without: CopyState) -> Bin:
        """Give what is free on an instance besides copies in a state."""
        return self._bin(instance, state, without)

    def may_start(self, copy: Copy, workload: Workload, state: VariantState) -> bool:
        """Whether the instance that a waiting copy has a place on has room for it now, beside all that runs there still."""
        instance = None if copy.instance_id is None else self._fleet.instances[copy.instance_id]
        if instance is None or instance.state is not InstanceState.IN_SERVICE:
            return False
        if all(c.state is not CopyState.STOPPING for c in self._fleet.copies_on(instance.instance_id)):
            return True  # only those that go may have booked what another has booked too
        return self.free_on(instance, state, CopyState.PENDING).fits(self.need(workload, state))

    def waiting(self, copy: Copy, workload: Workload, state: VariantState) -> Waiting:
        """Give a copy as one that wants a place."""
        need = self.need(workload, state)
        return Waiting(copy_id=copy.copy_id, workload=workload.id, need=need, strategy=workload.placement)

    def bins_on(self, endpoint: Endpoint, state: VariantState) -> list[Bin]:
        """Give the instances that may take copies, with what is booked on them; not to be changed, since they are remembered."""
        out: list[Bin] = []
        for instance in self._fleet.instances_of(endpoint.name, state.spec.name, state.revision):
            if instance.state is InstanceState.TERMINATING or instance.emptying:
                continue
            found = self._bins.get(instance.instance_id)
            if found is None:
                found = self._bins[instance.instance_id] = self._bin(instance, state)
            out.append(found)
        return out

    def _bin(self, instance: Instance, state: VariantState, without: CopyState | None = None) -> Bin:
        # A variant's own model takes an instance whole, whatever size it was given when it was launched.
        shape = instance.shape if state.container is None else self._shapes[state.spec.instance_type]
        out = Bin(instance.instance_id, shape)
        for copy in self._fleet.copies_on(instance.instance_id):
            if copy.state is without:
                continue
            need = self._needs.get(copy.workload, {}).get(copy.revision)
            if need is None:
                workload = self._fleet.workload(copy.workload, copy.revision)
                need = None if workload is None else self.need(workload, state)
            if need is not None:
                out.add(copy.workload, need)
        return out

    def need(self, workload: Workload, state: VariantState) -> InstanceShape:
        """Give what a copy books: its requirements, or a whole instance for a variant's own model."""
        requirements = workload.requirements
        if requirements is None:
            return self._shapes[state.spec.instance_type]
        known = self._needs.setdefault(workload.id, {})
        need = known.get(workload.revision)
        if need is None:
            need = known[workload.revision] = InstanceShape(
                cpus=requirements.cpus,
                memory_mb=requirements.least_memory_mb,
                accelerators=requirements.accelerators,
            )
        return need

    def waiting_on(self, endpoint: Endpoint, state: VariantState) -> list[tuple[Workload, list[Copy]]]:
        """Give the copies on one version of a variant that have not been started, by workload."""
        found: list[tuple[Workload, list[Copy]]] = []
        for workload_id in list(self._fleet.pending):
            for workload in self._fleet.versions_of(workload_id):
                if workload.endpoint == endpoint.name and is_on(workload, state):
                    copies = [self._fleet.copies[c] for c in self._fleet.pending[workload_id]]
                    found.append((workload, [c for c in copies if c.revision == workload.revision]))
        return found

    def rebooked(self, instance: InstanceId | None) -> None:
        """Have an instance looked at anew, since copies came or left, or it is gone itself."""
        if instance is not None:
            self._bins.pop(instance, None)

    def forget(self, workload: WorkloadId) -> None:
        """Forget a workload that is gone."""
        self._needs.pop(workload, None)


def is_on(workload: Workload, state: VariantState) -> bool:
    """Whether a workload's copies run on a version of a variant; components are on all versions of theirs.

    A component may be on record whose endpoint is gone, and whose variant's name is that of another now, with a model of its own.
    """
    own = state.container is not None
    if own is not (workload.requirements is None):
        return False
    return workload.variant == state.spec.name and (not own or workload.revision == state.revision)

"""Moves of copies from an instance that is to be emptied: another is started elsewhere, and takes over once it serves.

An instance is emptied wholly or the attempt ends: when one of its copies finds no successor, those still on their way are given
up, and the instance is one like the others again. But one of a type that its variant no longer has is to go whatever it takes:
its copies get successors again and again until one serves, and serve until then.
"""

from collections.abc import Iterable, Sequence

import msgspec

from stoker.decisions.consolidation import Consolidated, consolidate
from stoker.decisions.placement import Bin, Waiting
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import CopyId, EndpointName, IdSource, InstanceId, VariantName
from stoker.domain.instances import Copy, Instance
from stoker.domain.states import CopyState, EndpointStatus, InstanceState
from stoker.engine.fleet import Fleet
from stoker.engine.workloads import Workload
from stoker.units import SECOND, Instant, Span

TRY_AGAIN: Span = 60 * SECOND
"""How long after a successor was begun the next one may be, for a copy on an instance of a type that is to go."""

_SERVING = frozenset({EndpointStatus.IN_SERVICE, EndpointStatus.UPDATING})


class Mover:
    """Begins and ends moves on the fleet it is given; copies to stop it gives to its caller.

    `rested` tells since when each variant that may be consolidated has been at rest, None while it is not; `begun` when the last
    successor of each copy was begun that is on an instance of a type that is to go.
    """

    __slots__ = ("begun", "fleet", "ids", "rested")

    def __init__(self, fleet: Fleet, ids: IdSource) -> None:
        self.fleet = fleet
        self.ids = ids
        self.rested: dict[tuple[EndpointName, VariantName], Instant | None] = {}
        self.begun: dict[CopyId, Instant] = {}

    def finish(self, endpoint: EndpointName, variant: VariantName) -> list[Copy]:
        """Let successors that serve, or whose predecessors are gone, be copies like the others; give those to stop."""
        over: list[Copy] = []
        for copy in [self.fleet.copies[c] for c in self.fleet.moving]:
            owner = self.fleet.workload(copy.workload, copy.revision)
            if owner is None or (owner.endpoint, owner.variant) != (endpoint, variant) or copy.replaces is None:
                continue
            if copy.state is CopyState.STOPPING:
                continue
            before = self.fleet.copies.get(copy.replaces)
            left = before is None or before.state is CopyState.STOPPING
            if left or copy.state is CopyState.IN_SERVICE:
                self.fleet.put(msgspec.structs.replace(copy, replaces=None))
            if before is not None and not left and copy.state is CopyState.IN_SERVICE:
                over.append(before)
        return over

    def stranded(self, instances: Iterable[Instance]) -> list[Copy]:
        """Give up emptying instances with a copy that has no successor; give the successors to stop."""
        return self.call_off(
            i for i in instances if i.emptying and not all(self.successors([c]) for c in self._staying(i.instance_id))
        )

    def call_off(self, instances: Iterable[Instance]) -> list[Copy]:
        """Give up emptying instances; give the successors to stop."""
        out: list[Copy] = []
        for instance in [i for i in instances if i.emptying]:
            self.fleet.put(msgspec.structs.replace(instance, emptying=False))
            out.extend(self.successors(self._staying(instance.instance_id)))
        return out

    def successors(self, copies: Sequence[Copy]) -> list[Copy]:
        """Give the copies that are to take the places of these."""
        before = {copy.copy_id for copy in copies}
        return [
            each
            for workload in dict.fromkeys(copy.workload for copy in copies)
            for each in self.fleet.copies_of(workload)
            if each.replaces in before and each.state is not CopyState.STOPPING
        ]

    def _staying(self, instance_id: InstanceId) -> list[Copy]:
        return [copy for copy in self.fleet.copies_on(instance_id) if copy.state is not CopyState.STOPPING]

    def leave(self, instances: Sequence[Instance], now: Instant) -> Instant | None:
        """Begin to empty instances of a type that is to go; gives when to look again for copies that still lack successors.

        What has not been started there wants another place. All else gets a successor, whose place is chosen like any copy's.
        """
        again: Instant | None = None
        for instance in instances:
            if not instance.emptying:
                self.fleet.put(msgspec.structs.replace(instance, emptying=True))
            for copy in self._staying(instance.instance_id):
                if copy.state is CopyState.PENDING:
                    self.fleet.put(msgspec.structs.replace(copy, instance_id=None))
                elif copy.replaces is None and not self.successors([copy]):
                    due = self.begun.get(copy.copy_id, now - TRY_AGAIN) + TRY_AGAIN
                    if due <= now:
                        self._succeed(copy, None, now)
                        self.begun[copy.copy_id] = now
                    else:
                        again = due if again is None else min(again, due)
        if not instances and self.begun:
            self.begun = {copy_id: at for copy_id, at in self.begun.items() if copy_id in self.fleet.copies}
        return again

    def due(self, endpoint: Endpoint, state: VariantState, workloads: Sequence[Workload], now: Instant) -> Instant | None:
        """Give when it may next be looked whether instances can be emptied; None while that has no use.

        The cooldown counts from when the variant came to rest or, after a start, from the last change that is on record.
        """
        managed = state.spec.managed
        if managed is None or not managed.enabled or managed.consolidation is None or state.container is not None:
            return None
        instances = self.fleet.instances_of(endpoint.name, state.spec.name)
        key = (endpoint.name, state.spec.name)
        if endpoint.status not in _SERVING or not self._settled(instances, workloads):
            self.rested[key] = None
            return None
        since = self.rested.get(key, 0)
        since = self.rested[key] = now if since is None else since
        used = sum(1 for i in instances if self.fleet.crowd(i.instance_id))
        if used < 2 or len(instances) <= managed.least:  # noqa: PLR2004 - one goes onto another
            return None
        changes = [since, endpoint.modified, *(i.created for i in instances)]
        changes.extend(c.modified for c in self.fleet.components_on(endpoint.name) if c.variant == state.spec.name)
        changes.extend(c.phases[-1][1] for w in workloads for c in self.fleet.copies_of(w.id) if c.phases)
        return max(changes) + managed.consolidation.cooldown

    def _settled(self, instances: Iterable[Instance], workloads: Iterable[Workload]) -> bool:
        """Whether all that is wanted is there, and nothing is on its way."""
        if any(i.state is not InstanceState.IN_SERVICE or i.emptying for i in instances):
            return False
        for workload in workloads:
            copies = self.fleet.copies_of(workload.id, workload.revision)
            if len(copies) != workload.desired or any(c.state is not CopyState.IN_SERVICE for c in copies):
                return False
        return True

    def begin(self, state: VariantState, bins: Sequence[Bin], residents: dict[InstanceId, list[Waiting]], now: Instant) -> None:
        """Choose instances to empty, and book the places that their copies move to."""
        managed = state.spec.managed
        rule = None if managed is None else managed.consolidation
        if managed is None or rule is None:
            return
        chosen: Consolidated = consolidate(bins, residents, min(rule.step, len(bins) - managed.least))
        for instance_id in chosen.emptied:
            self.fleet.put(msgspec.structs.replace(self.fleet.instances[instance_id], emptying=True))
        for copy_id, instance_id in chosen.moves:
            self._succeed(self.fleet.copies[copy_id], instance_id, now)

    def _succeed(self, copy: Copy, instance_id: InstanceId | None, now: Instant) -> None:
        """Make a copy that is to take another's place; without an instance it waits for one."""
        self.fleet.put(
            Copy(
                copy_id=CopyId(f"copy-{self.ids.token()}"),
                workload=copy.workload,
                state=CopyState.PENDING,
                created=now,
                instance_id=instance_id,
                phases=(("created", now),),
                replaces=copy.copy_id,
                revision=copy.revision,
            )
        )

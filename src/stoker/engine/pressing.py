"""Has idle copies make way for models that are wanted and find no room; see `stoker.decisions.eviction`.

Only a workload of which nothing serves or starts, in the version that is wanted, presses on others, in the order in which they
began to wait: a further copy is not worth another model's only one. Whoever is first in a place, and may have to wait for
somebody's turn to end, has its room kept free until then, so that nobody waits for ever. It is promised its place as soon as
others are told to go, and is started when they are gone: what runs never takes more than there is. Copies that go are drained as
always; what they work on ends well.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stoker.decisions.eviction import Choice, EvictionOptions, Valuation, choose
from stoker.decisions.placement import fits
from stoker.decisions.scaling.combine import Candidate
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import CopyId, EndpointName, InstanceId, VariantName, WorkloadId
from stoker.domain.instances import Copy, InstanceShape
from stoker.domain.scaling import Direction, ScalableTarget, TargetKey
from stoker.domain.states import CopyState, InstanceState
from stoker.engine.commands import Command
from stoker.engine.following import Following
from stoker.engine.metering import Metering, Totals
from stoker.engine.occupants import ENDING, Occupants, Standing, scaled
from stoker.engine.reconciler import Reconciler
from stoker.engine.scaling_ledger import Ledger
from stoker.engine.starts import Starts
from stoker.engine.workloads import Workload
from stoker.units import Instant, Span, to_seconds

_UP = frozenset({CopyState.STARTING, CopyState.IN_SERVICE})
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


class Pressure:
    """Who waits for room, and who goes for it.

    `told` has, for a workload that waits or went for another, the sentence that says so; `evicted` how many copies went.
    """

    __slots__ = (
        "_again",
        "_following",
        "_hopeless",
        "_ledger",
        "_metering",
        "_occupants",
        "_options",
        "_reconciler",
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
        self._following = following
        self._ledger = ledger
        self._occupants = Occupants(
            reconciler=reconciler,
            metering=metering,
            starts=starts,
            following=following,
            targets=targets,
            options=options,
        )
        self._options = options
        self._again: Instant | None = None
        self._hopeless: set[tuple[object, InstanceShape]] = set()
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
        wanted = self._reconciler.blocked or self._reconciler.pool.short
        if not wanted or self._options.valuation is Valuation.NONE:
            return
        full: set[object] = set()
        self._hopeless.clear()
        for wake in self._wakes():
            current = None if wake.copy is None else self._reconciler.fleet.copies.get(wake.copy.copy_id)
            if wake.copy is None or (current is not None and current.instance_id is None):
                yield from self._find_room(wake, full, now)

    # Who wants a place.

    def _wakes(self) -> list[_Wake]:
        """Give the copies that press on others, first come first."""
        fleet = self._reconciler.fleet
        found: list[_Wake] = []
        for workload_id in {workload: None for workload, _ in self._reconciler.blocked}:
            copies = [fleet.copies[c] for c in fleet.pending.get(workload_id, ())]
            homeless = [c for c in copies if c.instance_id is None]
            if not homeless or len(homeless) < len(copies):
                continue
            copy = min(homeless, key=_age)
            if any(c.state in _UP for c in fleet.copies_of(workload_id, copy.revision)):
                continue
            workload = fleet.workload(workload_id, copy.revision)
            endpoint = None if workload is None else fleet.endpoints.get(workload.endpoint)
            state = None if workload is None or endpoint is None else endpoint.variant(workload.variant)
            if workload is None or endpoint is None or state is None or endpoint.status in ENDING:
                continue
            found.append(_Wake(copy.created, endpoint, state, copy, workload))
        owners = {wake.owner for wake in found}
        for owner, since in self._reconciler.pool.short.items():
            endpoint = fleet.endpoints.get(owner[0])
            state = None if endpoint is None else endpoint.variant(owner[1])
            if owner not in owners and endpoint is not None and state is not None and endpoint.status not in ENDING:
                found.append(_Wake(since, endpoint, state))
        return sorted(found, key=lambda wake: (wake.since, wake.name))

    def _find_room(self, wake: _Wake, full: set[object], now: Instant) -> Iterator[Command]:
        """Promise a place, or remember who waits first; in places that are `full` somebody else does."""
        if self._may_grow(wake):
            choice = self._choose_instances(wake, full, now)
            if choice is None:
                return
            if choice.place is not None:
                yield from self._take_instances(wake, choice, now)
            if choice.place is not None or choice.again is not None:
                self._wait(wake, choice, full, _POOL, now)
                return
        if wake.owner in full or wake.workload is None:
            return
        need = self._reconciler.placer.need(wake.workload, wake.state)
        if (wake.owner, need) in self._hopeless:
            return
        bins = self._reconciler.placer.bins_on(wake.endpoint, wake.state)
        instances = [self._reconciler.fleet.instances[each.instance_id] for each in bins]
        choice = choose(need, [self._occupants.on(i, wake.state, wake.since, now) for i in instances], now)
        if choice.place is not None:
            yield from self._take_copies(wake, choice, now)
        elif choice.again is None:
            self._hopeless.add((wake.owner, need))  # nor is there room for others that need as much
        self._wait(wake, choice, full, wake.owner, now)

    def _choose_instances(self, wake: _Wake, full: set[object], now: Instant) -> Choice | None:
        """Choose whose instances make way for another; None when somebody else comes first, or it is not for want of room."""
        pool, fleet = self._reconciler.pool, self._reconciler.fleet
        shape = self._reconciler.options.shapes[wake.state.spec.instance_type]
        refused = self._reconciler.relaunch_after.get(wake.owner, 0) > now
        if refused or _POOL in full or (wake.owner not in pool.short and pool.room(fleet, wake.owner, shape, 1)):
            return None
        place = None if (_POOL, shape) in self._hopeless else self._occupants.everywhere(wake.owner, wake.since, now)
        choice = Choice() if place is None else choose(shape, [place], now)
        if choice == Choice() and not fleet.instances_of(*wake.owner):
            self._hopeless.add((_POOL, shape))
        return choice

    def _may_grow(self, wake: _Wake) -> bool:
        spec = wake.state.spec
        shape = self._reconciler.options.shapes[spec.instance_type]
        if wake.workload is not None and not fits(self._reconciler.placer.need(wake.workload, wake.state), shape):
            return False
        if len(self._reconciler.fleet.instances) >= self._reconciler.pool.most:
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
        self._reconciler.launch_due()  # room that others have just left needs nobody to go

    def _evict(self, copies: list[CopyId], wake: _Wake, now: Instant) -> Iterator[Command]:
        """Have copies go, by an activity of their own with its cause."""
        fleet = self._reconciler.fleet
        by_workload: dict[WorkloadId, list[Standing]] = {}
        for each in self._occupants.standing([fleet.copies[c] for c in copies], wake.since, now):
            by_workload.setdefault(each.copy.workload, []).append(each)
        for workload, going in by_workload.items():
            component = self._occupants.component(workload)
            if component is None:
                continue
            self._reconciler.evicted.update(each.copy.copy_id for each in going)
            self._metering.uses.evicted(max(each.resident.value for each in going))
            self._metering.totals.setdefault(workload, Totals()).evictions += len(going)
            self._following.restart(workload)
            self.evicted += len(going)
            chosen = _candidate(max(0, self._occupants.present(component) - len(going)), going[0], wake)
            self._remember(workload, f"{chosen.cause}; {chosen.details}")
            yield from self._ledger.begin(scaled(workload), chosen, now)

    def _tell(self, wake: _Wake, sentence: str) -> None:
        if wake.workload is not None:
            self._remember(wake.workload.id, sentence)

    def _remember(self, workload: WorkloadId, sentence: str) -> None:
        self.told.pop(workload, None)
        self.told[workload] = sentence
        while len(self.told) > MOST_TOLD:
            del self.told[next(iter(self.told))]


_POOL = "all instances"


def _age(copy: Copy) -> tuple[Instant, str]:
    return copy.created, copy.copy_id


def _span(span: Span) -> str:
    return f"{max(0.0, to_seconds(span)):.3g} s"


def _candidate(capacity: int, first: Standing, wake: _Wake) -> Candidate:
    state = "has had its turn" if first.resident.busy else "is idle"
    return Candidate(
        policy="",
        direction=Direction.IN,
        capacity=capacity,
        cause=f"{wake.name} waits for room that {first.copy.workload} has",
        details=f"{first.copy.workload} {state}, and {first.worth.words}",
        cooldown=0,
    )

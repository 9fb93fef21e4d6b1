"""The engine whole: every event and every deadline passes here, and what is to be done comes out in order.

Writes come first in each batch: a driver that does commands in order has a change on disk before it acts on it or answers for it.
"""

from collections.abc import Iterable
from typing import assert_never

from stoker.decisions.metrics import MetricBook
from stoker.decisions.scaling.wake import forsake
from stoker.domain.ids import (
    ComponentName,
    CopyId,
    EndpointName,
    IdSource,
    WorkloadId,
    component_workload,
)
from stoker.domain.instances import Copy
from stoker.domain.scaling import Dimension
from stoker.engine.autoscaler import Autoscaler, CapacityObserved, workload_target
from stoker.engine.calls import Calls
from stoker.engine.capacities import Capacities, keys_on
from stoker.engine.clockwork import Clockwork
from stoker.engine.commands import Append, Command, Put, Remove, RoutesChanged, SetCapacity
from stoker.engine.environments import Environments
from stoker.engine.events import (
    AlarmActionsSwitched,
    AlarmPut,
    AlarmsRemoved,
    AlarmStateSet,
    AlarmTagged,
    AutoscalingEvent,
    Call,
    CompositeAlarmPut,
    CopyCountSet,
    DemandSeen,
    Event,
    GatewayGone,
    Happening,
    InstanceGone,
    InstanceReady,
    MetricsPut,
    PolicyPut,
    PolicyRemoved,
    RuntimeObserved,
    RuntimeRestored,
    ScheduledActionPut,
    ScheduledActionRemoved,
    ScheduleGroupPut,
    ScheduleGroupRemoved,
    SchedulePut,
    ScheduleRemoved,
    TargetAnswered,
    TargetPut,
    TargetRemoved,
    Together,
    TrafficSeen,
    Updated,
    UsageSeen,
)
from stoker.engine.fleet import Fleet
from stoker.engine.following import Following
from stoker.engine.lifecycle import Lifecycle
from stoker.engine.metering import Metering
from stoker.engine.observations import CopyPhase, CopyReady
from stoker.engine.options import PlatformOptions as PlatformOptions
from stoker.engine.pressing import Pressure
from stoker.engine.queue_events import BacklogSeen
from stoker.engine.reconciler import Reconciler
from stoker.engine.rollouts import Rollouts
from stoker.engine.starts import Starts
from stoker.engine.timetable import Timetable
from stoker.engine.uses import Uses
from stoker.engine.utilising import Utilising
from stoker.engine.waking import Waking
from stoker.units import SECOND, Instant, Span

DEMAND_LEASE: Span = 30 * SECOND
"""How long what waited at a gateway counts after the gateway vanished: its clients come again by another one."""


class Platform:
    """Endpoints, components, copies, instances, metrics, alarms, policies: one machine."""

    __slots__ = (
        "_clockwork",
        "autoscaler",
        "book",
        "calls",
        "capacities",
        "fleet",
        "following",
        "lifecycle",
        "metering",
        "options",
        "pressure",
        "reconciler",
        "rollouts",
        "starts",
        "timetable",
        "utilising",
        "waking",
    )

    def __init__(self, *, ids: IdSource, options: PlatformOptions) -> None:
        self.options = options
        self.fleet = Fleet()
        self.book = MetricBook()
        self.metering = Metering(self.fleet, self.book, Uses(options.eviction.half_life))
        self.waking = Waking(options.linger)
        self.capacities = Capacities(self.fleet, self.metering, self.waking)
        self._clockwork = Clockwork()
        self.reconciler = Reconciler(self.fleet, ids=ids, options=options.fleet, clockwork=self._clockwork)
        self.lifecycle = Lifecycle(self.reconciler, self.metering)
        self.calls = Calls(self.reconciler, self.metering)
        self.autoscaler = Autoscaler(
            view=self.capacities, book=self.book, ids=ids, partition=options.partition, options=options.scaling
        )
        self.rollouts = Rollouts(self.reconciler, self.autoscaler)
        self.starts = Starts()
        self.utilising = Utilising(self.fleet, self.book)
        self.following = Following(
            view=self.capacities,
            fleet=self.fleet,
            metering=self.metering,
            ledger=self.autoscaler.ledger,
            targets=self.autoscaler.targets,
            starts=self.starts,
            utilising=self.utilising,
            environments=Environments(self.fleet, self.metering, self.reconciler.loads, options.serverless),
            options=options.following,
        )
        self.pressure = Pressure(
            reconciler=self.reconciler,
            metering=self.metering,
            starts=self.starts,
            following=self.following,
            ledger=self.autoscaler.ledger,
            targets=self.autoscaler.targets,
            options=options.eviction,
        )
        self.timetable = Timetable(self.book, ids, self.calls.queues)

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was kept: (kind, document) of every record."""
        kept = list(records)
        self.fleet.restore(kept)
        self.autoscaler.restore(kept)
        self.starts.restore(kept)
        self.timetable.restore(kept)
        self.calls.restore(kept)

    def handle(self, event: Event, now: Instant) -> list[Command]:
        """Take in an event; gives what is to be done, writes first."""
        self.metering.tick(now)  # what is told now is no part of a period that is over
        if isinstance(event, Call | Updated):
            self._call(event, now)
        elif isinstance(event, Together):
            for call in event.calls:
                self._call(call, now)
        else:
            self._happened(event, now)
        self._roll(now)
        self._follow(now, waits=isinstance(event, DemandSeen))
        return self._drain()

    def _happened(self, event: Happening, now: Instant) -> None:
        match event:
            case (
                TargetPut()
                | TargetRemoved()
                | PolicyPut()
                | PolicyRemoved()
                | ScheduledActionPut()
                | ScheduledActionRemoved()
                | AlarmPut()
                | AlarmsRemoved()
                | CompositeAlarmPut()
                | AlarmStateSet()
                | AlarmActionsSwitched()
                | AlarmTagged()
            ):
                self._autoscale(event, now)
            case BacklogSeen():
                self._scale(self.autoscaler.handle(event, now), now)
            case DemandSeen():
                self._demand(event, now)
            case TrafficSeen():
                self.metering.seen(event)
                self.reconciler.loads.seen(event.gateway, event.copies, event.at)
                self.following.traffic(event)
            case UsageSeen():
                self.following.used(self.utilising.seen(event))
            case GatewayGone(gateway=gateway):
                self._gateway_gone(gateway, now)
            case MetricsPut(samples=samples):
                self.metering.put(samples)
            case SchedulePut() | ScheduleRemoved() | ScheduleGroupPut() | ScheduleGroupRemoved() | TargetAnswered():
                self.reconciler.out.extend(self.timetable.handle(event, now))
            case RuntimeObserved() | RuntimeRestored() | InstanceReady() | InstanceGone():
                self._observe(event, now)
            case _:
                assert_never(event)

    def tick(self, now: Instant) -> list[Command]:
        """Do whatever is due at or before `now`."""
        self.metering.tick(now)
        self._roll(now)
        for kind, key in self._clockwork.due(now):
            match kind:
                case "unhealthy":
                    copy = self.fleet.copies.get(CopyId(key))
                    if copy is not None:
                        self.lifecycle.still_unhealthy(copy.copy_id, now)
                        self._after_copy(copy.workload, now)
                case "again":
                    self._after_copy(WorkloadId(key), now)
                case "lease":
                    self.metering.lease_over(WorkloadId(key))
                    self.following.mark(WorkloadId(key))
                case _:
                    self._after(EndpointName(key), now)
        for workload in self.waking.due(now):
            self._forsake(workload, now)
        self.reconciler.out.extend(self.timetable.tick(now))
        self._scale(self.autoscaler.tick(now), now)
        self._roll(now)
        self.following.tick(now)
        self._follow(now)
        return self._drain()

    def next_deadline(self) -> Instant | None:
        """Give when `tick` must next run."""
        candidates = (
            self._clockwork.next(),
            self.waking.next_deadline(),
            self.autoscaler.next_deadline(),
            self.metering.next_deadline(),
            self.following.next_deadline(),
            self.pressure.next_deadline(),
            self.rollouts.next_deadline(),
            self.timetable.next_deadline(),
        )
        return min((c for c in candidates if c is not None), default=None)

    def wakeable(self, workload: WorkloadId) -> bool:
        """Whether demand may bring the workload back from zero: a scalable target allows it, or it follows a policy of ours."""
        target = self.autoscaler.targets.get(workload_target(workload))
        if target is None:
            return self.following.policy(workload) is not None
        return target.most > 0 and not target.suspended.dynamic_out

    def _autoscale(self, event: AutoscalingEvent, now: Instant) -> None:
        self._scale(self.autoscaler.handle(event, now), now)
        if isinstance(event, TargetPut | TargetRemoved):
            self.reconciler.out.append(RoutesChanged())  # gateways hold for what demand may wake, and only for that
            key = event.target.key if isinstance(event, TargetPut) else event.key
            self.following.mark(component_workload(ComponentName(key.resource_id.partition("/")[2])))

    def _demand(self, event: DemandSeen, now: Instant) -> None:
        if self.fleet.workload(event.workload) is None:
            return
        self.waking.demand(event.workload, now, cold=event.waiting > 0 and self.capacities.cold(event.workload))
        self.metering.demand(event)
        self.following.demand(event)
        self._scale(self.autoscaler.handle(event, now), now)

    def _forsake(self, workload: WorkloadId, now: Instant) -> None:
        """Call off a start that demand has asked for, and nobody waits for any more."""
        key = workload_target(workload)
        capacity = self.capacities.capacity(key)
        if capacity is None or capacity.current or not capacity.desired:
            return
        if self.capacities.wanted(workload):
            self.waking.again(workload, now)
            return
        linger, target = self.waking.linger(workload), self.autoscaler.targets.get(key)
        if target is None:
            called_off = self.following.forsake(workload, linger)
        else:
            chosen = forsake(target, capacity.desired, linger, by_demand=self.autoscaler.ledger.by_demand(key))
            called_off = chosen is not None
            self._scale(() if chosen is None else self.autoscaler.ledger.begin(key, chosen, now), now)
        if called_off:
            self.waking.called_off(workload, now)

    def _gateway_gone(self, gateway: str, now: Instant) -> None:
        for workload in self.metering.gateway_gone(gateway):
            self._clockwork.set("lease", workload, now + DEMAND_LEASE)
            if self.capacities.cold(workload):
                self.waking.again(workload, now + DEMAND_LEASE)
        self.reconciler.loads.gateway_gone(gateway)
        self.following.traffic_gone()

    def _follow(self, now: Instant, *, waits: bool = False) -> None:
        """Have policies ask for capacity and idle copies make way until neither changes anything; who `waits` makes no room."""
        self._scale(self.following.step(now), now)
        if waits and not self.fleet.dirty:
            return
        while self._scale(self.pressure.step(now), now):
            self._scale(self.following.step(now), now)

    def _scale(self, commands: Iterable[Command], now: Instant) -> int:
        """Carry out what the autoscaler decided; what is not capacity goes on to the driver. Gives how many there were."""
        count = 0
        for command in commands:
            count += 1
            if isinstance(command, SetCapacity):
                self._set_capacity(command, now)
            else:
                self.reconciler.out.append(command)
        return count

    def _set_capacity(self, command: SetCapacity, now: Instant) -> None:
        if command.key.dimension is Dimension.COPIES:
            name = ComponentName(command.key.resource_id.partition("/")[2])
            self._after(self.calls.handle(CopyCountSet(name=name, count=command.capacity, by_policy=True), now), now)
            return
        change = self.capacities.change(command.key, command.capacity)
        if change is not None:
            self._after(self.calls.handle(change, now), now)

    def _observe(self, event: RuntimeObserved | RuntimeRestored | InstanceReady | InstanceGone, now: Instant) -> None:
        match event:
            case RuntimeRestored(held=held):
                self.lifecycle.restored(frozenset(held), now)
                for name in list(self.fleet.endpoints):
                    self._after(name, now)
            case RuntimeObserved(observation=observation):
                copy = self.fleet.copies.get(observation.copy_id)
                self.lifecycle.observed(observation, now)
                if copy is not None and isinstance(observation, CopyReady):
                    self.waking.settled(copy.workload)
                    self._learn_start(copy)
                if copy is not None and not isinstance(observation, CopyPhase):  # a phase opens no gap
                    self._after_copy(copy.workload, now)
            case InstanceReady() | InstanceGone():
                instance = self.fleet.instances.get(event.instance_id)
                if isinstance(event, InstanceReady):
                    self.lifecycle.instance_ready(event, now)
                else:
                    self.lifecycle.instance_gone(event, now)
                if instance is not None:
                    self._after(instance.endpoint, now)

    def _learn_start(self, before: Copy) -> None:
        """Learn what a start takes from a copy that was not ready before and now is."""
        after = self.fleet.copies.get(before.copy_id)
        if after is not None and len(after.phases) > len(before.phases):
            self.reconciler.out.extend(self.starts.started(after))

    def _call(self, event: Call | Updated, now: Instant) -> None:
        if isinstance(event, Updated):
            self._after(self.rollouts.begin(event, now), now)
            return
        self._after(self.calls.handle(event, now), now)
        if isinstance(event, CopyCountSet):
            self.following.restart(component_workload(event.name))
            self.waking.settled(component_workload(event.name), up=False)

    def _roll(self, now: Instant) -> None:
        """Move updates on, as far as what follows from it lets them go on."""
        while changed := self.rollouts.step(now):
            for name in changed:
                self._after(name, now)

    def _after_copy(self, workload: WorkloadId, now: Instant) -> None:
        owner = self.fleet.workload(workload)
        if owner is not None:
            self.fleet.touched.setdefault(owner.endpoint, {})[workload] = None
            self._after(owner.endpoint, now)

    def _after(self, name: EndpointName | None, now: Instant) -> None:
        """Close the gaps on an endpoint that something happened to, and tell the autoscaler of new counts."""
        endpoint = None if name is None else self.fleet.endpoints.get(name)
        if name is None or endpoint is None:
            return
        touched = self.fleet.touched.pop(name, {})
        self.reconciler.reconcile(endpoint, touched, now)
        touched.update(self.fleet.touched.get(name, {}))
        self.lifecycle.settle(self.fleet.endpoints[name], touched, now)
        for key in keys_on(endpoint, touched):
            if key in self.autoscaler.targets:
                self._scale(self.autoscaler.handle(CapacityObserved(key=key), now), now)
        for workload in touched:
            self.following.mark(workload)

    def _drain(self) -> list[Command]:
        """Give what gathered: writes first, one publication of routes at most."""
        gathered = self.reconciler.out
        self.reconciler.out = []
        out: list[Command] = [*self.fleet.changes()]
        out.extend(c for c in gathered if isinstance(c, Put | Remove | Append))
        if any(isinstance(c, RoutesChanged) for c in gathered):
            out.append(RoutesChanged())
        out.extend(c for c in gathered if not isinstance(c, Put | Remove | Append | RoutesChanged))
        return out

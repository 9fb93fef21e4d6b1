"""Strings the scaling decisions together: alarms, policies, bounds, cooldowns and demand become desired capacity.

What capacity a thing has it reads from a view; what it wants it gives out as `SetCapacity`, which the reader carries out before
it asks for the next command. Every change, and every trigger that changed nothing, becomes an activity that tells why.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from stoker.decisions.backlog import follow
from stoker.decisions.metrics import MetricBook
from stoker.decisions.scaling import activities
from stoker.decisions.scaling.activities import Refusal
from stoker.decisions.scaling.bounds import clamp
from stoker.decisions.scaling.combine import Candidate, largest
from stoker.decisions.scaling.proposals import nouns
from stoker.decisions.scaling.target_tracking import ScalingOptions as ScalingOptions
from stoker.decisions.scaling.wake import wake
from stoker.domain.alarms import Alarm, CompositeAlarm
from stoker.domain.ids import AlarmName, IdSource, Partition, WorkloadId
from stoker.domain.scaling import Dimension, Direction, NotScaledReason, ScalableTarget, ScalingPolicy, TargetKey
from stoker.domain.schedule import ScheduledAction
from stoker.engine.alarm_board import NOT_RUN, AlarmBoard
from stoker.engine.alarming import Firing
from stoker.engine.commands import Command, Put, Remove
from stoker.engine.events import (
    AutoscalingEvent,
    DemandSeen,
    PolicyPut,
    PolicyRemoved,
    ScheduledActionPut,
    ScheduledActionRemoved,
    TargetPut,
    TargetRemoved,
)
from stoker.engine.judging import Judge
from stoker.engine.queue_events import BacklogSeen
from stoker.engine.scaling_ledger import STATE_KIND, Ledger, ScalingState, record_key
from stoker.engine.scaling_ledger import Capacity as Capacity
from stoker.engine.scaling_ledger import CapacityView as CapacityView
from stoker.engine.scaling_policies import TARGET_KIND, Registry
from stoker.engine.scheduling import ACTION_KIND, Scheduling
from stoker.units import Instant

POLICY_KIND = "policy"


class CapacityObserved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A target's desired or current capacity changed, or its resource went."""

    key: TargetKey


AutoscalerEvent: TypeAlias = AutoscalingEvent | BacklogSeen | CapacityObserved
"""What the autoscaler handles."""


class Autoscaler:
    """Scalable targets, their policies, and all alarms.

    `rebounded` has the targets that came, changed or went: whoever makes routes takes them out, because demand may wake other
    things then. `punctuality` tells whether alarms are looked at when they are due.
    """

    __slots__ = (
        "_board",
        "_judge",
        "_ledger",
        "_partition",
        "_registry",
        "_scheduling",
        "_view",
        "options",
        "punctuality",
        "rebounded",
    )

    def __init__(
        self,
        *,
        view: CapacityView,
        book: MetricBook,
        ids: IdSource,
        partition: Partition,
        options: ScalingOptions = ScalingOptions(),  # noqa: B008 - frozen
    ) -> None:
        self.options = options
        self._view = view
        self._partition = partition
        self._registry = Registry()
        self._board = AlarmBoard(book, partition)
        self._ledger = Ledger(view, ids, partition)
        self._scheduling = Scheduling(self._registry, self._ledger, ids)
        self._judge = Judge(self._registry, self._board.alarming, self._ledger)
        self.rebounded = self._registry.rebounded
        self.punctuality = self._board.alarming.punctuality

    @property
    def targets(self) -> Mapping[TargetKey, ScalableTarget]:
        """The scalable targets."""
        return self._registry.targets

    @property
    def ledger(self) -> Ledger:
        """What scaling has under way; also for those that follow no target."""
        return self._ledger

    @property
    def policies(self) -> Mapping[tuple[TargetKey, str], ScalingPolicy]:
        """The scaling policies by target and name."""
        return self._registry.policies

    @property
    def scheduled_actions(self) -> Mapping[TargetKey, Mapping[str, ScheduledAction]]:
        """The scheduled actions by target and name; targets without any are not in it."""
        return self._scheduling.actions

    @property
    def alarms(self) -> Mapping[AlarmName, Alarm]:
        """All alarms by name, target tracking's own included."""
        return self._board.alarming.alarms

    @property
    def composite_alarms(self) -> Mapping[AlarmName, CompositeAlarm]:
        """The alarms on other alarms, by name."""
        return self._board.composites.alarms

    def parents_of(self, name: str) -> tuple[AlarmName, ...]:
        """Give the composite alarms whose rules name an alarm."""
        return self._board.composites.parents(name)

    def suppressed_by(self, name: str) -> tuple[AlarmName, ...]:
        """Give the composite alarms whose actions an alarm holds back."""
        return self._board.composites.suppressed(name)

    def policies_of(self, key: TargetKey) -> tuple[ScalingPolicy, ...]:
        """Give a target's policies."""
        return self._registry.policies_of(key)

    def alarms_of(self, policy: ScalingPolicy) -> tuple[Alarm, ...]:
        """Give the alarms of a policy: target tracking's own (high, low), or all whose actions name a step policy."""
        if policy.alarms:
            return tuple(self.alarms[name] for name in policy.alarms if name in self.alarms)
        arn = policy.arn.lower()
        return tuple(
            alarm
            for alarm in self.alarms.values()
            if any(
                action.lower() == arn for action in (*alarm.alarm_actions, *alarm.ok_actions, *alarm.insufficient_data_actions)
            )
        )

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was kept: (kind, msgpack document) of every record, of other kinds too, in any order."""
        for kind, document in records:
            if kind == TARGET_KIND:
                self._registry.put_target(msgspec.msgpack.decode(document, type=ScalableTarget))
            elif kind == POLICY_KIND:
                self._registry.put_policy(msgspec.msgpack.decode(document, type=ScalingPolicy))
            elif kind == ACTION_KIND:
                self._scheduling.restore(msgspec.msgpack.decode(document, type=ScheduledAction))
            elif kind == STATE_KIND:
                self._ledger.restore(msgspec.msgpack.decode(document, type=ScalingState))
            else:
                self._board.restore(kind, document)

    def next_deadline(self) -> Instant | None:
        """Give when `tick` must next run: when alarms are next looked at, or a scheduled action comes due."""
        deadlines = (self._board.next_deadline(), self._scheduling.next_deadline())
        return min((each for each in deadlines if each is not None), default=None)

    def handle(self, event: AutoscalerEvent, now: Instant) -> Iterator[Command]:
        """Take in an event; the commands must be read to the end, each carried out before the next is asked for."""
        match event:
            case TargetPut(target=target):
                yield from self._put_target(target, now)
            case TargetRemoved(key=key):
                yield from self._remove_target(key, now)
            case PolicyPut(policy=policy, alarms=alarms):
                yield from self._put_policy(policy, alarms, now)
            case PolicyRemoved(target=key, name=name):
                yield from self._remove_policy(key, name, now)
            case ScheduledActionPut() | ScheduledActionRemoved():
                yield from self._scheduling.handle(event)
            case DemandSeen():
                yield from self._wake(event, now)
            case BacklogSeen():
                yield from self._follow(event, now)
            case CapacityObserved(key=key):
                yield from self._ledger.observed(key, now) if key in self.targets else ()
            case _:
                yield from self._run((yield from self._board.handle(event, now)), now)

    def tick(self, now: Instant) -> Iterator[Command]:
        """Carry out what is scheduled, then run the policies of alarms that are due; read as the commands of `handle` are."""
        yield from self._scheduling.tick(now)
        deadline = self._board.next_deadline()
        if deadline is None or deadline > now:
            return
        yield from self._run((yield from self._board.tick(now)), now)
        for key in self._ledger.waiting():
            yield from self._ledger.observed(key, now)

    def _run(self, firings: Iterable[Firing], now: Instant) -> Iterator[Command]:
        """Run alarms' actions: the policies among them, target by target."""
        triggered: dict[TargetKey, list[tuple[ScalingPolicy, Firing]]] = {}
        for firing in firings:
            policy = self._registry.policy_of_action(firing.action)
            if policy is not None:
                triggered.setdefault(policy.target, []).append((policy, firing))
            else:
                yield from self._board.acted(firing, NOT_RUN, now)
        for key, triggers in triggered.items():
            yield from self._scale(key, triggers, now)

    def _scale(self, key: TargetKey, triggers: list[tuple[ScalingPolicy, Firing]], now: Instant) -> Iterator[Command]:
        target = self.targets.get(key)
        if target is None:
            return
        capacity = self._ledger.look(key, now)
        candidates: dict[Direction, list[Candidate]] = {Direction.OUT: [], Direction.IN: []}
        for policy, firing in triggers:
            if capacity is None:
                outcome: Candidate | Refusal | None = self._unscalable(policy, firing)
            else:
                outcome = self._judge.judge(target, capacity, policy, firing, now)
            yield from self._board.acted(firing, _failure(outcome), now)
            if isinstance(outcome, Refusal):
                yield from self._ledger.refuse(key, policy.name, outcome, now)
            elif outcome is not None:
                candidates[outcome.direction].append(outcome)
        chosen = largest(candidates[Direction.OUT] or candidates[Direction.IN])
        if chosen is not None:
            yield from self._ledger.begin(key, chosen, now)

    def _unscalable(self, policy: ScalingPolicy, firing: Firing) -> Refusal:
        message = activities.not_scalable(policy.target, self._partition)
        cause = activities.alarm_cause(firing.alarm.name, firing.alarm.state.value, policy.name)
        return Refusal(cause=cause, details=message, reason=None, message=message)

    def _put_target(self, target: ScalableTarget, now: Instant) -> Iterator[Command]:
        before = self.targets.get(target.key)
        self._registry.put_target(target)
        yield _keep(TARGET_KIND, record_key(target.key), target)
        if before is not None and before.tags != target.tags:
            return  # tags are changed by themselves, and change no capacity
        self._ledger.forgive(target.key)
        capacity = self._view.capacity(target.key)
        chosen = None if capacity is None else clamp(target, capacity.desired)
        if chosen is not None:
            yield from self._ledger.begin(target.key, chosen, now)

    def _remove_target(self, key: TargetKey, now: Instant) -> Iterator[Command]:
        for policy in self.policies_of(key):
            yield from self._remove_policy(key, policy.name, now)
        yield from self._scheduling.remove_all(key)
        if self._registry.pop_target(key) is not None:
            yield Remove(kind=TARGET_KIND, key=record_key(key))
        yield from self._ledger.forget(key, now)

    def _put_policy(self, policy: ScalingPolicy, alarms: tuple[Alarm, ...], now: Instant) -> Iterator[Command]:
        before = self._registry.put_policy(policy)
        self._ledger.forgive(policy.target, policy.name)
        yield _keep(POLICY_KIND, record_key(policy.target, policy.name), policy)
        if before is not None:
            yield from self._board.remove([name for name in before.alarms if name not in policy.alarms], now)
        for alarm in alarms:
            yield from self._board.put(alarm, now)

    def _remove_policy(self, key: TargetKey, name: str, now: Instant) -> Iterator[Command]:
        policy = self._registry.pop_policy(key, name)
        if policy is None:
            return
        yield Remove(kind=POLICY_KIND, key=record_key(key, name))
        yield from self._board.remove(policy.alarms, now)
        yield from self._ledger.forget_policy(key, name)

    def _wake(self, event: DemandSeen, now: Instant) -> Iterator[Command]:
        key = workload_target(event.workload)
        target = self.targets.get(key)
        capacity = None if target is None else self._view.capacity(key)
        if target is None or capacity is None or capacity.desired > 0 or event.waiting <= 0:
            return
        proposal = wake(target, capacity.desired, event.waiting, target.suspended)
        if proposal is None:
            yield from self._ledger.refuse(key, "", _cannot_wake(target, event.waiting), now)
            return
        details = f"demand brings back {proposal.capacity} within {target.least} to {target.most}"
        chosen = Candidate(
            policy="", direction=Direction.OUT, capacity=proposal.capacity, cause=proposal.cause, details=details, cooldown=0
        )
        yield from self._ledger.begin(key, chosen, now)

    def _follow(self, event: BacklogSeen, now: Instant) -> Iterator[Command]:
        """Follow asynchronous requests, unless the target's owner has brought a policy to do it by."""
        target, capacity = self.targets.get(event.key), self._view.capacity(event.key)
        if target is None or capacity is None or self.policies_of(event.key):
            return
        counts = {"waiting": event.waiting, "running": event.running, "slots": event.slots}
        chosen = follow(target, capacity.desired, idle=event.idle, **counts)
        if chosen is not None:
            yield from self._ledger.begin(event.key, chosen, now)


def workload_target(workload: WorkloadId) -> TargetKey:
    """Give the scalable target that a workload's capacity is registered under."""
    kind, _, rest = workload.partition("/")
    if kind == "ic":
        return TargetKey(f"inference-component/{rest}", Dimension.COPIES)
    endpoint, _, variant = rest.partition("/")
    return TargetKey(f"endpoint/{endpoint}/variant/{variant}", Dimension.INSTANCES)


def _failure(outcome: Candidate | Refusal | None) -> str | None:
    """Give why a policy could not act on its alarm; what it would not do for a reason is no failure."""
    if isinstance(outcome, Refusal) and outcome.reason is not None and outcome.reason.code == activities.NO_STEP:
        return outcome.details
    return None


def _cannot_wake(target: ScalableTarget, waiting: int) -> Refusal:
    cause = f"invocations wait for {target.key.resource_id} at zero {nouns(target.key.dimension)}"
    if target.suspended.dynamic_out:
        reason = NotScaledReason(code=activities.SUSPENDED)
        details = f"{waiting} waiting; scaling out is suspended"
    else:
        reason = NotScaledReason(code=activities.ALREADY_AT_MAX, most=target.most)
        details = f"{waiting} waiting; the maximum capacity is {target.most}"
    return Refusal(cause=cause, details=details, reason=reason, description=activities.ON_DEMAND)


def _keep(kind: str, key: str, value: ScalableTarget | ScalingPolicy) -> Put:
    return Put(kind=kind, key=key, document=msgspec.msgpack.encode(value))

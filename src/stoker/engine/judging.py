"""What an alarm's trigger of a policy comes to: a candidate capacity, or the reason why nothing changes."""

import msgspec

from stoker.decisions.scaling import activities, cooldown, step, target_tracking
from stoker.decisions.scaling.activities import Refusal
from stoker.decisions.scaling.combine import Candidate, Readiness, agree
from stoker.decisions.scaling.proposals import Proposal, nouns
from stoker.decisions.scaling.target_tracking import Measured
from stoker.domain.alarms import AlarmState
from stoker.domain.scaling import (
    AdjustmentType,
    Direction,
    NotScaledReason,
    ScalableTarget,
    ScalingPolicy,
    StepScaling,
    TargetTracking,
)
from stoker.engine.alarming import Alarming, Firing
from stoker.engine.scaling_ledger import Capacity, Ledger
from stoker.engine.scaling_policies import Registry
from stoker.units import Instant, Span, to_seconds


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger and all it is judged by."""

    target: ScalableTarget
    capacity: Capacity
    policy: ScalingPolicy
    cause: str
    now: Instant

    def refuse(self, code: str, details: str) -> Refusal:
        return Refusal(cause=self.cause, details=details, reason=NotScaledReason(code=code))


class Judge:
    """Judges triggers; changes nothing."""

    __slots__ = ("_alarming", "_ledger", "_registry")

    def __init__(self, registry: Registry, alarming: Alarming, ledger: Ledger) -> None:
        self._registry = registry
        self._alarming = alarming
        self._ledger = ledger

    def judge(
        self, target: ScalableTarget, capacity: Capacity, policy: ScalingPolicy, firing: Firing, now: Instant
    ) -> Candidate | Refusal | None:
        """Give what a firing of a policy's alarm comes to; None when the alarm is none of target tracking's own."""
        cause = activities.alarm_cause(firing.alarm.name, firing.alarm.state.value, policy.name)
        case = _Case(target=target, capacity=capacity, policy=policy, cause=cause, now=now)
        if isinstance(policy.config, StepScaling):
            return self._step(case, policy.config, firing)
        if firing.alarm.name not in policy.alarms:
            return None
        direction = Direction.OUT if firing.alarm.name == policy.alarms[0] else Direction.IN
        return self._track(case, policy.config, direction, firing)

    def _step(self, case: _Case, config: StepScaling, firing: Firing) -> Candidate | Refusal:
        current = case.capacity.current
        proposal = step.propose(
            config,
            current,
            firing.verdict.values,
            threshold=firing.alarm.threshold,
            comparison=firing.alarm.comparison,
            dimension=case.target.key.dimension,
        )
        if isinstance(proposal, str):
            return case.refuse(activities.NO_STEP, proposal)
        if proposal.capacity == current:
            reason = NotScaledReason(code=activities.ALREADY_AT_DESIRED, current=current)
            return Refusal(cause=case.cause, details=proposal.cause, reason=reason)
        direction = Direction.OUT if proposal.capacity > current else Direction.IN
        held = self._held_back(case, direction)
        if held is not None:
            return held
        exact = config.adjustment_type is AdjustmentType.EXACT
        return self._bound(case, direction, proposal, config.cooldown, credited=not exact)

    def _track(self, case: _Case, config: TargetTracking, direction: Direction, firing: Firing) -> Candidate | Refusal:
        held = self._held_back(case, direction)
        if held is not None:
            return held
        if direction is Direction.IN:
            agreed = agree(self._readiness(case, firing))
            if isinstance(agreed, str):
                return case.refuse(activities.NOT_AGREED, agreed)
            return self._bound(case, direction, agreed, config.scale_in_cooldown)
        proposal = self._tracking_proposal(case, config, direction, firing)
        if proposal is not None:
            return self._bound(case, direction, proposal, config.scale_out_cooldown)
        if case.capacity.current > 0:
            return _already(case, direction, "the metric's mean is not above the target")
        zero = f"zero {nouns(case.target.key.dimension)}"
        return case.refuse(activities.NO_PROPORTION, f"target tracking knows no proportion at {zero}")

    def _held_back(self, case: _Case, direction: Direction) -> Refusal | None:
        """Give why a direction is closed to a policy for now."""
        suspended = case.target.suspended
        if suspended.dynamic_out if direction is Direction.OUT else suspended.dynamic_in:
            return case.refuse(activities.SUSPENDED, f"scaling {direction.value} is suspended")
        if direction is Direction.IN:
            wait = cooldown.in_wait(self._ledger.cooldown(case.target.key, case.policy.name), case.now)
            if wait:
                return case.refuse(activities.COOLDOWN, f"the scale-in cooldown lasts {to_seconds(wait):.0f} s more")
        return None

    def _readiness(self, case: _Case, firing: Firing) -> list[Readiness]:
        """Ask every target tracking policy that may scale in whether it is ready to, the triggered one first."""
        others = [
            policy
            for policy in self._registry.policies_of(case.target.key)
            if policy.name != case.policy.name
            and isinstance(policy.config, TargetTracking)
            and not policy.config.disable_scale_in
        ]
        asked = [self._ready(case, case.policy, firing)]
        asked.extend(self._ready(case, policy, self._low_alarm(policy, case.now)) for policy in others)
        return asked

    def _low_alarm(self, policy: ScalingPolicy, now: Instant) -> Firing | None:
        alarm = self._alarming.alarms.get(policy.alarms[-1]) if policy.alarms else None
        verdict = None if alarm is None else self._alarming.look(alarm, now)
        return None if alarm is None or verdict is None else Firing(action="", alarm=alarm, verdict=verdict)

    def _ready(self, case: _Case, policy: ScalingPolicy, low: Firing | None) -> Readiness:
        config = policy.config
        if low is None or not isinstance(config, TargetTracking) or not low.verdict.points:
            return Readiness(policy=policy.name, objection="it has no data")
        if low.alarm.state is not AlarmState.ALARM:
            return Readiness(policy=policy.name, objection=f"its low alarm is in state {low.alarm.state.value}")
        wait = cooldown.in_wait(self._ledger.cooldown(case.target.key, policy.name), case.now)
        if wait:
            return Readiness(policy=policy.name, objection=f"its scale-in cooldown lasts {to_seconds(wait):.0f} s more")
        proposal = self._tracking_proposal(case, config, Direction.IN, low)
        if proposal is None:
            return Readiness(policy=policy.name, objection=f"its metric wants no less than {case.capacity.current}")
        return Readiness(policy=policy.name, proposal=proposal)

    def _tracking_proposal(self, case: _Case, config: TargetTracking, direction: Direction, firing: Firing) -> Proposal | None:
        trail = self._ledger.trail(case.target.key)
        period = firing.alarm.period
        return target_tracking.propose(
            config,
            direction,
            case.capacity.current,
            [Measured(point.value, trail.during(point.start, point.start + period)) for point in firing.verdict.points],
            evaluated=firing.alarm.evaluation_periods,
            dimension=case.target.key.dimension,
        )

    def _bound(
        self, case: _Case, direction: Direction, proposal: Proposal, span: Span, *, credited: bool = True
    ) -> Candidate | Refusal:
        """Fit a proposal into what the cooldown's window added already, the target's bounds, and what is desired already."""
        wanted, details = proposal.capacity, proposal.cause
        target, capacity = case.target, case.capacity
        if direction is Direction.OUT and credited:
            had = cooldown.credit(self._ledger.cooldown(target.key, case.policy.name), case.now)
            if had:
                more = wanted - capacity.current
                details += f"; {had} of the {more} more were added within the cooldown already"
                if more <= had:
                    return case.refuse(activities.COOLDOWN, details)
                wanted -= had
        fitting = min(max(wanted, target.least), target.most)
        if fitting != wanted:
            details += f"; {target.least} to {target.most} are allowed, so {fitting}"
        if fitting <= capacity.desired if direction is Direction.OUT else fitting >= capacity.desired:
            return _already(case, direction, f"{details}; {capacity.desired} are desired already")
        if direction is Direction.IN and fitting == 0 and capacity.busy:
            return case.refuse(activities.FLAPPING, f"{details}; but invocations are under way, or just woke it")
        return Candidate(
            policy=case.policy.name,
            direction=direction,
            capacity=fitting,
            cause=case.cause,
            details=details,
            cooldown=span,
        )


def _already(case: _Case, direction: Direction, details: str) -> Refusal:
    return Refusal(
        cause=case.cause,
        details=details,
        reason=activities.already(case.target, direction, case.capacity.desired),
    )

"""An autoscaler, its metrics and one pretended inference component, on virtual time."""

from collections.abc import Callable, Iterable

import msgspec

from stoker.decisions.metrics import MetricBook, StatisticSet
from stoker.decisions.scaling.target_tracking import tracking_alarms
from stoker.domain.alarms import Alarm, Comparison, HistoryItem, MetricKey, Statistic
from stoker.domain.ids import AlarmName, Partition
from stoker.domain.scaling import (
    ActivityStatus,
    AdjustmentType,
    Aggregation,
    Dimension,
    PredefinedMetric,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    StepAdjustment,
    StepScaling,
    SuspendedState,
    TargetKey,
    TargetTracking,
)
from stoker.engine.autoscaler import (
    Autoscaler,
    AutoscalerEvent,
    Capacity,
    CapacityObserved,
    ScalingOptions,
)
from stoker.engine.commands import Append, Command, Put, Remove, SetCapacity
from stoker.engine.events import AlarmPut, PolicyPut, TargetPut
from stoker.units import MINUTE, SECOND, Instant, Span

EPOCH = 1_800_000_000 * SECOND
KEY = TargetKey("inference-component/x", Dimension.COPIES)
DIMENSIONS = (("InferenceComponentName", "x"),)
CONCURRENCY = MetricKey(namespace="AWS/SageMaker", name="ConcurrentRequestsPerCopy", dimensions=DIMENSIONS)
INVOCATIONS = MetricKey(namespace="AWS/SageMaker", name="InvocationsPerCopy", dimensions=DIMENSIONS)
NO_CAPACITY = MetricKey(namespace="AWS/SageMaker", name="NoCapacityInvocationFailures", dimensions=DIMENSIONS)
PARTITION = Partition()

Load = Callable[[float, int], float | None]
"""Concurrency per copy of (seconds since the begin, copies that serve); None for no data."""


class CountedIds:
    def __init__(self) -> None:
        self.count = 0

    def uuid(self) -> str:
        self.count += 1
        return f"00000000-0000-4000-8000-{self.count:012d}"

    def token(self) -> str:
        self.count += 1
        return f"{self.count:017x}"


class World:
    """Plays the platform: carries out capacities after `start_up`, samples concurrency every 10 s, ticks when it is time."""

    def __init__(self, *, copies: int = 1, start_up: Span = 0, options: ScalingOptions | None = None) -> None:
        self.now: Instant = EPOCH
        self.book = MetricBook()
        self.ids = CountedIds()
        self.options = options or ScalingOptions()
        self.engine = self.fresh_engine()
        self.state: Capacity | None = Capacity(desired=copies, current=copies)
        self.start_up = start_up
        self.ready_at: Instant | None = None
        self.load: Load = lambda _s, _copies: 0.0
        self.invocations: Load | None = None
        self.set: list[tuple[float, int, str]] = []
        self.records: dict[tuple[str, str], bytes] = {}
        self.history: dict[str, ScalingActivity] = {}
        self.alarm_history: list[HistoryItem] = []
        self.writes = 0
        self._sampled = EPOCH

    def fresh_engine(self) -> Autoscaler:
        return Autoscaler(view=self, book=self.book, ids=self.ids, partition=PARTITION, options=self.options)

    def capacity(self, key: TargetKey, /) -> Capacity | None:
        return self.state if key == KEY else None

    def restart(self) -> None:
        """Come up again from what was kept; metrics are lost."""
        self.book = MetricBook()
        self.engine = self.fresh_engine()
        self.engine.restore((kind, document) for (kind, _), document in reversed(self.records.items()))

    def handle(self, event: AutoscalerEvent) -> list[Command]:
        return self._carry_out(self.engine.handle(event, self.now))

    def run(self, span: Span) -> None:
        """Let time pass, from deadline to deadline."""
        end = self.now + span
        while True:
            due = [self._sampled + 10 * SECOND, self.engine.next_deadline(), self.ready_at]
            soonest = min(each for each in due if each is not None)
            if soonest > end:
                break
            self.now = max(soonest, self.now)
            if self.ready_at is not None and self.ready_at <= self.now:
                self._become_ready()
            if self._sampled + 10 * SECOND <= self.now:
                self._sample()
            self._carry_out(self.engine.tick(self.now))
        self.now = end

    @property
    def seconds(self) -> float:
        return (self.now - EPOCH) / SECOND

    @property
    def activities(self) -> list[ScalingActivity]:
        """What DescribeScalingActivities shows, oldest first."""
        return [each for each in self.history.values() if not each.not_scaled]

    @property
    def statuses(self) -> list[ActivityStatus]:
        return [each.status for each in self.activities]

    @property
    def refusals(self) -> list[ScalingActivity]:
        return [each for each in self.history.values() if each.not_scaled]

    def _sample(self) -> None:
        self._sampled += 10 * SECOND
        at = self._sampled - 5 * SECOND
        current = 0 if self.state is None else self.state.current
        value = self.load((at - EPOCH) / SECOND, current) if current else None
        if value is not None:
            self.record(CONCURRENCY, value, at, 10 * SECOND)
        calls = self.invocations((at - EPOCH) / SECOND, current) if current and self.invocations is not None else None
        if calls is not None:
            self.record(INVOCATIONS, calls, at, MINUTE)

    def record(self, key: MetricKey, value: float, at: Instant, resolution: Span) -> None:
        self.book.record(key, at, StatisticSet(count=1.0, total=value, least=value, most=value), resolution)

    def _become_ready(self) -> None:
        self.ready_at = None
        if self.state is not None:
            self.state = msgspec.structs.replace(self.state, current=self.state.desired)
        self._carry_out(self.engine.handle(CapacityObserved(key=KEY), self.now))

    def _carry_out(self, commands: Iterable[Command]) -> list[Command]:
        seen: list[Command] = []
        for command in commands:
            seen.append(command)
            match command:
                case SetCapacity(capacity=capacity, cause=cause):
                    self.set.append((self.seconds, capacity, cause))
                    assert self.state is not None
                    self.state = msgspec.structs.replace(self.state, desired=capacity)
                    if self.start_up:
                        self.ready_at = self.now + self.start_up
                    else:
                        self.state = msgspec.structs.replace(self.state, current=capacity)
                    seen.extend(self._carry_out(self.engine.handle(CapacityObserved(key=KEY), self.now)))
                case Put(kind=kind, key=key, document=document):
                    self.writes += 1
                    self.records[kind, key] = document
                case Remove(kind=kind, key=key):
                    self.records.pop((kind, key), None)
                case Append(kind="alarm-history", document=document):
                    self.alarm_history.append(msgspec.msgpack.decode(document, type=HistoryItem))
                case Append(entry=entry, document=document):
                    self.writes += 1
                    self.history[entry] = msgspec.msgpack.decode(document, type=ScalingActivity)
                case _:
                    pass
        return seen

    # What users of the API would do.

    def register(self, least: int = 0, most: int = 8, suspended: SuspendedState | None = None) -> None:
        target = ScalableTarget(
            key=KEY,
            arn=PARTITION.scalable_target("t"),
            least=least,
            most=most,
            created=self.now,
            suspended=suspended or SuspendedState(),
        )
        self.handle(TargetPut(target=target))

    def track(
        self,
        name: str = "concurrency",
        target: float = 5.0,
        metric: PredefinedMetric = PredefinedMetric.COMPONENT_CONCURRENCY,
        *,
        cooldown: Span = 300 * SECOND,
        disable_scale_in: bool = False,
    ) -> ScalingPolicy:
        config = TargetTracking(
            target_value=target,
            metric=metric,
            scale_out_cooldown=cooldown,
            scale_in_cooldown=cooldown,
            disable_scale_in=disable_scale_in,
        )
        policy = self._policy(name, config)
        alarms = tracking_alarms(policy, self.ids, self.options, self.now)
        policy = msgspec.structs.replace(policy, alarms=tuple(alarm.name for alarm in alarms))
        self.handle(PolicyPut(policy=policy, alarms=alarms))
        return policy

    def step(
        self,
        name: str = "from-zero",
        steps: tuple[StepAdjustment, ...] = (StepAdjustment(lower=0.0, adjustment=1),),
        kind: AdjustmentType = AdjustmentType.CHANGE,
        cooldown: Span = 60 * SECOND,
    ) -> ScalingPolicy:
        config = StepScaling(adjustment_type=kind, steps=steps, cooldown=cooldown, aggregation=Aggregation.MAXIMUM)
        policy = self._policy(name, config)
        self.handle(PolicyPut(policy=policy))
        return policy

    def alarm(
        self,
        policy: ScalingPolicy,
        metric: MetricKey = NO_CAPACITY,
        *,
        name: str = "no-capacity",
        period: Span = 30 * SECOND,
        threshold: float = 1.0,
        comparison: Comparison = Comparison.GREATER_OR_EQUAL,
        actions_enabled: bool = True,
    ) -> Alarm:
        alarm = Alarm(
            name=AlarmName(name),
            metric=metric,
            statistic=Statistic.MAXIMUM,
            period=period,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            threshold=threshold,
            comparison=comparison,
            configured=self.now,
            alarm_actions=(policy.arn,),
            actions_enabled=actions_enabled,
        )
        self.handle(AlarmPut(alarm=alarm))
        return alarm

    def _policy(self, name: str, config: TargetTracking | StepScaling) -> ScalingPolicy:
        arn = PARTITION.scaling_policy(self.ids.uuid(), KEY.resource_id, name)
        return ScalingPolicy(name=name, target=KEY, arn=arn, created=self.now, config=config)

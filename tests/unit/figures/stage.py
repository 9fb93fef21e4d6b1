"""The whole engine on virtual time with the policies of AWS's scale-to-zero walkthrough, and a gateway that reports to it."""

import heapq
from collections.abc import Callable

import msgspec

from stoker.decisions.scaling.target_tracking import tracking_alarms
from stoker.domain.alarms import Alarm, Comparison, MetricKey, Statistic
from stoker.domain.ids import AlarmName, ComponentName, EndpointName, Partition, WorkloadId
from stoker.domain.instances import Copy
from stoker.domain.scaling import (
    AdjustmentType,
    Aggregation,
    CustomMetric,
    Dimension,
    PredefinedMetric,
    ScalingActivity,
    ScalingPolicy,
    StepAdjustment,
    StepScaling,
    TargetKey,
    TargetTracking,
)
from stoker.engine.autoscaler import ScalingOptions
from stoker.engine.commands import Explained, StartCopy
from stoker.engine.events import AlarmPut, MetricsPut, PolicyPut, SampleSet, TrafficSeen
from stoker.engine.traffic import WorkloadCounts
from stoker.units import MINUTE, SECOND, Instant, Span
from tests.unit.engine.world import VARIANT, World

COMPONENT = "ic"
WORKLOAD = WorkloadId("ic/ic")
KEY = TargetKey("inference-component/ic", Dimension.COPIES)
DIMENSIONS = (("InferenceComponentName", COMPONENT),)
NO_CAPACITY = MetricKey(namespace="AWS/SageMaker", name="NoCapacityInvocationFailures", dimensions=DIMENSIONS)


class Stage(World):
    """An endpoint with managed scaling from 0 to 3 instances, and one component on it."""

    def __init__(self, *, copies: int, most: int = 8, managed: tuple[int, int] = (0, 3)) -> None:
        super().__init__()
        self.endpoint(managed=managed, instances=0)
        self.component(copies=copies, cpus=1.0)
        self.target(most=most)
        self.run(5 * MINUTE)
        assert self.serving() == copies

    @property
    def desired(self) -> int:
        return self.platform.fleet.components[ComponentName(COMPONENT)].desired_copies

    @property
    def changes(self) -> list[tuple[Instant, int]]:
        """The capacities that scaling set, and when."""
        return [(activity.start, activity.after) for activity in self._told() if not activity.not_scaled]

    @property
    def refusals(self) -> list[ScalingActivity]:
        return [activity for activity in self._told() if activity.not_scaled]

    def _told(self) -> list[ScalingActivity]:
        newest = {command.activity.activity_id: command.activity for command in self.given(Explained)}
        return list(newest.values())

    def late(self, span: Span) -> None:
        """Let time pass without anybody asking the engine, and ask it then."""
        self.now += span
        while self.to_come and self.to_come[0][0] <= self.now:
            self._happen(heapq.heappop(self.to_come)[2])
        self._do(self.platform.tick(self.now))

    def until_desired(self, count: int, within: Span, every: Span = SECOND, each: Callable[[], None] | None = None) -> Span:
        """Let time pass, with `each` done every so often, until so many copies are desired; give how long that took."""
        begin = self.now
        while self.now - begin < within:
            self.run(every)
            if each is not None:
                each()
            if self.desired == count:
                return self.changes[-1][0] - begin
        raise AssertionError(f"{self.desired} copies are desired, not {count}")

    def wait_for(self, offset: Span, period: Span = MINUTE) -> None:
        """Let time pass to the next instant that lies `offset` after a multiple of the period."""
        self.run((offset - self.now) % period)

    def report(self, *, in_flight: int = 0, invocations: int = 0, no_capacity: int = 0, errors: int = 0) -> None:
        """Have the gateway tell what it counted up to now."""
        counts = WorkloadCounts(
            workload=WORKLOAD,
            endpoint=EndpointName("e"),
            variant=VARIANT,
            in_flight=in_flight,
            most_in_flight=in_flight,
            invocations=invocations,
            no_capacity=no_capacity,
            errors_5xx=errors,
            model_errors=errors,
        )
        self.handle(TrafficSeen(gateway="g", at=self.now, counts=(counts,)))

    def publish(self, key: MetricKey, value: float, at: Instant) -> None:
        sample = SampleSet(key=key, at=at, count=1.0, total=value, least=value, most=value, resolution=MINUTE)
        self.handle(MetricsPut(samples=(sample,)))

    def track(
        self, metric: PredefinedMetric | CustomMetric = PredefinedMetric.COMPONENT_CONCURRENCY, target: float = 5.0
    ) -> ScalingPolicy:
        """Put a target tracking policy with cooldowns of 300 s."""
        name = metric.value if isinstance(metric, PredefinedMetric) else "custom"
        policy = self._policy(name, TargetTracking(target_value=target, metric=metric))
        alarms = tracking_alarms(policy, self.ids, ScalingOptions(), self.now)
        policy = msgspec.structs.replace(policy, alarms=tuple(alarm.name for alarm in alarms))
        self.handle(PolicyPut(policy=policy, alarms=alarms))
        return policy

    def leave_zero(
        self,
        *,
        period: Span = 30 * SECOND,
        statistic: Statistic = Statistic.MAXIMUM,
        comparison: Comparison = Comparison.GREATER_OR_EQUAL,
    ) -> Alarm:
        """Put the step policy that adds a copy, and the alarm on refused invocations that triggers it."""
        step = StepScaling(
            adjustment_type=AdjustmentType.CHANGE,
            steps=(StepAdjustment(lower=0.0, adjustment=1),),
            cooldown=60 * SECOND,
            aggregation=Aggregation.MAXIMUM,
        )
        policy = self._policy("from-zero", step)
        self.handle(PolicyPut(policy=policy))
        alarm = Alarm(
            name=AlarmName("no-capacity"),
            metric=NO_CAPACITY,
            statistic=statistic,
            period=period,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            threshold=1.0,
            comparison=comparison,
            configured=self.now,
            alarm_actions=(policy.arn,),
        )
        self.handle(AlarmPut(alarm=alarm))
        return alarm

    def _policy(self, name: str, config: TargetTracking | StepScaling) -> ScalingPolicy:
        arn = Partition().scaling_policy(self.ids.uuid(), KEY.resource_id, name)
        return ScalingPolicy(name=name, target=KEY, arn=arn, created=self.now, config=config)

    def first_copy(self) -> Copy:
        [copy] = self.copies()
        return copy

    def starts(self) -> int:
        return len(self.given(StartCopy))


def phase(copy: Copy, name: str) -> Instant:
    """Give when a copy's start passed a phase."""
    return dict(copy.phases)[name]

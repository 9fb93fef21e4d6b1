"""Policies as a user names them, and what they put on a component: a scalable target with AWS's policies, or a follower's tag.

`target-tracking(target=5)` is AWS's policy on this platform: invocations at zero are held, and wake the component. With
`metric=invocations` it goes by the invocations of a minute for each copy, as all did before metrics came every ten seconds.
`sagemaker(target=5)` is AWS's walkthrough of scaling to zero: invocations at zero fail, their failures raise an alarm, and its
step policy starts a copy.
Everything else is a follower of `stoker.decisions.policies`.
"""

from typing import Final, TypeAlias

import msgspec

from stoker.decisions.policies.chosen import parse
from stoker.decisions.policies.rule import LEAST, MAX_BOUND, MOST, POLICY
from stoker.decisions.scaling.target_tracking import ScalingOptions, tracking_alarms
from stoker.domain.alarms import Alarm, Comparison, MetricKey, Statistic
from stoker.domain.ids import AlarmName, ComponentName, IdSource, Partition
from stoker.domain.scaling import (
    AdjustmentType,
    Aggregation,
    Dimension,
    PredefinedMetric,
    ScalableTarget,
    ScalingPolicy,
    StepAdjustment,
    StepScaling,
    TargetKey,
    TargetTracking,
)
from stoker.engine.events import AlarmPut, Event, PolicyPut, TargetPut
from stoker.errors import InvalidParameterError
from stoker.sim.lane import AtNothing
from stoker.units import SECOND, Instant, Span, seconds

TARGET_TRACKING: Final = "target-tracking"
SAGEMAKER: Final = "sagemaker"
AWS_POLICIES: Final = (TARGET_TRACKING, SAGEMAKER)
MAX_VALUE: Final = 1_000_000.0


class AwsPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """AWS's policies on a component. Spans are in ns; `target` None is the number of a copy's slots.

    `metric` is what is tracked: invocations in flight for each copy, or those of a minute. Defaults are those of AWS's
    scale-to-zero walkthrough: 3 datapoints of 10 s above, 90 below, cooldowns of 300 s; with `steps`, one failure within 30 s
    sets one copy, cooldown 60 s. `lag` is added to each start: what AWS takes to publish and to react.
    """

    text: str
    steps: bool
    target: float | None = None
    metric: PredefinedMetric = PredefinedMetric.COMPONENT_CONCURRENCY
    out_cooldown: Span = 300 * SECOND
    in_cooldown: Span = 300 * SECOND
    high: int = 3
    low: int = 90
    lag: Span = 0

    @property
    def at_nothing(self) -> AtNothing:
        """What an invocation at zero does unless told otherwise."""
        return AtNothing.RETRY if self.steps else AtNothing.HOLD

    @property
    def by_service(self) -> bool:
        """Whether it goes by how long invocations take."""
        return False

    def tags(self, most: int) -> dict[str, str]:  # noqa: ARG002 - a follower's has use for it
        """Give the component's tags."""
        return {}

    def arrange(self, name: ComponentName, *, slots: int, most: int, ids: IdSource, now: Instant) -> list[Event]:
        """Give what registers the component and puts the policies on it."""
        partition = Partition()
        key = TargetKey(f"inference-component/{name}", Dimension.COPIES)
        target = ScalableTarget(key=key, arn=partition.scalable_target(ids.uuid()), least=0, most=most, created=now)
        tracking = ScalingPolicy(
            name="tracking",
            target=key,
            arn=partition.scaling_policy(ids.uuid(), key.resource_id, "tracking"),
            created=now,
            config=TargetTracking(
                target_value=float(slots) if self.target is None else self.target,
                metric=self.metric,
                scale_out_cooldown=self.out_cooldown,
                scale_in_cooldown=self.in_cooldown,
            ),
        )
        alarms = tracking_alarms(tracking, ids, ScalingOptions(alarm_high_periods=self.high, alarm_low_periods=self.low), now)
        tracking = msgspec.structs.replace(tracking, alarms=tuple(alarm.name for alarm in alarms))
        events: list[Event] = [TargetPut(target=target), PolicyPut(policy=tracking, alarms=alarms)]
        if self.steps:
            events.extend(_from_zero(key, name, partition, ids, now))
        return events


class TaggedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A follower, named by a tag on its component as on the running server."""

    text: str
    lag: Span = 0

    @property
    def at_nothing(self) -> AtNothing:
        """What an invocation at zero does unless told otherwise."""
        return AtNothing.HOLD

    @property
    def by_service(self) -> bool:
        """Whether it goes by how long invocations take."""
        return parse(self.text).by_service

    def tags(self, most: int) -> dict[str, str]:
        """Give the component's tags: they are all that the engine needs."""
        return {POLICY: self.text, LEAST: "0", MOST: str(min(most, MAX_BOUND))}

    def arrange(self, name: ComponentName, *, slots: int, most: int, ids: IdSource, now: Instant) -> list[Event]:  # noqa: ARG002
        """Give nothing: there is no scalable target."""
        return []


Policy: TypeAlias = AwsPolicy | TaggedPolicy
"""What a simulation can run."""


def _from_zero(key: TargetKey, name: ComponentName, partition: Partition, ids: IdSource, now: Instant) -> list[Event]:
    """Give the step policy and the alarm of AWS's walkthrough: the first failure for want of capacity starts a copy."""
    policy = ScalingPolicy(
        name="from-zero",
        target=key,
        arn=partition.scaling_policy(ids.uuid(), key.resource_id, "from-zero"),
        created=now,
        config=StepScaling(
            adjustment_type=AdjustmentType.CHANGE,
            steps=(StepAdjustment(adjustment=1, lower=0.0),),
            cooldown=60 * SECOND,
            aggregation=Aggregation.MAXIMUM,
        ),
    )
    alarm = Alarm(
        name=AlarmName(f"from-zero-{name}"),
        metric=MetricKey(
            namespace="AWS/SageMaker",
            name="NoCapacityInvocationFailures",
            dimensions=(("InferenceComponentName", name),),
        ),
        statistic=Statistic.MAXIMUM,
        period=30 * SECOND,
        evaluation_periods=1,
        threshold=1.0,
        comparison=Comparison.GREATER_OR_EQUAL,
        configured=now,
        alarm_actions=(policy.arn,),
    )
    return [PolicyPut(policy=policy), AlarmPut(alarm=alarm)]


def parse_aws(text: str) -> AwsPolicy:
    """Read `target-tracking(...)` or `sagemaker(...)`; raises `InvalidParameterError` naming the option that is wrong."""
    name, _, rest = text.strip().partition("(")
    if rest and not rest.endswith(")"):
        raise InvalidParameterError(f"--policy: {text!r} lacks its closing parenthesis.", field="--policy")
    given: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in rest.removesuffix(")").split(","))):
        option, _, value = (each.strip() for each in part.partition("="))
        if option not in _OPTIONS or option in given:
            known = ", ".join(_OPTIONS)
            raise InvalidParameterError(f"--policy: {name} takes each of {known} once, not {part!r}.", field="--policy")
        given[option] = value
    if name.strip() not in AWS_POLICIES:
        raise InvalidParameterError(f"--policy: there is no policy {name.strip()!r}.", field="--policy")
    metric = _metric(text, given)
    numbers = {option: _number(value.removesuffix("s"), option) for option, value in given.items()}
    periods = numbers.get("high", 3.0), numbers.get("low", 90.0)
    if any(not (each.is_integer() and 1 <= each <= _MOST_PERIODS) for each in periods) or numbers.get("target", 1.0) <= 0:
        raise InvalidParameterError(
            f"--policy: {text!r} needs a target above 0, and high and low in whole numbers from 1 to {_MOST_PERIODS}.",
            field="--policy",
        )
    return AwsPolicy(
        text=text.strip(),
        steps=name.strip() == SAGEMAKER,
        target=numbers.get("target"),
        metric=metric,
        out_cooldown=seconds(numbers.get("out", 300.0)),
        in_cooldown=seconds(numbers.get("in", 300.0)),
        high=int(periods[0]),
        low=int(periods[1]),
        lag=seconds(numbers.get("lag", 0.0)),
    )


_OPTIONS: Final = ("target", "out", "in", "high", "low", "lag", "metric")
_MOST_PERIODS: Final = 8640
_METRICS: Final = {
    "concurrency": PredefinedMetric.COMPONENT_CONCURRENCY,
    "invocations": PredefinedMetric.COMPONENT_INVOCATIONS,
}


def _metric(text: str, given: dict[str, str]) -> PredefinedMetric:
    """Take out what is tracked, and see that the other options go with it."""
    named = given.pop("metric", "concurrency")
    metric = _METRICS.get(named)
    if metric is None:
        raise InvalidParameterError(f"--policy: metric is {named!r}, not one of {', '.join(_METRICS)}.", field="--policy")
    if metric is PredefinedMetric.COMPONENT_INVOCATIONS and ("target" not in given or {"high", "low"} & given.keys()):
        raise InvalidParameterError(
            f"--policy: {text!r} needs a target, the invocations of a minute for each copy, and takes neither high nor low: its "
            "alarms look at 3 and at 15 minutes.",
            field="--policy",
        )
    return metric


def _number(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= MAX_VALUE:
        raise InvalidParameterError(f"--policy: {option} is {text!r}, not a number from 0 to {MAX_VALUE:.0f}.", field="--policy")
    return value

"""Use cases of Application Auto Scaling: scalable targets, their policies, and the record of what those did.

The sentences of the errors are AWS's own where AWS has one, so that a caller who matches them finds them.
"""

import math
from collections.abc import Collection, Mapping

import msgspec

from stoker.decisions.metric_math.plan import check_work
from stoker.decisions.scaling import step
from stoker.decisions.scaling.target_tracking import tracking_alarms, watched
from stoker.domain.alarms import Alarm
from stoker.domain.ids import SCALABLE_TARGET, SCALING_POLICY, Partition
from stoker.domain.scaling import (
    Dimension,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    StepScaling,
    SuspendedState,
    TargetKey,
    TargetTracking,
)
from stoker.engine.events import PolicyPut, PolicyRemoved, TargetPut, TargetRemoved
from stoker.errors import InvalidParameterError, LimitError, NotFoundError
from stoker.service.alarms import MAX_ALARMS
from stoker.service.desk import Desk
from stoker.service.metrics import MAX_NUMBER
from stoker.service.scalable import check_bounds, check_resource, missing_target
from stoker.units import Instant

NAMESPACE = "sagemaker"
"""The one service namespace whose resources are scaled here."""

MAX_TARGETS = 500
MAX_POLICIES = 50
"""Scalable targets of one installation, and policies of one target (AWS's quotas)."""

MAX_TAGS = 50
"""Tags of one target (AWS's limit)."""

TAGS = "tags"
"""The name of that limit, in its error."""

_TRACKED_PERIODS = 17
"""Minutes that the low alarm of target tracking looks at."""

_CHUNK = 200
_MAX_SCANNED = 100_000


class SuspendedChange(msgspec.Struct, frozen=True, kw_only=True):
    """New positions of a target's three switches; None leaves one as it is."""

    dynamic_in: bool | None = None
    dynamic_out: bool | None = None
    scheduled: bool | None = None


class TargetRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants of a target; None keeps what it has. Both bounds must be given for a new one."""

    key: TargetKey
    least: int | None = None
    most: int | None = None
    suspended: SuspendedChange | None = None
    tags: dict[str, str] = {}


class TargetFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which targets a caller asks for; None and the empty collection are all."""

    resource_ids: Collection[str] = ()
    dimension: Dimension | None = None

    def takes(self, key: TargetKey) -> bool:
        """Whether a target is among those asked for."""
        if self.resource_ids and key.resource_id not in self.resource_ids:
            return False
        return self.dimension is None or key.dimension is self.dimension


class ActivityMark(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page of activities ended: the start of its last one, and the ids of all given so far that began then."""

    at: Instant
    ids: tuple[str, ...]


class ActivityQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which activities a caller asks for. `resource_id` None is all; refused triggers are told on demand."""

    resource_id: str | None = None
    dimension: Dimension | None = None
    not_scaled: bool = False

    def takes(self, activity: ScalingActivity) -> bool:
        """Whether an activity is among those asked for."""
        if self.dimension is not None and activity.target.dimension is not self.dimension:
            return False
        return self.not_scaled or not activity.not_scaled


class Autoscaling:
    """Registers targets, keeps their policies, and tells what they did."""

    __slots__ = ("_desk", "_partition")

    def __init__(self, desk: Desk, partition: Partition) -> None:
        self._desk = desk
        self._partition = partition

    async def register(self, request: TargetRequest) -> ScalableTarget:
        """Make a target, or change what is given of one; capacity out of its bounds moves to the nearer one.

        Raises `InvalidParameterError` for a resource that is not there, for bounds that are missing or cannot be, and for tags
        of a target that exists; `LimitError` for one too many.
        """
        check_resource(self._desk.platform, self._partition, request.key)
        known = self._desk.platform.autoscaler.targets
        before = known.get(request.key)
        if before is None:
            if len(known) >= MAX_TARGETS:
                raise LimitError(f"There are {MAX_TARGETS} scalable targets already.", limit="targets", maximum=MAX_TARGETS)
            target = self._new(request)
        else:
            target = _changed(before, request)
        check_bounds(self._desk.platform, target.key, target.least, target.most)
        await self._desk.submit(TargetPut(target=target))
        return target

    def targets(self, wanted: TargetFilter) -> list[ScalableTarget]:
        """Give the targets asked for, in a fixed order."""
        found = [target for key, target in self._desk.platform.autoscaler.targets.items() if wanted.takes(key)]
        return sorted(found, key=lambda target: target.key)

    async def deregister(self, key: TargetKey) -> None:
        """Forget a target, its policies and their alarms."""
        if key not in self._desk.platform.autoscaler.targets:
            raise missing_target("found", NAMESPACE, key.resource_id, key.dimension.value)
        await self._desk.submit(TargetRemoved(key=key))

    def tagged(self, arn: str) -> ScalableTarget:
        """Give the target that an ARN names."""
        for target in self._desk.platform.autoscaler.targets.values():
            if target.arn.lower() == arn.lower():
                return target
        raise NotFoundError(SCALABLE_TARGET, arn, f"Resource [{arn}] does not exist")

    async def tag(self, arn: str, tags: Mapping[str, str], *, without: Collection[str] = ()) -> None:
        """Set tags of the target that an ARN names, and take others away."""
        target = self.tagged(arn)
        left = {key: value for key, value in target.tags.items() if key not in without} | dict(tags)
        _check_tags(left)
        if left != target.tags:
            await self._desk.submit(TargetPut(target=msgspec.structs.replace(target, tags=left)))

    def policy(self, key: TargetKey, name: str) -> ScalingPolicy | None:
        """Give the policy of that name, None when there is none."""
        return self._desk.platform.autoscaler.policies.get((key, name))

    def policies(self, wanted: TargetFilter, names: Collection[str] = ()) -> list[ScalingPolicy]:
        """Give the policies of the targets asked for, in a fixed order; no `names` are all names."""
        held = self._desk.platform.autoscaler.policies
        found = [policy for (key, name), policy in held.items() if wanted.takes(key) and (not names or name in names)]
        return sorted(found, key=lambda policy: (policy.target, policy.name))

    def alarms_of(self, policy: ScalingPolicy) -> tuple[Alarm, ...]:
        """Give target tracking's own alarms (high, low), or those whose actions name a step policy."""
        return self._desk.platform.autoscaler.alarms_of(policy)

    async def put_policy(self, key: TargetKey, name: str, config: TargetTracking | StepScaling) -> ScalingPolicy:
        """Make a policy, or replace what it does: its ARN and its age stay, target tracking's alarms are made anew.

        Raises `NotFoundError` without a target, `InvalidParameterError` for a configuration that cannot be, `LimitError`.
        """
        scaler = self._desk.platform.autoscaler
        if key not in scaler.targets:
            raise missing_target("registered", NAMESPACE, key.resource_id, key.dimension.value)
        before = self.policy(key, name)
        siblings = [policy for policy in scaler.policies_of(key) if policy.name != name]
        if len(siblings) >= MAX_POLICIES:
            text = f"{key.resource_id} has {MAX_POLICIES} scaling policies already."
            raise LimitError(text, limit="policies", maximum=MAX_POLICIES)
        now = self._desk.now()
        policy = ScalingPolicy(
            name=name,
            target=key,
            arn=before.arn if before else self._partition.scaling_policy(self._desk.ids.uuid(), key.resource_id, name),
            created=before.created if before else now,
            config=config,
        )
        if before is not None and before.kind != policy.kind:
            raise InvalidParameterError(
                f"The type of the scaling policy {name} is {before.kind} and cannot be changed to {policy.kind}.",
                field="PolicyType",
            )
        alarms: tuple[Alarm, ...] = ()
        if isinstance(config, TargetTracking):
            _check_tracking(key, config, siblings)
            alarms = tracking_alarms(policy, self._desk.ids, scaler.options, now)
            if len(scaler.alarms) + len(alarms) - len(before.alarms if before else ()) > MAX_ALARMS:
                raise LimitError(f"There are {MAX_ALARMS} alarms already.", limit="alarms", maximum=MAX_ALARMS)
            policy = msgspec.structs.replace(policy, alarms=tuple(alarm.name for alarm in alarms))
        else:
            _check_steps(config)
        await self._desk.submit(PolicyPut(policy=policy, alarms=alarms))
        return policy

    async def delete_policy(self, key: TargetKey, name: str) -> None:
        """Forget a policy. Target tracking's alarms go with it; alarms that name a step policy stay."""
        if self.policy(key, name) is None:
            raise missing_policy(NAMESPACE, key.resource_id, key.dimension.value, name)
        await self._desk.submit(PolicyRemoved(target=key, name=name))

    async def activities(
        self, query: ActivityQuery, *, limit: int, after: ActivityMark | None = None
    ) -> tuple[list[ScalingActivity], ActivityMark | None]:
        """Give up to `limit` activities, newest first, and where they end (None when nothing follows)."""
        before = None if after is None else min(after.at, self._desk.now()) + 1
        given = frozenset(() if after is None else after.ids)
        chunk = _CHUNK
        while True:
            kept = await self._desk.history("activity", query.resource_id, limit=chunk, before=before)
            read = (msgspec.msgpack.decode(each, type=ScalingActivity) for each in kept)
            found = [each for each in read if query.takes(each) and each.activity_id not in given]
            if len(found) > limit or len(kept) < chunk or chunk >= _MAX_SCANNED:
                break
            chunk = min(_MAX_SCANNED, chunk * 4)
        page = found[:limit]
        if len(found) <= limit:
            return page, None
        at = page[-1].start
        ids = [each.activity_id for each in page if each.start == at]
        if after is not None and after.at == at:
            ids.extend(after.ids)
        return page, ActivityMark(at=at, ids=tuple(ids))

    def _new(self, request: TargetRequest) -> ScalableTarget:
        _check_tags(request.tags)
        if request.least is None:
            raise InvalidParameterError("Minimum capacity must be specified", field="MinCapacity")
        if request.most is None:
            raise InvalidParameterError("Maximum capacity must be specified", field="MaxCapacity")
        return ScalableTarget(
            key=request.key,
            arn=self._partition.scalable_target(self._desk.ids.uuid()),
            least=request.least,
            most=request.most,
            created=self._desk.now(),
            suspended=_switched(SuspendedState(), request.suspended),
            tags=request.tags,
        )


def missing_policy(namespace: str, resource_id: str, dimension: str, name: str) -> NotFoundError:
    """Give the error of a policy that is not there."""
    text = (
        f"No scaling policy found for service namespace: {namespace}, resource ID: {resource_id}, "
        f"scalable dimension: {dimension}, policy name: {name}"
    )
    return NotFoundError(SCALING_POLICY, name, text)


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise LimitError(f"A scalable target has at most {MAX_TAGS} tags, not {len(tags)}.", limit=TAGS, maximum=MAX_TAGS)


def _changed(before: ScalableTarget, request: TargetRequest) -> ScalableTarget:
    if request.tags:
        raise InvalidParameterError(
            "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
            "use the TagResource API.",
            field="Tags",
        )
    return msgspec.structs.replace(
        before,
        least=before.least if request.least is None else request.least,
        most=before.most if request.most is None else request.most,
        suspended=_switched(before.suspended, request.suspended),
    )


def _switched(before: SuspendedState, change: SuspendedChange | None) -> SuspendedState:
    if change is None:
        return before
    return SuspendedState(
        dynamic_in=before.dynamic_in if change.dynamic_in is None else change.dynamic_in,
        dynamic_out=before.dynamic_out if change.dynamic_out is None else change.dynamic_out,
        scheduled=before.scheduled if change.scheduled is None else change.scheduled,
    )


def _check_tracking(key: TargetKey, config: TargetTracking, siblings: list[ScalingPolicy]) -> None:
    if not config.target_value <= MAX_NUMBER:
        raise InvalidParameterError("TargetValue must be within -2^360 to 2^360", field="TargetValue")
    _check_cooldown("ScaleOutCooldown", config.scale_out_cooldown)
    _check_cooldown("ScaleInCooldown", config.scale_in_cooldown)
    reads = watched(key, config.metric)
    if isinstance(reads.metric, tuple):
        check_work(reads.metric, _TRACKED_PERIODS)
    for sibling in siblings:
        if isinstance(sibling.config, TargetTracking) and watched(key, sibling.config.metric) == reads:
            raise InvalidParameterError(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
                field="TargetTrackingScalingPolicyConfiguration",
            )


def _check_steps(config: StepScaling) -> None:
    if len(config.steps) > step.MAX_STEPS:
        text = f"A step scaling policy has at most {step.MAX_STEPS} step adjustments, not {len(config.steps)}."
        raise LimitError(text, limit="step adjustments", maximum=step.MAX_STEPS)
    for each in config.steps:
        if not all(bound is None or math.isfinite(bound) for bound in (each.lower, each.upper)):
            raise InvalidParameterError("The bounds of a step adjustment must be finite numbers", field="StepAdjustments")
    _check_cooldown("Cooldown", config.cooldown)
    step.validate(config)


def _check_cooldown(field: str, span: int) -> None:
    if span < 0:
        raise InvalidParameterError(f"{field} must be greater than or equal to 0", field=field)

"""Application Auto Scaling's operations on SageMaker's variants and inference components."""

from typing import Final

from stoker.domain.alarms import Alarm
from stoker.domain.ids import Partition
from stoker.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy
from stoker.errors import InvalidParameterError
from stoker.service.autoscaling import (
    NAMESPACE,
    ActivityMark,
    ActivityQuery,
    Autoscaling,
    SuspendedChange,
    TargetRequest,
    missing_policy,
)
from stoker.service.desk import Desk
from stoker.service.scalable import missing_target
from stoker.service.schedules import Schedules
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import AUTOSCALING
from stoker.wire.aws.generated import application_autoscaling as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.services.scaling_policies import configuration, described
from stoker.wire.aws.services.scaling_requests import BAD_TOKEN, PAGING, page_size, target_filter, target_key
from stoker.wire.aws.services.scaling_tags import TagOperations
from stoker.wire.aws.services.scheduled_actions import ActionOperations
from stoker.wire.aws.times import Timestamp

TARGETS_PAGE: Final = 50
POLICIES_PAGE: Final = 10
ACTIVITIES_PAGE: Final = 50
"""How many a page has, at most and by default."""

UNSUPPORTED: Final = "Unsupported service namespace, resource type or scalable dimension"


def handlers(desk: Desk, partition: Partition) -> Handlers:
    """Give the handlers of the operations that are served."""
    scaling = Autoscaling(desk, partition)
    operations = _Operations(scaling, partition)
    actions = ActionOperations(Schedules(desk, partition))
    tags = TagOperations(scaling)
    return {
        (AUTOSCALING, "RegisterScalableTarget"): operations.register,
        (AUTOSCALING, "DescribeScalableTargets"): operations.describe_targets,
        (AUTOSCALING, "DeregisterScalableTarget"): operations.deregister,
        (AUTOSCALING, "PutScalingPolicy"): operations.put_policy,
        (AUTOSCALING, "DescribeScalingPolicies"): operations.describe_policies,
        (AUTOSCALING, "DeleteScalingPolicy"): operations.delete_policy,
        (AUTOSCALING, "DescribeScalingActivities"): operations.describe_activities,
        (AUTOSCALING, "PutScheduledAction"): actions.put,
        (AUTOSCALING, "DescribeScheduledActions"): actions.describe,
        (AUTOSCALING, "DeleteScheduledAction"): actions.delete,
        (AUTOSCALING, "TagResource"): tags.tag,
        (AUTOSCALING, "UntagResource"): tags.untag,
        (AUTOSCALING, "ListTagsForResource"): tags.list,
    }


class _Operations:
    __slots__ = ("_partition", "_scaling")

    def __init__(self, scaling: Autoscaling, partition: Partition) -> None:
        self._scaling = scaling
        self._partition = partition

    async def register(self, given: wire.RegisterScalableTargetRequest, _: Context) -> wire.RegisterScalableTargetResponse:
        key = target_key(given.service_namespace, given.resource_id, given.scalable_dimension)
        if key is None:
            raise InvalidParameterError(UNSUPPORTED, field="ScalableDimension")
        suspended = given.suspended_state
        request = TargetRequest(
            key=key,
            least=given.min_capacity,
            most=given.max_capacity,
            suspended=None
            if suspended is None
            else SuspendedChange(
                dynamic_in=suspended.dynamic_scaling_in_suspended,
                dynamic_out=suspended.dynamic_scaling_out_suspended,
                scheduled=suspended.scheduled_scaling_suspended,
            ),
            tags=given.tags or {},
        )
        target = await self._scaling.register(request)
        return wire.RegisterScalableTargetResponse(scalable_target_arn=target.arn)

    async def describe_targets(
        self, given: wire.DescribeScalableTargetsRequest, _: Context
    ) -> wire.DescribeScalableTargetsResponse:
        size = page_size(given.max_results, TARGETS_PAGE)
        after = tokens.read(given.next_token, tuple[str, str], given, *PAGING, code=BAD_TOKEN)
        wanted = target_filter(given.service_namespace, given.resource_ids, given.scalable_dimension, "ResourceIds")
        found = [] if wanted is None else self._scaling.targets(wanted)
        left = [target for target in found if after is None or tuple(target.key) > after]
        page = left[:size]
        return wire.DescribeScalableTargetsResponse(
            scalable_targets=[self._target(target) for target in page],
            next_token=tokens.make(page[-1].key, given, *PAGING) if len(left) > size else None,
        )

    async def deregister(self, given: wire.DeregisterScalableTargetRequest, _: Context) -> wire.DeregisterScalableTargetResponse:
        key = target_key(given.service_namespace, given.resource_id, given.scalable_dimension)
        if key is None:
            raise missing_target("found", given.service_namespace, given.resource_id, given.scalable_dimension)
        await self._scaling.deregister(key)
        return wire.DeregisterScalableTargetResponse()

    async def put_policy(self, given: wire.PutScalingPolicyRequest, _: Context) -> wire.PutScalingPolicyResponse:
        key = target_key(given.service_namespace, given.resource_id, given.scalable_dimension)
        if key is None:
            raise missing_target("registered", given.service_namespace, given.resource_id, given.scalable_dimension)
        config = configuration(given, self._scaling.policy(key, given.policy_name))
        policy = await self._scaling.put_policy(key, given.policy_name, config)
        own = self._scaling.alarms_of(policy) if policy.alarms else ()
        return wire.PutScalingPolicyResponse(policy_arn=policy.arn, alarms=[self._alarm(alarm) for alarm in own])

    async def describe_policies(
        self, given: wire.DescribeScalingPoliciesRequest, _: Context
    ) -> wire.DescribeScalingPoliciesResponse:
        size = page_size(given.max_results, POLICIES_PAGE)
        after = tokens.read(given.next_token, tuple[str, str, str], given, *PAGING, code=BAD_TOKEN)
        one = None if given.resource_id is None else [given.resource_id]
        wanted = target_filter(given.service_namespace, one, given.scalable_dimension, "ResourceId")
        found = [] if wanted is None else self._scaling.policies(wanted, given.policy_names or ())
        left = [policy for policy in found if after is None or (*policy.target, policy.name) > after]
        page = left[:size]
        return wire.DescribeScalingPoliciesResponse(
            scaling_policies=[self._policy(policy) for policy in page],
            next_token=tokens.make((*page[-1].target, page[-1].name), given, *PAGING) if len(left) > size else None,
        )

    async def delete_policy(self, given: wire.DeleteScalingPolicyRequest, _: Context) -> wire.DeleteScalingPolicyResponse:
        key = target_key(given.service_namespace, given.resource_id, given.scalable_dimension)
        if key is None:
            raise missing_policy(given.service_namespace, given.resource_id, given.scalable_dimension, given.policy_name)
        await self._scaling.delete_policy(key, given.policy_name)
        return wire.DeleteScalingPolicyResponse()

    async def describe_activities(
        self, given: wire.DescribeScalingActivitiesRequest, _: Context
    ) -> wire.DescribeScalingActivitiesResponse:
        size = page_size(given.max_results, ACTIVITIES_PAGE)
        after = tokens.read(given.next_token, ActivityMark, given, *PAGING, code=BAD_TOKEN)
        one = None if given.resource_id is None else [given.resource_id]
        wanted = target_filter(given.service_namespace, one, given.scalable_dimension, "ResourceId")
        if wanted is None:
            return wire.DescribeScalingActivitiesResponse(scaling_activities=[])
        query = ActivityQuery(
            resource_id=given.resource_id,
            dimension=wanted.dimension,
            not_scaled=bool(given.include_not_scaled_activities),
        )
        page, mark = await self._scaling.activities(query, limit=size, after=after)
        return wire.DescribeScalingActivitiesResponse(
            scaling_activities=[_activity(each) for each in page],
            next_token=None if mark is None else tokens.make(mark, given, *PAGING),
        )

    def _target(self, target: ScalableTarget) -> wire.ScalableTarget:
        return wire.ScalableTarget(
            service_namespace=NAMESPACE,
            resource_id=target.key.resource_id,
            scalable_dimension=target.key.dimension.value,
            min_capacity=target.least,
            max_capacity=target.most,
            # AWS shows its own role whatever role was given, for every service that has one of its own.
            role_arn=(
                f"arn:aws:iam::{self._partition.account}:role/aws-service-role/"
                "sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
            ),
            creation_time=Timestamp(target.created),
            suspended_state=wire.SuspendedState(
                dynamic_scaling_in_suspended=target.suspended.dynamic_in,
                dynamic_scaling_out_suspended=target.suspended.dynamic_out,
                scheduled_scaling_suspended=target.suspended.scheduled,
            ),
            scalable_target_arn=target.arn,
        )

    def _policy(self, policy: ScalingPolicy) -> wire.ScalingPolicy:
        tracking, steps = described(policy.config)
        return wire.ScalingPolicy(
            policy_arn=policy.arn,
            policy_name=policy.name,
            service_namespace=NAMESPACE,
            resource_id=policy.target.resource_id,
            scalable_dimension=policy.target.dimension.value,
            policy_type=policy.kind,
            target_tracking_scaling_policy_configuration=tracking,
            step_scaling_policy_configuration=steps,
            alarms=[self._alarm(alarm) for alarm in self._scaling.alarms_of(policy)],
            creation_time=Timestamp(policy.created),
        )

    def _alarm(self, alarm: Alarm) -> wire.Alarm:
        return wire.Alarm(alarm_name=alarm.name, alarm_arn=self._partition.alarm(alarm.name))


def _activity(activity: ScalingActivity) -> wire.ScalingActivity:
    reasons = [
        wire.NotScaledReason(
            code=reason.code, max_capacity=reason.most, min_capacity=reason.least, current_capacity=reason.current
        )
        for reason in activity.not_scaled
    ]
    return wire.ScalingActivity(
        activity_id=activity.activity_id,
        service_namespace=NAMESPACE,
        resource_id=activity.target.resource_id,
        scalable_dimension=activity.target.dimension.value,
        description=activity.description,
        cause=activity.cause,
        start_time=Timestamp(activity.start),
        end_time=None if activity.end is None else Timestamp(activity.end),
        status_code=activity.status.value,
        status_message=activity.message or None,
        details=activity.details or None,
        not_scaled_reasons=reasons or None,
    )

"""Shapes, limits and operations of scheduler, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class AwsVpcConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AwsVpcConfiguration."""

    subnets: _s.Given[list[str]] = _f(name="Subnets", default=_s.ABSENT)
    security_groups: list[str] | None = _f(name="SecurityGroups", default=None)
    assign_public_ip: str | None = _f(name="AssignPublicIp", default=None)


class CapacityProviderStrategyItem(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CapacityProviderStrategyItem."""

    capacity_provider: _s.Given[str] = _f(name="capacityProvider", default=_s.ABSENT)
    weight: _s.Int | None = _f(name="weight", default=None)
    base: _s.Int | None = _f(name="base", default=None)


class CreateScheduleGroupInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateScheduleGroupInput."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    client_token: str | None = _f(name="ClientToken", default=None)


class CreateScheduleGroupOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateScheduleGroupOutput."""

    schedule_group_arn: _s.Given[str] = _f(name="ScheduleGroupArn", default=_s.ABSENT)


class CreateScheduleInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateScheduleInput."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    group_name: str | None = _f(name="GroupName", default=None)
    schedule_expression: _s.Given[str] = _f(name="ScheduleExpression", default=_s.ABSENT)
    start_date: _t.Timestamp | None = _f(name="StartDate", default=None)
    end_date: _t.Timestamp | None = _f(name="EndDate", default=None)
    description: str | None = _f(name="Description", default=None)
    schedule_expression_timezone: str | None = _f(name="ScheduleExpressionTimezone", default=None)
    state: str | None = _f(name="State", default=None)
    kms_key_arn: str | None = _f(name="KmsKeyArn", default=None)
    target: _s.Given[Target] = _f(name="Target", default=_s.ABSENT)
    flexible_time_window: _s.Given[FlexibleTimeWindow] = _f(name="FlexibleTimeWindow", default=_s.ABSENT)
    client_token: str | None = _f(name="ClientToken", default=None)
    action_after_completion: str | None = _f(name="ActionAfterCompletion", default=None)


class CreateScheduleOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateScheduleOutput."""

    schedule_arn: _s.Given[str] = _f(name="ScheduleArn", default=_s.ABSENT)


class DeadLetterConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeadLetterConfig."""

    arn: str | None = _f(name="Arn", default=None)


class DeleteScheduleGroupInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScheduleGroupInput."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    client_token: str | None = _f(name="ClientToken", default=None)


class DeleteScheduleGroupOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScheduleGroupOutput."""


class DeleteScheduleInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScheduleInput."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    group_name: str | None = _f(name="GroupName", default=None)
    client_token: str | None = _f(name="ClientToken", default=None)


class DeleteScheduleOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteScheduleOutput."""


class EcsParameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EcsParameters."""

    task_definition_arn: _s.Given[str] = _f(name="TaskDefinitionArn", default=_s.ABSENT)
    task_count: _s.Int | None = _f(name="TaskCount", default=None)
    launch_type: str | None = _f(name="LaunchType", default=None)
    network_configuration: NetworkConfiguration | None = _f(name="NetworkConfiguration", default=None)
    platform_version: str | None = _f(name="PlatformVersion", default=None)
    group: str | None = _f(name="Group", default=None)
    capacity_provider_strategy: list[CapacityProviderStrategyItem] | None = _f(name="CapacityProviderStrategy", default=None)
    enable_ecs_managed_tags: bool | None = _f(name="EnableECSManagedTags", default=None)
    enable_execute_command: bool | None = _f(name="EnableExecuteCommand", default=None)
    placement_constraints: list[PlacementConstraint] | None = _f(name="PlacementConstraints", default=None)
    placement_strategy: list[PlacementStrategy] | None = _f(name="PlacementStrategy", default=None)
    propagate_tags: str | None = _f(name="PropagateTags", default=None)
    reference_id: str | None = _f(name="ReferenceId", default=None)
    tags: list[dict[str, str]] | None = _f(name="Tags", default=None)


class EventBridgeParameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EventBridgeParameters."""

    detail_type: _s.Given[str] = _f(name="DetailType", default=_s.ABSENT)
    source: _s.Given[str] = _f(name="Source", default=_s.ABSENT)


class EventBridgePutEventsV2Parameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EventBridgePutEventsV2Parameters."""

    detail_type: _s.Given[str] = _f(name="DetailType", default=_s.ABSENT)
    source: _s.Given[str] = _f(name="Source", default=_s.ABSENT)


class EventBridgePutRawEventsParameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EventBridgePutRawEventsParameters."""

    metadata: dict[str, str] | None = _f(name="Metadata", default=None)


class FlexibleTimeWindow(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's FlexibleTimeWindow."""

    mode: _s.Given[str] = _f(name="Mode", default=_s.ABSENT)
    maximum_window_in_minutes: _s.Int | None = _f(name="MaximumWindowInMinutes", default=None)


class GetScheduleGroupInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetScheduleGroupInput."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)


class GetScheduleGroupOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetScheduleGroupOutput."""

    arn: str | None = _f(name="Arn", default=None)
    name: str | None = _f(name="Name", default=None)
    state: str | None = _f(name="State", default=None)
    creation_date: _t.Timestamp | None = _f(name="CreationDate", default=None)
    last_modification_date: _t.Timestamp | None = _f(name="LastModificationDate", default=None)


class GetScheduleInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetScheduleInput."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    group_name: str | None = _f(name="GroupName", default=None)


class GetScheduleOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetScheduleOutput."""

    arn: str | None = _f(name="Arn", default=None)
    group_name: str | None = _f(name="GroupName", default=None)
    name: str | None = _f(name="Name", default=None)
    schedule_expression: str | None = _f(name="ScheduleExpression", default=None)
    start_date: _t.Timestamp | None = _f(name="StartDate", default=None)
    end_date: _t.Timestamp | None = _f(name="EndDate", default=None)
    description: str | None = _f(name="Description", default=None)
    schedule_expression_timezone: str | None = _f(name="ScheduleExpressionTimezone", default=None)
    state: str | None = _f(name="State", default=None)
    creation_date: _t.Timestamp | None = _f(name="CreationDate", default=None)
    last_modification_date: _t.Timestamp | None = _f(name="LastModificationDate", default=None)
    kms_key_arn: str | None = _f(name="KmsKeyArn", default=None)
    target: Target | None = _f(name="Target", default=None)
    flexible_time_window: FlexibleTimeWindow | None = _f(name="FlexibleTimeWindow", default=None)
    action_after_completion: str | None = _f(name="ActionAfterCompletion", default=None)


class KinesisParameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's KinesisParameters."""

    partition_key: _s.Given[str] = _f(name="PartitionKey", default=_s.ABSENT)


class ListScheduleGroupsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListScheduleGroupsInput."""

    name_prefix: str | None = _f(name="NamePrefix", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)


class ListScheduleGroupsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListScheduleGroupsOutput."""

    next_token: str | None = _f(name="NextToken", default=None)
    schedule_groups: _s.Given[list[ScheduleGroupSummary]] = _f(name="ScheduleGroups", default=_s.ABSENT)


class ListSchedulesInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListSchedulesInput."""

    group_name: str | None = _f(name="GroupName", default=None)
    name_prefix: str | None = _f(name="NamePrefix", default=None)
    state: str | None = _f(name="State", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)


class ListSchedulesOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListSchedulesOutput."""

    next_token: str | None = _f(name="NextToken", default=None)
    schedules: _s.Given[list[ScheduleSummary]] = _f(name="Schedules", default=_s.ABSENT)


class ListTagsForResourceInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsForResourceInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceArn", default=_s.ABSENT)


class ListTagsForResourceOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsForResourceOutput."""

    tags: list[Tag] | None = _f(name="Tags", default=None)


class NetworkConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's NetworkConfiguration."""

    awsvpc_configuration: AwsVpcConfiguration | None = _f(name="awsvpcConfiguration", default=None)


class PlacementConstraint(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PlacementConstraint."""

    type: str | None = _f(name="type", default=None)
    expression: str | None = _f(name="expression", default=None)


class PlacementStrategy(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PlacementStrategy."""

    type: str | None = _f(name="type", default=None)
    field: str | None = _f(name="field", default=None)


class RetryPolicy(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's RetryPolicy."""

    maximum_event_age_in_seconds: _s.Int | None = _f(name="MaximumEventAgeInSeconds", default=None)
    maximum_retry_attempts: _s.Int | None = _f(name="MaximumRetryAttempts", default=None)


class SageMakerPipelineParameter(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SageMakerPipelineParameter."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class SageMakerPipelineParameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SageMakerPipelineParameters."""

    pipeline_parameter_list: list[SageMakerPipelineParameter] | None = _f(name="PipelineParameterList", default=None)


class ScheduleGroupSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScheduleGroupSummary."""

    arn: str | None = _f(name="Arn", default=None)
    name: str | None = _f(name="Name", default=None)
    state: str | None = _f(name="State", default=None)
    creation_date: _t.Timestamp | None = _f(name="CreationDate", default=None)
    last_modification_date: _t.Timestamp | None = _f(name="LastModificationDate", default=None)


class ScheduleSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ScheduleSummary."""

    arn: str | None = _f(name="Arn", default=None)
    name: str | None = _f(name="Name", default=None)
    group_name: str | None = _f(name="GroupName", default=None)
    state: str | None = _f(name="State", default=None)
    creation_date: _t.Timestamp | None = _f(name="CreationDate", default=None)
    last_modification_date: _t.Timestamp | None = _f(name="LastModificationDate", default=None)
    target: TargetSummary | None = _f(name="Target", default=None)


class SqsParameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SqsParameters."""

    message_group_id: str | None = _f(name="MessageGroupId", default=None)


class Tag(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Tag."""

    key: _s.Given[str] = _f(name="Key", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class TagResourceInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TagResourceInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceArn", default=_s.ABSENT)
    tags: _s.Given[list[Tag]] = _f(name="Tags", default=_s.ABSENT)


class TagResourceOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TagResourceOutput."""


class Target(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Target."""

    arn: _s.Given[str] = _f(name="Arn", default=_s.ABSENT)
    role_arn: _s.Given[str] = _f(name="RoleArn", default=_s.ABSENT)
    dead_letter_config: DeadLetterConfig | None = _f(name="DeadLetterConfig", default=None)
    retry_policy: RetryPolicy | None = _f(name="RetryPolicy", default=None)
    input: str | None = _f(name="Input", default=None)
    ecs_parameters: EcsParameters | None = _f(name="EcsParameters", default=None)
    event_bridge_parameters: EventBridgeParameters | None = _f(name="EventBridgeParameters", default=None)
    event_bridge_put_events_v2_parameters: EventBridgePutEventsV2Parameters | None = _f(name="EventBridgePutEventsV2Parameters", default=None)
    event_bridge_put_raw_events_parameters: EventBridgePutRawEventsParameters | None = _f(name="EventBridgePutRawEventsParameters", default=None)
    kinesis_parameters: KinesisParameters | None = _f(name="KinesisParameters", default=None)
    sage_maker_pipeline_parameters: SageMakerPipelineParameters | None = _f(name="SageMakerPipelineParameters", default=None)
    sqs_parameters: SqsParameters | None = _f(name="SqsParameters", default=None)


class TargetSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TargetSummary."""

    arn: _s.Given[str] = _f(name="Arn", default=_s.ABSENT)


class UntagResourceInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UntagResourceInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceArn", default=_s.ABSENT)
    tag_keys: _s.Given[list[str]] = _f(name="TagKeys", default=_s.ABSENT)


class UntagResourceOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UntagResourceOutput."""


class UpdateScheduleInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateScheduleInput."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    group_name: str | None = _f(name="GroupName", default=None)
    schedule_expression: _s.Given[str] = _f(name="ScheduleExpression", default=_s.ABSENT)
    start_date: _t.Timestamp | None = _f(name="StartDate", default=None)
    end_date: _t.Timestamp | None = _f(name="EndDate", default=None)
    description: str | None = _f(name="Description", default=None)
    schedule_expression_timezone: str | None = _f(name="ScheduleExpressionTimezone", default=None)
    state: str | None = _f(name="State", default=None)
    kms_key_arn: str | None = _f(name="KmsKeyArn", default=None)
    target: _s.Given[Target] = _f(name="Target", default=_s.ABSENT)
    flexible_time_window: _s.Given[FlexibleTimeWindow] = _f(name="FlexibleTimeWindow", default=_s.ABSENT)
    client_token: str | None = _f(name="ClientToken", default=None)
    action_after_completion: str | None = _f(name="ActionAfterCompletion", default=None)


class UpdateScheduleOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateScheduleOutput."""

    schedule_arn: _s.Given[str] = _f(name="ScheduleArn", default=_s.ABSENT)


# Limits, for the constraint walk.

_Name = _c.Text(least=1, most=64, pattern=r"[0-9a-zA-Z-_.]+")
_ScheduleGroupName = _c.Text(least=1, most=64, pattern=r"[0-9a-zA-Z-_.]+")
_ScheduleExpression = _c.Text(least=1, most=256)
_Description = _c.Text(least=0, most=512)
_ScheduleExpressionTimezone = _c.Text(least=1, most=50)
_ScheduleState = _c.Text(choices=("ENABLED", "DISABLED",))
_KmsKeyArn = _c.Text(least=1, most=2048, pattern=r"arn:aws[a-z-]*:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*", python=r"(?a:arn:aws[a-z-]*:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*)")
_TargetArn = _c.Text(least=1, most=1600)
_RoleArn = _c.Text(least=1, most=1600, pattern=r"arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@\/-]+", python=r"(?a:arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@\/-]+)")
_DeadLetterConfigArnString = _c.Text(least=1, most=1600, pattern=r"arn:aws[a-z-]*:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+", python=r"(?a:arn:aws[a-z-]*:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+)")
_DeadLetterConfig = _c.Shape(members=(
    _c.Member(attribute="arn", name="arn", check=_DeadLetterConfigArnString),
))
_MaximumEventAgeInSeconds = _c.Range(least=60, most=86400)
_MaximumRetryAttempts = _c.Range(least=0, most=185)
_RetryPolicy = _c.Shape(members=(
    _c.Member(attribute="maximum_event_age_in_seconds", name="maximumEventAgeInSeconds", check=_MaximumEventAgeInSeconds),
    _c.Member(attribute="maximum_retry_attempts", name="maximumRetryAttempts", check=_MaximumRetryAttempts),
))
_TargetInput = _c.Text(least=1)
_TaskDefinitionArn = _c.Text(least=1, most=1600)
_TaskCount = _c.Range(least=1, most=10)
_LaunchType = _c.Text(choices=("EC2", "FARGATE", "EXTERNAL",))
_Subnet = _c.Text(least=1, most=1000)
_Subnets = _c.Items(least=1, most=16, member=_Subnet)
_SecurityGroup = _c.Text(least=1, most=1000)
_SecurityGroups = _c.Items(least=1, most=5, member=_SecurityGroup)
_AssignPublicIp = _c.Text(choices=("ENABLED", "DISABLED",))
_AwsVpcConfiguration = _c.Shape(members=(
    _c.Member(attribute="subnets", name="subnets", required=True, check=_Subnets),
    _c.Member(attribute="security_groups", name="securityGroups", check=_SecurityGroups),
    _c.Member(attribute="assign_public_ip", name="assignPublicIp", check=_AssignPublicIp),
))
_NetworkConfiguration = _c.Shape(members=(
    _c.Member(attribute="awsvpc_configuration", name="awsvpcConfiguration", check=_AwsVpcConfiguration),
))
_PlatformVersion = _c.Text(least=1, most=64)
_Group = _c.Text(least=1, most=255)
_CapacityProvider = _c.Text(least=1, most=255)
_CapacityProviderStrategyItemWeight = _c.Range(least=0, most=1000)
_CapacityProviderStrategyItemBase = _c.Range(least=0, most=100000)
_CapacityProviderStrategyItem = _c.Shape(members=(
    _c.Member(attribute="capacity_provider", name="capacityProvider", required=True, check=_CapacityProvider),
    _c.Member(attribute="weight", name="weight", check=_CapacityProviderStrategyItemWeight),
    _c.Member(attribute="base", name="base", check=_CapacityProviderStrategyItemBase),
))
_CapacityProviderStrategy = _c.Items(least=0, most=6, member=_CapacityProviderStrategyItem)
_PlacementConstraintType = _c.Text(choices=("distinctInstance", "memberOf",))
_PlacementConstraintExpression = _c.Text(least=0, most=2000)
_PlacementConstraint = _c.Shape(members=(
    _c.Member(attribute="type", name="type", check=_PlacementConstraintType),
    _c.Member(attribute="expression", name="expression", check=_PlacementConstraintExpression),
))
_PlacementConstraints = _c.Items(least=0, most=10, member=_PlacementConstraint)
_PlacementStrategyType = _c.Text(choices=("random", "spread", "binpack",))
_PlacementStrategyField = _c.Text(least=0, most=255)
_PlacementStrategy = _c.Shape(members=(
    _c.Member(attribute="type", name="type", check=_PlacementStrategyType),
    _c.Member(attribute="field", name="field", check=_PlacementStrategyField),
))
_PlacementStrategies = _c.Items(least=0, most=5, member=_PlacementStrategy)
_PropagateTags = _c.Text(choices=("TASK_DEFINITION",))
_ReferenceId = _c.Text(least=0, most=1024)
_TagKey = _c.Text(least=1, most=128)
_TagValue = _c.Text(least=1, most=256)
_TagMap = _c.Entries(key=_TagKey, value=_TagValue)
_Tags = _c.Items(least=0, most=50, member=_TagMap)
_EcsParameters = _c.Shape(members=(
    _c.Member(attribute="task_definition_arn", name="taskDefinitionArn", required=True, check=_TaskDefinitionArn),
    _c.Member(attribute="task_count", name="taskCount", check=_TaskCount),
    _c.Member(attribute="launch_type", name="launchType", check=_LaunchType),
    _c.Member(attribute="network_configuration", name="networkConfiguration", check=_NetworkConfiguration),
    _c.Member(attribute="platform_version", name="platformVersion", check=_PlatformVersion),
    _c.Member(attribute="group", name="group", check=_Group),
    _c.Member(attribute="capacity_provider_strategy", name="capacityProviderStrategy", check=_CapacityProviderStrategy),
    _c.Member(attribute="placement_constraints", name="placementConstraints", check=_PlacementConstraints),
    _c.Member(attribute="placement_strategy", name="placementStrategy", check=_PlacementStrategies),
    _c.Member(attribute="propagate_tags", name="propagateTags", check=_PropagateTags),
    _c.Member(attribute="reference_id", name="referenceId", check=_ReferenceId),
    _c.Member(attribute="tags", name="tags", check=_Tags),
))
_DetailType = _c.Text(least=1, most=128)
_Source = _c.Text(least=1, most=256, pattern=r"(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)", python=r"(?a:(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*))")
_EventBridgeParameters = _c.Shape(members=(
    _c.Member(attribute="detail_type", name="detailType", required=True, check=_DetailType),
    _c.Member(attribute="source", name="source", required=True, check=_Source),
))
_EventBridgePutEventsV2Parameters = _c.Shape(members=(
    _c.Member(attribute="detail_type", name="detailType", required=True, check=_DetailType),
    _c.Member(attribute="source", name="source", required=True, check=_Source),
))
_EventBridgeMetadataKey = _c.Text(least=1, most=128, pattern=r"[^/]+")
_EventBridgeMetadataValue = _c.Text(least=1)
_EventBridgeMetadataMap = _c.Entries(least=0, most=100, key=_EventBridgeMetadataKey, value=_EventBridgeMetadataValue)
_EventBridgePutRawEventsParameters = _c.Shape(members=(
    _c.Member(attribute="metadata", name="metadata", check=_EventBridgeMetadataMap),
))
_TargetPartitionKey = _c.Text(least=1, most=256)
_KinesisParameters = _c.Shape(members=(
    _c.Member(attribute="partition_key", name="partitionKey", required=True, check=_TargetPartitionKey),
))
_SageMakerPipelineParameterName = _c.Text(least=1, most=256, pattern=r"[A-Za-z0-9\-_]*")
_SageMakerPipelineParameterValue = _c.Text(least=1, most=1024)
_SageMakerPipelineParameter = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_SageMakerPipelineParameterName),
    _c.Member(attribute="value", name="value", required=True, check=_SageMakerPipelineParameterValue),
))
_SageMakerPipelineParameterList = _c.Items(least=0, most=200, member=_SageMakerPipelineParameter)
_SageMakerPipelineParameters = _c.Shape(members=(
    _c.Member(attribute="pipeline_parameter_list", name="pipelineParameterList", check=_SageMakerPipelineParameterList),
))
_MessageGroupId = _c.Text(least=1, most=128)
_SqsParameters = _c.Shape(members=(
    _c.Member(attribute="message_group_id", name="messageGroupId", check=_MessageGroupId),
))
_Target = _c.Shape(members=(
    _c.Member(attribute="arn", name="arn", required=True, check=_TargetArn),
    _c.Member(attribute="role_arn", name="roleArn", required=True, check=_RoleArn),
    _c.Member(attribute="dead_letter_config", name="deadLetterConfig", check=_DeadLetterConfig),
    _c.Member(attribute="retry_policy", name="retryPolicy", check=_RetryPolicy),
    _c.Member(attribute="input", name="input", check=_TargetInput),
    _c.Member(attribute="ecs_parameters", name="ecsParameters", check=_EcsParameters),
    _c.Member(attribute="event_bridge_parameters", name="eventBridgeParameters", check=_EventBridgeParameters),
    _c.Member(attribute="event_bridge_put_events_v2_parameters", name="eventBridgePutEventsV2Parameters", check=_EventBridgePutEventsV2Parameters),
    _c.Member(attribute="event_bridge_put_raw_events_parameters", name="eventBridgePutRawEventsParameters", check=_EventBridgePutRawEventsParameters),
    _c.Member(attribute="kinesis_parameters", name="kinesisParameters", check=_KinesisParameters),
    _c.Member(attribute="sage_maker_pipeline_parameters", name="sageMakerPipelineParameters", check=_SageMakerPipelineParameters),
    _c.Member(attribute="sqs_parameters", name="sqsParameters", check=_SqsParameters),
))
_FlexibleTimeWindowMode = _c.Text(choices=("OFF", "FLEXIBLE",))
_MaximumWindowInMinutes = _c.Range(least=1, most=1440)
_FlexibleTimeWindow = _c.Shape(members=(
    _c.Member(attribute="mode", name="mode", required=True, check=_FlexibleTimeWindowMode),
    _c.Member(attribute="maximum_window_in_minutes", name="maximumWindowInMinutes", check=_MaximumWindowInMinutes),
))
_ClientToken = _c.Text(least=1, most=64, pattern=r"[a-zA-Z0-9-_]+")
_ActionAfterCompletion = _c.Text(choices=("NONE", "DELETE",))
_CreateScheduleInput = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_Name),
    _c.Member(attribute="group_name", name="groupName", check=_ScheduleGroupName),
    _c.Member(attribute="schedule_expression", name="scheduleExpression", required=True, check=_ScheduleExpression),
    _c.Member(attribute="description", name="description", check=_Description),
    _c.Member(attribute="schedule_expression_timezone", name="scheduleExpressionTimezone", check=_ScheduleExpressionTimezone),
    _c.Member(attribute="state", name="state", check=_ScheduleState),
    _c.Member(attribute="kms_key_arn", name="kmsKeyArn", check=_KmsKeyArn),
    _c.Member(attribute="target", name="target", required=True, check=_Target),
    _c.Member(attribute="flexible_time_window", name="flexibleTimeWindow", required=True, check=_FlexibleTimeWindow),
    _c.Member(attribute="client_token", name="clientToken", check=_ClientToken),
    _c.Member(attribute="action_after_completion", name="actionAfterCompletion", check=_ActionAfterCompletion),
))
_Tag = _c.Shape(members=(
    _c.Member(attribute="key", name="key", required=True, check=_TagKey),
    _c.Member(attribute="value", name="value", required=True, check=_TagValue),
))
_TagList = _c.Items(least=0, most=200, member=_Tag)
_CreateScheduleGroupInput = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_ScheduleGroupName),
    _c.Member(attribute="tags", name="tags", check=_TagList),
    _c.Member(attribute="client_token", name="clientToken", check=_ClientToken),
))
_DeleteScheduleInput = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_Name),
    _c.Member(attribute="group_name", name="groupName", check=_ScheduleGroupName),
    _c.Member(attribute="client_token", name="clientToken", check=_ClientToken),
))
_DeleteScheduleGroupInput = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_ScheduleGroupName),
    _c.Member(attribute="client_token", name="clientToken", check=_ClientToken),
))
_GetScheduleInput = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_Name),
    _c.Member(attribute="group_name", name="groupName", check=_ScheduleGroupName),
))
_GetScheduleGroupInput = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_ScheduleGroupName),
))
_ScheduleGroupNamePrefix = _c.Text(least=1, most=64, pattern=r"[0-9a-zA-Z-_.]+")
_NextToken = _c.Text(least=1, most=2048)
_MaxResults = _c.Range(least=1, most=100)
_ListScheduleGroupsInput = _c.Shape(members=(
    _c.Member(attribute="name_prefix", name="namePrefix", check=_ScheduleGroupNamePrefix),
    _c.Member(attribute="next_token", name="nextToken", check=_NextToken),
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
))
_NamePrefix = _c.Text(least=1, most=64, pattern=r"[0-9a-zA-Z-_.]+")
_ListSchedulesInput = _c.Shape(members=(
    _c.Member(attribute="group_name", name="groupName", check=_ScheduleGroupName),
    _c.Member(attribute="name_prefix", name="namePrefix", check=_NamePrefix),
    _c.Member(attribute="state", name="state", check=_ScheduleState),
    _c.Member(attribute="next_token", name="nextToken", check=_NextToken),
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
))
_TagResourceArn = _c.Text(least=1, most=1011, pattern=r"arn:aws[a-z-]*:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+", python=r"(?a:arn:aws[a-z-]*:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+)")
_ListTagsForResourceInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceArn", required=True, check=_TagResourceArn),
))
_TagResourceInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceArn", required=True, check=_TagResourceArn),
    _c.Member(attribute="tags", name="tags", required=True, check=_TagList),
))
_TagKeyList = _c.Items(least=0, most=200, member=_TagKey)
_UntagResourceInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceArn", required=True, check=_TagResourceArn),
    _c.Member(attribute="tag_keys", name="tagKeys", required=True, check=_TagKeyList),
))
_UpdateScheduleInput = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_Name),
    _c.Member(attribute="group_name", name="groupName", check=_ScheduleGroupName),
    _c.Member(attribute="schedule_expression", name="scheduleExpression", required=True, check=_ScheduleExpression),
    _c.Member(attribute="description", name="description", check=_Description),
    _c.Member(attribute="schedule_expression_timezone", name="scheduleExpressionTimezone", check=_ScheduleExpressionTimezone),
    _c.Member(attribute="state", name="state", check=_ScheduleState),
    _c.Member(attribute="kms_key_arn", name="kmsKeyArn", check=_KmsKeyArn),
    _c.Member(attribute="target", name="target", required=True, check=_Target),
    _c.Member(attribute="flexible_time_window", name="flexibleTimeWindow", required=True, check=_FlexibleTimeWindow),
    _c.Member(attribute="client_token", name="clientToken", check=_ClientToken),
    _c.Member(attribute="action_after_completion", name="actionAfterCompletion", check=_ActionAfterCompletion),
))

ERRORS: dict[str, _s.ErrorShape] = {
    "ConflictException": _s.ErrorShape(shape="ConflictException", status=409, sender=True, message_member="Message"),
    "InternalServerException": _s.ErrorShape(shape="InternalServerException", status=500, sender=False, message_member="Message"),
    "ResourceNotFoundException": _s.ErrorShape(shape="ResourceNotFoundException", status=404, sender=True, message_member="Message"),
    "ServiceQuotaExceededException": _s.ErrorShape(shape="ServiceQuotaExceededException", status=402, sender=True, message_member="Message"),
    "ThrottlingException": _s.ErrorShape(shape="ThrottlingException", status=429, sender=True, message_member="Message"),
    "ValidationException": _s.ErrorShape(shape="ValidationException", status=400, sender=True, message_member="Message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "CreateSchedule": _s.Operation(
        name="CreateSchedule",
        input=CreateScheduleInput,
        checks=_CreateScheduleInput,
        output=CreateScheduleOutput,
        errors=("ServiceQuotaExceededException", "ValidationException", "InternalServerException", "ConflictException", "ThrottlingException", "ResourceNotFoundException",),
        method="POST",
        uri="/schedules/{Name}",
        status=200,
        bound_in=(
            _s.Binding(attribute="name", location="uri", name="Name"),
        ),
    ),
    "CreateScheduleGroup": _s.Operation(
        name="CreateScheduleGroup",
        input=CreateScheduleGroupInput,
        checks=_CreateScheduleGroupInput,
        output=CreateScheduleGroupOutput,
        errors=("ServiceQuotaExceededException", "ValidationException", "InternalServerException", "ConflictException", "ThrottlingException",),
        method="POST",
        uri="/schedule-groups/{Name}",
        status=200,
        bound_in=(
            _s.Binding(attribute="name", location="uri", name="Name"),
        ),
    ),
    "DeleteSchedule": _s.Operation(
        name="DeleteSchedule",
        input=DeleteScheduleInput,
        checks=_DeleteScheduleInput,
        output=DeleteScheduleOutput,
        errors=("ServiceQuotaExceededException", "ValidationException", "InternalServerException", "ConflictException", "ResourceNotFoundException", "ThrottlingException",),
        method="DELETE",
        uri="/schedules/{Name}",
        status=200,
        bound_in=(
            _s.Binding(attribute="name", location="uri", name="Name"),
            _s.Binding(attribute="group_name", location="querystring", name="groupName"),
            _s.Binding(attribute="client_token", location="querystring", name="clientToken"),
        ),
    ),
    "DeleteScheduleGroup": _s.Operation(
        name="DeleteScheduleGroup",
        input=DeleteScheduleGroupInput,
        checks=_DeleteScheduleGroupInput,
        output=DeleteScheduleGroupOutput,
        errors=("ValidationException", "InternalServerException", "ConflictException", "ResourceNotFoundException", "ThrottlingException",),
        method="DELETE",
        uri="/schedule-groups/{Name}",
        status=200,
        bound_in=(
            _s.Binding(attribute="name", location="uri", name="Name"),
            _s.Binding(attribute="client_token", location="querystring", name="clientToken"),
        ),
    ),
    "GetSchedule": _s.Operation(
        name="GetSchedule",
        input=GetScheduleInput,
        checks=_GetScheduleInput,
        output=GetScheduleOutput,
        errors=("ServiceQuotaExceededException", "ValidationException", "InternalServerException", "ResourceNotFoundException", "ThrottlingException",),
        method="GET",
        uri="/schedules/{Name}",
        status=200,
        bound_in=(
            _s.Binding(attribute="name", location="uri", name="Name"),
            _s.Binding(attribute="group_name", location="querystring", name="groupName"),
        ),
    ),
    "GetScheduleGroup": _s.Operation(
        name="GetScheduleGroup",
        input=GetScheduleGroupInput,
        checks=_GetScheduleGroupInput,
        output=GetScheduleGroupOutput,
        errors=("ValidationException", "InternalServerException", "ResourceNotFoundException", "ThrottlingException",),
        method="GET",
        uri="/schedule-groups/{Name}",
        status=200,
        bound_in=(
            _s.Binding(attribute="name", location="uri", name="Name"),
        ),
    ),
    "ListScheduleGroups": _s.Operation(
        name="ListScheduleGroups",
        input=ListScheduleGroupsInput,
        checks=_ListScheduleGroupsInput,
        output=ListScheduleGroupsOutput,
        errors=("ValidationException", "InternalServerException", "ThrottlingException",),
        method="GET",
        uri="/schedule-groups",
        status=200,
        bound_in=(
            _s.Binding(attribute="name_prefix", location="querystring", name="NamePrefix"),
            _s.Binding(attribute="next_token", location="querystring", name="NextToken"),
            _s.Binding(attribute="max_results", location="querystring", name="MaxResults", kind=_s.Int),
        ),
    ),
    "ListSchedules": _s.Operation(
        name="ListSchedules",
        input=ListSchedulesInput,
        checks=_ListSchedulesInput,
        output=ListSchedulesOutput,
        errors=("ValidationException", "InternalServerException", "ResourceNotFoundException", "ThrottlingException",),
        method="GET",
        uri="/schedules",
        status=200,
        bound_in=(
            _s.Binding(attribute="group_name", location="querystring", name="ScheduleGroup"),
            _s.Binding(attribute="name_prefix", location="querystring", name="NamePrefix"),
            _s.Binding(attribute="state", location="querystring", name="State"),
            _s.Binding(attribute="next_token", location="querystring", name="NextToken"),
            _s.Binding(attribute="max_results", location="querystring", name="MaxResults", kind=_s.Int),
        ),
    ),
    "ListTagsForResource": _s.Operation(
        name="ListTagsForResource",
        input=ListTagsForResourceInput,
        checks=_ListTagsForResourceInput,
        output=ListTagsForResourceOutput,
        errors=("ValidationException", "InternalServerException", "ResourceNotFoundException", "ThrottlingException",),
        method="GET",
        uri="/tags/{ResourceArn}",
        status=200,
        bound_in=(
            _s.Binding(attribute="resource_arn", location="uri", name="ResourceArn"),
        ),
    ),
    "TagResource": _s.Operation(
        name="TagResource",
        input=TagResourceInput,
        checks=_TagResourceInput,
        output=TagResourceOutput,
        errors=("ValidationException", "InternalServerException", "ConflictException", "ResourceNotFoundException", "ThrottlingException",),
        method="POST",
        uri="/tags/{ResourceArn}",
        status=200,
        bound_in=(
            _s.Binding(attribute="resource_arn", location="uri", name="ResourceArn"),
        ),
    ),
    "UntagResource": _s.Operation(
        name="UntagResource",
        input=UntagResourceInput,
        checks=_UntagResourceInput,
        output=UntagResourceOutput,
        errors=("ValidationException", "InternalServerException", "ConflictException", "ResourceNotFoundException", "ThrottlingException",),
        method="DELETE",
        uri="/tags/{ResourceArn}",
        status=200,
        bound_in=(
            _s.Binding(attribute="resource_arn", location="uri", name="ResourceArn"),
            _s.Binding(attribute="tag_keys", location="querystring", name="TagKeys", kind=list[str]),
        ),
    ),
    "UpdateSchedule": _s.Operation(
        name="UpdateSchedule",
        input=UpdateScheduleInput,
        checks=_UpdateScheduleInput,
        output=UpdateScheduleOutput,
        errors=("ServiceQuotaExceededException", "ValidationException", "InternalServerException", "ConflictException", "ResourceNotFoundException", "ThrottlingException",),
        method="PUT",
        uri="/schedules/{Name}",
        status=200,
        bound_in=(
            _s.Binding(attribute="name", location="uri", name="Name"),
        ),
    ),
}

SERVICE = _s.Service(
    name="scheduler",
    version="2021-06-30",
    signing_name="scheduler",
    protocols=("rest-json",),
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "CreateSchedule",
        "CreateScheduleGroup",
        "DeleteSchedule",
        "DeleteScheduleGroup",
        "GetSchedule",
        "GetScheduleGroup",
        "ListScheduleGroups",
        "ListSchedules",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
        "UpdateSchedule",
    )),
    paths=(
        _s.Path(name="CreateSchedule", method="POST", uri="/schedules/{Name}"),
        _s.Path(name="CreateScheduleGroup", method="POST", uri="/schedule-groups/{Name}"),
        _s.Path(name="DeleteSchedule", method="DELETE", uri="/schedules/{Name}"),
        _s.Path(name="DeleteScheduleGroup", method="DELETE", uri="/schedule-groups/{Name}"),
        _s.Path(name="GetSchedule", method="GET", uri="/schedules/{Name}"),
        _s.Path(name="GetScheduleGroup", method="GET", uri="/schedule-groups/{Name}"),
        _s.Path(name="ListScheduleGroups", method="GET", uri="/schedule-groups"),
        _s.Path(name="ListSchedules", method="GET", uri="/schedules"),
        _s.Path(name="ListTagsForResource", method="GET", uri="/tags/{ResourceArn}"),
        _s.Path(name="TagResource", method="POST", uri="/tags/{ResourceArn}"),
        _s.Path(name="UntagResource", method="DELETE", uri="/tags/{ResourceArn}"),
        _s.Path(name="UpdateSchedule", method="PUT", uri="/schedules/{Name}"),
    ),
)

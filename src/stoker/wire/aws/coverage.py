"""What Stoker does of each AWS API: which members of the operations that it serves it refuses by name.

That an operation is served is told by its handler; what it refuses is told here. The tests hold this to what the handlers do:
every member of every operation is tried, and every choice of those that are a choice.
"""

from collections.abc import Mapping
from typing import Final

REFUSED: Final[Mapping[str, tuple[str, ...]]] = {
    "application-autoscaling:PutScalingPolicy": (
        "PolicyType=PredictiveScaling",
        "PredictiveScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType=26 of its choices",
    ),
    "cloudwatch:PutCompositeAlarm": ("ActionConfiguration",),
    "cloudwatch:PutMetricAlarm": (
        "ComparisonOperator=LessThanLowerOrGreaterThanUpperThreshold",
        "ComparisonOperator=LessThanLowerThreshold",
        "ComparisonOperator=GreaterThanUpperThreshold",
        "ThresholdMetricId",
        "EvaluationWindow.WallClockWindow",
        "EvaluationCriteria.PromQLCriteria",
        "EvaluationInterval",
        "ActionConfiguration",
    ),
    "cloudwatch:PutMetricData": ("EntityMetricData",),
    "sagemaker:CreateEndpointConfig": (
        "ProductionVariants[].InstancePools",
        "ProductionVariants[].RoutingConfig.RoutingStrategy=PREFIX_AWARE",
        "ProductionVariants[].RoutingConfig.RoutingStrategy=KV_AWARE",
        "DataCaptureConfig.EnableCapture",
        "ExplainerConfig",
        "ShadowProductionVariants[].InstancePools",
    ),
    "sagemaker:CreateInferenceComponent": (
        "Specification.InstanceType",
        "Specification.ComputeResourceRequirements.AcceleratorPartitionType",
        "Specifications",
    ),
    "sagemaker:CreateModel": (
        "PrimaryContainer.ModelDataSource.S3DataSource.S3DataType=S3Object",
        "PrimaryContainer.ModelDataSource.S3DataSource.ManifestS3Uri",
        "PrimaryContainer.AdditionalModelDataSources",
        "Containers[].ModelDataSource.S3DataSource.S3DataType=S3Object",
        "Containers[].ModelDataSource.S3DataSource.ManifestS3Uri",
        "Containers[].AdditionalModelDataSources",
    ),
    "sagemaker:CreateModelPackage": (
        "CertifyForMarketplace",
        "SourceAlgorithmSpecification",
        "ValidationSpecification",
    ),
    "sagemaker:UpdateInferenceComponent": (
        "Specification.InstanceType",
        "Specification.ComputeResourceRequirements.AcceleratorPartitionType",
        "Specification.BaseInferenceComponentName",
        "Specifications",
    ),
    "scheduler:CreateSchedule": (
        "Target.EcsParameters",
        "Target.EventBridgeParameters",
        "Target.EventBridgePutEventsV2Parameters",
        "Target.EventBridgePutRawEventsParameters",
        "Target.KinesisParameters",
        "Target.SageMakerPipelineParameters",
        "Target.SqsParameters",
    ),
    "scheduler:UpdateSchedule": (
        "Target.EcsParameters",
        "Target.EventBridgeParameters",
        "Target.EventBridgePutEventsV2Parameters",
        "Target.EventBridgePutRawEventsParameters",
        "Target.KinesisParameters",
        "Target.SageMakerPipelineParameters",
        "Target.SqsParameters",
    ),
    "sqs:ReceiveMessage": ("ReceiveRequestAttemptId",),
    "sqs:SendMessage": (
        "MessageSystemAttributes",
        "MessageDeduplicationId",
        "MessageGroupId",
    ),
    "sqs:SendMessageBatch": (
        "Entries[].MessageSystemAttributes",
        "Entries[].MessageDeduplicationId",
        "Entries[].MessageGroupId",
    ),
    "sts:AssumeRole": (
        "PolicyArns[].arn",
        "Policy",
    ),
}
"""Members, and choices of members, that `service:Operation` refuses by name; `[]` stands for any item of a list."""

IN_PART: Final[Mapping[str, str]] = {
    "s3:CompleteMultipartUpload": "CRC32C and CRC64NVME are not held against the body",
    "s3:CopyObject": "versions, conditions of the source, access lists, tags, encryption and storage classes are refused",
    "s3:CreateBucket": "buckets of other regions are refused",
    "s3:CreateMultipartUpload": "access lists, tags, encryption and storage classes are refused",
    "s3:ListObjects": "delimiters other than / are refused",
    "s3:ListObjectsV2": "delimiters other than / are refused",
    "s3:PutObject": "conditions other than If-None-Match: *, access lists, tags, encryption and storage classes are refused; "
    "CRC32C and CRC64NVME are not held against the body",
    "s3:UploadPart": "copied parts are refused; CRC32C and CRC64NVME are not held against the body",
    "sqs:CreateQueue": "FIFO queues, policies, redrive policies and encryption are refused",
    "sqs:SetQueueAttributes": "policies, redrive policies and encryption are refused",
    "sagemaker-runtime:InvokeEndpoint": "TargetContainerHostname, EnableExplanations and PrefixAwareId choose nothing",
    "sagemaker-runtime:InvokeEndpointWithResponseStream": "TargetContainerHostname and PrefixAwareId choose nothing",
    "sagemaker:CreateModel": "more than one of Containers is refused",
}
"""What is missing of an operation beside that."""

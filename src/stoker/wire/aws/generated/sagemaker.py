"""Shapes, limits and operations of sagemaker, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class AcceleratorPartitionLayout(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AcceleratorPartitionLayout."""

    accelerator_partition_types: list[str] | None = _f(name="AcceleratorPartitionTypes", default=None)


class AddTagsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AddTagsInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceArn", default=_s.ABSENT)
    tags: _s.Given[list[Tag]] = _f(name="Tags", default=_s.ABSENT)


class AddTagsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AddTagsOutput."""

    tags: list[Tag] | None = _f(name="Tags", default=None)


class AdditionalInferenceSpecificationDefinition(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AdditionalInferenceSpecificationDefinition."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    description: str | None = _f(name="Description", default=None)
    containers: _s.Given[list[ModelPackageContainerDefinition]] = _f(name="Containers", default=_s.ABSENT)
    supported_transform_instance_types: list[str] | None = _f(name="SupportedTransformInstanceTypes", default=None)
    supported_realtime_inference_instance_types: list[str] | None = _f(name="SupportedRealtimeInferenceInstanceTypes", default=None)
    supported_content_types: list[str] | None = _f(name="SupportedContentTypes", default=None)
    supported_response_mime_types: list[str] | None = _f(name="SupportedResponseMIMETypes", default=None)


class AdditionalModelDataSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AdditionalModelDataSource."""

    channel_name: _s.Given[str] = _f(name="ChannelName", default=_s.ABSENT)
    s3_data_source: _s.Given[S3ModelDataSource] = _f(name="S3DataSource", default=_s.ABSENT)


class AdditionalS3DataSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AdditionalS3DataSource."""

    s3_data_type: _s.Given[str] = _f(name="S3DataType", default=_s.ABSENT)
    s3_uri: _s.Given[str] = _f(name="S3Uri", default=_s.ABSENT)
    compression_type: str | None = _f(name="CompressionType", default=None)
    e_tag: str | None = _f(name="ETag", default=None)


class Alarm(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Alarm."""

    alarm_name: str | None = _f(name="AlarmName", default=None)


class AsyncInferenceClientConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AsyncInferenceClientConfig."""

    max_concurrent_invocations_per_instance: _s.Int | None = _f(name="MaxConcurrentInvocationsPerInstance", default=None)


class AsyncInferenceConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AsyncInferenceConfig."""

    client_config: AsyncInferenceClientConfig | None = _f(name="ClientConfig", default=None)
    output_config: _s.Given[AsyncInferenceOutputConfig] = _f(name="OutputConfig", default=_s.ABSENT)


class AsyncInferenceNotificationConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AsyncInferenceNotificationConfig."""

    success_topic: str | None = _f(name="SuccessTopic", default=None)
    error_topic: str | None = _f(name="ErrorTopic", default=None)
    include_inference_response_in: list[str] | None = _f(name="IncludeInferenceResponseIn", default=None)


class AsyncInferenceOutputConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AsyncInferenceOutputConfig."""

    kms_key_id: str | None = _f(name="KmsKeyId", default=None)
    s3_output_path: str | None = _f(name="S3OutputPath", default=None)
    notification_config: AsyncInferenceNotificationConfig | None = _f(name="NotificationConfig", default=None)
    s3_failure_path: str | None = _f(name="S3FailurePath", default=None)


class AutoRollbackConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AutoRollbackConfig."""

    alarms: list[Alarm] | None = _f(name="Alarms", default=None)


class BaseModel(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's BaseModel."""

    hub_content_name: str | None = _f(name="HubContentName", default=None)
    hub_content_version: str | None = _f(name="HubContentVersion", default=None)
    recipe_name: str | None = _f(name="RecipeName", default=None)


class BatchDescribeModelPackageError(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's BatchDescribeModelPackageError."""

    error_code: _s.Given[str] = _f(name="ErrorCode", default=_s.ABSENT)
    error_response: _s.Given[str] = _f(name="ErrorResponse", default=_s.ABSENT)


class BatchDescribeModelPackageInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's BatchDescribeModelPackageInput."""

    model_package_arn_list: _s.Given[list[str]] = _f(name="ModelPackageArnList", default=_s.ABSENT)


class BatchDescribeModelPackageOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's BatchDescribeModelPackageOutput."""

    model_package_summaries: dict[str, BatchDescribeModelPackageSummary] | None = _f(name="ModelPackageSummaries", default=None)
    batch_describe_model_package_error_map: dict[str, BatchDescribeModelPackageError] | None = _f(name="BatchDescribeModelPackageErrorMap", default=None)


class BatchDescribeModelPackageSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's BatchDescribeModelPackageSummary."""

    model_package_group_name: _s.Given[str] = _f(name="ModelPackageGroupName", default=_s.ABSENT)
    model_package_version: _s.Int | None = _f(name="ModelPackageVersion", default=None)
    model_package_arn: _s.Given[str] = _f(name="ModelPackageArn", default=_s.ABSENT)
    model_package_description: str | None = _f(name="ModelPackageDescription", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    inference_specification: _s.Given[InferenceSpecification] = _f(name="InferenceSpecification", default=_s.ABSENT)
    model_package_status: _s.Given[str] = _f(name="ModelPackageStatus", default=_s.ABSENT)
    model_approval_status: str | None = _f(name="ModelApprovalStatus", default=None)
    model_package_registration_type: str | None = _f(name="ModelPackageRegistrationType", default=None)


class Bias(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Bias."""

    report: MetricsSource | None = _f(name="Report", default=None)
    pre_training_report: MetricsSource | None = _f(name="PreTrainingReport", default=None)
    post_training_report: MetricsSource | None = _f(name="PostTrainingReport", default=None)


class BlueGreenUpdatePolicy(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's BlueGreenUpdatePolicy."""

    traffic_routing_configuration: _s.Given[TrafficRoutingConfig] = _f(name="TrafficRoutingConfiguration", default=_s.ABSENT)
    termination_wait_in_seconds: _s.Int | None = _f(name="TerminationWaitInSeconds", default=None)
    maximum_execution_timeout_in_seconds: _s.Int | None = _f(name="MaximumExecutionTimeoutInSeconds", default=None)


class CapacitySize(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CapacitySize."""

    type: _s.Given[str] = _f(name="Type", default=_s.ABSENT)
    value: _s.Given[_s.Int] = _f(name="Value", default=_s.ABSENT)


class CaptureContentTypeHeader(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CaptureContentTypeHeader."""

    csv_content_types: list[str] | None = _f(name="CsvContentTypes", default=None)
    json_content_types: list[str] | None = _f(name="JsonContentTypes", default=None)


class CaptureOption(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CaptureOption."""

    capture_mode: _s.Given[str] = _f(name="CaptureMode", default=_s.ABSENT)


class ClarifyExplainerConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ClarifyExplainerConfig."""

    enable_explanations: str | None = _f(name="EnableExplanations", default=None)
    inference_config: ClarifyInferenceConfig | None = _f(name="InferenceConfig", default=None)
    shap_config: _s.Given[ClarifyShapConfig] = _f(name="ShapConfig", default=_s.ABSENT)


class ClarifyInferenceConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ClarifyInferenceConfig."""

    features_attribute: str | None = _f(name="FeaturesAttribute", default=None)
    content_template: str | None = _f(name="ContentTemplate", default=None)
    max_record_count: _s.Int | None = _f(name="MaxRecordCount", default=None)
    max_payload_in_mb: _s.Int | None = _f(name="MaxPayloadInMB", default=None)
    probability_index: _s.Int | None = _f(name="ProbabilityIndex", default=None)
    label_index: _s.Int | None = _f(name="LabelIndex", default=None)
    probability_attribute: str | None = _f(name="ProbabilityAttribute", default=None)
    label_attribute: str | None = _f(name="LabelAttribute", default=None)
    label_headers: list[str] | None = _f(name="LabelHeaders", default=None)
    feature_headers: list[str] | None = _f(name="FeatureHeaders", default=None)
    feature_types: list[str] | None = _f(name="FeatureTypes", default=None)


class ClarifyShapBaselineConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ClarifyShapBaselineConfig."""

    mime_type: str | None = _f(name="MimeType", default=None)
    shap_baseline: str | None = _f(name="ShapBaseline", default=None)
    shap_baseline_uri: str | None = _f(name="ShapBaselineUri", default=None)


class ClarifyShapConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ClarifyShapConfig."""

    shap_baseline_config: _s.Given[ClarifyShapBaselineConfig] = _f(name="ShapBaselineConfig", default=_s.ABSENT)
    number_of_samples: _s.Int | None = _f(name="NumberOfSamples", default=None)
    use_logit: bool | None = _f(name="UseLogit", default=None)
    seed: _s.Int | None = _f(name="Seed", default=None)
    text_config: ClarifyTextConfig | None = _f(name="TextConfig", default=None)


class ClarifyTextConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ClarifyTextConfig."""

    language: _s.Given[str] = _f(name="Language", default=_s.ABSENT)
    granularity: _s.Given[str] = _f(name="Granularity", default=_s.ABSENT)


class ContainerDefinition(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ContainerDefinition."""

    container_hostname: str | None = _f(name="ContainerHostname", default=None)
    image: str | None = _f(name="Image", default=None)
    image_config: ImageConfig | None = _f(name="ImageConfig", default=None)
    mode: str | None = _f(name="Mode", default=None)
    model_data_url: str | None = _f(name="ModelDataUrl", default=None)
    model_data_source: ModelDataSource | None = _f(name="ModelDataSource", default=None)
    additional_model_data_sources: list[AdditionalModelDataSource] | None = _f(name="AdditionalModelDataSources", default=None)
    environment: dict[str, str] | None = _f(name="Environment", default=None)
    model_package_name: str | None = _f(name="ModelPackageName", default=None)
    inference_specification_name: str | None = _f(name="InferenceSpecificationName", default=None)
    multi_model_config: MultiModelConfig | None = _f(name="MultiModelConfig", default=None)
    container_metrics_config: ContainerMetricsConfig | None = _f(name="ContainerMetricsConfig", default=None)


class ContainerMetricsConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ContainerMetricsConfig."""

    metrics_endpoints: list[MetricsEndpoint] | None = _f(name="MetricsEndpoints", default=None)


class CreateEndpointConfigInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateEndpointConfigInput."""

    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)
    production_variants: _s.Given[list[ProductionVariant]] = _f(name="ProductionVariants", default=_s.ABSENT)
    data_capture_config: DataCaptureConfig | None = _f(name="DataCaptureConfig", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    kms_key_id: str | None = _f(name="KmsKeyId", default=None)
    async_inference_config: AsyncInferenceConfig | None = _f(name="AsyncInferenceConfig", default=None)
    explainer_config: ExplainerConfig | None = _f(name="ExplainerConfig", default=None)
    shadow_production_variants: list[ProductionVariant] | None = _f(name="ShadowProductionVariants", default=None)
    execution_role_arn: str | None = _f(name="ExecutionRoleArn", default=None)
    vpc_config: VpcConfig | None = _f(name="VpcConfig", default=None)
    enable_network_isolation: bool | None = _f(name="EnableNetworkIsolation", default=None)
    metrics_config: MetricsConfig | None = _f(name="MetricsConfig", default=None)
    cross_region_traffic_config: CrossRegionTrafficConfig | None = _f(name="CrossRegionTrafficConfig", default=None)


class CreateEndpointConfigOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateEndpointConfigOutput."""

    endpoint_config_arn: _s.Given[str] = _f(name="EndpointConfigArn", default=_s.ABSENT)


class CreateEndpointInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateEndpointInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)
    deployment_config: DeploymentConfig | None = _f(name="DeploymentConfig", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)


class CreateEndpointOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateEndpointOutput."""

    endpoint_arn: _s.Given[str] = _f(name="EndpointArn", default=_s.ABSENT)


class CreateInferenceComponentInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateInferenceComponentInput."""

    inference_component_name: _s.Given[str] = _f(name="InferenceComponentName", default=_s.ABSENT)
    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    variant_name: str | None = _f(name="VariantName", default=None)
    specification: InferenceComponentSpecification | None = _f(name="Specification", default=None)
    specifications: list[InferenceComponentSpecification] | None = _f(name="Specifications", default=None)
    runtime_config: InferenceComponentRuntimeConfig | None = _f(name="RuntimeConfig", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)


class CreateInferenceComponentOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateInferenceComponentOutput."""

    inference_component_arn: _s.Given[str] = _f(name="InferenceComponentArn", default=_s.ABSENT)


class CreateModelInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateModelInput."""

    model_name: _s.Given[str] = _f(name="ModelName", default=_s.ABSENT)
    primary_container: ContainerDefinition | None = _f(name="PrimaryContainer", default=None)
    containers: list[ContainerDefinition] | None = _f(name="Containers", default=None)
    inference_execution_config: InferenceExecutionConfig | None = _f(name="InferenceExecutionConfig", default=None)
    execution_role_arn: str | None = _f(name="ExecutionRoleArn", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    vpc_config: VpcConfig | None = _f(name="VpcConfig", default=None)
    enable_network_isolation: bool | None = _f(name="EnableNetworkIsolation", default=None)


class CreateModelOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateModelOutput."""

    model_arn: _s.Given[str] = _f(name="ModelArn", default=_s.ABSENT)


class CreateModelPackageGroupInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateModelPackageGroupInput."""

    model_package_group_name: _s.Given[str] = _f(name="ModelPackageGroupName", default=_s.ABSENT)
    model_package_group_description: str | None = _f(name="ModelPackageGroupDescription", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    managed_configuration: ManagedConfiguration | None = _f(name="ManagedConfiguration", default=None)


class CreateModelPackageGroupOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateModelPackageGroupOutput."""

    model_package_group_arn: _s.Given[str] = _f(name="ModelPackageGroupArn", default=_s.ABSENT)


class CreateModelPackageInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateModelPackageInput."""

    model_package_name: str | None = _f(name="ModelPackageName", default=None)
    model_package_group_name: str | None = _f(name="ModelPackageGroupName", default=None)
    model_package_description: str | None = _f(name="ModelPackageDescription", default=None)
    model_package_registration_type: str | None = _f(name="ModelPackageRegistrationType", default=None)
    inference_specification: InferenceSpecification | None = _f(name="InferenceSpecification", default=None)
    validation_specification: ModelPackageValidationSpecification | None = _f(name="ValidationSpecification", default=None)
    source_algorithm_specification: SourceAlgorithmSpecification | None = _f(name="SourceAlgorithmSpecification", default=None)
    certify_for_marketplace: bool | None = _f(name="CertifyForMarketplace", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    model_approval_status: str | None = _f(name="ModelApprovalStatus", default=None)
    metadata_properties: MetadataProperties | None = _f(name="MetadataProperties", default=None)
    model_metrics: ModelMetrics | None = _f(name="ModelMetrics", default=None)
    client_token: str | None = _f(name="ClientToken", default=None)
    domain: str | None = _f(name="Domain", default=None)
    task: str | None = _f(name="Task", default=None)
    sample_payload_url: str | None = _f(name="SamplePayloadUrl", default=None)
    customer_metadata_properties: dict[str, str] | None = _f(name="CustomerMetadataProperties", default=None)
    drift_check_baselines: DriftCheckBaselines | None = _f(name="DriftCheckBaselines", default=None)
    additional_inference_specifications: list[AdditionalInferenceSpecificationDefinition] | None = _f(name="AdditionalInferenceSpecifications", default=None)
    skip_model_validation: str | None = _f(name="SkipModelValidation", default=None)
    source_uri: str | None = _f(name="SourceUri", default=None)
    security_config: ModelPackageSecurityConfig | None = _f(name="SecurityConfig", default=None)
    model_card: ModelPackageModelCard | None = _f(name="ModelCard", default=None)
    model_life_cycle: ModelLifeCycle | None = _f(name="ModelLifeCycle", default=None)
    managed_storage_type: str | None = _f(name="ManagedStorageType", default=None)


class CreateModelPackageOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateModelPackageOutput."""

    model_package_arn: _s.Given[str] = _f(name="ModelPackageArn", default=_s.ABSENT)


class CrossRegionTrafficConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CrossRegionTrafficConfig."""

    max_invocations_per_second_per_instance: _s.Given[_s.Int] = _f(name="MaxInvocationsPerSecondPerInstance", default=_s.ABSENT)
    max_cross_region_percent_per_endpoint: _s.Given[_s.Int] = _f(name="MaxCrossRegionPercentPerEndpoint", default=_s.ABSENT)


class DataCaptureConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DataCaptureConfig."""

    enable_capture: bool | None = _f(name="EnableCapture", default=None)
    initial_sampling_percentage: _s.Given[_s.Int] = _f(name="InitialSamplingPercentage", default=_s.ABSENT)
    destination_s3_uri: _s.Given[str] = _f(name="DestinationS3Uri", default=_s.ABSENT)
    kms_key_id: str | None = _f(name="KmsKeyId", default=None)
    capture_options: _s.Given[list[CaptureOption]] = _f(name="CaptureOptions", default=_s.ABSENT)
    capture_content_type_header: CaptureContentTypeHeader | None = _f(name="CaptureContentTypeHeader", default=None)


class DataCaptureConfigSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DataCaptureConfigSummary."""

    enable_capture: _s.Given[bool] = _f(name="EnableCapture", default=_s.ABSENT)
    capture_status: _s.Given[str] = _f(name="CaptureStatus", default=_s.ABSENT)
    current_sampling_percentage: _s.Given[_s.Int] = _f(name="CurrentSamplingPercentage", default=_s.ABSENT)
    destination_s3_uri: _s.Given[str] = _f(name="DestinationS3Uri", default=_s.ABSENT)
    kms_key_id: _s.Given[str] = _f(name="KmsKeyId", default=_s.ABSENT)


class DeleteEndpointConfigInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteEndpointConfigInput."""

    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)


class DeleteEndpointInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteEndpointInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)


class DeleteInferenceComponentInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteInferenceComponentInput."""

    inference_component_name: _s.Given[str] = _f(name="InferenceComponentName", default=_s.ABSENT)


class DeleteModelInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteModelInput."""

    model_name: _s.Given[str] = _f(name="ModelName", default=_s.ABSENT)


class DeleteModelPackageGroupInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteModelPackageGroupInput."""

    model_package_group_name: _s.Given[str] = _f(name="ModelPackageGroupName", default=_s.ABSENT)


class DeleteModelPackageInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteModelPackageInput."""

    model_package_name: _s.Given[str] = _f(name="ModelPackageName", default=_s.ABSENT)


class DeleteTagsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteTagsInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceArn", default=_s.ABSENT)
    tag_keys: _s.Given[list[str]] = _f(name="TagKeys", default=_s.ABSENT)


class DeleteTagsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteTagsOutput."""


class DeployedImage(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeployedImage."""

    specified_image: str | None = _f(name="SpecifiedImage", default=None)
    resolved_image: str | None = _f(name="ResolvedImage", default=None)
    resolution_time: _t.Timestamp | None = _f(name="ResolutionTime", default=None)


class DeploymentConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeploymentConfig."""

    blue_green_update_policy: BlueGreenUpdatePolicy | None = _f(name="BlueGreenUpdatePolicy", default=None)
    rolling_update_policy: RollingUpdatePolicy | None = _f(name="RollingUpdatePolicy", default=None)
    auto_rollback_configuration: AutoRollbackConfig | None = _f(name="AutoRollbackConfiguration", default=None)


class DeploymentRecommendation(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeploymentRecommendation."""

    recommendation_status: _s.Given[str] = _f(name="RecommendationStatus", default=_s.ABSENT)
    real_time_inference_recommendations: list[RealTimeInferenceRecommendation] | None = _f(name="RealTimeInferenceRecommendations", default=None)


class DescribeEndpointConfigInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeEndpointConfigInput."""

    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)


class DescribeEndpointConfigOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeEndpointConfigOutput."""

    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)
    endpoint_config_arn: _s.Given[str] = _f(name="EndpointConfigArn", default=_s.ABSENT)
    production_variants: _s.Given[list[ProductionVariant]] = _f(name="ProductionVariants", default=_s.ABSENT)
    data_capture_config: DataCaptureConfig | None = _f(name="DataCaptureConfig", default=None)
    kms_key_id: str | None = _f(name="KmsKeyId", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    async_inference_config: AsyncInferenceConfig | None = _f(name="AsyncInferenceConfig", default=None)
    explainer_config: ExplainerConfig | None = _f(name="ExplainerConfig", default=None)
    shadow_production_variants: list[ProductionVariant] | None = _f(name="ShadowProductionVariants", default=None)
    execution_role_arn: str | None = _f(name="ExecutionRoleArn", default=None)
    vpc_config: VpcConfig | None = _f(name="VpcConfig", default=None)
    enable_network_isolation: bool | None = _f(name="EnableNetworkIsolation", default=None)
    metrics_config: MetricsConfig | None = _f(name="MetricsConfig", default=None)
    cross_region_traffic_config: CrossRegionTrafficConfig | None = _f(name="CrossRegionTrafficConfig", default=None)


class DescribeEndpointInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeEndpointInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)


class DescribeEndpointOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeEndpointOutput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    endpoint_arn: _s.Given[str] = _f(name="EndpointArn", default=_s.ABSENT)
    endpoint_config_name: str | None = _f(name="EndpointConfigName", default=None)
    production_variants: list[ProductionVariantSummary] | None = _f(name="ProductionVariants", default=None)
    data_capture_config: DataCaptureConfigSummary | None = _f(name="DataCaptureConfig", default=None)
    endpoint_status: _s.Given[str] = _f(name="EndpointStatus", default=_s.ABSENT)
    failure_reason: str | None = _f(name="FailureReason", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    last_modified_time: _s.Given[_t.Timestamp] = _f(name="LastModifiedTime", default=_s.ABSENT)
    last_deployment_config: DeploymentConfig | None = _f(name="LastDeploymentConfig", default=None)
    async_inference_config: AsyncInferenceConfig | None = _f(name="AsyncInferenceConfig", default=None)
    pending_deployment_summary: PendingDeploymentSummary | None = _f(name="PendingDeploymentSummary", default=None)
    explainer_config: ExplainerConfig | None = _f(name="ExplainerConfig", default=None)
    shadow_production_variants: list[ProductionVariantSummary] | None = _f(name="ShadowProductionVariants", default=None)
    metrics_config: MetricsConfig | None = _f(name="MetricsConfig", default=None)
    cross_region_traffic_config: CrossRegionTrafficConfig | None = _f(name="CrossRegionTrafficConfig", default=None)


class DescribeInferenceComponentInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeInferenceComponentInput."""

    inference_component_name: _s.Given[str] = _f(name="InferenceComponentName", default=_s.ABSENT)


class DescribeInferenceComponentOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeInferenceComponentOutput."""

    inference_component_name: _s.Given[str] = _f(name="InferenceComponentName", default=_s.ABSENT)
    inference_component_arn: _s.Given[str] = _f(name="InferenceComponentArn", default=_s.ABSENT)
    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    endpoint_arn: _s.Given[str] = _f(name="EndpointArn", default=_s.ABSENT)
    variant_name: str | None = _f(name="VariantName", default=None)
    failure_reason: str | None = _f(name="FailureReason", default=None)
    specification: InferenceComponentSpecificationSummary | None = _f(name="Specification", default=None)
    specifications: list[InferenceComponentSpecificationSummary] | None = _f(name="Specifications", default=None)
    runtime_config: InferenceComponentRuntimeConfigSummary | None = _f(name="RuntimeConfig", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    last_modified_time: _s.Given[_t.Timestamp] = _f(name="LastModifiedTime", default=_s.ABSENT)
    inference_component_status: str | None = _f(name="InferenceComponentStatus", default=None)
    last_deployment_config: InferenceComponentDeploymentConfig | None = _f(name="LastDeploymentConfig", default=None)


class DescribeModelInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeModelInput."""

    model_name: _s.Given[str] = _f(name="ModelName", default=_s.ABSENT)


class DescribeModelOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeModelOutput."""

    model_name: _s.Given[str] = _f(name="ModelName", default=_s.ABSENT)
    primary_container: ContainerDefinition | None = _f(name="PrimaryContainer", default=None)
    containers: list[ContainerDefinition] | None = _f(name="Containers", default=None)
    inference_execution_config: InferenceExecutionConfig | None = _f(name="InferenceExecutionConfig", default=None)
    execution_role_arn: str | None = _f(name="ExecutionRoleArn", default=None)
    vpc_config: VpcConfig | None = _f(name="VpcConfig", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    model_arn: _s.Given[str] = _f(name="ModelArn", default=_s.ABSENT)
    enable_network_isolation: bool | None = _f(name="EnableNetworkIsolation", default=None)
    deployment_recommendation: DeploymentRecommendation | None = _f(name="DeploymentRecommendation", default=None)


class DescribeModelPackageGroupInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeModelPackageGroupInput."""

    model_package_group_name: _s.Given[str] = _f(name="ModelPackageGroupName", default=_s.ABSENT)


class DescribeModelPackageGroupOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeModelPackageGroupOutput."""

    model_package_group_name: _s.Given[str] = _f(name="ModelPackageGroupName", default=_s.ABSENT)
    model_package_group_arn: _s.Given[str] = _f(name="ModelPackageGroupArn", default=_s.ABSENT)
    model_package_group_description: str | None = _f(name="ModelPackageGroupDescription", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    created_by: _s.Given[UserContext] = _f(name="CreatedBy", default=_s.ABSENT)
    model_package_group_status: _s.Given[str] = _f(name="ModelPackageGroupStatus", default=_s.ABSENT)
    managed_configuration: ManagedConfiguration | None = _f(name="ManagedConfiguration", default=None)


class DescribeModelPackageInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeModelPackageInput."""

    model_package_name: _s.Given[str] = _f(name="ModelPackageName", default=_s.ABSENT)
    included_data: str | None = _f(name="IncludedData", default=None)


class DescribeModelPackageOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DescribeModelPackageOutput."""

    model_package_name: _s.Given[str] = _f(name="ModelPackageName", default=_s.ABSENT)
    model_package_group_name: str | None = _f(name="ModelPackageGroupName", default=None)
    model_package_version: _s.Int | None = _f(name="ModelPackageVersion", default=None)
    model_package_registration_type: str | None = _f(name="ModelPackageRegistrationType", default=None)
    model_package_arn: _s.Given[str] = _f(name="ModelPackageArn", default=_s.ABSENT)
    model_package_description: str | None = _f(name="ModelPackageDescription", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    inference_specification: InferenceSpecification | None = _f(name="InferenceSpecification", default=None)
    source_algorithm_specification: SourceAlgorithmSpecification | None = _f(name="SourceAlgorithmSpecification", default=None)
    validation_specification: ModelPackageValidationSpecification | None = _f(name="ValidationSpecification", default=None)
    model_package_status: _s.Given[str] = _f(name="ModelPackageStatus", default=_s.ABSENT)
    model_package_status_details: _s.Given[ModelPackageStatusDetails] = _f(name="ModelPackageStatusDetails", default=_s.ABSENT)
    certify_for_marketplace: bool | None = _f(name="CertifyForMarketplace", default=None)
    model_approval_status: str | None = _f(name="ModelApprovalStatus", default=None)
    created_by: UserContext | None = _f(name="CreatedBy", default=None)
    metadata_properties: MetadataProperties | None = _f(name="MetadataProperties", default=None)
    model_metrics: ModelMetrics | None = _f(name="ModelMetrics", default=None)
    last_modified_time: _t.Timestamp | None = _f(name="LastModifiedTime", default=None)
    last_modified_by: UserContext | None = _f(name="LastModifiedBy", default=None)
    approval_description: str | None = _f(name="ApprovalDescription", default=None)
    domain: str | None = _f(name="Domain", default=None)
    task: str | None = _f(name="Task", default=None)
    sample_payload_url: str | None = _f(name="SamplePayloadUrl", default=None)
    customer_metadata_properties: dict[str, str] | None = _f(name="CustomerMetadataProperties", default=None)
    drift_check_baselines: DriftCheckBaselines | None = _f(name="DriftCheckBaselines", default=None)
    additional_inference_specifications: list[AdditionalInferenceSpecificationDefinition] | None = _f(name="AdditionalInferenceSpecifications", default=None)
    skip_model_validation: str | None = _f(name="SkipModelValidation", default=None)
    source_uri: str | None = _f(name="SourceUri", default=None)
    security_config: ModelPackageSecurityConfig | None = _f(name="SecurityConfig", default=None)
    model_card: ModelPackageModelCard | None = _f(name="ModelCard", default=None)
    model_life_cycle: ModelLifeCycle | None = _f(name="ModelLifeCycle", default=None)
    managed_storage_type: str | None = _f(name="ManagedStorageType", default=None)


class DesiredWeightAndCapacity(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DesiredWeightAndCapacity."""

    variant_name: _s.Given[str] = _f(name="VariantName", default=_s.ABSENT)
    desired_weight: float | None = _f(name="DesiredWeight", default=None)
    desired_instance_count: _s.Int | None = _f(name="DesiredInstanceCount", default=None)
    serverless_update_config: ProductionVariantServerlessUpdateConfig | None = _f(name="ServerlessUpdateConfig", default=None)


class DriftCheckBaselines(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DriftCheckBaselines."""

    bias: DriftCheckBias | None = _f(name="Bias", default=None)
    explainability: DriftCheckExplainability | None = _f(name="Explainability", default=None)
    model_quality: DriftCheckModelQuality | None = _f(name="ModelQuality", default=None)
    model_data_quality: DriftCheckModelDataQuality | None = _f(name="ModelDataQuality", default=None)


class DriftCheckBias(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DriftCheckBias."""

    config_file: FileSource | None = _f(name="ConfigFile", default=None)
    pre_training_constraints: MetricsSource | None = _f(name="PreTrainingConstraints", default=None)
    post_training_constraints: MetricsSource | None = _f(name="PostTrainingConstraints", default=None)


class DriftCheckExplainability(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DriftCheckExplainability."""

    constraints: MetricsSource | None = _f(name="Constraints", default=None)
    config_file: FileSource | None = _f(name="ConfigFile", default=None)


class DriftCheckModelDataQuality(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DriftCheckModelDataQuality."""

    statistics: MetricsSource | None = _f(name="Statistics", default=None)
    constraints: MetricsSource | None = _f(name="Constraints", default=None)


class DriftCheckModelQuality(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DriftCheckModelQuality."""

    statistics: MetricsSource | None = _f(name="Statistics", default=None)
    constraints: MetricsSource | None = _f(name="Constraints", default=None)


class Ec2CapacityReservation(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Ec2CapacityReservation."""

    ec2_capacity_reservation_id: str | None = _f(name="Ec2CapacityReservationId", default=None)
    total_instance_count: _s.Int | None = _f(name="TotalInstanceCount", default=None)
    available_instance_count: _s.Int | None = _f(name="AvailableInstanceCount", default=None)
    used_by_current_endpoint: _s.Int | None = _f(name="UsedByCurrentEndpoint", default=None)


class EndpointConfigSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EndpointConfigSummary."""

    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)
    endpoint_config_arn: _s.Given[str] = _f(name="EndpointConfigArn", default=_s.ABSENT)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)


class EndpointSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's EndpointSummary."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    endpoint_arn: _s.Given[str] = _f(name="EndpointArn", default=_s.ABSENT)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    last_modified_time: _s.Given[_t.Timestamp] = _f(name="LastModifiedTime", default=_s.ABSENT)
    endpoint_status: _s.Given[str] = _f(name="EndpointStatus", default=_s.ABSENT)


class Explainability(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Explainability."""

    report: MetricsSource | None = _f(name="Report", default=None)


class ExplainerConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ExplainerConfig."""

    clarify_explainer_config: ClarifyExplainerConfig | None = _f(name="ClarifyExplainerConfig", default=None)


class FileSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's FileSource."""

    content_type: str | None = _f(name="ContentType", default=None)
    content_digest: str | None = _f(name="ContentDigest", default=None)
    s3_uri: _s.Given[str] = _f(name="S3Uri", default=_s.ABSENT)


class IamIdentity(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's IamIdentity."""

    arn: str | None = _f(name="Arn", default=None)
    principal_id: str | None = _f(name="PrincipalId", default=None)
    source_identity: str | None = _f(name="SourceIdentity", default=None)


class ImageConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ImageConfig."""

    repository_access_mode: _s.Given[str] = _f(name="RepositoryAccessMode", default=_s.ABSENT)
    repository_auth_config: RepositoryAuthConfig | None = _f(name="RepositoryAuthConfig", default=None)


class InferenceComponentAvailabilityZoneBalance(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentAvailabilityZoneBalance."""

    enforcement_mode: _s.Given[str] = _f(name="EnforcementMode", default=_s.ABSENT)
    max_imbalance: _s.Int | None = _f(name="MaxImbalance", default=None)


class InferenceComponentCapacitySize(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentCapacitySize."""

    type: _s.Given[str] = _f(name="Type", default=_s.ABSENT)
    value: _s.Given[_s.Int] = _f(name="Value", default=_s.ABSENT)


class InferenceComponentComputeResourceRequirements(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentComputeResourceRequirements."""

    number_of_cpu_cores_required: float | None = _f(name="NumberOfCpuCoresRequired", default=None)
    number_of_accelerator_devices_required: float | None = _f(name="NumberOfAcceleratorDevicesRequired", default=None)
    min_memory_required_in_mb: _s.Given[_s.Int] = _f(name="MinMemoryRequiredInMb", default=_s.ABSENT)
    max_memory_required_in_mb: _s.Int | None = _f(name="MaxMemoryRequiredInMb", default=None)
    accelerator_partition_type: str | None = _f(name="AcceleratorPartitionType", default=None)


class InferenceComponentContainerSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentContainerSpecification."""

    image: str | None = _f(name="Image", default=None)
    artifact_url: str | None = _f(name="ArtifactUrl", default=None)
    environment: dict[str, str] | None = _f(name="Environment", default=None)
    container_metrics_config: ContainerMetricsConfig | None = _f(name="ContainerMetricsConfig", default=None)


class InferenceComponentContainerSpecificationSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentContainerSpecificationSummary."""

    deployed_image: DeployedImage | None = _f(name="DeployedImage", default=None)
    artifact_url: str | None = _f(name="ArtifactUrl", default=None)
    environment: dict[str, str] | None = _f(name="Environment", default=None)
    container_metrics_config: ContainerMetricsConfig | None = _f(name="ContainerMetricsConfig", default=None)


class InferenceComponentDataCacheConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentDataCacheConfig."""

    enable_caching: _s.Given[bool] = _f(name="EnableCaching", default=_s.ABSENT)


class InferenceComponentDataCacheConfigSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentDataCacheConfigSummary."""

    enable_caching: _s.Given[bool] = _f(name="EnableCaching", default=_s.ABSENT)


class InferenceComponentDeploymentConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentDeploymentConfig."""

    rolling_update_policy: _s.Given[InferenceComponentRollingUpdatePolicy] = _f(name="RollingUpdatePolicy", default=_s.ABSENT)
    auto_rollback_configuration: AutoRollbackConfig | None = _f(name="AutoRollbackConfiguration", default=None)


class InferenceComponentPlacementStatus(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentPlacementStatus."""

    instance_type: _s.Given[str] = _f(name="InstanceType", default=_s.ABSENT)
    current_copy_count: _s.Given[_s.Int] = _f(name="CurrentCopyCount", default=_s.ABSENT)


class InferenceComponentRollingUpdatePolicy(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentRollingUpdatePolicy."""

    maximum_batch_size: _s.Given[InferenceComponentCapacitySize] = _f(name="MaximumBatchSize", default=_s.ABSENT)
    wait_interval_in_seconds: _s.Given[_s.Int] = _f(name="WaitIntervalInSeconds", default=_s.ABSENT)
    maximum_execution_timeout_in_seconds: _s.Int | None = _f(name="MaximumExecutionTimeoutInSeconds", default=None)
    rollback_maximum_batch_size: InferenceComponentCapacitySize | None = _f(name="RollbackMaximumBatchSize", default=None)


class InferenceComponentRuntimeConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentRuntimeConfig."""

    copy_count: _s.Given[_s.Int] = _f(name="CopyCount", default=_s.ABSENT)


class InferenceComponentRuntimeConfigSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentRuntimeConfigSummary."""

    desired_copy_count: _s.Int | None = _f(name="DesiredCopyCount", default=None)
    current_copy_count: _s.Int | None = _f(name="CurrentCopyCount", default=None)
    placement_status: list[InferenceComponentPlacementStatus] | None = _f(name="PlacementStatus", default=None)


class InferenceComponentSchedulingConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentSchedulingConfig."""

    placement_strategy: _s.Given[str] = _f(name="PlacementStrategy", default=_s.ABSENT)
    availability_zone_balance: InferenceComponentAvailabilityZoneBalance | None = _f(name="AvailabilityZoneBalance", default=None)


class InferenceComponentSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentSpecification."""

    instance_type: str | None = _f(name="InstanceType", default=None)
    model_name: str | None = _f(name="ModelName", default=None)
    container: InferenceComponentContainerSpecification | None = _f(name="Container", default=None)
    startup_parameters: InferenceComponentStartupParameters | None = _f(name="StartupParameters", default=None)
    compute_resource_requirements: InferenceComponentComputeResourceRequirements | None = _f(name="ComputeResourceRequirements", default=None)
    base_inference_component_name: str | None = _f(name="BaseInferenceComponentName", default=None)
    data_cache_config: InferenceComponentDataCacheConfig | None = _f(name="DataCacheConfig", default=None)
    scheduling_config: InferenceComponentSchedulingConfig | None = _f(name="SchedulingConfig", default=None)


class InferenceComponentSpecificationSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentSpecificationSummary."""

    instance_type: str | None = _f(name="InstanceType", default=None)
    model_name: str | None = _f(name="ModelName", default=None)
    container: InferenceComponentContainerSpecificationSummary | None = _f(name="Container", default=None)
    startup_parameters: InferenceComponentStartupParameters | None = _f(name="StartupParameters", default=None)
    compute_resource_requirements: InferenceComponentComputeResourceRequirements | None = _f(name="ComputeResourceRequirements", default=None)
    base_inference_component_name: str | None = _f(name="BaseInferenceComponentName", default=None)
    data_cache_config: InferenceComponentDataCacheConfigSummary | None = _f(name="DataCacheConfig", default=None)
    scheduling_config: InferenceComponentSchedulingConfig | None = _f(name="SchedulingConfig", default=None)


class InferenceComponentStartupParameters(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentStartupParameters."""

    model_data_download_timeout_in_seconds: _s.Int | None = _f(name="ModelDataDownloadTimeoutInSeconds", default=None)
    container_startup_health_check_timeout_in_seconds: _s.Int | None = _f(name="ContainerStartupHealthCheckTimeoutInSeconds", default=None)


class InferenceComponentSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceComponentSummary."""

    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    inference_component_arn: _s.Given[str] = _f(name="InferenceComponentArn", default=_s.ABSENT)
    inference_component_name: _s.Given[str] = _f(name="InferenceComponentName", default=_s.ABSENT)
    endpoint_arn: _s.Given[str] = _f(name="EndpointArn", default=_s.ABSENT)
    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    variant_name: _s.Given[str] = _f(name="VariantName", default=_s.ABSENT)
    inference_component_status: str | None = _f(name="InferenceComponentStatus", default=None)
    last_modified_time: _s.Given[_t.Timestamp] = _f(name="LastModifiedTime", default=_s.ABSENT)


class InferenceExecutionConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceExecutionConfig."""

    mode: _s.Given[str] = _f(name="Mode", default=_s.ABSENT)


class InferenceHubAccessConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceHubAccessConfig."""

    hub_content_arn: _s.Given[str] = _f(name="HubContentArn", default=_s.ABSENT)


class InferenceSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InferenceSpecification."""

    containers: _s.Given[list[ModelPackageContainerDefinition]] = _f(name="Containers", default=_s.ABSENT)
    supported_transform_instance_types: list[str] | None = _f(name="SupportedTransformInstanceTypes", default=None)
    supported_realtime_inference_instance_types: list[str] | None = _f(name="SupportedRealtimeInferenceInstanceTypes", default=None)
    supported_content_types: list[str] | None = _f(name="SupportedContentTypes", default=None)
    supported_response_mime_types: list[str] | None = _f(name="SupportedResponseMIMETypes", default=None)


class InstancePool(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InstancePool."""

    instance_type: _s.Given[str] = _f(name="InstanceType", default=_s.ABSENT)
    model_name_override: str | None = _f(name="ModelNameOverride", default=None)
    priority: _s.Given[_s.Int] = _f(name="Priority", default=_s.ABSENT)


class InstancePoolSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InstancePoolSummary."""

    instance_type: _s.Given[str] = _f(name="InstanceType", default=_s.ABSENT)
    current_instance_count: _s.Given[_s.Int] = _f(name="CurrentInstanceCount", default=_s.ABSENT)


class ListEndpointConfigsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListEndpointConfigsInput."""

    sort_by: str | None = _f(name="SortBy", default=None)
    sort_order: str | None = _f(name="SortOrder", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    name_contains: str | None = _f(name="NameContains", default=None)
    creation_time_before: _t.Timestamp | None = _f(name="CreationTimeBefore", default=None)
    creation_time_after: _t.Timestamp | None = _f(name="CreationTimeAfter", default=None)


class ListEndpointConfigsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListEndpointConfigsOutput."""

    endpoint_configs: _s.Given[list[EndpointConfigSummary]] = _f(name="EndpointConfigs", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)


class ListEndpointsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListEndpointsInput."""

    sort_by: str | None = _f(name="SortBy", default=None)
    sort_order: str | None = _f(name="SortOrder", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    name_contains: str | None = _f(name="NameContains", default=None)
    creation_time_before: _t.Timestamp | None = _f(name="CreationTimeBefore", default=None)
    creation_time_after: _t.Timestamp | None = _f(name="CreationTimeAfter", default=None)
    last_modified_time_before: _t.Timestamp | None = _f(name="LastModifiedTimeBefore", default=None)
    last_modified_time_after: _t.Timestamp | None = _f(name="LastModifiedTimeAfter", default=None)
    status_equals: str | None = _f(name="StatusEquals", default=None)


class ListEndpointsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListEndpointsOutput."""

    endpoints: _s.Given[list[EndpointSummary]] = _f(name="Endpoints", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)


class ListInferenceComponentsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListInferenceComponentsInput."""

    sort_by: str | None = _f(name="SortBy", default=None)
    sort_order: str | None = _f(name="SortOrder", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    name_contains: str | None = _f(name="NameContains", default=None)
    creation_time_before: _t.Timestamp | None = _f(name="CreationTimeBefore", default=None)
    creation_time_after: _t.Timestamp | None = _f(name="CreationTimeAfter", default=None)
    last_modified_time_before: _t.Timestamp | None = _f(name="LastModifiedTimeBefore", default=None)
    last_modified_time_after: _t.Timestamp | None = _f(name="LastModifiedTimeAfter", default=None)
    status_equals: str | None = _f(name="StatusEquals", default=None)
    endpoint_name_equals: str | None = _f(name="EndpointNameEquals", default=None)
    variant_name_equals: str | None = _f(name="VariantNameEquals", default=None)


class ListInferenceComponentsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListInferenceComponentsOutput."""

    inference_components: _s.Given[list[InferenceComponentSummary]] = _f(name="InferenceComponents", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)


class ListModelPackageGroupsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListModelPackageGroupsInput."""

    creation_time_after: _t.Timestamp | None = _f(name="CreationTimeAfter", default=None)
    creation_time_before: _t.Timestamp | None = _f(name="CreationTimeBefore", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    name_contains: str | None = _f(name="NameContains", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    sort_by: str | None = _f(name="SortBy", default=None)
    sort_order: str | None = _f(name="SortOrder", default=None)
    cross_account_filter_option: str | None = _f(name="CrossAccountFilterOption", default=None)


class ListModelPackageGroupsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListModelPackageGroupsOutput."""

    model_package_group_summary_list: _s.Given[list[ModelPackageGroupSummary]] = _f(name="ModelPackageGroupSummaryList", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)


class ListModelPackagesInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListModelPackagesInput."""

    creation_time_after: _t.Timestamp | None = _f(name="CreationTimeAfter", default=None)
    creation_time_before: _t.Timestamp | None = _f(name="CreationTimeBefore", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    name_contains: str | None = _f(name="NameContains", default=None)
    model_approval_status: str | None = _f(name="ModelApprovalStatus", default=None)
    model_package_group_name: str | None = _f(name="ModelPackageGroupName", default=None)
    model_package_type: str | None = _f(name="ModelPackageType", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    sort_by: str | None = _f(name="SortBy", default=None)
    sort_order: str | None = _f(name="SortOrder", default=None)


class ListModelPackagesOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListModelPackagesOutput."""

    model_package_summary_list: _s.Given[list[ModelPackageSummary]] = _f(name="ModelPackageSummaryList", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)


class ListModelsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListModelsInput."""

    sort_by: str | None = _f(name="SortBy", default=None)
    sort_order: str | None = _f(name="SortOrder", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)
    name_contains: str | None = _f(name="NameContains", default=None)
    creation_time_before: _t.Timestamp | None = _f(name="CreationTimeBefore", default=None)
    creation_time_after: _t.Timestamp | None = _f(name="CreationTimeAfter", default=None)


class ListModelsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListModelsOutput."""

    models: _s.Given[list[ModelSummary]] = _f(name="Models", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)


class ListTagsInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsInput."""

    resource_arn: _s.Given[str] = _f(name="ResourceArn", default=_s.ABSENT)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)


class ListTagsOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListTagsOutput."""

    tags: list[Tag] | None = _f(name="Tags", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class ManagedConfiguration(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ManagedConfiguration."""

    managed_storage_type: str | None = _f(name="ManagedStorageType", default=None)


class MetadataProperties(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetadataProperties."""

    commit_id: str | None = _f(name="CommitId", default=None)
    repository: str | None = _f(name="Repository", default=None)
    generated_by: str | None = _f(name="GeneratedBy", default=None)
    project_id: str | None = _f(name="ProjectId", default=None)


class MetricsConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricsConfig."""

    enable_enhanced_metrics: bool | None = _f(name="EnableEnhancedMetrics", default=None)
    enable_detailed_observability: bool | None = _f(name="EnableDetailedObservability", default=None)
    metric_publish_frequency_in_seconds: _s.Int | None = _f(name="MetricPublishFrequencyInSeconds", default=None)


class MetricsEndpoint(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricsEndpoint."""

    metrics_endpoint_path: _s.Given[str] = _f(name="MetricsEndpointPath", default=_s.ABSENT)
    metric_publish_frequency_in_seconds: _s.Int | None = _f(name="MetricPublishFrequencyInSeconds", default=None)


class MetricsSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MetricsSource."""

    content_type: _s.Given[str] = _f(name="ContentType", default=_s.ABSENT)
    content_digest: str | None = _f(name="ContentDigest", default=None)
    s3_uri: _s.Given[str] = _f(name="S3Uri", default=_s.ABSENT)


class ModelAccessConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelAccessConfig."""

    accept_eula: _s.Given[bool] = _f(name="AcceptEula", default=_s.ABSENT)


class ModelDataQuality(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelDataQuality."""

    statistics: MetricsSource | None = _f(name="Statistics", default=None)
    constraints: MetricsSource | None = _f(name="Constraints", default=None)


class ModelDataSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelDataSource."""

    s3_data_source: S3ModelDataSource | None = _f(name="S3DataSource", default=None)


class ModelInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelInput."""

    data_input_config: _s.Given[str] = _f(name="DataInputConfig", default=_s.ABSENT)


class ModelLifeCycle(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelLifeCycle."""

    stage: _s.Given[str] = _f(name="Stage", default=_s.ABSENT)
    stage_status: _s.Given[str] = _f(name="StageStatus", default=_s.ABSENT)
    stage_description: str | None = _f(name="StageDescription", default=None)


class ModelMetrics(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelMetrics."""

    model_quality: ModelQuality | None = _f(name="ModelQuality", default=None)
    model_data_quality: ModelDataQuality | None = _f(name="ModelDataQuality", default=None)
    bias: Bias | None = _f(name="Bias", default=None)
    explainability: Explainability | None = _f(name="Explainability", default=None)


class ModelPackageContainerDefinition(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageContainerDefinition."""

    container_hostname: str | None = _f(name="ContainerHostname", default=None)
    image: str | None = _f(name="Image", default=None)
    image_digest: str | None = _f(name="ImageDigest", default=None)
    model_data_url: str | None = _f(name="ModelDataUrl", default=None)
    model_data_source: ModelDataSource | None = _f(name="ModelDataSource", default=None)
    product_id: str | None = _f(name="ProductId", default=None)
    environment: dict[str, str] | None = _f(name="Environment", default=None)
    model_input: ModelInput | None = _f(name="ModelInput", default=None)
    framework: str | None = _f(name="Framework", default=None)
    framework_version: str | None = _f(name="FrameworkVersion", default=None)
    nearest_model_name: str | None = _f(name="NearestModelName", default=None)
    additional_model_data_sources: list[AdditionalModelDataSource] | None = _f(name="AdditionalModelDataSources", default=None)
    additional_s3_data_source: AdditionalS3DataSource | None = _f(name="AdditionalS3DataSource", default=None)
    model_data_e_tag: str | None = _f(name="ModelDataETag", default=None)
    is_checkpoint: bool | None = _f(name="IsCheckpoint", default=None)
    base_model: BaseModel | None = _f(name="BaseModel", default=None)


class ModelPackageGroupSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageGroupSummary."""

    model_package_group_name: _s.Given[str] = _f(name="ModelPackageGroupName", default=_s.ABSENT)
    model_package_group_arn: _s.Given[str] = _f(name="ModelPackageGroupArn", default=_s.ABSENT)
    model_package_group_description: str | None = _f(name="ModelPackageGroupDescription", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    model_package_group_status: _s.Given[str] = _f(name="ModelPackageGroupStatus", default=_s.ABSENT)
    managed_configuration: ManagedConfiguration | None = _f(name="ManagedConfiguration", default=None)


class ModelPackageModelCard(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageModelCard."""

    model_card_content: str | None = _f(name="ModelCardContent", default=None)
    model_card_status: str | None = _f(name="ModelCardStatus", default=None)


class ModelPackageSecurityConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageSecurityConfig."""

    kms_key_id: _s.Given[str] = _f(name="KmsKeyId", default=_s.ABSENT)


class ModelPackageStatusDetails(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageStatusDetails."""

    validation_statuses: _s.Given[list[ModelPackageStatusItem]] = _f(name="ValidationStatuses", default=_s.ABSENT)
    image_scan_statuses: list[ModelPackageStatusItem] | None = _f(name="ImageScanStatuses", default=None)


class ModelPackageStatusItem(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageStatusItem."""

    name: _s.Given[str] = _f(name="Name", default=_s.ABSENT)
    status: _s.Given[str] = _f(name="Status", default=_s.ABSENT)
    failure_reason: str | None = _f(name="FailureReason", default=None)


class ModelPackageSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageSummary."""

    model_package_name: str | None = _f(name="ModelPackageName", default=None)
    model_package_group_name: str | None = _f(name="ModelPackageGroupName", default=None)
    model_package_version: _s.Int | None = _f(name="ModelPackageVersion", default=None)
    model_package_arn: _s.Given[str] = _f(name="ModelPackageArn", default=_s.ABSENT)
    model_package_description: str | None = _f(name="ModelPackageDescription", default=None)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)
    model_package_status: _s.Given[str] = _f(name="ModelPackageStatus", default=_s.ABSENT)
    model_approval_status: str | None = _f(name="ModelApprovalStatus", default=None)
    model_life_cycle: ModelLifeCycle | None = _f(name="ModelLifeCycle", default=None)
    model_package_registration_type: str | None = _f(name="ModelPackageRegistrationType", default=None)


class ModelPackageValidationProfile(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageValidationProfile."""

    profile_name: _s.Given[str] = _f(name="ProfileName", default=_s.ABSENT)
    transform_job_definition: _s.Given[TransformJobDefinition] = _f(name="TransformJobDefinition", default=_s.ABSENT)


class ModelPackageValidationSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelPackageValidationSpecification."""

    validation_role: _s.Given[str] = _f(name="ValidationRole", default=_s.ABSENT)
    validation_profiles: _s.Given[list[ModelPackageValidationProfile]] = _f(name="ValidationProfiles", default=_s.ABSENT)


class ModelQuality(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelQuality."""

    statistics: MetricsSource | None = _f(name="Statistics", default=None)
    constraints: MetricsSource | None = _f(name="Constraints", default=None)


class ModelSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ModelSummary."""

    model_name: _s.Given[str] = _f(name="ModelName", default=_s.ABSENT)
    model_arn: _s.Given[str] = _f(name="ModelArn", default=_s.ABSENT)
    creation_time: _s.Given[_t.Timestamp] = _f(name="CreationTime", default=_s.ABSENT)


class MultiModelConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MultiModelConfig."""

    model_cache_setting: str | None = _f(name="ModelCacheSetting", default=None)


class PendingDeploymentSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PendingDeploymentSummary."""

    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)
    production_variants: list[PendingProductionVariantSummary] | None = _f(name="ProductionVariants", default=None)
    start_time: _t.Timestamp | None = _f(name="StartTime", default=None)
    shadow_production_variants: list[PendingProductionVariantSummary] | None = _f(name="ShadowProductionVariants", default=None)


class PendingProductionVariantSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PendingProductionVariantSummary."""

    variant_name: _s.Given[str] = _f(name="VariantName", default=_s.ABSENT)
    deployed_images: list[DeployedImage] | None = _f(name="DeployedImages", default=None)
    current_weight: float | None = _f(name="CurrentWeight", default=None)
    desired_weight: float | None = _f(name="DesiredWeight", default=None)
    current_instance_count: _s.Int | None = _f(name="CurrentInstanceCount", default=None)
    desired_instance_count: _s.Int | None = _f(name="DesiredInstanceCount", default=None)
    instance_type: str | None = _f(name="InstanceType", default=None)
    instance_pools: list[InstancePoolSummary] | None = _f(name="InstancePools", default=None)
    accelerator_type: str | None = _f(name="AcceleratorType", default=None)
    variant_status: list[ProductionVariantStatus] | None = _f(name="VariantStatus", default=None)
    current_serverless_config: ProductionVariantServerlessConfig | None = _f(name="CurrentServerlessConfig", default=None)
    desired_serverless_config: ProductionVariantServerlessConfig | None = _f(name="DesiredServerlessConfig", default=None)
    managed_instance_scaling: ProductionVariantManagedInstanceScaling | None = _f(name="ManagedInstanceScaling", default=None)
    routing_config: ProductionVariantRoutingConfig | None = _f(name="RoutingConfig", default=None)
    accelerator_partition_layouts: list[AcceleratorPartitionLayout] | None = _f(name="AcceleratorPartitionLayouts", default=None)


class PrefixAwareRoutingConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PrefixAwareRoutingConfig."""

    prefix_length: _s.Int | None = _f(name="PrefixLength", default=None)
    concurrency_threshold: _s.Int | None = _f(name="ConcurrencyThreshold", default=None)


class ProductionVariant(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariant."""

    variant_name: _s.Given[str] = _f(name="VariantName", default=_s.ABSENT)
    model_name: str | None = _f(name="ModelName", default=None)
    initial_instance_count: _s.Int | None = _f(name="InitialInstanceCount", default=None)
    instance_type: str | None = _f(name="InstanceType", default=None)
    instance_pools: list[InstancePool] | None = _f(name="InstancePools", default=None)
    variant_instance_provision_timeout_in_seconds: _s.Int | None = _f(name="VariantInstanceProvisionTimeoutInSeconds", default=None)
    initial_variant_weight: float | None = _f(name="InitialVariantWeight", default=None)
    accelerator_type: str | None = _f(name="AcceleratorType", default=None)
    core_dump_config: ProductionVariantCoreDumpConfig | None = _f(name="CoreDumpConfig", default=None)
    serverless_config: ProductionVariantServerlessConfig | None = _f(name="ServerlessConfig", default=None)
    volume_size_in_gb: _s.Int | None = _f(name="VolumeSizeInGB", default=None)
    model_data_download_timeout_in_seconds: _s.Int | None = _f(name="ModelDataDownloadTimeoutInSeconds", default=None)
    container_startup_health_check_timeout_in_seconds: _s.Int | None = _f(name="ContainerStartupHealthCheckTimeoutInSeconds", default=None)
    enable_ssm_access: bool | None = _f(name="EnableSSMAccess", default=None)
    managed_instance_scaling: ProductionVariantManagedInstanceScaling | None = _f(name="ManagedInstanceScaling", default=None)
    routing_config: ProductionVariantRoutingConfig | None = _f(name="RoutingConfig", default=None)
    inference_ami_version: str | None = _f(name="InferenceAmiVersion", default=None)
    capacity_reservation_config: ProductionVariantCapacityReservationConfig | None = _f(name="CapacityReservationConfig", default=None)
    accelerator_partition_layouts: list[AcceleratorPartitionLayout] | None = _f(name="AcceleratorPartitionLayouts", default=None)


class ProductionVariantCapacityReservationConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantCapacityReservationConfig."""

    capacity_reservation_preference: str | None = _f(name="CapacityReservationPreference", default=None)
    ml_reservation_arn: str | None = _f(name="MlReservationArn", default=None)


class ProductionVariantCapacityReservationSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantCapacityReservationSummary."""

    ml_reservation_arn: str | None = _f(name="MlReservationArn", default=None)
    capacity_reservation_preference: str | None = _f(name="CapacityReservationPreference", default=None)
    total_instance_count: _s.Int | None = _f(name="TotalInstanceCount", default=None)
    available_instance_count: _s.Int | None = _f(name="AvailableInstanceCount", default=None)
    used_by_current_endpoint: _s.Int | None = _f(name="UsedByCurrentEndpoint", default=None)
    ec2_capacity_reservations: list[Ec2CapacityReservation] | None = _f(name="Ec2CapacityReservations", default=None)


class ProductionVariantCoreDumpConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantCoreDumpConfig."""

    destination_s3_uri: _s.Given[str] = _f(name="DestinationS3Uri", default=_s.ABSENT)
    kms_key_id: str | None = _f(name="KmsKeyId", default=None)


class ProductionVariantManagedInstanceScaling(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantManagedInstanceScaling."""

    status: str | None = _f(name="Status", default=None)
    min_instance_count: _s.Int | None = _f(name="MinInstanceCount", default=None)
    max_instance_count: _s.Int | None = _f(name="MaxInstanceCount", default=None)
    scale_in_policy: ProductionVariantManagedInstanceScalingScaleInPolicy | None = _f(name="ScaleInPolicy", default=None)


class ProductionVariantManagedInstanceScalingScaleInPolicy(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantManagedInstanceScalingScaleInPolicy."""

    strategy: _s.Given[str] = _f(name="Strategy", default=_s.ABSENT)
    maximum_step_size: _s.Int | None = _f(name="MaximumStepSize", default=None)
    cooldown_in_minutes: _s.Int | None = _f(name="CooldownInMinutes", default=None)


class ProductionVariantRoutingConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantRoutingConfig."""

    routing_strategy: _s.Given[str] = _f(name="RoutingStrategy", default=_s.ABSENT)
    prefix_aware_routing_config: PrefixAwareRoutingConfig | None = _f(name="PrefixAwareRoutingConfig", default=None)


class ProductionVariantServerlessConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantServerlessConfig."""

    memory_size_in_mb: _s.Given[_s.Int] = _f(name="MemorySizeInMB", default=_s.ABSENT)
    max_concurrency: _s.Given[_s.Int] = _f(name="MaxConcurrency", default=_s.ABSENT)
    provisioned_concurrency: _s.Int | None = _f(name="ProvisionedConcurrency", default=None)


class ProductionVariantServerlessUpdateConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantServerlessUpdateConfig."""

    max_concurrency: _s.Int | None = _f(name="MaxConcurrency", default=None)
    provisioned_concurrency: _s.Int | None = _f(name="ProvisionedConcurrency", default=None)


class ProductionVariantStatus(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantStatus."""

    status: _s.Given[str] = _f(name="Status", default=_s.ABSENT)
    status_message: str | None = _f(name="StatusMessage", default=None)
    start_time: _t.Timestamp | None = _f(name="StartTime", default=None)


class ProductionVariantSummary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProductionVariantSummary."""

    variant_name: _s.Given[str] = _f(name="VariantName", default=_s.ABSENT)
    deployed_images: list[DeployedImage] | None = _f(name="DeployedImages", default=None)
    current_weight: float | None = _f(name="CurrentWeight", default=None)
    desired_weight: float | None = _f(name="DesiredWeight", default=None)
    current_instance_count: _s.Int | None = _f(name="CurrentInstanceCount", default=None)
    desired_instance_count: _s.Int | None = _f(name="DesiredInstanceCount", default=None)
    instance_pools: list[InstancePoolSummary] | None = _f(name="InstancePools", default=None)
    variant_status: list[ProductionVariantStatus] | None = _f(name="VariantStatus", default=None)
    current_serverless_config: ProductionVariantServerlessConfig | None = _f(name="CurrentServerlessConfig", default=None)
    desired_serverless_config: ProductionVariantServerlessConfig | None = _f(name="DesiredServerlessConfig", default=None)
    managed_instance_scaling: ProductionVariantManagedInstanceScaling | None = _f(name="ManagedInstanceScaling", default=None)
    routing_config: ProductionVariantRoutingConfig | None = _f(name="RoutingConfig", default=None)
    capacity_reservation_config: ProductionVariantCapacityReservationSummary | None = _f(name="CapacityReservationConfig", default=None)
    accelerator_partition_layouts: list[AcceleratorPartitionLayout] | None = _f(name="AcceleratorPartitionLayouts", default=None)


class RealTimeInferenceRecommendation(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's RealTimeInferenceRecommendation."""

    recommendation_id: _s.Given[str] = _f(name="RecommendationId", default=_s.ABSENT)
    instance_type: _s.Given[str] = _f(name="InstanceType", default=_s.ABSENT)
    environment: dict[str, str] | None = _f(name="Environment", default=None)


class RepositoryAuthConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's RepositoryAuthConfig."""

    repository_credentials_provider_arn: _s.Given[str] = _f(name="RepositoryCredentialsProviderArn", default=_s.ABSENT)


class RollingUpdatePolicy(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's RollingUpdatePolicy."""

    maximum_batch_size: _s.Given[CapacitySize] = _f(name="MaximumBatchSize", default=_s.ABSENT)
    wait_interval_in_seconds: _s.Given[_s.Int] = _f(name="WaitIntervalInSeconds", default=_s.ABSENT)
    maximum_execution_timeout_in_seconds: _s.Int | None = _f(name="MaximumExecutionTimeoutInSeconds", default=None)
    rollback_maximum_batch_size: CapacitySize | None = _f(name="RollbackMaximumBatchSize", default=None)


class S3ModelDataSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's S3ModelDataSource."""

    s3_uri: _s.Given[str] = _f(name="S3Uri", default=_s.ABSENT)
    s3_data_type: _s.Given[str] = _f(name="S3DataType", default=_s.ABSENT)
    compression_type: _s.Given[str] = _f(name="CompressionType", default=_s.ABSENT)
    model_access_config: ModelAccessConfig | None = _f(name="ModelAccessConfig", default=None)
    hub_access_config: InferenceHubAccessConfig | None = _f(name="HubAccessConfig", default=None)
    manifest_s3_uri: str | None = _f(name="ManifestS3Uri", default=None)
    e_tag: str | None = _f(name="ETag", default=None)
    manifest_etag: str | None = _f(name="ManifestEtag", default=None)


class SourceAlgorithm(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SourceAlgorithm."""

    model_data_url: str | None = _f(name="ModelDataUrl", default=None)
    model_data_source: ModelDataSource | None = _f(name="ModelDataSource", default=None)
    model_data_e_tag: str | None = _f(name="ModelDataETag", default=None)
    algorithm_name: _s.Given[str] = _f(name="AlgorithmName", default=_s.ABSENT)


class SourceAlgorithmSpecification(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SourceAlgorithmSpecification."""

    source_algorithms: _s.Given[list[SourceAlgorithm]] = _f(name="SourceAlgorithms", default=_s.ABSENT)


class Tag(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Tag."""

    key: _s.Given[str] = _f(name="Key", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


class TrafficRoutingConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TrafficRoutingConfig."""

    type: _s.Given[str] = _f(name="Type", default=_s.ABSENT)
    wait_interval_in_seconds: _s.Given[_s.Int] = _f(name="WaitIntervalInSeconds", default=_s.ABSENT)
    canary_size: CapacitySize | None = _f(name="CanarySize", default=None)
    linear_step_size: CapacitySize | None = _f(name="LinearStepSize", default=None)


class TransformDataSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TransformDataSource."""

    s3_data_source: _s.Given[TransformS3DataSource] = _f(name="S3DataSource", default=_s.ABSENT)


class TransformInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TransformInput."""

    data_source: _s.Given[TransformDataSource] = _f(name="DataSource", default=_s.ABSENT)
    content_type: str | None = _f(name="ContentType", default=None)
    compression_type: str | None = _f(name="CompressionType", default=None)
    split_type: str | None = _f(name="SplitType", default=None)


class TransformJobDefinition(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TransformJobDefinition."""

    max_concurrent_transforms: _s.Int | None = _f(name="MaxConcurrentTransforms", default=None)
    max_payload_in_mb: _s.Int | None = _f(name="MaxPayloadInMB", default=None)
    batch_strategy: str | None = _f(name="BatchStrategy", default=None)
    environment: dict[str, str] | None = _f(name="Environment", default=None)
    transform_input: _s.Given[TransformInput] = _f(name="TransformInput", default=_s.ABSENT)
    transform_output: _s.Given[TransformOutput] = _f(name="TransformOutput", default=_s.ABSENT)
    transform_resources: _s.Given[TransformResources] = _f(name="TransformResources", default=_s.ABSENT)


class TransformOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TransformOutput."""

    s3_output_path: _s.Given[str] = _f(name="S3OutputPath", default=_s.ABSENT)
    accept: str | None = _f(name="Accept", default=None)
    assemble_with: str | None = _f(name="AssembleWith", default=None)
    kms_key_id: str | None = _f(name="KmsKeyId", default=None)


class TransformResources(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TransformResources."""

    instance_type: _s.Given[str] = _f(name="InstanceType", default=_s.ABSENT)
    instance_count: _s.Given[_s.Int] = _f(name="InstanceCount", default=_s.ABSENT)
    volume_kms_key_id: str | None = _f(name="VolumeKmsKeyId", default=None)
    transform_ami_version: str | None = _f(name="TransformAmiVersion", default=None)


class TransformS3DataSource(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TransformS3DataSource."""

    s3_data_type: _s.Given[str] = _f(name="S3DataType", default=_s.ABSENT)
    s3_uri: _s.Given[str] = _f(name="S3Uri", default=_s.ABSENT)


class UpdateEndpointInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateEndpointInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    endpoint_config_name: _s.Given[str] = _f(name="EndpointConfigName", default=_s.ABSENT)
    retain_all_variant_properties: bool | None = _f(name="RetainAllVariantProperties", default=None)
    exclude_retained_variant_properties: list[VariantProperty] | None = _f(name="ExcludeRetainedVariantProperties", default=None)
    deployment_config: DeploymentConfig | None = _f(name="DeploymentConfig", default=None)
    retain_deployment_config: bool | None = _f(name="RetainDeploymentConfig", default=None)


class UpdateEndpointOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateEndpointOutput."""

    endpoint_arn: _s.Given[str] = _f(name="EndpointArn", default=_s.ABSENT)


class UpdateEndpointWeightsAndCapacitiesInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateEndpointWeightsAndCapacitiesInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    desired_weights_and_capacities: _s.Given[list[DesiredWeightAndCapacity]] = _f(name="DesiredWeightsAndCapacities", default=_s.ABSENT)


class UpdateEndpointWeightsAndCapacitiesOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateEndpointWeightsAndCapacitiesOutput."""

    endpoint_arn: _s.Given[str] = _f(name="EndpointArn", default=_s.ABSENT)


class UpdateInferenceComponentInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateInferenceComponentInput."""

    inference_component_name: _s.Given[str] = _f(name="InferenceComponentName", default=_s.ABSENT)
    specification: InferenceComponentSpecification | None = _f(name="Specification", default=None)
    specifications: list[InferenceComponentSpecification] | None = _f(name="Specifications", default=None)
    runtime_config: InferenceComponentRuntimeConfig | None = _f(name="RuntimeConfig", default=None)
    deployment_config: InferenceComponentDeploymentConfig | None = _f(name="DeploymentConfig", default=None)


class UpdateInferenceComponentOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateInferenceComponentOutput."""

    inference_component_arn: _s.Given[str] = _f(name="InferenceComponentArn", default=_s.ABSENT)


class UpdateInferenceComponentRuntimeConfigInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateInferenceComponentRuntimeConfigInput."""

    inference_component_name: _s.Given[str] = _f(name="InferenceComponentName", default=_s.ABSENT)
    desired_runtime_config: _s.Given[InferenceComponentRuntimeConfig] = _f(name="DesiredRuntimeConfig", default=_s.ABSENT)


class UpdateInferenceComponentRuntimeConfigOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateInferenceComponentRuntimeConfigOutput."""

    inference_component_arn: _s.Given[str] = _f(name="InferenceComponentArn", default=_s.ABSENT)


class UpdateModelPackageInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateModelPackageInput."""

    model_package_arn: _s.Given[str] = _f(name="ModelPackageArn", default=_s.ABSENT)
    model_approval_status: str | None = _f(name="ModelApprovalStatus", default=None)
    model_package_registration_type: str | None = _f(name="ModelPackageRegistrationType", default=None)
    approval_description: str | None = _f(name="ApprovalDescription", default=None)
    customer_metadata_properties: dict[str, str] | None = _f(name="CustomerMetadataProperties", default=None)
    customer_metadata_properties_to_remove: list[str] | None = _f(name="CustomerMetadataPropertiesToRemove", default=None)
    additional_inference_specifications_to_add: list[AdditionalInferenceSpecificationDefinition] | None = _f(name="AdditionalInferenceSpecificationsToAdd", default=None)
    inference_specification: InferenceSpecification | None = _f(name="InferenceSpecification", default=None)
    source_uri: str | None = _f(name="SourceUri", default=None)
    model_card: ModelPackageModelCard | None = _f(name="ModelCard", default=None)
    model_life_cycle: ModelLifeCycle | None = _f(name="ModelLifeCycle", default=None)
    client_token: str | None = _f(name="ClientToken", default=None)


class UpdateModelPackageOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UpdateModelPackageOutput."""

    model_package_arn: _s.Given[str] = _f(name="ModelPackageArn", default=_s.ABSENT)


class UserContext(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UserContext."""

    user_profile_arn: str | None = _f(name="UserProfileArn", default=None)
    user_profile_name: str | None = _f(name="UserProfileName", default=None)
    domain_id: str | None = _f(name="DomainId", default=None)
    iam_identity: IamIdentity | None = _f(name="IamIdentity", default=None)


class VariantProperty(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's VariantProperty."""

    variant_property_type: _s.Given[str] = _f(name="VariantPropertyType", default=_s.ABSENT)


class VpcConfig(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's VpcConfig."""

    security_group_ids: _s.Given[list[str]] = _f(name="SecurityGroupIds", default=_s.ABSENT)
    subnets: _s.Given[list[str]] = _f(name="Subnets", default=_s.ABSENT)


# Limits, for the constraint walk.

_ResourceArn = _c.Text(least=0, most=256, pattern=r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+")
_TagKey = _c.Text(least=1, most=128, pattern=r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", python=r"([\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000_.:/=+\-@]*)")
_TagValue = _c.Text(least=0, most=256, pattern=r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", python=r"([\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000_.:/=+\-@]*)")
_Tag = _c.Shape(members=(
    _c.Member(attribute="key", name="key", required=True, check=_TagKey),
    _c.Member(attribute="value", name="value", required=True, check=_TagValue),
))
_TagList = _c.Items(least=0, most=50, member=_Tag)
_AddTagsInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceArn", required=True, check=_ResourceArn),
    _c.Member(attribute="tags", name="tags", required=True, check=_TagList),
))
_TagKeyList = _c.Items(least=1, most=50, member=_TagKey)
_DeleteTagsInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceArn", required=True, check=_ResourceArn),
    _c.Member(attribute="tag_keys", name="tagKeys", required=True, check=_TagKeyList),
))
_NextToken = _c.Text(least=0, most=8192, pattern=r".*")
_ListTagsMaxResults = _c.Range(least=50)
_ListTagsInput = _c.Shape(members=(
    _c.Member(attribute="resource_arn", name="resourceArn", required=True, check=_ResourceArn),
    _c.Member(attribute="next_token", name="nextToken", check=_NextToken),
    _c.Member(attribute="max_results", name="maxResults", check=_ListTagsMaxResults),
))
_EndpointName = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_EndpointConfigName = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_TrafficRoutingConfigType = _c.Text(choices=("ALL_AT_ONCE", "CANARY", "LINEAR",))
_WaitIntervalInSeconds = _c.Range(least=0, most=3600)
_CapacitySizeType = _c.Text(choices=("INSTANCE_COUNT", "CAPACITY_PERCENT",))
_CapacitySizeValue = _c.Range(least=1)
_CapacitySize = _c.Shape(members=(
    _c.Member(attribute="type", name="type", required=True, check=_CapacitySizeType),
    _c.Member(attribute="value", name="value", required=True, check=_CapacitySizeValue),
))
_TrafficRoutingConfig = _c.Shape(members=(
    _c.Member(attribute="type", name="type", required=True, check=_TrafficRoutingConfigType),
    _c.Member(attribute="wait_interval_in_seconds", name="waitIntervalInSeconds", required=True, check=_WaitIntervalInSeconds),
    _c.Member(attribute="canary_size", name="canarySize", check=_CapacitySize),
    _c.Member(attribute="linear_step_size", name="linearStepSize", check=_CapacitySize),
))
_TerminationWaitInSeconds = _c.Range(least=0, most=3600)
_MaximumExecutionTimeoutInSeconds = _c.Range(least=600, most=28800)
_BlueGreenUpdatePolicy = _c.Shape(members=(
    _c.Member(attribute="traffic_routing_configuration", name="trafficRoutingConfiguration", required=True, check=_TrafficRoutingConfig),
    _c.Member(attribute="termination_wait_in_seconds", name="terminationWaitInSeconds", check=_TerminationWaitInSeconds),
    _c.Member(attribute="maximum_execution_timeout_in_seconds", name="maximumExecutionTimeoutInSeconds", check=_MaximumExecutionTimeoutInSeconds),
))
_RollingUpdatePolicy = _c.Shape(members=(
    _c.Member(attribute="maximum_batch_size", name="maximumBatchSize", required=True, check=_CapacitySize),
    _c.Member(attribute="wait_interval_in_seconds", name="waitIntervalInSeconds", required=True, check=_WaitIntervalInSeconds),
    _c.Member(attribute="maximum_execution_timeout_in_seconds", name="maximumExecutionTimeoutInSeconds", check=_MaximumExecutionTimeoutInSeconds),
    _c.Member(attribute="rollback_maximum_batch_size", name="rollbackMaximumBatchSize", check=_CapacitySize),
))
_AlarmName = _c.Text(least=1, most=255, pattern=r"(?!\s*$).+", python=r"(?a:(?!\s*$).+)")
_Alarm = _c.Shape(members=(
    _c.Member(attribute="alarm_name", name="alarmName", check=_AlarmName),
))
_AlarmList = _c.Items(least=1, most=10, member=_Alarm)
_AutoRollbackConfig = _c.Shape(members=(
    _c.Member(attribute="alarms", name="alarms", check=_AlarmList),
))
_DeploymentConfig = _c.Shape(members=(
    _c.Member(attribute="blue_green_update_policy", name="blueGreenUpdatePolicy", check=_BlueGreenUpdatePolicy),
    _c.Member(attribute="rolling_update_policy", name="rollingUpdatePolicy", check=_RollingUpdatePolicy),
    _c.Member(attribute="auto_rollback_configuration", name="autoRollbackConfiguration", check=_AutoRollbackConfig),
))
_CreateEndpointInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
    _c.Member(attribute="endpoint_config_name", name="endpointConfigName", required=True, check=_EndpointConfigName),
    _c.Member(attribute="deployment_config", name="deploymentConfig", check=_DeploymentConfig),
    _c.Member(attribute="tags", name="tags", check=_TagList),
))
_VariantName = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_ModelName = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?")
_InitialTaskCount = _c.Range(least=1)
_ProductionVariantInstanceType = _c.Text(choices=("ml.t2.medium", "ml.t2.large", "ml.t2.xlarge", "ml.t2.2xlarge", "ml.m4.xlarge", "ml.m4.2xlarge", "ml.m4.4xlarge", "ml.m4.10xlarge", "ml.m4.16xlarge", "ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.m5.4xlarge", "ml.m5.12xlarge", "ml.m5.24xlarge", "ml.m5d.large", "ml.m5d.xlarge", "ml.m5d.2xlarge", "ml.m5d.4xlarge", "ml.m5d.12xlarge", "ml.m5d.24xlarge", "ml.c4.large", "ml.c4.xlarge", "ml.c4.2xlarge", "ml.c4.4xlarge", "ml.c4.8xlarge", "ml.p2.xlarge", "ml.p2.8xlarge", "ml.p2.16xlarge", "ml.p3.2xlarge", "ml.p3.8xlarge", "ml.p3.16xlarge", "ml.c5.large", "ml.c5.xlarge", "ml.c5.2xlarge", "ml.c5.4xlarge", "ml.c5.9xlarge", "ml.c5.18xlarge", "ml.c5d.large", "ml.c5d.xlarge", "ml.c5d.2xlarge", "ml.c5d.4xlarge", "ml.c5d.9xlarge", "ml.c5d.18xlarge", "ml.g4dn.xlarge", "ml.g4dn.2xlarge", "ml.g4dn.4xlarge", "ml.g4dn.8xlarge", "ml.g4dn.12xlarge", "ml.g4dn.16xlarge", "ml.r5.large", "ml.r5.xlarge", "ml.r5.2xlarge", "ml.r5.4xlarge", "ml.r5.12xlarge", "ml.r5.24xlarge", "ml.r5d.large", "ml.r5d.xlarge", "ml.r5d.2xlarge", "ml.r5d.4xlarge", "ml.r5d.12xlarge", "ml.r5d.24xlarge", "ml.inf1.xlarge", "ml.inf1.2xlarge", "ml.inf1.6xlarge", "ml.inf1.24xlarge", "ml.dl1.24xlarge", "ml.c6i.large", "ml.c6i.xlarge", "ml.c6i.2xlarge", "ml.c6i.4xlarge", "ml.c6i.8xlarge", "ml.c6i.12xlarge", "ml.c6i.16xlarge", "ml.c6i.24xlarge", "ml.c6i.32xlarge", "ml.m6i.large", "ml.m6i.xlarge", "ml.m6i.2xlarge", "ml.m6i.4xlarge", "ml.m6i.8xlarge", "ml.m6i.12xlarge", "ml.m6i.16xlarge", "ml.m6i.24xlarge", "ml.m6i.32xlarge", "ml.r6i.large", "ml.r6i.xlarge", "ml.r6i.2xlarge", "ml.r6i.4xlarge", "ml.r6i.8xlarge", "ml.r6i.12xlarge", "ml.r6i.16xlarge", "ml.r6i.24xlarge", "ml.r6i.32xlarge", "ml.g5.xlarge", "ml.g5.2xlarge", "ml.g5.4xlarge", "ml.g5.8xlarge", "ml.g5.12xlarge", "ml.g5.16xlarge", "ml.g5.24xlarge", "ml.g5.48xlarge", "ml.g6.xlarge", "ml.g6.2xlarge", "ml.g6.4xlarge", "ml.g6.8xlarge", "ml.g6.12xlarge", "ml.g6.16xlarge", "ml.g6.24xlarge", "ml.g6.48xlarge", "ml.r8g.medium", "ml.r8g.large", "ml.r8g.xlarge", "ml.r8g.2xlarge", "ml.r8g.4xlarge", "ml.r8g.8xlarge", "ml.r8g.12xlarge", "ml.r8g.16xlarge", "ml.r8g.24xlarge", "ml.r8g.48xlarge", "ml.g6e.xlarge", "ml.g6e.2xlarge", "ml.g6e.4xlarge", "ml.g6e.8xlarge", "ml.g6e.12xlarge", "ml.g6e.16xlarge", "ml.g6e.24xlarge", "ml.g6e.48xlarge", "ml.g7e.2xlarge", "ml.g7e.4xlarge", "ml.g7e.8xlarge", "ml.g7e.12xlarge", "ml.g7e.24xlarge", "ml.g7e.48xlarge", "ml.g7.2xlarge", "ml.g7.4xlarge", "ml.g7.8xlarge", "ml.g7.12xlarge", "ml.g7.24xlarge", "ml.g7.48xlarge", "ml.p4d.24xlarge", "ml.c7g.large", "ml.c7g.xlarge", "ml.c7g.2xlarge", "ml.c7g.4xlarge", "ml.c7g.8xlarge", "ml.c7g.12xlarge", "ml.c7g.16xlarge", "ml.m6g.large", "ml.m6g.xlarge", "ml.m6g.2xlarge", "ml.m6g.4xlarge", "ml.m6g.8xlarge", "ml.m6g.12xlarge", "ml.m6g.16xlarge", "ml.m6gd.large", "ml.m6gd.xlarge", "ml.m6gd.2xlarge", "ml.m6gd.4xlarge", "ml.m6gd.8xlarge", "ml.m6gd.12xlarge", "ml.m6gd.16xlarge", "ml.c6g.large", "ml.c6g.xlarge", "ml.c6g.2xlarge", "ml.c6g.4xlarge", "ml.c6g.8xlarge", "ml.c6g.12xlarge", "ml.c6g.16xlarge", "ml.c6gd.large", "ml.c6gd.xlarge", "ml.c6gd.2xlarge", "ml.c6gd.4xlarge", "ml.c6gd.8xlarge", "ml.c6gd.12xlarge", "ml.c6gd.16xlarge", "ml.c6gn.large", "ml.c6gn.xlarge", "ml.c6gn.2xlarge", "ml.c6gn.4xlarge", "ml.c6gn.8xlarge", "ml.c6gn.12xlarge", "ml.c6gn.16xlarge", "ml.r6g.large", "ml.r6g.xlarge", "ml.r6g.2xlarge", "ml.r6g.4xlarge", "ml.r6g.8xlarge", "ml.r6g.12xlarge", "ml.r6g.16xlarge", "ml.r6gd.large", "ml.r6gd.xlarge", "ml.r6gd.2xlarge", "ml.r6gd.4xlarge", "ml.r6gd.8xlarge", "ml.r6gd.12xlarge", "ml.r6gd.16xlarge", "ml.p4de.24xlarge", "ml.trn1.2xlarge", "ml.trn1.32xlarge", "ml.trn1n.32xlarge", "ml.trn2.48xlarge", "ml.inf2.xlarge", "ml.inf2.8xlarge", "ml.inf2.24xlarge", "ml.inf2.48xlarge", "ml.p5.48xlarge", "ml.p5e.48xlarge", "ml.p5en.48xlarge", "ml.m7i.large", "ml.m7i.xlarge", "ml.m7i.2xlarge", "ml.m7i.4xlarge", "ml.m7i.8xlarge", "ml.m7i.12xlarge", "ml.m7i.16xlarge", "ml.m7i.24xlarge", "ml.m7i.48xlarge", "ml.c7i.large", "ml.c7i.xlarge", "ml.c7i.2xlarge", "ml.c7i.4xlarge", "ml.c7i.8xlarge", "ml.c7i.12xlarge", "ml.c7i.16xlarge", "ml.c7i.24xlarge", "ml.c7i.48xlarge", "ml.r7i.large", "ml.r7i.xlarge", "ml.r7i.2xlarge", "ml.r7i.4xlarge", "ml.r7i.8xlarge", "ml.r7i.12xlarge", "ml.r7i.16xlarge", "ml.r7i.24xlarge", "ml.r7i.48xlarge", "ml.c8g.medium", "ml.c8g.large", "ml.c8g.xlarge", "ml.c8g.2xlarge", "ml.c8g.4xlarge", "ml.c8g.8xlarge", "ml.c8g.12xlarge", "ml.c8g.16xlarge", "ml.c8g.24xlarge", "ml.c8g.48xlarge", "ml.r7gd.medium", "ml.r7gd.large", "ml.r7gd.xlarge", "ml.r7gd.2xlarge", "ml.r7gd.4xlarge", "ml.r7gd.8xlarge", "ml.r7gd.12xlarge", "ml.r7gd.16xlarge", "ml.m8g.medium", "ml.m8g.large", "ml.m8g.xlarge", "ml.m8g.2xlarge", "ml.m8g.4xlarge", "ml.m8g.8xlarge", "ml.m8g.12xlarge", "ml.m8g.16xlarge", "ml.m8g.24xlarge", "ml.m8g.48xlarge", "ml.c6in.large", "ml.c6in.xlarge", "ml.c6in.2xlarge", "ml.c6in.4xlarge", "ml.c6in.8xlarge", "ml.c6in.12xlarge", "ml.c6in.16xlarge", "ml.c6in.24xlarge", "ml.c6in.32xlarge", "ml.p6-b200.48xlarge", "ml.p6-b300.48xlarge", "ml.p6e-gb200.36xlarge", "ml.p5.4xlarge", "local",))
_InstancePoolPriority = _c.Range(least=1, most=5)
_InstancePool = _c.Shape(members=(
    _c.Member(attribute="instance_type", name="instanceType", required=True, check=_ProductionVariantInstanceType),
    _c.Member(attribute="model_name_override", name="modelNameOverride", check=_ModelName),
    _c.Member(attribute="priority", name="priority", required=True, check=_InstancePoolPriority),
))
_InstancePoolList = _c.Items(least=1, most=5, member=_InstancePool)
_VariantInstanceProvisionTimeoutInSeconds = _c.Range(least=300, most=3600)
_VariantWeight = _c.Range(least=0)
_ProductionVariantAcceleratorType = _c.Text(choices=("ml.eia1.medium", "ml.eia1.large", "ml.eia1.xlarge", "ml.eia2.medium", "ml.eia2.large", "ml.eia2.xlarge",))
_DestinationS3Uri = _c.Text(least=0, most=512, pattern=r"(https|s3|file)://(.*)")
_KmsKeyId = _c.Text(least=0, most=2048, pattern=r"[a-zA-Z0-9:/_-]*")
_ProductionVariantCoreDumpConfig = _c.Shape(members=(
    _c.Member(attribute="destination_s3_uri", name="destinationS3Uri", required=True, check=_DestinationS3Uri),
    _c.Member(attribute="kms_key_id", name="kmsKeyId", check=_KmsKeyId),
))
_ServerlessMemorySizeInMB = _c.Range(least=1024, most=6144)
_ServerlessMaxConcurrency = _c.Range(least=1, most=200)
_ServerlessProvisionedConcurrency = _c.Range(least=1, most=200)
_ProductionVariantServerlessConfig = _c.Shape(members=(
    _c.Member(attribute="memory_size_in_mb", name="memorySizeInMB", required=True, check=_ServerlessMemorySizeInMB),
    _c.Member(attribute="max_concurrency", name="maxConcurrency", required=True, check=_ServerlessMaxConcurrency),
    _c.Member(attribute="provisioned_concurrency", name="provisionedConcurrency", check=_ServerlessProvisionedConcurrency),
))
_ProductionVariantVolumeSizeInGB = _c.Range(least=1, most=512)
_ProductionVariantModelDataDownloadTimeoutInSeconds = _c.Range(least=60, most=3600)
_ProductionVariantContainerStartupHealthCheckTimeoutInSeconds = _c.Range(least=60, most=3600)
_ManagedInstanceScalingStatus = _c.Text(choices=("ENABLED", "DISABLED",))
_ManagedInstanceScalingMinInstanceCount = _c.Range(least=0)
_ManagedInstanceScalingMaxInstanceCount = _c.Range(least=1)
_ManagedInstanceScalingScaleInStrategy = _c.Text(choices=("IDLE_RELEASE", "CONSOLIDATION",))
_ManagedInstanceScalingMaximumStepSize = _c.Range(least=1, most=100)
_ManagedInstanceScalingCooldownInMinutes = _c.Range(least=5, most=1440)
_ProductionVariantManagedInstanceScalingScaleInPolicy = _c.Shape(members=(
    _c.Member(attribute="strategy", name="strategy", required=True, check=_ManagedInstanceScalingScaleInStrategy),
    _c.Member(attribute="maximum_step_size", name="maximumStepSize", check=_ManagedInstanceScalingMaximumStepSize),
    _c.Member(attribute="cooldown_in_minutes", name="cooldownInMinutes", check=_ManagedInstanceScalingCooldownInMinutes),
))
_ProductionVariantManagedInstanceScaling = _c.Shape(members=(
    _c.Member(attribute="status", name="status", check=_ManagedInstanceScalingStatus),
    _c.Member(attribute="min_instance_count", name="minInstanceCount", check=_ManagedInstanceScalingMinInstanceCount),
    _c.Member(attribute="max_instance_count", name="maxInstanceCount", check=_ManagedInstanceScalingMaxInstanceCount),
    _c.Member(attribute="scale_in_policy", name="scaleInPolicy", check=_ProductionVariantManagedInstanceScalingScaleInPolicy),
))
_RoutingStrategy = _c.Text(choices=("LEAST_OUTSTANDING_REQUESTS", "RANDOM", "PREFIX_AWARE", "KV_AWARE",))
_PrefixAwareRoutingPrefixLength = _c.Range(least=1024, most=65536)
_PrefixAwareRoutingConcurrencyThreshold = _c.Range(least=1, most=1024)
_PrefixAwareRoutingConfig = _c.Shape(members=(
    _c.Member(attribute="prefix_length", name="prefixLength", check=_PrefixAwareRoutingPrefixLength),
    _c.Member(attribute="concurrency_threshold", name="concurrencyThreshold", check=_PrefixAwareRoutingConcurrencyThreshold),
))
_ProductionVariantRoutingConfig = _c.Shape(members=(
    _c.Member(attribute="routing_strategy", name="routingStrategy", required=True, check=_RoutingStrategy),
    _c.Member(attribute="prefix_aware_routing_config", name="prefixAwareRoutingConfig", check=_PrefixAwareRoutingConfig),
))
_ProductionVariantInferenceAmiVersion = _c.Text(choices=("al2-ami-sagemaker-inference-gpu-2", "al2-ami-sagemaker-inference-gpu-2-1", "al2-ami-sagemaker-inference-gpu-3-1", "al2-ami-sagemaker-inference-neuron-2", "al2023-ami-sagemaker-inference-gpu-4-1",))
_CapacityReservationPreference = _c.Text(choices=("capacity-reservations-only",))
_MlReservationArn = _c.Text(least=20, most=258, pattern=r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z0-9\-]{1,14}/.*")
_ProductionVariantCapacityReservationConfig = _c.Shape(members=(
    _c.Member(attribute="capacity_reservation_preference", name="capacityReservationPreference", check=_CapacityReservationPreference),
    _c.Member(attribute="ml_reservation_arn", name="mlReservationArn", check=_MlReservationArn),
))
_AcceleratorPartitionType = _c.Text(least=0, most=32, pattern=r"mig-[0-9]+g\.[0-9]+gb([+-][a-z0-9.]+)*")
_AcceleratorPartitionTypeList = _c.Items(least=0, most=32, member=_AcceleratorPartitionType)
_AcceleratorPartitionLayout = _c.Shape(members=(
    _c.Member(attribute="accelerator_partition_types", name="acceleratorPartitionTypes", check=_AcceleratorPartitionTypeList),
))
_ProductionVariantAcceleratorPartitionLayoutsList = _c.Items(least=1, most=32, member=_AcceleratorPartitionLayout)
_ProductionVariant = _c.Shape(members=(
    _c.Member(attribute="variant_name", name="variantName", required=True, check=_VariantName),
    _c.Member(attribute="model_name", name="modelName", check=_ModelName),
    _c.Member(attribute="initial_instance_count", name="initialInstanceCount", check=_InitialTaskCount),
    _c.Member(attribute="instance_type", name="instanceType", check=_ProductionVariantInstanceType),
    _c.Member(attribute="instance_pools", name="instancePools", check=_InstancePoolList),
    _c.Member(attribute="variant_instance_provision_timeout_in_seconds", name="variantInstanceProvisionTimeoutInSeconds", check=_VariantInstanceProvisionTimeoutInSeconds),
    _c.Member(attribute="initial_variant_weight", name="initialVariantWeight", check=_VariantWeight),
    _c.Member(attribute="accelerator_type", name="acceleratorType", check=_ProductionVariantAcceleratorType),
    _c.Member(attribute="core_dump_config", name="coreDumpConfig", check=_ProductionVariantCoreDumpConfig),
    _c.Member(attribute="serverless_config", name="serverlessConfig", check=_ProductionVariantServerlessConfig),
    _c.Member(attribute="volume_size_in_gb", name="volumeSizeInGB", check=_ProductionVariantVolumeSizeInGB),
    _c.Member(attribute="model_data_download_timeout_in_seconds", name="modelDataDownloadTimeoutInSeconds", check=_ProductionVariantModelDataDownloadTimeoutInSeconds),
    _c.Member(attribute="container_startup_health_check_timeout_in_seconds", name="containerStartupHealthCheckTimeoutInSeconds", check=_ProductionVariantContainerStartupHealthCheckTimeoutInSeconds),
    _c.Member(attribute="managed_instance_scaling", name="managedInstanceScaling", check=_ProductionVariantManagedInstanceScaling),
    _c.Member(attribute="routing_config", name="routingConfig", check=_ProductionVariantRoutingConfig),
    _c.Member(attribute="inference_ami_version", name="inferenceAmiVersion", check=_ProductionVariantInferenceAmiVersion),
    _c.Member(attribute="capacity_reservation_config", name="capacityReservationConfig", check=_ProductionVariantCapacityReservationConfig),
    _c.Member(attribute="accelerator_partition_layouts", name="acceleratorPartitionLayouts", check=_ProductionVariantAcceleratorPartitionLayoutsList),
))
_ProductionVariantList = _c.Items(least=1, most=10, member=_ProductionVariant)
_SamplingPercentage = _c.Range(least=0, most=100)
_CaptureMode = _c.Text(choices=("Input", "Output", "InputAndOutput",))
_CaptureOption = _c.Shape(members=(
    _c.Member(attribute="capture_mode", name="captureMode", required=True, check=_CaptureMode),
))
_CaptureOptionList = _c.Items(least=1, most=32, member=_CaptureOption)
_CsvContentType = _c.Text(least=1, most=256, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9.])*")
_CsvContentTypes = _c.Items(least=1, most=10, member=_CsvContentType)
_JsonContentType = _c.Text(least=1, most=256, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9.])*")
_JsonContentTypes = _c.Items(least=1, most=10, member=_JsonContentType)
_CaptureContentTypeHeader = _c.Shape(members=(
    _c.Member(attribute="csv_content_types", name="csvContentTypes", check=_CsvContentTypes),
    _c.Member(attribute="json_content_types", name="jsonContentTypes", check=_JsonContentTypes),
))
_DataCaptureConfig = _c.Shape(members=(
    _c.Member(attribute="initial_sampling_percentage", name="initialSamplingPercentage", required=True, check=_SamplingPercentage),
    _c.Member(attribute="destination_s3_uri", name="destinationS3Uri", required=True, check=_DestinationS3Uri),
    _c.Member(attribute="kms_key_id", name="kmsKeyId", check=_KmsKeyId),
    _c.Member(attribute="capture_options", name="captureOptions", required=True, check=_CaptureOptionList),
    _c.Member(attribute="capture_content_type_header", name="captureContentTypeHeader", check=_CaptureContentTypeHeader),
))
_MaxConcurrentInvocationsPerInstance = _c.Range(least=1, most=1000)
_AsyncInferenceClientConfig = _c.Shape(members=(
    _c.Member(attribute="max_concurrent_invocations_per_instance", name="maxConcurrentInvocationsPerInstance", check=_MaxConcurrentInvocationsPerInstance),
))
_SnsTopicArn = _c.Text(least=0, most=2048, pattern=r"arn:aws[a-z\-]*:(sns|sqs):[a-z0-9\-]*:[0-9]{12}:[a-zA-Z0-9_.-]+|https?://.+")
_AsyncNotificationTopicTypes = _c.Text(choices=("SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC",))
_AsyncNotificationTopicTypeList = _c.Items(least=0, most=2, member=_AsyncNotificationTopicTypes)
_AsyncInferenceNotificationConfig = _c.Shape(members=(
    _c.Member(attribute="success_topic", name="successTopic", check=_SnsTopicArn),
    _c.Member(attribute="error_topic", name="errorTopic", check=_SnsTopicArn),
    _c.Member(attribute="include_inference_response_in", name="includeInferenceResponseIn", check=_AsyncNotificationTopicTypeList),
))
_AsyncInferenceOutputConfig = _c.Shape(members=(
    _c.Member(attribute="kms_key_id", name="kmsKeyId", check=_KmsKeyId),
    _c.Member(attribute="s3_output_path", name="s3OutputPath", check=_DestinationS3Uri),
    _c.Member(attribute="notification_config", name="notificationConfig", check=_AsyncInferenceNotificationConfig),
    _c.Member(attribute="s3_failure_path", name="s3FailurePath", check=_DestinationS3Uri),
))
_AsyncInferenceConfig = _c.Shape(members=(
    _c.Member(attribute="client_config", name="clientConfig", check=_AsyncInferenceClientConfig),
    _c.Member(attribute="output_config", name="outputConfig", required=True, check=_AsyncInferenceOutputConfig),
))
_ClarifyEnableExplanations = _c.Text(least=1, most=64, pattern=r".*")
_ClarifyFeaturesAttribute = _c.Text(least=1, most=64, pattern=r".*")
_ClarifyContentTemplate = _c.Text(least=1, most=64, pattern=r".*")
_ClarifyMaxRecordCount = _c.Range(least=1)
_ClarifyMaxPayloadInMB = _c.Range(least=1, most=25)
_ClarifyProbabilityIndex = _c.Range(least=0)
_ClarifyLabelIndex = _c.Range(least=0)
_ClarifyProbabilityAttribute = _c.Text(least=1, most=64, pattern=r".*")
_ClarifyLabelAttribute = _c.Text(least=1, most=64, pattern=r".*")
_ClarifyHeader = _c.Text(least=1, most=64, pattern=r".*")
_ClarifyLabelHeaders = _c.Items(least=1, most=16, member=_ClarifyHeader)
_ClarifyFeatureHeaders = _c.Items(least=1, most=256, member=_ClarifyHeader)
_ClarifyFeatureType = _c.Text(choices=("numerical", "categorical", "text",))
_ClarifyFeatureTypes = _c.Items(least=1, most=256, member=_ClarifyFeatureType)
_ClarifyInferenceConfig = _c.Shape(members=(
    _c.Member(attribute="features_attribute", name="featuresAttribute", check=_ClarifyFeaturesAttribute),
    _c.Member(attribute="content_template", name="contentTemplate", check=_ClarifyContentTemplate),
    _c.Member(attribute="max_record_count", name="maxRecordCount", check=_ClarifyMaxRecordCount),
    _c.Member(attribute="max_payload_in_mb", name="maxPayloadInMB", check=_ClarifyMaxPayloadInMB),
    _c.Member(attribute="probability_index", name="probabilityIndex", check=_ClarifyProbabilityIndex),
    _c.Member(attribute="label_index", name="labelIndex", check=_ClarifyLabelIndex),
    _c.Member(attribute="probability_attribute", name="probabilityAttribute", check=_ClarifyProbabilityAttribute),
    _c.Member(attribute="label_attribute", name="labelAttribute", check=_ClarifyLabelAttribute),
    _c.Member(attribute="label_headers", name="labelHeaders", check=_ClarifyLabelHeaders),
    _c.Member(attribute="feature_headers", name="featureHeaders", check=_ClarifyFeatureHeaders),
    _c.Member(attribute="feature_types", name="featureTypes", check=_ClarifyFeatureTypes),
))
_ClarifyMimeType = _c.Text(least=0, most=255, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9+.])*")
_ClarifyShapBaseline = _c.Text(least=1, most=4096, pattern=r"[\s\S]+", python=r"(?a:[\s\S]+)")
_Url = _c.Text(least=0, most=1024, pattern=r"(https?|s3|gs|az|hf|file)://(.*)")
_ClarifyShapBaselineConfig = _c.Shape(members=(
    _c.Member(attribute="mime_type", name="mimeType", check=_ClarifyMimeType),
    _c.Member(attribute="shap_baseline", name="shapBaseline", check=_ClarifyShapBaseline),
    _c.Member(attribute="shap_baseline_uri", name="shapBaselineUri", check=_Url),
))
_ClarifyShapNumberOfSamples = _c.Range(least=1)
_ClarifyTextLanguage = _c.Text(choices=("af", "sq", "ar", "hy", "eu", "bn", "bg", "ca", "zh", "hr", "cs", "da", "nl", "en", "et", "fi", "fr", "de", "el", "gu", "he", "hi", "hu", "is", "id", "ga", "it", "kn", "ky", "lv", "lt", "lb", "mk", "ml", "mr", "ne", "nb", "fa", "pl", "pt", "ro", "ru", "sa", "sr", "tn", "si", "sk", "sl", "es", "sv", "tl", "ta", "tt", "te", "tr", "uk", "ur", "yo", "lij", "xx",))
_ClarifyTextGranularity = _c.Text(choices=("token", "sentence", "paragraph",))
_ClarifyTextConfig = _c.Shape(members=(
    _c.Member(attribute="language", name="language", required=True, check=_ClarifyTextLanguage),
    _c.Member(attribute="granularity", name="granularity", required=True, check=_ClarifyTextGranularity),
))
_ClarifyShapConfig = _c.Shape(members=(
    _c.Member(attribute="shap_baseline_config", name="shapBaselineConfig", required=True, check=_ClarifyShapBaselineConfig),
    _c.Member(attribute="number_of_samples", name="numberOfSamples", check=_ClarifyShapNumberOfSamples),
    _c.Member(attribute="text_config", name="textConfig", check=_ClarifyTextConfig),
))
_ClarifyExplainerConfig = _c.Shape(members=(
    _c.Member(attribute="enable_explanations", name="enableExplanations", check=_ClarifyEnableExplanations),
    _c.Member(attribute="inference_config", name="inferenceConfig", check=_ClarifyInferenceConfig),
    _c.Member(attribute="shap_config", name="shapConfig", required=True, check=_ClarifyShapConfig),
))
_ExplainerConfig = _c.Shape(members=(
    _c.Member(attribute="clarify_explainer_config", name="clarifyExplainerConfig", check=_ClarifyExplainerConfig),
))
_RoleArn = _c.Text(least=20, most=2048, pattern=r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+", python=r"(?a:arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)")
_SecurityGroupId = _c.Text(least=0, most=32, pattern=r"[-0-9a-zA-Z]+")
_VpcSecurityGroupIds = _c.Items(least=1, most=5, member=_SecurityGroupId)
_SubnetId = _c.Text(least=0, most=32, pattern=r"[-0-9a-zA-Z]+")
_Subnets = _c.Items(least=1, most=16, member=_SubnetId)
_VpcConfig = _c.Shape(members=(
    _c.Member(attribute="security_group_ids", name="securityGroupIds", required=True, check=_VpcSecurityGroupIds),
    _c.Member(attribute="subnets", name="subnets", required=True, check=_Subnets),
))
_CrossRegionMaxInvocationsPerSecondPerInstance = _c.Range(least=1, most=10000)
_CrossRegionPercentPerEndpoint = _c.Range(least=1, most=100)
_CrossRegionTrafficConfig = _c.Shape(members=(
    _c.Member(attribute="max_invocations_per_second_per_instance", name="maxInvocationsPerSecondPerInstance", required=True, check=_CrossRegionMaxInvocationsPerSecondPerInstance),
    _c.Member(attribute="max_cross_region_percent_per_endpoint", name="maxCrossRegionPercentPerEndpoint", required=True, check=_CrossRegionPercentPerEndpoint),
))
_CreateEndpointConfigInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_config_name", name="endpointConfigName", required=True, check=_EndpointConfigName),
    _c.Member(attribute="production_variants", name="productionVariants", required=True, check=_ProductionVariantList),
    _c.Member(attribute="data_capture_config", name="dataCaptureConfig", check=_DataCaptureConfig),
    _c.Member(attribute="tags", name="tags", check=_TagList),
    _c.Member(attribute="kms_key_id", name="kmsKeyId", check=_KmsKeyId),
    _c.Member(attribute="async_inference_config", name="asyncInferenceConfig", check=_AsyncInferenceConfig),
    _c.Member(attribute="explainer_config", name="explainerConfig", check=_ExplainerConfig),
    _c.Member(attribute="shadow_production_variants", name="shadowProductionVariants", check=_ProductionVariantList),
    _c.Member(attribute="execution_role_arn", name="executionRoleArn", check=_RoleArn),
    _c.Member(attribute="vpc_config", name="vpcConfig", check=_VpcConfig),
    _c.Member(attribute="cross_region_traffic_config", name="crossRegionTrafficConfig", check=_CrossRegionTrafficConfig),
))
_InferenceComponentName = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?")
_ContainerImage = _c.Text(least=0, most=255, pattern=r"[\S]+", python=r"(?a:[\S]+)")
_EnvironmentKey = _c.Text(least=0, most=1024, pattern=r"[a-zA-Z_][a-zA-Z0-9_]*")
_EnvironmentValue = _c.Text(least=0, most=1024, pattern=r"[\S\s]*", python=r"(?a:[\S\s]*)")
_EnvironmentMap = _c.Entries(least=0, most=100, key=_EnvironmentKey, value=_EnvironmentValue)
_MetricsEndpointPath = _c.Text(least=0, most=256, pattern=r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+")
_MetricsEndpoint = _c.Shape(members=(
    _c.Member(attribute="metrics_endpoint_path", name="metricsEndpointPath", required=True, check=_MetricsEndpointPath),
))
_MetricsEndpointList = _c.Items(least=0, most=1, member=_MetricsEndpoint)
_ContainerMetricsConfig = _c.Shape(members=(
    _c.Member(attribute="metrics_endpoints", name="metricsEndpoints", check=_MetricsEndpointList),
))
_InferenceComponentContainerSpecification = _c.Shape(members=(
    _c.Member(attribute="image", name="image", check=_ContainerImage),
    _c.Member(attribute="artifact_url", name="artifactUrl", check=_Url),
    _c.Member(attribute="environment", name="environment", check=_EnvironmentMap),
    _c.Member(attribute="container_metrics_config", name="containerMetricsConfig", check=_ContainerMetricsConfig),
))
_InferenceComponentStartupParameters = _c.Shape(members=(
    _c.Member(attribute="model_data_download_timeout_in_seconds", name="modelDataDownloadTimeoutInSeconds", check=_ProductionVariantModelDataDownloadTimeoutInSeconds),
    _c.Member(attribute="container_startup_health_check_timeout_in_seconds", name="containerStartupHealthCheckTimeoutInSeconds", check=_ProductionVariantContainerStartupHealthCheckTimeoutInSeconds),
))
_NumberOfCpuCores = _c.Range(least=0.25)
_NumberOfAcceleratorDevices = _c.Range(least=1)
_MemoryInMb = _c.Range(least=128)
_InferenceComponentComputeResourceRequirements = _c.Shape(members=(
    _c.Member(attribute="number_of_cpu_cores_required", name="numberOfCpuCoresRequired", check=_NumberOfCpuCores),
    _c.Member(attribute="number_of_accelerator_devices_required", name="numberOfAcceleratorDevicesRequired", check=_NumberOfAcceleratorDevices),
    _c.Member(attribute="min_memory_required_in_mb", name="minMemoryRequiredInMb", required=True, check=_MemoryInMb),
    _c.Member(attribute="max_memory_required_in_mb", name="maxMemoryRequiredInMb", check=_MemoryInMb),
    _c.Member(attribute="accelerator_partition_type", name="acceleratorPartitionType", check=_AcceleratorPartitionType),
))
_InferenceComponentDataCacheConfig = _c.Shape(members=(
    _c.Member(attribute="enable_caching", name="enableCaching", required=True),
))
_InferenceComponentPlacementStrategy = _c.Text(choices=("SPREAD", "BINPACK",))
_AvailabilityZoneBalanceEnforcementMode = _c.Text(choices=("PERMISSIVE",))
_AvailabilityZoneBalanceMaxImbalance = _c.Range(least=0, most=100)
_InferenceComponentAvailabilityZoneBalance = _c.Shape(members=(
    _c.Member(attribute="enforcement_mode", name="enforcementMode", required=True, check=_AvailabilityZoneBalanceEnforcementMode),
    _c.Member(attribute="max_imbalance", name="maxImbalance", check=_AvailabilityZoneBalanceMaxImbalance),
))
_InferenceComponentSchedulingConfig = _c.Shape(members=(
    _c.Member(attribute="placement_strategy", name="placementStrategy", required=True, check=_InferenceComponentPlacementStrategy),
    _c.Member(attribute="availability_zone_balance", name="availabilityZoneBalance", check=_InferenceComponentAvailabilityZoneBalance),
))
_InferenceComponentSpecification = _c.Shape(members=(
    _c.Member(attribute="instance_type", name="instanceType", check=_ProductionVariantInstanceType),
    _c.Member(attribute="model_name", name="modelName", check=_ModelName),
    _c.Member(attribute="container", name="container", check=_InferenceComponentContainerSpecification),
    _c.Member(attribute="startup_parameters", name="startupParameters", check=_InferenceComponentStartupParameters),
    _c.Member(attribute="compute_resource_requirements", name="computeResourceRequirements", check=_InferenceComponentComputeResourceRequirements),
    _c.Member(attribute="base_inference_component_name", name="baseInferenceComponentName", check=_InferenceComponentName),
    _c.Member(attribute="data_cache_config", name="dataCacheConfig", check=_InferenceComponentDataCacheConfig),
    _c.Member(attribute="scheduling_config", name="schedulingConfig", check=_InferenceComponentSchedulingConfig),
))
_InferenceComponentSpecificationList = _c.Items(least=1, most=5, member=_InferenceComponentSpecification)
_InferenceComponentCopyCount = _c.Range(least=0)
_InferenceComponentRuntimeConfig = _c.Shape(members=(
    _c.Member(attribute="copy_count", name="copyCount", required=True, check=_InferenceComponentCopyCount),
))
_CreateInferenceComponentInput = _c.Shape(members=(
    _c.Member(attribute="inference_component_name", name="inferenceComponentName", required=True, check=_InferenceComponentName),
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
    _c.Member(attribute="variant_name", name="variantName", check=_VariantName),
    _c.Member(attribute="specification", name="specification", check=_InferenceComponentSpecification),
    _c.Member(attribute="specifications", name="specifications", check=_InferenceComponentSpecificationList),
    _c.Member(attribute="runtime_config", name="runtimeConfig", check=_InferenceComponentRuntimeConfig),
    _c.Member(attribute="tags", name="tags", check=_TagList),
))
_ContainerHostname = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_RepositoryAccessMode = _c.Text(choices=("Platform", "Vpc",))
_RepositoryCredentialsProviderArn = _c.Text(least=1, most=2048, pattern=r".*")
_RepositoryAuthConfig = _c.Shape(members=(
    _c.Member(attribute="repository_credentials_provider_arn", name="repositoryCredentialsProviderArn", required=True, check=_RepositoryCredentialsProviderArn),
))
_ImageConfig = _c.Shape(members=(
    _c.Member(attribute="repository_access_mode", name="repositoryAccessMode", required=True, check=_RepositoryAccessMode),
    _c.Member(attribute="repository_auth_config", name="repositoryAuthConfig", check=_RepositoryAuthConfig),
))
_ContainerMode = _c.Text(choices=("SingleModel", "MultiModel",))
_S3ModelUri = _c.Text(least=0, most=1024, pattern=r"(https?|s3|gs|az|hf|file)://(.*)")
_S3ModelDataType = _c.Text(choices=("S3Prefix", "S3Object",))
_ModelCompressionType = _c.Text(choices=("None", "Gzip",))
_ModelAccessConfig = _c.Shape(members=(
    _c.Member(attribute="accept_eula", name="acceptEula", required=True),
))
_HubContentArn = _c.Text(least=0, most=255, pattern=r".*")
_InferenceHubAccessConfig = _c.Shape(members=(
    _c.Member(attribute="hub_content_arn", name="hubContentArn", required=True, check=_HubContentArn),
))
_S3ModelDataSource = _c.Shape(members=(
    _c.Member(attribute="s3_uri", name="s3Uri", required=True, check=_S3ModelUri),
    _c.Member(attribute="s3_data_type", name="s3DataType", required=True, check=_S3ModelDataType),
    _c.Member(attribute="compression_type", name="compressionType", required=True, check=_ModelCompressionType),
    _c.Member(attribute="model_access_config", name="modelAccessConfig", check=_ModelAccessConfig),
    _c.Member(attribute="hub_access_config", name="hubAccessConfig", check=_InferenceHubAccessConfig),
    _c.Member(attribute="manifest_s3_uri", name="manifestS3Uri", check=_S3ModelUri),
))
_ModelDataSource = _c.Shape(members=(
    _c.Member(attribute="s3_data_source", name="s3DataSource", check=_S3ModelDataSource),
))
_AdditionalModelChannelName = _c.Text(least=1, most=64, pattern=r"[A-Za-z0-9\.\-_]+")
_AdditionalModelDataSource = _c.Shape(members=(
    _c.Member(attribute="channel_name", name="channelName", required=True, check=_AdditionalModelChannelName),
    _c.Member(attribute="s3_data_source", name="s3DataSource", required=True, check=_S3ModelDataSource),
))
_AdditionalModelDataSources = _c.Items(least=0, most=5, member=_AdditionalModelDataSource)
_VersionedArnOrName = _c.Text(least=1, most=176, pattern=r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)(\/[0-9]{1,9})?")
_InferenceSpecificationName = _c.Text(least=1, most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_ModelCacheSetting = _c.Text(choices=("Enabled", "Disabled",))
_MultiModelConfig = _c.Shape(members=(
    _c.Member(attribute="model_cache_setting", name="modelCacheSetting", check=_ModelCacheSetting),
))
_ContainerDefinition = _c.Shape(members=(
    _c.Member(attribute="container_hostname", name="containerHostname", check=_ContainerHostname),
    _c.Member(attribute="image", name="image", check=_ContainerImage),
    _c.Member(attribute="image_config", name="imageConfig", check=_ImageConfig),
    _c.Member(attribute="mode", name="mode", check=_ContainerMode),
    _c.Member(attribute="model_data_url", name="modelDataUrl", check=_Url),
    _c.Member(attribute="model_data_source", name="modelDataSource", check=_ModelDataSource),
    _c.Member(attribute="additional_model_data_sources", name="additionalModelDataSources", check=_AdditionalModelDataSources),
    _c.Member(attribute="environment", name="environment", check=_EnvironmentMap),
    _c.Member(attribute="model_package_name", name="modelPackageName", check=_VersionedArnOrName),
    _c.Member(attribute="inference_specification_name", name="inferenceSpecificationName", check=_InferenceSpecificationName),
    _c.Member(attribute="multi_model_config", name="multiModelConfig", check=_MultiModelConfig),
    _c.Member(attribute="container_metrics_config", name="containerMetricsConfig", check=_ContainerMetricsConfig),
))
_ContainerDefinitionList = _c.Items(least=0, most=15, member=_ContainerDefinition)
_InferenceExecutionMode = _c.Text(choices=("Serial", "Direct",))
_InferenceExecutionConfig = _c.Shape(members=(
    _c.Member(attribute="mode", name="mode", required=True, check=_InferenceExecutionMode),
))
_CreateModelInput = _c.Shape(members=(
    _c.Member(attribute="model_name", name="modelName", required=True, check=_ModelName),
    _c.Member(attribute="primary_container", name="primaryContainer", check=_ContainerDefinition),
    _c.Member(attribute="containers", name="containers", check=_ContainerDefinitionList),
    _c.Member(attribute="inference_execution_config", name="inferenceExecutionConfig", check=_InferenceExecutionConfig),
    _c.Member(attribute="execution_role_arn", name="executionRoleArn", check=_RoleArn),
    _c.Member(attribute="tags", name="tags", check=_TagList),
    _c.Member(attribute="vpc_config", name="vpcConfig", check=_VpcConfig),
))
_DeleteEndpointInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
))
_DeleteEndpointConfigInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_config_name", name="endpointConfigName", required=True, check=_EndpointConfigName),
))
_DeleteInferenceComponentInput = _c.Shape(members=(
    _c.Member(attribute="inference_component_name", name="inferenceComponentName", required=True, check=_InferenceComponentName),
))
_DeleteModelInput = _c.Shape(members=(
    _c.Member(attribute="model_name", name="modelName", required=True, check=_ModelName),
))
_DescribeEndpointInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
))
_DescribeEndpointConfigInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_config_name", name="endpointConfigName", required=True, check=_EndpointConfigName),
))
_DescribeInferenceComponentInput = _c.Shape(members=(
    _c.Member(attribute="inference_component_name", name="inferenceComponentName", required=True, check=_InferenceComponentName),
))
_DescribeModelInput = _c.Shape(members=(
    _c.Member(attribute="model_name", name="modelName", required=True, check=_ModelName),
))
_EndpointConfigSortKey = _c.Text(choices=("Name", "CreationTime",))
_OrderKey = _c.Text(choices=("Ascending", "Descending",))
_PaginationToken = _c.Text(least=0, most=8192, pattern=r".*")
_MaxResults = _c.Range(least=1, most=100)
_EndpointConfigNameContains = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9-]+")
_ListEndpointConfigsInput = _c.Shape(members=(
    _c.Member(attribute="sort_by", name="sortBy", check=_EndpointConfigSortKey),
    _c.Member(attribute="sort_order", name="sortOrder", check=_OrderKey),
    _c.Member(attribute="next_token", name="nextToken", check=_PaginationToken),
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
    _c.Member(attribute="name_contains", name="nameContains", check=_EndpointConfigNameContains),
))
_EndpointSortKey = _c.Text(choices=("Name", "CreationTime", "Status",))
_EndpointNameContains = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9-]+")
_EndpointStatus = _c.Text(choices=("OutOfService", "Creating", "Updating", "SystemUpdating", "RollingBack", "InService", "Deleting", "Failed", "UpdateRollbackFailed",))
_ListEndpointsInput = _c.Shape(members=(
    _c.Member(attribute="sort_by", name="sortBy", check=_EndpointSortKey),
    _c.Member(attribute="sort_order", name="sortOrder", check=_OrderKey),
    _c.Member(attribute="next_token", name="nextToken", check=_PaginationToken),
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
    _c.Member(attribute="name_contains", name="nameContains", check=_EndpointNameContains),
    _c.Member(attribute="status_equals", name="statusEquals", check=_EndpointStatus),
))
_InferenceComponentSortKey = _c.Text(choices=("Name", "CreationTime", "Status",))
_InferenceComponentNameContains = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9-]+")
_InferenceComponentStatus = _c.Text(choices=("InService", "Creating", "Updating", "Failed", "Deleting",))
_ListInferenceComponentsInput = _c.Shape(members=(
    _c.Member(attribute="sort_by", name="sortBy", check=_InferenceComponentSortKey),
    _c.Member(attribute="sort_order", name="sortOrder", check=_OrderKey),
    _c.Member(attribute="next_token", name="nextToken", check=_PaginationToken),
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
    _c.Member(attribute="name_contains", name="nameContains", check=_InferenceComponentNameContains),
    _c.Member(attribute="status_equals", name="statusEquals", check=_InferenceComponentStatus),
    _c.Member(attribute="endpoint_name_equals", name="endpointNameEquals", check=_EndpointName),
    _c.Member(attribute="variant_name_equals", name="variantNameEquals", check=_VariantName),
))
_ModelSortKey = _c.Text(choices=("Name", "CreationTime",))
_ModelNameContains = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9-]+")
_ListModelsInput = _c.Shape(members=(
    _c.Member(attribute="sort_by", name="sortBy", check=_ModelSortKey),
    _c.Member(attribute="sort_order", name="sortOrder", check=_OrderKey),
    _c.Member(attribute="next_token", name="nextToken", check=_PaginationToken),
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
    _c.Member(attribute="name_contains", name="nameContains", check=_ModelNameContains),
))
_VariantPropertyType = _c.Text(choices=("DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig",))
_VariantProperty = _c.Shape(members=(
    _c.Member(attribute="variant_property_type", name="variantPropertyType", required=True, check=_VariantPropertyType),
))
_VariantPropertyList = _c.Items(least=0, most=3, member=_VariantProperty)
_UpdateEndpointInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
    _c.Member(attribute="endpoint_config_name", name="endpointConfigName", required=True, check=_EndpointConfigName),
    _c.Member(attribute="exclude_retained_variant_properties", name="excludeRetainedVariantProperties", check=_VariantPropertyList),
    _c.Member(attribute="deployment_config", name="deploymentConfig", check=_DeploymentConfig),
))
_TaskCount = _c.Range(least=0)
_ProductionVariantServerlessUpdateConfig = _c.Shape(members=(
    _c.Member(attribute="max_concurrency", name="maxConcurrency", check=_ServerlessMaxConcurrency),
    _c.Member(attribute="provisioned_concurrency", name="provisionedConcurrency", check=_ServerlessProvisionedConcurrency),
))
_DesiredWeightAndCapacity = _c.Shape(members=(
    _c.Member(attribute="variant_name", name="variantName", required=True, check=_VariantName),
    _c.Member(attribute="desired_weight", name="desiredWeight", check=_VariantWeight),
    _c.Member(attribute="desired_instance_count", name="desiredInstanceCount", check=_TaskCount),
    _c.Member(attribute="serverless_update_config", name="serverlessUpdateConfig", check=_ProductionVariantServerlessUpdateConfig),
))
_DesiredWeightAndCapacityList = _c.Items(least=1, member=_DesiredWeightAndCapacity)
_UpdateEndpointWeightsAndCapacitiesInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
    _c.Member(attribute="desired_weights_and_capacities", name="desiredWeightsAndCapacities", required=True, check=_DesiredWeightAndCapacityList),
))
_InferenceComponentCapacitySizeType = _c.Text(choices=("COPY_COUNT", "CAPACITY_PERCENT",))
_InferenceComponentCapacitySize = _c.Shape(members=(
    _c.Member(attribute="type", name="type", required=True, check=_InferenceComponentCapacitySizeType),
    _c.Member(attribute="value", name="value", required=True, check=_CapacitySizeValue),
))
_InferenceComponentRollingUpdatePolicy = _c.Shape(members=(
    _c.Member(attribute="maximum_batch_size", name="maximumBatchSize", required=True, check=_InferenceComponentCapacitySize),
    _c.Member(attribute="wait_interval_in_seconds", name="waitIntervalInSeconds", required=True, check=_WaitIntervalInSeconds),
    _c.Member(attribute="maximum_execution_timeout_in_seconds", name="maximumExecutionTimeoutInSeconds", check=_MaximumExecutionTimeoutInSeconds),
    _c.Member(attribute="rollback_maximum_batch_size", name="rollbackMaximumBatchSize", check=_InferenceComponentCapacitySize),
))
_InferenceComponentDeploymentConfig = _c.Shape(members=(
    _c.Member(attribute="rolling_update_policy", name="rollingUpdatePolicy", required=True, check=_InferenceComponentRollingUpdatePolicy),
    _c.Member(attribute="auto_rollback_configuration", name="autoRollbackConfiguration", check=_AutoRollbackConfig),
))
_UpdateInferenceComponentInput = _c.Shape(members=(
    _c.Member(attribute="inference_component_name", name="inferenceComponentName", required=True, check=_InferenceComponentName),
    _c.Member(attribute="specification", name="specification", check=_InferenceComponentSpecification),
    _c.Member(attribute="specifications", name="specifications", check=_InferenceComponentSpecificationList),
    _c.Member(attribute="runtime_config", name="runtimeConfig", check=_InferenceComponentRuntimeConfig),
    _c.Member(attribute="deployment_config", name="deploymentConfig", check=_InferenceComponentDeploymentConfig),
))
_UpdateInferenceComponentRuntimeConfigInput = _c.Shape(members=(
    _c.Member(attribute="inference_component_name", name="inferenceComponentName", required=True, check=_InferenceComponentName),
    _c.Member(attribute="desired_runtime_config", name="desiredRuntimeConfig", required=True, check=_InferenceComponentRuntimeConfig),
))
_ModelPackageArn = _c.Text(least=1, most=2048, pattern=r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:model-package/[\S]{1,2048}", python=r"(?a:arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]{9,16}:[0-9]{12}:model-package/[\S]{1,2048})")
_ModelPackageArnList = _c.Items(least=1, most=100, member=_ModelPackageArn)
_BatchDescribeModelPackageInput = _c.Shape(members=(
    _c.Member(attribute="model_package_arn_list", name="modelPackageArnList", required=True, check=_ModelPackageArnList),
))
_EntityName = _c.Text(least=1, most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_ArnOrName = _c.Text(least=1, most=170, pattern=r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)")
_EntityDescription = _c.Text(least=0, most=1024, pattern=r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*", python=r"[^\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000-\uf8ff]*")
_ModelPackageRegistrationType = _c.Text(choices=("Logged", "Registered",))
_ImageDigest = _c.Text(least=0, most=72, pattern=r"[Ss][Hh][Aa]256:[0-9a-fA-F]{64}")
_ProductId = _c.Text(least=0, most=256, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_DataInputConfig = _c.Text(least=1, most=16384, pattern=r"[\S\s]+", python=r"(?a:[\S\s]+)")
_ModelInput = _c.Shape(members=(
    _c.Member(attribute="data_input_config", name="dataInputConfig", required=True, check=_DataInputConfig),
))
_ModelPackageFrameworkVersion = _c.Text(least=3, most=10, pattern=r"[0-9]\.[A-Za-z0-9.-]+")
_AdditionalS3DataSourceDataType = _c.Text(choices=("S3Object", "S3Prefix",))
_S3Uri = _c.Text(least=0, most=1024, pattern=r"(https|s3)://([^/]+)/?(.*)")
_CompressionType = _c.Text(choices=("None", "Gzip",))
_AdditionalS3DataSource = _c.Shape(members=(
    _c.Member(attribute="s3_data_type", name="s3DataType", required=True, check=_AdditionalS3DataSourceDataType),
    _c.Member(attribute="s3_uri", name="s3Uri", required=True, check=_S3Uri),
    _c.Member(attribute="compression_type", name="compressionType", check=_CompressionType),
))
_HubContentName = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_HubContentVersion = _c.Text(least=5, most=14, pattern=r"\d{1,4}.\d{1,4}.\d{1,4}", python=r"(?a:\d{1,4}.\d{1,4}.\d{1,4})")
_RecipeName = _c.Text(least=0, most=255)
_BaseModel = _c.Shape(members=(
    _c.Member(attribute="hub_content_name", name="hubContentName", check=_HubContentName),
    _c.Member(attribute="hub_content_version", name="hubContentVersion", check=_HubContentVersion),
    _c.Member(attribute="recipe_name", name="recipeName", check=_RecipeName),
))
_ModelPackageContainerDefinition = _c.Shape(members=(
    _c.Member(attribute="container_hostname", name="containerHostname", check=_ContainerHostname),
    _c.Member(attribute="image", name="image", check=_ContainerImage),
    _c.Member(attribute="image_digest", name="imageDigest", check=_ImageDigest),
    _c.Member(attribute="model_data_url", name="modelDataUrl", check=_Url),
    _c.Member(attribute="model_data_source", name="modelDataSource", check=_ModelDataSource),
    _c.Member(attribute="product_id", name="productId", check=_ProductId),
    _c.Member(attribute="environment", name="environment", check=_EnvironmentMap),
    _c.Member(attribute="model_input", name="modelInput", check=_ModelInput),
    _c.Member(attribute="framework_version", name="frameworkVersion", check=_ModelPackageFrameworkVersion),
    _c.Member(attribute="additional_model_data_sources", name="additionalModelDataSources", check=_AdditionalModelDataSources),
    _c.Member(attribute="additional_s3_data_source", name="additionalS3DataSource", check=_AdditionalS3DataSource),
    _c.Member(attribute="base_model", name="baseModel", check=_BaseModel),
))
_ModelPackageContainerDefinitionList = _c.Items(least=1, most=15, member=_ModelPackageContainerDefinition)
_TransformInstanceType = _c.Text(choices=("ml.m4.xlarge", "ml.m4.2xlarge", "ml.m4.4xlarge", "ml.m4.10xlarge", "ml.m4.16xlarge", "ml.c4.xlarge", "ml.c4.2xlarge", "ml.c4.4xlarge", "ml.c4.8xlarge", "ml.p2.xlarge", "ml.p2.8xlarge", "ml.p2.16xlarge", "ml.p3.2xlarge", "ml.p3.8xlarge", "ml.p3.16xlarge", "ml.c5.xlarge", "ml.c5.2xlarge", "ml.c5.4xlarge", "ml.c5.9xlarge", "ml.c5.18xlarge", "ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.m5.4xlarge", "ml.m5.12xlarge", "ml.m5.24xlarge", "ml.m6i.large", "ml.m6i.xlarge", "ml.m6i.2xlarge", "ml.m6i.4xlarge", "ml.m6i.8xlarge", "ml.m6i.12xlarge", "ml.m6i.16xlarge", "ml.m6i.24xlarge", "ml.m6i.32xlarge", "ml.c6i.large", "ml.c6i.xlarge", "ml.c6i.2xlarge", "ml.c6i.4xlarge", "ml.c6i.8xlarge", "ml.c6i.12xlarge", "ml.c6i.16xlarge", "ml.c6i.24xlarge", "ml.c6i.32xlarge", "ml.r6i.large", "ml.r6i.xlarge", "ml.r6i.2xlarge", "ml.r6i.4xlarge", "ml.r6i.8xlarge", "ml.r6i.12xlarge", "ml.r6i.16xlarge", "ml.r6i.24xlarge", "ml.r6i.32xlarge", "ml.m7i.large", "ml.m7i.xlarge", "ml.m7i.2xlarge", "ml.m7i.4xlarge", "ml.m7i.8xlarge", "ml.m7i.12xlarge", "ml.m7i.16xlarge", "ml.m7i.24xlarge", "ml.m7i.48xlarge", "ml.c7i.large", "ml.c7i.xlarge", "ml.c7i.2xlarge", "ml.c7i.4xlarge", "ml.c7i.8xlarge", "ml.c7i.12xlarge", "ml.c7i.16xlarge", "ml.c7i.24xlarge", "ml.c7i.48xlarge", "ml.r7i.large", "ml.r7i.xlarge", "ml.r7i.2xlarge", "ml.r7i.4xlarge", "ml.r7i.8xlarge", "ml.r7i.12xlarge", "ml.r7i.16xlarge", "ml.r7i.24xlarge", "ml.r7i.48xlarge", "ml.g4dn.xlarge", "ml.g4dn.2xlarge", "ml.g4dn.4xlarge", "ml.g4dn.8xlarge", "ml.g4dn.12xlarge", "ml.g4dn.16xlarge", "ml.g5.xlarge", "ml.g5.2xlarge", "ml.g5.4xlarge", "ml.g5.8xlarge", "ml.g5.12xlarge", "ml.g5.16xlarge", "ml.g5.24xlarge", "ml.g5.48xlarge", "ml.trn1.2xlarge", "ml.trn1.32xlarge", "ml.inf2.xlarge", "ml.inf2.8xlarge", "ml.inf2.24xlarge", "ml.inf2.48xlarge", "ml.g6.xlarge", "ml.g6.2xlarge", "ml.g6.4xlarge", "ml.g6.8xlarge", "ml.g6.12xlarge", "ml.g6.16xlarge", "ml.g6.24xlarge", "ml.g6.48xlarge", "ml.g6e.xlarge", "ml.g6e.2xlarge", "ml.g6e.4xlarge", "ml.g6e.8xlarge", "ml.g6e.12xlarge", "ml.g6e.16xlarge", "ml.g6e.24xlarge", "ml.g6e.48xlarge",))
_TransformInstanceTypes = _c.Items(least=1, member=_TransformInstanceType)
_RealtimeInferenceInstanceTypes = _c.Items(member=_ProductionVariantInstanceType)
_ContentType = _c.Text(least=0, most=256, pattern=r".*")
_ContentTypes = _c.Items(member=_ContentType)
_ResponseMIMEType = _c.Text(least=0, most=1024, pattern=r"[-\w]+\/.+", python=r"(?a:[-\w]+\/.+)")
_ResponseMIMETypes = _c.Items(member=_ResponseMIMEType)
_InferenceSpecification = _c.Shape(members=(
    _c.Member(attribute="containers", name="containers", required=True, check=_ModelPackageContainerDefinitionList),
    _c.Member(attribute="supported_transform_instance_types", name="supportedTransformInstanceTypes", check=_TransformInstanceTypes),
    _c.Member(attribute="supported_realtime_inference_instance_types", name="supportedRealtimeInferenceInstanceTypes", check=_RealtimeInferenceInstanceTypes),
    _c.Member(attribute="supported_content_types", name="supportedContentTypes", check=_ContentTypes),
    _c.Member(attribute="supported_response_mime_types", name="supportedResponseMIMETypes", check=_ResponseMIMETypes),
))
_MaxConcurrentTransforms = _c.Range(least=0)
_MaxPayloadInMB = _c.Range(least=0)
_BatchStrategy = _c.Text(choices=("MultiRecord", "SingleRecord",))
_TransformEnvironmentKey = _c.Text(least=0, most=1024, pattern=r"[a-zA-Z_][a-zA-Z0-9_]{0,1023}")
_TransformEnvironmentValue = _c.Text(least=0, most=10240, pattern=r"[\S\s]*", python=r"(?a:[\S\s]*)")
_TransformEnvironmentMap = _c.Entries(least=0, most=16, key=_TransformEnvironmentKey, value=_TransformEnvironmentValue)
_S3DataType = _c.Text(choices=("ManifestFile", "S3Prefix", "AugmentedManifestFile", "Converse",))
_TransformS3DataSource = _c.Shape(members=(
    _c.Member(attribute="s3_data_type", name="s3DataType", required=True, check=_S3DataType),
    _c.Member(attribute="s3_uri", name="s3Uri", required=True, check=_S3Uri),
))
_TransformDataSource = _c.Shape(members=(
    _c.Member(attribute="s3_data_source", name="s3DataSource", required=True, check=_TransformS3DataSource),
))
_SplitType = _c.Text(choices=("None", "Line", "RecordIO", "TFRecord",))
_TransformInput = _c.Shape(members=(
    _c.Member(attribute="data_source", name="dataSource", required=True, check=_TransformDataSource),
    _c.Member(attribute="content_type", name="contentType", check=_ContentType),
    _c.Member(attribute="compression_type", name="compressionType", check=_CompressionType),
    _c.Member(attribute="split_type", name="splitType", check=_SplitType),
))
_Accept = _c.Text(least=0, most=256, pattern=r".*")
_AssemblyType = _c.Text(choices=("None", "Line",))
_TransformOutput = _c.Shape(members=(
    _c.Member(attribute="s3_output_path", name="s3OutputPath", required=True, check=_S3Uri),
    _c.Member(attribute="accept", name="accept", check=_Accept),
    _c.Member(attribute="assemble_with", name="assembleWith", check=_AssemblyType),
    _c.Member(attribute="kms_key_id", name="kmsKeyId", check=_KmsKeyId),
))
_TransformInstanceCount = _c.Range(least=1)
_TransformAmiVersion = _c.Text(least=1, most=63, pattern=r"[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*")
_TransformResources = _c.Shape(members=(
    _c.Member(attribute="instance_type", name="instanceType", required=True, check=_TransformInstanceType),
    _c.Member(attribute="instance_count", name="instanceCount", required=True, check=_TransformInstanceCount),
    _c.Member(attribute="volume_kms_key_id", name="volumeKmsKeyId", check=_KmsKeyId),
    _c.Member(attribute="transform_ami_version", name="transformAmiVersion", check=_TransformAmiVersion),
))
_TransformJobDefinition = _c.Shape(members=(
    _c.Member(attribute="max_concurrent_transforms", name="maxConcurrentTransforms", check=_MaxConcurrentTransforms),
    _c.Member(attribute="max_payload_in_mb", name="maxPayloadInMB", check=_MaxPayloadInMB),
    _c.Member(attribute="batch_strategy", name="batchStrategy", check=_BatchStrategy),
    _c.Member(attribute="environment", name="environment", check=_TransformEnvironmentMap),
    _c.Member(attribute="transform_input", name="transformInput", required=True, check=_TransformInput),
    _c.Member(attribute="transform_output", name="transformOutput", required=True, check=_TransformOutput),
    _c.Member(attribute="transform_resources", name="transformResources", required=True, check=_TransformResources),
))
_ModelPackageValidationProfile = _c.Shape(members=(
    _c.Member(attribute="profile_name", name="profileName", required=True, check=_EntityName),
    _c.Member(attribute="transform_job_definition", name="transformJobDefinition", required=True, check=_TransformJobDefinition),
))
_ModelPackageValidationProfiles = _c.Items(least=0, most=1, member=_ModelPackageValidationProfile)
_ModelPackageValidationSpecification = _c.Shape(members=(
    _c.Member(attribute="validation_role", name="validationRole", required=True, check=_RoleArn),
    _c.Member(attribute="validation_profiles", name="validationProfiles", required=True, check=_ModelPackageValidationProfiles),
))
_SourceAlgorithm = _c.Shape(members=(
    _c.Member(attribute="model_data_url", name="modelDataUrl", check=_Url),
    _c.Member(attribute="model_data_source", name="modelDataSource", check=_ModelDataSource),
    _c.Member(attribute="algorithm_name", name="algorithmName", required=True, check=_ArnOrName),
))
_SourceAlgorithmList = _c.Items(least=1, most=1, member=_SourceAlgorithm)
_SourceAlgorithmSpecification = _c.Shape(members=(
    _c.Member(attribute="source_algorithms", name="sourceAlgorithms", required=True, check=_SourceAlgorithmList),
))
_ModelApprovalStatus = _c.Text(choices=("Approved", "Rejected", "PendingManualApproval",))
_MetadataPropertyValue = _c.Text(least=0, most=1024, pattern=r".*")
_MetadataProperties = _c.Shape(members=(
    _c.Member(attribute="commit_id", name="commitId", check=_MetadataPropertyValue),
    _c.Member(attribute="repository", name="repository", check=_MetadataPropertyValue),
    _c.Member(attribute="generated_by", name="generatedBy", check=_MetadataPropertyValue),
    _c.Member(attribute="project_id", name="projectId", check=_MetadataPropertyValue),
))
_ContentDigest = _c.Text(least=0, most=72, pattern=r"[Ss][Hh][Aa]256:[0-9a-fA-F]{64}")
_MetricsSource = _c.Shape(members=(
    _c.Member(attribute="content_type", name="contentType", required=True, check=_ContentType),
    _c.Member(attribute="content_digest", name="contentDigest", check=_ContentDigest),
    _c.Member(attribute="s3_uri", name="s3Uri", required=True, check=_S3Uri),
))
_ModelQuality = _c.Shape(members=(
    _c.Member(attribute="statistics", name="statistics", check=_MetricsSource),
    _c.Member(attribute="constraints", name="constraints", check=_MetricsSource),
))
_ModelDataQuality = _c.Shape(members=(
    _c.Member(attribute="statistics", name="statistics", check=_MetricsSource),
    _c.Member(attribute="constraints", name="constraints", check=_MetricsSource),
))
_Bias = _c.Shape(members=(
    _c.Member(attribute="report", name="report", check=_MetricsSource),
    _c.Member(attribute="pre_training_report", name="preTrainingReport", check=_MetricsSource),
    _c.Member(attribute="post_training_report", name="postTrainingReport", check=_MetricsSource),
))
_Explainability = _c.Shape(members=(
    _c.Member(attribute="report", name="report", check=_MetricsSource),
))
_ModelMetrics = _c.Shape(members=(
    _c.Member(attribute="model_quality", name="modelQuality", check=_ModelQuality),
    _c.Member(attribute="model_data_quality", name="modelDataQuality", check=_ModelDataQuality),
    _c.Member(attribute="bias", name="bias", check=_Bias),
    _c.Member(attribute="explainability", name="explainability", check=_Explainability),
))
_ClientToken = _c.Text(least=1, most=36, pattern=r"[a-zA-Z0-9-]+")
_CustomerMetadataKey = _c.Text(least=1, most=128, pattern=r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,128}", python=r"[\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*")
_CustomerMetadataValue = _c.Text(least=1, most=256, pattern=r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,256}", python=r"[\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*")
_CustomerMetadataMap = _c.Entries(least=1, most=50, key=_CustomerMetadataKey, value=_CustomerMetadataValue)
_FileSource = _c.Shape(members=(
    _c.Member(attribute="content_type", name="contentType", check=_ContentType),
    _c.Member(attribute="content_digest", name="contentDigest", check=_ContentDigest),
    _c.Member(attribute="s3_uri", name="s3Uri", required=True, check=_S3Uri),
))
_DriftCheckBias = _c.Shape(members=(
    _c.Member(attribute="config_file", name="configFile", check=_FileSource),
    _c.Member(attribute="pre_training_constraints", name="preTrainingConstraints", check=_MetricsSource),
    _c.Member(attribute="post_training_constraints", name="postTrainingConstraints", check=_MetricsSource),
))
_DriftCheckExplainability = _c.Shape(members=(
    _c.Member(attribute="constraints", name="constraints", check=_MetricsSource),
    _c.Member(attribute="config_file", name="configFile", check=_FileSource),
))
_DriftCheckModelQuality = _c.Shape(members=(
    _c.Member(attribute="statistics", name="statistics", check=_MetricsSource),
    _c.Member(attribute="constraints", name="constraints", check=_MetricsSource),
))
_DriftCheckModelDataQuality = _c.Shape(members=(
    _c.Member(attribute="statistics", name="statistics", check=_MetricsSource),
    _c.Member(attribute="constraints", name="constraints", check=_MetricsSource),
))
_DriftCheckBaselines = _c.Shape(members=(
    _c.Member(attribute="bias", name="bias", check=_DriftCheckBias),
    _c.Member(attribute="explainability", name="explainability", check=_DriftCheckExplainability),
    _c.Member(attribute="model_quality", name="modelQuality", check=_DriftCheckModelQuality),
    _c.Member(attribute="model_data_quality", name="modelDataQuality", check=_DriftCheckModelDataQuality),
))
_AdditionalInferenceSpecificationDefinition = _c.Shape(members=(
    _c.Member(attribute="name", name="name", required=True, check=_EntityName),
    _c.Member(attribute="description", name="description", check=_EntityDescription),
    _c.Member(attribute="containers", name="containers", required=True, check=_ModelPackageContainerDefinitionList),
    _c.Member(attribute="supported_transform_instance_types", name="supportedTransformInstanceTypes", check=_TransformInstanceTypes),
    _c.Member(attribute="supported_realtime_inference_instance_types", name="supportedRealtimeInferenceInstanceTypes", check=_RealtimeInferenceInstanceTypes),
    _c.Member(attribute="supported_content_types", name="supportedContentTypes", check=_ContentTypes),
    _c.Member(attribute="supported_response_mime_types", name="supportedResponseMIMETypes", check=_ResponseMIMETypes),
))
_AdditionalInferenceSpecifications = _c.Items(least=1, most=15, member=_AdditionalInferenceSpecificationDefinition)
_SkipModelValidation = _c.Text(choices=("All", "None",))
_ModelPackageSourceUri = _c.Text(least=0, most=1024, pattern=r"[\p{L}\p{M}\p{Z}\p{N}\p{P}]{0,1024}", python=r"[^\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000-\uf8ff$+<=>\^`|~\u00a2-\u00a6\u00a8\u00a9\u00ac\u00ae-\u00b1\u00b4\u00d7\u00f7\u20a0-\u20c0\u2190-\u23ff\u2500-\u27bf]{0,1024}")
_ModelPackageSecurityConfig = _c.Shape(members=(
    _c.Member(attribute="kms_key_id", name="kmsKeyId", required=True, check=_KmsKeyId),
))
_ModelCardContent = _c.Text(least=0, most=100000, pattern=r".*", sensitive=True)
_ModelCardStatus = _c.Text(choices=("Draft", "PendingReview", "Approved", "Archived",))
_ModelPackageModelCard = _c.Shape(members=(
    _c.Member(attribute="model_card_content", name="modelCardContent", check=_ModelCardContent),
    _c.Member(attribute="model_card_status", name="modelCardStatus", check=_ModelCardStatus),
))
_StageDescription = _c.Text(least=0, most=1024, pattern=r".{0,1024}")
_ModelLifeCycle = _c.Shape(members=(
    _c.Member(attribute="stage", name="stage", required=True, check=_EntityName),
    _c.Member(attribute="stage_status", name="stageStatus", required=True, check=_EntityName),
    _c.Member(attribute="stage_description", name="stageDescription", check=_StageDescription),
))
_ManagedStorageType = _c.Text(choices=("Restricted",))
_CreateModelPackageInput = _c.Shape(members=(
    _c.Member(attribute="model_package_name", name="modelPackageName", check=_EntityName),
    _c.Member(attribute="model_package_group_name", name="modelPackageGroupName", check=_ArnOrName),
    _c.Member(attribute="model_package_description", name="modelPackageDescription", check=_EntityDescription),
    _c.Member(attribute="model_package_registration_type", name="modelPackageRegistrationType", check=_ModelPackageRegistrationType),
    _c.Member(attribute="inference_specification", name="inferenceSpecification", check=_InferenceSpecification),
    _c.Member(attribute="validation_specification", name="validationSpecification", check=_ModelPackageValidationSpecification),
    _c.Member(attribute="source_algorithm_specification", name="sourceAlgorithmSpecification", check=_SourceAlgorithmSpecification),
    _c.Member(attribute="tags", name="tags", check=_TagList),
    _c.Member(attribute="model_approval_status", name="modelApprovalStatus", check=_ModelApprovalStatus),
    _c.Member(attribute="metadata_properties", name="metadataProperties", check=_MetadataProperties),
    _c.Member(attribute="model_metrics", name="modelMetrics", check=_ModelMetrics),
    _c.Member(attribute="client_token", name="clientToken", check=_ClientToken),
    _c.Member(attribute="sample_payload_url", name="samplePayloadUrl", check=_S3Uri),
    _c.Member(attribute="customer_metadata_properties", name="customerMetadataProperties", check=_CustomerMetadataMap),
    _c.Member(attribute="drift_check_baselines", name="driftCheckBaselines", check=_DriftCheckBaselines),
    _c.Member(attribute="additional_inference_specifications", name="additionalInferenceSpecifications", check=_AdditionalInferenceSpecifications),
    _c.Member(attribute="skip_model_validation", name="skipModelValidation", check=_SkipModelValidation),
    _c.Member(attribute="source_uri", name="sourceUri", check=_ModelPackageSourceUri),
    _c.Member(attribute="security_config", name="securityConfig", check=_ModelPackageSecurityConfig),
    _c.Member(attribute="model_card", name="modelCard", check=_ModelPackageModelCard),
    _c.Member(attribute="model_life_cycle", name="modelLifeCycle", check=_ModelLifeCycle),
    _c.Member(attribute="managed_storage_type", name="managedStorageType", check=_ManagedStorageType),
))
_ManagedConfiguration = _c.Shape(members=(
    _c.Member(attribute="managed_storage_type", name="managedStorageType", check=_ManagedStorageType),
))
_CreateModelPackageGroupInput = _c.Shape(members=(
    _c.Member(attribute="model_package_group_name", name="modelPackageGroupName", required=True, check=_EntityName),
    _c.Member(attribute="model_package_group_description", name="modelPackageGroupDescription", check=_EntityDescription),
    _c.Member(attribute="tags", name="tags", check=_TagList),
    _c.Member(attribute="managed_configuration", name="managedConfiguration", check=_ManagedConfiguration),
))
_DeleteModelPackageInput = _c.Shape(members=(
    _c.Member(attribute="model_package_name", name="modelPackageName", required=True, check=_VersionedArnOrName),
))
_DeleteModelPackageGroupInput = _c.Shape(members=(
    _c.Member(attribute="model_package_group_name", name="modelPackageGroupName", required=True, check=_ArnOrName),
))
_IncludedData = _c.Text(choices=("AllData", "MetadataOnly",))
_DescribeModelPackageInput = _c.Shape(members=(
    _c.Member(attribute="model_package_name", name="modelPackageName", required=True, check=_VersionedArnOrName),
    _c.Member(attribute="included_data", name="includedData", check=_IncludedData),
))
_DescribeModelPackageGroupInput = _c.Shape(members=(
    _c.Member(attribute="model_package_group_name", name="modelPackageGroupName", required=True, check=_ArnOrName),
))
_NameContains = _c.Text(least=0, most=63, pattern=r"[a-zA-Z0-9\-]+")
_ModelPackageGroupSortBy = _c.Text(choices=("Name", "CreationTime",))
_SortOrder = _c.Text(choices=("Ascending", "Descending",))
_CrossAccountFilterOption = _c.Text(choices=("SameAccount", "CrossAccount",))
_ListModelPackageGroupsInput = _c.Shape(members=(
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
    _c.Member(attribute="name_contains", name="nameContains", check=_NameContains),
    _c.Member(attribute="next_token", name="nextToken", check=_NextToken),
    _c.Member(attribute="sort_by", name="sortBy", check=_ModelPackageGroupSortBy),
    _c.Member(attribute="sort_order", name="sortOrder", check=_SortOrder),
    _c.Member(attribute="cross_account_filter_option", name="crossAccountFilterOption", check=_CrossAccountFilterOption),
))
_ModelPackageType = _c.Text(choices=("Versioned", "Unversioned", "Both",))
_ModelPackageSortBy = _c.Text(choices=("Name", "CreationTime",))
_ListModelPackagesInput = _c.Shape(members=(
    _c.Member(attribute="max_results", name="maxResults", check=_MaxResults),
    _c.Member(attribute="name_contains", name="nameContains", check=_NameContains),
    _c.Member(attribute="model_approval_status", name="modelApprovalStatus", check=_ModelApprovalStatus),
    _c.Member(attribute="model_package_group_name", name="modelPackageGroupName", check=_ArnOrName),
    _c.Member(attribute="model_package_type", name="modelPackageType", check=_ModelPackageType),
    _c.Member(attribute="next_token", name="nextToken", check=_NextToken),
    _c.Member(attribute="sort_by", name="sortBy", check=_ModelPackageSortBy),
    _c.Member(attribute="sort_order", name="sortOrder", check=_SortOrder),
))
_ApprovalDescription = _c.Text(least=0, most=1024, pattern=r".*")
_CustomerMetadataKeyList = _c.Items(member=_CustomerMetadataKey)
_UpdateModelPackageInput = _c.Shape(members=(
    _c.Member(attribute="model_package_arn", name="modelPackageArn", required=True, check=_ModelPackageArn),
    _c.Member(attribute="model_approval_status", name="modelApprovalStatus", check=_ModelApprovalStatus),
    _c.Member(attribute="model_package_registration_type", name="modelPackageRegistrationType", check=_ModelPackageRegistrationType),
    _c.Member(attribute="approval_description", name="approvalDescription", check=_ApprovalDescription),
    _c.Member(attribute="customer_metadata_properties", name="customerMetadataProperties", check=_CustomerMetadataMap),
    _c.Member(attribute="customer_metadata_properties_to_remove", name="customerMetadataPropertiesToRemove", check=_CustomerMetadataKeyList),
    _c.Member(attribute="additional_inference_specifications_to_add", name="additionalInferenceSpecificationsToAdd", check=_AdditionalInferenceSpecifications),
    _c.Member(attribute="inference_specification", name="inferenceSpecification", check=_InferenceSpecification),
    _c.Member(attribute="source_uri", name="sourceUri", check=_ModelPackageSourceUri),
    _c.Member(attribute="model_card", name="modelCard", check=_ModelPackageModelCard),
    _c.Member(attribute="model_life_cycle", name="modelLifeCycle", check=_ModelLifeCycle),
    _c.Member(attribute="client_token", name="clientToken", check=_ClientToken),
))

ERRORS: dict[str, _s.ErrorShape] = {
    "ConflictException": _s.ErrorShape(shape="ConflictException", status=400, sender=True, message_member="Message"),
    "ResourceAlreadyExists": _s.ErrorShape(shape="ResourceAlreadyExists", status=400, sender=True, message_member="Message"),
    "ResourceInUse": _s.ErrorShape(shape="ResourceInUse", status=400, sender=True, message_member="Message"),
    "ResourceLimitExceeded": _s.ErrorShape(shape="ResourceLimitExceeded", status=400, sender=True, message_member="Message"),
    "ResourceNotFound": _s.ErrorShape(shape="ResourceNotFound", status=400, sender=True, message_member="Message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "AddTags": _s.Operation(
        name="AddTags",
        input=AddTagsInput,
        checks=_AddTagsInput,
        output=AddTagsOutput,
    ),
    "DeleteTags": _s.Operation(
        name="DeleteTags",
        input=DeleteTagsInput,
        checks=_DeleteTagsInput,
        output=DeleteTagsOutput,
    ),
    "ListTags": _s.Operation(
        name="ListTags",
        input=ListTagsInput,
        checks=_ListTagsInput,
        output=ListTagsOutput,
    ),
    "CreateEndpoint": _s.Operation(
        name="CreateEndpoint",
        input=CreateEndpointInput,
        checks=_CreateEndpointInput,
        output=CreateEndpointOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "CreateEndpointConfig": _s.Operation(
        name="CreateEndpointConfig",
        input=CreateEndpointConfigInput,
        checks=_CreateEndpointConfigInput,
        output=CreateEndpointConfigOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "CreateInferenceComponent": _s.Operation(
        name="CreateInferenceComponent",
        input=CreateInferenceComponentInput,
        checks=_CreateInferenceComponentInput,
        output=CreateInferenceComponentOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "CreateModel": _s.Operation(
        name="CreateModel",
        input=CreateModelInput,
        checks=_CreateModelInput,
        output=CreateModelOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "DeleteEndpoint": _s.Operation(
        name="DeleteEndpoint",
        input=DeleteEndpointInput,
        checks=_DeleteEndpointInput,
    ),
    "DeleteEndpointConfig": _s.Operation(
        name="DeleteEndpointConfig",
        input=DeleteEndpointConfigInput,
        checks=_DeleteEndpointConfigInput,
    ),
    "DeleteInferenceComponent": _s.Operation(
        name="DeleteInferenceComponent",
        input=DeleteInferenceComponentInput,
        checks=_DeleteInferenceComponentInput,
    ),
    "DeleteModel": _s.Operation(
        name="DeleteModel",
        input=DeleteModelInput,
        checks=_DeleteModelInput,
    ),
    "DescribeEndpoint": _s.Operation(
        name="DescribeEndpoint",
        input=DescribeEndpointInput,
        checks=_DescribeEndpointInput,
        output=DescribeEndpointOutput,
    ),
    "DescribeEndpointConfig": _s.Operation(
        name="DescribeEndpointConfig",
        input=DescribeEndpointConfigInput,
        checks=_DescribeEndpointConfigInput,
        output=DescribeEndpointConfigOutput,
    ),
    "DescribeInferenceComponent": _s.Operation(
        name="DescribeInferenceComponent",
        input=DescribeInferenceComponentInput,
        checks=_DescribeInferenceComponentInput,
        output=DescribeInferenceComponentOutput,
    ),
    "DescribeModel": _s.Operation(
        name="DescribeModel",
        input=DescribeModelInput,
        checks=_DescribeModelInput,
        output=DescribeModelOutput,
    ),
    "ListEndpointConfigs": _s.Operation(
        name="ListEndpointConfigs",
        input=ListEndpointConfigsInput,
        checks=_ListEndpointConfigsInput,
        output=ListEndpointConfigsOutput,
    ),
    "ListEndpoints": _s.Operation(
        name="ListEndpoints",
        input=ListEndpointsInput,
        checks=_ListEndpointsInput,
        output=ListEndpointsOutput,
    ),
    "ListInferenceComponents": _s.Operation(
        name="ListInferenceComponents",
        input=ListInferenceComponentsInput,
        checks=_ListInferenceComponentsInput,
        output=ListInferenceComponentsOutput,
    ),
    "ListModels": _s.Operation(
        name="ListModels",
        input=ListModelsInput,
        checks=_ListModelsInput,
        output=ListModelsOutput,
    ),
    "UpdateEndpoint": _s.Operation(
        name="UpdateEndpoint",
        input=UpdateEndpointInput,
        checks=_UpdateEndpointInput,
        output=UpdateEndpointOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "UpdateEndpointWeightsAndCapacities": _s.Operation(
        name="UpdateEndpointWeightsAndCapacities",
        input=UpdateEndpointWeightsAndCapacitiesInput,
        checks=_UpdateEndpointWeightsAndCapacitiesInput,
        output=UpdateEndpointWeightsAndCapacitiesOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "UpdateInferenceComponent": _s.Operation(
        name="UpdateInferenceComponent",
        input=UpdateInferenceComponentInput,
        checks=_UpdateInferenceComponentInput,
        output=UpdateInferenceComponentOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "UpdateInferenceComponentRuntimeConfig": _s.Operation(
        name="UpdateInferenceComponentRuntimeConfig",
        input=UpdateInferenceComponentRuntimeConfigInput,
        checks=_UpdateInferenceComponentRuntimeConfigInput,
        output=UpdateInferenceComponentRuntimeConfigOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "BatchDescribeModelPackage": _s.Operation(
        name="BatchDescribeModelPackage",
        input=BatchDescribeModelPackageInput,
        checks=_BatchDescribeModelPackageInput,
        output=BatchDescribeModelPackageOutput,
    ),
    "CreateModelPackage": _s.Operation(
        name="CreateModelPackage",
        input=CreateModelPackageInput,
        checks=_CreateModelPackageInput,
        output=CreateModelPackageOutput,
        errors=("ConflictException", "ResourceLimitExceeded",),
    ),
    "CreateModelPackageGroup": _s.Operation(
        name="CreateModelPackageGroup",
        input=CreateModelPackageGroupInput,
        checks=_CreateModelPackageGroupInput,
        output=CreateModelPackageGroupOutput,
        errors=("ResourceLimitExceeded",),
    ),
    "DeleteModelPackage": _s.Operation(
        name="DeleteModelPackage",
        input=DeleteModelPackageInput,
        checks=_DeleteModelPackageInput,
        errors=("ConflictException",),
    ),
    "DeleteModelPackageGroup": _s.Operation(
        name="DeleteModelPackageGroup",
        input=DeleteModelPackageGroupInput,
        checks=_DeleteModelPackageGroupInput,
        errors=("ConflictException",),
    ),
    "DescribeModelPackage": _s.Operation(
        name="DescribeModelPackage",
        input=DescribeModelPackageInput,
        checks=_DescribeModelPackageInput,
        output=DescribeModelPackageOutput,
    ),
    "DescribeModelPackageGroup": _s.Operation(
        name="DescribeModelPackageGroup",
        input=DescribeModelPackageGroupInput,
        checks=_DescribeModelPackageGroupInput,
        output=DescribeModelPackageGroupOutput,
    ),
    "ListModelPackageGroups": _s.Operation(
        name="ListModelPackageGroups",
        input=ListModelPackageGroupsInput,
        checks=_ListModelPackageGroupsInput,
        output=ListModelPackageGroupsOutput,
    ),
    "ListModelPackages": _s.Operation(
        name="ListModelPackages",
        input=ListModelPackagesInput,
        checks=_ListModelPackagesInput,
        output=ListModelPackagesOutput,
    ),
    "UpdateModelPackage": _s.Operation(
        name="UpdateModelPackage",
        input=UpdateModelPackageInput,
        checks=_UpdateModelPackageInput,
        output=UpdateModelPackageOutput,
        errors=("ConflictException",),
    ),
}

SERVICE = _s.Service(
    name="sagemaker",
    version="2017-07-24",
    signing_name="sagemaker",
    protocols=("json",),
    target_prefix="SageMaker",
    json_version="1.1",
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "AddAssociation",
        "AddTags",
        "AssociateTrialComponent",
        "AttachClusterNodeNetworkInterface",
        "AttachClusterNodeVolume",
        "BatchAddClusterNodes",
        "BatchDeleteClusterNodes",
        "BatchDescribeModelPackage",
        "BatchRebootClusterNodes",
        "BatchReplaceClusterNodes",
        "CreateAIBenchmarkJob",
        "CreateAIRecommendationJob",
        "CreateAIWorkloadConfig",
        "CreateAction",
        "CreateAlgorithm",
        "CreateApp",
        "CreateAppImageConfig",
        "CreateArtifact",
        "CreateAutoMLJob",
        "CreateAutoMLJobV2",
        "CreateCluster",
        "CreateClusterExtension",
        "CreateClusterSchedulerConfig",
        "CreateCodeRepository",
        "CreateCompilationJob",
        "CreateComputeQuota",
        "CreateContext",
        "CreateDataQualityJobDefinition",
        "CreateDeviceFleet",
        "CreateDomain",
        "CreateEdgeDeploymentPlan",
        "CreateEdgeDeploymentStage",
        "CreateEdgePackagingJob",
        "CreateEndpoint",
        "CreateEndpointConfig",
        "CreateExperiment",
        "CreateFeatureGroup",
        "CreateFlowDefinition",
        "CreateHub",
        "CreateHubContentPresignedUrls",
        "CreateHubContentReference",
        "CreateHumanTaskUi",
        "CreateHyperParameterTuningJob",
        "CreateImage",
        "CreateImageVersion",
        "CreateInferenceComponent",
        "CreateInferenceExperiment",
        "CreateInferenceRecommendationsJob",
        "CreateInferenceRouter",
        "CreateJob",
        "CreateLabelingJob",
        "CreateMlflowApp",
        "CreateMlflowTrackingServer",
        "CreateModel",
        "CreateModelBiasJobDefinition",
        "CreateModelCard",
        "CreateModelCardExportJob",
        "CreateModelExplainabilityJobDefinition",
        "CreateModelPackage",
        "CreateModelPackageGroup",
        "CreateModelQualityJobDefinition",
        "CreateMonitoringSchedule",
        "CreateNotebookInstance",
        "CreateNotebookInstanceLifecycleConfig",
        "CreateOptimizationJob",
        "CreatePartnerApp",
        "CreatePartnerAppPresignedUrl",
        "CreatePipeline",
        "CreatePresignedDomainUrl",
        "CreatePresignedMlflowAppUrl",
        "CreatePresignedMlflowTrackingServerUrl",
        "CreatePresignedNotebookInstanceUrl",
        "CreateProcessingJob",
        "CreateProject",
        "CreateSpace",
        "CreateStudioLifecycleConfig",
        "CreateTrainingJob",
        "CreateTrainingPlan",
        "CreateTrainingSession",
        "CreateTransformJob",
        "CreateTrial",
        "CreateTrialComponent",
        "CreateUserProfile",
        "CreateWorkforce",
        "CreateWorkteam",
        "DeleteAIBenchmarkJob",
        "DeleteAIRecommendationJob",
        "DeleteAIWorkloadConfig",
        "DeleteAction",
        "DeleteAlgorithm",
        "DeleteApp",
        "DeleteAppImageConfig",
        "DeleteArtifact",
        "DeleteAssociation",
        "DeleteCluster",
        "DeleteClusterExtension",
        "DeleteClusterSchedulerConfig",
        "DeleteCodeRepository",
        "DeleteCompilationJob",
        "DeleteComputeQuota",
        "DeleteContext",
        "DeleteDataQualityJobDefinition",
        "DeleteDeviceFleet",
        "DeleteDomain",
        "DeleteEdgeDeploymentPlan",
        "DeleteEdgeDeploymentStage",
        "DeleteEndpoint",
        "DeleteEndpointConfig",
        "DeleteEndpointPolicy",
        "DeleteExperiment",
        "DeleteFeatureGroup",
        "DeleteFlowDefinition",
        "DeleteHub",
        "DeleteHubContent",
        "DeleteHubContentReference",
        "DeleteHumanTaskUi",
        "DeleteHyperParameterTuningJob",
        "DeleteImage",
        "DeleteImageVersion",
        "DeleteInferenceComponent",
        "DeleteInferenceExperiment",
        "DeleteInferenceRouter",
        "DeleteJob",
        "DeleteMlflowApp",
        "DeleteMlflowTrackingServer",
        "DeleteModel",
        "DeleteModelBiasJobDefinition",
        "DeleteModelCard",
        "DeleteModelExplainabilityJobDefinition",
        "DeleteModelPackage",
        "DeleteModelPackageGroup",
        "DeleteModelPackageGroupPolicy",
        "DeleteModelQualityJobDefinition",
        "DeleteMonitoringSchedule",
        "DeleteNotebookInstance",
        "DeleteNotebookInstanceLifecycleConfig",
        "DeleteOptimizationJob",
        "DeletePartnerApp",
        "DeletePipeline",
        "DeleteProcessingJob",
        "DeleteProject",
        "DeleteSpace",
        "DeleteStudioLifecycleConfig",
        "DeleteTags",
        "DeleteTrainingJob",
        "DeleteTrainingSession",
        "DeleteTrial",
        "DeleteTrialComponent",
        "DeleteUserProfile",
        "DeleteWorkforce",
        "DeleteWorkteam",
        "DeregisterDevices",
        "DescribeAIBenchmarkJob",
        "DescribeAIRecommendationJob",
        "DescribeAIWorkloadConfig",
        "DescribeAction",
        "DescribeAlgorithm",
        "DescribeApp",
        "DescribeAppImageConfig",
        "DescribeArtifact",
        "DescribeAutoMLJob",
        "DescribeAutoMLJobV2",
        "DescribeCluster",
        "DescribeClusterEvent",
        "DescribeClusterExtension",
        "DescribeClusterNode",
        "DescribeClusterOperation",
        "DescribeClusterSchedulerConfig",
        "DescribeCodeRepository",
        "DescribeCompilationJob",
        "DescribeComputeQuota",
        "DescribeContext",
        "DescribeDataQualityJobDefinition",
        "DescribeDevice",
        "DescribeDeviceFleet",
        "DescribeDomain",
        "DescribeEdgeDeploymentPlan",
        "DescribeEdgePackagingJob",
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "DescribeExperiment",
        "DescribeFeatureGroup",
        "DescribeFeatureMetadata",
        "DescribeFlowDefinition",
        "DescribeHub",
        "DescribeHubContent",
        "DescribeHumanTaskUi",
        "DescribeHyperParameterTuningJob",
        "DescribeImage",
        "DescribeImageVersion",
        "DescribeInferenceComponent",
        "DescribeInferenceExperiment",
        "DescribeInferenceRecommendationsJob",
        "DescribeInferenceRouter",
        "DescribeJob",
        "DescribeJobSchemaVersion",
        "DescribeLabelingJob",
        "DescribeLineageGroup",
        "DescribeMlflowApp",
        "DescribeMlflowTrackingServer",
        "DescribeModel",
        "DescribeModelBiasJobDefinition",
        "DescribeModelCard",
        "DescribeModelCardExportJob",
        "DescribeModelExplainabilityJobDefinition",
        "DescribeModelPackage",
        "DescribeModelPackageGroup",
        "DescribeModelQualityJobDefinition",
        "DescribeMonitoringSchedule",
        "DescribeNotebookInstance",
        "DescribeNotebookInstanceLifecycleConfig",
        "DescribeOptimizationJob",
        "DescribePartnerApp",
        "DescribePipeline",
        "DescribePipelineDefinitionForExecution",
        "DescribePipelineExecution",
        "DescribeProcessingJob",
        "DescribeProject",
        "DescribeReservedCapacity",
        "DescribeSpace",
        "DescribeStudioLifecycleConfig",
        "DescribeSubscribedWorkteam",
        "DescribeTrainingJob",
        "DescribeTrainingPlan",
        "DescribeTrainingPlanExtensionHistory",
        "DescribeTrainingSession",
        "DescribeTransformJob",
        "DescribeTrial",
        "DescribeTrialComponent",
        "DescribeUserProfile",
        "DescribeWorkforce",
        "DescribeWorkteam",
        "DetachClusterNodeVolume",
        "DisableSagemakerServicecatalogPortfolio",
        "DisassociateTrialComponent",
        "EnableSagemakerServicecatalogPortfolio",
        "ExtendTrainingPlan",
        "GetDeviceFleetReport",
        "GetEndpointPolicy",
        "GetLineageGroupPolicy",
        "GetModelPackageGroupPolicy",
        "GetSagemakerServicecatalogPortfolioStatus",
        "GetScalingConfigurationRecommendation",
        "GetSearchSuggestions",
        "ImportHubContent",
        "ListAIBenchmarkJobs",
        "ListAIRecommendationJobs",
        "ListAIWorkloadConfigs",
        "ListActions",
        "ListAlgorithms",
        "ListAliases",
        "ListAppImageConfigs",
        "ListApps",
        "ListArtifacts",
        "ListAssociations",
        "ListAutoMLJobs",
        "ListCandidatesForAutoMLJob",
        "ListClusterEvents",
        "ListClusterExtensionVersions",
        "ListClusterExtensions",
        "ListClusterNodes",
        "ListClusterOperations",
        "ListClusterSchedulerConfigs",
        "ListClusters",
        "ListCodeRepositories",
        "ListCompilationJobs",
        "ListComputeQuotas",
        "ListContexts",
        "ListDataQualityJobDefinitions",
        "ListDeviceFleets",
        "ListDevices",
        "ListDomains",
        "ListEdgeDeploymentPlans",
        "ListEdgePackagingJobs",
        "ListEndpointConfigs",
        "ListEndpoints",
        "ListExperiments",
        "ListFeatureGroups",
        "ListFlowDefinitions",
        "ListHubContentVersions",
        "ListHubContents",
        "ListHubs",
        "ListHumanTaskUis",
        "ListHyperParameterTuningJobs",
        "ListImageVersions",
        "ListImages",
        "ListInferenceComponents",
        "ListInferenceExperiments",
        "ListInferenceRecommendationsJobSteps",
        "ListInferenceRecommendationsJobs",
        "ListInferenceRouters",
        "ListJobSchemaVersions",
        "ListJobs",
        "ListLabelingJobs",
        "ListLabelingJobsForWorkteam",
        "ListLineageGroups",
        "ListMlflowApps",
        "ListMlflowTrackingServers",
        "ListModelBiasJobDefinitions",
        "ListModelCardExportJobs",
        "ListModelCardVersions",
        "ListModelCards",
        "ListModelExplainabilityJobDefinitions",
        "ListModelMetadata",
        "ListModelPackageGroups",
        "ListModelPackages",
        "ListModelQualityJobDefinitions",
        "ListModels",
        "ListMonitoringAlertHistory",
        "ListMonitoringAlerts",
        "ListMonitoringExecutions",
        "ListMonitoringSchedules",
        "ListNotebookInstanceLifecycleConfigs",
        "ListNotebookInstances",
        "ListOptimizationJobs",
        "ListPartnerApps",
        "ListPipelineExecutionSteps",
        "ListPipelineExecutions",
        "ListPipelineParametersForExecution",
        "ListPipelineVersions",
        "ListPipelines",
        "ListProcessingJobs",
        "ListProjects",
        "ListResourceCatalogs",
        "ListSpaces",
        "ListStageDevices",
        "ListStudioLifecycleConfigs",
        "ListSubscribedWorkteams",
        "ListTags",
        "ListTrainingJobs",
        "ListTrainingJobsForHyperParameterTuningJob",
        "ListTrainingPlans",
        "ListTrainingSessions",
        "ListTransformJobs",
        "ListTrialComponents",
        "ListTrials",
        "ListUltraServersByReservedCapacity",
        "ListUserProfiles",
        "ListWorkforces",
        "ListWorkteams",
        "PutEndpointPolicy",
        "PutModelPackageGroupPolicy",
        "QueryLineage",
        "RegisterDevices",
        "RenderUiTemplate",
        "RetryPipelineExecution",
        "Search",
        "SearchTrainingPlanOfferings",
        "SendPipelineExecutionStepFailure",
        "SendPipelineExecutionStepSuccess",
        "StartClusterHealthCheck",
        "StartEdgeDeploymentStage",
        "StartInferenceExperiment",
        "StartMlflowTrackingServer",
        "StartMonitoringSchedule",
        "StartNotebookInstance",
        "StartPipelineExecution",
        "StartSession",
        "StopAIBenchmarkJob",
        "StopAIRecommendationJob",
        "StopAutoMLJob",
        "StopCompilationJob",
        "StopEdgeDeploymentStage",
        "StopEdgePackagingJob",
        "StopHyperParameterTuningJob",
        "StopInferenceExperiment",
        "StopInferenceRecommendationsJob",
        "StopJob",
        "StopLabelingJob",
        "StopMlflowTrackingServer",
        "StopMonitoringSchedule",
        "StopNotebookInstance",
        "StopOptimizationJob",
        "StopPipelineExecution",
        "StopProcessingJob",
        "StopTrainingJob",
        "StopTrainingSession",
        "StopTransformJob",
        "UpdateAction",
        "UpdateAppImageConfig",
        "UpdateArtifact",
        "UpdateCluster",
        "UpdateClusterExtension",
        "UpdateClusterSchedulerConfig",
        "UpdateClusterSoftware",
        "UpdateCodeRepository",
        "UpdateComputeQuota",
        "UpdateContext",
        "UpdateDeviceFleet",
        "UpdateDevices",
        "UpdateDomain",
        "UpdateEndpoint",
        "UpdateEndpointWeightsAndCapacities",
        "UpdateExperiment",
        "UpdateFeatureGroup",
        "UpdateFeatureMetadata",
        "UpdateHub",
        "UpdateHubContent",
        "UpdateHubContentReference",
        "UpdateImage",
        "UpdateImageVersion",
        "UpdateInferenceComponent",
        "UpdateInferenceComponentRuntimeConfig",
        "UpdateInferenceExperiment",
        "UpdateInferenceRouter",
        "UpdateMlflowApp",
        "UpdateMlflowTrackingServer",
        "UpdateModelCard",
        "UpdateModelPackage",
        "UpdateMonitoringAlert",
        "UpdateMonitoringSchedule",
        "UpdateNotebookInstance",
        "UpdateNotebookInstanceLifecycleConfig",
        "UpdatePartnerApp",
        "UpdatePipeline",
        "UpdatePipelineExecution",
        "UpdatePipelineVersion",
        "UpdateProject",
        "UpdateSpace",
        "UpdateTrainingJob",
        "UpdateTrial",
        "UpdateTrialComponent",
        "UpdateUserProfile",
        "UpdateWorkforce",
        "UpdateWorkteam",
    )),
)

"""Serverless variants as SageMaker's calls name them."""

from stoker.domain.endpoints import ProductionVariant, VariantState
from stoker.domain.ids import ModelName, VariantName
from stoker.domain.serverless import STARTUP_TIMEOUT, ServerlessConfig, environment_type
from stoker.errors import InvalidParameterError
from stoker.service.serverless import not_supported
from stoker.units import SECOND
from stoker.wire.aws.generated import sagemaker as sm


def serverless_of(path: str, given: sm.ProductionVariant) -> ProductionVariant | None:
    """Give a serverless variant; None for one with instances."""
    config = given.serverless_config
    if config is None:
        return None
    _refuse_instances(path, given)
    serverless = ServerlessConfig(
        memory_mb=int(config.memory_size_in_mb),
        max_concurrency=int(config.max_concurrency),
        provisioned=config.provisioned_concurrency or 0,
    )
    startup = given.container_startup_health_check_timeout_in_seconds
    download = given.model_data_download_timeout_in_seconds
    return ProductionVariant(
        name=VariantName(given.variant_name),
        instance_type=environment_type(serverless.memory_mb),
        model=None if given.model_name is None else ModelName(given.model_name),
        initial_instances=max(1, serverless.provisioned),
        initial_weight=1.0 if given.initial_variant_weight is None else given.initial_variant_weight,
        startup_timeout=STARTUP_TIMEOUT if startup is None else min(startup * SECOND, STARTUP_TIMEOUT),
        download_timeout=STARTUP_TIMEOUT if download is None else download * SECOND,
        serverless=serverless,
    )


def _refuse_instances(path: str, given: sm.ProductionVariant) -> None:
    """Refuse what a variant says of instances, which a serverless one has not: accelerators (GPUs) among it."""
    for name, said in (
        ("InitialInstanceCount", given.initial_instance_count),
        ("AcceleratorType", given.accelerator_type),
        ("AcceleratorPartitionLayouts", given.accelerator_partition_layouts),
        ("VolumeSizeInGB", given.volume_size_in_gb),
        ("CoreDumpConfig", given.core_dump_config),
        ("EnableSSMAccess", given.enable_ssm_access),
        ("InferenceAmiVersion", given.inference_ami_version),
        ("CapacityReservationConfig", given.capacity_reservation_config),
        ("RoutingConfig", given.routing_config),
        ("ManagedInstanceScaling", given.managed_instance_scaling),
    ):
        if said:
            raise not_supported(f"{path}{name}", f"{path}{name}")


def refuse_for_serverless(given: sm.CreateEndpointConfigInput) -> None:
    """Refuse what a configuration says beside a serverless variant and serverless endpoints do not have."""
    variants = (*given.production_variants, *(given.shadow_production_variants or ()))
    if all(variant.serverless_config is None for variant in variants):
        return
    for name, said in (
        ("VpcConfig", given.vpc_config),
        ("EnableNetworkIsolation", given.enable_network_isolation),
        ("DataCaptureConfig", given.data_capture_config),
        ("AsyncInferenceConfig", given.async_inference_config),
        ("ExplainerConfig", given.explainer_config),
        ("ShadowProductionVariants", given.shadow_production_variants),
    ):
        if said:
            raise not_supported(name, name)


def refuse_model(given: sm.CreateModelInput) -> None:
    """Refuse a model that asks for what serverless endpoints do not have."""
    for name, said in (("VpcConfig", given.vpc_config), ("EnableNetworkIsolation", given.enable_network_isolation)):
        if said:
            raise not_supported(f"A model with {name}", "ProductionVariants.ModelName")


def described_serverless(config: ServerlessConfig | None) -> sm.ProductionVariantServerlessConfig | None:
    """Give a serverless configuration as describing calls show it."""
    if config is None:
        return None
    return sm.ProductionVariantServerlessConfig(
        memory_size_in_mb=config.memory_mb,
        max_concurrency=config.max_concurrency,
        provisioned_concurrency=config.provisioned or None,
    )


def current_serverless(state: VariantState, serving: int) -> sm.ProductionVariantServerlessConfig | None:
    """Give what a variant has by now: of what is to be provisioned, as much as is ready."""
    config = state.serverless
    if config is None:
        return None
    return sm.ProductionVariantServerlessConfig(
        memory_size_in_mb=config.memory_mb,
        max_concurrency=config.max_concurrency,
        provisioned_concurrency=min(config.provisioned, serving) or None,
    )


def changed_serverless(
    state: VariantState | None, given: sm.ProductionVariantServerlessUpdateConfig | None
) -> ServerlessConfig | None:
    """Give the configuration that a call makes of a variant's; None when it changes nothing, or there is nothing to change."""
    if given is None:
        return None
    if given.max_concurrency is None and given.provisioned_concurrency is None:
        message = "Specify MaxConcurrency, ProvisionedConcurrency or both."
        raise InvalidParameterError(message, field="ServerlessUpdateConfig")
    before = None if state is None else state.serverless
    if before is None:
        most = given.max_concurrency or given.provisioned_concurrency or 1
        return ServerlessConfig(memory_mb=1024, max_concurrency=most)  # refused for what the variant is
    provisioned = before.provisioned if given.provisioned_concurrency is None else given.provisioned_concurrency
    return ServerlessConfig(
        memory_mb=before.memory_mb,
        max_concurrency=before.max_concurrency if given.max_concurrency is None else given.max_concurrency,
        provisioned=provisioned,
    )

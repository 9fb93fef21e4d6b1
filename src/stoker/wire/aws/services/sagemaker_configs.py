"""SageMaker's endpoint configurations: CreateEndpointConfig, DescribeEndpointConfig, ListEndpointConfigs, DeleteEndpointConfig.

ExecutionRoleArn, which AWS wants for endpoints that host inference components, may be left out: nothing here assumes a role.
"""

from collections.abc import Iterator

import msgspec

from stoker.domain.endpoints import (
    DOWNLOAD_TIMEOUT,
    STARTUP_TIMEOUT,
    Consolidation,
    EndpointConfig,
    ManagedInstanceScaling,
    ProductionVariant,
)
from stoker.domain.ids import ConfigName, ModelName, Partition, VariantName
from stoker.domain.states import RoutingStrategy
from stoker.errors import InvalidParameterError
from stoker.service.endpoints import Endpoints
from stoker.units import MINUTE, SECOND, Span
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.asynchronous import asynchronous_of, described_async
from stoker.wire.aws.services.documents import echoed, kept, refuse, tag_map, unserved, when
from stoker.wire.aws.services.paging import Row, page_of
from stoker.wire.aws.services.serverless import described_serverless, refuse_for_serverless, refuse_model, serverless_of

SERVED_ROUTING = frozenset(strategy.value for strategy in RoutingStrategy)


class ConfigCalls:
    """The operations on endpoint configurations."""

    __slots__ = ("_endpoints", "_partition")

    def __init__(self, endpoints: Endpoints, partition: Partition) -> None:
        self._endpoints = endpoints
        self._partition = partition

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            ("sagemaker", "CreateEndpointConfig"): self.create,
            ("sagemaker", "DescribeEndpointConfig"): self.describe,
            ("sagemaker", "ListEndpointConfigs"): self.list,
            ("sagemaker", "DeleteEndpointConfig"): self.delete,
        }

    async def create(self, given: sm.CreateEndpointConfigInput, _: Context) -> sm.CreateEndpointConfigOutput:
        """Make a configuration."""
        tags = tag_map(given.tags)
        own = [(f"ProductionVariants.{number}.", v) for number, v in enumerate(given.production_variants, 1)]
        shadows = [(f"ShadowProductionVariants.{n}.", v) for n, v in enumerate(given.shadow_production_variants or (), 1)]
        paths = [*own, *shadows]
        for path, variant in paths:
            _check_capacity(path, variant)
        refuse_for_serverless(given)
        for one in given.production_variants:
            if one.serverless_config is not None and (document := self._endpoints.model_document(one.model_name or "")):
                refuse_model(echoed(sm.CreateModelInput, document))
        refuse([*_unserved(given), *(name for path, variant in paths for name in _unserved_variant(path, variant))])
        waits = asynchronous_of(given.async_inference_config)
        variants = [msgspec.structs.replace(_variant(path, variant), asynchronous=waits) for path, variant in own]
        shadowing = [_variant(path, variant) for path, variant in shadows]
        name = ConfigName(given.endpoint_config_name)
        config = await self._endpoints.create_config(name, variants, shadows=shadowing, echo=kept(given), tags=tags)
        return sm.CreateEndpointConfigOutput(endpoint_config_arn=self._arn(config))

    async def describe(self, given: sm.DescribeEndpointConfigInput, _: Context) -> sm.DescribeEndpointConfigOutput:
        """Give a configuration as it was made."""
        config = self._endpoints.config(given.endpoint_config_name)
        sent = echoed(sm.CreateEndpointConfigInput, config.echo)
        return sm.DescribeEndpointConfigOutput(
            endpoint_config_name=config.name,
            endpoint_config_arn=self._arn(config),
            creation_time=when(config.created),
            production_variants=sent.production_variants or [_described(v) for v in config.variants],
            shadow_production_variants=sent.shadow_production_variants,
            data_capture_config=sent.data_capture_config,
            kms_key_id=sent.kms_key_id,
            execution_role_arn=sent.execution_role_arn,
            vpc_config=sent.vpc_config,
            enable_network_isolation=bool(sent.enable_network_isolation),
            metrics_config=sent.metrics_config,
            async_inference_config=described_async(config.variants[0]),
            cross_region_traffic_config=sent.cross_region_traffic_config,
        )

    async def list(self, given: sm.ListEndpointConfigsInput, _: Context) -> sm.ListEndpointConfigsOutput:
        """Give a page of configurations."""
        found = page_of(given, self._endpoints.configs(), lambda c: Row(c, c.name, c.created))
        configs = [
            sm.EndpointConfigSummary(endpoint_config_name=c.name, endpoint_config_arn=self._arn(c), creation_time=when(c.created))
            for c in found.items
        ]
        return sm.ListEndpointConfigsOutput(endpoint_configs=configs, next_token=found.next_token)

    async def delete(self, given: sm.DeleteEndpointConfigInput, _: Context) -> None:
        """Delete a configuration; endpoints made of it live on."""
        await self._endpoints.delete_config(given.endpoint_config_name)

    def _arn(self, config: EndpointConfig) -> str:
        return self._partition.sagemaker("endpoint-config", config.name)


def _unserved(given: sm.CreateEndpointConfigInput) -> Iterator[str]:
    """Give what the configuration as a whole asks for and Stoker does not do."""
    yield from unserved("", ExplainerConfig=given.explainer_config)
    if given.data_capture_config is not None and given.data_capture_config.enable_capture:
        yield "DataCaptureConfig.EnableCapture=true"


def _unserved_variant(path: str, variant: sm.ProductionVariant) -> Iterator[str]:
    yield from unserved(path, InstancePools=variant.instance_pools or None)
    routing = variant.routing_config
    if routing is not None and routing.routing_strategy not in SERVED_ROUTING:
        yield f"{path}RoutingConfig.RoutingStrategy={routing.routing_strategy}"


def _check_capacity(path: str, variant: sm.ProductionVariant) -> None:
    """Refuse a variant that does not say in exactly one way what it runs on."""
    ways = (variant.instance_type, variant.instance_pools or None, variant.serverless_config)
    if sum(way is not None for way in ways) != 1:
        message = f"Specify exactly one of {path}InstanceType, {path}InstancePools and {path}ServerlessConfig."
        raise InvalidParameterError(message, field=f"{path}InstanceType")


def _variant(path: str, given: sm.ProductionVariant) -> ProductionVariant:
    managed = _managed(path, given)
    routing = given.routing_config
    serverless = serverless_of(path, given)
    if serverless is not None:
        return serverless
    return ProductionVariant(
        name=VariantName(given.variant_name),
        instance_type=given.instance_type or "",
        model=None if given.model_name is None else ModelName(given.model_name),
        initial_instances=_initial(given, managed),
        initial_weight=1.0 if given.initial_variant_weight is None else given.initial_variant_weight,
        managed=managed,
        routing=RoutingStrategy.RANDOM if routing is None else RoutingStrategy(routing.routing_strategy),
        startup_timeout=_span(given.container_startup_health_check_timeout_in_seconds, STARTUP_TIMEOUT),
        download_timeout=_span(given.model_data_download_timeout_in_seconds, DOWNLOAD_TIMEOUT),
    )


def _initial(given: sm.ProductionVariant, managed: ManagedInstanceScaling | None) -> int:
    """Give the first instance count: one, or the minimum that is kept, unless the request says it."""
    if given.initial_instance_count is not None:
        return given.initial_instance_count
    return max(1, managed.least) if managed is not None and managed.enabled else 1


def _managed(path: str, given: sm.ProductionVariant) -> ManagedInstanceScaling | None:
    """Give the managed scaling. Left out, the minimum is 1 (only who says 0 means 0), the maximum no more than is there."""
    managed = given.managed_instance_scaling
    if managed is None:
        return None
    least = 1 if managed.min_instance_count is None else managed.min_instance_count
    most = max(1, least, given.initial_instance_count or 1) if managed.max_instance_count is None else managed.max_instance_count
    if managed.min_instance_count is None:
        least = min(least, most)
    if least > most:
        message = f"{path}ManagedInstanceScaling.MinInstanceCount ({least}) cannot be greater than MaxInstanceCount ({most})."
        raise InvalidParameterError(message, field=f"{path}ManagedInstanceScaling.MinInstanceCount")
    consolidation = _consolidation(managed.scale_in_policy)
    return ManagedInstanceScaling(enabled=managed.status != "DISABLED", least=least, most=most, consolidation=consolidation)


def _consolidation(given: sm.ProductionVariantManagedInstanceScalingScaleInPolicy | None) -> Consolidation | None:
    """Give how copies are consolidated; IDLE_RELEASE is what is done anyway, and has no use for the step and the cooldown."""
    if given is None or given.strategy != "CONSOLIDATION":
        return None
    defaults = Consolidation()
    return Consolidation(
        step=defaults.step if given.maximum_step_size is None else given.maximum_step_size,
        cooldown=defaults.cooldown if given.cooldown_in_minutes is None else given.cooldown_in_minutes * MINUTE,
    )


def _span(seconds: int | None, default: Span) -> Span:
    return default if seconds is None else seconds * SECOND


def _described(variant: ProductionVariant) -> sm.ProductionVariant:
    """Give a variant of a configuration that was made by another API."""
    return sm.ProductionVariant(
        variant_name=variant.name,
        model_name=variant.model,
        instance_type=None if variant.serverless else variant.instance_type,
        initial_instance_count=None if variant.serverless else variant.initial_instances,
        serverless_config=described_serverless(variant.serverless),
        initial_variant_weight=variant.initial_weight,
        managed_instance_scaling=described_scaling(variant),
        routing_config=described_routing(variant),
    )


def described_scaling(variant: ProductionVariant) -> sm.ProductionVariantManagedInstanceScaling | None:
    """Give a variant's managed scaling as describing calls show it."""
    managed = variant.managed
    if managed is None:
        return None
    rule = managed.consolidation
    return sm.ProductionVariantManagedInstanceScaling(
        status="ENABLED" if managed.enabled else "DISABLED",
        min_instance_count=managed.least,
        max_instance_count=managed.most,
        scale_in_policy=None
        if rule is None
        else sm.ProductionVariantManagedInstanceScalingScaleInPolicy(
            strategy="CONSOLIDATION", maximum_step_size=rule.step, cooldown_in_minutes=rule.cooldown // MINUTE
        ),
    )


def described_routing(variant: ProductionVariant) -> sm.ProductionVariantRoutingConfig:
    """Give how a variant routes, as describing calls show it."""
    return sm.ProductionVariantRoutingConfig(routing_strategy=variant.routing.value)

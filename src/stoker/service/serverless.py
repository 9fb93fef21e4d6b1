"""What serverless variants may not have, and how many of them there may be.

SageMaker tells the features that serverless endpoints exclude, their quotas, and that a serverless endpoint may become one with
instances, but none with instances a serverless one: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from collections.abc import Iterable, Sequence

from stoker.domain.endpoints import Endpoint, ProductionVariant, VariantChange, VariantState
from stoker.domain.ids import EndpointName
from stoker.domain.models import Container
from stoker.domain.states import EndpointStatus
from stoker.engine.platform import Platform
from stoker.errors import InvalidParameterError
from stoker.service.quotas import check_quota


def not_supported(feature: str, field: str) -> InvalidParameterError:
    """Give the error of a feature that serverless endpoints exclude."""
    return InvalidParameterError(f"{feature} is not supported for serverless endpoints.", field=field)


def refuse_beside_serverless(variants: Sequence[ProductionVariant], shadows: Sequence[ProductionVariant]) -> None:
    """Refuse variants that a serverless one cannot stand with, or be."""
    serverless = [v for v in (*variants, *shadows) if v.serverless is not None]
    if not serverless:
        return
    if shadows:
        raise not_supported("A shadow variant", "ShadowProductionVariants")
    if len(variants) > 1:
        raise not_supported("More than one production variant", "ProductionVariants")
    variant = serverless[0]
    if variant.model is None:
        message = "A serverless endpoint serves a model of its own: ModelName is required in its production variant."
        raise InvalidParameterError(message, field="ProductionVariants.ModelName")
    if variant.managed is not None:
        raise not_supported("ManagedInstanceScaling", "ProductionVariants.ManagedInstanceScaling")


def refuse_container(container: Container) -> None:
    """Refuse a model that serverless endpoints do not serve."""
    if container.multi_model:
        raise not_supported("A multi-model endpoint (a container with Mode MultiModel)", "ProductionVariants.ModelName")


def check_serverless(platform: Platform, name: EndpointName, variants: Iterable[ProductionVariant]) -> None:
    """Refuse an endpoint that would be one serverless endpoint too many, or have more provisioned than there is."""
    wanted = [v.serverless for v in variants if v.serverless is not None]
    if not wanted:
        return
    others = [e for e in platform.fleet.endpoints.values() if e.name != name and _living(e)]
    most, used = platform.options.quotas.serverless_endpoints, sum(1 for e in others if _is_serverless(e))
    setting = "quotas.serverless_endpoints"
    check_quota("Maximum number of serverless inference endpoints", most, used, unit="Endpoints", setting=setting)
    _check_provisioned(platform, others, sum(config.provisioned for config in wanted))


def check_change(platform: Platform, endpoint: Endpoint, state: VariantState, change: VariantChange) -> None:
    """Refuse a change of capacity that is not of the variant's kind, or beyond what may be provisioned."""
    if state.serverless is None:
        if change.serverless is not None:
            message = f"The variant {state.spec.name} is not serverless: set DesiredInstanceCount instead."
            raise InvalidParameterError(message, field="ServerlessUpdateConfig")
        return
    if change.instances is not None:
        message = f"The variant {state.spec.name} is serverless: set ServerlessUpdateConfig instead of DesiredInstanceCount."
        raise InvalidParameterError(message, field="DesiredInstanceCount")
    if change.serverless is not None:
        others = [e for e in platform.fleet.endpoints.values() if e.name != endpoint.name and _living(e)]
        _check_provisioned(platform, others, change.serverless.provisioned)


def check_conversion(endpoint: Endpoint, variants: Iterable[ProductionVariant]) -> None:
    """Refuse to make an endpoint with instances a serverless one; the other way is open."""
    if not _is_serverless(endpoint) and any(v.serverless is not None for v in variants):
        raise InvalidParameterError(
            "An endpoint with instances cannot become serverless. Create a serverless endpoint instead.",
            field="EndpointConfigName",
        )


def _check_provisioned(platform: Platform, others: Iterable[Endpoint], more: int) -> None:
    used = sum(s.serverless.provisioned for e in others for s in e.variants if s.serverless is not None)
    name = "Maximum total concurrency that can be allocated across all serverless endpoints"
    most, setting = platform.options.quotas.serverless_concurrency, "quotas.serverless_concurrency"
    check_quota(name, most, used, more, unit="Concurrent invocations", setting=setting)


def _is_serverless(endpoint: Endpoint) -> bool:
    return any(state.serverless is not None for state in endpoint.variants)


def _living(endpoint: Endpoint) -> bool:
    return endpoint.status not in {EndpointStatus.FAILED, EndpointStatus.DELETING}

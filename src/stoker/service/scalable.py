"""What of the platform can be scaled, and between which bounds."""

from stoker.decisions.scaling import activities
from stoker.decisions.scaling.target_tracking import resource_dimensions
from stoker.domain.endpoints import VariantState
from stoker.domain.ids import SCALABLE_TARGET, ComponentName, EndpointName, Partition, VariantName
from stoker.domain.scaling import Dimension, TargetKey
from stoker.domain.serverless import MAX_CONCURRENCY
from stoker.domain.states import ComponentStatus, EndpointStatus
from stoker.engine.platform import Platform
from stoker.errors import InvalidParameterError, NotFoundError
from stoker.service.components import MAX_COPIES


def check_resource(platform: Platform, partition: Partition, key: TargetKey) -> None:
    """Refuse a resource that does not fit the dimension, is not there or is going."""
    resource_dimensions(key)
    if key.dimension is Dimension.COPIES:
        component = platform.fleet.components.get(ComponentName(key.resource_id.partition("/")[2]))
        there = component is not None and component.status is not ComponentStatus.DELETING and component.base is None
    else:
        state = _variant(platform, key)
        there = state is not None and (state.serverless is None) is (key.dimension is Dimension.INSTANCES)
    if not there:
        raise InvalidParameterError(activities.not_scalable(key, partition), field="ResourceId")


def check_bounds(platform: Platform, key: TargetKey, least: int | None, most: int | None) -> None:
    """Refuse bounds that the resource cannot have, and a resource that is scaled by something else; None is no bound."""
    if least is not None and least < 0:
        raise InvalidParameterError("Minimum capacity cannot be less than 0", field="MinCapacity")
    if most is not None and most < 0:
        raise InvalidParameterError("Maximum capacity cannot be less than 0", field="MaxCapacity")
    if key.dimension is Dimension.COPIES:
        greatest = MAX_COPIES
    elif key.dimension is Dimension.PROVISIONED:
        greatest = _check_provisioned(_variant(platform, key), least, most)
    else:
        greatest = platform.options.fleet.max_instances
        _check_variant(_variant(platform, key), least, most)
    if max(least or 0, most or 0) > greatest:
        low = most is None
        raise InvalidParameterError(
            f"{'Minimum' if low else 'Maximum'} capacity cannot be greater than {greatest}, "
            "which is as much as Stoker runs of one resource",
            field="MinCapacity" if low else "MaxCapacity",
        )


def missing_target(verb: str, namespace: str, resource_id: str, dimension: str) -> NotFoundError:
    """Give the error of a target that is not there; `verb` is AWS's: `registered` to what needs one, else `found`."""
    text = (
        f"No scalable target {verb} for service namespace: {namespace}, resource ID: {resource_id}, "
        f"scalable dimension: {dimension}"
    )
    return NotFoundError(SCALABLE_TARGET, resource_id, text)


def _check_provisioned(state: VariantState | None, least: int | None, most: int | None) -> int:
    """Refuse to provision nothing; gives how much a serverless variant may be provisioned with."""
    for value, word, field in ((least, "Minimum", "MinCapacity"), (most, "Maximum", "MaxCapacity")):
        if value is not None and value < 1:
            raise InvalidParameterError(f"{word} capacity cannot be less than 1 for provisioned concurrency", field=field)
    return MAX_CONCURRENCY if state is None or state.serverless is None else state.serverless.max_concurrency


def _check_variant(state: VariantState | None, least: int | None, most: int | None) -> None:
    if state is None:
        return
    managed = state.spec.managed
    if state.container is not None and state.spec.asynchronous is not None:
        return  # what waits in its queue brings it back from zero
    if state.container is not None:
        for value, word, field in ((least, "Minimum", "MinCapacity"), (most, "Maximum", "MaxCapacity")):
            if value is not None and value < 1:
                raise InvalidParameterError(
                    f"{word} capacity cannot be less than 1 for a variant with a model of its own", field=field
                )
    elif managed is not None and managed.enabled:
        # Two things that both set the count would undo each other's work for ever.
        raise InvalidParameterError(
            f"ManagedInstanceScaling scales the instances of the variant {state.spec.name}; "
            "register its inference components instead",
            field="ResourceId",
        )


def _variant(platform: Platform, key: TargetKey) -> VariantState | None:
    _, endpoint_name, _, variant = key.resource_id.split("/")
    endpoint = platform.fleet.endpoints.get(EndpointName(endpoint_name))
    if endpoint is None or endpoint.status is EndpointStatus.DELETING:
        return None
    return endpoint.variant(VariantName(variant))

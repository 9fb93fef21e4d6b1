"""How an update proceeds, read from and shown in SageMaker's words: DeploymentConfig of endpoints and of inference components."""

from stoker.domain.deployments import (
    MAX_EXECUTION,
    BlueGreen,
    CapacitySize,
    Rolling,
    Shift,
    SizeKind,
    Stage,
    UpdatePolicy,
)
from stoker.domain.endpoints import Endpoint, VariantState
from stoker.domain.ids import AlarmName
from stoker.errors import InvalidParameterError
from stoker.units import SECOND, Span
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.services.documents import when

PATH = "DeploymentConfig."
_ROUTING = f"{PATH}BlueGreenUpdatePolicy.TrafficRoutingConfiguration."
_SHOWN = {
    Stage.CREATING: "Creating",
    Stage.BAKING: "Baking",
    Stage.WAITING: "Baking",
    Stage.SHRINKING: "Updating",
    Stage.RETURNING: "Updating",
    Stage.CLEARING: "Deleting",
}
MAX_MESSAGE = 1024
"""Characters of a StatusMessage (the service model's limit)."""


def endpoint_policy(given: sm.DeploymentConfig | None) -> UpdatePolicy | None:
    """Give how an endpoint is to be updated; None when nothing is said. Raises InvalidParameterError."""
    if given is None:
        return None
    blue, rolling = given.blue_green_update_policy, given.rolling_update_policy
    if blue is not None and rolling is not None:
        message = "Specify at most one of BlueGreenUpdatePolicy and RollingUpdatePolicy."
        raise InvalidParameterError(message, field="DeploymentConfig")
    alarms = _alarms(given.auto_rollback_configuration)
    if rolling is not None:
        plan = Rolling(
            batch=_size(rolling.maximum_batch_size),
            wait=rolling.wait_interval_in_seconds * SECOND,
            back=None if rolling.rollback_maximum_batch_size is None else _size(rolling.rollback_maximum_batch_size),
        )
        return UpdatePolicy(plan=plan, limit=_limit(rolling.maximum_execution_timeout_in_seconds), alarms=alarms)
    if blue is None:
        return UpdatePolicy(plan=BlueGreen(), alarms=alarms)
    return UpdatePolicy(plan=_blue_green(blue), limit=_limit(blue.maximum_execution_timeout_in_seconds), alarms=alarms)


def component_policy(given: sm.InferenceComponentDeploymentConfig | None) -> UpdatePolicy | None:
    """Give how a component is to be updated; None when nothing is said."""
    if given is None:
        return None
    rolling = given.rolling_update_policy
    back = rolling.rollback_maximum_batch_size
    plan = Rolling(
        batch=_size(rolling.maximum_batch_size),
        wait=rolling.wait_interval_in_seconds * SECOND,
        back=None if back is None else _size(back),
    )
    limit = _limit(rolling.maximum_execution_timeout_in_seconds)
    return UpdatePolicy(plan=plan, limit=limit, alarms=_alarms(given.auto_rollback_configuration))


def variant_status(endpoint: Endpoint, *, pending: bool) -> list[sm.ProductionVariantStatus] | None:
    """Give where an update is, for the variants that are `pending` in it or for those in force; None when it is not theirs."""
    if endpoint.update is None:
        return None
    rollout = endpoint.update.rollout
    of_pending = rollout.stage in {Stage.CREATING, Stage.BAKING, Stage.WAITING}
    if pending is not of_pending:
        return None
    status = sm.ProductionVariantStatus(
        status=_SHOWN[rollout.stage], status_message=rollout.cause[:MAX_MESSAGE] or None, start_time=when(rollout.since)
    )
    return [status]


def is_pending(endpoint: Endpoint) -> bool:
    """Whether a new version is on its way that is not in force yet."""
    return endpoint.update is not None and endpoint.update.rollout.stage not in {Stage.RETURNING, Stage.CLEARING}


def images(endpoint: Endpoint, state: VariantState) -> list[sm.DeployedImage] | None:
    """Give the image of a variant's own model; an image is resolved by this installation's table, when its version is made."""
    if state.container is None:
        return None
    image = state.container.image
    made = endpoint.created
    if is_pending(endpoint) and endpoint.update is not None and state not in endpoint.variants:
        made = endpoint.update.rollout.begun
    return [sm.DeployedImage(specified_image=image, resolved_image=image, resolution_time=when(made))]


def _blue_green(given: sm.BlueGreenUpdatePolicy) -> BlueGreen:
    routing = given.traffic_routing_configuration
    shift = Shift(routing.type)
    sizes = {Shift.CANARY: routing.canary_size, Shift.LINEAR: routing.linear_step_size}
    size = sizes.get(shift)
    names = {Shift.CANARY: "CanarySize", Shift.LINEAR: "LinearStepSize"}
    for kind, other in sizes.items():
        if other is not None and kind is not shift:
            message = f"{_ROUTING}{names[kind]} has no meaning with the type {shift.value}."
            raise InvalidParameterError(message, field=f"{_ROUTING}{names[kind]}")
    if shift in names and size is None:
        message = f"{_ROUTING}{names[shift]} is required with the type {shift.value}."
        raise InvalidParameterError(message, field=f"{_ROUTING}{names[shift]}")
    return BlueGreen(
        shift=shift,
        size=None if size is None else _size(size),
        wait=routing.wait_interval_in_seconds * SECOND,
        keep=(given.termination_wait_in_seconds or 0) * SECOND,
    )


def _size(given: sm.CapacitySize | sm.InferenceComponentCapacitySize) -> CapacitySize:
    return CapacitySize(kind=SizeKind(given.type), value=given.value)


def _limit(seconds: int | None) -> Span:
    return MAX_EXECUTION if seconds is None else seconds * SECOND


def _alarms(given: sm.AutoRollbackConfig | None) -> tuple[AlarmName, ...]:
    names = [] if given is None else [alarm.alarm_name for alarm in given.alarms or ()]
    if any(not name for name in names):
        field = f"{PATH}AutoRollbackConfiguration.Alarms"
        raise InvalidParameterError(f"{field} must name each alarm.", field=field)
    return tuple(AlarmName(name) for name in dict.fromkeys(names) if name)

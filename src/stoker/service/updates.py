"""Use cases of updates: an endpoint gets another configuration, a component another build, while both go on serving."""

from collections.abc import Sequence

import msgspec

from stoker.decisions.placement import Bin, no_room
from stoker.decisions.rollout import part
from stoker.domain.components import ComponentBuild, ComputeRequirements, InferenceComponent
from stoker.domain.deployments import BlueGreen, CapacitySize, Plan, Rolling, Shift, SizeKind, UpdatePolicy
from stoker.domain.endpoints import Endpoint, EndpointConfig, VariantState
from stoker.domain.ids import COMPONENT, ENDPOINT, AlarmName, InstanceId, ModelName
from stoker.domain.instances import InstanceShape
from stoker.domain.models import Container
from stoker.domain.states import ComponentStatus, EndpointStatus, PlacementStrategy
from stoker.engine.events import ComponentUpdated, CopyCountSet, EndpointUpdated
from stoker.errors import ConflictError, InvalidParameterError
from stoker.service.components import Components, check_copies
from stoker.service.desk import Desk
from stoker.service.endpoints import Endpoints
from stoker.service.serverless import check_conversion, check_serverless
from stoker.service.tags import check_policy
from stoker.units import Span, to_seconds

_UPDATABLE = frozenset({EndpointStatus.IN_SERVICE, EndpointStatus.UPDATE_ROLLBACK_FAILED})
_HALF, _WHOLE = 50, 100


class Retained(msgspec.Struct, frozen=True, kw_only=True):
    """What an updated endpoint's variants keep of what they have, instead of what the new configuration says."""

    instances: bool = False
    weights: bool = False


class BuildRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller wants copies to be: exactly one of `model` and `container`; the rest stays as it is when left out."""

    model: ModelName | None = None
    container: Container | None = None
    requirements: ComputeRequirements | None = None
    startup_timeout: Span | None = None
    download_timeout: Span | None = None
    placement: PlacementStrategy | None = None
    echo: bytes = b""


class Updates:
    """Begins updates of endpoints and components."""

    __slots__ = ("_components", "_desk", "_endpoints")

    def __init__(self, desk: Desk, endpoints: Endpoints, components: Components) -> None:
        self._desk = desk
        self._endpoints = endpoints
        self._components = components

    async def endpoint(
        self, name: str, config_name: str, *, policy: UpdatePolicy | None, retained: Retained, deployment: bytes
    ) -> Endpoint:
        """Begin to make an endpoint what a configuration says; `policy` None is blue/green all at once."""
        endpoint = self._endpoints.get(name)
        config = self._endpoints.config(config_name)
        if endpoint.status not in _UPDATABLE:
            raise ConflictError(ENDPOINT, endpoint.name)
        check_conversion(endpoint, config.variants)
        check_serverless(self._desk.platform, endpoint.name, config.variants)
        hosts = all(state.container is None for state in endpoint.variants)
        if hosts != all(variant.model is None for variant in config.variants):
            raise InvalidParameterError(
                "An endpoint that hosts inference components cannot become one that serves models of its variants, "
                "nor the other way round.",
                field="EndpointConfigName",
            )
        variants = tuple(_kept(self._endpoints.state_of(v), endpoint, retained) for v in config.variants)
        shadows = tuple(self._endpoints.state_of(v) for v in config.shadows)
        if hosts:
            variants = self._in_place(endpoint, variants, policy)
        elif policy is not None:
            _check_names(endpoint, config, policy.plan)
            _check_plan(policy, sum(v.desired_instances for v in variants), "instance")
        if policy is not None:
            self._check_alarms(policy.alarms)
        if not hosts:
            self._check_surge(policy, (*variants, *shadows))
        await self._desk.submit(
            EndpointUpdated(
                name=endpoint.name,
                config=config.name,
                variants=variants,
                shadows=shadows,
                policy=policy or UpdatePolicy(plan=BlueGreen()),
                deployment=deployment,
            )
        )
        return self._endpoints.get(name)

    def _in_place(
        self, endpoint: Endpoint, variants: tuple[VariantState, ...], policy: UpdatePolicy | None
    ) -> tuple[VariantState, ...]:
        """Give the variants of an endpoint that hosts components, which change their settings under their copies."""
        if policy is not None and (policy.alarms or policy.plan != BlueGreen(wait=policy.plan.wait)):
            raise InvalidParameterError(
                "The variants of an endpoint that hosts inference components change their settings in place; "
                "use DeploymentConfig with UpdateInferenceComponent.",
                field="DeploymentConfig",
            )
        names = {v.spec.name for v in variants}
        for component in self._desk.platform.fleet.components_on(endpoint.name):
            if component.variant not in names:
                raise InvalidParameterError(
                    f'The inference component "{component.name}" is on the variant {component.variant}, '
                    "which the new configuration does not have.",
                    field="EndpointConfigName",
                )
        settled = tuple(_settled(endpoint, v) for v in variants)
        self._check_types(endpoint, settled)
        return settled

    def _check_types(self, endpoint: Endpoint, variants: tuple[VariantState, ...]) -> None:
        """Refuse instances of another type that could not hold the copies there are, or cannot be had beside the old ones."""
        before = {v.spec.name: v.spec.instance_type for v in endpoint.variants}
        changed = [v for v in variants if before.get(v.spec.name, v.spec.instance_type) != v.spec.instance_type]
        self._endpoints.check_room([(v.spec.instance_type, v.desired_instances) for v in changed])
        kinds = {v.spec.name: v.spec.instance_type for v in changed}
        for component in self._desk.platform.fleet.components_on(endpoint.name):
            kind = kinds.get(component.variant)
            if kind is None or component.base is not None:
                continue
            asks = component.requirements
            need = InstanceShape(cpus=asks.cpus, memory_mb=asks.least_memory_mb, accelerators=asks.accelerators)
            shape = self._desk.platform.options.fleet.shapes[kind]
            if not Bin(InstanceId(""), shape).fits(need):
                text = f'The inference component "{component.name}": {no_room(need, kind, shape)}'
                raise InvalidParameterError(text, field="EndpointConfigName")

    def _check_surge(self, policy: UpdatePolicy | None, states: Sequence[VariantState]) -> None:
        batch = policy.plan.batch if policy is not None and isinstance(policy.plan, Rolling) else None
        self._endpoints.check_room([(s.spec.instance_type, part(batch, s.desired_instances)) for s in states])

    async def component(
        self,
        name: str,
        *,
        request: BuildRequest | None,
        copies: int | None,
        policy: UpdatePolicy | None,
        deployment: bytes,
    ) -> InferenceComponent:
        """Begin to make a component's copies of another build, or another number of them, or both."""
        component = self._components.get(name)
        if component.base is not None:
            raise InvalidParameterError(
                "Stoker does not update adapters: delete the adapter and create it anew.", field="InferenceComponentName"
            )
        if request is None and copies is None:
            raise InvalidParameterError("Specify Specification, RuntimeConfig or both.", field="Specification")
        if component.status in {ComponentStatus.DELETING, ComponentStatus.CREATING} or component.update is not None:
            raise ConflictError(COMPONENT, component.name)
        if copies is not None:
            check_copies(copies)
        count = component.desired_copies if copies is None else copies
        build = None if request is None else self._build(component, request)
        if policy is not None:
            _check_plan(policy, count, "copy")
            self._check_alarms(policy.alarms)
        endpoint = self._desk.platform.fleet.endpoints.get(component.endpoint)
        check_policy(component.tags, {} if endpoint is None else endpoint.tags)
        if build is None:
            if copies is not None:
                await self._desk.submit(CopyCountSet(name=component.name, count=copies))
            return self._components.get(name)
        half = CapacitySize(kind=SizeKind.CAPACITY_PERCENT, value=_HALF)
        await self._desk.submit(
            ComponentUpdated(
                name=component.name,
                build=build,
                copies=copies,
                policy=policy or UpdatePolicy(plan=Rolling(batch=half)),
                deployment=deployment,
            )
        )
        return self._components.get(name)

    def _build(self, component: InferenceComponent, request: BuildRequest) -> ComponentBuild:
        return ComponentBuild(
            revision=component.revision,
            container=self._components.container(request.model, request.container),
            requirements=request.requirements or component.requirements,
            model=request.model,
            startup_timeout=component.startup_timeout if request.startup_timeout is None else request.startup_timeout,
            download_timeout=component.download_timeout if request.download_timeout is None else request.download_timeout,
            placement=request.placement or component.placement,
            echo=request.echo,
        )

    def _check_alarms(self, names: Sequence[AlarmName]) -> None:
        scaler = self._desk.platform.autoscaler
        missing = [name for name in names if name not in scaler.alarms and name not in scaler.composite_alarms]
        if missing:
            raise InvalidParameterError(
                f"AutoRollbackConfiguration names alarms that do not exist: {', '.join(missing)}.",
                field="DeploymentConfig.AutoRollbackConfiguration.Alarms",
            )


def _kept(state: VariantState, endpoint: Endpoint, retained: Retained) -> VariantState:
    before = endpoint.variant(state.spec.name)
    if before is None or (before.serverless is None) != (state.serverless is None):
        return state
    if state.serverless is not None:  # what invocations need now they need of the new version too
        return msgspec.structs.replace(state, desired_instances=max(state.desired_instances, before.desired_instances))
    return msgspec.structs.replace(
        state,
        weight=before.weight if retained.weights else state.weight,
        desired_instances=before.desired_instances if retained.instances else state.desired_instances,
    )


def _settled(endpoint: Endpoint, state: VariantState) -> VariantState:
    """Give a variant with as many instances as its copies have now, where managed scaling says how many there are."""
    before = endpoint.variant(state.spec.name)
    if before is None:
        return state
    managed = state.spec.managed
    if managed is None or not managed.enabled:
        return state
    return msgspec.structs.replace(state, desired_instances=max(managed.least, min(before.desired_instances, managed.most)))


def _check_names(endpoint: Endpoint, config: EndpointConfig, plan: Plan) -> None:
    """Refuse what the guardrails refuse: other variants than before, and rolling updates of several."""
    old = {v.spec.name for v in endpoint.variants}
    if old != {v.name for v in config.variants}:
        raise InvalidParameterError(
            "With a DeploymentConfig the new endpoint configuration must have the same variant names as the old one.",
            field="EndpointConfigName",
        )
    if isinstance(plan, Rolling) and len(old) > 1:
        raise InvalidParameterError("A rolling update needs an endpoint of one variant.", field="DeploymentConfig")


def _check_plan(policy: UpdatePolicy, total: int, unit: str) -> None:
    plan = policy.plan
    if isinstance(plan, Rolling):
        _check_size(plan.batch, total, unit, "MaximumBatchSize", least=5)
        if plan.back is not None and plan.back.kind is SizeKind.CAPACITY_PERCENT and plan.back.value > _WHOLE:
            raise InvalidParameterError("RollbackMaximumBatchSize must be at most 100 percent.", field="RollbackMaximumBatchSize")
        waits = plan.wait
    else:
        if plan.size is not None and plan.shift is Shift.LINEAR:
            _check_size(plan.size, total, unit, "LinearStepSize", least=10)
        elif plan.size is not None:
            _check_size(plan.size, total, unit, "CanarySize", least=1)
        waits = plan.wait + plan.keep
    if policy.limit <= waits:
        raise InvalidParameterError(
            f"MaximumExecutionTimeoutInSeconds ({to_seconds(policy.limit):g}) must be greater than the waiting times "
            f"({to_seconds(waits):g}).",
            field="MaximumExecutionTimeoutInSeconds",
        )


def _check_size(size: CapacitySize, total: int, unit: str, field: str, *, least: int) -> None:
    """Refuse parts that are out of the range that the API names; a single copy may always be taken."""
    if size.kind is SizeKind.CAPACITY_PERCENT:
        if not least <= size.value <= _HALF:
            raise InvalidParameterError(f"{field} must be {least} to {_HALF} percent of the {unit} count.", field=field)
    elif size.value > max(1, total // 2):
        raise InvalidParameterError(
            f"{field} ({size.value}) must be at most {_HALF} percent of the {unit} count ({total}).", field=field
        )

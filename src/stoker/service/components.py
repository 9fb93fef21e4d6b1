"""Use cases of inference components."""

import msgspec

from stoker.domain.components import ComputeRequirements, InferenceComponent
from stoker.domain.endpoints import DOWNLOAD_TIMEOUT, STARTUP_TIMEOUT, Endpoint
from stoker.domain.ids import (
    COMPONENT,
    ENDPOINT,
    MODEL,
    ComponentName,
    EndpointName,
    ModelName,
    VariantName,
    component_workload,
    name_in_arn,
)
from stoker.domain.models import Container
from stoker.domain.states import ComponentStatus, EndpointStatus, PlacementStrategy
from stoker.engine.events import ComponentCreated, ComponentDeleted, CopyCountSet
from stoker.errors import ConflictError, InvalidParameterError, NotFoundError
from stoker.service.desk import Desk, Images
from stoker.service.quotas import check_quota
from stoker.service.tags import at_zero, check_policy
from stoker.units import Span

_ADAPTABLE = frozenset({ComponentStatus.IN_SERVICE, ComponentStatus.UPDATING})
MAX_COPIES = 1_000
"""Copies of one component; a bound on memory."""


class ComponentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asks for: exactly one of `model` and `container`; `variant` may be left out on an endpoint of one."""

    name: ComponentName
    endpoint: EndpointName
    requirements: ComputeRequirements
    copies: int
    variant: VariantName | None = None
    model: ModelName | None = None
    container: Container | None = None
    startup_timeout: Span | None = None
    download_timeout: Span | None = None
    placement: PlacementStrategy = PlacementStrategy.SPREAD
    tags: dict[str, str] = {}
    echo: bytes = b""


class AdapterRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An adapter that a caller asks for: the files at `model_data`, served by the copies of `base`."""

    name: ComponentName
    endpoint: EndpointName
    base: str
    model_data: str
    variant: VariantName | None = None
    tags: dict[str, str] = {}
    echo: bytes = b""


class Components:
    """Makes, shows, scales and deletes inference components."""

    __slots__ = ("_desk", "_images")

    def __init__(self, desk: Desk, images: Images) -> None:
        self._desk = desk
        self._images = images

    async def create(self, request: ComponentRequest) -> InferenceComponent:
        """Begin to make a component; it becomes InService once its copies serve (at once when it is to have none)."""
        self._check_name(request.name)
        component = self.new(request, self._endpoint(request.endpoint))
        await self._desk.submit(ComponentCreated(component=component))
        return component

    def new(self, request: ComponentRequest, endpoint: Endpoint) -> InferenceComponent:
        """Give a component that may be made on that endpoint, checked."""
        self._check_name(request.name)
        self._check_quota()
        check_copies(request.copies)
        check_policy(request.tags, endpoint.tags, copies=request.copies)
        variant = self._variant(endpoint, request.variant)
        spec = next(v.spec for v in endpoint.variants if v.spec.name == variant)
        now = self._desk.now()
        return InferenceComponent(
            name=request.name,
            endpoint=endpoint.name,
            variant=variant,
            container=self.container(request.model, request.container),
            model=request.model,
            requirements=request.requirements,
            desired_copies=request.copies,
            asked_copies=request.copies,
            status=ComponentStatus.CREATING,
            created=now,
            modified=now,
            startup_timeout=_first(request.startup_timeout, spec.startup_timeout, STARTUP_TIMEOUT),
            download_timeout=_first(request.download_timeout, spec.download_timeout, DOWNLOAD_TIMEOUT),
            at_zero=at_zero(request.tags),
            placement=request.placement,
            tags=request.tags,
            echo=request.echo,
        )

    async def create_adapter(self, request: AdapterRequest) -> InferenceComponent:
        """Make an adapter of a component that is in service on the same endpoint; it books nothing."""
        self._check_name(request.name)
        self._check_quota()
        endpoint, base = self._endpoint(request.endpoint), self.get(request.base)
        if base.endpoint != endpoint.name or request.variant not in {None, base.variant}:
            raise InvalidParameterError(
                f'The base inference component "{base.name}" is on the endpoint "{base.endpoint}" and its variant '
                f'"{base.variant}"; an adapter is where its base is.',
                field="Specification.BaseInferenceComponentName",
            )
        if base.base is not None or base.status not in _ADAPTABLE:
            state = "an adapter itself" if base.base is not None else f"in the state {base.status}"
            raise InvalidParameterError(
                f'The inference component "{base.name}" is {state}: the base of an adapter must be InService.',
                field="Specification.BaseInferenceComponentName",
            )
        now = self._desk.now()
        adapter = InferenceComponent(
            name=request.name,
            endpoint=endpoint.name,
            variant=base.variant,
            base=base.name,
            container=Container(image=base.container.image, model_data=request.model_data),
            requirements=base.requirements,
            desired_copies=0,
            status=ComponentStatus.CREATING,
            created=now,
            modified=now,
            tags=request.tags,
            echo=request.echo,
        )
        await self._desk.submit(ComponentCreated(component=adapter))
        return adapter

    def get(self, name: str) -> InferenceComponent:
        """Give a component by name or ARN."""
        component = self._desk.platform.fleet.components.get(ComponentName(name_in_arn(name)))
        if component is None:
            raise NotFoundError(COMPONENT, name)
        return component

    def all(self) -> list[InferenceComponent]:
        """Give all components."""
        return list(self._desk.platform.fleet.components.values())

    def serving(self, component: InferenceComponent) -> int:
        """Give how many copies of the component serve."""
        return self._desk.platform.fleet.serving(component_workload(component.name))

    async def set_copies(self, name: str, count: int) -> InferenceComponent:
        """Set how many copies a component is to have, whatever it had before; a failed component tries again."""
        component = self.get(name)
        check_copies(count)
        if component.base is not None:
            raise InvalidParameterError(
                f'The adapter "{component.name}" has no copies of its own: set those of its base "{component.base}".',
                field="DesiredRuntimeConfig.CopyCount",
            )
        if component.status is ComponentStatus.DELETING:
            raise ConflictError(COMPONENT, component.name)
        await self._desk.submit(CopyCountSet(name=component.name, count=count))
        return self.get(name)

    async def delete(self, name: str) -> None:
        """Begin to delete a component; its copies finish what they work on first."""
        component = self.get(name)
        if component.status is ComponentStatus.DELETING:
            raise ConflictError(COMPONENT, component.name)
        self._check_no_base(component)
        await self._desk.submit(ComponentDeleted(name=component.name))

    def _check_name(self, name: ComponentName) -> None:
        """Refuse the name of a component that there is."""
        if name in self._desk.platform.fleet.components:
            raise ConflictError(COMPONENT, name, exists=True)

    def _check_quota(self) -> None:
        most, setting = self._desk.platform.options.quotas.inference_components, "quotas.inference_components"
        used = len(self._desk.platform.fleet.components)
        check_quota("Number of inference components", most, used, unit="Inference components", setting=setting)

    def _check_no_base(self, component: InferenceComponent) -> None:
        """Refuse to take a component away from under its adapters."""
        placed = self._desk.platform.fleet.components_on(component.endpoint)
        if component.base is None and any(each.base == component.name for each in placed):
            arn = self._desk.platform.options.partition.sagemaker("inference-component", component.name)
            raise ConflictError(
                COMPONENT,
                component.name,
                f'Cannot delete inference component "{arn}": it is a base inference component for one or more associated '
                "adapter inference components.",
            )

    def _endpoint(self, name: EndpointName) -> Endpoint:
        endpoint = self._desk.platform.fleet.endpoints.get(name)
        if endpoint is None:
            raise NotFoundError(ENDPOINT, name)
        if endpoint.status in {EndpointStatus.DELETING, EndpointStatus.FAILED}:
            raise ConflictError(ENDPOINT, endpoint.name)
        if not endpoint.hosts_components:
            raise InvalidParameterError(
                f'The endpoint "{name}" serves models of its own variants; inference components need an endpoint '
                "whose configuration names no model.",
                field="EndpointName",
            )
        return endpoint

    def _variant(self, endpoint: Endpoint, name: VariantName | None) -> VariantName:
        if name is None:
            if len(endpoint.variants) > 1:
                raise InvalidParameterError("VariantName is required on an endpoint of several variants.", field="VariantName")
            return endpoint.variants[0].spec.name
        if endpoint.variant(name) is None:
            raise InvalidParameterError(f'The endpoint "{endpoint.name}" has no variant "{name}".', field="VariantName")
        return name

    def container(self, model_name: ModelName | None, container: Container | None) -> Container:
        """Give what is to run: exactly one of a model's container and a container that is given."""
        if (model_name is None) == (container is None):
            raise InvalidParameterError("Specify exactly one of ModelName and Container.", field="Specification")
        if container is not None:
            self._images.check(container.image)
            return container
        model = self._desk.platform.fleet.models.get(ModelName(name_in_arn(model_name or "")))
        if model is None:
            raise NotFoundError(MODEL, model_name or "")
        if model.container.multi_model:
            message = f"The model {model.name} is multi-model: inference components host single models."
            raise InvalidParameterError(message, field="ModelName")
        return model.container


def check_copies(count: int) -> None:
    """Refuse a number of copies that no component may have."""
    if not 0 <= count <= MAX_COPIES:
        raise InvalidParameterError(f"CopyCount must be between 0 and {MAX_COPIES}, not {count}.", field="CopyCount")


def _first(*spans: Span | None) -> Span:
    return next(s for s in spans if s is not None)

"""Use cases of endpoint configurations and endpoints."""

from collections import Counter
from collections.abc import Sequence

from stoker.domain.endpoints import Endpoint, EndpointConfig, ProductionVariant, VariantState
from stoker.domain.ids import (
    ENDPOINT,
    ENDPOINT_CONFIG,
    MODEL,
    VARIANT,
    ConfigName,
    EndpointName,
    ModelName,
    name_in_arn,
)
from stoker.domain.models import Container
from stoker.domain.serverless import is_environment
from stoker.domain.states import EndpointStatus
from stoker.engine.events import (
    ConfigCreated,
    ConfigDeleted,
    EndpointCreated,
    EndpointDeleted,
    VariantChange,
    WeightsAndCapacitiesSet,
)
from stoker.errors import ConflictError, InvalidParameterError, NotFoundError
from stoker.service.desk import Desk
from stoker.service.quotas import check_quota
from stoker.service.serverless import check_change, check_serverless, refuse_beside_serverless, refuse_container
from stoker.service.tags import at_zero, check_policy

_IDLE = frozenset({EndpointStatus.IN_SERVICE, EndpointStatus.OUT_OF_SERVICE, EndpointStatus.FAILED})


class Endpoints:
    """Makes, shows, changes and deletes endpoints and their configurations."""

    __slots__ = ("_desk",)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create_config(
        self,
        name: ConfigName,
        variants: Sequence[ProductionVariant],
        *,
        shadows: Sequence[ProductionVariant] = (),
        echo: bytes,
        tags: dict[str, str] | None = None,
    ) -> EndpointConfig:
        """Make a configuration after checking what its variants mean together."""
        config = self.new_config(name, variants, shadows=shadows, echo=echo, tags=tags)
        await self._desk.submit(ConfigCreated(config=config))
        return config

    def new_config(
        self,
        name: ConfigName,
        variants: Sequence[ProductionVariant],
        *,
        shadows: Sequence[ProductionVariant] = (),
        echo: bytes = b"",
        tags: dict[str, str] | None = None,
    ) -> EndpointConfig:
        """Give a configuration that may be made, checked."""
        configs = self._desk.platform.fleet.configs
        if name in configs:
            raise ConflictError(ENDPOINT_CONFIG, name, exists=True)
        most, setting = self._desk.platform.options.quotas.endpoint_configs, "quotas.endpoint_configs"
        check_quota("Number of endpoint configurations", most, len(configs), unit="Endpoint configurations", setting=setting)
        self._check_variants(variants, shadows)
        return EndpointConfig(
            name=name, variants=tuple(variants), shadows=tuple(shadows), created=self._desk.now(), echo=echo, tags=tags or {}
        )

    def config(self, name: str) -> EndpointConfig:
        """Give a configuration by name or ARN."""
        config = self._desk.platform.fleet.configs.get(ConfigName(name_in_arn(name)))
        if config is None:
            raise NotFoundError(ENDPOINT_CONFIG, name)
        return config

    def configs(self) -> list[EndpointConfig]:
        """Give all configurations."""
        return list(self._desk.platform.fleet.configs.values())

    async def delete_config(self, name: str) -> None:
        """Delete a configuration; endpoints made of it live on."""
        await self._desk.submit(ConfigDeleted(name=self.config(name).name))

    async def create(self, name: EndpointName, config_name: str, tags: dict[str, str], *, deployment: bytes = b"") -> Endpoint:
        """Begin to make an endpoint; it becomes InService once its instances (and its variants' models) are up."""
        self._check_name(name)
        endpoint = self.new(name, self.config(config_name), tags, deployment=deployment)
        await self._desk.submit(EndpointCreated(endpoint=endpoint))
        return endpoint

    def new(self, name: EndpointName, config: EndpointConfig, tags: dict[str, str], *, deployment: bytes = b"") -> Endpoint:
        """Give an endpoint that may be made, checked."""
        self._check_name(name)
        fleet = self._desk.platform.fleet
        most = self._desk.platform.options.quotas.endpoints
        check_quota("Number of endpoints", most, len(fleet.endpoints), unit="Endpoints", setting="quotas.endpoints")
        self.check_room([(v.instance_type, v.initial_instances) for v in (*config.variants, *config.shadows)])
        check_serverless(self._desk.platform, name, config.variants)
        check_policy(tags, {})
        now = self._desk.now()
        return Endpoint(
            name=name,
            config=config.name,
            status=EndpointStatus.CREATING,
            variants=tuple(self.state_of(v) for v in config.variants),
            shadows=tuple(self.state_of(v) for v in config.shadows),
            deployment=deployment,
            created=now,
            modified=now,
            at_zero=at_zero(tags),
            tags=tags,
        )

    def get(self, name: str) -> Endpoint:
        """Give an endpoint by name or ARN."""
        endpoint = self._desk.platform.fleet.endpoints.get(EndpointName(name_in_arn(name)))
        if endpoint is None:
            raise NotFoundError(ENDPOINT, name)
        return endpoint

    def all(self) -> list[Endpoint]:
        """Give all endpoints."""
        return list(self._desk.platform.fleet.endpoints.values())

    def instances_in_service(self, endpoint: Endpoint, state: VariantState) -> int:
        """Give how many instances of a variant's version are up."""
        return self._desk.platform.fleet.in_service(endpoint.name, state.spec.name, state.revision)

    async def set_weights_and_capacities(self, name: str, changes: Sequence[VariantChange]) -> Endpoint:
        """Set weights and instance counts of an endpoint's variants; refused while it is busy with an earlier change."""
        endpoint = self.get(name)
        if endpoint.status not in _IDLE or endpoint.update is not None:
            raise ConflictError(ENDPOINT, endpoint.name)
        for change in changes:
            state = next((v for v in (*endpoint.variants, *endpoint.shadows) if v.spec.name == change.variant), None)
            if state is None:
                raise NotFoundError(VARIANT, change.variant, f'Could not find variant "{change.variant}" on the endpoint.')
            self._check_count(state, change.instances)
            check_change(self._desk.platform, endpoint, state, change)
        counts = {change.variant: change.instances for change in changes}
        more = [
            (v.spec.instance_type, wanted - v.desired_instances)
            for v in (*endpoint.variants, *endpoint.shadows)
            if (wanted := counts.get(v.spec.name)) is not None
        ]
        self.check_room(more, sum(v.desired_instances for v in endpoint.variants))
        await self._desk.submit(WeightsAndCapacitiesSet(name=endpoint.name, changes=tuple(changes)))
        return self.get(name)

    async def delete(self, name: str) -> None:
        """Begin to delete an endpoint, in any state but Deleting. Its components stay on record."""
        endpoint = self.get(name)
        if endpoint.status is EndpointStatus.DELETING:
            raise ConflictError(ENDPOINT, endpoint.name)
        await self._desk.submit(EndpointDeleted(name=endpoint.name))

    def _check_name(self, name: EndpointName) -> None:
        """Refuse the name of an endpoint that there is."""
        if name in self._desk.platform.fleet.endpoints:
            raise ConflictError(ENDPOINT, name, exists=True)

    def _check_variants(self, variants: Sequence[ProductionVariant], shadows: Sequence[ProductionVariant]) -> None:
        names = [v.name for v in (*variants, *shadows)]
        if len(set(names)) != len(names):
            raise InvalidParameterError("The names of the production variants must differ.", field="ProductionVariants")
        with_model = [v.model is not None for v in variants]
        if any(with_model) and not all(with_model):
            raise InvalidParameterError(
                "Either all production variants name a model, or none does and the endpoint hosts inference components.",
                field="ProductionVariants.ModelName",
            )
        if any(v.asynchronous is not None and v.model is None for v in variants):
            raise InvalidParameterError(
                "AsyncInferenceConfig needs production variants with models of their own: inference components are invoked in "
                "real time.",
                field="AsyncInferenceConfig",
            )
        if shadows and (len(variants) != 1 or len(shadows) != 1 or not all(v.model for v in (*variants, *shadows))):
            raise InvalidParameterError(
                "ShadowProductionVariants needs exactly one production variant and one shadow variant, each with a model.",
                field="ShadowProductionVariants",
            )
        refuse_beside_serverless(variants, shadows)
        for variant in (*variants, *shadows):
            self._check_variant(variant)

    def _check_variant(self, variant: ProductionVariant) -> None:
        shapes = self._desk.platform.options.fleet.shapes
        known = sorted(shape for shape in shapes if not is_environment(shape))
        if variant.serverless is None and variant.instance_type not in known:
            raise InvalidParameterError(
                f"Stoker does not know the instance type '{variant.instance_type}'. It knows: {', '.join(known)}.",
                field="ProductionVariants.InstanceType",
            )
        if variant.model is not None:
            container = self._container(variant.model)
            if variant.serverless is not None:
                refuse_container(container)
        managed = variant.managed
        if managed is None or not managed.enabled:
            return
        if variant.model is not None and managed.least == 0:
            raise InvalidParameterError(
                "MinInstanceCount 0 needs an endpoint that hosts inference components: leave ModelName out of its variants.",
                field="ProductionVariants.ManagedInstanceScaling.MinInstanceCount",
            )
        if variant.initial_instances > managed.most:
            raise InvalidParameterError(
                f"InitialInstanceCount ({variant.initial_instances}) cannot be greater than MaxInstanceCount ({managed.most}).",
                field="ProductionVariants.InitialInstanceCount",
            )

    def check_room(self, more: Sequence[tuple[str, int]], of_endpoint: int = 0) -> None:
        """Refuse what cannot come up: `more` instances by type on an endpoint that is to have `of_endpoint` already.

        Environments of serverless variants have quotas of their own.
        """
        options = self._desk.platform.options
        grown = Counter[str]()
        for kind, count in more:
            if not is_environment(kind):
                grown[kind] += count
        extra, unit = sum(grown.values()), "Instances"
        most, setting = options.quotas.instances_of_endpoint, "quotas.instances_of_endpoint"
        check_quota("Number of instances for an endpoint", most, of_endpoint, extra, unit=unit, setting=setting)
        instances = self._desk.platform.fleet.instances.values()
        used = Counter(i.instance_type for i in instances if not is_environment(i.instance_type))
        for kind, count in grown.items():
            most, setting = options.quotas.instances_of_type, "quotas.instances_of_type"
            check_quota(f"{kind} for endpoint usage", most, used[kind], count, unit=unit, setting=setting)
        name, most = "Total number of instances across endpoints", options.fleet.max_instances
        check_quota(name, most, used.total(), extra, unit=unit, setting="instances.max_total")

    def _check_count(self, state: VariantState, count: int | None) -> None:
        managed = state.spec.managed
        if count is None:
            return
        if state.container is not None and count < 1 and state.spec.asynchronous is None:
            raise InvalidParameterError(
                "DesiredInstanceCount must be at least 1 for a variant with a model.", field="DesiredInstanceCount"
            )
        if managed is not None and managed.enabled and not managed.least <= count <= managed.most:
            raise InvalidParameterError(
                f"DesiredInstanceCount ({count}) must be between MinInstanceCount ({managed.least}) "
                f"and MaxInstanceCount ({managed.most}).",
                field="DesiredInstanceCount",
            )

    def model_document(self, name: str) -> bytes:
        """Give the document that a model was made of; empty when there is no model of that name."""
        model = self._desk.platform.fleet.models.get(ModelName(name))
        return b"" if model is None else model.echo

    def _container(self, name: ModelName) -> Container:
        model = self._desk.platform.fleet.models.get(name)
        if model is None:
            raise NotFoundError(MODEL, name)
        return model.container

    def state_of(self, variant: ProductionVariant) -> VariantState:
        """Give a variant as an endpoint that is made now has it."""
        return VariantState(
            spec=variant,
            weight=variant.initial_weight,
            desired_instances=variant.initial_instances,
            serverless=variant.serverless,
            container=None if variant.model is None else self._container(variant.model),
        )

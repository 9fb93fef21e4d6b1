"""Endpoints, their configurations and their variants."""

import msgspec

from stoker.domain.asynchronous import AsyncInference
from stoker.domain.deployments import Rollout
from stoker.domain.ids import ConfigName, EndpointName, ModelName, VariantName
from stoker.domain.models import Container
from stoker.domain.serverless import ServerlessConfig
from stoker.domain.states import AtZero, EndpointStatus, RoutingStrategy
from stoker.errors import InvalidParameterError
from stoker.units import MINUTE, SECOND, Instant, Span

STARTUP_TIMEOUT: Span = 480 * SECOND
"""How long a copy may take to answer its ping unless told otherwise (AWS's container contract: 8 minutes)."""

DOWNLOAD_TIMEOUT: Span = 3600 * SECOND
"""How long fetching a model may take unless told otherwise (the API's maximum)."""


class Consolidation(msgspec.Struct, frozen=True, kw_only=True):
    """Copies are moved onto fewer instances: `step` instances are emptied at a time, `cooldown` after the last change."""

    step: int = 1
    cooldown: Span = 20 * MINUTE


class ManagedInstanceScaling(msgspec.Struct, frozen=True, kw_only=True):
    """The variant's instances follow its copies, between `least` (0 allowed) and `most`.

    Instances without copies are released after `release` (None: as the installation says); with `consolidation`, copies are moved
    to make some so.
    """

    enabled: bool = True
    least: int = 0
    most: int = 1
    consolidation: Consolidation | None = None
    release: Span | None = None

    def __post_init__(self) -> None:
        """Refuse bounds that no count can meet."""
        if self.least > self.most:
            raise InvalidParameterError(
                f"MinInstanceCount ({self.least}) cannot be greater than MaxInstanceCount ({self.most}).",
                field="ManagedInstanceScaling.MinInstanceCount",
            )


class ProductionVariant(msgspec.Struct, frozen=True, kw_only=True):
    """A weighted group of instances behind an endpoint. Without `model` it hosts inference components.

    With `asynchronous` its invocations wait in a queue, and it may have no instances at all.
    """

    name: VariantName
    instance_type: str
    model: ModelName | None = None
    initial_instances: int = 1
    initial_weight: float = 1.0
    managed: ManagedInstanceScaling | None = None
    routing: RoutingStrategy = RoutingStrategy.RANDOM
    startup_timeout: Span = STARTUP_TIMEOUT
    download_timeout: Span = DOWNLOAD_TIMEOUT
    asynchronous: AsyncInference | None = None
    serverless: ServerlessConfig | None = None


class EndpointConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The immutable recipe of an endpoint. `echo` is the client's document, opaque here."""

    name: ConfigName
    variants: tuple[ProductionVariant, ...]
    created: Instant
    shadows: tuple[ProductionVariant, ...] = ()
    echo: bytes = b""
    tags: dict[str, str] = {}


class VariantState(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of a living endpoint: its recipe, its weight and how many instances it is to have.

    `container` is the model's, taken when the endpoint was made, for a variant that serves a model itself.
    `desired_instances` is what the API or a policy asked for; managed scaling moves it with the copies. `revision` tells its
    instances and copies from those of an older or newer recipe of the same name. A `serverless` one has what was asked for last,
    and its instances are its environments: as many as its invocations need.
    """

    spec: ProductionVariant
    weight: float
    desired_instances: int
    container: Container | None = None
    revision: int = 0
    serverless: ServerlessConfig | None = None


class VariantChange(msgspec.Struct, frozen=True, kw_only=True):
    """New weight, instance count and serverless configuration of one variant; None leaves it."""

    variant: VariantName
    weight: float | None = None
    instances: int | None = None
    serverless: ServerlessConfig | None = None


class EndpointUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """An update on its way. Its `variants` and `shadows` are the other version: the new one, or what is being cleared away.

    `leaving` is what an earlier update left behind that did not find its way back.
    """

    rollout: Rollout
    config: ConfigName
    variants: tuple[VariantState, ...]
    shadows: tuple[VariantState, ...] = ()
    leaving: tuple[VariantState, ...] = ()


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A named URL that clients invoke.

    Its `shadows` get a sampled copy of the variants' invocations, by the proportion of their weights. `undone` is why the last
    update was undone, `deployment` the last deployment configuration as it was sent, opaque here.
    """

    name: EndpointName
    config: ConfigName
    status: EndpointStatus
    variants: tuple[VariantState, ...]
    created: Instant
    modified: Instant
    failure: str = ""
    at_zero: AtZero | None = None
    tags: dict[str, str] = {}
    shadows: tuple[VariantState, ...] = ()
    update: EndpointUpdate | None = None
    undone: str = ""
    deployment: bytes = b""

    def variant(self, name: VariantName) -> VariantState | None:
        """Give the production variant of that name."""
        return next((v for v in self.variants if v.spec.name == name), None)

    @property
    def hosts_components(self) -> bool:
        """Whether inference components are placed here rather than models of the variants' own."""
        return all(v.spec.model is None for v in self.variants)

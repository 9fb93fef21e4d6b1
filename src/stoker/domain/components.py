"""Inference components: a model plus what each copy of it needs."""

import msgspec

from stoker.domain.deployments import Rollout
from stoker.domain.endpoints import DOWNLOAD_TIMEOUT, STARTUP_TIMEOUT
from stoker.domain.ids import ComponentName, EndpointName, ModelName, VariantName
from stoker.domain.models import Container
from stoker.domain.states import AtZero, ComponentStatus, PlacementStrategy
from stoker.errors import InvalidParameterError
from stoker.units import Instant, Span


class ComputeRequirements(msgspec.Struct, frozen=True, kw_only=True):
    """What one copy books on its instance. `most_memory_mb` is a hard limit, 0 for none."""

    cpus: float = 0.0
    accelerators: float = 0.0
    least_memory_mb: int = 128
    most_memory_mb: int = 0

    def __post_init__(self) -> None:
        """Refuse a limit below what is booked."""
        if self.most_memory_mb and self.most_memory_mb < self.least_memory_mb:
            raise InvalidParameterError(
                f"MaxMemoryRequiredInMb ({self.most_memory_mb}) cannot be less than "
                f"MinMemoryRequiredInMb ({self.least_memory_mb}).",
                field="ComputeResourceRequirements.MaxMemoryRequiredInMb",
            )


class ComponentBuild(msgspec.Struct, frozen=True, kw_only=True):
    """What the copies of one version of a component run and book; the fields are those of `InferenceComponent`."""

    revision: int
    container: Container
    requirements: ComputeRequirements
    model: ModelName | None = None
    startup_timeout: Span = STARTUP_TIMEOUT
    download_timeout: Span = DOWNLOAD_TIMEOUT
    ever_ready: bool = False
    placement: PlacementStrategy = PlacementStrategy.SPREAD
    echo: bytes = b""


class ComponentUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """An update on its way: `build` is the other version, the new one or what is being cleared away."""

    rollout: Rollout
    build: ComponentBuild


class InferenceComponent(msgspec.Struct, frozen=True, kw_only=True):
    """A model placed as copies on a variant's instances.

    `container` is what runs, resolved from `model` when the component was made. `desired_copies` is what the API or a policy
    asked for, `asked_copies` what its owner asked for last; one that its owner set to zero is `paused`: no demand brings it back,
    except that one which is `asleep` stays at zero until there is demand, whatever its least number of copies is.
    `ever_ready` tells a component that never came up (it fails for good) from one whose copies crash (they are started again).
    `echo` is the client's document, opaque here, and so is `deployment`, the last deployment configuration. `revision` tells the
    copies of this version from those of an older or newer one; `undone` is why the last update was undone.

    One with a `base` is an adapter: it has no copies; those of its base serve it, with the files at `container.model_data`.
    """

    name: ComponentName
    endpoint: EndpointName
    variant: VariantName
    container: Container
    requirements: ComputeRequirements
    desired_copies: int
    status: ComponentStatus
    created: Instant
    modified: Instant
    model: ModelName | None = None
    startup_timeout: Span = STARTUP_TIMEOUT
    download_timeout: Span = DOWNLOAD_TIMEOUT
    failure: str = ""
    ever_ready: bool = False
    at_zero: AtZero | None = None
    placement: PlacementStrategy = PlacementStrategy.SPREAD
    asked_copies: int | None = None
    paused: bool = False
    asleep: bool = False
    tags: dict[str, str] = {}
    echo: bytes = b""
    revision: int = 0
    update: ComponentUpdate | None = None
    undone: str = ""
    deployment: bytes = b""
    base: ComponentName | None = None

    @property
    def build(self) -> ComponentBuild:
        """The version that is in force."""
        return ComponentBuild(
            revision=self.revision,
            container=self.container,
            requirements=self.requirements,
            model=self.model,
            startup_timeout=self.startup_timeout,
            download_timeout=self.download_timeout,
            ever_ready=self.ever_ready,
            placement=self.placement,
            echo=self.echo,
        )

"""Hugging Face's inference endpoints, as far as AWS's nouns have no place for them.

Such an endpoint is an endpoint of ours with one variant and one inference component, whose copies are its replicas. What is kept
here beside these is what was asked for, in the asker's terms: how much of it there is now, endpoint, component and copies tell.
"""

from enum import StrEnum

import msgspec

from stoker.domain.ids import EndpointName, VariantName
from stoker.units import Instant, Span

VARIANT_NAME = VariantName("AllTraffic")
"""The one variant of each such endpoint."""

IMAGE_OPTIONS = "STOKER_IMAGE_OPTIONS"
"""The variable that tells a copy's start what the image's own object says, as JSON: port, healthRoute and what else there is."""
COMMAND, ARGUMENTS = "STOKER_CONTAINER_COMMAND", "STOKER_CONTAINER_ARGS"
"""The variables with what replaces the image's command, and what comes after it, as JSON lists."""


class HubState(StrEnum):
    """The states of an inference endpoint, in Hugging Face's words."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    RUNNING = "running"
    UPDATING = "updating"
    UPDATE_FAILED = "updateFailed"
    PAUSED = "paused"
    SCALED_TO_ZERO = "scaledToZero"
    FAILED = "failed"


class HubType(StrEnum):
    """Who may invoke: everybody, or who brings a token; `authenticated` and `private` differ on the real thing only."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"
    PRIVATE = "private"


class HubMeasure(StrEnum):
    """What replicas are added by."""

    HARDWARE = "hardwareUsage"
    PENDING = "pendingRequests"


class HubScaling(msgspec.Struct, frozen=True, kw_only=True):
    """Between how many replicas, and by what. `idle` is how long without requests it stays up where `least` is 0; None: as usual.

    `threshold` is in the measure's own unit: percent of the hardware, or pending requests of one replica; None: as usual. A
    `policy` is another rule than the usual one, to which all of this but the bounds means nothing.
    """

    least: int = 1
    most: int = 1
    idle: Span | None = None
    measure: HubMeasure | None = None
    threshold: float | None = None
    policy: str = ""


class HubCompute(msgspec.Struct, frozen=True, kw_only=True):
    """What one replica runs on, in Hugging Face's words, and how many replicas there are."""

    accelerator: str
    instance_type: str
    instance_size: str
    scaling: HubScaling = HubScaling()


class HubModel(msgspec.Struct, frozen=True, kw_only=True):
    """What is served. `image` is the JSON document of what serves it, an object of one key, opaque beyond that key."""

    repository: str
    framework: str
    image: bytes = b'{"huggingface":{}}'
    revision: str | None = None
    task: str | None = None
    env: dict[str, str] = {}
    secrets: dict[str, str] = {}
    args: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None


class HubSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What its owner asked for. `others` is the JSON object of what is kept and shown and means nothing here."""

    kind: HubType
    compute: HubCompute
    model: HubModel
    vendor: str
    region: str
    account: str | None = None
    tags: tuple[str, ...] = ()
    cache_responses: bool = False
    others: bytes = b"{}"


class HubEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An inference endpoint; its parts in AWS's terms all have the name `endpoint`.

    `health_path` is where its replicas tell that they serve, beginning with a slash; empty: nowhere.
    """

    namespace: str
    name: str
    endpoint: EndpointName
    spec: HubSpec
    created: Instant
    updated: Instant
    created_by: str = ""
    updated_by: str = ""
    health_path: str = "/health"


def endpoint_name(namespace: str, name: str, *, home: str) -> EndpointName:
    """Give the name, in AWS's terms, of an inference endpoint and its component; `home` is the namespace that is left out."""
    return EndpointName(name if namespace == home else f"{namespace}--{name}")

"""The messages between the control plane and its gateways.

Downwards goes an immutable, versioned routing table, and then what changes of it: a gateway that holds one can serve without
the control plane.
Upwards go demand (at once, when an invocation waits for capacity) and counters (about once a second). Every message is
one tagged msgpack map in a frame (see `stoker.link.framing`). Instants are ns on the platform's clock, which may run
faster than the wall's: `ClockRate` tells how to read it from the machine's monotonic clock.
"""

from typing import TypeAlias

import msgspec

from stoker.domain.ids import ComponentName, CopyId, EndpointName, VariantName, WorkloadId
from stoker.domain.instances import Address as Address
from stoker.domain.keys import Keyring as Keyring
from stoker.domain.states import AtZero, RoutingStrategy
from stoker.engine.traffic import CopyLoad as CopyLoad
from stoker.engine.traffic import LatencySum as LatencySum
from stoker.engine.traffic import ModelsSeen as ModelsSeen
from stoker.engine.traffic import WorkloadCounts as WorkloadCounts
from stoker.units import Instant, Span


class ClockRate(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's clock: `started` when the machine's monotonic clock read `monotonic_ns`, `speed` times as fast since."""

    monotonic_ns: int
    started: Instant
    speed: float = 1.0

    def at(self, monotonic_ns: int) -> Instant:
        """Give the platform's instant for a reading of the machine's monotonic clock, in ns."""
        return self.started + round((monotonic_ns - self.monotonic_ns) * self.speed)


class CopyRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One copy that passed its health check; `phases` are the instants its start passed (see `domain.instances.Copy`).

    `slots` is how many invocations it works on at once; 0 when nobody knows. What is beyond them waits in the gateway. An
    `exclusive` one works on one at a time, whichever gateway sends it.
    """

    copy_id: CopyId
    address: Address
    invocations_path: str = "/invocations"
    phases: tuple[tuple[str, Instant], ...] = ()
    slots: int = 0
    exclusive: bool = False


class ServerlessRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A serverless variant: it works on `most` invocations at once, and is kept ready for `provisioned` of them.

    Bodies and answers may have `payload_bytes`. `ended_copy` is the environment that ended last though nobody asked it to, and
    `ended_why` tells why.
    """

    most: int
    provisioned: int = 0
    payload_bytes: int
    ended_copy: CopyId | None = None
    ended_why: str = ""


class WorkloadRoute(msgspec.Struct, frozen=True, kw_only=True):
    """What can serve invocations of one component, or of one variant with its own model.

    `desired` above `len(copies)` means that capacity is on its way; `wakeable` that demand may bring it at zero. An invocation
    that finds no copy may be held if either holds. A `multi_model` one wants to be told which of its models is meant.
    """

    workload: WorkloadId
    copies: tuple[CopyRoute, ...] = ()
    desired: int = 0
    wakeable: bool = False
    at_zero: AtZero | None = None
    max_hold: Span | None = None
    model_timeout: Span | None = None
    failure: str = ""
    multi_model: bool = False
    serverless: ServerlessRoute | None = None


class VariantRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A production variant: its share of traffic and, when it serves a model itself, its workload."""

    name: VariantName
    weight: float = 1.0
    routing: RoutingStrategy = RoutingStrategy.RANDOM
    workload: WorkloadId | None = None


class ComponentRoute(msgspec.Struct, frozen=True, kw_only=True):
    """An inference component on the endpoint, served by `workload` on `variant`.

    `adapter` is the URL of an adapter's files, percent-encoded, which the copies that serve it are told; empty for all others.
    `aliases` are further names that clients which name models know it by; `served` is what its model server calls the model.
    """

    name: ComponentName
    variant: VariantName
    workload: WorkloadId
    adapter: str = ""
    aliases: tuple[str, ...] = ()
    served: str = ""


class ShadowRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A shadow variant: it gets a copy of a `share` (0 to 1) of its endpoint's invocations, and its answers are dropped."""

    name: VariantName
    workload: WorkloadId
    share: float
    routing: RoutingStrategy = RoutingStrategy.RANDOM


class HubRoute(msgspec.Struct, frozen=True, kw_only=True):
    """What is special about an endpoint that was made through Hugging Face's API.

    An `open` one needs no token; a `paused` one is not woken by demand. `preset` is the rule that it scales by: `hf-2023`
    answers 502 where others answer 503. `health_path` is what its replicas answer with 200 once they serve; empty: nothing is,
    and that one is there is all that is known.
    """

    open: bool = False
    paused: bool = False
    preset: str = "hf-current"
    health_path: str = "/health"


class EndpointRoute(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint that takes invocations. It hosts components when no variant has a workload of its own.

    What is `queued` takes those that waited in the queue of asynchronous inference, and no others. `hub` is there for what was
    made through Hugging Face's API. `aliases` and `served` are as those of components: of the model that its variants serve, or
    of its only component.
    """

    name: EndpointName
    variants: tuple[VariantRoute, ...]
    components: tuple[ComponentRoute, ...] = ()
    at_zero: AtZero | None = None
    shadows: tuple[ShadowRoute, ...] = ()
    queued: bool = False
    hub: HubRoute | None = None
    aliases: tuple[str, ...] = ()
    served: str = ""
    created: Instant = 0


class RoutingTable(msgspec.Struct, frozen=True, kw_only=True, tag="routes"):
    """Everything a gateway needs to carry invocations; a higher `version` replaces a lower one whole."""

    version: int
    endpoints: tuple[EndpointRoute, ...] = ()
    workloads: tuple[WorkloadRoute, ...] = ()


class RoutingChange(msgspec.Struct, frozen=True, kw_only=True, tag="routes-changed"):
    """What makes the table of version `since` that of `version`: endpoints and workloads as they are now, and what is gone.

    A gateway that does not hold the table of `since` cannot use it; it connects anew and gets the whole one.
    """

    since: int
    version: int
    endpoints: tuple[EndpointRoute, ...] = ()
    workloads: tuple[WorkloadRoute, ...] = ()
    gone_endpoints: tuple[EndpointName, ...] = ()
    gone_workloads: tuple[WorkloadId, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return not (self.endpoints or self.workloads or self.gone_endpoints or self.gone_workloads)


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True, tag="elsewhere"):
    """How many gateways there are, and what copies work on for the other ones: slots are shared by all.

    Copies that are not named have nothing in flight elsewhere. It is what was reported last, about a second old.
    """

    gateways: int
    copies: dict[CopyId, int] = {}


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome"):
    """The control plane's answer to `Hello`, and its word when the keys have changed: the clock, and who may be let in."""

    clock: ClockRate
    keys: Keyring


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """A gateway introduces itself; `gateway` is stable for the life of its process, `table_version` 0 when it holds none.

    `draining` names the copies that left its table but still have invocations in flight there, `routed` those of its table: the
    control plane may have restarted before it could say that one of them is to go.
    """

    gateway: str
    table_version: int = 0
    draining: tuple[CopyId, ...] = ()
    routed: tuple[CopyId, ...] = ()


class Demand(msgspec.Struct, frozen=True, kw_only=True, tag="demand"):
    """`waiting` invocations are held for the workload at `at`; sent at once when the first one begins to wait.

    `in_flight` more are worked on by copies, as far as this gateway knows.
    """

    workload: WorkloadId
    waiting: int
    at: Instant
    in_flight: int | None = None


class Counters(msgspec.Struct, frozen=True, kw_only=True, tag="counters"):
    """One gateway's report for the span that ends at `at`. Workloads that stayed idle at zero are left out, and idle copies."""

    gateway: str
    at: Instant
    counts: tuple[WorkloadCounts, ...] = ()
    copies: tuple[CopyLoad, ...] = ()


class ColdStartSeen(msgspec.Struct, frozen=True, kw_only=True, tag="cold-start"):
    """A held invocation was answered: how long it waited for capacity, and then until its first byte."""

    workload: WorkloadId
    at: Instant
    waited: Span
    first_byte: Span


class CopyBroken(msgspec.Struct, frozen=True, kw_only=True, tag="copy-broken"):
    """A gateway could not connect to a copy of its table: the control plane should look at it at once."""

    copy_id: CopyId
    at: Instant


class CopyDrained(msgspec.Struct, frozen=True, kw_only=True, tag="copy-drained"):
    """A copy has left the routing table and this gateway has no invocation in flight on it any more: it may be stopped.

    Sent once for each copy that a table no longer has, at once when nothing was in flight on it.
    """

    copy_id: CopyId
    gateway: str
    table_version: int


Downward: TypeAlias = Welcome | RoutingTable | RoutingChange | Elsewhere
"""What the control plane sends to a gateway."""

Upward: TypeAlias = Hello | Demand | Counters | ColdStartSeen | CopyBroken | CopyDrained
"""What a gateway sends to the control plane."""

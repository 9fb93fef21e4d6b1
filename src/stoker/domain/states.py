"""The states things can be in, with AWS's own words as values."""

from enum import StrEnum


class EndpointStatus(StrEnum):
    """The states of an endpoint."""

    CREATING = "Creating"
    IN_SERVICE = "InService"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"
    OUT_OF_SERVICE = "OutOfService"
    DELETING = "Deleting"
    FAILED = "Failed"


TAKING_INVOCATIONS = frozenset(
    {
        EndpointStatus.IN_SERVICE,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
        EndpointStatus.UPDATE_ROLLBACK_FAILED,
    }
)
"""The states in which an endpoint can be invoked."""


class ComponentStatus(StrEnum):
    """The states of an inference component."""

    CREATING = "Creating"
    IN_SERVICE = "InService"
    UPDATING = "Updating"
    DELETING = "Deleting"
    FAILED = "Failed"


class InstanceState(StrEnum):
    """The states of an instance: booked but not usable yet, usable, being given back."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    TERMINATING = "Terminating"


class CopyState(StrEnum):
    """The states of a copy: waiting for room on an instance, starting, serving, being stopped."""

    PENDING = "Pending"
    STARTING = "Starting"
    IN_SERVICE = "InService"
    STOPPING = "Stopping"


class AtZero(StrEnum):
    """What an invocation that meets no capacity does: wait for it (`hold`) or fail as on AWS (`refuse`)."""

    HOLD = "hold"
    REFUSE = "refuse"


class PlacementStrategy(StrEnum):
    """`SPREAD` evens copies out over instances (the default), `BINPACK` fills instances up."""

    SPREAD = "SPREAD"
    BINPACK = "BINPACK"


class RoutingStrategy(StrEnum):
    """How a copy is chosen for an invocation."""

    RANDOM = "RANDOM"
    LEAST_OUTSTANDING_REQUESTS = "LEAST_OUTSTANDING_REQUESTS"

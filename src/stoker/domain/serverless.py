"""Serverless variants: capacity that comes with each request and goes when none come."""

from typing import Final

import msgspec

from stoker.domain.instances import InstanceShape
from stoker.errors import InvalidParameterError
from stoker.units import MIB, SECOND, Span

MEMORY_SIZES_MB = (1024, 2048, 3072, 4096, 5120, 6144)
MAX_CONCURRENCY = 200
"""Memory sizes, and the most that one endpoint may work on at once (SageMaker's limits)."""

STARTUP_TIMEOUT: Final[Span] = 180 * SECOND
"""How long an environment's container may take to answer its ping (SageMaker: 3 minutes)."""
MODEL_TIMEOUT: Final[Span] = 60 * SECOND
MAX_PAYLOAD_BYTES: Final = 4 * MIB
"""How long one invocation may take, and how large its body and its answer may be (SageMaker's limits)."""


class ServerlessConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What each environment gets, and how many requests may be worked on at once: each has an environment to itself.

    `provisioned` environments are kept ready whether there are requests or not.
    """

    memory_mb: int
    max_concurrency: int
    provisioned: int = 0

    def __post_init__(self) -> None:
        """Refuse what SageMaker does not have."""
        if self.memory_mb not in MEMORY_SIZES_MB:
            sizes = ", ".join(str(size) for size in MEMORY_SIZES_MB)
            raise InvalidParameterError(f"MemorySizeInMB must be one of {sizes}, not {self.memory_mb}.", field="MemorySizeInMB")
        if not 1 <= self.max_concurrency <= MAX_CONCURRENCY:
            text = f"MaxConcurrency must be 1 to {MAX_CONCURRENCY}, not {self.max_concurrency}."
            raise InvalidParameterError(text, field="MaxConcurrency")
        if not 0 <= self.provisioned <= self.max_concurrency:
            text = f"ProvisionedConcurrency must be at most MaxConcurrency ({self.max_concurrency}), not {self.provisioned}."
            raise InvalidParameterError(text, field="ProvisionedConcurrency")


SCRATCH_MB: Final = 5120
"""What the files of an environment may take (SageMaker: 5 GB)."""
NICENESS: Final = {1024: 8, 2048: 5, 3072: 3, 4096: 2, 5120: 1, 6144: 0}
"""Unix's nice value for each size: each step is a fifth less of the processors, so that shares are in proportion to memory."""


def environment_type(memory_mb: int) -> str:
    """Give the name of the instance type that an environment of that memory is: no client may ask for one by it."""
    return f"{_PREFIX}{memory_mb}"


def is_environment(instance_type: str) -> bool:
    """Whether instances of the type are environments of a serverless variant."""
    return instance_type.startswith(_PREFIX)


_PREFIX: Final = "serverless."
SHAPES: Final = {
    environment_type(size): InstanceShape(cpus=size / MEMORY_SIZES_MB[0], memory_mb=size) for size in MEMORY_SIZES_MB
}
"""What each kind of environment has: processors in proportion to its memory."""

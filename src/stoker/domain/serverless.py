"""Serverless variants: capacity that comes with each request and goes when none come."""

import msgspec

from stoker.errors import InvalidParameterError

MEMORY_SIZES_MB = (1024, 2048, 3072, 4096, 5120, 6144)
MAX_CONCURRENCY = 200
"""Memory sizes, and the most that one endpoint may work on at once (SageMaker's limits)."""


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

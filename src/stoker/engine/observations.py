"""What a runtime is asked to run, and what it tells of it. The runtime port speaks in these values."""

from typing import TypeAlias

import msgspec

from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.units import SECOND, Instant, Span


class CopySpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that a runtime needs to start one copy of a model server.

    `image` is looked up in the runtime's image table, `model_data` is the URL of the model's files (empty: none).
    `memory_limit_mb` is a hard limit, `cpus` a share hint, `scratch_mb` what its files may take; 0 means none. A `nice` one gets
    less of processors that others want too, as Unix's numbers have it. A copy that does not answer its ping within
    `startup_timeout` is stopped and reported gone. `multi_model` and `cache_models` are as in `domain.models.Container`.
    """

    copy_id: CopyId
    workload: WorkloadId
    instance_id: InstanceId
    image: str
    model_data: str = ""
    environment: dict[str, str] = {}
    cpus: float = 0.0
    accelerators: int = 0
    memory_limit_mb: int = 0
    scratch_mb: int = 0
    nice: int = 0
    download_timeout: Span = 3600 * SECOND
    startup_timeout: Span = 480 * SECOND
    multi_model: bool = False
    cache_models: bool = True


class CopyPhase(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A copy's start has passed a point: `phase` is `fetched`, `spawned` or `listening`."""

    copy_id: CopyId
    phase: str
    at: Instant


class CopyReady(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The copy answered its ping for the first time (or was adopted healthy) and listens at the address."""

    copy_id: CopyId
    at: Instant
    socket: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    invocations_path: str = "/invocations"
    adopted: bool = False


class CopyUnhealthy(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A copy that was ready no longer answers its ping though its process lives; the runtime goes on asking.

    `late` says that it listens and merely took too long, as one does that is busy.
    """

    copy_id: CopyId
    at: Instant
    reason: str
    late: bool = False


class CopyGone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The copy no longer runs, asked for or not. `log_tail` holds its last lines of output, `reason` one sentence.

    `hopeless` says that another start would end alike: its time was over, or the model's files are not to be had.
    """

    copy_id: CopyId
    at: Instant
    reason: str = ""
    exit_code: int | None = None
    log_tail: str = ""
    hopeless: bool = False


Observation: TypeAlias = CopyPhase | CopyReady | CopyUnhealthy | CopyGone
"""What a runtime tells about its copies."""

"""What gateways count, workload by workload. The link carries these values; the engine makes metrics of them."""

import msgspec

from stoker.domain.ids import CopyId, EndpointName, VariantName, WorkloadId


class LatencySum(msgspec.Struct, frozen=True, kw_only=True):
    """Latencies of one span of time in microseconds, ready for CloudWatch's statistics.

    `values` are pairs of a latency and how many were so, the near ones put together; all `count` are in them, or there are none.
    """

    count: int = 0
    total_us: float = 0.0
    least_us: float = 0.0
    most_us: float = 0.0
    values: tuple[tuple[float, float], ...] = ()


class CopyLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What one gateway has in flight on a copy now, and how many invocations the copy has answered since the last report."""

    copy_id: CopyId
    in_flight: int = 0
    answered: int = 0


class CopyUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy used of late: the processors that it kept busy (1.5: one and a half), and its resident memory.

    `accelerators` are the devices that it kept busy, `accelerator_memory` the share of devices' memory that it holds (1.0: all
    of one); None where nobody measures.
    """

    copy_id: CopyId
    cpus: float
    memory_bytes: int
    accelerators: float | None = None
    accelerator_memory: float | None = None


class ModelsSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What copies with many models told with their replies: how many found theirs loaded, and what loading and unloading took.

    Of those numbers that replies gave of models `loaded` in their copy, there are the sum and the two ends.
    """

    replies: int = 0
    hits: int = 0
    loaded: int = 0
    least_loaded: int = 0
    most_loaded: int = 0
    wait: LatencySum = LatencySum()
    download: LatencySum = LatencySum()
    load: LatencySum = LatencySum()
    unload: LatencySum = LatencySum()


class WorkloadCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What one gateway saw of one workload since its last report.

    `in_flight` is the number now, `most_in_flight` the highest since the last report (an invocation is in flight from hand-over
    to a copy until the last byte of its reply), `held` the number that waits for capacity now. Those that are `pending` have no
    status yet: the held ones, and of those in flight the ones whose reply's head has not come; None when nobody looks at heads,
    and then it is all of them. Of a serverless variant's invocations, `spilled` went beyond what is provisioned for it.
    """

    workload: WorkloadId
    endpoint: EndpointName
    variant: VariantName
    invocations: int = 0
    errors_4xx: int = 0
    errors_5xx: int = 0
    model_errors: int = 0
    no_capacity: int = 0
    mid_stream_errors: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    held: int = 0
    pending: int | None = None
    spilled: int = 0
    model_latency: LatencySum = LatencySum()
    overhead_latency: LatencySum = LatencySum()
    first_chunk_latency: LatencySum = LatencySum()
    models: ModelsSeen | None = None

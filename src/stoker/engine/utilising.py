"""Makes metrics of what copies use, and knows how busy each workload's copies are: what policies of utilisation go by.

Figures are those of SageMaker's guide ("Monitor Amazon SageMaker AI with CloudWatch"). Of an instance
(`/aws/sagemaker/Endpoints`, by endpoint and variant) they are what all its copies use together; of a component
(`/aws/sagemaker/InferenceComponents`) what a copy uses of what it books, or of the instance when it books none.
`CPUUtilization` and `GPUUtilization` go to 100 for each core or device, all others to 100. What nobody measures has no
datapoint.
"""

from stoker.decisions.metrics import MetricBook, StatisticSet
from stoker.decisions.policies.follower import Usage
from stoker.domain.alarms import MetricKey
from stoker.domain.components import ComputeRequirements
from stoker.domain.ids import ComponentName, InstanceId, WorkloadId
from stoker.domain.instances import Copy, Instance, InstanceShape
from stoker.domain.states import CopyState, InstanceState
from stoker.engine.events import UsageSeen
from stoker.engine.fleet import Fleet
from stoker.engine.traffic import CopyUse
from stoker.units import MIB, MINUTE, SECOND, Instant, Span

INSTANCES = "/aws/sagemaker/Endpoints"
COMPONENTS = "/aws/sagemaker/InferenceComponents"
"""The namespaces."""

FULL = 100.0
_USUAL: Span = 10 * SECOND
"""What the first figures are of, as far as can be told: samplers look every ten seconds."""
_NO_FIGURE = Usage(since=0, at=0, share=None)


class _Load:
    """What the copies on an instance use and book together."""

    __slots__ = ("booked", "used")

    def __init__(self) -> None:
        self.used: dict[str, float] = {}
        self.booked: dict[str, float] = {"CPU": 0.0, "Memory": 0.0, "GPU": 0.0}

    def add(self, use: CopyUse, books: ComputeRequirements | None, shape: InstanceShape) -> None:
        """Add one copy's."""
        for name, value in _used(use).items():
            self.used[name] = self.used.get(name, 0.0) + value
        whole = ComputeRequirements(cpus=shape.cpus, accelerators=shape.accelerators, least_memory_mb=shape.memory_mb)
        for name, value in _bookings(whole if books is None else books).items():
            self.booked[name] += value


class Utilising:
    """Takes what the runtime measured of the copies."""

    __slots__ = ("_book", "_busy", "_fleet", "_measured", "_seen_at")

    def __init__(self, fleet: Fleet, book: MetricBook) -> None:
        self._fleet = fleet
        self._book = book
        self._busy: dict[WorkloadId, Usage] = {}
        self._measured: set[str] = set()
        self._seen_at: Instant | None = None

    def utilisation(self, workload: WorkloadId) -> float | None:
        """Give how busy a workload's ready copies were of late in the mean, from 0 to 1; None when nobody has measured it.

        Of copies that book accelerators (or have an instance with some) it is that of those, of others that of the processors.
        """
        usage = self._busy.get(workload)
        return None if usage is None else usage.share

    def usage(self, workload: WorkloadId, *, accelerated: bool) -> Usage | None:
        """Give the same with the time it was measured in, without a share when there was none the last time.

        None where nobody has ever measured any copy's processors (of accelerated copies: any copy's accelerators).
        """
        usage = self._busy.get(workload)
        if usage is None and ("GPU" if accelerated else "CPU") in self._measured:
            return _NO_FIGURE
        return usage

    def seen(self, event: UsageSeen) -> list[WorkloadId]:
        """Take in what copies use; gives the workloads of which it is known now.

        A copy of which there is no figure (it has just started, or a device did not answer) has no part in its workload's mean.
        """
        loads: dict[InstanceId, _Load] = {}
        busy: dict[WorkloadId, list[float]] = {}
        for use in event.copies:
            copy = self._fleet.copies.get(use.copy_id)
            instance = None if copy is None or copy.instance_id is None else self._fleet.instances.get(copy.instance_id)
            if copy is None or instance is None:
                continue
            books = self._books(copy)
            loads.setdefault(instance.instance_id, _Load()).add(use, books, instance.shape)
            if copy.state is CopyState.IN_SERVICE:
                share = self._copy(copy, instance.shape, books, use, event.at)
                if share is not None:
                    busy.setdefault(copy.workload, []).append(share)
        for instance in self._fleet.instances.values():
            if instance.state is InstanceState.IN_SERVICE:
                self._instance(instance, loads.get(instance.instance_id), event)
        since = event.at - _USUAL if self._seen_at is None else self._seen_at
        self._seen_at = event.at
        self._busy = {
            workload: Usage(since=since, at=event.at, share=sum(shares) / len(shares)) for workload, shares in busy.items()
        }
        return list(self._busy)

    def _books(self, copy: Copy) -> ComputeRequirements | None:
        """Give what a component's copy books; None for a variant's own model, whose copy has the instance for itself."""
        kind, _, rest = copy.workload.partition("/")
        component = self._fleet.components.get(ComponentName(rest)) if kind == "ic" else None
        return None if component is None else component.requirements

    def _copy(
        self, copy: Copy, shape: InstanceShape, books: ComputeRequirements | None, use: CopyUse, at: Instant
    ) -> float | None:
        """Record the metrics of a component's copy; gives how busy it is."""
        limits = _limits(shape, books)
        used = _used(use)
        self._measured.update(used)
        shares = {name: min(1.0, value / limits[name]) for name, value in used.items() if limits[name]}
        if books is not None:
            dimensions = (("InferenceComponentName", copy.workload.partition("/")[2]),)
            self._record(COMPONENTS, dimensions, {f"{name}UtilizationNormalized": FULL * s for name, s in shares.items()}, at)
        accelerated = shape.accelerators if books is None else books.accelerators
        return shares.get("GPU" if accelerated else "CPU")

    def _instance(self, instance: Instance, load: _Load | None, event: UsageSeen) -> None:
        load = load or _Load()
        whole = _limits(instance.shape, None)
        figures: dict[str, float] = {}
        for name, value in ({"CPU": 0.0, "Memory": 0.0} | load.used).items():
            limit = whole[name]
            if not limit:
                continue
            normalized = FULL * min(1.0, value / limit)
            if name in {"CPU", "GPU"}:
                figures[f"{name}Utilization"] = FULL * min(limit, value)
                figures[f"{name}UtilizationNormalized"] = normalized
            else:
                figures[f"{name}Utilization"] = normalized
        if event.disk is not None:
            figures["DiskUtilization"] = FULL * event.disk
        figures |= {f"{name}Reservation": FULL * value / whole[name] for name, value in load.booked.items() if whole[name]}
        dimensions = (("EndpointName", instance.endpoint), ("VariantName", instance.variant))
        self._record(INSTANCES, dimensions, figures, event.at)

    def _record(self, namespace: str, dimensions: tuple[tuple[str, str], ...], figures: dict[str, float], at: Instant) -> None:
        for name, value in figures.items():
            key = MetricKey(namespace=namespace, name=name, dimensions=dimensions)
            samples = StatisticSet(count=1.0, total=value, least=value, most=value)
            self._book.record(key, at, samples, MINUTE, "Percent")


def _used(use: CopyUse) -> dict[str, float]:
    """Give what a copy uses, of what is measured: cores, MB, devices, and devices' memory."""
    found = {"CPU": use.cpus, "Memory": use.memory_bytes / MIB}
    if use.accelerators is not None:
        found["GPU"] = use.accelerators
    if use.accelerator_memory is not None:
        found["GPUMemory"] = use.accelerator_memory
    return found


def _bookings(books: ComputeRequirements) -> dict[str, float]:
    return {"CPU": books.cpus, "Memory": float(books.least_memory_mb), "GPU": books.accelerators}


def _limits(shape: InstanceShape, books: ComputeRequirements | None) -> dict[str, float]:
    """Give what a copy's use is a share of: what it books, or what its instance has where it books none."""
    accelerators = (books.accelerators if books is not None else 0.0) or shape.accelerators
    return {
        "CPU": (books.cpus if books is not None else 0.0) or shape.cpus,
        "Memory": float((books.least_memory_mb if books is not None else 0) or shape.memory_mb),
        "GPU": accelerators,
        "GPUMemory": accelerators,
    }

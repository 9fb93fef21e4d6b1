"""SageMaker's metrics of serverless variants: how many environments are at work, and what starting one took.

Source: Amazon SageMaker AI's guide, "Monitor a serverless endpoint" and "Monitoring Amazon SageMaker AI with CloudWatch".
"""

from stoker.decisions.metrics import MetricBook, StatisticSet
from stoker.decisions.serverless import provisioned_utilization, utilization
from stoker.domain.alarms import MetricKey
from stoker.domain.ids import EndpointName, VariantName, WorkloadId
from stoker.domain.instances import Copy
from stoker.domain.serverless import ServerlessConfig
from stoker.engine.fleet import Fleet
from stoker.engine.traffic import WorkloadCounts
from stoker.units import MINUTE, Instant

NAMESPACE = "AWS/SageMaker"
_NS_OF_A_MICROSECOND = 1000
_PREFIX = "ServerlessProvisionedConcurrency"


class EnvironmentMetrics:
    """Records them for the workloads of serverless variants, and nothing for others."""

    __slots__ = ("_book", "_fleet")

    def __init__(self, fleet: Fleet, book: MetricBook) -> None:
        self._fleet = fleet
        self._book = book

    def concurrent(self, workload: WorkloadId, requests: int, at: Instant) -> None:
        """Record how many invocations there are now."""
        config = self._config(workload)
        if config is None:
            return
        self._one(workload, "ServerlessConcurrentExecutionsUtilization", utilization(config, requests), at)
        used = provisioned_utilization(config, requests)
        if used is not None:
            self._one(workload, f"{_PREFIX}Utilization", used, at)
            self._one(workload, f"{_PREFIX}Executions", float(min(requests, config.provisioned)), at, "Count")

    def invoked(self, counts: WorkloadCounts, at: Instant) -> None:
        """Record how many invocations went to what is provisioned, and how many beyond it."""
        config = self._config(counts.workload)
        if config is None or not config.provisioned:
            return
        for name, count in (
            ("Invocations", counts.invocations - counts.spilled),
            ("SpilloverInvocations", counts.spilled),
        ):
            if count > 0:
                values = StatisticSet(count=float(count), total=float(count), least=1.0, most=1.0)
                self._record(counts.workload, f"{_PREFIX}{name}", values, at, "Count")

    def started(self, copy: Copy, at: Instant) -> None:
        """Record what it took to start an environment that has just come up, from the order on."""
        if self._config(copy.workload) is not None:
            self._one(copy.workload, "ModelSetupTime", (at - copy.created) / _NS_OF_A_MICROSECOND, at, "Microseconds")

    def _config(self, workload: WorkloadId) -> ServerlessConfig | None:
        kind, _, rest = workload.partition("/")
        name, _, variant = rest.partition("/")
        endpoint = self._fleet.endpoints.get(EndpointName(name)) if kind == "variant" else None
        state = None if endpoint is None else endpoint.variant(VariantName(variant))
        return None if state is None else state.serverless

    def _one(self, workload: WorkloadId, name: str, value: float, at: Instant, unit: str = "None") -> None:
        self._record(workload, name, StatisticSet(count=1.0, total=value, least=value, most=value), at, unit)

    def _record(self, workload: WorkloadId, name: str, values: StatisticSet, at: Instant, unit: str) -> None:
        _, endpoint, variant = workload.split("/", 2)
        dimensions = (("EndpointName", endpoint), ("VariantName", variant))
        self._book.record(MetricKey(namespace=NAMESPACE, name=name, dimensions=dimensions), at, values, MINUTE, unit)

"""The metric families of which there are few samples, by Prometheus's client library."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from stoker.domain.ids import WorkloadId
from stoker.engine.platform import Platform
from stoker.units import to_seconds


class Families:
    """Tells of gateways, instances, alarms and cold starts; `cold` has count, seconds waited and seconds to the first byte."""

    __slots__ = ("_cold", "_gateways", "_platform", "_registry")

    def __init__(self, platform: Platform, cold: Mapping[WorkloadId, tuple[int, float, float]]) -> None:
        self._platform = platform
        self._cold = cold
        self._gateways = 0
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self, gateways: int) -> bytes:
        """Give them as text; so many gateways are connected."""
        self._gateways = gateways
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Give the families (the interface of a Prometheus collector)."""
        yield GaugeMetricFamily("stoker_gateways", "Gateways connected to the control plane.", value=self._gateways)
        yield from self._instances()
        yield from self._cold_starts()
        yield from self._alarms()

    def _instances(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("stoker_instances", "Instances by state.", labels=("endpoint", "variant", "state"))
        counts: dict[tuple[str, str, str], int] = {}
        for instance in self._platform.fleet.instances.values():
            at = (instance.endpoint, instance.variant, instance.state.value)
            counts[at] = counts.get(at, 0) + 1
        for labels, count in counts.items():
            family.add_metric(labels, count)
        yield family

    def _alarms(self) -> Iterator[Metric]:
        punctuality = self._platform.autoscaler.punctuality
        looks, late = punctuality.looks, punctuality.late
        worst_s = to_seconds(punctuality.worst)
        yield CounterMetricFamily("stoker_alarms_evaluated", "Times that an alarm was evaluated.", value=looks)
        yield CounterMetricFamily("stoker_alarms_late", "Of those, the ones more than a second after they were due.", value=late)
        yield GaugeMetricFamily(
            "stoker_alarm_lateness_worst_seconds", "The longest an alarm was evaluated after it was due.", value=worst_s
        )

    def _cold_starts(self) -> Iterator[Metric]:
        waited = SummaryMetricFamily(
            "stoker_cold_start_wait_seconds", "Seconds that held invocations waited for capacity.", labels=("workload",)
        )
        answered = SummaryMetricFamily(
            "stoker_cold_start_first_byte_seconds", "Seconds until the first byte of held invocations.", labels=("workload",)
        )
        for workload, (count, waited_s, first_byte_s) in self._cold.items():
            waited.add_metric((workload,), count, waited_s)
            answered.add_metric((workload,), count, first_byte_s)
        yield from (waited, answered)

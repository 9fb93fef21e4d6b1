"""The platform's figures for Prometheus, read from the engine when asked for: nothing is counted twice.

Label sets are those of endpoints and components that exist; a scrape costs a pass over them.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from stoker.domain.ids import WorkloadId, component_workload, variant_workload
from stoker.engine.platform import Platform
from stoker.link.messages import ColdStartSeen
from stoker.units import to_seconds

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

MAX_COLD_WORKLOADS = 10_000
"""Workloads whose cold starts are counted; the oldest is forgotten beyond."""


class Exposition:
    """Gives the exposition text, and keeps the little that the engine does not know: cold starts as clients met them."""

    __slots__ = ("_cold", "_gateways", "_platform", "_registry")

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._cold: dict[WorkloadId, tuple[int, float, float]] = {}
        self._gateways: list[str] = []
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def cold_start(self, seen: ColdStartSeen) -> None:
        """Count an invocation that waited for capacity."""
        count, waited_s, first_byte_s = self._cold.pop(seen.workload, (0, 0.0, 0.0))
        self._cold[seen.workload] = (
            count + 1,
            waited_s + to_seconds(seen.waited),
            first_byte_s + to_seconds(seen.waited + seen.first_byte),
        )
        if len(self._cold) > MAX_COLD_WORKLOADS:
            del self._cold[next(iter(self._cold))]

    def text(self, gateways: list[str]) -> bytes:
        """Give the exposition of now; `gateways` are those connected."""
        self._gateways = gateways
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Give the metric families (the interface of a Prometheus collector)."""
        yield GaugeMetricFamily("stoker_gateways", "Gateways connected to the control plane.", value=len(self._gateways))
        yield from self._workloads()
        yield from self._instances()
        yield from self._cold_starts()
        yield from self._alarms()

    def _workloads(self) -> Iterator[Metric]:
        labels = ("endpoint", "workload")
        desired = GaugeMetricFamily("stoker_copies_desired", "Copies that are wanted.", labels=labels)
        serving = GaugeMetricFamily("stoker_copies_serving", "Copies that passed their health check.", labels=labels)
        in_flight = GaugeMetricFamily("stoker_invocations_in_flight", "Invocations that copies work on.", labels=labels)
        held = GaugeMetricFamily("stoker_invocations_held", "Invocations that wait for capacity.", labels=labels)
        totals = {name: CounterMetricFamily(f"stoker_{name}", text, labels=labels) for name, text in _TOTALS.items()}
        fleet, metering = self._platform.fleet, self._platform.metering
        for endpoint in fleet.endpoints.values():
            counts = [(component_workload(c.name), c.desired_copies) for c in fleet.components_on(endpoint.name)]
            counts.extend(
                (variant_workload(endpoint.name, v.spec.name), v.desired_instances)
                for v in endpoint.variants
                if v.container is not None
            )
            for workload, wanted in counts:
                at = (endpoint.name, workload)
                desired.add_metric(at, wanted)
                serving.add_metric(at, fleet.serving(workload))
                in_flight.add_metric(at, metering.in_flight(workload))
                held.add_metric(at, metering.held(workload))
                seen = metering.totals.get(workload)
                for name, family in totals.items():
                    family.add_metric(at, 0 if seen is None else getattr(seen, name))
        yield from (desired, serving, in_flight, held, *totals.values())

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


_TOTALS = {
    "invocations": "Invocations that were handed to copies.",
    "model_errors": "Invocations that a model failed.",
    "no_capacity": "Invocations refused for lack of capacity.",
}

"""An endpoint's figures as OpenMetrics text, in the families that Hugging Face documents.

Gateways count invocations by endpoint and by class of status, not by replica and by code: that is what the labels say.
"""

from collections.abc import Iterator

from stoker.domain.alarms import MetricKey, Statistic
from stoker.domain.hub import HubEndpoint
from stoker.domain.ids import ComponentName, component_workload
from stoker.engine.metering import NAMESPACE
from stoker.engine.platform import Platform
from stoker.service.hub_view import status_of
from stoker.units import MINUTE, Instant, Span

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
WINDOW: Span = 5 * MINUTE
"""Quantiles are of the last such period with invocations, counted from the hour."""
_SHOWN: Span = 60 * MINUTE
_QUANTILES = ("0.5", "0.9", "0.95", "0.99")
_ALL = 'replica_id="all"'
_MICROSECONDS = 1_000_000


def open_metrics(platform: Platform, hub: HubEndpoint, now: Instant) -> bytes:
    """Give the text; counters begin with the control plane, which a scraper takes for a reset."""
    return "\n".join([*_lines(platform, hub, now), "# EOF", ""]).encode()


def _lines(platform: Platform, hub: HubEndpoint, now: Instant) -> Iterator[str]:
    workload = component_workload(ComponentName(hub.endpoint))
    totals, status = platform.metering.totals.get(workload), status_of(platform, hub)
    yield "# TYPE latency_distribution summary"
    yield "# HELP latency_distribution Seconds that replicas took, of the last five minutes with requests."
    for quantile in _QUANTILES:
        value = _percentile(platform, hub, f"p{float(quantile) * 100:g}", now)
        if value is not None:
            yield f'latency_distribution{{quantile="{quantile}"}} {value:.6f}'
    if totals is not None:
        yield f"latency_distribution_count {totals.replies}"
        yield f"latency_distribution_sum {totals.latency_us / _MICROSECONDS:.6f}"
    yield "# TYPE http_requests counter"
    yield "# HELP http_requests Requests that replicas answered, by class of status."
    if totals is not None:
        fine = max(0, totals.invocations - totals.errors_4xx - totals.errors_5xx)
        for word, count in (("2xx", fine), ("4xx", totals.errors_4xx), ("5xx", totals.errors_5xx)):
            yield f'http_requests_total{{{_ALL},status_code="{word}"}} {count}'
    yield "# TYPE cpu_usage_percent gauge"
    yield "# UNIT cpu_usage_percent percent"
    yield "# HELP cpu_usage_percent How busy replicas keep what they book, in the mean."
    used = platform.utilising.utilisation(workload)
    if used is not None:
        yield f"cpu_usage_percent{{{_ALL}}} {used * 100:.3f}"
    yield "# TYPE pending_requests gauge"
    yield "# HELP pending_requests Requests that wait for capacity or are worked on."
    yield f"pending_requests {platform.metering.concurrent(workload)}"
    yield "# TYPE replicas gauge"
    yield "# HELP replicas Replicas that serve, and that are wanted."
    yield f'replicas{{state="ready"}} {status.ready}'
    yield f'replicas{{state="target"}} {status.target}'


def _percentile(platform: Platform, hub: HubEndpoint, name: str, now: Instant) -> float | None:
    """Give a percentile of the latency in seconds; None when there was no request of late."""
    key = MetricKey(namespace=NAMESPACE, name="ModelLatency", dimensions=(("InferenceComponentName", hub.endpoint),))
    start = (now - _SHOWN) // WINDOW * WINDOW
    found = platform.book.datapoints(key, Statistic.AVERAGE, WINDOW, start, now + 1, unit="Microseconds", extended=name)
    return found[-1].value / _MICROSECONDS if found else None

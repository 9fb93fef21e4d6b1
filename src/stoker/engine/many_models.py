"""SageMaker's metrics of endpoints with many models, made of what their copies tell with each reply.

Source: Amazon SageMaker AI's guide, "Multi-Model Endpoint Model Loading Metrics" and "... Model Instance Metrics".
"""

from stoker.decisions.metrics import MetricBook, StatisticSet
from stoker.domain.alarms import MetricKey
from stoker.engine.traffic import LatencySum, ModelsSeen
from stoker.units import MINUTE, Instant

LOADING = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"


def record_models(book: MetricBook, dimensions: tuple[tuple[str, str], ...], seen: ModelsSeen, at: Instant) -> None:
    """Put it into the book."""
    if not seen.replies:
        return
    n = float(seen.replies)
    key = MetricKey(namespace=LOADING, name="ModelCacheHit", dimensions=dimensions)
    least, most = float(seen.hits == seen.replies), float(seen.hits > 0)
    book.record(key, at, StatisticSet(count=n, total=float(seen.hits), least=least, most=most), MINUTE, "None")
    key = MetricKey(namespace=INSTANCES, name="LoadedModelCount", dimensions=dimensions)
    loaded = StatisticSet(count=n, total=float(seen.loaded), least=float(seen.least_loaded), most=float(seen.most_loaded))
    book.record(key, at, loaded, MINUTE, "None")
    for name, span in (
        ("ModelLoadingWaitTime", seen.wait),
        ("ModelDownloadingTime", seen.download),
        ("ModelLoadingTime", seen.load),
        ("ModelUnloadingTime", seen.unload),
    ):
        if span.count:
            key = MetricKey(namespace=LOADING, name=name, dimensions=dimensions)
            book.record(key, at, latency(span), MINUTE, "Microseconds", dict(span.values) or None)


def latency(span: LatencySum) -> StatisticSet:
    """Give latencies as CloudWatch's statistics."""
    return StatisticSet(count=float(span.count), total=span.total_us, least=span.least_us, most=span.most_us)

"""What is learned of a workload's invocations from what gateways report of them."""

from stoker.engine.traffic import WorkloadCounts
from stoker.units import SECOND, Span

REMEMBERED = 0.95
"""What an invocation's time weighs of that of the one after it: some twenty are remembered."""
_US: Span = SECOND // 1_000_000


class Learned:
    """Of one workload: how many invocations `came` to copies, and the time they took, in ns of the platform's clock."""

    __slots__ = ("_service", "came")

    def __init__(self) -> None:
        self._service: float | None = None
        self.came = 0

    @property
    def service(self) -> Span | None:
        """The mean of the last ones, older ones counting less; None before any has ended."""
        return None if self._service is None else round(self._service)

    def take(self, counts: WorkloadCounts, speed: float) -> None:
        """Learn from a gateway's counts; the platform's clock is `speed` times as fast as real time, in which they are."""
        self.came += counts.invocations
        latency = counts.model_latency
        if not latency.count:
            return
        mean, kept = latency.total_us * _US * speed / latency.count, REMEMBERED**latency.count
        self._service = mean if self._service is None else self._service * kept + mean * (1 - kept)

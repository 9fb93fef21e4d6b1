"""How often workloads are used, and the clock that ages what is not: what the worth of a copy is made of."""

from stoker.decisions.eviction import HALF_LIFE, Use
from stoker.domain.ids import WorkloadId
from stoker.units import Instant, Span

_NEVER = Use()


class Uses:
    """The uses of all workloads. They begin anew with the control plane: what is used tells so within seconds."""

    __slots__ = ("_clock", "_half_life", "_uses")

    def __init__(self, half_life: Span = HALF_LIFE) -> None:
        self._clock = 0.0
        self._half_life = half_life
        self._uses: dict[WorkloadId, Use] = {}

    def of(self, workload: WorkloadId) -> Use:
        """Give how a workload was used."""
        return self._uses.get(workload, _NEVER)

    def used(self, workload: WorkloadId, times: int, at: Instant) -> None:
        """Count invocations."""
        self._uses[workload] = self.of(workload).again(times, at, self._clock, self._half_life)

    def evicted(self, value: float) -> None:
        """Let the clock come up to what something was worth that had to go: what is used from now on is above it."""
        self._clock = max(self._clock, value)

    def forget(self, workload: WorkloadId) -> None:
        """Forget a workload that is gone."""
        self._uses.pop(workload, None)

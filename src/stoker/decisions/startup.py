"""How long a workload's copies take to start, learned from those that did."""

import msgspec

from stoker.domain.ids import WorkloadId
from stoker.domain.instances import Copy
from stoker.units import Span

REMEMBERED = 9
"""Starts that count. The median of so few follows a new model version soon, and one slow disk moves it hardly."""


class StartTimes(msgspec.Struct, frozen=True, kw_only=True):
    """The last start-up times of a workload's copies, oldest first."""

    workload: WorkloadId
    spans: tuple[Span, ...] = ()

    @property
    def typical(self) -> Span | None:
        """The median (the upper one of an even number); None until a copy has started."""
        return sorted(self.spans)[len(self.spans) // 2] if self.spans else None

    def after(self, span: Span) -> "StartTimes":
        """Give them with one more start."""
        return StartTimes(workload=self.workload, spans=(*self.spans[-REMEMBERED + 1 :], span))


def start_time(copy: Copy) -> Span | None:
    """Give how long after its order to start a copy was ready; None when it is not yet, or was never started here.

    The wait for an instance is not part of it: it is the machine's, and over before anything of this workload happens.
    """
    at = dict(copy.phases)
    return max(0, at["ready"] - at["placed"]) if "ready" in at and "placed" in at else None

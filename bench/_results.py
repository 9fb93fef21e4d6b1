"""Runs of policies, and what they came to."""

from collections.abc import Iterable

import msgspec
from _frontiers import Point

from stoker.sim.outcome import Outcome


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One run: a policy of a family whose knob is swept, on a workload, at a start-up time."""

    workload: str
    start_s: int
    family: str
    policy: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One run and what it came to, without its curves."""

    case: Case
    outcome: Outcome

    @property
    def point(self) -> Point:
        """Cost and wait."""
        return Point(self.outcome.copy_s / 3600, self.outcome.wait.mean_s)


def pairs_of(
    results: Iterable[Result], baseline: str, *, workload: str | None = None, start_s: int
) -> list[tuple[list[Point], Point]]:
    """Give `split`'s points and the baseline's, for each trace (or one) on which the baseline ran at that start-up time."""
    here = [r for r in results if r.case.start_s == start_s and workload in {None, r.case.workload}]
    return [
        ([r.point for r in here if (r.case.workload, r.case.family) == (found.case.workload, "split")], found.point)
        for found in here
        if found.case.policy == baseline
    ]

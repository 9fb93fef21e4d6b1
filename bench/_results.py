"""Runs of policies, and what they came to."""

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

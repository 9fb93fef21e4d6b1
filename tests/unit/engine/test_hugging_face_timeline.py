"""The copies that Hugging Face's rules give under a load of processors that was recorded, against the rules by hand.

`by_the_rules` is written from the table of the rules alone, second by second over lists that are never cut, and shares no code
with the policy.
"""

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from stoker.domain.ids import ComponentName
from stoker.engine.events import DemandSeen, ResourceTagged, UsageSeen
from stoker.engine.traffic import CopyUse
from stoker.units import MIB, SECOND
from tests.unit.engine.test_following import IC
from tests.unit.engine.world import World

RECORDED = Path(__file__).parents[2] / "data" / "cpu-load.txt"
LOAD = [float(line) for line in RECORDED.read_text().splitlines() if not line.startswith("#")]
"""Processors, for each ten seconds."""
BOOKED = 0.25
START = 20
MOST = 6
Timeline = list[tuple[int, int]]


class Rules(NamedTuple):
    """A row of the table, in seconds."""

    up: int
    down: int
    stabilisation: int
    starting_counts: bool
    threshold: float = 0.8
    window: int = 60
    idle: int = 900


def by_the_rules(rules: Rules) -> Timeline:
    """Give (seconds since the first request, copies) for every change.

    The load is there for as long as it was recorded, and the only request lasts as long. Copies are ready 20 s after they were
    asked for. Samples are taken at 5, 15, 25 s and so on.
    """
    threshold, window, up, down, stabilisation = rules.threshold, rules.window, rules.up, rules.down, rules.stabilisation
    last, idle, starting_counts = 10 * len(LOAD), rules.idle, rules.starting_counts
    ready_at, timeline, gone_at = [START], [(0, 1)], -stabilisation
    samples: list[tuple[int, float, float]] = []
    for t in range(1, last + idle + 1):
        ready = sum(1 for at in ready_at if at <= t)
        if t % 10 == 5 and ready:
            cores = LOAD[t // 10] if t < last else 0.0
            share = min(1.0, cores / ready / BOOKED)
            samples.append((t, share * ready / (len(ready_at) if starting_counts else ready), share * ready))
        known = [(each, together) for at, each, together in samples if at > samples[-1][0] - window]
        if t == last + idle:
            timeline.append((t, 0))
        elif known and t % up == 0 and sum(each for each, _ in known) / len(known) >= threshold:
            if len(ready_at) < MOST:
                ready_at.append(t + START)
                timeline.append((t, len(ready_at)))
        elif known and t % down == 0 and len(ready_at) > 1 and t - gone_at >= stabilisation:
            together = sum(each for _, each in known) / len(known)
            if together / (len(ready_at) - 1) < threshold:
                ready_at.pop()
                gone_at = t
                timeline.append((t, len(ready_at)))
    return timeline


class Recorded(World):
    """A component whose copies share the recorded load, and are measured as they were then."""

    def __init__(self, policy: str) -> None:
        super().__init__()
        self.load = START * SECOND
        self.endpoint(managed=(1, 4), instances=1)
        self.component(copies=1, cpus=BOOKED)
        tags = {"stoker:policy": policy, "stoker:max-copies": str(MOST)}
        self.handle(ResourceTagged(kind="inference component", name="ic", tags=tags, at_zero=None))
        self.seconds(10_000)
        assert self.desired == 0
        self.began = self.now
        self.timeline: Timeline = []

    @property
    def desired(self) -> int:
        return self.platform.fleet.components[ComponentName("ic")].desired_copies

    def waits(self, waiting: int, in_flight: int) -> None:
        self.handle(DemandSeen(workload=IC, waiting=waiting, at=self.now, gateway="g", in_flight=in_flight))
        self.note()

    def pass_to(self, second: int) -> None:
        """Let time pass second by second, with a sample every ten of them."""
        while self.now < self.began + second * SECOND:
            self.seconds(1)
            passed = (self.now - self.began) // SECOND
            if passed % 10 == 5:
                self.sample(LOAD[passed // 10] if passed // 10 < len(LOAD) else 0.0)
            self.note()

    def sample(self, cores: float) -> None:
        ready = [copy for copy in self.copies() if copy.address is not None]
        uses = tuple(CopyUse(copy_id=copy.copy_id, cpus=cores / len(ready), memory_bytes=MIB) for copy in ready)
        self.handle(UsageSeen(at=self.now, copies=uses))

    def note(self) -> None:
        if not self.timeline or self.timeline[-1][1] != self.desired:
            self.timeline.append(((self.now - self.began) // SECOND, self.desired))


@pytest.mark.parametrize(
    ("policy", "rules"),
    [
        ("hf-2023", Rules(up=180, down=300, stabilisation=0, starting_counts=True)),
        ("hf-current(idle=15m)", Rules(up=60, down=120, stabilisation=300, starting_counts=False)),
        ("hf-2023(count_starting=false)", Rules(up=180, down=300, stabilisation=0, starting_counts=False)),
        (
            "hf-current(idle=5m, window=20s)",
            Rules(up=60, down=120, stabilisation=300, starting_counts=False, window=20, idle=300),
        ),
    ],
)
def test_the_copies_under_a_recorded_load_are_those_of_the_rules(policy: str, rules: Rules) -> None:
    world = Recorded(policy)
    world.waits(1, 0)
    world.pass_to(10 * len(LOAD))
    world.waits(0, 0)
    world.pass_to(10 * len(LOAD) + rules.idle + 1)
    expected = by_the_rules(rules)
    assert world.timeline == expected
    counts = [count for _, count in expected]
    assert max(counts) >= 4
    steps = [later - before for before, later in pairwise(counts)]
    assert min(steps.count(1), steps.count(-1)) >= 4, "the record has both ways in it"

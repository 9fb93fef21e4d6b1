"""Simulator and running server drive the same engine: the same trace must scale the same, at the same instants."""

import random
from array import array

import msgspec
import pytest

from stoker.domain.scaling import ScalingActivity
from stoker.sim.laws import Fixed, Start
from stoker.sim.policies import parse_policy
from stoker.sim.traces.values import FOREVER, Stream, Trace
from stoker.sim.world import World, WorldOptions
from stoker.testing.loop import run_virtually
from stoker.units import MILLISECOND, MINUTE, SECOND, Span, to_seconds
from tests.equivalence.shell import Sizes, live

# No sum of these ends on a whole second: of two things at one instant either may come first.
SIZES = Sizes(slots=2, most=8, provision=30_300 * MILLISECOND, fetch=5_100 * MILLISECOND, load=25_007 * MILLISECOND)
UNTIL: Span = 80 * MINUTE
HALF: Span = UNTIL // 2


def bursts(seed: int, *, quiet: tuple[Span, Span], until: Span = UNTIL) -> Stream:
    """Traffic with bursts that need more copies and silences that need none, in whole milliseconds, never at a whole second."""
    chance = random.Random(seed)
    rows: list[tuple[int, int]] = []
    at = chance.randrange(60) * SECOND
    while at < until - 20 * MINUTE:
        gap_ms = chance.choice((150, 400, 2500, 9000))
        for _ in range(chance.randrange(1, 120)):
            at += chance.randrange(1, 2 * gap_ms) * MILLISECOND
            at += MILLISECOND * (at % SECOND in {0, 999 * MILLISECOND})
            rows.append((at, chance.randrange(201, 6000) * MILLISECOND + 313_000))
        at += chance.randrange(*quiet)
        at -= at % MILLISECOND
    return Stream(f"model-{seed}", array("q", [*(at for at, _ in rows), FOREVER]), array("q", [service for _, service in rows]))


def told(activities: list[ScalingActivity], begin: int) -> list[tuple[object, ...]]:
    """Give what activities say, the last state of each, without their ids and the alarms'."""
    last = {activity.activity_id: activity for activity in activities}
    shown = []
    for each in sorted(last.values(), key=lambda a: (a.start, a.target, a.after, a.policy)):
        fields = msgspec.structs.asdict(each)
        shown.append(
            (
                round(to_seconds(each.start - begin), 3),
                None if each.end is None else round(to_seconds(each.end - begin), 3),
                *(fields[name] for name in ("target", "details", "status", "before", "after", "policy", "not_scaled")),
            )
        )
    return shown


@pytest.mark.parametrize(
    ("policy", "seed"),
    [
        ("target-tracking(target=2)", 1),
        ("target-tracking(target=2)", 2),
        ("sagemaker(target=1.5, out=60, in=120, low=30)", 1),
        ("split", 1),
        ("split(first=120s, further=20s)", 2),
        ("knative", 2),
        ("keda", 1),
    ],
)
def test_both_scale_the_same(policy: str, seed: int) -> None:
    trace = Trace("t", (bursts(seed, quiet=(MINUTE, 30 * MINUTE)), bursts(seed + 100, quiet=(SECOND, 5 * MINUTE))))
    compare(trace, policy, SIZES)


def test_both_have_the_same_copies_make_way() -> None:
    """Three models share the memory of two copies."""
    quiet = ((SECOND, 5 * MINUTE), (MINUTE, 10 * MINUTE), (SECOND, 2 * MINUTE))
    trace = Trace("t", tuple(bursts(1 + 100 * each, quiet=quiet[each], until=HALF) for each in range(3)))
    pressed = compare(trace, "split", msgspec.structs.replace(SIZES, most=1, memory_mb=2048), until=HALF)
    assert pressed.platform.pressure.evicted >= 5


def compare(trace: Trace, policy: str, sizes: Sizes, until: Span = UNTIL) -> World:
    """Let both live through a trace, and hold what came of it against each other; gives the simulator's world."""
    parsed = parse_policy(policy)
    start = Start(
        provision=Fixed(value_s=to_seconds(sizes.provision)),
        fetch=Fixed(value_s=to_seconds(sizes.fetch)),
        load=Fixed(value_s=to_seconds(sizes.load)),
    )
    options = WorldOptions(slots=sizes.slots, most_copies=sizes.most, start=start, routing="packed", memory_mb=sizes.memory_mb)
    world = World(trace, parsed, options)
    world.run(until)

    gateways, heard = run_virtually(live(trace, parsed, sizes, until))

    simulated = told(world.activities, trace.begin)
    assert len([each for each in simulated if not each[-1]]) >= 10
    assert simulated == told(heard, trace.begin)
    for gateway, lane in zip(gateways, world.lanes, strict=True):
        assert lane.handed == len(gateway.waits)
        assert sorted(round(each / MILLISECOND) for each in lane.waits.spans) == sorted(
            round(each / MILLISECOND) for each in gateway.waits if each
        )
    return world

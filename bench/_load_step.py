"""A step of load, and how soon each policy sees it: what AWS tells of its metrics of every ten seconds, in the simulator.

"Amazon SageMaker inference launches faster auto scaling for generative AI models" (July 2024) tells of a step that is seen within
45 s, where it took more than six minutes, and of 40 % less until more copies serve. Metrics of a minute come two to three minutes
late.
https://aws.amazon.com/blogs/machine-learning/amazon-sagemaker-inference-launches-faster-auto-scaling-for-generative-ai-models/
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from stoker.sim.laws import Fixed, Start
from stoker.sim.policies import parse_policy
from stoker.sim.traces.values import FOREVER, Stream, Trace
from stoker.sim.world import World, WorldOptions
from stoker.units import MINUTE, SECOND, Instant, seconds

SLOTS = 8
SERVICE_S = 2
BEFORE, AFTER = 2, 8
"""Invocations a second: four in flight on one copy, then sixteen, which are too many for it."""
QUIET_S = 5400
"""Long enough for what was started at the beginning to be gone."""
LOADED_S = 1200
MOMENTS_S = (0, 10, 20, 30, 40, 50)
"""Seconds of a minute at which the load goes up."""
START_S = 242
"""The mean start-up time of an 8B model in AWS's trials: 1.748 min for the instance, 2.28 min for the copy."""
SOON_S, LATE_S = 45, 360
IN_FLIGHT = 5
"""AWS's target; as many invocations of a minute are those of `SERVICE_S` each."""
A_MINUTE = IN_FLIGHT * 60 // SERVICE_S
NOW = f"sagemaker(target={IN_FLIGHT})"
THEN = tuple(f"sagemaker(target={A_MINUTE}, metric=invocations, lag={late_s})" for late_s in (120, 180))
POLICIES = (NOW, *THEN, "split")


class Seen(NamedTuple):
    """What became of one step: seconds until a further copy was ordered and until one served; the loaded time's mean wait."""

    ordered_s: float
    served_s: float
    wait_s: float


def step(moment_s: int) -> tuple[Trace, Instant]:
    """Give the load, evenly in time, and the instant at which it goes up."""
    up_s = QUIET_S + moment_s
    first = [0.0, *(120 + k / BEFORE for k in range((up_s - 120) * BEFORE))]
    then = [up_s + k / AFTER for k in range(LOADED_S * AFTER)]
    arrivals = array("q", [seconds(at_s) for at_s in (*first, *then)])
    services = array("q", [SERVICE_S * SECOND] * len(arrivals))
    arrivals.append(FOREVER)
    return Trace("a step of load", (Stream("model", arrivals, services),)), up_s * SECOND


def seen_by(policy: str, moment_s: int) -> Seen:
    """Run one policy over one step."""
    trace, up = step(moment_s)
    world = World(
        trace, parse_policy(policy), WorldOptions(slots=SLOTS, most_copies=20, start=Start(load=Fixed(value_s=START_S)))
    )
    world.run(up - SECOND)
    waited = sum(world.lanes[0].waits.spans)
    world.run(trace.span)
    world.serve_rest(30 * MINUTE)
    world.close()
    further = [life for life in world.accounts.copies if life.started >= up]
    return Seen(
        ordered_s=(min(life.started for life in further) - up) / SECOND,
        served_s=(min(life.ready for life in further if life.ready >= 0) - up) / SECOND,
        wait_s=(sum(world.lanes[0].waits.spans) - waited) / SECOND / (LOADED_S * AFTER),
    )


def steps() -> dict[str, list[Seen]]:
    """Run every policy over the step at every moment of a minute."""
    return {policy: [seen_by(policy, moment_s) for moment_s in MOMENTS_S] for policy in POLICIES}


def tell_steps(found: dict[str, list[Seen]]) -> None:
    """Print how soon the step was seen, and whether SageMaker's rows show what AWS tells."""
    for policy, each in found.items():
        print(f"a step of load, {policy}: seen after {_span([one.ordered_s for one in each])}")
    soon, late = max(one.ordered_s for one in found[NOW]), max(one.ordered_s for one in found[THEN[-1]])
    print(f"metrics of every 10 s, within {SOON_S} s: {'met' if soon < SOON_S else 'MISSED'}")
    print(f"metrics of a minute, three minutes late, more than {LATE_S} s at worst: {'met' if late > LATE_S else 'MISSED'}")


def step_section(found: dict[str, list[Seen]]) -> list[str]:
    """Give the page's part about the step."""
    lines = [
        "### A step of load, and how soon it is seen",
        "",
        f"One model: {BEFORE} invocations a second of {SERVICE_S} s each, then {AFTER} a second; a copy has {SLOTS} slots",
        f"and starts in {START_S} s. Least to most over {len(MOMENTS_S)} moments of a minute at which the load goes up. AWS",
        "tells that its metrics of every ten seconds see a step within 45 s, where it took more than six minutes, and that more",
        "copies serve 40 % sooner. Metrics of a minute are published two to three minutes late (`lag`). Seen: a further copy is",
        "ordered. The wait is the mean of the twenty minutes after the step.",
        "",
        "| policy | seen after | one more copy serves after | mean wait |",
        "|---|---|---|---|",
    ]
    for policy, each in found.items():
        seen, served, waits = ([one[place] for one in each] for place in range(3))
        lines.append(f"| `{policy}` | {_span(seen)} | {_span(served)} | {_span(waits)} |")
    return [*lines, ""]


def _span(values: Sequence[float]) -> str:
    least, most = round(min(values)), round(max(values))
    return f"{least} s" if least == most else f"{least} to {most} s"

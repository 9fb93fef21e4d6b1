"""How fast the simulator is: requests a CPU second, with target tracking on one busy model.

Usage: `./run bench simulator [REQUESTS] [--day] [--policy POLICY]`. The load is that of a day of 10 million, 116 requests a
second in the mean, half a second each, on copies of eight slots; over the run it goes up from half of that to one and a half, and
down again. `--day` runs all of the day, once.
"""

import argparse
import math
import random
import sys
import time
from array import array

from stoker.sim.laws import Fixed, Start
from stoker.sim.policies import parse_policy
from stoker.sim.routers import ROUTERS
from stoker.sim.traces.values import FOREVER, Stream, Trace
from stoker.sim.world import World, WorldOptions
from stoker.units import DAY, SECOND, seconds

DAY_REQUESTS = 10_000_000
MEAN_RATE = DAY_REQUESTS / 86_400
MEAN_SERVICE_S = 0.5
WANTED = 200_000
ROUNDS = 3


def busy_day(requests: int) -> Trace:
    """Give so many requests whose rate goes from half the mean at the begin to one and a half in the middle."""
    period_s = requests / MEAN_RATE
    chance = random.Random(1)
    arrivals, services = array("q"), array("q")
    at_s = 0.0
    for _ in range(requests):
        rate = MEAN_RATE * (1.0 - 0.5 * math.cos(2 * math.pi * at_s / period_s))
        at_s += chance.expovariate(rate)
        arrivals.append(seconds(at_s))
        services.append(seconds(chance.expovariate(1 / MEAN_SERVICE_S)))
    arrivals.append(FOREVER)
    return Trace("busy day", (Stream("model", arrivals, services),))


def run_once(trace: Trace, policy: str, routing: str) -> tuple[float, World]:
    """Give the CPU seconds of one run, and the world after it."""
    options = WorldOptions(slots=8, most_copies=100, start=Start(load=Fixed(value_s=60)), routing=routing)
    begun = time.process_time()
    world = World(trace, parse_policy(policy), options)
    world.run(trace.span)
    world.serve_rest(DAY)
    world.close()
    return time.process_time() - begun, world


def main() -> int:
    """Measure; gives 1 when the simulator is slower than it is meant to be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("requests", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--day", action="store_true", help="run a day of 10 million requests, once")
    parser.add_argument("--policy", default="target-tracking(target=6)")
    arguments = parser.parse_args()
    count = DAY_REQUESTS if arguments.day else arguments.requests
    print(f"making {count:,} requests ...", flush=True)
    trace = busy_day(count)
    slow = False
    for routing in ("least",) if arguments.day else ROUTERS:
        runs = [run_once(trace, arguments.policy, routing) for _ in range(1 if arguments.day else ROUNDS)]
        best_s = min(cpu_s for cpu_s, _ in runs)
        world = runs[0][1]
        speed = count / best_s
        slow = slow or speed < WANTED
        copies = sum(life.ended - life.started for life in world.accounts.copies) / trace.span
        print(
            f"{routing:>7}: {speed:>9,.0f} requests/CPU s ({best_s:.2f} s for {trace.span / SECOND / 3600:.1f} h; "
            f"{copies:.1f} copies in the mean, {len(world.lanes[0].waits.spans):,} waited; wanted: {WANTED:,})"
        )
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())

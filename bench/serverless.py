"""Fifty serverless endpoints on a real trace: how many requests start cold, what they wait, and what it costs against always-on.

Usage: `./run bench serverless [--endpoints 50] [--days 1] [--start 5] [--idle 60,300,900] [--provisioned 0]`.

Each endpoint gets the requests of one of ServeGen's clients that send 10 to 5,000 on the first day. The engine and the accounts
are those that run in production, on a virtual clock; an environment takes `--start` seconds to start. All together may work
on 200 requests at once, each on 20. "Always on" keeps for the whole time as many environments of each endpoint as it ever needed
at once. Requests take what the trace's tokens say, 60 s at most. Chance is seeded: another machine gives the same figures. Each
case (an idle time, a number of environments provisioned) takes about 40 s of CPU time.
"""

import argparse
import sys
import time

from _serverless_world import Case, World
from _shared_traces import servegen

from stoker.decisions.billing import amounts, summed
from stoker.domain.serverless import ServerlessConfig
from stoker.domain.usage import Kind, Prices
from stoker.sim.traces.values import Trace
from stoker.units import SECOND, seconds, to_seconds

TOTAL, MOST, MEMORY_MB = 200, 20, 2048
SPARSE = (10, 5000)
"""Requests that a client has in all."""


def run(trace: Trace, case: Case) -> str:
    """Run one case and give its line."""
    began = time.process_time()
    world = World(trace, case)
    rows = world.run()
    used = amounts(rows, Prices())
    _, times = summed(rows)
    served = world.served
    if abs(sum(times[Kind.BILLED].values()) - served.worked) > 1000 * len(served.waits):  # told in whole microseconds
        raise SystemExit("The accounts are not the sum of what requests took.")
    waits = sorted(served.waits)
    gb = MEMORY_MB / 1024
    kept = to_seconds(sum(times.get(Kind.COPY, {}).values())) * gb
    span_s = to_seconds(trace.span)
    peak = sum(site.peak for site in world.sites.values()) * span_s * gb
    handed = len(waits) + served.throttled + served.late
    cells = (
        f"{to_seconds(case.idle_release):.0f}",
        f"{case.config.provisioned}",
        f"{100 * served.cold / max(1, len(waits)):.2f}",
        f"{_quantile(waits, 0.5):.2f}",
        f"{_quantile(waits, 0.99):.2f}",
        f"{sum(waits) / SECOND / max(1, len(waits)):.3f}",
        f"{100 * served.throttled / max(1, handed):.2f}",
        f"{served.late}",
        f"{used.gb_s:.0f}",
        f"{kept:.0f}",
        f"{peak:.0f}",
        f"{100 * used.gb_s / peak:.1f}",
        f"{100 * kept / peak:.1f}",
        f"{used.used:.2f}",
        f"{time.process_time() - began:.1f}",
    )
    return " | ".join(cells)


def _quantile(waits: list[int], share: float) -> float:
    return to_seconds(waits[min(len(waits) - 1, int(share * len(waits)))]) if waits else 0.0


def main() -> int:
    """Run all cases and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=50)
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--start", type=float, default=5.0)
    parser.add_argument("--idle", default="300")
    parser.add_argument("--provisioned", default="0")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    trace = servegen(seed=told.seed, clients=told.endpoints, days=told.days, sparse=SPARSE)
    if trace is None:
        print("Without the trace there is nothing to run.")
        return 0
    service_s = to_seconds(sum(sum(stream.services) for stream in trace.streams)) / trace.requests
    print(f"{trace.name}: {trace.requests} requests of {len(trace.streams)} endpoints, {service_s:.2f} s each in the mean.")
    print(f"Environments of {MEMORY_MB} MB start in {told.start:g} s; {MOST} at once for each endpoint, {TOTAL} for all.\n")
    print(
        "idle s | provisioned | cold % | wait p50 s | p99 s | mean s | throttled % | too late | GB-s billed | GB-s kept "
        "| GB-s always on | billed % | kept % | USD | CPU s"
    )
    for provisioned in map(int, told.provisioned.split(",")):
        for idle in map(float, told.idle.split(",")):
            config = ServerlessConfig(memory_mb=MEMORY_MB, max_concurrency=MOST, provisioned=provisioned)
            case = Case(config=config, total_concurrency=TOTAL, idle_release=seconds(idle), start=seconds(told.start))
            print(run(trace, case), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

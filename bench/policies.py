"""Every policy with its main knob swept, on every shared trace, at start-up times of 10, 60 and 300 s.

Usage: `./run bench policies [--start 60] [--trace NAME | --file FILE --slots N] [--family NAME] [--workers 2] [--brief]
[--keep FILE] [--page]`. `--file` judges on a trace of your own, as `stoker simulate` reads them. `--keep` writes each run to a
file, and takes up what is there already. `--brief` sweeps only `split` and `keep-alive` away from 60 s. `--page` writes the
tables and pictures of docs/explanation/policies.md.

The rules are the same for all: copies of the same slots, one router (the oldest copy with a free slot), who finds none is
held in order, every policy begins with nothing and learns only of the past. For `sagemaker` clients ask again until they are
served. Chance is seeded: another machine gives the same figures. All of it takes more than an hour of CPU.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
from _frontiers import ratio_at_equal_wait, ratio_together
from _load_step import steps, tell_steps
from _policy_page import write_page
from _results import Case, Result, pairs_of
from _shared_traces import counted, own, requests, servegen

from stoker.sim.laws import Fixed, Start
from stoker.sim.oracle import Bounds
from stoker.sim.policies import parse_policy
from stoker.sim.simulation import oracle_of, simulate
from stoker.sim.traces.values import Trace
from stoker.sim.world import WorldOptions

MOST_COPIES = 200
STARTS_S = (10, 60, 300)
MAIN_START_S = 60
SWEPT_ALWAYS = ("split", "keep-alive")


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """A trace, how it is made, how many invocations a copy serves at once, and the start-up times at which it is run."""

    load: Callable[[], Trace | None]
    slots: int
    starts_s: tuple[int, ...] = STARTS_S


WORKLOADS = {
    "servegen": Workload(load=lambda: servegen(seed=1, clients=20, days=4), slots=8),
    "azure": Workload(load=lambda: requests("azure_llm_2023.csv.gz", "Azure LLM 2023, 1 hour"), slots=8),
    "mooncake": Workload(load=lambda: requests("mooncake_fast25.csv.gz", "Mooncake, 1 hour"), slots=8),
    "counts": Workload(load=lambda: counted(days=4, service_s=2, least=True), slots=1),
    "series": Workload(load=lambda: counted(days=2, service_s=2), slots=1, starts_s=(MAIN_START_S,)),  # takes long
}

_STAYS = (
    *((60, 30), (120, 60), (300, 60), (300, 120), (300, 300), (600, 120), (600, 600), (900, 120)),
    *((900, 300), (900, 600), (1800, 300), (1800, 600), (3600, 600)),
)


def families(slots: int) -> dict[str, list[str]]:
    """Give each policy with its main knob swept; the first of each is its default."""
    targets = [max(0.5, slots * share) for share in (0.5, 0.75)]
    return {
        "split": ["split", *(f"split(first={first}s, further={further}s)" for first, further in _STAYS)],
        "keep-alive": ["keep-alive", *(f"keep-alive(idle={idle}s)" for idle in (30, 60, 120, 300, 900, 1800, 3600))],
        "knative": ["knative", *(f"knative(retention={stay}s)" for stay in (60, 300, 900))],
        "ray": ["ray", *(f"ray(down_delay={delay}s)" for delay in (60, 300, 1800))],
        "keda": ["keda", *(f"keda(cooldown={cooldown}s)" for cooldown in (60, 900))],
        "keda-http": ["keda-http", *(f"keda-http(cooldown={cooldown}s)" for cooldown in (60, 900))],
        "hf-2023": ["hf-2023", "hf-2023(idle=3600s)"],
        "hf-current": ["hf-current", "hf-current(idle=900s)"],
        "target-tracking": ["target-tracking", *(f"target-tracking(target={target:g})" for target in targets)],
        "sagemaker": ["sagemaker", *(f"sagemaker(target={target:g})" for target in targets)],
        "sagemaker, 60 s late": ["sagemaker(lag=60)", *(f"sagemaker(target={target:g}, lag=60)" for target in targets)],
    }


_traces: dict[str, Trace] = {}
_bounds: dict[tuple[str, int], Bounds] = {}


def _options(workload: str, start_s: int) -> WorldOptions:
    return WorldOptions(
        slots=WORKLOADS[workload].slots,
        most_copies=MOST_COPIES,
        start=Start(load=Fixed(value_s=start_s)),
        routing="packed",
    )


def run_case(case: Case) -> Result:
    """Run one policy; in a process that was forked with the traces in place."""
    options = _options(case.workload, case.start_s)
    bound = _bounds[case.workload, case.start_s]
    outcome = simulate(_traces[case.workload], parse_policy(case.policy), options, oracle=bound)
    slim = msgspec.structs.replace(outcome.curves, demand=[], copies=[], ready=[], waits=[])
    return Result(case=case, outcome=msgspec.structs.replace(outcome, curves=slim, by_model=[]))


def cases_of(workload: str, start_s: int, *, brief: bool) -> list[Case]:
    """Give the runs of a workload at a start-up time."""
    if start_s not in WORKLOADS[workload].starts_s:
        return []
    return [
        Case(workload=workload, start_s=start_s, family=family, policy=policy)
        for family, policies in families(WORKLOADS[workload].slots).items()
        for policy in (policies[:1] if brief and start_s != MAIN_START_S and family not in SWEPT_ALWAYS else policies)
    ]


def run_all(arguments: argparse.Namespace, done: Sequence[Result]) -> list[Result]:
    """Run every policy on every trace that is there, but for what was done already."""
    names, starts_s = arguments.trace or list(WORKLOADS), arguments.start or STARTS_S
    known, families = {result.case for result in done}, arguments.family
    cases: list[Case] = []
    for name in names:
        trace = WORKLOADS[name].load()
        if trace is None:
            continue
        _traces[name] = trace
        print(f"{name}: {trace.name}, {trace.requests:,} requests of {len(trace.streams)} models", flush=True)
        for start_s in starts_s:
            wanted = [c for c in cases_of(name, start_s, brief=arguments.brief) if not families or c.family in families]
            missing = [case for case in wanted if case not in known]
            if missing:
                _bounds[name, start_s] = oracle_of(trace, _options(name, start_s))
            cases.extend(missing)
    begun = time.monotonic()
    results: list[Result] = []
    with ProcessPoolExecutor(arguments.workers, mp_context=multiprocessing.get_context("fork")) as pool:
        for result in pool.map(run_case, cases):
            results.append(result)
            if arguments.keep:
                with arguments.keep.open("ab") as kept:
                    kept.write(msgspec.json.encode(result) + b"\n")
            case = result.case
            count = f"[{len(results)}/{len(cases)}, {time.monotonic() - begun:.0f} s]"
            came_to = f"{result.point.cost:.2f} copy-h, {result.point.wait_s:.2f} s"
            print(f"{count} {case.workload} D={case.start_s} {case.policy}: {came_to}", flush=True)
    return results


def tell_ratios(results: Sequence[Result]) -> None:
    """Print what `split` costs at equal mean wait, against SageMaker's target tracking and a keep-alive of five minutes."""
    for start_s in STARTS_S:
        goal = start_s == MAIN_START_S
        for baseline, wanted in (("sagemaker", 0.75), ("keep-alive(idle=300s)", 0.95)):
            for name in WORKLOADS:
                for split, found in pairs_of(results, baseline, workload=name, start_s=start_s):
                    ratio = ratio_at_equal_wait(split, found)
                    told = "never waits as little" if ratio is None else f"{ratio:.2f}{_verdict(ratio, wanted) if goal else ''}"
                    print(f"D = {start_s} s, {name}: split at the mean wait of {baseline}, {found.wait_s:.2f} s: {told}")
            together = ratio_together(pairs_of(results, baseline, start_s=start_s))
            if together is not None:
                print(f"D = {start_s} s, all traces together, each at the wait of {baseline}: {together:.2f}")


def _verdict(ratio: float, wanted: float) -> str:
    return f" (wanted: {wanted:g} or less: {'met' if ratio <= wanted else 'MISSED'})"


def main() -> int:
    """Run, tell, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=int, action="append", choices=STARTS_S)
    parser.add_argument("--trace", action="append", choices=list(WORKLOADS), help="one of the shared traces")
    parser.add_argument(
        "--file", type=Path, action="append", default=[], help="a trace of your own, as `stoker simulate` reads them"
    )
    parser.add_argument("--family", action="append", choices=list(families(1)), help="only policies of these families")
    parser.add_argument("--slots", type=int, default=1, help="what a copy serves at once, for --file")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--brief", action="store_true")
    arguments = parser.parse_args()
    if arguments.file:
        WORKLOADS.clear()
        for path in arguments.file:
            WORKLOADS[path.name.partition(".")[0]] = Workload(load=partial(own, path), slots=arguments.slots)
    done: list[Result] = []
    if arguments.keep and arguments.keep.exists():
        done = [msgspec.json.decode(line, type=Result) for line in arguments.keep.read_bytes().splitlines()]
    results = [*done, *run_all(arguments, done)]
    if not results:
        print("There is no trace to judge policies on: see bench/_shared_traces.py for what is looked for, and where.")
        return 1
    tell_ratios(results)
    if arguments.page or not (arguments.file or arguments.trace or arguments.family):
        stepped = steps()
        tell_steps(stepped)
        if arguments.page:
            write_page(results, stepped)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`stoker simulate`: what policies would have done with a trace, and what it would have cost."""

import math
import random
import signal
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from stoker.cli.commands import INTERRUPTED
from stoker.errors import InvalidParameterError
from stoker.units import HOUR

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from stoker.sim.arrangement import Policy
    from stoker.sim.laws import Start
    from stoker.sim.outcome import Outcome
    from stoker.sim.traces.values import Trace
    from stoker.sim.world import WorldOptions

_WIDE = 1000
DEFAULT_POLICIES = ("split", "target-tracking")
COLD_START = "60"
_HELP = """Run a trace through scaling policies on a virtual clock, with the engine of the real server.

\b
A policy is target-tracking(target=5) or sagemaker(target=5), with out, in (cooldowns), high, low (datapoints), lag,
or one of the server's own, as in the tag stoker:policy. Spans of time and laws are in seconds:
60, fixed:60, normal:mean=60,sd=5, empirical:p5=2.3,p50=22.7,p90=42, file:PATH.
"""


@click.command("simulate", help=_HELP)
@click.option("--trace", "trace", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The trace.")
@click.option("--policy", "policies", multiple=True, metavar="POLICY", help="A policy; give several to compare them.")
@click.option("--cold-start", metavar="LAW", help="From a copy's start to its readiness (default: 60).")
@click.option("--fetch", metavar="LAW", help="Fetching the model, before that (default: 0).")
@click.option("--provision", metavar="LAW", help="From asking for an instance to having it (default: 0).")
@click.option(
    "--starts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A recorded engine log: these three as they were there, for each model its own.",
)
@click.option("--decide", default="0", metavar="LAW", help="Delay of every start command (default: 0).")
@click.option("--service", default="", metavar="LAW", help="Service times: a law, or tokens:base=0.3,in=4000,out=0.02.")
@click.option("--concurrency", default=1, type=click.IntRange(1, 10_000), help="Invocations a copy serves at once (default: 1).")
@click.option("--max-copies", default=100, type=click.IntRange(1, 10_000), help="Most copies of each model (default: 100).")
@click.option("--copies-per-instance", default=1, type=click.IntRange(1, 1000), help="Copies that fill an instance (default: 1).")
@click.option("--memory", default=0, type=click.IntRange(0, 1 << 30), help="MB of all copies, of 1024 each; 0: no bound.")
@click.option("--eviction", type=click.Choice(["cost", "lru", "none"]), default="cost", help="Who makes way (default: cost).")
@click.option("--price", default=1.0, type=click.FloatRange(0), help="Price of an instance-hour (default: 1).")
@click.option("--at-zero", type=click.Choice(["hold", "refuse", "retry"]), help="What invocations do that meet no copy.")
@click.option("--routing", type=click.Choice(["least", "random", "packed"]), default="least", help="Which copy (default: least).")
@click.option("--model", "models", multiple=True, metavar="GLOB", help="Only models of these names.")
@click.option("--seed", default=0, type=int, help="Seed of all chance (default: 0).")
@click.option("--oracle/--no-oracle", default=True, help="Whether to compare with a clairvoyant (default: yes).")
@click.option(
    "--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures there; - is stdout."
)
@click.option("--pictures", type=click.Path(file_okay=False, path_type=Path), help="Draw pictures there (needs matplotlib).")
def command(json_path: Path | None, pictures: Path | None, **options: object) -> int:
    """Run a trace through policies, and show what came of it."""
    from stoker.sim.pictures import can_draw, draw  # noqa: PLC0415 - slow to import
    from stoker.sim.policies import parse_policy  # noqa: PLC0415

    given = msgspec.convert(options, Given)
    policies = [parse_policy(text) for text in given.policies or DEFAULT_POLICIES]
    if pictures is not None and not can_draw():
        raise InvalidParameterError(
            "--pictures needs matplotlib, which is not installed here: pip install 'stoker[plot]'.", field="--pictures"
        )
    _check(given, policies)
    settings = _settings(given)
    trace, assumed = _read(given)
    outcomes = _run(trace, policies, settings, given)
    to_stdout = str(json_path) == "-"
    if not to_stdout:
        _show(trace, outcomes, given, assumed)  # first: it is not lost when a file cannot be written
    if json_path is not None:
        body = msgspec.json.format(msgspec.json.encode(outcomes), indent=1) + b"\n"
        if to_stdout:
            sys.stdout.write(body.decode())
        else:
            json_path.write_bytes(body)
    if pictures is not None and outcomes:
        for path in draw(outcomes, pictures):
            print(path, file=sys.stderr if to_stdout else sys.stdout)
    return 0 if all(outcome.complete for outcome in outcomes) and len(outcomes) == len(policies) else INTERRUPTED


def _check(given: "Given", policies: "list[Policy]") -> None:
    """See that what was given makes sense together."""
    from stoker.decisions.slots import MAX_WORKERS  # noqa: PLC0415
    from stoker.sim.houses import COPY_MB  # noqa: PLC0415
    from stoker.sim.lane import AtNothing  # noqa: PLC0415

    if not math.isfinite(given.price):
        raise InvalidParameterError(f"--price is {given.price}, not a number from 0 on.", field="--price")
    if 0 < given.memory < COPY_MB:
        raise InvalidParameterError(f"--memory {given.memory} holds no copy: each takes {COPY_MB} MB.", field="--memory")
    if given.concurrency > MAX_WORKERS:
        raise InvalidParameterError(
            f"--concurrency is {given.concurrency}, but a copy serves at most {MAX_WORKERS} at once.", field="--concurrency"
        )
    for policy in policies:
        if given.at_zero == AtNothing.RETRY and policy.at_nothing is not AtNothing.RETRY:
            raise InvalidParameterError(
                f"--at-zero retry is for sagemaker, whose alarm sees failures; {policy.text} goes by who waits: hold or refuse.",
                field="--at-zero",
            )


def _settings(given: "Given") -> "WorldOptions":
    from stoker.decisions.eviction import EvictionOptions, Valuation  # noqa: PLC0415
    from stoker.sim.lane import AtNothing  # noqa: PLC0415
    from stoker.sim.world import WorldOptions  # noqa: PLC0415

    start, starts = _starts(given)
    return WorldOptions(
        slots=given.concurrency,
        most_copies=given.max_copies,
        copies_per_instance=given.copies_per_instance,
        start=start,
        starts=starts,
        at_nothing=None if given.at_zero is None else AtNothing(given.at_zero),
        routing=given.routing,
        seed=given.seed,
        memory_mb=given.memory,
        eviction=EvictionOptions(valuation=Valuation(given.eviction)),
    )


def _starts(given: "Given") -> "tuple[Start, dict[str, Start]]":
    """Give the phases of a start, and those of models that have their own."""
    from stoker.sim.laws import NONE, Samples, Start, parse_law  # noqa: PLC0415

    decide = parse_law(given.decide, "--decide")
    if given.starts is None:
        start = Start(
            decide=decide,
            provision=parse_law(given.provision or "0", "--provision"),
            fetch=parse_law(given.fetch or "0", "--fetch"),
            load=parse_law(given.cold_start or COLD_START, "--cold-start"),
        )
        return start, {}
    for option, law in (("--cold-start", given.cold_start), ("--fetch", given.fetch), ("--provision", given.provision)):
        if law is not None:
            raise InvalidParameterError(f"--starts tells what {option} is: give one of them.", field=option)
    from stoker.control.logged_starts import logged_starts  # noqa: PLC0415

    spent = logged_starts(given.starts)
    if not spent.load:
        raise InvalidParameterError(f"--starts: {given.starts} shows no copy that became ready.", field="--starts")
    provision = Samples(values_s=tuple(spent.provision)) if spent.provision else NONE

    def phases(fetch: Iterable[float], load: Iterable[float]) -> Start:
        fetched, loaded = Samples(values_s=tuple(fetch)), Samples(values_s=tuple(load))
        return Start(decide=decide, provision=provision, fetch=fetched, load=loaded)

    known: dict[str, Start] = {model: phases(spent.fetch[model], load) for model, load in spent.load.items()}
    return phases(chain.from_iterable(spent.fetch.values()), chain.from_iterable(spent.load.values())), known


def _read(given: "Given") -> "tuple[Trace, int]":
    """Give the trace, and of how many invocations the service time had to be assumed."""
    from stoker.sim.traces.reading import read_trace  # noqa: PLC0415
    from stoker.sim.traces.service import ServiceModel  # noqa: PLC0415

    chance = random.Random(given.seed)  # noqa: S311 - seeded, guards nothing
    service = ServiceModel(given.service, chance)

    def wanted(model: str) -> bool:
        return not given.models or any(fnmatchcase(model, glob) for glob in given.models)

    return read_trace(given.trace, service, chance, wanted=wanted), service.assumed


def _run(trace: "Trace", policies: "list[Policy]", settings: "WorldOptions", given: "Given") -> "list[Outcome]":
    """Run the policies one after the other; Ctrl-C ends that, and what was done by then is given."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from stoker.sim.simulation import Prices, oracle_of, simulate  # noqa: PLC0415

    interrupted: list[int] = []

    def interrupt(number: int, _: object) -> None:
        if interrupted:
            raise KeyboardInterrupt
        interrupted.append(number)

    outcomes: list[Outcome] = []
    before = signal.signal(signal.SIGINT, interrupt)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            bound = oracle_of(trace, settings) if given.oracle else None
            for policy in policies:
                if interrupted:
                    break
                task = bar.add_task(policy.text, total=trace.requests)
                outcomes.append(
                    simulate(
                        trace,
                        policy,
                        settings,
                        prices=Prices(instance_hour=given.price),
                        oracle=bound,
                        progress=partial(_tell, bar, task),
                        stopped=lambda: bool(interrupted),
                    )
                )
    finally:
        signal.signal(signal.SIGINT, before)
    return outcomes


def _tell(bar: "Progress", task: "TaskID", arrived: int) -> None:
    bar.update(task, completed=arrived)


def _show(trace: "Trace", outcomes: "list[Outcome]", given: "Given", assumed: int) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    models = f"{len(trace.streams)} model{'' if len(trace.streams) == 1 else 's'}"
    facts = f"{trace.name}: {trace.requests:,} invocations of {models} in {trace.span / HOUR:.2f} h"
    cold = f"starts as in {given.starts.name}" if given.starts else f"cold start {given.cold_start or COLD_START} s"
    console.print(f"{facts}; {given.concurrency} at once on a copy; {cold}", markup=False)
    if assumed:
        console.print(f"The trace tells no service time of {assumed:,} of them: 1 s was assumed (--service).", markup=False)
    table = Table(box=None, pad_edge=False)
    for title in _TITLES:
        table.add_column(title, justify="left" if title == "POLICY" else "right", overflow="fold")
    for outcome in outcomes:
        table.add_row(*_row(outcome))
    console.print(table)
    for outcome in outcomes:
        if not outcome.complete:
            console.print(f"{outcome.policy}: stopped after {outcome.requests:,} invocations.", markup=False)
        if outcome.unserved:
            then = "were never served" if outcome.complete else "waited then"
            console.print(f"{outcome.policy}: {outcome.unserved:,} invocations {then}.", markup=False)


_TITLES = (
    "POLICY",
    "COPY-H",
    "xORACLE",
    "INST-H",
    "COST",
    "COLD",
    "WAIT",
    "P50",
    "P95",
    "P99",
    "MOST",
    ">1 S",
    ">10 S",
    ">30 S",
    "AT ZERO",
    "REFUSED",
    "STARTS",
    "FLAPS",
)


def _row(outcome: "Outcome") -> tuple[str, ...]:
    wait, served, ratio = outcome.wait, max(1, outcome.served), outcome.to_oracle
    return (
        outcome.policy,
        f"{outcome.copy_s / 3600:.2f}",
        "" if ratio is None else f"{ratio:.2f}",
        f"{outcome.instance_s / 3600:.2f}",
        f"{outcome.money:.2f}",
        f"{100 * outcome.cold_share:.1f} %",
        *(f"{value:.2f}" for value in (wait.mean_s, wait.p50_s, wait.p95_s, wait.p99_s, wait.most_s)),
        *(f"{100 * missed / served:.1f} %" for missed in outcome.slo_missed.values()),
        str(outcome.met_nothing),
        str(outcome.refused),
        str(outcome.starts),
        str(outcome.flaps),
    )


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The options as they were given."""

    trace: Path
    policies: tuple[str, ...]
    cold_start: str | None
    fetch: str | None
    provision: str | None
    starts: Path | None
    decide: str
    service: str
    concurrency: int
    max_copies: int
    copies_per_instance: int
    memory: int
    eviction: str
    price: float
    at_zero: str | None
    routing: str
    models: tuple[str, ...]
    seed: int
    oracle: bool

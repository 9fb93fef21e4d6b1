"""What Stoker's gateway costs beside other proxies, each on one core, before the same server and under the same load.

Rounds are interleaved, so that what disturbs the machine disturbs all alike; ratios are taken within a round. CPU time a
request says more than requests a second where others use the machine too.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import FrameType

import msgspec
from _bench_processes import NotReadyError, free_port
from _bench_quota import at_most, quotas_work
from _end_to_end import start_platform, start_ray
from _extras import EXTRAS, InstallError, install, version_of
from _gateway_page import write_page
from _gateway_report import Findings, Pair, machine, tell
from _loads import CONNECTIONS, LoadFailedError, measure, warm_up, wrk_missing
from _memory import allow_files, measure_memory
from _proxies import PROXIES, Proxy, Stand, Target, one_gateway, start_link, start_streams, start_upstream
from _streams import measure_streams

PARTS = ("full", "light", "streams", "memory", "two", "end")
LIGHT_CONNECTIONS = 16
LIGHT_PAUSE_MS = (4, 12)
"""Milliseconds a connection rests between two requests at the light load: about 2,000 requests a second in all."""
STREAMS, INTERVAL_MS = 256, 20.0
IDLE, HELD = 10_000, 1_000
REST_S = 1.0
REALTIME = (
    "Under load and with streams everything ran with the precedence of real-time processes, so that whatever else the machine "
    "had to do disturbed it little."
)
SHARE = 0.3
QUOTA = (
    f"Two gateways: this machine has two cores, so the load shares one with the second gateway. Each gateway was therefore given "
    f"{SHARE:.0%} of its core by a CPU quota, which leaves the load the rest."
)
SHARED_CORE = (
    "Two gateways: this machine has two cores and gives no CPU quotas, so the load and the second gateway share one, and "
    "requests/s do not double. That CPU time a request stays the same is what says that two gateways do twice the work of one."
)


class Bench:
    """One run: what it measures, with what, and what it found."""

    def __init__(self, stand: Stand, proxies: Sequence[Proxy], options: argparse.Namespace, found: Findings) -> None:
        self.stand = stand
        self.proxies = proxies
        self.options = options
        self.found = found
        self.doing = "starting"

    def run(self) -> None:
        """Measure. Raises `LoadFailedError`, `NotReadyError` and `OSError`; `doing` tells at what."""
        whole = [part for part in ("full", "light") if part in self.options.parts]
        if whole:
            self.whole_replies(whole)
        for part, measured in (("streams", self.streams), ("memory", self.memory), ("two", self.two), ("end", self.end)):
            if part in self.options.parts:
                measured()

    def say(self, text: str) -> None:
        """Tell a person who looks on what is being done."""
        self.doing = text
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="\r", file=sys.stderr, flush=True)

    @property
    def lasting(self) -> list[Proxy]:
        """The proxies that more is measured of than whole replies."""
        return [proxy for proxy in self.proxies if not proxy.brief]

    @property
    def has_stoker(self) -> bool:
        """Whether Stoker's gateway is among them."""
        return any(proxy.name == "stoker" for proxy in self.proxies)

    @contextlib.contextmanager
    def precedence(self) -> Iterator[None]:
        """Let what is started meanwhile go before everything else on the machine, if that was asked for. Raises `OSError`."""
        if not self.options.realtime:
            yield
            return
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        try:
            yield
        finally:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))

    def let_others(self) -> None:
        """Leave the machine to others for a moment, after having kept it from them."""
        if self.options.realtime:
            time.sleep(REST_S)

    @contextlib.contextmanager
    def all_of(self, proxies: Sequence[Proxy], upstream: Target) -> Iterator[list[Target]]:
        """Run these proxies, and the direct way beside them."""
        with contextlib.ExitStack() as stack:
            targets = [upstream]
            for proxy in proxies:
                self.say(f"starting {proxy.name}")
                targets.append(stack.enter_context(proxy.start(self.stand, upstream.port)))
            yield targets

    def whole_replies(self, parts: Sequence[str]) -> None:
        """Load each proxy fully, then lightly, in turn."""
        found, seconds = self.found, self.options.seconds
        with self.precedence(), start_upstream(self.stand) as upstream, self.all_of(self.proxies, upstream) as targets:
            for target in targets:
                self.say(f"warming up {target.name}")
                warm_up(self.stand, target)
                self.let_others()
            for number in range(self.options.rounds):
                for target in targets:
                    self.let_others()
                    self.say(f"round {number + 1}: {target.name}")
                    if "full" in parts:
                        figures = measure(self.stand, target, upstream, seconds=seconds, connections=CONNECTIONS)
                        found.full.setdefault(target.name, []).append(figures)
                    if "light" in parts:
                        figures = measure(
                            self.stand, target, upstream, seconds=2, connections=LIGHT_CONNECTIONS, pause_ms=LIGHT_PAUSE_MS
                        )
                        found.light.setdefault(target.name, []).append(figures)

    def streams(self) -> None:
        """Have each proxy carry many streams at once."""
        events = round(self.options.seconds * 1000 / INTERVAL_MS)
        with (
            self.precedence(),
            start_streams(self.stand, events, INTERVAL_MS) as upstream,
            self.all_of(self.lasting, upstream) as targets,
        ):
            for number in range(self.options.rounds):
                for target in targets:
                    self.let_others()
                    self.say(f"streams, round {number + 1}: {target.name}")
                    figures = measure_streams(self.stand, target, streams=STREAMS, events=events, interval_ms=INTERVAL_MS)
                    self.found.streams.setdefault(target.name, []).append(figures)

    def memory(self) -> None:
        """Let connections idle and invocations wait, with proxies that were just started."""
        with start_upstream(self.stand) as upstream:
            for proxy in self.lasting:
                self.say(f"memory: {proxy.name}")
                with proxy.start(self.stand, upstream.port) as target:
                    self.found.memory[proxy.name] = measure_memory(self.stand, target, idle=IDLE, held=HELD)

    def two(self) -> None:
        """Measure one gateway, then two on one port; on a machine of two cores the second shares its core with the load."""
        if not self.has_stoker:
            return
        cores = os.cpu_count() or 2
        stand = Stand(folder=self.stand.folder, proxy_core=0, load_core=cores - 1)
        share = SHARE if cores == 2 and quotas_work() else None
        if cores == 2:
            self.found.notes["two"] = QUOTA if share else SHARED_CORE
        with start_upstream(stand) as upstream, start_link(stand, upstream.port) as folder:
            for number in range(self.options.rounds):
                self.say(f"two gateways, round {number + 1}")
                self.found.pairs.append(self._pair(stand, upstream, folder, share))

    def _pair(self, stand: Stand, upstream: Target, folder: Path, share: float | None) -> Pair:
        port, seconds = free_port(), self.options.seconds

        @contextlib.contextmanager
        def gateway(name: str, core: int) -> Iterator[Target]:
            with one_gateway(folder, name, port, core) as target:
                warm_up(stand, target)
                with at_most(target.process, share) if share else contextlib.nullcontext():
                    yield target

        with gateway("g1", 0) as first:
            one = measure(stand, first, upstream, seconds=seconds, connections=CONNECTIONS)
            with gateway("g2", 1) as second:
                both = measure(stand, first, upstream, seconds=seconds, connections=2 * CONNECTIONS, also=(second,))
        return Pair(one=one, two=both)

    def end(self) -> None:
        """Serve a model whole, with Stoker and, when asked, with Ray Serve."""
        if not self.has_stoker:
            return
        with contextlib.ExitStack() as stack:
            self.say("end to end: starting stoker")
            targets = [stack.enter_context(start_platform(self.stand))]
            if "ray" in self.options.extras:
                self.say("end to end: starting Ray Serve")
                targets.append(stack.enter_context(start_ray(self.stand)))
                self.found.versions["ray serve"] = version_of("ray")
            for target in targets:
                warm_up(self.stand, target)
            for number in range(self.options.rounds):
                for target in targets:
                    self.say(f"end to end, round {number + 1}: {target.name}")
                    figures = measure(self.stand, target, None, seconds=self.options.seconds, connections=CONNECTIONS)
                    self.found.end_to_end.setdefault(target.name, []).append(figures)


def main() -> int:
    """Measure what was asked for, and tell it."""
    options = _options()
    signal.signal(signal.SIGTERM, _stop)
    missing = _missing(options)
    if missing:
        print(missing, file=sys.stderr)
        return 1
    try:
        for extra in options.extras:
            install(extra)
    except InstallError as failed:
        print(failed, file=sys.stderr)
        return 1
    found = _begun(options)
    proxies = _there(options, found)
    allow_files()
    os.sched_setaffinity(0, {1})
    with tempfile.TemporaryDirectory(prefix="bench-gateway-") as folder:
        bench = Bench(Stand(folder=Path(folder), proxy_core=0, load_core=1), proxies, options, found)
        status = _run(bench)
    print(found.machine)
    for name, version in found.versions.items():
        print(f"  {name}: {version}")
    tell(found)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    if options.page and not status:
        write_page(found)
    return status


def _run(bench: Bench) -> int:
    try:
        bench.run()
    except (LoadFailedError, NotReadyError, OSError) as failed:
        print(f"Stopped while {bench.doing}: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Stopped while {bench.doing}.", file=sys.stderr)
        return 130
    return 0


def _begun(options: argparse.Namespace) -> Findings:
    """Give the findings of an earlier run to go on with, less what is measured again; or empty ones."""
    found = Findings()
    if options.resume and options.resume.exists():
        found = msgspec.json.decode(options.resume.read_bytes(), type=Findings)
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    first = found.taken.partition(" to ")[0]
    fresh = Findings(machine=machine(), taken=f"{first} to {now}" if first else now)
    fields = {"two": ("pairs",), "end": ("end_to_end",)}
    again = {field for part in options.parts for field in fields.get(part, (part,))} | {"machine", "taken"}
    notes = {**found.notes, "realtime": REALTIME} if options.realtime else found.notes
    return msgspec.structs.replace(found, notes=notes, **{field: getattr(fresh, field) for field in again})


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _missing(options: argparse.Namespace) -> str:
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return "This benchmark gives a core to what is measured and another to the rest: it needs Linux and two cores."
    if options.realtime and os.geteuid() != 0:
        return "--realtime needs root."
    hint = wrk_missing()
    return f"wrk, which makes the load, is not there: {hint}" if hint else ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each figure (default 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds of one load (default 3)")
    parser.add_argument("--only", default="", help="the proxies to measure, with commas: " + ", ".join(PROXIES))
    parser.add_argument("--parts", default=",".join(PARTS), help="what to measure, with commas: " + ", ".join(PARTS))
    parser.add_argument("--with", dest="extras", default="", help="also, and installed if need be: " + ", ".join(EXTRAS))
    parser.add_argument(
        "--realtime", action="store_true", help="loads and streams take precedence over all else on a busy machine (root)"
    )
    parser.add_argument("--page", action="store_true", help="write docs/explanation/gateway.md")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    parser.add_argument(
        "--resume", type=Path, help="go on with the findings of an earlier --json; parts measured now replace theirs"
    )
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds must be at least 1")
    options.only = _words(parser, "--only", options.only, PROXIES)
    options.parts = _words(parser, "--parts", options.parts, PARTS)
    options.extras = _words(parser, "--with", options.extras, EXTRAS)
    return options


def _words(parser: argparse.ArgumentParser, flag: str, text: str, known: Collection[str]) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in words if word not in known]
    if wrong:
        parser.error(f"{flag}: {wrong[0]!r} is none of {', '.join(known)}")
    return words


def _there(options: argparse.Namespace, found: Findings) -> list[Proxy]:
    """Give the proxies that can be measured, and tell how to get the others."""
    there = []
    for proxy in PROXIES.values():
        if (options.only and proxy.name not in options.only) or (proxy.extra and proxy.name not in options.extras):
            continue
        version = proxy.version()
        if version:
            found.versions[proxy.name] = version
            there.append(proxy)
        else:
            print(f"{proxy.name} is not there and left out; to have it: {proxy.hint}", file=sys.stderr)
    return there


if __name__ == "__main__":
    sys.exit(main())

"""What Stoker's gateway costs beside other proxies, each on one core, before the same server and under the same load.

Usage: `./run bench gateway`. Rounds are interleaved, so that what disturbs the machine disturbs all alike; ratios are taken
within a round. CPU time a request says more than requests a second where others use the machine too.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from _bench_processes import NotReadyError, free_port
from _end_to_end import start_platform, start_ray
from _extras import EXTRAS, InstallError, install, version_of
from _gateway_page import write_page
from _gateway_report import Findings, Pair, machine, tell
from _loads import CONNECTIONS, LoadFailedError, measure, warm_up, wrk, wrk_missing
from _memory import allow_files, measure_memory
from _proxies import PROXIES, Proxy, Stand, Target, one_gateway, start_link, start_streams, start_upstream
from _streams import measure_streams

PARTS = ("full", "light", "streams", "memory", "two", "end")
LIGHT_CONNECTIONS = 16
LIGHT_PAUSE_MS = (4, 12)
"""Milliseconds a connection rests between two requests at the light load: about 2,000 requests a second in all."""
STREAMS, INTERVAL_MS = 256, 20.0
IDLE, HELD = 10_000, 1_000


def main() -> int:
    """Measure what was asked for, and tell it."""
    options = _options()
    if not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2:
        print("This benchmark gives a core to what is measured and another to the rest: it needs Linux and two cores.")
        return 1
    hint = wrk_missing()
    if hint:
        print(f"The load generator wrk is not there: {hint}")
        return 1
    try:
        for extra in options.extras:
            install(extra)
    except InstallError as failed:
        print(failed, file=sys.stderr)
        return 1
    found = Findings(machine=machine(), taken=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))
    proxies = _there(options, found)
    allow_files()
    os.sched_setaffinity(0, {1})
    with tempfile.TemporaryDirectory(prefix="bench-gateway-") as folder:
        stand = Stand(folder=Path(folder), proxy_core=0, load_core=1)
        try:
            _measure_all(stand, proxies, options, found)
        except (LoadFailedError, NotReadyError, OSError) as failed:
            print(f"Stopped: {failed}", file=sys.stderr)
            tell(found)
            return 1
    print(found.machine)
    for name, version in found.versions.items():
        print(f"  {name}: {version}")
    tell(found)
    if options.page:
        write_page(found)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each figure (default 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds of one load (default 3)")
    parser.add_argument("--only", default="", help="the proxies to measure, with commas: " + ", ".join(PROXIES))
    parser.add_argument("--parts", default=",".join(PARTS), help="what to measure, with commas: " + ", ".join(PARTS))
    parser.add_argument(
        "--with", dest="extras", default="", help="also, installed at first into .run/bench: " + ", ".join(EXTRAS)
    )
    parser.add_argument("--page", action="store_true", help="write docs/explanation/gateway.md")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    options = parser.parse_args()
    options.only = _words(parser, "--only", options.only, PROXIES)
    options.extras = _words(parser, "--with", options.extras, EXTRAS)
    options.parts = _words(parser, "--parts", options.parts, PARTS)
    return options


def _words(parser: argparse.ArgumentParser, flag: str, text: str, known: Sequence[str] | dict[str, Proxy]) -> list[str]:
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
            print(f"{proxy.name} is not there and left out; to have it: {proxy.hint}")
    return there


def _measure_all(stand: Stand, proxies: Sequence[Proxy], options: argparse.Namespace, found: Findings) -> None:
    parts = options.parts
    lasting = [proxy for proxy in proxies if not proxy.extra]
    if "full" in parts or "light" in parts:
        _whole_replies(stand, proxies, options, found)
    if "streams" in parts:
        _streams(stand, lasting, options, found)
    if "memory" in parts:
        with start_upstream(stand) as upstream:
            for proxy in lasting:
                _say(f"memory: {proxy.name}")
                with proxy.start(stand, upstream.port) as target:
                    found.memory[proxy.name] = measure_memory(stand, target, idle=IDLE, held=HELD)
    if "two" in parts and any(proxy.name == "stoker" for proxy in proxies):
        _pairs(stand, options, found)
    if "end" in parts and any(proxy.name == "stoker" for proxy in proxies):
        _end_to_end(stand, options, found)


@contextlib.contextmanager
def _all(stand: Stand, proxies: Sequence[Proxy], upstream: Target) -> Iterator[list[Target]]:
    with contextlib.ExitStack() as stack:
        yield [upstream, *(stack.enter_context(proxy.start(stand, upstream.port)) for proxy in proxies)]


def _whole_replies(stand: Stand, proxies: Sequence[Proxy], options: argparse.Namespace, found: Findings) -> None:
    with start_upstream(stand) as upstream, _all(stand, proxies, upstream) as targets:
        for target in targets:
            warm_up(stand, target)
        for number in range(options.rounds):
            for target in targets:
                _say(f"round {number + 1}: {target.name}")
                if "full" in options.parts:
                    figures = measure(stand, target, upstream, seconds=options.seconds, connections=CONNECTIONS)
                    found.full.setdefault(target.name, []).append(figures)
                if "light" in options.parts:
                    figures = measure(stand, target, upstream, seconds=2, connections=LIGHT_CONNECTIONS, pause_ms=LIGHT_PAUSE_MS)
                    found.light.setdefault(target.name, []).append(figures)


def _streams(stand: Stand, proxies: Sequence[Proxy], options: argparse.Namespace, found: Findings) -> None:
    events = round(options.seconds * 1000 / INTERVAL_MS)
    with start_streams(stand, events, INTERVAL_MS) as upstream, _all(stand, proxies, upstream) as targets:
        for number in range(options.rounds):
            for target in targets:
                _say(f"streams, round {number + 1}: {target.name}")
                figures = measure_streams(stand, target, streams=STREAMS, events=events, interval_ms=INTERVAL_MS)
                found.streams.setdefault(target.name, []).append(figures)


def _pairs(stand: Stand, options: argparse.Namespace, found: Findings) -> None:
    """Measure one gateway, then two on one port; on a machine of two cores the second shares its core with the load."""
    cores = os.cpu_count() or 2
    spread = Stand(folder=stand.folder, proxy_core=0, load_core=cores - 1)
    if cores < 3:
        found.notes.append(
            "Two gateways: this machine has two cores, so load, upstream and the second gateway share one. "
            "Requests/s say little then; that CPU time a request stays the same is what says that two do twice the work."
        )
    with start_upstream(spread) as upstream, start_link(spread, upstream.port) as folder:
        for number in range(options.rounds):
            _say(f"two gateways, round {number + 1}")
            port = free_port()
            with one_gateway(folder, "g1", port, 0, signed=False) as first:
                warm_up(spread, first)
                one = measure(spread, first, upstream, seconds=options.seconds, connections=CONNECTIONS)
                with one_gateway(folder, "g2", port, 1, signed=False) as second:
                    wrk(spread, first, seconds=1, connections=2 * CONNECTIONS)
                    two = measure(spread, first, upstream, seconds=options.seconds, connections=2 * CONNECTIONS, also=(second,))
            found.pairs.append(Pair(one=one, two=two))


def _end_to_end(stand: Stand, options: argparse.Namespace, found: Findings) -> None:
    with contextlib.ExitStack() as stack:
        _say("end to end: starting")
        targets = [stack.enter_context(start_platform(stand))]
        if "ray" in options.extras:
            targets.append(stack.enter_context(start_ray(stand)))
            found.versions["ray serve"] = version_of("ray")
        for target in targets:
            warm_up(stand, target)
        for number in range(options.rounds):
            for target in targets:
                _say(f"end to end, round {number + 1}: {target.name}")
                figures = measure(stand, target, None, seconds=options.seconds, connections=CONNECTIONS)
                found.end_to_end.setdefault(target.name, []).append(figures)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="\r", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

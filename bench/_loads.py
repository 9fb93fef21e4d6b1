"""The load on whole replies: requests written down beforehand, sent by wrk, and what wrk and the kernel tell of it."""

import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from _bench_processes import cpu_s, on_core
from _proxies import Stand, Target
from _requests import requests_for

CONNECTIONS = 32
FIRST_S = 30.0
SCRIPT = """
local requests = {{
{requests}
}}
local at = 0
function request() at = at % #requests + 1; return requests[at] end
{delay}
function done(summary, latency, _)
  local e = summary.errors
  print(string.format('RESULT {{"requests": %d, "duration_us": %d, "errors": %d, "p50_us": %.1f, "p99_us": %.1f}}',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""
PAUSE = "function delay() return math.random({least}, {most}) end"


class LoadFailedError(Exception):
    """wrk did not run, or some replies were not good."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What wrk tells at its end."""

    requests: int
    duration_us: int
    errors: int
    p50_us: float
    p99_us: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One round of one proxy: requests a second, latencies in µs, CPU µs of the proxy a request, share of its core it used.

    `load_share` is the share of the other core that load and upstream used; near 1 they, and not the proxy, set the pace.
    """

    rate: float
    p50_us: float
    p99_us: float
    cpu_us: float
    core_share: float
    load_share: float


def _quoted(request: bytes) -> str:
    return '"' + "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in request) + '",'


def write_script(file: Path, requests: list[bytes], pause_ms: tuple[int, int] | None) -> None:
    """Write wrk's script: send these requests in turn, each connection resting between two if told so."""
    delay = "" if pause_ms is None else PAUSE.format(least=pause_ms[0], most=pause_ms[1])
    file.write_text(SCRIPT.format(requests="\n".join(map(_quoted, requests)), delay=delay))


def wrk(
    stand: Stand, target: Target, *, seconds: float, connections: int, pause_ms: tuple[int, int] | None = None, least: int = 1
) -> Told:
    """Send requests for so long. Raises `LoadFailedError` when replies are bad or fewer than `least`."""
    script = stand.folder / "load.lua"
    write_script(script, requests_for(target), pause_ms)
    command = ["wrk", "-t1", "--timeout=30s", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"-s{script}"]
    with on_core(stand.load_core):
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{target.port}/"], capture_output=True, text=True, check=False, timeout=seconds + 30
        )
    found = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not found:
        raise LoadFailedError(f"wrk against {target.name}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    told = msgspec.json.decode(found[0].removeprefix("RESULT "), type=Told)
    if told.errors or told.requests < least:
        raise LoadFailedError(f"{target.name}: {told.errors} bad replies of {told.requests}")
    return told


def warm_up(stand: Stand, target: Target) -> None:
    """Have one request answered, however long that takes at first, then many. Raises `LoadFailedError` and `OSError`."""
    end = time.monotonic() + FIRST_S
    while (reply := _first_reply(target)) and not reply.startswith(b"HTTP/1.1 200"):
        if time.monotonic() > end:
            raise LoadFailedError(f"{target.name} answers {reply[:500]!r}")
        time.sleep(0.1)
    wrk(stand, target, seconds=1, connections=CONNECTIONS, least=0)


def _first_reply(target: Target) -> bytes:
    with socket.create_connection(("127.0.0.1", target.port), FIRST_S) as client:
        client.sendall(requests_for(target, count=1)[0])
        return client.recv(65536)


def measure(
    stand: Stand,
    target: Target,
    upstream: Target | None,
    *,
    seconds: float,
    connections: int,
    pause_ms: tuple[int, int] | None = None,
    also: Sequence[Target] = (),
) -> Figures:
    """Take one round of one proxy, or of several (`also`) on one port. Raises `LoadFailedError`."""
    measured = [target, *also]
    behind = [upstream] if upstream else []
    before, others, began = _spent(measured), _spent(behind) + _children_s(), time.perf_counter()
    told = wrk(stand, target, seconds=seconds, connections=connections, pause_ms=pause_ms)
    took = time.perf_counter() - began
    spent = _spent(measured) - before
    others = _spent(behind) + _children_s() - others
    return Figures(
        rate=told.requests / told.duration_us * 1e6,
        p50_us=told.p50_us,
        p99_us=told.p99_us,
        cpu_us=spent / told.requests * 1e6,
        core_share=spent / took,
        load_share=others / took,
    )


def _spent(targets: Sequence[Target]) -> float:
    return sum(cpu_s(target.process) for target in targets)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wrk_missing() -> str:
    """Tell how to get wrk, or nothing when it is there."""
    return "" if shutil.which("wrk") else "apt-get install wrk"

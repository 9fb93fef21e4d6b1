"""The load of those that wait: many idle connections, and many invocations held for a copy that does not come."""

import contextlib
import resource
import select
import socket
import time
from collections.abc import Iterator

import msgspec
from _bench_processes import on_core, private_bytes
from _proxies import Stand, Target
from _requests import BODY_BYTES, requests_for

SETTLE_S = 1.0
WAIT_S = 30.0


class MemoryFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of memory that only the proxy uses (USS): at rest, for each idle connection, for each held invocation.

    `held_bytes` is what a held invocation takes beyond its idle connection and its body, `held_whole_bytes` with the connection.
    """

    rest_bytes: int
    idle_bytes: float
    held_bytes: float | None = None
    held_whole_bytes: float | None = None


def allow_files() -> int:
    """Let this process open as many sockets as the machine allows; give how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextlib.contextmanager
def connections(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Hold so many connections open."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", port), WAIT_S)) for _ in range(count)]


def _ask(clients: list[socket.socket], requests: list[bytes]) -> None:
    """Send one request over each connection, and read its answer."""
    for number, client in enumerate(clients):
        client.sendall(requests[number % len(requests)])
        reply = client.recv(65536)
        if not reply.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(f"answered {reply[:200]!r}")


def measure_memory(stand: Stand, target: Target, *, idle: int, held: int) -> MemoryFigures:
    """Take the figures of a proxy that was just started. Raises `OSError`."""
    requests = requests_for(target)
    with on_core(stand.load_core):
        with connections(target.port, 64) as warm:
            for _ in range(20):
                _ask(warm, requests)
        rest = _settled(target)
        held_bytes = held_whole = None
        if target.speaks != "plain":
            held_bytes, held_whole = _held(target, rest, held)
            rest = _settled(target)
        with connections(target.port, idle) as clients:
            _ask(clients, requests)
            grown = _settled(target) - rest
    return MemoryFigures(rest_bytes=rest, idle_bytes=grown / idle, held_bytes=held_bytes, held_whole_bytes=held_whole)


def _held(target: Target, rest: int, held: int) -> tuple[float, float]:
    """Hold invocations of the component whose copy never comes: each over a connection that has carried one before."""
    served, cold = requests_for(target), requests_for(target, component="cold")
    with connections(target.port, held) as clients:
        _ask(clients, served)
        idle = _settled(target)
        for number, client in enumerate(clients):
            client.sendall(cold[number % len(cold)])
        full = _settled(target)
        refused, _, _ = select.select(clients[-100:], [], [], 0)
        if refused:
            raise ConnectionError(f"an invocation was answered instead of held: {refused[0].recv(300)!r}")
    return (full - idle) / held - BODY_BYTES, (full - rest) / held - BODY_BYTES


def _settled(target: Target) -> int:
    time.sleep(SETTLE_S)
    return private_bytes(target.process)

"""From settings to a running supervisor: everything that can be wrong is found here, before anything is started."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from stoker.config.key_file import KeyFiles
from stoker.config.loading import Loaded
from stoker.control.children import Program, internal_program
from stoker.control.handover import Handover, write_handover
from stoker.control.listening import close_all, open_listeners, reachable, url_of
from stoker.control.rundir import RunDir, ServerNote, StartError, write_file
from stoker.control.supervisor import Supervisor
from stoker.control.timekeeping import begin_clock, former_clock


class _Pipe(NamedTuple):
    """A pipe's two descriptors; reading ends when the last copy of the writing end is closed."""

    reading: int
    writing: int


def serve_platform(loaded: Loaded, *, environment: Mapping[str, str], announce: Callable[[str], None]) -> None:
    """Run the whole server until it is told to stop by SIGTERM, SIGINT or SIGHUP.

    SIGUSR1 restarts its processes one by one, at no invocation's cost. `announce` gets the server's URL once everything
    answers. Raises `StartError` or `ConfigError` when it cannot start.
    """
    run = RunDir(loaded.data_dir)
    run.create()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until the supervisor can act on it
    lock = run.take_lock()
    try:
        KeyFiles(loaded.data_dir).read()
        server = loaded.settings.server
        gateways = server.gateways or _cores()
        listeners = open_listeners(server.host, server.port, gateways)
        try:
            port = int(listeners[0].getsockname()[1])
            handover = _handover(loaded, run, port)
            _write(run, handover)
            with _pipe() as alive, _pipe() as drained:
                shared = [listeners[number % len(listeners)].fileno() for number in range(gateways)]
                supervisor = Supervisor(
                    run=run,
                    handover=handover,
                    programs=_programs(run.handover, lock=lock, alive=alive.reading, drained=drained, listeners=shared),
                    listeners=listeners,
                    environment=environment,
                    announce=lambda: announce(url_of(server.host, port)),
                )
                asyncio.run(supervisor.run())
        finally:
            close_all(listeners)
            run.forget_sockets()
    finally:
        os.close(lock)


def _programs(handover: Path, *, lock: int, alive: int, drained: _Pipe, listeners: Sequence[int]) -> list[Program]:
    """Give the control plane's program and the gateways', one for each of `listeners`.

    `alive` ends when the supervisor is gone. `drained` ends when the gateways, which hold its writing end, are gone too:
    that is when a control plane without a supervisor may stop the copies.
    """
    held = {"lock": lock, "parent": alive}
    control = internal_program("control", str(handover), {**held, "drained": drained.reading})
    gateways = [
        internal_program(f"gateway-{number}", str(handover), {**held, "hold": drained.writing, "listen": listener})
        for number, listener in enumerate(listeners, start=1)
    ]
    return [control, *gateways]


def _handover(loaded: Loaded, run: RunDir, port: int) -> Handover:
    speed = loaded.settings.server.clock_speed
    former = former_clock(run.clock)
    return Handover(
        settings=loaded.settings,
        data_dir=str(loaded.data_dir),
        sockets=str(run.sockets()),
        clock=begin_clock(run.clock, speed, wall=time.time_ns(), monotonic_ns=time.monotonic_ns()),
        url=url_of(reachable(loaded.settings.server.host), port),
        former=former,
    )


def _write(run: RunDir, handover: Handover) -> None:
    server = handover.settings.server
    note = ServerNote(pid=os.getpid(), url=handover.url, region=server.region, auth=server.auth)
    try:
        write_handover(run.handover, handover)
        write_file(run.server, msgspec.json.encode(note))
    except OSError as error:
        raise StartError(f"The directory {run.path} cannot be written to: {error.strerror}.") from error


def _cores() -> int:
    """Give how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _pipe() -> Iterator[_Pipe]:
    pipe = _Pipe(*os.pipe())
    try:
        yield pipe
    finally:
        os.close(pipe.reading)
        os.close(pipe.writing)

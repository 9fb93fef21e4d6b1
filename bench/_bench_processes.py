"""Starts what is measured in processes of its own, on the core it is given, reads what they cost, and leaves none behind."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

READY_S = 60.0
STOP_S = 10.0


class NotReadyError(Exception):
    """A process did not begin to listen; the text ends with what it printed last."""


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """Let everything that is started meanwhile run on this core only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """Give a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str], *, core: int, log: Path, port: int = 0, env: Mapping[str, str] | None = None, ready_s: float = READY_S
) -> Iterator[psutil.Process]:
    """Run a command on a core until the end of the block; with a port, wait until it is listened on.

    Raises `NotReadyError`. Its children are ended with it.
    """
    with on_core(core), log.open("wb") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, start_new_session=True, cwd=log.parent
        )
    process = psutil.Process(child.pid)
    try:
        if port:
            _await_port(child, port, log, ready_s)
        yield process
    finally:
        _stop(child, process)


def _await_port(child: "subprocess.Popen[bytes]", port: int, log: Path, ready_s: float) -> None:
    end = time.monotonic() + ready_s
    while time.monotonic() < end and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise NotReadyError(f"{child.args!r} did not listen on port {port}:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(child: "subprocess.Popen[bytes]", process: psutil.Process) -> None:
    """End a process and all its children, first kindly."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [*process.children(recursive=True), process]
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_S)
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    child.wait()


def family(process: psutil.Process) -> list[psutil.Process]:
    """Give a process and its living descendants."""
    return [process, *process.children(recursive=True)]


def cpu_s(process: psutil.Process) -> float:
    """Give the CPU seconds, user and system, that a process and its children have spent."""
    spent = 0.0
    for one in family(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            spent += times.user + times.system
    return spent


def private_bytes(process: psutil.Process) -> int:
    """Give the memory that only a process and its children use (USS), in bytes."""
    return sum(one.memory_full_info().uss for one in family(process))

"""`stoker down`: stop the server of a data directory, and sweep what a killed one left."""

import contextlib
import os
import signal

import click

from stoker.cli.locating import data_option, run_dir
from stoker.control.handover import read_handover
from stoker.control.rundir import RunDir, StartError

_SPARE_S = 30.0
_AFTER_KILL_S = 20.0
_UNKNOWN_S = 60.0


@click.command("down")
@data_option
def command(data: str | None) -> None:
    """Stop the server, and whatever is left of one that was killed.

    Invocations in flight get the server's `drain_s` to finish. Stopping what does not run is no error.
    """
    run = run_dir(data)
    if not run.path.exists():
        print(f"No server has run on {run.data}.")
        return
    ran = run.in_use()
    if ran:
        _stop(run)
    copies = _sweep(run)
    if copies:
        print(f"Stopped {copies} {'copy' if copies == 1 else 'copies'} that a server had left on {run.data}.")
    elif not ran:
        print(f"No server runs on {run.data}.")


def _stop(run: RunDir) -> None:
    """Ask the supervisor to stop and wait until the last process of the server is gone. Raises `StartError` when it stays."""
    most_s = _patience(run)
    holder = run.holder()
    if holder is not None and holder.alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder.pid, signal.SIGTERM)
        if run.wait_free(most_s):
            print(f"Stopped the server on {run.data} (process {holder.pid}).")
            return
        with contextlib.suppress(ProcessLookupError):
            if holder.alive:
                os.kill(holder.pid, signal.SIGKILL)
        if not run.wait_free(_AFTER_KILL_S):
            raise StartError(
                f"The server on {run.data} (process {holder.pid}) did not stop within {most_s:.0f} s and was killed."
            )
        print(f"Killed the server on {run.data} (process {holder.pid}): it did not stop within {most_s:.0f} s.")
        return
    # The supervisor was killed; the others see that and stop by themselves.
    if not run.wait_free(most_s):
        raise StartError(f"Processes of a killed server still hold {run.data} after {most_s:.0f} s.")
    print(f"The last processes of a killed server on {run.data} have ended.")


def _patience(run: RunDir) -> float:
    """Give how many seconds the server may take to stop."""
    try:
        settings = read_handover(run.handover).settings
    except StartError:
        return _UNKNOWN_S
    return settings.server.drain_s + settings.process.stop_grace_s + _SPARE_S


def _sweep(run: RunDir) -> int:
    """Stop copies that run without a server, holding the lock so that none starts meanwhile, and give their number."""
    from stoker.runtimes.process.leftover import leftover  # noqa: PLC0415 - only now

    lock = run.take_lock()
    try:
        run.forget_sockets()
        return len(leftover(run.data))
    finally:
        os.close(lock)

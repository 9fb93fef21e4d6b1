"""`stoker restart`: replace the processes of the running server one by one, without losing an invocation."""

import contextlib
import os
import signal
import time

import click

from stoker.cli.locating import data_option, run_dir
from stoker.control.rundir import StartError

_MOST_S = 300.0
_LOOK_S = 0.05


@click.command("restart")
@data_option
def command(data: str | None) -> None:
    """Replace the processes of the running server one by one, without losing an invocation.

    Each new gateway takes the port before the old one lets go of it, and copies run on. It is for a new version of the
    code; settings stay as `stoker up` read them.
    """
    run = run_dir(data)
    holder, note = run.holder(), run.note()
    if holder is None or note is None or not holder.alive or note.pid != holder.pid:
        raise StartError(f"No server runs on {run.data}.")
    with contextlib.suppress(ProcessLookupError):
        os.kill(holder.pid, signal.SIGUSR1)
    until = time.monotonic() + _MOST_S
    while time.monotonic() < until:
        now = run.note()
        if now is not None and now.restarts > note.restarts:
            if now.trouble:
                raise StartError(f"The server was not restarted to the end. {now.trouble}")
            print(f"Restarted the server on {run.data} (process {holder.pid}).")
            return
        if not holder.alive:
            raise StartError(f"The server on {run.data} ended meanwhile.")
        time.sleep(_LOOK_S)
    raise StartError(f"The server on {run.data} (process {holder.pid}) was not restarted within {_MOST_S:.0f} s; see its log.")

"""Runs a `Supervisor` over stand-in children, in a process of its own, since it reaps whatever its process has for children.

Arguments: the data directory, seconds of `drain_s` and `stop_grace_s`, then NAME and Python source for each child.
A child finds the descriptors it inherited in `fds`, calls `ready()`, and appends to the file `journal` what it does.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from stoker.config.settings import Process, Server, Settings
from stoker.control.children import Program
from stoker.control.handover import Handover
from stoker.control.rundir import RunDir, StartError
from stoker.control.supervisor import Supervisor
from stoker.link.messages import ClockRate

PRELUDE = """
import os, signal, sys, time
fds = {name: int(fd) for name, fd in (word.split("=") for word in sys.argv[1:])}
def ready():
    os.write(fds["ready"], b"ready")
def journal(text):
    with open(PLACE + "/journal", "a") as file:
        file.write(text + "\\n")
"""


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    place, drain_s, grace_s, *words = sys.argv[1:]
    run = RunDir(Path(place) / "data")
    run.create()
    settings = Settings(server=Server(drain_s=float(drain_s)), process=Process(stop_grace_s=float(grace_s)))
    handover = Handover(
        settings=settings,
        data_dir=str(run.data),
        sockets=str(run.path),
        clock=ClockRate(monotonic_ns=time.monotonic_ns(), started=time.time_ns()),
        url="http://127.0.0.1:1",
    )
    programs = [
        Program(
            name=name,
            command=(sys.executable, "-S", "-E", "-c", f"PLACE = {place!r}\n{PRELUDE}\n{source}"),
            open_files={},
        )
        for name, source in zip(words[::2], words[1::2], strict=True)
    ]
    supervisor = Supervisor(
        run=run,
        handover=handover,
        programs=programs,
        listeners=[],
        environment=dict(os.environ),
        announce=lambda: _say("announced"),
    )
    try:
        asyncio.run(supervisor.run())
    except StartError as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The processes that `stoker up` starts: `internal NAME HANDOVER DESCRIPTOR...`. Not for people."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from stoker.control.handover import CANNOT_START, read_handover
from stoker.control.lifeline import take_lifeline
from stoker.errors import StokerError
from stoker.telemetry.lean import import_structlog

_WORDS = 2


def run_child(arguments: Sequence[str]) -> int:
    """Run the control plane (`control`) or a gateway (any other name) and give the exit status."""
    if len(arguments) < _WORDS:
        print("stoker: `stoker internal` is what `stoker up` starts; it is of no use otherwise.", file=sys.stderr)
        return 2
    name, path, *words = arguments
    # A process group that loses its parent while one of it is stopped gets SIGHUP; the lifeline tells of that in good order.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        lifeline = take_lifeline(dict(word.split("=", 1) for word in words if "=" in word))
        handover = read_handover(Path(path))
        import_structlog()
        from stoker import app  # noqa: PLC0415 - only when there is something to run

        if name == "control":
            app.run_control(handover, lifeline, inherited=os.environ)
        else:
            app.run_gateway(handover, lifeline, name)
    except StokerError as error:
        print(f"stoker: {name}: {error}", file=sys.stderr)
        return CANNOT_START
    return 0

"""A model that notes each invocation's id, at its beginning and at its end, in a file that outlives the copy."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

_HANDLER = """
import os
import time

LOG = {log!r}


def note(word, data):
    line = "%s %s %d\\n" % (word, data["id"], os.getpid())
    file = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def model_fn(model_dir):
    time.sleep({load_s})
    return os.getpid()


def predict_fn(data, model):
    note("begin", data)
    time.sleep(data.get("seconds", 0))
    note("end", data)
    return {{"pid": model, "id": data["id"]}}
"""


class Worked(NamedTuple):
    """What copies did: how often each id was begun and ended, and the process that began it (last)."""

    begun: Counter[str]
    ended: Counter[str]
    by: dict[str, int]


def counting_handler(log: Path, *, load_s: float = 0.0) -> str:
    """Give the handler's source; a copy takes `load_s` seconds to load."""
    return _HANDLER.format(log=str(log), load_s=load_s)


def read_log(log: Path) -> Worked:
    """Read what the copies noted."""
    worked = Worked(Counter(), Counter(), {})
    for line in log.read_text().splitlines() if log.exists() else ():
        word, identity, pid = line.split()
        if word == "begin":
            worked.begun[identity] += 1
            worked.by[identity] = int(pid)
        else:
            worked.ended[identity] += 1
    return worked

"""Cleaning up after a platform that is no more: every copy of a data directory is stopped, without an event loop."""

import contextlib
import os
import signal
import time
from pathlib import Path

from stoker.domain.ids import CopyId
from stoker.runtimes.process import limits
from stoker.runtimes.process.ending import sweep
from stoker.runtimes.process.places import CopyRecord, Places
from stoker.runtimes.process.proctable import is_alive, marked

_ROUND_S = 0.02


def leftover(data_dir: Path, grace_s: float = 5.0) -> list[CopyId]:
    """Stop all copies of the data directory (gently for `grace_s` real seconds, then by force), clean up, and name them.

    Call it only when no control plane runs on the directory. Blocks for the grace and about a second a stubborn copy at most.
    """
    places = Places(data_dir)
    records = places.load()
    living = marked(places.owner)
    copy_ids = sorted({*records, *(CopyId(copy_id) for copy_id in living.values() if copy_id)})
    for pid in living:
        _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while marked(places.owner) and time.monotonic() < deadline:
        time.sleep(_ROUND_S)
    for copy_id in copy_ids:
        bury(places, copy_id, records.get(copy_id))
    limits.MemoryGroups(places.owner).close()
    return copy_ids


def bury(places: Places, copy_id: CopyId, record: CopyRecord | None) -> None:
    """Kill what is left of one copy and remove its files; blocks."""
    session = record.pid if record is not None and is_alive(record.pid, record.start) else 0
    group = Path(record.group) if record is not None and record.group else None
    sweep(copy_id, places.owner, session=session, group=group)
    if group is not None:
        limits.remove(group.parent)
    places.discard(copy_id, record.address.socket if record is not None else "")


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have ended meanwhile
        os.kill(pid, number)

"""The end of a copy: nobody of it may live on, and one sentence says how it ended."""

import os
import signal
import time
from pathlib import Path

from stoker.domain.ids import CopyId
from stoker.runtimes.process import limits
from stoker.runtimes.process.places import CopyRecord
from stoker.runtimes.process.proctable import marked, session_members

_ROUNDS = 100
_ROUND_S = 0.01


def sweep(copy_id: CopyId, owner: str, *, session: int = 0, group: Path | None = None, everywhere: bool = True) -> bool:
    """Kill what is left of a copy and remove its memory group; True when nothing is left. Takes a second at most; blocks.

    Members are found by their session (0: the number may belong to somebody else by now), their memory group, and the mark
    in their environment, which also finds a grandchild that made a session of its own; without `everywhere` by the group alone.
    """
    for _ in range(_ROUNDS):
        members = _members(copy_id, owner, session) if everywhere else set()
        if group is not None:
            members |= limits.group_members(group)
        for pid in members:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if not members and (group is None or limits.remove(group)):
            return True
        time.sleep(_ROUND_S)
    return False


def _members(copy_id: CopyId, owner: str, session: int) -> set[int]:
    members = {pid for pid, of in marked(owner).items() if of == copy_id}
    if session:
        members |= session_members(session)
    return members


def explain(code: int | None, record: CopyRecord) -> str:
    """Say why a process is gone that nobody wanted to go."""
    ending = describe_exit(code)
    if record.group and limits.oom_kills(Path(record.group)):
        ending += f": it went over its memory limit of {record.spec.memory_limit_mb} MB"
    elif not record.was_ready:
        ending += " before it was ready"
    return f"The model server {ending}."


def describe_exit(code: int | None) -> str:
    """Say how a process ended, as the rest of a sentence about it."""
    if code is None:
        return "has ended (its exit code is not known, because a former control plane had started it)"
    if code >= 0:
        return f"exited with code {code}"
    try:
        name = f" ({signal.Signals(-code).name})"
    except ValueError:
        name = ""
    return f"was killed by signal {-code}{name}"

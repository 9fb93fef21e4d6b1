"""What the processes of each copy use, those included that they started: CPU time, memory and, where there are any, accelerators.

One pass over the table of processes serves all copies, however many there are. A process belongs to a copy when it is in the
copy's session or descends from one that is. CPU time is that of living processes and of those they have waited for, so that it
does not fall when a worker ends; memory is what is resident, and what several processes share counts for each.
"""

from collections.abc import Mapping

from stoker.domain.ids import CopyId
from stoker.ports.runtime import CopyUsage
from stoker.runtimes.process.accelerators import NOTHING, UNKNOWN, AcceleratorUse
from stoker.runtimes.process.proctable import Times, process_times


class _Sum:
    """What was added up of one copy."""

    __slots__ = ("accelerators", "cpu_ns", "memory_bytes")

    def __init__(self) -> None:
        self.cpu_ns = 0
        self.memory_bytes = 0
        self.accelerators = NOTHING


def measure(sessions: Mapping[int, CopyId], accelerators: Mapping[int, AcceleratorUse] | None) -> dict[CopyId, CopyUsage]:
    """Give what each copy uses, by the sessions of the copies; `accelerators` is what processes use of them, if that is known.

    It reads the table of processes: have a thread do it.
    """
    sums = {copy_id: _Sum() for copy_id in sessions.values()}
    table = process_times(sessions)
    owners: dict[int, CopyId | None] = {}
    for pid, times in table.items():
        copy_id = _owner(pid, table, sessions, owners)
        if copy_id is None:
            continue
        found = sums[copy_id]
        found.cpu_ns += times.cpu_ns
        found.memory_bytes += times.memory_bytes
        found.accelerators += UNKNOWN if accelerators is None else accelerators.get(pid, NOTHING)
    return {
        copy_id: CopyUsage(
            cpu_ns=found.cpu_ns,
            memory_bytes=found.memory_bytes,
            accelerators=found.accelerators.busy,
            accelerator_memory=found.accelerators.memory,
        )
        for copy_id, found in sums.items()
        if found.memory_bytes  # else it is not there yet, or no more
    }


def _owner(
    pid: int, table: Mapping[int, Times], sessions: Mapping[int, CopyId], owners: dict[int, CopyId | None]
) -> CopyId | None:
    """Give the copy that a process belongs to, by its session or by that of an ancestor; `owners` has what is known already."""
    way: list[int] = []
    copy_id: CopyId | None = None
    while pid in table and pid not in owners:
        way.append(pid)
        owners[pid] = None  # a table that was read while it changed may have a ring
        copy_id = sessions.get(table[pid].session)
        if copy_id is not None:
            break
        pid = table[pid].parent
    else:
        copy_id = owners.get(pid)
    owners.update(dict.fromkeys(way, copy_id))
    return copy_id

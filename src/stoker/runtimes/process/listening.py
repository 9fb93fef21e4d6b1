"""Which of a copy's processes listens where.

A port that was leased may be another's by now, and a server may listen where it wants rather than where it is told to.
"""

from stoker.runtimes.process.places import CopyRecord
from stoker.runtimes.process.proctable import listeners, marked, ports_of, session_members, socket_inodes


def is_of_copy(port: int, record: CopyRecord, owner: str) -> bool:
    """Tell whether the port is listened on by a process of this copy, as far as that can be seen; blocks for a moment."""
    listening = listeners(port)
    if not listening:
        return True
    of_leader = socket_inodes(record.pid)
    if of_leader is None or of_leader & listening:
        return True
    return any((socket_inodes(pid) or set()) & listening for pid in _family(record, owner))


def look_elsewhere(record: CopyRecord, owner: str) -> tuple[int, str]:
    """Find a server that does not listen where it was told to; blocks for a moment.

    Gives the port that it is known to have if it listens there, else 0 and what is wrong, empty when it listens nowhere.
    """
    inodes: set[str] = set()
    for pid in {record.pid} | _family(record, owner):
        inodes |= socket_inodes(pid) or set()
    seen, told = ports_of(inodes) if inodes else set(), record.address.port
    if record.known_port in seen:
        return record.known_port, ""
    if not seen or told in seen:
        return 0, ""
    there = ", ".join(map(str, sorted(seen)))
    return 0, f"it listens on port {there}, and not on {told}, which PORT and SAGEMAKER_BIND_TO_PORT tell it"


def _family(record: CopyRecord, owner: str) -> set[int]:
    return session_members(record.pid) | {pid for pid, of in marked(owner).items() if of == record.spec.copy_id}

"""What the operating system knows about processes: who lives, who belongs to a session, who carries our mark.

A zombie counts as dead: an orphan's new parent may take seconds to reap it. A process is named by its pid *and* its start
time, because pids are used again. Linux is read from /proc; elsewhere psutil answers the same questions more slowly.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_LINUX = sys.platform == "linux"
_DEAD = frozenset((b"Z", b"X", b"x"))
# Fields of /proc/PID/stat counted from the state (field 3), which follows the closing parenthesis of the command's name.
_STATE, _PARENT, _SESSION, _UTIME, _RSS, _START, _EXIT = 0, 1, 3, 11, 21, 19, 49
_TIMES = slice(_UTIME, _UTIME + 4)  # of its own as a user and in the kernel, and of the children it has waited for
_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

COPY_MARK = "STOKER_COPY_ID"
"""Environment variable that every process of a copy carries: the copy's id."""
OWNER_MARK = "STOKER_OWNER"
"""Environment variable that every process of a copy carries: which data directory owns it."""


def start_of(pid: int) -> int | None:
    """Give the process's start time in the system's own ticks, None when it is gone or a zombie."""
    if not _LINUX:
        return _start_elsewhere(pid)
    fields = _stat(pid)
    return None if fields is None or fields[_STATE] in _DEAD else int(fields[_START])


def is_alive(pid: int, start: int) -> bool:
    """Tell whether the very process that had this pid and start time lives."""
    return pid > 0 and start_of(pid) == start


def zombie_status(pid: int) -> int | None:
    """Give the wait status of a dead process that nobody has reaped yet, None when it cannot be read any more."""
    fields = _stat(pid) if _LINUX else None
    if fields is None or fields[_STATE] not in _DEAD or len(fields) <= _EXIT:
        return None
    return int(fields[_EXIT])


def session_members(session: int) -> set[int]:
    """Give the living processes of a session (the session of a copy is its first process's pid)."""
    return {pid for pid in _pids() if _session_of(pid) == session} - {os.getpid()}


class Times(NamedTuple):
    """A living process: its parent, its session, and what it has used. `cpu_ns` has that of children it has waited for."""

    parent: int
    session: int
    cpu_ns: int
    memory_bytes: int


def process_times(leaders: Iterable[int]) -> dict[int, Times]:
    """Give the living processes by pid; elsewhere than on Linux only those `leaders` and their descendants."""
    if not _LINUX:
        return _times_elsewhere(leaders)
    found: dict[int, Times] = {}
    for pid in _pids():
        fields = _stat(pid)
        if fields is not None and fields[_STATE] not in _DEAD:
            ticks = sum(map(int, fields[_TIMES]))
            found[pid] = Times(int(fields[_PARENT]), int(fields[_SESSION]), ticks * _TICK_NS, int(fields[_RSS]) * _PAGE)
    return found


def leads_session(pid: int) -> bool:
    """Tell whether the process leads the session it is in, as the first process of a copy does."""
    return _session_of(pid) == pid


def marked(owner: str) -> dict[int, str]:
    """Give the living processes that carry this owner's mark, each with its copy's id."""
    found = {}
    wanted = f"{OWNER_MARK}={owner}".encode()
    prefix = f"{COPY_MARK}=".encode()
    for pid in _pids():
        entries = _environment(pid)
        if wanted in entries and start_of(pid) is not None:
            found[pid] = next((entry[len(prefix) :].decode() for entry in entries if entry.startswith(prefix)), "")
    found.pop(os.getpid(), None)
    return found


def socket_inodes(pid: int) -> set[str] | None:
    """Give the inode numbers of the sockets a process holds, None where that cannot be seen."""
    inodes = set()
    try:
        entries = list((_PROC / str(pid) / "fd").iterdir())
    except OSError:
        return None
    for entry in entries:
        with contextlib.suppress(OSError):  # closed meanwhile
            target = str(entry.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    return inodes


def listeners(port: int) -> set[str] | None:
    """Give the inode numbers of the sockets that listen on a TCP port, None where that cannot be seen."""
    if not _LINUX:
        return None
    suffix = f":{port:04X}"
    return {fields[9] for fields in _listening() if fields[1].endswith(suffix)}


def ports_of(inodes: set[str]) -> set[int]:
    """Give the TCP ports that these sockets listen on; none where that cannot be seen."""
    return {int(fields[1].rpartition(":")[2], 16) for fields in _listening() if fields[9] in inodes}


def _listening() -> Iterator[list[str]]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A":  # LISTEN
                yield fields


def _stat(pid: int) -> list[bytes] | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - Path costs more than the read, and this runs for every pid
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def _session_of(pid: int) -> int | None:
    if _LINUX:
        fields = _stat(pid)
        return None if fields is None or fields[_STATE] in _DEAD else int(fields[_SESSION])
    try:
        return os.getsid(pid) if _start_elsewhere(pid) is not None else None
    except OSError:
        return None


def _pids() -> Iterator[int]:
    if _LINUX:
        return (int(name) for name in os.listdir(_PROC) if name.isdigit())  # noqa: PTH208 - names are all that is wanted
    import psutil  # noqa: PLC0415 - only where there is no /proc

    return iter(psutil.pids())


def _environment(pid: int) -> list[bytes]:
    if _LINUX:
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - as in _stat
                return file.read().split(b"\0")
        except OSError:
            return []
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        return [f"{name}={value}".encode() for name, value in psutil.Process(pid).environ().items()]
    except (psutil.Error, OSError):
        return []


def _start_elsewhere(pid: int) -> int | None:
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time() * 1000)
    except psutil.Error:
        return None


def _times_elsewhere(leaders: Iterable[int]) -> dict[int, Times]:
    import psutil  # noqa: PLC0415 - only where there is no /proc

    found: dict[int, Times] = {}
    for leader in leaders:
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(leader)
            for process in (first, *first.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    used = process.cpu_times()
                    ticks_s = used.user + used.system + used.children_user + used.children_system
                    found[process.pid] = Times(process.ppid(), leader, round(ticks_s * 1e9), process.memory_info().rss)
    return found

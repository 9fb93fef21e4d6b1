"""Hard memory limits of copies: a cgroup where one can be made, else a resource limit.

- cgroup v1 (the memory controller's directory is writable): the whole copy, grandchildren included, page cache counted.
- cgroup v2 (a directory near ours hands the memory controller on to its children and is writable): the same.
- else `ulimit -d` (RLIMIT_DATA): heap and private mappings of each process on its own. RLIMIT_AS would also count address
  space that is only reserved, which GPU libraries, Java and Go do by the terabyte; so it is not used. A copy over this
  limit meets an allocation failure rather than a kill, and its log says so. macOS accepts the limit without enforcing it.

The copy joins its group before it becomes the model server (see `spawn`), so nothing it allocates escapes.
"""

import os
from pathlib import Path

from stoker.units import MIB

_PROC = Path("/proc")


class MemoryGroups:
    """Makes a cgroup for each limited copy of one data directory.

    `kind` is `cgroup1`, `cgroup2` or `rlimit`. `proc` and `root` stand elsewhere only in tests.
    """

    __slots__ = ("_parent", "kind")

    def __init__(self, owner: str, *, proc: Path = _PROC, root: Path = Path("/")) -> None:
        self._parent: Path | None = None
        self.kind = "rlimit"
        mounts, paths = _mounts(proc), _own_paths(proc)
        if "memory" in mounts and "memory" in paths:
            self._adopt("cgroup1", owner, _near(root, mounts["memory"], paths["memory"]))
        elif "" in mounts and "" in paths:
            self._adopt("cgroup2", owner, _near(root, mounts[""], paths[""]))

    def make(self, name: str, limit_mb: int) -> Path | None:
        """Make the group of a copy with a limit in MiB; None when this machine leaves only the resource limit."""
        if self._parent is None:
            return None
        group = self._parent / name
        try:
            group.mkdir(parents=True, exist_ok=True)
            if self.kind == "cgroup1":
                _limit_v1(group, limit_mb * MIB)
            else:
                _limit_v2(group, limit_mb * MIB)
        except OSError:
            remove(group)
            return None
        return group

    def close(self) -> None:
        """Remove the groups' common parent if no copy is left in it."""
        if self._parent is not None:
            remove(self._parent)

    def _adopt(self, kind: str, owner: str, candidates: list[Path]) -> None:
        for candidate in candidates:
            usable = kind == "cgroup1" or "memory" in _read(candidate / "cgroup.subtree_control").split()
            if usable and os.access(candidate, os.W_OK):
                self.kind = kind
                self._parent = candidate / f"stoker-{owner}"
                return


def oom_kills(group: Path) -> int:
    """Give how many processes of the group the kernel has killed for going over the limit."""
    text = _read(group / "memory.oom_control") + "\n" + _read(group / "memory.events")
    counts = [line.split()[1] for line in text.splitlines() if line.startswith("oom_kill ")]
    return sum(int(count) for count in counts)


def group_members(group: Path) -> set[int]:
    """Give the processes in the group."""
    return {int(pid) for pid in _read(group / "cgroup.procs").split()}


def remove(group: Path) -> bool:
    """Remove an empty group; True when it is gone."""
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _limit_v1(group: Path, limit: int) -> None:
    (group / "memory.limit_in_bytes").write_text(str(limit))
    with_swap = group / "memory.memsw.limit_in_bytes"
    if with_swap.exists():
        with_swap.write_text(str(limit))


def _limit_v2(group: Path, limit: int) -> None:
    (group.parent / "cgroup.subtree_control").write_text("+memory")
    (group / "memory.max").write_text(str(limit))
    for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
        if (group / name).exists():
            (group / name).write_text(value)


def _mounts(proc: Path) -> dict[str, str]:
    """Give where the memory controller (v1, key `memory`) and the unified tree (v2, key empty) are mounted."""
    found: dict[str, str] = {}
    for line in _read(proc / "self" / "mounts").splitlines():
        fields = line.split()
        if fields[2] == "cgroup" and "memory" in fields[3].split(","):
            found.setdefault("memory", fields[1])
        elif fields[2] == "cgroup2":
            found.setdefault("", fields[1])
    return found


def _own_paths(proc: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _read(proc / "self" / "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "memory" in controllers.split(","):
            found["memory" if controllers else ""] = path
    return found


def _near(root: Path, mount: str, own: str) -> list[Path]:
    """Give where groups may be made, best first: within our own group, beside it, at the top."""
    top = root / mount.lstrip("/")
    here = top / own.strip("/")
    candidates = [here, here.parent, top] if here != top else [top]
    return [path for path in candidates if path.is_dir()]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""

"""Gives a process a share of a core at most, by the kernel's CPU quotas, where the machine lets us."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

PERIOD_US = 10_000
CGROUPS = Path("/sys/fs/cgroup")


def _root() -> tuple[Path, bool] | None:
    """Give the directory that groups with a quota are made in, and whether it is of version 2; None when there is none."""
    for first in (CGROUPS / "cpu", CGROUPS / "cpu,cpuacct"):
        if first.is_dir() and os.access(first, os.W_OK):
            return first, False
    enabled = CGROUPS / "cgroup.subtree_control"
    if enabled.exists() and "cpu" in enabled.read_text().split() and os.access(CGROUPS, os.W_OK):
        return CGROUPS, True
    return None


def quotas_work() -> bool:
    """Whether this machine lets us give quotas."""
    return _root() is not None


@contextlib.contextmanager
def at_most(process: psutil.Process, share: float) -> Iterator[None]:
    """Give a process this share of a core at most until the end of the block. Raises `OSError` unless `quotas_work`."""
    found = _root()
    if found is None:
        raise OSError("this machine lets us give no CPU quotas")
    root, second = found
    group = root / f"stoker-bench-{process.pid}"
    group.mkdir()
    try:
        if second:
            (group / "cpu.max").write_text(f"{round(PERIOD_US * share)} {PERIOD_US}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(round(PERIOD_US * share)))
        (group / "cgroup.procs").write_text(str(process.pid))
        yield
    finally:
        with contextlib.suppress(OSError):  # it may have ended
            (root / "cgroup.procs").write_text(str(process.pid))
        group.rmdir()

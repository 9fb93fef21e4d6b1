"""Noticing at once that a process has ended, whether it is our child or not.

Linux gives a file descriptor for a process that turns readable when it ends; elsewhere, or when descriptors run out, the
process is looked at every 50 ms.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable

from stoker.runtimes.process.proctable import is_alive, start_of, zombie_status

_POLL_S = 0.05


class ExitWatch:
    """Watches one process. After its end `exited` is set, `code` holds its exit code when it could be learned.

    `code` is what `os.waitstatus_to_exitcode` gives: negative for a signal. `on_exit` is called once, on the loop.
    """

    __slots__ = ("_fd", "_loop", "_on_exit", "_timer", "code", "exited", "pid", "start")

    def __init__(self, pid: int, start: int | None, on_exit: Callable[[], None]) -> None:
        self.pid = pid
        self.start = start_of(pid) if start is None else start
        self.exited = asyncio.Event()
        self.code: int | None = None
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._fd = _open_pidfd(pid)
        if self._fd is None:
            self._timer = self._loop.call_soon(self._poll)  # type: ignore[assignment] # both kinds of handle can be cancelled
        else:
            self._loop.add_reader(self._fd, self._ended)
            if not self._is_watched_process():
                self._loop.call_soon(self._ended)

    def signal_group(self, number: int) -> None:
        """Send a signal to the process group that the process leads, if it still lives."""
        if self.exited.is_set() or not self._is_watched_process():
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it may end between the look and the signal
            os.killpg(self.pid, number)

    def close(self) -> None:
        """Stop watching; the process is left as it is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._fd is not None:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None

    def _is_watched_process(self) -> bool:
        return self.start is not None and is_alive(self.pid, self.start)

    def _poll(self) -> None:
        if self._is_watched_process():
            self._timer = self._loop.call_later(_POLL_S, self._poll)
        else:
            self._ended()

    def _ended(self) -> None:
        if self.exited.is_set():
            return
        self.code = _learn_code(self.pid)
        self.close()
        self.exited.set()
        self._on_exit()


def _open_pidfd(pid: int) -> int | None:
    opener = getattr(os, "pidfd_open", None)
    if opener is None:
        return None
    try:
        descriptor: int = opener(pid)
    except OSError:
        return None
    return descriptor


def _learn_code(pid: int) -> int | None:
    try:
        reaped, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        seen = zombie_status(pid)  # somebody else's child, ours before a restart
        return None if seen is None else os.waitstatus_to_exitcode(seen)
    return os.waitstatus_to_exitcode(status) if reaped else None

"""The lock that keeps a second control plane off a data directory.

It is the kernel's (`flock`), so it ends with the process that holds it, however that process ends: no stale lock is
ever left to clean up. The file itself stays; it holds the process id of the last holder, for the message only.
"""

import fcntl
import os
import time
from pathlib import Path

from stoker.store.errors import StoreError, StoreFault

_RETRY_S = 0.02


class FileLock:
    """An exclusive lock on `path`, held from `take` to `release`.

    The descriptor is not inherited by programs that are started meanwhile, but a child that has just been forked shares
    it until it runs its own program: after a SIGKILL the lock may outlive its owner by that moment, hence the patience.
    """

    __slots__ = ("_descriptor", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self, *, patience_s: float = 1.0) -> None:
        """Take the lock, waiting up to `patience_s` real seconds; raises `StoreError` that names the holder."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            text = f"The lock file {self.path} cannot be opened: {error.strerror}."
            raise StoreError(StoreFault.UNREACHABLE, self.path, text) from error
        try:
            self._wait(descriptor, time.monotonic() + patience_s)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        except OSError as error:
            os.close(descriptor)
            text = f"The lock file {self.path} cannot be used: {error.strerror}."
            raise StoreError(StoreFault.UNREACHABLE, self.path, text) from error
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _wait(self, descriptor: int, until: float) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() < until:
                    time.sleep(_RETRY_S)
                    continue
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                who = f"process {holder}" if holder else "another process"
                text = f"The data directory {self.path.parent} is in use by {who}: only one control plane may run on it."
                raise StoreError(StoreFault.IN_USE, self.path, text) from error
            else:
                return

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

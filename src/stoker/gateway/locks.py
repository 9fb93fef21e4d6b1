"""Locks that gateways have in common: who has one has it alone among all of them.

Gateways are processes of one machine, and share a file of which nobody reads or writes a byte: a lock is the lock of one of its
bytes. The kernel gives each to one process only, and takes it back when that process ends, however it ends.
"""

import fcntl
import os
from hashlib import blake2b
from typing import Final

AREA: Final = 1024
"""Bytes that belong to a name."""
SHARED: Final = 1 << 20
"""Bytes at the file's beginning that belong to all names together."""
_NAME_BYTES: Final = 6


class Locks:
    """Bytes of a file, each held by one process at most. Without a file (empty `path`) only this process is looked at."""

    __slots__ = ("_file", "_held")

    def __init__(self, path: str = "") -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) if path else -1
        self._held: set[int] = set()

    def take(self, at: int) -> bool:
        """Hold a byte; False when it is held."""
        if at in self._held:
            return False
        if self._file >= 0:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
            except OSError:
                return False
        self._held.add(at)
        return True

    def first(self, start: int, count: int) -> int:
        """Hold the first byte of so many that is free; give its number among them, -1 when none is."""
        return next((number for number in range(count) if self.take(start + number)), -1)

    def free(self, at: int) -> None:
        """Hold a byte no longer."""
        if at in self._held:
            self._held.remove(at)
            if self._file >= 0:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, at)

    def close(self) -> None:
        """Hold nothing any more."""
        self._held.clear()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def area_of(name: str) -> int:
    """Give where the bytes begin that belong to a name: by its hash, since gateways do not talk to each other."""
    return SHARED + AREA * int.from_bytes(blake2b(name.encode(), digest_size=_NAME_BYTES).digest(), "big")

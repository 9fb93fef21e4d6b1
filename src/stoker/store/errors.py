"""The one error of the store, and how a database's own errors are told in it.

It is not a `DomainError`: no client caused it and none can act on it. The control plane that meets it stops and starts
again from what is on disk.
"""

import sqlite3
from enum import StrEnum
from pathlib import Path

from stoker.errors import StokerError


class StoreFault(StrEnum):
    """Why a store cannot be used."""

    IN_USE = "in use"
    NEWER = "newer"
    FOREIGN = "foreign"
    DAMAGED = "damaged"
    FULL = "full"
    READ_ONLY = "read-only"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    BROKEN = "broken"


class StoreError(StokerError):
    """The store at `path` cannot be read or written; `fault` says why in one word, the text in a sentence."""

    def __init__(self, fault: StoreFault, path: Path, text: str) -> None:
        super().__init__(text)
        self.fault = fault
        self.path = path


# SQLite's primary result codes (https://www.sqlite.org/rescode.html); an extended code such as SQLITE_READONLY_DBMOVED
# begins with the name of its primary one.
_FAULTS: tuple[tuple[str, StoreFault, str], ...] = (
    ("SQLITE_FULL", StoreFault.FULL, "its disk is full"),
    ("SQLITE_READONLY", StoreFault.READ_ONLY, "it is read-only"),
    ("SQLITE_PERM", StoreFault.READ_ONLY, "it may not be opened by this user"),
    (
        "SQLITE_CORRUPT",
        StoreFault.DAMAGED,
        "the file is damaged; move it away or put a backup in its place",
    ),
    (
        "SQLITE_NOTADB",
        StoreFault.DAMAGED,
        "the file is no database; move it away or put a backup in its place",
    ),
    ("SQLITE_BUSY", StoreFault.BUSY, "another program holds it locked"),
    ("SQLITE_LOCKED", StoreFault.BUSY, "another program holds it locked"),
    ("SQLITE_CANTOPEN", StoreFault.UNREACHABLE, "it cannot be opened"),
    ("SQLITE_IOERR", StoreFault.UNREACHABLE, "its disk failed"),
)


def from_database(path: Path, error: BaseException) -> StoreError:
    """Tell an error of the database driver, or one that wraps it as its `orig`, as a `StoreError`."""
    cause = getattr(error, "orig", None) or error
    name = str(getattr(cause, "sqlite_errorname", "") or "") if isinstance(cause, sqlite3.Error) else ""
    for prefix, fault, text in _FAULTS:
        if name.startswith(prefix):
            return StoreError(fault, path, f"The database {path} cannot be used: {text} ({cause}).")
    return StoreError(StoreFault.BROKEN, path, f"The database {path} cannot be used: {cause}.")

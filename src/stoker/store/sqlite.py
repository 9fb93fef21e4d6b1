"""The store on a SQLite file: what `stoker up` keeps its platform in."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from stoker.ports.store import Record, Write
from stoker.ports.store_limits import check_history, check_trim, check_writes
from stoker.store.writer import Writer
from stoker.units import Instant

if TYPE_CHECKING:
    from stoker.store.database import Database

FILE_NAME = "stoker.db"
"""The database's name in the data directory."""


class SqliteStore:
    """A `stoker.ports.store.Store` on one file; made by `open`. All its methods raise `StoreError` when the file fails."""

    __slots__ = ("_writer",)

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @classmethod
    async def open(cls, path: Path, *, waiting: int = 1024, patience_s: float = 1.0) -> Self:
        """Open the database at `path`, creating or migrating it, and keep others off it until `close`.

        At most `waiting` calls queue; more wait for room. `patience_s` is how long (real seconds) to wait for a holder to end.
        Raises `StoreError`: in use, damaged, written by a newer Stoker, not Stoker's, unreachable.
        """
        writer = Writer(path, partial(_open, path, patience_s), waiting=waiting)
        await writer.open()
        return cls(writer)

    async def apply(self, writes: Sequence[Write]) -> None:
        """Do all writes in one transaction, in order, and return when they are on disk (through a power cut)."""
        check_writes(writes)
        await self._writer.write(writes)

    async def load(self) -> list[Record]:
        """Give all records, in no particular order."""
        return await self._writer.call(lambda database: database.load())

    async def history(self, kind: str, key: str | None, *, limit: int, before: Instant | None = None) -> list[bytes]:
        """Give the newest entries of a history, newest first; `key` None means all keys, `before` is exclusive."""
        check_history(limit, before)
        return await self._writer.call(lambda database: database.history(kind, key, limit=limit, before=before))

    async def trim(self, kind: str, *, before: Instant, keep: int) -> int:
        """Drop entries of a history older than `before`, and beyond the newest `keep` of each key; give how many went."""
        check_trim(before, keep)
        return await self._writer.call(lambda database: database.trim(kind, before=before, keep=keep))

    async def close(self) -> None:
        """Finish the writes under way and let go of the file; a second call has no effect."""
        await asyncio.shield(self._writer.close())


def _open(path: Path, patience_s: float) -> "Database":
    from stoker.store.database import Database  # noqa: PLC0415 - in the writer's thread: SQLAlchemy is slow to import

    return Database(path, patience_s=patience_s)

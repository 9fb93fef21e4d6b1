"""The open database, used by the writer's thread alone.

"On disk before its reply" is taken at its word: `synchronous=FULL`, so that each commit of the write-ahead log is
flushed to the disk before it returns. `NORMAL` would survive a SIGKILL just as well, but not a power cut: an endpoint
whose creation was acknowledged could be gone. The price, one flush a commit, is shared by all writes that wait
together (see `stoker.store.writer`).
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from stoker.ports.store import Record, Write
from stoker.store import repositories
from stoker.store.errors import StoreError, StoreFault, from_database
from stoker.store.lock import FileLock
from stoker.store.schema import ensure_schema
from stoker.units import MIB, Instant

_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",  # ms; a person may look at the file with another program
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA journal_size_limit = {64 * MIB}",
    "PRAGMA trusted_schema = OFF",
)


class Database:
    """One connection and the lock on its file. Every method raises `StoreError` and nothing else of the database's."""

    __slots__ = ("_connection", "_engine", "_lock", "path")

    def __init__(self, path: Path, *, patience_s: float = 1.0) -> None:
        """Lock the file at `path`, open or create it and bring its schema up to date."""
        self.path = path
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            text = f"The directory {path.parent} cannot be made: {error.strerror}."
            raise StoreError(StoreFault.UNREACHABLE, path, text) from error
        self._lock.take(patience_s=patience_s)
        try:
            self._engine = _engine(path)
            with self._telling():
                self._connection = self._engine.connect()
        except BaseException:
            self._lock.release()
            raise
        try:
            with self._telling(), self._connection.begin():
                ensure_schema(self._connection, path)
        except BaseException:
            self.close()
            raise

    def write(self, writes: Sequence[Write]) -> None:
        """Do all writes in one transaction; when this returns they are on disk."""
        with self._telling(), self._connection.begin():
            repositories.write_all(self._connection, writes)

    def load(self) -> list[Record]:
        """Give all records."""
        with self._telling(), self._connection.begin():
            return repositories.all_records(self._connection)

    def history(self, kind: str, key: str | None, *, limit: int, before: Instant | None) -> list[bytes]:
        """Give the newest entries of a history, newest first."""
        with self._telling(), self._connection.begin():
            return repositories.newest(self._connection, kind, key, limit=limit, before=before)

    def trim(self, kind: str, *, before: Instant, keep: int) -> int:
        """Drop the entries of a history that are too old or too many; give how many went."""
        with self._telling(), self._connection.begin():
            return repositories.trim(self._connection, kind, before=before, keep=keep)

    def pragma(self, text: str) -> object:
        """Give the value of a setting of SQLite's, such as `synchronous`, after setting it when `text` says so."""
        with self._telling():
            # Past SQLAlchemy, which would begin a transaction: some settings cannot be changed inside one.
            cursor = self._connection.connection.cursor()
            cursor.execute(f"PRAGMA {text}")
            row: tuple[object] | None = cursor.fetchone()
            cursor.close()
            return row[0] if row else None

    def close(self) -> None:
        """Let go of the file and its lock."""
        # Whatever closing says, what was committed is safe in the log; the lock must go in any case.
        with contextlib.suppress(sa.exc.SQLAlchemyError, sqlite3.Error):
            self._connection.close()
            self._engine.dispose()
        self._lock.release()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            raise from_database(self.path, error) from error


def _engine(path: Path) -> sa.Engine:
    # The file holds what models get as their environment, so nobody else may read it; the log beside it gets the same mode.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        fault = StoreFault.FULL if error.errno in {28, 122} else StoreFault.UNREACHABLE
        raise StoreError(fault, path, f"The database {path} cannot be opened: {error.strerror}.") from error
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    sa.event.listen(engine, "connect", _connected)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _connected(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would open transactions by itself, and only before some statements; we say BEGIN ourselves (`_begin`).
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

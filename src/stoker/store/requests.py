"""Asynchronous requests on a SQLite file of their own: a burst of them holds up no change of the platform's, nor they it.

One thread owns the file. Writes that wait together share one transaction and one flush to the disk (see ADR 0020), so that
ten thousand requests cost some hundred flushes. A file that failed once is not written again: the control plane starts anew.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec

from stoker.domain.asynchronous import AsyncRequest, AsyncState, RequestId, Tally
from stoker.domain.ids import EndpointName
from stoker.store.errors import StoreError, StoreFault, from_database

FILE_NAME: Final = "requests.db"
VERSION: Final = 1
MAX_BATCH: Final = 1000
"""Writes that share a transaction."""
_SCHEMA: Final = f"""
BEGIN;
CREATE TABLE requests (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, open INTEGER NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, document BLOB NOT NULL
);
CREATE INDEX requests_open ON requests (open, sequence);
CREATE INDEX requests_endpoint ON requests (endpoint, sequence);
CREATE INDEX requests_states ON requests (endpoint, state, attempts);
CREATE TABLE bodies (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
COMMIT;
"""
_PUT: Final = (
    "INSERT INTO requests (id, endpoint, open, state, attempts, document) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
    "SET open = excluded.open, state = excluded.state, attempts = excluded.attempts, document = excluded.document"
)

T = TypeVar("T")


class _Put:
    """A write that waits; its outcome goes to `future`."""

    __slots__ = ("body", "future", "request")

    def __init__(self, request: AsyncRequest, body: bytes | None) -> None:
        self.request = request
        self.body = body
        self.future: Future[None] = Future()


class SqliteRequests:
    """Implements `stoker.ports.requests.RequestStore`; made by `open_file`. Methods raise `StoreError` when the file fails."""

    __slots__ = ("_connection", "_failure", "_mutex", "_path", "_thread", "_waiting")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="requests")
        self._mutex = threading.Lock()
        self._waiting: deque[_Put] = deque()  # bounded by the backlog's limits: each is a request that has room booked
        self._failure: StoreError | None = None
        self._connection: sqlite3.Connection | None = None

    @classmethod
    async def open_file(cls, path: Path) -> Self:
        """Open the file, making it if need be. Raises `StoreError`."""
        made = cls(path)
        try:
            await made._do(made._open)
        except BaseException:
            made._thread.shutdown(wait=False)
            raise
        return made

    async def put(self, request: AsyncRequest, body: bytes | None = None) -> None:
        """Keep a request, and return when it is on disk; once asked for it is done even if the caller is cancelled."""
        write = _Put(request, body)
        with self._mutex:
            if self._failure is not None:
                raise StoreError(self._failure.fault, self._path, str(self._failure)) from self._failure
            self._waiting.append(write)
        try:
            self._thread.submit(self._flush)
        except RuntimeError as error:
            raise StoreError(StoreFault.CLOSED, self._path, f"The store {self._path} is closed.") from error
        await asyncio.shield(asyncio.wrap_future(write.future))

    async def open(self) -> list[AsyncRequest]:
        """Give the requests that are not over, or whose end is still to be told, in the order of their coming."""
        return await self._find("WHERE open = 1 ORDER BY sequence")

    async def body(self, request_id: RequestId) -> bytes:
        """Give a request's own body; empty when it has none."""

        def read() -> bytes:
            row = self._database.execute("SELECT body FROM bodies WHERE id = ?", (request_id,)).fetchone()
            return b"" if row is None else bytes(row[0])

        return await self._do(read)

    async def get(self, request_id: RequestId) -> AsyncRequest | None:
        """Give a request."""
        found = await self._find("WHERE id = ?", request_id)
        return found[0] if found else None

    async def newest(self, endpoint: EndpointName | None, *, limit: int) -> list[AsyncRequest]:
        """Give the requests that came last, the newest first; `endpoint` None means all endpoints."""
        if endpoint is None:
            return await self._find("ORDER BY sequence DESC LIMIT ?", limit)
        return await self._find("WHERE endpoint = ? ORDER BY sequence DESC LIMIT ?", endpoint, limit)

    async def tallies(self) -> list[Tally]:
        """Count the requests that are kept, by endpoint and state."""

        def read() -> list[Tally]:
            query = "SELECT endpoint, state, count(*), sum(attempts), max(attempts) FROM requests GROUP BY 1, 2 ORDER BY 1, 2"
            return [
                Tally(endpoint=EndpointName(endpoint), state=AsyncState(state), requests=many, attempts=tried, most_attempts=most)
                for endpoint, state, many, tried, most in self._database.execute(query)
            ]

        return await self._do(read)

    async def trim(self, keep: int) -> int:
        """Forget all but the newest `keep` of those that are over and told; give how many went."""

        def forget() -> int:
            with self._database as database:
                database.execute("BEGIN IMMEDIATE")
                newest = "SELECT sequence FROM requests WHERE open = 0 ORDER BY sequence DESC LIMIT -1 OFFSET ?"
                return database.execute(f"DELETE FROM requests WHERE sequence IN ({newest})", (keep,)).rowcount  # noqa: S608

        return await self._do(forget)

    async def close(self) -> None:
        """Finish the writes under way and let go of the file; a second call has no effect."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await asyncio.shield(asyncio.wrap_future(self._thread.submit(connection.close)))
        self._thread.shutdown(wait=False)

    @property
    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(StoreFault.CLOSED, self._path, f"The store {self._path} is closed.")
        return self._connection

    async def _find(self, clause: str, *values: object) -> list[AsyncRequest]:
        def read() -> list[AsyncRequest]:
            rows = self._database.execute(f"SELECT document FROM requests {clause}", values)  # noqa: S608 - clauses are ours
            return [msgspec.msgpack.decode(document, type=AsyncRequest) for (document,) in rows]

        return await self._do(read)

    async def _do(self, work: Callable[[], T]) -> T:
        """Run something in the thread, after the writes that were asked for before it."""

        def tell() -> T:
            try:
                return work()
            except sqlite3.Error as error:
                raise from_database(self._path, error) from error

        try:
            future = self._thread.submit(tell)
        except RuntimeError as error:
            raise StoreError(StoreFault.CLOSED, self._path, f"The store {self._path} is closed.") from error
        return await asyncio.shield(asyncio.wrap_future(future))

    def _open(self) -> None:
        """Open the file; nobody else may write to it meanwhile."""
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            self._ensure_schema(connection)
            self._path.chmod(0o600)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _ensure_schema(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            text = f"The database {self._path} was written by a newer Stoker: install that version again."
            raise StoreError(StoreFault.NEWER, self._path, text)
        if version < VERSION:
            connection.executescript(_SCHEMA)

    def _flush(self) -> None:
        """Be the thread: write all that waits, in one transaction; those that came for writes done already find none."""
        with self._mutex:
            taken = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
        if not taken:
            return
        try:
            self._write(taken)
        except (sqlite3.Error, StoreError) as error:
            failure = error if isinstance(error, StoreError) else from_database(self._path, error)
            with self._mutex:
                self._failure = failure
                taken.extend(self._waiting)
                self._waiting.clear()
            for write in taken:
                write.future.set_exception(failure)
            return
        for write in taken:
            write.future.set_result(None)

    def _write(self, taken: list[_Put]) -> None:
        with self._database as database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(_PUT, [_row(w.request) for w in taken])
            bodies = [(w.request.request_id, w.body) for w in taken if w.body is not None]
            if bodies:
                database.executemany("INSERT OR REPLACE INTO bodies (id, body) VALUES (?, ?)", bodies)
            gone = [(w.request.request_id,) for w in taken if w.request.over]
            if gone:
                database.executemany("DELETE FROM bodies WHERE id = ?", gone)


def _row(request: AsyncRequest) -> tuple[object, ...]:
    document = msgspec.msgpack.encode(request)
    return request.request_id, request.endpoint, not request.told, request.state.value, len(request.attempts), document

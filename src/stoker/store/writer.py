"""The one thread that owns the database, and the bounded queue in front of it.

Writes that wait together are committed together (group commit): each keeps its place and is whole or absent, and one
flush to disk serves all. Reads take their turn in the same queue, so each sees what was written before it was asked.

A database that failed once is not used again: what the platform decided since then is missing in it, and writing on
would leave a hole. Everybody who waits, and everybody after them, gets the first error.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stoker.ports.store import Write
from stoker.store.errors import StoreError, StoreFault

if TYPE_CHECKING:
    from stoker.store.database import Database

T = TypeVar("T")


class _Job:
    """Something to do in the thread: writes, or a call when `call` is there; its outcome goes to `future`."""

    __slots__ = ("call", "future", "writes")

    def __init__(
        self,
        writes: Sequence[Write] = (),
        call: "Callable[[Database], object] | None" = None,
    ) -> None:
        self.writes = writes
        self.call = call
        self.future: Future[object] = Future()


class Writer:
    """Runs the database that `opening` gives, in a thread of its own.

    At most `waiting` jobs wait at once; callers beyond that wait for room. At most `batch` writes (of one or several
    calls) share a transaction, except that one call's writes are never divided.
    """

    def __init__(
        self,
        path: Path,
        opening: "Callable[[], Database]",
        *,
        waiting: int = 1024,
        batch: int = 1000,
    ) -> None:
        self._path = path
        self._opening = opening
        self._batch = batch
        self._room = asyncio.Semaphore(waiting)
        self._jobs: deque[_Job] = deque()  # never longer than `waiting`: each job in it took one of `_room`
        self._changed = threading.Condition()
        self._closing = False
        self._failure: StoreError | None = None
        self._opened: Future[None] = Future()
        # Not waited for at the interpreter's end: what is committed is safe, what is not was never acknowledged.
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    async def open(self) -> None:
        """Start the thread and wait until the database is open; raises the `StoreError` that prevents it."""
        self._thread.start()
        try:
            await asyncio.shield(asyncio.wrap_future(self._opened))
        except asyncio.CancelledError:
            self._close()
            raise

    async def write(self, writes: Sequence[Write]) -> None:
        """Write in one transaction, perhaps with others' writes, and return when all is on disk.

        Once queued, which happens at once unless `waiting` jobs are, the writes are done even if the caller is cancelled.
        """
        await self._do(_Job(tuple(writes)))

    async def call(self, function: "Callable[[Database], T]") -> T:
        """Run `function` on the database in its turn and give what it gives."""
        outcome: list[T] = []
        await self._do(_Job(call=lambda database: outcome.append(function(database))))
        return outcome[0]

    async def close(self) -> None:
        """Finish all that waits and end the thread; calls after that get a `StoreError`."""
        self._close()
        while self._thread.is_alive():
            # Joined in a thread of the loop's pool: the last job may still flush to a slow disk.
            await asyncio.to_thread(self._thread.join)

    async def _do(self, job: _Job) -> None:
        await self._room.acquire()
        try:
            self._enqueue(job)
            inner = asyncio.wrap_future(job.future)
        except BaseException:
            self._room.release()
            raise
        inner.add_done_callback(lambda _: self._room.release())
        await asyncio.shield(inner)

    def _enqueue(self, job: _Job) -> None:
        with self._changed:
            if self._failure is not None:
                # A new one each time: one exception raised again and again would gather all their tracebacks.
                raise StoreError(self._failure.fault, self._path, str(self._failure)) from self._failure
            if self._closing:
                raise StoreError(StoreFault.CLOSED, self._path, f"The store {self._path} is closed.")
            self._jobs.append(job)
            self._changed.notify()

    def _close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()

    def _run(self) -> None:
        """Be the thread: open, work until closed or broken, and leave nobody waiting."""
        failure = StoreError(
            StoreFault.BROKEN,
            self._path,
            f"The thread that writes {self._path} ended by a fault of its own.",
        )
        taken: list[_Job] = []
        database: Database | None = None
        try:
            database = self._opening()
            self._opened.set_result(None)
            while taken := self._take():
                self._work(database, taken)
        except StoreError as error:
            failure = error
        finally:
            with self._changed:
                if not self._closing or taken or self._jobs:
                    self._failure = failure
                taken.extend(self._jobs)
                self._jobs.clear()
            try:
                if database is not None:
                    database.close()
            finally:
                self._refuse(taken, failure)

    def _refuse(self, jobs: list[_Job], failure: StoreError) -> None:
        """Tell everybody who still waits."""
        if not self._opened.done():
            self._opened.set_exception(failure)
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(failure)

    def _take(self) -> list[_Job]:
        """Wait for work and take it: one call, or the writes at the head of the queue; nothing when closed and done."""
        with self._changed:
            while not self._jobs:
                if self._closing:
                    return []
                self._changed.wait()
            taken = [self._jobs.popleft()]
            if taken[0].call is None:
                size = len(taken[0].writes)
                while self._jobs and self._jobs[0].call is None and size + len(self._jobs[0].writes) <= self._batch:
                    taken.append(self._jobs.popleft())
                    size += len(taken[-1].writes)
            return taken

    @staticmethod
    def _work(database: "Database", jobs: list[_Job]) -> None:
        if jobs[0].call is not None:
            jobs[0].call(database)
        else:
            database.write([write for job in jobs for write in job.writes])
        for job in jobs:
            job.future.set_result(None)

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from stoker.ports.store import Put, Write
from stoker.store.errors import StoreError, StoreFault
from stoker.store.sqlite import SqliteStore
from stoker.store.writer import Writer

if TYPE_CHECKING:
    from stoker.store.database import Database

PATH = Path("test.db")


class SlowDisk:
    """Stands where the database does: records each transaction, waits for `go` in it, and fails when told to."""

    def __init__(self) -> None:
        self.transactions: list[list[str]] = []
        self.entered = threading.Event()
        self.go = threading.Event()
        self.failure: BaseException | None = None
        self.closed = False

    def write(self, writes: Sequence[Write]) -> None:
        self.entered.set()
        assert self.go.wait(10)
        if self.failure is not None:
            raise self.failure
        self.transactions.append([write.key for write in writes])

    def close(self) -> None:
        self.closed = True


def writes(*names: str) -> list[Put]:
    return [Put(kind="k", key=name, document=b"") for name in names]


async def started(disk: SlowDisk, *, waiting: int = 100, batch: int = 1000) -> Writer:
    writer = Writer(PATH, lambda: cast("Database", disk), waiting=waiting, batch=batch)
    await writer.open()
    return writer


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 10)


async def held(writer: Writer, disk: SlowDisk, *groups: Sequence[str]) -> list[asyncio.Task[None]]:
    """Ask for the groups of writes; the first is in its transaction, and waits there, before the others are asked for."""
    tasks = [asyncio.ensure_future(writer.write(writes(*groups[0])))]
    await until(disk.entered)
    tasks += [asyncio.ensure_future(writer.write(writes(*group))) for group in groups[1:]]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_writes_that_wait_together_share_a_transaction_in_order() -> None:
    disk = SlowDisk()
    writer = await started(disk)
    tasks = await held(writer, disk, ["a"], ["b", "c"], ["d"], ["e"])
    disk.go.set()
    await asyncio.wait(tasks)
    assert disk.transactions == [["a"], ["b", "c", "d", "e"]]
    await writer.close()
    assert disk.closed


async def test_a_transaction_is_bounded_but_one_calls_writes_are_never_divided() -> None:
    disk = SlowDisk()
    writer = await started(disk, batch=2)
    tasks = await held(writer, disk, ["a"], ["b"], ["c"], ["d"], ["e", "f", "g"])
    disk.go.set()
    await asyncio.wait(tasks)
    assert disk.transactions == [["a"], ["b", "c"], ["d"], ["e", "f", "g"]]
    await writer.close()


async def test_a_call_stands_in_line_between_writes() -> None:
    disk = SlowDisk()
    writer = await started(disk)
    tasks = await held(writer, disk, ["a"], ["b"])
    seen = asyncio.ensure_future(writer.call(lambda _: list(disk.transactions)))
    await asyncio.sleep(0)
    tasks.append(asyncio.ensure_future(writer.write(writes("c"))))
    await asyncio.sleep(0)
    disk.go.set()
    await asyncio.wait(tasks)
    assert await seen == [["a"], ["b"]]
    assert disk.transactions == [["a"], ["b"], ["c"]]
    await writer.close()


async def test_a_write_that_is_queued_is_done_though_its_caller_leaves() -> None:
    disk = SlowDisk()
    writer = await started(disk)
    first, left = await held(writer, disk, ["a"], ["b"])
    left.cancel()
    await asyncio.wait([left])
    assert left.cancelled()
    disk.go.set()
    await first
    await writer.close()
    assert disk.transactions == [["a"], ["b"]]


async def test_callers_beyond_the_bound_wait_for_room() -> None:
    disk = SlowDisk()
    writer = await started(disk, waiting=2)
    tasks = await held(writer, disk, ["a"], ["b"], ["c"], ["d"])
    assert len(writer._jobs) == 1  # noqa: SLF001 - a is in its transaction; c and d wait for room
    disk.go.set()
    await asyncio.wait(tasks)
    assert [name for names in disk.transactions for name in names] == ["a", "b", "c", "d"]
    await writer.close()


async def test_close_finishes_what_waits_and_then_refuses() -> None:
    disk = SlowDisk()
    writer = await started(disk)
    tasks = await held(writer, disk, ["a"], ["b"])
    closing = asyncio.ensure_future(writer.close())
    await asyncio.sleep(0)
    disk.go.set()
    await closing
    await asyncio.wait(tasks)
    assert disk.transactions == [["a"], ["b"]]
    with pytest.raises(StoreError, match="is closed") as caught:
        await writer.write(writes("late"))
    assert caught.value.fault is StoreFault.CLOSED


async def test_the_first_failure_is_everybodys_and_the_last() -> None:
    disk = SlowDisk()
    writer = await started(disk)
    tasks = await held(writer, disk, ["a"], ["b"], ["c"])
    disk.failure = StoreError(StoreFault.FULL, PATH, "The disk is full.")
    disk.go.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["The disk is full."] * 3
    with pytest.raises(StoreError, match="The disk is full") as caught:
        await writer.write(writes("later"))
    assert caught.value.fault is StoreFault.FULL
    assert disk.transactions == []
    await writer.close()
    assert disk.closed


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_fault_of_our_own_leaves_nobody_waiting() -> None:
    disk = SlowDisk()
    writer = await started(disk)
    tasks = await held(writer, disk, ["a"], ["b"])
    disk.failure = KeyError("a bug")
    disk.go.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreError, StoreError]
    assert "ended by a fault of its own" in str(outcomes[0])
    await writer.close()


async def test_a_caller_who_leaves_while_the_database_opens_leaves_no_thread() -> None:
    disk = SlowDisk()
    ready = threading.Event()

    def opening() -> "Database":
        assert ready.wait(10)
        return cast("Database", disk)

    writer = Writer(PATH, opening)
    task = asyncio.ensure_future(writer.open())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    ready.set()
    await writer.close()
    assert disk.closed


async def test_a_database_that_does_not_open_says_why(tmp_path: Path) -> None:
    path = tmp_path / "stoker.db"
    path.write_bytes(b"something else" * 100)
    with pytest.raises(StoreError, match="no database"):
        await SqliteStore.open(path)
    path.unlink()
    await (await SqliteStore.open(path)).close()


async def test_what_was_acknowledged_is_there_after_a_sigkill(tmp_path: Path) -> None:
    script = """
import asyncio, os, signal, sys
from pathlib import Path
from stoker.ports.store import Append, Put
from stoker.store.sqlite import SqliteStore
async def main():
    store = await SqliteStore.open(Path(sys.argv[1]))
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(store.apply([
                Put(kind="endpoint", key=str(number), document=b"x"),
                Append(kind="activity", key="a", entry=str(number), at=number, document=b"y"),
            ]))
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    path = tmp_path / "stoker.db"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(path))
    assert await process.wait() == -9
    store = await SqliteStore.open(path)
    assert len(await store.load()) == 50
    assert len(await store.history("activity", "a", limit=100)) == 50
    await store.close()


async def test_an_apply_is_whole_or_absent_when_its_transaction_fails(tmp_path: Path) -> None:
    path = tmp_path / "stoker.db"
    store = await SqliteStore.open(path)
    await store.apply(writes("before"))
    # A trigger refuses the second write of the call.
    other = sqlite3.connect(path)
    other.execute("CREATE TRIGGER refuse BEFORE INSERT ON records WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'refused'); END")
    other.close()
    with pytest.raises(StoreError, match="refused"):
        await store.apply(writes("good", "bad"))
    await store.close()
    again = await SqliteStore.open(path)
    assert [record.key for record in await again.load()] == ["before"]
    await again.close()


def test_importing_the_store_imports_no_database_library() -> None:
    code = "import sys, stoker.store.sqlite; print([name for name in ('sqlalchemy', 'alembic') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_opening_a_new_or_a_current_database_imports_no_alembic(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from stoker.store.sqlite import SqliteStore
async def main():
    for _ in range(2):
        await (await SqliteStore.open(Path(sys.argv[1]))).close()
asyncio.run(main())
sys.exit("alembic" in sys.modules)
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(tmp_path / "stoker.db"))
    assert await process.wait() == 0

"""Whatever is written, trimmed and read in whatever order: SQLite tells the same as a dict does."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.ports.store import Append, Put, Record, Remove, Write
from stoker.store.sqlite import SqliteStore
from stoker.testing.memory_store import MemoryStore

names = st.sampled_from(["a", "b", "ä/%"])
kinds = st.sampled_from(["k", "l"])
documents = st.binary(max_size=4)
instants = st.integers(-3, 3)
puts = st.builds(Put, kind=kinds, key=names, document=documents)
removes = st.builds(Remove, kind=kinds, key=names)
appends = st.builds(Append, kind=kinds, key=names, entry=names, at=instants, document=documents)
calls = st.lists(st.lists(st.one_of(puts, removes, appends), max_size=6), max_size=6)
trims = st.tuples(kinds, instants, st.integers(0, 3))


def by_name(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (record.kind, record.key))


async def compare(groups: list[list[Write]], trim: tuple[str, int, int], before: int | None, limit: int) -> None:
    memory = MemoryStore()
    with tempfile.TemporaryDirectory() as folder:
        sqlite = await SqliteStore.open(Path(folder) / "stoker.db")
        try:
            async with asyncio.TaskGroup() as group:
                for writes in groups:
                    group.create_task(sqlite.apply(writes))
            for writes in groups:
                await memory.apply(writes)
            for _ in range(2):  # before the trim, and after it
                assert by_name(await sqlite.load()) == by_name(list(await memory.load()))
                for kind in ("k", "l"):
                    for key in ("a", None):
                        expected = await memory.history(kind, key, limit=limit, before=before)
                        assert await sqlite.history(kind, key, limit=limit, before=before) == expected
                kind, oldest, keep = trim
                gone = await memory.trim(kind, before=oldest, keep=keep)
                assert await sqlite.trim(kind, before=oldest, keep=keep) == gone
        finally:
            await sqlite.close()


@settings(max_examples=60, deadline=None)
@given(calls, trims, st.none() | instants, st.integers(0, 8))
def test_sqlite_tells_what_a_dict_tells(
    groups: list[list[Write]], trim: tuple[str, int, int], before: int | None, limit: int
) -> None:
    asyncio.run(compare(groups, trim, before, limit))

"""What every `Store` does, asked of each implementation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from stoker.errors import InvariantBrokenError, StokerError
from stoker.ports.store import Append, Put, Record, Remove, Store
from stoker.ports.store_limits import MAX_DOCUMENT_BYTES, MAX_HISTORY, MAX_KEY_BYTES, MAX_WRITES
from stoker.store.sqlite import SqliteStore
from stoker.testing.memory_store import MemoryStore

Reopen = Callable[[], Awaitable[Store]]


class Kept:
    """A store under test, and the way to open it again after it was closed."""

    def __init__(self, store: Store, reopen: Reopen) -> None:
        self.store = store
        self._reopen = reopen

    async def restart(self) -> Store:
        await self.store.close()
        self.store = await self._reopen()
        return self.store


@pytest.fixture(params=["memory", "sqlite"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    if request.param == "memory":
        memory = MemoryStore()

        async def again() -> Store:
            return memory.reopen()

        under_test = Kept(memory, again)
    else:
        path = tmp_path / "stoker.db"

        async def again() -> Store:
            return await SqliteStore.open(path)

        under_test = Kept(await SqliteStore.open(path), again)
    yield under_test
    await under_test.store.close()


def put(key: str, document: bytes = b"x", kind: str = "endpoint") -> Put:
    return Put(kind=kind, key=key, document=document)


def append(entry: str, at: int, key: str = "a", kind: str = "activity") -> Append:
    return Append(kind=kind, key=key, entry=entry, at=at, document=entry.encode())


async def records(store: Store) -> dict[tuple[str, str], bytes]:
    return {(record.kind, record.key): record.document for record in await store.load()}


async def test_a_new_store_is_empty(kept: Kept) -> None:
    assert list(await kept.store.load()) == []
    assert await kept.store.history("activity", None, limit=10) == []


async def test_records_are_kept_through_a_restart(kept: Kept) -> None:
    await kept.store.apply([put("one", b"\x00\xff"), put("one", b"m", kind="model")])
    store = await kept.restart()
    assert sorted(await store.load(), key=lambda record: record.kind) == [
        Record(kind="endpoint", key="one", document=b"\x00\xff"),
        Record(kind="model", key="one", document=b"m"),
    ]


async def test_a_put_replaces(kept: Kept) -> None:
    await kept.store.apply([put("one", b"1")])
    await kept.store.apply([put("one", b"2")])
    assert await records(kept.store) == {("endpoint", "one"): b"2"}


async def test_a_removed_record_is_gone_also_after_a_restart(kept: Kept) -> None:
    await kept.store.apply([put("one"), put("two")])
    await kept.store.apply([Remove(kind="endpoint", key="one")])
    assert set(await records(kept.store)) == {("endpoint", "two")}
    assert set(await records(await kept.restart())) == {("endpoint", "two")}


async def test_removing_what_is_not_there_is_no_error(kept: Kept) -> None:
    await kept.store.apply([Remove(kind="endpoint", key="none")])


async def test_writes_of_one_apply_are_done_in_order(kept: Kept) -> None:
    gone, back = Remove(kind="endpoint", key="one"), put("one", b"3")
    await kept.store.apply([put("one", b"1"), put("one", b"2"), gone, back, put("two"), Remove(kind="endpoint", key="two")])
    assert await records(kept.store) == {("endpoint", "one"): b"3"}


async def test_applies_at_once_are_done_in_the_order_of_their_calls(kept: Kept) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(kept.store.apply([put("last", str(number).encode()), put(f"own-{number}")]))
    found = await records(await kept.restart())
    assert found["endpoint", "last"] == b"199"
    assert len(found) == 201


async def test_an_empty_apply_is_fine(kept: Kept) -> None:
    await kept.store.apply([])
    assert await records(kept.store) == {}


async def test_history_comes_newest_first(kept: Kept) -> None:
    await kept.store.apply([append("second", 20), append("first", 10), append("third", 30)])
    assert await kept.store.history("activity", "a", limit=10) == [b"third", b"second", b"first"]
    assert await kept.store.history("activity", "a", limit=2) == [b"third", b"second"]
    assert await kept.store.history("activity", "a", limit=0) == []


async def test_entries_of_one_instant_come_last_written_first(kept: Kept) -> None:
    await kept.store.apply([append(name, 10) for name in ("a", "b", "c")])
    await kept.store.apply([append("b", 10)])
    assert await kept.store.history("activity", "a", limit=10) == [b"c", b"b", b"a"]


async def test_before_is_exclusive(kept: Kept) -> None:
    await kept.store.apply([append("old", 10), append("new", 20)])
    assert await kept.store.history("activity", "a", limit=10, before=20) == [b"old"]
    assert await kept.store.history("activity", "a", limit=10, before=21) == [b"new", b"old"]


async def test_history_is_of_its_kind_and_key(kept: Kept) -> None:
    await kept.store.apply([append("mine", 1), append("other", 2, key="b"), append("alarm", 3, kind="alarm history")])
    assert await kept.store.history("activity", "a", limit=10) == [b"mine"]
    assert await kept.store.history("activity", None, limit=10) == [b"other", b"mine"]


async def test_the_same_entry_again_replaces_it(kept: Kept) -> None:
    await kept.store.apply([append("one", 10), append("two", 20)])
    await kept.store.apply([Append(kind="activity", key="a", entry="one", at=30, document=b"changed")])
    assert await kept.store.history("activity", "a", limit=10) == [b"changed", b"two"]
    assert await (await kept.restart()).history("activity", "a", limit=10) == [b"changed", b"two"]


async def test_the_same_entry_id_of_another_key_is_another_entry(kept: Kept) -> None:
    await kept.store.apply([append("one", 10), append("one", 20, key="b")])
    assert len(await kept.store.history("activity", None, limit=10)) == 2


async def test_removing_a_record_leaves_its_history(kept: Kept) -> None:
    await kept.store.apply([put("a", kind="activity"), append("one", 1), Remove(kind="activity", key="a")])
    assert await kept.store.history("activity", "a", limit=10) == [b"one"]


async def test_trim_drops_the_old_and_those_beyond_the_newest(kept: Kept) -> None:
    await kept.store.apply([append(f"a{at}", at) for at in range(10)])
    await kept.store.apply([append(f"b{at}", at, key="b") for at in range(4, 7)])
    await kept.store.apply([append("else", 0, kind="alarm history")])
    assert await kept.store.trim("activity", before=5, keep=3) == 5 + 2 + 1
    assert await kept.store.history("activity", "a", limit=100) == [b"a9", b"a8", b"a7"]
    assert await kept.store.history("activity", "b", limit=100) == [b"b6", b"b5"]
    assert await kept.store.history("alarm history", None, limit=100) == [b"else"]
    assert await kept.store.trim("activity", before=5, keep=3) == 0


async def test_trim_can_keep_nothing(kept: Kept) -> None:
    await kept.store.apply([append("one", 10)])
    assert await kept.store.trim("activity", before=0, keep=0) == 1


async def test_reads_see_the_writes_asked_for_before_them(kept: Kept) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(kept.store.apply([append("one", 1)]))
        seen = group.create_task(kept.store.history("activity", "a", limit=1))
    assert seen.result() == [b"one"]


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(put(""), id="empty key"),
        pytest.param(put("k", kind=""), id="empty kind"),
        pytest.param(put("k" * (MAX_KEY_BYTES + 1)), id="long key"),
        pytest.param(put("a\0b"), id="NUL in a key"),
        pytest.param(put("\ud800"), id="lone surrogate"),
        pytest.param(put("k", bytes(MAX_DOCUMENT_BYTES + 1)), id="large document"),
        pytest.param(append("e", 2**63), id="instant beyond 64 bits"),
        pytest.param(append("", 1), id="empty entry"),
        pytest.param(Remove(kind="endpoint", key=""), id="remove of an empty key"),
    ],
)
async def test_what_cannot_be_kept_is_refused_whole_and_the_store_goes_on(kept: Kept, write: Put | Append | Remove) -> None:
    with pytest.raises(InvariantBrokenError):
        await kept.store.apply([put("before"), write])
    assert await records(kept.store) == {}
    await kept.store.apply([put("after")])
    assert set(await records(kept.store)) == {("endpoint", "after")}


async def test_calls_out_of_bounds_are_refused(kept: Kept) -> None:
    with pytest.raises(InvariantBrokenError, match="writes at once"):
        await kept.store.apply([put("k")] * (MAX_WRITES + 1))
    with pytest.raises(InvariantBrokenError, match="entries of a history"):
        await kept.store.history("activity", None, limit=MAX_HISTORY + 1)
    with pytest.raises(InvariantBrokenError, match="64 bits"):
        await kept.store.history("activity", None, limit=1, before=2**64)
    with pytest.raises(InvariantBrokenError, match="keep -1"):
        await kept.store.trim("activity", before=0, keep=-1)


async def test_a_closed_store_refuses_and_closes_again(kept: Kept) -> None:
    await kept.store.close()
    await kept.store.close()
    with pytest.raises(StokerError, match="closed"):
        await kept.store.apply([put("late")])
    with pytest.raises(StokerError, match="closed"):
        await kept.store.load()


async def test_unusual_names_are_kept_as_they_are(kept: Kept) -> None:
    names = ["Ä/ü%_'\";--", " ", "variant/a/b", "名", "a", "A"]
    await kept.store.apply([put(name, name.encode()) for name in names])
    assert await records(await kept.restart()) == {("endpoint", name): name.encode() for name in names}

import pytest

from stoker.errors import InvariantBrokenError, StokerError
from stoker.ports.store import Append, Put
from stoker.testing.memory_store import MemoryStore

ONE = Put(kind="k", key="one", document=b"1")


async def test_a_failed_disk_fails_every_call_and_keeps_what_was_there() -> None:
    store = MemoryStore()
    await store.apply([ONE])
    store.fail_with(StokerError("the disk is full"))
    with pytest.raises(StokerError, match="full"):
        await store.apply([Put(kind="k", key="two", document=b"2")])
    with pytest.raises(StokerError, match="full"):
        await store.history("k", None, limit=1)
    assert [record.key for record in await store.reopen().load()] == ["one"]


async def test_reopening_closes_the_former_store() -> None:
    store = MemoryStore()
    await store.apply([ONE, Append(kind="h", key="k", entry="e", at=1, document=b"x")])
    again = store.reopen()
    with pytest.raises(InvariantBrokenError, match="closed"):
        await store.load()
    assert await again.history("h", "k", limit=1) == [b"x"]

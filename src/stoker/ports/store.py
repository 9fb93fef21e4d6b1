"""The port to what outlives the process."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from stoker.engine.commands import Append as Append
from stoker.engine.commands import Put as Put
from stoker.engine.commands import Remove as Remove
from stoker.engine.commands import Write as Write
from stoker.units import Instant


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A kept record."""

    kind: str
    key: str
    document: bytes


class Store(Protocol):
    """Keeps records and histories. All implementations observe the same contract test suite."""

    async def apply(self, writes: Sequence[Write]) -> None:
        """Do all writes in one transaction, in order, and return when they are on disk."""
        ...

    async def load(self) -> Iterable[Record]:
        """Give all records, in no particular order."""
        ...

    async def history(self, kind: str, key: str | None, *, limit: int, before: Instant | None = None) -> list[bytes]:
        """Give the newest entries of a history, newest first; `key` None means all keys, `before` is exclusive."""
        ...

    async def trim(self, kind: str, *, before: Instant, keep: int) -> int:
        """Drop entries of a history older than `before`, and beyond the newest `keep` of each key; give how many went."""
        ...

    async def close(self) -> None:
        """Finish the writes under way and let go of the store."""
        ...

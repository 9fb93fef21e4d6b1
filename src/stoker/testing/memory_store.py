"""A store in memory: as quick and as forgetful as a dict, with the real one's order, limits and errors."""

from collections.abc import Iterable, Sequence

from stoker.errors import InvariantBrokenError
from stoker.ports.store import Append, Put, Record, Remove, Write
from stoker.ports.store_limits import check_history, check_trim, check_writes
from stoker.units import Instant


class MemoryStore:
    """A `stoker.ports.store.Store` without a disk.

    `reopen` plays a restart: a new store with the same contents. `fail_with` plays a disk that has failed.
    """

    __slots__ = ("_closed", "_failure", "_history", "_records")

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], bytes] = {}
        # A dict keeps the place of a replaced entry, which is how the real store orders entries of one instant.
        self._history: dict[tuple[str, str, str], tuple[Instant, bytes]] = {}
        self._failure: Exception | None = None
        self._closed = False

    def fail_with(self, error: Exception) -> None:
        """Let every further call raise `error` and change nothing."""
        self._failure = error

    def reopen(self) -> "MemoryStore":
        """Give a healthy store with this one's contents, and close this one."""
        again = MemoryStore()
        again._records.update(self._records)
        again._history.update(self._history)
        self._closed = True
        return again

    async def apply(self, writes: Sequence[Write]) -> None:
        """Do all writes, in order."""
        check_writes(writes)
        self._check()
        for write in writes:
            if isinstance(write, Put):
                self._records[write.kind, write.key] = write.document
            elif isinstance(write, Remove):
                self._records.pop((write.kind, write.key), None)
            else:
                self._append(write)

    def _append(self, write: Append) -> None:
        self._history[write.kind, write.key, write.entry] = (write.at, write.document)

    async def load(self) -> Iterable[Record]:
        """Give all records."""
        self._check()
        return [Record(kind=kind, key=key, document=document) for (kind, key), document in self._records.items()]

    async def history(self, kind: str, key: str | None, *, limit: int, before: Instant | None = None) -> list[bytes]:
        """Give the newest entries of a history, newest first."""
        check_history(limit, before)
        self._check()
        found = self._newest_first(kind, key)
        return [self._history[name][1] for name in found if before is None or self._history[name][0] < before][:limit]

    async def trim(self, kind: str, *, before: Instant, keep: int) -> int:
        """Drop entries that are too old or too many; give how many went."""
        check_trim(before, keep)
        self._check()
        kept: dict[str, int] = {}
        gone = 0
        for name in self._newest_first(kind, None):
            kept[name[1]] = kept.get(name[1], 0) + 1
            if self._history[name][0] < before or kept[name[1]] > keep:
                del self._history[name]
                gone += 1
        return gone

    async def close(self) -> None:
        """Let go: further calls are a bug."""
        self._closed = True

    def _newest_first(self, kind: str, key: str | None) -> list[tuple[str, str, str]]:
        found = [name for name in reversed(self._history) if name[0] == kind and key in {None, name[1]}]
        return sorted(found, key=lambda name: self._history[name][0], reverse=True)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise InvariantBrokenError("The store is closed.")

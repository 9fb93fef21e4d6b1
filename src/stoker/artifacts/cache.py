"""The cache of unpacked artifacts: one directory for each content, bounded in bytes.

    DATA/artifacts/SHA256/          the files
    DATA/artifacts/SHA256.json      how many bytes they are; its modification time is the last use
    DATA/artifacts/new-*            being unpacked; a crash leaves one, the next start removes it

An artifact is in use while a link `DATA/copies/*/model` leads to it, or its last use is younger than ten minutes (the time
between fetching and linking). What is in use is never removed: what does not fit beside it is refused. How big an archive
is shows only when it is unpacked, and only then are others removed for it; so for that moment the cache may take twice its
bytes.
"""

import contextlib
import hashlib
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path

import msgspec

from stoker.errors import LimitError

FRESH_S = 600.0
_MOST_KNOWN = 4096

Unpack = Callable[[Path, int], int]
"""Fill an empty directory with at most so many bytes of files; gives how many."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What tells, without reading it, that a file on this machine has not changed."""

    path: str
    size: int
    changed: int
    inode: int


class ArtifactCache:
    """Keeps unpacked archives below `data/artifacts`. Its methods block, and may be called from several threads."""

    __slots__ = ("_copies", "_digests", "_fresh_s", "_max_bytes", "_mutex", "_root")

    def __init__(self, data: Path, max_bytes: int, *, fresh_s: float = FRESH_S) -> None:
        self._root = data / "artifacts"
        self._copies = data / "copies"
        self._max_bytes = max_bytes
        self._fresh_s = fresh_s
        self._digests: dict[Identity, str] = {}
        self._mutex = threading.Lock()
        for torn in self._root.glob("new-*"):
            shutil.rmtree(torn, ignore_errors=True)

    def peek(self, identity: Identity) -> Path | None:
        """Give the directory with the archive's files if it is known without reading anything; a matter of microseconds."""
        digest = self._digests.get(identity)
        return None if digest is None else self._present(self._root / digest)

    def get(self, identity: Identity, unpack: Unpack) -> Path:
        """Give the directory with the archive's files, unpacked unless it is here; `LimitError` if it does not fit."""
        digest = _digest(Path(identity.path))
        self._remember(identity, digest)
        target = self._root / digest
        return self._present(target) or self._fill(target, unpack)

    def find(self, digest: str) -> Path | None:
        """Give the directory of that name if it is here, and count that as a use of it."""
        return self._present(self._root / digest)

    def room(self) -> int:
        """Give how many bytes of files could come in now."""
        with self._mutex:
            return self._max_bytes - self._staying_bytes()

    def keep(self, digest: str, fresh: Path, size: int) -> Path:
        """Take in a directory of so many bytes of files under a name; `LimitError` if it does not fit."""
        target = self._root / digest
        with self._mutex:
            if not target.is_dir():
                self._make_room(size)
                self._note(target).write_bytes(msgspec.json.encode({"bytes": size}))
                fresh.rename(target)
        self._note(target).touch()
        return target

    def _remember(self, identity: Identity, digest: str) -> None:
        with self._mutex:
            while len(self._digests) >= _MOST_KNOWN:
                del self._digests[next(iter(self._digests))]
            self._digests[identity] = digest

    def _present(self, target: Path) -> Path | None:
        with self._mutex:
            if not target.is_dir():
                return None
            self._note(target).touch()
            return target

    def _fill(self, target: Path, unpack: Unpack) -> Path:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self._root))
        try:
            with self._mutex:
                room = self._max_bytes - self._staying_bytes()
            size = unpack(fresh, room)
            with self._mutex:
                if not target.is_dir():  # else it was unpacked from another file of the same content meanwhile
                    self._make_room(size)
                    self._note(target).write_bytes(msgspec.json.encode({"bytes": size}))
                    fresh.rename(target)
            return target
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _staying_bytes(self) -> int:
        kept = self._entries()
        staying = self._staying(kept)
        return sum(size for path, _, size in kept if path in staying)

    def _make_room(self, wanted: int) -> None:
        """Remove what is longest unused until `wanted` bytes are free."""
        kept = self._entries()
        staying = self._staying(kept)
        total = sum(size for _, _, size in kept)
        for path, _, size in sorted(kept, key=itemgetter(1)):
            if self._max_bytes - total >= wanted:
                return
            if path not in staying:
                self._note(path).unlink(missing_ok=True)
                shutil.rmtree(path, ignore_errors=True)
                total -= size
        if self._max_bytes - total < wanted:
            message = f"Artifacts in use leave {self._max_bytes - total} bytes of the cache; {wanted} are needed."
            raise LimitError(message, limit="artifact bytes", maximum=self._max_bytes)

    def _staying(self, kept: list[tuple[Path, float, int]]) -> set[Path]:
        """Give what must not be removed: linked to by a copy, or used a moment ago."""
        fresh_since = time.time() - self._fresh_s
        linked = set()
        for link in self._copies.glob("*/model"):
            with contextlib.suppress(OSError):  # the copy is gone meanwhile
                linked.add(link.readlink())
        return linked | {path for path, used, _ in kept if used > fresh_since}

    def _entries(self) -> list[tuple[Path, float, int]]:
        entries = []
        for note in self._root.glob("*.json"):
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                size = msgspec.json.decode(note.read_bytes(), type=dict[str, int]).get("bytes", 0)
                entries.append((note.with_suffix(""), note.stat().st_mtime, size))
        return entries

    def _note(self, target: Path) -> Path:
        return target.with_name(f"{target.name}.json")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

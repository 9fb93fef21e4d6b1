"""The cache of unpacked artifacts: one directory for each content, bounded in bytes.

    DATA/artifacts/SHA256/          the files
    DATA/artifacts/SHA256.json      how many bytes they are; its modification time is the last use
    DATA/artifacts/new-*            being unpacked; a crash leaves one, the next start removes it

An artifact is in use while a link `DATA/copies/*/model` leads to it, or its last use is younger than ten minutes (the time
between fetching and linking). What is in use is never removed: what does not fit beside it is refused.
"""

import contextlib
import hashlib
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
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

    def get(self, identity: Identity, unpack: Unpack) -> Path:
        """Give the directory with the archive's files, unpacked unless it is here; `LimitError` if it does not fit."""
        digest = self._digests.get(identity)
        if digest is None:
            digest = _digest(Path(identity.path))
            while len(self._digests) >= _MOST_KNOWN:
                self._digests.pop(next(iter(self._digests)), None)
            self._digests[identity] = digest
        with self._mutex:
            target = self._root / digest
            if not target.is_dir():
                self._fill(target, identity.size, unpack)
            self._note(target).touch()
            return target

    def _fill(self, target: Path, packed_bytes: int, unpack: Unpack) -> None:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        room = self._max_bytes - self._make_room(packed_bytes)
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self._root))
        try:
            try:
                size = unpack(fresh, room)
            except LimitError:
                shutil.rmtree(fresh)
                fresh.mkdir(mode=0o700)
                size = unpack(fresh, self._max_bytes - self._make_room(self._max_bytes))
            self._note(target).write_bytes(msgspec.json.encode({"bytes": size}))
            fresh.rename(target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _make_room(self, wanted: int) -> int:
        """Remove what is longest unused until `wanted` bytes are free, or nothing more may go; gives the bytes still kept."""
        kept = sorted((used, size, path) for path, used, size in self._entries())
        total = sum(size for _, size, _ in kept)
        in_use = self._in_use()
        newest_removable = time.time() - self._fresh_s
        for used, size, path in kept:
            if self._max_bytes - total >= wanted:
                break
            if path not in in_use and used <= newest_removable:
                shutil.rmtree(path, ignore_errors=True)
                self._note(path).unlink(missing_ok=True)
                total -= size
        return total

    def _entries(self) -> list[tuple[Path, float, int]]:
        entries = []
        for note in self._root.glob("*.json"):
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                size = msgspec.json.decode(note.read_bytes(), type=dict[str, int]).get("bytes", 0)
                entries.append((note.with_suffix(""), note.stat().st_mtime, size))
        return entries

    def _in_use(self) -> set[Path]:
        links = set()
        for link in self._copies.glob("*/model"):
            with contextlib.suppress(OSError):
                links.add(link.readlink())
        return links

    def _note(self, target: Path) -> Path:
        return target.with_name(f"{target.name}.json")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

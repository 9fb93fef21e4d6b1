"""Buckets on this disk, for models' files: what the S3 face keeps, and what `s3://` means here.

    DATA/buckets/NAME/objects/...       each key a file (see `bucket_paths`); files put there by hand are objects, too
    DATA/buckets/NAME/notes/HH/HASH     what is known of a key besides its bytes
    DATA/buckets/NAME/uploads/ID/       an upload in parts
    DATA/buckets/NAME/incoming/         bytes on their way in; a crash leaves some, the next start removes them

Everything here blocks, and may be called from several threads.
"""

import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stoker.artifacts.bucket_paths import check_bucket, key_path, part_of_key
from stoker.artifacts.objects import Incoming, Note, Object
from stoker.errors import ConflictError, InvalidParameterError, LimitError, NotFoundError

MAX_BUCKETS: Final = 100
"""Source: AWS, "Bucket quotas": what an account had by default."""
BUCKET: Final = "bucket"
OBJECT: Final = "object"
NOT_EMPTY: Final = "The bucket you tried to delete is not empty"


class BucketLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of one object (or part of one), and of all that is in buckets."""

    object_bytes: int = 5 << 30
    total_bytes: int = 100 << 30


class Listed(NamedTuple):
    """One line of a listing: a key, or what many keys begin with."""

    name: str
    common: bool


class Buckets:
    """The buckets below `data/buckets`."""

    __slots__ = ("_incoming", "_mutex", "_root", "_used", "limits")

    def __init__(self, data: Path, limits: BucketLimits | None = None) -> None:
        self._root = data / "buckets"
        self.limits = limits or BucketLimits()
        self._mutex = threading.Lock()
        self._incoming = 0
        self._used: int | None = None
        for torn in self._root.glob("*/incoming/new-*"):
            torn.unlink(missing_ok=True)

    def names(self) -> list[tuple[str, int]]:
        """Give the buckets by name, each with when it was made."""
        if not self._root.is_dir():
            return []
        return sorted((entry.name, entry.stat().st_ctime_ns) for entry in os.scandir(self._root) if entry.is_dir())

    def folder(self, bucket: str) -> Path:
        """Give a bucket's directory; NotFoundError if there is none of this name."""
        with contextlib.suppress(InvalidParameterError):
            folder = self._root / check_bucket(bucket)
            if folder.is_dir():
                return folder
        raise NotFoundError(BUCKET, bucket, "The specified bucket does not exist")

    def create(self, bucket: str) -> bool:
        """Make a bucket; False if it is there already."""
        folder = self._root / check_bucket(bucket)
        with self._mutex:
            if folder.is_dir():
                return False
            if len(self.names()) >= MAX_BUCKETS:
                message = "You have attempted to create more buckets than allowed"
                raise LimitError(message, limit="buckets", maximum=MAX_BUCKETS)
            (folder / "objects").mkdir(mode=0o700, parents=True)
            return True

    def delete(self, bucket: str) -> None:
        """Remove an empty bucket; ConflictError for one that is not."""
        folder = self.folder(bucket)
        with self._mutex:
            if any(True for _ in self.keys(bucket)):
                raise ConflictError(BUCKET, bucket, NOT_EMPTY)
            shutil.rmtree(folder, ignore_errors=True)

    def incoming(self, bucket: str, *, most_bytes: int | None = None, sums: frozenset[str] = frozenset()) -> Incoming:
        """Begin to take in bytes; `LimitError` when there is no room for more."""
        folder = self.folder(bucket)
        room = self.limits.total_bytes - self.used()
        most = min(self.limits.object_bytes, most_bytes or self.limits.object_bytes)
        if room <= 0 or (most_bytes is not None and most_bytes > room):
            message = f"The buckets are full: they may keep {self.limits.total_bytes} bytes (artifacts.max_bucket_bytes)."
            raise LimitError(message, limit="bucket bytes", maximum=self.limits.total_bytes)
        return Incoming(folder / "incoming", most_bytes=min(most, room), sums=sums)

    def used(self) -> int:
        """Give the bytes in all buckets, uploads under way included: counted once, then kept up with."""
        if self._used is None:
            files = (Path(at) / name for at, _, names in os.walk(self._root) for name in names)
            self._used = sum(_size(path) for path in files)
        return self._used

    def grew(self, size: int) -> None:
        """Count bytes that have come (or gone) otherwise than by an object."""
        with self._mutex:
            self._used = (self._used or 0) + size

    def put(
        self,
        bucket: str,
        key: str,
        came: Incoming,
        *,
        etag: str = "",
        headers: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> Object:
        """Make an object of what has come; it takes the place of one of its name. `fresh`: ConflictError if there is one.

        Also ConflictError when the key is a part of another's path, or another of its: here keys are files and directories.
        """
        came.close()
        folder = self.folder(bucket)
        path = key_path(folder / "objects", key)
        status = came.path.stat()
        note = Note(
            size=status.st_size,
            changed=status.st_mtime_ns,
            etag=etag or came.md5.hex(),
            headers=headers or {},
            sums=came.sums,
        )
        place = _note_path(folder, key)
        with self._mutex:
            old = _size(path)
            if fresh and path.exists():
                raise ConflictError(OBJECT, key, "At least one of the pre-conditions you specified did not hold", exists=True)
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                place.write_bytes(msgspec.json.encode(note))
                came.path.replace(path)
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                message = "Here an object cannot have a key that is also the beginning, up to a slash, of another's."
                raise ConflictError(OBJECT, key, message) from error
            self._used = (self._used or 0) + status.st_size - old
        return _object(key, path, note)

    def get(self, bucket: str, key: str) -> Object:
        """Give an object; NotFoundError when there is none."""
        folder = self.folder(bucket)
        path = key_path(folder / "objects", key)
        found = _look(folder, key, path)
        if found is None:
            raise NotFoundError(OBJECT, key, "The specified key does not exist.")
        return found

    def remove(self, bucket: str, key: str) -> bool:
        """Remove an object, and directories that are empty then; False when there was none."""
        folder = self.folder(bucket)
        root = folder / "objects"
        path = key_path(root, key)
        with self._mutex:
            if not path.is_file():
                return False
            size = _size(path)
            path.unlink()
            _note_path(folder, key).unlink(missing_ok=True)
            self._used = (self._used or 0) - size
            with contextlib.suppress(OSError):  # one that is not empty ends it
                for above in path.parents:
                    if above == root:
                        break
                    above.rmdir()
        return True

    def keys(self, bucket: str, *, prefix: str = "", after: str = "", folded: bool = False) -> Iterator[Listed]:
        """Give the keys that begin with `prefix` and come after `after`, in their order.

        `folded`: those that have a slash beyond the prefix are one line, up to that slash.
        """
        return _walk(self.folder(bucket) / "objects", "", prefix, after, folded=folded)

    def look(self, bucket: str, key: str) -> Object | None:
        """Give a listed object, None if it is gone meanwhile."""
        folder = self.folder(bucket)
        return _look(folder, key, key_path(folder / "objects", key))

    def path_of(self, bucket: str, key: str) -> Path:
        """Give where a key, or all that begin with it up to a slash, are; there may be nothing there."""
        root = self.folder(bucket) / "objects"
        bare = key.rstrip("/")
        return key_path(root, bare) if bare else root


def _walk(folder: Path, head: str, prefix: str, after: str, *, folded: bool) -> Iterator[Listed]:
    try:
        entries = [(part_of_key(entry.name), entry) for entry in os.scandir(folder)]
    except (FileNotFoundError, NotADirectoryError):  # removed meanwhile
        return
    lines = [(f"{head}{name}/" if entry.is_dir() else head + name, entry) for name, entry in entries]
    for name, entry in sorted(lines, key=lambda line: line[0]):
        if not entry.is_dir():
            if name.startswith(prefix) and name > after:
                yield Listed(name, common=False)
        elif folded and name.startswith(prefix) and name != prefix:
            if name > after or (after != name and after.startswith(name)):
                yield Listed(name, common=True)
        elif (name.startswith(prefix) or prefix.startswith(name)) and (name > after or after.startswith(name)):
            yield from _walk(Path(entry.path), name, prefix, after, folded=folded)


def _look(folder: Path, key: str, path: Path) -> Object | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not path.is_file():
        return None
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        note = msgspec.json.decode(_note_path(folder, key).read_bytes(), type=Note)
        if (note.size, note.changed) == (status.st_size, status.st_mtime_ns):
            return _object(key, path, note)
    # Put there by hand: nothing is known of it but what the file system says.
    etag = hashlib.md5(f"{status.st_size} {status.st_mtime_ns}".encode(), usedforsecurity=False).hexdigest()
    return _object(key, path, Note(size=status.st_size, changed=status.st_mtime_ns, etag=f"{etag}-0"))


def _object(key: str, path: Path, note: Note) -> Object:
    return Object(key=key, path=path, size=note.size, changed=note.changed, etag=note.etag, headers=note.headers, sums=note.sums)


def _note_path(folder: Path, key: str) -> Path:
    name = hashlib.sha256(key.encode()).hexdigest()
    return folder / "notes" / name[:2] / name


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

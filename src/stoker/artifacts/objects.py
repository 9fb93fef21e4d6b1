"""What is known of an object besides its bytes, and the taking in of one."""

import base64
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from stoker.errors import LimitError
from stoker.units import Instant


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept beside an object's file; it counts while the file has this `size` and was changed at `changed`.

    `headers` are those given with the object (lower-case names), `sums` its checksums in base64 by algorithm.
    """

    size: int
    changed: Instant
    etag: str
    headers: Mapping[str, str] = {}
    sums: Mapping[str, str] = {}


class Object(msgspec.Struct, frozen=True, kw_only=True):
    """An object as it lies there. `etag` is without quotes, `changed` the wall's time."""

    key: str
    path: Path
    size: int
    changed: Instant
    etag: str
    headers: Mapping[str, str] = {}
    sums: Mapping[str, str] = {}


class _Crc32:
    """zlib's CRC-32 in the shape of a hash."""

    __slots__ = ("_value",)

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


SUMS: Final[Mapping[str, Any]] = {"crc32": _Crc32, "sha1": lambda: hashlib.sha1(usedforsecurity=False), "sha256": hashlib.sha256}
"""The checksums that are held against bodies. CRC32C and CRC64NVME are not: nothing installed makes them fast enough."""


class Incoming:
    """Bytes that become an object, or a part of one, in a file of their own. Its methods block.

    Raises `LimitError` beyond `most_bytes`.
    """

    __slots__ = ("_file", "_hashes", "_md5", "most_bytes", "path", "size")

    def __init__(self, folder: Path, *, most_bytes: int, sums: Iterable[str] = ()) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix="new-", dir=folder)
        self._file: IO[bytes] = os.fdopen(number, "wb")
        self.path = Path(name)
        self.most_bytes = most_bytes
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._hashes = {name: SUMS[name]() for name in sums}

    def write(self, data: bytes) -> None:
        """Take more bytes."""
        self.size += len(data)
        if self.size > self.most_bytes:
            message = "Your proposed upload exceeds the maximum allowed object size."
            raise LimitError(message, limit="object bytes", maximum=self.most_bytes)
        self._md5.update(data)
        for each in self._hashes.values():
            each.update(data)
        self._file.write(data)

    @property
    def md5(self) -> bytes:
        """The digest of what came so far."""
        return self._md5.digest()

    @property
    def sums(self) -> dict[str, str]:
        """The checksums asked for, in base64."""
        return {name: base64.b64encode(each.digest()).decode() for name, each in self._hashes.items()}

    def sync(self) -> None:
        """Have what is there on the disk, through a power cut."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write out what is there."""
        self._file.close()

    def drop(self) -> None:
        """Forget all of it; nothing happens when it has become an object."""
        self._file.close()
        self.path.unlink(missing_ok=True)

"""Uploads in parts: each part a file, put together into one object at the end. Everything here blocks."""

import contextlib
import hashlib
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stoker.artifacts.bucket_paths import key_path
from stoker.artifacts.buckets import Buckets
from stoker.artifacts.objects import Incoming, Note, Object
from stoker.errors import InvalidParameterError, LimitError, NotFoundError

MAX_PARTS: Final = 10_000
MIN_PART_BYTES: Final = 5 << 20
"""What a part has at least, but for the last one. Source of both: AWS, "Amazon S3 multipart upload limits"."""
MAX_UPLOADS: Final = 1000
"""Uploads under way in one bucket."""
UPLOAD: Final = "upload"
_ID: Final = re.compile(r"[0-9a-f]{32}")
_BLOCK: Final = 1 << 20


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """An upload under way."""

    key: str
    headers: Mapping[str, str] = {}


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part as a client names it when it ends its upload; `sums` are in base64 by algorithm."""

    number: int
    etag: str
    sums: Mapping[str, str] = {}


class PartError(InvalidParameterError):
    """The parts named are not those that came; `code` is S3's word for how."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, field="Part")
        self.code = code


class Uploads:
    """The uploads in parts of all buckets."""

    __slots__ = ("_buckets",)

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    def begin(self, bucket: str, key: str, headers: Mapping[str, str]) -> str:
        """Begin an upload and give its id."""
        folder = self._buckets.folder(bucket)
        key_path(folder / "objects", key)
        place = folder / "uploads"
        place.mkdir(mode=0o700, exist_ok=True)
        if sum(1 for _ in place.iterdir()) >= MAX_UPLOADS:
            message = f"There are {MAX_UPLOADS} uploads under way in {bucket}; abort some."
            raise LimitError(message, limit="uploads", maximum=MAX_UPLOADS)
        upload_id = secrets.token_hex(16)
        (place / upload_id).mkdir(mode=0o700)
        (place / upload_id / "begun").write_bytes(msgspec.json.encode(Begun(key=key, headers=headers)))
        return upload_id

    def take(self, bucket: str, key: str, upload_id: str, number: int, came: Incoming) -> str:
        """Keep a part that has come, in the place of one of its number; give its ETag."""
        folder, _ = self._find(bucket, key, upload_id)
        came.close()
        status = came.path.stat()
        path = folder / f"{number}.part"
        old = path.stat().st_size if path.exists() else 0
        note = Note(size=status.st_size, changed=status.st_mtime_ns, etag=came.md5.hex(), sums=came.sums)
        came.path.replace(path)
        (folder / f"{number}.note").write_bytes(msgspec.json.encode(note))
        self._buckets.grew(status.st_size - old)
        return note.etag

    def parts(self, bucket: str, key: str, upload_id: str) -> list[tuple[int, Note]]:
        """Give the parts that have come, by number."""
        folder, _ = self._find(bucket, key, upload_id)
        found = [(int(path.stem), msgspec.json.decode(path.read_bytes(), type=Note)) for path in folder.glob("*.note")]
        return sorted(found, key=lambda part: part[0])

    def under_way(self, bucket: str, prefix: str = "") -> list[tuple[str, str, int]]:
        """Give key, id and beginning of a bucket's uploads, in the order of their keys."""
        found = []
        for place in (self._buckets.folder(bucket) / "uploads").glob("*/begun"):
            with contextlib.suppress(OSError):
                begun = msgspec.json.decode(place.read_bytes(), type=Begun)
                found.append((begun.key, place.parent.name, place.stat().st_mtime_ns))
        return sorted(one for one in found if one[0].startswith(prefix))

    def abort(self, bucket: str, key: str, upload_id: str) -> None:
        """Forget an upload and its parts."""
        folder, _ = self._find(bucket, key, upload_id)
        self._forget(folder)

    def complete(self, bucket: str, key: str, upload_id: str, named: Sequence[Part]) -> Object:
        """Put the named parts together into an object. Raises PartError when they are not those that came."""
        folder, begun = self._find(bucket, key, upload_id)
        there = dict(self.parts(bucket, key, upload_id))
        if not named or [part.number for part in named] != sorted({part.number for part in named}):
            message = "The list of parts was not in ascending order. The parts list must be specified in order by part number."
            raise PartError("InvalidPartOrder", message)
        for part in named:
            note = there.get(part.number)
            if note is None or part.etag.strip('"') != note.etag or any(note.sums.get(n, v) != v for n, v in part.sums.items()):
                text = "One or more of the specified parts could not be found.  The part may not have been uploaded, "
                raise PartError("InvalidPart", f"{text}or the specified entity tag may not match the part's entity tag.")
            if part is not named[-1] and note.size < MIN_PART_BYTES:
                raise PartError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        digests = b"".join(bytes.fromhex(there[part.number].etag) for part in named)
        etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(named)}"
        came = Incoming(folder, most_bytes=self._buckets.limits.total_bytes)
        try:
            for part in named:
                with (folder / f"{part.number}.part").open("rb") as file:
                    while block := file.read(_BLOCK):
                        came.write(block)
            made = self._buckets.put(bucket, key, came, etag=etag, headers=begun.headers)
        finally:
            came.drop()
        self._forget(folder)
        return made

    def _find(self, bucket: str, key: str, upload_id: str) -> tuple[Path, Begun]:
        folder = self._buckets.folder(bucket) / "uploads" / upload_id
        with contextlib.suppress(OSError):
            if _ID.fullmatch(upload_id):
                begun = msgspec.json.decode((folder / "begun").read_bytes(), type=Begun)
                if begun.key == key:
                    return folder, begun
        message = (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
        )
        raise NotFoundError(UPLOAD, upload_id, message)

    def _forget(self, folder: Path) -> None:
        size = sum(path.stat().st_size for path in folder.glob("*.part"))
        shutil.rmtree(folder, ignore_errors=True)
        self._buckets.grew(-size)

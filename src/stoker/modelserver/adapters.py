"""The files of adapters: where they lie, or where their archives have been unpacked.

Each copy unpacks for itself, when an adapter is first asked for, into a directory that goes with the process.
"""

from __future__ import annotations

import os
import tarfile
import tempfile
import threading
from urllib.parse import unquote, urlsplit

MAX_ADAPTERS = 1000
"""Archives that one process keeps unpacked."""
MAX_BYTES = 8 << 30
MAX_FILES = 10_000
"""What one archive may hold."""


class AdapterError(Exception):
    """The adapter's files are not to be had; the text says why."""


class _Shelf:
    """What has been unpacked, by path, size and time of change."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.root: tempfile.TemporaryDirectory[str] | None = None
        self.found: dict[tuple[str, int, int], str] = {}


_shelf = _Shelf()


def directory(url: str) -> str:
    """Give the directory with the files at a `file://` URL: a directory, or an archive (`.tar.gz`, `.tar`)."""
    path = unquote(urlsplit(url).path)
    if os.path.isdir(path):
        return path
    try:
        status = os.stat(path)
    except OSError as error:
        raise AdapterError(f"there is nothing at {url}: {os.strerror(error.errno or 0)}") from error
    key = (path, status.st_size, status.st_mtime_ns)
    with _shelf.lock:
        known = _shelf.found.get(key)
        if known is None:
            if len(_shelf.found) >= MAX_ADAPTERS:
                raise AdapterError(f"{MAX_ADAPTERS} adapters are unpacked already")
            if _shelf.root is None:
                _shelf.root = tempfile.TemporaryDirectory(prefix="adapters-")
            known = tempfile.mkdtemp(dir=_shelf.root.name)
            _unpack(path, known)
            _shelf.found[key] = known
        return known


def _unpack(path: str, target: str) -> None:
    try:
        with tarfile.open(path) as archive:
            files = size = 0
            for member in archive:
                files, size = files + 1, size + member.size
                if files > MAX_FILES or size > MAX_BYTES:
                    raise AdapterError(f"the archive {path} holds more than {MAX_FILES} files or {MAX_BYTES} bytes")
                archive.extract(member, target, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise AdapterError(f"the archive {path} cannot be unpacked: {error}") from error

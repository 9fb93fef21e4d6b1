"""The files of adapters: where they lie, or where their archives have been unpacked.

Each copy unpacks for itself, when an adapter is first asked for, into a directory that goes with the process.
"""

from __future__ import annotations

import os
import tempfile
import threading
from urllib.parse import unquote, urlsplit

from stoker.modelserver.unpacking import UnpackError, unpack

MAX_ADAPTERS = 1000
"""Archives that one process keeps unpacked."""


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
            try:
                unpack(path, known)
            except UnpackError as error:
                raise AdapterError(str(error)) from error
            _shelf.found[key] = known
        return known

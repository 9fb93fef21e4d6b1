"""Model files on this machine: directories are used where they lie, archives are unpacked once and kept by content."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stoker.artifacts.archives import is_archive, unpack
from stoker.artifacts.buckets import Buckets
from stoker.artifacts.cache import ArtifactCache, Identity
from stoker.artifacts.hub_files import HubFiles
from stoker.artifacts.hub_urls import HUB, HubUrl, client_is_there
from stoker.errors import InvalidParameterError, NotFoundError

FIELD = "ModelDataUrl"
DEFAULT_BYTES = 50 * 1024**3
UNPACKINGS = 2
"""Archives that are read and unpacked at once; more would only fight for the disk, and take the threads of others."""
_EXTRAS = {
    "s3": "objects",
    "gs": "objects",
    "az": "objects",
    "http": "objects",
    "https": "objects",
    "hf": "hf",
}
_S3 = "s3://"
_LOCAL_HOSTS = ("", "localhost")


class LocalArtifacts:
    """Serves `file://` and `hf://` URLs and `s3://` ones of buckets here; implements `stoker.ports.artifacts.ArtifactSource`.

    A directory is given as it is and never written to by us. A `.tar.gz`, `.tgz`, `.tar` or `.zip` is unpacked into
    `data_dir/artifacts/SHA256`, where at most `max_bytes` are kept, the longest unused going first. Repositories come from the
    hub at `hub`, with the token in `token_file` if there is one; `environment` says how the network is reached.
    """

    __slots__ = ("_buckets", "_cache", "_hub", "_locks", "_unpackings")

    def __init__(
        self,
        data_dir: Path,
        *,
        max_bytes: int = DEFAULT_BYTES,
        buckets: Buckets | None = None,
        hub: str = "https://huggingface.co",
        token_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._buckets = buckets
        self._cache = ArtifactCache(data_dir.expanduser().resolve(), max_bytes)
        self._hub = HubFiles(data_dir, self._cache, endpoint=hub, token_file=token_file, environment=environment or {})
        self._locks: dict[Identity, asyncio.Lock] = {}
        self._unpackings = asyncio.Semaphore(UNPACKINGS)

    async def fetch(self, url: str) -> Path:
        """Give the local directory with the files at the URL.

        Raises `InvalidParameterError` for a URL or a file that cannot be served, `NotFoundError` for one that is not there,
        `LimitError` for an archive that does not fit, `UnavailableError` for a download that failed. What is kept already is
        given at once.
        """
        if url.startswith(HUB):
            return await self._hub.fetch(url)
        path = local_path(url, buckets=self._buckets)
        if path.is_dir():
            return path
        if not path.exists():
            kind = "file or directory"
            raise NotFoundError(kind, str(path), f"There is nothing at {url} ({FIELD}).")
        if not path.is_file() or not is_archive(path):
            message = f"{FIELD} {url} is neither a directory nor a .tar.gz, .tgz, .tar or .zip archive."
            raise InvalidParameterError(message, field=FIELD)
        status = path.stat()
        identity = Identity(path=str(path), size=status.st_size, changed=status.st_mtime_ns, inode=status.st_ino)
        known = self._cache.peek(identity)
        if known is not None:
            return known
        lock = self._locks.setdefault(identity, asyncio.Lock())
        try:
            async with lock, self._unpackings:
                known = self._cache.peek(identity)
                return known if known is not None else await asyncio.to_thread(self._unpacked, path, identity)
        finally:
            if not lock.locked():
                self._locks.pop(identity, None)

    def _unpacked(self, path: Path, identity: Identity) -> Path:
        try:
            return self._cache.get(identity, lambda target, room: unpack(path, target, room))
        except PermissionError as error:
            message = f"{FIELD} names {path}, which cannot be read: {os.strerror(error.errno or 0)}."
            raise InvalidParameterError(message, field=FIELD) from error


def check_url(url: str, field: str = FIELD, *, buckets: Buckets | None = None) -> None:
    """Raise `InvalidParameterError` for a URL that `LocalArtifacts` does not serve, without looking for what it names."""
    if url.startswith(HUB) and client_is_there():
        HubUrl.read(url, field)
    else:
        local_path(url, field, buckets=buckets)


def local_path(url: str, field: str = FIELD, *, buckets: Buckets | None = None) -> Path:
    """Give the path that a `file://` URL, an absolute path, or an `s3://` URL of a bucket here names.

    `field` is the caller's name for the URL. Raises `InvalidParameterError` for anything else.
    """
    if buckets is not None and url.startswith(_S3):
        return _in_bucket(url, field, buckets)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidParameterError(f"{field} '{url}' is not a URL: {error}.", field=field) from error
    if parts.scheme == "" and url.startswith("/"):
        return _checked(url, url, field)
    if parts.scheme != "file":
        served = "file:// directories and file:// .tar.gz, .tgz, .tar and .zip archives"
        extra = _EXTRAS.get(parts.scheme)
        hint = (
            f"{parts.scheme}:// needs the extra '{extra}', which this installation lacks" if extra else "no other form is known"
        )
        raise InvalidParameterError(f"{field} '{url}' cannot be fetched: served are {served}; {hint}.", field=field)
    if parts.netloc not in _LOCAL_HOSTS:
        message = f"{field} '{url}' names the host '{parts.netloc}'; a file:// URL has three slashes and an absolute path."
        raise InvalidParameterError(message, field=field)
    return _checked(unquote(parts.path), url, field)


def _in_bucket(url: str, field: str, buckets: Buckets) -> Path:
    bucket, _, key = url.removeprefix(_S3).partition("/")
    try:
        return buckets.path_of(bucket, key)
    except NotFoundError as error:
        message = (
            f"{field} '{url}' cannot be fetched: there is no bucket '{bucket}' on this server, and no others are served. "
            "Create it here, and upload the model to it."
        )
        raise InvalidParameterError(message, field=field) from error
    except InvalidParameterError as error:
        raise InvalidParameterError(f"{field} '{url}': {error.message}", field=field) from error


def _checked(path: str, url: str, field: str) -> Path:
    if not path.startswith("/") or "\0" in path:
        raise InvalidParameterError(f"{field} '{url}' has no absolute path.", field=field)
    return Path(path)

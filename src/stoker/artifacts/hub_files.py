"""Repositories of a hub, fetched by huggingface_hub into the cache of artifacts, each commit once.

    DATA/artifacts/DIGEST/         the files of a commit
    DATA/artifacts/part-DIGEST/    a download that was broken off; the next one goes on with it, and after a week it is removed
    DATA/artifacts/of-SHA256       which DIGEST an `hf://` URL came to

A URL is resolved once, as a branch is when an endpoint is made of it: as long as its files are kept, a copy that starts asks
nobody.
"""

import asyncio
import contextlib
import hashlib
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stoker.artifacts.cache import ArtifactCache
from stoker.artifacts.hub_download import Order, Result
from stoker.artifacts.hub_urls import HubUrl, client_is_there
from stoker.errors import InvalidParameterError, LimitError, NotFoundError, UnavailableError

FIELD = "ModelDataUrl"
AT_ONCE = 2
"""Downloads that run at once."""
KEPT_S = 7 * 86_400.0
"""Seconds that a broken download is kept."""
MOST_SAID = 1 << 20
_PASSED = frozenset(
    ("HF_HOME", "HOME", "LANG", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "XDG_CACHE_HOME", "HF_HUB_DOWNLOAD_TIMEOUT")
)
_PROXIES = frozenset(("http_proxy", "https_proxy", "no_proxy", "all_proxy"))


class HubFiles:
    """Fetches `hf://` URLs. `environment` is the platform's own, of which downloads get what says how the network is reached."""

    __slots__ = ("_cache", "_endpoint", "_environment", "_locks", "_root", "_token_file", "_turns")

    def __init__(
        self, data_dir: Path, cache: ArtifactCache, *, endpoint: str, token_file: Path | None, environment: Mapping[str, str]
    ) -> None:
        self._root = data_dir.expanduser().resolve() / "artifacts"
        self._cache = cache
        self._endpoint = endpoint.rstrip("/")
        self._token_file = token_file
        self._environment = {name: value for name, value in environment.items() if name in _PASSED or name.lower() in _PROXIES}
        self._locks: dict[str, asyncio.Lock] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        for part in self._root.glob("part-*"):
            with contextlib.suppress(OSError):
                if part.stat().st_mtime < time.time() - KEPT_S:
                    shutil.rmtree(part, ignore_errors=True)
        for note in self._root.glob("of-*"):
            with contextlib.suppress(OSError, ValueError):
                if not (self._root / note.read_text(encoding="ascii")).is_dir():
                    note.unlink()

    async def fetch(self, url: str) -> Path:
        """Give the directory with a repository's files.

        `InvalidParameterError` when the URL is none or the client is not installed, `NotFoundError` for what the hub does not
        have or show, `LimitError` for what does not fit, `UnavailableError` when the download failed: the next goes on with it.
        """
        wanted = HubUrl.read(url, FIELD)
        if not client_is_there():
            raise InvalidParameterError(f"{FIELD} '{url}' needs the extra 'hf', which this installation lacks.", field=FIELD)
        known = await asyncio.to_thread(self._known, wanted.text)
        if known is not None:
            return known
        # Two revisions may be the same commit, and two processes in one directory would be in each other's way.
        lock = self._locks.setdefault(wanted.name, asyncio.Lock())
        try:
            async with lock, self._turns:
                known = await asyncio.to_thread(self._known, wanted.text)
                return known if known is not None else await self._fetched(wanted)
        finally:
            if not lock.locked():
                self._locks.pop(wanted.name, None)

    def _note(self, url: str) -> Path:
        return self._root / f"of-{hashlib.sha256(f'{self._endpoint} {url}'.encode()).hexdigest()}"

    def _known(self, url: str) -> Path | None:
        try:
            digest = self._note(url).read_text(encoding="ascii")
        except (OSError, ValueError):
            return None
        return self._cache.find(digest)

    async def _fetched(self, wanted: HubUrl) -> Path:
        room = await asyncio.to_thread(self._cache.room)
        order = Order(
            name=wanted.name,
            revision=wanted.revision,
            endpoint=self._endpoint,
            root=str(self._root),
            most_bytes=room,
            token=await asyncio.to_thread(self._token),
        )
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        result = _read_result(await self._run(msgspec.json.encode(order)))
        if result.error:
            raise _error(wanted.text, result)
        place = await asyncio.to_thread(self._cache.keep, result.digest, self._root / f"part-{result.digest}", result.bytes)
        self._note(wanted.text).write_text(result.digest, encoding="ascii")
        return place

    def _token(self) -> str:
        if self._token_file is None:
            return ""
        try:
            return self._token_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise UnavailableError(f"The file of hub.token_file cannot be read: {error}.") from error

    async def _run(self, order: bytes) -> bytes:
        """Run the process and give what it printed; it is ended with whoever waits for it."""
        environment = {**self._environment, "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "stoker.artifacts.hub_download",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            limit=MOST_SAID,
        )
        try:
            said, errors = await process.communicate(order)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return said if process.returncode == 0 else errors


def _read_result(said: bytes) -> Result:
    """Take the last line: a result, or of a process that failed the error it failed with."""
    last = said.rstrip().rpartition(b"\n")[2]
    try:
        return msgspec.json.decode(last, type=Result)
    except msgspec.MsgspecError:
        text = last.decode("utf-8", "replace")[:1000] or "the process that downloads it ended without a word"
        return Result(error=text, kind="failed")


def _error(url: str, result: Result) -> InvalidParameterError | NotFoundError | LimitError | UnavailableError:
    text = f"{FIELD} '{url}' cannot be downloaded: {result.error}."
    if result.kind == "missing":
        return NotFoundError("repository", url, text)
    if result.kind == "limit":
        return LimitError(text, limit="artifact bytes")
    return UnavailableError(text)

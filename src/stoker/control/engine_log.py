"""Logs all that goes into the engine and all that it commands, so that `stoker replay` can run it again.

A log begins when the control plane starts: with the engine's options and the records it was restored from. What else an engine
knows (metrics, deadlines) it has learned from the steps that follow, so a log can be replayed from its beginning and from nowhere
else. It is therefore one file for each start of the control plane, without a gap, and ends when it reaches its bound. Commands
are logged whole rather than as digests, so that a difference can be shown.

The file is gzipped: a 4-byte big-endian length and a msgpack map for each frame. Each piece that is written is whole by itself.
"""

import asyncio
import contextlib
import gzip
import os
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import structlog

from stoker import __version__
from stoker.config.settings import Recording
from stoker.domain.ids import IdSource
from stoker.engine.commands import Command
from stoker.engine.events import Event
from stoker.engine.platform import PlatformOptions
from stoker.ports.store import Record
from stoker.units import Instant

log = structlog.get_logger(__name__)

FORMAT: Final = 1
"""The version of what the frames mean."""

MAX_WAITING_BYTES: Final = 16 * 1024 * 1024
"""Bytes that may wait to be written; a log whose disk is so slow ends."""

FLUSH_S: Final = 1.0
CLOSE_S: Final = 2.0
"""Seconds that the end waits for a write that is under way."""
_MARGIN: Final = 256
"""Bytes kept for the last frame."""


class Opened(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The first frame: what made the engine, which `records` frames of `Kept` follow."""

    format: int
    version: str
    records: int
    options: PlatformOptions


class Kept(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A record that the engine was restored from."""

    kind: str
    document: bytes


class Step(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The engine took in `event` (None: a deadline came) at `now`, drew `ids` and gave `commands`, or failed with `error`."""

    now: Instant
    event: Event | None
    ids: tuple[str, ...]
    commands: msgspec.Raw
    error: str = ""


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The last frame, and why nothing follows. A log without one was cut off."""

    reason: str


Frame: TypeAlias = Opened | Kept | Step | Ended

_encode = msgspec.msgpack.Encoder().encode
_pairs: Final = msgspec.msgpack.Decoder(list[tuple[str, msgspec.Raw]])


def encode_commands(commands: Sequence[Command]) -> bytes:
    """Give the commands as msgpack: pairs of a type's name and its fields."""
    return _encode([(type(command).__name__, command) for command in commands])


def decode_commands(commands: bytes) -> list[tuple[str, msgspec.Raw]]:
    """Give the pairs of encoded commands, their fields as they were written. Raises msgspec's errors and `UnicodeDecodeError`."""
    return _pairs.decode(commands)


def _framed(frame: Frame) -> bytes:
    body = _encode(frame)
    return len(body).to_bytes(4, "big") + body


class DrawnIds:
    """A source of ids that remembers which it gave. Implements `stoker.domain.ids.IdSource`."""

    __slots__ = ("_drawn", "_source")

    def __init__(self, source: IdSource) -> None:
        self._source = source
        self._drawn: list[str] = []

    def uuid(self) -> str:
        """Give a new id of 36 characters."""
        drawn = self._source.uuid()
        self._drawn.append(drawn)
        return drawn

    def token(self) -> str:
        """Give a new id of 17 characters."""
        drawn = self._source.token()
        self._drawn.append(drawn)
        return drawn

    def take(self) -> tuple[str, ...]:
        """Give the ids drawn since the last call."""
        drawn = tuple(self._drawn)
        self._drawn.clear()
        return drawn


class EngineLog:
    """The log of one engine, which must draw its identities from `ids`. Nothing that fails here reaches the engine."""

    __slots__ = ("_file", "_lock", "_most", "_size", "_waiting", "ended", "ids", "path")

    def __init__(self, path: Path, file: FileIO, *, ids: IdSource, max_bytes: int) -> None:
        self.path = path
        self.ids = DrawnIds(ids)
        self.ended = False
        self._file = file
        self._most = max_bytes
        self._size = 0
        self._waiting = bytearray()
        self._lock = threading.Lock()

    def step(self, now: Instant, event: Event | None, commands: Sequence[Command], error: str = "") -> None:
        """Log a step that gave commands, or failed with `error`."""
        ids = self.ids.take()
        if self.ended:
            return
        try:
            given = msgspec.Raw(encode_commands(commands))
            self._waiting += _framed(Step(now=now, event=event, ids=ids, commands=given, error=error))
        except (ValueError, OverflowError) as unencodable:  # such as half a surrogate, or an integer beyond 64 bits
            self._stop(f"a step cannot be written: {unencodable}")
        if len(self._waiting) > MAX_WAITING_BYTES:
            self._stop("the disk was too slow")

    async def run(self) -> None:
        """Write what waits each second, until cancelled or until the log ends."""
        while not self.ended:
            await asyncio.sleep(FLUSH_S)
            piece = self._taken()
            if piece:
                await asyncio.to_thread(self._write, piece)

    def close(self) -> None:
        """Write what waits, and no more."""
        if self._lock.acquire(timeout=CLOSE_S):
            self._lock.release()
            if not self.ended:
                self._write(self._taken())
                self._end("the control plane stopped")
            with contextlib.suppress(OSError):  # what was written is written
                self._file.close()

    def keep(self, options: PlatformOptions, records: Sequence[Record]) -> None:
        """Write what the engine is made from."""
        opened = Opened(format=FORMAT, version=__version__, records=len(records), options=options)
        self._waiting += _framed(opened)
        for record in records:
            self._waiting += _framed(Kept(kind=record.kind, document=record.document))
        self._write(self._taken())

    def _taken(self) -> bytes:
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece

    def _write(self, piece: bytes) -> None:
        with self._lock:
            if self.ended or not piece:
                return
            packed = gzip.compress(piece, 6, mtime=0)
            if self._size + len(packed) > self._most - _MARGIN:
                self._end(f"it reached its {self._most} bytes")
                return
            self._put(packed)

    def _put(self, packed: bytes) -> None:
        try:
            whole = self._file.write(packed) == len(packed)
            if not whole:
                self._file.truncate(self._size)
        except OSError as error:
            self._stop(str(error))
            return
        if not whole:
            self._stop("the disk is full")
        self._size += len(packed)

    def _end(self, reason: str) -> None:
        """Write the last frame."""
        if not self.ended:
            self._put(gzip.compress(_framed(Ended(reason=reason)), mtime=0))
            self._stop(reason)

    def _stop(self, reason: str) -> None:
        if not self.ended:
            self.ended = True
            self._waiting.clear()
            log.info("engine_log_ended", path=str(self.path), reason=reason)


def begin_log(
    directory: Path, settings: Recording, *, ids: IdSource, options: PlatformOptions, records: Iterable[Record]
) -> EngineLog | None:
    """Begin a log beside `settings.files` earlier ones; None, and a line in the platform's log, when there can be none."""
    moment = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%dT%H%M%S.%f")
    path = directory / f"engine-{moment}Z.log.gz"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        file = FileIO(os.open(path, flags, 0o600), "ab")
        for old in sorted(directory.glob("engine-*.log.gz"))[: -1 - settings.files]:
            old.unlink(missing_ok=True)
    except OSError as error:
        log.warning("engine_log_failed", error=str(error))
        return None
    begun = EngineLog(path, file, ids=ids, max_bytes=settings.max_bytes)
    begun.keep(options, list(records))
    log.info("engine_log_begun", path=str(path))
    return begun

"""Records when invocations come and what they take, for `stoker simulate`: no bodies, and nothing of who called.

An invocation costs its way one tuple in a list. Each second the list goes to a file, in a thread. Every gateway has files of its
own. They are gzipped CSV, and each piece that is written is whole by itself: what a gateway that was killed leaves can be read,
and files that are put one after the other are a recording, too.
"""

import asyncio
import contextlib
import errno
import gzip
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Final, TypeAlias

import structlog

from stoker.config.settings import Recording
from stoker.domain.ids import WorkloadId
from stoker.link.messages import ClockRate
from stoker.units import SECOND, Span

log = structlog.get_logger(__name__)

COLUMNS: Final = "t,model,dur_s,held_s,status"
"""Arrival (s since 1970), workload, service time (empty: no copy had it at the end), time it was held, what became of it.

Times are the platform's clock's. The service time is that of the copy that had the invocation last: how long it kept a slot.
The status is a class of HTTP's (`2xx`), `lost` (the reply broke off or came too late), `left` (the client gave up while a copy
had it) or `unserved` (refused, or given up before a copy had it).
"""

MAX_WAITING: Final = 100_000
"""Invocations that may wait to be written; beyond them, those that come are counted and not recorded."""

FLUSH_S: Final = 1.0
CLOSE_S: Final = 2.0
"""Seconds that the end of a gateway waits for a write that is under way."""
_PIECE: Final = 1000

Row: TypeAlias = tuple[WorkloadId, int, Span, Span, int]
"""Workload, arrival (monotonic ns), real ns held, real ns a copy had it (-1: none), status of the reply (0: broken, -1: none)."""


class Recorder:
    """The recording of one gateway. `rate` gives the platform's clock; `dropped` counts what was not recorded."""

    __slots__ = ("_failing", "_files", "_lock", "_rate", "_rows", "_told", "dropped")

    def __init__(self, directory: Path, gateway: str, settings: Recording, rate: Callable[[], ClockRate]) -> None:
        self._files = TrafficFiles(directory, gateway, settings)
        self._rate = rate
        self._rows: list[Row] = []
        self._lock = threading.Lock()
        self._failing = False
        self._told = 0
        self.dropped = 0

    def add(self, workload: WorkloadId, arrival: int, held: Span, service: Span, status: int) -> None:
        """Note an invocation that is over, in the terms of a `Row`."""
        rows = self._rows
        if len(rows) < MAX_WAITING:
            rows.append((workload, arrival, held, service, status))
        else:
            self.dropped += 1

    async def run(self) -> None:
        """Write what waits each second, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Write what waits; meanwhile more may come."""
        rows = self._taken()
        if rows:
            await asyncio.to_thread(self._write, rows)
        self._tell()

    def close(self) -> None:
        """Write what waits, and no more."""
        rows = self._taken()
        if self._lock.acquire(timeout=CLOSE_S):
            self._lock.release()
            self._write(rows)
            self._files.close()
        else:
            self.dropped += len(rows)
        self._tell()

    def _taken(self) -> list[Row]:
        """Take what waits: on the thread that adds, so that nothing is added to what is being written."""
        rows, self._rows = self._rows, []
        return rows

    def _write(self, rows: list[Row]) -> None:
        """Write the rows; those that the disk does not take are dropped."""
        with self._lock:
            rate = self._rate()
            for start in range(0, len(rows), _PIECE):
                try:
                    self._files.append(lines(rows[start : start + _PIECE], rate))
                except OSError as error:
                    self.dropped += len(rows) - start
                    if not self._failing:
                        log.warning("recording_failed", error=str(error))
                    self._failing = True
                    return
                self._failing = False

    def _tell(self) -> None:
        if self.dropped > self._told:
            log.warning("recording_dropped", invocations=self.dropped - self._told)
            self._told = self.dropped


class TrafficFiles:
    """The files `traffic-GATEWAY-TIME.csv.gz` of one gateway: a new one when one is full, the oldest go."""

    __slots__ = ("_directory", "_file", "_gateway", "_settings", "_size")

    def __init__(self, directory: Path, gateway: str, settings: Recording) -> None:
        self._directory = directory
        self._gateway = gateway
        self._settings = settings
        self._file: FileIO | None = None
        self._size = 0

    def append(self, text: str) -> None:
        """Add whole lines. Raises `OSError`, and leaves the file as it was then."""
        piece = gzip.compress(text.encode(), 6, mtime=0)
        if self._file is not None and self._size + len(piece) > self._settings.max_bytes:
            self.close()
        if self._file is None:
            self._begin()
        self._add(piece)

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # what was written is written
                file.close()

    def _begin(self) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        moment = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%dT%H%M%S.%f")
        path = self._directory / f"traffic-{self._gateway}-{moment}Z.csv.gz"
        self._file = FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab")
        self._size = 0
        try:
            self._add(gzip.compress(f"{COLUMNS}\n".encode(), mtime=0))
        except OSError:
            self.close()
            path.unlink(missing_ok=True)
            raise
        kept = sorted(self._directory.glob(f"traffic-{self._gateway}-*.csv.gz"))
        for old in kept[: -1 - self._settings.files]:
            old.unlink(missing_ok=True)

    def _add(self, piece: bytes) -> None:
        file = self._file
        if file is None:
            return
        written = file.write(piece)
        if written != len(piece):
            file.truncate(self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += len(piece)


def lines(rows: Sequence[Row], rate: ClockRate) -> str:
    """Give the rows as lines of CSV."""
    speed = rate.speed / SECOND
    return "".join(
        f"{rate.at(arrival) / SECOND:.6f},{workload},{'' if service < 0 else f'{service * speed:.6f}'},{held * speed:.6f},"
        f"{_word(service, status)}\n"
        for workload, arrival, held, service, status in rows
    )


def _word(service: Span, status: int) -> str:
    if status > 0:
        return f"{status // 100}xx"
    if service < 0:
        return "unserved"
    return "left" if status < 0 else "lost"

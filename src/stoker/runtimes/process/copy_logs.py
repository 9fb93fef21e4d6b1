"""What copies have printed, read back."""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from stoker.domain.ids import CopyId, WorkloadId
from stoker.runtimes.process.places import Places

_BLOCK = 64 * 1024
MAX_BYTES = 4 * 1024 * 1024
"""Bytes that are read of the end of one log."""


class CopyLogs:
    """Reads the logs of copies, those that are gone among them."""

    __slots__ = ("_places",)

    def __init__(self, data_dir: Path) -> None:
        self._places = Places(data_dir)

    async def tail(self, workload: WorkloadId, copies: Sequence[CopyId], lines: int) -> list[tuple[CopyId, list[bytes]]]:
        """Give the last lines of each copy of which there is a log; without copies, of the workload's that went last."""
        return await asyncio.to_thread(self._tail, workload, copies, lines)

    def _tail(self, workload: WorkloadId, copies: Sequence[CopyId], lines: int) -> list[tuple[CopyId, list[bytes]]]:
        paths = {copy_id: self._places.log(copy_id) for copy_id in copies}
        if not paths:
            last = next((copy_id for copy_id, of in self._places.gone() if of == workload), None)
            paths = {} if last is None else {last: self._places.logs / f"{last}.log"}
        found: list[tuple[CopyId, list[bytes]]] = []
        for copy_id, path in paths.items():
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                found.append((copy_id, last_lines(file, lines, most_bytes=MAX_BYTES).splitlines()))
        return found


def last_lines(file: BinaryIO, lines: int, *, most_bytes: int | None = None) -> bytes:
    """Give the last lines of a file, no more than about so many bytes of them; it is left at its end."""
    position = end = file.seek(0, os.SEEK_END)
    found = b""
    while position > 0 and found.count(b"\n") <= lines and (most_bytes is None or len(found) < most_bytes):
        position = max(0, position - _BLOCK)
        file.seek(position)
        found = file.read(end - position)
    file.seek(end)
    kept = found.splitlines(keepends=True)
    return b"".join(kept[len(kept) - min(lines, len(kept)) :])

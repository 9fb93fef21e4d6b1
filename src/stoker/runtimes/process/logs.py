"""Logs of copies: a copy writes to its file itself, so its log goes on when the control plane is dead.

Because the copy holds the file open, a log rotates by copying its newest part away and cutting the file to nothing; the copy
appends on. What it prints between the two steps is lost, which is rare and some lines at most.
"""

import contextlib
import os
from pathlib import Path

TAIL_LINES = 20
TAIL_BYTES = 4096
_PIECE = 1 << 20


def tail(log: Path) -> str:
    """Give the last 20 lines (4096 bytes at most) of a log; empty when there is none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    if size > TAIL_BYTES:
        text = text.partition("\n")[2] or text  # the first line is torn
    return "\n".join(text.rstrip().splitlines()[-TAIL_LINES:])


def note(log: Path, line: str) -> None:
    """Add a line of ours to a log that its copy does not rotate away; one that cannot be written is no reason to fail."""
    with contextlib.suppress(OSError), log.open("ab") as file:
        file.write(f"stoker: {line}\n".encode())


def rotate(log: Path, most_bytes: int, files: int) -> bool:
    """Rotate a log that has grown beyond `most_bytes`, keeping `files` older parts of that size; True if it was."""
    try:
        if log.stat().st_size <= most_bytes:
            return False
    except FileNotFoundError:
        return False
    for number in range(files, 1, -1):
        older = log.with_name(f"{log.name}.{number - 1}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number}"))
    with log.open("r+b") as source:
        if files:
            _copy_end(source.fileno(), log.with_name(f"{log.name}.1"), most_bytes)
        source.truncate(0)
    return True


def _copy_end(source: int, target: Path, most_bytes: int) -> None:
    """Copy the last `most_bytes`, and go on for a moment if more arrives, but never race a copy that prints without pause."""
    offset = max(0, os.fstat(source).st_size - most_bytes)
    left = most_bytes + _PIECE
    with target.open("wb") as kept:
        while left > 0 and (piece := os.pread(source, min(_PIECE, left), offset)):
            kept.write(piece)
            offset += len(piece)
            left -= len(piece)

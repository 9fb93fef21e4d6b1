"""Lines in the copy's log: plain text on standard error, where the platform reads the last ones when a copy fails."""

from __future__ import annotations

import sys
from _thread import allocate_lock

_OURS = __file__.rpartition("/")[0] + "/"
_LOCK = allocate_lock()  # a traceback is written in many pieces; without it two would mix


def log(message: str) -> None:
    """Write one line; a log that cannot be written is no reason to fail."""
    with _LOCK:
        _write(f"modelserver: {message}\n")


def log_failure(message: str, error: BaseException) -> None:
    """Write a line and the error's traceback after it, so that the error itself stands last.

    How the model server came to call the handler is left out: what is told of a copy that failed has room for a thousand
    characters, and they are for the handler.
    """
    theirs = error.__traceback__
    while theirs is not None and theirs.tb_frame.f_code.co_filename.startswith(_OURS):
        theirs = theirs.tb_next
    if theirs is not None:
        error.with_traceback(theirs)
    with _LOCK:
        _write(f"modelserver: {message}\n")
        sys.__excepthook__(type(error), error, error.__traceback__)  # written in C: `traceback` costs 10 ms to import


def describe(error: BaseException) -> str:
    """Give the error's own message, of at most 4096 characters; empty when even that fails."""
    try:
        return str(error)[:4096]
    except BaseException:  # noqa: BLE001 - the handler's own class may have a broken __str__
        return ""


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # a full disk, a closed stream, no stream at all
        return

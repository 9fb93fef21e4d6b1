"""What every store refuses, so that no implementation takes what another cannot keep."""

from collections.abc import Sequence

from stoker.errors import InvariantBrokenError
from stoker.ports.store import Append, Put, Write
from stoker.units import Instant

MAX_WRITES = 10_000
"""Writes in one `apply`."""
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
"""Bytes of one document."""
MAX_KEY_BYTES = 4096
"""UTF-8 bytes of a kind, a key or an entry id."""
MAX_HISTORY = 100_000
"""Entries one `history` call may ask for."""

_INSTANT_BOUND = 2**63


def check_writes(writes: Sequence[Write]) -> None:
    """Raise `InvariantBrokenError` for writes that no store takes: that they are made at all is a bug."""
    if len(writes) > MAX_WRITES:
        raise InvariantBrokenError(f"{len(writes)} writes at once are more than the {MAX_WRITES} a store takes.")
    for write in writes:
        _check_key("kind", write.kind)
        _check_key("key", write.key)
        if isinstance(write, Append):
            _check_key("entry", write.entry)
            check_instant(write.at)
        if isinstance(write, Put | Append) and len(write.document) > MAX_DOCUMENT_BYTES:
            text = f"The document of {write.kind} {write.key} has {len(write.document)} bytes, more than {MAX_DOCUMENT_BYTES}."
            raise InvariantBrokenError(text)


def check_instant(instant: Instant) -> None:
    """Raise `InvariantBrokenError` for an instant that does not fit 64 bits."""
    if not -_INSTANT_BOUND <= instant < _INSTANT_BOUND:
        raise InvariantBrokenError(f"The instant {instant} does not fit 64 bits.")


def check_history(limit: int, before: Instant | None) -> None:
    """Raise `InvariantBrokenError` for a `history` call out of bounds."""
    if not 0 <= limit <= MAX_HISTORY:
        raise InvariantBrokenError(f"{limit} entries of a history were asked for; 0 to {MAX_HISTORY} may be.")
    if before is not None:
        check_instant(before)


def check_trim(before: Instant, keep: int) -> None:
    """Raise `InvariantBrokenError` for a `trim` call out of bounds."""
    check_instant(before)
    if keep < 0:
        raise InvariantBrokenError(f"A trim cannot keep {keep} entries.")


def _check_key(what: str, text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvariantBrokenError(f"The {what} {text!r} is not valid text.") from error
    if not 0 < size <= MAX_KEY_BYTES or "\0" in text:
        raise InvariantBrokenError(f"The {what} {text[:80]!r} is empty, holds a NUL or is longer than {MAX_KEY_BYTES} bytes.")

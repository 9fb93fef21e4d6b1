"""Time zones by name: those of the IANA database, and fixed offsets as Java writes them (`UTC+1`, `GMT-03:30`, `+05:30`).

AWS documents the IANA names that Joda-Time knows; its notebook on scheduled scaling uses `UTC+1`, which is none of them.
"""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from stoker.errors import InvalidParameterError

MAX_HOURS: Final = 18
"""The largest offset that Java's zone ids may have."""

KEPT: Final = 1024
"""Zones held ready; there are about 600 names."""

_OFFSET: Final = re.compile(r"(?:UTC|GMT|UT)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,3}")
_FILES: Final = frozenset({"Factory", "localtime", "posixrules"})
_FOLDERS: Final = ("posix/", "right/")
"""What lies beside the zones in their folder: this machine's own zone, rules, and clocks that count leap seconds."""


@lru_cache(maxsize=KEPT)
def zone(name: str) -> tzinfo:
    """Give the zone of a name; the empty name is UTC. Raises `InvalidParameterError`."""
    if name in {"", "UTC", "GMT", "UT", "Z"}:
        return UTC
    found = _OFFSET.fullmatch(name)
    if found is not None:
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        if offset <= timedelta(hours=MAX_HOURS):
            return timezone(-offset if found["sign"] == "-" else offset)
    elif _NAME.fullmatch(name) and name not in _FILES and not name.startswith(_FOLDERS):
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, KeyError):  # a folder; not a zone's file; no such name
            pass
    raise InvalidParameterError(
        f"The time zone {name[:64]!r} is not known; it must be an IANA name such as Europe/Berlin, or an offset such as UTC+1.",
        field="Timezone",
    )

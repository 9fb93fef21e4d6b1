"""Instants as AWS protocols carry them: epoch seconds (whole or fractional), ISO-8601 or an HTTP date in, one of them out.

Inside Stoker an instant is an integer of nanoseconds; the conversion happens here and nowhere else.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from stoker.units import SECOND, Instant

EARLIEST_S: Final = -62_135_596_800
"""0001-01-01T00:00:00Z in epoch seconds."""

LATEST_S: Final = 253_402_300_799
"""9999-12-31T23:59:59Z in epoch seconds."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND_DIGITS: Final = 3

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HTTP_DATE: Final = re.compile(r"(?a:\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT)")
"""The one form of RFC 9110's dates that is written today."""


class Timestamp(int):
    """An instant (nanoseconds since the epoch) in a wire struct; handlers read and build it as a plain integer.

    It is a class of its own only so that the codecs can tell a time from a number.
    """

    __slots__ = ()


class EpochTimestamp(Timestamp):
    """One that is epoch seconds in every protocol."""

    __slots__ = ()


class IsoTimestamp(Timestamp):
    """One that is ISO-8601 text in every protocol of text."""

    __slots__ = ()


class HttpTimestamp(Timestamp):
    """One that is an HTTP date in every protocol of text."""

    __slots__ = ()


def parse(raw: object) -> Timestamp:
    """Give the instant that a client wrote as a number of seconds, as ISO-8601 text or as an HTTP date.

    Text without an offset is taken as UTC. Raises ValueError when `raw` is neither, or lies outside the years 1 to 9999.
    """
    if isinstance(raw, Timestamp):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        msg = f"Expected a timestamp, got `{type(raw).__name__}`"
        raise ValueError(msg)  # noqa: TRY004 - msgspec turns a ValueError of a hook into an error that names the path
    if isinstance(raw, str):
        return _parse_text(raw)
    if not EARLIEST_S <= raw <= LATEST_S:
        msg = "Expected a timestamp between the years 1 and 9999"
        raise ValueError(msg)
    # A float of today's epoch resolves about 0.2 microseconds, so whole microseconds lose nothing.
    return Timestamp(raw * SECOND if isinstance(raw, int) else round(raw * 1_000_000) * 1_000)


def _parse_text(text: str) -> Timestamp:
    try:
        return parse(float(text) if "." in text or "e" in text.lower() else int(text))
    except ValueError:
        pass
    moment = _moment(text)
    if moment is None:
        msg = f"Expected a timestamp, got {text[:64]!r}"
        raise ValueError(msg)
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return Timestamp((aware - EPOCH) // timedelta(microseconds=1) * 1_000)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    date = HTTP_DATE.fullmatch(text)
    if date is None or date[2] not in MONTHS:
        return None
    day, year, hour, minute, second = (int(date[part]) for part in (1, 3, 4, 5, 6))
    try:
        return datetime(year, MONTHS.index(date[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def epoch_seconds(instant: Instant) -> float:
    """Give epoch seconds with millisecond resolution, the form of JSON replies."""
    return round(instant / SECOND, MILLISECOND_DIGITS)


def iso_text(instant: Instant) -> str:
    """Give `2025-01-02T03:04:05Z`, with milliseconds when they are not zero: the form of XML replies."""
    moment = EPOCH + timedelta(microseconds=instant // 1_000)
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def http_text(instant: Instant) -> str:
    """Give `Thu, 02 Jan 2025 03:04:05 GMT`, the form of times in headers."""
    moment = EPOCH + timedelta(microseconds=instant // 1_000)
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment.hour:02}:{moment.minute:02}:{moment.second:02} GMT"


def text(instant: Timestamp, usual: type[Timestamp]) -> str:
    """Give the text of a time; `usual` is the form of those whose own class says none."""
    kind = usual if type(instant) is Timestamp else type(instant)
    if kind is HttpTimestamp:
        return http_text(instant)
    if kind is IsoTimestamp:
        return iso_text(instant)
    seconds = epoch_seconds(instant)
    return str(int(seconds) if seconds.is_integer() else seconds)


def decode_hook(kind: type, raw: object) -> object:
    """Decode what msgspec has no own form for; `kind` is `Timestamp` or one of its forms."""
    if issubclass(kind, Timestamp):
        instant = parse(raw)
        return instant if kind is Timestamp else kind(instant)
    msg = f"no wire form for {kind.__name__}"
    raise TypeError(msg)


def encode_hook(value: object) -> object:
    """Encode what msgspec has no own form for: a Timestamp becomes epoch seconds, unless its class says otherwise."""
    if isinstance(value, IsoTimestamp):
        return iso_text(value)
    if isinstance(value, HttpTimestamp):
        return http_text(value)
    if isinstance(value, Timestamp):
        return epoch_seconds(value)
    msg = f"no wire form for {type(value).__name__}"
    raise TypeError(msg)

"""Instants as AWS protocols carry them: epoch seconds (whole or fractional) or ISO-8601 text in, epoch seconds out.

Inside Stoker an instant is an integer of nanoseconds; the conversion happens here and nowhere else.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from stoker.units import SECOND, Instant

EARLIEST_S: Final = -62_135_596_800
"""0001-01-01T00:00:00Z in epoch seconds."""

LATEST_S: Final = 253_402_300_799
"""9999-12-31T23:59:59Z in epoch seconds."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND_DIGITS: Final = 3


class Timestamp(int):
    """An instant (nanoseconds since the epoch) in a wire struct; handlers read and build it as a plain integer.

    It is a class of its own only so that the codecs can tell a time from a number.
    """

    __slots__ = ()


def parse(raw: object) -> Timestamp:
    """Give the instant that a client wrote as a number of seconds or as ISO-8601 text.

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
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = f"Expected a timestamp, got {text[:64]!r}"
        raise ValueError(msg) from None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return Timestamp((aware - EPOCH) // timedelta(microseconds=1) * 1_000)


def epoch_seconds(instant: Instant) -> float:
    """Give epoch seconds with millisecond resolution, the form of JSON replies."""
    return round(instant / SECOND, MILLISECOND_DIGITS)


def iso_text(instant: Instant) -> str:
    """Give `2025-01-02T03:04:05Z`, with milliseconds when they are not zero: the form of XML replies."""
    moment = EPOCH + timedelta(microseconds=instant // 1_000)
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def decode_hook(kind: type, raw: object) -> object:
    """Decode what msgspec has no own form for; `kind` is `Timestamp`."""
    if kind is Timestamp:
        return parse(raw)
    msg = f"no wire form for {kind.__name__}"
    raise TypeError(msg)


def encode_hook(value: object) -> object:
    """Encode what msgspec has no own form for: a Timestamp becomes epoch seconds."""
    if isinstance(value, Timestamp):
        return epoch_seconds(value)
    msg = f"no wire form for {type(value).__name__}"
    raise TypeError(msg)

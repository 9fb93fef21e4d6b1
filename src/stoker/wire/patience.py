"""What clients of any protocol say of how long they wait, in headers of their own.

`X-Scale-Up-Timeout` is Hugging Face's wish for a hold, `X-Stainless-Read-Timeout` the read timeout of OpenAI's SDKs. AWS's SDK
for Python says nothing at first: 60 seconds are its usual read timeout.
"""

import re
from collections.abc import Mapping
from typing import Final

from stoker.units import SECOND, Span

PATIENCE_HEADERS: Final = frozenset({b"x-scale-up-timeout", b"x-stainless-read-timeout", b"user-agent"})
BOTO3_PATIENCE: Final[Span] = 55 * SECOND
_SECONDS = re.compile(rb"[0-9]{1,6}(?:\.[0-9]{0,6})?")
_BOTO3 = re.compile(rb"(?:Boto3|Botocore)/", re.IGNORECASE)
_MARGIN: Final = 0.1
_MOST_MARGIN_S: Final = 2.0


def said_patience(headers: Mapping[bytes, bytes]) -> Span | None:
    """Give how long a request may be held by its own word; None when it says nothing. Names are in lower case."""
    wished = _seconds(headers.get(b"x-scale-up-timeout"))
    limit = _seconds(headers.get(b"x-stainless-read-timeout"))
    if limit is not None:
        limit -= min(_MOST_MARGIN_S, _MARGIN * limit)  # the answer must come before the client gives up
    said = [one for one in (wished, limit) if one is not None]
    return round(min(said) * SECOND) if said else None


def read_timeout(headers: Mapping[bytes, bytes]) -> Span | None:
    """Give how long a client of OpenAI's waits between bytes, as it says; None when it says nothing."""
    seconds = _seconds(headers.get(b"x-stainless-read-timeout"))
    return None if seconds is None else round(seconds * SECOND)


def declines(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request says that it is not to wait for capacity at all."""
    text = headers.get(b"x-scale-up-timeout", b"")
    return _SECONDS.fullmatch(text) is not None and not float(text)


def usual_patience(headers: Mapping[bytes, bytes]) -> Span | None:
    """Give how long clients of this kind may be held when they do not say; None when nothing is known, or they do say."""
    if said_patience(headers) is not None:
        return None
    return BOTO3_PATIENCE if _BOTO3.search(headers.get(b"user-agent", b"")) else None


def _seconds(text: bytes | None) -> float | None:
    """Give a positive number of seconds; what is none counts as not said."""
    if text is None or _SECONDS.fullmatch(text) is None:
        return None
    return float(text) or None

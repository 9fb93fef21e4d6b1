"""The two forms a Signature Version 4 comes in, read and judged by their own words: the header's, and the presigned query's.

Whether the signature is right is `stoker.wire.aws.sigv4`'s question. Messages follow AWS's "Troubleshoot Signature Version 4".
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from stoker.units import MINUTE, SECOND, Instant, Span
from stoker.wire.aws.identity import AuthError, AuthProblem

ALGORITHM: Final = "AWS4-HMAC-SHA256"
MAX_SKEW: Final[Span] = 5 * MINUTE
MAX_EXPIRES_S: Final = 604_800
"""The longest life of a presigned request: seven days."""
MAX_QUERY_FIELDS: Final = 1000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DATE_FORM: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
SCOPE_PARTS: Final = 5
MAX_SHOWN: Final = 256


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A signature with all that it says about itself.

    `date` is `yyyymmddThhmmssZ`, `dated` the header it came in; `expires` only when presigned; `token` is a session's.
    """

    access_key: str
    scope: tuple[str, str, str, str]
    names: tuple[str, ...]
    signature: str
    date: str
    expires: Span | None = None
    token: str = ""
    dated: str = ""


def _incomplete(text: str) -> AuthError:
    return AuthError(AuthProblem.INCOMPLETE, text)


def from_header(values: Mapping[str, Sequence[str]]) -> Signed:
    """Read the signature in the `authorization` header. Raises AuthError."""
    header = values["authorization"][0].strip()
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise _incomplete(f"Unsupported signing algorithm: the Authorization header must begin with '{ALGORITHM}'.")
    parts: dict[str, str] = {}
    for item in rest.split(","):
        name, equals, value = item.strip().partition("=")
        if equals:
            parts[name] = value
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    dated = "x-amz-date" if "x-amz-date" in values else "date"
    date = values.get(dated, [""])[0].strip()
    texts = [f"Authorization header requires '{name}' parameter." for name in missing]
    if not date:
        texts.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if texts:
        raise _incomplete(" ".join(texts))
    if dated == "date":
        date = _basic(date)
    if not DATE_FORM.fullmatch(date):
        raise _incomplete(f"Date must be in ISO-8601 'basic format'. Got '{date[:MAX_SHOWN]}'.")
    access_key, scope = _credential(parts["Credential"])
    return Signed(
        access_key=access_key,
        scope=scope,
        names=tuple(parts["SignedHeaders"].lower().split(";")),
        signature=parts["Signature"],
        date=date,
        token=values.get("x-amz-security-token", [""])[0].strip(),
        dated=dated,
    )


def from_query(query: str) -> Signed:
    """Read a presigned request's. Raises AuthError."""
    try:
        fields = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS))
    except ValueError as error:
        raise _incomplete("The query string has too many fields.") from error
    needed = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders")
    texts = [f"AWS query-string parameters must include '{name}'." for name in needed if not fields.get(name)]
    if texts:
        raise _incomplete(" ".join(texts))
    if fields["X-Amz-Algorithm"] != ALGORITHM:
        raise _incomplete(f"X-Amz-Algorithm must be '{ALGORITHM}'.")
    if not DATE_FORM.fullmatch(fields["X-Amz-Date"]):
        raise _incomplete("X-Amz-Date must be in ISO-8601 'basic format'.")
    expires = fields.get("X-Amz-Expires", str(MAX_SKEW // SECOND))
    if not re.fullmatch(r"[0-9]{1,6}", expires) or not 0 < int(expires) <= MAX_EXPIRES_S:
        raise _incomplete(f"X-Amz-Expires must be a number of seconds from 1 to {MAX_EXPIRES_S}.")
    access_key, scope = _credential(fields["X-Amz-Credential"])
    return Signed(
        access_key=access_key,
        scope=scope,
        names=tuple(fields["X-Amz-SignedHeaders"].lower().split(";")),
        signature=fields["X-Amz-Signature"],
        date=fields["X-Amz-Date"],
        expires=int(expires) * SECOND,
        token=fields.get("X-Amz-Security-Token", ""),
    )


def _basic(date: str) -> str:
    """Give an HTTP date in ISO-8601's basic form; whatever else it is stays as it is."""
    try:
        moment = parsedate_to_datetime(date)
        return date if moment.tzinfo is None else moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, OverflowError):  # no date, or one that is nowhere near
        return date


def _credential(text: str) -> tuple[str, tuple[str, str, str, str]]:
    parts = text.split("/")
    if len(parts) != SCOPE_PARTS or not parts[0]:
        shown = text[:MAX_SHOWN]
        raise _incomplete(
            f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{shown}'."
        )
    access_key, day, region, service, terminator = parts
    return access_key, (day, region, service, terminator)


@lru_cache(maxsize=64)
def instant_of(date: str) -> Instant:
    """Give the instant of `yyyymmddThhmmssZ`; many requests carry the same second."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError as error:
        raise _incomplete(f"'{date}' is not a date in ISO-8601 'basic format'.") from error
    return (moment - EPOCH) // timedelta(microseconds=1) * 1_000

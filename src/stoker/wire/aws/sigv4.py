"""Signature Version 4: who sent a request, by the header form and the presigned query form.

One pure function of the request and the time. Rules and messages follow AWS's "Troubleshoot Signature Version 4" page.
The date of the signature is real time: never pass an accelerated clock. A repeated signature is no replay, because a
client's retry within a second carries the same one.
"""

import enum
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import parse_qsl, quote, unquote_to_bytes

import msgspec

from stoker.errors import StokerError
from stoker.units import MINUTE, SECOND, Instant, Span

ALGORITHM: Final = "AWS4-HMAC-SHA256"
TERMINATOR: Final = "aws4_request"
MAX_SKEW: Final[Span] = 5 * MINUTE
MAX_EXPIRES_S: Final = 604_800
"""The longest life of a presigned request: seven days."""

MAX_CACHED_KEYS: Final = 64
MAX_QUERY_FIELDS: Final = 1000
EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DATE_FORM: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
UNRESERVED: Final = "-_.~"
SCOPE_PARTS: Final = 5

MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class AuthProblem(enum.Enum):
    """Why a request is not let in; each protocol has its own code for each."""

    MISSING = enum.auto()
    INCOMPLETE = enum.auto()
    UNKNOWN_KEY = enum.auto()
    SIGNATURE = enum.auto()


class AuthError(StokerError):
    """The request is not let in; `message` is AWS's text and may be shown."""

    def __init__(self, problem: AuthProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.message = message


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent a request: `access_key` is `""` when it was not signed at all, which only mode `off` lets in."""

    access_key: str = ""
    region: str = ""
    service: str = ""


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A signature with all that it says about itself. `date` is `yyyymmddThhmmssZ`; `expires` only when presigned."""

    access_key: str
    scope: tuple[str, str, str, str]
    names: tuple[str, ...]
    signature: str
    date: str
    expires: Span | None = None


class Verifier:
    """Checks signatures against known keys.

    `keys` maps access key ids to secrets and is read at each request, so that a live mapping may change. `regions`, when
    given, are the only ones accepted. Mode `off` accepts everything and only reads who the request says it is from.
    """

    __slots__ = ("_keys", "_mode", "_regions", "_signing_keys")

    def __init__(
        self,
        keys: Mapping[str, str],
        *,
        regions: frozenset[str] | None = None,
        mode: Literal["strict", "off"] = "strict",
    ) -> None:
        self._keys = keys
        self._regions = regions
        self._mode = mode
        self._signing_keys: dict[tuple[str, str, str, str], bytes] = {}

    def verify(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body_sha256: str,
        service: str,
        now: Instant,
    ) -> Principal:
        """Give the sender of a request, or raise AuthError.

        `path` and `query` are as they came on the wire, percent-encoded; `headers` in their order, repeats included;
        `body_sha256` is the hex digest of the body as sent; `service` the signing name the scope must carry.
        """
        values = _header_values(headers)
        signed = self._read(values, query)
        if self._mode == "off":
            return _principal(signed) if isinstance(signed, Signed) else Principal()
        if isinstance(signed, AuthError):
            raise signed
        self._check_scope(signed, service)
        _check_time(signed, now)
        _check_names(signed, values)
        secret = self._keys.get(signed.access_key)
        if secret is None:
            raise AuthError(AuthProblem.UNKNOWN_KEY, "The security token included in the request is invalid.")
        if values.get("x-amz-content-sha256", [body_sha256])[-1].strip() != body_sha256:
            raise AuthError(AuthProblem.SIGNATURE, MISMATCH)
        key = self._signing_key(secret, signed.scope)
        lines = "\n".join([_canonical_header(name, values.get(name, ())) for name in signed.names])
        tail = f"{lines}\n\n{';'.join(signed.names)}\n{body_sha256}"
        for canonical_query in _canonical_queries(query):
            canonical = f"{method}\n{canonical_path(path)}\n{canonical_query}\n{tail}"
            if hmac.compare_digest(_signature(key, signed, canonical).encode(), signed.signature.encode()):
                return _principal(signed)
        raise AuthError(AuthProblem.SIGNATURE, MISMATCH)

    def _read(self, values: Mapping[str, Sequence[str]], query: str) -> Signed | AuthError:
        """Read the signature, whichever form it has; give the error instead of raising, for mode `off`."""
        try:
            if "authorization" in values:
                return _from_header(values)
            if "X-Amz-Algorithm=" in query or "X-Amz-Signature=" in query:
                return _from_query(query)
        except AuthError as error:
            return error
        return AuthError(AuthProblem.MISSING, "Missing Authentication Token")

    def _check_scope(self, signed: Signed, service: str) -> None:
        day, region, scope_service, terminator = signed.scope
        if terminator != TERMINATOR:
            text = f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
        elif scope_service != service:
            text = f"Credential should be scoped to correct service: '{service}'."
        elif not region or (self._regions is not None and region not in self._regions):
            text = f"Credential should be scoped to a valid region, not '{region}'."
        elif day != signed.date[:8]:
            text = (
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                f"'{day}' != '{signed.date[:8]}', from '{signed.date}'."
            )
        else:
            return
        raise AuthError(AuthProblem.SIGNATURE, text)

    def _signing_key(self, secret: str, scope: tuple[str, str, str, str]) -> bytes:
        name = (secret, *scope[:3])
        key = self._signing_keys.get(name)
        if key is None:
            key = f"AWS4{secret}".encode()
            for part in scope:
                key = hmac.digest(key, part.encode(), "sha256")
            if len(self._signing_keys) >= MAX_CACHED_KEYS:
                self._signing_keys.clear()
            self._signing_keys[name] = key
        return key


def _principal(signed: Signed) -> Principal:
    return Principal(access_key=signed.access_key, region=signed.scope[1], service=signed.scope[2])


def _header_values(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Give header values by lower-case name, in their order."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    return values


def _canonical_header(name: str, values: Iterable[str]) -> str:
    """Give a header's signed line: blanks at the ends cut, runs of blanks made one, repeated values joined."""
    return f"{name}:{','.join([' '.join(value.split()) for value in values])}"


def _incomplete(text: str) -> AuthError:
    return AuthError(AuthProblem.INCOMPLETE, text)


def _from_header(values: Mapping[str, Sequence[str]]) -> Signed:
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
    date = values.get("x-amz-date", [""])[0].strip()
    texts = [f"Authorization header requires '{name}' parameter." for name in missing]
    if not date:
        texts.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if texts:
        raise _incomplete(" ".join(texts))
    if not DATE_FORM.fullmatch(date):
        raise _incomplete("Date must be in ISO-8601 'basic format'.")
    access_key, scope = _credential(parts["Credential"])
    names = tuple(parts["SignedHeaders"].lower().split(";"))
    return Signed(access_key=access_key, scope=scope, names=names, signature=parts["Signature"], date=date)


def _from_query(query: str) -> Signed:
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
    )


def _credential(text: str) -> tuple[str, tuple[str, str, str, str]]:
    parts = text.split("/")
    if len(parts) != SCOPE_PARTS or not parts[0]:
        shown = text[:256]
        raise _incomplete(
            f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{shown}'."
        )
    access_key, day, region, service, terminator = parts
    return access_key, (day, region, service, terminator)


@lru_cache(maxsize=64)
def _instant(date: str) -> Instant:
    """Give the instant of `yyyymmddThhmmssZ`; many requests carry the same second."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError as error:
        raise _incomplete(f"'{date}' is not a date in ISO-8601 'basic format'.") from error
    return (moment - EPOCH) // timedelta(microseconds=1) * 1_000


def _check_time(signed: Signed, now: Instant) -> None:
    date = signed.date
    at = _instant(date)
    if now - at > (signed.expires or MAX_SKEW):
        if signed.expires is None:
            limit = f"{_date_text(now - MAX_SKEW)} ({_date_text(now)} - 5 min.)"
            raise AuthError(AuthProblem.SIGNATURE, f"Signature expired: {date} is now earlier than {limit}")
        limit = f"{_date_text(at + signed.expires)} < {_date_text(now)}"
        raise AuthError(AuthProblem.SIGNATURE, f"Signature expired: the request could be used until {limit}")
    if at - now > MAX_SKEW:
        limit = f"{_date_text(now + MAX_SKEW)} ({_date_text(now)} + 5 min.)"
        raise AuthError(AuthProblem.SIGNATURE, f"Signature not yet current: {date} is still later than {limit}")


def _date_text(instant: Instant) -> str:
    return (EPOCH + timedelta(microseconds=instant // 1_000)).strftime("%Y%m%dT%H%M%SZ")


def _check_names(signed: Signed, values: Mapping[str, Sequence[str]]) -> None:
    """Refuse a signature that leaves out what decides the request: the host and every `x-amz-` header."""
    for name in ("host", *(name for name in values if name.startswith("x-amz-"))):
        if name not in signed.names:
            raise AuthError(AuthProblem.SIGNATURE, f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")


@lru_cache(maxsize=512)
def canonical_path(path: str) -> str:
    """Give the path that is signed: dot segments and doubled slashes removed, then percent-encoded once more."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    trailing = "/" if kept and path.endswith("/") else ""
    return quote(f"/{'/'.join(kept)}{trailing}", safe="/~")


def _canonical_queries(query: str) -> Iterable[str]:
    """Give the query's signed form: as it came, and, where that differs, with each part re-encoded by the standard's rule.

    Some clients sign the text they send, some the encoding the standard asks for; both say the same thing.
    """
    pairs = [item.partition("=")[::2] for item in query.split("&")] if query else []
    pairs = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    plain = _joined(pairs)
    yield plain
    encoded = _joined([(_encoded(name), _encoded(value)) for name, value in pairs])
    if encoded != plain:
        yield encoded


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe=UNRESERVED)


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _signature(key: bytes, signed: Signed, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{signed.date}\n{'/'.join(signed.scope)}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()

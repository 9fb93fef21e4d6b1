"""Signature Version 4: who sent a request, by the header form and the presigned query form.

One pure function of the request and the time. Rules and messages follow AWS's "Troubleshoot Signature Version 4" page.
The date of the signature is real time: never pass an accelerated clock. A repeated signature is no replay, because a
client's retry within a second carries the same one.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal

import msgspec

from stoker.units import Instant
from stoker.wire.aws.canonical import canonical_header, canonical_queries, canonical_s3_paths
from stoker.wire.aws.canonical import canonical_path as canonical_path
from stoker.wire.aws.claims import TOKEN, Claim
from stoker.wire.aws.claims import SigningKey as SigningKey
from stoker.wire.aws.identity import INVALID_TOKEN, STRANGERS, Session, Sessions
from stoker.wire.aws.identity import MISMATCH as MISMATCH
from stoker.wire.aws.identity import AuthError as AuthError
from stoker.wire.aws.identity import AuthProblem as AuthProblem
from stoker.wire.aws.identity import Principal as Principal
from stoker.wire.aws.signature_forms import (
    ALGORITHM,
    DATE_FORM,
    EPOCH,
    MAX_SKEW,
    Signed,
    from_header,
    from_query,
    instant_of,
)

Mode = Literal["strict", "lenient", "off"]
TERMINATOR: Final = "aws4_request"

MAX_CACHED_KEYS: Final = 64
EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()
_ALGORITHM = ALGORITHM.encode()
_DAY: Final = re.compile(r"[0-9]{8}")

S3: Final = "s3"
"""The service whose paths are encoded once, not made short, and whose bodies need not be signed."""
WORLDWIDE: Final = frozenset({"iam", "sts"})
"""Services whose clients sign for a region of their own choice, wherever the others are: an account has one of each."""
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
STREAMED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMED_TRAILER: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
STREAMED_UNSIGNED: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
UNTOLD: Final = frozenset({UNSIGNED, STREAMED, STREAMED_TRAILER, STREAMED_UNSIGNED})
"""What may stand where a body's digest does."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a request has proved: who sent it, and what its signature says of the body.

    `payload` is the body's digest in hexadecimal or one of `UNTOLD`; `key` and `signed` are those that its chunks' signatures go
    on from. In mode `off` there is neither, and a digest is not held against anything.
    """

    principal: Principal
    payload: str = ""
    key: SigningKey | None = None
    signed: Signed | None = None


class Verifier:
    """Checks signatures against known keys.

    `keys` maps access key ids to secrets and is read at each request, so that a live mapping may change. `regions`, when
    given, are the only ones accepted, but by the worldwide services. Mode `off` accepts everything and only reads who the
    request says it is from; mode `lenient` does so for strangers, for a machine of one's own where scripts come with keys of
    their own making, and whoever uses a key that is known must sign with it. `sessions` opens session tokens;
    without it there are none.
    """

    __slots__ = ("_claims", "_mode", "_regions", "_sessions", "_signing_keys", "keys")

    def __init__(
        self,
        keys: Mapping[str, str],
        *,
        regions: frozenset[str] | None = None,
        mode: Mode = "strict",
        sessions: Sessions | None = None,
    ) -> None:
        self.keys = keys
        self._regions = regions
        self._mode = mode
        self._sessions = sessions
        self._signing_keys: dict[tuple[str, str, str, str], SigningKey] = {}
        self._claims: dict[bytes, Claim] = {}

    def accepts(
        self, *, method: str, path: str, headers: Mapping[bytes, bytes], body_sha256: str, service: str, now: Instant
    ) -> Principal | None:
        """Give the sender of a request without a query, signed in its header in the usual way; None leaves it to `verify`.

        Nothing is accepted here that `verify` would not. `headers` are by lower-case name, none of which came twice.
        """
        claimed, _, signature = headers.get(b"authorization", b"").rpartition(b"Signature=")
        claim = self.claim(claimed, service)
        date = headers.get(b"x-amz-date", b"")
        if claim is None or not -MAX_SKEW <= now - date_of(date) <= MAX_SKEW:
            return None
        sender = self.sender(claim, headers.get(TOKEN, b""), now)
        if sender is None or date[:8] != claim.day or not claim.covers(tuple(headers)):
            return None
        principal, secret = sender
        sha256 = body_sha256.encode()
        values = [headers.get(name, b"") for name in claim.names]
        request = claim.form % (method.encode(), canonical_path(path).encode(), *values, sha256)
        if b"  " in request or b"\t" in request or not request.isascii():
            return None  # such values are signed in a form of their own
        if headers.get(b"x-amz-content-sha256", sha256) != sha256:
            return None
        digest = hashlib.sha256(request).hexdigest().encode()
        right = self.signing_key(secret, claim.scope).sign(b"%s\n%s\n%s\n%s" % (_ALGORITHM, date, claim.scope_text, digest))
        return principal if hmac.compare_digest(right, signature) else None

    def sender(self, claim: Claim, token: bytes, now: Instant) -> tuple[Principal, str] | None:
        """Give who signs in this way, and the secret to sign with; None while there is none. `token` is a session's."""
        principal = claim.principal
        if not claim.session:
            secret = self.keys.get(principal.access_key, "")
            return (principal, secret) if secret else None
        if self._sessions is None:
            return None
        try:
            session = self._sessions.open(principal.access_key, token.decode("latin-1"), now)
        except AuthError:
            return None
        return msgspec.structs.replace(principal, session=session), session.secret

    def claim(self, claimed: bytes, service: str) -> Claim | None:
        """Read what an `Authorization` header says before its signature; None where it says something unusual."""
        claim = self._claims.get(claimed) or self._read_claim(claimed, service)
        return claim if claim is not None and claim.principal.service == service else None

    def _read_claim(self, claimed: bytes, service: str) -> Claim | None:
        try:
            text = claimed.decode("ascii")
            signed = from_header({"authorization": [f"{text}Signature=-"], "x-amz-date": ["00000000T000000Z"]})
            signed = msgspec.structs.replace(signed, date=signed.scope[0])
            self._check_scope(signed, service)
        except (UnicodeDecodeError, AuthError):
            return None
        names = tuple([name.encode() for name in signed.names])
        if self._mode == "off" or "Signature=" in text or b"host" not in names or not _DAY.fullmatch(signed.date):
            return None
        claim = Claim(signed, names)
        if len(self._claims) >= MAX_CACHED_KEYS:
            self._claims.clear()
        self._claims[claimed] = claim
        return claim

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
        return self.examine(
            method=method, path=path, query=query, headers=headers, body_sha256=body_sha256, service=service, now=now
        ).principal

    def examine(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body_sha256: str | None,
        service: str,
        now: Instant,
    ) -> Proof:
        """Give what a request has proved, or raise AuthError. The arguments are those of `verify`.

        For S3 the body may be unknown as yet: the proof's `payload` is what the signature says of it, to be held against the body
        as it comes (see `stoker.wire.aws.payloads`). Other services' bodies are always what was signed.
        """
        values = _header_values(headers)
        signed = self._read(values, query)
        if self._mode == "off":
            return _unproved(signed, values)
        try:
            signed, session, secret = self._known(signed, values, service, now)
        except AuthError as error:
            if self._mode == "strict" or error.problem not in STRANGERS:
                raise
            return _unproved(signed, values)
        payload = _payload(signed, values, body_sha256, service)
        key = self.signing_key(secret, signed.scope)
        lines = "\n".join([canonical_header(name, values.get(name, ())) for name in signed.names])
        tail = f"{lines}\n\n{';'.join(signed.names)}\n{payload}"
        given = signed.signature.encode()
        paths = canonical_s3_paths(path) if service == S3 else (canonical_path(path),)
        for canonical_uri in paths:
            for canonical_query in canonical_queries(query):
                canonical = f"{method}\n{canonical_uri}\n{canonical_query}\n{tail}"
                if hmac.compare_digest(_signature(key, signed, canonical), given):
                    return Proof(principal=_principal(signed, session), payload=payload, key=key, signed=signed)
        raise AuthError(AuthProblem.SIGNATURE, MISMATCH)

    def _known(
        self, signed: Signed | AuthError, values: Mapping[str, Sequence[str]], service: str, now: Instant
    ) -> tuple[Signed, Session | None, str]:
        """Give a signature that may be, its session if it has one, and the secret that it must have been made with."""
        if isinstance(signed, AuthError):
            raise signed
        self._check_scope(signed, service)
        _check_time(signed, now)
        _check_names(signed, values)
        session = self._session(signed, now)
        secret = self.keys.get(signed.access_key) if session is None else session.secret
        if secret is None:
            raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
        return signed, session, secret

    def _session(self, signed: Signed, now: Instant) -> Session | None:
        """Give the session that the request belongs to; None for one that is signed with an access key itself."""
        if not signed.token:
            return None
        if self._sessions is None:
            raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
        return self._sessions.open(signed.access_key, signed.token, now)

    def _read(self, values: Mapping[str, Sequence[str]], query: str) -> Signed | AuthError:
        """Read the signature, whichever form it has; give the error instead of raising, for mode `off`."""
        try:
            if "authorization" in values:
                return from_header(values)
            if "X-Amz-Algorithm=" in query or "X-Amz-Signature=" in query:
                return from_query(query)
        except AuthError as error:
            return error
        return AuthError(AuthProblem.MISSING, "Missing Authentication Token")

    def _check_scope(self, signed: Signed, service: str) -> None:
        day, region, scope_service, terminator = signed.scope
        if terminator != TERMINATOR:
            text = f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
        elif scope_service != service:
            text = f"Credential should be scoped to correct service: '{service}'."
        elif not region or (self._regions is not None and service not in WORLDWIDE and region not in self._regions):
            text = f"Credential should be scoped to a valid region, not '{region}'."
        elif day != signed.date[:8]:
            text = (
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                f"'{day}' != '{signed.date[:8]}', from '{signed.date}'."
            )
        else:
            return
        raise AuthError(AuthProblem.SIGNATURE, text)

    def signing_key(self, secret: str, scope: tuple[str, str, str, str]) -> SigningKey:
        """Give the key that a secret makes for a day, region and service."""
        name = (secret, *scope[:3])
        key = self._signing_keys.get(name)
        if key is None:
            raw = f"AWS4{secret}".encode()
            for part in scope:
                raw = hmac.digest(raw, part.encode(), "sha256")
            key = SigningKey(raw)
            if len(self._signing_keys) >= MAX_CACHED_KEYS:
                self._signing_keys.clear()
            self._signing_keys[name] = key
        return key


def _unproved(signed: Signed | AuthError, values: Mapping[str, Sequence[str]]) -> Proof:
    """Take a request's word for who sent it."""
    said = values.get("x-amz-content-sha256", [""])[-1].strip()
    principal = _principal(signed) if isinstance(signed, Signed) else Principal()
    return Proof(principal=principal, payload=said if said in UNTOLD else "")


def _principal(signed: Signed, session: Session | None = None) -> Principal:
    return Principal(access_key=signed.access_key, region=signed.scope[1], service=signed.scope[2], session=session)


def _payload(signed: Signed, values: Mapping[str, Sequence[str]], body_sha256: str | None, service: str) -> str:
    """Give what is signed of the body: its digest or, only for S3, the words that stand in a digest's place.

    Raises AuthError when the request's own word about its body cannot be true.
    """
    said = values.get("x-amz-content-sha256", [""])[-1].strip()
    if service == S3:
        if not said and signed.expires is None:
            raise AuthError(AuthProblem.INCOMPLETE, "Missing required header for this request: x-amz-content-sha256")
        said = said or UNSIGNED
        if said not in UNTOLD and not _SHA256.fullmatch(said):
            words = "UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
            raise AuthError(AuthProblem.INCOMPLETE, f"x-amz-content-sha256 must be {words} or a valid sha256 value.")
        if said in UNTOLD or body_sha256 is None:
            return said
    if body_sha256 is None or (said and said != body_sha256):
        raise AuthError(AuthProblem.SIGNATURE, MISMATCH)
    return body_sha256


def _header_values(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Give header values by lower-case name, in their order."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    return values


@lru_cache(maxsize=64)
def date_of(date: bytes) -> Instant:
    """Give the instant of a date; one at the beginning of time for what is none."""
    try:
        text = date.decode("ascii")
        return instant_of(text) if DATE_FORM.fullmatch(text) else 0
    except (UnicodeDecodeError, AuthError):
        return 0


def _check_time(signed: Signed, now: Instant) -> None:
    date = signed.date
    at = instant_of(date)
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
    """Refuse a signature that leaves out what decides the request: the host, its date and every `x-amz-` header.

    But the session's token, which some clients add after they have signed: the key that they signed with belongs to it alone.
    """
    needed = [name for name in values if name.startswith("x-amz-")]
    if signed.dated == "date":
        needed.append("date")
    for name in ("host", *needed):
        if name not in signed.names and name != "x-amz-security-token":
            raise AuthError(AuthProblem.SIGNATURE, f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")


def _signature(key: SigningKey, signed: Signed, canonical: str) -> bytes:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{signed.date}\n{'/'.join(signed.scope)}\n{digest}"
    return key.sign(text.encode())

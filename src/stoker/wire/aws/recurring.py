"""Signatures over heads that are all alike but for a date, a body's digest and the like: what they share is prepared once.

This accepts nothing that `stoker.wire.aws.sigv4` would not, and refuses nothing: what it does not accept is judged there.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

from stoker.units import Instant
from stoker.wire.aws.canonical import canonical_path
from stoker.wire.aws.claims import TOKEN, Claim, SigningKey
from stoker.wire.aws.identity import Principal
from stoker.wire.aws.signature_forms import ALGORITHM, MAX_SKEW
from stoker.wire.aws.sigv4 import Verifier, date_of

MAX_MOMENTS: Final = 16
"""Dates of signatures for which what they share is kept: clients' clocks differ."""
_ALGORITHM: Final = ALGORITHM.encode()
_BEFORE: Final = b"Signature="
_DIGEST: Final = b"x-amz-content-sha256"
_DATE: Final = b"x-amz-date"


class _Moment:
    """What all signatures of one second share: the hashes of what is signed are begun, as far as it is the same."""

    __slots__ = ("instant", "request", "text")

    def __init__(self, instant: Instant, request: "hashlib._Hash", text: "hashlib._Hash") -> None:
        self.instant = instant
        self.request = request
        self.text = text


class RecurringSignature:
    """Verifies requests with heads of one form, without a query, signed in their header by one claim.

    Keys, sessions and the time are asked anew with each request.
    """

    __slots__ = (
        "_access_key",
        "_claim",
        "_date_at",
        "_digest_at",
        "_form",
        "_key",
        "_keys",
        "_moments",
        "_places",
        "_secret",
        "_signature_at",
        "_steady",
        "_token",
        "_verifier",
    )

    def __init__(self, verifier: Verifier, claim: Claim, form: bytes, names: Sequence[bytes], token: bytes) -> None:
        self._verifier = verifier
        self._claim = claim
        self._access_key = claim.principal.access_key
        self._keys = verifier.keys
        self._form = form
        self._token = token
        self._places = tuple([names.index(name) for name in claim.names if name in names])
        self._signature_at = names.index(b"authorization")
        self._date_at = names.index(_DATE)
        self._digest_at = names.index(_DIGEST) if _DIGEST in names else -1
        self._steady = self._places == (self._date_at,)
        self._moments: dict[bytes, _Moment] = {}
        self._secret = ""
        self._key: SigningKey | None = None

    def __call__(self, values: Sequence[bytes], sha256: bytes, now: Instant) -> Principal | None:
        """Give who signed a request; None leaves it to `Verifier.verify`.

        `values` are those of the names, in order, behind what they always begin with; `sha256` is the body's digest.
        """
        claim = self._claim
        if claim.session:
            sender = self._verifier.sender(claim, self._token, now)
            if sender is None:
                return None
            principal, secret = sender
        else:  # what `sender` would find, sooner
            principal, secret = claim.principal, self._keys.get(self._access_key, "")
        key = self._key
        if secret != self._secret or key is None:
            if not secret:
                return None
            key = self._key = self._verifier.signing_key(secret, claim.scope)
            self._secret = secret
            self._moments.clear()
        date = values[self._date_at]
        moment = self._moments.get(date) or self._begin(date, key)
        if moment is None or not -MAX_SKEW <= now - moment.instant <= MAX_SKEW:
            return None
        if self._steady:
            request = moment.request.copy()
            request.update(sha256)
        else:
            if self._digest_at >= 0 and values[self._digest_at] != sha256:
                return None
            whole = self._form % (*[values[place] for place in self._places], sha256)
            if not _usual(whole):
                return None
            request = hashlib.sha256(whole)
        right = key.finish(moment.text, request.hexdigest().encode())
        return principal if hmac.compare_digest(right, values[self._signature_at]) else None

    def _begin(self, date: bytes, key: SigningKey) -> _Moment | None:
        """Begin what requests of this date sign; None for one of another day, or none at all."""
        claim = self._claim
        instant = date_of(date)
        if not instant or date[:8] != claim.day:
            return None
        request = hashlib.sha256(self._form % (date, b"") if self._steady else b"")
        moment = _Moment(instant, request, key.begin(b"%s\n%s\n%s\n" % (_ALGORITHM, date, claim.scope_text)))
        if len(self._moments) >= MAX_MOMENTS:
            self._moments.clear()
        self._moments[date] = moment
        return moment


def recurring_signature(
    verifier: Verifier,
    *,
    method: str,
    path: str,
    headers: Mapping[bytes, bytes],
    names: Sequence[bytes],
    leads: Sequence[bytes],
    service: str,
) -> RecurringSignature | None:
    """Give what verifies requests whose heads have these headers, by lower-case name, but other values of those in `names`.

    `leads` is what each of the latter's values begins with in all of them. None where that is not worth while, or would not do.
    """
    places = dict(zip(names, leads, strict=True))
    claimed = places.get(b"authorization", b"")
    claim = verifier.claim(claimed.removesuffix(_BEFORE), service) if claimed.endswith(_BEFORE) else None
    if claim is None or not claim.covers(tuple(headers)) or not _plain(claim, places):
        return None
    if TOKEN in names or (_DIGEST in headers and _DIGEST not in names):
        return None
    said = [b"%s" if name in names else headers.get(name, b"").replace(b"%", b"%%") for name in claim.names]
    uri = canonical_path(path).encode().replace(b"%", b"%%")
    form = claim.form % (method.encode(), uri, *said, b"%s")
    return RecurringSignature(verifier, claim, form, names, headers.get(TOKEN, b"")) if _usual(form) else None


def _plain(claim: Claim, places: Mapping[bytes, bytes]) -> bool:
    """Tell whether the date varies, and what is signed is free of what would need thought here."""
    if b"authorization" in claim.names or places.get(_DATE) != b"":
        return False
    return not any(places.get(name) or b"%" in name for name in claim.names)


def _usual(text: bytes) -> bool:
    """Tell whether values are signed as they came: blanks that are more than one are not."""
    return b"  " not in text and b"\t" not in text and text.isascii()

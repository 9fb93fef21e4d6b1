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

_ALGORITHM: Final = ALGORITHM.encode()
_BEFORE: Final = b"Signature="
_DIGEST: Final = b"x-amz-content-sha256"
_DATE: Final = b"x-amz-date"


class RecurringSignature:
    """Verifies requests with heads of one form, without a query, signed in their header by one claim.

    Keys, sessions and the time are asked anew with each request.
    """

    __slots__ = (
        "_claim",
        "_date_at",
        "_day_at",
        "_digest_at",
        "_form",
        "_instant",
        "_key",
        "_last_date",
        "_loose",
        "_places",
        "_secret",
        "_signature_at",
        "_start",
        "_token",
        "_verifier",
    )

    def __init__(self, verifier: Verifier, claim: Claim, form: bytes, names: Sequence[bytes], token: bytes) -> None:
        self._verifier = verifier
        self._claim = claim
        self._form = form
        self._token = token
        self._places = tuple([names.index(name) for name in claim.names if name in names])
        self._signature_at = names.index(b"authorization")
        self._date_at = names.index(_DATE)
        self._digest_at = names.index(_DIGEST) if _DIGEST in names else -1
        self._loose = any(name in names and name not in {_DATE, _DIGEST} for name in claim.names)
        self._last_date = self._start = b""
        self._instant: Instant = 0
        self._secret = ""
        self._key: SigningKey | None = None

    def __call__(self, values: Sequence[bytes], sha256: bytes, now: Instant) -> Principal | None:
        """Give who signed a request; None leaves it to `Verifier.verify`.

        `values` are those of the names, in order, behind what they always begin with; `sha256` is the body's digest.
        """
        date = values[self._date_at]
        if date != self._last_date and not self._dated(date):
            return None
        if not -MAX_SKEW <= now - self._instant <= MAX_SKEW:
            return None
        sender = self._verifier.sender(self._claim, self._token, now)
        if sender is None or (self._digest_at >= 0 and values[self._digest_at] != sha256):
            return None
        principal, secret = sender
        key = self._key
        if key is None or secret != self._secret:
            key = self._key = self._verifier.signing_key(secret, self._claim.scope)
            self._secret = secret
        request = self._form % (*[values[place] for place in self._places], sha256)
        if self._loose and not _usual(request):
            return None
        right = key.sign(self._start + hashlib.sha256(request).hexdigest().encode())
        return principal if hmac.compare_digest(right, values[self._signature_at]) else None

    def _dated(self, date: bytes) -> bool:
        """Take a date that is not the one before; False for one of another day, or none at all."""
        instant = date_of(date)
        if not instant or date[:8] != self._claim.day:
            return False
        self._last_date = date
        self._instant = instant
        self._start = b"%s\n%s\n%s\n" % (_ALGORITHM, date, self._claim.scope_text)
        return True


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

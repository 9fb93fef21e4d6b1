"""Session tokens: sealed notes that say by themselves whose they are and until when, so that checking one asks nobody.

The secret of a session is made of its note and the installation's seal. It is in no token and in no table: whoever has the seal
can make it again, and nobody else can.
"""

import base64
import binascii
import hmac
from typing import Final

import msgspec

from stoker.units import Instant
from stoker.wire.aws.identity import EXPIRED_TOKEN, INVALID_TOKEN, AuthError, AuthProblem, Session

MAX_TOKEN: Final = 2048
"""Characters of the longest token; ours have fewer than a thousand."""
MAC_BYTES: Final = 32
SECRET_CHARACTERS: Final = 40
_TOKEN: Final = b"stoker session token\0"
_SECRET: Final = b"stoker session secret\0"


class _Note(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    access_key: str
    parent: str
    role: str
    name: str
    expires: Instant


def seal_session(
    seal: bytes, *, access_key: str, parent: str, expires: Instant, role: str = "", name: str = ""
) -> tuple[Session, str]:
    """Give a new session and its token; `access_key` is one that has not been given before."""
    note = msgspec.msgpack.encode(_Note(access_key, parent, role, name, expires))
    token = base64.b64encode(_mac(seal, _TOKEN, note) + note).decode()
    return _session(seal, note), token


def open_session(seal: bytes, token: str) -> Session:
    """Give the session of a token. Raises AuthError (UNKNOWN_KEY) for one that this seal has not made."""
    try:
        sealed = base64.b64decode(token if len(token) <= MAX_TOKEN else "", validate=True)
    except (binascii.Error, ValueError):
        sealed = b""
    mac, note = sealed[:MAC_BYTES], sealed[MAC_BYTES:]
    if not seal or not note or not hmac.compare_digest(mac, _mac(seal, _TOKEN, note)):
        raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
    return _session(seal, note)


def check_session(session: Session, access_key: str, now: Instant) -> None:
    """Raise AuthError for a session that is another key's (UNKNOWN_KEY), or over at an instant of the wall clock (EXPIRED)."""
    if not hmac.compare_digest(session.access_key.encode(), access_key.encode()):
        raise AuthError(AuthProblem.UNKNOWN_KEY, INVALID_TOKEN)
    if now >= session.expires:
        raise AuthError(AuthProblem.EXPIRED, EXPIRED_TOKEN)


def _session(seal: bytes, note: bytes) -> Session:
    said = msgspec.msgpack.decode(note, type=_Note)
    secret = base64.urlsafe_b64encode(_mac(seal, _SECRET, note)).decode()[:SECRET_CHARACTERS]
    return Session(
        access_key=said.access_key, secret=secret, parent=said.parent, role=said.role, name=said.name, expires=said.expires
    )


def _mac(seal: bytes, purpose: bytes, note: bytes) -> bytes:
    return hmac.digest(seal, purpose + note, "sha256")

"""Bearer tokens: what clients of Hugging Face's and OpenAI's kind, which sign nothing, send in place of a signature.

One stands for an access key and has that key's rights. It is made of the key's secret, which cannot be made of it again.
"""

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from stoker.domain.keys import AccessKey
from stoker.units import Instant

PREFIX: Final = "sk-stoker-"
MAX_TOKEN: Final = 512
"""Characters of a token that is looked at; those made here have at most 182."""
MAX_BEARERS: Final = 256
"""Tokens that are known again in requests of one form."""
_NOBODY: Final = (b"", ("", 0))
_USE: Final = b"stoker bearer token\0"


def token_of(key: AccessKey) -> str:
    """Give the bearer token of a key."""
    mac = hmac.digest(key.secret.encode(), _USE + key.access_key_id.encode(), "sha256")
    return f"{PREFIX}{key.access_key_id}-{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def holder_of(keys: Mapping[str, AccessKey], token: str) -> AccessKey | None:
    """Give the key, of those by id, that a token stands for; None for a token of none.

    Whether that key is still good, and for what, is for the caller to ask. How long it takes tells nothing of the right token.
    """
    if not token.startswith(PREFIX) or len(token) > MAX_TOKEN:
        return None
    key = keys.get(token[len(PREFIX) :].partition("-")[0])
    if key is None or not hmac.compare_digest(token_of(key).encode(), token.encode("utf-8", "surrogateescape")):
        return None
    return key


class RecurringBearer:
    """Knows bearers again by their tokens, in requests that are all for the same: a `stoker.gateway.face.Recurring`.

    `admit` gives who bears a token, and until when that is let in; None for one that is not, or is to be judged each time.
    `place` is the token's among the values. Tokens are found by a hash that nobody outside this process can compute, and then
    compared in a time that does not depend on where they differ.
    """

    __slots__ = ("_admit", "_known", "_place")

    def __init__(self, admit: Callable[[str, Instant], tuple[str, Instant] | None], place: int) -> None:
        self._admit = admit
        self._place = place
        self._known: dict[int, tuple[bytes, tuple[str, Instant]]] = {}

    def __call__(self, values: Sequence[bytes], body: bytes, now: Instant) -> tuple[str, Instant] | None:  # noqa: ARG002 - as there
        """Give who sent a request, and until when its token is good; None leaves the verdict to who judges them all."""
        token = values[self._place]
        known, sender = self._known.get(hash(token), _NOBODY)
        if not hmac.compare_digest(known, token):
            admitted = self._admit(token.decode("latin-1"), now)
            if admitted is None:
                return None
            if len(self._known) >= MAX_BEARERS:
                self._known.clear()
            self._known[hash(token)] = (token, admitted)
            sender = admitted
        return sender if now < sender[1] else None


def bearer_of(authorization: str) -> str | None:
    """Give the token in an Authorization header's value; None when it holds none."""
    kind, _, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" else None

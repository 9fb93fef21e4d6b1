"""Bearer tokens: what clients of Hugging Face's and OpenAI's kind, which sign nothing, send in place of a signature.

One stands for an access key and has that key's rights. It is made of the key's secret, which cannot be made of it again.
"""

import base64
import hmac
from collections.abc import Mapping
from typing import Final

from stoker.domain.keys import AccessKey

PREFIX: Final = "sk-stoker-"
MAX_TOKEN: Final = 512
"""Characters of a token that is looked at; those made here have at most 182."""
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


def bearer_of(authorization: str) -> str | None:
    """Give the token in an Authorization header's value; None when it holds none."""
    kind, _, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" else None

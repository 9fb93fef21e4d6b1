"""Access keys: who may call, what each may do, and until when."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from stoker.errors import InvalidParameterError, LimitError
from stoker.units import Instant

MAX_KEYS: Final = 1000
MAX_ENDPOINTS: Final = 100
"""Endpoints that one key may be bound to."""
ROOT: Final = "root"
"""The name of the key that every installation has from its start."""

KEY_ID: Final = re.compile(r"[A-Za-z0-9]{16,128}")
NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")
"""The names that sessions may have in AWS, because a key's name is the name of its holder's session."""
_ENDPOINT: Final = re.compile(r"[a-zA-Z0-9*-]{1,63}")


class KeyRole(StrEnum):
    """What a key's holder may do: everything, or invoke endpoints."""

    ADMIN = "admin"
    INVOKE = "invoke"


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key: its public id and its secret, its holder's `name`, and the rights that go with it.

    `endpoints` are the names of those that an `invoke` key may invoke, in which `*` stands for any letters; an admin's is empty.
    `created` and `expires` are instants of the wall clock; None: it never expires. Printing a key does not show its secret.
    """

    access_key_id: str
    secret: str
    name: str = ROOT
    role: KeyRole = KeyRole.ADMIN
    endpoints: tuple[str, ...] = ()
    created: Instant = 0
    expires: Instant | None = None

    def __repr__(self) -> str:
        """Show no secret."""
        return f"AccessKey({self.access_key_id}, {self.name}, {self.role.value})"

    def invokes(self, endpoint: str) -> bool:
        """Tell whether the holder may invoke an endpoint."""
        return self.role is KeyRole.ADMIN or any(_form(pattern).fullmatch(endpoint) for pattern in self.endpoints)

    def alive(self, now: Instant) -> bool:
        """Tell whether the key is good at an instant of the wall clock."""
        return self.expires is None or now < self.expires


class Keyring(msgspec.Struct, frozen=True, kw_only=True):
    """All keys, and the secret that session tokens are sealed with (empty: there are no sessions)."""

    keys: tuple[AccessKey, ...] = ()
    seal: bytes = b""

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Keyring({', '.join(key.access_key_id for key in self.keys)})"

    @property
    def secrets(self) -> dict[str, str]:
        """The secret of each key, by its id."""
        return {key.access_key_id: key.secret for key in self.keys}

    @property
    def by_id(self) -> dict[str, AccessKey]:
        """Each key by its id."""
        return {key.access_key_id: key for key in self.keys}


@lru_cache(maxsize=1024)
def _form(pattern: str) -> re.Pattern[str]:
    """Give the expression of an endpoint's name, in which nothing but `*` has a meaning of its own."""
    return re.compile(pattern.replace("*", ".*"))


def keyring(secrets: dict[str, str]) -> Keyring:
    """Give a ring of admins' keys, from secrets by id."""
    return Keyring(keys=tuple(AccessKey(access_key_id=key_id, secret=secret) for key_id, secret in secrets.items()))


def check_key(key: AccessKey) -> None:
    """Raise `InvalidParameterError` or `LimitError` for a key that cannot be."""
    if not NAME.fullmatch(key.name):
        text = "A key's name has 2 to 64 letters, digits and any of _ + = , . @ -"
        raise InvalidParameterError(f"{text}; {key.name[:64]!r} has not.", field="name")
    if len(key.endpoints) > MAX_ENDPOINTS:
        raise LimitError(
            f"A key is bound to at most {MAX_ENDPOINTS} endpoints.", limit="endpoints of a key", maximum=MAX_ENDPOINTS
        )
    for pattern in key.endpoints:
        if not _ENDPOINT.fullmatch(pattern):
            text = "An endpoint's name has 1 to 63 letters, digits and hyphens, and * for any"
            raise InvalidParameterError(f"{text}; {pattern[:64]!r} has not.", field="endpoint")
    if key.role is KeyRole.ADMIN and key.endpoints:
        raise InvalidParameterError("An admin's key is bound to no endpoint; give it the role 'invoke'.", field="endpoint")
    if key.role is KeyRole.INVOKE and not key.endpoints:
        raise InvalidParameterError("A key that may invoke names the endpoints; '*' means all.", field="endpoint")

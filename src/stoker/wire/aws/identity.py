"""Who sent a request, and why one is not let in: the words that signatures, bearer tokens, sessions and permissions share."""

import enum
from typing import Final, Protocol

import msgspec

from stoker.errors import StokerError
from stoker.units import Instant

MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
INVALID_TOKEN: Final = "The security token included in the request is invalid."  # noqa: S105 - a sentence
EXPIRED_TOKEN: Final = "The security token included in the request is expired"  # noqa: S105 - a sentence
"""AWS's own words, without a full stop."""


class AuthProblem(enum.Enum):
    """Why a request is not let in; each protocol has its own code for each."""

    MISSING = enum.auto()
    INCOMPLETE = enum.auto()
    UNKNOWN_KEY = enum.auto()
    SIGNATURE = enum.auto()
    EXPIRED = enum.auto()
    DENIED = enum.auto()


STRANGERS: Final = frozenset({AuthProblem.MISSING, AuthProblem.UNKNOWN_KEY})
"""What is wrong with requests whose sender is nobody known."""


class AuthError(StokerError):
    """The request is not let in; `message` is AWS's text and may be shown."""

    def __init__(self, problem: AuthProblem, message: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.message = message


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Temporary credentials: a pair of their own that lives until `expires`, and what they were made from.

    `parent` is the access key whose holder asked for them, `role` the assumed role's name (empty when none was assumed), `name`
    the session's. Printing one does not show its secret.
    """

    access_key: str
    secret: str
    parent: str
    role: str = ""
    name: str = ""
    expires: Instant

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Session({self.access_key}, of {self.parent})"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent a request: `access_key` is `""` when it was not signed at all, which only mode `off` lets in."""

    access_key: str = ""
    region: str = ""
    service: str = ""
    session: Session | None = None

    @property
    def key(self) -> str:
        """The access key that the sender's rights are those of."""
        return self.access_key if self.session is None else self.session.parent


class Sessions(Protocol):
    """Opens session tokens."""

    def open(self, access_key: str, token: str, now: Instant) -> Session:
        """Give the session of a token that belongs to `access_key`, or raise AuthError (UNKNOWN_KEY, EXPIRED)."""
        ...

"""Who calls Hugging Face's management API, and whether they may: their token stands for an access key."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from stoker.units import Instant
from stoker.wire.aws.access import Access
from stoker.wire.aws.identity import AuthError, AuthProblem
from stoker.wire.huggingface.exchange import HubError
from stoker.wire.tokens import bearer_of

NOBODY: Final = "anonymous"
"""Who calls without a token that says more."""
_NOTHING_BROUGHT = "Unauthorized: bring the token of an access key (`stoker env` prints one as HF_TOKEN)."
_NOBODYS = "Unauthorized: the token is that of no access key in force (`stoker env` prints one as HF_TOKEN)."
_ASK = {"www-authenticate": 'Bearer realm="Authentication required"'}


class Guard:
    """Lets callers in. Without `access` all may everything, and whatever token they bring is right."""

    __slots__ = ("_access", "_wall")

    def __init__(self, access: Access | None, *, wall: Callable[[], Instant] = time.time_ns) -> None:
        self._access = access
        self._wall = wall

    def caller(self, headers: Mapping[str, str], action: str) -> str:
        """Give who calls, or raise `HubError`. `action` is what they want to do, empty for what everybody may who has a token."""
        access = self._access
        if access is None:
            return NOBODY
        token = bearer_of(headers.get("authorization", ""))
        if token is None:
            if access.lenient:
                return NOBODY
            raise HubError(401, _NOTHING_BROUGHT, headers=_ASK)
        try:
            principal = access.bearer(token)
            access.permit(principal, f"huggingface:{action}" if action else "sts:GetCallerIdentity", self._wall())
        except AuthError as error:
            if error.problem is AuthProblem.DENIED:
                raise HubError(403, "Forbidden: the key that this token stands for may only invoke endpoints.") from error
            if access.lenient:
                return NOBODY
            raise HubError(401, _NOBODYS, headers=_ASK) from error
        return access.name_of(principal)

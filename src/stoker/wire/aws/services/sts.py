"""STS: who the caller is, and temporary credentials.

Roles are names here: every role of the account trusts every key that may assume roles, and a session has the rights of the key
that it was made with, whatever the role.
"""

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Callable
from typing import Final

from stoker.units import SECOND, Instant
from stoker.wire.aws.access import Access
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import FaultError, Problem, RejectedError
from stoker.wire.aws.generated import sts
from stoker.wire.aws.identity import Session
from stoker.wire.aws.sessions import seal_session
from stoker.wire.aws.times import Timestamp

ROLE_DEFAULT_S: Final = 3600
CHAINED_MOST_S: Final = 3600
"""A role that was assumed by a role is assumed for an hour at most (AWS: role chaining)."""
SESSION_DEFAULT_S: Final = 43_200

_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/(?:[!-~]*/)?([\w+=,.@-]{1,64})", re.ASCII)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ID_LETTERS: Final = 17
_KEY_PREFIX: Final = "ASIASTOKER"


def role_id(role: str) -> str:
    """Give a role's id in the form that roles' ids have: AROA and 17 letters or digits, the same for the same name."""
    return "AROA" + base64.b32encode(hashlib.sha256(role.encode()).digest()).decode()[:_ID_LETTERS]


def handlers(access: Access, *, wall: Callable[[], Instant] = time.time_ns) -> Handlers:
    """Give the STS operations that Stoker serves, by (service, operation). `wall` is the real time, which credentials go by."""
    account = access.partition.account

    def begin(context: Context, span_s: int, *, role: str = "", name: str = "") -> tuple[Session, sts.Credentials]:
        """Make temporary credentials of the caller's, which end with its key at the latest."""
        parent = context.principal
        expires = wall() + span_s * SECOND
        limit = access.ends(parent)
        session, token = seal_session(
            access.seal,
            access_key=_KEY_PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(10)),
            parent=parent.key,
            expires=expires if limit is None else min(expires, limit),
            role=role,
            name=name,
        )
        return session, sts.Credentials(
            access_key_id=session.access_key,
            secret_access_key=session.secret,
            session_token=token,
            expiration=Timestamp(session.expires // SECOND * SECOND),
        )

    async def get_caller_identity(_: sts.GetCallerIdentityRequest, context: Context) -> sts.GetCallerIdentityResponse:
        who = context.principal
        user_id = f"{role_id(access.role_of(who))}:{access.name_of(who)}"
        return sts.GetCallerIdentityResponse(user_id=user_id, account=account, arn=access.arn(who))

    async def get_session_token(given: sts.GetSessionTokenRequest, context: Context) -> sts.GetSessionTokenResponse:
        if context.principal.session is not None:
            raise FaultError("AccessDenied", "Cannot call GetSessionToken with session credentials", status=403)
        _no_device(given.serial_number, given.token_code)
        _, credentials = begin(context, given.duration_seconds or SESSION_DEFAULT_S)
        return sts.GetSessionTokenResponse(credentials=credentials)

    async def assume_role(given: sts.AssumeRoleRequest, context: Context) -> sts.AssumeRoleResponse:
        role = _role(given, account, access.arn(context.principal))
        span_s = given.duration_seconds or ROLE_DEFAULT_S
        session = context.principal.session
        if session is not None and session.role and span_s > CHAINED_MOST_S:
            text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
            raise FaultError("ValidationError", text)
        name = given.role_session_name
        _, credentials = begin(context, span_s, role=role, name=name)
        user = sts.AssumedRoleUser(
            assumed_role_id=f"{role_id(role)}:{name}", arn=f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
        )
        return sts.AssumeRoleResponse(
            credentials=credentials, assumed_role_user=user, packed_policy_size=0, source_identity=given.source_identity
        )

    return {
        ("sts", "AssumeRole"): assume_role,
        ("sts", "GetCallerIdentity"): get_caller_identity,
        ("sts", "GetSessionToken"): get_session_token,
    }


def _role(given: sts.AssumeRoleRequest, account: str, caller: str) -> str:
    """Give the name of the role that is to be assumed, or raise the error for one that cannot be."""
    found = _ROLE_ARN.fullmatch(given.role_arn)
    if found is None:
        raise FaultError("ValidationError", f"{given.role_arn} is invalid")
    if found[1] != account:
        text = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {given.role_arn}"
        raise FaultError("AccessDenied", text, status=403)
    if given.policy is not None or given.policy_arns:
        # Whoever asks for less than the role's rights must not be given all of them.
        text = "Stoker does not serve session policies: bind an access key to endpoints instead (`stoker keys create`)."
        raise RejectedError(Problem.NOT_SERVED, text)
    _no_device(given.serial_number, given.token_code)
    return found[2]


def _no_device(serial_number: str | None, token_code: str | None) -> None:
    if serial_number is not None or token_code is not None:
        text = (
            "MultiFactorAuthentication failed, unable to validate MFA code. "
            "Please verify your MFA serial number is valid and associated with this user."
        )
        raise FaultError("AccessDenied", text, status=403)

"""Shapes, limits and operations of sts, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class GetCallerIdentityRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetCallerIdentityRequest."""


class GetCallerIdentityResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetCallerIdentityResponse."""

    user_id: str | None = _f(name="UserId", default=None)
    account: str | None = _f(name="Account", default=None)
    arn: str | None = _f(name="Arn", default=None)


# Limits, for the constraint walk.

_GetCallerIdentityRequest = _c.Shape()

ERRORS: dict[str, _s.ErrorShape] = {
    "ExpiredTokenException": _s.ErrorShape(shape="ExpiredTokenException", status=400, sender=True, message_member="message"),
    "ExpiredTradeInTokenException": _s.ErrorShape(shape="ExpiredTradeInTokenException", status=400, sender=True, message_member="message"),
    "IDPCommunicationError": _s.ErrorShape(shape="IDPCommunicationErrorException", status=400, sender=True, message_member="message"),
    "IDPRejectedClaim": _s.ErrorShape(shape="IDPRejectedClaimException", status=403, sender=True, message_member="message"),
    "InvalidAuthorizationMessageException": _s.ErrorShape(shape="InvalidAuthorizationMessageException", status=400, sender=True, message_member="message"),
    "InvalidIdentityToken": _s.ErrorShape(shape="InvalidIdentityTokenException", status=400, sender=True, message_member="message"),
    "JWTPayloadSizeExceededException": _s.ErrorShape(shape="JWTPayloadSizeExceededException", status=400, sender=True, message_member="message"),
    "MalformedPolicyDocument": _s.ErrorShape(shape="MalformedPolicyDocumentException", status=400, sender=True, message_member="message"),
    "OutboundWebIdentityFederationDisabledException": _s.ErrorShape(shape="OutboundWebIdentityFederationDisabledException", status=403, sender=True, message_member="message"),
    "PackedPolicyTooLarge": _s.ErrorShape(shape="PackedPolicyTooLargeException", status=400, sender=True, message_member="message"),
    "RegionDisabledException": _s.ErrorShape(shape="RegionDisabledException", status=403, sender=True, message_member="message"),
    "SessionDurationEscalationException": _s.ErrorShape(shape="SessionDurationEscalationException", status=403, sender=True, message_member="message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "GetCallerIdentity": _s.Operation(
        name="GetCallerIdentity",
        input=GetCallerIdentityRequest,
        checks=_GetCallerIdentityRequest,
        output=GetCallerIdentityResponse,
        result_wrapper="GetCallerIdentityResult",
    ),
}

SERVICE = _s.Service(
    name="sts",
    version="2011-06-15",
    signing_name="sts",
    protocols=("query",),
    xml_namespace="https://sts.amazonaws.com/doc/2011-06-15/",
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetCallerIdentity",
        "GetDelegatedAccessToken",
        "GetFederationToken",
        "GetSessionToken",
        "GetWebIdentityToken",
    )),
)

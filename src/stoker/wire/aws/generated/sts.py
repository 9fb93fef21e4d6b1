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


class AssumeRoleRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AssumeRoleRequest."""

    role_arn: _s.Given[str] = _f(name="RoleArn", default=_s.ABSENT)
    role_session_name: _s.Given[str] = _f(name="RoleSessionName", default=_s.ABSENT)
    policy_arns: list[PolicyDescriptorType] | None = _f(name="PolicyArns", default=None)
    policy: str | None = _f(name="Policy", default=None)
    duration_seconds: _s.Int | None = _f(name="DurationSeconds", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    transitive_tag_keys: list[str] | None = _f(name="TransitiveTagKeys", default=None)
    external_id: str | None = _f(name="ExternalId", default=None)
    serial_number: str | None = _f(name="SerialNumber", default=None)
    token_code: str | None = _f(name="TokenCode", default=None)
    source_identity: str | None = _f(name="SourceIdentity", default=None)
    provided_contexts: list[ProvidedContext] | None = _f(name="ProvidedContexts", default=None)
    minimum_session_token_size: _s.Int | None = _f(name="MinimumSessionTokenSize", default=None)


class AssumeRoleResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AssumeRoleResponse."""

    credentials: Credentials | None = _f(name="Credentials", default=None)
    assumed_role_user: AssumedRoleUser | None = _f(name="AssumedRoleUser", default=None)
    packed_policy_size: _s.Int | None = _f(name="PackedPolicySize", default=None)
    source_identity: str | None = _f(name="SourceIdentity", default=None)
    session_token_utilization: _s.Int | None = _f(name="SessionTokenUtilization", default=None)
    session_token_size: _s.Int | None = _f(name="SessionTokenSize", default=None)


class AssumedRoleUser(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AssumedRoleUser."""

    assumed_role_id: _s.Given[str] = _f(name="AssumedRoleId", default=_s.ABSENT)
    arn: _s.Given[str] = _f(name="Arn", default=_s.ABSENT)


class Credentials(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Credentials."""

    access_key_id: _s.Given[str] = _f(name="AccessKeyId", default=_s.ABSENT)
    secret_access_key: _s.Given[str] = _f(name="SecretAccessKey", default=_s.ABSENT)
    session_token: _s.Given[str] = _f(name="SessionToken", default=_s.ABSENT)
    expiration: _s.Given[_t.Timestamp] = _f(name="Expiration", default=_s.ABSENT)


class GetCallerIdentityRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetCallerIdentityRequest."""


class GetCallerIdentityResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetCallerIdentityResponse."""

    user_id: str | None = _f(name="UserId", default=None)
    account: str | None = _f(name="Account", default=None)
    arn: str | None = _f(name="Arn", default=None)


class GetSessionTokenRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetSessionTokenRequest."""

    duration_seconds: _s.Int | None = _f(name="DurationSeconds", default=None)
    serial_number: str | None = _f(name="SerialNumber", default=None)
    token_code: str | None = _f(name="TokenCode", default=None)
    minimum_session_token_size: _s.Int | None = _f(name="MinimumSessionTokenSize", default=None)


class GetSessionTokenResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetSessionTokenResponse."""

    credentials: Credentials | None = _f(name="Credentials", default=None)
    session_token_utilization: _s.Int | None = _f(name="SessionTokenUtilization", default=None)
    session_token_size: _s.Int | None = _f(name="SessionTokenSize", default=None)


class PolicyDescriptorType(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PolicyDescriptorType."""

    arn: str | None = _f(name="arn", default=None)


class ProvidedContext(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ProvidedContext."""

    provider_arn: str | None = _f(name="ProviderArn", default=None)
    context_assertion: str | None = _f(name="ContextAssertion", default=None)


class Tag(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Tag."""

    key: _s.Given[str] = _f(name="Key", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


# Limits, for the constraint walk.

_arnType = _c.Text(least=20, most=2048, pattern=r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+")
_roleSessionNameType = _c.Text(least=2, most=64, pattern=r"[\w+=,.@-]*", python=r"(?a:[\w+=,.@-]*)")
_PolicyDescriptorType = _c.Shape(members=(
    _c.Member(attribute="arn", name="arn", check=_arnType),
))
_policyDescriptorListType = _c.Items(member=_PolicyDescriptorType)
_unrestrictedSessionPolicyDocumentType = _c.Text(least=1, pattern=r"[\u0009\u000A\u000D\u0020-\u00FF]+")
_roleDurationSecondsType = _c.Range(least=900, most=43200)
_tagKeyType = _c.Text(least=1, most=128, pattern=r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", python=r"[\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000_.:/=+\-@]+")
_tagValueType = _c.Text(least=0, most=256, pattern=r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", python=r"[\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000_.:/=+\-@]*")
_Tag = _c.Shape(members=(
    _c.Member(attribute="key", name="key", required=True, check=_tagKeyType),
    _c.Member(attribute="value", name="value", required=True, check=_tagValueType),
))
_tagListType = _c.Items(most=50, member=_Tag)
_tagKeyListType = _c.Items(most=50, member=_tagKeyType)
_externalIdType = _c.Text(least=2, most=1224, pattern=r"[\w+=,.@:\/-]*", python=r"(?a:[\w+=,.@:\/-]*)")
_serialNumberType = _c.Text(least=9, most=256, pattern=r"[\w+=/:,.@-]*", python=r"(?a:[\w+=/:,.@-]*)")
_tokenCodeType = _c.Text(least=6, most=6, pattern=r"[\d]*", python=r"(?a:[\d]*)")
_sourceIdentityType = _c.Text(least=2, most=64, pattern=r"[\w+=,.@-]*", python=r"(?a:[\w+=,.@-]*)")
_contextAssertionType = _c.Text(least=4, most=2048)
_ProvidedContext = _c.Shape(members=(
    _c.Member(attribute="provider_arn", name="providerArn", check=_arnType),
    _c.Member(attribute="context_assertion", name="contextAssertion", check=_contextAssertionType),
))
_ProvidedContextsListType = _c.Items(least=1, most=5, member=_ProvidedContext)
_minimumSessionTokenSizeType = _c.Range(least=0, most=4096)
_AssumeRoleRequest = _c.Shape(members=(
    _c.Member(attribute="role_arn", name="roleArn", required=True, check=_arnType),
    _c.Member(attribute="role_session_name", name="roleSessionName", required=True, check=_roleSessionNameType),
    _c.Member(attribute="policy_arns", name="policyArns", check=_policyDescriptorListType),
    _c.Member(attribute="policy", name="policy", check=_unrestrictedSessionPolicyDocumentType),
    _c.Member(attribute="duration_seconds", name="durationSeconds", check=_roleDurationSecondsType),
    _c.Member(attribute="tags", name="tags", check=_tagListType),
    _c.Member(attribute="transitive_tag_keys", name="transitiveTagKeys", check=_tagKeyListType),
    _c.Member(attribute="external_id", name="externalId", check=_externalIdType),
    _c.Member(attribute="serial_number", name="serialNumber", check=_serialNumberType),
    _c.Member(attribute="token_code", name="tokenCode", check=_tokenCodeType),
    _c.Member(attribute="source_identity", name="sourceIdentity", check=_sourceIdentityType),
    _c.Member(attribute="provided_contexts", name="providedContexts", check=_ProvidedContextsListType),
    _c.Member(attribute="minimum_session_token_size", name="minimumSessionTokenSize", check=_minimumSessionTokenSizeType),
))
_GetCallerIdentityRequest = _c.Shape()
_durationSecondsType = _c.Range(least=900, most=129600)
_GetSessionTokenRequest = _c.Shape(members=(
    _c.Member(attribute="duration_seconds", name="durationSeconds", check=_durationSecondsType),
    _c.Member(attribute="serial_number", name="serialNumber", check=_serialNumberType),
    _c.Member(attribute="token_code", name="tokenCode", check=_tokenCodeType),
    _c.Member(attribute="minimum_session_token_size", name="minimumSessionTokenSize", check=_minimumSessionTokenSizeType),
))

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
    "AssumeRole": _s.Operation(
        name="AssumeRole",
        input=AssumeRoleRequest,
        checks=_AssumeRoleRequest,
        output=AssumeRoleResponse,
        result_wrapper="AssumeRoleResult",
        errors=("MalformedPolicyDocument", "PackedPolicyTooLarge", "RegionDisabledException", "ExpiredTokenException",),
    ),
    "GetCallerIdentity": _s.Operation(
        name="GetCallerIdentity",
        input=GetCallerIdentityRequest,
        checks=_GetCallerIdentityRequest,
        output=GetCallerIdentityResponse,
        result_wrapper="GetCallerIdentityResult",
    ),
    "GetSessionToken": _s.Operation(
        name="GetSessionToken",
        input=GetSessionTokenRequest,
        checks=_GetSessionTokenRequest,
        output=GetSessionTokenResponse,
        result_wrapper="GetSessionTokenResult",
        errors=("RegionDisabledException",),
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

"""Shapes, limits and operations of iam, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class AttachedPermissionsBoundary(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's AttachedPermissionsBoundary."""

    permissions_boundary_type: str | None = _f(name="PermissionsBoundaryType", default=None)
    permissions_boundary_arn: str | None = _f(name="PermissionsBoundaryArn", default=None)


class GetRoleRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetRoleRequest."""

    role_name: _s.Given[str] = _f(name="RoleName", default=_s.ABSENT)


class GetRoleResponse(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetRoleResponse."""

    role: _s.Given[Role] = _f(name="Role", default=_s.ABSENT)


class Role(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Role."""

    path: _s.Given[str] = _f(name="Path", default=_s.ABSENT)
    role_name: _s.Given[str] = _f(name="RoleName", default=_s.ABSENT)
    role_id: _s.Given[str] = _f(name="RoleId", default=_s.ABSENT)
    arn: _s.Given[str] = _f(name="Arn", default=_s.ABSENT)
    create_date: _s.Given[_t.Timestamp] = _f(name="CreateDate", default=_s.ABSENT)
    assume_role_policy_document: str | None = _f(name="AssumeRolePolicyDocument", default=None)
    description: str | None = _f(name="Description", default=None)
    max_session_duration: _s.Int | None = _f(name="MaxSessionDuration", default=None)
    permissions_boundary: AttachedPermissionsBoundary | None = _f(name="PermissionsBoundary", default=None)
    tags: list[Tag] | None = _f(name="Tags", default=None)
    role_last_used: RoleLastUsed | None = _f(name="RoleLastUsed", default=None)
    source_role_template: SourceRoleTemplate | None = _f(name="SourceRoleTemplate", default=None)


class RoleLastUsed(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's RoleLastUsed."""

    last_used_date: _t.Timestamp | None = _f(name="LastUsedDate", default=None)
    region: str | None = _f(name="Region", default=None)


class SourceRoleTemplate(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SourceRoleTemplate."""

    template_arn: _s.Given[str] = _f(name="TemplateArn", default=_s.ABSENT)
    template_minor_version: _s.Given[_s.Int] = _f(name="TemplateMinorVersion", default=_s.ABSENT)


class Tag(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Tag."""

    key: _s.Given[str] = _f(name="Key", default=_s.ABSENT)
    value: _s.Given[str] = _f(name="Value", default=_s.ABSENT)


# Limits, for the constraint walk.

_roleNameType = _c.Text(least=1, most=64, pattern=r"[\w+=,.@-]+", python=r"(?a:[\w+=,.@-]+)")
_GetRoleRequest = _c.Shape(members=(
    _c.Member(attribute="role_name", name="roleName", required=True, check=_roleNameType),
))

ERRORS: dict[str, _s.ErrorShape] = {
    "AccountNotManagementOrDelegatedAdministratorException": _s.ErrorShape(shape="AccountNotManagementOrDelegatedAdministratorException", status=400, sender=True, message_member="message"),
    "CallerIsNotManagementAccountException": _s.ErrorShape(shape="CallerIsNotManagementAccountException", status=400, sender=True, message_member="message"),
    "ConcurrentModification": _s.ErrorShape(shape="ConcurrentModificationException", status=409, sender=True, message_member="message"),
    "ReportExpired": _s.ErrorShape(shape="CredentialReportExpiredException", status=410, sender=True, message_member="message"),
    "ReportNotPresent": _s.ErrorShape(shape="CredentialReportNotPresentException", status=410, sender=True, message_member="message"),
    "ReportInProgress": _s.ErrorShape(shape="CredentialReportNotReadyException", status=404, sender=True, message_member="message"),
    "DeleteConflict": _s.ErrorShape(shape="DeleteConflictException", status=409, sender=True, message_member="message"),
    "DuplicateCertificate": _s.ErrorShape(shape="DuplicateCertificateException", status=409, sender=True, message_member="message"),
    "DuplicateSSHPublicKey": _s.ErrorShape(shape="DuplicateSSHPublicKeyException", status=400, sender=True, message_member="message"),
    "EntityAlreadyExists": _s.ErrorShape(shape="EntityAlreadyExistsException", status=409, sender=True, message_member="message"),
    "EntityTemporarilyUnmodifiable": _s.ErrorShape(shape="EntityTemporarilyUnmodifiableException", status=409, sender=True, message_member="message"),
    "FeatureDisabled": _s.ErrorShape(shape="FeatureDisabledException", status=404, sender=True, message_member="message"),
    "FeatureEnabled": _s.ErrorShape(shape="FeatureEnabledException", status=409, sender=True, message_member="message"),
    "InvalidAuthenticationCode": _s.ErrorShape(shape="InvalidAuthenticationCodeException", status=403, sender=True, message_member="message"),
    "InvalidCertificate": _s.ErrorShape(shape="InvalidCertificateException", status=400, sender=True, message_member="message"),
    "InvalidInput": _s.ErrorShape(shape="InvalidInputException", status=400, sender=True, message_member="message"),
    "InvalidPublicKey": _s.ErrorShape(shape="InvalidPublicKeyException", status=400, sender=True, message_member="message"),
    "InvalidUserType": _s.ErrorShape(shape="InvalidUserTypeException", status=400, sender=True, message_member="message"),
    "KeyPairMismatch": _s.ErrorShape(shape="KeyPairMismatchException", status=400, sender=True, message_member="message"),
    "LimitExceeded": _s.ErrorShape(shape="LimitExceededException", status=409, sender=True, message_member="message"),
    "MalformedCertificate": _s.ErrorShape(shape="MalformedCertificateException", status=400, sender=True, message_member="message"),
    "MalformedPolicyDocument": _s.ErrorShape(shape="MalformedPolicyDocumentException", status=400, sender=True, message_member="message"),
    "NameConflict": _s.ErrorShape(shape="NameConflictException", status=409, sender=True, message_member="message"),
    "NoSuchEntity": _s.ErrorShape(shape="NoSuchEntityException", status=404, sender=True, message_member="message"),
    "OpenIdIdpCommunicationError": _s.ErrorShape(shape="OpenIdIdpCommunicationErrorException", status=400, sender=True, message_member="message"),
    "OrganizationNotFoundException": _s.ErrorShape(shape="OrganizationNotFoundException", status=400, sender=True, message_member="message"),
    "OrganizationNotInAllFeaturesModeException": _s.ErrorShape(shape="OrganizationNotInAllFeaturesModeException", status=400, sender=True, message_member="message"),
    "PasswordPolicyViolation": _s.ErrorShape(shape="PasswordPolicyViolationException", status=400, sender=True, message_member="message"),
    "PolicyEvaluation": _s.ErrorShape(shape="PolicyEvaluationException", status=500, sender=False, message_member="message"),
    "PolicyNotAttachable": _s.ErrorShape(shape="PolicyNotAttachableException", status=400, sender=True, message_member="message"),
    "ReportGenerationLimitExceeded": _s.ErrorShape(shape="ReportGenerationLimitExceededException", status=409, sender=True, message_member="message"),
    "RoleModified": _s.ErrorShape(shape="RoleModifiedException", status=409, sender=True, message_member="message"),
    "RoleTemplateDisabled": _s.ErrorShape(shape="RoleTemplateDisabledException", status=400, sender=True, message_member="message"),
    "ServiceAccessNotEnabledException": _s.ErrorShape(shape="ServiceAccessNotEnabledException", status=400, sender=True, message_member="message"),
    "ServiceFailure": _s.ErrorShape(shape="ServiceFailureException", status=500, sender=False, message_member="message"),
    "NotSupportedService": _s.ErrorShape(shape="ServiceNotSupportedException", status=404, sender=True, message_member="message"),
    "UnmodifiableEntity": _s.ErrorShape(shape="UnmodifiableEntityException", status=400, sender=True, message_member="message"),
    "UnrecognizedPublicKeyEncoding": _s.ErrorShape(shape="UnrecognizedPublicKeyEncodingException", status=400, sender=True, message_member="message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "GetRole": _s.Operation(
        name="GetRole",
        input=GetRoleRequest,
        checks=_GetRoleRequest,
        output=GetRoleResponse,
        result_wrapper="GetRoleResult",
        errors=("NoSuchEntity", "ServiceFailure",),
    ),
}

SERVICE = _s.Service(
    name="iam",
    version="2010-05-08",
    signing_name="iam",
    protocols=("query",),
    xml_namespace="https://iam.amazonaws.com/doc/2010-05-08/",
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "AcceptDelegationRequest",
        "AcquireRole",
        "AddClientIDToOpenIDConnectProvider",
        "AddRoleToInstanceProfile",
        "AddUserToGroup",
        "AssociateDelegationRequest",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "ChangePassword",
        "CreateAccessKey",
        "CreateAccountAlias",
        "CreateDelegationRequest",
        "CreateGroup",
        "CreateInstanceProfile",
        "CreateLoginProfile",
        "CreateOpenIDConnectProvider",
        "CreatePolicy",
        "CreatePolicyVersion",
        "CreateRole",
        "CreateSAMLProvider",
        "CreateServiceLinkedRole",
        "CreateServiceSpecificCredential",
        "CreateUser",
        "CreateVirtualMFADevice",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteAccountAlias",
        "DeleteAccountPasswordPolicy",
        "DeleteGroup",
        "DeleteGroupPolicy",
        "DeleteInstanceProfile",
        "DeleteLoginProfile",
        "DeleteOpenIDConnectProvider",
        "DeletePolicy",
        "DeletePolicyVersion",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DeleteSAMLProvider",
        "DeleteSSHPublicKey",
        "DeleteServerCertificate",
        "DeleteServiceLinkedRole",
        "DeleteServiceSpecificCredential",
        "DeleteSigningCertificate",
        "DeleteUser",
        "DeleteUserPermissionsBoundary",
        "DeleteUserPolicy",
        "DeleteVirtualMFADevice",
        "DetachGroupPolicy",
        "DetachRolePolicy",
        "DetachUserPolicy",
        "DisableOrganizationsRootCredentialsManagement",
        "DisableOrganizationsRootSessions",
        "DisableOutboundWebIdentityFederation",
        "EnableMFADevice",
        "EnableOrganizationsRootCredentialsManagement",
        "EnableOrganizationsRootSessions",
        "EnableOutboundWebIdentityFederation",
        "GenerateCredentialReport",
        "GenerateOrganizationsAccessReport",
        "GenerateServiceLastAccessedDetails",
        "GetAccessKeyLastUsed",
        "GetAccountAuthorizationDetails",
        "GetAccountPasswordPolicy",
        "GetAccountProperties",
        "GetAccountSummary",
        "GetContextKeysForCustomPolicy",
        "GetContextKeysForPrincipalPolicy",
        "GetCredentialReport",
        "GetDelegationRequest",
        "GetGroup",
        "GetGroupPolicy",
        "GetHumanReadableSummary",
        "GetInstanceProfile",
        "GetLoginProfile",
        "GetMFADevice",
        "GetOpenIDConnectProvider",
        "GetOrganizationsAccessReport",
        "GetOutboundWebIdentityFederationInfo",
        "GetPolicy",
        "GetPolicyVersion",
        "GetRole",
        "GetRolePolicy",
        "GetRoleTemplateVersion",
        "GetSAMLProvider",
        "GetSSHPublicKey",
        "GetServerCertificate",
        "GetServiceLastAccessedDetails",
        "GetServiceLastAccessedDetailsWithEntities",
        "GetServiceLinkedRoleDeletionStatus",
        "GetUser",
        "GetUserPolicy",
        "ListAccessKeys",
        "ListAccountAliases",
        "ListAttachedGroupPolicies",
        "ListAttachedRolePolicies",
        "ListAttachedUserPolicies",
        "ListDelegationRequests",
        "ListEntitiesForPolicy",
        "ListGroupPolicies",
        "ListGroups",
        "ListGroupsForUser",
        "ListInstanceProfileTags",
        "ListInstanceProfiles",
        "ListInstanceProfilesForRole",
        "ListMFADeviceTags",
        "ListMFADevices",
        "ListOpenIDConnectProviderTags",
        "ListOpenIDConnectProviders",
        "ListOrganizationsFeatures",
        "ListPolicies",
        "ListPoliciesGrantingServiceAccess",
        "ListPolicyTags",
        "ListPolicyVersions",
        "ListRolePolicies",
        "ListRoleTags",
        "ListRoles",
        "ListSAMLProviderTags",
        "ListSAMLProviders",
        "ListSSHPublicKeys",
        "ListServerCertificateTags",
        "ListServerCertificates",
        "ListServiceSpecificCredentials",
        "ListSigningCertificates",
        "ListUserPolicies",
        "ListUserTags",
        "ListUsers",
        "ListVirtualMFADevices",
        "PutAccountProperties",
        "PutGroupPolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "PutUserPermissionsBoundary",
        "PutUserPolicy",
        "RejectDelegationRequest",
        "RemoveClientIDFromOpenIDConnectProvider",
        "RemoveRoleFromInstanceProfile",
        "RemoveUserFromGroup",
        "ResetServiceSpecificCredential",
        "ResyncMFADevice",
        "SendDelegationToken",
        "SetDefaultPolicyVersion",
        "SetSecurityTokenServicePreferences",
        "SimulateCustomPolicy",
        "SimulatePrincipalPolicy",
        "TagInstanceProfile",
        "TagMFADevice",
        "TagOpenIDConnectProvider",
        "TagPolicy",
        "TagRole",
        "TagSAMLProvider",
        "TagServerCertificate",
        "TagUser",
        "UntagInstanceProfile",
        "UntagMFADevice",
        "UntagOpenIDConnectProvider",
        "UntagPolicy",
        "UntagRole",
        "UntagSAMLProvider",
        "UntagServerCertificate",
        "UntagUser",
        "UpdateAccessKey",
        "UpdateAccountPasswordPolicy",
        "UpdateAssumeRolePolicy",
        "UpdateDelegationRequest",
        "UpdateGroup",
        "UpdateLoginProfile",
        "UpdateOpenIDConnectProviderThumbprint",
        "UpdateRole",
        "UpdateRoleDescription",
        "UpdateSAMLProvider",
        "UpdateSSHPublicKey",
        "UpdateServerCertificate",
        "UpdateServiceSpecificCredential",
        "UpdateSigningCertificate",
        "UpdateUser",
        "UploadSSHPublicKey",
        "UploadServerCertificate",
        "UploadSigningCertificate",
    )),
)

"""Shapes, limits and operations of sagemaker-runtime, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class InvokeEndpointAsyncInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InvokeEndpointAsyncInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    content_type: str | None = _f(name="ContentType", default=None)
    accept: str | None = _f(name="Accept", default=None)
    custom_attributes: str | None = _f(name="CustomAttributes", default=None)
    inference_id: str | None = _f(name="InferenceId", default=None)
    input_location: str | None = _f(name="InputLocation", default=None)
    s3_output_path_extension: str | None = _f(name="S3OutputPathExtension", default=None)
    filename: str | None = _f(name="Filename", default=None)
    request_ttl_seconds: _s.Int | None = _f(name="RequestTTLSeconds", default=None)
    invocation_timeout_seconds: _s.Int | None = _f(name="InvocationTimeoutSeconds", default=None)
    body: bytes | None = _f(name="Body", default=None)


class InvokeEndpointAsyncOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InvokeEndpointAsyncOutput."""

    inference_id: str | None = _f(name="InferenceId", default=None)
    output_location: str | None = _f(name="OutputLocation", default=None)
    failure_location: str | None = _f(name="FailureLocation", default=None)


class InvokeEndpointInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InvokeEndpointInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    body: _s.Given[bytes] = _f(name="Body", default=_s.ABSENT)
    content_type: str | None = _f(name="ContentType", default=None)
    accept: str | None = _f(name="Accept", default=None)
    custom_attributes: str | None = _f(name="CustomAttributes", default=None)
    target_model: str | None = _f(name="TargetModel", default=None)
    target_variant: str | None = _f(name="TargetVariant", default=None)
    target_container_hostname: str | None = _f(name="TargetContainerHostname", default=None)
    inference_id: str | None = _f(name="InferenceId", default=None)
    enable_explanations: str | None = _f(name="EnableExplanations", default=None)
    inference_component_name: str | None = _f(name="InferenceComponentName", default=None)
    session_id: str | None = _f(name="SessionId", default=None)
    prefix_aware_id: str | None = _f(name="PrefixAwareId", default=None)


class InvokeEndpointOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InvokeEndpointOutput."""

    body: _s.Given[bytes] = _f(name="Body", default=_s.ABSENT)
    content_type: str | None = _f(name="ContentType", default=None)
    invoked_production_variant: str | None = _f(name="InvokedProductionVariant", default=None)
    custom_attributes: str | None = _f(name="CustomAttributes", default=None)
    new_session_id: str | None = _f(name="NewSessionId", default=None)
    closed_session_id: str | None = _f(name="ClosedSessionId", default=None)


class InvokeEndpointWithResponseStreamInput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InvokeEndpointWithResponseStreamInput."""

    endpoint_name: _s.Given[str] = _f(name="EndpointName", default=_s.ABSENT)
    body: _s.Given[bytes] = _f(name="Body", default=_s.ABSENT)
    content_type: str | None = _f(name="ContentType", default=None)
    accept: str | None = _f(name="Accept", default=None)
    custom_attributes: str | None = _f(name="CustomAttributes", default=None)
    target_variant: str | None = _f(name="TargetVariant", default=None)
    target_container_hostname: str | None = _f(name="TargetContainerHostname", default=None)
    inference_id: str | None = _f(name="InferenceId", default=None)
    inference_component_name: str | None = _f(name="InferenceComponentName", default=None)
    session_id: str | None = _f(name="SessionId", default=None)
    prefix_aware_id: str | None = _f(name="PrefixAwareId", default=None)


class InvokeEndpointWithResponseStreamOutput(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's InvokeEndpointWithResponseStreamOutput."""

    body: _s.Given[_a.AsyncIterable[bytes]] = _f(name="Body", default=_s.ABSENT)
    content_type: str | None = _f(name="ContentType", default=None)
    invoked_production_variant: str | None = _f(name="InvokedProductionVariant", default=None)
    custom_attributes: str | None = _f(name="CustomAttributes", default=None)


# Limits, for the constraint walk.

_EndpointName = _c.Text(most=63, pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_BodyBlob = _c.Blob(most=26214400)
_Header = _c.Text(most=1024, pattern=r"\p{ASCII}*", python=r"[\x00-\x7f]*")
_CustomAttributesHeader = _c.Text(most=1024, pattern=r"\p{ASCII}*", python=r"[\x00-\x7f]*", sensitive=True)
_TargetModelHeader = _c.Text(least=1, most=1024, pattern=r"\A\S[\p{Print}]*\z", python=r"(?a:\A\S[\x20-\x7e]*\Z)")
_TargetVariantHeader = _c.Text(most=63, pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_TargetContainerHostnameHeader = _c.Text(most=63, pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_InferenceId = _c.Text(least=1, most=64, pattern=r"\A\S[\p{Print}]*\z", python=r"(?a:\A\S[\x20-\x7e]*\Z)")
_EnableExplanationsHeader = _c.Text(least=1, most=64, pattern=r".*")
_InferenceComponentHeader = _c.Text(most=63, pattern=r"^[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?$")
_SessionIdOrNewSessionConstantHeader = _c.Text(most=256, pattern=r"^(NEW_SESSION)$|^[a-zA-Z0-9](-*[a-zA-Z0-9])*$")
_PrefixAwareIdHeader = _c.Text(least=1, most=64, pattern=r"\A\S[\p{Print}]*\z", python=r"(?a:\A\S[\x20-\x7e]*\Z)")
_InvokeEndpointInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
    _c.Member(attribute="body", name="body", required=True, check=_BodyBlob),
    _c.Member(attribute="content_type", name="contentType", check=_Header),
    _c.Member(attribute="accept", name="accept", check=_Header),
    _c.Member(attribute="custom_attributes", name="customAttributes", check=_CustomAttributesHeader),
    _c.Member(attribute="target_model", name="targetModel", check=_TargetModelHeader),
    _c.Member(attribute="target_variant", name="targetVariant", check=_TargetVariantHeader),
    _c.Member(attribute="target_container_hostname", name="targetContainerHostname", check=_TargetContainerHostnameHeader),
    _c.Member(attribute="inference_id", name="inferenceId", check=_InferenceId),
    _c.Member(attribute="enable_explanations", name="enableExplanations", check=_EnableExplanationsHeader),
    _c.Member(attribute="inference_component_name", name="inferenceComponentName", check=_InferenceComponentHeader),
    _c.Member(attribute="session_id", name="sessionId", check=_SessionIdOrNewSessionConstantHeader),
    _c.Member(attribute="prefix_aware_id", name="prefixAwareId", check=_PrefixAwareIdHeader),
))
_InputLocationHeader = _c.Text(least=1, most=1024, pattern=r"(https|s3|file)://(.+)")
_S3OutputPathExtensionHeader = _c.Text(least=1, most=512, pattern=r"^(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]+$")
_FilenameHeader = _c.Text(least=1, most=32, pattern=r"^(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9-_\.]*$")
_RequestTTLSecondsHeader = _c.Range(least=60, most=21600)
_InvocationTimeoutSecondsHeader = _c.Range(least=1, most=3600)
_AsyncBodyBlob = _c.Blob(most=128000)
_InvokeEndpointAsyncInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
    _c.Member(attribute="content_type", name="contentType", check=_Header),
    _c.Member(attribute="accept", name="accept", check=_Header),
    _c.Member(attribute="custom_attributes", name="customAttributes", check=_CustomAttributesHeader),
    _c.Member(attribute="inference_id", name="inferenceId", check=_InferenceId),
    _c.Member(attribute="input_location", name="inputLocation", check=_InputLocationHeader),
    _c.Member(attribute="s3_output_path_extension", name="s3OutputPathExtension", check=_S3OutputPathExtensionHeader),
    _c.Member(attribute="filename", name="filename", check=_FilenameHeader),
    _c.Member(attribute="request_ttl_seconds", name="requestTTLSeconds", check=_RequestTTLSecondsHeader),
    _c.Member(attribute="invocation_timeout_seconds", name="invocationTimeoutSeconds", check=_InvocationTimeoutSecondsHeader),
    _c.Member(attribute="body", name="body", check=_AsyncBodyBlob),
))
_SessionIdHeader = _c.Text(most=256, pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*$")
_InvokeEndpointWithResponseStreamInput = _c.Shape(members=(
    _c.Member(attribute="endpoint_name", name="endpointName", required=True, check=_EndpointName),
    _c.Member(attribute="body", name="body", required=True, check=_BodyBlob),
    _c.Member(attribute="content_type", name="contentType", check=_Header),
    _c.Member(attribute="accept", name="accept", check=_Header),
    _c.Member(attribute="custom_attributes", name="customAttributes", check=_CustomAttributesHeader),
    _c.Member(attribute="target_variant", name="targetVariant", check=_TargetVariantHeader),
    _c.Member(attribute="target_container_hostname", name="targetContainerHostname", check=_TargetContainerHostnameHeader),
    _c.Member(attribute="inference_id", name="inferenceId", check=_InferenceId),
    _c.Member(attribute="inference_component_name", name="inferenceComponentName", check=_InferenceComponentHeader),
    _c.Member(attribute="session_id", name="sessionId", check=_SessionIdHeader),
    _c.Member(attribute="prefix_aware_id", name="prefixAwareId", check=_PrefixAwareIdHeader),
))

ERRORS: dict[str, _s.ErrorShape] = {
    "InternalDependencyException": _s.ErrorShape(shape="InternalDependencyException", status=530, sender=False, message_member="Message"),
    "InternalFailure": _s.ErrorShape(shape="InternalFailure", status=500, sender=False, message_member="Message"),
    "InternalStreamFailure": _s.ErrorShape(shape="InternalStreamFailure", status=500, sender=False, message_member="Message"),
    "ModelError": _s.ErrorShape(shape="ModelError", status=424, sender=True, message_member="Message"),
    "ModelNotReadyException": _s.ErrorShape(shape="ModelNotReadyException", status=429, sender=True, message_member="Message"),
    "ModelStreamError": _s.ErrorShape(shape="ModelStreamError", status=400, sender=True, message_member="Message"),
    "ServiceUnavailable": _s.ErrorShape(shape="ServiceUnavailable", status=503, sender=False, message_member="Message"),
    "ValidationError": _s.ErrorShape(shape="ValidationError", status=400, sender=True, message_member="Message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "InvokeEndpoint": _s.Operation(
        name="InvokeEndpoint",
        input=InvokeEndpointInput,
        checks=_InvokeEndpointInput,
        output=InvokeEndpointOutput,
        errors=("InternalFailure", "ServiceUnavailable", "ValidationError", "ModelError", "InternalDependencyException", "ModelNotReadyException",),
        method="POST",
        uri="/endpoints/{EndpointName}/invocations",
        status=200,
        bound_in=(
            _s.Binding(attribute="endpoint_name", location="uri", name="EndpointName"),
            _s.Binding(attribute="content_type", location="header", name="content-type"),
            _s.Binding(attribute="accept", location="header", name="accept"),
            _s.Binding(attribute="custom_attributes", location="header", name="x-amzn-sagemaker-custom-attributes"),
            _s.Binding(attribute="target_model", location="header", name="x-amzn-sagemaker-target-model"),
            _s.Binding(attribute="target_variant", location="header", name="x-amzn-sagemaker-target-variant"),
            _s.Binding(attribute="target_container_hostname", location="header", name="x-amzn-sagemaker-target-container-hostname"),
            _s.Binding(attribute="inference_id", location="header", name="x-amzn-sagemaker-inference-id"),
            _s.Binding(attribute="enable_explanations", location="header", name="x-amzn-sagemaker-enable-explanations"),
            _s.Binding(attribute="inference_component_name", location="header", name="x-amzn-sagemaker-inference-component"),
            _s.Binding(attribute="session_id", location="header", name="x-amzn-sagemaker-session-id"),
            _s.Binding(attribute="prefix_aware_id", location="header", name="x-amzn-sagemaker-prefix-aware-id"),
        ),
        payload_in="body",
        bound_out=(
            _s.Binding(attribute="content_type", location="header", name="content-type"),
            _s.Binding(attribute="invoked_production_variant", location="header", name="x-amzn-invoked-production-variant"),
            _s.Binding(attribute="custom_attributes", location="header", name="x-amzn-sagemaker-custom-attributes"),
            _s.Binding(attribute="new_session_id", location="header", name="x-amzn-sagemaker-new-session-id"),
            _s.Binding(attribute="closed_session_id", location="header", name="x-amzn-sagemaker-closed-session-id"),
        ),
        payload_out="body",
    ),
    "InvokeEndpointAsync": _s.Operation(
        name="InvokeEndpointAsync",
        input=InvokeEndpointAsyncInput,
        checks=_InvokeEndpointAsyncInput,
        output=InvokeEndpointAsyncOutput,
        errors=("InternalFailure", "ServiceUnavailable", "ValidationError",),
        method="POST",
        uri="/endpoints/{EndpointName}/async-invocations",
        status=202,
        bound_in=(
            _s.Binding(attribute="endpoint_name", location="uri", name="EndpointName"),
            _s.Binding(attribute="content_type", location="header", name="x-amzn-sagemaker-content-type"),
            _s.Binding(attribute="accept", location="header", name="x-amzn-sagemaker-accept"),
            _s.Binding(attribute="custom_attributes", location="header", name="x-amzn-sagemaker-custom-attributes"),
            _s.Binding(attribute="inference_id", location="header", name="x-amzn-sagemaker-inference-id"),
            _s.Binding(attribute="input_location", location="header", name="x-amzn-sagemaker-inputlocation"),
            _s.Binding(attribute="s3_output_path_extension", location="header", name="x-amzn-sagemaker-s3outputpathextension"),
            _s.Binding(attribute="filename", location="header", name="x-amzn-sagemaker-filename"),
            _s.Binding(attribute="request_ttl_seconds", location="header", name="x-amzn-sagemaker-requestttlseconds", kind=_s.Int),
            _s.Binding(attribute="invocation_timeout_seconds", location="header", name="x-amzn-sagemaker-invocationtimeoutseconds", kind=_s.Int),
        ),
        payload_in="body",
        bound_out=(
            _s.Binding(attribute="output_location", location="header", name="x-amzn-sagemaker-outputlocation"),
            _s.Binding(attribute="failure_location", location="header", name="x-amzn-sagemaker-failurelocation"),
        ),
    ),
    "InvokeEndpointWithResponseStream": _s.Operation(
        name="InvokeEndpointWithResponseStream",
        input=InvokeEndpointWithResponseStreamInput,
        checks=_InvokeEndpointWithResponseStreamInput,
        output=InvokeEndpointWithResponseStreamOutput,
        errors=("InternalFailure", "ServiceUnavailable", "ValidationError", "ModelError", "ModelStreamError", "InternalStreamFailure",),
        method="POST",
        uri="/endpoints/{EndpointName}/invocations-response-stream",
        status=200,
        bound_in=(
            _s.Binding(attribute="endpoint_name", location="uri", name="EndpointName"),
            _s.Binding(attribute="content_type", location="header", name="content-type"),
            _s.Binding(attribute="accept", location="header", name="x-amzn-sagemaker-accept"),
            _s.Binding(attribute="custom_attributes", location="header", name="x-amzn-sagemaker-custom-attributes"),
            _s.Binding(attribute="target_variant", location="header", name="x-amzn-sagemaker-target-variant"),
            _s.Binding(attribute="target_container_hostname", location="header", name="x-amzn-sagemaker-target-container-hostname"),
            _s.Binding(attribute="inference_id", location="header", name="x-amzn-sagemaker-inference-id"),
            _s.Binding(attribute="inference_component_name", location="header", name="x-amzn-sagemaker-inference-component"),
            _s.Binding(attribute="session_id", location="header", name="x-amzn-sagemaker-session-id"),
            _s.Binding(attribute="prefix_aware_id", location="header", name="x-amzn-sagemaker-prefix-aware-id"),
        ),
        payload_in="body",
        bound_out=(
            _s.Binding(attribute="content_type", location="header", name="x-amzn-sagemaker-content-type"),
            _s.Binding(attribute="invoked_production_variant", location="header", name="x-amzn-invoked-production-variant"),
            _s.Binding(attribute="custom_attributes", location="header", name="x-amzn-sagemaker-custom-attributes"),
        ),
        payload_out="body",
        streams=True,
    ),
}

SERVICE = _s.Service(
    name="sagemaker-runtime",
    version="2017-05-13",
    signing_name="sagemaker",
    protocols=("rest-json",),
    json_version="1.1",
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "InvokeEndpoint",
        "InvokeEndpointAsync",
        "InvokeEndpointWithResponseStream",
    )),
    paths=(
        _s.Path(name="InvokeEndpoint", method="POST", uri="/endpoints/{EndpointName}/invocations"),
        _s.Path(name="InvokeEndpointAsync", method="POST", uri="/endpoints/{EndpointName}/async-invocations"),
        _s.Path(name="InvokeEndpointWithResponseStream", method="POST", uri="/endpoints/{EndpointName}/invocations-response-stream"),
    ),
)

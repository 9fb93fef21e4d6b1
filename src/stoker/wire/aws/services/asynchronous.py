"""Asynchronous inference on the wire: AsyncInferenceConfig, and InvokeEndpointAsync.

Beside a topic's ARN a SuccessTopic or ErrorTopic may be a queue's, or the URL of a web hook; a topic is the queue of its name
here. KmsKeyId is taken and encrypts nothing.
"""

from typing import Final

from stoker.domain.asynchronous import TIMEOUT, TTL, AsyncInference
from stoker.domain.endpoints import ProductionVariant
from stoker.errors import InvalidParameterError
from stoker.service.asynchronous import AsyncDesk, NewRequest
from stoker.units import SECOND
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.generated import sagemaker as sm
from stoker.wire.aws.generated import sagemaker_runtime as runtime

SUCCESS: Final = "SUCCESS_NOTIFICATION_TOPIC"
ERROR: Final = "ERROR_NOTIFICATION_TOPIC"
OUTPUT_FIELD: Final = "AsyncInferenceConfig.OutputConfig.S3OutputPath"
FAILURE_FIELD: Final = "AsyncInferenceConfig.OutputConfig.S3FailurePath"


def asynchronous_of(given: sm.AsyncInferenceConfig | None) -> AsyncInference | None:
    """Give what a configuration says of asynchronous inference. Raises `InvalidParameterError`."""
    if given is None:
        return None
    config = given.output_config
    if not config.s3_output_path:
        raise InvalidParameterError(f"{OUTPUT_FIELD} is required.", field=OUTPUT_FIELD)
    for path, field in ((config.s3_output_path, OUTPUT_FIELD), (config.s3_failure_path, FAILURE_FIELD)):
        if path and not path.startswith(("s3://", "file:///")):
            raise InvalidParameterError(f"{field} must be s3://BUCKET/PREFIX, or file:// with an absolute path.", field=field)
    notices = config.notification_config or sm.AsyncInferenceNotificationConfig()
    included = notices.include_inference_response_in or ()
    client = given.client_config
    return AsyncInference(
        output=config.s3_output_path,
        failure=config.s3_failure_path or "",
        success_topic=notices.success_topic or "",
        error_topic=notices.error_topic or "",
        include_success=SUCCESS in included,
        include_error=ERROR in included,
        concurrency=0 if client is None else client.max_concurrent_invocations_per_instance or 0,
    )


def described_async(variant: ProductionVariant) -> sm.AsyncInferenceConfig | None:
    """Give a variant's asynchronous inference as describing calls show it."""
    how = variant.asynchronous
    if how is None:
        return None
    included = [name for name, is_in in ((SUCCESS, how.include_success), (ERROR, how.include_error)) if is_in]
    notices = sm.AsyncInferenceNotificationConfig(
        success_topic=how.success_topic or None,
        error_topic=how.error_topic or None,
        include_inference_response_in=included or None,
    )
    return sm.AsyncInferenceConfig(
        client_config=sm.AsyncInferenceClientConfig(max_concurrent_invocations_per_instance=how.concurrency)
        if how.concurrency
        else None,
        output_config=sm.AsyncInferenceOutputConfig(
            s3_output_path=how.output,
            s3_failure_path=how.failure or None,
            notification_config=notices if how.success_topic or how.error_topic else None,
        ),
    )


class AsyncCalls:
    """The operation."""

    __slots__ = ("_requests",)

    def __init__(self, requests: AsyncDesk) -> None:
        self._requests = requests

    def handlers(self) -> Handlers:
        """Give the operation by (service, name)."""
        return {("sagemaker-runtime", "InvokeEndpointAsync"): self.invoke}

    async def invoke(self, given: runtime.InvokeEndpointAsyncInput, _: Context) -> runtime.InvokeEndpointAsyncOutput:
        """Take a request in; it is on disk before the reply."""
        request = await self._requests.accept(
            NewRequest(
                endpoint=given.endpoint_name,
                body=given.body or b"",
                location=given.input_location or "",
                content_type=given.content_type or "",
                accept=given.accept or "",
                custom_attributes=given.custom_attributes or "",
                inference_id=given.inference_id or "",
                extension=given.s3_output_path_extension or "",
                filename=given.filename or "",
                ttl=TTL if given.request_ttl_seconds is None else given.request_ttl_seconds * SECOND,
                timeout=TIMEOUT if given.invocation_timeout_seconds is None else given.invocation_timeout_seconds * SECOND,
            )
        )
        return runtime.InvokeEndpointAsyncOutput(
            inference_id=request.inference_id, output_location=request.output, failure_location=request.failure or None
        )

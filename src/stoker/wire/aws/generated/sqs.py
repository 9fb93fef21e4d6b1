"""Shapes, limits and operations of sqs, written by `tools/gen_wire.py`; not edited by hand."""

# fmt: off
# ruff: noqa

from __future__ import annotations

import collections.abc as _a

from msgspec import Struct as _Struct
from msgspec import field as _f

from stoker.wire.aws import constraints as _c
from stoker.wire.aws import schema as _s
from stoker.wire.aws import times as _t


class BatchResultErrorEntry(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's BatchResultErrorEntry."""

    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)
    sender_fault: _s.Given[bool] = _f(name="SenderFault", default=_s.ABSENT)
    code: _s.Given[str] = _f(name="Code", default=_s.ABSENT)
    message: str | None = _f(name="Message", default=None)


class ChangeMessageVisibilityRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ChangeMessageVisibilityRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    receipt_handle: _s.Given[str] = _f(name="ReceiptHandle", default=_s.ABSENT)
    visibility_timeout: _s.Given[_s.Int] = _f(name="VisibilityTimeout", default=_s.ABSENT)


class CreateQueueRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateQueueRequest."""

    queue_name: _s.Given[str] = _f(name="QueueName", default=_s.ABSENT)
    attributes: _s.Annotated[dict[str, str], _s.Meta(extra={"entry": "Attribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="Attributes", default=None)
    tags: _s.Annotated[dict[str, str], _s.Meta(extra={"entry": "Tag", "key": "Key", "value": "Value", "flat": True})] | None = _f(name="tags", default=None)


class CreateQueueResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's CreateQueueResult."""

    queue_url: str | None = _f(name="QueueUrl", default=None)


class DeleteMessageBatchRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteMessageBatchRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    entries: _s.Given[_s.Annotated[list[DeleteMessageBatchRequestEntry], _s.Meta(extra={"item": "DeleteMessageBatchRequestEntry", "flat": True})]] = _f(name="Entries", default=_s.ABSENT)


class DeleteMessageBatchRequestEntry(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteMessageBatchRequestEntry."""

    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)
    receipt_handle: _s.Given[str] = _f(name="ReceiptHandle", default=_s.ABSENT)


class DeleteMessageBatchResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteMessageBatchResult."""

    successful: _s.Given[_s.Annotated[list[DeleteMessageBatchResultEntry], _s.Meta(extra={"item": "DeleteMessageBatchResultEntry", "flat": True})]] = _f(name="Successful", default=_s.ABSENT)
    failed: _s.Given[_s.Annotated[list[BatchResultErrorEntry], _s.Meta(extra={"item": "BatchResultErrorEntry", "flat": True})]] = _f(name="Failed", default=_s.ABSENT)


class DeleteMessageBatchResultEntry(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteMessageBatchResultEntry."""

    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)


class DeleteMessageRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteMessageRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    receipt_handle: _s.Given[str] = _f(name="ReceiptHandle", default=_s.ABSENT)


class DeleteQueueRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's DeleteQueueRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)


class GetQueueAttributesRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetQueueAttributesRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    attribute_names: _s.Annotated[list[str], _s.Meta(extra={"item": "AttributeName", "flat": True})] | None = _f(name="AttributeNames", default=None)


class GetQueueAttributesResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetQueueAttributesResult."""

    attributes: _s.Annotated[dict[str, str], _s.Meta(extra={"entry": "Attribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="Attributes", default=None)


class GetQueueUrlRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetQueueUrlRequest."""

    queue_name: _s.Given[str] = _f(name="QueueName", default=_s.ABSENT)
    queue_owner_aws_account_id: str | None = _f(name="QueueOwnerAWSAccountId", default=None)


class GetQueueUrlResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's GetQueueUrlResult."""

    queue_url: str | None = _f(name="QueueUrl", default=None)


class ListQueueTagsRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListQueueTagsRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)


class ListQueueTagsResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListQueueTagsResult."""

    tags: _s.Annotated[dict[str, str], _s.Meta(extra={"entry": "Tag", "key": "Key", "value": "Value", "flat": True})] | None = _f(name="Tags", default=None)


class ListQueuesRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListQueuesRequest."""

    queue_name_prefix: str | None = _f(name="QueueNamePrefix", default=None)
    next_token: str | None = _f(name="NextToken", default=None)
    max_results: _s.Int | None = _f(name="MaxResults", default=None)


class ListQueuesResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ListQueuesResult."""

    queue_urls: _s.Annotated[list[str], _s.Meta(extra={"item": "QueueUrl", "flat": True})] | None = _f(name="QueueUrls", default=None)
    next_token: str | None = _f(name="NextToken", default=None)


class Message(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's Message."""

    message_id: str | None = _f(name="MessageId", default=None)
    receipt_handle: str | None = _f(name="ReceiptHandle", default=None)
    md5_of_body: str | None = _f(name="MD5OfBody", default=None)
    body: str | None = _f(name="Body", default=None)
    attributes: _s.Annotated[dict[str, str], _s.Meta(extra={"entry": "Attribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="Attributes", default=None)
    md5_of_message_attributes: str | None = _f(name="MD5OfMessageAttributes", default=None)
    message_attributes: _s.Annotated[dict[str, MessageAttributeValue], _s.Meta(extra={"entry": "MessageAttribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="MessageAttributes", default=None)


class MessageAttributeValue(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MessageAttributeValue."""

    string_value: str | None = _f(name="StringValue", default=None)
    binary_value: bytes | None = _f(name="BinaryValue", default=None)
    string_list_values: _s.Annotated[list[str], _s.Meta(extra={"flat": True})] | None = _f(name="StringListValues", default=None)
    binary_list_values: _s.Annotated[list[bytes], _s.Meta(extra={"flat": True})] | None = _f(name="BinaryListValues", default=None)
    data_type: _s.Given[str] = _f(name="DataType", default=_s.ABSENT)


class MessageSystemAttributeValue(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's MessageSystemAttributeValue."""

    string_value: str | None = _f(name="StringValue", default=None)
    binary_value: bytes | None = _f(name="BinaryValue", default=None)
    string_list_values: _s.Annotated[list[str], _s.Meta(extra={"flat": True})] | None = _f(name="StringListValues", default=None)
    binary_list_values: _s.Annotated[list[bytes], _s.Meta(extra={"flat": True})] | None = _f(name="BinaryListValues", default=None)
    data_type: _s.Given[str] = _f(name="DataType", default=_s.ABSENT)


class PurgeQueueRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's PurgeQueueRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)


class ReceiveMessageRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ReceiveMessageRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    attribute_names: _s.Annotated[list[str], _s.Meta(extra={"item": "AttributeName", "flat": True})] | None = _f(name="AttributeNames", default=None)
    message_system_attribute_names: _s.Annotated[list[str], _s.Meta(extra={"item": "MessageSystemAttributeName", "flat": True})] | None = _f(name="MessageSystemAttributeNames", default=None)
    message_attribute_names: _s.Annotated[list[str], _s.Meta(extra={"item": "MessageAttributeName", "flat": True})] | None = _f(name="MessageAttributeNames", default=None)
    max_number_of_messages: _s.Int | None = _f(name="MaxNumberOfMessages", default=None)
    visibility_timeout: _s.Int | None = _f(name="VisibilityTimeout", default=None)
    wait_time_seconds: _s.Int | None = _f(name="WaitTimeSeconds", default=None)
    receive_request_attempt_id: str | None = _f(name="ReceiveRequestAttemptId", default=None)


class ReceiveMessageResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's ReceiveMessageResult."""

    messages: _s.Annotated[list[Message], _s.Meta(extra={"item": "Message", "flat": True})] | None = _f(name="Messages", default=None)


class SendMessageBatchRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SendMessageBatchRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    entries: _s.Given[_s.Annotated[list[SendMessageBatchRequestEntry], _s.Meta(extra={"item": "SendMessageBatchRequestEntry", "flat": True})]] = _f(name="Entries", default=_s.ABSENT)


class SendMessageBatchRequestEntry(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SendMessageBatchRequestEntry."""

    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)
    message_body: _s.Given[str] = _f(name="MessageBody", default=_s.ABSENT)
    delay_seconds: _s.Int | None = _f(name="DelaySeconds", default=None)
    message_attributes: _s.Annotated[dict[str, MessageAttributeValue], _s.Meta(extra={"entry": "MessageAttribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="MessageAttributes", default=None)
    message_system_attributes: _s.Annotated[dict[str, MessageSystemAttributeValue], _s.Meta(extra={"entry": "MessageSystemAttribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="MessageSystemAttributes", default=None)
    message_deduplication_id: str | None = _f(name="MessageDeduplicationId", default=None)
    message_group_id: str | None = _f(name="MessageGroupId", default=None)


class SendMessageBatchResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SendMessageBatchResult."""

    successful: _s.Given[_s.Annotated[list[SendMessageBatchResultEntry], _s.Meta(extra={"item": "SendMessageBatchResultEntry", "flat": True})]] = _f(name="Successful", default=_s.ABSENT)
    failed: _s.Given[_s.Annotated[list[BatchResultErrorEntry], _s.Meta(extra={"item": "BatchResultErrorEntry", "flat": True})]] = _f(name="Failed", default=_s.ABSENT)


class SendMessageBatchResultEntry(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SendMessageBatchResultEntry."""

    id: _s.Given[str] = _f(name="Id", default=_s.ABSENT)
    message_id: _s.Given[str] = _f(name="MessageId", default=_s.ABSENT)
    md5_of_message_body: _s.Given[str] = _f(name="MD5OfMessageBody", default=_s.ABSENT)
    md5_of_message_attributes: str | None = _f(name="MD5OfMessageAttributes", default=None)
    md5_of_message_system_attributes: str | None = _f(name="MD5OfMessageSystemAttributes", default=None)
    sequence_number: str | None = _f(name="SequenceNumber", default=None)


class SendMessageRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SendMessageRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    message_body: _s.Given[str] = _f(name="MessageBody", default=_s.ABSENT)
    delay_seconds: _s.Int | None = _f(name="DelaySeconds", default=None)
    message_attributes: _s.Annotated[dict[str, MessageAttributeValue], _s.Meta(extra={"entry": "MessageAttribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="MessageAttributes", default=None)
    message_system_attributes: _s.Annotated[dict[str, MessageSystemAttributeValue], _s.Meta(extra={"entry": "MessageSystemAttribute", "key": "Name", "value": "Value", "flat": True})] | None = _f(name="MessageSystemAttributes", default=None)
    message_deduplication_id: str | None = _f(name="MessageDeduplicationId", default=None)
    message_group_id: str | None = _f(name="MessageGroupId", default=None)


class SendMessageResult(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SendMessageResult."""

    md5_of_message_body: str | None = _f(name="MD5OfMessageBody", default=None)
    md5_of_message_attributes: str | None = _f(name="MD5OfMessageAttributes", default=None)
    md5_of_message_system_attributes: str | None = _f(name="MD5OfMessageSystemAttributes", default=None)
    message_id: str | None = _f(name="MessageId", default=None)
    sequence_number: str | None = _f(name="SequenceNumber", default=None)


class SetQueueAttributesRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's SetQueueAttributesRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    attributes: _s.Given[_s.Annotated[dict[str, str], _s.Meta(extra={"entry": "Attribute", "key": "Name", "value": "Value", "flat": True})]] = _f(name="Attributes", default=_s.ABSENT)


class TagQueueRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's TagQueueRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    tags: _s.Given[_s.Annotated[dict[str, str], _s.Meta(extra={"entry": "Tag", "key": "Key", "value": "Value", "flat": True})]] = _f(name="Tags", default=_s.ABSENT)


class UntagQueueRequest(_Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The wire's UntagQueueRequest."""

    queue_url: _s.Given[str] = _f(name="QueueUrl", default=_s.ABSENT)
    tag_keys: _s.Given[_s.Annotated[list[str], _s.Meta(extra={"item": "TagKey", "flat": True})]] = _f(name="TagKeys", default=_s.ABSENT)


# Limits, for the constraint walk.

_ChangeMessageVisibilityRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="receipt_handle", name="receiptHandle", required=True),
    _c.Member(attribute="visibility_timeout", name="visibilityTimeout", required=True),
))
_QueueAttributeName = _c.Text(choices=("All", "Policy", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn", "ApproximateNumberOfMessagesDelayed", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "FifoQueue", "ContentBasedDeduplication", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "DeduplicationScope", "FifoThroughputLimit", "RedriveAllowPolicy", "SqsManagedSseEnabled",))
_QueueAttributeMap = _c.Entries(key=_QueueAttributeName)
_CreateQueueRequest = _c.Shape(members=(
    _c.Member(attribute="queue_name", name="queueName", required=True),
    _c.Member(attribute="attributes", name="attributes", check=_QueueAttributeMap),
))
_DeleteMessageRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="receipt_handle", name="receiptHandle", required=True),
))
_DeleteMessageBatchRequestEntry = _c.Shape(members=(
    _c.Member(attribute="id", name="id", required=True),
    _c.Member(attribute="receipt_handle", name="receiptHandle", required=True),
))
_DeleteMessageBatchRequestEntryList = _c.Items(member=_DeleteMessageBatchRequestEntry)
_DeleteMessageBatchRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="entries", name="entries", required=True, check=_DeleteMessageBatchRequestEntryList),
))
_DeleteQueueRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
))
_AttributeNameList = _c.Items(member=_QueueAttributeName)
_GetQueueAttributesRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="attribute_names", name="attributeNames", check=_AttributeNameList),
))
_GetQueueUrlRequest = _c.Shape(members=(
    _c.Member(attribute="queue_name", name="queueName", required=True),
))
_ListQueueTagsRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
))
_ListQueuesRequest = _c.Shape()
_PurgeQueueRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
))
_MessageSystemAttributeName = _c.Text(choices=("All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn",))
_MessageSystemAttributeList = _c.Items(member=_MessageSystemAttributeName)
_ReceiveMessageRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="attribute_names", name="attributeNames", check=_AttributeNameList),
    _c.Member(attribute="message_system_attribute_names", name="messageSystemAttributeNames", check=_MessageSystemAttributeList),
))
_MessageAttributeValue = _c.Shape(members=(
    _c.Member(attribute="data_type", name="dataType", required=True),
))
_MessageBodyAttributeMap = _c.Entries(value=_MessageAttributeValue)
_MessageSystemAttributeNameForSends = _c.Text(choices=("AWSTraceHeader",))
_MessageSystemAttributeValue = _c.Shape(members=(
    _c.Member(attribute="data_type", name="dataType", required=True),
))
_MessageBodySystemAttributeMap = _c.Entries(key=_MessageSystemAttributeNameForSends, value=_MessageSystemAttributeValue)
_SendMessageRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="message_body", name="messageBody", required=True),
    _c.Member(attribute="message_attributes", name="messageAttributes", check=_MessageBodyAttributeMap),
    _c.Member(attribute="message_system_attributes", name="messageSystemAttributes", check=_MessageBodySystemAttributeMap),
))
_SendMessageBatchRequestEntry = _c.Shape(members=(
    _c.Member(attribute="id", name="id", required=True),
    _c.Member(attribute="message_body", name="messageBody", required=True),
    _c.Member(attribute="message_attributes", name="messageAttributes", check=_MessageBodyAttributeMap),
    _c.Member(attribute="message_system_attributes", name="messageSystemAttributes", check=_MessageBodySystemAttributeMap),
))
_SendMessageBatchRequestEntryList = _c.Items(member=_SendMessageBatchRequestEntry)
_SendMessageBatchRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="entries", name="entries", required=True, check=_SendMessageBatchRequestEntryList),
))
_SetQueueAttributesRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="attributes", name="attributes", required=True, check=_QueueAttributeMap),
))
_TagQueueRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="tags", name="tags", required=True),
))
_UntagQueueRequest = _c.Shape(members=(
    _c.Member(attribute="queue_url", name="queueUrl", required=True),
    _c.Member(attribute="tag_keys", name="tagKeys", required=True),
))

ERRORS: dict[str, _s.ErrorShape] = {
    "AWS.SimpleQueueService.BatchEntryIdsNotDistinct": _s.ErrorShape(shape="BatchEntryIdsNotDistinct", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.BatchRequestTooLong": _s.ErrorShape(shape="BatchRequestTooLong", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.EmptyBatchRequest": _s.ErrorShape(shape="EmptyBatchRequest", status=400, sender=True, message_member="message"),
    "InvalidAddress": _s.ErrorShape(shape="InvalidAddress", status=400, sender=True, message_member="message"),
    "InvalidAttributeName": _s.ErrorShape(shape="InvalidAttributeName", status=400, sender=True, message_member="message"),
    "InvalidAttributeValue": _s.ErrorShape(shape="InvalidAttributeValue", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.InvalidBatchEntryId": _s.ErrorShape(shape="InvalidBatchEntryId", status=400, sender=True, message_member="message"),
    "InvalidIdFormat": _s.ErrorShape(shape="InvalidIdFormat", status=400, sender=True, message_member="message"),
    "InvalidMessageContents": _s.ErrorShape(shape="InvalidMessageContents", status=400, sender=True, message_member="message"),
    "InvalidSecurity": _s.ErrorShape(shape="InvalidSecurity", status=400, sender=True, message_member="message"),
    "KmsAccessDenied": _s.ErrorShape(shape="KmsAccessDenied", status=400, sender=True, message_member="message"),
    "KmsDisabled": _s.ErrorShape(shape="KmsDisabled", status=400, sender=True, message_member="message"),
    "KmsInvalidKeyUsage": _s.ErrorShape(shape="KmsInvalidKeyUsage", status=400, sender=True, message_member="message"),
    "KmsInvalidState": _s.ErrorShape(shape="KmsInvalidState", status=400, sender=True, message_member="message"),
    "KmsNotFound": _s.ErrorShape(shape="KmsNotFound", status=400, sender=True, message_member="message"),
    "KmsOptInRequired": _s.ErrorShape(shape="KmsOptInRequired", status=400, sender=True, message_member="message"),
    "KmsThrottled": _s.ErrorShape(shape="KmsThrottled", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.MessageNotInflight": _s.ErrorShape(shape="MessageNotInflight", status=400, sender=True, message_member="message"),
    "OverLimit": _s.ErrorShape(shape="OverLimit", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.PurgeQueueInProgress": _s.ErrorShape(shape="PurgeQueueInProgress", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.QueueDeletedRecently": _s.ErrorShape(shape="QueueDeletedRecently", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.NonExistentQueue": _s.ErrorShape(shape="QueueDoesNotExist", status=400, sender=True, message_member="message"),
    "QueueAlreadyExists": _s.ErrorShape(shape="QueueNameExists", status=400, sender=True, message_member="message"),
    "ReceiptHandleIsInvalid": _s.ErrorShape(shape="ReceiptHandleIsInvalid", status=400, sender=True, message_member="message"),
    "RequestThrottled": _s.ErrorShape(shape="RequestThrottled", status=400, sender=True, message_member="message"),
    "ResourceNotFoundException": _s.ErrorShape(shape="ResourceNotFoundException", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.TooManyEntriesInBatchRequest": _s.ErrorShape(shape="TooManyEntriesInBatchRequest", status=400, sender=True, message_member="message"),
    "AWS.SimpleQueueService.UnsupportedOperation": _s.ErrorShape(shape="UnsupportedOperation", status=400, sender=True, message_member="message"),
}

OPERATIONS: dict[str, _s.Operation] = {
    "ChangeMessageVisibility": _s.Operation(
        name="ChangeMessageVisibility",
        input=ChangeMessageVisibilityRequest,
        checks=_ChangeMessageVisibilityRequest,
        url_member="QueueUrl",
        errors=("AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidAddress", "InvalidSecurity",),
    ),
    "CreateQueue": _s.Operation(
        name="CreateQueue",
        input=CreateQueueRequest,
        checks=_CreateQueueRequest,
        output=CreateQueueResult,
        errors=("AWS.SimpleQueueService.QueueDeletedRecently", "QueueAlreadyExists", "RequestThrottled", "InvalidAddress", "InvalidAttributeName", "InvalidAttributeValue", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidSecurity",),
    ),
    "DeleteMessage": _s.Operation(
        name="DeleteMessage",
        input=DeleteMessageRequest,
        checks=_DeleteMessageRequest,
        url_member="QueueUrl",
        errors=("InvalidIdFormat", "ReceiptHandleIsInvalid", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidSecurity", "InvalidAddress",),
    ),
    "DeleteMessageBatch": _s.Operation(
        name="DeleteMessageBatch",
        input=DeleteMessageBatchRequest,
        checks=_DeleteMessageBatchRequest,
        url_member="QueueUrl",
        output=DeleteMessageBatchResult,
        errors=("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.InvalidBatchEntryId", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidAddress", "InvalidSecurity",),
    ),
    "DeleteQueue": _s.Operation(
        name="DeleteQueue",
        input=DeleteQueueRequest,
        checks=_DeleteQueueRequest,
        url_member="QueueUrl",
        errors=("RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "InvalidAddress", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidSecurity",),
    ),
    "GetQueueAttributes": _s.Operation(
        name="GetQueueAttributes",
        input=GetQueueAttributesRequest,
        checks=_GetQueueAttributesRequest,
        url_member="QueueUrl",
        output=GetQueueAttributesResult,
        errors=("InvalidAttributeName", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidSecurity", "InvalidAddress",),
    ),
    "GetQueueUrl": _s.Operation(
        name="GetQueueUrl",
        input=GetQueueUrlRequest,
        checks=_GetQueueUrlRequest,
        output=GetQueueUrlResult,
        errors=("RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "InvalidAddress", "InvalidSecurity", "AWS.SimpleQueueService.UnsupportedOperation",),
    ),
    "ListQueueTags": _s.Operation(
        name="ListQueueTags",
        input=ListQueueTagsRequest,
        checks=_ListQueueTagsRequest,
        url_member="QueueUrl",
        output=ListQueueTagsResult,
        errors=("RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.UnsupportedOperation", "InvalidAddress", "InvalidSecurity",),
    ),
    "ListQueues": _s.Operation(
        name="ListQueues",
        input=ListQueuesRequest,
        checks=_ListQueuesRequest,
        output=ListQueuesResult,
        errors=("RequestThrottled", "InvalidSecurity", "InvalidAddress", "AWS.SimpleQueueService.UnsupportedOperation",),
    ),
    "PurgeQueue": _s.Operation(
        name="PurgeQueue",
        input=PurgeQueueRequest,
        checks=_PurgeQueueRequest,
        url_member="QueueUrl",
        errors=("AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.PurgeQueueInProgress", "RequestThrottled", "InvalidAddress", "InvalidSecurity", "AWS.SimpleQueueService.UnsupportedOperation",),
    ),
    "ReceiveMessage": _s.Operation(
        name="ReceiveMessage",
        input=ReceiveMessageRequest,
        checks=_ReceiveMessageRequest,
        url_member="QueueUrl",
        output=ReceiveMessageResult,
        errors=("AWS.SimpleQueueService.UnsupportedOperation", "OverLimit", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "InvalidSecurity", "KmsDisabled", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsThrottled", "KmsAccessDenied", "KmsInvalidKeyUsage", "InvalidAddress",),
    ),
    "SendMessage": _s.Operation(
        name="SendMessage",
        input=SendMessageRequest,
        checks=_SendMessageRequest,
        url_member="QueueUrl",
        output=SendMessageResult,
        errors=("InvalidMessageContents", "AWS.SimpleQueueService.UnsupportedOperation", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "InvalidSecurity", "KmsDisabled", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsThrottled", "KmsAccessDenied", "KmsInvalidKeyUsage", "InvalidAddress",),
    ),
    "SendMessageBatch": _s.Operation(
        name="SendMessageBatch",
        input=SendMessageBatchRequest,
        checks=_SendMessageBatchRequest,
        url_member="QueueUrl",
        output=SendMessageBatchResult,
        errors=("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchRequestTooLong", "AWS.SimpleQueueService.InvalidBatchEntryId", "AWS.SimpleQueueService.UnsupportedOperation", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "InvalidSecurity", "KmsDisabled", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsThrottled", "KmsAccessDenied", "KmsInvalidKeyUsage", "InvalidAddress",),
    ),
    "SetQueueAttributes": _s.Operation(
        name="SetQueueAttributes",
        input=SetQueueAttributesRequest,
        checks=_SetQueueAttributesRequest,
        url_member="QueueUrl",
        errors=("InvalidAttributeName", "InvalidAttributeValue", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.UnsupportedOperation", "OverLimit", "InvalidAddress", "InvalidSecurity",),
    ),
    "TagQueue": _s.Operation(
        name="TagQueue",
        input=TagQueueRequest,
        checks=_TagQueueRequest,
        url_member="QueueUrl",
        errors=("InvalidAddress", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "InvalidSecurity", "AWS.SimpleQueueService.UnsupportedOperation",),
    ),
    "UntagQueue": _s.Operation(
        name="UntagQueue",
        input=UntagQueueRequest,
        checks=_UntagQueueRequest,
        url_member="QueueUrl",
        errors=("InvalidAddress", "RequestThrottled", "AWS.SimpleQueueService.NonExistentQueue", "InvalidSecurity", "AWS.SimpleQueueService.UnsupportedOperation",),
    ),
}

SERVICE = _s.Service(
    name="sqs",
    version="2012-11-05",
    signing_name="sqs",
    protocols=("json", "query",),
    target_prefix="AmazonSQS",
    json_version="1.0",
    xml_namespace="http://queue.amazonaws.com/doc/2012-11-05/",
    query_compatible=True,
    operations=OPERATIONS,
    errors=ERRORS,
    known_operations=frozenset((
        "AddPermission",
        "CancelMessageMoveTask",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "CreateQueue",
        "DeleteMessage",
        "DeleteMessageBatch",
        "DeleteQueue",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ListDeadLetterSourceQueues",
        "ListMessageMoveTasks",
        "ListQueueTags",
        "ListQueues",
        "PurgeQueue",
        "ReceiveMessage",
        "RemovePermission",
        "SendMessage",
        "SendMessageBatch",
        "SetQueueAttributes",
        "StartMessageMoveTask",
        "TagQueue",
        "UntagQueue",
    )),
)

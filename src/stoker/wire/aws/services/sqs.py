"""SQS: standard queues and their messages, as far as schedules and their dead letters need them, and a little more.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from stoker.domain.ids import Partition
from stoker.domain.queues import MessageAttribute, Queue
from stoker.errors import DomainError, InvalidParameterError, LimitError
from stoker.service.desk import Desk
from stoker.service.queues import (
    ATTRIBUTE_NAME,
    ATTRIBUTE_VALUE,
    RECEIPT,
    NewMessage,
    QueueDesk,
    Received,
    attributes_of,
)
from stoker.units import SECOND, Span
from stoker.wire.aws.asgi import Context, Handlers
from stoker.wire.aws.errors import SQS, FaultError
from stoker.wire.aws.generated import sqs as wire
from stoker.wire.aws.services import tokens
from stoker.wire.aws.services.documents import refuse, unserved

MAX_BATCH: Final = 10
PAGE: Final = 1000
PAGING: Final = ("next_token", "max_results")
_SIMPLE: Final = "AWS.SimpleQueueService."
_UNSERVED: Final = frozenset(
    {
        "ContentBasedDeduplication",
        "DeduplicationScope",
        "FifoQueue",
        "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "Policy",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
    }
)
_CODES: Final = {
    RECEIPT: "ReceiptHandleIsInvalid",
    ATTRIBUTE_NAME: "InvalidAttributeName",
    ATTRIBUTE_VALUE: "InvalidAttributeValue",
}
"""Codes of errors by the field that they name."""
Sending: TypeAlias = wire.SendMessageRequest | wire.SendMessageBatchRequestEntry
_BINARY: Final = 2
_TEXT: Final = 1


class QueueCalls:
    """The operations on queues and messages."""

    __slots__ = ("_account", "_queues")

    def __init__(self, queues: QueueDesk, partition: Partition) -> None:
        self._queues = queues
        self._account = partition.account

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            (SQS, "CreateQueue"): self._create,
            (SQS, "DeleteQueue"): self._delete,
            (SQS, "GetQueueUrl"): self._url,
            (SQS, "ListQueues"): self._list,
            (SQS, "GetQueueAttributes"): self._attributes,
            (SQS, "SetQueueAttributes"): self._set,
            (SQS, "ListQueueTags"): self._tags,
            (SQS, "TagQueue"): self._tag,
            (SQS, "UntagQueue"): self._untag,
            (SQS, "PurgeQueue"): self._purge,
        }

    def _at(self, context: Context, queue: Queue) -> str:
        """Give a queue's URL: where the client found this server."""
        return f"http://{context.host}/{self._account}/{queue.name}"

    async def _create(self, given: wire.CreateQueueRequest, context: Context) -> wire.CreateQueueResult:
        refuse(_odd(given.attributes))
        if given.queue_name.endswith(".fifo"):
            refuse(["QueueName of a FIFO queue"])
        with_codes = _settable(given.attributes)
        try:
            queue = await self._queues.create(given.queue_name, with_codes, given.tags or {})
        except InvalidParameterError as error:
            raise _coded(error) from error
        return wire.CreateQueueResult(queue_url=self._at(context, queue))

    async def _delete(self, given: wire.DeleteQueueRequest, _: Context) -> None:
        await self._queues.delete(name_of(given.queue_url))

    async def _url(self, given: wire.GetQueueUrlRequest, context: Context) -> wire.GetQueueUrlResult:
        if given.queue_owner_aws_account_id not in {None, self._account}:
            raise FaultError(f"{_SIMPLE}NonExistentQueue", "The specified queue does not exist.")
        return wire.GetQueueUrlResult(queue_url=self._at(context, self._queues.get(given.queue_name)))

    async def _list(self, given: wire.ListQueuesRequest, context: Context) -> wire.ListQueuesResult:
        if given.max_results is not None and not 1 <= given.max_results <= PAGE:
            raise InvalidParameterError(f"MaxResults must be 1 to {PAGE}.", field="MaxResults")
        after = tokens.read(given.next_token, str, given, *PAGING, code="InvalidParameterValue")
        left = [each for each in self._queues.find(given.queue_name_prefix or "") if after is None or each.name > after]
        page = left[: given.max_results or PAGE]
        more = len(left) > len(page) and given.max_results is not None
        return wire.ListQueuesResult(
            queue_urls=[self._at(context, each) for each in page],
            next_token=tokens.make(page[-1].name, given, *PAGING) if more else None,
        )

    async def _attributes(self, given: wire.GetQueueAttributesRequest, _: Context) -> wire.GetQueueAttributesResult:
        name = name_of(given.queue_url)
        queue, depths = self._queues.get(name), self._queues.depths(name)
        known = attributes_of(queue) | {
            "QueueArn": queue.arn,
            "CreatedTimestamp": str(queue.created // SECOND),
            "LastModifiedTimestamp": str(queue.modified // SECOND),
            "ApproximateNumberOfMessages": str(depths.visible),
            "ApproximateNumberOfMessagesNotVisible": str(depths.in_flight),
            "ApproximateNumberOfMessagesDelayed": str(depths.delayed),
            "SqsManagedSseEnabled": "false",
        }
        wanted = set(given.attribute_names or ())
        return wire.GetQueueAttributesResult(
            attributes={key: value for key, value in known.items() if key in wanted or "All" in wanted}
        )

    async def _set(self, given: wire.SetQueueAttributesRequest, _: Context) -> None:
        refuse(_odd(given.attributes))
        try:
            await self._queues.set(name_of(given.queue_url), _settable(given.attributes))
        except InvalidParameterError as error:
            raise _coded(error) from error

    async def _tags(self, given: wire.ListQueueTagsRequest, _: Context) -> wire.ListQueueTagsResult:
        return wire.ListQueueTagsResult(tags=self._queues.get(name_of(given.queue_url)).tags or None)

    async def _tag(self, given: wire.TagQueueRequest, _: Context) -> None:
        await self._queues.tag(name_of(given.queue_url), given.tags)

    async def _untag(self, given: wire.UntagQueueRequest, _: Context) -> None:
        await self._queues.tag(name_of(given.queue_url), {}, without=given.tag_keys)

    async def _purge(self, given: wire.PurgeQueueRequest, _: Context) -> None:
        await self._queues.purge(name_of(given.queue_url))


class MessageCalls:
    """The operations on messages."""

    __slots__ = ("_queues",)

    def __init__(self, queues: QueueDesk) -> None:
        self._queues = queues

    def handlers(self) -> Handlers:
        """Give the operations by (service, name)."""
        return {
            (SQS, "SendMessage"): self._send,
            (SQS, "SendMessageBatch"): self._send_batch,
            (SQS, "ReceiveMessage"): self._receive,
            (SQS, "DeleteMessage"): self._remove,
            (SQS, "DeleteMessageBatch"): self._remove_batch,
            (SQS, "ChangeMessageVisibility"): self._extend,
        }

    async def _send(self, given: wire.SendMessageRequest, _: Context) -> wire.SendMessageResult:
        _check_served("", given)
        (message,) = await self._queues.send(name_of(given.queue_url), [_new("", given)])
        return wire.SendMessageResult(
            message_id=message.message_id,
            md5_of_message_body=_md5(message.body),
            md5_of_message_attributes=digest_of(message.attributes),
        )

    async def _send_batch(self, given: wire.SendMessageBatchRequest, _: Context) -> wire.SendMessageBatchResult:
        _check_batch(given.entries)
        name = name_of(given.queue_url)
        self._queues.get(name)
        for number, entry in enumerate(given.entries, 1):
            _check_served(f"Entries.{number}.", entry)
        sent: list[wire.SendMessageBatchResultEntry] = []
        failed: list[wire.BatchResultErrorEntry] = []
        for number, entry in enumerate(given.entries, 1):
            try:
                (message,) = await self._queues.send(name, [_new(f"Entries.{number}.", entry)])
            except (InvalidParameterError, LimitError) as error:
                failed.append(_failed(entry.id, error))
                continue
            sent.append(
                wire.SendMessageBatchResultEntry(
                    id=entry.id,
                    message_id=message.message_id,
                    md5_of_message_body=_md5(message.body),
                    md5_of_message_attributes=digest_of(message.attributes),
                )
            )
        return wire.SendMessageBatchResult(successful=sent, failed=failed)

    async def _receive(self, given: wire.ReceiveMessageRequest, _: Context) -> wire.ReceiveMessageResult:
        refuse(unserved("", ReceiveRequestAttemptId=given.receive_request_attempt_id))
        most = 1 if given.max_number_of_messages is None else given.max_number_of_messages
        found = await self._queues.receive(
            name_of(given.queue_url),
            _within("MaxNumberOfMessages", most, 1, MAX_BATCH),
            visibility=_seconds("VisibilityTimeout", given.visibility_timeout, 43_200),
            wait=_seconds("WaitTimeSeconds", given.wait_time_seconds, 20),
        )
        system = {*(given.attribute_names or ()), *(given.message_system_attribute_names or ())}
        return wire.ReceiveMessageResult(
            messages=[_told(each, system, given.message_attribute_names or ()) for each in found] or None
        )

    async def _remove(self, given: wire.DeleteMessageRequest, _: Context) -> None:
        for wrong in await self._queues.remove(name_of(given.queue_url), [given.receipt_handle]):
            raise FaultError(_CODES[RECEIPT], f'The input receipt handle "{wrong[:200]}" is not a valid receipt handle.')

    async def _remove_batch(self, given: wire.DeleteMessageBatchRequest, _: Context) -> wire.DeleteMessageBatchResult:
        _check_batch(given.entries)
        wrong = set(await self._queues.remove(name_of(given.queue_url), [entry.receipt_handle for entry in given.entries]))
        bad = [entry for entry in given.entries if entry.receipt_handle in wrong]
        error = InvalidParameterError("The input receipt handle is not a valid receipt handle.", field=RECEIPT)
        return wire.DeleteMessageBatchResult(
            successful=[wire.DeleteMessageBatchResultEntry(id=entry.id) for entry in given.entries if entry not in bad],
            failed=[_failed(entry.id, error) for entry in bad],
        )

    async def _extend(self, given: wire.ChangeMessageVisibilityRequest, _: Context) -> None:
        visibility = _seconds("VisibilityTimeout", given.visibility_timeout, 43_200)
        try:
            self._queues.extend(name_of(given.queue_url), given.receipt_handle, visibility or 0)
        except InvalidParameterError as error:
            raise _coded(error) from error


def handlers(desk: Desk, partition: Partition) -> Handlers:
    """Give the operations on queues and on messages."""
    queues = QueueDesk(desk, partition)
    return {**QueueCalls(queues, partition).handlers(), **MessageCalls(queues).handlers()}


def name_of(url: str) -> str:
    """Give the name of the queue that a URL names: its last part, wherever it is said to be."""
    return url.rpartition("/")[2]


def _odd(attributes: Mapping[str, str] | None) -> Iterator[str]:
    given = attributes or {}
    return (f"Attributes.{name}" for name, value in given.items() if name in _UNSERVED and value not in {"", "false"})


def _settable(attributes: Mapping[str, str] | None) -> dict[str, str]:
    return {name: value for name, value in (attributes or {}).items() if name not in _UNSERVED}


def _coded(error: InvalidParameterError) -> DomainError | FaultError:
    code = _CODES.get(error.field or "")
    return error if code is None else FaultError(code, error.message)


def _within(field: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        text = f"Value {value} for parameter {field} is invalid. Reason: Must be between {least} and {most}, if provided."
        raise InvalidParameterError(text, field=field)
    return value


def _seconds(field: str, value: int | None, most: int) -> Span | None:
    return None if value is None else _within(field, value, 0, most) * SECOND


def _check_served(path: str, given: Sending) -> None:
    """Refuse what a message may have that no queue here knows."""
    names = [
        *unserved(
            path,
            MessageGroupId=given.message_group_id,
            MessageDeduplicationId=given.message_deduplication_id,
            MessageSystemAttributes=given.message_system_attributes or None,
        )
    ]
    for name, value in (given.message_attributes or {}).items():
        field = f"{path}MessageAttributes.{name[:80]}."
        names += unserved(field, StringListValues=value.string_list_values, BinaryListValues=value.binary_list_values)
    refuse(names)


def _new(path: str, given: Sending) -> NewMessage:
    if not given.message_body:
        raise FaultError("InvalidMessageContents", "The message must contain at least one character.")
    attributes = {name: _attribute(path, name, value) for name, value in (given.message_attributes or {}).items()}
    if len(attributes) > MAX_BATCH:
        raise InvalidParameterError(f"Number of message attributes ({len(attributes)}) exceeds 10.", field="MessageAttributes")
    return NewMessage(
        body=given.message_body, delay=_seconds(f"{path}DelaySeconds", given.delay_seconds, 900), attributes=attributes
    )


def _attribute(path: str, name: str, given: wire.MessageAttributeValue) -> MessageAttribute:
    field = f"{path}MessageAttributes.{name[:80]}"
    main = given.data_type.partition(".")[0]
    if main not in {"String", "Number", "Binary"}:
        text = (
            f"The type of message (user) attribute '{name[:80]}' is invalid. You must use only the following supported type "
            "prefixes: Binary, Number, String."
        )
        raise InvalidParameterError(text, field=field)
    value = given.binary_value if main == "Binary" else given.string_value
    if not value:
        text = f"Message (user) attribute '{name[:80]}' must contain a non-empty value of type '{main}'."
        raise InvalidParameterError(text, field=field)
    if isinstance(value, bytes):
        return MessageAttribute(kind=given.data_type, data=value)
    return MessageAttribute(kind=given.data_type, text=value)


def _check_batch(entries: Sequence[wire.SendMessageBatchRequestEntry | wire.DeleteMessageBatchRequestEntry]) -> None:
    if not entries:
        raise FaultError(f"{_SIMPLE}EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > MAX_BATCH:
        text = f"Maximum number of entries per request are {MAX_BATCH}. You have sent {len(entries)}."
        raise FaultError(f"{_SIMPLE}TooManyEntriesInBatchRequest", text)
    if len({entry.id for entry in entries}) < len(entries):
        raise FaultError(f"{_SIMPLE}BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")


def _failed(name: str, error: InvalidParameterError | LimitError) -> wire.BatchResultErrorEntry:
    code = "OverLimit" if isinstance(error, LimitError) else _CODES.get(error.field or "", "InvalidParameterValue")
    return wire.BatchResultErrorEntry(id=name, sender_fault=True, code=code, message=error.message)


def _told(received: Received, system: set[str], wanted: Iterable[str]) -> wire.Message:
    message = received.message
    known = {
        "SentTimestamp": str(message.sent // 1_000_000),
        "ApproximateReceiveCount": str(received.count),
        "ApproximateFirstReceiveTimestamp": str(received.first // 1_000_000),
    }
    shown = {name: value for name, value in known.items() if name in system or "All" in system}
    chosen = {name: each for name, each in message.attributes.items() if _is_wanted(name, wanted)}
    return wire.Message(
        message_id=message.message_id,
        receipt_handle=received.receipt,
        body=message.body,
        md5_of_body=_md5(message.body),
        attributes=shown or None,
        message_attributes={
            name: wire.MessageAttributeValue(data_type=each.kind, string_value=each.text or None, binary_value=each.data or None)
            for name, each in chosen.items()
        }
        or None,
        md5_of_message_attributes=digest_of(chosen),
    )


def _is_wanted(name: str, wanted: Iterable[str]) -> bool:
    return any(each in {"All", ".*", name} or (each.endswith(".*") and name.startswith(each[:-2])) for each in wanted)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def digest_of(attributes: Mapping[str, MessageAttribute]) -> str | None:
    """Give the digest of a message's attributes, as SDKs check it; None of none.

    (Developer guide, "Calculating the MD5 message digest for message attributes".)
    """
    if not attributes:
        return None
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        each = attributes[name]
        value = each.data if each.kind.startswith("Binary") else each.text.encode("utf-8", "surrogatepass")
        for part in (name.encode("utf-8", "surrogatepass"), each.kind.encode("utf-8", "surrogatepass")):
            digest.update(struct.pack(">I", len(part)) + part)
        digest.update(bytes([_BINARY if each.kind.startswith("Binary") else _TEXT]) + struct.pack(">I", len(value)) + value)
    return digest.hexdigest()

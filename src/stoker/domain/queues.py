"""Queues of messages: what schedules could not deliver, what they send, and whatever else a caller puts there."""

from enum import StrEnum
from typing import NewType

import msgspec

from stoker.units import DAY, SECOND, Instant, Span

QueueName = NewType("QueueName", str)
MessageId = NewType("MessageId", str)

MAX_MESSAGE_BYTES = 1 << 20
"""What one message may have, its attributes among it (Amazon SQS, "Message quotas")."""


class QueueAttribute(StrEnum):
    """What can be set of a queue."""

    VISIBILITY = "VisibilityTimeout"
    RETENTION = "MessageRetentionPeriod"
    DELAY = "DelaySeconds"
    WAIT = "ReceiveMessageWaitTimeSeconds"
    MOST_BYTES = "MaximumMessageSize"


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue. A message that was received is seen by nobody else for `visibility`, and is dropped after `retention`."""

    name: QueueName
    arn: str
    created: Instant
    modified: Instant
    visibility: Span = 30 * SECOND
    retention: Span = 4 * DAY
    delay: Span = 0
    wait: Span = 0
    most_bytes: int = MAX_MESSAGE_BYTES
    tags: dict[str, str] = {}


class MessageAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """A value that goes with a message: a text, or bytes when `kind` begins with Binary."""

    kind: str
    text: str = ""
    data: bytes = b""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a queue. It can be received from `due` on."""

    message_id: MessageId
    queue: QueueName
    body: str
    sent: Instant
    due: Instant
    attributes: dict[str, MessageAttribute] = {}

    @property
    def size(self) -> int:
        """Its bytes, as they count for limits."""
        told = ((name, each.kind, each.text) for name, each in self.attributes.items())
        words = sum(len(word.encode("utf-8", "surrogatepass")) for triple in told for word in triple)
        return len(self.body.encode("utf-8", "surrogatepass")) + words + sum(len(each.data) for each in self.attributes.values())

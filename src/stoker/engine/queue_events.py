"""What changes queues: calls on them, messages that go in and out; and the queue of asynchronous requests as it stands."""

from typing import TypeAlias

import msgspec

from stoker.domain.queues import Message, MessageId, Queue, QueueName
from stoker.domain.scaling import TargetKey
from stoker.units import Span


class QueuePut(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A queue was made or changed."""

    queue: Queue


class QueueRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A queue was deleted, with all that is in it."""

    name: QueueName


class MessagesSent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Messages were sent, each to its queue; those for a queue that is gone are gone, too."""

    messages: tuple[Message, ...]


class MessagesRemoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Messages of a queue were deleted by who received them, or are older than the queue keeps them."""

    queue: QueueName
    messages: tuple[MessageId, ...]


class BacklogSeen(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """So many asynchronous requests wait for a variant and run on it; there have been none for `idle` when there are none.

    `slots` is how many an instance works on at once.
    """

    key: TargetKey
    waiting: int
    running: int
    slots: int
    idle: Span = 0


QueueEvent: TypeAlias = QueuePut | QueueRemoved | MessagesSent | MessagesRemoved
"""What the queues handle."""

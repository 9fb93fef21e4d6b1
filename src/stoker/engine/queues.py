"""The queues as they stand, and the record of them.

Who has received what is not on record: after a restart all can be received.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from stoker.domain.queues import Message, MessageAttribute, MessageId, Queue, QueueName
from stoker.engine.commands import Command, Put, Remove
from stoker.engine.queue_events import MessagesRemoved, MessagesSent, QueueEvent, QueuePut, QueueRemoved
from stoker.units import Instant

QUEUE_KIND = "queue"
MESSAGE_KIND = "queue-message"
"""What records are kept as."""

MAX_MESSAGES = 20_000
MAX_BYTES = 64 << 20
"""What all queues together may hold; it is held in memory."""


class Queues:
    """All queues and their messages, each queue's in the order of their coming."""

    __slots__ = ("_bytes", "_count", "_messages", "_queues")

    def __init__(self) -> None:
        self._queues: dict[QueueName, Queue] = {}
        self._messages: dict[QueueName, dict[MessageId, Message]] = {}
        self._bytes = self._count = 0

    @property
    def queues(self) -> Mapping[QueueName, Queue]:
        """The queues, by name."""
        return self._queues

    def messages(self, name: QueueName) -> Mapping[MessageId, Message]:
        """Give the messages of a queue."""
        return self._messages.get(name, {})

    def fits(self, count: int, size: int) -> bool:
        """Tell whether there is room for so many messages more, of so many bytes together."""
        return self._count + count <= MAX_MESSAGES and self._bytes + size <= MAX_BYTES

    def restore(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was kept: (kind, document) of every record, of other kinds too."""
        kept: list[Message] = []
        for kind, document in records:
            if kind == QUEUE_KIND:
                queue = msgspec.msgpack.decode(document, type=Queue)
                self._queues[queue.name] = queue
            elif kind == MESSAGE_KIND:
                kept.append(msgspec.msgpack.decode(document, type=Message))
        for message in sorted(kept, key=lambda each: (each.sent, each.message_id)):
            self._keep(message)

    def handle(self, event: QueueEvent) -> Iterator[Command]:
        """Take in a change."""
        match event:
            case QueuePut(queue=queue):
                self._queues[queue.name] = queue
                yield Put(kind=QUEUE_KIND, key=queue.name, document=msgspec.msgpack.encode(queue))
            case QueueRemoved(name=name):
                yield from self._remove(name, list(self.messages(name)))
                if self._queues.pop(name, None) is not None:
                    yield Remove(kind=QUEUE_KIND, key=name)
            case MessagesSent(messages=messages):
                for message in messages:
                    yield from self._send(message)
            case MessagesRemoved(queue=name, messages=gone):
                yield from self._remove(name, gone)

    def letter(self, arn: str, message_id: str, body: str, attributes: Mapping[str, str], now: Instant) -> Iterator[Command]:
        """Send a message of the platform's own to the queue of that ARN, if it is here and has room."""
        queue = next((each.name for each in self._queues.values() if each.arn == arn), None)
        if queue is None:
            return
        told = {key: MessageAttribute(kind="String", text=text) for key, text in attributes.items() if text}
        message = Message(message_id=MessageId(message_id), queue=queue, body=body, sent=now, due=now, attributes=told)
        if self.fits(1, message.size):
            yield from self._send(message)

    def _send(self, message: Message) -> Iterator[Command]:
        if message.queue in self._queues:
            self._keep(message)
            yield Put(kind=MESSAGE_KIND, key=_record(message.queue, message.message_id), document=msgspec.msgpack.encode(message))

    def _keep(self, message: Message) -> None:
        self._messages.setdefault(message.queue, {})[message.message_id] = message
        self._count += 1
        self._bytes += message.size

    def _remove(self, name: QueueName, gone: Iterable[MessageId]) -> Iterator[Command]:
        held = self._messages.get(name, {})
        for message_id in gone:
            message = held.pop(message_id, None)
            if message is not None:
                self._count -= 1
                self._bytes -= message.size
                yield Remove(kind=MESSAGE_KIND, key=_record(name, message_id))
        if not held:
            self._messages.pop(name, None)


def _record(queue: QueueName, message_id: MessageId) -> str:
    return f"{queue}/{message_id}"

"""Use cases of queues: what is sent is on disk, and is given to receivers again and again until one of them deletes it.

Who has a message in hand is known here and not on disk: a server that starts again gives all messages out anew, as a queue that
delivers at least once may. The sentences of the errors are AWS's own where AWS has one.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from stoker.domain.ids import Partition
from stoker.domain.queues import Message, MessageAttribute, MessageId, Queue, QueueAttribute, QueueName
from stoker.engine.queue_events import MessagesRemoved, MessagesSent, QueuePut, QueueRemoved
from stoker.engine.queues import MAX_BYTES, MAX_MESSAGES
from stoker.errors import ConflictError, InvalidParameterError, LimitError, NotFoundError
from stoker.service.desk import Desk
from stoker.units import SECOND, Instant, Span, to_seconds

QUEUE: Final = "queue"
MAX_QUEUES: Final = 1_000
MAX_TAGS: Final = 50
LONGEST_VISIBILITY: Span = 43_200 * SECOND
POLL_S: Final = 0.1
"""Seconds between two looks for a message that is waited for."""
MAX_WAITING: Final = 64
"""Receivers that wait at once; those beyond are answered at once."""
RECEIPT: Final = "ReceiptHandle"
ATTRIBUTE_NAME, ATTRIBUTE_VALUE = "AttributeName", "AttributeValue"
"""The fields that errors name."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_RANGES: Final[Mapping[QueueAttribute, tuple[str, int, int, int]]] = {
    QueueAttribute.VISIBILITY: ("visibility", 0, 43_200, SECOND),
    QueueAttribute.RETENTION: ("retention", 60, 1_209_600, SECOND),
    QueueAttribute.DELAY: ("delay", 0, 900, SECOND),
    QueueAttribute.WAIT: ("wait", 0, 20, SECOND),
    QueueAttribute.MOST_BYTES: ("most_bytes", 1_024, 1 << 20, 1),
}
"""Of each attribute: the queue's field, the least and the most it may be, and what one of it is."""


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a caller sends; `delay` None is the queue's own."""

    body: str
    delay: Span | None = None
    attributes: dict[str, MessageAttribute] = {}


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A message given to a receiver, for the `count`th time since the server started; `first` is when that was first."""

    message: Message
    receipt: str
    count: int
    first: Instant


class Depths(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages of a queue can be received now, are in a receiver's hands, or are to come later."""

    visible: int
    in_flight: int
    delayed: int


class _Hold(msgspec.Struct, kw_only=True):
    """Who has a message, until when, and how often anybody had it."""

    receipt: str
    until: Instant
    count: int
    first: Instant


class QueueDesk:
    """Makes, shows and deletes queues; sends, receives and deletes messages."""

    __slots__ = ("_desk", "_holds", "_partition", "_waiting")

    def __init__(self, desk: Desk, partition: Partition) -> None:
        self._desk = desk
        self._partition = partition
        self._holds: dict[tuple[QueueName, MessageId], _Hold] = {}
        self._waiting = 0

    async def create(self, name: str, attributes: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
        """Make a queue; one that is there already with these very attributes is given as it is."""
        if not _NAME.fullmatch(name):
            message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
            raise InvalidParameterError(message, field="QueueName")
        settings = _settings(attributes)
        before = self._all.get(QueueName(name))
        if before is not None:
            for attribute, (field, _, _, _) in _RANGES.items():
                if field in settings and settings[field] != getattr(before, field):
                    message = f"A queue already exists with the same name and a different value for attribute {attribute}"
                    raise ConflictError(QUEUE, name, message, exists=True)
            return before
        if len(self._all) >= MAX_QUEUES:
            raise LimitError(f"There are {MAX_QUEUES} queues already.", limit="queues", maximum=MAX_QUEUES)
        now = self._desk.now()
        arn = f"arn:aws:sqs:{self._partition.region}:{self._partition.account}:{name}"
        queue = Queue(name=QueueName(name), arn=arn, created=now, modified=now, tags=_checked_tags({}, tags))
        queue = msgspec.structs.replace(queue, **settings)
        await self._desk.submit(QueuePut(queue=queue))
        return queue

    def get(self, name: str) -> Queue:
        """Give a queue."""
        queue = self._all.get(QueueName(name))
        if queue is None:
            raise NotFoundError(QUEUE, name, "The specified queue does not exist.")
        return queue

    def find(self, prefix: str = "") -> list[Queue]:
        """Give the queues whose names begin so, by name."""
        return [self._all[name] for name in sorted(self._all) if name.startswith(prefix)]

    async def set(self, name: str, attributes: Mapping[str, str]) -> None:
        """Change a queue's attributes."""
        queue = self.get(name)
        await self._change(queue, **_settings(attributes))

    async def tag(self, name: str, tags: Mapping[str, str], *, without: Sequence[str] = ()) -> None:
        """Set a queue's tags, and take others away."""
        queue = self.get(name)
        await self._change(queue, tags=_checked_tags({key: v for key, v in queue.tags.items() if key not in without}, tags))

    async def delete(self, name: str) -> None:
        """Delete a queue with all that is in it."""
        queue = self.get(name)
        self._forget(queue.name, list(self._messages(queue.name)))
        await self._desk.submit(QueueRemoved(name=queue.name))

    async def send(self, name: str, new: Sequence[NewMessage]) -> list[Message]:
        """Put messages into a queue, all or none."""
        queue = self.get(name)
        await self._expire(queue)
        now = self._desk.now()
        made = [
            Message(
                message_id=MessageId(self._desk.ids.uuid()),
                queue=queue.name,
                body=each.body,
                sent=now,
                due=now + (queue.delay if each.delay is None else each.delay),
                attributes=each.attributes,
            )
            for each in new
        ]
        for message in made:
            if message.size > queue.most_bytes:
                text = f"One or more parameters are invalid. Reason: Message must be shorter than {queue.most_bytes} bytes."
                raise InvalidParameterError(text, field="MessageBody")
        if not self._desk.platform.calls.queues.fits(len(made), sum(message.size for message in made)):
            text = f"The queues of this installation hold {MAX_MESSAGES} messages of {MAX_BYTES} bytes together at most."
            raise LimitError(text, limit="messages", maximum=MAX_MESSAGES)
        await self._desk.submit(MessagesSent(messages=tuple(made)))
        return made

    async def receive(self, name: str, most: int, *, visibility: Span | None = None, wait: Span | None = None) -> list[Received]:
        """Give up to `most` messages that nobody else has, the oldest first; wait (real seconds) while there is none."""
        loop = asyncio.get_running_loop()
        queue = self.get(name)
        end = loop.time() + to_seconds(queue.wait if wait is None else wait)
        while True:
            await self._expire(queue)
            found = self._take(queue, most, queue.visibility if visibility is None else visibility)
            if found or loop.time() >= end or self._waiting >= MAX_WAITING:
                return found
            self._waiting += 1
            try:
                await asyncio.sleep(POLL_S)
            finally:
                self._waiting -= 1
            queue = self.get(name)

    async def remove(self, name: str, receipts: Sequence[str]) -> list[str]:
        """Delete messages by the receipts for them; gives the receipts that are none of this queue's."""
        queue = self.get(name)
        wrong = [receipt for receipt in receipts if _of(receipt) is None]
        gone = [one for receipt in receipts if (one := _of(receipt)) is not None and one in self._messages(queue.name)]
        if gone:
            self._forget(queue.name, gone)
            await self._desk.submit(MessagesRemoved(queue=queue.name, messages=tuple(gone)))
        return wrong

    async def purge(self, name: str) -> None:
        """Delete all messages of a queue."""
        queue = self.get(name)
        gone = tuple(self._messages(queue.name))
        self._forget(queue.name, gone)
        if gone:
            await self._desk.submit(MessagesRemoved(queue=queue.name, messages=gone))

    def extend(self, name: str, receipt: str, visibility: Span) -> None:
        """Set how long from now a message that was received is nobody else's; 0 gives it back."""
        queue = self.get(name)
        message_id = _of(receipt)
        hold = None if message_id is None else self._holds.get((queue.name, message_id))
        if message_id is None or (hold is not None and hold.receipt != receipt):
            raise InvalidParameterError(
                f'The input receipt handle "{receipt[:200]}" is not a valid receipt handle.', field=RECEIPT
            )
        if not 0 <= visibility <= LONGEST_VISIBILITY:
            text = f"Value {to_seconds(visibility):g} for parameter VisibilityTimeout is invalid. Reason: Must be 0 to 43200."
            raise InvalidParameterError(text, field="VisibilityTimeout")
        if hold is not None:
            hold.until = self._desk.now() + visibility

    def depths(self, name: str) -> Depths:
        """Count a queue's messages."""
        queue, now = self.get(name), self._desk.now()
        fresh = [m for m in self._messages(queue.name).values() if m.sent >= now - queue.retention]
        held = sum(1 for m in fresh if (hold := self._holds.get((queue.name, m.message_id))) is not None and hold.until > now)
        delayed = sum(1 for m in fresh if m.due > now)
        return Depths(visible=len(fresh) - held - delayed, in_flight=held, delayed=delayed)

    @property
    def _all(self) -> Mapping[QueueName, Queue]:
        return self._desk.platform.calls.queues.queues

    def _messages(self, name: QueueName) -> Mapping[MessageId, Message]:
        return self._desk.platform.calls.queues.messages(name)

    def _take(self, queue: Queue, most: int, visibility: Span) -> list[Received]:
        now = self._desk.now()
        out: list[Received] = []
        for message in self._messages(queue.name).values():
            key = queue.name, message.message_id
            hold = self._holds.get(key)
            if message.due > now or (hold is not None and hold.until > now):
                continue
            receipt = f"{message.message_id}#{self._desk.ids.token()}"
            first, count = (now, 1) if hold is None else (hold.first, hold.count + 1)
            self._holds[key] = _Hold(receipt=receipt, until=now + visibility, count=count, first=first)
            out.append(Received(message=message, receipt=receipt, count=count, first=first))
            if len(out) >= most:
                break
        return out

    async def _expire(self, queue: Queue) -> None:
        """Drop what is older than the queue keeps messages."""
        since = self._desk.now() - queue.retention
        old = []
        for message in self._messages(queue.name).values():  # they are in the order of their coming
            if message.sent >= since:
                break
            old.append(message.message_id)
        if old:
            self._forget(queue.name, old)
            await self._desk.submit(MessagesRemoved(queue=queue.name, messages=tuple(old)))

    def _forget(self, queue: QueueName, gone: Sequence[MessageId]) -> None:
        for message_id in gone:
            self._holds.pop((queue, message_id), None)

    async def _change(self, queue: Queue, **fields: object) -> None:
        changed = msgspec.structs.replace(queue, **fields)
        if changed != queue:
            await self._desk.submit(QueuePut(queue=msgspec.structs.replace(changed, modified=self._desk.now())))


def attributes_of(queue: Queue) -> dict[str, str]:
    """Give what is set of a queue, in the API's words."""
    return {attribute.value: str(getattr(queue, field) // unit) for attribute, (field, _, _, unit) in _RANGES.items()}


def _settings(attributes: Mapping[str, str]) -> dict[str, int]:
    out: dict[str, int] = {}
    for name, text in attributes.items():
        if name not in _RANGES:
            raise InvalidParameterError(f"Unknown Attribute {name[:80]}.", field=ATTRIBUTE_NAME)
        field, least, most, unit = _RANGES[QueueAttribute(name)]
        if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):  # noqa: PLR2004 - digits
            raise InvalidParameterError(f"Invalid value for the parameter {name}.", field=ATTRIBUTE_VALUE)
        out[field] = int(text) * unit
    return out


def _checked_tags(before: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, str]:
    out = {**before, **tags}
    if len(out) > MAX_TAGS or any(not 0 < len(key) <= 128 or len(value) > 256 for key, value in out.items()):  # noqa: PLR2004 - AWS's
        raise InvalidParameterError(f"A queue has at most {MAX_TAGS} tags, of 1 to 128 and 0 to 256 characters.", field="Tags")
    return out


def _of(receipt: str) -> MessageId | None:
    """Give the message that a receipt is for, None for what is no receipt."""
    message_id, sign, token = receipt.partition("#")
    return MessageId(message_id) if sign and token and message_id else None

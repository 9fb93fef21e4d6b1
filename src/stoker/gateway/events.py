"""Replies that begin while their invocation is still held: server-sent events, with comments that keep the connection alive.

Whoever gets a comment has the status 200. What goes wrong after it is told as an event, and a reply that is none of events
becomes one.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from stoker.gateway.face import Face, Invocation, Reply, Subject
from stoker.gateway.reasons import Refusal
from stoker.gateway.replies import Asker, StreamCounts
from stoker.gateway.telling import Invoked, told
from stoker.units import SECOND

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.writing import ReplyWriter

KIND: Final = b"text/event-stream"
COMMENT: Final = b": keep-alive\n\n"
_HEADERS: Final = ((b"content-type", KIND),)
_ENDS: Final = (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n")
"""Ways in which an event may end."""
_MOST_END: Final = 4
_OPAQUE: Final = frozenset({b"content-encoding", b"content-length"})
"""Headers of replies to which nothing can be added."""


class Waiting(Invoked, Protocol):
    """The invocation. `commented_ns` (monotonic) is when its client got the last comment, 0 before the first."""

    face: Face
    invocation: Invocation
    commented_ns: int
    plain: bool

    def subject(self) -> Subject:
        """Say what a reply is about."""
        ...


class Told(Asker, Protocol):
    """The invocation whose client gets events."""

    face: Face
    invocation: Invocation

    def subject(self) -> Subject:
        """Say what a reply is about."""
        ...


def keep(run: Waiting, connection: "Connection", since_ns: int) -> bool:
    """Send a comment if there was none for long, since `since_ns` at first; tell whether that began the reply."""
    core, writer = run.core, connection.writer
    now_ns = time.monotonic_ns()
    if connection.blocked or now_ns - (run.commented_ns or since_ns) < core.comment_s * SECOND:
        return False
    begins = not run.commented_ns
    run.commented_ns = now_ns
    if begins:
        run.plain = False
        subject = run.subject()
        lines = run.face.reply_headers(_HEADERS, streaming=False, variant=subject.variant, mark="")
        if run.face.id_header:
            lines += b"%s: %s\r\n" % (run.face.id_header, subject.request_id.encode())
        writer.start(200, b"%scache-control: no-cache\r\n%s%s" % (lines, told(run), core.date_line), None)
    writer.piece(COMMENT)
    writer.flush()
    return begins


def answer(run: Waiting, connection: "Connection", answer: Refusal | Reply, subject: Subject, lines: bytes) -> None:
    """Answer with a failure: by its status, or by an event when the status is out; `lines` are further header lines.

    A reply that is whole already is written as it is; no status is out then.
    """
    writer = connection.writer
    if run.commented_ns and isinstance(answer, Refusal):
        writer.piece(run.face.event(answer, subject))
        connection.reply_done(reusable=writer.end())
    else:
        reply = run.face.refusal(answer, subject) if isinstance(answer, Refusal) else answer
        writer.whole(reply.status, reply.headers + lines + run.core.date_line, reply.body)


class EventsReply:
    """Passes a good reply on behind the comments. One that is no stream of events becomes a single event."""

    __slots__ = ("_end", "_passed", "_plain", "_run", "_writer")

    def __init__(self, run: Told, writer: "ReplyWriter", headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._run = run
        self._writer = writer
        self._plain = not _is_events(headers)
        self._passed = False
        self._end = b""

    def body(self, data: bytes) -> None:
        """Pass on a piece."""
        if self._plain:
            data = data.replace(b"\r", b"").replace(b"\n", b"\ndata: ")
            if not self._passed:
                data = b"data: " + data
        elif self._run.invocation.in_band:
            self._end = (self._end + data)[-_MOST_END:]
        self._passed = True
        self._writer.piece(data)

    def settle(self) -> None:
        """Flush."""
        self._writer.flush()

    def end(self) -> None:
        """End the stream."""
        if self._plain and self._passed:
            self._writer.piece(b"\n\n")
        self._run.replied(reusable=self._writer.end())

    def broken(self, refusal: Refusal) -> None:
        """Tell of the failure in an event, unless it would end up within another one: then cut the connection."""
        if self._passed and not self._end.endswith(_ENDS):
            self._run.cancel()
        else:
            self._run.answer(refusal)


class RelayedEvents:
    """Passes a stream of events on as it comes. One that breaks off between two events ends in another that tells of it.

    A mere end would look like success to most clients. Within an event nothing can be told: then the connection is cut.
    """

    __slots__ = ("_counts", "_end", "_run", "_writer")

    def __init__(self, run: Told, counts: StreamCounts, writer: "ReplyWriter", lines: bytes, status: int) -> None:
        self._run = run
        self._counts = counts
        self._writer = writer
        self._end = b""
        writer.start(status, lines, None)

    def body(self, data: bytes) -> None:
        """Pass on a piece."""
        if not self._end:
            self._counts.first_chunk()
        self._end = data if len(data) > _MOST_END else (self._end + data)[-_MOST_END:]
        self._writer.piece(data)

    def settle(self) -> None:
        """Flush."""
        self._writer.flush()

    def end(self) -> None:
        """End the stream."""
        self._run.replied(reusable=self._writer.end())

    def broken(self, refusal: Refusal) -> None:
        """Tell the client if that can be, then end the stream in good order."""
        run = self._run
        if self._end and not self._end.endswith(_ENDS):
            run.cancel()
            return
        self._writer.piece(run.face.event(refusal, run.subject()))
        run.replied(reusable=self._writer.end())


def is_stream(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Tell whether a reply is a stream of events, in the clear and without an end that is known."""
    return _is_events(headers) and not any(name in _OPAQUE for name, _ in headers)


def _is_events(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    return kind.partition(b";")[0].strip().lower() == KIND

"""How a model's reply becomes the client's: passed through, turned into an error, or framed as a stream."""

from typing import TYPE_CHECKING, Final, Protocol

from stoker.gateway.face import Face, StreamFrames
from stoker.gateway.head import status_line
from stoker.gateway.reasons import Reason, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from stoker.gateway.reply_heads import ReplyHead
    from stoker.gateway.writing import ReplyWriter

MAX_ERROR_BODY: Final = 65_536
"""Bytes of a failing model's reply that are kept to show to the client."""


class Asker(Protocol):
    """The invocation that is replied to."""

    def replied(self, *, reusable: bool) -> None:
        """The last byte is written; `reusable` tells whether the client's connection is."""
        ...

    def answer(self, refusal: Refusal) -> None:
        """Answer with a failure instead."""
        ...

    def cancel(self) -> None:
        """Cut the client."""
        ...


class StreamCounts(Protocol):
    """Who counts what streams go through."""

    def first_chunk(self) -> None:
        """The first chunk has come."""
        ...


class ReplyMode(Protocol):
    """One way to treat the body of a model's reply, whose head was seen when it was chosen."""

    def body(self, data: bytes) -> None:
        """Take a piece of the body."""
        ...

    def settle(self) -> None:
        """Pass on what gathered."""
        ...

    def end(self) -> None:
        """The body is whole."""
        ...

    def broken(self, refusal: Refusal) -> None:
        """The body will never be whole."""
        ...


class PlainReply:
    """Passes a good reply on as it comes. One that breaks off is cut, for its status is already with the client."""

    __slots__ = ("_run", "_writer")

    def __init__(self, run: Asker, writer: "ReplyWriter", lines: bytes, status: int, length: int | None) -> None:
        self._run = run
        self._writer = writer
        writer.start(status, lines, length)

    def body(self, data: bytes) -> None:
        """Pass on a piece."""
        self._writer.piece(data)

    def settle(self) -> None:
        """Flush."""
        self._writer.flush()

    def end(self) -> None:
        """End the client's reply."""
        self._run.replied(reusable=self._writer.end())

    def broken(self, refusal: Refusal) -> None:  # noqa: ARG002 - the cut itself is all that can be told
        """Cut the client's connection: no terminal chunk, or fewer bytes than promised."""
        self._run.cancel()


class FailedReply:
    """Gathers the beginning of a failing reply, which becomes an error of the face: the model's, or what `reason` says."""

    __slots__ = ("_kept", "_reason", "_run", "_size", "_status")

    def __init__(self, run: Asker, status: int, reason: Reason = Reason.MODEL_ERROR) -> None:
        self._run = run
        self._reason = reason
        self._status = status
        self._kept: list[bytes] = []
        self._size = 0

    def body(self, data: bytes) -> None:
        """Keep a piece, up to the bound."""
        room = MAX_ERROR_BODY - self._size
        if room > 0:
            self._kept.append(data[:room])
            self._size += len(self._kept[-1])

    def settle(self) -> None:
        """Nothing is passed on before the end."""

    def end(self) -> None:
        """Answer with the model's error."""
        self._run.answer(Refusal(reason=self._reason, status=self._status, body=b"".join(self._kept)))

    def broken(self, refusal: Refusal) -> None:
        """Answer with what is known."""
        self._run.answer(refusal)


class BoundedReply:
    """Treats a reply of unknown length as another mode does, up to a number of bytes; of one with more, `too_large` is told."""

    __slots__ = ("_left", "_limit", "_mode", "_too_large")

    def __init__(self, mode: ReplyMode, limit: int, too_large: "Callable[[int], None]") -> None:
        self._mode = mode
        self._limit = self._left = limit
        self._too_large = too_large

    def body(self, data: bytes) -> None:
        """Take a piece, unless it is too much."""
        if self._left < 0:
            return
        self._left -= len(data)
        if self._left < 0:
            self._too_large(self._limit)
        else:
            self._mode.body(data)

    def settle(self) -> None:
        """Pass on what gathered."""
        self._mode.settle()

    def end(self) -> None:
        """The body is whole."""
        self._mode.end()

    def broken(self, refusal: Refusal) -> None:
        """The body will never be whole."""
        self._mode.broken(refusal)


class StreamReply:
    """Frames each piece as it comes; a break is told in a frame of its own, for a mere end would look like success."""

    __slots__ = ("_counts", "_frames", "_run", "_seen", "_writer")

    def __init__(self, run: Asker, counts: StreamCounts, writer: "ReplyWriter", lines: bytes, frames: StreamFrames) -> None:
        self._run = run
        self._counts = counts
        self._writer = writer
        self._frames = frames
        self._seen = False
        writer.start(200, lines, None)

    def body(self, data: bytes) -> None:
        """Frame a piece."""
        if not self._seen:
            self._seen = True
            self._counts.first_chunk()
        self._writer.piece(self._frames.chunk(data))

    def settle(self) -> None:
        """Flush."""
        self._writer.flush()

    def end(self) -> None:
        """End the stream."""
        self._run.replied(reusable=self._writer.end())

    def broken(self, refusal: Refusal) -> None:
        """Tell the client, then end the stream in good order."""
        self._writer.piece(self._frames.failure(refusal))
        self._run.replied(reusable=self._writer.end())


def start_of(head: "ReplyHead", face: Face, variant: str, mark: str, told: bytes) -> bytes:
    """Give the beginning of the replies that begin with this head, up to the request's id; `told` are further header lines."""
    lines = face.reply_headers(head.headers, streaming=False, variant=variant, mark=mark)
    name = face.id_header or b"x-request-id"
    return b"%s%s%scontent-length: %d\r\n%s: " % (status_line(head.status), lines, told, head.length, name)

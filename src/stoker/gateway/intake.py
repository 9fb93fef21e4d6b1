"""What comes in on one connection: requests parsed and queued in order, bytes kept for later, all of it bounded."""

import time
from collections import deque
from typing import Final

from stoker.gateway.connection import Connection, Host
from stoker.gateway.reading import Request, RequestReader

PENDING_MAX: Final = 65_536
"""Bytes kept unparsed behind the request being served before reading stops."""
STREAM_FROM: Final = 1_048_576
"""Bytes of a relayed body that are kept before it is passed on as it comes."""
SLICE: Final = 4096
"""Bytes parsed at once where requests may begin and end: a longer read may hold thousands of small ones."""
PIPELINE_MAX: Final = SLICE // 24
"""Requests that wait parsed behind the one being served: a slice holds no more, `GET / HTTP/1.1` and an empty Host being 25
bytes. Only behind chunks, which are read by larger pieces, could more come at once; the connection ends after so many then."""
_NEVER: Final = float("inf")


class Intake:
    """Reads for one connection, which serves one request at a time. `failure` is what to answer to the bytes where it ends."""

    __slots__ = ("_connection", "_host", "_pending", "_queue", "_reserved", "failure", "reader")

    def __init__(self, connection: Connection, host: Host) -> None:
        self._connection = connection
        self._host = host
        self.reader = RequestReader(self, host.max_head_bytes)
        self._queue: deque[Request] = deque()
        self._pending = bytearray()
        self._reserved = 0
        self.failure: tuple[int, str] | None = None

    @property
    def in_message(self) -> bool:
        """Whether a request has begun that is not whole."""
        return self.reader.in_message

    @property
    def more(self) -> bool:
        """Whether something waits behind the request being served."""
        return bool(self._queue or self._pending)

    @property
    def settled(self) -> bool:
        """Whether nothing has come that is not answered, and more may come."""
        reader = self.reader
        return not (reader.in_message or self._pending or self._queue or reader.failed)

    @property
    def full(self) -> bool:
        """Whether so many bytes wait that reading should stop."""
        return len(self._pending) > PENDING_MAX

    @property
    def ended(self) -> bool:
        """Whether no further request can come."""
        return self.reader.failed and not self._queue

    @property
    def unfinished(self) -> Request | None:
        """The request whose body is being read."""
        return self.reader.unfinished

    def feed(self, data: bytes) -> bool:
        """Parse bytes, or keep them behind the request being served; False when so many wait that reading should stop."""
        if self._waiting():
            self._pending += data
            return not self.full
        if len(data) > SLICE:
            self._parse(data)
            return not self.full
        rest = self.reader.feed(data, time.monotonic_ns())
        if rest:
            self._parse(rest)
        return True

    def next(self) -> Request | None:
        """Give the next whole request; parses what was kept when none is ready. The connection may have one after that anyway."""
        if self._queue:
            return self._queue.popleft()
        if self._pending:
            data = bytes(self._pending)
            self._pending.clear()
            self._parse(data)
        return None

    def stop(self) -> bytes:
        """Read no more, forget the requests that wait, and give the bytes that came behind them."""
        self.reader.stop()
        self._queue.clear()
        unread = bytes(self._pending)
        self._pending.clear()
        self.free()
        return unread

    def close(self) -> None:
        """Let go of everything: the connection is gone."""
        self.stop()
        self.reader.close()

    def free(self) -> None:
        """Give back the room booked for bodies being read."""
        self._host.reading_bytes -= self._reserved
        self._reserved = 0

    def head_read(self, request: Request) -> None:
        """Find out who serves the request, and whether its body may come."""
        host = self._host
        connection = self._connection
        request.face = host.face_for(request.head)
        request.limit = host.body_limit(request.face)
        if request.length is not None and request.length > request.limit:
            self._refuse(request, overloaded=False)
        elif connection.request is None and not (self._queue or connection.blocked):
            connection.allow(host.head_timeout_s)
            if request.expects:
                connection.writer.go_on(request)

    def body_read(self, request: Request, data: bytes) -> None:
        """Keep a piece of the body, or pass it to whoever takes it as it comes."""
        connection = self._connection
        if request.size > request.limit:
            self._refuse(request, overloaded=False)
            return
        if request.size > len(data) and (connection.request is None or connection.request is request):
            self._allow_more(len(data))
        if request.dispatched:
            if connection.upload is not None:
                connection.upload.more_body(data)
        else:
            request.keep(data)
            if request.face is not None:
                self._book(request, data)
            elif request.size > STREAM_FROM and connection.request is None:
                connection.dispatch(request)

    def request_read(self, request: Request) -> None:
        """Serve a whole request, or queue it behind the one being served."""
        connection = self._connection
        if request.dispatched:
            connection.deadline = _NEVER
            if connection.upload is not None:
                connection.upload.end_of_body()
        elif connection.request is None and not connection.blocked:
            connection.dispatch(request)
        elif len(self._queue) < PIPELINE_MAX:
            self._queue.append(request)
        else:
            self.reader.stop()

    def reading_failed(self, status: int, message: str) -> None:
        """Answer what cannot be parsed, after the requests that came before it."""
        connection = self._connection
        current = connection.request
        if (current is None and not self._queue) or (current is not None and not current.complete):
            connection.refuse(status, message)
        else:
            self.failure = (status, message)

    def _waiting(self) -> bool:
        """Whether what comes next has to wait: for a reply, or for the client to take those that are written."""
        connection = self._connection
        current = connection.request
        return connection.blocked if current is None else current.complete

    def _parse(self, data: bytes) -> None:
        """Parse more than may be parsed at once, slice by slice, and keep the rest as soon as a request is under way."""
        reader = self.reader
        start = 0
        while start < len(data) and not reader.failed:
            if self._waiting():
                self._pending[:0] = data[start:]
                return
            end = start + max(SLICE, reader.body_left)
            rest = reader.feed(data[start:end], time.monotonic_ns())
            start = min(end, len(data)) - len(rest)

    def _allow_more(self, size: int) -> None:
        """Give a client that sends a body more time, as far as the slowest rate allows; what it saves up has a bound too."""
        connection = self._connection
        deadline = connection.deadline + size / self._host.min_body_rate
        if deadline != _NEVER:  # else it is held back
            connection.allow(self._host.head_timeout_s)
            if deadline < connection.deadline:
                connection.deadline = deadline

    def _book(self, request: Request, data: bytes) -> None:
        host = self._host
        self._reserved += len(data)
        host.reading_bytes += len(data)
        if host.reading_bytes > host.reading_limit:
            self._refuse(request, overloaded=True)

    def _refuse(self, request: Request, *, overloaded: bool) -> None:
        connection = self._connection
        self.reader.stop()
        if connection.request is None and not (self._queue or connection.blocked):
            connection.request = request
            self._host.refuse_size(connection, request, overloaded=overloaded)
        elif connection.request is request:
            connection.refuse(413, "The request is too large.")
        else:
            self.failure = (413, "The request is too large.")

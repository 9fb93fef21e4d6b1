"""What comes in on one connection: requests parsed and queued in order, bytes kept for later, all of it bounded."""

import time
from collections import deque
from typing import TYPE_CHECKING, Final

from stoker.gateway.reading import Request, RequestReader

if TYPE_CHECKING:
    from stoker.gateway.server import ClientConnection, Host

PIPELINE_MAX: Final = 16
"""Requests of one connection that wait parsed behind the one being served."""
PENDING_MAX: Final = 65_536
"""Bytes kept unparsed behind the request being served before reading stops."""
STREAM_FROM: Final = 1_048_576
"""Bytes of a relayed body that are kept before it is passed on as it comes."""
_SLOWEST: Final = 16_384.0
"""Bytes a second below which a body counts as stalled."""
_NEVER: Final = float("inf")


class Intake:
    """Reads for one connection, which serves one request at a time."""

    __slots__ = ("_connection", "_host", "_pending", "_queue", "_reader", "_reserved")

    def __init__(self, connection: "ClientConnection", host: "Host") -> None:
        self._connection = connection
        self._host = host
        self._reader = RequestReader(self, host.max_head_bytes)
        self._queue: deque[Request] = deque()
        self._pending = bytearray()
        self._reserved = 0

    @property
    def in_message(self) -> bool:
        """Whether a request has begun that is not whole."""
        return self._reader.in_message

    @property
    def more(self) -> bool:
        """Whether something waits behind the request being served."""
        return bool(self._queue or self._pending)

    @property
    def ended(self) -> bool:
        """Whether no further request can come."""
        return self._reader.failed and not self._queue

    def feed(self, data: bytes) -> bool:
        """Parse bytes, or keep them behind the request being served; False when so many wait that reading should stop."""
        current = self._connection.request
        if current is not None and current.complete:
            self._pending += data
            return len(self._pending) <= PENDING_MAX
        self._reader.feed(data, time.monotonic_ns())
        return True

    def next(self) -> Request | None:
        """Give the next whole request; parses what was kept when none is ready. The connection may have one after that anyway."""
        if self._queue:
            return self._queue.popleft()
        if self._pending:
            data = bytes(self._pending)
            self._pending.clear()
            self._reader.feed(data, time.monotonic_ns())
        return None

    def stop(self) -> None:
        """Read no more, and forget what waits."""
        self._reader.stop()
        self._queue.clear()
        self._pending.clear()
        self.free()

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
        connection.allow(host.head_timeout_s)
        if request.length is not None and request.length > request.limit:
            self._refuse(request, overloaded=False)
        elif request.expects and connection.request is None:
            connection.go_on(request)

    def body_read(self, request: Request, data: bytes) -> None:
        """Keep a piece of the body, or pass it to whoever takes it as it comes."""
        connection = self._connection
        connection.deadline += len(data) / _SLOWEST
        if request.size > request.limit:
            self._refuse(request, overloaded=False)
        elif request.dispatched:
            if connection.upload is not None:
                connection.upload.more_body(data)
        else:
            request.chunks.append(data)
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
        elif connection.request is None:
            connection.dispatch(request)
        elif len(self._queue) < PIPELINE_MAX:
            self._queue.append(request)
        else:
            self._reader.stop()

    def reading_failed(self, status: int, message: str) -> None:
        """Answer what cannot be parsed, after the requests that came before it."""
        connection = self._connection
        if connection.request is None:
            connection.writer.farewell(status, message)
            connection.close_gently(unread=True)
        elif not connection.request.complete:
            connection.abort()

    def _book(self, request: Request, data: bytes) -> None:
        host = self._host
        if host.hashing:
            request.digest.update(data)
        self._reserved += len(data)
        host.reading_bytes += len(data)
        if host.reading_bytes > host.reading_limit:
            self._refuse(request, overloaded=True)

    def _refuse(self, request: Request, *, overloaded: bool) -> None:
        connection = self._connection
        self._reader.stop()
        if connection.request is None:
            connection.request = request
            self._host.refuse_size(connection, request, overloaded=overloaded)
        elif connection.request is request:
            connection.abort()

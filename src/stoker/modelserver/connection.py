"""One client's connection: its parser, the exchange it carries, what could not be sent yet, and how bytes leave by it.

A connection has one owner at a time. While `busy` is false the server's loop owns it; while it is true a worker does,
and the loop only feeds the parser and notes that the client has gone.
"""

from __future__ import annotations

from _socket import AF_UNIX, SHUT_RD
from select import POLLOUT, poll
from time import monotonic

from stoker.modelserver.protocol import RequestParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

    from stoker.modelserver.protocol import Request

LAST_BYTES = 1 << 20  # more than a unix socket holds unread
STALL_S = 60.0  # a client that takes no byte for so long is given up
JOIN_BELOW = 65536  # bytes; a longer body is not copied to stand behind its head


class Exchange:
    """A request and the connection its reply goes to. `deadline` (monotonic seconds) bounds the wait for a worker."""

    __slots__ = ("connection", "deadline", "request")

    def __init__(self, connection: Connection, request: Request, deadline: float) -> None:
        """Tie the request to its connection."""
        self.connection = connection
        self.request = request
        self.deadline = deadline


class Connection:
    """State of one connection; see the module for who may touch it when."""

    __slots__ = (
        "busy",
        "closing",
        "deadline",
        "events",
        "exchange",
        "fd",
        "gone",
        "last_used",
        "lingering",
        "parser",
        "parting",
        "sock",
        "unsent",
    )

    def __init__(self, sock: socket, max_body: int, now: float) -> None:
        """Take over a non-blocking socket."""
        self.sock = sock
        self.fd = sock.fileno()
        self.parser = RequestParser(max_body)
        self.busy = False
        self.gone = False  # nothing more can be sent, or is wanted
        self.closing = False  # to be closed when all is sent
        self.lingering = False  # we have closed our direction and wait for the client to close its own
        self.parting = False  # no further request can come
        self.unsent: memoryview | None = None
        self.exchange: Exchange | None = None
        self.deadline: float | None = None  # monotonic seconds
        self.last_used = now
        self.events = 0

    def write(self, head: bytes, body: bytes = b"") -> None:
        """Send head and body in one packet as far as the socket takes them; the rest is kept in `unsent`."""
        if self.gone:
            return
        try:
            if len(body) < JOIN_BELOW:
                head, body = head + body, b""
                sent = self.sock.send(head)
            else:
                sent = self.sock.sendmsg((head, body))
        except BlockingIOError:
            sent = 0
        except OSError:
            self.gone = True
            return
        if sent < len(head):
            self.unsent = memoryview(head[sent:] + body)
        elif sent < len(head) + len(body):
            self.unsent = memoryview(body)[sent - len(head) :]

    @property
    def idle(self) -> bool:
        """Whether nothing has come that is not answered."""
        return not (self.busy or self.closing or self.unsent is not None or self.parser.in_body or self.parser.buffered)

    def last_words(self) -> bytes:
        """Stop listening to the client, and give what had come from it unread, so that no request is lost with the connection.

        What is sent by a unix socket from now on fails there. On TCP the close that is to follow answers it with a reset.
        """
        self.parting = True
        try:
            if self.sock.family == AF_UNIX:
                self.sock.shutdown(SHUT_RD)
            return self.sock.recv(LAST_BYTES)
        except OSError:
            return b""

    @property
    def pending(self) -> int:
        """How many bytes are still to be sent."""
        return len(self.unsent) if self.unsent is not None else 0

    def flush(self) -> None:
        """Send more of `unsent`, as far as the socket takes it."""
        rest = self.unsent
        if rest is None:
            return
        try:
            rest = rest[self.sock.send(rest) :]
        except BlockingIOError:
            return
        except OSError:
            self.gone = True
            return
        self.unsent = rest if len(rest) else None

    def write_all(self, data: bytes) -> bool:
        """Send all of it, waiting for the client; False when it has gone or took nothing for `STALL_S`. For workers."""
        self.write(data)
        started = monotonic()
        while (before := self.pending) and not self.gone:
            left = started + STALL_S - monotonic()
            if left <= 0:
                self.gone = True
                break
            waiter = poll()
            waiter.register(self.fd, POLLOUT)
            waiter.poll(min(left, 1.0) * 1000)  # in between it looks whether the loop saw the client go
            self.flush()
            if self.pending < before:
                started = monotonic()
        if self.gone:
            self.unsent = None
        return not self.gone

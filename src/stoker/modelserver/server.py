"""The loop: one thread that accepts, reads, answers pings and refusals, and hands invocations to the pool.

It decides who is served, who waits and who is turned away; what a prediction is, it does not know. Sockets are watched
level-triggered, with epoll where there is one and poll elsewhere. A client which closes its sending direction counts as
gone: over TCP the two look the same.
"""

from __future__ import annotations

import _socket
import os
import select
import sys
from time import monotonic

from stoker.modelserver.connection import Connection, Exchange
from stoker.modelserver.protocol import CONTINUE, HttpError, reply_head
from stoker.modelserver.report import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stoker.modelserver.listening import Listener
    from stoker.modelserver.pool import Pool
    from stoker.modelserver.protocol import Request
    from stoker.modelserver.settings import Settings
    from stoker.modelserver.surface import Surface

MAX_CONNECTIONS = 1024
RECEIVE_S = 30.0  # a head must be whole so long after its first byte; a body must not stand still for longer
FLUSH_S = 60.0  # a client must take some byte of its reply in so long
LINGER_S = 2.0  # how long we wait for a client to close after we have
SWEEP_S = 0.1  # deadlines are looked at so often, while there are any
DRAIN_S = 22.0  # after SIGTERM; with the time for exit hooks it makes 25 s, and a container is killed after 30 s
ACCEPT_AGAIN_S = 0.1
MAX_AHEAD = 65536  # bytes a client may send ahead of a reply before we stop reading
SMALL_READ, LARGE_READ = 65536, 1 << 20

_IN, _OUT = select.POLLIN, select.POLLOUT  # epoll's have the same values
_GONE = select.POLLHUP | select.POLLERR
_STOP_SIGNALS = b"\x02\x0f"  # SIGINT and SIGTERM as the interpreter writes them to the wake-up pipe


class Server:
    """Connections and the loop that serves them."""

    def __init__(self, settings: Settings, listener: Listener, pool: Pool, surface: Surface) -> None:
        """Take a listening socket; `run` is to be called in a thread of its own."""
        self._settings = settings
        self._surface = surface
        self._listener = listener
        self._pool = pool
        self._connections: dict[int, Connection] = {}
        self._timed: set[Connection] = set()
        self._settled: list[Connection] = []
        self._poller: select.epoll | select.poll
        self._second: float
        if hasattr(select, "epoll"):
            self._poller, self._second = select.epoll(), 1.0
        else:
            self._poller, self._second = select.poll(), 1000.0
        self._wake_read, self.wake_fd = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self.wake_fd, False)
        self._poller.register(self._wake_read, _IN)
        self._poller.register(listener.sock.fileno(), _IN)
        self._next_sweep = 0.0
        self._accept_at: float | None = None
        self._drained_by: float | None = None
        self.ready = False  # set by the main thread once the model is loaded
        self.cut = False  # whether the drain ended with requests unanswered

    @property
    def draining(self) -> bool:
        """Whether the server has been told to stop."""
        return self._drained_by is not None

    def stop(self) -> None:
        """Begin to drain, from a signal handler or any thread."""
        self._wake(_STOP_SIGNALS[1:])

    def settle(self, connection: Connection) -> None:
        """Take the connection back from the worker that has answered; the loop is woken only if it has something to do.

        The order matters, for the loop does it the other way round: it feeds the parser first and looks at `busy` then,
        so at least one of the two sees what came in meanwhile.
        """
        connection.exchange = None
        connection.busy = False
        if connection.gone or connection.closing or connection.unsent is not None or connection.parser.buffered or self.draining:
            self._settled.append(connection)
            self._wake(b"\0")

    def run(self) -> None:
        """Serve until told to stop and all is answered, or the time for that is over."""
        while not self._is_done():
            timed = self._timed or self._pool.waiting or self.draining or self._accept_at is not None
            for fd, events in self._poller.poll(SWEEP_S * self._second if timed else -1):
                self._on_event(fd, events)
            if timed and monotonic() >= self._next_sweep:
                self._sweep(monotonic())

    def _is_done(self) -> bool:
        if self._drained_by is None:
            return False
        self.cut = bool(self._connections) and monotonic() >= self._drained_by
        return self.cut or not self._connections

    def _wake(self, why: bytes) -> None:
        try:
            os.write(self.wake_fd, why)
        except BlockingIOError:  # the pipe is full, so the loop wakes anyhow
            return

    def _on_event(self, fd: int, events: int) -> None:
        connection = self._connections.get(fd)
        if connection is None:
            if fd == self._wake_read:
                self._on_wake()
            elif not self.draining and fd == self._listener.sock.fileno():
                self._accept()
            return
        if events & _OUT:
            self._flush(connection)
        if events & (_IN | _GONE) and connection.events:  # else it is watched no more, since it was polled
            self._read(connection)

    def _on_wake(self) -> None:
        try:
            signals = os.read(self._wake_read, 4096)
        except BlockingIOError:
            return
        if any(signal in _STOP_SIGNALS for signal in signals):
            self._drain()
        while self._settled:
            connection = self._settled.pop()
            if not connection.busy and self._connections.get(connection.fd) is connection:
                self._advance(connection, after_write=True)

    # connections come and go

    def _accept(self) -> None:
        tcp = self._listener.tcp
        for _ in range(64):
            try:
                fd = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:  # no descriptors or no memory: leave them in the backlog for a moment
                log(f"cannot accept a connection: {error.strerror}")
                self._poller.modify(self._listener.sock.fileno(), 0)
                self._accept_at = monotonic() + ACCEPT_AGAIN_S
                return
            sock = _socket.socket(self._listener.sock.family, _socket.SOCK_STREAM, 0, fd)
            sock.setblocking(False)  # noqa: FBT003 - the socket API
            if tcp:
                sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
            connection = Connection(sock, self._settings.max_body, monotonic())
            if len(self._connections) >= MAX_CONNECTIONS and not self._evict():
                connection.write(*self._surface.error_reply(HttpError(503, "The model server has too many connections.")))
                sock.close()
                continue
            self._connections[fd] = connection
            connection.events = _IN
            self._poller.register(fd, _IN)

    def _evict(self) -> bool:
        """Close the connection that has been idle for longest; False when none is idle."""
        idle = [c for c in self._connections.values() if c.idle]
        if not idle:
            return False
        self._part(min(idle, key=lambda c: c.last_used))
        return True

    def _part(self, connection: Connection) -> None:
        """Close an idle connection; a whole request that has come by it unread is served first."""
        data = connection.last_words()
        if data:
            self._watch(connection, 0)
            connection.parser.feed(data)
            self._advance(connection)
        if not (connection.busy or connection.closing):
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        """Shut down before closing: a child process the handler forked may hold a duplicate of the descriptor."""
        self._connections.pop(connection.fd, None)
        self._timed.discard(connection)
        self._watch(connection, 0)
        try:
            connection.sock.shutdown(_socket.SHUT_RDWR)
        except OSError:
            pass
        connection.sock.close()

    def _watch(self, connection: Connection, events: int) -> None:
        """Say which events are wanted; 0 takes the socket out, since a hang-up would be told over and over."""
        if connection.events == events:
            return
        if not events:
            self._poller.unregister(connection.fd)
        elif connection.events:
            self._poller.modify(connection.fd, events)
        else:
            self._poller.register(connection.fd, events)
        connection.events = events

    def _limit(self, connection: Connection, seconds: float) -> None:
        connection.deadline = monotonic() + seconds
        self._timed.add(connection)

    def _unlimit(self, connection: Connection) -> None:
        if connection.deadline is not None:
            connection.deadline = None
            self._timed.discard(connection)

    # bytes in

    def _read(self, connection: Connection) -> None:
        size = SMALL_READ if connection.parser.missing < LARGE_READ else LARGE_READ
        try:
            data = connection.sock.recv(size)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._on_left(connection)
        elif not connection.lingering:
            connection.parser.feed(data)
            if connection.busy or connection.unsent is not None or connection.closing:
                if connection.parser.buffered > MAX_AHEAD:
                    self._watch(connection, connection.events & ~_IN)
            else:
                self._advance(connection)

    def _on_left(self, connection: Connection) -> None:
        """See a client go: its request is dropped if it waits, and ends unheard if it runs."""
        exchange = connection.exchange
        connection.gone = True
        if exchange is not None and connection.busy and self._pool.discard(exchange):
            connection.busy = False
        if connection.busy:  # the worker sees `gone` when it ends, or, if it just did, `settle` is called for it here
            self._watch(connection, 0)
            self._settle_again(connection)
        else:
            self._close(connection)

    def _settle_again(self, connection: Connection) -> None:
        if not connection.busy:
            self._settled.append(connection)
            self._wake(b"\0")

    def _advance(self, connection: Connection, *, after_write: bool = False) -> None:
        """Do what is next for a connection that the loop owns: finish the reply, then take the requests that are whole."""
        if after_write and not self._after_write(connection):
            return
        try:
            while (request := connection.parser.next_request()) is not None:
                self._dispatch(connection, request)
                if connection.busy or not self._after_write(connection):
                    return
        except HttpError as error:
            connection.closing = True
            connection.write(*self._surface.error_reply(error))
            self._after_write(connection)
            return
        if connection.parser.wants_continue():
            connection.write(CONTINUE)
        if connection.parser.in_body:
            self._limit(connection, RECEIVE_S)
        elif connection.parser.buffered:
            if connection.deadline is None:
                self._limit(connection, RECEIVE_S)
        elif self.draining:
            self._part(connection)

    def _dispatch(self, connection: Connection, request: Request) -> None:
        """Answer what the loop can answer itself; hand invocations on."""
        now = monotonic()
        connection.last_used = now
        request.keep_alive &= not connection.parting
        self._unlimit(connection)
        page = self._surface.page(request, healthy=self.ready and not self.draining)
        if page is not None:
            status, content_type, body = page
            connection.closing = not request.keep_alive or self.draining
            head = reply_head(status, content_type, len(body), keep_alive=not connection.closing, minor=request.minor)
            connection.write(head, b"" if request.method == "HEAD" else body)
            return
        error = self._submit(connection, request, now)
        if error is not None:
            self._refuse(connection, request, error)

    def _submit(self, connection: Connection, request: Request, now: float) -> HttpError | None:
        """Give the request to the pool, or the reason why it gets no prediction."""
        if (error := self._surface.unserved(request)) is not None:
            return error
        if not self.ready:
            return HttpError(503, "The model is still being loaded.", "ModelNotReady")
        exchange = Exchange(connection, request, now + self._settings.wait_s)
        connection.exchange = exchange
        connection.busy = True  # before the hand-over: a worker may be done before `submit` returns
        if self._pool.submit(exchange):
            return None
        connection.busy = False
        connection.exchange = None
        return HttpError(503, "Too many requests wait for a worker.", "QueueFull")

    def _refuse(self, connection: Connection, request: Request | None, error: HttpError) -> None:
        keep_alive = request is not None and request.keep_alive and not self.draining
        connection.closing = not keep_alive
        minor = request.minor if request is not None else 1
        head, body = self._surface.error_reply(error, keep_alive=keep_alive, minor=minor)
        connection.write(head, b"" if request is not None and request.method == "HEAD" else body)

    # bytes out

    def _flush(self, connection: Connection) -> None:
        if connection.busy:
            return
        connection.flush()
        self._advance(connection, after_write=True)

    def _after_write(self, connection: Connection) -> bool:
        """See to what a reply has left to do; True when the connection is free for the next request."""
        if connection.gone:
            self._close(connection)
            return False
        if connection.unsent is not None:
            self._watch(connection, _OUT)
            self._limit(connection, FLUSH_S)
            return False
        self._watch(connection, _IN)
        if connection.closing:
            self._finish(connection)
            return False
        self._unlimit(connection)
        return True

    def _finish(self, connection: Connection) -> None:
        """Close our direction and wait a little for the client: an immediate close could destroy the reply on its way."""
        if connection.lingering:
            return
        connection.lingering = True
        try:
            connection.sock.shutdown(_socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        self._limit(connection, LINGER_S)

    # time and the end

    def _sweep(self, now: float) -> None:
        self._next_sweep = now + SWEEP_S
        for exchange in self._pool.expired(now):
            connection = exchange.connection
            connection.busy = False
            connection.exchange = None
            text = f"The request has waited {self._settings.wait_s} s for a worker."
            self._refuse(connection, exchange.request, HttpError(503, text, "WaitTimedOut"))
            self._advance(connection, after_write=True)
        for connection in list(self._timed):
            if connection.deadline is not None and connection.deadline <= now and not connection.busy:
                self._on_deadline(connection)
        if self._accept_at is not None and now >= self._accept_at and not self.draining:
            self._accept_at = None
            self._poller.modify(self._listener.sock.fileno(), _IN)

    def _on_deadline(self, connection: Connection) -> None:
        if connection.lingering or connection.unsent is not None:
            self._close(connection)
            return
        self._refuse(connection, None, HttpError(408, f"The request was not whole within {RECEIVE_S:.0f} s."))
        self._after_write(connection)

    def _drain(self) -> None:
        """Stop accepting, let idle connections go; what is being received, waits or runs is finished."""
        if self.draining:
            return
        if not self.ready:
            log("told to stop while the model was being loaded")
            self._listener.close()
            sys.stdout.flush()
            os._exit(0)  # whatever the main thread is loading cannot be interrupted safely, and nobody waits for it
        self._drained_by = monotonic() + DRAIN_S
        self._poller.unregister(self._listener.sock.fileno())
        self._listener.close()
        for connection in list(self._connections.values()):
            if connection.idle:
                self._part(connection)

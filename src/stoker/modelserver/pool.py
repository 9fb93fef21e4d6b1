"""Worker threads and the bounded line of requests before them. It knows nothing of HTTP."""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from stoker.modelserver.connection import Exchange

MAX_WAITING_BYTES = 1 << 28  # of the bodies in the line together; one may always wait, whatever its size


class _Seat:
    """Where an idle worker waits: whoever hands it an exchange opens its lock."""

    __slots__ = ("exchange", "lock")

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self.lock = allocate_lock()
        self.lock.acquire()


class Pool:
    """Runs at most `size` exchanges at once, lets at most `queue` more wait, in order of arrival.

    The main thread is the first worker (it calls `work`), for many libraries are happiest when a model is used by the
    thread that loaded it; further threads begin when there is work for them.
    """

    def __init__(self, size: int, queue: int) -> None:
        """Make an empty pool; nothing runs before `work` is called."""
        self._size = size
        self._queue = queue
        self._lock = allocate_lock()
        self._waiting: list[Exchange] = []
        self._bytes = 0  # of the bodies that wait
        self._idle: list[_Seat] = []
        self._workers = 0
        self._stopped = False
        self._run: Callable[[Exchange], None] | None = None

    def work(self, run: Callable[[Exchange], None]) -> None:
        """Make the calling thread a worker until `stop`; `run` must not raise."""
        with self._lock:
            self._run = run
            self._workers += 1
        self._serve(run)

    def submit(self, exchange: Exchange) -> bool:
        """Hand the exchange to a worker or let it wait; False when the line is full or nothing works yet."""
        with self._lock:
            if self._stopped or self._run is None:
                return False
            if self._idle:
                seat = self._idle.pop()  # the one that worked last has the warmest caches
                seat.exchange = exchange
                seat.lock.release()
                return True
            fresh = self._workers < self._size
            size = len(exchange.request.body)
            if not fresh and (len(self._waiting) >= self._queue or (self._waiting and self._bytes + size > MAX_WAITING_BYTES)):
                return False
            self._waiting.append(exchange)
            self._bytes += size
            if fresh:
                self._begin_worker(self._run)
            return True

    def _begin_worker(self, run: Callable[[Exchange], None]) -> None:
        try:
            start_new_thread(self._serve, (run,))
        except RuntimeError:  # no thread to be had now: those that work go on, and the next request tries again
            return
        self._workers += 1

    def discard(self, exchange: Exchange) -> bool:
        """Take the exchange out of the line; False when it does not wait (any more)."""
        with self._lock:
            if exchange in self._waiting:
                self._waiting.remove(exchange)
                self._bytes -= len(exchange.request.body)
                return True
            return False

    def expired(self, now: float) -> list[Exchange]:
        """Take out those which have waited past their deadline (seconds on the monotonic clock)."""
        with self._lock:
            count = 0
            while count < len(self._waiting) and self._waiting[count].deadline <= now:
                count += 1
            late = self._waiting[:count]
            del self._waiting[:count]
            self._bytes -= sum(len(exchange.request.body) for exchange in late)
            return late

    @property
    def waiting(self) -> bool:
        """Whether any exchange waits for a worker."""
        return bool(self._waiting)

    def counts(self) -> tuple[int, int]:
        """Give how many exchanges run, and how many wait."""
        with self._lock:
            return max(0, self._workers - len(self._idle)), len(self._waiting)

    def stop(self) -> None:
        """Let the workers go once the line is empty."""
        with self._lock:
            self._stopped = True
            for seat in self._idle:
                seat.lock.release()
            self._idle.clear()

    def _serve(self, run: Callable[[Exchange], None]) -> None:
        seat = _Seat()
        while True:
            exchange = self._next(seat)
            if exchange is None:
                return
            run(exchange)
            exchange = None  # an idle worker must not keep a body alive

    def _next(self, seat: _Seat) -> Exchange | None:
        with self._lock:
            if self._waiting:
                exchange = self._waiting.pop(0)
                self._bytes -= len(exchange.request.body)
                return exchange
            if self._stopped:
                return None
            seat.exchange = None
            self._idle.append(seat)
        seat.lock.acquire()
        handed, seat.exchange = seat.exchange, None
        return handed

"""The asynchronous requests that wait or run, in memory: who goes next, who is too old, whether there is room for more.

It starts nothing and keeps nothing on disk: `stoker.control.dispatching` does, and asks here.
"""

import heapq
from collections.abc import Callable, Iterator

import msgspec

from stoker.domain.asynchronous import AsyncRequest, RequestId, begun
from stoker.domain.ids import EndpointName
from stoker.units import Instant


class BacklogLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests may wait or run in all and of one endpoint, and the bytes of their bodies together."""

    requests: int = 100_000
    of_endpoint: int = 50_000
    bytes: int = 4 << 30


class _Line:
    """An endpoint's requests: those that may run, `again` or for the first time, those that may later, and those that do."""

    __slots__ = ("again", "later", "ready", "running")

    def __init__(self) -> None:
        self.again: dict[RequestId, AsyncRequest] = {}
        self.ready: dict[RequestId, AsyncRequest] = {}
        self.later: dict[RequestId, AsyncRequest] = {}
        self.running: dict[RequestId, AsyncRequest] = {}

    @property
    def able(self) -> int:
        return len(self.again) + len(self.ready)

    @property
    def waiting(self) -> int:
        return self.able + len(self.later)

    def first(self) -> AsyncRequest | None:
        """Take out whose turn it is: those that come again came earlier.

        One suspect runs at a time, so that it takes no other one's attempts with it.
        """
        alone = any(request.suspect for request in self.running.values())
        able = self.ready
        name = next((name for name, request in self.again.items() if not (alone and request.suspect)), None)
        if name is not None:
            able = self.again
        elif able:
            name = next(iter(able))
        return None if name is None else able.pop(name)

    def drop(self, request_id: RequestId) -> AsyncRequest | None:
        """Take out one that waits."""
        found = (waiting.pop(request_id, None) for waiting in (self.again, self.ready, self.later))
        return next((request for request in found if request is not None), None)

    def clear(self) -> list[AsyncRequest]:
        """Take out all that wait."""
        out = [*self.again.values(), *self.ready.values(), *self.later.values()]
        self.again, self.ready, self.later = {}, {}, {}
        return out

    @property
    def size(self) -> int:
        return self.waiting + len(self.running)


class Backlog:
    """All requests that are not over."""

    __slots__ = ("_bytes", "_count", "_deadlines", "_dues", "_lines", "limits")

    def __init__(self, limits: BacklogLimits | None = None) -> None:
        self.limits = limits or BacklogLimits()
        self._lines: dict[EndpointName, _Line] = {}
        self._deadlines: list[tuple[Instant, RequestId, EndpointName]] = []
        self._dues: list[tuple[Instant, RequestId, EndpointName]] = []
        self._count = self._bytes = 0

    def refusal(self, endpoint: EndpointName, size: int) -> str:
        """Say why there is no room for one more request of so many bytes; empty when there is."""
        limits, line = self.limits, self._lines.get(endpoint)
        if self._count >= limits.requests:
            return f"{limits.requests} asynchronous requests wait already (inference.max_requests)."
        if line is not None and line.size >= limits.of_endpoint:
            return f"{limits.of_endpoint} asynchronous requests of {endpoint} wait already (inference.max_requests_of_endpoint)."
        if self._bytes + size > limits.bytes:
            return f"The bodies of asynchronous requests may take {limits.bytes} bytes (inference.max_queued_bytes)."
        return ""

    def reserve(self, size: int) -> None:
        """Book room for a request that is on its way to the disk."""
        self._count += 1
        self._bytes += size

    def release(self, size: int) -> None:
        """Give back the room of one that is over, or did not get to the disk."""
        self._count -= 1
        self._bytes -= size

    def add(self, request: AsyncRequest) -> None:
        """Take a request that waits; its room is booked."""
        self._queue(request)
        heapq.heappush(self._deadlines, (request.deadline, request.request_id, request.endpoint))

    def restore(self, request: AsyncRequest) -> None:
        """Take up a request that was kept."""
        self.reserve(request.size)
        self.add(request)

    def take(self, room: Callable[[EndpointName], int], now: Instant, most: int) -> list[AsyncRequest]:
        """Begin an attempt of up to `most` requests, the oldest of each endpoint first, as far as its copies have room."""
        self._ripen(now)
        taken: list[AsyncRequest] = []
        for endpoint, line in self._lines.items():
            free = min(room(endpoint) - len(line.running), most - len(taken), line.able) if line.able else 0
            for _ in range(free):
                waited = line.first()
                if waited is None:
                    break
                request = begun(waited, now)
                line.running[request.request_id] = request
                taken.append(request)
        return taken

    def expired(self, now: Instant) -> list[AsyncRequest]:
        """Take out those that have waited for too long; each is to be finished."""
        out = []
        while self._deadlines and self._deadlines[0][0] <= now:
            _, request_id, endpoint = heapq.heappop(self._deadlines)
            line = self._lines.get(endpoint)
            if line is None or request_id in line.running:
                continue  # what runs is let run; what comes back from it has an end of its own
            request = line.drop(request_id)
            if request is not None:
                out.append(request)
        return out

    def orphans(self, there: Callable[[EndpointName], bool]) -> list[AsyncRequest]:
        """Take out those that wait for an endpoint that is gone; each is to be finished."""
        out: list[AsyncRequest] = []
        for endpoint in [name for name in self._lines if not there(name)]:
            out.extend(self._lines[endpoint].clear())
        return out

    def back(self, request: AsyncRequest) -> None:
        """Have a request that ran wait again, from its `due` on; it keeps its place before those that came later."""
        self._gone(request)
        line = self._lines.setdefault(request.endpoint, _Line())
        line.later[request.request_id] = request
        heapq.heappush(self._dues, (request.due, request.request_id, request.endpoint))
        heapq.heappush(self._deadlines, (request.deadline, request.request_id, request.endpoint))

    def finish(self, request: AsyncRequest) -> None:
        """Let go of a request that is over."""
        self._gone(request)
        self._tidy(request.endpoint)
        self.release(request.size)

    def next_due(self) -> Instant | None:
        """Give when `take` or `expired` will find something that they do not find now; None: not by time alone."""
        heads = [heap[0][0] for heap in (self._deadlines, self._dues) if heap]
        return min(heads, default=None)

    @property
    def waits(self) -> bool:
        """Whether any request waits."""
        return any(line.waiting for line in self._lines.values())

    def waiting(self, endpoint: EndpointName) -> int:
        """Give how many requests of an endpoint wait."""
        line = self._lines.get(endpoint)
        return 0 if line is None else line.waiting

    def running(self, endpoint: EndpointName) -> int:
        """Give how many requests of an endpoint run."""
        line = self._lines.get(endpoint)
        return 0 if line is None else len(line.running)

    def oldest(self, endpoint: EndpointName) -> Instant | None:
        """Give when the oldest request that waits was received; None when none does."""
        line = self._lines.get(endpoint)
        return None if line is None else min(_firsts(line), default=None)

    def _queue(self, request: AsyncRequest) -> None:
        self._lines.setdefault(request.endpoint, _Line()).ready[request.request_id] = request

    def _ripen(self, now: Instant) -> None:
        """Let those run again whose time has come."""
        while self._dues and self._dues[0][0] <= now:
            _, request_id, endpoint = heapq.heappop(self._dues)
            line = self._lines.get(endpoint)
            request = None if line is None else line.later.pop(request_id, None)
            if line is not None and request is not None:
                line.again[request_id] = request

    def _gone(self, request: AsyncRequest) -> None:
        line = self._lines.get(request.endpoint)
        if line is not None:
            line.running.pop(request.request_id, None)

    def _tidy(self, endpoint: EndpointName) -> None:
        line = self._lines.get(endpoint)
        if line is not None and not line.size:
            del self._lines[endpoint]


def _firsts(line: _Line) -> Iterator[Instant]:
    yield from (request.received for waiting in (line.again, line.later) for request in waiting.values())
    if line.ready:
        yield next(iter(line.ready.values())).received

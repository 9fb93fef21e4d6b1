"""Asynchronous requests kept in memory, as `stoker.store.requests` keeps them on disk."""

from stoker.domain.asynchronous import AsyncRequest, AsyncState, RequestId, Tally
from stoker.domain.ids import EndpointName


class Anywhere:
    """Places that are all there. Implements `stoker.service.asynchronous.Places`."""

    __slots__ = ()

    def check_input(self, url: str) -> None:
        """Every input is there."""

    def check_output(self, url: str, field: str = "") -> None:
        """Every output can be written."""


class MemoryRequests:
    """Implements `stoker.ports.requests.RequestStore`."""

    __slots__ = ("_bodies", "_requests")

    def __init__(self) -> None:
        self._requests: dict[RequestId, AsyncRequest] = {}
        self._bodies: dict[RequestId, bytes] = {}

    async def put(self, request: AsyncRequest, body: bytes | None = None) -> None:
        """Keep a request, in the place of what was kept of it."""
        self._requests[request.request_id] = request
        if body is not None:
            self._bodies[request.request_id] = body
        if request.over:
            self._bodies.pop(request.request_id, None)

    async def open(self) -> list[AsyncRequest]:
        """Give the requests that are not over, or whose end is still to be told, in the order of their coming."""
        return [request for request in self._requests.values() if not request.told]

    async def body(self, request_id: RequestId) -> bytes:
        """Give a request's own body; empty when it has none."""
        return self._bodies.get(request_id, b"")

    async def get(self, request_id: RequestId) -> AsyncRequest | None:
        """Give a request."""
        return self._requests.get(request_id)

    async def newest(self, endpoint: EndpointName | None, *, limit: int) -> list[AsyncRequest]:
        """Give the requests that came last, the newest first; `endpoint` None means all endpoints."""
        found = [request for request in self._requests.values() if endpoint in {None, request.endpoint}]
        return found[::-1][:limit]

    async def tallies(self) -> list[Tally]:
        """Count the requests that are kept, by endpoint and state."""
        groups: dict[tuple[EndpointName, AsyncState], list[int]] = {}
        for request in self._requests.values():
            groups.setdefault((request.endpoint, request.state), []).append(len(request.attempts))
        return [
            Tally(endpoint=endpoint, state=state, requests=len(tried), attempts=sum(tried), most_attempts=max(tried))
            for (endpoint, state), tried in sorted(groups.items())
        ]

    async def trim(self, keep: int) -> int:
        """Forget all but the newest `keep` of those that are over and told; give how many went."""
        closed = [request.request_id for request in self._requests.values() if request.told]
        gone = closed[: max(0, len(closed) - keep)]
        for request_id in gone:
            del self._requests[request_id]
        return len(gone)

    async def close(self) -> None:
        """Nothing is held."""

"""The port to where asynchronous requests are kept: what was accepted outlives every process."""

from typing import Protocol

from stoker.domain.asynchronous import AsyncRequest, RequestId, Tally
from stoker.domain.ids import EndpointName


class RequestStore(Protocol):
    """Keeps asynchronous requests and their bodies. All implementations observe the same contract test suite."""

    async def put(self, request: AsyncRequest, body: bytes | None = None) -> None:
        """Keep a request, in the place of what was kept of it, and return when it is on disk.

        `body` comes with the first put; it is forgotten once the request is over.
        """
        ...

    async def open(self) -> list[AsyncRequest]:
        """Give the requests that are not over, or whose end is still to be told, in the order of their coming."""
        ...

    async def body(self, request_id: RequestId) -> bytes:
        """Give a request's own body; empty when it has none."""
        ...

    async def get(self, request_id: RequestId) -> AsyncRequest | None:
        """Give a request."""
        ...

    async def newest(self, endpoint: EndpointName | None, *, limit: int) -> list[AsyncRequest]:
        """Give the requests that came last, the newest first; `endpoint` None means all endpoints."""
        ...

    async def tallies(self) -> list[Tally]:
        """Count the requests that are kept, by endpoint and state."""
        ...

    async def trim(self, keep: int) -> int:
        """Forget all but the newest `keep` of those that are over and told; give how many went."""
        ...

    async def close(self) -> None:
        """Finish the writes under way and let go of the store."""
        ...

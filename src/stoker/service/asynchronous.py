"""Use cases of asynchronous inference: a request is taken in when it is on disk, and can be looked at until it is forgotten."""

import asyncio
from typing import Final, Protocol

import msgspec

from stoker.domain.asynchronous import MAX_INLINE_BYTES, TIMEOUT, TTL, AsyncInference, AsyncRequest, RequestId, Tally
from stoker.domain.endpoints import Endpoint
from stoker.domain.ids import ENDPOINT, EndpointName, Partition
from stoker.domain.states import EndpointStatus
from stoker.engine.backlog import Backlog
from stoker.engine.platform import Platform
from stoker.errors import InvalidParameterError, NotFoundError, ThrottledError
from stoker.ports.requests import RequestStore
from stoker.service.desk import Desk
from stoker.units import Span, to_seconds

MAX_LISTED: Final = 1000
_GONE: Final = frozenset({EndpointStatus.DELETING, EndpointStatus.FAILED})


class Places(Protocol):
    """Where inputs come from and results go to. Blocks."""

    def check_input(self, url: str) -> None:
        """Raise `InvalidParameterError` for an input that is not there, or may not be read."""
        ...

    def check_output(self, url: str, field: str = ...) -> None:
        """Raise `InvalidParameterError` for a place that nothing can be written to."""
        ...


class NewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a caller sends it: exactly one of `body` and `location`.

    `extension` goes between the configured output path and the result's name, which is `filename` or made of the inference id.
    """

    endpoint: str
    body: bytes = b""
    location: str = ""
    content_type: str = ""
    accept: str = ""
    custom_attributes: str = ""
    inference_id: str = ""
    extension: str = ""
    filename: str = ""
    ttl: Span = TTL
    timeout: Span = TIMEOUT


class AsyncDesk:
    """Takes requests in. `added` is set whenever there is one more, for whoever sends them on."""

    __slots__ = ("_desk", "_partition", "_places", "added", "backlog", "store")

    def __init__(self, desk: Desk, partition: Partition, *, store: RequestStore, backlog: Backlog, places: Places) -> None:
        self._desk = desk
        self._partition = partition
        self._places = places
        self.store = store
        self.backlog = backlog
        self.added = asyncio.Event()

    async def accept(self, new: NewRequest) -> AsyncRequest:
        """Take a request in; it is on disk when this returns.

        Raises `NotFoundError` without an endpoint, `InvalidParameterError` for a request that cannot be, `ThrottledError` when
        there is no room for one more.
        """
        endpoint = self._endpoint(new.endpoint)
        how = asynchronous(endpoint)
        if how is None:
            text = f"Endpoint {endpoint.name} does not do asynchronous inference: its configuration has no AsyncInferenceConfig."
            raise InvalidParameterError(text, field="EndpointName")
        if bool(new.body) == bool(new.location):
            raise InvalidParameterError("Specify exactly one of Body and InputLocation.", field="InputLocation")
        if len(new.body) > MAX_INLINE_BYTES:
            raise InvalidParameterError(f"Body must have at most {MAX_INLINE_BYTES} bytes.", field="Body")
        request = self._made(new, endpoint.name, how)
        await asyncio.to_thread(self._check_places, request)
        full = self.backlog.refusal(endpoint.name, request.size)
        if full:
            raise ThrottledError(full)
        self.backlog.reserve(request.size)
        try:
            await self.store.put(request, new.body or None)
        except BaseException:
            self.backlog.release(request.size)
            raise
        self.backlog.add(request)
        self.added.set()
        return request

    async def newest(self, endpoint: str, limit: int) -> list[AsyncRequest]:
        """Give the requests that came last, the newest first; an empty name means those of all endpoints."""
        return await self.store.newest(EndpointName(endpoint) if endpoint else None, limit=max(0, min(limit, MAX_LISTED)))

    async def tallies(self) -> list[Tally]:
        """Count the requests that are kept, by endpoint and state."""
        return await self.store.tallies()

    async def get(self, request_id: str) -> AsyncRequest | None:
        """Give a request by its id."""
        return await self.store.get(RequestId(request_id))

    def _check_places(self, request: AsyncRequest) -> None:
        if request.location:
            self._places.check_input(request.location)
        self._places.check_output(request.output, "OutputConfig.S3OutputPath")
        if request.failure:
            self._places.check_output(request.failure, "OutputConfig.S3FailurePath")

    def _endpoint(self, name: str) -> Endpoint:
        endpoint = self._desk.platform.fleet.endpoints.get(EndpointName(name))
        if endpoint is None or endpoint.status in _GONE:
            raise NotFoundError(ENDPOINT, name, f"Endpoint {name} of account {self._partition.account} not found.")
        return endpoint

    def _made(self, new: NewRequest, endpoint: EndpointName, how: AsyncInference) -> AsyncRequest:
        now = self._desk.now()
        request_id = RequestId(self._desk.ids.uuid())
        inference_id = new.inference_id or request_id
        return AsyncRequest(
            request_id=request_id,
            inference_id=inference_id,
            endpoint=endpoint,
            received=now,
            deadline=now + new.ttl,
            timeout=new.timeout,
            content_type=new.content_type,
            accept=new.accept,
            custom_attributes=new.custom_attributes,
            location=new.location,
            size=len(new.body),
            output=_joined(how.output, new.extension, new.filename or f"{inference_id}.out"),
            failure=_joined(how.failure, new.extension, f"{inference_id}-error.out") if how.failure else "",
            how=how,
        )


def asynchronous(endpoint: Endpoint) -> AsyncInference | None:
    """Give how an endpoint does asynchronous inference; None when it does not."""
    return next((state.spec.asynchronous for state in endpoint.variants), None)


def deployed(platform: Platform, name: EndpointName) -> bool:
    """Tell whether requests that wait for an endpoint may still be answered."""
    endpoint = platform.fleet.endpoints.get(name)
    return endpoint is not None and endpoint.status not in _GONE


def told_request(request: AsyncRequest) -> dict[str, object]:
    """Give a request for people and tools, instants in seconds."""
    return {
        "request_id": request.request_id,
        "inference_id": request.inference_id,
        "endpoint": request.endpoint,
        "state": request.state.value,
        "received": to_seconds(request.received),
        "finished": to_seconds(request.finished) if request.finished else None,
        "attempts": [
            {"begun": to_seconds(each.begun), "ended": to_seconds(each.ended) if each.ended else None, "outcome": each.outcome}
            for each in request.attempts
        ],
        "reason": request.reason,
        "input": request.location or f"inline, {request.size} bytes",
        "output": request.output,
        "failure": request.failure,
    }


def _joined(prefix: str, extension: str, name: str) -> str:
    parts = [prefix.rstrip("/"), extension.strip("/"), name]
    return "/".join(part for part in parts if part)

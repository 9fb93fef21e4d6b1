"""The AWS APIs as one ASGI application: read, route, authenticate, decode, check, call, encode.

It knows no operation: `handlers` maps (service, operation) to an async function of the generated input struct and a
`Context`, which returns the generated output struct (None where the operation has none) or raises a `DomainError` or a
`FaultError`. Whatever else a handler raises is a bug: it is logged with its traceback and answered by InternalFailure.
"""

import asyncio
import hashlib
import time
import traceback
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
import structlog

from stoker.domain.ids import Partition
from stoker.errors import DomainError
from stoker.units import MIB, SECOND, Instant, Span, to_seconds
from stoker.wire.aws import constraints, errors, eventstream
from stoker.wire.aws.access import Access
from stoker.wire.aws.errors import FaultError, Problem, RejectedError
from stoker.wire.aws.exchange import Reply, Request, by_name
from stoker.wire.aws.protocols.json import BodyReader, JsonProtocol
from stoker.wire.aws.protocols.query import QueryProtocol
from stoker.wire.aws.protocols.restjson import RestJsonProtocol
from stoker.wire.aws.protocols.rpccbor import CborProtocol
from stoker.wire.aws.routing import JSON, QUERY, REST_JSON, RPC_CBOR, Route, Router
from stoker.wire.aws.schema import Service
from stoker.wire.aws.sigv4 import AuthError, Principal, Verifier

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

GZIP_WINDOW: Final = 31
"""zlib's window size that means "gzip with its header"."""

TRACEBACK_CHARACTERS: Final = 8192
ACTION_SHOWN: Final = 128

Codec: TypeAlias = JsonProtocol | RestJsonProtocol | QueryProtocol | CborProtocol


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler may know beside its input; `host` is where the client found the server, as its request says."""

    request_id: str
    service: str
    operation: str
    principal: Principal
    host: str = ""


Handler: TypeAlias = Callable[[Any, Context], Awaitable[msgspec.Struct | None]]
Handlers: TypeAlias = Mapping[tuple[str, str], Handler]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one application: bodies in bytes (decompressed too), spans, and how many calls may run at once."""

    body: int = 2 * MIB
    payload: int = 25 * MIB
    reading: Span = 30 * SECOND
    calling: Span = 55 * SECOND
    calls: int = 256


class _GoneError(Exception):
    """The client left before its request was complete."""


class _Call:
    """One request on its way: what is known of it so far, for the error reply and the log line."""

    __slots__ = ("began", "code", "principal", "request", "request_id", "route")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.began = time.perf_counter_ns()
        self.request: Request | None = None
        self.route = Route(protocol=JSON)
        self.principal = Principal()
        self.code = ""


def aws_app(
    handlers: Handlers,
    verifier: Verifier,
    *,
    services: Sequence[Service],
    partition: Partition,
    wall: Callable[[], Instant] = time.time_ns,
    request_id: Callable[[], str],
    limits: Limits | None = None,
    access: Access | None = None,
) -> AsgiApp:
    """Give the ASGI application that serves `services` by `handlers`.

    `wall` is the real time (signatures are dated by it), never an accelerated clock; `request_id` gives a new UUID. `access`
    says who may what; without it whoever is who they say may everything.
    Raises ValueError when a handler is for an operation that none of the services generates.
    """
    known = {(service.name, operation) for service in services for operation in service.operations}
    strays = sorted(f"{service}:{operation}" for service, operation in handlers.keys() - known)
    if strays:
        msg = f"no such operations are generated: {', '.join(strays)}"
        raise ValueError(msg)
    return AwsApp(handlers, verifier, services, partition, wall, request_id, limits or Limits(), access)


class AwsApp:
    """The application; use `aws_app` to make one."""

    __slots__ = (
        "_access",
        "_codecs",
        "_handlers",
        "_limits",
        "_log",
        "_partition",
        "_request_id",
        "_router",
        "_running",
        "_verifier",
        "_wall",
    )

    def __init__(  # noqa: PLR0917
        self,
        handlers: Handlers,
        verifier: Verifier,
        services: Sequence[Service],
        partition: Partition,
        wall: Callable[[], Instant],
        request_id: Callable[[], str],
        limits: Limits,
        access: Access | None,
    ) -> None:
        reader = BodyReader()
        self._codecs: Mapping[str, Codec] = {
            "1.0": JsonProtocol("1.0", reader),
            "1.1": JsonProtocol("1.1", reader),
            REST_JSON: RestJsonProtocol(reader),
            QUERY: QueryProtocol(),
            RPC_CBOR: CborProtocol(),
        }
        self._access = access
        self._handlers = handlers
        self._verifier = verifier
        self._router = Router(services)
        self._partition = partition
        self._wall = wall
        self._request_id = request_id
        self._limits = limits
        self._running = 0
        self._log = structlog.get_logger("stoker.wire.aws")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request; other kinds of ASGI scopes are closed politely."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = _Call(self._request_id())
        self._running += 1
        try:
            reply = await self._guarded(call, scope, receive)
            await self._send(call, reply, send)
        except _GoneError:
            call.code = "ClientClosedRequest"
            reply = Reply(status=499, headers=())
        finally:
            self._running -= 1
        service = call.route.service
        self._log.info(
            "api_called",
            service=service.name if service is not None else "",
            operation=call.route.action[:128],
            status=reply.status,
            code=call.code,
            request_id=call.request_id,
            access_key=call.principal.access_key,
            duration_ms=(time.perf_counter_ns() - call.began) // 1_000_000,
        )

    async def _guarded(self, call: _Call, scope: Scope, receive: Receive) -> Reply:
        """Give the reply of a call, whatever happens in it."""
        try:
            return await self._answer(call, scope, receive)
        except AuthError as error:
            return self._fault(call, RejectedError(errors.AUTH_PROBLEMS[error.problem], error.message))
        except (DomainError, FaultError, RejectedError) as error:
            return self._fault(call, error)
        except _GoneError:
            raise
        except Exception:  # noqa: BLE001 - logged with its traceback
            # The one place that stands between a bug in any handler and the client, who must get a clean answer.
            self._log_bug("api_call_broke", call)
            return self._fault(call, RejectedError(Problem.INTERNAL, errors.INTERNAL_MESSAGE))

    async def _answer(self, call: _Call, scope: Scope, receive: Receive) -> Reply:
        limits = self._limits
        if self._running > limits.calls:
            raise RejectedError(Problem.TOO_MANY, "Rate exceeded")
        try:
            async with asyncio.timeout(to_seconds(limits.reading)):
                call.request = request = await _read(scope, receive, limits)
        except TimeoutError as error:
            raise RejectedError(Problem.TOO_SLOW, "The request body did not arrive in time.") from error
        call.route = route = self._router.choose(request)
        call.principal = self._authenticate(request, route)
        service, operation = route.served()
        handler = self._handlers.get((service.name, operation.name))
        if handler is None:
            raise RejectedError(Problem.NOT_SERVED, f"Stoker does not serve {service.name}:{operation.name}.")
        codec = self._codec(route, request)
        given = codec.decode(operation, request, route.labels)
        found = constraints.violations(operation.checks, given)
        if found:
            raise RejectedError(Problem.CONSTRAINT, constraints.message(found))
        names = {"service": service.name, "operation": operation.name, "host": request.headers.get("host", "")}
        context = Context(request_id=call.request_id, principal=call.principal, **names)
        try:
            async with asyncio.timeout(to_seconds(limits.calling)):
                output = await handler(given, context)
        except TimeoutError as error:
            raise RejectedError(Problem.AWAY, "The request was not completed in time.") from error
        return codec.encode(service, operation, output, call.request_id)

    def _log_bug(self, event: str, call: _Call) -> None:
        """Log the exception at hand as plain text: a renderer that prints local variables would print clients' data."""
        text = traceback.format_exc()[-TRACEBACK_CHARACTERS:]
        self._log.error(event, operation=call.route.action[:128], request_id=call.request_id, traceback=text)

    def _authenticate(self, request: Request, route: Route) -> Principal:
        """Give the sender, who may do this; a request for a service that is not here is checked against its own claim."""
        service = route.service.signing_name if route.service is not None else _claimed_service(request)
        now = self._wall()
        principal = self._verifier.verify(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.pairs,
            body_sha256=hashlib.sha256(request.signed_body).hexdigest(),
            service=service,
            now=now,
        )
        if self._access is not None:
            self._access.permit(principal, _action(route, service), now, endpoint=_endpoint(route))
        return principal

    def _codec(self, route: Route, request: Request | None) -> Codec:
        if route.protocol != JSON:
            return self._codecs[route.protocol]
        content_type = request.headers.get("content-type", "") if request is not None else ""
        version = content_type.partition("application/x-amz-json-")[2][:3]
        if version not in self._codecs:
            version = route.service.json_version if route.service is not None else "1.1"
        return self._codecs[version]

    def _fault(self, call: _Call, error: FaultError | RejectedError | DomainError) -> Reply:
        fault = errors.fault(error, call.route.service, call.route.protocol, self._partition)
        call.code = fault.code
        codec = self._codec(call.route, call.request)
        return codec.encode_fault(call.route.service, fault, call.request, call.request_id)

    async def _send(self, call: _Call, reply: Reply, send: Send) -> None:
        headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in reply.headers]
        if reply.frames is None:
            headers.append((b"content-length", str(len(reply.body)).encode()))
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await send({"type": "http.response.body", "body": reply.body})
            return
        headers.append((b"content-type", eventstream.CONTENT_TYPE.encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        async for frame in self._framed(call, reply.frames):
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _framed(self, call: _Call, parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """Give the frames of a streamed payload; a failure half-way ends in an exception frame."""
        try:
            async for part in parts:
                for frame in eventstream.payload_parts(part):
                    yield frame
        except FaultError as error:
            call.code = error.code
            yield eventstream.exception(error.code, error.message or "", error.members)
        except Exception:  # noqa: BLE001 - logged with its traceback, and told to the client in a frame
            self._log_bug("api_stream_broke", call)
            call.code = "InternalStreamFailure"
            yield eventstream.exception("InternalStreamFailure", errors.INTERNAL_MESSAGE)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _read(scope: Scope, receive: Receive, limits: Limits) -> Request:
    """Read the whole request. Raises RejectedError when the body, as sent or decompressed, is over its limit."""
    pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    headers = by_name(pairs)
    raw_path = scope.get("raw_path") or scope["path"].encode()
    path = raw_path.partition(b"?")[0].decode("latin-1")
    limit = limits.payload if path.startswith("/endpoints/") else limits.body
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > len(str(limit)) or int(length) > limit):
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    sent = b"".join(chunks)
    return Request(
        method=scope["method"],
        path=path,
        query=scope["query_string"].decode("latin-1"),
        pairs=pairs,
        headers=headers,
        body=_decompressed(sent, headers, limit),
        signed_body=sent,
    )


def _too_large(limit: int) -> RejectedError:
    return RejectedError(Problem.TOO_LARGE, f"The request body is larger than {limit} bytes.")


def _decompressed(sent: bytes, headers: Mapping[str, str], limit: int) -> bytes:
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return sent
    if encoding != "gzip":
        raise RejectedError(Problem.MALFORMED, f"The content encoding {encoding[:32]!r} is not accepted; use gzip.")
    inflater = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = inflater.decompress(sent, limit + 1)
    except zlib.error as error:
        raise RejectedError(Problem.MALFORMED, "The request body is not valid gzip.") from error
    if len(body) > limit:
        raise _too_large(limit)
    if not inflater.eof:
        raise RejectedError(Problem.MALFORMED, "The gzip request body ends too early.")
    return body


def _action(route: Route, service: str) -> str:
    """Give AWS's word for what is asked, such as `sagemaker:ListEndpoints`: a service's runtime has no prefix of its own."""
    prefix = service if route.service is None else route.service.name.removesuffix("-runtime")
    return f"{prefix}:{route.action[:ACTION_SHOWN]}"


def _endpoint(route: Route) -> str | None:
    """Give the name of the endpoint that the request would invoke; None for what is no invocation."""
    if route.service is None or route.service.name != errors.RUNTIME:
        return None
    return route.labels.get("EndpointName")


def _claimed_service(request: Request) -> str:
    """Give the service that the credential names, so that an unknown action is told apart from a bad signature."""
    claim = request.headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    return claim[3] if len(claim) > 3 else ""  # noqa: PLR2004 - the fourth part of keyid/date/region/service/term

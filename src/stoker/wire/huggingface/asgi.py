"""Hugging Face's management API as an ASGI application that stands before another: it answers its own paths."""

import asyncio
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qsl

import structlog

from stoker.errors import (
    ConflictError,
    DomainError,
    InvalidParameterError,
    LimitError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from stoker.wire.aws.asgi import TRACEBACK_CHARACTERS, AsgiApp, Receive, Scope, Send
from stoker.wire.aws.exchange import by_name
from stoker.wire.huggingface.exchange import HubError, HubReply, HubRequest, failed
from stoker.wire.huggingface.guard import NOBODY, Guard
from stoker.wire.huggingface.management import ANYBODY, Route

MAX_BODY: Final = 1 << 20
MAX_CALLS: Final = 256
MAX_FIELDS: Final = 64
READING_S: Final = 30.0
CALLING_S: Final = 55.0
_PREFIXES = ("/v2/", "/api/")
_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (InvalidParameterError, 400),
    (LimitError, 400),
    (ThrottledError, 429),
    (UnavailableError, 503),
)


class _GoneError(Exception):
    """The client left before its request was complete."""


class HubApp:
    """Answers Hugging Face's management paths and leaves the rest, and whatever is signed for AWS, to `rest`."""

    __slots__ = ("_base", "_guard", "_log", "_request_id", "_rest", "_routes", "_running")

    def __init__(self, rest: AsgiApp, routes: Sequence[Route], guard: Guard, *, base: str, request_id: Callable[[], str]) -> None:
        """`base` is this server's URL for clients that do not name its host."""
        self._rest = rest
        self._routes = routes
        self._guard = guard
        self._base = base
        self._request_id = request_id
        self._running = 0
        self._log = structlog.get_logger("stoker.wire.huggingface")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIXES):
            await self._rest(scope, receive, send)
            return
        headers = by_name((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        if headers.get("authorization", "").startswith("AWS4-"):
            await self._rest(scope, receive, send)
            return
        request_id, began = self._request_id(), time.perf_counter_ns()
        action = ""
        self._running += 1
        try:
            action, reply = await self._guarded(scope, receive, headers, request_id)
            await _send(reply, request_id, send, head=scope["method"] == "HEAD")
        except _GoneError:
            reply = HubReply(status=499)
        finally:
            self._running -= 1
        span = (time.perf_counter_ns() - began) // 1_000_000
        self._log.info(
            "api_called", service="huggingface", operation=action, status=reply.status, request_id=request_id, duration_ms=span
        )

    async def _guarded(self, scope: Scope, receive: Receive, headers: dict[str, str], request_id: str) -> tuple[str, HubReply]:
        """Give what was asked for and the answer, whatever happens."""
        action: list[str] = []
        try:
            reply = await self._answer(scope, receive, headers, action)
        except HubError as error:
            reply = failed(error)
        except DomainError as error:
            status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
            reply = failed(HubError(status, error.message))
        except _GoneError:
            raise
        except Exception:  # noqa: BLE001 - logged with its traceback
            # Stands between a bug and the client, who must get a clean answer.
            text = traceback.format_exc()[-TRACEBACK_CHARACTERS:]
            self._log.error("api_call_broke", operation="".join(action), request_id=request_id, traceback=text)
            reply = failed(HubError(500, f"Internal error; the server's log tells more of the request {request_id}."))
        return "".join(action), reply

    async def _answer(self, scope: Scope, receive: Receive, headers: dict[str, str], action: list[str]) -> HubReply:
        if self._running > MAX_CALLS:
            raise HubError(429, "Too many calls at once.", headers={"retry-after": "1"})
        path, method = scope["path"], scope["method"]
        for route in self._routes:
            found = route.pattern.fullmatch(path)
            if found is None:
                continue
            asked = "GET" if method == "HEAD" else method
            if asked not in route.methods:
                allowed = ", ".join(route.methods)
                raise HubError(405, f"{method} is not for {path[:200]}; {allowed} is.", headers={"allow": allowed})
            name, handler = route.methods[asked]
            action.append(name if name not in {"", ANYBODY} else path.rpartition("/")[2])
            caller = NOBODY if name == ANYBODY else self._guard.caller(headers, name)
            request = HubRequest(
                method=method,
                path=path,
                query=_query(scope),
                body=await _body(receive),
                base=_base(headers) or self._base,
                caller=caller,
            )
            async with asyncio.timeout(CALLING_S):
                return await handler(request, [part for part in found.groups() if part is not None])
        raise HubError(404, f"There is nothing at {path[:200]} here.")


def _query(scope: Scope) -> dict[str, str]:
    try:
        return dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise HubError(400, f"The query must not have more than {MAX_FIELDS} members.") from error


def _base(headers: dict[str, str]) -> str:
    """Give the URL that a client came by, through a proxy that ends its TLS or without one; empty when it names no host."""
    host = headers.get("host", "")
    scheme = "https" if headers.get("x-forwarded-proto", "").strip().lower() == "https" else "http"
    return f"{scheme}://{host}" if host else ""


async def _body(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(READING_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _GoneError
                pieces.append(message.get("body", b""))
                size += len(pieces[-1])
                if size > MAX_BODY:
                    raise HubError(413, f"The body must not have more than {MAX_BODY} bytes.", headers={"connection": "close"})
                if not message.get("more_body", False):
                    return b"".join(pieces)
    except TimeoutError as error:
        raise HubError(408, "The body did not arrive in time.", headers={"connection": "close"}) from error


async def _send(reply: HubReply, request_id: str, send: Send, *, head: bool) -> None:
    headers = {
        "content-type": reply.content_type,
        "content-length": str(len(reply.body)),
        "x-request-id": request_id,
        **reply.headers,
    }
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if head else reply.body})

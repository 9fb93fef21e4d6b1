"""The control plane's own pages: health, status, usage, dead letters, requests, metrics. Everything else is a wire protocol's."""

from urllib.parse import parse_qs

import msgspec

from stoker import __version__
from stoker.control.plane import AsgiApp, Plane, Receive, Scope, Send
from stoker.errors import DomainError
from stoker.service.asynchronous import AsyncDesk, told_request
from stoker.service.desk import Desk
from stoker.service.status import view
from stoker.service.timetable import dead_letters, told_letter
from stoker.service.usage import asked_usage, usage
from stoker.telemetry.prometheus import CONTENT_TYPE

JSON = b"application/json"


SHOWN = 100
"""Requests that are listed unless more are asked for."""


def with_pages(plane: Plane, wire: AsgiApp, desk: Desk, requests: AsyncDesk) -> AsgiApp:
    """Give an app that answers `/stoker/...` and `/metrics` itself and leaves the rest to `wire`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/metrics":
            await _reply(send, 200, CONTENT_TYPE.encode(), await plane.exposition.text(plane.hub.gateways, plane.clock.now()))
        elif path == "/stoker/usage":
            status, body = await _usage(plane, desk, scope["query_string"].decode("latin-1"))
            await _reply(send, status, JSON, body)
        elif path == "/stoker/dead-letters":
            letters = [told_letter(each) for each in await dead_letters(desk, None)]
            await _reply(send, 200, JSON, msgspec.json.encode(letters))
        elif path == "/stoker/requests":
            await _reply(send, 200, JSON, await _requests(requests, scope["query_string"].decode("latin-1")))
        elif path.startswith("/stoker/"):
            status, body = _page(plane, path)
            await _reply(send, status, JSON, body)
        else:
            await wire(scope, receive, send)

    return app


def _page(plane: Plane, path: str) -> tuple[int, bytes]:
    match path:
        case "/stoker/health":
            return 200, msgspec.json.encode(
                {"status": "ok", "version": __version__, "now": plane.clock.now() / 1e9, "gateways": len(plane.hub.gateways)}
            )
        case "/stoker/status":
            picture = view(plane.platform, now=plane.clock.now(), gateways=plane.hub.gateways, table_version=plane.hub.version)
            return 200, msgspec.json.encode(picture)
        case _:
            known = "/stoker/health, /stoker/status, /stoker/usage, /stoker/dead-letters, /stoker/requests and /metrics"
            return 404, msgspec.json.encode({"message": f"There is no page {path}; there are {known}."})


async def _requests(requests: AsyncDesk, query: str) -> bytes:
    """Give the request of an `id`, or the newest of an `endpoint`, up to `limit`; and all counts."""
    asked = {name: values[-1] for name, values in parse_qs(query, max_num_fields=8).items()}
    if "id" in asked:
        found = [each for each in [await requests.get(asked["id"])] if each is not None]
    else:
        limit = asked.get("limit", "")
        most = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 10 else SHOWN  # noqa: PLR2004 - digits
        found = await requests.newest(asked.get("endpoint", ""), most)
    return msgspec.json.encode({"counts": await requests.tallies(), "requests": [told_request(each) for each in found]})


async def _usage(plane: Plane, desk: Desk, query: str) -> tuple[int, bytes]:
    try:
        report = await usage(desk, plane.accounting, plane.settings.usage, asked_usage(query))
    except DomainError as error:
        return 400, msgspec.json.encode({"message": error.message})
    return 200, msgspec.json.encode(report)


async def _reply(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

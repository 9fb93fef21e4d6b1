"""The control plane's own pages: health, status, dead letters, metrics. Everything else is a wire protocol's."""

import msgspec

from stoker import __version__
from stoker.control.plane import AsgiApp, Plane, Receive, Scope, Send
from stoker.errors import DomainError
from stoker.service.desk import Desk
from stoker.service.status import view
from stoker.service.timetable import dead_letters, told_letter
from stoker.service.usage import asked_usage, usage
from stoker.telemetry.prometheus import CONTENT_TYPE

JSON = b"application/json"


def with_pages(plane: Plane, wire: AsgiApp, desk: Desk) -> AsgiApp:
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
            known = "/stoker/health, /stoker/status, /stoker/dead-letters and /metrics"
            return 404, msgspec.json.encode({"message": f"There is no page {path}; there are {known}."})


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

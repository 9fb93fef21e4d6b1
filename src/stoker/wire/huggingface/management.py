"""The routes of Hugging Face's management API, and what each does."""

import asyncio
import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from stoker.config.settings import Usage
from stoker.domain.hub import HubEndpoint
from stoker.domain.hub_hardware import listed
from stoker.domain.ids import ComponentName, CopyId, WorkloadId, component_workload
from stoker.errors import ConflictError, InvalidParameterError
from stoker.service.desk import Desk
from stoker.service.hub import Hubs
from stoker.service.hub_view import replicas_of
from stoker.service.usage import price_list
from stoker.wire.huggingface.bodies import NAMESPACE, Document, changed, read_body, read_object, request_of, spec_of
from stoker.wire.huggingface.documents import endpoint_document, hardware_document, replica_document
from stoker.wire.huggingface.exchange import HubError, HubReply, HubRequest, told
from stoker.wire.huggingface.open_metrics import CONTENT_TYPE, open_metrics

Handler: TypeAlias = Callable[[HubRequest, Sequence[str]], Awaitable[HubReply]]
"""Answers a call; it gets what the route's pattern found in the path."""

MAX_LISTED: Final = 100_000
"""Endpoints of one list: clients do not look for further pages, so that all are in the first unless fewer are asked for."""
MAX_LOG_LINES: Final = 10_000
MAX_LINE: Final = 65_536
_LINES = 200
LEAVING_S: Final = 5.0
_LOOK_S = 0.05


class Logs(Protocol):
    """What replicas have printed."""

    async def tail(self, workload: WorkloadId, copies: Sequence[CopyId], lines: int) -> list[tuple[CopyId, list[bytes]]]:
        """Give the last lines of each copy of which there is a log; without copies, of the workload's that went last."""
        ...


ANYBODY: Final = "*"
"""The action that needs no token."""


class Route:
    """A route: its pattern and what each method does, with the action that callers must be allowed.

    An empty action is for everybody who has a token, `ANYBODY` for all others too.
    """

    __slots__ = ("methods", "pattern")

    def __init__(self, pattern: str, methods: Mapping[str, tuple[str, Handler]]) -> None:
        self.pattern = re.compile(pattern)
        self.methods = methods


class Management:
    """Answers what is asked about endpoints, hardware and whoever asks."""

    __slots__ = ("_desk", "_hubs", "_logs", "_organizations", "_region", "_usage", "routes")

    def __init__(self, hubs: Hubs, desk: Desk, *, region: str, usage: Usage, organizations: Sequence[str], logs: Logs) -> None:
        self._hubs = hubs
        self._desk = desk
        self._region = region
        self._usage = usage
        self._organizations = organizations
        self._logs = logs
        one = r"/v2/endpoint/([^/]+)/([^/]+)"
        self.routes = [
            Route(r"/v2/endpoint/([^/]+)", {"GET": ("ListEndpoints", self._list), "POST": ("CreateEndpoint", self._create)}),
            Route(
                one,
                {
                    "GET": ("GetEndpoint", self._describe),
                    "PUT": ("UpdateEndpoint", self._update),
                    "DELETE": ("DeleteEndpoint", self._delete),
                },
            ),
            Route(f"{one}/pause", {"POST": ("PauseEndpoint", self._pause)}),
            Route(f"{one}/resume", {"POST": ("ResumeEndpoint", self._resume)}),
            Route(f"{one}/scale-to-zero", {"POST": ("ScaleEndpointToZero", self._sleep)}),
            Route(f"{one}/replica", {"GET": ("ListReplicas", self._replicas)}),
            Route(f"{one}/logs", {"GET": ("GetLogs", self._log)}),
            Route(f"{one}/open-metrics", {"GET": ("GetMetrics", self._metrics)}),
            Route(r"/v2/provider", {"GET": (ANYBODY, self._hardware)}),
            Route(r"/v2/provider/([^/]+)", {"GET": ("ListHardware", self._hardware)}),
            Route(r"/api/whoami-v2", {"GET": ("", self._whoami)}),
        ]

    async def _list(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        hubs = self._hubs.all(found[0])
        most, after = whole(request.query, "limit", MAX_LISTED, MAX_LISTED), request.query.get("cursor", "")
        names = [hub.name for hub in hubs]
        if after and after not in names:
            raise InvalidParameterError("cursor must be one that a list has given.", field="cursor")
        page = hubs[names.index(after) + 1 if after else 0 :]
        items = [self._shown(request, hub) for hub in page[:most]]
        following = page[most - 1].name if len(page) > most else None
        return told({"items": items, "nextCursor": following, "totalItems": len(hubs)})

    async def _create(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        [namespace] = found
        if NAMESPACE.fullmatch(namespace) is None:
            text = "The namespace must have 1 to 29 letters, digits or single hyphens, with a letter or digit first and last."
            raise InvalidParameterError(text, field="namespace")
        return told(await self.create(request, namespace, read_object(request.body)))

    async def create(self, request: HubRequest, namespace: str, document: Document) -> Document:
        """Make an endpoint as a document asks, and give it; one of that name that is being deleted gets a moment to be gone."""
        body = read_body(document)
        spec = spec_of(body, strict=self._hubs.options.strict)
        late = asyncio.get_running_loop().time() + LEAVING_S
        while True:
            try:
                hub = await self._hubs.create(namespace, body.name, spec, by=request.caller)
            except ConflictError as error:
                if error.exists or asyncio.get_running_loop().time() > late:
                    raise
                await asyncio.sleep(_LOOK_S)
            else:
                return self._shown(request, hub)

    async def _describe(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        return told(self._shown(request, self._hubs.get(*found)))

    async def _update(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        hub, change = self._hubs.get(*found), read_object(request.body)
        if change.pop("name", hub.name) != hub.name:
            raise InvalidParameterError("name cannot be changed: delete the endpoint and create it anew.", field="name")
        body = read_body(changed(request_of(hub.name, hub.spec), change))
        spec = spec_of(body, strict=self._hubs.options.strict, former=hub.spec)
        return told(self._shown(request, await self._hubs.update(hub.namespace, hub.name, spec, by=request.caller)))

    async def _delete(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - a handler's signature
        await self._hubs.delete(*found)
        return told({})

    async def _pause(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        return told(self._shown(request, await self._hubs.pause(*found)))

    async def _resume(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        return told(self._shown(request, await self._hubs.resume(*found)))

    async def _sleep(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        return told(self._shown(request, await self._hubs.scale_to_zero(*found)))

    async def _replicas(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - a handler's signature
        return told({"items": [replica_document(r) for r in replicas_of(self._desk.platform, self._hubs.get(*found))]})

    async def _log(self, request: HubRequest, found: Sequence[str]) -> HubReply:
        hub = self._hubs.get(*found)
        wanted, query = request.query.get("replica", ""), request.query
        copies = [CopyId(r.replica_id) for r in replicas_of(self._desk.platform, hub)]
        if wanted and wanted not in copies:
            raise HubError(404, f"There is no replica {wanted[:80]!r} of {hub.name}.")
        longest = whole(query, "line_max_length", MAX_LINE, MAX_LINE)
        lines = whole(query, "tail", _LINES, MAX_LOG_LINES)
        workload = component_workload(ComponentName(hub.endpoint))
        logs = await self._logs.tail(workload, [CopyId(wanted)] if wanted else copies, lines)
        text = [
            (f"{copy_id} | ".encode() if len(logs) > 1 else b"") + line[:longest] + b"\n"
            for copy_id, printed in logs
            for line in printed
        ]
        return HubReply(body=b"".join(text), content_type="text/plain; charset=utf-8")

    async def _metrics(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - a handler's signature
        text = open_metrics(self._desk.platform, self._hubs.get(*found), self._desk.now())
        return HubReply(body=text, content_type=CONTENT_TYPE)

    async def _hardware(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - a handler's signature
        options, fleet = self._desk.platform.options, self._desk.platform.fleet
        prices = price_list(self._usage, options.fleet.shapes).hourly
        used = Counter(instance.instance_type for instance in fleet.instances.values())
        rows = listed(options.fleet.shapes)
        return told(hardware_document(rows, self._region, prices, used, options.quotas.instances_of_type))

    async def _whoami(self, request: HubRequest, found: Sequence[str]) -> HubReply:  # noqa: ARG002 - a handler's signature
        name = self._hubs.options.home
        return told(
            {
                "type": "user",
                "id": name,
                "name": name,
                "fullname": name,
                "isPro": False,
                "orgs": [{"type": "org", "id": each, "name": each, "fullname": each} for each in self._organizations],
                "auth": {"type": "access_token", "accessToken": {"displayName": request.caller, "role": "write"}},
            }
        )

    def _shown(self, request: HubRequest, hub: HubEndpoint) -> Document:
        return endpoint_document(self._desk.platform, hub, base=request.base, idle_default=self._hubs.options.idle)


def whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Give a whole number of the query, from 1 to `most`."""
    text = query.get(name, "")
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(most)) + 1 else math.inf
    if not 1 <= number <= most:
        raise InvalidParameterError(f"{name} must be a whole number from 1 to {most}, not {text[:40]!r}.", field=name)
    return int(number)

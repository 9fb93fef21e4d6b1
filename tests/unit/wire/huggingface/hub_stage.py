"""Hugging Face's management API over a `LocalDesk`, called in this process over bytes."""

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

from stoker.config.settings import Recipe, Usage
from stoker.domain.ids import CopyId, WorkloadId
from stoker.ports.store import Store
from stoker.service.hub import Hubs
from stoker.service.hub_parts import HubOptions
from stoker.testing.clock import ManualClock
from stoker.testing.desk import KnownImages, LocalDesk
from stoker.wire.aws.access import Access
from stoker.wire.huggingface.asgi import HubApp
from stoker.wire.huggingface.catalog import Catalog
from stoker.wire.huggingface.guard import Guard
from stoker.wire.huggingface.management import Management

Loose: TypeAlias = Any  # documents of every shape, right and wrong

WORKLOAD = WorkloadId("ic/e1")
URL = "/v2/endpoint/stoker"


class Printed:
    """What replicas have printed; implements `stoker.wire.huggingface.management.Logs`."""

    async def tail(self, workload: WorkloadId, copies: Sequence[CopyId], lines: int) -> list[tuple[CopyId, list[bytes]]]:
        return [(copy_id, [f"{workload} {n}".encode() for n in range(lines)]) for copy_id in copies]


class Named:
    """Takes every repository for one on the Hub; implements `stoker.service.desk.Sources`."""

    def locate(self, repository: str, revision: str | None) -> str:
        return f"hf://{repository}@{revision}" if revision else f"hf://{repository}"


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def document(self) -> Loose:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.document["error"])


class Stage:
    """A platform with the API before it."""

    def __init__(
        self,
        *,
        access: Access | None = None,
        organizations: Sequence[str] = (),
        recipes: Sequence[Recipe] = (),
        store: Store | None = None,
        clock: ManualClock | None = None,
        **options: Loose,
    ) -> None:
        self.desk = LocalDesk(store=store, clock=clock)
        self.hubs = Hubs(
            self.desk,
            KnownImages("hf/huggingface", "hf/custom", "my-server:*", "stoker/python"),
            Named(),
            HubOptions(**options),
        )
        management = Management(self.hubs, self.desk, region="here-1", usage=Usage(), organizations=organizations, logs=Printed())
        catalog = Catalog(recipes, management.create, since=self.desk.now())
        routes = [*management.routes, *catalog.routes]
        self.app = HubApp(_elsewhere, routes, Guard(access), base="http://local:1", request_id=self.desk.ids.uuid)

    async def call(self, method: str, path: str, body: Loose = None, **headers: str) -> Answer:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        messages = [{"type": "http.request", "body": raw, "more_body": False}]
        sent: list[Loose] = []

        async def receive() -> Loose:
            return messages.pop()

        async def send(message: Loose) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in {"host": "me:80", **headers}.items()],
        }
        await self.app(scope, receive, send)
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))

    async def state(self, name: str = "e1") -> str:
        return str((await self.call("GET", f"{URL}/{name}")).document["status"]["state"])


async def _elsewhere(scope: Loose, receive: Loose, send: Loose) -> None:  # noqa: ARG001 - an ASGI app's signature
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"elsewhere"})


def wanted(name: str = "e1", **changes: Loose) -> Loose:
    """Give a body as the newest client sends it; `changes` by path, as in `compute__scaling__minReplica=0`."""
    body: Loose = {
        "compute": {
            "accelerator": "cpu",
            "instanceSize": "x1",
            "instanceType": "intel-spr",
            "scaling": {"maxReplica": 1, "minReplica": 1, "scaleToZeroTimeout": None},
        },
        "model": {"framework": "pytorch", "repository": "gpt2", "revision": None, "image": {"huggingface": {}}},
        "name": name,
        "provider": {"region": "us-east-1", "vendor": "aws"},
        "type": "authenticated",
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        place = body
        for step in way:
            place = place[step]
        place[last] = value
    return body

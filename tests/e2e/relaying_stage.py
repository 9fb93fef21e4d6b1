"""A gateway with all faces, and tables of endpoints of both kinds, for tests of what is relayed."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from stoker.config.settings import Gateway
from stoker.domain.ids import ComponentName, CopyId, EndpointName, Partition, VariantName, WorkloadId
from stoker.domain.keys import AccessKey
from stoker.link.messages import (
    Address,
    ComponentRoute,
    CopyRoute,
    EndpointRoute,
    HubRoute,
    RoutingTable,
    VariantRoute,
    WorkloadRoute,
)
from stoker.units import SECOND
from stoker.wire.aws.authenticator import gateway_checks
from stoker.wire.aws.invocations import AwsRuntimeFace
from stoker.wire.faces import relaying_faces
from stoker.wire.tokens import token_of
from tests.e2e.gateway_stage import Ask, Client, Server, Stage, reply, staged

MAIN = VariantName("main")
CHAT = "/v1/chat/completions"
CREATED = 1_700_000_000 * SECOND


def part(
    name: str,
    copies: Sequence[Server] = (),
    *,
    hub: HubRoute | None = None,
    component: str = "",
    aliases: tuple[str, ...] = (),
    served: str = "",
    wakeable: bool = True,
    failure: str = "",
    slots: int = 0,
) -> tuple[EndpointRoute, WorkloadRoute]:
    """Give an endpoint with one component, and that component's workload."""
    workload = WorkloadId(f"ic/{component or name}")
    routes = tuple(CopyRoute(copy_id=CopyId(c.path.name), address=Address(socket=str(c.path)), slots=slots) for c in copies)
    return (
        EndpointRoute(
            name=EndpointName(name),
            variants=(VariantRoute(name=MAIN),),
            components=(ComponentRoute(name=ComponentName(component or name), variant=MAIN, workload=workload),),
            hub=hub,
            aliases=aliases,
            served=served,
            created=CREATED,
        ),
        WorkloadRoute(workload=workload, copies=routes, desired=len(copies), wakeable=wakeable, failure=failure),
    )


def of(*parts: tuple[EndpointRoute, WorkloadRoute], version: int = 1) -> RoutingTable:
    return RoutingTable(
        version=version, endpoints=tuple(one for one, _ in parts), workloads=tuple(workload for _, workload in parts)
    )


@asynccontextmanager
async def relaying(keys: dict[str, str] | None = None) -> AsyncIterator[Stage]:
    """Give a stage whose gateway is opened by the test, with all faces; with `keys` it asks who sends."""
    async with staged() as stage:
        aws = AwsRuntimeFace(Partition())
        stage.faces = [aws, *relaying_faces(aws, home="stoker")]
        if keys is not None:
            stage.link.keys.update(keys)
            stage.factory = gateway_checks(Partition())
        yield stage


async def ask(
    stage: Stage, target: str, body: object = None, *, method: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a request (a POST when it has a body) and give the reply."""
    client = await stage.client()
    send(client, target, body, method=method, **headers)
    return await client.reply()


def send(client: Client, target: str, body: object = None, *, method: str = "", **headers: str) -> None:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    given = {"host": "h", "content-type": "application/json"} | {name.replace("_", "-"): v for name, v in headers.items()}
    if data or method == "POST":
        given["content-length"] = str(len(data))
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    client.writer.write(f"{method or ('POST' if data else 'GET')} {target} HTTP/1.1\r\n{lines}\r\n".encode() + data)


async def mirror(ask: Ask, writer: asyncio.StreamWriter) -> None:
    """A model server that tells what it was asked, with a status that the path may name."""
    told = {"method": ask.method, "target": ask.target, "headers": ask.headers, "body": ask.body.decode("latin-1")}
    status = ask.target.partition("?")[0].rpartition("/status-")[2]
    phrase = f"{status} Said" if status.isdigit() else "200 OK"
    writer.write(
        reply(
            json.dumps(told).encode() if ask.method != "HEAD" else b"", phrase, "content-type: application/json\r\nx-own: 1\r\n"
        )
    )


def token(key_id: str = "AKIAROOT", secret: str = "secret") -> str:  # noqa: S107 - a made-up one
    return f"Bearer {token_of(AccessKey(access_key_id=key_id, secret=secret))}"


SOON = Gateway(report_s=0.1, max_hold_s=0.4)

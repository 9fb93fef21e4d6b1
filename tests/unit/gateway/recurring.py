"""A gateway with all faces and keys of several kinds, and requests that recur on the paths that are relayed."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from stoker.domain.ids import ComponentName, CopyId, EndpointName, Partition, VariantName, WorkloadId
from stoker.domain.keys import AccessKey, Keyring, KeyRole
from stoker.gateway.face import Answer, Invocation
from stoker.gateway.head import Head
from stoker.gateway.reasons import Refusal
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
from stoker.units import HOUR, SECOND, Instant
from stoker.wire.aws.invocations import AwsRuntimeFace
from stoker.wire.faces import relaying_faces
from stoker.wire.tokens import token_of
from tests.unit.gateway.remembering import Ground, written

NOW: Instant = 1_767_225_600 * SECOND
ROOT = AccessKey(access_key_id="AKIAROOTROOTROOT", secret="root-secret")
BOUND = AccessKey(access_key_id="AKIABOUNDBOUNDBO", secret="bound-secret", name="ci", role=KeyRole.INVOKE, endpoints=("one",))
SHORT = AccessKey(access_key_id="AKIASHORTSHORTSH", secret="short-secret", name="old", expires=NOW + HOUR)
RING = Keyring(keys=(ROOT, BOUND, SHORT), seal=b"seal")
OTHERS = Keyring(keys=(AccessKey(access_key_id=ROOT.access_key_id, secret="other"), SHORT), seal=b"seal")
TOKENS = {
    "root": token_of(ROOT),
    "bound": token_of(BOUND),
    "short": token_of(SHORT),
    "forged": token_of(ROOT)[:-1] + "_",
    "foreign": "hf_" + "x" * (len(token_of(ROOT)) - 3),
    "other": token_of(OTHERS.keys[0]),
}
MAIN = VariantName("main")
Meant: TypeAlias = Invocation | Refusal | Answer
_OWN = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}|(?<=date: )[^\r]+")


def endpoint(
    name: str, *components: str, hub: HubRoute | None = None, aliases: tuple[str, ...] = (), served: str = ""
) -> tuple[EndpointRoute, tuple[WorkloadRoute, ...]]:
    """Give an endpoint with components, each with one copy that has its name."""
    parts = tuple(
        ComponentRoute(name=ComponentName(one), variant=MAIN, workload=WorkloadId(f"ic/{one}"), aliases=aliases, served=served)
        for one in components
    )
    copies = tuple(
        WorkloadRoute(
            workload=WorkloadId(f"ic/{one}"), copies=(CopyRoute(copy_id=CopyId(one), address=Address(port=1)),), desired=1
        )
        for one in components
    )
    return EndpointRoute(name=EndpointName(name), variants=(VariantRoute(name=MAIN),), components=parts, hub=hub), copies


def table(*endpoints: tuple[EndpointRoute, tuple[WorkloadRoute, ...]]) -> RoutingTable:
    """Give a table. All have the same version: names are not to be told by it."""
    return RoutingTable(
        version=1,
        endpoints=tuple(route for route, _ in endpoints),
        workloads=tuple(workload for _, workloads in endpoints for workload in workloads),
    )


FIRST = table(
    endpoint("one", "llama", aliases=("m",)), endpoint("two", "alpaca", "vicuna"), endpoint("hub", "gpt", hub=HubRoute())
)
TABLES = {
    "as it was": FIRST,
    "the alias changes hands": table(
        endpoint("one", "llama"),
        endpoint("two", "alpaca", "vicuna"),
        endpoint("hub", "gpt", hub=HubRoute(), aliases=("m",)),
    ),
    "an endpoint is gone": table(endpoint("two", "alpaca", "vicuna")),
    "the models move": table(endpoint("one", "gpt"), endpoint("two", "llama"), endpoint("hub", "alpaca", hub=HubRoute())),
    "another name is served": table(
        endpoint("one", "llama", aliases=("m",), served="own"),
        endpoint("two", "alpaca", "vicuna", served="own"),
        endpoint("hub", "gpt", hub=HubRoute(), served="m"),
    ),
    "open": table(endpoint("one", "llama", aliases=("m",), hub=HubRoute(open=True)), endpoint("hub", "gpt", hub=HubRoute())),
    "paused": table(endpoint("one", "llama", aliases=("m",)), endpoint("hub", "gpt", hub=HubRoute(paused=True))),
}


def relayed_request(
    path: str = "/v1/chat/completions",
    *more: str,
    model: object = "llama",
    stream: object = None,
    token: str = TOKENS["root"],
    body: bytes | None = None,
    kind: str = "application/json",
) -> bytes:
    """Give a request; `token` is empty for none."""
    if body is None:
        members = {"model": model, "messages": [], "stream": stream}
        body = json.dumps({name: value for name, value in members.items() if value is not None}).encode()
    given = [f"Authorization: Bearer {token}"] if token else []
    lines = (f"POST {path} HTTP/1.1", "Host: h", *given, f"Content-Type: {kind}", *more, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode("latin-1") + body


class Relaying:
    """A gateway with all faces whose wall clock stands still, and connections to it; `short` tells whether it has a short way.

    `long` counts the invocations that went the long way.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, keys: Keyring | None = RING, short: bool = True) -> None:
        aws = AwsRuntimeFace(Partition())
        relaying = relaying_faces(aws, home="home")
        self.long = 0
        faces: Any = relaying
        for face in faces:
            face.invocation = self._counting(face.invocation)
        self.ground = ground = Ground(loop, keys=keys, faces=[aws, *relaying], table=FIRST)
        self.at(NOW)
        if not short:
            ground.front.express = lambda *_: False
        self.clients = [ground.client(), ground.client()]

    def _counting(self, understand: Callable[[Head, bytes], Meant]) -> Callable[[Head, bytes], Meant]:
        def understood(head: Head, body: bytes) -> Meant:
            self.long += 1
            return understand(head, body)

        return understood

    def at(self, now: Instant) -> None:
        """Set the wall clock."""
        self.ground.core.wall_now = lambda: now

    def sent(self, *pieces: bytes, by: int = 0) -> tuple[dict[str, bytes], bytes]:
        """Send a request on a connection; give what each model was asked, and the reply but for what is new with each.

        The lines of the reply's head are sorted: their order tells whether it came whole.
        """
        ground, client = self.ground, self.clients[by]
        for piece in pieces:
            client.data_received(piece)
        asked = {name: question for name in ground.models if (question := ground.asked(name))}
        told = b"".join([ground.answered(client, name) for name in asked] or [written(client)])
        if client.transport.is_closing():
            self.clients[by] = ground.client()
        head, _, body = _OWN.sub(b"-", told).partition(b"\r\n\r\n")
        return asked, b"\r\n".join([*sorted(head.split(b"\r\n")), b"", body])

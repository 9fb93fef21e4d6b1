"""A gateway over real parts on transports that only remember: from a client's bytes to a model's, and back."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stoker.config.settings import Gateway
from stoker.domain.ids import ComponentName, CopyId, EndpointName, Partition, VariantName, WorkloadId
from stoker.domain.keys import Keyring, keyring
from stoker.domain.states import AtZero
from stoker.gateway.core import Core
from stoker.gateway.face import Face
from stoker.gateway.front import Front
from stoker.gateway.server import ClientConnection
from stoker.gateway.upstream import Upstream
from stoker.link.messages import (
    Address,
    ClockRate,
    ComponentRoute,
    CopyRoute,
    EndpointRoute,
    RoutingTable,
    VariantRoute,
    Welcome,
    WorkloadRoute,
)
from stoker.wire.aws.authenticator import gateway_checks
from stoker.wire.aws.invocations import AwsRuntimeFace

NAMES = ("llama", "alpac")
REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"
KEYS, OTHERS = keyring({"AKIA": "secret"}), keyring({"AKIA": "other"})


class Wire:
    """A transport that remembers what is written to it."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def taken(self) -> bytes:
        written, self.written = self.written, b""
        return written

    def set_write_buffer_limits(self, high: int) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


class Ground:
    """A gateway with one model for each name (or each copy of `table`), and what its clients' connections are made of."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        keys: Keyring | None = None,
        ready: bool = True,
        faces: Sequence[Face] = (),
        table: RoutingTable | None = None,
    ) -> None:
        self.loop = loop
        settings = Gateway()
        self.core = Core(
            gateway="g",
            settings=settings,
            at_zero=AtZero.HOLD,
            authenticator_factory=None if keys is None else gateway_checks(Partition()),
            loop=loop,
            spawn=self.spawn,
        )
        self.front = Front(self.core, settings, faces or [AwsRuntimeFace(Partition())], Address(socket="/none"))
        self.models: dict[str, Upstream] = {}
        self.connects = 0
        if keys is not None:
            self.welcome(keys)
        if ready:
            self.route(table)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        work.close()
        self.connects += 1

    def welcome(self, keys: Keyring) -> None:
        self.core.welcomed(Welcome(clock=ClockRate(monotonic_ns=time.monotonic_ns(), started=time.time_ns()), keys=keys))

    def route(self, table: RoutingTable | None = None) -> None:
        self.core.replace(table or self.usual())
        for workload in self.core.routes.workloads():
            for copy in workload.copies:
                if not copy.idle:
                    self.models[copy.copy_id] = model = Upstream(copy, copy.heads)
                    model.connection_made(Wire())  # type: ignore[arg-type]
                    copy.freed(model)

    @staticmethod
    def usual() -> RoutingTable:
        variant = VariantName("main")
        components = tuple(
            ComponentRoute(name=ComponentName(name), variant=variant, workload=WorkloadId(f"ic/{name}")) for name in NAMES
        )
        copies = {name: CopyRoute(copy_id=CopyId(name), address=Address(port=1)) for name in NAMES}
        return RoutingTable(
            version=1,
            endpoints=(EndpointRoute(name=EndpointName("chat"), variants=(VariantRoute(name=variant),), components=components),),
            workloads=tuple(WorkloadRoute(workload=one.workload, copies=(copies[one.name],), desired=1) for one in components),
        )

    def client(self) -> ClientConnection:
        client = ClientConnection(self.front, self.loop)
        client.connection_made(Wire())  # type: ignore[arg-type]
        return client

    def asked(self, model: str = "llama") -> bytes:
        """Give what the model was sent since this was asked last."""
        return written(self.models[model])

    def answered(self, client: ClientConnection, model: str = "llama") -> bytes:
        """Let the model answer, and give what the client gets."""
        self.models[model].data_received(REPLY)
        return written(client)


def written(side: ClientConnection | Upstream) -> bytes:
    wire: Any = side.transport
    taken: bytes = wire.taken()
    return taken


def request(body: bytes = b"body", *more: str, component: str = "llama", length: int | str | None = None) -> tuple[bytes, bytes]:
    lines = (
        "POST /endpoints/chat/invocations HTTP/1.1",
        "Host: h",
        f"X-Amzn-SageMaker-Inference-Component: {component}",
        "Content-Type: text/csv",
        *more,
        f"Content-Length: {len(body) if length is None else length}",
    )
    return "\r\n".join((*lines, "", "")).encode(), body


def signed(body: bytes, call: str, keys: Keyring = KEYS) -> bytes:
    told = {"X-Amzn-SageMaker-Inference-Component": "llama", "Content-Type": "text/csv"}
    call_ = AWSRequest("POST", "http://h/endpoints/chat/invocations", headers=told, data=body)
    SigV4Auth(Credentials("AKIA", keys.secrets["AKIA"]), "sagemaker", "us-east-1").add_auth(call_)
    more = [f"{name}: {call_.headers[name]}" for name in ("X-Amz-Date", "Authorization")]
    return b"".join(request(body, *more, f"amz-sdk-invocation-id: {call}", "amz-sdk-request: attempt=1; max=3"))

"""The short way of requests, from a client's bytes to a model's, over real parts on transports that only remember."""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from stoker.config.settings import Gateway
from stoker.domain.ids import ComponentName, CopyId, EndpointName, Partition, VariantName, WorkloadId
from stoker.domain.keys import Keyring, keyring
from stoker.domain.states import AtZero
from stoker.gateway.core import Core
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
    """A gateway with one model for each name, and what its clients' connections are made of."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, keys: Keyring | None = None, ready: bool = True) -> None:
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
        self.front = Front(self.core, settings, [AwsRuntimeFace(Partition())], Address(socket="/none"))
        self.models: dict[str, Upstream] = {}
        self.connects = 0
        if keys is not None:
            self.welcome(keys)
        if ready:
            self.route()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        work.close()
        self.connects += 1

    def welcome(self, keys: Keyring) -> None:
        self.core.welcomed(Welcome(clock=ClockRate(monotonic_ns=time.monotonic_ns(), started=time.time_ns()), keys=keys))

    def route(self) -> None:
        variant = VariantName("main")
        components = tuple(
            ComponentRoute(name=ComponentName(name), variant=variant, workload=WorkloadId(f"ic/{name}")) for name in NAMES
        )
        copies = {name: CopyRoute(copy_id=CopyId(name), address=Address(port=1)) for name in NAMES}
        self.core.replace(
            RoutingTable(
                version=1,
                endpoints=(
                    EndpointRoute(name=EndpointName("chat"), variants=(VariantRoute(name=variant),), components=components),
                ),
                workloads=tuple(
                    WorkloadRoute(workload=one.workload, copies=(copies[one.name],), desired=1) for one in components
                ),
            )
        )
        for workload in self.core.routes.workloads():
            (copy,) = workload.copies
            self.models[copy.copy_id] = model = Upstream(copy, copy.heads)
            model.connection_made(Wire())  # type: ignore[arg-type]
            copy.freed(model)

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


def request(body: bytes = b"body", *more: str, component: str = "llama", length: int | None = None) -> tuple[bytes, bytes]:
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


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    one = asyncio.new_event_loop()
    yield one
    one.close()


@pytest.fixture
def ground(loop: asyncio.AbstractEventLoop) -> Ground:
    return Ground(loop)


def test_a_request_that_comes_at_once_goes_on_at_once(ground: Ground) -> None:
    client = ground.client()
    for number in range(3):
        head, body = request(b"x" * (8 + number), f"amz-sdk-invocation-id: {number}")
        client.data_received(head + body)
        asked = ground.asked()
        assert asked.endswith(b"content-length: %d\r\n\r\n%s" % (len(body), body))
        assert b"x-amzn-sagemaker-inference-component: llama\r\n" in asked
        assert b"amz-sdk" not in asked
        assert ground.answered(client).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("pieces", [1, 2, 4])
def test_a_body_may_come_after_its_head(ground: Ground, pieces: int) -> None:
    client = ground.client()
    for _ in range(2):
        head, body = request()
        client.data_received(head)
        assert not ground.core.runs
        size = len(body) // pieces
        for at in range(0, len(body), size):
            assert ground.asked() == b""
            client.data_received(body[at : at + size])
        assert ground.asked().endswith(b"content-length: 4\r\n\r\nbody")
        assert ground.answered(client).endswith(b"ok")
        assert ground.front.reading_bytes == 0


def test_requests_that_come_behind_a_late_body_are_answered_in_turn(ground: Ground) -> None:
    client = ground.client()
    head, body = request()
    client.data_received(head)
    client.data_received(body + head + b"seco" + head)
    assert ground.asked().endswith(b"body")
    assert ground.answered(client).endswith(b"ok")
    assert ground.asked().endswith(b"seco")
    assert ground.answered(client).endswith(b"ok")
    client.data_received(b"last")
    assert ground.asked().endswith(b"last")


def test_a_body_that_never_comes_is_waited_for_as_long_as_any(ground: Ground) -> None:
    client = ground.client()
    client.data_received(request()[0])
    assert ground.loop.time() < client.deadline <= ground.loop.time() + Gateway().head_timeout_s
    client.expire()
    assert written(client).startswith(b"HTTP/1.1 408")


def test_a_client_that_has_sent_a_head_is_not_taken_for_idle(ground: Ground) -> None:
    client = ground.client()
    head, body = request()
    client.data_received(head)
    ground.front.drain()
    assert not client.transport.is_closing()
    client.data_received(body)
    assert ground.asked().endswith(b"body")
    assert b"connection: close" in ground.answered(client)


def test_a_client_that_leaves_between_head_and_body_leaves_nothing(ground: Ground) -> None:
    client = ground.client()
    client.data_received(request()[0])
    client.connection_lost(None)
    assert not ground.core.runs
    assert ground.front.empty


@pytest.mark.parametrize("length", [0, 100_000, 10**30])
def test_no_body_and_a_long_one_are_not_waited_for_here(ground: Ground, length: int) -> None:
    client = ground.client()
    client.data_received(request(b"", length=4)[0] + b"body")
    ground.answered(client)
    client.data_received(request(b"", length=length)[0])
    assert client.early == b""


def test_one_connection_carries_requests_of_several_kinds(ground: Ground) -> None:
    client = ground.client()
    for name in (*NAMES, *NAMES):
        client.data_received(b"".join(request(component=name)))
        assert b"inference-component: %s\r\n" % name.encode() in ground.asked(name)
        assert ground.answered(client, name).endswith(b"ok")


def test_what_comes_before_the_first_table_is_served_after_it(loop: asyncio.AbstractEventLoop) -> None:
    ground = Ground(loop, ready=False)
    client = ground.client()
    client.data_received(b"".join(request()))
    assert ground.connects == 0
    ground.route()
    assert ground.connects == 1


def test_signatures_are_judged_by_the_keys_in_force(loop: asyncio.AbstractEventLoop) -> None:
    ground = Ground(loop, keys=KEYS)
    client = ground.client()
    good, forged, torn = signed(b"one", "1"), signed(b"two", "2", OTHERS), signed(b"two", "3")[:-1] + b"!"
    for sent, status in ((good, b"200"), (forged, b"403"), (good, b"200"), (torn, b"403"), (signed(b"more", "4"), b"200")):
        client.data_received(sent)
        reply = ground.answered(client) if ground.asked() else written(client)
        assert reply.startswith(b"HTTP/1.1 " + status)
    ground.welcome(OTHERS)
    for sent, status in ((good, b"403"), (forged, b"200")):
        client.data_received(sent)
        reply = ground.answered(client) if ground.asked() else written(client)
        assert reply.startswith(b"HTTP/1.1 " + status)


def test_traces_and_deadlines_of_a_call_are_its_own(ground: Ground) -> None:
    client = ground.client()
    for number in range(3):
        trace = f"traceparent: 00-{number}"
        client.data_received(b"".join(request(b"body", trace, "amz-sdk-request: ttl=20261122T000000Z; attempt=1; max=3")))
        assert b"\r\n%s\r\ncontent-length: 4\r\n" % trace.encode() in ground.asked()
        ground.answered(client)

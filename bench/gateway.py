"""CPU a gateway spends on one invocation, beside what a bare server spends on the same request.

Usage: `./run bench gateway [REQUESTS] [CONNECTIONS] [--auth]`. One run takes
both figures in turn, several times, and prints the best of each: on a shared machine the smallest is the one least disturbed.
Wall-clock figures are shown for orientation only.
"""

import asyncio
import contextlib
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Event
from typing import cast

import httptools
import psutil
import uvloop

from stoker.domain.ids import ComponentName, CopyId, EndpointName, Partition, VariantName, WorkloadId
from stoker.gateway.process import GatewayOptions, main
from stoker.link.framing import encode
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
from stoker.wire.aws.invocations import AwsRuntimeFace, signature_checks

BODY = b'{"inputs": "%s"}' % (b"a" * 180)
REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)
HEADERS = (
    b"Host: 127.0.0.1:8080\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
    b"X-Amzn-SageMaker-Inference-Component: llama\r\nUser-Agent: Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux\r\n"
    b"X-Amz-Date: 20260101T000000Z\r\namz-sdk-request: attempt=1\r\nConnection: keep-alive\r\n"
)
ROUNDS = 3


class Echo(asyncio.Protocol):
    """The least a server can do: parse, answer."""

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """A message is whole."""
        self.transport.write(REPLY)


class Load(asyncio.Protocol):
    """Sends the next request when a reply is whole."""

    def __init__(self, request: bytes, left: list[int], done: asyncio.Event) -> None:
        self.request = request
        self.left = left
        self.done = done
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)
        self.next()

    def next(self) -> None:
        """Send the next request, if any is left."""
        if self.left[0] > 0:
            self.left[0] -= 1
            self.transport.write(self.request)
        else:
            self.done.set()

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """A message is whole."""
        if self.parser.get_status_code() != 200:
            sys.exit(f"answered {self.parser.get_status_code()}")
        self.next()


def serve_echo(socket: str, ready: Event) -> None:
    """Serve the bare server on a unix socket."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_unix_server(Echo, socket)
        ready.set()
        async with server:
            await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def serve_link(folder: str, ready: Event) -> None:
    """Play the control plane's end of the link."""
    name, variant = WorkloadId("ic/llama"), VariantName("main")
    component = ComponentRoute(name=ComponentName("llama"), variant=variant, workload=name)
    copy = CopyRoute(copy_id=CopyId("c1"), address=Address(socket=f"{folder}/echo.sock"))
    table = RoutingTable(
        version=1,
        endpoints=(EndpointRoute(name=EndpointName("chat"), variants=(VariantRoute(name=variant),), components=(component,)),),
        workloads=(WorkloadRoute(workload=name, copies=(copy,), desired=1),),
    )

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = ClockRate(monotonic_ns=time.monotonic_ns(), started=time.time_ns())
        writer.write(encode(Welcome(clock=clock, keys={"AK": "secret"})) + encode(table))
        while await reader.read(65536):
            pass

    async def run() -> None:
        server = await asyncio.start_unix_server(greet, f"{folder}/link.sock")
        ready.set()
        async with server:
            await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


def serve_gateway(folder: str, port: "multiprocessing.sharedctypes.Synchronized[int]", ready: Event) -> None:
    """Run a gateway as `stoker up` does."""

    def started(_host: str, found: int) -> None:
        port.value = found
        ready.set()

    options = GatewayOptions(gateway="g1", link_path=f"{folder}/link.sock", control_path=f"{folder}/none.sock", drain_s=0.1)
    main(options, [AwsRuntimeFace(Partition())], signature_checks if "--auth" in sys.argv else None, started=started)


@contextlib.contextmanager
def process(target: Callable[..., None], *args: object) -> Iterator[psutil.Process]:
    """Run a part in a process of its own, and wait until it is ready."""
    ready = multiprocessing.Event()
    child = multiprocessing.Process(target=target, args=(*args, ready), daemon=True)
    child.start()
    ready.wait(10)
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.join(5)


def signed_headers(path: str, port: int) -> bytes:
    """Give the headers of a request signed with the key that the link hands out."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - only with --auth
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    headers = dict(line.split(": ", 1) for line in HEADERS.decode().splitlines())
    del headers["X-Amz-Date"], headers["Connection"]
    headers["Host"] = f"127.0.0.1:{port}"
    request = AWSRequest("POST", f"http://127.0.0.1:{port}{path}", headers=headers, data=BODY)
    SigV4Auth(Credentials("AK", "secret"), "sagemaker", "us-east-1").add_auth(request)
    return "".join(f"{name}: {value}\r\n" for name, value in request.headers.items()).encode()


async def load(count: int, connections: int, path: str, *, port: int = 0, socket: str = "") -> float:
    """Send `count` requests over so many connections; give the seconds it took."""
    headers = signed_headers(path, port) if "--auth" in sys.argv and port else HEADERS
    request = b"POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (path.encode(), headers, len(BODY), BODY)
    loop = asyncio.get_running_loop()
    left, done = [count], asyncio.Event()

    def make() -> Load:
        return Load(request, left, done)

    began = time.perf_counter()
    opened = []
    for _ in range(connections):
        if socket:
            opened.append(await loop.create_unix_connection(make, socket))
        else:
            opened.append(await loop.create_connection(make, "127.0.0.1", port))
    await done.wait()
    for transport, _ in opened:
        transport.close()
    return time.perf_counter() - began


def cpu_us(child: psutil.Process, work: Callable[[], float], count: int) -> tuple[float, float]:
    """Give the CPU µs a process spent on each request of `work`, and the wall µs."""
    before = child.cpu_times()
    took = work()
    after = child.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return spent / count * 1e6, took / count * 1e6


def measure(count: int, connections: int) -> None:
    """Take and print the figures."""
    folder = tempfile.mkdtemp(prefix="bench-")
    port = multiprocessing.Value("i", 0)
    try:
        with (
            process(serve_echo, f"{folder}/echo.sock") as echo,
            process(serve_link, folder),
            process(serve_gateway, folder, port) as gateway,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):

            def direct() -> float:
                return runner.run(load(count, connections, "/invocations", socket=f"{folder}/echo.sock"))

            def through() -> float:
                return runner.run(load(count, connections, "/endpoints/chat/invocations", port=port.value))

            runner.run(load(200, connections, "/endpoints/chat/invocations", port=port.value))
            bare = [cpu_us(echo, direct, count) for _ in range(ROUNDS)]
            full = [cpu_us(gateway, through, count) for _ in range(ROUNDS)]
            rss = gateway.memory_info().rss / 1e6
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    (bare_cpu, bare_wall), (full_cpu, full_wall) = min(bare), min(full)
    print(f"{count} requests of {len(BODY)} bytes, {connections} connections, best of {ROUNDS}")
    print(f"bare server: {bare_cpu:7.1f} µs CPU a request   ({bare_wall:7.1f} µs wall)")
    print(f"gateway:     {full_cpu:7.1f} µs CPU a request   ({full_wall:7.1f} µs wall), {rss:.0f} MB resident")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    measure(numbers[0] if numbers else 10_000, numbers[1] if len(numbers) > 1 else 8)

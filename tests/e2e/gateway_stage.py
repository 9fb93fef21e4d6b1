"""A stage for the gateway: a control plane's link, its API socket, and model servers, all tiny and real."""

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stoker.config.settings import Gateway, Recording
from stoker.domain.ids import ComponentName, CopyId, EndpointName, Partition, VariantName, WorkloadId
from stoker.domain.keys import keyring
from stoker.domain.states import AtZero, RoutingStrategy
from stoker.gateway.process import GatewayOptions, Stop, serve
from stoker.link.framing import FrameDecoder, decode_upward, encode
from stoker.link.messages import (
    Address,
    ClockRate,
    ComponentRoute,
    CopyRoute,
    Counters,
    Downward,
    EndpointRoute,
    RoutingChange,
    RoutingTable,
    Upward,
    VariantRoute,
    Welcome,
    WorkloadCounts,
    WorkloadRoute,
)
from stoker.wire.aws.invocations import AwsRuntimeFace

if TYPE_CHECKING:
    from stoker.gateway.face import AuthenticatorFactory, Face

Answer = Callable[["Ask", asyncio.StreamWriter], Awaitable[None]]
PATH = "/endpoints/chat/invocations"
STREAM_PATH = "/endpoints/chat/invocations-response-stream"
WORKLOAD = WorkloadId("ic/llama")


class Ask:
    """A request as a tiny server read it."""

    def __init__(self, line: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.target, _ = line.split(" ", 2)
        self.headers = headers
        self.body = body


async def read_ask(reader: asyncio.StreamReader) -> Ask | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = raw.decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Ask(first, headers, body)


def reply(body: bytes, status: str = "200 OK", headers: str = "content-type: text/plain\r\n") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body


async def echo(ask: Ask, writer: asyncio.StreamWriter) -> None:
    writer.write(reply(b"echo:" + ask.body))


class Server:
    """A model server, or a control plane's API: `answer` may be changed while it runs."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self.path = path
        self.answer = answer
        self.asks: list[Ask] = []
        self.connections = 0
        self.gone = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
            self.path.unlink(missing_ok=True)
            self._server = None

    def cut(self) -> None:
        for writer in list(self._writers):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while ask := await read_ask(reader):
                self.asks.append(ask)
                await self.answer(ask, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the stream's own callback would log a cancelled server as a fault
        finally:
            self.gone.set()
            self._writers.discard(writer)
            writer.close()


class Link:
    """The control plane's end of the link. Every message is kept in `got`; `wait` waits for one."""

    def __init__(self, path: Path, keys: dict[str, str], clock: ClockRate) -> None:
        self.path = path
        self.keys = keys
        self.clock = clock
        self.got: list[Upward] = []
        self.table: RoutingTable | None = None
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.close()
            await self._server.wait_closed()
            self.path.unlink(missing_ok=True)
            self._server = None

    def publish(self, table: RoutingTable | RoutingChange) -> None:
        """Send a table, which who joins later gets too, or a change, which nobody else gets."""
        if isinstance(table, RoutingTable):
            self.table = table
        self.tell(table)

    def tell(self, message: Downward) -> None:
        for writer in self._writers:
            writer.write(encode(message))

    async def wait(self, kind: type[Upward], seen: Callable[[Upward], bool] = lambda _: True, *, skip: int = 0) -> Upward:
        def first() -> Upward | None:
            return next((one for one in self.got[skip:] if isinstance(one, kind) and seen(one)), None)

        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: first() is not None)
        found = first()
        assert found is not None
        return found

    async def counted(self, done: Callable[[WorkloadCounts], bool]) -> WorkloadCounts:
        def of(message: Upward) -> WorkloadCounts | None:
            counts = message.counts if isinstance(message, Counters) else ()
            return next((one for one in counts if done(one)), None)

        found = of(await self.wait(Counters, lambda message: of(message) is not None))
        assert found is not None
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = FrameDecoder()
        first: Downward = Welcome(clock=self.clock, keys=keyring(self.keys))
        writer.write(encode(first))
        if self.table is not None:
            writer.write(encode(self.table))
        self._writers.add(writer)
        try:
            while data := await reader.read(65536):
                async with self._news:
                    self.got += [decode_upward(body) for body in decoder.feed(data)]
                    self._news.notify_all()
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


def table(
    *copies: Server,
    version: int = 1,
    desired: int = 1,
    wakeable: bool = True,
    at_zero: AtZero | None = None,
    failure: str = "",
    strategy: RoutingStrategy = RoutingStrategy.LEAST_OUTSTANDING_REQUESTS,
    model_timeout: int | None = None,
    max_hold: int | None = None,
    slots: int = 0,
) -> RoutingTable:
    """One endpoint `chat` that hosts the component `llama`, and one, `plain`, whose variant serves the same workload."""
    routes = tuple(
        CopyRoute(copy_id=CopyId(copy.path.name), address=Address(socket=str(copy.path)), slots=slots) for copy in copies
    )
    variant = VariantName("main")
    return RoutingTable(
        version=version,
        endpoints=(
            EndpointRoute(
                name=EndpointName("chat"),
                variants=(VariantRoute(name=variant, routing=strategy),),
                components=(ComponentRoute(name=ComponentName("llama"), variant=variant, workload=WORKLOAD),),
            ),
            EndpointRoute(
                name=EndpointName("plain"),
                variants=(VariantRoute(name=variant, routing=strategy, workload=WorkloadId("variant/plain/main")),),
            ),
        ),
        workloads=tuple(
            WorkloadRoute(
                workload=name,
                copies=routes,
                desired=desired,
                wakeable=wakeable,
                at_zero=at_zero,
                failure=failure,
                model_timeout=model_timeout,
                max_hold=max_hold,
            )
            for name in (WORKLOAD, WorkloadId("variant/plain/main"))
        ),
    )


class Client:
    """A raw HTTP client on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def post(self, body: bytes, path: str = PATH, **headers: str) -> None:
        given = {"host": "gateway", "x-amzn-sagemaker-inference-component": "llama"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
        self.writer.write(f"POST {path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body)

    async def reply(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(10):
            raw = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = raw.rstrip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if headers.get("transfer-encoding") == "chunked":
                body = b"".join([piece async for piece in self.chunks()])
            elif "content-length" in headers:
                body = await self.reader.readexactly(int(headers["content-length"]))
            else:
                body = b""
            return int(first.split(" ", 2)[1]), headers, body

    async def chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self.reader.readline(), 16):
            yield await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()

    async def ended(self) -> bytes:
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                return await self.reader.read()
            return b""

    def close(self) -> None:
        self.writer.close()


class Stage:
    """Everything around one gateway, which runs in this process until the stage is closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.link = Link(folder / "link.sock", {}, ClockRate(monotonic_ns=0, started=0))
        self.control = Server(folder / "control.sock", echo)
        self.stop = Stop()
        self.host = ""
        self.port = 0
        self.faces: list[Face] = [AwsRuntimeFace(Partition())]
        self.factory: AuthenticatorFactory | None = None
        self.servers: list[Server] = [self.control]
        self.clients: list[Client] = []
        self.task: asyncio.Task[None] | None = None

    async def copy(self, answer: Answer = echo) -> Server:
        server = Server(self.folder / f"copy-{len(self.servers)}", answer)
        self.servers.append(server)
        await server.start()
        return server

    async def open(
        self, settings: Gateway | None = None, *, drain_s: float = 5.0, quiet_s: float = 0.0, recordings: Path | None = None
    ) -> None:
        """Start the gateway and wait until it listens and has the table, if one is published."""
        listening = asyncio.Event()

        def started(host: str, port: int) -> None:
            self.host, self.port = host, port
            listening.set()

        options = GatewayOptions(
            gateway="g1",
            link_path=str(self.link.path),
            control_path=str(self.control.path),
            settings=settings or Gateway(report_s=0.1),
            drain_s=drain_s,
            quiet_s=quiet_s,
            sweep_s=0.02,
            recording=Recording(enabled=recordings is not None),
            recordings=str(recordings),
        )
        self.task = asyncio.create_task(serve(options, self.faces, self.factory, stop=self.stop, started=started))
        async with asyncio.timeout(10):
            await listening.wait()
            if self.link.table is not None:
                await self.until(lambda status: status["table_version"] == self.link.table.version)  # type: ignore[union-attr]

    async def client(self) -> Client:
        client = Client(*await asyncio.open_connection(self.host, self.port))
        self.clients.append(client)
        return client

    async def ask(self, body: bytes = b"hi", path: str = PATH, **headers: str) -> tuple[int, dict[str, str], bytes]:
        client = await self.client()
        client.post(body, path, **headers)
        return await client.reply()

    async def status(self) -> dict[str, object]:
        client = await self.client()
        client.writer.write(b"GET /stoker/gateway HTTP/1.1\r\nhost: x\r\n\r\n")
        _, _, body = await client.reply()
        client.close()
        return dict(json.loads(body))

    async def until(self, true: Callable[[dict[str, object]], bool]) -> dict[str, object]:
        """Ask for the gateway's status until it is as wanted."""
        async with asyncio.timeout(10):
            while not true(status := await self.status()):  # noqa: ASYNC110 - asked of the gateway from outside
                await asyncio.sleep(0.01)
        return status

    async def close(self) -> None:
        for client in self.clients:
            client.close()
        self.stop.set()
        if self.task is not None:
            async with asyncio.timeout(10):
                await self.task
        for server in self.servers:
            await server.stop()
        await self.link.stop()


@contextlib.asynccontextmanager
async def staged(*, control: bool = True, link: bool = True) -> AsyncIterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="gw-"))  # a unix socket's path holds 107 bytes: pytest's own folders may be too deep
    stage = Stage(folder)
    try:
        if control:
            await stage.control.start()
        if link:
            await stage.link.start()
        yield stage
    finally:
        await stage.close()
        shutil.rmtree(folder, ignore_errors=True)

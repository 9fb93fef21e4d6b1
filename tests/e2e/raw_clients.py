"""Many clients on raw sockets in one loop: each invokes again and again and notes what became of each call."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.e2e.fault_stage import ENDPOINT

ANSWER_S = 120.0
CUT = 0
"""Status of a call whose connection ended without a whole reply."""
REFUSED = -1
"""Status of a call for which no connection was to be had."""


class Call(NamedTuple):
    """One call: when it was sent and answered (monotonic seconds), on which connection's how many-th request, and its reply."""

    id: str
    sent: float
    answered: float
    status: int
    body: bytes
    turn: int

    @property
    def answer(self) -> dict[str, object]:
        """The model's answer, or the error's members."""
        try:
            found: dict[str, object] = json.loads(self.body)
        except ValueError:
            return {}
        return found


class RawClient:
    """A client that speaks HTTP by itself, and never asks twice."""

    def __init__(self, address: str, component: str, *, keep: bool = True) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._component = component
        self._keep = keep
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._turn = 0

    async def invoke(self, identity: str, data: dict[str, object]) -> Call:
        """Make a call."""
        sent = time.monotonic()
        try:
            reader, writer = await self._connected()
        except OSError as error:
            return Call(identity, sent, time.monotonic(), REFUSED, str(error).encode(), 0)
        self._turn += 1
        turn = self._turn
        body = json.dumps({"id": identity, **data}).encode()
        writer.write(
            f"POST /endpoints/{ENDPOINT}/invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            f"x-amzn-sagemaker-inference-component: {self._component}\r\ncontent-length: {len(body)}\r\n"
            f"{'' if self._keep else 'connection: close' + chr(13) + chr(10)}\r\n".encode()
            + body
        )
        try:
            async with asyncio.timeout(ANSWER_S):
                status, answer, stays = await read_reply(reader)
        except (OSError, EOFError) as error:
            self.close()
            return Call(identity, sent, time.monotonic(), CUT, repr(error).encode(), turn)
        if not stays:
            self.close()
        return Call(identity, sent, time.monotonic(), status, answer, turn)

    def close(self) -> None:
        """Close the connection, if there is one."""
        writer, self._reader, self._writer = self._writer, None, None
        self._turn = 0
        if writer is not None:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        await asyncio.sleep(
            0
        )  # a server's goodbye that has come is taken note of, as pools do before they use a connection again
        if self._writer is not None and self._reader is not None and not (self._reader.at_eof() or self._writer.is_closing()):
            return self._reader, self._writer
        self.close()
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self._reader, self._writer


async def read_reply(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Read a reply: status, body, and whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    line, *rest = head.rstrip().split("\r\n")
    headers = {name: value.strip() for name, _, value in (text.partition(":") for text in rest)}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers["content-length"]))
    return int(line.split()[1]), body, headers.get("connection") != "close"


class RawLoad:
    """Clients that ask until told to stop; `calls` gathers what became of it."""

    def __init__(
        self, address: str, component: str, *, clients: int, seconds: float, pause_s: float = 0.0, name: str = "call"
    ) -> None:
        self.calls: list[Call] = []
        self._clients = [RawClient(address, component, keep=bool(number % 4)) for number in range(clients)]
        self._seconds = seconds
        self._pause_s = pause_s
        self._name = name
        self._stopped = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask as long as the body of the `async with` lasts, then until each client has its last answer."""
        async with asyncio.TaskGroup() as group:
            for number in range(len(self._clients)):
                group.create_task(self._ask(number))
            try:
                yield
            finally:
                self._stopped = True

    async def more(self, calls: int) -> None:
        """Wait for so many further calls to end."""
        wanted = len(self.calls) + calls
        async with asyncio.timeout(60):
            while len(self.calls) < wanted:  # noqa: ASYNC110 - the clients wait for nobody
                await asyncio.sleep(0.02)

    async def _ask(self, number: int) -> None:
        client = self._clients[number]
        count = 0
        while not self._stopped:
            count += 1
            self.calls.append(await client.invoke(f"{self._name}-{number}-{count}", {"seconds": self._seconds}))
            if self._pause_s:
                await asyncio.sleep(self._pause_s)
        client.close()

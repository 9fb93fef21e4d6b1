"""A gateway as a process on uvloop, and clients that behave badly."""

import asyncio
import contextlib
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import psutil

from stoker.config.settings import Gateway
from stoker.link.messages import Counters
from tests.e2e.gateway_stage import PATH, Client, Stage

SCRIPT = Path(__file__).parent / "gateway_process.py"
INVOKE = b"POST %s HTTP/1.1\r\nhost: x\r\nx-amzn-sagemaker-inference-component: llama\r\n" % PATH.encode()


class Running:
    """A gateway process; what it holds can be counted."""

    def __init__(self, stage: Stage, process: asyncio.subprocess.Process) -> None:
        self.stage = stage
        self.process = process
        self._seen = psutil.Process(process.pid)

    def rss(self) -> int:
        """Bytes of memory."""
        return int(self._seen.memory_info().rss)

    def files(self) -> int:
        """Open descriptors."""
        return int(self._seen.num_fds())

    async def settled(self) -> dict[str, object]:
        """Wait until nothing is left of any client but the one that asks, and the last report says so too."""

        def quiet(told: dict[str, object]) -> bool:
            return told["connections"] == 1 and not any(told[key] for key in ("in_flight", "held", "held_bytes", "reading_bytes"))

        told = await self.stage.until(quiet)
        reports = [one for one in self.stage.link.got if isinstance(one, Counters)]
        if reports:
            await self.stage.link.wait(
                Counters, lambda one: isinstance(one, Counters) and not any(each.in_flight or each.held for each in one.counts)
            )
        return told


@contextlib.asynccontextmanager
async def running(stage: Stage, settings: Gateway | None = None) -> AsyncIterator[Running]:
    """Run a gateway for the stage, which then speaks to it."""
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), str(stage.folder), "0", str(reading), "off", msgspec.json.encode(settings or Gateway()),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, pass_fds=(reading,),
    )  # fmt: skip
    os.close(reading)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(20):
            stage.host, stage.port = "127.0.0.1", int(await process.stdout.readline())
        if stage.link.table is not None:
            version = stage.link.table.version
            await stage.until(lambda told: told["table_version"] == version)
        yield Running(stage, process)
        os.close(writing)
        async with asyncio.timeout(10):
            said = await process.stderr.read()
            await process.wait()
        assert b"Traceback" not in said, said.decode()
    finally:
        with contextlib.suppress(OSError):
            os.close(writing)
        if process.returncode is None:
            process.kill()
            await process.wait()


def reset(client: Client) -> None:
    """Close a connection by RST."""
    found = client.writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.writer.transport.abort()


async def deaf(stage: Stage) -> tuple[socket.socket, asyncio.AbstractEventLoop]:
    """Connect a client that reads nothing until told to, with little room for what comes."""
    loop = asyncio.get_running_loop()
    ear = socket.socket()
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    ear.setblocking(False)
    await loop.sock_connect(ear, (stage.host, stage.port))
    return ear, loop

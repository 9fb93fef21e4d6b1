"""The gateway as a real process on uvloop, spoken to by boto3."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from stoker.link.messages import Demand
from tests.e2e.gateway_stage import Ask, Server, Stage, reply, staged, table

SCRIPT = Path(__file__).parent / "gateway_process.py"
KEY = "s3cret"
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"


class Gateway:
    """A gateway process and the pipe whose end tells it that its supervisor is gone."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, parent: int) -> None:
        self.process = process
        self.port = port
        self.parent = parent

    async def ended(self) -> int:
        async with asyncio.timeout(10):
            return await self.process.wait()


@contextlib.asynccontextmanager
async def gateway(stage: Stage, *, port: int = 0, auth: str = "off") -> AsyncIterator[Gateway]:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), str(stage.folder), str(port), str(reading), auth,
        stdout=asyncio.subprocess.PIPE, pass_fds=(reading,),
    )  # fmt: skip
    os.close(reading)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            line = await process.stdout.readline()
        yield Gateway(process, int(line), writing)
    finally:
        with contextlib.suppress(OSError):
            os.close(writing)
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextlib.contextmanager
def runtime(port: int, secret: str = KEY) -> Iterator[Any]:
    client = boto3.client(
        "sagemaker-runtime",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="AKIATEST",
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=10),
    )
    try:
        yield client
    finally:
        client.close()


async def invoke(client: Any, body: bytes = b"hi", **more: str) -> Any:
    return await asyncio.to_thread(
        client.invoke_endpoint, EndpointName="chat", InferenceComponentName="llama", Body=body, ContentType="text/plain", **more
    )


async def test_boto3_invokes_holds_and_reads_errors() -> None:
    async def model(ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(b"sorry", "503 Busy") if ask.body == b"fail" else reply(b"echo:" + ask.body))

    async with staged() as stage:
        stage.link.keys = {"AKIATEST": KEY}
        stage.link.publish(table(desired=0))
        async with gateway(stage, auth="on") as running:
            with runtime(running.port) as client, runtime(running.port, "wrong") as forger:
                held = asyncio.create_task(invoke(client, b"first", CustomAttributes="a=b"))
                await stage.link.wait(Demand)
                copy = await stage.copy(model)
                stage.link.publish(table(copy, version=2))
                answer = await held
                assert answer["Body"].read() == b"echo:first"
                assert answer["InvokedProductionVariant"] == "main"
                assert answer["ContentType"] == "text/plain"
                assert copy.asks[0].headers["x-amzn-sagemaker-custom-attributes"] == "a=b"
                with pytest.raises(ClientError) as failed:
                    await invoke(client, b"fail")
                assert failed.value.response["Error"]["Code"] == "ModelError"
                assert failed.value.response["OriginalStatusCode"] == 503
                assert failed.value.response["OriginalMessage"] == "sorry"
                with pytest.raises(ClientError) as unknown:
                    await asyncio.to_thread(client.invoke_endpoint, EndpointName="nobody", Body=b"")
                assert unknown.value.response["Error"]["Code"] == "ValidationError"
                with pytest.raises(ClientError) as forged:
                    await invoke(forger)
                assert forged.value.response["Error"]["Code"] == "InvalidSignatureException"
                assert forged.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


async def test_boto3_reads_streams_and_their_failures() -> None:
    async def streams(ask: Ask, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"3\r\none\r\n")
        await writer.drain()
        if ask.body == b"break":
            writer.close()
        else:
            writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    def read(client: Any, body: bytes) -> bytes:
        answer = client.invoke_endpoint_with_response_stream(
            EndpointName="chat", InferenceComponentName="llama", Body=body, Accept="text/plain"
        )
        assert answer["ContentType"] == "text/plain"
        with contextlib.closing(answer["Body"]) as events:
            return b"".join(event["PayloadPart"]["Bytes"] for event in events)

    async with staged() as stage:
        stage.link.keys = {"AKIATEST": KEY}
        stage.link.publish(table(await stage.copy(streams)))
        async with gateway(stage, auth="on") as running:
            with runtime(running.port) as client:
                assert await asyncio.to_thread(read, client, b"go") == b"onetwo"
                with pytest.raises(EventStreamError, match="ModelStreamError"):
                    await asyncio.to_thread(read, client, b"break")


async def slow_copy(stage: Stage, go_on: asyncio.Event) -> Server:
    async def waits(_ask: Ask, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(reply(b"done"))

    return await stage.copy(waits)


@pytest.mark.parametrize("how", ["SIGTERM", "parent"])
async def test_a_told_gateway_finishes_its_work_and_exits_cleanly(how: str) -> None:
    async with staged() as stage:
        go_on = asyncio.Event()
        copy = await slow_copy(stage, go_on)
        stage.link.publish(table(copy))
        async with gateway(stage) as running:
            stage.host, stage.port = "127.0.0.1", running.port
            busy = await stage.client()
            busy.post(b"x")
            await stage.until(lambda status: status["in_flight"] == 1)
            if how == "SIGTERM":
                running.process.send_signal(signal.SIGTERM)
            else:
                os.close(running.parent)
            async with asyncio.timeout(10):
                while True:
                    try:
                        (await stage.client()).close()
                    except OSError:
                        break
                    await asyncio.sleep(0.01)
            go_on.set()
            assert (await busy.reply())[2] == b"done"
            assert await running.ended() == 0


async def test_two_gateways_share_a_port() -> None:
    async with staged() as stage:
        stage.link.publish(table(await stage.copy()))
        async with gateway(stage) as one, gateway(stage, port=one.port) as two:
            assert two.port == one.port
            stage.host, stage.port = "127.0.0.1", one.port
            pids: set[object] = set()
            async with asyncio.timeout(20):
                while len(pids) < 2:
                    pids.add((await stage.status())["pid"])
            one.process.send_signal(signal.SIGKILL)
            await one.ended()
            status, _, body = await stage.ask()
            assert (status, body) == (200, b"echo:hi")
            told = await stage.status()
            assert told["pid"] == two.process.pid

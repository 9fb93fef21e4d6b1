"""A thousand invocations arrive at a component without copies at once: all are answered after one cold start."""

import asyncio
import json
import resource
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.counting_model import counting_handler, read_log
from tests.e2e.fault_stage import ENDPOINT, Stage, platform
from tests.e2e.raw_clients import read_reply

MANY = 1000


def ask(number: int) -> bytes:
    body = b'{"id": "%d"}' % number
    return (
        b"POST /endpoints/%s/invocations HTTP/1.1\r\nhost: x\r\nuser-agent: Boto3/1.44 Botocore/1.44\r\n"
        b"content-type: application/json\r\namz-sdk-invocation-id: %032d\r\namz-sdk-request: attempt=1\r\n"
        b"x-amzn-sagemaker-inference-component: crowd\r\ncontent-length: %d\r\n\r\n%s"
    ) % (ENDPOINT.encode(), number, len(body), body)


async def crowd(stage: Stage) -> tuple[list[tuple[int, bytes]], float]:
    """Connect a thousand clients, have all of them ask at once, and give the replies and how long the asking took."""
    address = urlsplit(stage.server.address)
    place = (address.hostname or "", address.port or 0)
    sockets = [await asyncio.to_thread(socket.create_connection, place) for _ in range(MANY)]
    asks = [ask(number) for number in range(MANY)]
    begin = time.perf_counter()
    for client, words in zip(sockets, asks, strict=True):
        client.send(words)
    took = time.perf_counter() - begin

    async def answer(client: socket.socket) -> tuple[int, bytes]:
        client.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=client)
        try:
            status, body, _ = await read_reply(reader)
        finally:
            writer.close()
        return status, body

    async with asyncio.timeout(100), asyncio.TaskGroup() as group:
        answers = [group.create_task(answer(client)) for client in sockets]
    return [each.result() for each in answers], took


@pytest.mark.timeout(180)
@pytest.mark.parametrize("gateways", [1, 2])
def test_a_thousand_at_once_at_zero_are_all_answered_after_one_cold_start(tmp_path: Path, gateways: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    log = tmp_path / "log"
    try:
        with platform(tmp_path, gateways=gateways, settings='[server]\nauth = "off"\n') as stage:
            stage.open()
            stage.deploy("crowd", copies=0, handler=counting_handler(log, load_s=1.0))
            stage.allow_zero("crowd", most=2)
            replies, took = asyncio.run(crowd(stage))
            print(f"{MANY} invocations came within {1000 * took:.1f} ms")  # noqa: T201
            assert {status for status, _ in replies} == {200}
            assert [json.loads(body)["id"] for _, body in replies] == [str(number) for number in range(MANY)]
            started = stage.pids("crowd")
            assert {json.loads(body)["pid"] for _, body in replies} <= set(started.values())
            assert len(started) <= 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    worked = read_log(log)
    assert len(worked.begun) == MANY
    assert set(worked.begun.values()) == set(worked.ended.values()) == {1}, "none was worked on twice"

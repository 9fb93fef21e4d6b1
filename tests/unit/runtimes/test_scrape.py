"""A server's text is fetched whole or not at all."""

import asyncio
from pathlib import Path

import pytest

from stoker.runtimes.process.probe import Address
from stoker.runtimes.process.scrape import MAX_BYTES, fetch

OK = b"HTTP/1.1 200 OK\r\n"


async def fetched(folder: Path, reply: bytes, *, hold: bool = False, timeout_s: float = 5.0) -> tuple[bytes | None, bytes]:
    """Give what is fetched of a server that replies so, and what it was asked; one that holds says no more and does not close."""
    asked: list[bytes] = []
    end = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(reply)
        if hold:
            await end.wait()
        writer.close()

    server = await asyncio.start_unix_server(serve, folder / "s")
    async with server:
        text = await fetch(Address(socket=str(folder / "s")), "/own", timeout_s)
        end.set()
    return text, asked[0]


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        pytest.param(OK + b"content-length: 4\r\n\r\na 1\n", b"a 1\n", id="length"),
        pytest.param(OK + b"transfer-encoding: chunked\r\n\r\n2\r\na \r\n2\r\n1\n\r\n0\r\n\r\n", b"a 1\n", id="chunks"),
        pytest.param(OK + b"\r\na 1\n", b"a 1\n", id="till the end"),
        pytest.param(b"HTTP/1.1 404 Not Found\r\ncontent-length: 1\r\n\r\nx", None, id="not there"),
        pytest.param(b"220 smtp ready\r\n", None, id="no HTTP"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(OK + b"content-length: 3000000\r\n\r\n" + b"x" * (MAX_BYTES + 1), None, id="too long"),
    ],
)
async def test_what_a_server_replies(tmp_path: Path, reply: bytes, text: bytes | None) -> None:
    found, asked = await fetched(tmp_path, reply)
    assert found == text
    assert asked.startswith(b"GET /own HTTP/1.1\r\nHost: localhost\r\n")


async def test_who_takes_too_long_is_left_out(tmp_path: Path) -> None:
    assert (await fetched(tmp_path, OK + b"content-length: 4\r\n\r\na ", hold=True, timeout_s=0.05))[0] is None


async def test_who_does_not_listen_is_left_out(tmp_path: Path) -> None:
    assert await fetch(Address(socket=str(tmp_path / "nobody")), "/own", 1.0) is None

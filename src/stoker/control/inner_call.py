"""One invocation through a gateway's inner door: the request as it lies there, the reply into a file as it comes."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import httptools
import msgspec

from stoker.errors import StokerError

BLOCK: Final = 262_144
MAX_TOLD: Final = 1 << 20
"""Bytes of a failure that are read."""
CONNECT_S: Final = 5.0
_GOOD: Final = range(200, 300)


class NotReachedError(StokerError):
    """The gateway took no connection: nothing was sent."""


class LostError(StokerError):
    """The gateway went away before its reply was whole."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an invocation. `reason` is empty when it went well; else `told` is what the gateway says of it."""

    status: int
    headers: Mapping[str, str]
    told: bytes = b""

    @property
    def reason(self) -> str:
        """Why it failed, in the gateway's word."""
        return "" if self.status in _GOOD else self.headers.get("x-stoker-reason", "unknown")


class _Reply:
    """Takes a reply from the parser: good bodies go to `sink`, the words of a failure are kept."""

    __slots__ = ("_sink", "complete", "headers", "parser", "told")

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self.headers: dict[str, str] = {}
        self.told = b""
        self.complete = False
        self.parser = httptools.HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, by its lower-case name."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        if self.parser.get_status_code() in _GOOD:
            self._sink(data)
        elif len(self.told) < MAX_TOLD:
            self.told += data

    def on_message_complete(self) -> None:
        """The reply is whole."""
        self.complete = True


async def call(  # noqa: PLR0917 - each is of another kind
    door: Path,
    endpoint: str,
    headers: Mapping[str, str],
    body: bytes | IO[bytes],
    length: int,
    sink: Callable[[bytes], None],
) -> Answer:
    """Send an invocation and give what came of it. `sink` gets a good reply's body, piece by piece.

    Raises `NotReachedError`, `LostError`, and whatever `sink` does.
    """
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_unix_connection(str(door))
    except (OSError, TimeoutError) as error:
        raise NotReachedError(f"No gateway listens on {door.name}.") from error
    try:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
        start = f"POST /endpoints/{quote(endpoint)}/invocations HTTP/1.1\r\nhost: inner\r\nconnection: close\r\n"
        writer.write(f"{start}{lines}content-length: {length}\r\n\r\n".encode("latin-1", "replace"))
        with contextlib.suppress(ConnectionError):  # it may have answered already, and that is read below
            await _send(writer, body)
        return await _read(reader, _Reply(sink))
    except OSError as error:
        raise LostError("The gateway that had it went away.") from error
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, body: bytes | IO[bytes]) -> None:
    if isinstance(body, bytes):
        writer.write(body)
    else:
        while block := await asyncio.to_thread(body.read, BLOCK):
            writer.write(block)
            await writer.drain()
    await writer.drain()


async def _read(reader: asyncio.StreamReader, reply: _Reply) -> Answer:
    while not reply.complete:
        data = await reader.read(BLOCK)
        if not data:
            raise LostError("The gateway that had it went away.")
        try:
            reply.parser.feed_data(data)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, StokerError):
                raise cause from error
            raise LostError("The gateway's reply was garbled.") from error
    return Answer(status=reply.parser.get_status_code(), headers=reply.headers, told=reply.told)

"""Fetches what a copy's server tells of itself, bounded in time and size."""

import asyncio
import socket

import httptools

from stoker.runtimes.process.probe import Address

MAX_BYTES = 1_048_576
"""Bytes of one text; a longer one is not read."""

OK = 200
READ_BYTES = 65_536


class _Reply:
    """The callbacks of the parser."""

    __slots__ = ("body", "done")

    def __init__(self) -> None:
        self.body = bytearray()
        self.done = False

    def on_body(self, piece: bytes) -> None:
        self.body += piece

    def on_message_complete(self) -> None:
        self.done = True


async def fetch(address: Address, path: str, timeout_s: float) -> bytes | None:
    """Give the text at a path; None when it does not come, is no 200, or is too long."""
    family = socket.AF_UNIX if address.socket else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)  # noqa: FBT003 - the name says which
        try:
            async with asyncio.timeout(timeout_s):
                loop = asyncio.get_running_loop()
                await loop.sock_connect(sock, address.socket or ("127.0.0.1", address.port))
                return await _exchange(loop, sock, path)
        except (OSError, httptools.HttpParserError):  # among them TimeoutError
            return None


async def _exchange(loop: asyncio.AbstractEventLoop, sock: socket.socket, path: str) -> bytes | None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: stoker\r\nAccept: text/plain;version=0.0.4\r\n"
    await loop.sock_sendall(sock, f"{head}Connection: close\r\n\r\n".encode("latin-1"))
    reply = _Reply()
    parser = httptools.HttpResponseParser(reply)
    taken = 0
    while not reply.done and (piece := await loop.sock_recv(sock, READ_BYTES)):
        taken += len(piece)
        if taken > MAX_BYTES:
            return None
        parser.feed_data(piece)
    # One that says no length ends with its connection.
    return bytes(reply.body) if taken and parser.get_status_code() == OK else None

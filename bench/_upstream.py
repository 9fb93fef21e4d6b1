"""A server behind the proxies: each POST is answered by so many server-sent events, one every so many ms, or by a whole reply.

Usage: python _upstream.py PORT EVENTS INTERVAL_MS, for streams. Each event holds its number and the instant it was written,
`<NUMBER NANOSECONDS>`, on the machine's monotonic clock.
       python _upstream.py PORT REPLY, for whole replies, where there is no nginx.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from typing import cast

import httptools
import uvloop

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)


class Stream(asyncio.Protocol):
    """One connection, one stream at a time."""

    def __init__(self, events: int, interval_s: float) -> None:
        self.events = events
        self.interval_s = interval_s
        self.parser = httptools.HttpRequestParser(self)
        self.loop = asyncio.get_running_loop()
        self.sent = 0
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """A request is whole: begin."""
        self.transport.write(HEAD)
        self.sent = 0
        self.began = self.loop.time()
        self.next()

    def next(self) -> None:
        """Write an event, and come back for the next one."""
        if self.transport.is_closing():
            return
        text = b'data: {"token": "<%d %d>"}\n\n' % (self.sent, time.monotonic_ns())
        self.transport.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.sent += 1
        if self.sent < self.events:
            self.loop.call_at(self.began + self.sent * self.interval_s, self.next)
        else:
            self.transport.write(b"0\r\n\r\n")


class Whole(asyncio.Protocol):
    """One connection, whole replies."""

    def __init__(self, reply: bytes) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.reply = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(reply), reply)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """A request is whole: answer."""
        self.transport.write(self.reply)


async def main(port: int, make: Callable[[], asyncio.Protocol]) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


def protocol(words: Sequence[str]) -> Callable[[], asyncio.Protocol]:
    """Give what makes the connections that the command line asks for."""
    if len(words) == 1:
        return lambda: Whole(words[0].encode())
    return lambda: Stream(int(words[0]), float(words[1]) / 1000)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), protocol(sys.argv[2:])))

"""The floor: the least an HTTP relay on uvloop and httptools can do, without limits, errors, queues or counters.

Usage: python _bare_relay.py PORT UPSTREAM_PORT. Bytes are passed on as they came; the parsers only find where messages end.
"""

import asyncio
import sys
from typing import cast

import httptools
import uvloop


class Upstream(asyncio.Protocol):
    """One kept connection to the server behind."""

    def __init__(self, relay: "Relay") -> None:
        self.relay = relay
        self.client: Client | None = None
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Pass a part of a response on."""
        if self.client is not None:
            self.client.transport.write(data)
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """A response is whole: the connection is free."""
        self.client = None
        self.parser = httptools.HttpResponseParser(self)
        self.relay.idle.append(self)


class Client(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, relay: "Relay") -> None:
        self.relay = relay
        self.parts: list[bytes] = []
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Collect a request."""
        self.parts.append(data)
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """A request is whole: send it on."""
        request, self.parts = b"".join(self.parts), []
        idle = self.relay.idle
        if idle:
            upstream = idle.pop()
            upstream.client = self
            upstream.transport.write(request)
        else:
            self.relay.connect(self, request)


class Relay:
    """What the connections share."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.idle: list[Upstream] = []
        self.connecting: set[asyncio.Task[None]] = set()

    def connect(self, client: Client, request: bytes) -> None:
        """Open one more connection to the server behind, and send the request over it."""
        task = asyncio.get_running_loop().create_task(self._connect(client, request))
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)

    async def _connect(self, client: Client, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, upstream = await loop.create_connection(lambda: Upstream(self), "127.0.0.1", self.upstream_port)
        upstream.client = client
        upstream.transport.write(request)


async def main(port: int, upstream_port: int) -> None:
    """Serve until killed."""
    relay = Relay(upstream_port)
    server = await asyncio.get_running_loop().create_server(lambda: Client(relay), "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), int(sys.argv[2])))

"""The load of streams: many at once, each event numbered and dated by the server, so that what a proxy loses or delays shows."""

import asyncio
import gc
import re
import time
from collections.abc import Sequence
from functools import partial
from typing import cast

import httptools
import msgspec
import uvloop
from _bench_processes import cpu_s, on_core
from _proxies import Stand, Target
from _requests import STREAM, requests_for

EVENT = re.compile(rb"<(\d+) (\d+)>")
OPENING_S = 0.4
GRACE_S = 5.0


class StreamFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One round of streams through one proxy.

    Events a second, events that never came, gaps between a stream's events and delays from the server's write to the client's
    read in ms, CPU µs of the proxy an event.
    """

    rate: float
    lost: int
    gap_p50_ms: float
    gap_p99_ms: float
    gap_max_ms: float
    delay_p50_ms: float
    delay_p99_ms: float
    cpu_us: float


class Listener(asyncio.Protocol):
    """One client of one stream."""

    def __init__(self, request: bytes, expected: int, seen: "Seen") -> None:
        self.request = request
        self.expected = expected
        self.seen = seen
        self.parser = httptools.HttpResponseParser(self)
        self.tail = b""
        self.next = 0
        self.now_ns = 0
        self.last_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Take one read; the parser leaves out the framing, which may come between any two bytes of an event."""
        self.now_ns = time.monotonic_ns()
        self.parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        """Take the events of one part of the body."""
        now, seen = self.now_ns, self.seen
        data = self.tail + data
        end = 0
        for event in EVENT.finditer(data):
            number, written = int(event[1]), int(event[2])
            if number != self.next:
                seen.disordered += 1
            self.next = number + 1
            seen.delays.append(now - written)
            if self.last_ns:
                seen.gaps.append(now - self.last_ns)
            self.last_ns = now
            end = event.end()
        begun = data.find(b"<", end)
        self.tail = data[begun:] if begun >= 0 else b""
        if self.next >= self.expected:
            self.expected = 1 << 62
            seen.over()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The stream broke off, or was closed at the end."""
        if self.expected < 1 << 62:
            self.seen.over()


class Seen:
    """What all listeners saw."""

    def __init__(self, streams: int) -> None:
        self.gaps: list[int] = []
        self.delays: list[int] = []
        self.disordered = 0
        self.running = streams
        self.done = asyncio.Event()

    def over(self) -> None:
        """One stream has ended."""
        self.running -= 1
        if not self.running:
            self.done.set()


def measure_streams(stand: Stand, target: Target, *, streams: int, events: int, interval_ms: float) -> StreamFigures:
    """Open the streams one after the other, read all of them to their end."""
    requests = requests_for(target, path=STREAM, count=streams)
    before, began = cpu_s(target.process), time.perf_counter()
    with on_core(stand.load_core), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        gc.collect()
        gc.disable()
        try:
            seen = runner.run(_listen(target.port, requests, streams, events, interval_ms))
        finally:
            gc.enable()
    took, spent = time.perf_counter() - began, cpu_s(target.process) - before
    came = len(seen.delays)
    gaps, delays = sorted(seen.gaps), sorted(seen.delays)
    return StreamFigures(
        rate=came / took,
        lost=streams * events - came + seen.disordered,
        gap_p50_ms=_at(gaps, 0.5),
        gap_p99_ms=_at(gaps, 0.99),
        gap_max_ms=_at(gaps, 1.0),
        delay_p50_ms=_at(delays, 0.5),
        delay_p99_ms=_at(delays, 0.99),
        cpu_us=spent / max(1, came) * 1e6,
    )


def _at(ordered: Sequence[int], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e6 if ordered else float("inf")


async def _listen(port: int, requests: Sequence[bytes], streams: int, events: int, interval_ms: float) -> Seen:
    loop = asyncio.get_running_loop()
    seen = Seen(streams)
    transports = []
    for number in range(streams):
        listener = partial(Listener, requests[number % len(requests)], events, seen)
        transport, _ = await loop.create_connection(listener, "127.0.0.1", port)
        transports.append(transport)
        await asyncio.sleep(OPENING_S / streams)
    try:
        async with asyncio.timeout(events * interval_ms / 1000 + GRACE_S):
            await seen.done.wait()
    except TimeoutError:
        print(f"  {seen.running} of {streams} streams had not ended {GRACE_S:.0f} s after their time")
    for transport in transports:
        transport.abort()
    return seen

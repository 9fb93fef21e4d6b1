"""The copies a gateway can send to, each with its kept connections and the invocations outstanding on it."""

import asyncio
import time
from binascii import crc32
from collections.abc import Callable
from typing import Final, Protocol

from stoker.domain.ids import CopyId
from stoker.gateway.locks import Locks, area_of
from stoker.gateway.reply_heads import Heads
from stoker.gateway.upstream import Owner, Upstream
from stoker.link.messages import Address, CopyLoad, CopyRoute

CONNECT_S: Final = 2.0
"""Seconds a connection to a copy on this machine may take; a full accept queue is asked again within them."""
MAX_OUTSTANDING: Final = 1024
"""Invocations in flight on one copy from one gateway; each takes a connection."""
MAX_IDLE: Final = 64
KEPT_NS: Final = 1_000_000_000
"""Nanoseconds for which an unused connection is kept: less than servers keep it, so that none closes it as a request goes out."""
AHEAD: Final = 7
"""Invocations that a copy with slots may have beyond them while it answers quickly: so it need not wait for the next one."""
QUICK_NS: Final = 5_000_000
"""An answer within this time is a quick one."""
RAMP_FROM: Final = 16
RAMP_S: Final = 0.25
WINDOW: Final = 64
"""Invocations outstanding on a copy whose slots nobody knows, above which held ones stay: whoever waits is bound late, to what
gets free or ready first. A copy that has just come gets to it by doubling from `RAMP_FROM` every `RAMP_S`."""
MAX_STARTS: Final = 32
"""Paths of one copy that the beginning of a request is remembered for."""
MAX_PATH: Final = 256
"""Letters of such a path."""
_AGAIN_S = 0.01


class Connected(Protocol):
    """Who waits for a fresh connection."""

    def connected(self, upstream: Upstream) -> bool:
        """Take the connection; False when it is no longer wanted."""
        ...

    def connect_failed(self, error: OSError) -> None:
        """Take the news that there is none."""
        ...


class Copy:
    """One copy. `outstanding` counts the invocations handed to it, `broken_until` (loop's clock) when it may be tried again.

    `limit` bounds `outstanding` (see `paced`), `slots` is this gateway's part of the copy's (see `share`) and
    `ahead` what it may have beyond them. `answered` counts those that it has answered since the last report. `idle` are the kept
    connections, the one used last at the end. `request_head` is the beginning of a request for it, up to and without the
    invocation's own headers; `starts` are the same for other paths that are asked for by POST. `failures` counts those in a row,
    which began at `failing_ns`, `set_aside` how often that took it out, `good_ns` is when it last answered well. `mark` is what
    names of sessions that live on it end with. An exclusive one has `locks`: whoever has the one at `area` has the copy.
    """

    __slots__ = (
        "_drained",
        "_open",
        "_route",
        "ahead",
        "answered",
        "area",
        "broken_until",
        "failing_ns",
        "failures",
        "gone",
        "good_ns",
        "heads",
        "idle",
        "limit",
        "locks",
        "mark",
        "outstanding",
        "request_head",
        "set_aside",
        "since",
        "slots",
        "starts",
    )

    def __init__(self, route: CopyRoute, locks: Locks | None = None) -> None:
        self._route = route
        self.locks = locks if route.exclusive else None
        self.area = area_of(route.copy_id) if route.exclusive else 0
        self.idle: list[Upstream] = []
        self._open: set[Upstream] = set()
        self._drained: Callable[[Copy], None] | None = None
        self.outstanding = 0
        self.slots = min(route.slots, MAX_OUTSTANDING)
        self.ahead = 0 if route.exclusive else AHEAD
        self.limit = self.slots or MAX_OUTSTANDING
        self.since = -1.0
        self.answered = 0
        self.failures = self.set_aside = self.failing_ns = self.good_ns = 0
        self.broken_until = 0.0
        self.gone = False
        self.heads = Heads()
        self.mark = f"{crc32(route.copy_id.encode()):08x}"
        self.starts: dict[str, bytes] = {}
        self.request_head = self.head_for(route.invocations_path)

    @property
    def copy_id(self) -> CopyId:
        """The copy's id."""
        return self._route.copy_id

    @property
    def route(self) -> CopyRoute:
        """What the routing table says of the copy."""
        return self._route

    def head_for(self, path: str, method: str = "POST") -> bytes:
        """Give the beginning of a request to this copy."""
        address = self._route.address
        host = "localhost" if address.socket else f"{address.host}:{address.port}"
        start = f"{method} {path} HTTP/1.1\r\nhost: {host}\r\n".encode("latin-1")
        if method == "POST" and len(path) <= MAX_PATH:
            if len(self.starts) >= MAX_STARTS:
                self.starts.clear()
            self.starts[path] = start
        return start

    def usable(self, now: float) -> bool:
        """Tell whether an invocation may be sent to it."""
        return self.broken_until <= now and self.outstanding < self.limit

    def paced(self, now: float) -> bool:
        """Tell whether one that waited may be sent to it: a copy that has just come is not to get all at once."""
        if self.since < 0:
            self.since = now
        if self.broken_until > now:
            return False
        if self.slots:
            return self.outstanding < self.limit
        steps = int((now - self.since) / RAMP_S)
        return self.outstanding < (RAMP_FROM << steps if steps < WINDOW.bit_length() else WINDOW) and self.outstanding < WINDOW

    def took(self, span_ns: int) -> None:
        """Learn from an answer whether one more may wait within the copy, where it delays nobody who could go elsewhere."""
        if self.slots:
            self.limit = self.slots + self.ahead if span_ns < QUICK_NS else self.slots

    def take(self, now_ns: int) -> Upstream | None:
        """Give a kept connection, the one used last, or None."""
        idle = self.idle
        while idle:
            upstream = idle.pop()
            if not (upstream.closed or now_ns - upstream.freed_ns > KEPT_NS or upstream.transport.is_closing()):
                return upstream
            upstream.drop()
        return None

    def freed(self, upstream: Upstream) -> None:
        """Keep a connection for the next invocation."""
        upstream.freed_ns = time.monotonic_ns()
        if self.gone or len(self.idle) >= MAX_IDLE:
            upstream.drop()
        else:
            self.idle.append(upstream)

    def dropped(self, upstream: Upstream) -> None:
        """Forget a closed connection."""
        self._open.discard(upstream)
        if upstream in self.idle:
            self.idle.remove(upstream)

    def done(self) -> None:
        """Count one invocation less; the last one on a copy that has left the table is what its end waits for."""
        self.outstanding -= 1
        if self.locks is not None or self.gone:
            self._settle()

    def _settle(self) -> None:
        """See to what an invocation's end means for an exclusive copy, and for one that has left the table."""
        if self.locks is not None:
            self.locks.free(self.area)
        if self.gone and not self.outstanding and self._drained is not None:
            self._drained(self)

    def retire(self, drained: Callable[["Copy"], None] | None = None) -> None:
        """The copy has left the routing table: keep no connection, let those in use finish, then call `drained`."""
        self.gone = True
        idle, self.idle = self.idle, []
        for upstream in idle:
            upstream.drop()
        self._drained = drained
        if not self.outstanding and drained is not None:
            drained(self)

    def revive(self) -> None:
        """The copy is in the routing table again."""
        self.gone = False
        self._drained = None

    def load(self) -> CopyLoad | None:
        """Give what there is to report of it, and begin to count anew; None when there is nothing."""
        if not (self.outstanding or self.answered):
            return None
        answered, self.answered = self.answered, 0
        return CopyLoad(copy_id=self.copy_id, in_flight=self.outstanding, answered=answered)

    def close(self) -> None:
        """Cut every connection."""
        self.retire()
        for upstream in list(self._open):
            upstream.drop()

    async def connect(self, waiter: Connected) -> None:
        """Open a fresh connection for `waiter`."""
        try:
            upstream = await connect(self._route.address, self, self.heads)
        except OSError as error:
            waiter.connect_failed(error)
        else:
            if upstream.closed or upstream.transport.is_closing():  # it ended before anything was sent
                waiter.connect_failed(ConnectionResetError())
                return
            self._open.add(upstream)
            if not waiter.connected(upstream):
                self.freed(upstream)


def claim(copy: Copy, now: float) -> bool:
    """Take a copy for an invocation which is sent to it at once, an exclusive one alone; False when it is not to be had."""
    return copy.usable(now) and (copy.locks is None or copy.locks.take(copy.area))


def prune(copy: Copy, now_ns: int) -> None:
    """Close the connections to a copy that nothing was sent by for long."""
    idle = copy.idle
    while idle and now_ns - idle[0].freed_ns > KEPT_NS:
        idle.pop(0).drop()


def share(copy: Copy, gateways: int, elsewhere: int) -> None:
    """Take of a copy's slots what the other gateways do not use, and no less than an even part: at least one.

    There are so many `gateways` in all; `elsewhere` invocations are in flight on the copy from the others, as far as is known.
    """
    most = min(copy.route.slots, MAX_OUTSTANDING)
    if most:
        quick = copy.limit > copy.slots
        copy.slots = max(1, most // gateways, most - elsewhere)
        copy.ahead = 0 if copy.route.exclusive else AHEAD // gateways
        copy.limit = copy.slots + copy.ahead if quick else copy.slots


async def connect(address: Address, owner: Owner, heads: Heads | None = None) -> Upstream:
    """Give a fresh connection to the address; with `heads` it passes on whole replies, too.

    Raises `OSError` (`TimeoutError` is one) within `CONNECT_S`.
    """
    loop = asyncio.get_running_loop()

    def make() -> Upstream:
        return Upstream(owner, heads)

    async with asyncio.timeout(CONNECT_S):
        while True:
            try:
                if address.socket:
                    _, upstream = await loop.create_unix_connection(make, address.socket)
                else:
                    _, upstream = await loop.create_connection(make, address.host, address.port)
            except BlockingIOError:
                await asyncio.sleep(_AGAIN_S)  # a unix socket's accept queue is full; TCP waits by itself
            else:
                return upstream

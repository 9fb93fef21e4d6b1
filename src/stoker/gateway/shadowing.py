"""Gives shadow variants a sampled copy of their endpoint's invocations, and drops the answers.

A shadow never costs the client anything: it is sent after the invocation itself, waits for nothing, and is left out when there is
no copy for it at once or too many are under way.
"""

import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from stoker.gateway.copies import Copy
from stoker.gateway.reply_heads import ReplyHead
from stoker.gateway.routes import Target
from stoker.gateway.upstream import Loss, Upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from stoker.gateway.errand import Errand
    from stoker.gateway.tracker import Stats, Tracker
    from stoker.units import Rng

MAX_SHADOWS: Final = 256
MAX_SHADOW_BYTES: Final = 64 * 1024 * 1024
"""Shadows under way in one gateway, and the bytes of their bodies."""


class Ground(Protocol):
    """What shadows need of the gateway: chance, counters, its clock (`now`) and tasks, and where work with a deadline is kept."""

    model_timeout_s: float
    runs: "set[Any]"

    @property
    def rng(self) -> "Rng":
        """Lots."""
        ...

    @property
    def tracker(self) -> "Tracker":
        """The counters."""
        ...

    @property
    def now(self) -> "Callable[[], float]":
        """The loop's clock."""
        ...

    @property
    def spawn(self) -> "Callable[[Coroutine[Any, Any, None]], object]":
        """Begin a task."""
        ...


class Shadowing:
    """The shadows under way."""

    __slots__ = ("_bytes", "_core", "_count")

    def __init__(self, core: Ground) -> None:
        self._core = core
        self._count = self._bytes = 0

    def cast(self, run: "Errand") -> None:
        """Send an invocation to the shadows of its target too, as far as lots and room allow."""
        core = self._core
        path, body = run.invocation.path, run.body
        for shadow, share in run.target.shadows:
            if share < 1.0 and core.rng.random() >= share:
                continue
            copies = shadow.workload.usable(core.now())
            if not copies or self._count >= MAX_SHADOWS or self._bytes + len(body) > MAX_SHADOW_BYTES:
                continue
            self._count += 1
            self._bytes += len(body)
            copy = shadow.choose(copies, core.rng)
            start = copy.head_for(path, run.invocation.method) if path else copy.request_head
            _Shadow(core, self, shadow, copy, (start + run.tail, body)).begin()

    def over(self, length: int) -> None:
        """One is done with."""
        self._count -= 1
        self._bytes -= length


class _Shadow:
    """One invocation of a shadow variant; whatever comes of it is only counted."""

    __slots__ = ("_copy", "_core", "_handed_ns", "_owner", "_request", "_stats", "_status", "_target", "_upstream", "deadline")

    def __init__(self, core: Ground, owner: Shadowing, target: Target, copy: Copy, request: tuple[bytes, bytes]) -> None:
        self._core = core
        self._owner = owner
        self._target = target
        self._copy: Copy | None = copy
        self._request = request
        self._stats: Stats = core.tracker.stats(target.workload.route.workload, target.endpoint.name, target.variant)
        self._upstream: Upstream | None = None
        self._status = self._handed_ns = 0
        self.deadline = 0.0

    def begin(self) -> None:
        copy = self._copy
        if copy is None:
            return
        timeout_s = self._target.workload.timeout_s
        self.deadline = self._core.now() + (self._core.model_timeout_s if timeout_s is None else timeout_s)
        self._core.runs.add(self)
        copy.outstanding += 1
        self._stats.begin()
        self._stats.invocations += 1
        self._handed_ns = time.monotonic_ns()
        upstream = copy.take(self._handed_ns)
        if upstream is None:
            self._core.spawn(copy.connect(self))
        else:
            self.connected(upstream)

    def connected(self, upstream: Upstream) -> bool:
        """Send the request, unless it is given up by now."""
        if self._copy is None:
            return False
        self._upstream = upstream
        head, body = self._request
        upstream.send(self, head, body, "POST", self)
        return True

    def connect_failed(self, error: OSError) -> None:  # noqa: ARG002 - nobody is to be told
        """Leave it: the invocations themselves find out what becomes of the copy."""
        self._over()

    def reply_whole(self, head: ReplyHead, body: bytes) -> None:  # noqa: ARG002 - answers are dropped
        """Count a whole reply."""
        self._upstream = None
        self._status = head.status
        self._over()

    def reply_head(self, status: int, headers: list[tuple[bytes, bytes]], length: int | None) -> None:  # noqa: ARG002 - dropped
        """Note the reply's status."""
        self._status = status

    def reply_switched(self, headers: list[tuple[bytes, bytes]], rest: bytes) -> bool:  # noqa: ARG002 - never asked for
        """Go on in no other protocol."""
        return False

    def reply_body(self, data: bytes) -> None:
        """Drop a piece of the body."""

    def reply_settle(self) -> None:
        """Nothing to pass on."""

    def reply_end(self) -> None:
        """Count the reply."""
        self._upstream = None
        self._over()

    def reply_lost(self, loss: Loss, *, received: bool) -> None:  # noqa: ARG002 - lost is lost
        """Count a reply that broke off."""
        self._upstream = None
        self._status = 0
        self._over()

    def upstream_blocked(self, *, blocked: bool) -> None:
        """Nothing to do: the body is whole already and bounded."""

    def expire(self) -> None:
        """The model took too long."""
        self._status = 0
        self._over()

    def cancel(self) -> None:
        """Give up."""
        self._over()

    def _over(self) -> None:
        copy, self._copy = self._copy, None
        if copy is None:
            return
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.drop()
        self._core.runs.discard(self)
        self._stats.model.add(time.monotonic_ns() - self._handed_ns)
        self._stats.model_replied(self._status)
        copy.done()
        self._stats.end()
        self._owner.over(len(self._request[1]))

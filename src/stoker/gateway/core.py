"""What all invocations of a gateway share: the routing table, the queues, the counters, and the way up to the control plane."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final, Protocol

from stoker.config.settings import Gateway as GatewaySettings
from stoker.domain.ids import CopyId, WorkloadId
from stoker.domain.quotas import Quotas
from stoker.domain.states import AtZero
from stoker.gateway import outliers
from stoker.gateway.copies import Copy
from stoker.gateway.duplicates import Duplicates
from stoker.gateway.face import Authenticator, AuthenticatorFactory
from stoker.gateway.holding import Holding
from stoker.gateway.locks import Locks
from stoker.gateway.names import Names
from stoker.gateway.places import Places
from stoker.gateway.routes import Routes, Workload
from stoker.gateway.shadowing import Shadowing
from stoker.gateway.tracker import Tracker
from stoker.link.messages import (
    ClockRate,
    CopyBroken,
    CopyDrained,
    Counters,
    Demand,
    Elsewhere,
    Keyring,
    RoutingChange,
    RoutingTable,
    Upward,
    Welcome,
)
from stoker.units import Instant

if TYPE_CHECKING:
    from stoker.gateway.recording import Recorder

BROKEN_S: Final = 1.0
"""Seconds a copy that refused a connection is left alone, unless a new table comes first."""
_ANNOUNCE_S: Final = 1.0
_LAST_DIGITS: Final = tuple([b"%02x" % number for number in range(256)])


class Timed(Protocol):
    """Work with a deadline on the loop's clock."""

    deadline: float

    def expire(self) -> None:
        """The deadline has passed."""
        ...

    def cancel(self) -> None:
        """Give up."""
        ...


class Parked(Protocol):
    """Work that came before there was a routing table."""

    def begin(self) -> None:
        """Begin anew, now that there is one."""
        ...


class Core:
    """The shared state. `runs` holds all work under way, `parked` what of it has yet to begin.

    `ready` tells whether there is a routing table, `draining` that the gateway shuts down and clients should go elsewhere.
    `date_line` is a header line, `date_end` a line's end, that header and the empty line after it.
    """

    def __init__(
        self,
        *,
        gateway: str,
        settings: GatewaySettings,
        at_zero: AtZero,
        authenticator_factory: AuthenticatorFactory | None,
        loop: asyncio.AbstractEventLoop,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        on_ready: Callable[[], None] | None = None,
        places: Places | None = None,
    ) -> None:
        self.gateway = gateway
        self.at_zero = at_zero
        self.spawn = spawn
        self.now = loop.time
        self.wall_now: Callable[[], Instant] = time.time_ns
        self.model_timeout_s = settings.model_timeout_s
        self.stream_timeout_s = settings.stream_timeout_s
        self.tunnel_idle_s = settings.tunnel_idle_s
        self.comment_s = settings.comment_s
        self.telling = settings.stoker_headers
        self.max_hold_s = settings.max_hold_s
        self.relay_wait_s = settings.relay_wait_s
        self.rng = random.Random()  # noqa: S311 - spreads load, guards nothing
        self.places = Places(Locks(), Quotas().serverless_concurrency) if places is None else places
        self.routes = Routes(self._copy_drained, self.places)
        self.names = Names(self.routes)
        self.tracker = Tracker()
        self.recorder: Recorder | None = None
        self.duplicates = Duplicates()
        self.shadowing = Shadowing(self)
        self.holding = Holding(max_held=settings.max_held, max_bytes=settings.max_held_bytes, announce=self._announce)
        self.runs: set[Timed] = set()
        self.parked: dict[Parked, None] = {}
        self.draining = False
        self.authenticator: Authenticator | None = None
        self.ready = False
        self._on_ready = on_ready
        self.uplink: Callable[[Upward], bool] | None = None
        self.date_line = self.date_end = b""
        self._authenticator_factory = authenticator_factory
        self._keys: Keyring | None = None
        self._rate = ClockRate(monotonic_ns=time.monotonic_ns(), started=time.time_ns())
        self._report_s = settings.report_s
        self._next_announcement = 0.0
        self._next_date = 0.0
        # An id in UUID form is 72 bits by lot for the process, and 48 that count on from a number by lot.
        text = f"{self.rng.getrandbits(72):018x}"
        self._id_process = f"{text[:8]}-{text[8:12]}-4{text[12:15]}-a{text[15:18]}-"
        self._ids = self.rng.getrandbits(48)
        self._id_start = self._begin_ids()
        self._tick_date()

    @property
    def linked(self) -> bool:
        """Whether the control plane listens."""
        return self.uplink is not None

    @property
    def report_s(self) -> float:
        """Real seconds between two reports: the setting counts on the platform's clock."""
        return max(0.05, self._report_s / self._rate.speed)

    @property
    def rate(self) -> ClockRate:
        """The platform's clock."""
        return self._rate

    def instant(self) -> Instant:
        """Give the platform's instant."""
        return self._rate.at(time.monotonic_ns())

    def request_id(self) -> bytes:
        """Give a new request id in UUID form, unlike any other of this process and, very likely, of any."""
        self._ids = number = self._ids + 1
        last = number & 0xFF
        if not last:
            self._id_start = self._begin_ids()
        return self._id_start + _LAST_DIGITS[last]

    def send(self, message: Upward) -> bool:
        """Send a message up; False when the control plane is away."""
        return self.uplink is not None and self.uplink(message)

    def welcomed(self, welcome: Welcome) -> None:
        """Take clock and keys, and tell again what is waited for and in flight."""
        self._rate = welcome.clock
        if self._authenticator_factory is not None and welcome.keys != self._keys:
            self._keys = welcome.keys
            self.authenticator = self._authenticator_factory(self._keys)
        self.holding.tell_all()
        self.report()

    def replace(self, table: RoutingTable) -> None:
        """Put a routing table in force and let flow what waited for it."""
        waiting = self.holding.queues()
        self._settle(waiting, self.routes.replace(table))
        if not self.ready:
            self.ready = self._authenticator_factory is None or self.authenticator is not None
            if self.ready:
                self._begin_parked()
                if self._on_ready is not None:
                    self._on_ready()

    def change(self, change: RoutingChange) -> None:
        """Change the routing table in force, and let flow what waited for it."""
        waiting = self.holding.queues()
        self._settle(waiting, self.routes.change(change))

    def shared(self, elsewhere: Elsewhere) -> None:
        """Take in what other gateways do; what that leaves room for flows with the next sweep."""
        self.routes.shared(elsewhere)

    def _settle(self, waiting: list[Workload], gone: list[Workload]) -> None:
        """Let flow what waits for workloads, now that routes have changed; those that are gone are looked for anew."""
        for workload in waiting:
            if workload in gone:
                self._readmit(workload)
            elif workload.copies:
                self.holding.release(workload, self.now())
            elif workload.route.failure or not (workload.route.desired > 0 or workload.route.wakeable):
                self._readmit(workload)
            elif not workload.announced:
                self.holding.tell(workload)  # those that waited for busy copies wait for new ones now

    def copy_broken(self, copy: Copy) -> None:
        """Leave a copy alone that does not listen, and have the control plane look at it."""
        now = self.now()
        if copy.broken_until <= now and not copy.gone:
            self.send(CopyBroken(copy_id=copy.copy_id, at=self.instant()))
        copy.broken_until = now + BROKEN_S

    def copy_failed(self, copy: Copy, workload: Workload) -> None:
        """Count a copy's failure, which may put it aside."""
        if not copy.gone and outliers.failed(copy, workload.copies, self.now(), time.monotonic_ns()):
            self.send(CopyBroken(copy_id=copy.copy_id, at=self.instant()))

    def _copy_drained(self, copy_id: CopyId) -> None:
        self.send(CopyDrained(copy_id=copy_id, gateway=self.gateway, table_version=self.routes.version))

    def report(self) -> None:
        """Send the counters up; while the control plane is away they add up instead."""
        if self.uplink is None:
            return
        counts = self.tracker.report(self._held_counts())
        if counts:
            self.uplink(Counters(gateway=self.gateway, at=self.instant(), counts=counts, copies=self.routes.loads()))

    def sweep(self) -> None:
        """Do what has become due: deadlines, announcements, copies that may be tried again."""
        now = self.now()
        for run in [run for run in self.runs if run.deadline <= now]:
            if run in self.runs:
                run.expire()
        for workload in self.holding.queues():
            self.holding.release(workload, now)
        if now >= self._next_announcement:
            self._next_announcement = now + _ANNOUNCE_S
            self.holding.tell_all()
            if self.comment_s:
                for workload in self.holding.queues():
                    for waiter in workload.waiters:
                        waiter.comment()
        if now >= self._next_date:
            self._next_date = now + 1.0
            self._tick_date()
            self.routes.prune(time.monotonic_ns())

    def close(self) -> None:
        """Give up all work, cut all connections to copies, and end the recording."""
        for run in list(self.runs):
            run.cancel()
        self.routes.close()
        self.places.locks.close()
        if self.recorder is not None:
            self.recorder.close()

    def _announce(self, workload: Workload) -> None:
        name = workload.route.workload
        in_flight = self.tracker.in_flight_of(name)
        self.send(Demand(workload=name, waiting=len(workload.waiters), at=self.instant(), in_flight=in_flight))

    def _readmit(self, workload: Workload) -> None:
        for run in list(workload.waiters):
            run.locate()

    def _begin_parked(self) -> None:
        parked, self.parked = self.parked, {}
        for run in parked:
            run.begin()

    def _held_counts(self) -> dict[WorkloadId, int]:
        return {one.route.workload: len(one.waiters) for one in self.holding.queues()}

    def _begin_ids(self) -> bytes:
        """Give the beginning of the next ids, all but their last two digits."""
        return f"{self._id_process}{self._ids >> 8 & 0xFF_FFFF_FFFF:010x}".encode()

    def _tick_date(self) -> None:
        self.date_line = f"date: {formatdate(usegmt=True)}\r\n".encode()
        self.date_end = b"\r\n%s\r\n" % self.date_line

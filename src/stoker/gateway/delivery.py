"""Brings one invocation to a copy and its reply back, and keeps the counts that hang on it.

An invocation is never lost because a copy could not take it: a connection that was refused, or ended with the request unread,
leads to another copy, or back to the queue. It is never done twice either: once a copy may have read it, that end is the model's
failure.
"""

import time
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from stoker.gateway import endings
from stoker.gateway.copies import KEPT_NS, Copy
from stoker.gateway.errand import Errand
from stoker.gateway.events import EventsReply, RelayedEvents, is_stream
from stoker.gateway.many_models import reason_of, told
from stoker.gateway.reasons import Reason, Refusal
from stoker.gateway.replies import BoundedReply, FailedReply, PlainReply, ReplyMode, StreamReply, start_of
from stoker.gateway.reply_heads import ReplyHead
from stoker.gateway.routes import Target, stats_of
from stoker.gateway.telling import cold_start_seen, course, reply_lines, served_by
from stoker.gateway.timing import server_timing
from stoker.gateway.tunnel import Tunnel
from stoker.gateway.upstream import Loss, Upstream
from stoker.units import to_seconds

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.core import Core
    from stoker.gateway.tracker import Stats

MAX_RESETS: Final = 3
"""Connections that may be reset under one invocation: a model that dies of its input must not take every copy with it."""
_NEVER: Final = float("inf")
_GOOD = range(200, 300)
_SERVER_ERROR = 500


class Delivery:
    """The way of one invocation to a copy. While `copy` is set the invocation is in flight there.

    Once it is over, `service_ns` is how long the last copy had it (-1: none did), and `outcome` the status of the reply, 0 for
    one that broke off or came too late, -1 for none.
    """

    __slots__ = (
        "_begun",
        "_core",
        "_counted",
        "_handed_ns",
        "_reply",
        "_resets",
        "_run",
        "_stats",
        "_status",
        "_stream_until",
        "_timeout_s",
        "_tunnel",
        "_upstream",
        "copy",
        "outcome",
        "retries",
        "service_ns",
    )

    def __init__(self, core: "Core", run: Errand) -> None:
        self._core = core
        self._run = run
        self.copy: Copy | None = None
        self._upstream: Upstream | None = None
        self._reply: ReplyMode | None = None
        self._stats: Stats | None = None
        self._tunnel: Tunnel | None = None  # once the copy has agreed to an upgrade
        self._resets = self._status = self._handed_ns = self.retries = 0
        self._begun = self._counted = False
        self._timeout_s = 0.0
        self._stream_until = _NEVER
        self.service_ns = self.outcome = -1

    def hand_over(self, copy: Copy) -> None:
        """Send the invocation to a copy."""
        copy.outstanding += 1
        self.copy = copy
        stats = self._run.target.stats
        if stats is None or stats.forgotten:
            stats = stats_of(self._core.tracker, self._run.target)
        self._stats = stats
        stats.in_flight = in_flight = stats.in_flight + 1  # `begin`, sooner
        if in_flight > stats.most_in_flight:
            stats.most_in_flight = in_flight
        self._handed_ns = now_ns = time.monotonic_ns()
        upstream = copy.idle.pop() if copy.idle else None
        if upstream is not None and (upstream.closed or now_ns - upstream.freed_ns > KEPT_NS or upstream.transport.is_closing()):
            upstream.drop()
            upstream = copy.take(now_ns)
        if upstream is not None:
            self._send(upstream, copy)
        else:
            self._connect(copy)

    def connected(self, upstream: Upstream) -> bool:
        """Use a fresh connection, unless the run is over by now."""
        copy = self.copy
        if copy is None:
            return False
        self._send(upstream, copy)
        return True

    def connect_failed(self, error: OSError) -> None:  # noqa: ARG002 - whatever it is, nothing was sent
        """Leave a copy that does not listen, for another one or the queue."""
        copy = self.copy
        if copy is None:
            return
        self._core.copy_broken(copy)
        self._again()

    def reply_whole(self, head: ReplyHead, body: bytes) -> None:
        """Take a whole reply, which most are: with a good one all is done at once."""
        run = self._run
        core = self._core
        connection = run.connection
        status = head.status
        stats = self._stats
        copy = self.copy
        upstream, self._upstream = self._upstream, None
        if (
            connection is None
            or upstream is None
            or stats is None
            or copy is None
            or not run.plain
            or run.cold
            or status not in _GOOD
            or core.draining
        ):
            self.reply_head(status, head.headers, head.length)
            self.reply_body(body)
            if self.copy is not None:  # else the invocation was given up
                self.reply_end()
            return
        now_ns = upstream.freed_ns  # which is now
        if run.keyed:
            run.reply_begins()
        self.outcome = status
        model_ns = now_ns - self._handed_ns
        stats.replied(model_ns, now_ns - run.begun_ns - model_ns)
        target = run.target
        start = head.start if head.reader is run.face and head.target is target else self._start_of(head, target, copy)
        end = core.date_end
        if run.waited_ns or self.retries:
            phases = server_timing([("hold", run.waited_ns), ("model", model_ns)])
            end = b"\r\n%s%s%s\r\n" % (core.date_line, phases, course(run, self.retries) if core.telling else b"")
        connection.transport.write(b"".join((start, core.request_id(), end, body)))
        if not connection.blocked:
            self.service_ns = model_ns
            self.copy = self._stats = None
            stats.in_flight -= 1
            copy.answered += 1
            copy.failures = 0
            copy.good_ns = now_ns
            if copy.slots:
                copy.took(model_ns)
            copy.done()
            if target.workload.waiters:
                core.holding.release(target.workload, core.now())
        run.replied(reusable=True)

    def _start_of(self, head: ReplyHead, target: Target, copy: Copy) -> bytes:
        """Give the beginning of a whole reply, which hangs on its own head, the face and the target."""
        face = self._run.face
        start = head.starts.get((face, target.variant, target.component))
        if start is None:
            lines = served_by(target, copy) if self._core.telling else b""
            start = start_of(head, face, target.variant, copy.mark, lines)
            head.starts[face, target.variant, target.component] = start
        head.reader, head.target, head.start = face, target, start
        return start

    def reply_head(self, status: int, headers: list[tuple[bytes, bytes]], length: int | None) -> None:
        """Choose how the reply is treated, by its status."""
        run = self._run
        connection = run.connection
        if connection is None:  # the client is away and its retry has not come: nobody to begin the reply for
            run.cancel()
            return
        now_ns = time.monotonic_ns()
        self._status = status
        run.reply_begins()
        run.body = b""
        self._has_begun()
        if status not in _GOOD and (run.commented_ns or not run.invocation.relayed):
            self._reply = FailedReply(run, status, reason_of(headers))
            return
        most = run.target.workload.most_reply
        if most and (length or 0) > most:
            self._too_large(most)
            return
        if run.invocation.model and self._stats is not None:
            self._stats.models_told(told(headers))
        lines = reply_lines(run, self.copy, headers, handed_ns=self._handed_ns, now_ns=now_ns, retries=self.retries)
        if run.cold:
            cold_start_seen(self._core, run, now_ns - self._handed_ns)
        reply = self._mode(connection, status, headers, length, lines)
        self._reply = BoundedReply(reply, most, self._too_large) if most and length is None else reply

    def _mode(
        self,
        connection: "Connection",
        status: int,
        headers: list[tuple[bytes, bytes]],
        length: int | None,
        lines: bytes,
    ) -> ReplyMode:
        """Give the way in which a reply's body goes to the client; its head goes there now."""
        run = self._run
        if run.commented_ns:
            return EventsReply(run, connection.writer, headers)
        events = run.invocation.in_band and is_stream(headers)
        if run.invocation.streaming or (events and run.invocation.timeout is None):
            self._stream_until = self._core.now() + self._core.stream_timeout_s
        if run.invocation.streaming:
            return StreamReply(run, self, connection.writer, lines, run.face.frames(headers, run.subject()))
        if events:
            return RelayedEvents(run, self, connection.writer, lines, status)
        return PlainReply(run, connection.writer, lines, status, length)

    def _has_begun(self) -> None:
        """Count that the head of the reply has come."""
        if self._stats is not None:
            self._stats.begun += 1
            self._begun = True

    def reply_switched(self, headers: list[tuple[bytes, bytes]], rest: bytes) -> bool:
        """Go over to the protocol that the client asked for; from here on only the two ends tell when it is over."""
        run = self._run
        connection = run.connection
        if connection is None or (upstream := self._upstream) is None or not run.invocation.upgrade:
            return False
        run.reply_begins()
        self._has_begun()
        self._count(200)
        self._tunnel, self._upstream = Tunnel(self._core, run, connection, upstream), None
        return self._tunnel.open(connection, headers, rest)

    def reply_body(self, data: bytes) -> None:
        """Pass on a piece of the reply."""
        if self._reply is not None:
            self._reply.body(data)

    def reply_settle(self) -> None:
        """Pass on what one read brought, and give the model time for the next."""
        if self._reply is not None:
            self._reply.settle()
            connection = self._run.connection
            if connection is not None and not connection.blocked:
                self._run.wait_until(min(self._core.now() + self._timeout_s, self._stream_until))

    def reply_end(self) -> None:
        """Count the reply and end it."""
        self._upstream = None
        self._count(self._status)
        if self._reply is not None:
            self._reply.end()

    def reply_lost(self, loss: Loss, *, received: bool) -> None:
        """Decide between trying elsewhere and giving up."""
        upstream, self._upstream = self._upstream, None
        copy = self.copy
        if upstream is None or copy is None:
            return
        if loss is Loss.RESET and not received and self._resets < MAX_RESETS:
            self._resets += 1
            if upstream.exchanges == 1:  # a fresh connection that is reset was never accepted
                self._core.copy_broken(copy)
            self._again()
            return
        lost = Refusal(reason=Reason.MODEL_LOST, message="The model's connection was closed before its reply was whole.")
        if copy.route.exclusive and self._reply is None:
            self._run.wait_until(_NEVER)  # asking why has its own time limit
            self._core.spawn(self._fail_for(copy, lost))
        else:
            self._fail(lost)

    def upstream_blocked(self, *, blocked: bool) -> None:
        """Nothing to do: the body is whole already and bounded."""

    def timed_out(self) -> None:
        """The model took too long, or nothing passed through a tunnel any more."""
        if self._tunnel is None:
            self._fail(Refusal(reason=Reason.MODEL_TIMEOUT, message="The model took too long."))
        else:
            self._run.cancel()

    def hold(self, *, held: bool) -> None:
        """Stop reading the reply while the client is slow (or go on)."""
        if self._upstream is not None:
            self._upstream.hold(held=held)
            self._run.wait_until(self._stream_until if held else self._core.now() + self._timeout_s)

    def first_chunk(self) -> None:
        """Count the time to a stream's first chunk."""
        if self._stats is not None:
            self._stats.first_chunk.add(time.monotonic_ns() - self._run.begun_ns)

    def close(self) -> None:
        """Let go of copy, connection and counts, whatever happened."""
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.drop()
        elif self._tunnel is not None:
            self._tunnel.cut()
        self._release()

    def _connect(self, copy: Copy) -> None:
        self._run.wait_until(_NEVER)  # connecting has its own time limit
        self._core.spawn(copy.connect(self))

    def _send(self, upstream: Upstream, copy: Copy) -> None:
        run, core = self._run, self._core
        self._upstream = upstream
        invocation, now = run.invocation, core.now
        own = invocation.timeout
        timeout_s = run.target.workload.timeout_s
        if own is not None and (timeout_s is None or to_seconds(own) < timeout_s):
            timeout_s = to_seconds(own)
        self._timeout_s = timeout_s = core.model_timeout_s if timeout_s is None else timeout_s
        run.wait_until(now() + timeout_s)
        path, method = invocation.path, "GET" if invocation.upgrade else invocation.method
        start = copy.request_head if not path else copy.starts.get(path, b"") if method == "POST" else b""
        start = start or copy.head_for(path, method)
        upstream.send(self, start + run.target.lines + run.tail, run.body, method, self)
        if not self._counted and self._stats is not None:
            self._counted = True
            self._stats.invocations += 1
            if run.target.shadows and not run.invocation.upgrade:
                core.shadowing.cast(run)

    def _again(self) -> None:
        """Try another copy, else wait: how long is the hold's to bound, for a copy that listens no more proves nothing."""
        self.retries += 1
        self._release()
        self.service_ns = -1
        self._run.locate()

    async def _fail_for(self, copy: Copy, lost: Refusal) -> None:
        """Tell why an environment ended, unless the invocation is over by then."""
        why = await endings.reason(self._run.target.workload, copy.copy_id)
        if self.copy is copy:
            self._fail(replace(lost, body=why))

    def _fail(self, refusal: Refusal) -> None:
        self._count(0)
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.drop()
        if self._reply is not None:
            if self._stats is not None:
                self._stats.mid_stream_errors += isinstance(self._reply, StreamReply | RelayedEvents)
            self._reply.broken(refusal)
        else:
            self._run.answer(refusal)

    def _too_large(self, limit: int) -> None:
        self._fail(Refusal(reason=Reason.REPLY_TOO_LARGE, message="The model's reply is too large.", limit=limit))

    def _count(self, status: int) -> None:
        stats = self._stats
        if stats is None:
            return
        self.outcome = status
        now_ns = time.monotonic_ns()
        model_ns = now_ns - self._handed_ns
        stats.model.add(model_ns)
        stats.overhead.add(now_ns - self._run.begun_ns - model_ns)
        stats.model_replied(status)
        if self.copy is not None and not (0 < status < _SERVER_ERROR or self._run.invocation.probe):
            self._core.copy_failed(self.copy, self._run.target.workload)

    def _release(self) -> None:
        copy, self.copy = self.copy, None
        stats, self._stats = self._stats, None
        if copy is None or stats is None:
            return
        self.service_ns = time.monotonic_ns() - self._handed_ns
        if self.outcome > 0 and not self._run.invocation.probe:
            copy.answered += 1
            if self.outcome < _SERVER_ERROR:
                copy.failures = 0
                copy.good_ns = self._handed_ns + self.service_ns
            copy.took(self.service_ns)
        copy.done()
        stats.end()
        stats.begun -= self._begun
        self._begun = False
        workload = self._run.target.workload
        if workload.waiters:
            self._core.holding.release(workload, self._core.now())

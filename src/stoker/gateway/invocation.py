"""One invocation on its way: understood, admitted, held, delivered, answered.

A `Run` outlives its client's connection for a moment when the client named a key, so that a retry finds the work under way.
What happens between gateway and copy is `stoker.gateway.delivery`'s.
"""

import time
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from stoker.decisions.admission import Verdict
from stoker.gateway import events, many_models, sessions, special
from stoker.gateway.copies import MAX_OUTSTANDING, Copy
from stoker.gateway.delivery import Delivery
from stoker.gateway.duplicates import same_call
from stoker.gateway.entry import admission_of, enter
from stoker.gateway.errand import tail_of
from stoker.gateway.face import Face, Invocation, Reply, Subject
from stoker.gateway.head import Head
from stoker.gateway.patience import RETRY_AFTER_S, longest_hold_s, patience_s
from stoker.gateway.phases import DELIVERING, DONE, FLUSHING, HELD, PARKED
from stoker.gateway.reasons import Reason, Refusal
from stoker.gateway.routes import Target, stats_of
from stoker.gateway.telling import told
from stoker.units import SECOND

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.core import Core
    from stoker.gateway.places import Place

LINGER_S: Final = 2.0
"""Seconds that keyed work goes on without its client: boto3's first retry comes within one."""
_NEVER: Final = float("inf")


class Run:
    """One invocation. `deadline` is on the loop's clock; the gateway's sweep calls `expire` when it has passed.

    `connection` is None while its client is away. `waited_ns` sums the time it was held, `begun_ns` is when its head was read.
    `head` is there before `begin` only. Who sent a `trusted` one is not asked. `tail` and `plain` are an `Errand`'s.
    """

    __slots__ = (
        "_caller",
        "_hold_until",
        "_lingers",
        "_patience_until",
        "_request_id",
        "_reusable",
        "_since_ns",
        "_until",
        "begun_ns",
        "body",
        "cold",
        "commented_ns",
        "connection",
        "core",
        "deadline",
        "delivery",
        "face",
        "head",
        "invocation",
        "keyed",
        "phase",
        "place",
        "plain",
        "tail",
        "target",
        "trusted",
        "waited_ns",
    )

    head: Head
    invocation: Invocation
    target: Target

    def __init__(
        self,
        core: "Core",
        connection: "Connection",
        face: Face,
        body: bytes,
        begun_ns: int,
    ) -> None:
        self.core = core
        self.connection: Connection | None = connection
        self.face = face
        self.body = body
        self.tail = b""
        self.plain = self.trusted = False  # whoever knows better says so: arguments by name would cost each invocation more
        self.begun_ns = begun_ns
        self.waited_ns = 0
        self.delivery: Delivery | None = None
        self.place: Place | None = None
        self.deadline = self._until = self._hold_until = self._patience_until = _NEVER
        self._request_id = ""
        self.phase = PARKED
        self.keyed = self.cold = self._lingers = False
        self._reusable = True
        self._since_ns = self.commented_ns = 0

    def begin(self) -> None:
        """Go as far as can be gone at once, by what the head says."""
        core = self.core
        core.runs.add(self)
        if not core.ready:
            core.parked[self] = None
            self.wait_until(core.now() + core.relay_wait_s)
            return
        found = enter(self)
        if isinstance(found, Refusal | Reply):
            self.answer(found)
        else:
            asked = found.invocation
            if asked.body is not None:
                self.body = asked.body
            self.set_out(asked, asked.key, found.principal, tail_of(asked, len(self.body)))

    def set_out(self, invocation: Invocation, key: str, principal: str, tail: bytes) -> None:
        """Go as far as can be gone at once, with what is understood already; `key` is the call's. The core is ready."""
        self.core.runs.add(self)
        self.invocation = invocation
        self.tail = tail
        if invocation.streaming:
            self.plain = False
        if not (key and self._joined((principal, key), invocation)):
            self.locate()

    def locate(self) -> None:
        """Find the workload in the table in force, and be admitted to it."""
        if self.phase is HELD:
            self._unhold()
        core = self.core
        if self.invocation.session:
            self._resume(core)
            return
        target = core.routes.resolve(self.invocation, core.rng)
        if isinstance(target, Refusal):
            self.answer(target)
            return
        self.target = target
        if self.invocation.model or self.invocation.probe or target.workload.special:
            if self.invocation.probe:
                special.probe(self)
                return
            refusal, self.plain = special.refused(self), False
            if refusal is None:
                self._admit(target.workload.usable(core.now()))
            else:
                self.answer(refusal)
            return
        now = core.now  # called as a method it would cost as much again
        copy = None if target.workload.waiters else target.pick(now(), core.rng)
        if copy is None:
            self._admit(target.workload.usable(core.now()))
        else:  # what `admit` would find and `_serve` would do, sooner
            self.phase = DELIVERING
            delivery = self.delivery
            if delivery is None:
                delivery = self.delivery = Delivery(core, self)
            delivery.hand_over(copy)

    def _resume(self, core: "Core") -> None:
        """Go to the copy that holds the session, however much it has to do: no other could answer."""
        found = sessions.find(core, self.invocation)
        if isinstance(found, Refusal):
            self.answer(found)
            return
        self.target, copy, name = found
        line = b"%s: %s\r\n" % (self.invocation.session_header, name.encode("latin-1"))
        self.tail = line + tail_of(self.invocation, len(self.body))
        if copy.outstanding < MAX_OUTSTANDING:
            self._serve(copy)
        else:
            self.answer(
                Refusal(reason=Reason.OVERLOADED, message="The session's copy takes no more.", retry_after_s=RETRY_AFTER_S)
            )

    def _admit(self, usable: list[Copy]) -> None:
        """Be served, held or refused, by what the workload has now."""
        core = self.core
        workload = self.target.workload
        admission = admission_of(self, len(usable))
        if admission.verdict is Verdict.SERVE:
            self._serve(many_models.choose(self.invocation, self.target, usable, core.rng))
        elif admission.verdict is Verdict.HOLD:
            self._hold()
        else:
            self._no_capacity(
                Refusal(reason=Reason.WORKLOAD_FAILED if workload.route.failure else Reason.NO_CAPACITY, message=admission.cause)
            )

    def released(self, copies: list[Copy]) -> None:
        """Capacity is there: leave the queue for one of the copies."""
        self._unhold()
        self._serve(many_models.choose(self.invocation, self.target, copies, self.core.rng))

    def _serve(self, copy: Copy) -> None:
        self.phase = DELIVERING
        if self.place is not None:
            special.counted(self, self.place)
        delivery = self.delivery
        if delivery is None:
            delivery = self.delivery = Delivery(self.core, self)
        delivery.hand_over(copy)

    def wait_until(self, moment: float) -> None:
        """Set when (loop's clock) patience ends with what is waited for now."""
        self._until = moment
        self.deadline = min(moment, self.deadline) if self._lingers else moment

    def expire(self) -> None:
        """The deadline has passed."""
        if self._lingers:
            self.cancel()
        elif self.phase is PARKED:
            self.core.parked.pop(self, None)
            message = "The control plane is away."
            self.answer(Refusal(reason=Reason.CONTROL_AWAY, message=message, retry_after_s=RETRY_AFTER_S))
        elif self.phase is HELD:
            self._unhold()
            waited = self.waited_ns / SECOND
            message = f"No capacity came within {waited:.1f} seconds."
            self._no_capacity(Refusal(reason=Reason.HOLD_TIMED_OUT, message=message, retry_after_s=RETRY_AFTER_S))
        elif self.delivery is not None:
            self.delivery.timed_out()

    def client_gone(self) -> None:
        """Keep keyed work for a retry as long as its reply has not begun, else give it up."""
        self.connection = None
        if self.keyed and self.phase in (HELD, DELIVERING):
            self._lingers = True
            self.deadline = min(self._until, self.core.now() + LINGER_S)
        else:
            self.cancel()

    def client_blocked(self, *, blocked: bool) -> None:
        """Pass a slow client's pace on to the copy; the copy's time stands still meanwhile."""
        if self.phase is FLUSHING:
            if not blocked:
                self.replied(reusable=self._reusable)
        elif self.delivery is not None:
            self.delivery.hold(held=blocked)

    def reply_begins(self) -> None:
        """The reply goes to this client now: a retry from here on is work anew."""
        if self.keyed:
            self.keyed = False
            self.core.duplicates.leave(self._caller, self)

    def answer(self, answer: Refusal | Reply) -> None:
        """Answer with a failure, or with a reply that is whole already, and be done."""
        connection = self.connection
        subject, lines = self.subject(), told(self)
        self._end()
        if connection is not None:
            events.answer(self, connection, answer, subject, lines)

    def comment(self) -> None:
        """Send a client that asked for events a comment if it has waited for long; with the first one its status is 200."""
        connection, core = self.connection, self.core
        if connection is not None and self.invocation.events and events.keep(self, connection, self._since_ns):
            # What is assumed of clients is how long they wait for a first byte.
            said = replace(self.invocation, assumed_patience=None)
            self._patience_until = core.now() + patience_s(said, core.wall_now())
            self.wait_until(min(self._hold_until, self._patience_until))

    def replied(self, *, reusable: bool) -> None:
        """The reply's last byte is written: be done once the client has taken what waits."""
        connection = self.connection
        if connection is not None and connection.blocked:
            self._reusable = reusable
            self.phase = FLUSHING
            self.deadline = _NEVER  # the connection's own deadline watches a client that takes nothing
            return
        self.connection = None
        self._end()
        if connection is not None:
            connection.reply_done(reusable=reusable)

    def cancel(self) -> None:
        """Give up: cut the client, if it is there, and the copy's connection."""
        connection, self.connection = self.connection, None
        self._end()
        if connection is not None:
            connection.handler = None
            connection.abort()

    def subject(self) -> Subject:
        """Say what a reply is about."""
        known = hasattr(self, "invocation")
        if not self._request_id:
            self._request_id = self.core.request_id().decode()
        return Subject(
            request_id=self._request_id,
            invocation=self.invocation if known else None,
            variant=self.target.variant if hasattr(self, "target") else "",
        )

    def _unhold(self) -> None:
        """Leave the queue, if in one."""
        if self.phase is HELD:
            self.phase = PARKED
            self.waited_ns += time.monotonic_ns() - self._since_ns
            self.core.holding.remove(self.target.workload, self, len(self.body))

    def _joined(self, caller: tuple[str, str], invocation: Invocation) -> bool:
        """Hand this connection to the same call's earlier attempt, if there is one."""
        core = self.core
        earlier = core.duplicates.enter(caller, self)
        if earlier is self:
            self._caller = caller
            self.keyed = True
            return False
        if earlier is None or not same_call(earlier, invocation, self.body):
            return False
        connection, self.connection = self.connection, None
        core.runs.discard(self)
        self.phase = DONE
        if connection is not None:
            earlier.take_over(connection, invocation)
        return True

    def take_over(self, connection: "Connection", invocation: Invocation) -> None:
        """Serve a newer attempt's connection instead of the one before."""
        old, self.connection = self.connection, connection
        if old is not None:
            old.handler = None
            old.abort()
        connection.handler = self
        self._request_id = ""
        self._lingers = False
        self.commented_ns = 0
        if self.phase is HELD:
            self._patience_until = self.core.now() + patience_s(invocation, self.core.wall_now())
            self._until = min(self._hold_until, self._patience_until)
        self.deadline = self._until

    def _hold(self) -> None:
        core = self.core
        workload = self.target.workload
        self._since_ns = time.monotonic_ns()
        if not core.holding.add(workload, self, len(self.body)):
            message = "Too many invocations wait for capacity already."
            self._no_capacity(Refusal(reason=Reason.HOLD_FULL, message=message, retry_after_s=RETRY_AFTER_S))
            return
        stats_of(core.tracker, self.target).waited = True
        self.phase = HELD
        if not workload.copies:
            self.cold = True
        if self._hold_until == _NEVER:
            self._hold_until = core.now() + longest_hold_s(workload.route.max_hold, core.max_hold_s)
            self._patience_until = core.now() + patience_s(self.invocation, core.wall_now())
        self.wait_until(min(self._hold_until, self._patience_until))

    def _no_capacity(self, refusal: Refusal) -> None:
        if not self.target.workload.copies:
            stats_of(self.core.tracker, self.target).no_capacity += 1
            special.ask_for_capacity(self, refusal)
        self.answer(special.worded(self, refusal))

    def _end(self) -> None:
        phase = self.phase
        if phase is DONE:
            return
        core = self.core
        if phase is HELD:
            self._unhold()
        elif phase is PARKED:
            core.parked.pop(self, None)
        self.phase = DONE
        if self.keyed:
            self.reply_begins()
        core.runs.discard(self)
        delivery, self.delivery = self.delivery, None
        if delivery is not None and delivery.copy is not None:
            delivery.close()
        if self.place is not None:
            core.places.leave(self.place)
        if core.recorder is not None and hasattr(self, "target") and not self.invocation.probe:
            workload = self.target.workload.route.workload
            service_ns, outcome = (-1, -1) if delivery is None else (delivery.service_ns, delivery.outcome)
            core.recorder.add(workload, self.begun_ns, self.waited_ns, service_ns, outcome)

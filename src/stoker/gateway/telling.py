"""The `X-Stoker-…` headers of replies: who served an invocation, and what became of it on the way.

What hangs on component and copy alone is remembered with the reply's head; the rest is told only where there is something to
tell.
"""

from typing import TYPE_CHECKING, Protocol

from stoker.gateway.copies import Copy
from stoker.gateway.face import Face, Invocation, Subject
from stoker.gateway.routes import Target
from stoker.gateway.timing import cold_start, server_timing
from stoker.link.messages import ColdStartSeen
from stoker.units import MILLISECOND

if TYPE_CHECKING:
    from stoker.gateway.core import Core


class Fared(Protocol):
    """The invocation that is told of: how long (ns) it was held, and whether that was at zero."""

    waited_ns: int
    cold: bool


class Started(Protocol):
    """One that has found its workload; `waited_ns` as above."""

    waited_ns: int
    target: Target


class Answered(Fared, Protocol):
    """One that is answered."""

    core: "Core"
    target: Target
    face: Face
    invocation: Invocation

    def subject(self) -> Subject:
        """Say what a reply is about."""
        ...


class Way(Protocol):
    """The way of an invocation: the `copy` that has it now, and how many could not take it before."""

    copy: Copy | None
    retries: int


class Invoked(Fared, Protocol):
    """An invocation wherever it is on its way; `target` is not there before it has found one."""

    core: "Core"
    target: Target

    @property
    def delivery(self) -> Way | None:
        """Its way; None before it was on one."""
        ...


def served_by(target: Target, copy: Copy | None) -> bytes:
    """Give the header lines that say which component (or variant) and which copy of it serve."""
    name = target.component
    lines = b"x-stoker-component: %s\r\n" % name.encode() if name else b"x-stoker-variant: %s\r\n" % target.variant.encode()
    return lines if copy is None else lines + b"x-stoker-copy: %s\r\n" % copy.copy_id.encode()


def course(run: Fared, retries: int) -> bytes:
    """Give the header lines that say how an invocation fared: empty for one that the first copy took at once."""
    lines = b""
    if run.waited_ns:
        lines = b"x-stoker-held-ms: %d\r\n" % (run.waited_ns // MILLISECOND)
    if run.cold:
        lines += b"x-stoker-cold-start: true\r\n"
    if retries:
        lines += b"x-stoker-retries: %d\r\n" % retries
    return lines


def told(run: Invoked) -> bytes:
    """Give all there is to tell of an invocation now."""
    if not run.core.telling or not hasattr(run, "target"):
        return b""
    delivery = run.delivery
    if delivery is None:
        return served_by(run.target, None) + course(run, 0)
    return served_by(run.target, delivery.copy) + course(run, delivery.retries)


def cold_start_seen(core: "Core", run: Started, first_byte: int) -> None:
    """Tell the control plane how long one waited at zero, and then (ns) for its first byte."""
    workload = run.target.workload.route.workload
    core.send(ColdStartSeen(workload=workload, at=core.instant(), waited=run.waited_ns, first_byte=first_byte))


def reply_lines(
    run: Answered, copy: Copy | None, headers: list[tuple[bytes, bytes]], *, handed_ns: int, now_ns: int, retries: int
) -> bytes:
    """Give the header lines of a good reply that `copy` was handed the invocation for at `handed_ns` (monotonic)."""
    core, face = run.core, run.face
    subject = run.subject()
    mark = "" if copy is None else copy.mark
    lines = face.reply_headers(headers, streaming=run.invocation.streaming, variant=subject.variant, mark=mark)
    lines += core.date_line
    if face.id_header:
        lines += b"%s: %s\r\n" % (face.id_header, subject.request_id.encode())
    if run.waited_ns:
        phases = _cold_phases(run, copy, handed_ns, now_ns) if run.cold and copy is not None else []
        lines += server_timing([("hold", run.waited_ns), *phases, ("model", now_ns - handed_ns)])
    if core.telling:
        lines += served_by(run.target, copy) + course(run, retries)
    return lines


def _cold_phases(run: Answered, copy: Copy, handed_ns: int, now_ns: int) -> list[tuple[str, int]]:
    core = run.core
    handed = core.instant() - round((now_ns - handed_ns) * core.rate.speed)
    return cold_start(copy.route.phases, waited=run.waited_ns, handed=handed, speed=core.rate.speed)

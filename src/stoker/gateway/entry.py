"""How an invocation begins: who sent it, what it asks for, whether that sender may have it, and whether it may wait."""

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from stoker.decisions.admission import Admission, admit, effective_at_zero
from stoker.gateway.authentic import authenticated, forbidden
from stoker.gateway.face import Invocation, Reply
from stoker.gateway.reasons import Refusal

if TYPE_CHECKING:
    from stoker.gateway.core import Core
    from stoker.gateway.invocation import Run


class Entered(NamedTuple):
    """An invocation that may go on, and the name of who sent it (empty where nobody was asked)."""

    invocation: Invocation
    principal: str


def enter(run: "Run") -> Entered | Refusal | Reply:
    """Understand what came; a reply is one that no model is needed for. What is refused here wakes nothing."""
    core, face = run.core, run.face
    sender = "" if run.trusted else authenticated(core, run.head, run.body)
    if isinstance(sender, Refusal) and not face.strangers:
        return sender
    read = face.invocation(run.head, run.body)
    if isinstance(read, Invocation):
        if face.strangers and not run.trusted:
            denied = _denied(core, sender, read.endpoint)
            if denied is not None:
                return denied
        if isinstance(sender, Refusal):  # nobody's key of a call is told from another's
            return Entered(replace(read, key=""), "")
        return Entered(read, sender)
    if isinstance(sender, Refusal):
        return sender  # a stranger is not told what there is
    return read if isinstance(read, Refusal) else read(lambda endpoint: _denied(core, sender, endpoint) is None)


def _denied(core: "Core", sender: str | Refusal, endpoint: str) -> Refusal | None:
    """Refuse whoever may not invoke an endpoint, unless it is open to everybody."""
    route = core.routes.endpoint(endpoint)
    if route is not None and route.hub is not None and route.hub.open:
        return None
    return sender if isinstance(sender, Refusal) else forbidden(core, sender, endpoint)


def admission_of(run: "Run", ready: int) -> Admission:
    """Decide about an invocation that has found its workload, of which so many copies can take it now."""
    target = run.target
    workload = target.workload
    route = workload.route
    return admit(
        ready=ready,
        waiting=len(workload.waiters),
        desired=route.desired,
        wakeable=route.wakeable,
        failure=route.failure,
        busy=len(workload.copies),
        at_zero=effective_at_zero(
            request=run.invocation.at_zero,
            workload=route.at_zero,
            endpoint=target.endpoint.at_zero,
            default=run.core.at_zero,
        ),
    )

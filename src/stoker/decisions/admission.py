"""Whether an invocation is served, waits for capacity, or is refused, and why.

It does not choose the copy (`stoker.decisions.routing`) and knows no limits of the place it would wait in: those are the
gateway's.
"""

from enum import Enum

import msgspec

from stoker.domain.states import AtZero


class Verdict(Enum):
    """What becomes of an invocation."""

    SERVE = "serve"
    HOLD = "hold"
    REFUSE = "refuse"


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict and the sentence that explains it."""

    verdict: Verdict
    cause: str


_SERVE = Admission(verdict=Verdict.SERVE, cause="A copy is in service.")
_BEHIND = Admission(verdict=Verdict.HOLD, cause="Others wait for the same capacity and came first.")
_BUSY = Admission(verdict=Verdict.HOLD, cause="Every copy in service works on as much as it can.")
_COMING = Admission(verdict=Verdict.HOLD, cause="No copy is in service and capacity is on its way.")
_WAKES = Admission(verdict=Verdict.HOLD, cause="No copy is in service and demand brings one.")
_NO_WAY = Admission(verdict=Verdict.REFUSE, cause="No copy is in service and nothing would bring one.")
_STRICT = Admission(verdict=Verdict.REFUSE, cause="No copy is in service and the invocation may not wait.")


def effective_at_zero(*, request: AtZero | None, workload: AtZero | None, endpoint: AtZero | None, default: AtZero) -> AtZero:
    """Give what an invocation does at zero capacity: the request's word, else the workload's, the endpoint's, the server's."""
    return request or workload or endpoint or default


def admit(*, ready: int, waiting: int, desired: int, wakeable: bool, failure: str, at_zero: AtZero, busy: int = 0) -> Admission:
    """Decide about one invocation of a workload.

    `ready` copies can take it now, `busy` ones are in service and cannot, `waiting` invocations came before and wait, `desired`
    copies are wanted, `wakeable` tells that demand brings one at zero, and `failure` says why the workload cannot come up (empty:
    it can).
    """
    if ready > 0:
        return _BEHIND if waiting > 0 and at_zero is AtZero.HOLD else _SERVE
    if busy > 0:
        return _BUSY
    if failure:
        return Admission(verdict=Verdict.REFUSE, cause=failure)
    if at_zero is AtZero.REFUSE:
        return _STRICT
    if desired > 0:
        return _COMING
    return _WAKES if wakeable else _NO_WAY

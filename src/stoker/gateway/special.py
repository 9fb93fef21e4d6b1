"""What some endpoints want of an invocation, and some invocations of an endpoint, beyond a copy that is free."""

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from stoker.gateway import many_models
from stoker.gateway.copies import MAX_OUTSTANDING
from stoker.gateway.face import Reply
from stoker.gateway.patience import RETRY_AFTER_S
from stoker.gateway.reasons import Reason, Refusal
from stoker.gateway.routes import Target, stats_of
from stoker.gateway.tracker import Stats
from stoker.link.messages import Demand

if TYPE_CHECKING:
    from stoker.gateway.invocation import Run
    from stoker.gateway.places import Place

_METRICS: Final = "/metrics"
_LOST: Final = frozenset({Reason.NO_CAPACITY, Reason.HOLD_TIMED_OUT, Reason.HOLD_FULL})


def refused(run: "Run") -> Refusal | None:
    """Refuse an invocation of many models or of a serverless variant for what it is; one that is not has its place then."""
    route = run.target.workload.route
    if run.invocation.model or route.multi_model:
        found = many_models.refused(run.invocation, run.target)
        if found is not None:
            return found
    if route.serverless is None:
        return None
    if len(run.body) > route.serverless.payload_bytes:
        return Refusal(reason=Reason.BODY_TOO_LARGE, limit=route.serverless.payload_bytes)
    place = run.place
    if place is not None and place.workload == route.workload:
        return None
    places = run.core.places
    if place is not None:
        places.leave(place)
    run.place = places.enter(route.workload, route.serverless)
    return Refusal(reason=Reason.THROTTLED) if run.place is None else None


def worded(run: "Run", refusal: Refusal) -> Refusal:
    """Give the failure of one that found no capacity: what a serverless variant has not, it has not yet."""
    if run.target.workload.route.serverless is None:
        return refusal
    if refusal.reason is Reason.WORKLOAD_FAILED:
        return replace(refusal, reason=Reason.MODEL_LOST, body=refusal.message.encode())
    if refusal.reason not in _LOST:
        return refusal
    return replace(refusal, reason=Reason.NOT_READY)


def counted(run: "Run", place: "Place") -> None:
    """Count an invocation of a serverless variant that has its environment now."""
    if place.spilled:
        place.spilled = False
        stats_of(run.core.tracker, run.target).spilled += 1


def probe(run: "Run") -> None:
    """Have a copy answer that is there, however busy it is; where there is none, that is the answer.

    Of copies that tell nowhere how they are, that one is there is told. None of it counts: one who asks how a model is doing
    wants nothing of it, and no copy is kept or brought for that.
    """
    target, core = run.target, run.core
    now = core.now()
    copies = [copy for copy in target.workload.copies if copy.broken_until <= now and copy.outstanding < MAX_OUTSTANDING]
    if not copies or target.workload.route.serverless is not None:
        run.answer(Refusal(reason=Reason.NO_CAPACITY, message="No copy is in service.", retry_after_s=RETRY_AFTER_S))
        return
    hub = target.endpoint.hub
    if hub is not None and not hub.health_path and not run.invocation.path.startswith(_METRICS):
        run.answer(Reply(status=200, headers=b"content-type: text/plain\r\n", body=b"Ok"))
        return
    run.target = aside = Target(target.endpoint, target.variant, target.strategy, target.workload, target.component)
    aside.stats = Stats(target.workload.route.workload, target.endpoint.name, target.variant)
    run.released(copies)


def ask_for_capacity(run: "Run", refusal: Refusal) -> None:
    """Tell of the demand of one that is refused at zero, where that is what brings a copy: its client comes again."""
    target, core = run.target, run.core
    route = target.workload.route
    if target.endpoint.hub is None or refusal.reason is not Reason.NO_CAPACITY or not route.wakeable or route.desired > 0:
        return
    waiting = len(target.workload.waiters) + 1
    core.send(
        Demand(workload=route.workload, waiting=waiting, at=core.instant(), in_flight=core.tracker.in_flight_of(route.workload))
    )

"""What endpoints with many models, and serverless ones, want of an invocation before it may look for a copy."""

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from stoker.gateway import many_models
from stoker.gateway.reasons import Reason, Refusal
from stoker.gateway.routes import stats_of

if TYPE_CHECKING:
    from stoker.gateway.invocation import Run
    from stoker.gateway.places import Place

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

"""What a failure is in HTTP's terms, for the faces that are not AWS's: its status, a code, and whether to try again."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from stoker.gateway.face import Directory, Place, Subject
from stoker.gateway.patience import RETRY_AFTER_S
from stoker.gateway.reasons import Reason, Refusal

AGAIN_S: Final = 1
"""Seconds after which a client whose hold ended comes again: at once, so that it goes on waiting."""
MOST_RETRY_AFTER_S: Final = 60
"""The longest Retry-After that all of OpenAI's clients heed."""
PRESET_2023: Final = "hf-2023"
_BAD_GATEWAY: Final = 502
_UNAUTHORIZED: Final = 401


class Outcome(NamedTuple):
    """A status, a code, what the failure is about in general, and whether the same request may fare better another time.

    `again` is None where the client's own rules serve.
    """

    status: int
    code: str
    message: str
    again: bool | None = None


_OUTCOMES: Final[Mapping[Reason, Outcome]] = {
    Reason.UNKNOWN_ENDPOINT: Outcome(404, "not_found", "There is no such endpoint."),
    Reason.COMPONENT_REQUIRED: Outcome(400, "model_required", "This endpoint serves several models: name one of them."),
    Reason.COMPONENT_NOT_ALLOWED: Outcome(400, "model_not_found", "This endpoint has no components."),
    Reason.UNKNOWN_COMPONENT: Outcome(404, "model_not_found", "There is no such component at this endpoint."),
    Reason.UNKNOWN_VARIANT: Outcome(404, "not_found", "There is no such variant at this endpoint."),
    Reason.MODEL_REQUIRED: Outcome(400, "model_required", "This endpoint has many models: name one."),
    Reason.MODEL_NOT_ALLOWED: Outcome(400, "model_not_found", "This endpoint has not many models."),
    Reason.UNKNOWN_MODEL: Outcome(404, "model_not_found", "There is no such model."),
    Reason.MODEL_NOT_READY: Outcome(503, "model_not_ready", "The model is being loaded.", again=True),
    Reason.UNKNOWN_SESSION: Outcome(400, "session_not_found", "There is no such session."),
    Reason.INVALID: Outcome(400, "bad_request", "The request is not valid."),
    Reason.NO_CAPACITY: Outcome(503, "service_unavailable", "No replica is in service."),
    Reason.PAUSED: Outcome(400, "bad_request", "Bad Request: The endpoint is paused, ask a maintainer to restart it"),
    Reason.WORKLOAD_FAILED: Outcome(503, "service_unavailable", "The model does not come up.", again=False),
    Reason.NOT_READY: Outcome(503, "service_unavailable", "A replica is starting still.", again=True),
    Reason.THROTTLED: Outcome(429, "too_many_requests", "The endpoint works on as much as it may."),
    Reason.HOLD_TIMED_OUT: Outcome(503, "service_unavailable", "No replica came in time.", again=True),
    Reason.HOLD_FULL: Outcome(429, "too_many_requests", "Too many requests wait already."),
    Reason.OVERLOADED: Outcome(503, "service_unavailable", "The gateway is at its bounds."),
    Reason.BODY_TOO_LARGE: Outcome(413, "payload_too_large", "The request body is too large."),
    Reason.MODEL_ERROR: Outcome(502, "model_error", "The model failed."),
    Reason.MODEL_TIMEOUT: Outcome(504, "gateway_timeout", "The model took too long.", again=False),
    Reason.REPLY_TOO_LARGE: Outcome(502, "bad_gateway", "The model's reply is too large.", again=False),
    Reason.MODEL_LOST: Outcome(502, "bad_gateway", "The model's reply broke off."),
    Reason.NOT_AUTHENTICATED: Outcome(401, "unauthorized", "Unauthorized"),
    Reason.DRAINING: Outcome(503, "service_unavailable", "The gateway is shutting down.", again=True),
    Reason.CONTROL_AWAY: Outcome(503, "service_unavailable", "The platform is starting.", again=True),
}


def outcome_of(refusal: Refusal, subject: Subject, directory: Directory | None) -> Outcome:
    """Give what a failure is. Its own message goes before the general one."""
    found = _OUTCOMES[refusal.reason]
    if refusal.reason is Reason.NO_CAPACITY and not _comes(subject, directory):
        found = found._replace(again=False)
    match refusal.reason:
        case Reason.NOT_AUTHENTICATED if refusal.http_status == 403:  # noqa: PLR2004 - known, and not allowed
            return found._replace(status=403, code="forbidden", message=refusal.message)
        case Reason.NO_CAPACITY | Reason.HOLD_TIMED_OUT if _is_of_2023(subject, directory):
            return found._replace(status=_BAD_GATEWAY, code="bad_gateway", message=refusal.message or found.message)
        case Reason.BODY_TOO_LARGE:
            return found._replace(message=f"The request body must not be larger than {refusal.limit} bytes.")
        case Reason.MODEL_ERROR if refusal.status:
            return found._replace(status=refusal.status, message=refusal.body.decode("utf-8", "replace") or found.message)
        case Reason.NOT_AUTHENTICATED | Reason.PAUSED:
            return found
        case _:
            return found._replace(message=refusal.message or found.message)


def models_own(refusal: Refusal) -> bytes | None:
    """Give the object with an `error` that the model itself failed with, on one line; None when it did otherwise."""
    if refusal.reason is not Reason.MODEL_ERROR:
        return None
    try:
        told = msgspec.json.decode(refusal.body)
    except (ValueError, RecursionError):
        return None
    return msgspec.json.encode(told) if isinstance(told, dict) and told.get("error") else None


def retry_headers(refusal: Refusal, outcome: Outcome) -> bytes:
    """Give the header lines that tell a client when to come again, OpenAI's clients whether, and strangers what to bring."""
    after = min(refusal.retry_after_s, MOST_RETRY_AFTER_S)
    if refusal.reason is Reason.HOLD_TIMED_OUT:
        after = AGAIN_S
    elif refusal.reason is Reason.NO_CAPACITY:
        after = after or RETRY_AFTER_S
    lines = b"retry-after: %d\r\n" % after if after else b""
    if outcome.status == _UNAUTHORIZED:
        lines += b"www-authenticate: Bearer\r\n"
    if outcome.again is not None:
        lines += b"x-should-retry: %s\r\n" % (b"true" if outcome.again else b"false")
    return lines


def _comes(subject: Subject, directory: Directory | None) -> bool:
    """Tell whether what an invocation found without a copy will have one, as far as is known."""
    asked = subject.invocation
    if asked is None or directory is None:
        return True
    return directory.comes(Place(endpoint=asked.endpoint, component=asked.component, names=()))


def _is_of_2023(subject: Subject, directory: Directory | None) -> bool:
    if directory is None or subject.invocation is None:
        return False
    route = directory.endpoint(subject.invocation.endpoint)
    return route is not None and route.hub is not None and route.hub.preset == PRESET_2023

"""Why a gateway does not pass an invocation on, or its reply back: a closed set that every face renders in its own words."""

from enum import Enum

import msgspec


class Reason(Enum):
    """What went wrong, free of any wire protocol. The comments tell who can do something about it."""

    UNKNOWN_ENDPOINT = "unknown endpoint"
    COMPONENT_REQUIRED = "component required"  # the endpoint hosts components and the client names none
    COMPONENT_NOT_ALLOWED = "component not allowed"  # the endpoint's variants serve models themselves
    UNKNOWN_COMPONENT = "unknown component"
    UNKNOWN_VARIANT = "unknown variant"
    MODEL_REQUIRED = "model required"  # the endpoint has many models and the client names none
    MODEL_NOT_ALLOWED = "model not allowed"  # the client names a model and the endpoint has not many
    UNKNOWN_MODEL = "unknown model"  # not there among the endpoint's many, or nothing has this name
    MODEL_NOT_READY = "model not ready"  # it is being loaded
    UNKNOWN_SESSION = "unknown session"  # or one whose copy is gone
    INVALID = "invalid"  # the request's own words are wrong; `message` says which
    NO_CAPACITY = "no capacity"
    PAUSED = "paused"  # by its owner: no demand brings it back
    WORKLOAD_FAILED = "workload failed"  # `message` holds the cause
    NOT_READY = "not ready"  # an environment of a serverless endpoint is starting still
    THROTTLED = "throttled"  # a serverless endpoint works on as much as it may
    HOLD_TIMED_OUT = "hold timed out"
    HOLD_FULL = "hold full"  # too many invocations, or bytes, wait already
    OVERLOADED = "overloaded"  # a bound of the gateway itself is reached
    BODY_TOO_LARGE = "body too large"  # `limit` in bytes
    MODEL_ERROR = "model error"  # the model answered with `status` and `body`
    MODEL_TIMEOUT = "model timeout"
    REPLY_TOO_LARGE = "reply too large"  # `limit` in bytes
    MODEL_LOST = "model lost"  # its connection broke, or its reply was garbled
    NOT_AUTHENTICATED = "not authenticated"  # `kind` and `message` come from the authenticator
    DRAINING = "draining"
    CONTROL_AWAY = "control away"  # no routing table yet


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One failure to be rendered.

    `message` is a sentence in the platform's words (may be empty), `status` and `body` are the model's own reply (the body cut
    to what a client may see), `kind` an authenticator's error code with `http_status`, `limit` the bound in bytes. After
    `retry_after_s` seconds the client may try again (0: nothing is said of that).
    """

    reason: Reason
    message: str = ""
    status: int = 0
    body: bytes = b""
    kind: str = ""
    http_status: int = 0
    limit: int = 0
    retry_after_s: int = 0

"""Asynchronous inference: how an endpoint is asked to do it, and one request on its way through the queue."""

from enum import StrEnum
from typing import NewType

import msgspec

from stoker.domain.ids import EndpointName
from stoker.units import SECOND, Instant, Span

RequestId = NewType("RequestId", str)

MAX_INLINE_BYTES = 128_000
"""What a request may bring in its own body (SageMaker Runtime API: InvokeEndpointAsync)."""
TTL: Span = 21_600 * SECOND
TIMEOUT: Span = 900 * SECOND
"""How long a request may wait, and run, unless it says otherwise. Source: as above."""
MAX_IN_NOTICE = 128 * 1024
"""Bytes of a reply that a notification may bring along. Source: as above, AsyncInferenceNotificationConfig."""


class AsyncInference(msgspec.Struct, frozen=True, kw_only=True):
    """How a variant does asynchronous inference.

    `output` and `failure` are the `s3://` or `file://` prefixes that results and reasons go to (the second may be empty).
    Topics are the ARN of a queue or a topic, or a URL; empty for none. `concurrency` is how many requests one instance gets
    at once, 0 for as many as its model server works on.
    """

    output: str = ""
    failure: str = ""
    success_topic: str = ""
    error_topic: str = ""
    include_success: bool = False
    include_error: bool = False
    concurrency: int = 0


class AsyncState(StrEnum):
    """Where a request is."""

    WAITING = "Waiting"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    EXPIRED = "Expired"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a request was given to a copy. `ended` is 0 and `outcome` empty while that is not known."""

    begun: Instant
    ended: Instant = 0
    outcome: str = ""


class AsyncRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted request, and all that is to be done with it, whatever becomes of its endpoint's configuration.

    `location` is where its input is (empty: its own body, of `size` bytes, is kept with it), `output` and `failure` are where
    its result or its reason go. It waits until `deadline` at most, not before `due`, and runs for `timeout` (real time).
    `told` once nobody is to be notified of its end any more. A `suspect` was there when its copy ended, and may be why.
    """

    request_id: RequestId
    inference_id: str
    endpoint: EndpointName
    received: Instant
    deadline: Instant
    timeout: Span = TIMEOUT
    content_type: str = ""
    accept: str = ""
    custom_attributes: str = ""
    location: str = ""
    size: int = 0
    output: str = ""
    failure: str = ""
    how: AsyncInference
    state: AsyncState = AsyncState.WAITING
    due: Instant = 0
    attempts: tuple[Attempt, ...] = ()
    finished: Instant = 0
    reason: str = ""
    reply_type: str = ""
    told: bool = False
    suspect: bool = False

    @property
    def over(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self.state not in {AsyncState.WAITING, AsyncState.RUNNING}

    @property
    def topic(self) -> str:
        """Who is to be told of its end; empty: nobody."""
        return self.how.success_topic if self.state is AsyncState.COMPLETED else self.how.error_topic


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests of an endpoint are in a state, and how often those were tried: in all, and the one tried most."""

    endpoint: EndpointName
    state: AsyncState
    requests: int
    attempts: int
    most_attempts: int


def begun(request: AsyncRequest, now: Instant) -> AsyncRequest:
    """Give a request with one attempt more."""
    attempts = (*request.attempts, Attempt(begun=now))
    return msgspec.structs.replace(request, state=AsyncState.RUNNING, attempts=attempts)


def ended(request: AsyncRequest, outcome: str, now: Instant) -> AsyncRequest:
    """Give a request whose last attempt has come to an end."""
    last = msgspec.structs.replace(request.attempts[-1], ended=now, outcome=outcome)
    return msgspec.structs.replace(request, attempts=(*request.attempts[:-1], last))


def never_ran(request: AsyncRequest) -> AsyncRequest:
    """Give a request whose last attempt reached no copy: it was none."""
    return msgspec.structs.replace(request, state=AsyncState.WAITING, attempts=request.attempts[:-1])


def over(request: AsyncRequest, state: AsyncState, now: Instant, *, reason: str = "", reply_type: str = "") -> AsyncRequest:
    """Give a request that has come to its end."""
    done = msgspec.structs.replace(request, state=state, finished=now, reason=reason, reply_type=reply_type)
    return msgspec.structs.replace(done, told=not done.topic)

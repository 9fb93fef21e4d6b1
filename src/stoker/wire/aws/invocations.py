"""The SageMaker runtime's face of the gateway: InvokeEndpoint and InvokeEndpointWithResponseStream.

It names invocations, words their failures as AWS does (aws.amazon.com: SageMaker Runtime API, "Errors") and frames streams. It
moves no bytes and decides nothing about capacity.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from stoker.domain.ids import Partition
from stoker.domain.states import AtZero
from stoker.gateway.face import Directory, Invocation, Renewal, Reply, Subject
from stoker.gateway.head import Head
from stoker.gateway.reasons import Reason, Refusal
from stoker.units import SECOND, Instant
from stoker.wire.aws import constraints, eventstream
from stoker.wire.aws.generated.sagemaker_runtime import OPERATIONS
from stoker.wire.aws.protocols.restjson import bound
from stoker.wire.patience import PATIENCE_HEADERS, said_patience, usual_patience

PREFIX: Final = "/endpoints/"
PLAIN: Final = "/invocations"
STREAM: Final = "/invocations-response-stream"

NO_CAPACITY: Final = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress (if configured) "
    "or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)
COMPONENT_REQUIRED: Final = (
    "Inference Component Name header is required for endpoints to which you plan to deploy inference components. "
    "Please include Inference Component Name header or consider using SageMaker models."
)
COMPONENT_NOT_ALLOWED: Final = (
    "Inference Component Name header is not allowed for endpoints to which you dont plan to deploy inference components. "
    "Please remove the Inference Component Name header and try again."
)
TIMED_OUT: Final = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each "
    "container in Amazon CloudWatch, resolve the issue, and try again."
)
LOST: Final = "The connection to container primary was lost and could not load the entire response body."

_TTL = re.compile(rb"(?:^|[;\s])ttl=(\d{8}T\d{6}Z)")
_TRACING = (b"x-amzn-trace-id", b"traceparent", b"tracestate")
_CALL_KEY: Final = b"amz-sdk-invocation-id"
_CALL_TRY: Final = b"amz-sdk-request"
_RENEWING: Final = frozenset({_CALL_KEY, _CALL_TRY, *_TRACING})
MAX_KEY: Final = 128
"""Bytes of a call's own id that tell it from others."""
_READ = frozenset({b"content-type", b"accept", b"x-stoker-at-zero", *PATIENCE_HEADERS})
"""What a request's meaning hangs on, beside its path and SageMaker's own headers."""
_OWN = b"x-amzn-sagemaker-"
_STREAM_ACCEPT = b"x-amzn-sagemaker-accept"
_SESSION = b"x-amzn-sagemaker-session-id"
_NEW_SESSION = b"NEW_SESSION"
_SESSION_REPLIES = frozenset({b"x-amzn-sagemaker-new-session-id", b"x-amzn-sagemaker-closed-session-id"})
_PLAIN_OPERATION = OPERATIONS["InvokeEndpoint"]
_STREAM_OPERATION = OPERATIONS["InvokeEndpointWithResponseStream"]
_MAX_SHOWN: Final = 4096
"""Characters of the model's own words in an error's message; OriginalMessage has all that was kept."""
_USUAL_BODY: Final = 1_048_576
"""Bytes of a body that no operation's constraint forbids."""
_MAX_REMEMBERED: Final = 1024
_EVENTS: Final = b"text/event-stream"
_SERVER_ERROR = 500
_CLIENT_ERROR = 400

# Code and status of each failure. HOLD_TIMED_OUT is one that clients try again at once, and so go on waiting, since a hold ends
# before they lose patience. HOLD_FULL is one that they back off from first.
_CODES: Final[Mapping[Reason, tuple[str, int]]] = {
    Reason.UNKNOWN_ENDPOINT: ("ValidationError", 400),
    Reason.COMPONENT_REQUIRED: ("ValidationError", 400),
    Reason.COMPONENT_NOT_ALLOWED: ("ValidationError", 400),
    Reason.UNKNOWN_COMPONENT: ("ValidationError", 400),
    Reason.UNKNOWN_VARIANT: ("ValidationError", 400),
    Reason.UNKNOWN_SESSION: ("ValidationError", 400),
    Reason.MODEL_REQUIRED: ("ValidationError", 400),
    Reason.MODEL_NOT_ALLOWED: ("ValidationError", 400),
    Reason.UNKNOWN_MODEL: ("ValidationError", 400),
    Reason.MODEL_NOT_READY: ("ModelNotReadyException", 429),
    Reason.INVALID: ("ValidationError", 400),
    Reason.NO_CAPACITY: ("ValidationError", 400),
    Reason.PAUSED: ("ValidationError", 400),
    Reason.WORKLOAD_FAILED: ("ValidationError", 400),
    Reason.NOT_READY: ("ModelNotReadyException", 429),
    Reason.THROTTLED: ("ThrottlingException", 400),
    Reason.HOLD_TIMED_OUT: ("ServiceUnavailable", 503),
    Reason.HOLD_FULL: ("ThrottlingException", 429),
    Reason.OVERLOADED: ("ServiceUnavailable", 503),
    Reason.BODY_TOO_LARGE: ("RequestEntityTooLargeException", 413),
    Reason.MODEL_ERROR: ("ModelError", 424),
    Reason.MODEL_TIMEOUT: ("ModelError", 424),
    Reason.MODEL_LOST: ("ModelError", 424),
    Reason.REPLY_TOO_LARGE: ("ModelError", 424),
    Reason.DRAINING: ("ServiceUnavailable", 503),
    Reason.CONTROL_AWAY: ("ServiceUnavailable", 503),
}


class AwsRuntimeFace:
    """A `Face` for `/endpoints/NAME/invocations` and `/endpoints/NAME/invocations-response-stream`."""

    __slots__ = ("_known", "_partition", "id_header", "strangers")

    def __init__(self, partition: Partition) -> None:
        self.id_header: Final = b"x-amzn-requestid"
        self.strangers: Final = False
        self._partition = partition
        self._known: dict[tuple[str, tuple[tuple[bytes, bytes], ...]], Invocation] = {}

    def know(self, directory: Directory) -> None:
        """Need no names: every request says where it goes."""

    def claims(self, head: Head) -> bool:
        """Tell whether the request is one of the two operations."""
        path = head.path
        if head.method != "POST" or not path.startswith(PREFIX):
            return False
        name, slash, rest = path[len(PREFIX) :].partition("/")
        return bool(name and slash) and rest in {"invocations", "invocations-response-stream"}

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal:
        """Read names and headers, and check them by the operation's constraints.

        Clients say the same again and again, so what passed is remembered, but for what is new with each call.
        """
        said = tuple([one for one in head.headers if one[0] in _READ or one[0].startswith(_OWN)])
        found = self._known.get((head.path, said)) if len(body) <= _USUAL_BODY else None
        known = found or self._read(head, body)
        if isinstance(known, Refusal):
            return known
        if found is None:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            self._known[head.path, said] = known
        return _renewed(known, head.first)

    def renewal(self, head: Head, names: Sequence[bytes]) -> Invocation | Renewal | None:
        """Give what makes a call in words that are known: most often only its key is new."""
        known = self.invocation(head.without(names), b"")
        if isinstance(known, Refusal):
            return None
        told = [name for name in names if name in _RENEWING]
        if not told:
            return known
        if told == [_CALL_KEY]:
            place = names.index(_CALL_KEY)
            return lambda values, _: (known, values[place][:MAX_KEY].decode("latin-1"))

        def renewed(values: Sequence[bytes], _: bytes) -> tuple[Invocation, str]:
            call = _renewed(known, dict(zip(names, values, strict=True)))
            return call, call.key

        return renewed

    def _read(self, head: Head, body: bytes) -> Invocation | Refusal:
        """Read what the same words always mean."""
        streaming = head.path.endswith(STREAM)
        operation = _STREAM_OPERATION if streaming else _PLAIN_OPERATION
        name = head.path[len(PREFIX) : -len(STREAM if streaming else PLAIN)]
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in head.first.items()}
        given = bound(operation, {"EndpointName": unquote(name)}, "", headers)
        found = constraints.violations(operation.checks, operation.input(body=body, **given))
        if found:
            return Refusal(reason=Reason.INVALID, message=constraints.message(found))
        wish = headers.get("x-stoker-at-zero", "").lower()
        if wish not in {"", "hold", "refuse"}:
            return Refusal(reason=Reason.INVALID, message="The header X-Stoker-At-Zero must be hold or refuse.")
        session = head.first.get(_SESSION, _NEW_SESSION)
        return Invocation(
            endpoint=unquote(name),
            component=headers.get("x-amzn-sagemaker-inference-component"),
            variant=headers.get("x-amzn-sagemaker-target-variant"),
            streaming=streaming,
            at_zero=AtZero(wish) if wish else None,
            headers=_model_headers(head, streaming=streaming),
            session="" if session == _NEW_SESSION else session.decode("latin-1"),
            session_header=_SESSION,
            model="" if streaming else headers.get("x-amzn-sagemaker-target-model", ""),
            events=not streaming and _EVENTS in head.first.get(b"accept", b"").lower(),
            patience=said_patience(head.first),
            assumed_patience=usual_patience(head.first),
        )

    def refusal(self, refusal: Refusal, subject: Subject) -> Reply:
        """Word a failure as the SageMaker runtime does."""
        code, status, members = self._worded(refusal, subject)
        headers = b"content-type: application/json\r\nx-amzn-errortype: %s\r\nx-amzn-requestid: %s\r\n" % (
            code.encode("latin-1", "replace"),
            subject.request_id.encode(),
        )
        if refusal.retry_after_s:  # the older header in seconds, which SDKs do not heed, and theirs, in milliseconds
            headers += b"retry-after: %d\r\nx-amz-retry-after: %d\r\n" % (refusal.retry_after_s, 1000 * refusal.retry_after_s)
        if subject.variant:
            headers += b"x-amzn-invoked-production-variant: %s\r\n" % subject.variant.encode()
        return Reply(status=status, headers=headers, body=msgspec.json.encode(members))

    def event(self, refusal: Refusal, subject: Subject) -> bytes:
        """Give an event of type `error`: its data has the error's code, the members that its reply would have, and `error`.

        OpenAI's clients raise for an event with that member; one without it they take for a chunk of the answer.
        """
        code, _, members = self._worded(refusal, subject)
        error = {"message": members["Message"], "type": code, "code": code}
        return b"event: error\ndata: %s\n\n" % msgspec.json.encode({"error": error, "Code": code, **members})

    def _worded(self, refusal: Refusal, subject: Subject) -> tuple[str, int, dict[str, object]]:
        """Give a failure's code, status and members."""
        if refusal.reason is Reason.NOT_AUTHENTICATED:
            code, status = refusal.kind, refusal.http_status
        else:
            code, status = _CODES[refusal.reason]
        if code == "ModelError":
            return code, status, self._model_error(refusal, subject)
        return code, status, {"Message": None if refusal.reason is Reason.THROTTLED else self._message(refusal, subject)}

    def reply_headers(self, headers: Sequence[tuple[bytes, bytes]], *, streaming: bool, variant: str, mark: str) -> bytes:
        """Give the documented headers of a good reply."""
        lines = [b"x-amzn-invoked-production-variant: %s\r\n" % variant.encode()]
        kind = b""
        for name, value in headers:
            if name == b"content-type":
                kind = value
            elif name in _SESSION_REPLIES:
                session, semicolon, more = value.partition(b";")
                lines.append(b"%s: %s-%s%s%s\r\n" % (name, session.strip(), mark.encode(), semicolon, more))
            elif name == b"x-amzn-sagemaker-custom-attributes":
                lines.append(b"%s: %s\r\n" % (name, value))
        if streaming:
            lines.append(b"content-type: %s\r\n" % eventstream.CONTENT_TYPE.encode())
            if kind:
                lines.append(b"x-amzn-sagemaker-content-type: %s\r\n" % kind)
        elif kind:
            lines.append(b"content-type: %s\r\n" % kind)
        return b"".join(lines)

    def frames(self, headers: Sequence[tuple[bytes, bytes]], subject: Subject) -> "EventFrames":  # noqa: ARG002
        """Give the event stream's framing, which needs nothing of the reply."""
        return _FRAMES

    def _message(self, refusal: Refusal, subject: Subject) -> str:
        invocation = subject.invocation
        match refusal.reason:
            case Reason.UNKNOWN_ENDPOINT:
                name = "" if invocation is None else invocation.endpoint
                return f"Endpoint {name} of account {self._partition.account} not found."
            case Reason.UNKNOWN_COMPONENT:
                name = _or_nothing(invocation.component if invocation else None)
                return f'Could not find inference component "{name}".'
            case Reason.UNKNOWN_VARIANT:
                name = _or_nothing(invocation.variant if invocation else None)
                return f"Variant {name} not found for Request"
            case Reason.MODEL_REQUIRED | Reason.MODEL_NOT_ALLOWED | Reason.UNKNOWN_MODEL | Reason.MODEL_NOT_READY:
                return _many_models(refusal.reason, subject)
            case Reason.BODY_TOO_LARGE:
                return f"The request body must not be larger than {refusal.limit} bytes."
            case Reason.NO_CAPACITY | Reason.WORKLOAD_FAILED:
                return _no_capacity(refusal, subject)
            case _:
                return _TEXTS.get(refusal.reason, refusal.message or refusal.reason.value)

    def _model_error(self, refusal: Refusal, subject: Subject) -> dict[str, object]:
        status = refusal.status
        if refusal.reason is Reason.MODEL_TIMEOUT:
            original = TIMED_OUT
        elif refusal.reason is Reason.MODEL_LOST:
            original = refusal.body.decode("utf-8", "replace") or LOST
        elif refusal.reason is Reason.REPLY_TOO_LARGE:
            original = f"The response of container primary is larger than {refusal.limit} bytes."
        else:
            original = refusal.body.decode("utf-8", "replace")
        partition = self._partition
        group = _log_group(subject)
        side = "client" if _CLIENT_ERROR <= status < _SERVER_ERROR else "server"
        link = (
            f"https://{partition.region}.console.aws.amazon.com/cloudwatch/home?region={partition.region}"
            f"#logEventViewer:group={group}"
        )
        return {
            "Message": (
                f'Received {side} error ({status}) from primary with message "{original[:_MAX_SHOWN]}". '
                f"See {link} in account {partition.account} for more information."
            ),
            "OriginalStatusCode": status,
            "OriginalMessage": original,
            "LogStreamArn": f"arn:aws:logs:{partition.region}:{partition.account}:log-group:{group}",
        }


_TEXTS: Final[Mapping[Reason, str]] = {
    Reason.COMPONENT_REQUIRED: COMPONENT_REQUIRED,
    Reason.COMPONENT_NOT_ALLOWED: COMPONENT_NOT_ALLOWED,
    Reason.NOT_READY: "The resources that your serverless endpoint needs are still being provisioned. Wait and try again.",
}


class EventFrames:
    """Frames a streamed reply as an event stream."""

    __slots__ = ()

    def chunk(self, data: bytes) -> bytes:
        """Give the `PayloadPart` of one chunk (several of one beyond a frame's bound)."""
        return (
            eventstream.payload_part(data) if 0 < len(data) <= eventstream.MAX_PART else b"".join(eventstream.payload_parts(data))
        )

    def failure(self, refusal: Refusal) -> bytes:
        """Give the exception frame: without one, clients take a broken stream for a whole one."""
        if refusal.reason is Reason.MODEL_TIMEOUT:
            return eventstream.exception("ModelStreamError", TIMED_OUT, {"ErrorCode": "ModelInvocationTimeExceeded"})
        return eventstream.exception("ModelStreamError", LOST, {"ErrorCode": "StreamBroken"})


_FRAMES: Final = EventFrames()


def _renewed(known: Invocation, first: Mapping[bytes, bytes]) -> Invocation:
    """Give a call in words that are known: its key, its client's deadline, and what traces it."""
    key = first.get(_CALL_KEY, b"")
    deadline = _client_deadline(first.get(_CALL_TRY, b""))
    tracing = b"".join([b"%s: %s\r\n" % (name, first[name]) for name in _TRACING if name in first])
    if not key and not tracing and deadline is None:
        return known
    headers = known.headers + tracing if tracing else known.headers
    return replace(known, key=key[:MAX_KEY].decode("latin-1"), deadline=deadline, headers=headers)


@lru_cache(maxsize=64)
def _client_deadline(text: bytes) -> Instant | None:
    """Give the instant at which a retrying SDK gives up, from its `amz-sdk-request` header."""
    found = _TTL.search(text) if b"ttl" in text else None
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1].decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return round(moment.timestamp()) * SECOND


def _model_headers(head: Head, *, streaming: bool) -> bytes:
    lines = []
    for name, value in head.headers:
        if name == b"content-type" or (name == b"accept" and not streaming):
            lines.append(b"%s: %s\r\n" % (name, value))
        elif name == _SESSION and value != _NEW_SESSION:
            continue  # the gateway takes the copy's mark off it
        elif name.startswith(_OWN):
            if not streaming or name != _STREAM_ACCEPT:
                lines.append(b"%s: %s\r\n" % (name, value))
            else:
                lines.append(b"accept: %s\r\n" % value)
    return b"".join(lines)


def _many_models(reason: Reason, subject: Subject) -> str:
    """Word what is wrong with an invocation's target model; the first two as AWS does."""
    name, endpoint = ("", "") if subject.invocation is None else (subject.invocation.model, subject.invocation.endpoint)
    match reason:
        case Reason.MODEL_REQUIRED:
            return f"Request {subject.request_id} is missing a target model header."
        case Reason.MODEL_NOT_ALLOWED:
            return f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header."
        case Reason.UNKNOWN_MODEL:
            return f"Failed to download model data ({name}). Please ensure that there is an object at ModelDataUrl and that name."
        case _:
            return f"The model {name} is being loaded. Please try again."


def _or_nothing(name: str | None) -> str:
    return "" if name is None else name


def _no_capacity(refusal: Refusal, subject: Subject) -> str:
    invocation = subject.invocation
    if invocation is None or invocation.component is not None:
        text = NO_CAPACITY
    else:
        text = (
            f"Variant {subject.variant} has no capacity to process this request. Try to increase the capacity by invoking "
            "UpdateEndpointWeightsAndCapacities API."
        )
    return f"{text} {refusal.message}" if refusal.reason is Reason.WORKLOAD_FAILED else text


def _log_group(subject: Subject) -> str:
    invocation = subject.invocation
    if invocation is None:
        return "/aws/sagemaker/Endpoints/"
    if invocation.component is not None:
        return f"/aws/sagemaker/InferenceComponents/{invocation.component}"
    return f"/aws/sagemaker/Endpoints/{invocation.endpoint}"

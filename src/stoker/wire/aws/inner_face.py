"""The face that gateways show to the control plane, for requests of asynchronous inference; no client ever sees it.

It has InvokeEndpoint's path and headers. A failure tells its reason in `X-Stoker-Reason`, and what the model said in its body.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec

from stoker.domain.ids import Partition
from stoker.domain.states import AtZero
from stoker.gateway.face import Directory, Invocation, Renewal, Reply, Subject
from stoker.gateway.head import Head
from stoker.gateway.reasons import Refusal
from stoker.units import SECOND
from stoker.wire.aws.invocations import PLAIN, PREFIX, AwsRuntimeFace, EventFrames

REASON: Final = b"x-stoker-reason"
TIMEOUT: Final = b"x-stoker-timeout-seconds"
_FOR_MODEL: Final = frozenset(
    {b"content-type", b"accept", b"x-amzn-sagemaker-custom-attributes", b"x-amzn-sagemaker-inference-id"}
)
_FAILED: Final = 503


class InnerFace:
    """A `Face`. The invocation is refused where there is no copy, and its model has as long as the request says."""

    __slots__ = ("_worded", "id_header", "strangers")

    def __init__(self, partition: Partition) -> None:
        self.id_header: Final = b"x-amzn-requestid"
        self.strangers: Final = False
        self._worded = AwsRuntimeFace(partition)

    def know(self, directory: Directory) -> None:
        """Need no names: every request says where it goes."""

    def claims(self, head: Head) -> bool:
        """Tell whether the request is an invocation."""
        return head.method == "POST" and head.path.startswith(PREFIX) and head.path.endswith(PLAIN)

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal:  # noqa: ARG002 - a face's
        """Read the endpoint's name and what the model is told."""
        limit = head.first.get(TIMEOUT, b"")
        return Invocation(
            endpoint=unquote(head.path[len(PREFIX) : -len(PLAIN)]),
            at_zero=AtZero.REFUSE,
            headers=b"".join([b"%s: %s\r\n" % (name, value) for name, value in head.headers if name in _FOR_MODEL]),
            queued=True,
            timeout=int(limit) * SECOND if limit.isdigit() else None,
        )

    def renewal(self, head: Head, names: Sequence[bytes]) -> Renewal | None:  # noqa: ARG002 - a face's
        """Prepare nothing: no request of this face goes the short way."""
        return None

    def refusal(self, refusal: Refusal, subject: Subject) -> Reply:
        """Tell the reason, and the words that a client of InvokeEndpoint would get."""
        worded = self._worded.refusal(refusal, subject)
        told = msgspec.json.decode(worded.body)
        body = {"message": told.get("Message", ""), "status": refusal.status, "original": told.get("OriginalMessage", "")}
        headers = b"content-type: application/json\r\n%s: %s\r\n" % (REASON, refusal.reason.value.encode())
        return Reply(status=_FAILED, headers=headers, body=msgspec.json.encode(body))

    def event(self, refusal: Refusal, subject: Subject) -> bytes:
        """Word a failure within a stream of events, which is not asked for."""
        return self._worded.event(refusal, subject)

    def reply_headers(self, headers: Sequence[tuple[bytes, bytes]], *, streaming: bool, variant: str, mark: str) -> bytes:  # noqa: ARG002
        """Give the type of a good reply, and which variant made it."""
        kept = [b"%s: %s\r\n" % (name, value) for name, value in headers if name == b"content-type"]
        return b"x-amzn-invoked-production-variant: %s\r\n%s" % (variant.encode(), b"".join(kept))

    def frames(self, headers: Sequence[tuple[bytes, bytes]], subject: Subject) -> EventFrames:
        """Give the framing of streams, which are not asked for."""
        return self._worded.frames(headers, subject)

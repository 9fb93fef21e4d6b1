"""Tells whoever is to know how asynchronous requests ended: a queue of this server, or a web hook.

The messages are those of SageMaker, in the envelope of SNS, so that whoever reads them on AWS reads them here. They are sent at
least once: one that was sent just before a crash is sent again.
"""

import asyncio
import base64
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from stoker.domain.asynchronous import AsyncRequest, AsyncState
from stoker.domain.ids import Partition
from stoker.errors import DomainError
from stoker.service.queues import NewMessage, QueueDesk
from stoker.units import SECOND, Instant

log = structlog.get_logger(__name__)

TRIES: Final = 3
FIRST_PAUSE_S: Final = 0.5
POST_S: Final = 10.0
AT_ONCE: Final = 16
_ARN: Final = re.compile(r"arn:[^:]+:(?:sns|sqs):[^:]*:[^:]*:([A-Za-z0-9_.-]+)")


class Notices:
    """Sends the notices of one installation."""

    __slots__ = ("_partition", "_queues", "_turn")

    def __init__(self, queues: QueueDesk, partition: Partition) -> None:
        self._queues = queues
        self._partition = partition
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def tell(self, request: AsyncRequest, reply: bytes | None) -> bool:
        """Tell of a request's end, with its reply if that is asked for; False when it could not be told, and is given up."""
        envelope = enveloped(request, noted(request, self._partition, reply))
        async with self._turn:
            trouble = ""
            for number in range(TRIES):
                if number:
                    await asyncio.sleep(FIRST_PAUSE_S * (1 << number))
                trouble = await self._send(request.topic, envelope)
                if not trouble:
                    return True
        log.warning("notice_not_sent", endpoint=request.endpoint, request=request.request_id, topic=request.topic, why=trouble)
        return False

    async def _send(self, topic: str, envelope: bytes) -> str:
        """Send it, and give what is in the way; empty when nothing is."""
        named = _ARN.fullmatch(topic)
        try:
            if named is not None:
                await self._queues.send(named[1], [NewMessage(body=envelope.decode())])
            else:
                await asyncio.to_thread(_post, topic, envelope)
        except DomainError as error:
            return error.message
        except (OSError, urllib.error.URLError, ValueError) as error:
            return str(error)
        return ""


def noted(request: AsyncRequest, partition: Partition, reply: bytes | None) -> dict[str, object]:
    """Give what SageMaker tells of a request's end."""
    good = request.state is AsyncState.COMPLETED
    asked = {"contentType": request.content_type, "endpointName": request.endpoint, "inputLocation": request.location}
    answered = {"contentType": request.reply_type, "outputLocation": request.output} if good else {}
    if not good and request.failure:
        answered = {"failureLocation": request.failure}
    note: dict[str, object] = {
        "awsRegion": partition.region,
        "eventTime": _time(request.finished),
        "receivedTime": _time(request.received),
        "invocationStatus": "Completed" if good else "Failed",
        "requestParameters": {name: value for name, value in asked.items() if value},
        "inferenceId": request.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    if answered:
        note["responseParameters"] = {name: value for name, value in answered.items() if value}
    if not good:
        note["failureReason"] = request.reason
    if reply is not None:
        note["responseBody"] = {"content": base64.b64encode(reply).decode(), "encoding": "BASE64"}
    return note


def enveloped(request: AsyncRequest, note: dict[str, object]) -> bytes:
    """Give a note as SNS would deliver it, unsigned."""
    return msgspec.json.encode(
        {
            "Type": "Notification",
            "MessageId": request.request_id,
            "TopicArn": request.topic,
            "Message": msgspec.json.encode(note).decode(),
            "Timestamp": _time(request.finished),
        }
    )


class _NotFollowed(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a hook is where it is said to be."""

    def redirect_request(self, *_: object) -> None:
        """Give no request to follow with."""


_OPENER: Final = urllib.request.build_opener(_NotFollowed())


def _post(url: str, envelope: bytes) -> None:
    headers = {"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification"}
    request = urllib.request.Request(url, envelope, headers)  # noqa: S310 - http and https only: the topic's pattern says so
    with _OPENER.open(request, timeout=POST_S):
        pass


def _time(instant: Instant) -> str:
    moment = datetime.fromtimestamp(instant / SECOND, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"

"""The S3 face as an ASGI application that stands before another: it answers what is signed for S3."""

import asyncio
import time
import traceback
from collections.abc import Callable
from typing import Final

import structlog

from stoker.artifacts.buckets import Buckets
from stoker.domain.ids import Partition
from stoker.errors import StokerError
from stoker.units import Instant
from stoker.wire.aws.access import Access
from stoker.wire.aws.asgi import TRACEBACK_CHARACTERS, AsgiApp, Receive, Scope, Send
from stoker.wire.aws.exchange import by_name
from stoker.wire.aws.identity import Principal
from stoker.wire.aws.s3.asked import Asked, asked, claims
from stoker.wire.aws.s3.bodies import GoneError
from stoker.wire.aws.s3.calls import Call, Calls, name_of
from stoker.wire.aws.s3.documents import Content, document
from stoker.wire.aws.s3.faults import S3Error, as_s3
from stoker.wire.aws.s3.replies import XML, S3Reply
from stoker.wire.aws.sigv4 import S3, Verifier

MAX_CALLS: Final = 64
"""Calls at once; each takes at most one block of memory for its body."""
PIECE: Final = 1 << 18
"""Bytes that are read of a file at once."""
BODYLESS: Final = frozenset({204, 304})


class S3App:
    """Answers what is signed for S3, and leaves the rest to `rest`."""

    __slots__ = ("_access", "_calls", "_log", "_partition", "_request_id", "_rest", "_running", "_verifier", "_wall")

    def __init__(
        self,
        rest: AsgiApp,
        buckets: Buckets,
        verifier: Verifier,
        *,
        partition: Partition,
        request_id: Callable[[], str],
        access: Access | None = None,
        wall: Callable[[], Instant] = time.time_ns,
    ) -> None:
        self._rest = rest
        self._calls = Calls(buckets, partition.region)
        self._verifier = verifier
        self._partition = partition
        self._request_id = request_id
        self._access = access
        self._wall = wall
        self._running = 0
        self._log = structlog.get_logger("stoker.wire.aws")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            given = by_name((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
            if claims(given, scope["query_string"].decode("latin-1")):
                await self._serve(scope, receive, send)
                return
        await self._rest(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id, began = self._request_id(), time.perf_counter_ns()
        told = {"operation": "", "access_key": "", "code": ""}
        self._running += 1
        try:
            reply = await self._guarded(scope, receive, request_id, told)
            await _send(reply, request_id, send, head=scope["method"] == "HEAD")
        except GoneError:
            reply = S3Reply(status=499)
        finally:
            self._running -= 1
        span = (time.perf_counter_ns() - began) // 1_000_000
        self._log.info("api_called", service=S3, status=reply.status, request_id=request_id, duration_ms=span, **told)

    async def _guarded(self, scope: Scope, receive: Receive, request_id: str, told: dict[str, str]) -> S3Reply:
        """Give the reply, whatever happens."""
        resource = ""
        try:
            self._make_room()
            given = asked(scope)
            resource = given.resource
            return await self._answer(given, receive, told)
        except StokerError as error:
            said = as_s3(error)
            if said is None:
                said = self._bug(request_id, told)
        except GoneError:
            raise
        except Exception:  # noqa: BLE001 - logged with its traceback
            # Stands between a bug, or a broken disk, and the client, who must get a clean answer.
            said = self._bug(request_id, told)
        told["code"] = said.code
        members: list[tuple[str, Content]] = [("Code", said.code), ("Message", said.message), *said.members.items()]
        members += [("Resource", resource), ("RequestId", request_id)]
        region = {"x-amz-bucket-region": said.members["Region"]} if "Region" in said.members else {}
        body = document("Error", members, plain=True)
        # What is left of a refused body is not read: the next request has to come on another connection.
        closing = {"connection": "close"} if scope["method"] in {"PUT", "POST"} else {}
        return S3Reply(status=said.status, headers={"content-type": XML, **region, **closing}, body=body)

    def _make_room(self) -> None:
        if self._running > MAX_CALLS:
            raise S3Error("SlowDown", "Please reduce your request rate.")

    async def _answer(self, given: Asked, receive: Receive, told: dict[str, str]) -> S3Reply:
        proof = self._verifier.examine(
            method=given.method,
            path=given.path,
            query=given.query,
            headers=given.pairs,
            body_sha256=None,
            service=S3,
            now=self._wall(),
        )
        principal = proof.principal
        told["access_key"] = principal.access_key
        self._check_place(given, principal)
        name = told["operation"] = name_of(given)
        if self._access is not None:
            self._access.permit(principal, f"s3:{_PERMISSIONS.get(name, name)}", self._wall())
        owner = given.headers.get("x-amz-expected-bucket-owner", self._partition.account)
        if owner != self._partition.account:
            raise S3Error("AccessDenied", "Access Denied")
        return await self._calls.table[name](Call(asked=given, proof=proof, receive=receive))

    def _check_place(self, given: Asked, principal: Principal) -> None:
        """Refuse a signature for another region, in the words that make clients sign again for this one."""
        region = self._partition.region
        if self._access is not None and principal.region != region:
            text = f"The authorization header is malformed; the region '{principal.region[:64]}' is wrong; expecting '{region}'"
            raise S3Error("AuthorizationHeaderMalformed", text, {"Region": region})
        if not given.bucket and given.key:
            raise S3Error("InvalidURI", "Couldn't parse the specified URI.")

    def _bug(self, request_id: str, told: dict[str, str]) -> S3Error:
        text = traceback.format_exc()[-TRACEBACK_CHARACTERS:]
        self._log.error("api_call_broke", operation=told["operation"], request_id=request_id, traceback=text)
        return S3Error("InternalError", "We encountered an internal error. Please try again.")


_PERMISSIONS: Final = {
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadObject": "GetObject",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
    "ListMultipartUploads": "ListBucketMultipartUploads",
}
"""AWS's words for what a call needs, where they are not its name."""


async def _send(reply: S3Reply, request_id: str, send: Send, *, head: bool) -> None:
    """Write a reply, a file piece by piece."""
    length = reply.length if reply.file is not None else len(reply.body)
    named = {**reply.headers, "x-amz-request-id": request_id}
    if reply.status not in BODYLESS:
        named["content-length"] = str(length)
    headers = [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in named.items()]
    if reply.file is None or head or not length:
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head or reply.status in BODYLESS else reply.body})
        return
    file = await asyncio.to_thread(reply.file.open, "rb")
    with file:
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        file.seek(reply.start)
        left = length
        while left:
            piece = await asyncio.to_thread(file.read, min(PIECE, left))
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": bool(piece) and left > 0})
            if not piece:  # shorter than it was: whoever reads it sees that bytes are missing
                return

"""Bodies on their way to the disk: taken as they come, held against what was signed and against their checksums."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

from stoker.artifacts.objects import SUMS, Incoming
from stoker.wire.aws.payloads import Payload, payload_of
from stoker.wire.aws.s3.asked import Asked
from stoker.wire.aws.s3.faults import S3Error
from stoker.wire.aws.sigv4 import Proof

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

BLOCK: Final = 1 << 20
"""Bytes that are gathered before a thread writes them."""
SILENCE_S: Final = 60.0
"""Seconds within which something more of a body must come."""
MAX_DOCUMENT: Final = 2 << 20
"""Bytes of a body that is a document."""
SUM_PREFIX: Final = "x-amz-checksum-"
_MAX_LENGTH_DIGITS: Final = 16


class GoneError(Exception):
    """The client left before its request was complete."""


def length_of(asked: Asked) -> int | None:
    """Give how long the body says it is, without the frame of its chunks; None when it does not."""
    for name in ("x-amz-decoded-content-length", "content-length"):
        text = asked.headers.get(name)
        if text is not None:
            if not text.isdecimal() or len(text) > _MAX_LENGTH_DIGITS:
                raise S3Error("InvalidArgument", f"The header {name} is not a number of bytes.")
            return int(text)
    return None


def sums_of(asked: Asked) -> frozenset[str]:
    """Give the checksums to make of a body: those that are told before it or will be told after it."""
    trailers = (name.strip().lower() for name in asked.headers.get("x-amz-trailer", "").split(","))
    named = {name.removeprefix(SUM_PREFIX) for name in (*asked.headers, *trailers) if name.startswith(SUM_PREFIX)}
    return frozenset(named & SUMS.keys())


async def document_body(asked: Asked, proof: Proof, receive: Receive) -> bytes:
    """Give a body that is a document. Raises S3Error when it is too long."""
    payload = _payload(asked, proof)
    body = b""
    async for block in _blocks(receive):
        body += payload.feed(block)
        if len(body) > MAX_DOCUMENT:
            raise S3Error("MaxMessageLengthExceeded", "Your request was too big.")
    payload.finish()
    return body


async def take(asked: Asked, proof: Proof, receive: Receive, into: Incoming) -> None:
    """Take a body in whole. Raises S3Error, PayloadError or AuthError when it is not what was signed or told of it."""
    payload = _payload(asked, proof)

    def write(block: bytes) -> None:
        into.write(payload.feed(block))

    async for block in _blocks(receive):
        await asyncio.to_thread(write, block)
    trailer = payload.finish()
    _compare(into, {**asked.headers, **trailer})


def _payload(asked: Asked, proof: Proof) -> Payload:
    return payload_of(proof, decoded_length=length_of(asked) if "x-amz-decoded-content-length" in asked.headers else None)


async def _blocks(receive: Receive) -> AsyncIterator[bytes]:
    gathered: list[bytes] = []
    size = 0
    more = True
    while more:
        try:
            async with asyncio.timeout(SILENCE_S):
                message = await receive()
        except TimeoutError as error:
            text = "Your socket connection to the server was not read from or written to within the timeout period."
            raise S3Error("RequestTimeout", text) from error
        if message["type"] == "http.disconnect":
            raise GoneError
        gathered.append(message.get("body", b""))
        size += len(gathered[-1])
        more = message.get("more_body", False)
        if size >= BLOCK or not more:
            yield b"".join(gathered)
            gathered.clear()
            size = 0


def _compare(came: Incoming, told: Mapping[str, str]) -> None:
    """Hold what came against the checksums that the request tells."""
    given = told.get("content-md5")
    if given is not None and _digest(given, "Content-MD5") != came.md5:
        raise S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.")
    for name, made in came.sums.items():
        given = told.get(SUM_PREFIX + name)
        if given is None:
            raise S3Error("MalformedTrailerError", f"The trailer {SUM_PREFIX}{name} did not come.")
        if _digest(given, SUM_PREFIX + name) != base64.b64decode(made):
            raise S3Error("BadDigest", f"The {name.upper()} you specified did not match the calculated checksum.")


def _digest(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        if name == "Content-MD5":
            raise S3Error("InvalidDigest", "The Content-MD5 you specified is not valid.") from error
        raise S3Error("InvalidRequest", f"Value for {name} header is invalid.") from error

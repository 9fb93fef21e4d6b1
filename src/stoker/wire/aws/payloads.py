"""Bodies whose signature comes apart from them: held against a digest as they come, or in `aws-chunked` pieces.

Only S3 takes these. `feed` gives what a body carries as it comes; nothing of that may be trusted before `finish` has returned.
Source: AWS, "Signature calculations for the Authorization header: transferring payload in multiple chunks".
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final, Protocol

from stoker.errors import StokerError
from stoker.wire.aws.identity import MISMATCH, AuthError, AuthProblem
from stoker.wire.aws.sigv4 import EMPTY_SHA256, STREAMED, STREAMED_TRAILER, STREAMED_UNSIGNED, UNSIGNED, Proof

MAX_LINE: Final = 1024
"""Bytes of a chunk's first line, or of a line of the trailer."""
MAX_TRAILERS: Final = 16
_SIZE: Final = re.compile(rb"([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?")
_TRAILER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}):([ -~]*)")
_SIGNATURE: Final = "x-amz-trailer-signature"


class PayloadError(StokerError):
    """The body is not what the request says of it; `code` is S3's word for why, `message` may be shown."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Payload(Protocol):
    """A body on its way in."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they were sent and give those they carry. Raises PayloadError, AuthError."""
        ...

    def finish(self) -> Mapping[str, str]:
        """Give the trailer, by lower-case name, once all was sent. Raises PayloadError, AuthError for what is not as signed."""
        ...


def payload_of(proof: Proof, *, decoded_length: int | None = None) -> Payload:
    """Give what takes in the body of a request that has proved `proof`.

    `decoded_length` is what the request says of its body's length without the chunks' frame (`x-amz-decoded-content-length`).
    """
    if proof.payload in {STREAMED, STREAMED_TRAILER, STREAMED_UNSIGNED}:
        return _Chunked(proof, decoded_length)
    return _Whole("" if proof.payload == UNSIGNED else proof.payload)


class _Whole:
    """A body that is sent as it is, with this digest (empty: with any)."""

    __slots__ = ("_digest", "_hash")

    def __init__(self, digest: str) -> None:
        self._digest = digest
        self._hash = hashlib.sha256()

    def feed(self, data: bytes) -> bytes:
        if self._digest:
            self._hash.update(data)
        return data

    def finish(self) -> Mapping[str, str]:
        if self._digest and not hmac.compare_digest(self._hash.hexdigest(), self._digest):
            text = "The provided 'x-amz-content-sha256' header does not match what was computed."
            raise PayloadError("XAmzContentSHA256Mismatch", text)
        return {}


class _Chunked:
    """A body in chunks, each signed over that before it, or in unsigned ones, with a trailer or without."""

    __slots__ = (
        "_announced",
        "_buffer",
        "_done",
        "_hash",
        "_left",
        "_length",
        "_previous",
        "_proof",
        "_signed",
        "_size",
        "_trailer",
        "_trailing",
    )

    def __init__(self, proof: Proof, length: int | None) -> None:
        self._proof = proof
        self._signed = proof.payload != STREAMED_UNSIGNED and proof.key is not None
        self._length = length
        self._previous = "" if proof.signed is None else proof.signed.signature
        self._buffer = bytearray()
        self._announced = b""
        self._hash = hashlib.sha256()
        self._left: int | None = None  # of the chunk at hand; None between chunks
        self._size = 0
        self._trailing = self._done = False
        self._trailer: dict[str, str] = {}

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        out: list[bytes] = []
        while self._step(out):
            pass
        return b"".join(out)

    def finish(self) -> Mapping[str, str]:
        if not self._done or self._buffer:
            raise PayloadError("IncompleteBody", "The request body terminated unexpectedly")
        if self._length is not None and self._size != self._length:
            text = "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header"
            raise PayloadError("IncompleteBody", text)
        return self._trailer

    def _step(self, out: list[bytes]) -> bool:
        """Take in the next piece that is whole; False when more is needed."""
        if self._done:
            if self._buffer:
                raise _malformed()
            return False
        if self._left is None:
            line = self._line()
            if line is None:
                return False
            if self._trailing:
                self._take_trailer(line)
            else:
                self._begin(line)
            return True
        if self._left:
            piece = bytes(self._buffer[: self._left])
            del self._buffer[: len(piece)]
            self._left -= len(piece)
            self._size += len(piece)
            self._hash.update(piece)
            out.append(piece)
            return bool(piece)
        return self._end_chunk()

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", 0, MAX_LINE + 2)
        if end < 0:
            if len(self._buffer) > MAX_LINE + 1:
                raise _malformed()
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _begin(self, line: bytes) -> None:
        found = _SIZE.fullmatch(line)
        if found is None or (self._signed and found[2] is None):
            raise _malformed()
        size = int(found[1], 16)
        self._announced = found[2] or b""
        self._hash = hashlib.sha256()
        if size:
            if self._length is not None and self._size + size > self._length:
                raise _malformed()
            self._left = size
        else:
            self._check_chunk()
            self._trailing = True

    def _end_chunk(self) -> bool:
        if len(self._buffer) < 2:  # noqa: PLR2004 - CR and LF
            return False
        if self._buffer[:2] != b"\r\n":
            raise _malformed()
        del self._buffer[:2]
        self._check_chunk()
        self._left = None
        return True

    def _check_chunk(self) -> None:
        if self._signed:
            self._check("AWS4-HMAC-SHA256-PAYLOAD", f"{EMPTY_SHA256}\n{self._hash.hexdigest()}", self._announced.decode())

    def _take_trailer(self, line: bytes) -> None:
        """Take a line after the last chunk; an empty one ends the body."""
        if line:
            found = _TRAILER.fullmatch(line.strip(b"\n"))
            name = found[1].decode().lower() if found is not None else ""
            if found is None or self._proof.payload == STREAMED or name in self._trailer or len(self._trailer) >= MAX_TRAILERS:
                raise _malformed()
            self._trailer[name] = found[2].decode().strip()
            return
        self._done = True
        if self._proof.payload == STREAMED_TRAILER:
            given = self._trailer.pop(_SIGNATURE, "")
            if self._signed:
                lines = "".join(f"{name}:{value}\n" for name, value in self._trailer.items())
                self._check("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(lines.encode()).hexdigest(), given)

    def _check(self, algorithm: str, digests: str, given: str) -> None:
        """Hold a signature against the one before it and what came since."""
        key, signed = self._proof.key, self._proof.signed
        if key is None or signed is None:
            return
        text = f"{algorithm}\n{signed.date}\n{'/'.join(signed.scope)}\n{self._previous}\n{digests}"
        right = key.sign(text.encode())
        if not hmac.compare_digest(right, given.encode()):
            raise AuthError(AuthProblem.SIGNATURE, MISMATCH)
        self._previous = given


def _malformed() -> PayloadError:
    return PayloadError("InvalidRequest", "The body is not a well-formed aws-chunked one.")

"""Frames of `application/vnd.amazon.eventstream`, the body of a streamed reply.

A frame is `u32 total length | u32 headers' length | u32 crc32 of those eight bytes | headers | payload | u32 crc32 of
all before`, big-endian; a header is `u8 name length | name | u8 7 | u16 value length | value`. A reader takes a cut
connection for the end of the stream, so whoever fails mid-stream must say so in an exception frame.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"

MAX_PART: Final = 4 * 1024 * 1024
"""The most payload bytes in one frame; clients refuse frames of more than 16 MiB or 24 MiB."""

STRING_HEADER: Final = 7
OVERHEAD: Final = 16
"""Bytes of a frame beside its headers and its payload: three lengths and checksums before, one after."""

_PRELUDE: Final = struct.Struct(">II")
_CHECKSUM: Final = struct.Struct(">I")


def encode_headers(headers: Mapping[str, str]) -> bytes:
    """Give the bytes of string headers. Raises ValueError when a name or a value is too long for its length field."""
    parts = []
    for name, value in headers.items():
        name_bytes, value_bytes = name.encode(), value.encode()
        if not 0 < len(name_bytes) < 2**8 or len(value_bytes) >= 2**15:
            msg = f"an event stream cannot carry the header {name[:64]!r}"
            raise ValueError(msg)
        parts.append(struct.pack(">B", len(name_bytes)) + name_bytes)
        parts.append(struct.pack(">BH", STRING_HEADER, len(value_bytes)) + value_bytes)
    return b"".join(parts)


def frame(headers: bytes, payload: bytes) -> bytes:
    """Give one frame around encoded `headers` and a payload of at most `MAX_PART` bytes."""
    if len(payload) > MAX_PART:
        msg = f"a frame's payload of {len(payload)} bytes is over the limit of {MAX_PART}"
        raise ValueError(msg)
    lengths = _PRELUDE.pack(OVERHEAD + len(headers) + len(payload), len(headers))
    head = b"".join((lengths, _CHECKSUM.pack(zlib.crc32(lengths)), headers))
    checksum = zlib.crc32(payload, zlib.crc32(head))
    return b"".join((head, payload, _CHECKSUM.pack(checksum)))


_PART_HEADERS: Final = encode_headers(
    {":message-type": "event", ":event-type": "PayloadPart", ":content-type": "application/octet-stream"}
)


def payload_part(data: bytes) -> bytes:
    """Give one `PayloadPart` frame around at most `MAX_PART` bytes of a model's output."""
    return frame(_PART_HEADERS, data)


def payload_parts(data: bytes) -> Iterator[bytes]:
    """Give as many `PayloadPart` frames as `data` needs; none when it is empty."""
    if 0 < len(data) <= MAX_PART:
        yield frame(_PART_HEADERS, data)
        return
    for start in range(0, len(data), MAX_PART):
        yield frame(_PART_HEADERS, data[start : start + MAX_PART])


def exception(kind: str, message: str, members: Mapping[str, object] | None = None) -> bytes:
    """Give a modelled failure's frame: `kind` is `ModelStreamError` (with an `ErrorCode` member) or `InternalStreamFailure`."""
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return frame(encode_headers(headers), msgspec.json.encode({"Message": message, **(members or {})}))


def error(code: str, message: str) -> bytes:
    """Give the frame of a failure that the service's model does not name."""
    headers = {":message-type": "error", ":error-code": code, ":error-message": message[:1024]}
    return frame(encode_headers(headers), b"")

"""How the link's messages become bytes: a 4-byte big-endian length, then one tagged msgpack map.

It carries frames only; what the messages mean is said in `stoker.link.messages`.
"""

import struct
from collections.abc import Iterator

import msgspec

from stoker.errors import StokerError
from stoker.link.messages import Downward, Upward

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""The largest message in bytes; a routing table of 100 000 copies takes about 20 MB."""

_LENGTH = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()
_downward: msgspec.msgpack.Decoder[Downward] = msgspec.msgpack.Decoder(Downward)
_upward: msgspec.msgpack.Decoder[Upward] = msgspec.msgpack.Decoder(Upward)


class LinkError(StokerError):
    """The other side of the link sent what is not a message; the connection is of no more use."""


def encode(message: Downward | Upward) -> bytes:
    """Give the frame of one message. Raises `LinkError` for one above `MAX_FRAME_BYTES`."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise LinkError(f"A message of {len(body)} bytes is above the link's {MAX_FRAME_BYTES}.")
    return _LENGTH.pack(len(body)) + body


def decode_downward(body: bytes) -> Downward:
    """Give the control plane's message in a frame's body. Raises `LinkError`."""
    try:
        return _downward.decode(body)
    except msgspec.MsgspecError as error:
        raise LinkError(f"The control plane sent no message of this version: {error}") from error


def decode_upward(body: bytes) -> Upward:
    """Give the gateway's message in a frame's body. Raises `LinkError`."""
    try:
        return _upward.decode(body)
    except msgspec.MsgspecError as error:
        raise LinkError(f"A gateway sent no message of this version: {error}") from error


class FrameDecoder:
    """Cuts a stream of bytes, torn anywhere, into the bodies of its frames."""

    __slots__ = ("_buffer", "_limit")

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._buffer = bytearray()
        self._limit = limit

    @property
    def pending(self) -> int:
        """How many bytes wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take bytes and give the bodies that they complete.

        Raises `LinkError` for a frame above the limit before any of its body is kept; the decoder is of no use after that.
        """
        self._buffer += data
        return self._cut()

    def _cut(self) -> Iterator[bytes]:
        start = 0
        buffer = self._buffer
        try:
            while len(buffer) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(buffer, start)
                if length > self._limit:
                    raise LinkError(f"A frame of {length} bytes is above the link's {self._limit}.")
                end = start + _LENGTH.size + length
                if end > len(buffer):
                    return
                body = bytes(buffer[start + _LENGTH.size : end])
                start = end
                yield body
        finally:
            del buffer[:start]

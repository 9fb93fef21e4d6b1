"""Event stream frames, with botocore as the reader."""

import json
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from stoker.wire.aws import eventstream


def read(data: bytes) -> list[Any]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return list(buffer)


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5))
def test_payload_parts_are_read_back(parts: list[bytes]) -> None:
    frames = read(b"".join(frame for part in parts for frame in eventstream.payload_parts(part)))
    assert [frame.payload for frame in frames] == parts
    headers = {":message-type": "event", ":event-type": "PayloadPart", ":content-type": "application/octet-stream"}
    assert all(frame.headers == headers for frame in frames)


def test_an_exception_frame() -> None:
    (frame,) = read(eventstream.exception("ModelStreamError", "left “early”", {"ErrorCode": "StreamBroken"}))
    assert frame.headers[":message-type"] == "exception"
    assert frame.headers[":exception-type"] == "ModelStreamError"
    assert json.loads(frame.payload) == {"Message": "left “early”", "ErrorCode": "StreamBroken"}


def test_an_error_frame() -> None:
    (frame,) = read(eventstream.error("InternalFailure", "é" * 5000))
    assert frame.headers == {":message-type": "error", ":error-code": "InternalFailure", ":error-message": "é" * 1024}


def test_long_outputs_are_split() -> None:
    data = b"x" * (2 * eventstream.MAX_PART + 1)
    frames = list(eventstream.payload_parts(data))
    assert [len(frame.payload) for whole in frames for frame in read(whole)] == [eventstream.MAX_PART, eventstream.MAX_PART, 1]
    with pytest.raises(ValueError, match="over the limit"):
        eventstream.payload_part(data)


def test_headers_have_limits() -> None:
    for headers in ({"": "x"}, {"n" * 256: "x"}, {"n": "x" * 2**15}):
        with pytest.raises(ValueError, match="cannot carry the header"):
            eventstream.encode_headers(headers)

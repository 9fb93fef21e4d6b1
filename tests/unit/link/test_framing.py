import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoker.domain.ids import WorkloadId
from stoker.domain.keys import keyring
from stoker.link.framing import FrameDecoder, LinkError, decode_downward, decode_upward, encode
from stoker.link.messages import (
    ClockRate,
    Counters,
    Demand,
    Downward,
    Hello,
    RoutingChange,
    RoutingTable,
    Upward,
    Welcome,
    WorkloadRoute,
)

DOWN: list[Downward] = [
    Welcome(clock=ClockRate(monotonic_ns=1, started=2, speed=60.0), keys=keyring({"AK": "secret"})),
    RoutingTable(version=3, workloads=(WorkloadRoute(workload=WorkloadId("ic/a"), desired=2),)),
    RoutingChange(since=3, version=9, gone_workloads=(WorkloadId("ic/a"),)),
]
UP: list[Upward] = [
    Hello(gateway="g1"),
    Demand(workload=WorkloadId("ic/a"), waiting=2, at=5),
    Counters(gateway="g1", at=7),
]


@given(st.lists(st.integers(1, 50), max_size=40))
def test_frames_come_whole_however_the_stream_is_torn(cuts: list[int]) -> None:
    stream = b"".join(encode(message) for message in UP)
    decoder = FrameDecoder()
    got = []
    start = 0
    for cut in [*cuts, len(stream)]:
        got += [decode_upward(body) for body in decoder.feed(stream[start : start + cut])]
        start += cut
    assert got == UP
    assert decoder.pending == 0


def test_downward_messages_keep_their_kind() -> None:
    bodies = list(FrameDecoder().feed(b"".join(encode(message) for message in DOWN)))
    assert [decode_downward(body) for body in bodies] == DOWN


def test_a_frame_above_the_limit_is_refused_before_it_is_kept() -> None:
    decoder = FrameDecoder(limit=10)
    with pytest.raises(LinkError, match="11 bytes is above the link's 10"):
        list(decoder.feed(struct.pack(">I", 11)))


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x81\xa4type\xa5other", b"\x90"])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(LinkError):
        decode_upward(body)
    with pytest.raises(LinkError):
        decode_downward(body)


def test_a_message_of_the_other_direction_is_refused() -> None:
    (body,) = FrameDecoder().feed(encode(DOWN[0]))
    with pytest.raises(LinkError, match="gateway"):
        decode_upward(body)

"""However a client's bytes come, and whichever way they go: models are asked the same, and clients are told the same."""

import asyncio
import re
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from stoker.gateway.connection import Connection
from tests.unit.gateway.remembering import NAMES, REPLY, Ground, request, written

LINES = st.sampled_from(
    [
        "amz-sdk-invocation-id: k1",
        "amz-sdk-invocation-id: k2",
        "amz-sdk-request: attempt=1; max=3",
        "amz-sdk-request: ttl=20261122T000000Z; attempt=2; max=3",
        "Authorization: X Credential=a, Signature=b",
        "traceparent: 00-1",
        "tracestate: a=b, c=d",
        "Expect: 100-continue",
        "Transfer-Encoding: chunked",
        "Connection: close",
        "Content-Length: 4",
        "X-Y: z",
    ]
)
REQUESTS = st.builds(
    lambda body, lines, name, length: b"".join(request(body, *lines, component=name, length=length)),
    st.sampled_from([b"", b"body", b"b" * 120, b"\r\n\r\n"]),
    st.lists(LINES, max_size=3),
    st.sampled_from(NAMES),
    st.sampled_from([None, None, None, 0, 3, 5]),
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([b"", b"\r\n", b"\n", b"\r", b" ", b"\0", b":", b"x"])), max_size=1
)


def no_short_way(connection: Connection, data: bytes) -> bool:  # noqa: ARG001 - whatever it is
    """Have everything parsed."""
    return False


def told(pieces: list[bytes], *, short: bool) -> tuple[dict[str, bytes], list[bytes], bool]:
    """Give what models are asked, the statuses and bodies that the client gets, and whether it is cut off."""
    loop = asyncio.new_event_loop()
    try:
        ground = Ground(loop)
        if not short:
            ground.front.express = no_short_way
        client = ground.client()
        asked = dict.fromkeys(NAMES, b"")
        replies = b""
        for piece in pieces:
            client.data_received(piece)
            for _ in range(8):  # requests at most
                before = asked.copy()
                for name in NAMES:
                    question = ground.asked(name)
                    if question:
                        asked[name] += question
                        ground.models[name].data_received(REPLY)
                if asked == before:
                    break
            replies += written(client)
        words = re.findall(rb"HTTP/1.1 \d+|\r\n\r\n[^H]*", replies)
        return asked, words, client.transport.is_closing()
    finally:
        loop.close()


@given(st.lists(REQUESTS, min_size=1, max_size=4), CHANGES, st.lists(st.integers(1, 900), max_size=4))
@example([b"".join(request()), b"".join(request())], [], [len(request()[0])])
@settings(max_examples=120, deadline=None)
def test_the_short_way_does_what_the_parser_does(
    requests: list[bytes], changes: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    data = b"".join([requests[0], *requests])  # the first one's form is known when it comes again
    for at, change in changes:
        data = data[: len(requests[0]) + at] + change + data[len(requests[0]) + at :]
    places = sorted({0, len(requests[0]), *(len(requests[0]) + cut for cut in cuts), len(data)})
    pieces = [data[start:end] for start, end in pairwise(places) if data[start:end]]
    assert told(pieces, short=True) == told(pieces, short=False)

"""No bytes are read as a request that they are not: generated requests and changed ones, beside h11 and torn anywhere."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.edge import by_h11, check, mutated, read

# fmt: off
NAMES = st.sampled_from([
    "host", "content-length", "Content-Length", "transfer-encoding", "Transfer-Encoding", "connection", "upgrade", "expect", "x",
])
VALUES = st.sampled_from([
    "", "x", "0", "2", "02", "+2", "2, 2", "chunked", "Chunked", "gzip", "gzip, chunked", "identity", "close", "keep-alive",
    "upgrade", "h2c", "100-continue", "a b", "a\tb", "é",
])
LINES = st.sampled_from([
    "GET /a HTTP/1.1", "POST /a HTTP/1.1", "POST /a HTTP/1.0", "HEAD /a HTTP/1.1", "OPTIONS * HTTP/1.1", "GET /a",
    "GET http://x/a HTTP/1.1", "GET  /a HTTP/1.1",
])
# fmt: on
SEPARATORS = st.sampled_from([": ", ":", ":\t", " : "])
ENDS = st.sampled_from(["\r\n"] * 20 + ["\n", "\r", "\r\n ", "\r\r\n"])
BODIES = st.sampled_from(
    ["", "hi", "2\r\nhi\r\n0\r\n\r\n", "2;x=y\r\nhi\r\n0\r\nt: u\r\n\r\n", "0\r\n\r\n", "2 \r\nhi\r\n0\r\n\r\n", "2\nhi\n0\n\n"]
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Give something like a request, mostly well-formed in its parts, with whatever headers together."""
    text = draw(LINES) + draw(ENDS)
    if draw(st.integers(0, 9)):
        text += "host: x\r\n"
    for _ in range(draw(st.integers(0, 4))):
        text += draw(NAMES) + draw(SEPARATORS) + draw(VALUES) + draw(ENDS)
    return (text + draw(ENDS) + draw(BODIES)).encode("latin-1")


@settings(max_examples=600, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=3))
def test_requests_of_any_headers_are_read_as_h11_reads_them_or_refused(raw: list[bytes]) -> None:
    check(b"".join(raw))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_a_fault(data: bytes) -> None:
    check(data)


def test_changed_requests_are_read_as_h11_reads_them_or_refused() -> None:
    """A bounded run of `./run fuzz`, the same each time."""
    chance = random.Random(4)
    for _ in range(3000):
        check(mutated(chance))


def test_the_check_itself_sees_both_readings() -> None:
    two = b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhiGET /b HTTP/1.1\r\nhost: x\r\n\r\n"
    seen = [("POST", b"/a", b"hi"), ("GET", b"/b", b"")]
    assert read(two).seen == seen
    assert by_h11(two) == (seen, False)

"""The reader of requests: what it takes, what it refuses with which status, however the bytes come, beside h11."""

import h11
import pytest

from stoker.gateway.reading import MAX_HEADERS, Request, RequestReader
from tests.unit.gateway.raw_requests import BAD, CHUNKED, GET, GOOD, LOOSER, NEXT, POST, ROWS, Row

MAX_HEAD = 16_384


class Sink:
    """Notes what the reader tells."""

    def __init__(self) -> None:
        self.heads: list[Request] = []
        self.bodies: list[bytearray] = []
        self.whole = 0
        self.status = 0
        self.message = ""

    def head_read(self, request: Request) -> None:
        self.heads.append(request)
        self.bodies.append(bytearray())

    def body_read(self, request: Request, data: bytes) -> None:
        assert request is self.heads[-1]
        self.bodies[-1] += data

    def request_read(self, request: Request) -> None:
        assert request is self.heads[-1]
        self.whole += 1

    def reading_failed(self, status: int, message: str) -> None:
        assert not self.status, "told twice"
        self.status, self.message = status, message

    def told(self) -> list[tuple[str, bytes, list[tuple[bytes, bytes]], bytes]]:
        return [
            (one.head.method, one.head.target, one.head.headers, bytes(body))
            for one, body in zip(self.heads, self.bodies, strict=True)
        ]


def read(*pieces: bytes) -> Sink:
    sink = Sink()
    reader = RequestReader(sink, MAX_HEAD)
    for piece in pieces:
        rest = piece
        while rest:
            rest = reader.feed(rest, 1)
    return sink


def by_h11(raw: bytes) -> tuple[bool, bytes]:
    """Whether h11 takes the request, and its body."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
    connection.receive_data(raw)
    body = b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return True, body
            elif event is h11.NEED_DATA or event is h11.PAUSED:
                return False, body
    except h11.RemoteProtocolError:
        return False, body


def names(rows: list[Row]) -> list[object]:
    return [pytest.param(row, id=row.name) for row in rows]


@pytest.mark.parametrize("row", names(ROWS))
def test_a_request_is_taken_or_refused_as_the_table_says(row: Row) -> None:
    sink = read(row.raw)
    assert sink.status == row.status, sink.message
    if not row.status:
        assert (sink.whole, sink.told()[0][3]) == (1, row.body)
    else:
        assert sink.whole == 0


@pytest.mark.parametrize("row", names(ROWS))
def test_the_table_says_where_h11_judges_otherwise(row: Row) -> None:
    taken, body = by_h11(row.raw)
    if not row.why:
        assert taken is (row.status == 0)
        assert not taken or body == row.body
    else:
        assert taken
        assert row.status, "what we serve and h11 refuses stands in a table of its own"


@pytest.mark.parametrize("row", names(LOOSER))
def test_what_we_serve_and_h11_does_not_is_known(row: Row) -> None:
    assert not by_h11(row.raw)[0]
    assert (read(row.raw).status, read(row.raw).whole) == (0, 1)
    assert row.why


@pytest.mark.parametrize("row", names([row for row in ROWS if len(row.raw) < 2000]))
def test_it_makes_no_difference_where_the_bytes_are_torn(row: Row) -> None:
    raw = row.raw
    # Behind a malformed method a single read can still tell what it was meant to be.
    judged = {row.status} | ({400} if row.status == 501 else set())
    whole = read(raw).told()
    for pieces in [[raw[:cut], raw[cut:]] for cut in range(1, len(raw))] + [[raw[at : at + 1] for at in range(len(raw))]]:
        torn = read(*pieces)
        assert torn.status in judged, pieces
        assert row.status or torn.told() == whole, pieces


@pytest.mark.parametrize("row", names([row for row in GOOD if b"HTTP/1.0" not in row.raw]))
def test_the_next_request_begins_where_the_one_before_ended(row: Row) -> None:
    both = read(row.raw + NEXT)
    assert (both.status, both.whole) == (0, 2)
    assert both.told()[0] == read(row.raw).told()[0]
    assert both.told()[1] == read(NEXT).told()[0]


@pytest.mark.parametrize("row", names(BAD))
def test_nothing_is_read_behind_what_was_refused(row: Row) -> None:
    behind = read(row.raw + NEXT, NEXT)
    assert behind.whole == 0
    assert all(head.head.target != b"/next" for head in behind.heads)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param(b"GET /" + b"a" * 8300, 414, id="target"),
        pytest.param(GET + b"y: " + b"a" * MAX_HEAD, 431, id="value"),
        pytest.param(GET + b"y" * MAX_HEAD, 431, id="name"),
        pytest.param(CHUNKED + b"2;" + b"a" * 99_999, 400, id="chunk extension"),
        pytest.param(CHUNKED + b"0\r\n" + b"y: 1\r\n" * 20_000, 400, id="trailers"),
        pytest.param(CHUNKED + b"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n" * 9_000, 400, id="many small extensions"),
    ],
)
def test_what_never_ends_has_a_bound(raw: bytes, status: int) -> None:
    assert read(*[raw[at : at + 100] for at in range(0, len(raw), 100)]).status == status


def test_bodies_of_one_byte_chunks_are_within_the_bounds() -> None:
    sink = read(CHUNKED, *[b"1\r\nx\r\n"] * 50_000, b"0\r\n\r\n")
    assert (sink.status, sink.told()[0][3]) == (0, b"x" * 50_000)


def test_as_many_headers_as_allowed() -> None:
    assert read(GET + b"y: 1\r\n" * (MAX_HEADERS - 1) + b"\r\n").status == 0
    assert read(GET + b"y: 1\r\n" * MAX_HEADERS + b"\r\n").status == 431


@pytest.mark.parametrize(
    ("target", "host", "seen"),
    [
        (b"http://x", b"x", b"/"),
        (b"HTTP://X/a?b", b"x", b"/a?b"),
        (b"http://x?b", b"x:80", b"/?b"),
        (b"https://x:443/a", b"X", b"/a"),
        (b"http://[::1]:9/a", b"[::1]:9", b"/a"),
    ],
)
def test_absolute_targets_are_read_as_paths(target: bytes, host: bytes, seen: bytes) -> None:
    assert read(b"GET %s HTTP/1.1\r\nhost: %s\r\n\r\n" % (target, host)).told()[0][1] == seen


@pytest.mark.parametrize(
    ("target", "host"), [(b"http://x:443/", b"x"), (b"http:///", b""), (b"http://x@x/", b"x"), (b"//x/", b"x")]
)
def test_absolute_targets_of_another_authority_are_not(target: bytes, host: bytes) -> None:
    sink = read(b"GET %s HTTP/1.1\r\nhost: %s\r\n\r\n" % (target, host))
    assert sink.status == 400 or sink.told()[0][1] == target  # `//x/` is a path


@pytest.mark.parametrize(
    ("raw", "waits"),
    [
        (POST + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n", True),
        (POST + b"expect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n", True),
        (POST + b"expect: 100-continue\r\ncontent-length: 0\r\n\r\n", False),
        (POST + b"expect: 100-continue\r\n\r\n", False),
        (b"POST /a HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n", False),
    ],
)
def test_only_who_sends_a_body_waits_for_a_go_on(raw: bytes, *, waits: bool) -> None:
    assert read(raw).heads[0].expects is waits


def test_an_upgrade_is_told_and_what_follows_is_given_back() -> None:
    sink = Sink()
    reader = RequestReader(sink, MAX_HEAD)
    rest = reader.feed(GET + b"connection: keep-alive, Upgrade\r\nupgrade: websocket\r\n\r\n\x81\x02hi", 1)
    assert (sink.whole, sink.heads[0].upgrade, rest) == (1, "websocket", b"\x81\x02hi")
    assert (reader.feed(NEXT, 1), sink.whole) == (b"", 2)


def test_an_upgrade_is_told_only_by_those_who_mean_it() -> None:
    assert read(GET + b"upgrade: websocket\r\n\r\n").heads[0].upgrade == ""
    assert read(POST + b"connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 2\r\n\r\nhi").heads[0].upgrade == ""

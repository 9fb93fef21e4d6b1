"""The request parser: what it takes, however torn, and what it refuses."""

import random

import pytest

from stoker.modelserver.protocol import HttpError, Request, RequestParser, reply_head

BIG = b"0123456789" * 1000
STREAM = (
    b"\r\nGET /ping?x=1 HTTP/1.1\r\nHost: a\r\nA: 1\r\na:  2 \r\n\r\n"
    b"POST /invocations HTTP/1.1\r\nContent-Length: 10000\r\n\r\n" + BIG + b"POST http://host/invocations HTTP/1.0\r\n\r\n"
    b"POST /invocations HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
    b"2710\r\n" + BIG + b"\r\n3;ext=1\r\nabc\r\n0\r\nTrailer: t\r\n\r\n"
    b"POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
)
EXPECTED = [
    ("GET", "/ping", b"", True),
    ("POST", "/invocations", BIG, True),
    ("POST", "/invocations", b"", False),
    ("POST", "/invocations", BIG + b"abc", True),
    ("POST", "/invocations", b"", True),
    ("POST", "/x", b"ok", False),
]


def parse(pieces: list[bytes], max_body: int = 1 << 20) -> tuple[list[Request], RequestParser]:
    parser = RequestParser(max_body)
    found = []
    for piece in pieces:
        parser.feed(piece)
        while (request := parser.next_request()) is not None:
            found.append(request)
    return found, parser


def tear(data: bytes, seed: int, longest: int) -> list[bytes]:
    chance = random.Random(seed)
    pieces = []
    while data:
        size = chance.randint(1, longest)
        pieces.append(data[:size])
        data = data[size:]
    return pieces


@pytest.mark.parametrize("longest", [1, 2, 7, 100, 5000, 1 << 20])
@pytest.mark.parametrize("seed", range(3))
def test_torn_input_gives_the_same_requests(seed: int, longest: int) -> None:
    found, parser = parse(tear(STREAM, seed, longest))
    assert [(r.method, r.path, r.body, r.keep_alive) for r in found] == EXPECTED
    assert found[0].headers == {"host": "a", "a": "1, 2"}
    assert all(type(r.body) is bytes for r in found)
    assert (parser.buffered, parser.in_body) == (0, False)


HEAD = b"POST /invocations HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"GET /\r\n\r\n", 400, id="no version"),
        pytest.param(b"GET  / HTTP/1.1\r\n\r\n", 400, id="two spaces"),
        pytest.param(b"G@T / HTTP/1.1\r\n\r\n", 400, id="method"),
        pytest.param(b"GET ping HTTP/1.1\r\n\r\n", 400, id="relative target"),
        pytest.param(b"GET / HTTP/3.0\r\n\r\n", 505, id="version"),
        pytest.param(b"GET / FTP/1.1\r\n\r\n", 400, id="not http"),
        pytest.param(b"GET / HTTP/1.1\nA: b\r\n\r\n", 400, id="bare LF"),
        pytest.param(b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400, id="bare CR"),
        pytest.param(b"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 400, id="NUL"),
        pytest.param(b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400, id="space before colon"),
        pytest.param(b"GET / HTTP/1.1\r\n: b\r\n\r\n", 400, id="no name"),
        pytest.param(b"GET / HTTP/1.1\r\nAb\r\n\r\n", 400, id="no colon"),
        pytest.param(b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400, id="folded"),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\n", 400, id="negative length"),
        pytest.param(HEAD + b"Content-Length: 1_0\r\n\r\n", 400, id="underscored length"),
        pytest.param(HEAD + b"Content-Length: 1, 1\r\n\r\n", 400, id="list of lengths"),
        pytest.param(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400, id="endless length"),
        pytest.param(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, id="two lengths"),
        pytest.param(HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, id="both framings"),
        pytest.param(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, id="chunked 1.0"),
        pytest.param(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501, id="gzip"),
        pytest.param(HEAD + b"Content-Length: 1048577\r\n\r\n", 413, id="long body"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400, id="negative chunk"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\n", 400, id="prefixed chunk"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n\r\n", 400, id="empty size"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400, id="chunk too long"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n100001\r\n", 413, id="long chunk"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 2000, 400, id="long extension"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 20000, 431, id="trailers"),
        pytest.param(HEAD + b"A: " + b"x" * 70000, 431, id="endless head"),
        pytest.param(HEAD + b"Expect: tea\r\n\r\n", 417, id="expectation"),
    ],
)
@pytest.mark.parametrize("longest", [3, 1 << 20])
def test_what_could_be_read_two_ways_is_refused(data: bytes, status: int, longest: int) -> None:
    with pytest.raises(HttpError) as caught:
        parse(tear(data, 1, longest))
    assert caught.value.status == status
    assert caught.value.message


def test_a_client_that_waits_for_continue_is_told_once() -> None:
    _, parser = parse([HEAD + b"Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n"])
    assert (parser.wants_continue(), parser.wants_continue()) == (True, False)
    parser.feed(b"abc")
    request = parser.next_request()
    assert request is not None
    assert request.body == b"abc"


def test_a_client_that_sends_its_body_anyway_is_not() -> None:
    _, parser = parse([HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\na"])
    assert not parser.wants_continue()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param((200, "", 0), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", id="empty"),
        pytest.param(
            (200, "a/b", None, {"X": "y"}),
            b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n",
            id="chunked",
        ),
        pytest.param((299, "", 1), b"HTTP/1.1 299 Unknown\r\nContent-Length: 1\r\n\r\n", id="odd status"),
    ],
)
def test_reply_heads(arguments: tuple[int, str, int | None], expected: bytes) -> None:
    assert reply_head(*arguments) == expected


def test_an_old_client_is_told_whether_its_connection_stays() -> None:
    assert reply_head(200, "", None, minor=0) == b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n"
    assert reply_head(200, "", None, minor=0, keep_alive=False) == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

"""What must hold of the reader of requests for any bytes at all, beside h11 and however they are torn."""

import random
import re

import h11

from stoker.gateway.head import origin_form
from stoker.gateway.reading import Request, RequestReader
from tests.unit.gateway.raw_requests import LOOSER, NEXT, ROWS

MAX_HEAD = 16_384
Seen = tuple[str, bytes, bytes]
"""A whole request: method, target and body."""

_TOKENS = [
    *[
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b" ",
        b"\t",
        b":",
        b",",
        b";",
        b"\r\n ",
        b"\r\n\r\n",
        b"0\r\n\r\n",
        b"\x0b",
        b"\xa0",
        b"\x7f",
    ],
    *[b"content-length: 2\r\n", b"Content-Length:5\r\n", b"transfer-encoding: chunked\r\n", b"Transfer-Encoding:\tchunked\r\n"],
    *[
        b"connection: close\r\n",
        b"connection: upgrade\r\nupgrade: h2c\r\n",
        b"expect: 100-continue\r\n",
        b"host: y\r\n",
        b"HTTP/1.0",
    ],
    *[b"2;a=b\r\nhi\r\n", b"0x2\r\n", b"ffffffffffffffff\r\n", b"GET http://x/b HTTP/1.1\r\n", NEXT],
]
# Where we serve and h11 does not: blanks and empty lines around a request line, names of other protocols, many leading zeros.
_LOOSE = re.compile(rb"^[\r\n]|\n[\r\n]|[A-Z] {2}|  (?:HTTP|RTSP|ICE)/|RTSP/|ICE/|0{19}")


class Sink:
    """Notes whole requests."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.status = 0
        self._body = bytearray()

    def head_read(self, request: Request) -> None:
        """Begin one."""
        assert not self.status
        assert request.head.path
        self._body = bytearray()

    def body_read(self, request: Request, data: bytes) -> None:
        """Add to it."""
        self._body += data
        assert request.size == len(self._body)

    def request_read(self, request: Request) -> None:
        """End it."""
        assert request.length is None or request.length == len(self._body)
        self.seen.append((request.head.method, request.head.target, bytes(self._body)))

    def reading_failed(self, status: int, message: str) -> None:
        """Note why nothing follows."""
        assert not self.status
        assert 400 <= status < 600, message
        self.status = status


def read(*pieces: bytes) -> Sink:
    """Read bytes as a gateway's connection does that grants no upgrade."""
    sink = Sink()
    reader = RequestReader(sink, MAX_HEAD)
    for piece in pieces:
        rest = piece
        while rest:
            rest = reader.feed(rest, 1)
    return sink


def by_h11(data: bytes) -> tuple[list[Seen], bool]:
    """Give the requests that h11 reads, and whether it refused what followed."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
    connection.receive_data(data)
    seen: list[Seen] = []
    method, target, body = "", b"", bytearray()
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                method, target, body = event.method.decode(), event.target, bytearray()
                target = origin_form(target, [(name, value) for name, value in event.headers])
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                seen.append((method, target, bytes(body)))
                connection.send(h11.Response(status_code=400, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE:
                    return seen, False
                connection.start_next_cycle()
            elif event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return seen, False
    except h11.RemoteProtocolError:
        return seen, True


def check(data: bytes) -> None:
    """Raise `AssertionError` when the bytes are read as something that they are not."""
    whole = read(data)
    seen, refused = by_h11(data)
    both = min(len(whole.seen), len(seen))
    assert whole.seen[:both] == seen[:both], "two readings of one request"
    assert not (refused and len(whole.seen) > both) or _LOOSE.search(data), "h11 refuses what we serve"
    chance = random.Random(data)
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(1, 6)))
    torn = read(*[data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)])
    assert torn.seen == whole.seen, "where the bytes are torn makes a difference"
    assert bool(torn.status) == bool(whole.status), "as above"
    bytewise = read(*[data[at : at + 1] for at in range(len(data))])
    assert (bytewise.seen, bool(bytewise.status)) == (whole.seen, bool(whole.status)), "as above"


SEEDS = [row.raw + NEXT for row in [*ROWS, *LOOSER] if len(row.raw) < 600]


def mutated(chance: random.Random) -> bytes:
    """Give a seed with some changes."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.randrange(1, 20))
        match chance.randrange(6):
            case 0:
                data[at:at] = chance.choice(_TOKENS)
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end]
            case 3:
                data[at:end] = chance.choice(_TOKENS)
            case 4:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                other = chance.choice(SEEDS)
                data[at:] = other[chance.randrange(len(other)) :]
    return bytes(data)

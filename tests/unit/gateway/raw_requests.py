"""Requests as bytes, good and bad, and what each is to get: shared by the tests of the reader and of the running gateway."""

from typing import NamedTuple

HOST = b"host: x\r\n"
GET = b"GET /a HTTP/1.1\r\n" + HOST
POST = b"POST /a HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nhost: x\r\nx-next: 1\r\n\r\n"


class Row(NamedTuple):
    """One request. `status` 0: it is served; `body` is then what it carries. `why`: h11 judges otherwise, and why we do not."""

    name: str
    raw: bytes
    status: int = 0
    body: bytes = b""
    why: str = ""


GOOD = [
    Row("get", GET + b"\r\n"),
    Row("counted body", POST + b"content-length: 2\r\n\r\nhi", body=b"hi"),
    Row("blanks around a length", POST + b"content-length: \t 2 \t\r\n\r\nhi", body=b"hi"),
    Row("zeros before a length", POST + b"content-length: 002\r\n\r\nhi", body=b"hi"),
    Row("no body", POST + b"content-length: 0\r\n\r\n"),
    Row("neither length nor coding", POST + b"\r\n"),
    Row("chunked body", CHUNKED + b"2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", body=b"hi!"),
    Row("chunk extensions", CHUNKED + b'2;a=b;c="d\\"e"\r\nhi\r\n0;x\r\n\r\n', body=b"hi"),
    Row("zeros before a chunk size", CHUNKED + b"0002\r\nhi\r\n000\r\n\r\n", body=b"hi"),
    Row("chunk size in capitals", CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", body=b"0123456789"),
    Row("trailer", CHUNKED + b"2\r\nhi\r\n0\r\nx: y\r\n\r\n", body=b"hi"),
    Row("coding in capitals", POST + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
    Row("chunked get", GET + b"transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", body=b"hi"),
    Row("empty host", b"GET /a HTTP/1.1\r\nhost:\r\n\r\n"),
    Row("ipv6 host", b"GET /a HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n"),
    Row("latin-1 in a value", GET + b"y: caf\xe9\r\n\r\n"),
    Row("tab in a value", GET + b"y: a\tb\r\n\r\n"),
    Row("empty value", GET + b"y:\r\n\r\n"),
    Row("absolute target of the same host", b"GET http://X:80/a HTTP/1.1\r\nhost: x\r\n\r\n"),
    Row("http 1.0", b"GET /a HTTP/1.0\r\n\r\n"),
    Row("length beside http 1.0", b"POST /a HTTP/1.0\r\ncontent-length: 2\r\n\r\nhi", body=b"hi"),
    Row("continue", POST + b"expect: 100-Continue\r\ncontent-length: 2\r\n\r\nhi", body=b"hi"),
    Row("upgrade that nobody takes", GET + b"connection: upgrade\r\nupgrade: h2c\r\n\r\n"),
    Row("upgrade with a body", POST + b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\nhi", body=b"hi"),
    Row(
        "upgrade with chunks",
        POST + b"connection: upgrade\r\nupgrade: h2c\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        body=b"hi",
    ),
]

_TWO_PARSERS = "h11 drops the length; two parsers in a row could each believe another header"
_BLANKS = "h11 allows it; a proxy before us could read another number"
_LEFT = "h11 leaves it to its user"
_LF = "h11 takes a bare LF for a line's end; a proxy before us may not"

BAD = [
    Row("length and coding", POST + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400, why=_TWO_PARSERS),
    Row("coding and length", POST + b"transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n", 400, why=_TWO_PARSERS),
    Row("coding and length 0", POST + b"content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400, why=_TWO_PARSERS),
    Row("length in the trailer", CHUNKED + b"2\r\nhi\r\n0\r\ncontent-length: 5\r\n\r\n", 400, why="h11 passes it on"),
    Row("coding in the trailer", CHUNKED + b"2\r\nhi\r\n0\r\ntransfer-encoding: chunked\r\n\r\n", 400, why="h11 passes it on"),
    Row("differing lengths", POST + b"content-length: 2\r\ncontent-length: 3\r\n\r\nhi", 400),
    Row(
        "same length twice", POST + b"content-length: 2\r\ncontent-length: 2\r\n\r\nhi", 400, why="allowed, and never meant well"
    ),
    Row("list of lengths", POST + b"content-length: 2, 2\r\n\r\nhi", 400, why="as above"),
    Row("signed length", POST + b"content-length: +2\r\n\r\nhi", 400),
    Row("negative length", POST + b"content-length: -1\r\n\r\n", 400),
    Row("hex length", POST + b"content-length: 0x2\r\n\r\nhi", 400),
    Row("length with an underscore", POST + b"content-length: 1_0\r\n\r\n0123456789", 400),
    Row("length with a fraction", POST + b"content-length: 2.0\r\n\r\nhi", 400),
    Row("blank in a length", POST + b"content-length: 1 2\r\n\r\n0123456789ab", 400),
    Row("length in other digits", POST + "content-length: ٢\r\n\r\nhi".encode(), 400),
    Row("empty length", POST + b"content-length:\r\n\r\n", 400),
    Row("length beyond 64 bits", POST + b"content-length: 18446744073709551617\r\n\r\nh", 400),
    Row("blank before a length's colon", POST + b"content-length : 2\r\n\r\nhi", 400),
    Row("blank before a coding's colon", POST + b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    Row("other coding first", POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    Row("other coding last", POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    Row("chunked twice", POST + b"transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    Row("chunked in two headers", POST + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    Row("unknown after chunked", POST + b"transfer-encoding: chunked\r\ntransfer-encoding: cow\r\n\r\n0\r\n\r\n", 400),
    Row("unknown before chunked", POST + b"transfer-encoding: cow\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    Row("identity", POST + b"transfer-encoding: identity\r\n\r\n", 501),
    Row("nearly chunked", POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    Row("quoted chunked", POST + b'transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n', 501),
    Row("chunked with a parameter", POST + b"transfer-encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 501),
    Row("chunked and a comma", POST + b"transfer-encoding: chunked,\r\n\r\n0\r\n\r\n", 400),
    Row("comma and chunked", POST + b"transfer-encoding: ,chunked\r\n\r\n0\r\n\r\n", 501),
    Row("vertical tab in a coding", POST + b"transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    Row("form feed in a coding", POST + b"transfer-encoding: chunked\x0c\r\n\r\n0\r\n\r\n", 400),
    Row("hard blank in a coding", POST + b"transfer-encoding: chunked\xa0\r\n\r\n0\r\n\r\n", 501),
    Row(
        "folded coding",
        POST + b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        400,
        why="h11 unfolds; RFC 9112 (5.2) lets servers refuse",
    ),
    Row("empty coding", POST + b"transfer-encoding:\r\n\r\n0\r\n\r\n", 400),
    Row("coding in http 1.0", b"POST /a HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400, why="1.0 knows none"),
    Row("no length in http 1.0", b"POST /a HTTP/1.0\r\n\r\n", 411, why="h11 takes the body for empty"),
    Row("chunk size with 0x", CHUNKED + b"0x2\r\nhi\r\n0\r\n\r\n", 400),
    Row("chunk size with a sign", CHUNKED + b"+2\r\nhi\r\n0\r\n\r\n", 400),
    Row("negative chunk size", CHUNKED + b"-2\r\nhi\r\n0\r\n\r\n", 400),
    Row("blank before a chunk size", CHUNKED + b" 2\r\nhi\r\n0\r\n\r\n", 400),
    Row("blank after a chunk size", CHUNKED + b"2 \r\nhi\r\n0\r\n\r\n", 400, why=_BLANKS),
    Row("blank before an extension", CHUNKED + b"2 ;a=b\r\nhi\r\n0\r\n\r\n", 400),
    Row("tab after a chunk size", CHUNKED + b"2\t\r\nhi\r\n0\r\n\r\n", 400, why=_BLANKS),
    Row("chunk size with an underscore", CHUNKED + b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n", 400),
    Row("no chunk size", CHUNKED + b"\r\nhi\r\n0\r\n\r\n", 400),
    Row("no digits", CHUNKED + b"zz\r\nhi\r\n0\r\n\r\n", 400),
    Row("chunk size beyond 64 bits", CHUNKED + b"10000000000000002\r\nhi\r\n0\r\n\r\n", 400),
    Row("LF behind a chunk size", CHUNKED + b"2\nhi\r\n0\r\n\r\n", 400),
    Row("LF behind a chunk", CHUNKED + b"2\r\nhi\n0\r\n\r\n", 400),
    Row("CR behind a chunk", CHUNKED + b"2\r\nhi\r0\r\n\r\n", 400),
    Row("nothing behind a chunk", CHUNKED + b"2\r\nhi0\r\n\r\n", 400),
    Row("chunk longer than told", CHUNKED + b"2\r\nhixx0\r\n\r\n", 400),
    Row("LF behind the last size", CHUNKED + b"2\r\nhi\r\n0\n\r\n", 400),
    Row("LF at the very end", CHUNKED + b"2\r\nhi\r\n0\r\n\n", 400, why=_LF),
    Row("LF in an extension", CHUNKED + b"2;a\nb=c\r\nhi\r\n0\r\n\r\n", 400),
    Row("CR in an extension", CHUNKED + b"2;a\rb=c\r\nhi\r\n0\r\n\r\n", 400, why="h11 skips extensions unread"),
    Row("NUL in an extension", CHUNKED + b"2;a\x00b=c\r\nhi\r\n0\r\n\r\n", 400, why="h11 skips extensions unread"),
    Row("LF behind a trailer", CHUNKED + b"2\r\nhi\r\n0\r\nx: y\n\r\n", 400, why=_LF),
    Row("folded trailer", CHUNKED + b"2\r\nhi\r\n0\r\nx: y\r\n z\r\n\r\n", 400, why="h11 unfolds"),
    Row("blank before a trailer's colon", CHUNKED + b"2\r\nhi\r\n0\r\nx : y\r\n\r\n", 400),
    Row("bare LF everywhere", b"GET /a HTTP/1.1\nhost: x\n\n", 400, why=_LF),
    Row("bare LF behind a header", b"GET /a HTTP/1.1\r\nhost: x\ny: 1\r\n\r\n", 400, why=_LF),
    Row("bare LF behind the head", GET + b"\n", 400, why=_LF),
    Row("bare CR in a value", GET + b"y: a\rb\r\n\r\n", 400),
    Row("two CR", GET + b"y: a\r\r\n\r\n", 400),
    Row("NUL in a value", GET + b"y: a\x00b\r\n\r\n", 400),
    Row("control character in a value", GET + b"y: a\x01b\r\n\r\n", 400, why="h11 refuses only some of them"),
    Row("DEL in a value", GET + b"y: a\x7fb\r\n\r\n", 400, why="h11 refuses only some of them"),
    Row("NUL in a name", GET + b"a\x00b: x\r\n\r\n", 400),
    Row("blank in a name", GET + b"a b: x\r\n\r\n", 400),
    Row("no name", GET + b": x\r\n\r\n", 400),
    Row("no colon", GET + b"abc\r\n\r\n", 400),
    Row("latin-1 in a name", GET + b"a\xe9: x\r\n\r\n", 400),
    Row("folded value", GET + b"y: a\r\n b\r\n\r\n", 400, why="h11 unfolds; RFC 9112 (5.2) lets servers refuse"),
    Row("blank before the first header", b"GET /a HTTP/1.1\r\n host: x\r\n\r\n", 400),
    Row("no host", b"GET /a HTTP/1.1\r\n\r\n", 400),
    Row("two hosts", b"GET /a HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
    Row("same host twice", b"GET /a HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", 400),
    Row("list of hosts", b"GET /a HTTP/1.1\r\nhost: a,b\r\n\r\n", 400, why=_LEFT),
    Row("user in a host", b"GET /a HTTP/1.1\r\nhost: a@b\r\n\r\n", 400, why=_LEFT),
    Row("path in a host", b"GET /a HTTP/1.1\r\nhost: a/b\r\n\r\n", 400, why=_LEFT),
    Row("blank in a host", b"GET /a HTTP/1.1\r\nhost: a b\r\n\r\n", 400, why=_LEFT),
    Row(
        "absolute target of another host",
        b"GET http://y/a HTTP/1.1\r\nhost: x\r\n\r\n",
        400,
        why=_LEFT,
    ),
    Row("absolute target with a user", b"GET http://u@x/a HTTP/1.1\r\nhost: x\r\n\r\n", 400, why=_LEFT),
    Row("absolute target of another scheme", b"GET ftp://x/a HTTP/1.1\r\nhost: x\r\n\r\n", 400, why=_LEFT),
    Row("target without a path", b"GET a HTTP/1.1\r\nhost: x\r\n\r\n", 400, why=_LEFT),
    Row("star for get", b"GET * HTTP/1.1\r\nhost: x\r\n\r\n", 400, why=_LEFT),
    Row("fragment", b"GET /a#b HTTP/1.1\r\nhost: x\r\n\r\n", 400, why=_LEFT),
    Row("connect", b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n", 501, why=_LEFT),
    Row("blank in the target", b"GET /a b HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    Row("tab in the target", b"GET /a\tb HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    Row("latin-1 in the target", b"GET /\xe9 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    Row("tabs between the words", b"GET\t/a\tHTTP/1.1\r\nhost: x\r\n\r\n", 400),
    Row("blank before the method", b" GET /a HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    Row("blank behind the version", b"GET /a HTTP/1.1 \r\nhost: x\r\n\r\n", 400),
    Row("long target", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414, why="h11 has no bound but the head's"),
    Row("unknown method", b"FROB /a HTTP/1.1\r\nhost: x\r\n\r\n", 501, why=_LEFT),
    Row("method in small letters", b"get /a HTTP/1.1\r\nhost: x\r\n\r\n", 501, why=_LEFT),
    Row("method of another protocol", b"SETUP /a HTTP/1.1\r\nhost: x\r\n\r\n", 501, why=_LEFT),
    Row("icecast", b"SOURCE /a ICE/1.0\r\nhost: x\r\n\r\n", 501),
    Row("http 0.9", b"GET /a\r\n\r\n", 505),
    Row("http 0.9 by name", b"GET /a HTTP/0.9\r\nhost: x\r\n\r\n", 505, why=_LEFT),
    Row("http 1.2", b"GET /a HTTP/1.2\r\nhost: x\r\n\r\n", 505, why=_LEFT),
    Row("http 2", b"GET /a HTTP/2.0\r\nhost: x\r\n\r\n", 505, why=_LEFT),
    Row("http 2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", 505, why=_LEFT),
    Row("version in small letters", b"GET /a http/1.1\r\nhost: x\r\n\r\n", 400),
    Row("version with a zero", b"GET /a HTTP/01.1\r\nhost: x\r\n\r\n", 400),
    Row("tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    Row("other expectation", POST + b"expect: a-miracle\r\ncontent-length: 2\r\n\r\nhi", 417, why=_LEFT),
    Row("too many headers", GET + b"y: 1\r\n" * 200 + b"\r\n", 431, why="h11 has no bound but the head's"),
]
ROWS = GOOD + BAD
LOOSER = [
    Row(
        "blanks between the words",
        b"GET  /a   HTTP/1.1\r\nhost: x\r\n\r\n",
        why="RFC 9112 (3) lets recipients; nothing hides in blanks",
    ),
    Row("empty line before", b"\r\n" + GET + b"\r\n", why="RFC 9112 (2.2) asks servers to pass over it"),
    Row("LF before", b"\n" + GET + b"\r\n", why="a request that has not begun"),
    Row("rtsp", b"GET /a RTSP/1.0\r\nhost: x\r\n\r\n", why="read as HTTP of that version; the parser tells no difference"),
]
"""Requests that h11 refuses and we serve."""

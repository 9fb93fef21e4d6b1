"""HTTP/1.1 as bytes: a request parser that takes torn input, and reply heads. No socket is touched here."""

from __future__ import annotations

MAX_HEAD = 65536  # bytes of request line and headers, and of a chunked body's trailers
MAX_CHUNK_LINE = 1024  # bytes of a chunk's size line, extensions included
SMALL_PART = 4096  # bytes
MAX_LENGTH_DIGITS = 18  # a Content-Length or chunk size beyond this is refused before it becomes a number

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    417: "Expectation Failed",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
    507: "Insufficient Storage",
}

TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TEXT = bytes([9, *range(32, 127), *range(128, 256)])  # what may stand in a head besides the line ends
_HEX = b"0123456789abcdefABCDEF"

_HEAD, _FIXED, _CHUNK_LINE, _CHUNK_DATA, _CHUNK_END, _TRAILERS = range(6)


JSON = "application/json"


def main_type(content_type: str) -> str:
    """Give a media type without its parameters, in lower case: `application/json` for `Application/JSON; q=1`."""
    return content_type.partition(";")[0].strip().lower()


def concrete(accept: str) -> str:
    """Give the accepted type if the header names exactly one, else nothing."""
    kind = main_type(accept)
    return accept if kind.count("/") == 1 and "*" not in accept and "," not in accept else ""


class HttpError(Exception):
    """A request is answered with `status`; `kind` and `message` go into the JSON body."""

    def __init__(self, status: int, message: str, kind: str = "") -> None:
        """Give the status, a sentence for the caller and a short name (default: the status's reason)."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or REASONS.get(status, "Error").replace(" ", "")


class Request:
    """One whole request. Header names are in lower case; repeated headers are joined by a comma."""

    __slots__ = ("body", "headers", "keep_alive", "method", "minor", "path", "query")

    def __init__(self, method: str, path: str, minor: int, headers: dict[str, str]) -> None:
        """Take the head; the body is added when it is there. `path` may have a query, `minor` is the 1 of HTTP/1.1, or 0."""
        self.method = method
        self.path, _, self.query = path.partition("?")
        self.minor = minor
        self.headers = headers
        self.body = b""
        options = headers.get("connection", "").lower()
        self.keep_alive = "close" not in options if minor else "keep-alive" in options


class RequestParser:
    """Takes bytes as they come and gives whole requests, one at a time; bytes beyond one wait in its buffer."""

    __slots__ = ("_buffer", "_expecting", "_length", "_max_body", "_missing", "_parts", "_request", "_scanned", "_state")

    def __init__(self, max_body: int) -> None:
        """Bodies longer than `max_body` bytes are refused with 413."""
        self._max_body = max_body
        self._buffer = bytearray()
        self._state = _HEAD
        self._scanned = 0  # the buffer holds no end of head before this place
        self._request: Request | None = None
        self._expecting = False
        self._parts: list[bytes | bytearray] = []
        self._missing = 0  # bytes of the body, or of the chunk, still to come
        self._length = 0  # bytes of a chunked body so far

    @property
    def buffered(self) -> int:
        """How many received bytes are not yet part of a request."""
        return len(self._buffer)

    @property
    def in_body(self) -> bool:
        """Whether a head has been read whose body is still coming."""
        return self._state != _HEAD

    @property
    def missing(self) -> int:
        """How many bytes of the body (or of the current chunk) are still to come, as far as is known."""
        return self._missing

    def feed(self, data: bytes) -> None:
        """Take received bytes; they are looked at by `next_request`."""
        if self._missing and not self._buffer:
            if len(data) <= self._missing:
                self._add(data)
                return
            rest = data[self._missing :]
            self._add(data[: self._missing])
            data = rest
        self._buffer += data

    def _add(self, part: bytes) -> None:
        """Add to the body. Small parts grow one array, else a body sent byte by byte would cost 50 times its size."""
        self._missing -= len(part)
        if len(part) >= SMALL_PART:
            self._parts.append(part)
        elif self._parts and isinstance(self._parts[-1], bytearray):
            self._parts[-1] += part
        else:
            self._parts.append(bytearray(part))

    def next_request(self) -> Request | None:
        """Give the next whole request, or None while bytes are missing; raises `HttpError`, after which all is lost."""
        if self._state == _HEAD and not self._read_head():
            return None
        if self._state == _FIXED:
            self._take_body()
        else:
            self._read_chunks()
        if self._state != _HEAD and (self._state != _FIXED or self._missing):
            return None
        request = self._request
        if request is not None and self._parts:
            request.body = bytes(self._parts[0]) if len(self._parts) == 1 else b"".join(self._parts)
        self._request = None
        self._parts = []
        self._state = _HEAD
        self._expecting = False
        return request

    def wants_continue(self) -> bool:
        """Say once whether the client waits for `100 Continue` before it sends the body."""
        expecting = self._expecting and not self._buffer and not self._parts
        self._expecting = False
        return expecting

    def _read_head(self) -> bool:
        buffer = self._buffer
        while buffer[:2] == b"\r\n":  # RFC 9112 2.2: empty lines before a request line are to be passed over
            del buffer[:2]
            self._scanned = 0
        end = buffer.find(b"\r\n\r\n", self._scanned)
        if end < 0 or end > MAX_HEAD:
            if len(buffer) > MAX_HEAD:
                raise HttpError(431, f"The request's head is longer than {MAX_HEAD} bytes.")
            self._scanned = max(0, len(buffer) - 3)
            return False
        head = bytes(buffer[:end])
        del buffer[: end + 4]
        self._scanned = 0
        self._request = request = parse_head(head)
        self._frame(request)
        return True

    def _frame(self, request: Request) -> None:
        """Decide how the body is framed (RFC 9112 6.3); whatever two servers could read differently is refused."""
        headers = request.headers
        coding = headers.get("transfer-encoding")
        length = headers.get("content-length")
        expect = headers.get("expect")
        if expect is not None:
            if expect.lower() != "100-continue":
                raise HttpError(417, "The only expectation served is 100-continue.")
            self._expecting = request.minor > 0
        if coding is not None:
            if length is not None or not request.minor:
                raise HttpError(400, "Transfer-Encoding may not stand with Content-Length or in HTTP/1.0.")
            if coding.lower() != "chunked":
                raise HttpError(501, "The only transfer coding served is chunked.")
            self._state = _CHUNK_LINE
            self._length = 0
            return
        self._missing = 0 if length is None else _number(length, "Content-Length")
        if self._missing > self._max_body:
            raise self._too_large()
        self._state = _FIXED

    def _too_large(self) -> HttpError:
        return HttpError(413, f"The request's body is longer than {self._max_body} bytes.")

    def _take_body(self) -> None:
        if self._missing and self._buffer:
            part = bytes(self._buffer[: self._missing])
            del self._buffer[: self._missing]
            self._add(part)

    def _read_chunks(self) -> None:
        """Go through as much of a chunked body as is there; the state is `_HEAD` again at its end."""
        while True:
            if self._state == _CHUNK_DATA:
                self._take_body()
                if self._missing:
                    return
                self._state = _CHUNK_END
            line = self._line(MAX_HEAD if self._state == _TRAILERS else MAX_CHUNK_LINE)
            if line is None:
                return
            if self._state == _CHUNK_END:
                if line:
                    raise HttpError(400, "A chunk is longer than its size says.")
                self._state = _CHUNK_LINE
            elif self._state == _CHUNK_LINE:
                self._begin_chunk(line)
            elif not line:  # the empty line after the trailers, which nobody here reads
                self._state = _HEAD
                return
            else:
                self._length += len(line)
                if self._length > MAX_HEAD:
                    raise HttpError(431, f"The request's trailers are longer than {MAX_HEAD} bytes.")

    def _begin_chunk(self, line: bytes) -> None:
        size = line.partition(b";")[0].rstrip(b" \t")
        if not size or size.translate(None, _HEX) or len(size) > MAX_LENGTH_DIGITS:
            raise HttpError(400, "A chunk's size is not a hexadecimal number.")
        self._missing = int(size, 16)
        self._length += self._missing
        if self._length > self._max_body:
            raise self._too_large()
        if self._missing:
            self._state = _CHUNK_DATA
        else:
            self._state = _TRAILERS
            self._length = 0  # from here on it counts the trailers

    def _line(self, limit: int) -> bytes | None:
        end = self._buffer.find(b"\r\n", 0, limit + 2)
        if end < 0:
            if len(self._buffer) > limit:
                raise HttpError(400, f"A line of the chunked body is longer than {limit} bytes.")
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line


def parse_head(head: bytes) -> Request:
    """Read a request line and headers (without the closing empty line); raises `HttpError` for malformed ones."""
    lines = head.split(b"\r\n")
    if len(head.translate(None, _TEXT)) != 2 * (len(lines) - 1):
        raise HttpError(400, "The request's head holds a control character.")
    words = lines[0].decode("latin-1").split(" ")
    if len(words) != 3 or not words[0] or lines[0].split(b" ")[0].translate(None, TOKEN):
        raise HttpError(400, "The request line is malformed.")
    method, target, version = words
    if version not in {"HTTP/1.1", "HTTP/1.0"}:
        status = 505 if version.startswith("HTTP/") else 400
        raise HttpError(status, "The protocol version is not HTTP/1.1 or HTTP/1.0.")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name or name.translate(None, TOKEN):  # a folded line begins with white space: refused here
            raise HttpError(400, "A header line is malformed.")
        key = name.decode("ascii").lower()
        text = value.strip(b" \t").decode("latin-1")
        if key not in headers:
            headers[key] = text
        elif key != "content-length":
            headers[key] += ", " + text
        elif headers[key] != text:
            raise HttpError(400, "Two Content-Length headers differ.")
    return Request(method, _path(target), int(version[-1]), headers)


def _path(target: str) -> str:
    """Give path and query of a request target, in the absolute form without scheme and host."""
    if target[:1] != "/":
        scheme, separator, rest = target.partition("://")
        if not separator or scheme.lower() not in {"http", "https"}:
            raise HttpError(400, "The request target is malformed.")
        host, _, query = rest.partition("?")
        path = host.partition("/")[2]
        target = f"/{path}?{query}" if query else f"/{path}"
    return target


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > MAX_LENGTH_DIGITS:
        raise HttpError(400, f"{name} is not a number.")
    return int(text)


def reply_head(
    status: int,
    content_type: str,
    length: int | None,
    headers: dict[str, str] | None = None,
    *,
    keep_alive: bool = True,
    minor: int = 1,
) -> bytes:
    """Make a reply's head. `length` None means chunked, or to the end of the connection for HTTP/1.0 (`minor` 0)."""
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}"]
    if content_type:
        lines.append("Content-Type: " + content_type)
    if length is not None:
        lines.append(f"Content-Length: {length}")
    elif minor:
        lines.append("Transfer-Encoding: chunked")
    if headers:
        lines.extend(f"{name}: {value}" for name, value in headers.items())
    if not keep_alive:
        lines.append("Connection: close")
    elif not minor:
        lines.append("Connection: keep-alive")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1")

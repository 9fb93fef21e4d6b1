"""Request heads in the plainest form HTTP has, read without a parser: only those that there is one way to read.

Clients say the same again and again. A head that came before needs no reading; of one that differs from another in headers that
are new with every request (`VARYING`) only those need it.
"""

import re
from collections.abc import Sequence
from typing import Final

from stoker.gateway.face import Face, Invocation
from stoker.gateway.head import Head, fault
from stoker.gateway.reading import Request
from stoker.gateway.reasons import Refusal

MAX_HEAD: Final = 8192
"""Bytes of a head that is read here."""
MAX_LINES: Final = 512
"""Header lines whose name and value are remembered."""
MAX_FORMS: Final = 64
VARYING: Final = frozenset(
    {
        b"authorization",
        b"amz-sdk-invocation-id",
        b"amz-sdk-request",
        b"content-length",
        b"traceparent",
        b"tracestate",
        b"x-amz-content-sha256",
        b"x-amz-date",
        b"x-amzn-trace-id",
        b"x-request-id",
        b"x-stainless-retry-count",
    }
)
"""Headers that may be new with every request, and that change nothing of how a head is read but for the length of its body."""
_HEAD = re.compile(
    rb"POST /[A-Za-z0-9/._~%:@!$&'()*+,;=?-]* HTTP/1\.1"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}:[ -~]*){2,64}",
)
_SPECIAL: Final = frozenset(
    {b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer", b"proxy-connection", b"http2-settings"}
)
"""Headers that change how a request is read, or what its connection does next."""
_PRINTABLE: Final = bytes(range(0x20, 0x7F))


class Plan:
    """A head that was read, and whose it is. `invocation` is what it always means, where that is known, with its `tail`.

    `request` is what connections are told that they serve: the same for all requests with this head, none of which changes it.
    """

    __slots__ = ("face", "head", "invocation", "request", "tail")

    def __init__(self, face: Face, head: Head, invocation: Invocation | None = None) -> None:
        self.face = face
        self.head = head
        self.invocation = invocation
        self.tail = b""
        self.request = request = Request(head, 0)
        request.face = face
        request.complete = request.dispatched = True


class Form:
    """What heads have in common that differ in `VARYING` headers only: all bytes but those headers' values.

    `plan` means the head without them. `steady` when only the length of bodies differs.
    """

    __slots__ = ("_first", "_last", "_names", "_parts", "plan", "steady")

    def __init__(self, parts: tuple[bytes, ...], last: bytes, plan: Plan, first: dict[bytes, bytes]) -> None:
        self._parts = parts
        self._last = last
        self._names = tuple([name for name in first if name in VARYING])
        self._first = first
        self.plan = plan
        self.steady = len(parts) == 1

    def read(self, raw: bytes) -> Head | None:
        """Give the head that the bytes are; None when they are not of this form."""
        at = 0
        values = []
        for part in self._parts:
            if not raw.startswith(part, at):
                return None
            at += len(part)
            end = raw.find(b"\r\n", at)
            if end < 0:
                end = len(raw)
            values.append(raw[at:end])
            at = end
        if raw[at:] != self._last or b"".join(values).translate(None, _PRINTABLE):
            return None
        first = self._first.copy()
        for name, value in zip(self._names, values, strict=True):
            first[name] = value.strip()
        known = self.plan.head
        return Head(method="POST", target=known.target, version="1.1", headers=list(first.items()), keep_alive=True, first=first)


class PlainHeads:
    """Reads heads for one gateway, whose protocols are `faces`."""

    __slots__ = ("_faces", "_forms", "_lines", "_max_head")

    def __init__(self, faces: Sequence[Face], *, max_head: int) -> None:
        self._faces = tuple(faces)
        self._max_head = min(MAX_HEAD, max_head)
        self._lines: dict[bytes, tuple[bytes, bytes]] = {}
        self._forms: dict[tuple[bytes, ...], Form] = {}

    def read(self, raw: bytes) -> Plan | None:
        """Read the bytes before an empty line; None when they are not of the plainest form, or no invocation."""
        if len(raw) > self._max_head or _HEAD.fullmatch(raw) is None:
            return None
        line, *lines = raw.split(b"\r\n")
        known = self._lines
        headers = [known.get(line) or self._header(line) for line in lines]
        values = dict(headers)
        if (
            len(values) != len(headers)  # a name that comes twice
            or b"content-length" not in values
            or b"host" not in values
            or not _SPECIAL.isdisjoint(values)
            or values.get(b"connection", b"keep-alive").lower() != b"keep-alive"
        ):
            return None
        head = Head(method="POST", target=line[5:-9], version="1.1", headers=headers, keep_alive=True, first=values)
        if fault(head) is None:
            for face in self._faces:
                if face.claims(head):
                    return Plan(face, head)
        return None

    def form(self, raw: bytes, plan: Plan) -> Form | None:
        """Give the form of a head that was read; None when it means nothing without what varies in it."""
        parts: list[bytes] = []
        part, *lines = raw.split(b"\r\n")
        for line in lines:
            name, colon, _ = line.partition(b":")
            if name.lower() in VARYING:
                parts.append(b"%s\r\n%s%s" % (part, name, colon))
                part = b""
            else:
                part += b"\r\n" + line
        form = self._forms.get((*parts, part))
        if form is not None:
            return form
        first = plan.head.first
        bare = {name: value for name, value in first.items() if name not in VARYING}
        target = plan.head.target
        head = Head(method="POST", target=target, version="1.1", headers=list(bare.items()), keep_alive=True, first=bare)
        meant = plan.face.invocation(head, b"")
        if isinstance(meant, Refusal) or not meant.repeats:
            return None
        common = Plan(plan.face, head, meant)
        if len(self._forms) >= MAX_FORMS:
            self._forms.clear()
        form = self._forms[*parts, part] = Form(tuple(parts), part, common, first)
        return form

    def _header(self, line: bytes) -> tuple[bytes, bytes]:
        name, _, value = line.partition(b":")
        header = (name.lower(), value.strip())
        if header[0] not in VARYING:
            if len(self._lines) >= MAX_LINES:
                self._lines.clear()
            self._lines[line] = header
        return header

"""The short way for most invocations: a small request that one read brings whole, in the plainest form HTTP has.

It knows few forms and takes a request only when there is one way to read it; what it declines goes the long way, through the
parser, which knows them all. Clients that keep a connection often send the same head again: what it means is remembered then.
"""

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from stoker.gateway.face import Face, Invocation
from stoker.gateway.head import Head, fault
from stoker.gateway.invocation import Run, tail_of
from stoker.gateway.reading import Request

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.core import Core

MAX_HEAD: Final = 8192
"""Bytes of a head that goes the short way."""
MAX_KNOWN: Final = 256
MAX_KNOWN_HEAD: Final = 2048
"""Bytes of a head beyond which its meaning is not remembered."""
MAX_LINES: Final = 512
"""Header lines whose name and value are remembered."""
_MAX_LENGTH_DIGITS = 8
_NEVER: Final = float("inf")
_METHOD = b"POST "
_END = b"\r\n\r\n"
_HEAD = re.compile(
    rb"POST /[A-Za-z0-9/._~%:@!$&'()*+,;=?-]* HTTP/1\.1"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}:[ -~]*){2,64}",
)
_SPECIAL: Final = frozenset(
    {b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer", b"proxy-connection", b"http2-settings"}
)
"""Headers that change how a request is read, or what its connection does next."""


class Plan:
    """What a head means: who serves it, the request without its body, and the invocation where that hangs on nothing else."""

    __slots__ = ("face", "invocation", "length", "request", "tail")

    def __init__(self, face: Face, request: Request, length: int) -> None:
        self.face = face
        self.request = request
        self.length = length
        self.invocation: Invocation | None = None
        self.tail = b""


class Express:
    """Takes requests the short way. `max_body` is the largest body in bytes."""

    __slots__ = ("_core", "_faces", "_lines", "_max_body", "_max_head", "_plans")

    def __init__(self, core: "Core", faces: Sequence[Face], *, max_body: int, max_head: int) -> None:
        self._core = core
        self._faces = tuple(faces)
        self._max_body = max_body
        self._max_head = min(MAX_HEAD, max_head)
        self._plans: dict[bytes, Plan] = {}
        self._lines: dict[bytes, tuple[bytes, bytes]] = {}

    def take(self, connection: "Connection", data: bytes) -> bool:
        """Begin to serve the request that these bytes are, the first after the one before; False when they must be parsed."""
        end = data.find(_END)
        if end < 0:
            return False
        begun_ns = time.monotonic_ns()
        head = data[:end]
        plan = self._plans.get(head)
        if plan is None:
            plan = self._plan(head)
            if plan is None:
                return False
        if len(data) - end - 4 != plan.length:
            return False
        connection.request = plan.request
        connection.deadline = _NEVER
        run = Run(self._core, connection, plan.request, plan.face, data[end + 4 :], begun_ns=begun_ns, plain=True)
        connection.handler = run
        invocation = plan.invocation
        if invocation is not None:
            run.tail = plan.tail
            run.begin(invocation)
            return True
        run.begin()
        if len(head) <= MAX_KNOWN_HEAD and hasattr(run, "invocation") and run.invocation.repeats:
            self._remember(head, plan, run.invocation)
        return True

    def _remember(self, head: bytes, plan: Plan, invocation: Invocation) -> None:
        plan.invocation = invocation
        plan.tail = tail_of(invocation, plan.length)
        if len(self._plans) >= MAX_KNOWN:
            self._plans.clear()
        self._plans[head] = plan

    def _plan(self, raw: bytes) -> Plan | None:
        """Read a head; None when it is not of the plainest form, or no invocation."""
        if len(raw) > self._max_head or _HEAD.fullmatch(raw) is None:
            return None
        first, *lines = raw.split(b"\r\n")
        known = self._lines
        headers = []
        for line in lines:
            header = known.get(line)
            headers.append(self._header(line) if header is None else header)
        values = dict(headers)
        length = values.get(b"content-length", b"")
        if (
            len(values) != len(headers)  # a name that comes twice
            or not length.isdigit()
            or len(length) > _MAX_LENGTH_DIGITS
            or b"host" not in values
            or not _SPECIAL.isdisjoint(values)
            or values.get(b"connection", b"keep-alive").lower() != b"keep-alive"
        ):
            return None
        head = Head(method="POST", target=first[5:-9], version="1.1", headers=headers, keep_alive=True, first=values)
        size = int(length)
        if size > self._max_body or fault(head) is not None:
            return None
        for face in self._faces:
            if face.claims(head):
                request = Request(head, 0)
                request.face = face
                request.length = request.size = size
                request.limit = self._max_body
                request.complete = request.dispatched = True
                return Plan(face, request, size)
        return None

    def _header(self, line: bytes) -> tuple[bytes, bytes]:
        name, _, value = line.partition(b":")
        header = (name.lower(), value.strip())
        if len(self._lines) >= MAX_LINES:
            self._lines.clear()
        self._lines[line] = header
        return header

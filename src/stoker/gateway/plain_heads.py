"""Request heads in the plainest form HTTP has, read without a parser: only those that there is one way to read.

Clients say the same again and again. A head that came before needs no reading; of one that differs from another in headers that
are new with every request (`VARYING`) only those need it.
"""

import re
from collections.abc import Sequence
from struct import Struct
from typing import Final, NamedTuple

from stoker.gateway.authentic import NOBODY
from stoker.gateway.face import Authenticator, Face, Invocation, Recurring, Renewal
from stoker.gateway.head import Head, fault
from stoker.gateway.reading import Request

MAX_HEAD: Final = 8192
"""Bytes of a head that is read here."""
MAX_LINES: Final = 512
"""Header lines whose name and value are remembered."""
MAX_FORMS: Final = 256
MAX_SEEN: Final = 1024
"""Hashes of what heads have in common that are remembered until it comes again."""
MAX_RECENT: Final = 8
"""Forms of one length that a head of that length is compared with before it is read."""
MAX_SHAPES: Final = 32
"""Combinations of lengths that are remembered of one form's values."""
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
_GRAPHIC: Final = bytes(range(0x21, 0x7F))
_PRINTABLE: Final = b" " + _GRAPHIC
_END: Final = b"\r\n\r\n"
_NO_SHAPE: Final = Struct("")
_NONE: Final[list["Form"]] = []
_BEARER: Final = b"bearer "
_STEADY: Final = frozenset({b"authorization", b"content-length"})
"""Headers whose values most clients send again, if their credentials are no signature."""


class Plan:
    """A head that was read, and whose it is.

    `request` is what connections are told that they serve: the same for all requests with this head, none of which changes it.
    """

    __slots__ = ("face", "head", "request")

    def __init__(self, face: Face, head: Head) -> None:
        self.face = face
        self.head = head
        self.request = request = Request(head, 0)
        request.face = face
        request.complete = request.dispatched = True


class Form:
    """What heads have in common that differ in `VARYING` headers only: all bytes but those headers' values.

    `plan` is what it was read as first. `names` are those headers, in their order; `leads` is what each of their values begins
    with in all these heads, which is nothing but for credentials: of those only the proof at the end is new. `length_at` is the
    place of the body's length among them, and `end` is where the body begins behind the head read last.

    All these heads mean `fixed`; if that is None, `renewed` tells what each means, as long as the gateway's names are those of
    `renewed_of`. `check` tells who sends such heads; `check_of` made it, and `sender` is whom it told of last.

    `same` is the whole head of a request that came before, with the bytes `same_size` of both head and body, its values and the
    end of the head that its model got: only of a `steady` form, whose heads often come again whole. If there are credentials in
    it, it is `secret`: compared in a time that tells nothing of it. `strangers` is the face's.
    """

    __slots__ = (
        "_max_head",
        "_parts",
        "_sample",
        "_shapes",
        "_unpack",
        "check",
        "check_of",
        "end",
        "fixed",
        "leads",
        "length_at",
        "names",
        "plan",
        "renewed",
        "renewed_of",
        "same",
        "same_end",
        "same_size",
        "same_tail",
        "same_values",
        "secret",
        "sender",
        "steady",
        "strangers",
    )

    def __init__(self, pieces: "_Pieces", plan: Plan, *, max_head: int) -> None:
        self._sample = plan.head.first
        self._parts = pieces.parts
        self._max_head = max_head
        self._shapes: dict[int, Struct] = {}
        self._unpack = _NO_SHAPE.unpack_from
        self.end = 0
        self.names = pieces.names
        self.leads = pieces.leads
        self.length_at = pieces.names.index(b"content-length")
        self.plan = plan
        self.fixed: Invocation | None = None
        self.renewed: Renewal | None = None
        self.renewed_of = -1
        self.secret = b"authorization" in pieces.names
        self.strangers = plan.face.strangers
        self.steady = _STEADY.issuperset(pieces.names)
        self.same = self.same_tail = b""
        self.same_size = self.same_end = 0
        self.same_values: tuple[bytes, ...] = ()
        self.sender = NOBODY
        self.check: Recurring | None = None
        self.check_of: Authenticator | None = None

    def renew(self, names: int) -> bool:
        """Ask the face what such heads mean by the names in force; False when it prepares nothing."""
        plan = self.plan
        meant = plan.face.renewal(plan.head, self.names)
        self.renewed_of = names
        if isinstance(meant, Invocation):
            self.fixed = meant
        else:
            self.renewed = meant
        return meant is not None

    def read(self, data: bytes) -> tuple[bytes, ...] | None:
        """Give the values, but for their leads, of what varies in the head that the bytes begin with; None for another form."""
        fields = self._unpack(data) if len(data) >= self.end else ()
        if fields[::2] != self._parts:
            fields = self._measure(data)
            if fields[::2] != self._parts:
                return None
        values = fields[1::2]
        if b"".join(values).translate(None, _GRAPHIC):
            if b"".join(values).translate(None, _PRINTABLE):
                return None
            return tuple([value.rstrip() if lead else value.strip() for lead, value in zip(self.leads, values, strict=True)])
        return values

    def keep(self, data: bytes, values: tuple[bytes, ...], tail: bytes) -> None:
        """Remember the request that was read last, of a form that is steady: the next one often is as long, head and body."""
        self.same, self.same_end, self.same_size = data[: self.end], self.end, len(data)
        self.same_values, self.same_tail = values, tail

    def head(self, values: tuple[bytes, ...]) -> Head:
        """Give the head with these values."""
        first = self._sample.copy()
        for name, lead, value in zip(self.names, self.leads, values, strict=True):
            first[name] = (lead + value).strip()
        target = self.plan.head.target
        return Head(method="POST", target=target, version="1.1", headers=list(first.items()), keep_alive=True, first=first)

    def _measure(self, data: bytes) -> tuple[bytes, ...]:
        """Give the parts and values, in turn, of a head whose values have other lengths than those of the one before."""
        end = data.find(_END)
        if not 0 < end <= self._max_head:
            return ()
        end += len(_END)
        shape = self._shapes.get(end)
        fields = shape.unpack_from(data) if shape is not None else ()
        if shape is None or fields[::2] != self._parts:
            shape = self._shape(data, end)
            if shape is None:
                return ()
            fields = shape.unpack_from(data)
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            self._shapes[end] = shape
        self._unpack, self.end = shape.unpack_from, end
        return fields

    def _shape(self, data: bytes, end: int) -> Struct | None:
        """Find where in a head of so many bytes each part is."""
        at = 0
        lengths = []
        for part in self._parts:
            if at:
                found = data.find(b"\r\n", at, end)
                if found < 0:
                    return None
                lengths.append(found - at)
                at = found
            if not data.startswith(part, at):
                return None
            lengths.append(len(part))
            at += len(part)
        return Struct("".join([f"{length}s" for length in lengths])) if at == end else None


class _Pieces(NamedTuple):
    """A head as a form sees it: the bytes before, between and behind what varies, and its names and leads."""

    parts: tuple[bytes, ...]
    names: tuple[bytes, ...]
    leads: tuple[bytes, ...]


def _pieces(raw: bytes) -> _Pieces:
    """Take a head apart that was read."""
    parts, names, leads = [], [], []
    part, *lines = raw.split(b"\r\n")
    for line in lines:
        name, value = _varies(line)
        part += b"\r\n"
        if name:
            lead = b""
            bare = value.lstrip()
            if name == b"authorization":
                size = len(_BEARER)
                lead = bare[:size] if bare[:size].lower() == _BEARER else bare[: bare.rfind(b"=") + 1]
            parts.append(part + line[: len(line) - len(bare)] + lead)
            names.append(name)
            leads.append(lead)
            part = b""
        else:
            part += line
    return _Pieces((*parts, part + _END), tuple(names), tuple(leads))


def _varies(line: bytes) -> tuple[bytes, bytes]:
    """Give name and value of a header that may be new with every request; no name for one that is not."""
    name, _, value = line.partition(b":")
    name = name.lower()
    if name not in VARYING or (name == b"amz-sdk-request" and b"ttl" not in value):
        return b"", b""  # how often a call was tried: seldom more than once
    return name, value


class PlainHeads:
    """Reads heads for one gateway, whose protocols are `faces`."""

    __slots__ = ("_faces", "_forms", "_lines", "_max_head", "_recent", "_seen")

    def __init__(self, faces: Sequence[Face], *, max_head: int) -> None:
        self._faces = tuple(faces)
        self._max_head = min(MAX_HEAD, max_head)
        self._lines: dict[bytes, tuple[bytes, bytes]] = {}
        self._forms: dict[tuple[bytes, ...], Form] = {}
        self._recent: dict[int, list[Form]] = {}
        self._seen: set[int] = set()

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

    def known(self, data: bytes, end: int) -> Form | None:
        """Give the form of a head of so many bytes, if it is one of those that came lately."""
        recent = self._recent.get(end, _NONE)
        for place, form in enumerate(recent):
            if form.read(data) is not None:
                if place:
                    recent.insert(0, recent.pop(place))
                return form
        return None

    def form(self, raw: bytes, plan: Plan) -> Form | None:
        """Give the form of a head that was read; None for the first of its form, or if its face prepares nothing for such heads.

        Most forms that come once never come again: making one pays when it comes for the second time.
        """
        pieces = _pieces(raw)
        form = self._forms.get(pieces.parts)
        if form is None:
            if self._first_seen(hash(pieces.parts)):
                return None
            form = Form(pieces, plan, max_head=self._max_head)
            if not form.renew(-1):
                return None
            if len(self._forms) >= MAX_FORMS:
                self._forms.clear()
                self._recent.clear()
            self._forms[pieces.parts] = form
        self._note(form, len(raw))
        return form

    def _first_seen(self, digest: int) -> bool:
        """Tell whether parts with this hash come for the first time, as far as is remembered."""
        if digest in self._seen:
            return False
        if len(self._seen) >= MAX_SEEN:
            self._seen.clear()
        self._seen.add(digest)
        return True

    def _note(self, form: Form, end: int) -> None:
        """Remember the form with those that heads of so many bytes had lately."""
        if end not in self._recent and len(self._recent) >= MAX_FORMS:
            self._recent.clear()
        recent = self._recent.setdefault(end, [])
        if form not in recent:
            recent.insert(0, form)
            del recent[MAX_RECENT:]

    def _header(self, line: bytes) -> tuple[bytes, bytes]:
        name, _, value = line.partition(b":")
        header = (name.lower(), value.strip())
        if header[0] not in VARYING:
            if len(self._lines) >= MAX_LINES:
                self._lines.clear()
            self._lines[line] = header
        return header

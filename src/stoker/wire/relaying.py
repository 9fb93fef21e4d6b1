"""What faces share that pass requests and replies on as they are: Hugging Face's and OpenAI's.

A reader tells which requests are whose and what they mean, words tell of failures; a `RelayFace` is made of one of each.
"""

import enum
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from msgspec.structs import replace

from stoker.domain.states import AtZero
from stoker.gateway.face import Answer, Directory, Invocation, Renewal, Reply, StreamFrames, Subject
from stoker.gateway.head import HOP_BY_HOP, Head, end_to_end, header_lines
from stoker.gateway.reasons import Reason, Refusal
from stoker.units import SECOND, Span
from stoker.wire.openai.bodies import UNREADABLE, members_of, renamed_member
from stoker.wire.patience import declines, read_timeout, said_patience

MODEL_TIMEOUT: Final[Span] = 600 * SECOND
"""What a model gets for its first byte, and between bytes, where the client does not say how long it waits: OpenAI's default."""
MOST_TIMEOUT: Final[Span] = 3600 * SECOND
"""What it gets at most, whatever the client says."""
MAX_KEY: Final = 128
MAX_KNOWN: Final = 32
"""Names of models for which it is remembered what a head means with them."""
_EVENTS: Final = b"text/event-stream"
_AT_ZERO: Final = b"x-stoker-at-zero"
_SCALE_UP: Final = b"x-scale-up-timeout"
_KEPT_BACK: Final = frozenset(
    {b"host", b"authorization", b"x-amz-security-token", b"x-amz-date", b"x-amz-content-sha256", b"x-scale-up-timeout"}
)
"""Headers that are between client and gateway: a token or signature is no business of the model's."""
_OWN: Final = b"x-stoker-"
_GATEWAYS: Final = frozenset({b"date", b"x-request-id"})
"""Headers of a model's reply in whose place the gateway's stand."""


class Heeds(enum.Enum):
    """What a request's meaning hangs on besides its head: nothing, its body's members `model` and `stream`, or the whole body."""

    NOTHING = enum.auto()
    MEMBERS = enum.auto()
    WHOLE = enum.auto()


class Reader(Protocol):
    """Knows the requests of one kind of path."""

    def know(self, directory: Directory) -> None:
        """Take what tells of the names there are."""
        ...

    def claims(self, head: Head) -> bool:
        """Tell whether a request is of this kind."""
        ...

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal | Answer:
        """Give what it means."""
        ...

    def heeds(self, head: Head) -> Heeds:
        """Tell what of the body that hangs on."""
        ...


class Words(Protocol):
    """Words failures."""

    def know(self, directory: Directory) -> None:
        """Take what tells of the names there are."""
        ...

    def refusal(self, refusal: Refusal, subject: Subject) -> Reply:
        """Give the reply that tells of a failure."""
        ...

    def event(self, refusal: Refusal, subject: Subject) -> bytes:
        """Give the event that does."""
        ...


class RelayFace:
    """A `stoker.gateway.face.Face` which passes on what it gets. `strangers` as there."""

    __slots__ = ("_reader", "_words", "claims", "event", "id_header", "invocation", "refusal", "strangers")

    def __init__(self, reader: Reader, words: Words, *, strangers: bool) -> None:
        self._reader = reader
        self._words = words
        self.id_header: Final = b"x-request-id"
        self.strangers: Final = strangers
        self.claims: Final = reader.claims
        self.invocation: Final = reader.invocation
        self.refusal: Final = words.refusal
        self.event: Final = words.event

    def know(self, directory: Directory) -> None:
        """Take what tells of the names there are."""
        self._reader.know(directory)
        self._words.know(directory)

    def renewal(self, head: Head, names: Sequence[bytes]) -> Renewal | None:
        """Give what remembers the invocations by what of their bodies they hang on."""
        heeds = self._reader.heeds(head)
        if heeds is Heeds.WHOLE:
            return None
        renewing = _Renewing(self._reader, head, names)
        return renewing.by_head if heeds is Heeds.NOTHING else renewing.by_members

    def reply_headers(self, headers: Sequence[tuple[bytes, bytes]], *, streaming: bool, variant: str, mark: str) -> bytes:  # noqa: ARG002
        """Give the model's headers, but for those of its connection and those that the gateway has itself."""
        kept = end_to_end([*headers])
        return header_lines([one for one in kept if one[0] not in _GATEWAYS and not one[0].startswith(_OWN)])

    def frames(self, headers: Sequence[tuple[bytes, bytes]], subject: Subject) -> StreamFrames:  # noqa: ARG002 - a face's
        """Give the framing of streams that are not asked for here: none."""
        return _FRAMES


class _Known:
    """What a head means with some members of a body. `usual` unless headers or body have to be put in for each request."""

    __slots__ = ("meant", "served", "usual")

    def __init__(self, invocation: Invocation, *, served: str, usual: bool) -> None:
        self.meant = (invocation, invocation.key)
        self.served = served
        self.usual = usual


class _Renewing:
    """Gives the invocations of heads that are all alike, by asking the reader once for each model that bodies name.

    Of the headers that vary a reader heeds none: they are for the gateway, or passed on to the model (`told`).
    """

    __slots__ = ("_head", "_known", "_lines", "_places", "_reader", "_streams")

    def __init__(self, reader: Reader, head: Head, names: Sequence[bytes]) -> None:
        told = [name for name in names if name not in _KEPT_BACK and name not in HOP_BY_HOP]
        self._reader = reader
        self._head = head.without(names)
        self._known: dict[str | None, _Known] = {}
        self._streams: dict[str | None, _Known] = {}
        self._places = [names.index(name) for name in told]
        self._lines = _model_headers(_to_fill_in(head, told)) if told else b""

    def by_members(self, values: Sequence[bytes], body: bytes) -> tuple[Invocation, str] | None:
        """Give what the request means whose body names a model. Implements `Renewal`."""
        try:
            asked = members_of(body)
            by_model = self._streams if asked.stream else self._known
            known = by_model.get(asked.model) or self._learned(body, by_model, asked.model)
            return known.meant if known is not None and known.usual else self._filled_in(known, values, body)
        except UNREADABLE:
            return None

    def by_head(self, values: Sequence[bytes], body: bytes) -> tuple[Invocation, str] | None:
        """Give what the request means, whatever its body says. Implements `Renewal`."""
        known = self._known.get(None) or self._learned(body, self._known, None)
        return known.meant if known is not None and known.usual else self._filled_in(known, values, body)

    def _learned(self, body: bytes, by_model: dict[str | None, _Known], model: str | None) -> _Known | None:
        """Ask the reader, and remember what it says."""
        found = self._reader.invocation(self._head, body)
        if not isinstance(found, Invocation):
            return None
        if len(by_model) >= MAX_KNOWN:
            by_model.clear()
        served = "" if found.body is None else members_of(found.body).model or ""
        by_model[model] = known = _Known(replace(found, body=None), served=served, usual=not (served or self._places))
        return known

    def _filled_in(self, known: _Known | None, values: Sequence[bytes], body: bytes) -> tuple[Invocation, str] | None:
        """Give an invocation with what is this request's own: headers that vary, and the body by which the model knows itself."""
        if known is None:
            return None
        invocation, key = known.meant
        headers = self._lines % tuple([values[place] for place in self._places]) if self._places else invocation.headers
        own = renamed_member(body, known.served) if known.served else None
        return replace(invocation, headers=headers, body=own), key


def _to_fill_in(head: Head, names: Sequence[bytes]) -> Head:
    """Give a head of which some values, and nothing else, are places to be filled in."""
    lines = [(name, b"%s" if name in names else value) for name, value in _escaped(head.headers)]
    return Head(method=head.method, target=head.target, version=head.version, headers=lines, keep_alive=head.keep_alive)


def _escaped(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.replace(b"%", b"%%"), value.replace(b"%", b"%%")) for name, value in headers]


class BareFrames:
    """Frames nothing."""

    __slots__ = ()

    def chunk(self, data: bytes) -> bytes:
        """Give the chunk."""
        return data

    def failure(self, refusal: Refusal) -> bytes:  # noqa: ARG002 - as its protocol has it
        """Give nothing: the stream just ends."""
        return b""


_FRAMES: Final = BareFrames()


def at_zero(headers: Mapping[bytes, bytes]) -> AtZero | Refusal | None:
    """Give what a request wishes to become of it at zero: by its own word, or by how long it says that it waits."""
    wish = headers.get(_AT_ZERO, b"").lower()
    if wish not in {b"", b"hold", b"refuse"}:
        return Refusal(reason=Reason.INVALID, message="The header X-Stoker-At-Zero must be hold or refuse.")
    if wish:
        return AtZero(wish.decode())
    if declines(headers):
        return AtZero.REFUSE
    return AtZero.HOLD if waits(headers) else None


def waits(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request says for how long it waits for capacity."""
    return _SCALE_UP in headers and said_patience({_SCALE_UP: headers[_SCALE_UP]}) is not None


def accepts_events(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request asks for server-sent events by its Accept header."""
    return _EVENTS in headers.get(b"accept", b"").lower()


def target_below(head: Head, prefix: str) -> str:
    """Give path and query behind a prefix of the path, beginning with a slash."""
    rest = head.path[len(prefix) :] or "/"
    return f"{rest}?{head.query}" if head.query else rest


def relayed(
    head: Head,
    *,
    endpoint: str,
    component: str | None,
    path: str,
    events: bool,
    body: bytes | None = None,
    probe: bool = False,
    as_is: bool = True,
) -> Invocation | Refusal:
    """Give the invocation that passes a request on to a model at `path`. `as_is`: its failures too."""
    first = head.first
    wish = at_zero(first)
    if isinstance(wish, Refusal):
        return wish
    timeout = min(read_timeout(first) or MODEL_TIMEOUT, MOST_TIMEOUT)
    return Invocation(
        endpoint=endpoint,
        component=component,
        at_zero=wish,
        key=first.get(b"idempotency-key", b"")[:MAX_KEY].decode("latin-1"),
        headers=_model_headers(head),
        path=path,
        events=events,
        patience=said_patience(first),
        timeout=timeout if as_is else None,
        method=head.method,
        body=body,
        relayed=as_is,
        in_band=True,
        probe=probe,
        upgrade=_upgrade(head),
    )


def _upgrade(head: Head) -> str:
    """Give the protocol that a request wants to go over to; only one without a body may."""
    wanted = head.text(b"upgrade")
    named = head.text(b"connection").lower()
    return wanted if wanted and head.method == "GET" and "upgrade" in {one.strip() for one in named.split(",")} else ""


def _model_headers(head: Head) -> bytes:
    kept = end_to_end(head.headers)
    return header_lines([one for one in kept if one[0] not in _KEPT_BACK and not one[0].startswith(_OWN)])

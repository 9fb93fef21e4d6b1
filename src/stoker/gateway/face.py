"""What the gateway asks of a wire protocol, as Protocols: wire packages implement them, the composition root passes them in.

The gateway itself knows no protocol: a face tells which requests are invocations, turns one into an `Invocation`, and renders
replies, refusals and streams. What names there are it learns from the gateway's `Directory`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, TypeAlias

import msgspec

from stoker.domain.keys import Keyring
from stoker.domain.states import AtZero
from stoker.gateway.head import Head
from stoker.gateway.reasons import Refusal
from stoker.link.messages import EndpointRoute
from stoker.units import Instant, Span


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """One inference request, free of its wire form.

    `headers` are the header lines for the model, each ended by CRLF; `path` replaces the copy's own invocations path unless
    empty. `key` is the same for all attempts of one call of a client (empty: no such thing), `deadline` the wall-clock
    instant at which the client gives up (None: not said). `session` is the name of one that a model holds, with the mark of
    its copy; the model gets it without that, in the header named `session_header`. `patience` is how long the client says it
    waits, `assumed_patience` how long clients of its kind do that say nothing: it counts where there is no `deadline`.

    `model` names the one that is meant of an endpoint's many.

    `events` says that the client asked for server-sent events: it may get comments while it waits, and failures as an event.

    `upgrade` names the protocol to go over to, as the request's Upgrade header does, when the client may have it; `path` is
    needed then. The copy is asked by GET; once it agrees, bytes pass both ways until either side ends, in flight all the while.

    `timeout` is what the model gets until its first byte, and between bytes, instead of what is usual. One that is `queued` has
    waited in the queue of asynchronous inference.

    `method` is what the model is asked by; another than POST needs a `path`. `body` is for the model in place of what the client
    sent. Of a `relayed` one the model's replies are passed on as they are, whatever their status. A stream of events that breaks
    off ends in one that tells of it where failures are told `in_band`. A `probe` asks how a copy is: it is no demand and no
    traffic, so it finds a copy at once or is refused.
    """

    endpoint: str
    component: str | None = None
    variant: str | None = None
    streaming: bool = False
    at_zero: AtZero | None = None
    key: str = ""
    deadline: Instant | None = None
    headers: bytes = b""
    path: str = ""
    session: str = ""
    session_header: bytes = b""
    model: str = ""
    events: bool = False
    patience: Span | None = None
    assumed_patience: Span | None = None
    upgrade: str = ""
    timeout: Span | None = None
    queued: bool = False
    method: str = "POST"
    body: bytes | None = None
    relayed: bool = False
    in_band: bool = False
    probe: bool = False


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply is about. `invocation` is None when the request was refused before it was understood."""

    request_id: str
    invocation: Invocation | None = None
    variant: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole reply: `headers` are header lines, without those of the body's framing."""

    status: int
    headers: bytes
    body: bytes


FOREVER: Final[Instant] = 1 << 63
"""Beyond any instant."""
Answer: TypeAlias = Callable[[Callable[[str], bool]], Reply]
"""What a face answers by itself, given what tells of an endpoint's name whether the sender may invoke it."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Something that serves a model: a component, or an endpoint whose variants serve it themselves (`component` is None).

    `names` are those that invocations may find it by, its own one first. `served` is what its model server calls the model
    (empty: nobody has said). `created` is the endpoint's instant.
    """

    endpoint: str
    component: str | None
    names: tuple[str, ...]
    served: str = ""
    created: Instant = 0


class Directory(Protocol):
    """What there is to be invoked, by the routing table in force."""

    def endpoint(self, name: str) -> EndpointRoute | None:
        """Give an endpoint."""
        ...

    def places(self, endpoint: str) -> tuple[Place, ...]:
        """Give what serves models at an endpoint."""
        ...

    def find(self, model: str) -> tuple[Place, ...]:
        """Give what has this name: one place, none, or those that share it."""
        ...

    def every(self) -> Iterable[Place]:
        """Give all there are."""
        ...

    def comes(self, place: Place) -> bool:
        """Tell whether it serves, is about to, or would be brought by demand."""
        ...

    def awake(self, place: Place) -> bool:
        """Tell whether it has a copy."""
        ...


class StreamFrames(Protocol):
    """Frames the model's chunks for one streamed reply."""

    def chunk(self, data: bytes) -> bytes:
        """Give the frame of one chunk, as it came from the model."""
        ...

    def failure(self, refusal: Refusal) -> bytes:
        """Give the frame that tells the client that the stream broke; the stream ends after it."""
        ...


class Face(Protocol):
    """One wire protocol's view of invocations. Called for every invocation: implementations must be quick.

    `id_header` names the header that tells the request's id in a good reply (empty: none does). The gateway adds it.
    `strangers` says that endpoints may be open to everybody here, and that who may invoke which is asked once it is known which.
    """

    @property
    def id_header(self) -> bytes:
        """The header's name, in lower case."""
        ...

    @property
    def strangers(self) -> bool:
        """Whether it lets in strangers where an endpoint does."""
        ...

    def know(self, directory: Directory) -> None:
        """Take what tells of the names there are; called once, before all else."""
        ...

    def claims(self, head: Head) -> bool:
        """Tell whether the request is an invocation of this protocol, by method and path alone."""
        ...

    def invocation(self, head: Head, body: bytes) -> Invocation | Refusal | Answer:
        """Give the invocation in a claimed request, why there is none, or what answers it here."""
        ...

    def renewal(self, head: Head, names: Sequence[bytes]) -> "Invocation | Renewal | None":
        """Give what makes the invocations of claimed requests whose heads differ from this one only in some headers' values.

        `names` are those headers (lower case; see `stoker.gateway.plain_heads.VARYING`). It is an invocation where all these
        heads mean the same one for ever, whatever their bodies say, and None where nothing can be prepared. Any other is asked as
        long as the names in the directory stay what they are; then another one is asked for.
        """
        ...

    def refusal(self, refusal: Refusal, subject: Subject) -> Reply:
        """Give the reply that tells of a failure."""
        ...

    def event(self, refusal: Refusal, subject: Subject) -> bytes:
        """Give the event that tells of a failure to a client whose stream of events has begun."""
        ...

    def reply_headers(self, headers: Sequence[tuple[bytes, bytes]], *, streaming: bool, variant: str, mark: str) -> bytes:
        """Give the header lines of a good reply, from the model's headers (lower-case names).

        `mark` is the copy's, to be added with a hyphen to the names of its sessions. The lines hang on nothing else: the gateway
        remembers them for the replies that begin alike.
        """
        ...

    def frames(self, headers: Sequence[tuple[bytes, bytes]], subject: Subject) -> StreamFrames:
        """Give what frames one streamed reply."""
        ...


Renewal: TypeAlias = Callable[[Sequence[bytes], bytes], tuple[Invocation, str] | None]
"""Gives the invocation that comes with these values of the headers it was made for, in their order, and this body; and its key.

It is the one that `Face.invocation` would give, and its headers hang on the head alone. None leaves it to that.
"""


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed a request."""

    name: str


class Denied(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request is not authentic: a wire error code, its text and HTTP status."""

    kind: str
    message: str
    status: int = 403


class Authenticator(Protocol):
    """Checks who sent a request. `body_sha256` is lower-case hexadecimal."""

    def __call__(self, head: Head, *, body_sha256: str, now: Instant) -> Principal | Denied:
        """Give the principal, or the reason to refuse; `now` is the wall clock's instant."""
        ...

    def permits(self, name: str, endpoint: str, now: Instant) -> Denied | None:
        """Give why a principal of this name may not invoke an endpoint; None when it may. `now` is the wall clock's instant."""
        ...

    def recurring(self, head: Head, names: Sequence[bytes], leads: Sequence[bytes]) -> "Recurring | None":
        """Give what checks sooner the heads that differ from this one only in the values of these headers; None for nothing.

        `leads` is what each of those values always begins with. It is asked as long as this authenticator is the one in force.
        """
        ...


class Recurring(Protocol):
    """Checks who sent a request with one of the heads that it was made for. What it accepts, its authenticator accepts."""

    def __call__(self, values: Sequence[bytes], body: bytes, now: Instant) -> tuple[str, Instant] | None:
        """Give the name of who sent it, and an instant; None leaves the verdict to the authenticator.

        Until that instant these values come from the same sender, whatever the body, who may all that it may now; 0 where they
        have to be checked each time. `values`, in order, are what follows upon the leads: printable ASCII without blanks around.
        """
        ...


AuthenticatorFactory: TypeAlias = Callable[[Keyring], Authenticator]
"""Makes the authenticator from the keys that the control plane sent, and again whenever they change."""

"""What the parts of a client's connection ask of each other, so that none of them needs to know the others."""

import asyncio
from typing import TYPE_CHECKING, Protocol

from stoker.gateway.face import Face
from stoker.gateway.head import Head
from stoker.gateway.reading import Request
from stoker.gateway.writing import ReplyWriter

if TYPE_CHECKING:
    from stoker.gateway.plain_heads import Form


class Handler(Protocol):
    """Serves one request of a connection."""

    def client_gone(self) -> None:
        """The client closed its connection, or was cut off."""
        ...

    def client_blocked(self, *, blocked: bool) -> None:
        """The client takes no more bytes for now (or does again)."""
        ...


class Upload(Protocol):
    """Takes a large body as it comes."""

    def more_body(self, data: bytes) -> None:
        """Take a further piece."""
        ...

    def end_of_body(self) -> None:
        """The body is whole."""
        ...


class Connection(Protocol):
    """One client. `handler` serves the request in `request`; `deadline` is on the loop's clock.

    `upload` takes the rest of a body that its handler was begun without. `blocked` while the client takes no more bytes.
    `form` is what its requests have in common, as far as that is known. `early` is a head that came without its body, `early_ns`
    (monotonic) when that was; the latter stays while the two are looked at together.
    """

    transport: asyncio.Transport
    writer: ReplyWriter
    request: Request | None
    handler: Handler | None
    upload: Upload | None
    deadline: float
    blocked: bool
    form: "Form | None"
    early: bytes
    early_ns: int

    def allow(self, seconds: float) -> None:
        """Set the deadline so many seconds from now."""
        ...

    def expire(self) -> None:
        """The deadline has passed."""
        ...

    def abort(self) -> None:
        """Cut the connection."""
        ...

    def close_if_idle(self, *, after_s: float = 0.0) -> None:
        """Close a connection with no request under way, at once or when none comes in time."""
        ...

    def refuse(self, status: int, message: str) -> None:
        """Answer a request that will never be whole, and close."""
        ...

    def dispatch(self, request: Request) -> None:
        """Begin to serve a request."""
        ...

    def hand_over(self, protocol: asyncio.BaseProtocol) -> bytes:
        """Give the transport to another protocol, and what has come unread."""
        ...

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything; called by whom the transport was given to."""
        ...

    def hold_reading(self, *, held: bool) -> None:
        """Stop reading the body while the place it goes to is full (or read on)."""
        ...

    def reply_done(self, *, reusable: bool) -> None:
        """The reply is written whole."""
        ...


class Host(Protocol):
    """What a connection needs of its gateway. `min_body_rate` is in bytes a second.

    `next_timeout_s` is how long a client that has its reply may take for its next request; 0 when none is awaited.
    """

    max_head_bytes: int
    head_timeout_s: float
    idle_timeout_s: float
    next_timeout_s: float
    min_body_rate: int
    draining: bool
    reading_bytes: int
    reading_limit: int

    def express(self, connection: Connection, data: bytes, /) -> bool:
        """Begin to serve the request that the bytes are, if they can go the short way."""
        ...

    def opened(self, connection: Connection) -> bool:
        """Count a new connection; False when there are too many."""
        ...

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        ...

    def face_for(self, head: Head) -> Face | None:
        """Give the face that claims a request, None for one to relay."""
        ...

    def body_limit(self, face: Face | None) -> int:
        """Give the largest body in bytes."""
        ...

    def begin(self, connection: Connection, request: Request) -> None:
        """Begin to serve a request: its reply is written, or `connection.handler` set."""
        ...

    def refuse_size(self, connection: Connection, request: Request, *, overloaded: bool) -> None:
        """Answer a request whose body is too large, or finds no room."""
        ...

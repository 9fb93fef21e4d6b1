"""What a delivery asks of the invocation that it brings to a copy."""

from typing import TYPE_CHECKING, Final, Protocol

from stoker.gateway.face import Face, Invocation, Subject
from stoker.gateway.reasons import Refusal
from stoker.gateway.routes import Target

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.core import Core


_BODYLESS: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


class Errand(Protocol):
    """The invocation that is delivered.

    `connection` is None while its client is away. `tail` ends the request's head: its own header lines and the empty line.
    `keyed` while a retry may join it. `plain` says that its client's connection can carry a counted reply and another request
    after it. `begun_ns` is when its head was read, `waited_ns` how long it was held, `cold` whether that was at zero,
    `commented_ns` when its client got the last comment (0: none).
    """

    core: "Core"
    connection: "Connection | None"
    face: Face
    invocation: Invocation
    target: Target
    body: bytes
    tail: bytes
    keyed: bool
    cold: bool
    commented_ns: int
    plain: bool
    begun_ns: int
    waited_ns: int

    def locate(self) -> None:
        """Begin anew: find a copy, or wait for one."""
        ...

    def wait_until(self, moment: float) -> None:
        """Set when (loop's clock) patience ends."""
        ...

    def reply_begins(self) -> None:
        """From here on the reply is this client's."""
        ...

    def replied(self, *, reusable: bool) -> None:
        """The last byte is written."""
        ...

    def answer(self, refusal: Refusal) -> None:
        """Answer with a failure and be done."""
        ...

    def cancel(self) -> None:
        """Give up."""
        ...

    def subject(self) -> Subject:
        """Say what a reply is about."""
        ...


def tail_of(invocation: Invocation, length: int) -> bytes:
    """Give the end of the head of a request for a model, behind its line and host, for a body of so many bytes."""
    if invocation.upgrade:
        return b"%sconnection: upgrade\r\nupgrade: %s\r\n\r\n" % (invocation.headers, invocation.upgrade.encode("latin-1"))
    if not length and invocation.method in _BODYLESS:
        return invocation.headers + b"\r\n"
    return b"%scontent-length: %d\r\n\r\n" % (invocation.headers, length)

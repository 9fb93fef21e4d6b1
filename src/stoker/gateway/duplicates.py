"""Finds the work under way that a client's retry means, so that the same inference is not done twice.

A client that lost patience sends the same call again with the same key. Only a call with the same words from the same
principal counts as the same: the key alone is the client's to choose.
"""

from typing import TYPE_CHECKING, Final, Protocol

from stoker.gateway.face import Invocation

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection

MAX_KEYS: Final = 65_536


class Call(Protocol):
    """A keyed invocation under way."""

    invocation: Invocation
    body: bytes

    def take_over(self, connection: "Connection", invocation: Invocation) -> None:
        """Answer a newer attempt's connection instead of the one before."""
        ...


class Duplicates:
    """The keyed invocations that have not begun to reply."""

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], Call] = {}

    def enter(self, caller: tuple[str, str], run: Call) -> Call | None:
        """Give the invocation under way of this principal with this key: `run` itself from now on, if there was none.

        None when there is no room for it, and a retry will be work anew.
        """
        runs = self._runs
        return runs.setdefault(caller, run) if len(runs) < MAX_KEYS else runs.get(caller)

    def leave(self, caller: tuple[str, str], run: Call) -> None:
        """Forget an invocation."""
        if self._runs.get(caller) is run:
            del self._runs[caller]


def same_call(call: Call, other: Invocation, body: bytes) -> bool:
    """Tell whether another call with this one's key asks for the same."""
    one = call.invocation
    return (one.endpoint, one.component, one.variant, one.model, one.streaming, one.path) == (
        other.endpoint,
        other.component,
        other.variant,
        other.model,
        other.streaming,
        other.path,
    ) and call.body == body

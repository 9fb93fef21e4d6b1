"""Finds the work under way that a client's retry means, so that the same inference is not done twice.

A client that lost patience sends the same call again with the same key. Only a call with the same words from the same
principal counts as the same: the key alone is the client's to choose.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stoker.gateway.invocation import Run

MAX_KEYS: Final = 65_536


class Duplicates:
    """The keyed invocations that have not begun to reply."""

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], Run] = {}

    def find(self, principal: str, key: str) -> "Run | None":
        """Give the invocation under way with this key."""
        return self._runs.get((principal, key))

    def add(self, principal: str, key: str, run: "Run") -> bool:
        """Remember an invocation; False when there is no room, and a retry will be work anew."""
        if len(self._runs) >= MAX_KEYS:
            return False
        self._runs[principal, key] = run
        return True

    def remove(self, principal: str, key: str, run: "Run") -> None:
        """Forget an invocation."""
        if self._runs.get((principal, key)) is run:
            del self._runs[principal, key]

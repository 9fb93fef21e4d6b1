"""Lenient authentication: strangers are let in, and whoever uses a key that is known here must sign with it.

For a machine of one's own, where scripts come with keys of their own making, and some keys are to be no more than they are.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from stoker.units import Instant
from stoker.wire.aws.identity import AuthError, AuthProblem, Principal
from stoker.wire.aws.sigv4 import Proof, Verifier

STRANGERS: Final = frozenset({AuthProblem.MISSING, AuthProblem.UNKNOWN_KEY})
"""What is wrong with requests whose sender is nobody known."""


class Verifies(Protocol):
    """What tells who sent a request; see `stoker.wire.aws.sigv4.Verifier`."""

    def verify(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body_sha256: str,
        service: str,
        now: Instant,
    ) -> Principal:
        """Give the sender of a request, or raise AuthError."""
        ...

    def examine(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body_sha256: str | None,
        service: str,
        now: Instant,
    ) -> Proof:
        """Give what a request has proved, or raise AuthError."""
        ...


class LenientVerifier:
    """Asks one verifier, and of strangers another, which should take their word. Implements `Verifies`."""

    __slots__ = ("_lax", "_strict")

    def __init__(self, strict: Verifier, lax: Verifier) -> None:
        self._strict = strict
        self._lax = lax

    def verify(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body_sha256: str,
        service: str,
        now: Instant,
    ) -> Principal:
        """Give the sender of a request, or raise AuthError for one whose key is known."""
        return self.examine(
            method=method, path=path, query=query, headers=headers, body_sha256=body_sha256, service=service, now=now
        ).principal

    def examine(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body_sha256: str | None,
        service: str,
        now: Instant,
    ) -> Proof:
        """Give what a request has proved, or raise AuthError for one whose key is known."""
        try:
            return self._strict.examine(
                method=method, path=path, query=query, headers=headers, body_sha256=body_sha256, service=service, now=now
            )
        except AuthError as error:
            if error.problem not in STRANGERS:
                raise
        return self._lax.examine(
            method=method, path=path, query=query, headers=headers, body_sha256=body_sha256, service=service, now=now
        )

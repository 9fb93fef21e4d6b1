"""What a use case needs of the running platform: to read it, and to hand it events that are on disk when it goes on."""

from typing import Protocol

from stoker.domain.ids import IdSource
from stoker.engine.events import Event
from stoker.engine.platform import Platform
from stoker.units import Instant


class Desk(Protocol):
    """The running platform as the service sees it.

    `submit` applies the event before it first waits, so that a check and the event it leads to cannot be parted by another call;
    it returns when everything that followed is on disk.
    """

    @property
    def platform(self) -> Platform:
        """The engine, to read from."""
        ...

    @property
    def ids(self) -> IdSource:
        """The source of new identities."""
        ...

    def now(self) -> Instant:
        """Give the platform's instant."""
        ...

    async def submit(self, event: Event) -> None:
        """Have the engine take in an event; returns when what it changed is on disk."""
        ...

    async def history(self, kind: str, key: str | None, *, limit: int, before: Instant | None = None) -> list[bytes]:
        """Give kept entries of a history, newest first."""
        ...


class Images(Protocol):
    """The table of container images that this installation knows how to run."""

    def check(self, image: str) -> None:
        """Raise `InvalidParameterError` for an image that no entry of the table fits."""
        ...

    def ping(self, image: str) -> str:
        """Give the path of an image's health check, empty when it has none; it must be one that `check` lets pass."""
        ...


class Sources(Protocol):
    """Where models' files are found by the names of repositories."""

    def locate(self, repository: str, revision: str | None) -> str:
        """Give the URL of a repository's files, or raise `InvalidParameterError` (field `model.repository`)."""
        ...

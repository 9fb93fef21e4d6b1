"""The port to model files."""

from pathlib import Path
from typing import Protocol


class ArtifactSource(Protocol):
    """Brings a model's files to this machine."""

    async def fetch(self, url: str) -> Path:
        """Give a local directory with the model's files, fetched, unpacked and kept as needed.

        Raises `InvalidParameterError` for a URL of a form that is not served and `NotFoundError` for files that are not there.
        """
        ...

"""Takes archives apart, within bounds."""

from __future__ import annotations

import tarfile

MAX_BYTES = 8 << 30
MAX_FILES = 10_000
"""What one archive may hold."""


class UnpackError(Exception):
    """The archive cannot be unpacked; the text says why."""


def unpack(path: str, target: str) -> None:
    """Unpack a tar archive, compressed or not, into a directory; raises `UnpackError`."""
    try:
        with tarfile.open(path) as archive:
            files = size = 0
            for member in archive:
                files, size = files + 1, size + member.size
                if files > MAX_FILES or size > MAX_BYTES:
                    raise UnpackError(f"the archive {path} holds more than {MAX_FILES} files or {MAX_BYTES} bytes")
                archive.extract(member, target, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise UnpackError(f"the archive {path} cannot be unpacked: {error}") from error

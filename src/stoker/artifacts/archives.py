"""Unpacking archives that may be hostile: nothing leaves the target directory, nothing grows without bound."""

import tarfile
import zipfile
from pathlib import Path

from stoker.errors import InvalidParameterError, LimitError

MOST_MEMBERS = 200_000
_TAR_ENDINGS = (".tar.gz", ".tgz", ".tar")
_ZIP_ENDING = ".zip"
_FIELD = "ModelDataUrl"


def is_archive(path: Path) -> bool:
    """Tell by its name whether the file is an archive that can be unpacked."""
    return path.name.endswith((*_TAR_ENDINGS, _ZIP_ENDING))


def unpack(path: Path, target: Path, most_bytes: int) -> int:
    """Unpack an archive into an empty directory and give the bytes of its files; blocks.

    `LimitError` when they are more than `most_bytes` or more than 200000 members; `InvalidParameterError` when the archive
    is broken or has members that lie outside of it (absolute paths, `..`, devices, links that lead out).
    """
    try:
        if path.name.endswith(_ZIP_ENDING):
            return _unpack_zip(path, target, most_bytes)
        return _unpack_tar(path, target, most_bytes)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, RuntimeError, ValueError) as error:
        # RuntimeError is what zipfile says of an encrypted member, and one kind of it of an unknown compression.
        raise _unreadable(path, error) from error
    except OSError as error:
        if error.errno is None or isinstance(error, (FileExistsError, IsADirectoryError, NotADirectoryError)):
            raise _unreadable(path, error) from error  # gzip's own errors carry no number
        raise


def _unreadable(path: Path, error: Exception) -> InvalidParameterError:
    return InvalidParameterError(f"{_FIELD} names {path}, which cannot be unpacked: {error}", field=_FIELD)


def _unpack_tar(path: Path, target: Path, most_bytes: int) -> int:
    total = 0
    with tarfile.open(path) as archive:
        for count, member in enumerate(archive):
            total += member.size
            _check(path, count, total, most_bytes)
            archive.extract(member, target, filter="data")
    return total


def _unpack_zip(path: Path, target: Path, most_bytes: int) -> int:
    total = 0
    with zipfile.ZipFile(path) as archive:
        for count, member in enumerate(archive.infolist()):
            total += member.file_size  # a reader stops at this size, whatever the compressed data holds
            _check(path, count, total, most_bytes)
            parts = Path(member.filename).parts
            if member.filename.startswith("/") or ".." in parts:
                message = f"{_FIELD} names {path}, whose member {member.filename!r} lies outside of it."
                raise InvalidParameterError(message, field=_FIELD)
            archive.extract(member, target)
    return total


def _check(path: Path, count: int, total: int, most_bytes: int) -> None:
    if count >= MOST_MEMBERS:
        message = f"{path} has more than {MOST_MEMBERS} members."
        raise LimitError(message, limit="archive members", maximum=MOST_MEMBERS)
    if total > most_bytes:
        message = f"The files of {path} do not fit: {most_bytes} bytes are free of what the cache of artifacts may keep."
        raise LimitError(message, limit="artifact bytes", maximum=most_bytes)

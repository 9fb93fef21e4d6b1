"""The key pair that clients sign with, made once for each data directory."""

import os
import re
import secrets
from pathlib import Path
from typing import NamedTuple

import msgspec

from stoker.config.errors import ConfigError

FILE_NAME = "keys.json"
"""The file's name in the data directory."""

_PREFIX = "AKIASTOKER"
_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ID = re.compile(r"AKIASTOKER[A-Z2-7]{10}")
_SECRET = re.compile(r"[0-9A-Za-z_-]{40}")
_SECRET_BYTES = 30  # 40 letters of base64
_MAX_FILE_BYTES = 4096


class AccessKey(NamedTuple):
    """An access key id and its secret; printing it shows the id alone, so that no log gets the secret by accident."""

    access_key_id: str
    secret: str

    def __repr__(self) -> str:
        """Show the id only."""
        return f"AccessKey({self.access_key_id}, …)"


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's content."""

    access_key_id: str
    secret_access_key: str


def load_or_create_keys(data_dir: Path) -> AccessKey:
    """Give the data directory's key pair `(access_key_id, secret)`, made at the first call; the file's mode is 0600.

    Several processes may call at once: all get the same pair, and none ever sees half a file.
    Raises `ConfigError` when the file cannot be read or made, is not a key file, or may be read by other users.
    """
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError as error:
        raise ConfigError([f"The key file {path} cannot be used: {error.strerror}."]) from error


def new_key_pair() -> AccessKey:
    """Give a pair that has not been before."""
    key = _PREFIX + "".join(secrets.choice(_ID_LETTERS) for _ in range(10))
    return AccessKey(key, secrets.token_urlsafe(_SECRET_BYTES))


def replace_keys(data_dir: Path, pair: AccessKey) -> None:
    """Put another pair in place of the data directory's. Raises `ConfigError`."""
    path = data_dir / FILE_NAME
    try:
        write_private(path, _content(pair))
    except OSError as error:
        raise ConfigError([f"The key file {path} cannot be written: {error.strerror}."]) from error


def write_private(path: Path, content: bytes) -> None:
    """Put `content` in place of a file, whole or not at all, and on the disk, readable by the owner only. Raises `OSError`."""
    draft = _draft(path, content)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _flush(path.parent)


def read_private(path: Path, most: int) -> bytes:
    """Give a file's content, one byte more than `most` at most. Raises `OSError`, and `ConfigError` when others may read it."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o777
        content = file.read(most + 1)
    if mode & 0o077:
        raise ConfigError([f"The key file {path} may be read by other users (mode {mode:04o}): chmod 600 {path}"])
    return content


def _content(pair: AccessKey) -> bytes:
    return msgspec.json.encode(_File(access_key_id=pair.access_key_id, secret_access_key=pair.secret))


def _create(path: Path) -> None:
    """Write a new pair beside `path` and link it there: of several that try at once, the first wins."""
    draft = _draft(path, _content(new_key_pair()))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # somebody was faster; theirs counts
    finally:
        draft.unlink()
    _flush(path.parent)


def _draft(path: Path, content: bytes) -> Path:
    """Write a file beside `path`, for the owner alone, and see it on the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _flush(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> AccessKey:
    content = read_private(path, _MAX_FILE_BYTES)
    try:
        found = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"The key file {path} is damaged; remove it to get a new key pair ({error})."]) from None
    if not _ID.fullmatch(found.access_key_id) or not _SECRET.fullmatch(found.secret_access_key):
        raise ConfigError([f"The key file {path} does not hold a key pair of Stoker's; remove it to get a new one."])
    return AccessKey(found.access_key_id, found.secret_access_key)

"""The key ring of a data directory: the root key of `keys.json`, and in `access_keys.json` all that were made besides.

Whoever changes a file holds the directory's lock and puts a whole new one in place, so that readers need no lock and never see
half a file. Both files are for their owner alone. A running server looks at them often (see `KeyFiles.changed`).
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stoker.config.errors import ConfigError
from stoker.config.keys import FILE_NAME as ROOT_FILE
from stoker.config.keys import AccessKey as KeyPair
from stoker.config.keys import load_or_create_keys, new_key_pair, read_private, replace_keys, write_private
from stoker.domain.keys import MAX_KEYS, ROOT, AccessKey, Keyring, KeyRole, check_key
from stoker.errors import ConflictError, DomainError, InvalidParameterError, LimitError, NotFoundError
from stoker.units import Instant, Span

FILE_NAME: Final = "access_keys.json"
"""The file's name in the data directory."""
KIND: Final = "access key"
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
SEAL_BYTES: Final = 32


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's content: the keys, the oldest first, and the secret that session tokens are sealed with."""

    keys: tuple[AccessKey, ...] = ()
    seal: bytes


class KeyFiles:
    """The files under one data directory; both are made at the first reading.

    Files that cannot be used raise `ConfigError`, calls that cannot be a `DomainError`.
    """

    __slots__ = ("_data", "_seen")

    def __init__(self, data_dir: Path) -> None:
        self._data = data_dir
        self._seen: tuple[object, ...] = ()

    def read(self) -> Keyring:
        """Give all keys, the root's last."""
        self._seen = self._stamp()
        pair = load_or_create_keys(self._data)
        root = AccessKey(access_key_id=pair.access_key_id, secret=pair.secret)
        file = self._load()
        if file is None:
            with self._locked():
                file = self._load() or self._store(_File(seal=secrets.token_bytes(SEAL_BYTES)))
        return Keyring(keys=(*file.keys, root), seal=file.seal)

    def changed(self) -> bool:
        """Tell whether a file was replaced since they were last read."""
        return self._stamp() != self._seen

    def create(
        self, name: str, role: KeyRole, *, endpoints: Sequence[str] = (), now: Instant, expires: Instant | None = None
    ) -> AccessKey:
        """Make a key and give it."""
        key = _new(name=name, role=role, endpoints=tuple(endpoints), created=now, expires=expires)
        check_key(key)
        if expires is not None and expires <= now:
            raise InvalidParameterError("A key must expire in the future.", field="expires")
        with self._changing(now) as keys:
            if name == ROOT or any(one.name == name for one in keys):
                raise ConflictError(
                    KIND, name, f"There is a key of the name {name}: rotate it, or choose another name.", exists=True
                )
            keys.append(key)
        return key

    def rotate(self, which: str, *, now: Instant, keep: Span) -> AccessKey:
        """Put a new key in place of one (its id, or its name: then the newest), which stays good for `keep`; give the new one."""
        with self._changing(now) as keys:
            root = self.read().keys[-1]
            found = [one for one in (*keys, root) if which in {one.access_key_id, one.name}]
            if not found:
                raise _unknown(which)
            old = found[-1]
            new = _new(name=old.name, role=old.role, endpoints=old.endpoints, created=now, expires=old.expires)
            if old in keys:
                keys.remove(old)
            if keep > 0:
                until = now + keep if old.expires is None else min(old.expires, now + keep)
                keys.append(msgspec.structs.replace(old, expires=until))
            if old is root:
                # Should we be cut off between the two files, the old pair is still the root's.
                self._store_keys(keys)
                replace_keys(self._data, KeyPair(new.access_key_id, new.secret))
            else:
                keys.append(new)
        return new

    def revoke(self, which: str, *, now: Instant) -> list[AccessKey]:
        """Take keys away (an id, or a name: then all that bear it), and with them the sessions of their holders; give them."""
        with self._changing(now) as keys:
            gone = [one for one in keys if which in {one.access_key_id, one.name}]
            if not gone and which in {ROOT, self.read().keys[-1].access_key_id}:
                raise InvalidParameterError("The root key cannot be revoked, but replaced: rotate it.", field="key")
            if not gone:
                raise _unknown(which)
            keys[:] = [one for one in keys if one not in gone]
        return gone

    @contextlib.contextmanager
    def _changing(self, now: Instant) -> Iterator[list[AccessKey]]:
        """Give the keys that have not expired, to be changed in place; they are written at the end, unless it raises."""
        self.read()
        with self._locked():
            file = self._load()
            keys = [one for one in file.keys if one.alive(now)] if file is not None else []
            yield keys
            self._store_keys(keys)

    def _store_keys(self, keys: Sequence[AccessKey]) -> None:
        if len(keys) > MAX_KEYS:
            raise LimitError(f"There may be {MAX_KEYS} keys.", limit="keys", maximum=MAX_KEYS)
        file = self._load()
        if file is None:  # somebody removed it
            raise ConfigError([f"The key file {self._data / FILE_NAME} has gone."])
        self._store(_File(keys=tuple(keys), seal=file.seal))

    def _load(self) -> _File | None:
        path = self._data / FILE_NAME
        try:
            content = read_private(path, MAX_FILE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError([f"The key file {path} cannot be used: {error.strerror}."]) from error
        try:
            file = msgspec.json.decode(content, type=_File)
            for key in file.keys:
                check_key(key)
        except (msgspec.MsgspecError, UnicodeDecodeError, DomainError) as error:
            raise ConfigError(
                [f"The key file {path} is damaged; without it all keys but the root's are lost ({error})."]
            ) from None
        return file

    def _store(self, file: _File) -> _File:
        path = self._data / FILE_NAME
        try:
            write_private(path, msgspec.json.format(msgspec.json.encode(file)))
        except OSError as error:
            raise ConfigError([f"The key file {path} cannot be written: {error.strerror}."]) from error
        return file

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the directory's lock, so that of two who change the keys at once neither undoes what the other did."""
        descriptor = os.open(self._data, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _stamp(self) -> tuple[object, ...]:
        """Give what tells a file from the one that takes its place."""
        stamp: list[object] = []
        for name in (ROOT_FILE, FILE_NAME):
            try:
                status = (self._data / name).stat()
            except OSError:
                stamp.append(None)
            else:
                stamp.append((status.st_ino, status.st_mtime_ns, status.st_size, status.st_mode))
        return tuple(stamp)


def _new(*, name: str, role: KeyRole, endpoints: tuple[str, ...], created: Instant, expires: Instant | None) -> AccessKey:
    pair = new_key_pair()
    return AccessKey(
        access_key_id=pair.access_key_id,
        secret=pair.secret,
        name=name,
        role=role,
        endpoints=endpoints,
        created=created,
        expires=expires,
    )


def _unknown(which: str) -> NotFoundError:
    return NotFoundError(KIND, which, f"There is no key {which[:128]}; `stoker keys list` shows those there are.")

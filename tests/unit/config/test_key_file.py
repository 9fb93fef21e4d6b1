import json
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stoker.config.errors import ConfigError
from stoker.config.key_file import KeyFiles
from stoker.config.keys import load_or_create_keys
from stoker.domain.keys import ROOT, AccessKey, KeyRole
from stoker.errors import ConflictError, DomainError, InvalidParameterError, NotFoundError
from stoker.units import HOUR, SECOND

NOW = 1_732_838_400 * SECOND


def names(files: KeyFiles) -> list[str]:
    return [key.name for key in files.read().keys]


def test_a_directory_begins_with_the_root_key_and_a_seal(tmp_path: Path) -> None:
    ring = KeyFiles(tmp_path).read()
    pair = load_or_create_keys(tmp_path)
    assert [(key.access_key_id, key.secret, key.role) for key in ring.keys] == [(*pair, KeyRole.ADMIN)]
    assert len(ring.seal) == 32
    assert KeyFiles(tmp_path).read() == ring
    assert sorted(os.listdir(tmp_path)) == ["access_keys.json", "keys.json"]  # noqa: PTH208 - no draft is left
    assert stat.S_IMODE((tmp_path / "access_keys.json").stat().st_mode) == 0o600


def test_a_key_is_made_rotated_and_revoked(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    root = files.read().keys[-1]
    first = files.create("ci", KeyRole.INVOKE, endpoints=["chat-*", "plain"], now=NOW)
    assert files.read().keys == (first, root)
    assert (first.invokes("chat-2"), first.invokes("plain"), first.invokes("plainer"), first.invokes("chat")) == (
        True,
        True,
        False,
        False,
    )
    second = files.rotate("ci", now=NOW, keep=HOUR)
    old, new, _ = files.read().keys
    assert (old.access_key_id, old.expires) == (first.access_key_id, NOW + HOUR)
    assert new == second
    assert (new.name, new.role, new.endpoints, new.expires) == ("ci", KeyRole.INVOKE, ("chat-*", "plain"), None)
    assert new.secret != first.secret
    third = files.rotate(second.access_key_id, now=NOW, keep=0)
    assert [key.access_key_id for key in files.revoke("ci", now=NOW)] == [first.access_key_id, third.access_key_id]
    assert files.read().keys == (root,)


def test_the_root_key_is_rotated_but_not_revoked(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    before = files.read().keys[-1]
    with pytest.raises(InvalidParameterError, match="rotate it"):
        files.revoke(ROOT, now=NOW)
    after = files.rotate(ROOT, now=NOW, keep=HOUR)
    old, root = files.read().keys
    assert (old.access_key_id, old.name, old.expires) == (before.access_key_id, ROOT, NOW + HOUR)
    assert root.access_key_id == after.access_key_id == load_or_create_keys(tmp_path).access_key_id
    assert [key.access_key_id for key in files.revoke(ROOT, now=NOW)] == [before.access_key_id]
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_what_expired_goes_with_the_next_change(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    files.create("short", KeyRole.ADMIN, now=NOW, expires=NOW + HOUR)
    files.create("long", KeyRole.ADMIN, now=NOW + HOUR)
    assert names(files) == ["long", ROOT]


@pytest.mark.parametrize(
    ("error", "call"),
    [
        pytest.param(InvalidParameterError, lambda f: f.create("a b", KeyRole.ADMIN, now=NOW), id="name"),
        pytest.param(InvalidParameterError, lambda f: f.create("x", KeyRole.ADMIN, now=NOW), id="short name"),
        pytest.param(InvalidParameterError, lambda f: f.create("ci", KeyRole.INVOKE, now=NOW), id="no endpoint"),
        pytest.param(InvalidParameterError, lambda f: f.create("ci", KeyRole.ADMIN, endpoints=["e"], now=NOW), id="bound admin"),
        pytest.param(InvalidParameterError, lambda f: f.create("ci", KeyRole.INVOKE, endpoints=["a.b"], now=NOW), id="pattern"),
        pytest.param(InvalidParameterError, lambda f: f.create("ci", KeyRole.ADMIN, now=NOW, expires=NOW), id="past"),
        pytest.param(ConflictError, lambda f: f.create(ROOT, KeyRole.ADMIN, now=NOW), id="root"),
        pytest.param(ConflictError, lambda f: f.create("taken", KeyRole.ADMIN, now=NOW), id="taken"),
        pytest.param(NotFoundError, lambda f: f.rotate("nobody", now=NOW, keep=0), id="rotate"),
        pytest.param(NotFoundError, lambda f: f.revoke("nobody", now=NOW), id="revoke"),
    ],
)
def test_a_call_that_cannot_be_changes_nothing(
    tmp_path: Path, error: type[DomainError], call: Callable[[KeyFiles], AccessKey]
) -> None:
    files = KeyFiles(tmp_path)
    files.create("taken", KeyRole.ADMIN, now=NOW)
    before = files.read()
    with pytest.raises(error):
        call(files)
    assert files.read() == before


def test_a_reader_sees_that_something_changed(tmp_path: Path) -> None:
    reader, writer = KeyFiles(tmp_path), KeyFiles(tmp_path)
    reader.read()
    reader.read()
    assert not reader.changed()
    for change in (
        lambda: writer.create("ci", KeyRole.ADMIN, now=NOW),
        lambda: writer.revoke("ci", now=NOW),
        lambda: writer.rotate(ROOT, now=NOW, keep=0),
    ):
        change()
        assert reader.changed()
        reader.read()
        assert not reader.changed()


def test_nobody_undoes_what_another_did_at_once(tmp_path: Path) -> None:
    KeyFiles(tmp_path).read()
    wanted = [f"key-{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: KeyFiles(tmp_path).create(name, KeyRole.ADMIN, now=NOW), wanted))
    assert sorted(names(KeyFiles(tmp_path))) == sorted([*wanted, ROOT])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", json.dumps({"keys": [], "seal": "!", "more": 1}).encode()])
def test_a_damaged_file_is_told_and_kept(tmp_path: Path, content: bytes) -> None:
    files = KeyFiles(tmp_path)
    files.read()
    path = tmp_path / "access_keys.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is damaged"):
        files.read()
    with pytest.raises(ConfigError, match="is damaged"):
        files.create("ci", KeyRole.ADMIN, now=NOW)
    assert path.read_bytes() == content


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    files.read()
    (tmp_path / "access_keys.json").chmod(0o644)
    with pytest.raises(ConfigError, match="may be read by other users"):
        files.read()


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    key = files.create("ci", KeyRole.ADMIN, now=NOW)
    ring = files.read()
    assert key.secret not in f"{key!r} {key} {ring!r} {ring}"
    assert str(ring.seal) not in repr(ring)

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from stoker.config.errors import ConfigError
from stoker.config.keys import load_or_create_keys


def test_a_pair_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    data = tmp_path / "a" / "data"
    key, secret = load_or_create_keys(data)
    assert re.fullmatch(r"AKIASTOKER[A-Z2-7]{10}", key)
    assert len(secret) == 40
    assert load_or_create_keys(data) == (key, secret)
    assert os.listdir(data) == ["keys.json"]  # noqa: PTH208 - no draft is left
    assert stat.S_IMODE((data / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_two_directories_get_two_pairs(tmp_path: Path) -> None:
    assert load_or_create_keys(tmp_path / "a") != load_or_create_keys(tmp_path / "b")


def test_the_secret_is_not_printed(tmp_path: Path) -> None:
    pair = load_or_create_keys(tmp_path)
    for text in (repr(pair), str(pair), f"{pair}"):
        assert pair.secret not in text
        assert pair.access_key_id in text


def test_processes_that_ask_at_once_get_one_pair(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from stoker.config.keys import load_or_create_keys; sys.stdin.read(1);"
        "print(*load_or_create_keys(Path(sys.argv[1])))"
    )
    data = tmp_path / "data"
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    said = {process.communicate(timeout=30)[0] for process in started}
    assert len(said) == 1
    assert said == {" ".join(load_or_create_keys(data)) + "\n"}
    assert os.listdir(data) == ["keys.json"]  # noqa: PTH208


def test_the_slower_of_two_takes_the_pair_of_the_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_or_create_keys(tmp_path)
    real, answers = Path.exists, iter([False])
    monkeypatch.setattr(Path, "exists", lambda path: next(answers, None) if path.name == "keys.json" else real(path))
    assert load_or_create_keys(tmp_path) == first
    assert os.listdir(tmp_path) == ["keys.json"]  # noqa: PTH208


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_or_create_keys(tmp_path)
    (tmp_path / "keys.json").chmod(0o640)
    with pytest.raises(ConfigError, match=r"may be read by other users \(mode 0640\): chmod 600"):
        load_or_create_keys(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        json.dumps({"access_key_id": "AKIASTOKERAAAAAAAAAA"}).encode(),
        json.dumps({"access_key_id": "x", "secret_access_key": "y" * 40}).encode(),
        json.dumps({"access_key_id": "AKIASTOKERAAAAAAAAAA", "secret_access_key": "two words"}).encode(),
        b" " * 5000,
    ],
)
def test_a_damaged_file_is_told_without_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="remove it to get a new") as caught:
        load_or_create_keys(tmp_path)
    assert "two words" not in str(caught.value)
    assert path.read_bytes() == content


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"file/data/keys\.json cannot be used: Not a directory"):
        load_or_create_keys(tmp_path / "file" / "data")

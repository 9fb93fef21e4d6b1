"""`stoker keys`, as its user sees it."""

import json
import os
import stat
from pathlib import Path

import pytest

from stoker.cli.commands import run_command
from stoker.config.key_file import KeyFiles
from stoker.wire.tokens import token_of


def run(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str) -> str:
    assert run_command(["keys", *arguments, "--data", str(data)]) == 0
    return capsys.readouterr().out


def test_a_key_from_its_making_to_its_end(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = tmp_path / "d"
    made = json.loads(run(capsys, data, "create", "ci", "--endpoint", "chat-*", "--endpoint", "plain", "--format", "json"))
    key = KeyFiles(data).read().keys[0]
    assert made == {
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "STOKER_API_KEY": token_of(key),
    }
    listed = run(capsys, data, "list")
    first, line, root = listed.splitlines()
    assert first.split() == ["KEY", "NAME", "ROLE", "ENDPOINTS", "CREATED", "EXPIRES"]
    assert [*line.split()[:4], line.split()[5]] == [key.access_key_id, "ci", "invoke", "chat-*,plain", "never"]
    assert root.split()[1:] == ["root", "admin", "*", "-", "never"]
    assert key.secret not in listed
    shown = run(capsys, data, "rotate", "ci", "--keep", "1h")
    assert shown.startswith("export AWS_ACCESS_KEY_ID=AKIASTOKER")
    told = json.loads(run(capsys, data, "list", "--json"))
    assert [(one["name"], one["expires"] is None) for one in told] == [("ci", False), ("ci", True), ("root", True)]
    assert run(capsys, data, "revoke", "ci").count("is revoked.") == 2
    assert len(KeyFiles(data).read().keys) == 1
    assert {stat.S_IMODE((data / name).stat().st_mode) for name in os.listdir(data)} == {0o600}  # noqa: PTH208


def test_the_bearer_token_of_a_key_can_be_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(capsys, tmp_path, "token").strip() == token_of(KeyFiles(tmp_path).read().keys[-1])


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["create", "ci"], 1, "names the endpoints"),
        (["create", "ci", "--role", "admin", "--expires", "soon"], 1, "A span is a number"),
        (["create", "ci", "--role", "king"], 2, "--role"),
        (["revoke", "root"], 1, "rotate it"),
        (["revoke", "nobody"], 1, "There is no key nobody"),
        (["rotate", "nobody"], 1, "There is no key nobody"),
        (["token", "nobody"], 1, "There is no key nobody"),
        (["steal"], 2, "steal"),
    ],
)
def test_what_cannot_be_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], status: int, text: str
) -> None:
    assert run_command(["keys", *arguments, "--data", str(tmp_path)]) == status
    said = capsys.readouterr()
    assert text in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)

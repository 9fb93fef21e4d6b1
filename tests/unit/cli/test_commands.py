"""The command line without a server: what it prints, what it refuses and how, and what it does not import."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from stoker import __version__
from stoker.cli.commands import COMMANDS, run_command
from stoker.config.settings import Settings
from stoker.control.rundir import RunDir, ServerNote, write_file
from stoker.domain.keys import AccessKey
from stoker.wire.tokens import token_of


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("STOKER__"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")


def test_help_names_every_command_and_imports_none() -> None:
    source = (
        "import sys; from stoker.cli.commands import run_command; run_command(['--help']);"
        "print([n for n in sys.modules if n.split('.')[0] in {'structlog', 'sqlalchemy', 'rich', 'asyncio', 'msgspec'}])"
    )
    told = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    for name, (_, summary) in COMMANDS.items():
        assert f"  {name} " in told
        assert " ".join(summary.split()[:3]) in told
    assert told.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: stoker {name} ")


def test_the_supervisor_needs_little(tmp_path: Path) -> None:
    source = (
        "import sys, stoker.cli.up, stoker.control.starting;"
        "heavy = {'structlog', 'sqlalchemy', 'rich', 'starlette', 'uvloop', 'uvicorn', 'psutil'};"
        "print([name for name in sys.modules if name.split('.')[0] in heavy])"
    )
    found = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert found.stdout == "[]\n"


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([]) == 2
    assert capsys.readouterr().err.startswith("Usage: stoker [OPTIONS] COMMAND")


def test_help_of_env_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["env", "--help"]) == 0
    assert '\n  Use it as   eval "$(stoker env)"\n  or in fish  stoker env --format fish | source\n' in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["version"]) == 0
    assert capsys.readouterr().out == f"stoker {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(["nope"], 2, "There is no command 'nope'; there are up, down, restart, env,", id="unknown command"),
        pytest.param(["up", "--nope"], 2, "No such option '--nope'. (Try: stoker up --help)", id="unknown option"),
        pytest.param(["up", "--auth", "maybe"], 2, "Invalid value for '--auth': 'maybe' is not one of", id="not a choice"),
        pytest.param(["up", "--port", "x"], 2, "server.port must be a whole number from 0 to 65535, not 'x'", id="not a number"),
        pytest.param(["up", "--config", "no.toml"], 2, "There is no settings file no.toml.", id="no file"),
        pytest.param(["up", "--host", "0.0.0.0", "--auth", "off"], 2, "server.auth may be off on a loopback", id="open to all"),  # noqa: S104
        pytest.param(["env"], 1, "No server has run on ", id="env without server"),
        pytest.param(["status"], 1, "No server runs on ", id="status without server"),
        pytest.param(["hf", "endpoints", "ls"], 1, "No server runs on ", id="hf without server"),
        pytest.param(["logs", "x"], 1, "There is no log of 'x'; no copies run.", id="logs of nothing"),
        pytest.param(["logs"], 2, "Missing argument 'COMPONENT|COPY'.", id="logs of what"),
    ],
)
def test_errors_are_one_sentence(arguments: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(arguments) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"stoker: {message}")
    assert err.count("\n") == 1


def test_down_where_nothing_ran_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["down", "--data", str(tmp_path / "d")]) == 0
    assert capsys.readouterr().out == f"No server has run on {tmp_path / 'd'}.\n"
    assert not (tmp_path / "d").exists()


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run_command(["up", "--data", str(tmp_path / "file"), "--port", "0"]) == 1
    assert capsys.readouterr().err == f"stoker: The data directory {tmp_path / 'file'} cannot be used: File exists.\n"


def test_shown_settings_are_a_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stoker.toml"
    file.write_text(
        'data = "/tmp/über"\n[server]\nport = 1\n[[images]]\npattern = "*/x"\ncommand = ["x", "{port}"]\nenv = {TOKEN = "hush"}\n'
    )
    assert run_command(["config", "show", "--config", str(file)]) == 0
    shown = tomllib.loads(capsys.readouterr().out)
    settings = msgspec.convert(shown, Settings)
    assert (settings.data, settings.server.port) == ("/tmp/über", 1)
    assert settings.images[0].command == ["x", "{port}"]
    assert settings.images[0].env == {"TOKEN": "..."}


def test_settings_tell_where_they_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stoker.toml"
    file.write_text("[server]\nport = 1\n")
    monkeypatch.setenv("STOKER__SERVER__HOST", "::1")
    assert run_command(["config", "show", "--sources", "--config", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"port = 1  # file {file}" in lines
    assert 'host = "::1"  # environment STOKER__SERVER__HOST' in lines
    assert 'data = "~/.stoker"  # default' in lines


def server_note(tmp_path: Path) -> Path:
    """Leave what a server that ran has left."""
    run = RunDir(tmp_path / "d")
    run.create()
    note = ServerNote(pid=1, url="http://127.0.0.1:1", region="eu-west-1", auth="on")
    write_file(run.server, msgspec.json.encode(note))
    key = {"access_key_id": "AKIASTOKERAAAAAAAAAA", "secret_access_key": "s" * 40}
    write_file(run.data / "keys.json", msgspec.json.encode(key))
    return run.data


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [
        ("sh", "export AWS_ENDPOINT_URL=http://127.0.0.1:1", "unset AWS_SESSION_TOKEN AWS_PROFILE"),
        ("fish", "set -gx AWS_ENDPOINT_URL http://127.0.0.1:1;", "set -e AWS_PROFILE;"),
    ],
)
def test_env_speaks_shells(tmp_path: Path, form: str, first: str, last: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["env", "--data", str(server_note(tmp_path)), "--format", form]) == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[0], out.splitlines()[-1]) == (first, last)
    assert "AWS_REGION" in out
    assert err.startswith("stoker: no server runs on ")


def test_env_gives_json_and_the_data_directory_may_be_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STOKER__DATA", str(server_note(tmp_path)))
    assert run_command(["env", "--format", "json"]) == 0
    token = token_of(AccessKey(access_key_id="AKIASTOKERAAAAAAAAAA", secret="s" * 40))
    assert json.loads(capsys.readouterr().out) == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "AKIASTOKERAAAAAAAAAA",
        "AWS_SECRET_ACCESS_KEY": "s" * 40,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
        "OPENAI_API_KEY": token,
        "HF_TOKEN": token,
    }


def test_the_internal_command_is_not_for_people() -> None:
    command = [sys.executable, "-m", "stoker.cli.main", "internal"]
    bare = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (bare.returncode, bare.stdout) == (2, "")
    wrong = subprocess.run([*command, "control", "/nowhere"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 78
    assert wrong.stderr.startswith("stoker: control: This command is started by `stoker up` only: ")
    assert "Traceback" not in wrong.stderr

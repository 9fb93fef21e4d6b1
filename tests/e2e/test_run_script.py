"""`./run` as a person meets it: it helps, refuses what it does not know and says what a machine lacks."""

import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "run"
COMMANDS = ("demo", "test", "check", "bench", "stoker", "fix", "lock", "setup", "help")


def call(*arguments: str, script: Path = RUN, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = None if path is None else {"PATH": path}
    return subprocess.run(
        ["/bin/sh", str(script), *arguments], capture_output=True, text=True, check=False, timeout=30, env=environment
    )


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A copy of the script in an empty repository, and a PATH folder `bin` with the plain tools and no Python."""
    shutil.copy(RUN, tmp_path / "run")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "cat", "cksum"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


@pytest.mark.parametrize("word", ["help", "-h", "--help"])
def test_help_names_every_command(word: str) -> None:
    told = call(word)
    assert told.returncode == 0
    assert [command for command in COMMANDS if f"\n  {command} " not in told.stdout] == []


def test_an_unknown_command_is_named_and_nothing_is_made(bare_machine: Path) -> None:
    told = call("lunch", script=bare_machine / "run", path=str(bare_machine / "bin"))
    assert told.returncode == 2
    assert "'lunch'" in told.stderr
    assert not (bare_machine / ".venv").exists()


def test_a_machine_without_python_is_told_what_it_needs(bare_machine: Path) -> None:
    told = call("setup", script=bare_machine / "run", path=str(bare_machine / "bin"))
    assert told.returncode == 1
    assert "Python 3.11 or newer is needed" in told.stderr


def test_an_old_python_is_named(bare_machine: Path) -> None:
    old = bare_machine / "bin" / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.1" && exit 0\nexit 1\n')
    old.chmod(0o755)
    told = call("setup", script=bare_machine / "run", path=str(bare_machine / "bin"))
    assert told.returncode == 1
    assert "Python 3.8.1" in told.stderr
    assert not (bare_machine / ".run").exists()

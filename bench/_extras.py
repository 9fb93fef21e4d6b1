"""Programs that only the gateway's benchmark wants: each in an environment of its own in .run/bench, pinned with hashes."""

import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / ".run" / "bench"
PINS = ROOT / "requirements" / "bench"
EXTRAS = ("envoy", "ray", "litellm")


class InstallError(Exception):
    """An extra could not be installed; the text is the end of what the installer printed."""


def python_of(extra: str) -> Path | None:
    """Give the Python of an extra's environment, None when it is not there or not what is pinned."""
    python, made_from = STATE / extra / "bin" / "python", STATE / extra / "made-from"
    there = python.exists() and made_from.exists() and filecmp.cmp(PINS / f"{extra}.txt", made_from, shallow=False)
    return python if there else None


def version_of(extra: str) -> str:
    """Give the version of an extra's package, empty when it is not there. Asking the program itself can take half a minute."""
    python = python_of(extra)
    found = sorted((STATE / extra).glob(f"lib/python*/site-packages/{extra}-*.dist-info")) if python else []
    return found[0].name.removesuffix(".dist-info").replace("-", " ") if found else ""


def install(extra: str) -> None:
    """Make the environment of an extra, unless it is there. Raises `InstallError`."""
    if python_of(extra):
        return
    print(f"Installing {extra} into .run/bench/{extra} ...", file=sys.stderr)
    uv, pins, place = ROOT / ".run" / "uv" / "bin" / "uv", PINS / f"{extra}.txt", STATE / extra
    _do([str(uv), "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, str(place)])
    python = str(place / "bin" / "python")
    _do([str(uv), "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", python, str(pins)])
    shutil.copyfile(pins, place / "made-from")


def _do(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(f"{command[0]} {command[1]} failed:\n{done.stdout[-500:]}{done.stderr[-2000:]}")

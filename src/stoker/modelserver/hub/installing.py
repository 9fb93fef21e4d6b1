"""Installs a repository's requirements, where a setting lets it, once for each content of the file."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

from stoker.modelserver.report import log
from stoker.modelserver.script import LoadError

INSTALL_S = 1800.0
"""Seconds an installation may take."""
_INSTALLERS = (
    [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--target"],
    [os.path.join(os.path.dirname(sys.executable), "uv"), "pip", "install", "--quiet", "--python", sys.executable, "--target"],
    ["uv", "pip", "install", "--quiet", "--python", sys.executable, "--target"],
)


def install(requirements: str, place: str) -> None:
    """Have the packages in a directory below `place`, and that on `sys.path`; raises `LoadError` when that fails."""
    with open(requirements, "rb") as file:
        digest = hashlib.sha256(file.read() + sys.version.encode()).hexdigest()
    target = os.path.join(place, digest)
    if not os.path.isdir(target):
        log(f"installing {requirements} into {target}")
        os.makedirs(place, mode=0o700, exist_ok=True)
        fresh = tempfile.mkdtemp(prefix="new-", dir=place)
        try:
            _run(requirements, fresh)
            try:
                os.rename(fresh, target)
            except OSError:
                if not os.path.isdir(target):  # else another copy was first
                    raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    sys.path.append(target)  # last: what the server runs with stays as it is


def _run(requirements: str, target: str) -> None:
    said = "there is neither pip nor uv"
    for command in _INSTALLERS:
        try:
            done = subprocess.run(
                [*command, target, "-r", requirements], capture_output=True, text=True, timeout=INSTALL_S, check=False
            )
        except FileNotFoundError:
            continue
        except subprocess.TimeoutExpired:
            raise LoadError(f"{requirements} was not installed within {INSTALL_S:.0f} s") from None
        if done.returncode == 0:
            return
        said = done.stderr.strip()[-2000:]
        if "No module named pip" not in said:
            break
    raise LoadError(f"{requirements} cannot be installed: {said}")

"""Tests of the suite that are benchmarks when they run for long: the same test, told by its environment how long."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run_long(description: str | None, test: str, *, variable: str, option: str, default: float, what: str) -> int:
    """Run a test with an amount of the user's, `--option`, in a variable of its environment; give its exit status."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument(
        f"--{option}", type=type(default), default=default, dest="amount", help=f"{what} (default: {default:g})"
    )
    amount: float = arguments.parse_args().amount
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", test]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, variable: str(amount)}, check=False).returncode

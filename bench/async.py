"""Asynchronous requests are accepted at zero and worked off while control plane, gateways and copies are killed at random.

It runs the test of the same name with ten thousand requests (`--requests`) and prints what became of them.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the test and give its exit status."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--requests", type=int, default=10_000, help="requests to send (default: 10000)")
    requests: int = arguments.parse_args().requests
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", "tests/e2e/test_async_killed.py"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "ASYNC_REQUESTS": str(requests)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

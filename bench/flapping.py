"""Copies, gateways and the control plane come and go under load, and every invocation is accounted for.

It runs the test of the same name for two minutes (`--seconds`) and prints its counts.
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
    arguments.add_argument("--seconds", type=float, default=120.0, help="how long everything comes and goes (default: 120)")
    seconds: float = arguments.parse_args().seconds
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", "tests/e2e/test_flapping.py"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "FLAPPING_S": str(seconds)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

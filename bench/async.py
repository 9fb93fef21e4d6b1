"""Asynchronous requests are accepted at zero and worked off while control plane, gateways and copies are killed at random.

It runs the test of the same name with ten thousand requests (`--requests`) and prints what became of them.
"""

import sys

from _long_tests import run_long

if __name__ == "__main__":
    sys.exit(
        run_long(
            __doc__,
            "tests/e2e/test_async_killed.py",
            variable="ASYNC_REQUESTS",
            option="requests",
            default=10_000,
            what="requests to send",
        )
    )

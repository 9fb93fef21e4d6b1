"""Copies, gateways and the control plane come and go under load, and every invocation is accounted for.

It runs the test of the same name for two minutes (`--seconds`) and prints its counts.
"""

import sys

from _long_tests import run_long

if __name__ == "__main__":
    sys.exit(
        run_long(
            __doc__,
            "tests/e2e/test_flapping.py",
            variable="FLAPPING_S",
            option="seconds",
            default=120.0,
            what="how long everything comes and goes",
        )
    )

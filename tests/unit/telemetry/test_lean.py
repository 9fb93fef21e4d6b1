"""The server's processes import nothing for pictures that they never draw."""

import subprocess
import sys

CODE = """
import sys
from stoker.telemetry.lean import import_structlog
import_structlog()
import stoker.gateway.process
import stoker.telemetry.logs
stoker.telemetry.logs.configure_logs("info")
try:
    raise ValueError("what a log tells of")
except ValueError:
    stoker.telemetry.logs.structlog.get_logger().exception("call_failed")
print([name for name in sys.modules if name.startswith("rich")])
import rich.console
"""


def test_a_gateway_logs_without_rich() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "[]\n"
    assert "what a log tells of" in done.stderr

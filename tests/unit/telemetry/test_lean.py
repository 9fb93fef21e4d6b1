"""The server's processes import nothing for pictures that they never draw."""

import subprocess
import sys

import pytest

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
print([name for name in sys.modules if name.startswith(("rich", "greenlet"))])
import rich.console
"""


def test_a_gateway_logs_without_rich() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "[]\n"
    assert "what a log tells of" in done.stderr


PARTS = {
    "a gateway": "stoker.gateway.process, stoker.config.hosts",
    "the control plane": "stoker.control.plane, stoker.runtimes.process.runtime",
}
UNWANTED = {
    "a gateway": ("psutil", "prometheus_client", "tomllib", "stoker.runtimes.process.runtime", "stoker.decisions.policies"),
    "the control plane": ("psutil", "prometheus_client"),
}


@pytest.mark.parametrize("process", PARTS)
def test_what_is_needed_later_or_never_is_not_imported_at_the_start(process: str) -> None:
    """It would be a tenth of what a start costs."""
    code = f"import sys; import stoker.cli.internal, stoker.app, {PARTS[process]}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert sorted(set(UNWANTED[process]) & set(done.stdout.split())) == []

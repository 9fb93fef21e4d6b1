"""Runs a gateway as a process, for tests: `python gateway_process.py FOLDER PORT PARENT_FD AUTH [SETTINGS]`.

Prints the port it listens on. SETTINGS is the JSON of `[gateway]`.
"""

import sys

import msgspec
import structlog

from stoker.config.settings import Gateway
from stoker.domain.ids import Partition
from stoker.gateway.process import GatewayOptions, main
from stoker.wire.aws.authenticator import gateway_checks
from stoker.wire.aws.invocations import AwsRuntimeFace


def run() -> int:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    folder, port, parent, auth = sys.argv[1:5]
    options = GatewayOptions(
        gateway="g1",
        link_path=f"{folder}/link.sock",
        control_path=f"{folder}/control.sock",
        port=int(port),
        parent_fd=int(parent) if parent != "-" else None,
        drain_s=5.0,
        sweep_s=0.05,
        settings=msgspec.json.decode(sys.argv[5], type=Gateway) if len(sys.argv) > 5 else Gateway(),
    )

    def started(_host: str, found: int) -> None:
        print(found, flush=True)  # noqa: T201 - this is what the test waits for

    return main(options, [AwsRuntimeFace(Partition())], gateway_checks(Partition()) if auth == "on" else None, started=started)


if __name__ == "__main__":
    sys.exit(run())

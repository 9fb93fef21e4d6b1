"""Runs a Stoker of the demo's own on a free port with a fast clock, and makes clients for it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

READY = re.compile(r"stoker is ready on (http://\S+)")
STOP_S = 60


class Server:
    """A running Stoker: its address, its clients, its status."""

    def __init__(self, address: str, data: Path, environment: dict[str, str], pid: int) -> None:
        self.address = address
        self.pid = pid
        self.data = data
        self.environment = environment

    def client(self, service: str, **config: Any) -> Any:
        """Give a boto3 client; nothing about it is Stoker's but the endpoint and the keys."""
        return boto3.client(
            service,
            endpoint_url=self.address,
            region_name=self.environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=64, retries={"total_max_attempts": 1}, **config),
        )

    def status(self) -> dict[str, Any]:
        """Give the platform's own picture of itself."""
        with urllib.request.urlopen(f"{self.address}/stoker/status", timeout=10) as reply:
            status: dict[str, Any] = json.load(reply)
        return status


@contextmanager
def running(data: Path, *, clock_speed: float, flags: tuple[str, ...] = ()) -> Iterator[Server]:
    """Start `stoker up`, wait for its ready line, and stop it at the end; a platform that does not stop cleanly is an error."""
    stoker = [sys.executable, "-m", "stoker.cli.main"]
    command = [*stoker, "up", "--port", "0", "--data", str(data), "--clock-speed", str(clock_speed), *flags]
    log = (data / "server.log").open("ab")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ.copy())
    try:
        found = READY.search(process.stdout.readline() if process.stdout else "")
        if found is None:
            raise RuntimeError(f"stoker did not get ready:\n{(data / 'server.log').read_text()[-4000:]}")
        exports = subprocess.run(
            [*stoker, "env", "--data", str(data), "--format", "json"], capture_output=True, text=True, check=True
        )
        yield Server(found.group(1), data, json.loads(exports.stdout), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            log.close()
            if process.stdout is not None:
                process.stdout.close()
    if code != 0:
        raise RuntimeError(f"stoker ended with exit code {code}:\n{(data / 'server.log').read_text()[-4000:]}")

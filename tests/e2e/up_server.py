"""A server as users start it, `stoker up` in a process of its own, with an end that leaves nothing behind."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

COMMAND = (sys.executable, "-m", "stoker.cli.main")
READY_S = 20.0


def stoker(*arguments: str, timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=timeout)


def processes(data: Path) -> dict[int, str]:
    """Give the living processes whose command line names the data directory, each with its command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if any(word.startswith(os.fsencode(data)) for word in words):
                    found[int(entry.name)] = b" ".join(words).decode()
    return found


def until(condition: Callable[[], bool], what: str, most_s: float = 10.0) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < end, f"not within {most_s} s: {what}"
        time.sleep(0.01)


class Server:
    """One `stoker up` on a free port."""

    def __init__(self, data: Path, log_file: Path, *flags: str) -> None:
        self.data = data
        self.log = log_file
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "up", "--data", str(data), "--port", "0", *flags],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.ready_line = self._read_line()
        self.url = self.ready_line.rpartition(" ")[2].strip()

    def _read_line(self) -> str:
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], READY_S)
        line = self.process.stdout.readline() if readable else ""
        assert line, f"no ready line; the log says: {self.log.read_text()}"
        return line

    def get(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(self.url + path, timeout=15) as reply:  # noqa: S310 - our own server's
            return reply.status, reply.read()

    def child(self, name: str) -> int:
        """Give the process id of a child (`control`, `gateway-1`)."""
        return next((pid for pid, command in processes(self.data).items() if f"internal {name} " in command), 0)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; give the exit status and what it printed after its ready line."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=20)
        return self.process.returncode, rest

    def kill(self) -> None:
        """End the supervisor a test has left, by force; its children follow."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def servers() -> Iterator[tuple[Path, Callable[..., Server]]]:
    """Give a data directory with a short path and what starts a server on it or elsewhere; all are ended after."""
    place = Path(tempfile.mkdtemp(prefix="sk", dir="/tmp"))
    started: list[Server] = []

    def start(*flags: str, data: Path = place / "d") -> Server:
        server = Server(data, place / "log", *flags)
        started.append(server)
        return server

    try:
        yield place / "d", start
    finally:
        for server in started:
            server.kill()
        end = time.monotonic() + 10
        while (left := processes(place)) and time.monotonic() < end:
            time.sleep(0.02)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(place, ignore_errors=True)

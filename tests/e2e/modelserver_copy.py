"""A real model server process over a directory of handler code, for the tests, and a gate the handler can wait at."""

import http.client
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

MAIN = Path(__file__).resolve().parents[2] / "src/stoker/modelserver/__main__.py"
PATIENCE_S = 20.0
SOCKET_DIR = "/tmp"  # a unix socket's path must be short


class Copy:
    """The process, its directory, and ways to talk to it."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.process = process
        self.socket = folder / "s"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def connect(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(PATIENCE_S)
        try:
            sock.connect(str(self.socket))
        except OSError:
            sock.close()
            raise
        return sock

    def wait_for_ping(self, status: int = 200) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/ping").status == status:
                    return
            except OSError:
                pass
            select.select([], [], [], 0.002)
        raise AssertionError(f"no ping with {status}; the log says:\n{self.log}")

    def get(self, path: str) -> http.client.HTTPResponse:
        with self.connect() as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: copy\r\n\r\n".encode())
            return answer(sock)[0]

    def post(self, body: bytes, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        with self.connect() as sock:
            sock.sendall(request(body, **headers))
            return answer(sock)

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_S)


def request(body: bytes, path: str = "/invocations", **headers: str) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: copy", f"Content-Length: {len(body)}"]
    head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + body


def answer(sock: socket.socket, method: str = "POST") -> tuple[http.client.HTTPResponse, bytes]:
    """Read one reply wholly. Only for one reply at a time: the reader may take bytes of the next with it."""
    reply = http.client.HTTPResponse(sock, method=method)
    reply.begin()
    return reply, reply.read()


def ask(copy: Copy, body: object) -> tuple[int, object]:
    """Send JSON as clients of Hugging Face's send it; give the status and what comes back."""
    with copy.connect() as sock:
        sock.sendall(request(json.dumps(body).encode(), "/", Content_Type="application/json"))
        reply, said = answer(sock)
        return reply.status, json.loads(said)


def started_reply(sock: socket.socket) -> http.client.HTTPResponse:
    """Read a reply's head."""
    reply = http.client.HTTPResponse(sock, method="POST")
    reply.begin()
    return reply


@contextmanager
def running(
    files: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    *,
    ready: bool = True,
    command: tuple[str, ...] = (str(MAIN),),
) -> Iterator[Copy]:
    """Start a copy over `files` (path in the model directory to source); it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="copy-", dir=SOCKET_DIR))
    for name, source in files.items():
        path = folder / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
    (folder / "model").mkdir(exist_ok=True)
    settings = {
        "PATH": os.environ["PATH"],
        "SM_MODEL_DIR": str(folder / "model"),
        "STOKER_SOCKET": str(folder / "s"),
        "GATE": str(folder / "gate"),
        **(environment or {}),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *command], env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        copy = Copy(folder, process)
        if ready:
            copy.wait_for_ping()
        yield copy
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


class Gate:
    """Where a handler stops: it tells a line, and goes on when let."""

    # What handlers put at their top to use it.
    SOURCE = """
import os, socket

def stop(line):
    with socket.socket(socket.AF_UNIX) as gate:
        gate.connect(os.environ["GATE"])
        gate.sendall(line.encode() + b"\\n")
        return gate.recv(1)
"""

    def __init__(self, copy: Copy) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.settimeout(PATIENCE_S)
        self._listener.bind(str(copy.folder / "gate"))
        self._listener.listen(64)
        self._visitors: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for visitor in self._visitors:
            visitor.close()

    def arrival(self) -> tuple[str, socket.socket]:
        """Wait for the next handler to come to the gate; give its line, and the socket that lets it go on."""
        visitor, _ = self._listener.accept()
        self._visitors.append(visitor)
        visitor.settimeout(PATIENCE_S)
        line = b""
        while not line.endswith(b"\n"):
            line += visitor.recv(4096)
        return line.decode().strip(), visitor

    @staticmethod
    def let(visitor: socket.socket) -> None:
        visitor.sendall(b"!")
        visitor.close()

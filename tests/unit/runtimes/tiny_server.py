"""A model server for tests that starts in milliseconds and misbehaves as told by the variable TINY.

Run as `python tiny_server.py PORT`. Files it makes lie in its working directory.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

BEHAVIOUR = os.environ.get("TINY", "good")


def answer(connection: socket.socket) -> None:
    with connection:
        connection.settimeout(5)
        path = connection.recv(4096).split(b" ")[1:2]
        body = b""
        status = b"200 OK"
        if path == [b"/env"]:
            body = "\n".join(f"{name}={value}" for name, value in sorted(os.environ.items())).encode()
        elif BEHAVIOUR == "sick" and Path("sick").exists():
            status = b"500 Sick"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def child(program: str, *, own_session: bool = False) -> None:
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=own_session)
    with Path("children").open("a") as file:
        file.write(f"{process.pid}\n")


def before_listening() -> None:
    match BEHAVIOUR:
        case "exits":
            sys.stderr.write("the weights are torn\n")
            sys.exit(3)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "never_listens":
            time.sleep(600)
        case "loses_port" if not Path("tried").exists():
            Path("tried").touch()
            sys.stderr.write("OSError: [Errno 98] Address already in use\n")
            sys.exit(1)
        case "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        case "children":
            child("import time; time.sleep(600)")
            child("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)", own_session=True)
        case "greedy":
            hoard = [bytearray(1 << 20) for _ in range(512)]
            sys.exit(0 if hoard else 1)
        case _:
            pass


def main() -> None:
    before_listening()
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", int(sys.argv[1])))
    server.listen()
    if BEHAVIOUR == "chatty":
        sys.stdout.write("".join(f"line {number:06d} of many\n" for number in range(20_000)))
        sys.stdout.flush()
    while True:
        connection, _ = server.accept()
        if BEHAVIOUR == "mute":
            time.sleep(600)
        answer(connection)


main()

"""The public listener: bound by the supervisor, so that a port in use is told at once, and kept open while a gateway restarts.

Each gateway gets a socket of its own on the same port (SO_REUSEPORT), so that the kernel spreads connections. Because the
supervisor holds the sockets too, connections that arrive while a gateway is being started again wait in its queue.
"""

import errno
import socket
import sys
from collections.abc import Sequence

from stoker.control.rundir import StartError

BACKLOG = 1024
"""Connections that may wait to be accepted, for each gateway."""


def open_listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """Give `count` listening sockets on one port (0: a free one is taken). Raises `StartError` that says why not.

    Where the kernel does not spread connections over sockets (everywhere but on Linux) it is one socket, for all.
    """
    family, address = _resolve(host, port)
    sockets: list[socket.socket] = []
    try:
        for _ in range(count if sys.platform == "linux" else 1):
            sockets.append(_bind(family, address, shared=bool(sockets)))
            address = sockets[0].getsockname()
        for opened in sockets:
            opened.listen(BACKLOG)
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise StartError(_reason(error, host, port)) from error
    return sockets


def url_of(host: str, port: int) -> str:
    """Give the URL of a listener; IPv6 addresses go in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def reachable(host: str) -> str:
    """Give the host that clients on this machine use for a listener on `host`, which may be a wildcard."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _resolve(host: str, port: int) -> tuple[int, object]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise StartError(f"The host {host} is not known: {error.strerror}.") from error
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)  # `localhost` is 127.0.0.1 for most clients
    return found[0][0], found[0][4]


def _bind(family: int, address: object, *, shared: bool) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            opened.bind(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        else:
            # The first binds alone, and shares only after that: so another server's port is refused, even one that shares.
            opened.bind(address)  # type: ignore[arg-type]
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except BaseException:
        opened.close()
        raise
    return opened


def close_all(sockets: Sequence[socket.socket]) -> None:
    """Close the sockets."""
    for opened in sockets:
        opened.close()


def _reason(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is in use by another program; choose another with --port (0 takes a free one)."
        case errno.EACCES:
            return f"Port {port} on {host} may not be used without more privileges; choose one above 1023 with --port."
        case errno.EADDRNOTAVAIL:
            return f"{host} is not an address of this machine; choose another with --host."
        case _:
            return f"The server cannot listen on port {port} of {host}: {error.strerror}."

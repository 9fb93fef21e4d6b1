"""Ports of 127.0.0.1 for copies that cannot listen on a unix socket.

A lease names a port that nobody listened on a moment ago and that no other copy of ours was given. Ports come from below
the kernel's range for outgoing connections (32768 and up on Linux), which would else take one between lease and use.
Somebody outside may still do so: then the copy fails to listen, or a stranger answers, and the start is tried on another port.
"""

import os
import socket

from stoker.errors import LimitError

FIRST, COUNT = 20_000, 10_000


class PortLeases:
    """The ports given out; each call to `lease` moves on, so that a port just freed is not given again at once."""

    __slots__ = ("_next", "_taken")

    def __init__(self) -> None:
        self._next = os.getpid() * 61 % COUNT  # two platforms on one machine begin at different places
        self._taken: set[int] = set()

    def lease(self) -> int:
        """Give a port; `LimitError` when all are in use."""
        for _ in range(COUNT):
            port = FIRST + self._next
            self._next = (self._next + 1) % COUNT
            if port not in self._taken and _is_free(port):
                self._taken.add(port)
                return port
        message = f"All ports from {FIRST} to {FIRST + COUNT - 1} of 127.0.0.1 are in use."
        raise LimitError(message, limit="ports", maximum=COUNT)

    def hold(self, port: int) -> None:
        """Take note of a port that an adopted copy has already."""
        self._taken.add(port)

    def release(self, port: int) -> None:
        """Give a port back; one that was not leased is no error."""
        self._taken.discard(port)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        # As servers do: a port whose last connections linger in TIME_WAIT is free, one that somebody listens on is not.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

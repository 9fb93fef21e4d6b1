"""One ping: a GET on a raw socket of the running loop, without threads, pools or parsers.

While a copy starts it is asked every few milliseconds, so a try that finds nobody must cost next to nothing.
"""

import asyncio
import errno
import os
import socket

import msgspec

NOBODY = 0
"""Status of a try that found nobody listening."""
NO_ANSWER = -1
"""Status of a try that connected and got no HTTP answer in time."""
HEALTHY = 200

_STATUS_LINE = 12  # b"HTTP/1.1 200"
_MOST_HEAD = 4096
_VERSION = b"HTTP/1."


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a copy listens: a unix socket's path, or a TCP port of 127.0.0.1 when `socket` is empty.

    One with both is asked at the socket; behind it, its multi-model container listens on the port.
    """

    socket: str = ""
    port: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a ping found: an HTTP status, `NOBODY` or `NO_ANSWER`, and in `trouble` why it is not healthy.

    `late` when the copy listens and its answer merely did not come in time.
    """

    status: int
    trouble: str = ""
    late: bool = False


async def ping(address: Address, path: str, timeout_s: float) -> Answer:
    """Ask the copy once and say what it answered; every failure is an answer, none raises.

    Without a path it is enough that somebody listens.
    """
    family = socket.AF_UNIX if address.socket else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)  # noqa: FBT003 - the name says which
        connected = False
        try:
            async with asyncio.timeout(timeout_s):
                loop = asyncio.get_running_loop()
                await loop.sock_connect(sock, address.socket or ("127.0.0.1", address.port))
                connected = True
                if not path:
                    return Answer(status=HEALTHY)
                head = await _exchange(loop, sock, path)
        except TimeoutError:
            return Answer(status=NO_ANSWER, trouble=f"its ping got no answer within {timeout_s:g} s", late=True)
        except OSError as error:
            status = NO_ANSWER if connected else NOBODY
            what = "broke off its ping" if connected else "does not listen"
            cause = os.strerror(error.errno) if error.errno else str(error)
            full = error.errno == errno.EAGAIN  # a unix socket's queue of those who wait to be accepted
            return Answer(status=status, trouble=f"it {what} ({cause})", late=full)
    return _read_status(head)


async def _exchange(loop: asyncio.AbstractEventLoop, sock: socket.socket, path: str) -> bytes:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: stoker-ping\r\nConnection: close\r\n\r\n"
    await loop.sock_sendall(sock, request.encode("latin-1"))
    head = b""
    # The whole head is taken, so that a server which writes it in pieces meets no broken connection to complain of.
    while len(head) < _MOST_HEAD and b"\r\n\r\n" not in head and _VERSION.startswith(head[: len(_VERSION)]):
        piece = await loop.sock_recv(sock, _MOST_HEAD)
        if not piece:
            break
        head += piece
    return head


def _read_status(head: bytes) -> Answer:
    if not head:
        return Answer(status=NO_ANSWER, trouble="it closed its ping without an answer")
    digits = head[9:_STATUS_LINE]
    if not head.startswith(_VERSION) or not digits.isdigit():
        return Answer(status=NO_ANSWER, trouble="its ping was not answered in HTTP/1")
    status = int(digits)
    return Answer(status=status, trouble="" if status == HEALTHY else f"its ping was answered with status {status}")

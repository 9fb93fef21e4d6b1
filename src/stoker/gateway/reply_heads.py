"""Heads of replies that are known again: a small reply comes whole in one read, and often with a head that was seen before."""

import re
from typing import Final

MAX_KNOWN_HEADS: Final = 256
MAX_KNOWN_HEAD: Final = 2048
"""Bytes of a head beyond which it is not remembered."""
END: Final = b"\r\n\r\n"
FINAL: Final = 200
"""The first status of a reply that is not an interim one."""
BODYLESS: Final = frozenset({204, 304})
_FRAMING = frozenset({b"transfer-encoding", b"upgrade"})
_PLAIN_HEAD = re.compile(rb"HTTP/1\.1 [1-9][0-9]{2} [ -~]*(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*)+")


class ReplyHead:
    """The head of a reply that has a length and leaves its connection open.

    `starts` is for the reply's reader, to remember what it made of the head, and `start` what it made of it last, for `target`.
    """

    __slots__ = ("headers", "length", "reader", "start", "starts", "status", "target")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], length: int) -> None:
        self.status = status
        self.headers = headers
        self.length = length
        self.starts: dict[object, bytes] = {}
        self.start = b""
        self.reader: object = None
        self.target: object = None


class Heads:
    """Reads the heads of plain replies, and remembers those it has read. What it gives None for is for the parser to judge.

    Plain is a final status with a body, one length, no transfer coding, and nothing said of the connection but that it stays.
    `same_head` is that of the last reply that came whole, which had `same_size` bytes and began with `same`: the next one often
    is like it.
    """

    __slots__ = ("known", "same", "same_head", "same_size")

    def __init__(self) -> None:
        self.known: dict[bytes, ReplyHead] = {}
        self.same = b""
        self.same_size = -1
        self.same_head: ReplyHead | None = None

    def whole(self, data: bytes, end: int) -> ReplyHead | None:
        """Give the head of a reply that is these bytes, its body from `end` on; None when it is not whole, or for the parser."""
        if end < len(END):
            return None
        head = self.known.get(data[: end - len(END)]) or self.read(data[: end - len(END)])
        if head is None or head.length != len(data) - end:
            return None
        self.same, self.same_size, self.same_head = data[:end], len(data), head
        return head

    def read(self, head: bytes) -> ReplyHead | None:
        """Give the head that these bytes are, which come before an empty line; None when they are not plain."""
        known = self.known.get(head)
        if known is None:
            known = _plain_head(head)
            if known is not None:
                if len(self.known) >= MAX_KNOWN_HEADS:
                    self.known.clear()
                self.known[head] = known
        return known


def _plain_head(head: bytes) -> ReplyHead | None:
    if len(head) > MAX_KNOWN_HEAD or _PLAIN_HEAD.fullmatch(head) is None:
        return None
    first, *lines = head.split(b"\r\n")
    status = int(first[9:12])
    headers = []
    length = -1
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        value = value.strip()
        if name == b"content-length":
            if length >= 0 or not value.isdigit():
                return None
            length = int(value)
        elif name in _FRAMING or (name == b"connection" and value.lower() != b"keep-alive"):
            return None
        headers.append((name, value))
    if length < 0 or status < FINAL or status in BODYLESS:
        return None
    return ReplyHead(status, headers, length)

"""The short way for most invocations: a small request that one read brings whole, in the plainest form HTTP has.

What it declines goes the long way, through the parser.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from stoker.gateway.face import Face
from stoker.gateway.invocation import Run, tail_of
from stoker.gateway.plain_heads import MAX_HEAD, Form, PlainHeads, Plan

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.core import Core
    from stoker.gateway.head import Head

MAX_KNOWN: Final = 256
MAX_KNOWN_HEAD: Final = 2048
"""Bytes of a head beyond which its meaning is not remembered."""
MAX_SEEN: Final = 1024
_NEVER: Final = float("inf")
_END = b"\r\n\r\n"


class Express:
    """Takes requests the short way. `max_body` is the largest body in bytes."""

    __slots__ = ("_core", "_heads", "_max_body", "_plans", "_seen")

    def __init__(self, core: "Core", faces: Sequence[Face], *, max_body: int, max_head: int) -> None:
        self._core = core
        self._heads = PlainHeads(faces, max_head=max_head)
        self._max_body = max_body
        self._plans: dict[bytes, Plan] = {}
        self._seen: set[int] = set()

    def take(self, connection: "Connection", data: bytes) -> bool:
        """Begin to serve the request that these bytes are, the first after the one before; False when they must be parsed."""
        end = data.find(_END)
        if not 0 < end <= MAX_HEAD:
            return False
        begun_ns = time.monotonic_ns()
        raw = data[:end]
        body = data[end + 4 :]
        plan = self._plans.get(raw)
        if plan is None:
            return self._take_unknown(connection, raw, body, begun_ns)
        if plan.head.first[b"content-length"] != b"%d" % len(body):
            return False
        connection.request = plan.request
        connection.deadline = _NEVER
        connection.handler = run = Run(self._core, connection, plan.head, plan.face, body, begun_ns=begun_ns, plain=True)
        run.tail = plan.tail
        run.begin(plan.invocation)
        return True

    def _take_unknown(self, connection: "Connection", raw: bytes, body: bytes, begun_ns: int) -> bool:
        """Take a request with a new head, which often is much like that of the same client's request before."""
        form = connection.form
        head = None if form is None else form.read(raw)
        if form is None or head is None:
            plan = self._heads.read(raw)
            if plan is None:
                return False
            head = plan.head
            form = connection.form = self._heads.form(raw, plan)
        else:
            plan = form.plan
        if len(body) > self._max_body or head.first[b"content-length"] != b"%d" % len(body):
            return False
        connection.request = plan.request
        connection.deadline = _NEVER
        connection.handler = run = Run(self._core, connection, head, plan.face, body, begun_ns=begun_ns, plain=True)
        if form is None:
            run.begin()
        else:
            run.begin(form.plan.invocation, renew=True)
            if form.steady:
                self._see(raw, head, len(body), form)
        return True

    def _see(self, raw: bytes, head: "Head", length: int, form: Form) -> None:
        """Remember a head that comes for the second time: most of those that come once never come again."""
        digest = hash(raw)
        if digest not in self._seen:
            if len(self._seen) >= MAX_SEEN:
                self._seen.clear()
            self._seen.add(digest)
        elif len(raw) <= MAX_KNOWN_HEAD and form.plan.invocation is not None:
            plan = Plan(form.plan.face, head, form.plan.invocation)
            plan.tail = tail_of(form.plan.invocation, length)
            if len(self._plans) >= MAX_KNOWN:
                self._plans.clear()
            self._plans[raw] = plan

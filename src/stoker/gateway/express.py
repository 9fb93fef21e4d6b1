"""The short way for most invocations: a small request that comes at once, in the plainest form HTTP has.

What it declines goes the long way, through the parser.
"""

import time
from collections.abc import Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from stoker.gateway.authentic import understood
from stoker.gateway.errand import tail_of
from stoker.gateway.face import Face
from stoker.gateway.invocation import Run
from stoker.gateway.plain_heads import MAX_HEAD, Form, PlainHeads, Plan

if TYPE_CHECKING:
    from stoker.gateway.connection import Connection
    from stoker.gateway.core import Core

MAX_AWAITED_DIGITS: Final = 5
"""Digits in the length of a body that the short way waits for."""
_NEVER: Final = float("inf")
_END = b"\r\n\r\n"


class Express:
    """Takes requests the short way. `max_body` is the largest body in bytes, `wait_s` how long one is waited for."""

    __slots__ = ("_core", "_heads", "_max_body", "_wait_s")

    def __init__(self, core: "Core", faces: Sequence[Face], *, max_body: int, max_head: int, wait_s: float) -> None:
        self._core = core
        self._heads = PlainHeads(faces, max_head=max_head)
        self._max_body = max_body
        self._wait_s = wait_s

    def take(self, connection: "Connection", data: bytes) -> bool:
        """Begin to serve the request that these bytes are, the first after the one before; False when they must be parsed."""
        begun_ns = connection.early_ns or time.monotonic_ns()
        form = connection.form
        if (
            form is not None
            and len(data) == form.same_size
            and (compare_digest(data[: form.same_end], form.same) if form.secret else data.startswith(form.same))
        ):
            values, tail = form.same_values, form.same_tail
            body = data[form.same_end :]
        else:
            found = self._read(connection, data, begun_ns)
            if isinstance(found, bool):
                return found
            form, values, body = found
            tail = b""
        core = self._core
        plan = form.plan
        connection.request = plan.request
        connection.deadline = _NEVER
        connection.handler = run = Run(core, connection, plan.face, body, begun_ns)
        run.plain = True
        invocation, key, principal = form.fixed, "", ""
        if invocation is None or core.authenticator is not None or not core.ready:
            known = understood(core, form, values, body)
            if known is None:
                run.head = form.head(values)
                run.begin()
                return True
            invocation, key, principal = known
        if invocation.body is not None:
            run.body = invocation.body
            tail = tail_of(invocation, len(run.body))
        elif not tail:
            tail = b"%scontent-length: %s\r\n\r\n" % (invocation.headers, values[form.length_at])
            if form.steady:
                form.keep(data, values, tail)
        run.set_out(invocation, key, principal, tail)
        return True

    def _read(self, connection: "Connection", data: bytes, begun_ns: int) -> tuple[Form, tuple[bytes, ...], bytes] | bool:
        """Give the form of a head, its values and the body; a bool where there is nothing more to do, which `take` is to give."""
        form = connection.form
        values = None if form is None else form.read(data)
        if form is None or values is None:
            found = self._other(connection, data, begun_ns)
            if isinstance(found, bool):
                return found
            form, values = found
        body = data[form.end :]
        length = values[form.length_at]
        if length != b"%d" % len(body) or len(body) > self._max_body:
            return self._await_body(connection, data, body, length, begun_ns)
        return form, values, body

    def _other(self, connection: "Connection", data: bytes, begun_ns: int) -> tuple[Form, tuple[bytes, ...]] | bool:
        """Find the form of a head that has another one than the same client's request before, and its values.

        True when the request of a head that has none was taken, False when it must be parsed.
        """
        end = data.find(_END)
        if not 0 < end <= MAX_HEAD:
            return False
        heads = self._heads
        form = heads.known(data, end)
        if form is None:
            raw = data[:end]
            plan = heads.read(raw)
            if plan is None:
                return False
            form = heads.form(raw, plan)
            if form is None:
                return self._take_new(connection, plan, data, data[end + len(_END) :], begun_ns)
        values = form.read(data)
        if values is None:
            return False
        connection.form = form
        return form, values

    def _take_new(self, connection: "Connection", plan: Plan, data: bytes, body: bytes, begun_ns: int) -> bool:
        """Take a request with a head unlike any that came lately."""
        length = plan.head.first[b"content-length"]
        if length != b"%d" % len(body) or len(body) > self._max_body:
            return self._await_body(connection, data, body, length, begun_ns)
        connection.request = plan.request
        connection.deadline = _NEVER
        connection.handler = run = Run(self._core, connection, plan.face, body, begun_ns)
        run.plain = True
        run.head = plan.head
        run.begin()
        return True

    def _await_body(self, connection: "Connection", data: bytes, body: bytes, length: bytes, begun_ns: int) -> bool:
        """Wait for the body of a head that came alone, as from clients that send the two one after the other.

        Only once, and only for a small one: False for what comes in more pieces, which is the parser's.
        """
        if body or connection.early_ns or len(length) > MAX_AWAITED_DIGITS or not length.isdigit():
            return False
        if not 0 < int(length) <= self._max_body:
            return False
        connection.early = data
        connection.early_ns = begun_ns
        connection.allow(self._wait_s)
        return True

"""Cooldowns: for how long after a completed activity a policy waits, and what counts meanwhile.

A scale-out within the scale-out cooldown counts what that window added already: after +2, a wish for +3 adds 1. A scale-in
within the scale-in cooldown waits. A scale-out never waits for a scale-in's cooldown and ends it. The clock starts when an
activity completes.
"""

import msgspec

from stoker.units import Instant, Span


class Cooldown(msgspec.Struct, frozen=True, kw_only=True):
    """A policy's cooldowns: until when each lasts (0: none), and what was added within the scale-out's."""

    out_until: Instant = 0
    out_added: int = 0
    in_until: Instant = 0


def credit(cooldown: Cooldown, now: Instant) -> int:
    """Give how much a scale-out now has had already."""
    return cooldown.out_added if now < cooldown.out_until else 0


def in_wait(cooldown: Cooldown, now: Instant) -> Span:
    """Give how long a scale-in must wait yet; 0 when it need not."""
    return max(0, cooldown.in_until - now)


def after_out(cooldown: Cooldown, added: int, span: Span, now: Instant) -> Cooldown:
    """Give the cooldowns once a scale-out of `added` completed: its window begins, or goes on with what it added before."""
    return msgspec.structs.replace(cooldown, out_until=now + span, out_added=credit(cooldown, now) + added)


def after_in(cooldown: Cooldown, span: Span, now: Instant) -> Cooldown:
    """Give the cooldowns once a scale-in completed."""
    return msgspec.structs.replace(cooldown, in_until=now + span)


def out_begins(cooldown: Cooldown) -> Cooldown:
    """Give the cooldowns when a scale-out begins: it ends a scale-in's."""
    return msgspec.structs.replace(cooldown, in_until=0)

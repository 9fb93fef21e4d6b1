"""Where the time of a held invocation went, for the Server-Timing header of its reply."""

from collections.abc import Sequence
from typing import Final

from stoker.units import MILLISECOND, Instant, Span

_LABELS: Final = {
    "created": "decide",
    "placed": "place",
    "fetched": "fetch",
    "spawned": "spawn",
    "listening": "boot",
    "ready": "load",
}
"""A phase of a copy's start: the name of the time that led up to it. `boot` ends when the model server listens."""


def cold_start(phases: Sequence[tuple[str, Instant]], *, waited: Span, handed: Instant, speed: float) -> list[tuple[str, Span]]:
    """Give how a wait of `waited` real ns that ended at `handed` was spent, as real spans, in order.

    `phases` and `handed` are instants of the platform's clock, which is `speed` times as fast. Only what lies within the wait
    counts: a copy that was starting already when the invocation came shows the rest of its start. Empty when none does.
    """
    start = handed - round(waited * speed)
    out: list[tuple[str, Span]] = []
    for name, at in phases:
        end = min(at, handed)
        if end > start:
            out.append((_LABELS.get(name, name), round((end - start) / speed)))
            start = end
    if out and handed > start:
        out.append(("route", round((handed - start) / speed)))
    return out


def server_timing(phases: Sequence[tuple[str, Span]]) -> bytes:
    """Give a Server-Timing header line; spans in ns, shown in ms."""
    told = ", ".join(f"{name};dur={span / MILLISECOND:.1f}" for name, span in phases)
    return f"server-timing: {told}\r\n".encode()

"""When a copy that broke is started again, and when a workload that never came up is given up.

The first restart is at once; a copy that breaks again soon waits 1 s, 2 s, 4 s and so on up to a minute. A copy that served
for a minute has proved itself and starts the count anew. Copies that break together count once: what is counted is attempts,
and the others had begun before anybody knew that they would fail. A workload none of whose copies ever answered fails after three
attempts in a row, so that a typo in a handler is told in seconds and not after the health check's eight minutes.
"""

import msgspec

from stoker.units import MINUTE, SECOND, Instant, Span

ATTEMPTS = 3
"""Failed starts in a row after which a workload that never served is given up."""

LONGEST_WAIT: Span = MINUTE
PROVEN: Span = MINUTE

_LOG = " Last lines of its log:\n"

REASON_LIMIT = 1024
"""Characters of a FailureReason (AWS service model)."""


class Restarts(msgspec.Struct, frozen=True, kw_only=True):
    """How a workload's starts went lately: failures in a row, and when the next attempt may be made.

    `unready` counts the last attempts in a row that never answered.
    """

    failures: int = 0
    not_before: Instant = 0
    unready: int = 0


def wait_after(failures: int) -> Span:
    """Give how long to wait after that many failures in a row."""
    if failures <= 1:
        return 0
    return min(LONGEST_WAIT, SECOND << min(failures - 2, 16))


def after_failure(restarts: Restarts, *, created: Instant, served_for: Span, now: Instant) -> Restarts:
    """Give the record after one more copy broke, made at `created`, that had served for `served_for` (0: it never answered)."""
    counted_last = restarts.not_before - wait_after(restarts.failures)
    if restarts.failures and created < counted_last and served_for < PROVEN:
        return restarts
    failures = 1 if served_for >= PROVEN else restarts.failures + 1
    unready = 0 if served_for else restarts.unready + 1
    return Restarts(failures=failures, not_before=now + wait_after(failures), unready=unready)


def given_up(restarts: Restarts, *, ever_ready: bool, hopeless: bool) -> bool:
    """Whether a workload is to be failed rather than tried again."""
    return not ever_ready and (hopeless or restarts.failures >= ATTEMPTS)


def hopes(restarts: Restarts) -> bool:
    """Whether it is worth waiting for the next attempt: not when the last three never answered. They go on all the same."""
    return restarts.unready < ATTEMPTS


def failure_reason(reason: str, log_tail: str, *, ready_once: bool) -> str:
    """Put a broken copy's fate in words that fit a FailureReason: what happened, and the last lines it wrote."""
    fate = (reason or "The copy stopped.")[: REASON_LIMIT // 2]
    text = fate if ready_once else f"The copy never answered its health check. {fate}"
    tail = log_tail.strip()
    if not tail:
        return f"{text} It wrote nothing to its log."[:REASON_LIMIT]
    room = REASON_LIMIT - len(text) - len(_LOG)
    return f"{text}{_LOG}{_last_lines(tail, room)}"


def told_to_invokers(reason: str) -> str:
    """Give a reason as those who invoke may read it, with the last line of the log alone: tracebacks are not for them."""
    fate, _, log = reason.partition(_LOG)
    last = log.rstrip().rpartition("\n")[2].strip()
    return f"{fate} It last wrote: {last}" if last else fate


def _last_lines(text: str, room: int) -> str:
    """Give the end of a text, beginning with a whole line if one fits."""
    if len(text) <= room:
        return text
    kept = text[-room:]
    begins_a_line = text[-room - 1] == "\n"
    return kept if begins_a_line else kept.partition("\n")[2] or kept

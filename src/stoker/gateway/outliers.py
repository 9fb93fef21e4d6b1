"""Puts a copy aside that fails while its neighbours do not: answering badly is quick, so it would draw more and more invocations.

With care: an input that fails anywhere says nothing of a copy, at least half of a workload's copies always stay, and one that
was put aside is tried again.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stoker.gateway.copies import Copy

FAILURES: Final = 5
"""Failures in a row, without an answer between them, that make a copy an outlier."""
COOL_S: Final = 5.0
"""Seconds for which it is put aside the first time, twice as many each further time."""
MOST_COOL_S: Final = 60.0
SHARE: Final = 2
"""At most one in so many copies is aside."""


def failed(copy: "Copy", copies: "list[Copy]", now: float, now_ns: int) -> bool:
    """Count a failure of one of the copies of a workload; tell whether it was put aside for it.

    Some neighbour must have given a good answer since it began to fail. `now` is the loop's clock, `now_ns` the machine's.
    """
    if copy.failures == 0:
        copy.failing_ns = now_ns
    copy.failures += 1
    if copy.failures < FAILURES or copy.broken_until > now:
        return False
    aside = sum([one.broken_until > now for one in copies])
    answering = any(one.failures == 0 and one.good_ns > copy.failing_ns and one.usable(now) for one in copies)
    if aside >= len(copies) // SHARE or not answering:
        return False
    copy.broken_until = now + min(MOST_COOL_S, COOL_S * 2.0**copy.set_aside)
    copy.set_aside = min(copy.set_aside + 1, 10)
    return True

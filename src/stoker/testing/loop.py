"""An event loop on virtual time: whoever sleeps wakes at once, in the right order, and the clock shows the time slept.

The loop's selector never waits. When nothing is ready it adds the time the loop wanted to wait to the loop's clock. Sockets
and threads still work, but they answer in real time, so code that waits for them under a timeout needs a real loop.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from stoker.errors import InvariantBrokenError

T = TypeVar("T")
_THREADS_WAIT_S = 2.0
"""Real seconds that threads get to answer when all else waits for them."""


class _VirtualSelector(selectors.DefaultSelector):
    """Polls instead of waiting, and keeps the virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.time_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            ready = super().select(_THREADS_WAIT_S)
            if ready:
                return ready
            raise InvariantBrokenError("All tasks wait, and there is no timer that could ever wake one.")
        self.time_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose `time()` begins at 0 and jumps from timer to timer.

    A program that waits for something that no timer brings is told so by `InvariantBrokenError`, rather than hanging.
    """

    def __init__(self) -> None:
        self._virtual = _VirtualSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Give the virtual seconds since the loop was made."""
        # asyncio compares timers with the clock after a wait; the rounding of a sum must not leave one undone.
        return round(self._virtual.time_s, 9)


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a new `VirtualTimeLoop`, as `asyncio.run` does on a real one."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)

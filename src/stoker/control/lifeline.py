"""A child's end of what ties it to the supervisor: its words that it is ready or leaves, and the news that it shall stop."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping

import msgspec

from stoker.control.children import LEAVING, READY
from stoker.control.rundir import StartError


class Lifeline(msgspec.Struct, frozen=True, kw_only=True):
    """The descriptors a child inherits, -1 where it has none.

    `parent` reads as ended when the supervisor is gone, `drained` when the supervisor and all gateways are; `lock` and `hold` are
    only held, so that others see when this process is gone; `listen` is a gateway's socket; `ready` takes the child's word.
    """

    ready: int
    parent: int
    lock: int
    hold: int = -1
    drained: int = -1
    listen: int = -1

    def tell_ready(self) -> None:
        """Tell the supervisor that this child serves; a supervisor that is gone is noticed elsewhere."""
        self._say(READY)

    def tell_leaving(self) -> None:
        """Tell the supervisor that this child takes nothing new any more, so that another may begin while it finishes."""
        self._say(LEAVING)

    def arm(self, stop: asyncio.Event, *, drain_s: float, leave: asyncio.Event | None = None) -> None:
        """Have `stop` set by SIGTERM, or when the supervisor is gone and the gateways have drained (`drain_s` at most).

        SIGUSR1 sets `leave`, too: another is about to take over what this child has.
        """
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)

        def make_way() -> None:
            if leave is not None:
                leave.set()
            stop.set()

        loop.add_signal_handler(signal.SIGUSR1, make_way)
        loop.add_signal_handler(signal.SIGINT, lambda: None)  # the supervisor's affair

        def orphaned() -> None:
            loop.remove_reader(self.parent)
            loop.call_later(drain_s, stop.set)
            loop.add_reader(self.drained, drained)

        def drained() -> None:
            loop.remove_reader(self.drained)
            stop.set()

        loop.add_reader(self.parent, orphaned)

    def _say(self, word: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self.ready, word)


def take_lifeline(words: Mapping[str, str]) -> Lifeline:
    """Give the lifeline that the arguments `NAME=DESCRIPTOR` name. From now on no process started here inherits it."""
    try:
        lifeline = msgspec.convert(dict(words), Lifeline, strict=False)
        for descriptor in msgspec.structs.astuple(lifeline):
            if descriptor >= 0:
                os.set_inheritable(descriptor, False)  # noqa: FBT003 - takes no keyword
    except (msgspec.ValidationError, OSError) as error:
        raise StartError(f"This command is started by `stoker up` only: {error}.") from error
    return lifeline

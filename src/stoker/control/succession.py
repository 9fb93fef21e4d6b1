"""Who takes whose place among the supervisor's children, so that the server's port is served at every moment.

A gateway's successor accepts connections before the one in office is told to finish what it has; one that says that it leaves is
succeeded at once. Two control planes cannot be: there the old one makes way, leaving its copies, and the next adopts them.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterator

from stoker.control.children import Child
from stoker.control.rundir import StartError

COMING_S = 120.0
"""Seconds a successor gets to become ready."""
MAKE_WAY_S = 15.0
"""Seconds a control plane gets to answer the calls that it has; after that it is killed, which it is made for."""
_AGAIN_S = 1.0


class _Step:
    """One succession under way: `successor` comes beside the child, or (None) the child itself is started again."""

    __slots__ = ("child", "due", "ended", "killed", "successor")

    def __init__(self, child: Child, successor: Child | None, due: float) -> None:
        self.child = child
        self.successor = successor
        self.due = due
        self.ended = child.ended if child.pid else child.ended - 1  # one that does not run is being started anyway
        self.killed = False


class Succession:
    """Replaces children in the list it is given. `start` starts one (`StartError`), `tell` writes to the log.

    `told` is called when a restart that was asked for is over, with why it was not done to its end (empty: it was). Those that
    leave get `limit_s` seconds.
    """

    __slots__ = ("_again", "_children", "_going", "_limit_s", "_queue", "_start", "_step", "_tell", "_told")

    def __init__(
        self,
        children: list[Child],
        *,
        limit_s: float,
        start: Callable[[Child], None],
        tell: Callable[..., None],
        told: Callable[[str], None],
    ) -> None:
        self._children = children
        self._limit_s = limit_s
        self._start = start
        self._tell = tell
        self._told = told
        self._queue: deque[str] = deque()
        self._step: _Step | None = None
        self._going: list[tuple[Child, float]] = []
        self._again = False

    @property
    def others(self) -> list[Child]:
        """The children that are not in office: on their way in, or out."""
        coming = [] if self._step is None or self._step.successor is None else [self._step.successor]
        return [*coming, *(child for child, _ in self._going)]

    def restart(self) -> None:
        """Have every child succeeded, one after the other, gateways first."""
        if self._step is not None or self._queue:
            self._again = True
            return
        names = [child.program.name for child in self._children]
        self._queue.extend(sorted(names, key=lambda name: (name == "control", names.index(name))))

    def deadlines(self) -> Iterator[float]:
        """Give when (monotonic seconds) `advance` must run again, besides after news of a child."""
        if self._step is not None:
            yield self._step.due
        for _, due in self._going:
            yield due

    def advance(self, now: float) -> None:
        """Do what has become possible."""
        for child in [each for each in self._children if each.pid and each.leaving]:
            self._replace(child, Child(child.program), now)
        self._see_off(now)
        while True:
            if self._step is not None and not self._follow_up(self._step, now):
                return
            self._step = None
            if not self._queue:
                return
            self._begin(self._queue.popleft(), now)

    def _see_off(self, now: float) -> None:
        """Have those go that take too long."""
        staying: list[tuple[Child, float]] = []
        for child, due in self._going:
            if child.pid and due <= now:
                self._tell("process_killed", process=child.program.name, process_id=child.pid)
                child.signal(signal.SIGKILL)
            if child.pid:
                staying.append((child, due if due > now else now + _AGAIN_S))
        self._going = staying

    def _begin(self, name: str, now: float) -> None:
        child = next(each for each in self._children if each.program.name == name)
        if not child.program.is_gateway:
            child.signal(signal.SIGUSR1)
            self._step = _Step(child, None, now + MAKE_WAY_S)
            return
        successor = Child(child.program)
        self._step = _Step(child, successor, now + COMING_S)
        try:
            self._start(successor)
        except StartError as error:
            self._step = None
            self._give_up(str(error))

    def _follow_up(self, step: _Step, now: float) -> bool:
        """Go on with a step; tell whether it is over."""
        if step.successor is None:
            return self._follow_up_alone(step, now)
        if step.successor.ready:
            # The child that was in office at the beginning may have been replaced meanwhile.
            name = step.child.program.name
            self._replace(next(each for each in self._children if each.program.name == name), step.successor, now)
            return self._done()
        if not step.successor.pid:
            return self._give_up(f"The new {step.child.program.name} process ended before it was ready; its log says why.")
        if step.due <= now:
            self._going.append((step.successor, now))
            return self._give_up(f"The new {step.child.program.name} process was not ready after {COMING_S:.0f} s.")
        return False

    def _follow_up_alone(self, step: _Step, now: float) -> bool:
        child = step.child
        if child.ended > step.ended and child.ready:
            return self._done()
        if step.due > now:
            return False
        if child.ended > step.ended or step.killed:
            return self._give_up(f"The new {child.program.name} process was not ready in time; it is started until it is.")
        self._tell("process_killed", process=child.program.name, process_id=child.pid)
        child.signal(signal.SIGKILL)
        step.killed = True
        step.due = now + COMING_S
        return False

    def _replace(self, child: Child, successor: Child, now: float) -> None:
        self._children[self._children.index(child)] = successor
        self._tell("process_succeeded", process=child.program.name, process_id=child.pid)
        if child.pid:
            if not child.leaving:
                child.signal(signal.SIGTERM)
            self._going.append((child, now + self._limit_s))

    def _done(self) -> bool:
        if not self._queue:
            self._finish("")
        return True

    def _give_up(self, trouble: str) -> bool:
        """Leave those in office that were not succeeded yet."""
        self._tell("restart_failed", reason=trouble)
        self._queue.clear()
        self._finish(trouble)
        return True

    def _finish(self, trouble: str) -> None:
        self._told(trouble)
        if self._again:
            self._again = False
            self._step = None
            self.restart()

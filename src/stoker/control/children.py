"""The supervisor's children: how one is started, tells that it is ready or about to leave, ends, and is started again."""

import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence

import msgspec

_DEFAULT_SIGNALS = [
    signal.SIGALRM,
    signal.SIGCHLD,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGPIPE,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
]
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 5.0
_MOST_DOUBLINGS = 10
READY = b"ready"
LEAVING = b"leaving"
"""A child's words to its supervisor."""
PROVEN_S = 10.0
"""Seconds after which a child that was ready counts as sound, and its next end as the first."""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What one child runs: `command` gets the words of `open_files` appended as `NAME=DESCRIPTOR`, which it inherits."""

    name: str
    command: tuple[str, ...]
    open_files: Mapping[str, int]

    @property
    def is_gateway(self) -> bool:
        """Whether it is a gateway, which stops before the control plane does."""
        return self.name != "control"


def internal_program(name: str, handover: str, open_files: Mapping[str, int]) -> Program:
    """Give the program of the control plane (`control`) or of a gateway (any other name)."""
    # -P: the directory the server was started in is no place to import the platform's code from.
    words = (sys.executable, "-P", "-m", "stoker.cli.main", "internal", name, handover)
    return Program(name=name, command=words, open_files=open_files)


class Child:
    """One child, over all its lives. `pid` is 0 while it does not run, `due` the monotonic second of its next start.

    `leaving` tells that it takes nothing new any more: it ends by itself, and another may take its place already.
    """

    __slots__ = (
        "_failures",
        "_ready_end",
        "_ready_since",
        "due",
        "ended",
        "ever_ready",
        "exit_status",
        "leaving",
        "pid",
        "program",
    )

    def __init__(self, program: Program) -> None:
        self.program = program
        self.pid = 0
        self.due = 0.0
        self.ever_ready = False
        self.exit_status: int | None = None
        self.ended = 0
        self.leaving = False
        self._failures = 0
        self._ready_since: float | None = None
        self._ready_end: int | None = None

    @property
    def ready(self) -> bool:
        """Whether it runs and has said that it is ready."""
        return self.pid != 0 and self._ready_since is not None

    @property
    def ready_end(self) -> int | None:
        """The descriptor that gets readable when the child says that it is ready, or about to leave (or ends)."""
        return self._ready_end

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process. Raises `OSError`."""
        self._ready_end, theirs = os.pipe()
        os.set_blocking(self._ready_end, False)
        try:
            self.pid = spawn(self.program.command, {**self.program.open_files, "ready": theirs}, environment)
        except OSError:
            self.forget_ready_end()
            raise
        finally:
            os.close(theirs)
        self._ready_since = None
        self.exit_status = None
        self.leaving = False

    def listen(self, now: float) -> bool:
        """Read what the child says, when `ready_end` is readable; False when it will not say any more."""
        if self._ready_end is None:
            return False
        with contextlib.suppress(BlockingIOError):
            words = os.read(self._ready_end, 64)
            if not words:
                return False
            if READY in words:
                self._ready_since = now
                self.ever_ready = True
            if LEAVING in words:
                self.leaving = True
        return True

    def forget_ready_end(self) -> None:
        """Close the descriptor."""
        if self._ready_end is not None:
            descriptor, self._ready_end = self._ready_end, None
            os.close(descriptor)

    def gone(self, wait_status: int, now: float) -> None:
        """Take note of its end, and set when it may start again."""
        self.pid = 0
        self.exit_status = os.waitstatus_to_exitcode(wait_status)
        self.ended += 1
        sound = self._ready_since is not None and now - self._ready_since >= PROVEN_S
        self._failures = 1 if sound else self._failures + 1
        self._ready_since = None
        self.due = now + restart_wait(self._failures)

    def signal(self, number: int) -> None:
        """Send it a signal if it runs."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and we are about to learn it
                os.kill(self.pid, number)


def restart_wait(failures: int) -> float:
    """Give the seconds to wait after so many ends in a row: none after the first, then 0.1, 0.2, 0.4 and so on up to 5."""
    if failures <= 1:
        return 0.0
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * float(1 << min(failures - 2, _MOST_DOUBLINGS)))


def spawn(command: Sequence[str], open_files: Mapping[str, int], environment: Mapping[str, str]) -> int:
    """Start a process that inherits `open_files`, named in its arguments, and give its pid. Raises `OSError`.

    It gets a process group of its own, so that a Ctrl-C reaches the supervisor alone, which then stops the others in their order.
    What it prints goes to standard error: standard output is for what people asked for.
    """
    arguments = [*command, *(f"{name}={descriptor}" for name, descriptor in open_files.items())]
    for descriptor in open_files.values():
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - takes no keyword
    try:
        return os.posix_spawn(
            command[0],
            arguments,
            environment,
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 2, 1)],
            setpgroup=0,
            setsigmask=[],
            setsigdef=_DEFAULT_SIGNALS,
        )
    finally:
        for descriptor in open_files.values():
            os.set_inheritable(descriptor, False)  # noqa: FBT003


def reap() -> list[tuple[int, int]]:
    """Give (pid, wait status) of all processes that have ended, adopted ones included, and let the system forget them."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, status))

"""What a running server leaves in DATA/run, for its own processes and for commands that look for it.

    DATA/run/lock           locked while any process of the server lives; names the supervisor
    DATA/run/server.json    where the server listens (or listened last)
    DATA/run/handover.json  what the supervisor hands to its children
    DATA/run/clock.json     how far the platform's clock has come
    DATA/run/*.sock         unix sockets, or in a short directory elsewhere when DATA lies too deep
    DATA/run/places         empty, beside the sockets: gateways lock its bytes as the places of serverless endpoints

The lock is the kernel's, and the server's processes share it: it is free only when the last of them is gone, however they ended.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path

import msgspec

from stoker.errors import StokerError
from stoker.runtimes.process.proctable import is_alive, start_of
from stoker.units import T

SOCKET_PATH_BYTES = 100
"""Longest path of a unix socket that we use; Linux takes 107 bytes, macOS 103."""
_LONGEST_SOCKET = "control.sock"
_RETRY_S = 0.02


class StartError(StokerError):
    """The server cannot start, or a command cannot reach it: one sentence for the person who asked."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lock: `start` is the process's start time in the system's ticks, since numbers are used again."""

    pid: int
    start: int

    @property
    def alive(self) -> bool:
        """Whether this very process lives."""
        return is_alive(self.pid, self.start)


class ServerNote(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server listens; `url` is one that clients on this machine can use, `region` the one they sign for.

    `restarts` counts how often its processes were restarted as asked, `trouble` says why the last time was not done to its end.
    """

    pid: int
    url: str
    region: str
    auth: str
    restarts: int = 0
    trouble: str = ""


class RunDir:
    """The files of a running server under one data directory. Nothing is made before `create`."""

    __slots__ = ("clock", "data", "handover", "lock", "path", "server")

    def __init__(self, data_dir: Path) -> None:
        self.data = data_dir
        self.path = data_dir / "run"
        self.lock = self.path / "lock"
        self.server = self.path / "server.json"
        self.handover = self.path / "handover.json"
        self.clock = self.path / "clock.json"

    def create(self) -> None:
        """Make the directories, for the owner only. Raises `StartError`."""
        try:
            for path in (self.data, self.path):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise StartError(f"The data directory {self.data} cannot be used: {error.strerror}.") from error

    def sockets(self) -> Path:
        """Give the directory for unix sockets, made if need be: DATA/run, or one with a path short enough."""
        if len(os.fsencode(self.path / _LONGEST_SOCKET)) <= SOCKET_PATH_BYTES:
            return self.path
        return _short_directory(self.data)

    def forget_sockets(self) -> None:
        """Remove the short directory for sockets, if one was needed; call it when the server is gone."""
        sockets = self.sockets()
        if sockets != self.path:
            shutil.rmtree(sockets, ignore_errors=True)

    def take_lock(self, *, patience_s: float = 5.0) -> int:
        """Lock the directory for this process and give the lock's descriptor.

        `StartError` names the living supervisor at once; processes that a killed one left behind get `patience_s` to end.
        """
        descriptor = self._open_lock()
        until = time.monotonic() + patience_s
        try:
            while not _locked(descriptor):
                self._check_holder(late=time.monotonic() > until)
                time.sleep(_RETRY_S)
            note = msgspec.json.encode(Holder(pid=os.getpid(), start=start_of(os.getpid()) or 0))
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, note, 0)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _check_holder(self, *, late: bool) -> None:
        holder = self.holder()
        if holder is not None and holder.alive:
            raise StartError(
                f"A server runs on {self.data} already: process {holder.pid}. Stop it with `stoker down --data {self.data}`."
            )
        if late:
            raise StartError(
                f"Processes of a server that was killed still hold {self.data}: they end when their work is done. "
                "`stoker down` waits for that."
            )

    def holder(self) -> Holder | None:
        """Give who wrote itself into the lock last; None when nobody readable did."""
        return _read(self.lock, Holder)

    def in_use(self) -> bool:
        """Tell whether any process of a server lives."""
        if not self.lock.exists():
            return False
        descriptor = self._open_lock()
        try:
            return not _locked(descriptor)
        finally:
            os.close(descriptor)

    def wait_free(self, most_s: float) -> bool:
        """Wait until no process of a server lives; False when one still does after `most_s` seconds."""
        until = time.monotonic() + most_s
        holder = self.holder()
        while self.in_use() or (holder is not None and holder.alive):  # it gives the lock back a moment before its end
            if time.monotonic() > until:
                return False
            time.sleep(_RETRY_S)
        return True

    def note(self) -> ServerNote | None:
        """Give where the server listens, or listened last; None when none ever did."""
        return _read(self.server, ServerNote)

    def note_restart(self, trouble: str) -> None:
        """Note that the running server's processes were restarted. Raises `OSError`."""
        note = self.note()
        if note is not None:
            changed = msgspec.structs.replace(note, restarts=note.restarts + 1, trouble=trouble)
            write_file(self.server, msgspec.json.encode(changed))

    def _open_lock(self) -> int:
        try:
            return os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(f"The lock file {self.lock} cannot be opened: {error.strerror}.") from error


def write_file(path: Path, content: bytes) -> None:
    """Put `content` in place of a file, whole or not at all, readable by the owner only."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _locked(descriptor: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _short_directory(data: Path) -> Path:
    """Make, or find, a directory with a short path that nobody else can have prepared for us."""
    uid = os.getuid()
    near = Path(f"/run/user/{uid}")
    place = near if os.access(near, os.W_OK) else Path("/tmp")  # noqa: S108 - checked for its owner below
    owner = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    path = place / f"stoker-{uid}-{owner}-run"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.lstat()
    except OSError as error:
        raise StartError(f"The directory {path} for sockets cannot be made: {error.strerror}.") from error
    if status.st_uid != uid or path.is_symlink() or status.st_mode & 0o077:
        raise StartError(f"{path} is not a directory that only we can use; choose a shorter data directory.")
    return path

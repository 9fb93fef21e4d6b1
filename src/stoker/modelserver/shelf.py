"""Many models in one process: each is loaded when it is first asked for, and the longest unused one goes when room is wanted.

How a model is loaded and asked is a backend's business (see `stoker.modelserver.many` and `stoker.modelserver.container`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from time import monotonic

from stoker.modelserver.protocol import HttpError
from stoker.modelserver.report import describe, log, log_failure
from stoker.modelserver.unpacking import UnpackError, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from stoker.modelserver.loading import Model

    class Backend(Protocol):
        """What loads models, several at once as the case may be."""

        def load(self, name: str, directory: str) -> Model:
            """Load the model whose files are in the directory; `NoRoomError` when there is no memory for it."""
            ...

        def unload(self, name: str) -> None:
            """Let go of a model that was loaded."""
            ...


NOT_READY_S = 50.0
"""Seconds that an invocation waits for its model, before the gateway would give it up; the loading goes on."""
NOT_FOUND, NOT_READY, LOAD_FAILED = "TargetModelNotFound", "TargetModelNotReady", "TargetModelLoadFailed"


class NoRoomError(Exception):
    """There is no memory for one model more."""


class Timings:
    """What became of one request's model, spans in µs; `wait` is -1 when it was loaded already."""

    __slots__ = ("download", "load", "unloads", "wait")

    def __init__(self) -> None:
        self.wait = -1
        self.download = self.load = 0
        self.unloads: list[int] = []

    def header(self, loaded: int) -> str:
        """Give it as the gateway reads it."""
        parts = [f"loaded={loaded}"]
        if self.wait >= 0:
            parts.append(f"wait={self.wait}")
        if self.load:
            parts += [f"download={self.download}", f"load={self.load}"]
        return "; ".join(parts + [f"unload={each}" for each in self.unloads])


class Entry:
    """One model, loaded or about to be. `users` are the requests that have it in hand."""

    __slots__ = (
        "_done",
        "directory",
        "download_us",
        "error",
        "load_us",
        "model",
        "name",
        "path",
        "told",
        "unpacked",
        "used",
        "users",
    )

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self.directory = ""
        self.unpacked = self.told = False
        self.model: Model | None = None
        self.error: HttpError | None = None
        self.users = self.used = self.download_us = self.load_us = 0
        self._done = threading.Event()

    @property
    def loading(self) -> bool:
        """Whether it is not known yet what comes of it."""
        return not self._done.is_set()

    def finish(self, error: HttpError | None = None) -> None:
        """Let those go on who wait for it."""
        self.error = error
        self._done.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is loaded, or cannot be."""
        return self._done.wait(seconds)


class Shelf:
    """The models of one process. `keep` false lets each go with its last request; `memory` gives the bytes in use now."""

    def __init__(
        self,
        backend: Backend,
        *,
        most: int,
        most_bytes: int = 0,
        keep: bool = True,
        memory: Callable[[], int] = lambda: 0,
        scratch: str | None = None,
    ) -> None:
        """Hold at most `most` models; while more than `most_bytes` are in use (0: no such bound), idle ones go.

        Archives are unpacked in the directory `scratch`, which somebody else clears up after this process.
        """
        self._backend = backend
        self._most = most
        self._most_bytes = most_bytes
        self._keep = keep
        self._memory = memory
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # one model is loaded at a time: their scripts share this process's modules
        self._entries: dict[str, Entry] = {}
        self._uses = 0
        self._unloads: list[int] = []
        self._scratch = scratch

    def listed(self) -> list[Entry]:
        """Give what is loaded."""
        with self._lock:
            return [entry for entry in self._entries.values() if not entry.loading]

    def take(self, name: str, path: str, timings: Timings, wait_s: float = NOT_READY_S) -> Entry:
        """Give a model that is loaded, for `give_back`. Raises `HttpError` for one that cannot be had, or not yet."""
        began = monotonic()
        with self._lock:
            entry = self._entries.get(name)
            if entry is None:
                entry = self._entries[name] = Entry(name, path)
                threading.Thread(target=self._load, args=(entry,), name="load", daemon=True).start()
            self._uses += 1
            entry.users += 1
            entry.used = self._uses
        if entry.loading:
            ready = entry.wait(wait_s)
            timings.wait = round((monotonic() - began) * 1e6)
            if not ready:
                self.give_back(entry)
                raise HttpError(429, f"The model {name} is still being loaded.", NOT_READY)
        if entry.error is not None:
            raise entry.error
        with self._lock:
            if not entry.told:
                entry.told = True
                timings.download, timings.load = entry.download_us, max(1, entry.load_us)
                timings.wait = max(0, timings.wait)
            timings.unloads, self._unloads = self._unloads, []
        return entry

    def give_back(self, entry: Entry) -> None:
        """Let go of a model that was taken."""
        with self._lock:
            entry.users -= 1
            gone = not self._keep and not entry.users and not entry.loading and self._remove(entry)
        if gone:
            self._unload(entry)

    def drop(self, name: str) -> bool:
        """Unload a model by its name, whoever uses it still; False when it is not there."""
        with self._lock:
            entry = self._entries.get(name)
            found = entry is not None and not entry.loading and self._remove(entry)
        if found and entry is not None:
            self._unload(entry)
        return found

    def lost(self, entry: Entry) -> None:
        """Forget a model that the backend has no more."""
        with self._lock:
            removed = self._remove(entry)
        if removed:
            self._forget_files(entry)

    def _remove(self, entry: Entry) -> bool:
        if self._entries.get(entry.name) is not entry:
            return False
        del self._entries[entry.name]
        return True

    def _load(self, entry: Entry) -> None:
        error: HttpError | None = None
        try:
            with self._turn:
                self._fetch(entry)
                while len(self._entries) > self._most and self._evict(entry):
                    pass
                self._begin(entry)
                while self._most_bytes and self._memory() > self._most_bytes and self._evict(entry):
                    pass
        except HttpError as failure:
            error = failure
        except BaseException as failure:  # noqa: BLE001 - foreign code; whoever waits must be told
            log_failure(f"the model {entry.name} could not be loaded", failure)
            error = HttpError(500, f"The model {entry.name} could not be loaded: {describe(failure)}", LOAD_FAILED)
        if error is not None:
            self.lost(entry)
        else:
            log(f"loaded the model {entry.name} in {(entry.download_us + entry.load_us) / 1e6:.3f} s")
        entry.finish(error)

    def _fetch(self, entry: Entry) -> None:
        began = monotonic()
        if os.path.isdir(entry.path):
            entry.directory = entry.path
        else:
            if not os.path.isfile(entry.path):
                raise HttpError(404, f"There is no model {entry.name}.", NOT_FOUND)
            entry.directory = tempfile.mkdtemp(prefix="model-", dir=self._scratch)
            entry.unpacked = True
            try:
                unpack(entry.path, entry.directory)
            except UnpackError as error:
                raise HttpError(500, f"The model {entry.name} could not be loaded: {error}", LOAD_FAILED) from error
        entry.download_us = round((monotonic() - began) * 1e6)

    def _begin(self, entry: Entry) -> None:
        """Have the backend load it, and others go while there is no room for it."""
        while True:
            began = monotonic()
            try:
                entry.model = self._backend.load(entry.name, entry.directory)
            except (NoRoomError, MemoryError) as error:
                if self._evict(entry):
                    continue
                message = f"There is no memory for the model {entry.name}, and no other that could go: {describe(error)}"
                raise HttpError(507, message, LOAD_FAILED) from error
            entry.load_us = round((monotonic() - began) * 1e6)
            return

    def _evict(self, wanted: Entry) -> bool:
        """Unload the model that nobody has used for longest; False when all are in use."""
        with self._lock:
            idle = [e for e in self._entries.values() if e is not wanted and not e.users and not e.loading]
            if not idle:
                return False
            entry = min(idle, key=lambda each: each.used)
            del self._entries[entry.name]
        self._unload(entry)
        return True

    def _unload(self, entry: Entry) -> None:
        began = monotonic()
        try:
            self._backend.unload(entry.name)
        except BaseException as error:  # noqa: BLE001 - foreign code; the model is given up whatever it says
            log_failure(f"the model {entry.name} could not be unloaded", error)
        entry.model = None
        self._forget_files(entry)
        log(f"unloaded the model {entry.name}")
        with self._lock:
            self._unloads = [*self._unloads[-31:], round((monotonic() - began) * 1e6)]

    def _forget_files(self, entry: Entry) -> None:
        if entry.unpacked:
            shutil.rmtree(entry.directory, ignore_errors=True)


def resident_bytes() -> int:
    """Give the memory in use by this process and its children, where the system tells (Linux), else 0."""
    total, pids, page = 0, [os.getpid()], os.sysconf("SC_PAGE_SIZE")
    while pids and len(pids) < 1000:
        pid = pids.pop()
        try:
            with open(f"/proc/{pid}/statm", "rb") as file:
                total += int(file.read().split()[1]) * page
            with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
                pids += [int(child) for child in file.read().split()]
        except (OSError, ValueError, IndexError):
            continue  # it has just ended, or the system tells no such thing
    return total

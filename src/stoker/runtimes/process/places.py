"""Where the files of copies lie, and the record that lets a later control plane find a copy again.

    DATA/copies/COPY/copy.json   the record: what was asked, and once it runs its pid, start time and address
    DATA/copies/COPY/log[.N]     what it printed, the newest in `log`
    DATA/copies/COPY/work        its working directory
    DATA/copies/COPY/model       link to its model's files: what is linked here is in use
    DATA/copies/COPY/sock        its unix socket, or a short path elsewhere when DATA lies too deep
    DATA/logs/COPY.log           logs of the last copies that are gone
    DATA/logs/COPY.of            what each of them served, a workload's id

All directories are for the owner only (0700): environments hold secrets.
"""

import contextlib
import hashlib
import os
import re
import shutil
from pathlib import Path

import msgspec

from stoker.domain.ids import CopyId
from stoker.errors import InvalidParameterError, StokerError
from stoker.ports.runtime import CopySpec
from stoker.runtimes.process.probe import Address

SOCKET_PATH_BYTES = 100
"""Longest path of a unix socket that we use; Linux takes 107 bytes, macOS 103."""
KEPT_LOGS = 20
"""Logs of gone copies that are kept, newest first."""
_COPY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class CopyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a copy on disk; `pid` 0 means that it was about to be started.

    `start` is the process's start time in the system's ticks, `spawned_s` seconds of the wall clock since 1970, `group` its
    cgroup's directory or empty, `was_ready` whether it has ever answered its ping well. `known_port` and `patient` are as in
    `stoker.runtimes.process.tailoring`.
    """

    spec: CopySpec
    address: Address = Address()
    ping: str = "/ping"
    invocations: str = "/invocations"
    pid: int = 0
    start: int = 0
    spawned_s: float = 0.0
    group: str = ""
    was_ready: bool = False
    known_port: int = 0
    patient: bool = False


class Places:
    """The files of all copies under one data directory. `owner` is a short hash that names the directory."""

    __slots__ = ("_far_sockets", "copies", "logs", "owner")

    def __init__(self, data_dir: Path) -> None:
        data = data_dir.expanduser().resolve()
        self.copies = data / "copies"
        self.logs = data / "logs"
        self.owner = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
        self._far_sockets: Path | None = None

    def folder(self, copy_id: CopyId) -> Path:
        """Give a copy's directory; an id that could not be a file's name is an `InvalidParameterError`."""
        if not _COPY_ID.fullmatch(copy_id):
            message = f"The copy id {copy_id!r} cannot name a directory: 1 to 128 letters, digits, '.', '_' and '-'."
            raise InvalidParameterError(message, field="CopyId")
        return self.copies / copy_id

    def log(self, copy_id: CopyId) -> Path:
        """Give the file that a copy's output goes to."""
        return self.folder(copy_id) / "log"

    def create(self, copy_id: CopyId) -> Path:
        """Make a copy's directories and give its working directory."""
        work = self.folder(copy_id) / "work"
        for path in (self.copies, work.parent, work):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return work

    def socket(self, copy_id: CopyId) -> str:
        """Give the path for a copy's unix socket, short enough for the system; nothing is there yet."""
        near = self.folder(copy_id) / "sock"
        if len(os.fsencode(near)) <= SOCKET_PATH_BYTES:
            near.unlink(missing_ok=True)
            return str(near)
        if self._far_sockets is None:
            self._far_sockets = _private_directory(self.owner)
        far = self._far_sockets / hashlib.sha256(copy_id.encode()).hexdigest()[:16]
        far.unlink(missing_ok=True)
        return str(far)

    def link_model(self, copy_id: CopyId, model_dir: Path) -> None:
        """Note that a copy uses the directory, so that the artifact cache keeps it."""
        link = self.folder(copy_id) / "model"
        link.unlink(missing_ok=True)
        link.symlink_to(model_dir)

    def save(self, record: CopyRecord) -> None:
        """Put a copy's record in place of the older one, whole or not at all."""
        folder = self.folder(record.spec.copy_id)
        fresh = folder / "copy.json.new"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(record))
        fresh.replace(folder / "copy.json")

    def load(self) -> dict[CopyId, CopyRecord | None]:
        """Give all copies on disk; None stands for one whose record was not yet written, or cannot be read."""
        found: dict[CopyId, CopyRecord | None] = {}
        if self.copies.is_dir():
            for folder in sorted(self.copies.iterdir()):
                if _COPY_ID.fullmatch(folder.name) and folder.is_dir():
                    found[CopyId(folder.name)] = _read_record(folder / "copy.json")
        return found

    def discard(self, copy_id: CopyId, socket: str) -> None:
        """Remove a gone copy's files, but for its log, which moves to the logs kept a while."""
        folder = self.folder(copy_id)
        if socket:
            Path(socket).unlink(missing_ok=True)
            # By its name: who clears up after a killed platform has asked for no socket itself.
            if (far := Path(socket).parent).name == _far_name(self.owner):
                with contextlib.suppress(OSError):  # other copies' sockets are still in it
                    far.rmdir()
                    self._far_sockets = None
        log = folder / "log"
        if log.exists() and log.stat().st_size:
            self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
            record = _read_record(folder / "copy.json")
            log.replace(self.logs / f"{copy_id}.log")
            if record is not None:
                (self.logs / f"{copy_id}.of").write_text(record.spec.workload, encoding="utf-8")
            self._prune_logs()
        shutil.rmtree(folder, ignore_errors=True)

    def gone(self) -> list[tuple[CopyId, str]]:
        """Give the gone copies whose logs are kept and whose workload is known, newest first, with that workload's id."""
        found = []
        for path in self._kept_logs():
            with contextlib.suppress(OSError, UnicodeDecodeError):
                found.append((CopyId(path.stem), path.with_suffix(".of").read_text(encoding="utf-8")))
        return found

    def _kept_logs(self) -> list[Path]:
        dated = []
        for path in self.logs.glob("*.log"):
            with contextlib.suppress(FileNotFoundError):
                dated.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(dated, reverse=True)]

    def _prune_logs(self) -> None:
        for path in self._kept_logs()[KEPT_LOGS:]:
            path.unlink(missing_ok=True)
            path.with_suffix(".of").unlink(missing_ok=True)


def _read_record(path: Path) -> CopyRecord | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=CopyRecord)
    except (OSError, msgspec.MsgspecError, StokerError):
        return None


def _far_name(owner: str) -> str:
    return f"stoker-{os.getuid()}-{owner}"


def _private_directory(owner: str) -> Path:
    """Make, or find, a directory with a short path that nobody else can have prepared for us."""
    uid = os.getuid()
    runtime_dir = Path(f"/run/user/{uid}")
    place = runtime_dir if os.access(runtime_dir, os.W_OK) else Path("/tmp")  # noqa: S108 - checked for its owner below
    path = place / _far_name(owner)
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if status.st_uid != uid or path.is_symlink() or status.st_mode & 0o077:
        message = f"{path} is not a directory that only we can use; sockets of copies cannot go there."
        raise InvalidParameterError(message, field="data")
    return path

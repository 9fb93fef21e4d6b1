import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stoker.store.database import Database
from stoker.store.errors import StoreError, StoreFault
from stoker.store.lock import FileLock

HOLD = """
import sys
from pathlib import Path
from stoker.store.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_control_plane_is_told_who_has_the_directory(tmp_path: Path) -> None:
    first = Database(tmp_path / "stoker.db")
    with pytest.raises(StoreError, match=rf"{tmp_path} is in use by process {os.getpid()}: only one control plane") as caught:
        Database(tmp_path / "stoker.db", patience_s=0)
    assert caught.value.fault is StoreFault.IN_USE
    first.close()
    Database(tmp_path / "stoker.db", patience_s=0).close()


def test_the_lock_ends_with_a_killed_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match=f"in use by process {holder.pid}"):
            FileLock(path).take(patience_s=0)
        holder.send_signal(signal.SIGKILL)
    lock = FileLock(path)
    lock.take()
    lock.release()
    lock.release()


def test_a_lock_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened: No such file or directory"):
        FileLock(tmp_path / "missing" / "lock").take()


def test_a_holder_that_ends_soon_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = FileLock(path), FileLock(path)
    first.take()
    ending = threading.Timer(0.05, first.release)
    ending.start()
    second.take(patience_s=10)
    ending.join()
    second.release()


def test_a_lock_file_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _length: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    lock = FileLock(tmp_path / "lock")
    monkeypatch.setattr(os, "ftruncate", full)
    with pytest.raises(StoreError, match="cannot be used: No space left on device"):
        lock.take()
    monkeypatch.undo()
    lock.take(patience_s=0)
    lock.release()

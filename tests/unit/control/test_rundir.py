import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stoker.control.rundir import SOCKET_PATH_BYTES, RunDir, StartError


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    made = RunDir(tmp_path / "data")
    made.create()
    return made


def test_everything_is_for_the_owner_only(run: RunDir) -> None:
    descriptor = run.take_lock()
    os.close(descriptor)
    assert [path.stat().st_mode & 0o777 for path in (run.data, run.path, run.lock)] == [0o700, 0o700, 0o600]


def test_a_second_holder_is_refused_by_name(run: RunDir) -> None:
    descriptor = run.take_lock()
    try:
        with pytest.raises(StartError, match=f"A server runs on .* already: process {os.getpid()}\\. "):
            run.take_lock()
        assert run.in_use()
    finally:
        os.close(descriptor)
    assert not run.in_use()
    os.close(run.take_lock())


def test_processes_that_a_dead_holder_left_are_waited_for(run: RunDir) -> None:
    # A child takes the lock, and hands it to a grandchild that outlives it.
    source = (
        "import os, sys; from pathlib import Path; from stoker.control.rundir import RunDir\n"
        "fd = RunDir(Path(sys.argv[1])).take_lock()\n"
        "if os.fork() == 0: os.close(1); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", source, str(run.data)], stdin=subprocess.PIPE) as process:
        process.wait(timeout=10)
        with pytest.raises(StartError, match="Processes of a server that was killed still hold"):
            run.take_lock(patience_s=0.05)
        assert not run.wait_free(0.05)
        assert process.stdin is not None
        process.stdin.close()
        os.close(run.take_lock())


def test_a_lock_that_says_nothing_is_still_a_lock(run: RunDir) -> None:
    run.lock.write_bytes(b"{")
    with run.lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run.holder() is None
        assert run.in_use()
        with pytest.raises(StartError, match="still hold"):
            run.take_lock(patience_s=0)


def test_nothing_ran_where_nothing_is(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "nowhere")
    assert (run.in_use(), run.holder(), run.note()) == (False, None, None)
    assert not run.path.exists()


def test_a_data_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StartError, match=r"The data directory .* cannot be used: "):
        RunDir(tmp_path / "data").create()


def test_sockets_go_where_their_paths_are_short(tmp_path: Path, run: RunDir) -> None:
    deep = RunDir(tmp_path / ("d" * 100))
    deep.create()
    place = deep.sockets()
    try:
        assert len(os.fsencode(place / "control.sock")) <= SOCKET_PATH_BYTES
        assert place == deep.sockets()
        assert place.stat().st_mode & 0o777 == 0o700
        place.chmod(0o755)
        with pytest.raises(StartError, match="not a directory that only we can use"):
            deep.sockets()
        place.chmod(0o700)
    finally:
        deep.forget_sockets()
    assert not place.exists()
    run.forget_sockets()
    assert run.path.exists()

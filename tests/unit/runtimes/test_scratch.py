"""What a serverless environment gets of the machine: its share of processors, and its scratch space."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from stoker.domain.ids import CopyId
from stoker.runtimes.process import logs
from stoker.runtimes.process import runtime as runtime_module
from stoker.runtimes.process.exits import ExitWatch
from stoker.runtimes.process.places import Places
from stoker.runtimes.process.scratch import used_mb
from stoker.runtimes.process.spawn import Launch, spawn
from stoker.units import MIB
from tests.unit.runtimes.process_parts import running, spec, until_gone, until_ready

PROGRAM = """
import os, sys, tempfile
print(os.getpriority(os.PRIO_PROCESS, 0) - int(sys.argv[1]), tempfile.gettempdir())
try:
    with open("large", "wb") as file:
        file.write(b"x" * 2 * 1024 * 1024)
except OSError as error:
    print(error.strerror)
"""


async def test_a_bounded_process_is_nice_and_its_files_have_a_bound(tmp_path: Path) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    bounds = spec(nice=5, scratch_mb=1)
    environment = {"PATH": os.environ["PATH"], "TMPDIR": "/elsewhere"}
    command = [sys.executable, "-S", "-c", PROGRAM, str(ours)]
    ended = asyncio.Event()
    launch = Launch(command=command, environment=environment, work=tmp_path, log=tmp_path / "log", spec=bounds)
    watch = ExitWatch(spawn(launch), None, ended.set)
    async with asyncio.timeout(10):
        await ended.wait()
    assert watch.code == 0
    assert logs.tail(tmp_path / "log") == f"5 {tmp_path}\nFile too large"


def test_all_files_below_count_once_by_what_they_take_on_disk(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"x" * 2 * MIB)
    (tmp_path / "b").write_bytes(b"x" * MIB)
    (tmp_path / "link").symlink_to("/")
    with (tmp_path / "hole").open("wb") as hole:
        hole.truncate(64 * MIB)
    assert used_mb(tmp_path) == 3
    assert used_mb(tmp_path / "none") == 0


async def test_a_copy_that_fills_its_scratch_space_is_ended_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "SCRATCH_CHECK_S", 0.05)
    async with running(tmp_path) as under_test:
        observations = under_test.observe()
        await under_test.start(spec(scratch_mb=2))
        await under_test.start(spec(copy_id="copy-2"))
        await until_ready(observations)
        await until_ready(observations)
        for number in ("1", "2"):
            for part in range(4):
                path = Places(tmp_path).folder(CopyId(f"copy-{number}")) / "work" / f"part-{part}"
                path.write_bytes(b"x" * MIB)
        gone = await until_gone(observations)
        assert gone.copy_id == "copy-1", "the other has no bound"
        assert gone.reason == "The model server was ended: its files took more than its 2 MB of scratch space."
        assert await under_test.held() == ["copy-2"]

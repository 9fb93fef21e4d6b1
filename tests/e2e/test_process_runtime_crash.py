"""The control plane's process is killed; its copies live on, are adopted, and end as if nothing had happened."""

import asyncio
import contextlib
import os
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stoker.runtimes.process.leftover import leftover
from stoker.runtimes.process.proctable import start_of
from tests.unit.runtimes.process_parts import files_of, processes_of, running, spec, until_gone, until_ready, wait_until

OWNER = """
import asyncio, sys
from pathlib import Path
from tests.unit.runtimes.process_parts import runtime, spec, until_ready

async def main():
    async with runtime(Path(sys.argv[1])) as mine:
        observations = mine.observe()
        for number in range(3):
            await mine.start(spec("children", f"copy-{number}", memory_limit_mb=256 if number else 0))
        for _ in range(3):
            await until_ready(observations)
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def killed_owner(data: Path) -> AsyncIterator[None]:
    """Three copies whose control plane was killed."""
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, str(data), stdout=asyncio.subprocess.PIPE)
    try:
        assert owner.stdout is not None
        async with asyncio.timeout(20):
            assert await owner.stdout.readline() == b"ready\n"
        owner.kill()
        await owner.wait()
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            owner.kill()
        await asyncio.to_thread(leftover, data, 0.1)


def status_of(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/anything", timeout=5) as reply:
        return int(reply.status)


async def test_copies_outlive_a_killed_control_plane_and_are_adopted(tmp_path: Path) -> None:
    async with killed_owner(tmp_path):
        before = processes_of(tmp_path)
        assert len(before) == 9
        async with running(tmp_path) as heir:
            assert await heir.held() == ["copy-0", "copy-1", "copy-2"]
            observations = heir.observe()
            ready = [await until_ready(observations) for _ in range(3)]
            assert all(each.adopted for each in ready)
            assert [await asyncio.to_thread(status_of, each.port) for each in ready] == [200, 200, 200]
            assert processes_of(tmp_path) == before  # nothing was started again

            await heir.start(spec("good", "copy-3"))
            assert (await until_ready(observations)).port not in {each.port for each in ready}

            await heir.stop(ready[0].copy_id)
            gone = await until_gone(observations)
            assert (gone.copy_id, gone.reason) == (ready[0].copy_id, "The model server was stopped, as asked.")
        assert processes_of(tmp_path) == []
        assert files_of(tmp_path) == []


async def test_the_crash_of_an_adopted_copy_is_noticed_at_once(tmp_path: Path) -> None:
    async with killed_owner(tmp_path), running(tmp_path) as heir:
        observations = heir.observe()
        ready = [await until_ready(observations) for _ in range(3)]
        leader = int((tmp_path / "copies" / ready[0].copy_id / "copy.json").read_text().partition('"pid":')[2].partition(",")[0])
        os.kill(leader, signal.SIGKILL)
        gone = await until_gone(observations, within_s=3.0)
        assert gone.copy_id == ready[0].copy_id
        assert gone.reason.startswith("The model server ")
        # Who reaps an orphan first decides whether its exit code can still be read.
        assert gone.exit_code in {-9, None}


@pytest.mark.parametrize("grace_s", [pytest.param(0.0, id="by force"), pytest.param(0.3, id="gently first")])
async def test_leftover_clears_what_a_killed_control_plane_left(tmp_path: Path, grace_s: float) -> None:
    async with killed_owner(tmp_path):
        family = processes_of(tmp_path)
        assert await asyncio.to_thread(leftover, tmp_path, grace_s) == ["copy-0", "copy-1", "copy-2"]
        await asyncio.to_thread(wait_until, lambda: all(start_of(pid) is None for pid in family))
        assert processes_of(tmp_path) == []
        assert files_of(tmp_path) == []

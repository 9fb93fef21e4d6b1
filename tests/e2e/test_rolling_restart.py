"""The server's processes are replaced under load, one by one: no connection is refused or cut, and no copy is started again."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.fault_stage import Stage, platform, until
from tests.e2e.raw_clients import Call, RawLoad
from tests.e2e.up_server import processes, stoker

OPEN = '[server]\nauth = "off"\n'


def statuses(calls: list[Call]) -> dict[int, int]:
    """Give how many calls ended in each status, and quote those that went wrong when the test fails."""
    return dict(Counter(call.status for call in calls))


def children(stage: Stage) -> dict[str, int]:
    return {name: until(lambda name=name: stage.child(name)) for name in ("control", "gateway-1", "gateway-2")}  # type: ignore[misc]


@pytest.mark.timeout(180)
def test_a_restart_under_load_refuses_and_cuts_nothing(tmp_path: Path) -> None:
    with platform(tmp_path, gateways=2, settings=OPEN) as stage:
        stage.open()
        stage.deploy("rolling", copies=2)
        copies, before = stage.pids("rolling"), children(stage)

        async def restart() -> RawLoad:
            load = RawLoad(stage.server.address, "rolling", clients=8, seconds=0.02)
            async with load.running():
                await load.more(50)
                told = await asyncio.to_thread(stoker, "restart", "--data", str(stage.server.data), timeout=120)
                assert (told.returncode, told.stderr) == (0, "")
                assert told.stdout.startswith("Restarted the server on ")
                await load.more(50)
            return load

        load = asyncio.run(restart())
        assert statuses(load.calls).keys() == {200}, [call for call in load.calls if call.status != 200][:5]
        # Every process is a new one, once those that finish what they have are gone.
        until(lambda: not set(before.values()) & set(children(stage).values()))
        assert stage.pids("rolling") == copies
        assert stage.component("rolling")["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}


@pytest.mark.timeout(180)
def test_a_gateway_that_is_told_to_end_is_replaced_while_it_finishes_its_work(tmp_path: Path) -> None:
    with platform(tmp_path, gateways=1, settings=OPEN) as stage:
        stage.open()
        stage.deploy("leaving", copies=2)

        async def end_gateways() -> RawLoad:
            long = RawLoad(stage.server.address, "leaving", clients=2, seconds=3)
            load = RawLoad(stage.server.address, "leaving", clients=4, seconds=0.01, pause_s=0.05)
            async with long.running(), load.running():
                await load.more(20)
                for _ in range(2):
                    victim = await asyncio.to_thread(until, lambda: stage.child("gateway-1"))
                    os.kill(victim, signal.SIGTERM)
                    await asyncio.to_thread(until, lambda victim=victim: _gateways(stage) - {victim})  # type: ignore[misc]
                    assert victim in _gateways(stage), "the first still works on what it has"
                    await load.more(40)
                    await asyncio.to_thread(until, lambda victim=victim: victim not in _gateways(stage))  # type: ignore[misc]
            load.calls.extend(long.calls)
            return load

        load = asyncio.run(end_gateways())
        assert statuses(load.calls).keys() == {200}, [call for call in load.calls if call.status != 200][:5]


def _gateways(stage: Stage) -> set[int]:
    return {pid for pid, words in processes(stage.server.data).items() if "internal gateway-1 " in words}


def test_there_is_nothing_to_restart_where_no_server_runs(tmp_path: Path) -> None:
    told = stoker("restart", "--data", str(tmp_path))
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"stoker: No server runs on {tmp_path}.\n"

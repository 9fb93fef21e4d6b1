"""Demand at zero brings a copy, whatever is killed between the demand and the copy's start."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from stoker.runtimes.process.proctable import start_of
from tests.e2e.counting_model import counting_handler, read_log
from tests.e2e.fault_stage import Stage, platform, until
from tests.e2e.raw_clients import CUT, Call, RawClient

OPEN = '[server]\nauth = "off"\n[scaling]\nlinger_s = 1\n'


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with platform(tmp_path_factory.mktemp("wake"), settings=OPEN) as stage:
        stage.open()
        yield stage


def at_zero(stage: Stage, name: str, log: Path, *, load_s: float = 0.3) -> None:
    stage.deploy(name, copies=0, handler=counting_handler(log, load_s=load_s))
    stage.allow_zero(name)


def held(stage: Stage) -> bool:
    return bool(stage.gateway()["held"] == 1)


async def ask_and_kill(stage: Stage, name: str, identity: str, *victims: str, after_s: float = 0.0) -> Call:
    """Ask once, at zero; kill the processes when the invocation is held, or so long after; give what became of it."""
    client = RawClient(stage.server.address, name)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(client.invoke(identity, {}))
        await asyncio.to_thread(until, lambda: held(stage))
        await asyncio.sleep(after_s)
        pids = [await asyncio.to_thread(until, lambda victim=victim: stage.child(victim)) for victim in victims]  # type: ignore[misc]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        # Its connections do not all end at one instant: nobody is to be sent to a gateway that is about to go.
        await asyncio.to_thread(until, lambda: not any(map(start_of, pids)))
    client.close()
    return asking.result()


def test_a_gateway_killed_after_its_demand_leaves_the_wake_up_behind(stage: Stage, tmp_path: Path) -> None:
    at_zero(stage, "gateway", tmp_path / "log")
    call = asyncio.run(ask_and_kill(stage, "gateway", "one", "gateway-1"))
    assert call.status == CUT
    # Nobody asks any more, and the copy comes: the client will be back.
    until(lambda: stage.serving("gateway", 1))
    assert stage.invoke("gateway", id="two")["id"] == "two"
    assert read_log(tmp_path / "log").begun == {"two": 1}


@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.05, 0.2])
def test_a_control_plane_killed_between_demand_and_start_loses_no_wake_up(stage: Stage, tmp_path: Path, after_s: float) -> None:
    name = f"control-{round(1000 * after_s)}"
    at_zero(stage, name, tmp_path / "log")
    call = asyncio.run(ask_and_kill(stage, name, "one", "control", after_s=after_s))
    assert (call.status, call.answer.get("id")) == (200, "one")
    until(lambda: stage.serving(name, 1))
    assert list(stage.pids(name).values()) == [call.answer["pid"]], "one copy was started, and none twice"
    assert read_log(tmp_path / "log").begun == {"one": 1}


def test_with_gateway_and_control_plane_killed_the_next_attempt_is_answered(stage: Stage, tmp_path: Path) -> None:
    at_zero(stage, "both", tmp_path / "log")
    call = asyncio.run(ask_and_kill(stage, "both", "one", "control", "gateway-1"))
    assert call.status == CUT
    assert stage.invoke("both", id="two")["id"] == "two"
    until(lambda: stage.serving("both", 1))
    assert len(stage.pids("both")) == 1


def test_a_component_that_follows_demand_by_itself_wakes_though_its_gateway_is_killed(stage: Stage, tmp_path: Path) -> None:
    log = tmp_path / "log"
    stage.deploy("follows", copies=0, handler=counting_handler(log, load_s=0.3), policy="split")
    asyncio.run(ask_and_kill(stage, "follows", "one", "gateway-1"))
    until(lambda: stage.serving("follows", 1))
    assert stage.invoke("follows", id="two")["id"] == "two"


def test_a_client_that_left_is_demand_no_more_and_its_start_is_called_off(stage: Stage, tmp_path: Path) -> None:
    at_zero(stage, "left", tmp_path / "log", load_s=60)

    async def leave() -> None:
        client = RawClient(stage.server.address, "left")
        asking = asyncio.create_task(client.invoke("one", {}))
        await asyncio.to_thread(until, lambda: waiting(stage, "left") == 1 and stage.pids("left"))
        client.close()
        await asyncio.wait([asking])

    asyncio.run(leave())
    until(lambda: waiting(stage, "left") == 0)
    until(lambda: not stage.pids("left"))
    assert stage.serving("left", 0)


def waiting(stage: Stage, name: str) -> int:
    """Give how many invocations the control plane believes to wait."""
    workloads = [each for endpoint in stage.server.status()["endpoints"] for each in endpoint["workloads"]]
    return int(next(each["held"] for each in workloads if each["name"] == name))

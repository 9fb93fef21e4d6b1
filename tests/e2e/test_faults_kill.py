"""Parts of a platform at work are killed, stopped or taken away: the rest goes on, and it is whole again by itself."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.e2e.fault_stage import SWIFT, Load, Stage, kill, platform, until

CLIENTS = 8
SLOW_START = """
import os
import time


def model_fn(model_dir):
    time.sleep(1)
    return os.getpid()


def predict_fn(data, model):
    return {"pid": model}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with platform(tmp_path_factory.mktemp("kill"), settings=SWIFT) as stage:
        stage.open()
        yield stage


def test_a_killed_copy_fails_its_own_invocations_at_most(stage: Stage) -> None:
    stage.deploy("pair", copies=2)
    before = stage.pids("pair")
    victim = next(iter(before.values()))
    with Load(CLIENTS, lambda _: stage.invoke("pair", seconds=0.02)) as load:
        kill(victim)
        killed = time.monotonic()
        load.more(100)
        until(lambda: stage.serving("pair", 2) and victim not in stage.pids("pair").values(), limit_s=5)
        back = time.monotonic() - killed
        load.more(100)
    assert back < 5
    assert len(load.failures) <= CLIENTS // 2, load.failures
    for _, error in load.failures:
        assert isinstance(error, ClientError)
        assert error.response["Error"]["Code"] == "ModelError"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 424
    after = stage.pids("pair")
    assert len(before.keys() & after.keys()) == 1, "the other copy goes on"
    assert len(after) == 2


def test_all_copies_killed_at_once_are_all_back_at_once(stage: Stage) -> None:
    stage.deploy("all", copies=3)
    before = stage.pids("all")
    with Load(CLIENTS, lambda _: stage.invoke("all", seconds=0.01)) as load:
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        until(lambda: stage.serving("all", 3) and before.keys().isdisjoint(stage.pids("all")), limit_s=5)
        load.more(50)
    assert len(load.failures) <= CLIENTS, load.failures
    assert {e.response["Error"]["Code"] for _, e in load.failures if isinstance(e, ClientError)} <= {"ModelError"}


def test_a_copy_that_hangs_is_replaced_while_the_other_serves(tmp_path: Path) -> None:
    with platform(tmp_path, settings=SWIFT, clock_speed=60) as stage:
        stage.open()
        stage.deploy("hangs", copies=2)
        victim = stage.invoke("hangs")["pid"]
        os.kill(victim, signal.SIGSTOP)
        hung = next(copy_id for copy_id, pid in stage.pids("hangs").items() if pid == victim)
        # Whoever was sent to it before it was found out waits for it; so nobody asks until it is out of the table.
        until(lambda: hung not in stage.in_service("hangs"))
        assert victim not in {stage.invoke("hangs")["pid"] for _ in range(5)}
        until(lambda: stage.serving("hangs", 2) and victim not in stage.pids("hangs").values())
        with Load(4, lambda _: stage.invoke("hangs")) as load:
            load.more(20)
        assert load.failures == []


def test_a_copy_that_hangs_with_work_is_replaced_and_the_work_times_out(tmp_path: Path) -> None:
    with platform(tmp_path, settings=f"{SWIFT}[gateway]\nmodel_timeout_s = 3\n", clock_speed=60) as stage:
        stage.open()
        stage.deploy("busy")
        victim = stage.invoke("busy")["pid"]
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(stage.refused, "busy", seconds=1)
            until(lambda: stage.gateway()["in_flight"] == 1)
            os.kill(victim, signal.SIGSTOP)
            # Another serves before the hung one's work is given up.
            assert until(lambda: set(stage.pids("busy").values()) - {victim})
            assert stage.invoke("busy")["pid"] != victim
            assert not working.done()
            error = working.result(timeout=8)
        assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 0)
        assert "timed out while waiting for a response" in error["OriginalMessage"]
        until(lambda: victim not in stage.pids("busy").values() and stage.serving("busy", 1))


def test_a_killed_gateway_is_replaced_and_clients_with_retries_see_nothing(tmp_path: Path) -> None:
    with platform(tmp_path, gateways=2) as stage:
        stage.open()
        stage.deploy("front", copies=2)
        patient = stage.client("sagemaker-runtime", attempts=None)
        with Load(CLIENTS, lambda _: stage.invoke("front", patient, seconds=0.01)) as load:
            for name in ("gateway-1", "gateway-2"):
                victim = until(lambda name=name: stage.child(name))  # type: ignore[misc]
                kill(victim)
                load.more(50)
                until(lambda name=name, victim=victim: stage.child(name) not in {0, victim})  # type: ignore[misc]
                load.more(50)
        assert load.failures == []
        assert len(stage.pids("front")) == 2


@pytest.mark.parametrize("when", ["before it heard of it", "while the copy starts"])
def test_an_invocation_held_at_zero_is_answered_though_the_control_plane_is_killed(stage: Stage, when: str) -> None:
    name = when.replace(" ", "-")
    stage.deploy(name, copies=0, handler=SLOW_START)
    stage.allow_zero(name)
    control = until(lambda: stage.child("control"))
    with ThreadPoolExecutor(1) as pool:
        if when.startswith("before"):
            os.kill(control, signal.SIGSTOP)
        held = pool.submit(stage.invoke, name)
        until(lambda: stage.gateway()["held"] == 1)
        if when.startswith("while"):
            until(lambda: stage.pids(name))
        kill(control)
        answer = held.result(timeout=15)
    until(lambda: stage.serving(name, 1))
    assert list(stage.pids(name).values()) == [answer["pid"]], "no second copy was started"


def test_scaling_in_under_load_loses_nothing(stage: Stage) -> None:
    stage.deploy("drain", copies=3)
    before = stage.pids("drain")

    def ask(client: int) -> None:
        if client % 2:
            stage.invoke("drain", seconds=0.05)
        else:
            whole = b"".join(stage.stream("drain", parts=5, every=0.02))
            assert whole == b"part 0;part 1;part 2;part 3;part 4;"

    with Load(16, ask) as load:
        stage.set_copies("drain", 1)
        until(lambda: stage.serving("drain", 1))
        until(lambda: len(stage.pids("drain")) == 1)
        load.more(50)
        stage.set_copies("drain", 2)
        until(lambda: stage.serving("drain", 2))
        load.more(50)
    assert load.failures == []
    assert len(before.keys() & stage.pids("drain").keys()) == 1


def test_a_copy_that_drains_keeps_its_work_though_the_control_plane_is_killed_twice(stage: Stage) -> None:
    stage.deploy("patience")
    with ThreadPoolExecutor(4) as pool:
        streams = [pool.submit(lambda: b"".join(stage.stream("patience", parts=25, every=0.1))) for _ in range(4)]
        until(lambda: stage.gateway()["in_flight"] == 4)
        stage.set_copies("patience", 0)
        for _ in range(2):
            kill(until(lambda: stage.child("control")))
            assert stage.component("patience")["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 0}
        assert stage.pids("patience"), "it drains still"
        assert {s.result().count(b"part") for s in streams} == {25}
    until(lambda: stage.pids("patience") == {})


def test_a_component_deleted_under_load_answers_what_it_has_begun(stage: Stage) -> None:
    stage.deploy("going", copies=1)
    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(stage.invoke, "going", seconds=0.5) for _ in range(4)]
        until(lambda: stage.gateway()["in_flight"] == 4)
        stage.sagemaker.delete_inference_component(InferenceComponentName="going")
        assert len([w.result(timeout=5) for w in working]) == 4
    until(lambda: stage.pids("going") == {})
    assert stage.refused("going")["Error"]["Message"] == 'Could not find inference component "going".'

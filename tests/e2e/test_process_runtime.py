"""The process runtime with real processes: faults, limits, and that nothing is left of them."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import urllib.request
from pathlib import Path

import msgspec
import pytest

from stoker.config.settings import Image
from stoker.domain.ids import CopyId
from stoker.errors import InvalidParameterError, LimitError
from stoker.ports.runtime import CopyGone, CopyPhase, CopyReady, CopyUnhealthy, Observation
from stoker.runtimes.process import leases
from stoker.runtimes.process import runtime as runtime_module
from stoker.runtimes.process.leftover import leftover
from stoker.runtimes.process.limits import MemoryGroups
from stoker.runtimes.process.places import Places
from stoker.runtimes.process.proctable import start_of
from stoker.units import MILLISECOND, SECOND
from tests.unit.runtimes.process_parts import (
    SETTINGS,
    TINY,
    files_of,
    processes_of,
    running,
    runtime,
    spec,
    until,
    until_gone,
    until_ready,
    wait_until,
)

ONE = CopyId("copy-1")


@pytest.mark.parametrize(
    ("behaviour", "reason", "code"),
    [
        pytest.param("exits", "The model server exited with code 3 before it was ready.", 3, id="exit"),
        pytest.param("killed", "The model server was killed by signal 9 (SIGKILL) before it was ready.", -9, id="signal"),
    ],
)
async def test_a_start_that_fails_says_how_and_leaves_only_its_log(
    tmp_path: Path, behaviour: str, reason: str, code: int
) -> None:
    async with running(tmp_path) as under_test:
        await under_test.start(spec(behaviour))
        gone = await until_gone(under_test.observe())
        assert (gone.reason, gone.exit_code) == (reason, code)
        assert files_of(tmp_path) == []
        assert processes_of(tmp_path) == []


@pytest.mark.parametrize(
    ("behaviour", "trouble"),
    [
        pytest.param("never_listens", "it does not listen (Connection refused)", id="never listens"),
        pytest.param("mute", "its ping got no answer within 0.", id="never answers"),
    ],
)
async def test_a_copy_that_does_not_get_ready_in_time_is_stopped(tmp_path: Path, behaviour: str, trouble: str) -> None:
    async with running(tmp_path) as under_test:
        await under_test.start(spec(behaviour, startup_timeout=500 * MILLISECOND))
        gone = await until_gone(under_test.observe())
        assert gone.reason.startswith(f"The model server did not answer its ping with 200 within 0.5 s of its start: {trouble}")
        assert processes_of(tmp_path) == []


async def test_a_command_that_does_not_exist_is_named_in_the_log(tmp_path: Path) -> None:
    image = Image(pattern="tiny", command=["/nowhere/server", "{port}"])
    async with running(tmp_path, images=[image]) as under_test:
        await under_test.start(spec())
        gone = await until_gone(under_test.observe())
        assert gone.exit_code == 127
        assert "/nowhere/server" in gone.log_tail


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        pytest.param({"image": "unknown"}, "The image 'unknown' has no command here", id="image"),
        pytest.param({"model_data": "file:///nowhere/at/all"}, "There is nothing at file:///nowhere/at/all", id="artifact"),
        pytest.param({"model_data": "s3://bucket/key"}, "needs the extra 'objects'", id="scheme"),
    ],
)
async def test_what_cannot_be_started_is_gone_with_the_reason(tmp_path: Path, fields: dict[str, str], text: str) -> None:
    async with running(tmp_path) as under_test:
        await under_test.start(msgspec.structs.replace(spec(), **fields))
        gone = await until_gone(under_test.observe())
        assert text in gone.reason
        assert gone.exit_code is None
        assert files_of(tmp_path) == []


class Nowhere:
    """A source that never has done."""

    async def fetch(self, url: str) -> Path:
        await asyncio.Event().wait()
        return Path(url)


async def test_files_that_do_not_come_in_time_end_the_start(tmp_path: Path) -> None:
    async with runtime(tmp_path, artifacts=Nowhere()) as under_test:
        await under_test.start(spec(model_data="file:///far", download_timeout=20 * MILLISECOND))
        gone = await until_gone(under_test.observe())
        assert gone.reason == "The model's files at file:///far were not fetched within 0.02 s."


async def test_a_copy_can_be_stopped_while_its_files_are_fetched(tmp_path: Path) -> None:
    async with runtime(tmp_path, artifacts=Nowhere()) as under_test:
        await under_test.start(spec(model_data="file:///far"))
        await asyncio.sleep(0)
        await under_test.stop(ONE)
        gone = await until_gone(under_test.observe())
        assert gone.reason == "The copy was stopped, as asked, before its model server was started."
        assert files_of(tmp_path) == []


async def test_a_copy_id_that_is_no_file_name_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as under_test:
        with pytest.raises(InvalidParameterError):
            await under_test.start(spec(copy_id="../../etc"))


async def test_copies_beyond_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "MOST_COPIES", 1)
    async with running(tmp_path) as under_test:
        await under_test.start(spec())
        with pytest.raises(LimitError):
            await under_test.start(spec(copy_id="copy-2"))


async def test_a_crash_is_noticed_at_once(tmp_path: Path) -> None:
    async with running(tmp_path, msgspec.structs.replace(SETTINGS, ping_interval_s=60.0)) as under_test:
        observations = under_test.observe()
        await under_test.start(spec())
        await until_ready(observations)
        (pid,) = processes_of(tmp_path)
        os.kill(pid, signal.SIGKILL)
        gone = await until_gone(observations, within_s=2.0)
        assert gone.reason == "The model server was killed by signal 9 (SIGKILL)."
        assert gone.exit_code == -9


async def test_a_server_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    async with running(tmp_path) as under_test:
        observations = under_test.observe()
        await under_test.start(spec("stubborn"))
        await until_ready(observations)
        begun = asyncio.get_running_loop().time()
        await under_test.stop(ONE)
        gone = await until_gone(observations)
        assert asyncio.get_running_loop().time() - begun >= SETTINGS.stop_grace_s
        assert gone.exit_code == -9
        assert processes_of(tmp_path) == []


@pytest.mark.parametrize("crash", [pytest.param(False, id="stop"), pytest.param(True, id="crash")])
async def test_grandchildren_die_with_their_copy_even_in_sessions_of_their_own(tmp_path: Path, *, crash: bool) -> None:
    async with running(tmp_path) as under_test:
        observations = under_test.observe()
        await under_test.start(spec("children"))
        await until_ready(observations)
        children = [int(line) for line in (tmp_path / "copies" / ONE / "work" / "children").read_text().split()]
        family = processes_of(tmp_path)
        assert len(children) == 2
        (leader,) = set(family) - set(children)
        if crash:
            os.kill(leader, signal.SIGKILL)
        else:
            await under_test.stop(ONE)
        await until_gone(observations)
        assert [pid for pid in (leader, *children) if start_of(pid) is not None] == []


LIMITED_BY = MemoryGroups("probe").kind
OVER_THE_LIMIT = {"rlimit": "MemoryError"}


async def test_a_copy_over_its_memory_limit_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as under_test:
        await under_test.start(spec("greedy", memory_limit_mb=64))
        gone = await until_gone(under_test.observe())
        expected = {
            "rlimit": "The model server exited with code 1 before it was ready.",
        }.get(LIMITED_BY, "The model server was killed by signal 9 (SIGKILL): it went over its memory limit of 64 MB.")
        assert gone.reason == expected
        assert OVER_THE_LIMIT.get(LIMITED_BY, "") in gone.log_tail
    group = MemoryGroups(Places(tmp_path).owner).make("probe", 1)
    assert group is None or [path.name for path in group.parent.iterdir() if path.is_dir()] == ["probe"]
    leftover(tmp_path, 0)
    if group is not None:
        group.rmdir()
        group.parent.rmdir()


async def test_the_copy_gets_the_models_environment_and_none_of_the_platforms_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the platform's own")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    model = tmp_path / "model"
    model.mkdir()
    image = Image(pattern="tiny", command=TINY.command, env={"FROM_IMAGE": "{model_dir}", "BOTH": "image"})
    async with running(tmp_path, images=[image]) as under_test:
        observations = under_test.observe()
        environment = {"BOTH": "model", "SAGEMAKER_PROGRAM": "inference.py", "STOKER_COPY_ID": "forged"}
        await under_test.start(spec(environment=environment, model_data=f"file://{model}", cpus=1.5))
        ready = await until_ready(observations)
        with await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{ready.port}/env") as reply:
            seen = dict(line.split("=", 1) for line in reply.read().decode().splitlines())
    assert seen["FROM_IMAGE"] == seen["SM_MODEL_DIR"] == str(model)
    assert seen["BOTH"] == "model"
    assert seen["SAGEMAKER_PROGRAM"] == "inference.py"
    assert seen["SAGEMAKER_BIND_TO_PORT"] == str(ready.port)
    assert seen["STOKER_COPY_ID"] == ONE
    assert seen["AWS_REGION"] == "us-east-1"
    assert seen["OMP_NUM_THREADS"] == "1"
    assert seen["PATH"] == os.environ["PATH"]
    assert not {"AWS_SECRET_ACCESS_KEY", "PYTHONDONTWRITEBYTECODE"} & seen.keys()


async def test_a_copy_that_loses_its_port_is_tried_on_another(tmp_path: Path) -> None:
    async with running(tmp_path) as under_test:
        observations = under_test.observe()
        await under_test.start(spec("loses_port"))
        seen: list[Observation] = []
        while not seen or not isinstance(seen[-1], (CopyReady, CopyGone)):
            seen.append(await until(observations, CopyPhase, CopyReady, CopyGone))
        assert [each.phase if isinstance(each, CopyPhase) else type(each).__name__ for each in seen] == [
            "spawned",
            "listening",
            "CopyReady",
        ]


async def test_a_stranger_on_the_port_is_not_taken_for_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = await asyncio.start_server(_pong, "127.0.0.1", 0)
    port = stranger.sockets[0].getsockname()[1]
    monkeypatch.setattr(leases.PortLeases, "lease", lambda _: port)
    async with stranger, running(tmp_path) as under_test:
        await under_test.start(spec("never_listens", startup_timeout=SECOND // 2))
        gone = await until_gone(under_test.observe())
        assert f"another process answers on its port {port}" in gone.reason


async def _pong(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    writer.close()


async def test_a_sick_copy_is_told_once_and_again_when_it_recovers(tmp_path: Path) -> None:
    async with running(tmp_path) as under_test:
        observations = under_test.observe()
        await under_test.start(spec("sick"))
        await until_ready(observations)
        mark = tmp_path / "copies" / ONE / "work" / "sick"
        mark.touch()
        sick = await until(observations, CopyUnhealthy, CopyReady, CopyGone)
        assert isinstance(sick, CopyUnhealthy)
        assert sick.reason == "The model server lives but its ping was answered with status 500, 2 times in a row."
        mark.unlink()
        healed = await until(observations, CopyUnhealthy, CopyReady, CopyGone)
        assert isinstance(healed, CopyReady)
        assert not healed.adopted


async def test_a_check_finds_a_sick_copy_long_before_the_next_ping(tmp_path: Path) -> None:
    async with running(tmp_path, msgspec.structs.replace(SETTINGS, ping_interval_s=60.0)) as under_test:
        observations = under_test.observe()
        await under_test.start(spec("sick"))
        await until_ready(observations)
        (tmp_path / "copies" / ONE / "work" / "sick").touch()
        await under_test.check(ONE)
        await until(observations, CopyUnhealthy, within_s=5.0)


async def test_only_so_many_copies_start_at_once(tmp_path: Path) -> None:
    async with running(tmp_path, msgspec.structs.replace(SETTINGS, max_starting=1)) as under_test:
        observations = under_test.observe()
        await under_test.start(spec("never_listens", "copy-1"))
        while not processes_of(tmp_path):  # before that, another one may still come first
            await until(observations, CopyPhase)
        await under_test.start(spec("good", "copy-2"))
        await under_test.start(spec("good", "copy-3"))
        assert len(processes_of(tmp_path)) == 1
        await under_test.stop(ONE)
        seen = [await until(observations, CopyReady, CopyGone) for _ in range(3)]  # in any order
        ready = {one.copy_id for one in seen if isinstance(one, CopyReady)}
        gone = {one.copy_id for one in seen if isinstance(one, CopyGone)}
        assert (gone, ready) == ({"copy-1"}, {"copy-2", "copy-3"})


async def test_a_long_log_is_rotated_and_its_end_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_module, "LOG_CHECK_S", 0.02)
    async with running(tmp_path) as under_test:
        observations = under_test.observe()
        await under_test.start(spec("chatty"))
        await until_ready(observations)
        log = tmp_path / "copies" / ONE / "log"
        await asyncio.wait_for(asyncio.to_thread(wait_until, lambda: log.stat().st_size <= SETTINGS.log_bytes), 10)
        rotated = log.with_name("log.1")
        assert rotated.stat().st_size == SETTINGS.log_bytes
        assert rotated.read_bytes().endswith(b"line 019999 of many\n")


async def test_a_data_directory_that_lies_deep_gets_short_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    places = Places(deep)
    path = places.socket(ONE)
    try:
        assert len(path) <= 100
        assert Path(path).parent.stat().st_mode & 0o777 == 0o700
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
    finally:
        places.create(ONE)
        places.discard(ONE, path)
    assert not Path(path).parent.exists()


def test_short_sockets_of_a_killed_platform_are_cleared_up_by_the_next(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    path = Places(deep).socket(ONE)
    Path(path).touch()
    Places(deep).discard(ONE, path)
    assert not Path(path).parent.exists()


def is_socket(path: str) -> bool:
    return Path(path).is_socket()


async def test_the_built_in_image_serves_on_a_unix_socket(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "inference.py").write_text("def predict_fn(data, model):\n    return data\n")
    async with running(tmp_path) as under_test:
        observations = under_test.observe()
        await under_test.start(spec(image="stoker/python:1", model_data=f"file://{model}"))
        ready = await until_ready(observations)
        assert ready.port == 0
        assert is_socket(ready.socket)
        await under_test.stop(ONE)
        await until_gone(observations)
        assert not is_socket(ready.socket)


async def test_an_image_is_looked_up_early(tmp_path: Path) -> None:
    async with running(tmp_path) as under_test:
        assert under_test.resolve_image("tiny") == TINY
        assert under_test.resolve_image("stoker/python").command[0] == sys.executable
        with pytest.raises(InvalidParameterError, match=r"none of 'tiny', 'stoker/python', 'stoker/python:\*'") as refused:
            under_test.resolve_image("763104351884.dkr.ecr.us-east-1.amazonaws.com/djl")
        assert refused.value.field == "Image"


class TestAfterACrashOfTheControlPlane:
    """The copy's process is left as a crash would leave it: the first runtime lets go without a word."""

    async def test_a_copy_that_died_meanwhile_is_told_gone_with_its_log(self, tmp_path: Path) -> None:
        async with runtime(tmp_path) as first:
            await first.start(spec("chatty"))
            await until_ready(first.observe())
        (pid,) = processes_of(tmp_path)
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_until, lambda: start_of(pid) is None)
        async with running(tmp_path) as second:
            gone = await until_gone(second.observe())
            assert gone.reason == "The model server ended while no control plane ran."
            assert gone.log_tail.endswith("line 019999 of many")
            assert await second.held() == []
            assert files_of(tmp_path) == []

    async def test_a_process_whose_pid_was_not_noted_is_found_by_its_mark(self, tmp_path: Path) -> None:
        async with runtime(tmp_path) as first:
            await first.start(spec())
            await until_ready(first.observe())
        places = Places(tmp_path)
        record = places.load()[ONE]
        assert record is not None
        places.save(msgspec.structs.replace(record, pid=0, start=0, was_ready=False))
        async with running(tmp_path) as second:
            observations = second.observe()
            ready = await until_ready(observations)
            assert ready.adopted
            assert ready.port == record.address.port
            await second.stop(ONE)
            await until_gone(observations)
            assert processes_of(tmp_path) == []

    async def test_another_process_with_the_same_pid_is_left_alone(self, tmp_path: Path) -> None:
        async with runtime(tmp_path) as first:
            await first.start(spec())
            await until_ready(first.observe())
        (pid,) = processes_of(tmp_path)
        os.kill(pid, signal.SIGKILL)
        bystander = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(600)")
        try:
            places = Places(tmp_path)
            record = places.load()[ONE]
            assert record is not None
            places.save(msgspec.structs.replace(record, pid=bystander.pid))
            async with running(tmp_path) as second:
                await until_gone(second.observe())
                assert start_of(bystander.pid) is not None
        finally:
            bystander.kill()
            await bystander.wait()

    async def test_a_torn_record_is_cleaned_up_and_its_process_killed(self, tmp_path: Path) -> None:
        async with runtime(tmp_path) as first:
            await first.start(spec("children"))
            await until_ready(first.observe())
        (tmp_path / "copies" / ONE / "copy.json").write_text('{"spec":')
        async with running(tmp_path) as second:
            await until_gone(second.observe())
            assert processes_of(tmp_path) == []

    async def test_a_start_goes_on_under_its_old_deadline(self, tmp_path: Path) -> None:
        async with runtime(tmp_path) as first:
            await first.start(spec("never_listens"))
            await until(first.observe(), CopyPhase)
        places = Places(tmp_path)
        record = places.load()[ONE]
        assert record is not None
        places.save(msgspec.structs.replace(record, spawned_s=record.spawned_s - 60))
        async with running(tmp_path) as second:
            gone = await until_gone(second.observe(), within_s=5.0)
            assert gone.reason.startswith("The model server did not answer its ping with 200 within")

    async def test_a_process_without_any_record_is_killed(self, tmp_path: Path) -> None:
        async with runtime(tmp_path) as first:
            await first.start(spec())
            await until_ready(first.observe())
        shutil.rmtree(tmp_path / "copies" / ONE)
        async with running(tmp_path) as second:
            assert await second.held() == []
            assert processes_of(tmp_path) == []

    async def test_leftover_clears_everything_without_a_loop(self, tmp_path: Path) -> None:
        async with runtime(tmp_path) as first:
            observations = first.observe()
            await first.start(spec("children", "copy-1", memory_limit_mb=256))
            await first.start(spec("stubborn", "copy-2"))
            await until_ready(observations)
            await until_ready(observations)
        assert leftover(tmp_path, 0.2) == ["copy-1", "copy-2"]
        assert processes_of(tmp_path) == []
        assert files_of(tmp_path) == []
        assert leftover(tmp_path, 0.2) == []

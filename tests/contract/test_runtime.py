"""What every `Runtime` does, asked of each implementation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from stoker.domain.ids import CopyId
from stoker.errors import UnavailableError
from stoker.ports.runtime import CopyGone, CopyPhase, CopyReady, CopySpec, Observation, Runtime
from stoker.testing.fake_runtime import FakeRuntime, Script
from stoker.units import MILLISECOND
from tests.unit.runtimes.process_parts import WallClock, running, runtime, spec, until, until_gone, until_ready

ONE = CopyId("copy-1")

# What the tiny server does when told so, played by the fake.
SCRIPTS = {
    "good": Script(load=5 * MILLISECOND),
    "exits": Script(
        failure="The model server exited with code 3 before it was ready.", exit_code=3, log_tail="the weights are torn"
    ),
    "stubborn": Script(stop=300 * MILLISECOND),
    "never_listens": Script(load=600_000 * MILLISECOND),
}


class Bench:
    """One implementation under test: how to open it, and how a control plane's successor opens it again."""

    def __init__(self, kind: str, data: Path) -> None:
        self._kind = kind
        self._data = data
        self._fake: FakeRuntime | None = None

    @asynccontextmanager
    async def opened(self, behaviour: str = "good") -> AsyncIterator[Runtime]:
        if self._kind == "fake":
            async with FakeRuntime(WallClock(), SCRIPTS[behaviour]) as fake:
                self._fake = fake
                yield fake
        else:
            async with running(self._data) as process:
                yield process

    @asynccontextmanager
    async def opened_to_leave(self) -> AsyncIterator[Runtime]:
        if self._kind == "fake":
            async with self.opened() as fake:
                yield fake
        else:
            async with runtime(self._data) as process:
                yield process

    @asynccontextmanager
    async def reopened(self) -> AsyncIterator[Runtime]:
        if self._fake is not None:
            async with self._fake.successor() as heir:
                yield heir
        else:
            async with running(self._data) as process:
                yield process


@pytest.fixture(params=["fake", "process"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(request.param, tmp_path)


async def rest(observations: AsyncIterator[Observation]) -> list[Observation]:
    async with asyncio.timeout(10):
        return [observation async for observation in observations]


async def test_a_copy_passes_its_phases_in_order_and_is_ready(bench: Bench, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    async with bench.opened() as under_test:
        observations = under_test.observe()
        await under_test.start(spec(model_data=f"file://{model}"))
        seen: list[Observation] = []
        while not seen or not isinstance(seen[-1], CopyReady):
            seen.append(await until(observations, CopyPhase, CopyReady, CopyGone))
        phases = [each.phase for each in seen if isinstance(each, CopyPhase)]
        assert phases == ["fetched", "spawned", "listening"]
        assert [each.at for each in seen] == sorted(each.at for each in seen)
        ready = seen[-1]
        assert isinstance(ready, CopyReady)
        assert ready.copy_id == ONE
        assert ready.port
        assert not ready.adopted


async def test_start_returns_at_once_and_holds_the_copy(bench: Bench) -> None:
    async with bench.opened("never_listens") as under_test:
        async with asyncio.timeout(1):
            await under_test.start(spec("never_listens"))
        assert await under_test.held() == [ONE]


async def test_a_copy_that_is_held_is_not_started_again(bench: Bench) -> None:
    async with bench.opened() as under_test:
        observations = under_test.observe()
        await under_test.start(spec())
        await under_test.start(spec())
        await until_ready(observations)
        await under_test.start(spec())
        assert await under_test.held() == [ONE]
        await under_test.close(stop_copies=True)
        assert [type(each) for each in await rest(observations)] == [CopyGone]


async def test_a_stopped_copy_is_gone_once_and_no_longer_held(bench: Bench) -> None:
    async with bench.opened() as under_test:
        observations = under_test.observe()
        await under_test.start(spec())
        await until_ready(observations)
        await under_test.stop(ONE)
        await under_test.stop(ONE)
        gone = await until_gone(observations)
        assert gone.copy_id == ONE
        assert gone.reason == "The model server was stopped, as asked."
        assert await under_test.held() == []
        await under_test.stop(ONE)
        await under_test.close(stop_copies=True)
        assert await rest(observations) == []


async def test_stopping_what_was_never_there_is_no_error(bench: Bench) -> None:
    async with bench.opened() as under_test:
        await under_test.stop(CopyId("never"))
        await under_test.check(CopyId("never"))
        assert await under_test.held() == []


async def test_a_failed_start_is_gone_with_its_reason_code_and_last_lines(bench: Bench) -> None:
    async with bench.opened("exits") as under_test:
        observations = under_test.observe()
        await under_test.start(spec("exits"))
        gone = await until_gone(observations)
        assert gone.reason == "The model server exited with code 3 before it was ready."
        assert gone.exit_code == 3
        assert gone.log_tail == "the weights are torn"
        assert await under_test.held() == []


async def test_a_copy_can_be_stopped_while_it_starts(bench: Bench) -> None:
    async with bench.opened("never_listens") as under_test:
        observations = under_test.observe()
        await under_test.start(spec("never_listens"))
        await under_test.stop(ONE)
        gone = await until_gone(observations)
        assert "as asked" in gone.reason


async def test_a_copy_id_may_be_used_again_once_gone(bench: Bench) -> None:
    async with bench.opened() as under_test:
        observations = under_test.observe()
        for _ in range(2):
            await under_test.start(spec())
            await until_ready(observations)
            await under_test.stop(ONE)
            await until_gone(observations)


async def test_a_copy_being_stopped_is_held_until_it_is_gone(bench: Bench) -> None:
    async with bench.opened("stubborn") as under_test:
        observations = under_test.observe()
        await under_test.start(spec("stubborn"))
        await until_ready(observations)
        await under_test.stop(ONE)
        assert await under_test.held() == [ONE]
        await until_gone(observations)
        assert await under_test.held() == []


async def test_copies_that_run_tell_what_they_use_and_others_do_not(bench: Bench) -> None:
    async with bench.opened() as under_test:
        observations = under_test.observe()
        assert await under_test.usage() == {}
        await under_test.start(spec())
        await until_ready(observations)
        first = (await under_test.usage())[ONE]
        assert first.memory_bytes > 0
        second = (await under_test.usage())[ONE]
        assert second.cpu_ns >= first.cpu_ns >= 0
        await under_test.stop(ONE)
        await until_gone(observations)
        assert await under_test.usage() == {}


async def test_closing_with_stop_ends_all_copies_and_the_observations(bench: Bench) -> None:
    async with bench.opened() as under_test:
        observations = under_test.observe()
        specs: list[CopySpec] = [spec(copy_id=f"copy-{number}") for number in range(3)]
        for each in specs:
            await under_test.start(each)
        for _ in specs:
            await until_ready(observations)
        await under_test.close(stop_copies=True)
        ended = await rest(observations)
        assert sorted(each.copy_id for each in ended if isinstance(each, CopyGone)) == ["copy-0", "copy-1", "copy-2"]
        assert await under_test.held() == []
        with pytest.raises(UnavailableError):
            await under_test.start(spec())


async def test_copies_left_running_are_adopted_by_the_successor(bench: Bench) -> None:
    async with bench.opened_to_leave() as first:
        observations = first.observe()
        await first.start(spec())
        before = await until_ready(observations)
    async with bench.reopened() as second:
        assert await second.held() == [ONE]
        observations = second.observe()
        again = await until_ready(observations)
        assert again.adopted
        assert (again.socket, again.port) == (before.socket, before.port)
        await second.start(spec())
        await second.stop(ONE)
        gone = await until_gone(observations)
        assert gone.reason == "The model server was stopped, as asked."
        assert await second.held() == []

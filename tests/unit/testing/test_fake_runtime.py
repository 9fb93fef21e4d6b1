"""What the fake runtime does beyond the contract: its script, on virtual time."""

import asyncio
from collections.abc import Awaitable, Callable

from stoker.domain.ids import CopyId, InstanceId, WorkloadId
from stoker.ports.runtime import CopyGone, CopyPhase, CopyReady, CopySpec, CopyUnhealthy, Observation
from stoker.testing.clock import EPOCH, LoopClock
from stoker.testing.fake_runtime import FakeRuntime, Script
from stoker.testing.loop import run_virtually
from stoker.units import MINUTE, SECOND

ONE = CopyId("copy-1")
SPEC = CopySpec(copy_id=ONE, workload=WorkloadId("ic/a"), instance_id=InstanceId("i"), image="any", model_data="file:///m")


def played(script: Script, acts: Callable[[FakeRuntime], Awaitable[None]]) -> list[Observation]:
    """All that a runtime told until it was closed."""

    async def main() -> list[Observation]:
        async with FakeRuntime(LoopClock(asyncio.get_running_loop()), script) as fake:
            await acts(fake)
            await fake.close(stop_copies=True)
            return [each async for each in fake.observe()]

    return run_virtually(main())


def test_a_script_is_played_at_its_times() -> None:
    async def acts(fake: FakeRuntime) -> None:
        await fake.start(SPEC)
        await asyncio.sleep(3600)

    script = Script(fetch=10 * SECOND, load=MINUTE, crash_after=5 * MINUTE, exit_code=7, log_tail="boom", socket="/run/copy")
    assert played(script, acts) == [
        CopyPhase(copy_id=ONE, phase="fetched", at=EPOCH + 10 * SECOND),
        CopyPhase(copy_id=ONE, phase="spawned", at=EPOCH + 10 * SECOND),
        CopyPhase(copy_id=ONE, phase="listening", at=EPOCH + 70 * SECOND),
        CopyReady(copy_id=ONE, at=EPOCH + 70 * SECOND, socket="/run/copy"),
        CopyGone(
            copy_id=ONE, at=EPOCH + 370 * SECOND, reason="The model server exited with code 7.", exit_code=7, log_tail="boom"
        ),
    ]


def test_workloads_have_scripts_of_their_own() -> None:
    async def acts(fake: FakeRuntime) -> None:
        fake.play(SPEC.workload, Script(failure="The weights are torn.", exit_code=3))
        await fake.start(SPEC)
        await asyncio.sleep(1)
        assert await fake.held() == []
        assert fake.started == [SPEC]

    *_, last = played(Script(), acts)
    assert last == CopyGone(copy_id=ONE, at=EPOCH, reason="The weights are torn.", exit_code=3)


def test_a_test_can_make_a_copy_ill_heal_it_and_crash_it() -> None:
    async def acts(fake: FakeRuntime) -> None:
        await fake.start(SPEC)
        await asyncio.sleep(1)
        fake.sicken(ONE, "ill")
        await fake.check(ONE)
        fake.heal(ONE)
        await fake.check(ONE)
        fake.crash(ONE, "crashed", 9)
        await fake.stop(ONE)
        assert fake.stopped == [ONE]

    assert played(Script(), acts)[3:] == [
        CopyReady(copy_id=ONE, at=EPOCH, port=9),
        CopyUnhealthy(copy_id=ONE, at=EPOCH + SECOND, reason="ill"),
        CopyUnhealthy(copy_id=ONE, at=EPOCH + SECOND, reason="ill"),
        CopyReady(copy_id=ONE, at=EPOCH + SECOND, port=9),
        CopyGone(copy_id=ONE, at=EPOCH + SECOND, reason="crashed", exit_code=9),
    ]


def test_a_stop_takes_its_time() -> None:
    async def acts(fake: FakeRuntime) -> None:
        await fake.start(SPEC)
        await asyncio.sleep(1)
        await fake.stop(ONE)
        await asyncio.sleep(29)
        assert await fake.held() == [ONE]
        await asyncio.sleep(2)
        assert await fake.held() == []

    *_, last = played(Script(stop=30 * SECOND), acts)
    assert last == CopyGone(copy_id=ONE, at=EPOCH + 31 * SECOND, reason="The model server was stopped, as asked.", exit_code=0)


def test_a_successor_adopts_what_was_ready_and_loses_the_rest() -> None:
    async def main() -> list[Observation]:
        fake = FakeRuntime(LoopClock(asyncio.get_running_loop()))
        await fake.start(SPEC)
        await asyncio.sleep(1)
        fake.play(SPEC.workload, Script(load=MINUTE))
        late = CopySpec(copy_id=CopyId("copy-2"), workload=SPEC.workload, instance_id=SPEC.instance_id, image="any")
        await fake.start(late)
        await fake.close(stop_copies=False)
        heir = fake.successor()
        assert await heir.held() == [ONE]
        await heir.close(stop_copies=True)
        return [each async for each in heir.observe()]

    assert [(type(each), each.copy_id) for each in run_virtually(main())] == [
        (CopyReady, "copy-1"),
        (CopyGone, "copy-2"),
        (CopyGone, "copy-1"),
    ]

"""The driver with the real engine, effects and hub, on virtual time."""

import asyncio

import pytest

from stoker.domain.ids import ComponentName, WorkloadId
from stoker.engine.events import CopyCountSet
from stoker.errors import InvariantBrokenError, UnavailableError
from stoker.testing.loop import run_virtually
from tests.unit.control.stage import Stage, component, endpoint

IC = WorkloadId("ic/ic")


def test_a_change_is_on_disk_before_its_effects_and_before_submit_returns() -> None:
    async def scene() -> None:
        stage = Stage(provision=0)
        stage.store.delay_s = 2.0
        async with stage.running():
            await stage.driver.submit(endpoint())
            assert stage.told[:2] == ["disk", "routes"]
            assert {record.kind for record in await stage.store.load()} == {"endpoint"}
            await stage.driver.submit(component())
            await asyncio.sleep(10)
            # The endpoint, the component with its instance, the copy that starts: each is kept, then acted on.
            assert [t for t in stage.told if t != "routes"][:4] == ["disk", "disk", "disk", "start"]

    run_virtually(scene())


def test_changes_that_wait_together_share_a_transaction_and_a_publication() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.store.delay_s = 1.0
        async with stage.running(), asyncio.TaskGroup() as callers:
            for number in range(20):
                callers.create_task(stage.driver.submit(endpoint(f"e{number}")))
        assert stage.store.groups == [20]
        assert stage.told == ["disk", "routes"]

    run_virtually(scene())


def test_a_copy_comes_up_and_goes_again_on_the_engines_deadlines() -> None:
    async def scene() -> None:
        stage = Stage()
        async with stage.running():
            await stage.driver.submit(endpoint())
            await stage.driver.submit(component(copies=2))
            await asyncio.sleep(6)
            assert stage.platform.fleet.serving(IC) == 2
            (workload,) = stage.tables[-1].workloads
            assert [c.copy_id for c in workload.copies] == list(stage.platform.fleet.copies)
            await stage.driver.submit(CopyCountSet(name=ComponentName("ic"), count=0))
            await asyncio.sleep(599)
            assert (stage.platform.fleet.copies, len(stage.platform.fleet.instances)) == ({}, 1)
            await asyncio.sleep(2)
            assert stage.platform.fleet.instances == {}
        assert [r.kind for r in await stage.store.load()] == ["endpoint", "component", "start-times"]

    run_virtually(scene())


def test_a_copy_that_crashes_twice_is_restarted_by_the_timer() -> None:
    async def scene() -> None:
        stage = Stage(provision=0)
        async with stage.running():
            await stage.driver.submit(endpoint())
            await stage.driver.submit(component())
            await asyncio.sleep(0.1)
            for _ in range(2):
                (copy_id,) = await stage.runtime.held()
                stage.runtime.crash(copy_id)
                await asyncio.sleep(0.1)
            assert stage.platform.fleet.serving(IC) == 0
            await asyncio.sleep(1)
            assert stage.platform.fleet.serving(IC) == 1

    run_virtually(scene())


def test_a_store_that_fails_refuses_who_waits_and_ends_the_driver() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.store.delay_s = 1.0
        stage.store.fail_with(OSError("no space left"))
        refused: list[str] = []

        async def call(name: str, after_s: float) -> None:
            await asyncio.sleep(after_s)
            with pytest.raises(UnavailableError):
                await stage.driver.submit(endpoint(name))
            refused.append(name)

        async with asyncio.timeout(30), asyncio.TaskGroup() as callers:
            stage.effects.connect(callers, stage.driver.post, stage.publish)
            callers.create_task(call("first", 0))
            callers.create_task(call("while the first is written", 0.5))
            callers.create_task(call("after the end", 5))
            with pytest.raises(OSError, match="no space left"):
                await stage.driver.run()
            stage.driver.post(component())
        assert refused == ["first", "while the first is written", "after the end"]
        assert (stage.told, stage.platform.fleet.components) == ([], {})

    run_virtually(scene())


def test_an_effect_that_fails_leaves_nobody_waiting() -> None:
    async def scene() -> None:
        stage = Stage(provision=0)
        stage.runtime.failure = UnavailableError("the runtime is away")

        async def life() -> None:
            async with asyncio.timeout(30), stage.running():
                await stage.driver.submit(endpoint())
                await stage.driver.submit(component())
                await asyncio.sleep(10)

        with pytest.raises(BaseExceptionGroup):
            await life()
        async with asyncio.timeout(1):
            with pytest.raises(UnavailableError):
                await stage.driver.submit(component("late"))

    run_virtually(scene())


def test_a_disk_that_hangs_is_a_disk_that_failed() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.store.delay_s = 1e6

        async def life() -> None:
            async with stage.running():
                with pytest.raises(UnavailableError):
                    await stage.driver.submit(endpoint())
                await asyncio.sleep(10)

        with pytest.raises(BaseExceptionGroup) as caught:
            await life()
        assert caught.group_contains(UnavailableError, match="The disk took longer than 60 s")

    run_virtually(scene())


def test_an_engine_that_fails_ends_the_driver_and_its_half_made_change_never_reaches_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a bug")

    async def until_it_ends(stage: Stage) -> None:
        async with stage.running():
            await stage.driver.submit(endpoint())
            monkeypatch.setattr(type(stage.platform.reconciler), "reconcile", broken)
            with pytest.raises(KeyError):
                await stage.driver.submit(component())
            with pytest.raises(UnavailableError):
                await stage.driver.submit(endpoint("later"))
            await asyncio.sleep(60)

    async def scene() -> None:
        stage = Stage()
        with pytest.raises(ExceptionGroup) as caught:
            await until_it_ends(stage)
        assert caught.group_contains(InvariantBrokenError, match="starts again from the disk")
        assert [r.kind for r in await stage.store.load()] == ["endpoint"]

    run_virtually(scene())

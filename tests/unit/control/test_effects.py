"""What effects do with single commands, on virtual time."""

import asyncio

import pytest

from stoker.domain.ids import CopyId, EndpointName, InstanceId, VariantName
from stoker.domain.instances import Instance, InstanceShape
from stoker.domain.states import InstanceState
from stoker.engine.commands import LaunchInstance, Put, StopCopy, TerminateInstance
from stoker.engine.events import Event, InstanceGone, InstanceReady
from stoker.errors import InvariantBrokenError
from stoker.testing.loop import run_virtually
from tests.unit.control.stage import Stage

MACHINE = InstanceShape(cpus=4.0, memory_mb=1000)


def launch(name: str) -> LaunchInstance:
    instance = Instance(
        instance_id=InstanceId(name),
        endpoint=EndpointName("e"),
        variant=VariantName("v"),
        instance_type="t",
        shape=MACHINE,
        state=InstanceState.PENDING,
        created=0,
    )
    return LaunchInstance(instance=instance)


def test_commands_before_the_connection_are_a_bug() -> None:
    async def scene() -> None:
        with pytest.raises(InvariantBrokenError):
            await Stage().effects.perform(StopCopy(copy_id=CopyId("copy-a")))

    run_virtually(scene())


def test_writes_are_not_for_the_effects() -> None:
    async def scene() -> None:
        stage = Stage()
        async with asyncio.TaskGroup() as group:
            stage.effects.connect(group, lambda _: None, lambda: None)
            with pytest.raises(InvariantBrokenError):
                await stage.effects.perform(Put(kind="a", key="b", document=b""))

    run_virtually(scene())


def test_an_instance_given_back_at_once_leaves_its_room_to_the_next() -> None:
    async def scene() -> None:
        stage = Stage(machine=MACHINE)
        events: list[Event] = []
        async with asyncio.TaskGroup() as group:
            stage.effects.connect(group, events.append, lambda: None)
            await stage.effects.perform(launch("i-a"))
            await stage.effects.perform(TerminateInstance(instance_id=InstanceId("i-a")))
            await stage.effects.perform(launch("i-b"))
        assert events[0] == InstanceGone(instance_id=InstanceId("i-a"))
        assert InstanceReady(instance_id=InstanceId("i-b")) in events

    run_virtually(scene())


def test_a_copy_is_stopped_once_however_often_it_is_asked_for() -> None:
    async def scene() -> None:
        stage = Stage()
        async with asyncio.TaskGroup() as group:
            stage.effects.connect(group, lambda _: None, lambda: None)
            for _ in range(3):
                await stage.effects.perform(StopCopy(copy_id=CopyId("copy-a")))
        assert stage.runtime.stopped == ["copy-a"]

    run_virtually(scene())


def test_what_is_under_way_can_be_abandoned() -> None:
    async def scene() -> None:
        stage = Stage(provision=10**15)
        events: list[Event] = []
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            stage.effects.connect(group, events.append, lambda: None)
            await stage.effects.perform(launch("i-a"))
            await asyncio.sleep(1)
            stage.effects.abandon()
        assert events == []

    run_virtually(scene())

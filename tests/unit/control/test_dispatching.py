"""Requests that were kept are taken up again: what had an attempt under way has had one, what is done is done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stoker.artifacts.buckets import Buckets
from stoker.artifacts.inference_files import InferenceFiles
from stoker.control.dispatching import INTERRUPTED, Dispatcher, DispatchOptions
from stoker.control.notices import Notices
from stoker.domain.asynchronous import AsyncInference, AsyncRequest, AsyncState, RequestId, begun, ended, over
from stoker.domain.ids import EndpointName, Partition
from stoker.engine.backlog import Backlog
from stoker.service.asynchronous import AsyncDesk
from stoker.service.queues import QueueDesk
from stoker.testing.desk import LocalDesk
from stoker.testing.memory_requests import MemoryRequests
from stoker.units import SECOND, Span, to_seconds

if TYPE_CHECKING:
    from stoker.engine.events import Event
    from stoker.engine.platform import Platform

QUEUE = "arn:aws:sqs:us-east-1:123456789012:ended"
HOW = AsyncInference(output="s3://out/o", failure="s3://out/f", error_topic=QUEUE)


class Clock:
    """A clock that a test's desk has."""

    def __init__(self, desk: LocalDesk) -> None:
        self.now = desk.now
        self.wall_s = to_seconds


class Watched:
    """What a dispatcher sees of the driver."""

    def __init__(self, desk: LocalDesk) -> None:
        self.platform: Platform = desk.platform
        self.posted: list[Event] = []
        self.post = self.posted.append


class World:
    """A desk with one queue and one bucket, and requests kept from before."""

    def __init__(self, place: Path) -> None:
        self.desk = LocalDesk()
        self.store = MemoryRequests()
        self.buckets = Buckets(place)
        self.buckets.create("out")
        self.files = InferenceFiles(place, self.buckets, most_bytes=1000, machine=False)
        self.queues = QueueDesk(self.desk, Partition())
        self.requests = AsyncDesk(self.desk, Partition(), store=self.store, backlog=Backlog(), places=self.files)

    def made(self, name: str, *, ttl: Span = 1000 * SECOND) -> AsyncRequest:
        now = self.desk.now()
        return AsyncRequest(
            request_id=RequestId(name),
            inference_id=name,
            endpoint=EndpointName("e"),
            received=now,
            deadline=now + ttl,
            output=f"s3://out/o/{name}.out",
            failure=f"s3://out/f/{name}-error.out",
            how=HOW,
        )

    def running(self, name: str, attempts: int) -> AsyncRequest:
        request = self.made(name)
        for _ in range(attempts - 1):
            request = ended(begun(request, self.desk.now()), "it broke", self.desk.now())
        return begun(request, self.desk.now())

    @asynccontextmanager
    async def dispatching(self) -> AsyncIterator[Dispatcher]:
        await self.queues.create("ended", {}, {})
        dispatcher = Dispatcher(
            self.requests,
            Watched(self.desk),
            Clock(self.desk),
            files=self.files,
            door=lambda: None,
            notices=Notices(self.queues, Partition()),
            options=DispatchOptions(attempts=2),
        )
        async with asyncio.TaskGroup() as group:
            task = group.create_task(dispatcher.run())
            yield dispatcher
            task.cancel()

    async def ended(self, name: str) -> AsyncRequest:
        async with asyncio.timeout(10):
            while True:
                request = await self.store.get(RequestId(name))
                if request is not None and request.told:
                    return request
                await asyncio.sleep(0.005)


async def test_what_ran_too_often_has_failed_and_somebody_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.store.put(world.running("spent", 2))
    async with world.dispatching():
        request = await world.ended("spent")
    assert (request.state, request.reason) == (AsyncState.FAILED, f"{INTERRUPTED} (2 attempts made)")
    assert [attempt.outcome for attempt in request.attempts] == ["it broke", INTERRUPTED]
    (message,) = await world.queues.receive("ended", 10)
    assert "spent" in message.message.body
    assert b"it broke" in (world.files.result(request.failure, 1000) or b"")


async def test_a_result_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    request = world.running("done", 1)
    await world.store.put(request)
    sink = world.files.open_output(request.output)
    sink.write(b"the result")
    sink.keep(request.request_id, "text/plain")
    async with world.dispatching():
        found = await world.ended("done")
    assert (found.state, len(found.attempts)) == (AsyncState.COMPLETED, 1)
    assert world.files.result(request.output, 1000) == b"the result"


async def test_another_requests_result_at_the_same_place_counts_for_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    request = world.running("again", 2)
    await world.store.put(request)
    sink = world.files.open_output(request.output)
    sink.keep("another", "text/plain")
    async with world.dispatching():
        assert (await world.ended("again")).state is AsyncState.FAILED


async def test_what_waits_for_nobody_fails_and_a_notice_that_was_not_sent_is_sent(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.store.put(world.made("orphan"))
    untold = over(world.made("untold"), AsyncState.FAILED, world.desk.now(), reason="as was said before")
    assert not untold.told
    await world.store.put(untold)
    async with world.dispatching():
        assert "was deleted" in (await world.ended("orphan")).reason
        assert await world.ended("untold") == msgspec.structs.replace(untold, told=True)
    bodies = "".join(each.message.body for each in await world.queues.receive("ended", 10))
    assert "as was said before" in bodies
    assert "was deleted" in bodies
    assert not world.requests.backlog.waits


async def test_a_dispatcher_that_rests_has_nothing_to_wait_for(tmp_path: Path) -> None:
    world = World(tmp_path)
    async with world.dispatching() as dispatcher, asyncio.timeout(1):
        await dispatcher.rest(60)

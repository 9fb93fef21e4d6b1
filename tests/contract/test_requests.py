"""What every `RequestStore` does, asked of each implementation."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from stoker.domain.asynchronous import AsyncInference, AsyncRequest, AsyncState, RequestId, begun, over
from stoker.domain.ids import EndpointName
from stoker.ports.requests import RequestStore
from stoker.store.errors import StoreError, StoreFault
from stoker.store.requests import SqliteRequests
from stoker.testing.memory_requests import MemoryRequests

HOW = AsyncInference(output="s3://out/a", success_topic="arn:aws:sqs:us-east-1:123456789012:q")


def made(number: int, endpoint: str = "e", how: AsyncInference = HOW) -> AsyncRequest:
    name = f"r-{number:03}"
    return AsyncRequest(
        request_id=RequestId(name), inference_id=name, endpoint=EndpointName(endpoint), received=number, deadline=1000, how=how
    )


@pytest.fixture(params=["memory", "sqlite"])
async def requests(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RequestStore]:
    store: RequestStore = (
        MemoryRequests() if request.param == "memory" else await SqliteRequests.open_file(tmp_path / "requests.db")
    )
    yield store
    await store.close()


async def test_what_was_put_is_given_in_its_order_until_it_is_over_and_told(requests: RequestStore) -> None:
    first, second, third = made(3), made(1, "f"), made(2)
    async with asyncio.TaskGroup() as group:
        for request in (first, second, third):
            group.create_task(requests.put(request, b"a body"))
    assert await requests.open() == [first, second, third]
    done = over(begun(first, 5), AsyncState.COMPLETED, 6)
    assert not done.told
    await requests.put(done)
    assert await requests.open() == [done, second, third]
    await requests.put(msgspec.structs.replace(done, told=True))
    assert await requests.open() == [second, third]
    assert await requests.get(first.request_id) == msgspec.structs.replace(done, told=True)


async def test_a_body_is_kept_until_its_request_is_over(requests: RequestStore) -> None:
    request = made(1)
    await requests.put(request, b"\0 body")
    await requests.put(begun(request, 3))
    assert await requests.body(request.request_id) == b"\0 body"
    await requests.put(over(begun(request, 3), AsyncState.FAILED, 4, reason="so"))
    assert await requests.body(request.request_id) == b""
    assert await requests.body(RequestId("unknown")) == b""


async def test_the_newest_come_first_and_trimming_leaves_those_that_are_not_over(requests: RequestStore) -> None:
    how = AsyncInference(output="s3://out/a")
    kept = [made(number, "ef"[number % 2], how) for number in range(6)]
    for request in kept:
        await requests.put(request)
    assert await requests.newest(None, limit=2) == [kept[5], kept[4]]
    assert await requests.newest(EndpointName("e"), limit=9) == [kept[4], kept[2], kept[0]]
    for request in kept[1:]:
        await requests.put(over(request, AsyncState.EXPIRED, 9))
    assert await requests.trim(2) == 3
    assert [request.request_id for request in await requests.newest(None, limit=9)] == ["r-005", "r-004", "r-000"]
    assert await requests.get(RequestId("r-001")) is None


async def test_requests_are_counted_by_endpoint_and_state(requests: RequestStore) -> None:
    for number in range(3):
        await requests.put(made(number))
    twice = begun(begun(made(1), 1), 2)
    await requests.put(over(twice, AsyncState.COMPLETED, 3))
    await requests.put(over(begun(made(2), 1), AsyncState.COMPLETED, 3))
    assert [(t.endpoint, t.state, t.requests, t.attempts, t.most_attempts) for t in await requests.tallies()] == [
        ("e", AsyncState.COMPLETED, 2, 3, 2),
        ("e", AsyncState.WAITING, 1, 0, 0),
    ]


async def test_the_file_gives_what_was_put_before_it_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    store = await SqliteRequests.open_file(path)
    async with asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(store.put(made(number), b"%d" % number))
    await store.close()
    await store.close()
    with pytest.raises(StoreError) as closed:
        await store.put(made(1))
    assert closed.value.fault is StoreFault.CLOSED
    again = await SqliteRequests.open_file(path)
    assert [request.received for request in await again.open()] == list(range(300))
    assert await again.body(RequestId("r-299")) == b"299"
    await again.close()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError) as refused:
        await SqliteRequests.open_file(path)
    assert refused.value.fault is StoreFault.NEWER


async def test_a_file_that_failed_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    store = await SqliteRequests.open_file(path)
    other = sqlite3.connect(path)
    other.execute("DROP TABLE requests")
    other.close()
    for _ in range(2):
        with pytest.raises(StoreError):
            await store.put(made(1))
    await store.close()

"""The line before the workers, without a network."""

import socket
import threading
from collections.abc import Iterator

import pytest

from stoker.modelserver.connection import Connection, Exchange
from stoker.modelserver.pool import Pool
from stoker.modelserver.protocol import Request


@pytest.fixture(name="connection")
def _connection() -> Iterator[Connection]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Connection(ours, 100, 0.0)


class Bench:
    """A pool whose work blocks until let go."""

    def __init__(self, size: int, queue: int) -> None:
        self.pool = Pool(size, queue)
        self.started: list[Exchange] = []
        self.turn = threading.Semaphore(0)
        self.arrived = threading.Semaphore(0)
        self.main = threading.Thread(target=self.pool.work, args=(self.run,))

    def run(self, exchange: Exchange) -> None:
        self.started.append(exchange)
        self.arrived.release()
        assert self.turn.acquire(timeout=10)

    def wait_for_start(self) -> None:
        assert self.arrived.acquire(timeout=10)


def exchange(connection: Connection, deadline: float = 100.0) -> Exchange:
    return Exchange(connection, Request("POST", "/invocations", 1, {}), deadline)


def test_nothing_is_taken_before_work_begins(connection: Connection) -> None:
    assert not Pool(1, 10).submit(exchange(connection))


def test_order_limits_departures_and_deadlines(connection: Connection) -> None:
    bench = Bench(1, 3)
    bench.main.start()
    first, second, third, fourth, fifth = (exchange(connection, deadline) for deadline in (1, 2, 3, 4, 5))
    while not bench.pool.submit(first):
        pass  # until the worker has begun
    bench.wait_for_start()
    assert [bench.pool.submit(each) for each in (second, third, fourth, fifth)] == [True, True, True, False]
    assert (bench.pool.discard(third), bench.pool.discard(third), bench.pool.discard(first)) == (True, False, False)
    assert bench.pool.expired(1.5) == []
    assert bench.pool.expired(2) == [second]
    assert bench.pool.submit(fifth)
    bench.pool.stop()
    for _ in range(3):
        bench.turn.release()
    bench.main.join(10)
    assert not bench.main.is_alive()
    assert bench.started == [first, fourth, fifth]
    assert not bench.pool.submit(second)


def test_the_bodies_that_wait_are_bounded_together(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stoker.modelserver.pool.MAX_WAITING_BYTES", 100)
    bench = Bench(1, 10)
    bench.main.start()
    exchanges = [exchange(connection) for _ in range(4)]
    for each, size in zip(exchanges, (1, 300, 50, 60), strict=True):
        each.request.body = b"x" * size
    while not bench.pool.submit(exchanges[0]):
        pass  # until the worker has begun
    bench.wait_for_start()
    assert bench.pool.submit(exchanges[1])  # alone it may be larger than all together
    assert not bench.pool.submit(exchanges[2])
    bench.pool.discard(exchanges[1])
    assert [bench.pool.submit(each) for each in exchanges[2:]] == [True, False]
    bench.pool.stop()
    bench.turn.release()
    bench.turn.release()
    bench.main.join(10)
    assert not bench.main.is_alive()


def test_further_workers_begin_when_needed(connection: Connection) -> None:
    bench = Bench(3, 0)
    bench.main.start()
    exchanges = [exchange(connection) for _ in range(4)]
    while not bench.pool.submit(exchanges[0]):
        pass  # until the first worker has begun
    bench.wait_for_start()
    assert [bench.pool.submit(each) for each in exchanges[1:]] == [True, True, False]
    bench.wait_for_start()
    bench.wait_for_start()
    assert {id(each) for each in bench.started} == {id(each) for each in exchanges[:3]}
    bench.pool.stop()
    for _ in range(3):
        bench.turn.release()
    bench.main.join(10)
    assert not bench.main.is_alive()

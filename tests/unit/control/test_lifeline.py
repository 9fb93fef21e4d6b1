import asyncio
import os
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from stoker.control.lifeline import Lifeline, take_lifeline
from stoker.control.rundir import StartError


class Pipe(NamedTuple):
    reading: int
    writing: int


@pytest.fixture
def pipes() -> Iterator[tuple[Pipe, Pipe, Pipe]]:
    made = (Pipe(*os.pipe()), Pipe(*os.pipe()), Pipe(*os.pipe()))
    yield made
    for pipe in made:
        for descriptor in pipe:
            try:
                os.close(descriptor)
            except OSError:
                continue  # the test has


async def test_without_supervisor_it_stops_when_the_gateways_are_gone(pipes: tuple[Pipe, Pipe, Pipe]) -> None:
    parent, drained, ready = pipes
    stop = asyncio.Event()
    Lifeline(ready=ready.writing, parent=parent.reading, drained=drained.reading, lock=-1).arm(stop, drain_s=60)
    os.close(parent.writing)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not stop.is_set()
    os.close(drained.writing)
    async with asyncio.timeout(5):
        await stop.wait()


async def test_gateways_that_hang_do_not_keep_it(pipes: tuple[Pipe, Pipe, Pipe]) -> None:
    parent, drained, ready = pipes
    stop = asyncio.Event()
    Lifeline(ready=ready.writing, parent=parent.reading, drained=drained.reading, lock=-1).arm(stop, drain_s=0.01)
    os.close(parent.writing)
    async with asyncio.timeout(5):
        await stop.wait()


def test_the_word_of_readiness_arrives_or_nobody_cares(pipes: tuple[Pipe, Pipe, Pipe]) -> None:
    parent, drained, ready = pipes
    lifeline = Lifeline(ready=ready.writing, parent=parent.reading, drained=drained.reading, lock=-1)
    lifeline.tell_ready()
    assert os.read(ready.reading, 16) == b"ready"
    os.close(ready.reading)
    lifeline.tell_ready()


def test_what_it_takes_is_inherited_no_further(pipes: tuple[Pipe, Pipe, Pipe]) -> None:
    parent, drained, ready = pipes
    os.set_inheritable(parent.reading, True)
    taken = take_lifeline({"ready": str(ready.writing), "parent": str(parent.reading), "lock": str(drained.reading)})
    assert (taken.parent, taken.hold, taken.listen) == (parent.reading, -1, -1)
    assert not os.get_inheritable(parent.reading)


@pytest.mark.parametrize("words", [{}, {"ready": "x", "parent": "1", "lock": "2"}, {"ready": "9999", "parent": "1", "lock": "2"}])
def test_what_no_supervisor_says_is_refused(words: dict[str, str]) -> None:
    with pytest.raises(StartError, match="started by `stoker up` only"):
        take_lifeline(words)

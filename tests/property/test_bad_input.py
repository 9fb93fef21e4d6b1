"""Whatever a request holds: an answer in time, never a 500, an error that is documented, and nothing changed by what is refused.

Requests are good ones, changed at places that the operation's own constraint table tells: one off a bound, of another type,
missing, unknown, long, deep. `tests/conformance/api_members.py` has the values, `api_ground.py` the world they are sent to.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from stoker.wire.aws import errors
from stoker.wire.aws.errors import PROBLEMS, Problem
from tests.conformance.api_ground import SERVICE_BY_NAME, WRITERS, Ground
from tests.conformance.api_members import Member, fitting, members_of, put, unfitting

Loose: TypeAlias = Any  # requests of every shape
T = TypeVar("T")

IN_TIME_S = 10
READS = ("Describe", "Get", "List")
CODE = re.compile(r'"__type": "(?:[\w.]*#)?(\w+)"|<Code>([\w.]+)</Code>')
NOT_SERVED = 501


class Scene:
    """One world for all examples, renewed when an example has changed it."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.ground = Ground()
        self.before: Loose = None

    def run(self, service: str, operation: str, given: Loose, protocol: str) -> None:
        self.runner.run(self._run(service, operation, given, protocol))

    async def _run(self, service: str, operation: str, given: Loose, protocol: str) -> None:
        if self.before is None:
            await self.ground.renew()
            self.before = await self.ground.state()
        async with asyncio.timeout(IN_TIME_S):
            status, told = await self.ground.call(service, operation, given, protocol)
        if status == 200:
            self.before = self.before if operation.startswith(READS) else None
            return
        before, self.before = self.before, None
        assert 400 <= status < 500 or status == NOT_SERVED, told
        said = CODE.search(told if isinstance(told, str) else json.dumps(told))
        assert said is not None, told
        assert (said[1] or said[2]) in documented(service), told
        assert await self.ground.state() == before, told
        self.before = before


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    found = Scene()
    with found.runner:
        yield found


@cache
def documented(service: str) -> frozenset[str]:
    """Give the codes that a service may answer with, and the names of their shapes."""
    model = SERVICE_BY_NAME[service]
    problems = [words for problem, words in PROBLEMS.items() if problem is not Problem.INTERNAL]
    codes = {word for words in problems for word in words[:2]}
    codes |= {code.code for code in errors.CODES.get(service, errors.CODES[errors.SAGEMAKER]).values()}
    return frozenset(codes | set(model.errors) | {shape.shape for shape in model.errors.values()})


@cache
def places(service: str, operation: str) -> tuple[Member, ...]:
    return tuple(members_of(SERVICE_BY_NAME[service].operations[operation]))


def picked(data: st.DataObject, choices: Sequence[T]) -> T:
    """Give one of the choices; drawn by its place, as what is drawn is written out each time, and some of these are huge."""
    return choices[data.draw(st.integers(0, len(choices) - 1))]


def changed(data: st.DataObject, given: Loose, service: str, operation: str) -> None:
    """Change a request at one place."""
    model = SERVICE_BY_NAME[service].operations[operation]
    if not places(service, operation):
        given["Unknown"] = 1
        return
    member = picked(data, places(service, operation))
    fits = ("fits", fitting(member.form, member.check, member.annotation))
    what, value = picked(data, [fits, *unfitting(member), ("missing", None), ("unknown beside it", None)])
    note(f"{member}: {what}")
    if what == "missing":
        given.pop(member.path[0], None)
    elif what == "unknown beside it":
        given[f"{member.path[0]}Unknown"] = [{"a": 1}]
    else:
        put(given, member, value, model)


OPERATIONS = sorted(asyncio.run(Ground().renew()))


@pytest.mark.parametrize(("service", "operation"), OPERATIONS, ids=[f"{service}-{name}" for service, name in OPERATIONS])
def test_no_request_breaks_or_is_half_done(scene: Scene, service: str, operation: str) -> None:
    protocols = [protocol for protocol in SERVICE_BY_NAME[service].protocols if protocol in WRITERS]

    @settings(max_examples=15, phases=(Phase.generate,))  # an example is three changes at most: nothing to shrink
    @given(st.data())
    def hold(data: st.DataObject) -> None:
        request = scene.ground.good(service, operation)
        for _ in range(data.draw(st.integers(1, 3))):
            changed(data, request, service, operation)
        scene.run(service, operation, request, picked(data, protocols))

    hold()

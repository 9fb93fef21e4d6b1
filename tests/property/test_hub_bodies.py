"""Bodies of Hugging Face's management API, right and wrong in all ways: none is a bug, and what is refused changes nothing."""

import asyncio
import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoker.ports.store import Record
from tests.unit.wire.huggingface.hub_stage import URL, Loose, Stage, wanted

FULL: Loose = wanted(
    accountId=None,
    tags=["a"],
    cacheHttpResponses=False,
    route={"domain": "d", "path": "/p"},
    privateService={"accountId": "1", "region": "r"},
    compute__scaling={
        "minReplica": 0,
        "maxReplica": 2,
        "scaleToZeroTimeout": 20,
        "scaleToZeroTimeoutSeconds": 90.5,
        "measure": {"pendingRequests": 1.5},
        "metric": "hardwareUsage",
        "threshold": 80,
    },
    model={
        "framework": "custom",
        "repository": "org/m",
        "revision": "main",
        "task": "text-classification",
        "image": {
            "custom": {"url": "my-server:1", "port": 80, "healthRoute": "/h", "credentials": {"username": "u", "password": "p"}}
        },
        "env": {"A": "1"},
        "secrets": {"B": "2"},
        "args": ["--x"],
        "command": ["run"],
    },
)


def paths(document: Loose, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Give the path of every member at every level."""
    found = []
    for key, value in document.items():
        found.append((*before, key))
        if isinstance(value, dict):
            found.extend(paths(value, (*before, key)))
    return found


PATHS = paths(FULL)
DEEP: Loose = {}
for _ in range(60):
    DEEP = {"x": [DEEP]}
WRONG: tuple[Loose, ...] = (
    None, True, -1, 1.5, 10**30, 1e308, "", "\x00☃", "x" * 70_000, [None], [[]], {}, {"": ""}, {"x": None}, DEEP,
    {f"k{n}": "v" for n in range(600)}, ["a"] * 600,
)  # fmt: skip


def put(document: Loose, path: tuple[str, ...], value: Loose) -> Loose:
    """Give a copy with another value at the path."""
    changed = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def without(document: Loose, path: tuple[str, ...]) -> Loose:
    changed = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return changed


async def kept(stage: Stage) -> list[Record]:
    return sorted(await stage.desk.store.load(), key=lambda record: (record.kind, record.key))


async def holds(stage: Stage, method: str, url: str, body: Loose, path: tuple[str, ...] = ()) -> None:
    """Assert that a body is taken, or refused with its field named and nothing changed."""
    before = await kept(stage)
    answer = await stage.call(method, url, body)
    assert answer.status in {200, 400, 409}, (answer.status, answer.body[:300], path)
    if answer.status == 400:
        assert await kept(stage) == before, path
        assert isinstance(answer.error, str)
        assert 0 < len(answer.error) < 2000


def named(error: str, path: tuple[str, ...]) -> bool:
    """Whether an error names the member or one of those above it."""
    return any(step in error for step in path) or "body" in error


@pytest.mark.parametrize("path", PATHS, ids=".".join)
async def test_every_member_of_every_wrong_kind(path: tuple[str, ...]) -> None:
    stage = Stage()
    assert (await stage.call("POST", URL, wanted())).status == 200
    for number, value in enumerate(WRONG):
        body = put(FULL, path, value)
        if path != ("name",):
            body["name"] = f"n{number}"
        await holds(stage, "POST", URL, body, path)
        change: Loose = value
        for step in reversed(path):
            change = {step: change}
        await holds(stage, "PUT", f"{URL}/e1", change, path)
    gone = await stage.call("POST", URL, without({**FULL, "name": "other"}, path))
    assert gone.status in {200, 400}
    if gone.status == 400:
        assert named(gone.error, path)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"1",
        b'"x"',
        b"{",
        b"null",
        b"\xff",
        b'{"name":"\xff"}',
        b'{"a":' * 5000,
        b'{"compute":' * 900 + b"1" + b"}" * 900,
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_bodies_that_are_no_objects(body: bytes) -> None:
    stage = Stage()
    await stage.call("POST", URL, wanted())
    before = await kept(stage)
    for method, url in (("POST", URL), ("PUT", f"{URL}/e1"), ("POST", "/api/v1/catalog/model/x/deploy")):
        answer = await stage.call(method, url, body)
        assert (answer.status, bool(answer.error)) == (400, True)
    assert await kept(stage) == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON), min_size=1, max_size=4))
def test_members_of_any_kind_at_once(changes: list[tuple[tuple[str, ...], Loose]]) -> None:
    async def run() -> None:
        stage = Stage()
        await stage.call("POST", URL, wanted())
        body = FULL
        for path, value in changes:
            try:
                body = put(body, path, value)
            except (KeyError, TypeError):
                continue  # a member above it is another thing by now
        body = json.loads(json.dumps(body))
        await holds(stage, "POST", URL, body)
        await holds(stage, "PUT", f"{URL}/e1", {name: value for name, value in body.items() if name != "name"})

    asyncio.run(run())


PARTIAL = st.dictionaries(
    st.sampled_from(["minReplica", "maxReplica", "scaleToZeroTimeout"]), st.integers(min_value=-1, max_value=4), min_size=1
)


@settings(max_examples=20, deadline=None)
@given(st.lists(PARTIAL, min_size=1, max_size=5))
def test_changes_add_up(changes: list[dict[str, int]]) -> None:
    """Each change that is taken is all that changes; one that is refused changes nothing."""

    async def run() -> None:
        stage = Stage()
        known = {"minReplica": 1, "maxReplica": 2, "scaleToZeroTimeout": 3}
        await stage.call("POST", URL, wanted(compute__scaling=known))
        for change in changes:
            answer = await stage.call("PUT", f"{URL}/e1", {"compute": {"scaling": change}})
            would = {**known, **change}
            fine = (
                0 <= would["minReplica"] <= would["maxReplica"] and would["maxReplica"] > 0 and would["scaleToZeroTimeout"] >= 0
            )
            assert answer.status == (200 if fine else 400)
            known = would if fine else known
            shown = (await stage.call("GET", f"{URL}/e1")).document
            assert shown["compute"]["scaling"] == known
            assert known["minReplica"] <= shown["status"]["targetReplica"] <= known["maxReplica"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("minutes", "strict", "status"),
    [
        (15, True, 200),
        (2880, True, 200),
        (14, True, 400),
        (2881, True, 400),
        (0, False, 200),
        (14, False, 200),
        (2881, False, 400),
    ],
)
async def test_the_real_services_range_of_minutes(minutes: int, strict: bool, status: int) -> None:
    stage = Stage(strict=strict)
    scaling = {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": minutes}
    answer = await stage.call("POST", URL, wanted(compute__scaling=scaling))
    assert answer.status == status
    if status == 400:
        least = 15 if strict else 0
        assert f"must be between {least} and 2880 minutes" in answer.error

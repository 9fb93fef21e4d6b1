"""Each rule sees what it is for, and leaves alone what it is not for."""

import textwrap

import pytest

from tests.architecture import rules
from tests.architecture.sources import Module, parse


def snippet(text: str, path: str = "src/stoker/engine/example.py") -> Module:
    return parse(path, textwrap.dedent(text))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("import time\ntime.time()", ["uses time.time"], id="module"),
        pytest.param("import time as t\nread = t.monotonic_ns", ["uses time.monotonic_ns"], id="handed-on-under-an-alias"),
        pytest.param("from datetime import datetime\ndatetime.now()", ["uses datetime.datetime.now"], id="class"),
        pytest.param("import datetime as dt\ndt.datetime.now(dt.UTC)", ["uses datetime.datetime.now"], id="zoned"),
        pytest.param("from time import perf_counter as p\np()", ["uses time.perf_counter"], id="from"),
        pytest.param("def at(time):\n    return time.start", [], id="a-name-of-its-own"),
    ],
)
def test_clocks(text: str, seen: list[str]) -> None:
    assert [line.partition(" ")[2] for line in rules.references(snippet(text), rules.CLOCKS)] == seen


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("import asyncio\nasyncio.create_task(f())", 1, id="bare"),
        pytest.param("from asyncio import gather\nawait gather(f())", 1, id="gather"),
        pytest.param("import asyncio\nasyncio.get_running_loop().create_task(f())", 1, id="running-loop"),
        pytest.param("self._loop.create_task(f())", 1, id="kept-loop"),
        pytest.param("import asyncio\nasync with asyncio.TaskGroup() as group:\n    group.create_task(f())", 0, id="owned"),
    ],
)
def test_loose_tasks(text: str, count: int) -> None:
    assert len(list(rules.loose_tasks(snippet(text)))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("try:\n    f()\nexcept Exception:\n    pass", 1, id="exception"),
        pytest.param("try:\n    f()\nexcept:\n    pass", 1, id="bare"),
        pytest.param("try:\n    f()\nexcept (OSError, BaseException) as error:\n    g(error)", 1, id="in-a-tuple"),
        pytest.param("import contextlib\nwith contextlib.suppress(Exception):\n    f()", 1, id="suppressed"),
        pytest.param("try:\n    f()\nexcept BaseException:\n    undo()\n    raise", 0, id="raised-again"),
        pytest.param("try:\n    f()\nexcept OSError:\n    pass", 0, id="narrow"),
    ],
)
def test_swallowed_exceptions(text: str, count: int) -> None:
    assert len(list(rules.swallowed_exceptions(snippet(text), {}))) == count


def test_supervisors_and_listed_modules_may_catch_everything() -> None:
    text = "try:\n    f()\nexcept Exception:\n    pass"
    listed = "src/stoker/wire/edge.py"
    assert list(rules.swallowed_exceptions(snippet(text, "src/stoker/control/supervisor.py"), {})) == []
    assert list(rules.swallowed_exceptions(snippet(text, listed), {listed: "why"})) == []


def test_long_functions_and_modules() -> None:
    body = "def f():\n" + "    g()\n" * 60
    assert [line.partition(" ")[2] for line in rules.long_functions(snippet(body))] == ["f has 61 lines, more than 60"]
    assert len(list(rules.long_modules(snippet(body), 61))) == 0
    assert len(list(rules.long_modules(snippet(body), 60))) == 1


def test_wide_classes_count_public_methods() -> None:
    def methods(prefix: str, count: int) -> str:
        return "".join(f"    def {prefix}{number}(self): ...\n" for number in range(count))

    assert len(list(rules.wide_classes(snippet("class C:\n" + methods("m", 16))))) == 1
    assert len(list(rules.wide_classes(snippet("class C:\n" + methods("m", 15) + methods("_m", 9))))) == 0


def test_nameless_modules() -> None:
    assert len(list(rules.nameless_modules(snippet("", "src/stoker/wire/utils.py")))) == 1
    assert len(list(rules.nameless_modules(snippet("", "src/stoker/common/words.py")))) == 1
    assert len(list(rules.nameless_modules(snippet("", "src/stoker/wire/database.py")))) == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("import stoker", 1, id="whole"),
        pytest.param("from stoker.units import SECOND", 1, id="another-room"),
        pytest.param("from .. import units", 1, id="upward"),
        pytest.param("from stoker.modelserver import http", 0, id="own"),
        pytest.param("import stoker.modelserver.http", 0, id="own-module"),
    ],
)
def test_foreign_imports(text: str, count: int) -> None:
    assert len(list(rules.foreign_imports(snippet(text), "stoker.modelserver"))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("import pytest\n@pytest.mark.skip\ndef test(): ...", 1, id="marked"),
        pytest.param("import pytest\npytest.skip('later')", 1, id="called"),
        pytest.param("assert True", 1, id="constant"),
        pytest.param("assert f()", 0, id="real"),
    ],
)
def test_empty_assurances(text: str, count: int) -> None:
    assert len(list(rules.empty_assurances(snippet(text)))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("raise NotImplementedError", 1, id="class"),
        pytest.param("raise NotImplementedError('soon')", 1, id="instance"),
        pytest.param("try:\n    f()\nexcept NotImplementedError:\n    pass", 0, id="caught-from-a-library"),
    ],
)
def test_left_undone(text: str, count: int) -> None:
    assert len(list(rules.left_undone(snippet(text)))) == count


def test_the_environment_is_seen_through_its_names() -> None:
    text = "import os\nfrom os import getenv\nos.environ['A']\ngetenv('B')"
    assert len(list(rules.references(snippet(text), rules.ENVIRONMENT))) == 2
